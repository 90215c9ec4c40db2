"""Hits of cells that wear out: those that live, those that do not, and those that may be near their end."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, Words, inlined, kernel

__all__ = [
    "COLUMNS",
    "COUNTS",
    "DEAD_COLUMNS",
    "DEAD_COUNTS",
    "DEAD_ROWS",
    "NEAR_COLUMNS",
    "NEAR_ROWS",
    "ROOM",
    "ROWS",
    "fail_listed",
    "hits_near",
    "none_near",
    "pulse_dead",
    "split_hits",
]

(ROWS, COLUMNS, COUNTS, DEAD_ROWS, DEAD_COLUMNS, DEAD_COUNTS, NEAR_ROWS, NEAR_COLUMNS) = range(8)
"""Rows of the room for hits of cells that live, of those that do not, and of those that live but may not for
long."""
ROOM: Final = 8
"""How many rows there are."""
_BITS: Final = 64
"""Cells that are marked in one word."""
_REACH: Final = 1024
"""Trains after which all cells are looked at again: a look takes as long as some thousand hits."""


def none_near(shape: tuple[int, int]) -> Words:
    """Marks of cells none of which is near its end: a bit a cell (rows, words), so that all stay at hand."""
    rows, columns = shape
    return np.zeros((rows, -(-columns // _BITS)), np.uint64)


@inlined
def _is_near(near: Words, row: int, column: int) -> int:
    """One for a cell that is marked, and zero for any other."""
    place = np.uint64(column)
    word = near[row, place >> np.uint64(6)]
    return int((word >> (place & np.uint64(63))) & np.uint64(1))


@kernel
def _look(
    pulses: Counts, endures: Tally, onset: Tally, had: Tally, narrows: int, near: Words, reach: int
) -> None:  # fmt: skip
    """Mark the cells that fail, or whose windows begin to narrow, within so many pulses; or have."""
    near[:] = np.uint64(0)
    for i in range(pulses.shape[0]):
        for j in range(pulses.shape[1]):
            left = endures[i, j] - pulses[i, j]
            if narrows:
                left = min(left, onset[i, j] - had[i, j] - pulses[i, j])
            if left <= reach:
                near[i, j // _BITS] |= np.uint64(1) << np.uint64(j % _BITS)


@kernel
def hits_near(
    pulses: Counts, endures: Tally, onset: Tally, had: Tally, narrows: int, near: Words, slack: Tally,
    rows: Indices, columns: Indices, counts: Counts,
) -> int:  # fmt: skip
    """How many hits are of cells that may be near their end: by few memories, for most hits are of none.

    What each cell stands lies far apart in memory, and to ask it of every hit would take as long as to move
    the cells. So all are looked at now and then, those are marked that are within reach of their end, and the
    others are known to be beyond it until so many pulses have come.

    Parameters
    ----------
    pulses, endures, onset, had
        Of each cell (rows, columns).
    narrows
        Whether windows narrow, and `onset` and `had` are read.
    near
        Which cells were within reach when all were looked at last, as :func:`none_near` has it.
    slack
        Pulses that each of the others still gets without coming to its end (1,).
    rows, columns, counts
        The hits; those pulses are taken as given.
    """
    most = 0
    for h in range(counts.size):
        most = max(most, counts[h])
    if slack[0] < most:
        reach = most * _REACH
        _look(pulses, endures, onset, had, narrows, near, reach)
        slack[0] = reach
    slack[0] -= most
    found = 0
    for h in range(rows.size):
        found += _is_near(near, rows[h], columns[h])
    return found


@kernel
def split_hits(
    pulses: Counts, endures: Tally, near: Words, rows: Indices, columns: Indices, counts: Counts, room: Counts
) -> tuple[int, int, int]:
    """Hits as far as cells live, as far as they do not, and of cells near their end, into their room."""
    living, dead, close = 0, 0, 0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        left, close_by = n, _is_near(near, i, j)
        if close_by:
            left = np.int32(min(max(endures[i, j] - pulses[i, j], 0), n))
        if left > 0:
            room[ROWS, living], room[COLUMNS, living], room[COUNTS, living] = i, j, left
            living += 1
            if close_by:
                room[NEAR_ROWS, close], room[NEAR_COLUMNS, close] = i, j
                close += 1
        if left < n:
            room[DEAD_ROWS, dead], room[DEAD_COLUMNS, dead] = i, j
            room[DEAD_COUNTS, dead] = n - left
            dead += 1
    return living, dead, close


@kernel
def fail_listed(
    conductance: Floats, ends_at: Floats, own: int, row_sum: Sums, column_sum: Sums, pulses: Counts,
    endures: Tally, rows: Indices, columns: Indices,
) -> None:  # fmt: skip
    """Bring cells that had their last pulse just now to where they end."""
    wide = conductance.shape[1]
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        if pulses[i, j] < endures[i, j]:
            continue
        end = ends_at[(i * wide + j) * own]
        moved = np.float64(end) - np.float64(conductance[i, j])
        conductance[i, j] = end
        row_sum[i] += moved
        column_sum[j] += moved


@kernel
def pulse_dead(
    conductance: Floats, pulses: Counts, rows: Indices, columns: Indices, counts: Counts
) -> tuple[float, int]:
    """Count pulses of cells that none moves; the sum of pulses times conductance, S, and of pulses."""
    weighted, total = 0.0, 0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        pulses[i, j] += n
        weighted += n * np.float64(conductance[i, j])
        total += n
    return weighted, total
