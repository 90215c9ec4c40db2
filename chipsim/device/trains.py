"""Loops that turn inputs and errors into whole pulses, and count what cannot become one."""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.bernoulli import draw_trains
from chipsim.device.bits import lowest, ones
from chipsim.device.converters import largest
from chipsim.device.randomness import LANES
from chipsim.device.types import Counts, Floats, Indices, Slots, Sums, Words, kernel

__all__ = [
    "TALLY",
    "any_negative",
    "coincide",
    "one_by_one",
    "row_maxima",
    "serially",
    "serially_in_phases",
]

_MOST_SLOTS = 64
"""Bits of a word, each of which is a slot of a train."""

_FEW = 16
"""Columns that are asked one by one in less time than the slots of a train take."""

TALLY = 8
"""Numbers that encoding counts: updates that asked for a change, those that gave no pulse; crossings that
asked, those cut, those rounded to zero; and pulses asked for, cut, and rounded to zero."""


@kernel
def _columns_by_slot(trains: Words, driven: int) -> Words:
    """Which of the driven columns are up in each slot, a bit a column; after the last none (slots, words)."""
    up = np.zeros((_MOST_SLOTS + 1, (driven + 63) // 64), np.uint64)
    for g in range(driven):
        left = trains[g]
        bit = np.uint64(1) << np.uint64(g % 64)
        while left:
            up[lowest(left), g // 64] |= bit
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
    # Four slots a round: how many there are is as good as random to a processor, and most rows have no more.
    # Where none is left, `lowest` gives the slot after the last, in which no column is up.
    for _ in range(0, ones(train), 4):
        first = np.uint64(lowest(left))
        left &= left - np.uint64(1)
        second = np.uint64(lowest(left))
        left &= left - np.uint64(1)
        third = np.uint64(lowest(left))
        left &= left - np.uint64(1)
        fourth = np.uint64(lowest(left))
        left &= left - np.uint64(1)
        for word in range(met.size):
            place = np.uint64(word)
            earlier, later = by_slot[first, place] | by_slot[second, place], by_slot[third, place]
            met[place] |= earlier | later | by_slot[fourth, place]


@kernel
def _few_columns_met(train: np.uint64, column_trains: Words, driven: int) -> np.uint64:
    """What :func:`_columns_met` finds of at most one word of columns, each of which is looked at."""
    met = np.uint64(0)
    for g in range(driven):
        met |= np.uint64((train & column_trains[g]) != 0) << np.uint64(g)
    return met


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
def _drive_lines(
    x: Floats,
    d: Floats,
    row_lines: Indices,
    row_trains: Words,
    column_lines: Indices,
    column_trains: Words,
    row_pulses: Slots,
    column_pulses: Slots,
    above: Slots,
) -> None:
    """Slots in which lines with trains are driven; and into `above`, which of these columns lower weights.

    A column is one there where its error is above zero: it lowers what an input above zero meets. Signs are
    computed with and not branched on, for they are as good as random to a processor.
    """
    # Rows at inputs above zero are pulsed in a phase before those below: a column meets one sign at a time.
    phases = np.zeros(2, np.int64)
    for h in range(row_lines.size):
        row_pulses[row_lines[h]] = ones(row_trains[h])
        phases[0 if x[row_lines[h]] > 0 else 1] = 1
    for g in range(column_lines.size):
        j = column_lines[g]
        above[g] = d[j] > 0
        for phase in range(2):
            if phases[phase]:
                column_pulses[phase ^ above[g], j] += ones(column_trains[g])


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
    row_lines, row_trains = np.empty(x.size, np.int32), np.empty(x.size + LANES, np.uint64)
    column_lines, column_trains = np.empty(d.size, np.int32), np.empty(d.size + LANES, np.uint64)
    asked = np.empty((2, 4))
    # Balanced, so that rows and columns reach the same largest probability and neither is clipped first.
    row_gain = math.sqrt(scale / slots * d_max / x_max)
    column_gain = math.sqrt(scale / slots * x_max / d_max)
    # Rows draw first: which words a line gets is part of what a seed means.
    driven_rows = draw_trains(x, row_gain, slots, block, row_lines, row_trains, asked[0])
    driven_columns = draw_trains(d, column_gain, slots, block, column_lines, column_trains, asked[1])
    above = np.empty(d.size, np.int64)
    _drive_lines(
        x, d, row_lines[:driven_rows], row_trains, column_lines[:driven_columns], column_trains, row_pulses,
        column_pulses, above,
    )  # fmt: skip
    plus, minus = np.uint64(0), np.uint64(0)
    by_slot = _columns_by_slot(column_trains, driven_columns)
    met = np.zeros(by_slot.shape[1], np.uint64)
    for h in range(driven_rows):
        i, train = row_lines[h], row_trains[h]
        turned = 0 if x[i] > 0 else 1
        if 0 < driven_columns <= _FEW:
            met[0] = _few_columns_met(train, column_trains, driven_columns)
        else:
            _columns_met(train, by_slot, met)
        for place in range(met.size):
            left = met[place]
            while left:
                # Places without a sign: else each might be meant from the end of an array, which takes time.
                g = np.uint64(64 * place + lowest(left))
                left &= left - np.uint64(1)
                sign = np.uint64(above[g] ^ turned)
                at = minus if sign else plus
                rows[sign, at], columns[sign, at] = i, column_lines[g]
                counts[sign, at] = ones(train & column_trains[g])
                minus += sign
                plus += np.uint64(1) - sign
    raised, lowered = int(np.int64(plus)), int(np.int64(minus))
    _tally_trains(asked[0], asked[1], slots, raised + lowered, tally)
    return raised, lowered


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
def column_by_column(
    rows: Indices,
    columns: Indices,
    counts: Counts,
    plus: int,
    minus: int,
    row_pulses: Slots,
    column_pulses: Slots,
) -> tuple[int, int]:
    """What :func:`one_by_one` gives where columns are visited one after another, the cells of each at once.

    Both arrays of a pair are pulsed in the same slots: a column takes as many as its longest of either sign.
    """
    row_pulses[:] = 0
    column_pulses[:] = 0
    for sign in range(2):
        for h in range(plus if sign == 0 else minus):
            i, j, n = rows[sign, h], columns[sign, h], counts[sign, h]
            row_pulses[i] += n
            column_pulses[sign, j] = max(column_pulses[sign, j], n)
    slots, visits = 0, 0
    for j in range(column_pulses.shape[1]):
        longest = max(column_pulses[0, j], column_pulses[1, j])
        slots += longest
        visits += longest > 0
    return slots, visits


@kernel
def column_by_column_in_phases(
    rows: Indices,
    columns: Indices,
    counts: Counts,
    plus: int,
    minus: int,
    row_pulses: Slots,
    column_pulses: Slots,
) -> tuple[int, int, int]:
    """What :func:`one_by_one_in_phases` gives where columns are visited one after another."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    for sign in range(2):
        for h in range(plus if sign == 0 else minus):
            i, j, n = rows[sign, h], columns[sign, h], counts[sign, h]
            row_pulses[sign, i] += n
            column_pulses[sign, j] = max(column_pulses[sign, j], n)
    visits = 0
    for sign in range(2):
        for j in range(column_pulses.shape[1]):
            visits += column_pulses[sign, j] > 0
    return column_pulses[0].sum(), column_pulses[1].sum(), visits


def serially(
    hits: tuple[Indices, Indices, Counts], counts: tuple[int, int], *, by: str, lines: tuple[Slots, Slots]
) -> tuple[int, int]:
    """Slots and visits of a serial update, and in how many slots it drives each line.

    Parameters
    ----------
    hits
        Rows, columns and pulses, those that raise and those that lower (2, hits).
    counts
        How many of either there are.
    by
        ``row``, ``column`` or ``cell``: what is visited one after another.
    lines
        Overwritten: slots of each row (rows,) and of each column of either array (2, columns).
    """
    if by == "column":
        return column_by_column(*hits, *counts, *lines)
    return one_by_one(*hits, *counts, by == "cell", *lines)


def serially_in_phases(
    hits: tuple[Indices, Indices, Counts], counts: tuple[int, int], *, by: str, lines: tuple[Slots, Slots]
) -> tuple[int, int, int]:
    """The same of one array, first all that raises and then all that lowers: slots of either phase, visits.

    Slots of each row are of either phase (2, rows).
    """
    if by == "column":
        return column_by_column_in_phases(*hits, *counts, *lines)
    return one_by_one_in_phases(*hits, *counts, by == "cell", *lines)


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
    found = False
    # To the end, for a loop that may stop anywhere does not become vector instructions.
    for i in range(x.size):
        found |= x[i] < 0
    return found
