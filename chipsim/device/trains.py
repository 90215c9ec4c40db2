"""Loops that turn inputs and errors into whole pulses, and count what cannot become one."""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.bernoulli import PROBABILITY_BITS, draw_trains
from chipsim.device.converters import largest
from chipsim.device.energy import list_driven
from chipsim.device.gaussian import next_word
from chipsim.device.randomness import LANES
from chipsim.device.types import Counts, Floats, Indices, Slots, Sums, Words, kernel

__all__ = [
    "LEAST_PROBABILITY",
    "TALLY",
    "any_negative",
    "coincide",
    "one_by_one",
    "one_by_one_in_phases",
    "round_at_random",
    "round_crossings",
    "row_maxima",
]

LEAST_PROBABILITY = 2.0**-PROBABILITY_BITS
"""What a comparator of that resolution tells from nothing."""

_RARE = 0.25
"""Largest number of pulses that any crossing asks for, below which nearly all get none."""

TALLY = 8
"""Numbers that encoding counts: updates that asked for a change, those that gave no pulse; crossings that
asked, those cut, those rounded to zero; and pulses asked for, cut, and rounded to zero."""


@kernel
def _popcount(word: np.uint64) -> int:
    """Bits that are one, by the parallel sum of bits, then pairs, then nibbles."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def _lowest(word: np.uint64) -> int:
    """Place of the lowest bit that is one."""
    return _popcount((word & (~word + np.uint64(1))) - np.uint64(1))


@kernel
def _columns_by_slot(trains: Words, driven: int, slots: int) -> Words:
    """Which of the driven columns are up in each slot, a bit a column (slots, words)."""
    up = np.zeros((slots, (driven + 63) // 64), np.uint64)
    for g in range(driven):
        left = trains[g]
        bit = np.uint64(1) << np.uint64(g % 64)
        while left:
            up[_lowest(left), g // 64] |= bit
            left &= left - np.uint64(1)
    return up


@kernel
def _columns_met(train: np.uint64, by_slot: Words, met: Words) -> None:
    """Columns that are up in any slot of a row's train, in the order of their lines.

    A row has few pulses and there are many columns: going by slots, the work is that of the pulses. Pairs of
    lines that never meet, nearly all of them, are not looked at.
    """
    met[:] = 0
    left = train
    while left:
        slot = _lowest(left)
        for place in range(met.size):
            met[place] |= by_slot[slot, place]
        left &= left - np.uint64(1)


@kernel
def _tally_trains(rows: Sums, columns: Sums, slots: int, hits: int, tally: Sums) -> None:
    """Count what the clipping of probabilities cut off, from what :func:`draw_trains` says of either side."""
    asked = rows[0] * columns[0]
    tally[0] += 1
    tally[1] += hits == 0
    tally[2] += asked
    tally[3] += asked - rows[1] * columns[1]
    wanted, given = rows[2] * columns[2], rows[3] * columns[3]
    # Over all crossings at once: a sum of products of two sides is the product of their sums.
    tally[5] += slots * rows[2] * columns[2]
    tally[6] += slots * (wanted - given)


@kernel
def coincide(
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
    """Random trains on rows and columns, and where they overlap; buffers hold (plus, minus)."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    x_max, d_max = np.float64(largest(x)), np.float64(largest(d))
    if x_max == 0 or d_max == 0:
        return 0, 0
    row_lines, row_trains = np.empty(x.size, np.int32), np.empty(x.size, np.uint64)
    column_lines, column_trains = np.empty(d.size, np.int32), np.empty(d.size, np.uint64)
    asked = np.empty((2, 4))
    # Balanced, so that rows and columns reach the same largest probability and neither is clipped first.
    row_gain = math.sqrt(scale / slots * d_max / x_max)
    column_gain = math.sqrt(scale / slots * x_max / d_max)
    # Rows draw first: which words a line gets is part of what a seed means.
    driven_rows = draw_trains(x, row_gain, slots, block, row_lines, row_trains, asked[0])
    driven_columns = draw_trains(d, column_gain, slots, block, column_lines, column_trains, asked[1])
    # Rows at inputs above zero are pulsed in a phase before those below: a column meets one sign at a time.
    phases = np.zeros(2, np.int64)
    for h in range(driven_rows):
        row_pulses[row_lines[h]] = _popcount(row_trains[h])
        phases[0 if x[row_lines[h]] > 0 else 1] = 1
    # One where an error is above zero, and lowers what an input above zero meets. Computed with and not
    # branched on: signs are as good as random to a processor.
    above = np.empty(d.size, np.int64)
    for g in range(driven_columns):
        j = column_lines[g]
        above[g] = d[j] > 0
        for phase in range(2):
            if phases[phase]:
                column_pulses[phase ^ above[g], j] += _popcount(column_trains[g])
    plus, minus = 0, 0
    by_slot = _columns_by_slot(column_trains, driven_columns, slots)
    met = np.empty(by_slot.shape[1], np.uint64)
    for h in range(driven_rows):
        i, train = row_lines[h], row_trains[h]
        turned = 0 if x[i] > 0 else 1
        _columns_met(train, by_slot, met)
        for place in range(met.size):
            left = met[place]
            while left:
                g = 64 * place + _lowest(left)
                left &= left - np.uint64(1)
                sign = above[g] ^ turned
                at = minus if sign else plus
                rows[sign, at], columns[sign, at] = i, column_lines[g]
                counts[sign, at] = _popcount(train & column_trains[g])
                minus += sign
                plus += 1 - sign
    _tally_trains(asked[0], asked[1], slots, plus + minus, tally)
    return plus, minus


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
    row_pulses[:] = 0
    column_pulses[:] = 0
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
                row_pulses[i] = max(row_pulses[i], n)
                column_pulses[sign, j] = max(column_pulses[sign, j], n)
    _tally_rounding(x, d, scale, True, found[0] + found[1], kept, tally)
    tally[3] += beyond
    tally[6] += cut
    return found[0], found[1]


@kernel
def _uniform(block: Words) -> float:
    """A number in [0, 1) of 53 bits, from the first lane."""
    return np.float64(next_word(block, 0, LANES) >> np.uint64(11)) * 2.0**-53


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
    independently of others, and the work is in proportion to pulses.

    Source: L. Devroye, Non-Uniform Random Variate Generation (1986), geometric gaps and rejection.
    """
    row_pulses[:] = 0
    column_pulses[:] = 0
    x_lines, d_lines = np.empty(x.size, np.int32), np.empty(d.size, np.int32)
    wide, high = list_driven(d, d_lines), list_driven(x, x_lines)
    largest_error, most = np.float64(largest(d)), np.float64(slots)
    found = np.zeros(2, np.int64)
    beyond, cut, kept = 0, 0.0, 0.0
    for h in range(high):
        i = x_lines[h]
        size = np.float64(abs(x[i]))
        likeliest = size * largest_error * scale
        skips = likeliest < _RARE
        # Of no probability at all, as where nothing is asked for, a logarithm would be zero.
        crossings, per_gap = (
            (wide, 1 / math.log1p(-likeliest) if skips else 0.0) if likeliest > 0 else (0, 0.0)
        )
        place = -1
        while True:
            gap = math.log(1 - _uniform(block)) * per_gap if skips else 0.0
            # Compared before it becomes an integer, which a very large number would overflow.
            if gap >= crossings - place - 1:
                break
            place += 1 + int(gap)
            j = d_lines[place]
            wanted = size * np.float64(abs(d[j])) * scale
            drawn = _uniform(block)
            if skips:
                n = int(drawn * likeliest < wanted and wanted >= LEAST_PROBABILITY)
            else:
                n = int(min(most, wanted + drawn))
            if n:
                sign = 0 if (x[i] > 0) != (d[j] > 0) else 1
                at = found[sign]
                rows[sign, at], columns[sign, at], counts[sign, at] = i, j, n
                found[sign] += 1
                kept += wanted
                beyond += int(wanted > most)
                cut += max(wanted - most, 0.0)
                row_pulses[i] = max(row_pulses[i], n)
                column_pulses[sign, j] = max(column_pulses[sign, j], n)
    _tally_rounding(x, d, scale, False, found[0] + found[1], kept, tally)
    tally[3] += beyond
    tally[6] += cut
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


@kernel
def one_by_one(
    rows: Indices,
    columns: Indices,
    counts: Counts,
    plus: int,
    minus: int,
    by_cell: bool,  # noqa: FBT001
    row_pulses: Slots,
    column_pulses: Slots,
) -> tuple[int, int]:
    """Slots and visits of a serial update, and in how many slots it drives each line."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    visits = 0
    for sign in range(2):
        for h in range(plus if sign == 0 else minus):
            i, j, n = rows[sign, h], columns[sign, h], counts[sign, h]
            column_pulses[sign, j] += n
            if by_cell:
                visits += 1
                row_pulses[i] += n
            else:
                visits += row_pulses[i] == 0
                row_pulses[i] = max(row_pulses[i], n)
    slots = 0
    for i in range(row_pulses.size):
        slots += row_pulses[i]
    return slots, visits


@kernel
def row_maxima(rows: Indices, counts: Counts, plus: int, minus: int, row_pulses: Slots) -> None:
    """The most pulses of any crossing of each row, those that raise and those that lower apart (2, rows)."""
    row_pulses[:] = 0
    for sign in range(2):
        for h in range(plus if sign == 0 else minus):
            i, n = rows[sign, h], counts[sign, h]
            row_pulses[sign, i] = max(row_pulses[sign, i], n)


@kernel
def one_by_one_in_phases(
    rows: Indices,
    columns: Indices,
    counts: Counts,
    plus: int,
    minus: int,
    by_cell: bool,  # noqa: FBT001
    row_pulses: Slots,
    column_pulses: Slots,
) -> tuple[int, int, int]:
    """A serial update of one array, first all that raises and then all that lowers.

    Returns the slots of either phase and the visits of both, and in how many slots of each phase every line
    is driven (2, lines): a row that has both kinds of cells is visited twice.
    """
    row_pulses[:] = 0
    column_pulses[:] = 0
    visits = 0
    for sign in range(2):
        for h in range(plus if sign == 0 else minus):
            i, j, n = rows[sign, h], columns[sign, h], counts[sign, h]
            column_pulses[sign, j] += n
            if by_cell:
                visits += 1
                row_pulses[sign, i] += n
            else:
                visits += row_pulses[sign, i] == 0
                row_pulses[sign, i] = max(row_pulses[sign, i], n)
    return row_pulses[0].sum(), row_pulses[1].sum(), visits


@kernel
def any_negative(x: Floats) -> bool:
    """Whether any number is below zero, which takes a second phase of pulses."""
    for value in x:  # noqa: SIM110
        if value < 0:
            return True
    return False
