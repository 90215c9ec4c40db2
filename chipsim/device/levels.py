"""The levels of a multilevel cell, and how far each may spread: not so far that it is no level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol, TypeAlias

import attrs

from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least, more_than
from chipsim.units import CONDUCTANCE, Amperes, Siemens, show

__all__ = ["HighLevel", "LowLevel", "of_spreads"]

_SCALE: Final = ("device", "spread_scale")

_Limit: TypeAlias = tuple[tuple[str | int, ...], float, float, str]
"""Where a spread stands, how large it is, how large it may be, both in siemens, and what that is."""


@attrs.frozen(kw_only=True)
class LowLevel:
    """The state that a RESET leaves a cell in."""

    conductance: Siemens = attrs.field(validator=at_least(0))
    spread: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Standard deviation of the conductance, drawn anew at each RESET; times the scale no more than the
    lowest high level conducts."""


@attrs.frozen(kw_only=True)
class HighLevel:
    """One state that a SET leaves a cell in, chosen by the current that the transistor lets through."""

    conductance: Siemens = attrs.field(validator=more_than(0))
    spread: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Standard deviation of the conductance, drawn anew at each SET; times the scale no more than the level
    conducts."""
    compliance: Amperes = attrs.field(validator=more_than(0))
    """Current that the SET is limited to."""


class _Level(Protocol):
    """A level above the lowest."""

    @property
    def conductance(self) -> Siemens:
        """Mean."""

    @property
    def spread(self) -> Siemens:
        """Standard deviation."""


def of_spreads(
    low: LowLevel, high: Sequence[tuple[tuple[str | int, ...], _Level]], *, scale: float
) -> Iterator[Fault]:
    """What is wrong with the spreads of a cell's levels, as they are given and as they are scaled.

    A high level spreads by its own conductance at most: beyond it, more than 15 cells of 100 would
    conduct less than nothing. A low one may be wide, for it may conduct nothing at all, but by no more than
    the lowest high level conducts.

    Parameters
    ----------
    low, high
        Levels of a cell, those above the lowest with where they are described; at least one of them.
    scale
        Factor on the spread of every level.
    """
    lowest = high[0][1].conductance
    limits: list[_Limit] = [
        (("device", "low", "spread"), low.spread, lowest, "the lowest high level conducts")
    ]
    for path, level in high:
        limits.append(((*path, "spread"), level.spread, level.conductance, "the level conducts"))
    wide = [limit for limit in limits if limit[1] > limit[2]]
    for path, spread, most, what in wide:
        given, allowed_text = show(spread, CONDUCTANCE), show(most, CONDUCTANCE)
        yield Fault(path, f"must be at most what {what}, {allowed_text}, not {given}")
    # A scale would be blamed for what single spreads already say.
    if wide:
        return
    allowed = min((most / spread for _, spread, most, _ in limits if spread), default=scale)
    if scale > allowed:
        message = f"must be at most {allowed:.10g}, where a level spreads by as much as it may"
        yield Fault(_SCALE, f"{message}, not {scale:g}")
