"""How far each reading is from what a law and all readings before it let expect, and how far it may be.

A cell is where pulses left it, which each step adds noise to; a reading is off that by noise of its own.
Given a law, both are told apart by a Kalman filter: what a step leaves stays, what a reading adds is gone at
the next.
Where steps lead beyond a bound, mean and variance are those of a Gaussian that is cut there.
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
_BELOW: Final = -10.0
_ABOVE: Final = 10.0


@attrs.frozen(kw_only=True, eq=False)
class Moves:
    """What one pulse does to the cells of each stretch, for several guesses at once (guesses, stretches)."""

    start: Sums
    """What a pulse adds at level 0, in each piece of a range (guesses, stretches, pieces)."""
    keeps: Sums
    """What it leaves of a level, likewise: where a cell stands at x, it comes to ``start + keeps * x``."""
    ends: Sums
    """Levels that the pieces, which are equally wide, lie between (2, stretches)."""
    bound: Sums
    """Where pulses of the stretch's direction lead no further; infinite where that is not known."""
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
    bound, variation, white = (
        np.ascontiguousarray(np.broadcast_to(values, shape), np.float64)
        for values in (moves.bound, moves.variation, moves.white)
    )
    lines = np.ascontiguousarray(np.stack([moves.start, moves.keeps]))
    _filter(
        packed.level, packed.is_read, packed.pulses, packed.loose, packed.up, lines, moves.ends, bound,
        variation, white, *found,
    )  # fmt: skip
    return found


@kernel
def _filter(
    level: Sums,
    is_read: Flags,
    pulses: Sums,
    loose: Sums,
    up: Flags,
    lines: Sums,
    ends: Sums,
    bound: Sums,
    variation: Sums,
    white: Sums,
    distance: Sums,
    variance: Sums,
) -> None:
    """Fill in distances and variances, stretch by stretch, for each guess."""
    for guess in range(lines.shape[1]):
        for place in range(lines.shape[2]):
            sign = 1.0 if up[place] else -1.0
            line = lines[:, guess, place]
            size, noise = variation[guess, place] ** 2, white[guess, place] ** 2
            # Nothing is known before the first reading: a cell is there, but for what readings are off.
            at, unsure = level[place, 0], noise
            for reading in range(1, level.shape[1]):
                if not is_read[place, reading]:
                    continue
                mean, kept, spread = _after(at, pulses[place, reading], line, ends[:, place], size)
                mean, ahead = _bounded(mean, kept * kept * unsure + spread, bound[guess, place], sign)
                total = ahead + noise + _LEAST + loose[place, reading]
                off = level[place, reading] - mean
                distance[guess, place, reading] = off
                variance[guess, place, reading] = total
                at = mean + (ahead + _LEAST) / total * off
                unsure = noise * (ahead + _LEAST) / total


@kernel
def _after(at: float, pulses: float, line: Sums, ends: Sums, size: float) -> tuple[float, float, float]:
    """Mean level after so many pulses, what is left of a difference, and the variance that they add."""
    pieces = line.shape[1]
    if pulses > 1.0 and pieces == 1:
        return _along(at, pulses, line[0, 0], line[1, 0], size)
    kept, spread = 1.0, 0.0
    for _ in range(int(pulses)):
        piece = int((at - ends[0]) / (ends[1] - ends[0]) * pieces)
        piece = min(max(piece, 0), pieces - 1)
        leaves = line[1, piece]
        at = line[0, piece] + leaves * at
        kept *= leaves
        spread = leaves * leaves * spread + size
        # Far beyond a bound, where it is cut anyway.
        if at < _BELOW or at > _ABOVE:
            break
    return at, kept, spread


@kernel
def _along(at: float, pulses: float, adds: float, leaves: float, size: float) -> tuple[float, float, float]:
    """The same of many pulses along a single line."""
    kept = leaves**pulses
    shrinks = 1.0 - leaves
    if abs(shrinks) < _STRAIGHT:
        return at + pulses * adds, 1.0, pulses * size
    # Sums of geometric series.
    series = (1.0 - kept) / shrinks
    squares = (1.0 - kept * kept) / (1.0 - leaves * leaves)
    return adds * series + kept * at, kept, size * squares


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
