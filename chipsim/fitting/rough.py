"""A first look at each cell: where its range ends, whether pulses ran into one, and how its steps shrink."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np

from chipsim.device.types import Flags, Sums
from chipsim.fitting.packed import Packed

__all__ = ["Rough", "roughly"]

_ENDING: Final = 5
"""Readings at an end of a stretch by which that is told, or a twentieth of all."""
_LAG: Final = 0.1
"""Of a stretch, over which differences are taken: noise of single readings counts for little."""
_LEAST: Final = 1e-7
_MOST: Final = 0.9


@attrs.frozen(kw_only=True, eq=False)
class Rough:
    """What is seen of each cell without a law, over the range of all."""

    low: Sums
    """Where its pulses down ended, or those up began (cells,)."""
    high: Sums
    """The other end (cells,)."""
    ways: tuple[bool, ...]
    """Directions that were measured, up first."""
    met_low: Flags
    """Which cells' pulses down ran into an end, for the most part (cells,)."""
    met_high: Flags
    """Those whose pulses up did."""
    step_up: Sums
    """Mean step of one pulse on the way (cells,)."""
    step_down: Sums
    shrinks_up: Sums
    """What a pulse takes of the way to an end that steps shrink towards (cells,)."""
    shrinks_down: Sums
    noise: float
    """Standard deviation of a step of one pulse, white noise left aside."""
    white: float
    """Standard deviation of readings around where a cell is."""


def roughly(packed: Packed) -> Rough:
    """A first look at all cells.

    Parameters
    ----------
    packed
        What was read.
    """
    ends = np.array([_end(packed, place) for place in range(packed.up.size)])
    begins = np.array([_on_a_line(_readings(packed, place)) for place in range(packed.up.size)])
    low, high = (_ends_of(packed, ends, begins, up=up) for up in (False, True))
    steps, shrinks = {}, {}
    for up in (True, False):
        steps[up], shrinks[up] = _paces(packed, up=up)
    noise, white = _noises(packed)
    return Rough(
        low=low,
        high=np.maximum(high, low + 0.01),
        ways=packed.ways(),
        met_low=_met(packed, up=False),
        met_high=_met(packed, up=True),
        step_up=steps[True],
        step_down=steps[False],
        shrinks_up=shrinks[True],
        shrinks_down=shrinks[False],
        noise=noise,
        white=white,
    )


def _most(flags: Flags) -> bool:
    return bool(flags.size) and bool(flags.mean() > 0.5)


def _met(packed: Packed, *, up: bool) -> Flags:
    """Which cells ran into the end of a direction (cells,)."""
    mine = [packed.still[(packed.cell == cell) & (packed.up == up)] for cell in range(packed.cells)]
    return np.array([_most(still) for still in mine])


def _readings(packed: Packed, place: int) -> Sums:
    readings: Sums = packed.level[place, packed.is_read[place]]
    return readings


def _end(packed: Packed, place: int) -> float:
    """Where a stretch ends: where it stands still, or on a line through its last readings."""
    if packed.still[place]:
        return float(packed.ends[place])
    return _on_a_line(_readings(packed, place)[::-1])


def _on_a_line(readings: Sums) -> float:
    """Where the line through the first readings begins: noise of a single one is no end."""
    few = readings[: max(_ENDING, readings.size // 20)]
    if few.size < 3:
        return float(few[0])
    along = np.arange(few.size)
    slope = float(np.polyfit(along, few, 1)[0])
    return float(few.mean()) - slope * (few.size - 1) / 2


def _ends_of(packed: Packed, ends: Sums, begins: Sums, *, up: bool) -> Sums:
    """The end that one direction leads to, of each cell: where it led, or where the other way began."""
    found = np.zeros(packed.cells)
    for cell in range(packed.cells):
        mine = packed.cell == cell
        leading = mine & (packed.up == up)
        led, began = ends[leading], begins[mine & (packed.up != up)]
        means = [float(some.mean()) for some in (led, began) if some.size]
        if _most(packed.still[leading]):
            found[cell] = means[0]
        else:
            # Where nothing was run into, the range is as wide as anything that was read.
            found[cell] = max(means) if up else min(means)
    return found


def _paces(packed: Packed, *, up: bool) -> tuple[Sums, Sums]:
    """Mean step of a pulse, and what it takes of the way to an end (cells,); a middle where there is none."""
    step, shrinks = np.full(packed.cells, np.nan), np.full(packed.cells, np.nan)
    for cell in range(packed.cells):
        places = np.flatnonzero((packed.cell == cell) & (packed.up == up))
        if places.size:
            step[cell], shrinks[cell] = _pace(packed, places)
    for values, otherwise in ((step, 0.01), (shrinks, 0.01)):
        known = np.isfinite(values)
        values[~known] = np.median(values[known]) if known.any() else otherwise
    return step, shrinks


def _pace(packed: Packed, places: Any) -> tuple[float, float]:
    """The same of some stretches of one cell."""
    befores, moves, pulses = [], [], []
    slow = []
    for place in places:
        readings = _readings(packed, int(place))
        counted = np.cumsum(packed.pulses[int(place), : readings.size])
        lag = max(int(_LAG * readings.size), 1)
        befores.append(readings[:-lag])
        moves.append(readings[lag:] - readings[:-lag])
        pulses.append(counted[lag:] - counted[:-lag])
        # By halves of the way, so that the time at an end does not count.
        way = readings[-1] - readings[0]
        half = np.flatnonzero((readings - readings[0]) / (way or 1.0) >= 0.5)
        slow.append(0.5 * way / max(float(counted[half[0]]), 1.0) if half.size else 0.0)
    before, moved, apart = (np.concatenate(parts) for parts in (befores, moves, pulses))
    # Over many pulses a step is large beside the noise of its first reading, which would bend the line.
    usual = float(np.median(apart))
    slope = float(np.polyfit(before, moved, 1)[0]) if np.ptp(before) > 0 else 0.0
    # A slope beyond that of a single step is noise.
    kept = min(max(1 + slope, 1e-3), 1.0)
    shrinks = 1 - kept ** (1 / usual)
    return max(abs(float(np.mean(slow))), _LEAST), min(max(shrinks, _LEAST), _MOST)


def _noises(packed: Packed) -> tuple[float, float]:
    """Noise that stays and noise that goes, by how steps that follow each other hang together."""
    steps, products = [], []
    for place in range(packed.up.size):
        moved = np.diff(_readings(packed, place))
        few = max(moved.size // 10, 3)
        if moved.size < 2 * few:
            continue
        # What is left of the mean course is that of neighbours, which noise of either sort averages out of.
        course = np.convolve(moved, np.ones(few) / few, mode="same")
        left = (moved - course)[few:-few]
        steps.append(left)
        products.append(left[1:] * left[:-1])
    every = np.concatenate(steps or [np.zeros(0)])
    if every.size < 3:
        return 0.01, 0.001
    variance = float(every.var())
    together = float(np.concatenate(products).mean())
    # What goes again shows in two steps that follow each other, once with either sign; what stays in one.
    white = max(-together, 1e-4 * variance)
    lasting = max(variance - 2 * white, 0.1 * variance)
    # Steps of all pulses between two readings add up in what is seen of them.
    between = float(np.median(packed.pulses[:, 1:][packed.is_read[:, 1:]]))
    return max(np.sqrt(lasting / max(between, 1.0)), 1e-5), max(np.sqrt(white), 1e-6)
