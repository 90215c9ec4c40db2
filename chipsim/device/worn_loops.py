"""Cells that wear out in compiled loops, as they do step by step."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.following import follow_windows
from chipsim.device.listed import as_counts, as_floats, as_sums, as_tally, as_words, in_a_row
from chipsim.device.moving import move_cells
from chipsim.device.narrowing import Narrowed, narrow_listed
from chipsim.device.table import (
    Places,
    Table,
    counts_at,
    floats_at,
    places_at,
    sums_at,
    tally_at,
    words_at,
)
from chipsim.device.types import Counts, Indices, Sums, kernel
from chipsim.device.worn_hits import (
    COLUMNS,
    COUNTS,
    DEAD_COLUMNS,
    DEAD_COUNTS,
    DEAD_ROWS,
    NEAR_COLUMNS,
    NEAR_ROWS,
    ROOM,
    ROWS,
    fail_listed,
    hits_near,
    pulse_dead,
    split_hits,
)

__all__ = ["NOWHERE", "list_worn", "move_worn"]

NOWHERE: Final = -1
"""Place of cells that do not wear out in a table."""
(
    _HOW, _ENDURES, _PULSES, _CONDUCTANCE, _ROW_SUM, _COLUMN_SUM, _ENDS_AT, _ROOM, _NEAR, _SLACK, _NARROWED,
) = range(11)  # fmt: skip
"""Arrays of cells that wear out, counted from where they begin in a table."""
(_SLOPES, _ONSET, _HAD, _FRESH, _LOW_NOW, _HIGH_NOW, _STEP_NOW, _STEP_DOWN_NOW, _MIDDLES, _LASTING) = range(
    _NARROWED, _NARROWED + 10
)
"""Those of cells whose windows narrow, behind them."""
(_ENDING, _OWN_END, _NARROWING) = range(3)
"""Whether cells end at a bound, whether each has its own, and whether windows narrow."""


def list_worn(table: Table, cells: Cells) -> int:
    """Add what wears cells out to a table, for :func:`move_worn`; its place, or :data:`NOWHERE`.

    Raises
    ------
    UnlistedError
        When arrays are of other types or shapes than they are made with.
    """
    if cells.endures is None:
        return NOWHERE
    assert cells.near is not None, "made with what they stand"
    assert cells.slack is not None, "made with what they stand"
    shape = rows, columns = cells.row_sum.size, cells.column_sum.size
    ends_at = np.zeros(1, np.float32) if cells.ends_at is None else in_a_row(cells.ends_at, shape)
    how = np.array([cells.ends_at is not None, ends_at.size > 1, cells.narrowed is not None], np.int64)
    # A cell is hit once at most, in either sign.
    room = np.empty((ROOM, rows * columns), np.int32)
    place = table.add(
        as_tally(how), as_tally(cells.endures, *shape), as_counts(cells.pulses, *shape),
        as_floats(cells.conductance, *shape), as_sums(cells.row_sum, rows),
        as_sums(cells.column_sum, columns),
        as_floats(ends_at, kept=True), as_counts(room), as_words(cells.near, rows, cells.near.shape[1]),
        as_tally(cells.slack, 1),
    )  # fmt: skip
    if cells.narrowed is not None:
        _list_narrowed(table, cells, cells.narrowed)
    return place


def _list_narrowed(table: Table, cells: Cells, narrowed: Narrowed) -> None:
    """Add what narrows windows, right behind the rest."""
    shape = cells.row_sum.size, cells.column_sum.size
    down = cells.step if cells.step_down is None else cells.step_down
    lasting = cells.conductance if cells.beneath is None else cells.beneath
    changed = (as_floats(values, *shape) for values in (cells.low, cells.high, cells.step, down))
    table.add(
        as_sums(narrowed.slopes), as_tally(narrowed.onset, *shape), as_tally(narrowed.had, *shape),
        as_floats(narrowed.fresh), *changed, as_sums(narrowed.middles, *shape), as_floats(lasting, *shape),
    )  # fmt: skip


@kernel
def _narrow_live(places: Places, cells: int, worn: int, rows: Indices, columns: Indices) -> None:
    """Narrow the windows of cells that were pulsed just now, as :func:`pulse_worn` does."""
    narrow_listed(
        sums_at(places, worn + _SLOPES)[0], tally_at(places, worn + _ONSET), tally_at(places, worn + _HAD),
        floats_at(places, worn + _FRESH), counts_at(places, worn + _PULSES),
        floats_at(places, worn + _LOW_NOW), floats_at(places, worn + _HIGH_NOW),
        floats_at(places, worn + _STEP_NOW), floats_at(places, worn + _STEP_DOWN_NOW),
        sums_at(places, worn + _MIDDLES), floats_at(places, worn + _CONDUCTANCE),
        floats_at(places, worn + _LASTING), sums_at(places, worn + _ROW_SUM)[0],
        sums_at(places, worn + _COLUMN_SUM)[0], rows, columns,
    )  # fmt: skip
    # Laws whose cells lie in another order in the table have bounds and steps of their own there.
    follow_windows(
        places, cells, floats_at(places, worn + _LOW_NOW), floats_at(places, worn + _HIGH_NOW),
        floats_at(places, worn + _STEP_NOW), floats_at(places, worn + _STEP_DOWN_NOW), rows, columns,
    )  # fmt: skip


@kernel
def _near(places: Places, worn: int, rows: Indices, columns: Indices, counts: Counts) -> int:
    """How many hits are of cells that may be near their end; see :func:`hits_near`."""
    narrows = places_at(places, worn + _HOW)[_NARROWING]
    endures = tally_at(places, worn + _ENDURES)
    onset, had = endures, endures
    if narrows:
        onset, had = tally_at(places, worn + _ONSET), tally_at(places, worn + _HAD)
    found: int = hits_near(
        counts_at(places, worn + _PULSES), endures, onset, had, narrows, words_at(places, worn + _NEAR),
        places_at(places, worn + _SLACK), rows, columns, counts,
    )  # fmt: skip
    return found


@kernel
def move_worn(
    places: Places, cells: int, worn: int, rows: Indices, columns: Indices, counts: Counts, down: int,
    pulsed: Sums,
) -> None:  # fmt: skip
    """Give each hit cell its pulses, as far as it lives; see :func:`~chipsim.device.moving.move_cells`.

    Parameters
    ----------
    places, cells, rows, columns, counts, down, pulsed
        As :func:`~chipsim.device.moving.move_cells` takes them.
    worn
        Where the table lists what wears them out; below zero where nothing does.
    """
    if worn < 0:
        move_cells(places, cells, rows, columns, counts, down, pulsed)
        return
    how, room = places_at(places, worn + _HOW), counts_at(places, worn + _ROOM)
    pulses, endures = counts_at(places, worn + _PULSES), tally_at(places, worn + _ENDURES)
    if not _near(places, worn, rows, columns, counts):
        move_cells(places, cells, rows, columns, counts, down, pulsed)
        return
    conductance, near = floats_at(places, worn + _CONDUCTANCE), words_at(places, worn + _NEAR)
    living, dead, close = split_hits(pulses, endures, near, rows, columns, counts, room)
    live_rows, live_columns = room[ROWS, :living], room[COLUMNS, :living]
    close_rows, close_columns = room[NEAR_ROWS, :close], room[NEAR_COLUMNS, :close]
    move_cells(places, cells, live_rows, live_columns, room[COUNTS, :living], down, pulsed)
    if how[_NARROWING]:
        _narrow_live(places, cells, worn, close_rows, close_columns)
    if how[_ENDING]:
        fail_listed(
            conductance, floats_at(places, worn + _ENDS_AT)[0], how[_OWN_END],
            sums_at(places, worn + _ROW_SUM)[0], sums_at(places, worn + _COLUMN_SUM)[0], pulses, endures,
            close_rows, close_columns,
        )  # fmt: skip
    met, count = pulse_dead(
        conductance, pulses, room[DEAD_ROWS, :dead], room[DEAD_COLUMNS, :dead], room[DEAD_COUNTS, :dead]
    )
    pulsed[0] += met
    pulsed[1] += count
