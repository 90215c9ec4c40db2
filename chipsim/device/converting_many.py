"""What DACs do to many samples at once: the bits of :mod:`chipsim.device.converters` from vectorised loops.

A plain loop asks of every input whether it is zero, and compilers vectorise no such loop. Here every input is
divided and rounded, zeros too, which stay what they are; only the sums of conductance, which have to be added
in order, leave zeros out.
"""

from __future__ import annotations

import numpy as np

from chipsim.device import converters
from chipsim.device.types import Floats, Sums, Tally, kernel

__all__ = ["as_words", "drive"]

_MANY = 16
"""Samples from which on the vectorised loops are used: fewer need no others compiled."""

_EXACT = 2.0**24
"""Whole numbers up to here are exact in single precision."""


def drive(
    x: Floats,
    levels: float,
    by_maximum: bool,  # noqa: FBT001
    out: Floats,
    scales: Floats,
    line_sums: Sums,
    conductance: Sums,
    tally: Tally,
) -> None:
    """Quantise inputs and sum the conductance that they drive, as :func:`chipsim.device.converters.drive`."""
    many = len(x) >= _MANY and levels < _EXACT
    run = _drive if many else converters.drive
    run(x, levels, by_maximum, out, scales, line_sums, conductance, tally)


def as_words(x: Floats, levels: float, by_maximum: bool, out: Floats) -> None:  # noqa: FBT001
    """Numbers as the words that a DAC takes say them, as :func:`chipsim.device.converters.as_words`."""
    many = len(x) >= _MANY and 0 < levels < _EXACT
    run = _as_words if many else converters.as_words
    run(x, levels, by_maximum, out)


@kernel
def _factor(x: Floats, by_maximum: bool, room: Floats) -> np.float32:  # noqa: FBT001
    """What one sample is divided by before it is driven; `room` for as many numbers is overwritten."""
    if not by_maximum:
        return np.float32(1)
    # The largest of numbers a quarter of the sample apart first, side by side: with a single one, every
    # comparison would wait for the one before.
    quarter = x.size // 4
    for i in range(quarter):
        # From zero on, so that what is no number never becomes the largest.
        most = max(np.float32(0), abs(x[i]))
        most = max(most, abs(x[i + quarter]))
        most = max(most, abs(x[i + 2 * quarter]))
        room[i] = max(most, abs(x[i + 3 * quarter]))
    found = np.float32(0)
    for i in range(quarter):
        found = max(found, room[i])
    for i in range(4 * quarter, x.size):
        found = max(found, abs(x[i]))
    # A sample of zeros has no largest; divided by one it stays what it is.
    return found if found > 0 else np.float32(1)


@kernel
def _onto_levels(values: Floats, levels: float) -> None:
    """Values of one sample as the levels of a DAC that are nearest to them, in place."""
    steps = np.float32(levels)
    for i in range(values.size):
        within = min(max(values[i], np.float32(-1)), np.float32(1))
        # The product in double precision, where it is exact. The quotient of two whole numbers rounded once
        # to single precision is the one rounded to double precision before: that has more than twice as many
        # digits, and two more.
        values[i] = np.float32(np.rint(within * levels)) / steps


@kernel
def _drive(
    x: Floats,
    levels: float,
    by_maximum: bool,  # noqa: FBT001
    out: Floats,
    scales: Floats,
    line_sums: Sums,
    conductance: Sums,
    tally: Tally,
) -> None:
    conductance[:] = 0.0
    squares, places = np.empty(x.shape[1] + 1), np.empty(x.shape[1] + 1, np.int32)
    for b in range(x.shape[0]):
        own, values = x[b], out[b]
        scale = _factor(own, by_maximum, values)
        scales[b] = scale
        clipped = np.int32(0)
        for i in range(own.size):
            values[i] = own[i] / scale
            clipped += np.int32(abs(values[i]) > 1)
        if levels > 0:
            _onto_levels(values, levels)
        driven, passed = 0, np.int32(0)
        for i in range(own.size):
            passed += np.int32(values[i] != 0)
        for i in range(own.size):
            # Written whether it counts or not: a branch on data that nobody can foresee takes longer.
            squares[driven] = np.float64(values[i]) * np.float64(values[i])
            places[driven] = i
            driven += own[i] != 0
        for a in range(conductance.size):
            total = conductance[a]
            for h in range(driven):
                total += squares[h] * line_sums[a, places[h]]
            conductance[a] = total
        tally[0] += driven
        tally[1] += clipped
        tally[2] += driven - passed


@kernel
def _as_words(x: Floats, levels: float, by_maximum: bool, out: Floats) -> None:  # noqa: FBT001
    for b in range(x.shape[0]):
        own, values = x[b], out[b]
        scale = _factor(own, by_maximum, values)
        for i in range(own.size):
            values[i] = own[i] / scale
        _onto_levels(values, levels)
        for i in range(own.size):
            values[i] *= scale
