"""What a figure is that results are compared by: its name, what it means, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, TypeGuard

import attrs

from chipsim.result import Result

__all__ = ["MISSING", "Metric", "is_number", "percent", "show_number"]

MISSING: Final = "\N{EN DASH}"
"""Stands where a figure was not measured."""


@attrs.frozen(kw_only=True)
class Metric:
    """One figure of a run's summary, as tables show it."""

    key: str
    """Key in the summary."""
    title: str
    show: Callable[[Any], str]
    """The value as people write it, with its unit."""
    better: str = ""
    """``more``, ``less``, or empty when neither is better."""
    brief: bool = False
    """Whether the short table of the terminal has it."""
    about: str = ""
    """What the figure is, in one sentence."""
    of: Callable[[Result], Any] | None = None
    """Where the figure comes from when it is not in the summary under its key; None when it is."""
    optional: bool = False
    """Whether tables leave it out when no result has it."""
    aside: bool = False
    """Whether only studies have it: where few runs are compared, curves show what it says."""


def is_number(value: float | None) -> TypeGuard[float]:
    """Whether a figure was measured: it is there, and no NaN."""
    return value is not None and math.isfinite(value)


def show_number(value: float) -> str:
    """A count with thousands apart, or a mean with three digits.

    Examples
    --------
    >>> show_number(1234567), show_number(3.14159)
    ('1,234,567', '3.14')
    """
    if isinstance(value, int):
        return f"{value:,}"
    # Three digits of thousands would be written as a power of ten.
    return f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def percent(value: float) -> str:
    """A share in percent.

    Examples
    --------
    >>> percent(97.5)
    '97.50 %'
    """
    return f"{value:.2f} %"
