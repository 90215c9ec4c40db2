"""Checks on single fields, with messages that say what was given and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import attrs

from chipsim.errors import did_you_mean

__all__ = [
    "HARDWARE", "HIGHEST_RATE", "Hardware", "at_least", "between", "more_than", "one_of", "rates", "sized_by",
]  # fmt: skip

Check = Callable[[Any, Any, Any], None]

HIGHEST_RATE: Final = 1e6
"""Learning rate that no training could use more of, far within what single precision holds."""

HARDWARE: Final = "hardware"
"""Under this key the metadata of a field say that it counts hardware; see :func:`sized_by`."""


@attrs.frozen
class Hardware:
    """What a whole number says of how much hardware there is, where a designer is free to choose it."""

    shared: bool
    """Whether it counts those that share one piece of it: the more, the less hardware."""
    most: int
    """Largest count."""


def sized_by(*, shared: bool = False, most: int = 65_536) -> dict[str, Hardware]:
    """Metadata of a field that may be changed to bring a chip to a stated area.

    Parameters
    ----------
    shared
        Whether it counts those that share a piece of hardware, and not the pieces.
    most
        Largest count.
    """
    return {HARDWARE: Hardware(shared, most)}


def _finite(value: float) -> None:
    # By itself, before any bound: no comparison with a NaN is true, so it would be within all of them.
    if not math.isfinite(value):
        raise ValueError(f"must be a finite number, not {value}")


def at_least(low: float) -> Check:
    """A check that a number is finite and not below `low`; None passes."""

    def check(_spec: Any, _field: Any, value: Any) -> None:
        # A word in the place of a number, such as `auto`, is held against the words of its field.
        if value is None or isinstance(value, str):
            return
        _finite(value)
        if value < low:
            # Ten digits: all that a float has would tell its rounding, as in 0.30000000000000004.
            raise ValueError(f"must be at least {low:.10g}, not {value:.10g}")

    return check


def more_than(low: float, *, up_to: float = math.inf) -> Check:
    """A check that a number is finite, above `low` and not above `up_to`; None passes."""

    def check(_spec: Any, _field: Any, value: Any) -> None:
        if value is None or isinstance(value, str):
            return
        _finite(value)
        if value <= low:
            raise ValueError(f"must be more than {low:.10g}, not {value:.10g}")
        if value > up_to:
            raise ValueError(f"must be at most {up_to:.10g}, not {value:.10g}")

    return check


def rates(_spec: Any, _field: Any, value: Any) -> None:
    """A check that a learning rate, or each one by the name of its optimiser, can be used; None passes."""
    given = value if isinstance(value, dict) else {"": value}
    if not given:
        raise ValueError("must have a rate for one optimiser at least, such as {sgd: 0.1}")
    for optimiser, rate in given.items():
        try:
            more_than(0, up_to=HIGHEST_RATE)(_spec, _field, rate)
        except ValueError as error:
            raise ValueError(f"{optimiser} {error}".strip()) from None


def between(low: float, high: float) -> Check:
    """A check that a number lies in [low, high]; None passes."""

    def check(_spec: Any, _field: Any, value: Any) -> None:
        if value is None:
            return
        _finite(value)
        if not low <= value <= high:
            allowed = f"{low:.10g} and {high:.10g}"
            raise ValueError(f"must be between {allowed}, not {value:.10g}")

    return check


def one_of(*allowed: str) -> Check:
    """A check that a word is one of `allowed`; the message offers the closest."""

    def check(_spec: Any, _field: Any, value: Any) -> None:
        if value not in allowed:
            known = f"{', '.join(allowed)}{did_you_mean(value, allowed)}"
            raise ValueError(f"unknown value {value!r}; known: {known}")

    return check
