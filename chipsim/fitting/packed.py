"""Stretches side by side, as arrays over time: what all laws are fitted to."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Flags, Slots, Sums
from chipsim.fitting.curve import Curve, Stretch
from chipsim.limits import CURVE_READINGS

__all__ = ["Packed", "packed"]

_LONGEST: Final = 2_000
"""Readings of a stretch that are fitted; of more, every second or third is."""
_PARTS: Final = 20
"""Of a stretch: where the last moves less than a share of what the first did, it ran into an end."""
_STILL: Final = 0.2
_LOOSE: Final = 0.02**2
"""Variance of the reading that stands for a standstill, over the square of the range."""
_FEWEST: Final = 4
"""Readings of a part, at least."""
_FURTHER: Final = 0.06
"""Of the range of a cell, by which it has to be further than a standstill that is no end."""


@attrs.frozen(kw_only=True, eq=False)
class Packed:
    """All readings, with what they are over the whole range: 0 at the lowest, 1 at the highest."""

    low: float
    """The lowest reading, S."""
    span: float
    """The highest less the lowest, S."""
    cell: Slots
    """Which cell each stretch is of (stretches,)."""
    up: Flags
    """Which way each leads (stretches,)."""
    cells: int
    level: Sums
    """What was read (stretches, readings); 0 behind the end of a stretch."""
    is_read: Flags
    """Where a stretch has a reading (stretches, readings)."""
    pulses: Sums
    """Pulses from the reading before to each (stretches, readings); 0 for the first."""
    loose: Sums
    """Variance that a reading may be off besides (stretches, readings): one tells a standstill."""
    still: Flags
    """Which stretches ran into an end, behind which readings are left out (stretches,)."""
    ends: Sums
    """Where each of these stands there (stretches,); NaN for the others."""
    every: int = 1
    """Of readings, how many stand for one that is fitted."""

    @property
    def steps(self) -> int:
        """From a reading to the next, of all stretches."""
        return int(self.is_read[:, 1:].sum())

    def ways(self) -> tuple[bool, ...]:
        """The directions that there are, up first."""
        return tuple(up for up in (True, False) if (self.up == up).any())


def packed(curve: Curve) -> Packed:
    """The stretches of a curve as arrays; of very many readings only some.

    Parameters
    ----------
    curve
        Without what is odd about it.
    """
    longest = max(one.pulses.size for one in curve.stretches)
    # Every second reading of all stretches, or third: how many pulses lie between is known.
    every = max(-(-longest // _LONGEST), -(-curve.readings // CURVE_READINGS), 1)
    stretches = [_thinned(one, every) for one in curve.stretches]
    names = list(curve.cells)
    low = min(float(one.conductance.min()) for one in stretches)
    span = max(float(one.conductance.max()) for one in stretches) - low
    cut = [
        (one, None) if _goes_further(one, end, stretches) else (told, end)
        for one, (told, end) in zip(stretches, map(_cut, stretches), strict=True)
    ]
    shape = (len(stretches), max(one.pulses.size for one, _ in cut))
    level, pulses, loose = (np.zeros(shape) for _ in range(3))
    is_read = np.zeros(shape, np.bool_)
    for place, (one, end) in enumerate(cut):
        size = one.pulses.size
        level[place, :size] = (one.conductance - low) / span
        pulses[place, 1:size] = np.diff(one.pulses)
        is_read[place, :size] = True
        if end is not None:
            loose[place, size - 1] = _LOOSE
    ends = np.array([np.nan if end is None else (end - low) / span for _, end in cut])
    return Packed(
        low=low,
        span=span,
        cell=np.array([names.index(one.cell) for one in stretches], np.int64),
        up=np.array([one.up for one in stretches]),
        cells=len(names),
        level=level,
        is_read=is_read,
        pulses=pulses,
        loose=loose,
        still=np.isfinite(ends),
        ends=ends,
        every=every,
    )


def _cut(stretch: Stretch) -> tuple[Stretch, float | None]:
    """A stretch up to where it ran into an end, and the level there; all of it where it did not.

    What came after is told by a single reading: cells that tremble at an end say little of their steps, and a
    lot of them would outweigh all the others.
    """
    sign = 1.0 if stretch.up else -1.0
    readings = sign * stretch.conductance
    part = max(readings.size // _PARTS, _FEWEST)
    if 4 * part > readings.size:
        return stretch, None
    # Beside what the first part moves, so that slow cells and fast ones are judged alike.
    first, last = readings[part] - readings[0], readings[-1] - readings[-1 - part]
    if last >= _STILL * first:
        return stretch, None
    # The median: cells tremble to one side of an end only.
    end = float(np.median(readings[-part:]))
    arrived = int(np.flatnonzero(readings >= end - 1e-3 * abs(end - readings[0]))[0])
    kept = np.unique([*range(arrived + 1), readings.size - 1])
    told = stretch.only(kept)
    # A copy already, for places were picked.
    told.conductance[-1] = sign * end
    return told, sign * end


def _goes_further(stretch: Stretch, end: float | None, stretches: list[Stretch]) -> bool:
    """Whether a cell has been further than where one of its stretches seems to have run into an end."""
    if end is None:
        return False
    mine = [one for one in stretches if one.cell == stretch.cell]
    readings = np.concatenate([one.conductance for one in mine])
    # Where pulses the other way begin is where earlier ones had led: slow steps may stand still for a while.
    began = [float(np.median(one.conductance[:_FEWEST])) for one in mine if one.up is not stretch.up]
    if not began:
        return False
    sign = 1.0 if stretch.up else -1.0
    return bool(sign * (np.median(began) - end) > _FURTHER * np.ptp(readings))


def _thinned(stretch: Stretch, every: int) -> Stretch:
    if every == 1:
        return stretch
    return stretch.only(slice(None, None, every))
