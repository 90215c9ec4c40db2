"""Pairs of arrays, and arrays of single cells, in a compiled loop over samples: read and pulsed."""

from __future__ import annotations

import numpy as np

from chipsim.device.encoded import (
    COLUMN_PULSES,
    COLUMNS,
    COUNTS,
    DOWN_SLOTS,
    FOUND,
    PLUS,
    ROW_PULSES,
    ROWS,
    SLOTS,
)
from chipsim.device.energy import driven_listed, half_selected, list_driven, summed
from chipsim.device.laws import COLUMN_SUM, ROW_SUM
from chipsim.device.reading import (
    read_by_columns,
    read_by_columns_against,
    read_by_rows,
    read_by_rows_against,
    read_pair_by_columns,
    read_pair_by_rows,
)
from chipsim.device.table import Places, counts_at, floats_at, places_at, sums_at, tally_at
from chipsim.device.types import Counts, Floats, Indices, Sums, inlined, kernel
from chipsim.device.worn_loops import move_worn

__all__ = [
    "AGAINST",
    "BOTH",
    "DIFFERENCE",
    "SKIPPED",
    "count_pairs",
    "pulse_pair",
    "pulse_row",
    "read_pairs_by_columns",
    "read_pairs_by_rows",
    "reference_driven_by",
]

(_READS, _REFERENCE, _FIRST) = range(3)
"""Arrays of a tile's pairs, counted from where they begin in a table: how each is read, the line of reference
cells beside the columns, and two arrays of each pair."""
SKIPPED, BOTH, DIFFERENCE, AGAINST = range(4)
"""How a pair is read: not at all, for its arrays conduct alike; by conductances of its plus and its minus
array; where no pulse changes them meanwhile, by their difference, which lies in the place of both; or a
single array, by its difference from the reference."""
(_CELLS, _EVENTS, _ROW_ROOM, _COLUMN_ROOM, _PULSED) = range(5)
"""Arrays of the pair that takes pulses: places of the cells of either array, and whether the second is the
first and lowered; update events; room for driven lines, and for what one array's pulses were."""


(_LOWERED, _WORN) = range(2, 4)
"""Places, behind those of both arrays, of whether the second sign lowers the cells of the first, and of where
the table lists what wears out the cells of either."""


@inlined
def count_pairs(places: Places, pairs: int) -> int:
    """How many pairs a tile has, of cells that are read or not."""
    return places_at(places, pairs + _READS).size


@inlined
def read_pairs_by_rows(places: Places, pairs: int, x: Floats, lines: Indices, out: Floats) -> None:
    """Add the currents of rows driven by one sample x (rows,) to `out` (columns,), pair after pair.

    `lines` are the rows that are not at zero (driven,).
    """
    reads = places_at(places, pairs + _READS)
    for pair in range(reads.size):
        plus, minus = pairs + _FIRST + 2 * pair, pairs + _FIRST + 2 * pair + 1
        if reads[pair] == BOTH:
            read_pair_by_rows(x, lines, floats_at(places, plus), floats_at(places, minus), out)
        elif reads[pair] == DIFFERENCE:
            read_by_rows(x, lines, floats_at(places, plus), out)
        elif reads[pair] == AGAINST:
            reference = sums_at(places, pairs + _REFERENCE)[0, 0]
            read_by_rows_against(x, lines, floats_at(places, plus), reference, out)


@inlined
def read_pairs_by_columns(places: Places, pairs: int, d: Floats, out: Floats) -> None:
    """Add the currents of columns driven by one sample d (columns,) to `out` (rows,), pair after pair."""
    reads = places_at(places, pairs + _READS)
    for pair in range(reads.size):
        plus, minus = pairs + _FIRST + 2 * pair, pairs + _FIRST + 2 * pair + 1
        if reads[pair] == BOTH:
            read_pair_by_columns(d, floats_at(places, plus), floats_at(places, minus), out)
        elif reads[pair] == DIFFERENCE:
            read_by_columns(d, floats_at(places, plus), out)
        elif reads[pair] == AGAINST:
            reference = sums_at(places, pairs + _REFERENCE)[0, 0]
            read_by_columns_against(d, floats_at(places, plus), reference, out)


@inlined
def reference_driven_by(places: Places, pairs: int, d: Floats) -> float:
    """Squared input times conductance of the line beside the columns, S, as :class:`ReferenceLine` has it."""
    reference = sums_at(places, pairs + _REFERENCE)[0]
    conductance, rows = reference[0], reference[1]
    if conductance == 0:
        return 0.0
    driven = summed(d)
    taken: float = driven * driven * conductance * rows
    return taken


@kernel
def pulse_pair(places: Places, pair: int, encoder: int, half: float, taken: Sums) -> None:
    """Apply the pulses that an encoder has made of one sample, as :meth:`Pair.pulse` does.

    One array of single cells takes them as two would, first all that raise and then all that lower.

    Parameters
    ----------
    places, pair, encoder
        A table, and where it lists the pair and what the encoder wrote.
    half
        Power that half-selected cells take, over that of selected ones.
    taken
        Overwritten: conductance times slots (S) of cells that were pulsed and, at that share of the power, of
        those half selected; and pulses; each of the plus and the minus array, or of either phase (2, 2).
    """
    all_row_pulses = tally_at(places, encoder + ROW_PULSES)
    all_column_pulses = tally_at(places, encoder + COLUMN_PULSES)
    rows, columns = counts_at(places, encoder + ROWS), counts_at(places, encoder + COLUMNS)
    counts, found = counts_at(places, encoder + COUNTS), places_at(places, encoder + FOUND)
    row_room, column_room = counts_at(places, pair + _ROW_ROOM)[0], counts_at(places, pair + _COLUMN_ROOM)[0]
    cells, events = places_at(places, pair + _CELLS), places_at(places, pair + _EVENTS)
    pulsed = sums_at(places, pair + _PULSED)[0]
    for sign in range(2):
        hits, column_pulses = found[PLUS + sign], all_column_pulses[sign]
        # Rows are driven in the slots of both signs alike, or in each phase in slots of its own.
        row_pulses = all_row_pulses[min(sign, all_row_pulses.shape[0] - 1)]
        driven_rows = row_room[: list_driven(row_pulses, row_room)]
        driven_columns = column_room[: list_driven(column_pulses, column_room)]
        row_sum = sums_at(places, cells[sign] + ROW_SUM)[0]
        column_sum = sums_at(places, cells[sign] + COLUMN_SUM)[0]
        before = driven_listed(row_pulses, driven_rows, row_sum, column_pulses, driven_columns, column_sum)
        i, j, n = rows[sign, :hits], columns[sign, :hits], counts[sign, :hits]
        worn = cells[_WORN + sign]
        move_worn(places, cells[sign], worn, i, j, n, sign * cells[_LOWERED], pulsed)
        after = driven_listed(row_pulses, driven_rows, row_sum, column_pulses, driven_columns, column_sum)
        taken[sign, 0] = pulsed[0] + half * half_selected(before, after, pulsed[0])
        taken[sign, 1] = pulsed[1]
        events[min(sign, events.size - 1)] += hits


@inlined
def _driven_on_row(
    slots: int, row: int, row_sum: Sums, columns: Indices, counts: Counts, column_sum: Sums
) -> float:
    """What :func:`driven_listed` gives of one row and of columns that each are driven once a pulse."""
    total = 0.0
    if slots:
        total += slots * row_sum[row]
    for h in range(columns.size):
        total += np.int64(counts[h]) * column_sum[columns[h]]
    return total


@inlined
def pulse_row(places: Places, pair: int, encoder: int, half: float, taken: Sums) -> None:
    """What :func:`pulse_pair` does, of pulses that all go to one row: nobody looks for driven lines."""
    rows, columns = counts_at(places, encoder + ROWS), counts_at(places, encoder + COLUMNS)
    counts, found = counts_at(places, encoder + COUNTS), places_at(places, encoder + FOUND)
    cells, events = places_at(places, pair + _CELLS), places_at(places, pair + _EVENTS)
    pulsed = sums_at(places, pair + _PULSED)[0]
    in_phases = tally_at(places, encoder + ROW_PULSES).shape[0] > 1
    row = rows[0, 0] if found[PLUS] else rows[1, 0]
    for sign in range(2):
        hits = found[PLUS + sign]
        slots = found[DOWN_SLOTS] if sign and in_phases else found[SLOTS]
        i, j, n = rows[sign, :hits], columns[sign, :hits], counts[sign, :hits]
        row_sum = sums_at(places, cells[sign] + ROW_SUM)[0]
        column_sum = sums_at(places, cells[sign] + COLUMN_SUM)[0]
        before = _driven_on_row(slots, row, row_sum, j, n, column_sum)
        worn = cells[_WORN + sign]
        move_worn(places, cells[sign], worn, i, j, n, sign * cells[_LOWERED], pulsed)
        after = _driven_on_row(slots, row, row_sum, j, n, column_sum)
        taken[sign, 0] = pulsed[0] + half * half_selected(before, after, pulsed[0])
        taken[sign, 1] = pulsed[1]
        events[min(sign, events.size - 1)] += hits
