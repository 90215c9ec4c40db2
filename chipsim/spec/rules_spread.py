"""Rules of how far the conductance of a level may spread: not so far that it is no level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from chipsim.spec.fault import Fault
from chipsim.spec.levels import MultilevelSpec
from chipsim.units import CONDUCTANCE, show

__all__ = ["of_spreads"]

_SCALE: Final = ("device", "spread_scale")
_Limit: TypeAlias = tuple[tuple[str | int, ...], float, float, str]
"""Where a spread stands, how large it is, how large it may be, both in siemens, and what that is."""


def of_spreads(device: MultilevelSpec) -> Iterator[Fault]:
    """What is wrong with the spreads of a cell's levels, as they are given and as they are scaled.

    A high level spreads by its own conductance at most: beyond it, more than 15 cells of 100 would
    conduct less than nothing. A low one may be wide, for it may conduct nothing at all, but by no more than
    the lowest high level conducts.

    Parameters
    ----------
    device
        A cell with at least one high level.
    """
    lowest = device.high[0].conductance
    limits: list[_Limit] = [
        (("device", "low", "spread"), device.low.spread, lowest, "the lowest high level conducts")
    ]
    for index, level in enumerate(device.high):
        limits.append(
            (("device", "high", index, "spread"), level.spread, level.conductance, "the level conducts")
        )
    wide = [limit for limit in limits if limit[1] > limit[2]]
    for path, spread, most, what in wide:
        given = show(spread, CONDUCTANCE)
        yield Fault(path, f"must be at most what {what}, {show(most, CONDUCTANCE)}, not {given}")
    if wide:
        return
    allowed = min((most / spread for _, spread, most, _ in limits if spread), default=device.spread_scale)
    if device.spread_scale > allowed:
        message = f"must be at most {allowed:.10g}, where a level spreads by as much as it may"
        yield Fault(_SCALE, f"{message}, not {device.spread_scale:g}")
