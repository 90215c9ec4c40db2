"""Loops that round what crossings ask for to whole pulses: to nearest, or at random."""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.bernoulli import PROBABILITY_BITS
from chipsim.device.converters import largest
from chipsim.device.energy import list_driven
from chipsim.device.randomness import LANES
from chipsim.device.types import Counts, Floats, Indices, Slots, Sums, Tally, Words, inlined, kernel

__all__ = ["LEAST_PROBABILITY", "round_at_random", "round_crossings"]

LEAST_PROBABILITY = 2.0**-PROBABILITY_BITS
"""What a comparator of that resolution tells from nothing."""

_SURELY = 1 + 1e-9
"""What keeps a comparison on the safe side of all that logarithms are rounded by."""

_RARE = 0.25
"""Largest number of pulses that any crossing asks for, below which nearly all get none."""


@inlined
def _drive_longest(
    found: Tally, rows: Indices, columns: Indices, counts: Counts, row_pulses: Slots, column_pulses: Slots
) -> None:
    """Drive each line for as many slots as the crossing on it that gets most pulses."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    for sign in range(2):
        for h in range(found[sign]):
            i, j, n = rows[sign, h], columns[sign, h], counts[sign, h]
            row_pulses[i] = max(row_pulses[i], n)
            column_pulses[sign, j] = max(column_pulses[sign, j], n)


@kernel
def round_crossings(
    x: Floats,
    d: Floats,
    scale: float,
    slots: int,
    tally: Sums,
    row_pulses: Slots,
    column_pulses: Slots,
    rows: Indices,
    columns: Indices,
    counts: Counts,
) -> tuple[int, int]:
    """Pulses of every crossing, rounded to nearest."""
    # Compared before it becomes an integer, which a very large number would overflow.
    most = np.float64(slots)
    d_max = np.float64(largest(d))
    found = np.zeros(2, np.int64)
    beyond, cut, kept = 0, 0.0, 0.0
    for i in range(x.size):
        if x[i] == 0:
            continue
        size = np.float64(abs(x[i]))
        # A row whose largest crossing rounds to nothing has none that gets a pulse: most rows are such.
        if size * d_max * scale < 0.5:
            continue
        for j in range(d.size):
            wanted = size * np.float64(abs(d[j])) * scale
            n = int(min(most, np.rint(wanted)))
            if n:
                sign = 0 if (x[i] > 0) != (d[j] > 0) else 1
                at = found[sign]
                rows[sign, at], columns[sign, at], counts[sign, at] = i, j, n
                found[sign] += 1
                kept += wanted
                beyond += int(wanted > most)
                cut += max(wanted - most, 0.0)
    _tally_rounding(x, d, scale, True, found[0] + found[1], kept, tally)
    tally[3] += beyond
    tally[6] += cut
    _drive_longest(found, rows, columns, counts, row_pulses, column_pulses)
    return found[0], found[1]


@inlined
def _uniform(
    a: np.uint64, b: np.uint64, c: np.uint64, counter: np.uint64
) -> tuple[float, np.uint64, np.uint64, np.uint64, np.uint64]:
    """A number in [0, 1) of 53 bits from an SFC64, as :func:`next_word` moves it, and its next state."""
    word = a + b + counter
    a, b = b ^ (b >> np.uint64(11)), c + (c << np.uint64(3))
    c = ((c << np.uint64(24)) | (c >> np.uint64(40))) + word
    return np.float64(word >> np.uint64(11)) * 2.0**-53, a, b, c, counter + np.uint64(1)


@kernel
def round_at_random(
    x: Floats,
    d: Floats,
    scale: float,
    slots: int,
    block: Words,
    tally: Sums,
    row_pulses: Slots,
    column_pulses: Slots,
    rows: Indices,
    columns: Indices,
    counts: Counts,
) -> tuple[int, int]:
    """Pulses of every crossing, rounded down after adding a uniform number.

    Where no crossing of a row asks for as much as a quarter of a pulse, nearly all get none. Those that may
    get one are then drawn by the gaps between them: each with the probability of the crossing that asks for
    most, and taken with its own over that one. Every crossing gets its pulse with its own probability,
    independently of others, and the work is in proportion to pulses. In such a row, as in random trains, one
    that asks for less than `LEAST_PROBABILITY` gets none, and that is not counted as lost.

    Source: L. Devroye, Non-Uniform Random Variate Generation (1986), geometric gaps and rejection.
    """
    # The first lane's state is kept at hand: fetched from memory anew, each number would wait for the last.
    a, b, c, counter = block[0], block[LANES], block[2 * LANES], block[3 * LANES]
    x_lines, d_lines = np.empty(x.size, np.int32), np.empty(d.size, np.int32)
    wide, high = list_driven(d, d_lines), list_driven(x, x_lines)
    largest_error, most, found = np.float64(largest(d)), np.float64(slots), np.zeros(2, np.int64)
    beyond, cut, kept = 0, 0.0, 0.0
    for h in range(high):
        i = x_lines[h]
        size = np.float64(abs(x[i]))
        likeliest = size * largest_error * scale
        skips = likeliest < _RARE
        # Of no probability at all, as where nothing is asked for, a logarithm would be zero.
        crossings = wide if likeliest > 0 else 0
        place, u, per_gap = -1, 0.0, 0.0
        if skips:
            u, a, b, c, counter = _uniform(a, b, c, counter)
            # With at least 1 - n p, none of n crossings gets a pulse: most rows of small layers end here.
            if u >= crossings * likeliest * _SURELY:
                continue
            per_gap = 1 / math.log1p(-likeliest)
        while True:
            if skips and place >= 0:
                u, a, b, c, counter = _uniform(a, b, c, counter)
            gap = math.log(1 - u) * per_gap if skips else 0.0
            # Compared before it becomes an integer, which a very large number would overflow.
            if gap >= crossings - place - 1:
                break
            place += 1 + int(gap)
            j = d_lines[place]
            wanted = size * np.float64(abs(d[j])) * scale
            drawn, a, b, c, counter = _uniform(a, b, c, counter)
            taken = drawn * likeliest < wanted and wanted >= LEAST_PROBABILITY
            n = int(taken) if skips else int(min(most, wanted + drawn))
            if n:
                sign = 0 if (x[i] > 0) != (d[j] > 0) else 1
                at = found[sign]
                rows[sign, at], columns[sign, at], counts[sign, at] = i, j, n
                found[sign] += 1
                kept += wanted
                beyond += int(wanted > most)
                cut += max(wanted - most, 0.0)
    block[0], block[LANES], block[2 * LANES], block[3 * LANES] = a, b, c, counter
    _tally_rounding(x, d, scale, False, found[0] + found[1], kept, tally)
    tally[3] += beyond
    tally[6] += cut
    _drive_longest(found, rows, columns, counts, row_pulses, column_pulses)
    return found[0], found[1]


@kernel
def _sum_of(x: Floats) -> tuple[int, float]:
    """How many numbers are not zero, and the sum of their magnitudes."""
    count, total = 0, 0.0
    for i in range(x.size):
        count += x[i] != 0
        total += np.float64(abs(x[i]))
    return count, total


@kernel
def _tally_rounding(
    x: Floats,
    d: Floats,
    scale: float,
    nearest: bool,  # noqa: FBT001
    hits: int,
    kept: float,
    tally: Sums,
) -> None:
    """Count what was asked for and, where numbers are rounded to nearest, what became no pulse.

    Rounded at random, a crossing that got no pulse has lost nothing on average.
    """
    rows, inputs = _sum_of(x)
    columns, errors = _sum_of(d)
    crossings = rows * columns
    if not crossings:
        return
    wanted = inputs * errors * scale
    tally[0] += 1
    tally[1] += hits == 0
    tally[2] += crossings
    tally[5] += wanted
    if nearest:
        tally[4] += crossings - hits
        tally[7] += max(wanted - kept, 0.0)
