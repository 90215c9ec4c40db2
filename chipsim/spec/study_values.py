"""What a scenario file varies: lists, ranges and draws of values, and values as overrides write them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.limits import POINTS
from chipsim.spec.finding import is_path
from chipsim.spec.named_devices import names_device
from chipsim.spec.nodes import Node, parse_yaml, shown

__all__ = ["Span", "override", "placed_device", "value_text", "values_of", "vary_of"]

_KEYS: Final = ("from", "to", "step", "points", "random", "scale", "seed")
_DIGITS: Final = 10
"""Significant digits of a value that was worked out: more would tell how a float was rounded."""


def value_text(value: Any) -> str:
    """Plain data as the right side of an override, which reads back the same.

    Examples
    --------
    >>> value_text(10), value_text("1 ns"), value_text([784, 10]), value_text("10"), value_text(True)
    ('10', '1 ns', '[784, 10]', '"10"', 'true')
    """
    if isinstance(value, str) and _reads_back(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _reads_back(text: str) -> bool:
    """Whether a text means itself without quotation marks."""
    try:
        return text == text.strip() and bool(parse_yaml(text, []).plain() == text)
    except DescriptionError:
        return False


def override(path: str, value: Any) -> str:
    """What ``--set`` would be given.

    Examples
    --------
    >>> override("device.states", 10)
    'device.states=10'
    """
    return f"{path}={value_text(value)}"


def placed_device(path: str, value: Any, base: Path) -> Any:
    """A value for a path; the path of a device file counts from a folder.

    Parameters
    ----------
    path
        What is set.
    value
        Plain data.
    base
        The folder.

    Examples
    --------
    >>> [placed_device("device", one, Path("studies")) for one in ("./mine.yaml", "mine")]
    ['studies/mine.yaml', 'mine']
    """
    if not names_device(path):
        return value
    if isinstance(value, dict) and "extends" in value:
        return {**value, "extends": placed_device(path, value["extends"], base)}
    return (base / value).as_posix() if isinstance(value, str) and is_path(value) else value


@attrs.frozen(kw_only=True)
class Span:
    """A range of numbers, regular or drawn, that all have the same unit or none."""

    low: float
    high: float
    unit: str = ""
    whole: bool
    """Whether both ends are whole numbers without a unit, and what lies between has to be, too."""
    log: bool

    def regular(self, points: int) -> list[Any]:
        """So many values at equal distances, or at equal factors, both ends among them."""
        shares = np.linspace(0, 1, points)
        return [self._value(float(share)) for share in shares]

    def stepped(self, step: float) -> list[Any]:
        """From the low end on in equal steps, the high end included where a step leads there."""
        # A step of 0.1 leads to 1 in ten steps, if with an error in the last digit.
        many = math.floor((self.high - self.low) / step + 1e-9) + 1
        return [self._written(self.low + place * step) for place in range(many)]

    def drawn(self, many: int, *, seed: int, stream: int) -> list[Any]:
        """So many values drawn between the ends, in the order in which they were drawn."""
        # A stream for each path: paths that go together are drawn independently of each other.
        rng = np.random.default_rng([seed, stream])
        return [self._value(float(share)) for share in rng.random(many)]

    def _value(self, share: float) -> Any:
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            return self._written(math.exp(low + share * (high - low)))
        return self._written(self.low + share * (self.high - self.low))

    def _written(self, value: float) -> Any:
        if self.whole:
            return round(value)
        rounded = float(f"{value:.{_DIGITS}g}")
        return f"{rounded:.{_DIGITS}g} {self.unit}" if self.unit else rounded


def values_of(node: Node, *, stream: int = 0, again: bool = False) -> list[Any]:
    """Every value that a path is given in turn.

    Parameters
    ----------
    node
        A list of values, or a mapping with ``from`` and ``to`` and one of ``step``, ``points`` and
        ``random``.
    stream
        Tells draws of several paths apart.
    again
        Whether a value may come again: beside another path it makes another point.

    Raises
    ------
    DescriptionError
        When it is neither, or holds what cannot be.

    Examples
    --------
    >>> values_of(parse_yaml("{from: 0.01, to: 1, points: 3, scale: log}", []))
    [0.01, 0.1, 1.0]
    >>> values_of(parse_yaml("{from: 1 ns, to: 2 ns, step: 0.5 ns}", []))
    ['1 ns', '1.5 ns', '2 ns']
    """
    if isinstance(node.value, list):
        return _listed(node, again=again)
    if isinstance(node.value, dict):
        span, values = _spanned(node, stream=stream)
        if not again:
            _refuse_alike(node, values, span=span)
        return values
    raise node.error(
        f"must be a list of values, or a range such as {{from: 1, to: 9, step: 2}}; not {shown(node)}"
    )


def _listed(node: Node, *, again: bool) -> list[Any]:
    if not node.value:
        raise node.error("has no values; give one at least")
    _refuse_many(node, len(node.value))
    values: list[Any] = []
    written: set[str] = set()
    for child in node.value:
        _refuse_not_finite(child)
        value = child.plain()
        text = value_text(value)
        if text in written and not again:
            raise child.error(f"{shown(child)} is given twice")
        written.add(text)
        values.append(value)
    return values


def _refuse_not_finite(node: Node) -> None:
    if isinstance(node.value, float) and not math.isfinite(node.value):
        raise node.error(f"must be a finite number, not {node.value}")
    for _, child in node.children():
        _refuse_not_finite(child)


def _refuse_many(node: Node, many: int) -> None:
    if many > POINTS:
        raise node.error(f"has more than {POINTS:,} values, which is the most that one path may have")


def _spanned(node: Node, *, stream: int) -> tuple[Span, list[Any]]:
    given: Mapping[str, Node] = node.value
    _refuse_keys(node, given)
    span = _span(node, given)
    if "step" in given:
        step = _number(given["step"], unit=span.unit)
        if step <= 0:
            raise given["step"].error(f"must be more than 0, not {shown(given['step'])}")
        if span.log:
            raise given["step"].error("goes with scale: linear; with scale: log give points")
        if span.whole and not float(step).is_integer():
            span = attrs.evolve(span, whole=False)
        _refuse_many(node, int(min((span.high - span.low) / step, 2.0 * POINTS)) + 1)
        return span, span.stepped(step)
    if "points" in given:
        points = _count(given["points"], least=2)
        return span, span.regular(points)
    many = _count(given["random"], least=1)
    seed = _count(given["seed"], least=0) if "seed" in given else 0
    return span, span.drawn(many, seed=seed, stream=stream)


def _refuse_keys(node: Node, given: Mapping[str, Node]) -> None:
    problems = []
    for key, child in given.items():
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS)
            problems.append(child.problem(f"unknown key {key!r}; known: {', '.join(_KEYS)}{hint}"))
    problems += [node.problem(f"missing key {key!r}") for key in ("from", "to") if key not in given]
    ways = [key for key in ("step", "points", "random") if key in given]
    # What is misspelt may have been meant as one of them.
    if len(ways) != 1 and not set(given).difference(_KEYS):
        has = " and ".join(ways) or "none of them"
        problems.append(node.problem(f"must have one of step, points and random, and has {has}"))
    if "seed" in given and "random" not in given:
        problems.append(given["seed"].problem("goes with random: a regular range draws nothing"))
    if problems:
        raise DescriptionError(problems)


def _span(node: Node, given: Mapping[str, Node]) -> Span:
    low_node, high_node = given["from"], given["to"]
    unit = _unit_of(low_node)
    low, high = _number(low_node, unit=unit), _number(high_node, unit=unit)
    scale = given["scale"].value if "scale" in given else "linear"
    if scale not in ("linear", "log"):
        hint = did_you_mean(str(scale), ("linear", "log"))
        raise given["scale"].error(f"unknown value {shown(given['scale'])}; known: linear, log{hint}")
    if low >= high:
        raise node.error(f"must go from less to more, not from {shown(low_node)} to {shown(high_node)}")
    if not math.isfinite(high - low):
        raise node.error(f"is too wide: from {shown(low_node)} to {shown(high_node)} is no finite number")
    if scale == "log" and low <= 0:
        raise low_node.error(f"must be more than 0 where the scale is log, not {shown(low_node)}")
    whole = isinstance(low_node.value, int) and isinstance(high_node.value, int)
    return Span(low=low, high=high, unit=unit, whole=whole, log=scale == "log")


def _unit_of(node: Node) -> str:
    """The unit that a number was given; empty for a bare one."""
    if not isinstance(node.value, str):
        return ""
    _, _, unit = node.value.strip().partition(" ")
    return unit.strip()


def _number(node: Node, *, unit: str) -> float:
    """The number of a bound, which has to have the unit of the others."""
    value = node.value
    if isinstance(value, str):
        number, _, own = value.strip().partition(" ")
        if own.strip() != unit:
            raise node.error(f"must have the unit of the lower end, {unit or 'none'}, not {shown(node)}")
        try:
            value = float(number)
        except ValueError:
            raise _not_a_number(node) from None
    elif unit:
        raise node.error(f"must have the unit {unit}, as the lower end has, not {shown(node)}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _not_a_number(node)
    try:
        value = float(value)
    except OverflowError:
        raise node.error("is beyond what a floating-point number can be, which goes to 1.8e308") from None
    if not math.isfinite(value):
        raise node.error(f"must be a finite number, not {value}")
    return value


def _not_a_number(node: Node) -> DescriptionError:
    return node.error(f"must be a number, or one with a unit such as '1 ns', not {shown(node)}")


def _count(node: Node, *, least: int) -> int:
    if isinstance(node.value, bool) or not isinstance(node.value, int):
        raise node.error(f"must be a whole number, not {shown(node)}")
    if node.value < least:
        raise node.error(f"must be at least {least}, not {node.value}")
    _refuse_many(node, node.value if least else 0)
    return node.value


def _refuse_alike(node: Node, values: Sequence[Any], *, span: Span) -> None:
    """Refuse a range that gives a value twice, as whole numbers between close ends come twice."""
    once = len(set(values))
    if once < len(values):
        kind = "whole numbers" if span.whole else f"numbers of {_DIGITS} digits"
        raise node.error(
            f"gives {once} different {kind} for {len(values)} points; give fewer points, or a step"
        )


def vary_of(texts: Sequence[str]) -> dict[str, Any]:
    """What ``--vary`` says, as the section of a scenario file.

    Parameters
    ----------
    texts
        Such as ``device.states=10,20,50`` or ``learning_rate={from: 0.01, to: 1, points: 5, scale: log}``.

    Raises
    ------
    DescriptionError
        With all that are none.

    Examples
    --------
    >>> vary_of(["device.states=10,20,50", "costs=isaac-32nm"])
    {'device.states': [10, 20, 50], 'costs': ['isaac-32nm']}
    """
    problems = []
    section: dict[str, Any] = {}
    for text in texts:
        path, values = _split_vary(text)
        where = Node(value=None, path=(path,) if path else ())
        if not path or not values:
            message = f"must be path=value,value,..., such as device.states=10,20, not {text!r}"
            problems.append(where.problem(f"--vary {message}"))
        elif path in section:
            problems.append(where.problem("is varied twice; give all its values in one --vary"))
        else:
            try:
                section[path] = _vary_values(values, where=where)
            except DescriptionError as error:
                problems += error.problems
    if problems:
        raise DescriptionError(problems)
    return section


def _split_vary(text: str) -> tuple[str, str]:
    """Path and values; an equals sign in brackets belongs to the path."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if letter == "=" and not depth:
            return text[:place].strip(), text[place + 1 :].strip()
    return text.strip(), ""


def _vary_values(text: str, *, where: Node) -> Any:
    problems: list[Problem] = []
    # Without its brackets a list is quicker to type, and a shell takes it as it is.
    node = parse_yaml(f"[{text}]", problems, path=where.path)
    if problems:
        raise DescriptionError(problems)
    values = node.plain()
    is_whole = len(values) == 1 and isinstance(values[0], dict | list)
    return values[0] if is_whole else values
