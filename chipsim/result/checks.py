"""What saved JSON has to say before anybody computes with it: keys, and values of the right kind."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

__all__ = ["check_mapping", "check_summary", "made_from", "read_object"]

T = TypeVar("T")

_WORDS: Final = ("architecture", "workload")
_TRUTHS: Final = ("complete", "timing_only", "replay")
_COUNTS: Final = (
    "seed", "epochs_run", "train_samples", "test_samples", "steps", "simulated_time_ps", "energy_aJ",
    "pulses", "resets", "updates", "cells", "hottest_cell_pulses", "switch_epoch", "first_step_time_ps",
    "inference_time_ps", "distinct_programs",
)  # fmt: skip
"""Whole figures of every run, null where nothing was measured."""
_MEASURES: Final = (
    "test_accuracy_percent", "best_test_accuracy_percent", "train_accuracy_percent", "simulated_time_s",
    "energy_J", "mean_pulses_per_cell", "area_mm2", "wall_time_s", "samples_per_wall_second",
)  # fmt: skip
"""The other figures of every run."""
_LATER_COUNTS: Final = (
    "unwritten_cells", "levels_used", "sets", "programmings", "hidden_memory_bytes",
    "hidden_memory_used_bytes", "hidden_memory_traffic_bytes",
)  # fmt: skip
"""Whole figures that runs from before there were tasks and levels do not have."""
_LATER_MEASURES: Final = ("mean_programmings_per_cell", "mean_task_accuracy_percent")
_DIFFERENCES: Final = ("forgetting_percent",)
"""Figures that may be less than nothing."""
_TEXTS: Final = ("warnings", "idealised")
"""Lists of sentences."""
_OF_TASK: Final = "test_accuracy_percent."
_KINDS: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "str": ((str,), "text"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
}
"""What a field's annotation allows in JSON."""
_MOST_NAMED: Final = 3
"""Keys that one message names."""
_LONGEST: Final = 40
"""Characters of a value that a message shows."""
_DEEPEST: Final = 100
"""Levels of nesting; a description has about ten."""
_LARGEST: Final = sys.float_info.max
"""What is computed with is a float at some point, and a larger whole number would not fit one."""


def read_object(content: bytes) -> dict[str, Any]:
    """The object that a JSON file holds, of texts and numbers that can be written and computed with.

    Raises
    ------
    ValueError
        When it is no JSON, holds something else, names a key twice, or is nested too deeply.

    Examples
    --------
    >>> read_object(b'{"seed": 1, "seed": 2}')
    Traceback (most recent call last):
    ...
    ValueError: names 'seed' twice
    """
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError(f"is nested more than {_DEEPEST} levels deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"holds a {type(value).__name__} where an object was expected")  # noqa: TRY004
    _check_leaves(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a key stands twice: then nobody knows which value was meant."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"names {key[:_LONGEST]!r} twice")
        made[key] = value
    return made


def _no_number(word: str) -> None:
    raise ValueError(f"holds {word}, which is no number")


def _check_leaves(value: Any) -> None:
    """Look at every key and value, without recursion, which depth could exhaust."""
    waiting = [(value, 0, "")]
    while waiting:
        item, depth, where = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError(f"is nested more than {_DEEPEST} levels deep")
        if isinstance(item, dict):
            for key in item:
                _check_leaf(key, where)
            waiting += [(inner, depth + 1, f"{where}.{key}" if where else key) for key, inner in item.items()]
        elif isinstance(item, list):
            waiting += [(inner, depth + 1, f"{where}.{place}") for place, inner in enumerate(item)]
        else:
            _check_leaf(item, where)


def _check_leaf(value: Any, where: str) -> None:
    if isinstance(value, str):
        try:
            # Bytes of a path or a command line that are no UTF-8 are kept as Python keeps them.
            value.encode(errors="surrogateescape")
        except UnicodeEncodeError:
            raise ValueError(f"{where!r} holds half a character, which cannot be written") from None
    elif isinstance(value, int | float) and not abs(value) <= _LARGEST:
        raise ValueError(f"{where!r} must be at most {_LARGEST:.1e}, not {_shown(value)}")


def check_summary(said: Mapping[str, Any]) -> None:
    """Refuse a summary that lacks a figure, or has one that is none.

    Keys that nobody knows may say what they like.

    Raises
    ------
    ValueError
        When keys are missing, or a value is not of its kind.

    Examples
    --------
    >>> check_summary({"architecture": "mine"})
    Traceback (most recent call last):
    ...
    ValueError: no 'workload', 'complete', 'timing_only' and 26 more
    """
    missing = [key for key in (*_WORDS, *_TRUTHS, *_COUNTS, *_MEASURES) if key not in said]
    if missing:
        named = ", ".join(map(repr, missing[:_MOST_NAMED]))
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        raise ValueError(f"no {named}{more}")
    for key, value in said.items():
        wanted = _wanted(key, value)
        if wanted:
            raise ValueError(f"{key!r} must be {wanted}, not {_shown(value)}")


def _wanted(key: str, value: Any) -> str:  # noqa: PLR0911  # one answer a kind of key
    """What a value of the summary should have been; empty when it is right, or nobody knows its key."""
    if key in _WORDS:
        return "" if isinstance(value, str) else "text"
    if key in _TRUTHS:
        return "" if isinstance(value, bool) else "true or false"
    if key in _TEXTS:
        return "" if _is_texts(value) else "a list of texts"
    if value is None:
        return ""
    if key in (*_COUNTS, *_LATER_COUNTS):
        return "" if _is_number(value, int) and value >= 0 else "a whole number of at least 0, or null"
    if key in (*_MEASURES, *_LATER_MEASURES) or key.startswith(_OF_TASK):
        return "" if _is_number(value) and value >= 0 else "a number of at least 0, or null"
    return "" if key not in _DIFFERENCES or _is_number(value) else "a number or null"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_number(value: Any, *kinds: type) -> bool:
    # What JSON writes as true is an integer to Python.
    if isinstance(value, bool) or not isinstance(value, kinds or (int, float)):
        return False
    return not isinstance(value, float) or math.isfinite(value)


def check_mapping(key: str, value: Any) -> None:
    """Refuse what is no mapping.

    Raises
    ------
    ValueError
        When `value`, which stands at `key`, is something else.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{key!r} must be a mapping, not {_shown(value)}")  # noqa: TRY004  # damaged, not misused


def made_from(cls: type[T], rows: Sequence[Mapping[str, Any]], *, where: str) -> tuple[T, ...]:
    """An object of a class for each row, whose values are of the kinds that its fields say.

    Parameters
    ----------
    cls
        An attrs class of texts and numbers.
    rows
        Fields by name.
    where
        Where the rows stand, for messages.

    Raises
    ------
    ValueError
        When there are no rows, or a row has other fields or a value of another kind.

    Examples
    --------
    >>> from chipsim.result import GraphEdge
    >>> made_from(GraphEdge, [{"source": "a", "target": 5, "link": "bus"}], where="edges")
    Traceback (most recent call last):
    ...
    ValueError: 'edges.0.target' must be text, not 5
    """
    if not isinstance(rows, list):
        raise ValueError(f"'{where}' must be a list, not {_shown(rows)}")  # noqa: TRY004  # damaged, not misused
    fields = attrs.fields(cls)  # type: ignore[arg-type]
    names = {field.name for field in fields}
    for place, row in enumerate(rows):
        check_mapping(f"{where}.{place}", row)
        wrong = [f"no {name!r}" for name in sorted(names - row.keys())]
        wrong += [f"an unknown {name[:_LONGEST]!r}" for name in sorted(row.keys() - names)]
        if wrong:
            raise ValueError(f"'{where}.{place}' has {', '.join(wrong[:_MOST_NAMED])}")
    made = tuple(cls(**row) for row in rows)
    for place, one in enumerate(made):
        for field in fields:
            kinds, word = _KINDS[str(field.type)]
            value = getattr(one, field.name)
            if not isinstance(value, kinds) if kinds == (str,) else not _is_number(value, *kinds):
                raise ValueError(f"'{where}.{place}.{field.name}' must be {word}, not {_shown(value)}")
    return made


def _shown(value: Any) -> str:
    return json.dumps(value)[:_LONGEST]
