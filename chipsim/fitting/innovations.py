"""How far each reading is from what a law and all readings before it let expect, and how far it may be.

A cell is where pulses left it, which each step adds noise to; a reading is off that by noise of its own.
Given a law, both are told apart by a Kalman filter: what a step leaves stays, what a reading adds is gone at
the next.
Where steps lead beyond a bound, of either end, mean and variance are those of a Gaussian that is cut there:
at each pulse, as cells are, for one that trembles at its end is pushed back by every pulse anew.
"""

from __future__ import annotations

import math
from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Flags, Sums, kernel
from chipsim.fitting.packed import Packed

__all__ = ["Moves", "filtered"]

_FAR: Final = 5.0
"""Standard deviations from a bound at which nobody meets it."""
_LEAST: Final = 1e-8
"""Variance that a reading has at least, over the square of the range: its last digit."""
_STRAIGHT: Final = 1e-9
_AROUND: Final = 0.02
"""Of the range, to either side of where a cell is, across which slopes are taken at least."""
_SETTLED: Final = 1e-10
"""Of the range: a pulse that moves mean and spread by less leaves them, however many follow."""


@attrs.frozen(kw_only=True, eq=False)
class Moves:
    """What one pulse does to the cells of each stretch, for several guesses at once (guesses, stretches)."""

    start: Sums
    """What a pulse adds at level 0, in each piece of a range (guesses, stretches, pieces)."""
    keeps: Sums
    """What it leaves of a level, likewise: where a cell stands at x, it comes to ``start + keeps * x``."""
    ends: Sums
    """Levels that the pieces, which are equally wide, lie between (2, guesses, stretches)."""
    bounds: Sums
    """Lower and upper, beyond which no pulse leads (2, guesses, stretches); infinite where not known."""
    variation: Sums
    """Standard deviation of a step, of one pulse."""
    white: Sums
    """Standard deviation of a reading around where the cell is."""


def filtered(packed: Packed, moves: Moves) -> tuple[Sums, Sums]:
    """Distances of readings from what was to be expected, and their variances (guesses, stretches, readings).

    Parameters
    ----------
    packed
        What was read.
    moves
        A law with its numbers. The first reading of a stretch says where it begins, and has no distance.
    """
    shape = moves.start.shape[:2]
    found = np.zeros((*shape, packed.level.shape[1])), np.ones((*shape, packed.level.shape[1]))
    variation, white = (
        np.ascontiguousarray(np.broadcast_to(values, shape), np.float64)
        for values in (moves.variation, moves.white)
    )
    ends, bounds = (
        np.ascontiguousarray(np.broadcast_to(values, (2, *shape)), np.float64)
        for values in (moves.ends, moves.bounds)
    )
    lines = np.ascontiguousarray(np.stack([moves.start, moves.keeps]))
    _filter(
        packed.level, packed.is_read, packed.pulses, packed.loose, lines, ends, bounds, variation, white,
        *found,
    )  # fmt: skip
    return found


@kernel
def _filter(
    level: Sums,
    is_read: Flags,
    pulses: Sums,
    loose: Sums,
    lines: Sums,
    ends: Sums,
    bounds: Sums,
    variation: Sums,
    white: Sums,
    distance: Sums,
    variance: Sums,
) -> None:
    """Fill in distances and variances, stretch by stretch, for each guess."""
    for guess in range(lines.shape[1]):
        for place in range(lines.shape[2]):
            line = lines[:, guess, place]
            between, within = ends[:, guess, place], bounds[:, guess, place]
            size, noise = variation[guess, place] ** 2, white[guess, place] ** 2
            # Nothing is known before the first reading: a cell is there, but for what readings are off.
            at, unsure = level[place, 0], noise
            for reading in range(1, level.shape[1]):
                if not is_read[place, reading]:
                    continue
                count = int(pulses[place, reading])
                mean, ahead = _after(at, unsure, count, line, between, within, size)
                total = ahead + noise + _LEAST + loose[place, reading]
                off = level[place, reading] - mean
                distance[guess, place, reading] = off
                variance[guess, place, reading] = total
                at = mean + (ahead + _LEAST) / total * off
                unsure = noise * (ahead + _LEAST) / total


@kernel
def _after(
    at: float, unsure: float, count: int, line: Sums, ends: Sums, bounds: Sums, size: float
) -> tuple[float, float]:
    """Mean level after so many pulses, and its variance."""
    left, tried = count, count
    while left > 0:
        tried = min(tried, left)
        piece = _piece(at, line, ends)
        if tried > 1:
            mean, variance = _along(at, unsure, tried, line, piece, size)
            stays = _piece(mean, line, ends) == piece
            if stays and _is_free(at, mean, max(unsure, variance), bounds):
                at, unsure, left, tried = mean, variance, left - tried, 2 * tried
            else:
                tried //= 2
            continue
        mean, variance = _once(at, unsure, line, ends, bounds, size)
        moved = abs(mean - at) + abs(math.sqrt(variance) - math.sqrt(unsure))
        at, unsure, left = mean, variance, left - 1
        if moved < _SETTLED:
            break
        # Away from all bounds several pulses are worth a try again.
        tried = 2 if _is_free(at, at, unsure, bounds) else 1
    return at, unsure


@kernel
def _piece(at: float, line: Sums, ends: Sums) -> int:
    """The piece of the range that a level lies in; beyond an end, the last one there."""
    pieces = line.shape[1]
    along = (at - ends[0]) / (ends[1] - ends[0]) * pieces
    return int(min(max(along, 0.0), pieces - 1.0))


@kernel
def _is_free(before: float, after: float, variance: float, bounds: Sums) -> bool:
    """Whether pulses from one level to another meet no bound, by the larger variance of both."""
    room = min(min(before, after) - bounds[0], bounds[1] - max(before, after))
    return bool(room > _FAR * math.sqrt(variance + _LEAST))


@kernel
def _once(at: float, unsure: float, line: Sums, ends: Sums, bounds: Sums, size: float) -> tuple[float, float]:
    """Mean and variance after one pulse, cut at both bounds."""
    mean, leaves = _moved(at, line, ends), line[1, 0]
    if line.shape[1] > 1:
        # Across where a cell may be: between two pieces neither slope is right, and a slope that jumps there
        # makes likelihoods that jump.
        around = max(math.sqrt(unsure), _AROUND * (ends[1] - ends[0]))
        leaves = (_moved(at + around, line, ends) - _moved(at - around, line, ends)) / (2.0 * around)
    variance = leaves * leaves * unsure + size
    mean, variance = _bounded(mean, variance, bounds[1], 1.0)
    return _bounded(mean, variance, bounds[0], -1.0)


@kernel
def _moved(at: float, line: Sums, ends: Sums) -> float:
    """Where a pulse without noise leads from a level."""
    piece = _piece(at, line, ends)
    moved: float = line[0, piece] + line[1, piece] * at
    return moved


@kernel
def _along(at: float, unsure: float, pulses: int, line: Sums, piece: int, size: float) -> tuple[float, float]:
    """The same of many pulses along a single line, without bounds."""
    adds, leaves = line[0, piece], line[1, piece]
    shrinks = 1.0 - leaves
    if abs(shrinks) < _STRAIGHT:
        return at + pulses * adds, unsure + pulses * size
    # Sums of geometric series.
    kept = leaves**pulses
    series = (1.0 - kept) / shrinks
    squares = (1.0 - kept * kept) / (1.0 - leaves * leaves)
    return adds * series + kept * at, kept * kept * unsure + squares * size


@kernel
def _bounded(mean: float, variance: float, bound: float, sign: float) -> tuple[float, float]:
    """Mean and variance of a Gaussian that is cut at a bound, whose share beyond stands on it."""
    spread = math.sqrt(variance + _LEAST)
    room = sign * (bound - mean) / spread
    if room > _FAR:
        return mean, variance
    # Beyond it for sure: a cell stands on its bound, whatever it drew.
    if room < -_FAR:
        return bound, 0.0
    density = math.exp(-0.5 * room * room) / math.sqrt(2.0 * math.pi)
    below = 0.5 * math.erfc(-room / math.sqrt(2.0))
    first = room * (1.0 - below) - density
    second = below - room * density + room * room * (1.0 - below)
    return mean + sign * spread * first, variance * max(second - first * first, 0.0)
