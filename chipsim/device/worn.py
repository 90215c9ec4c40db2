"""Cells that wear out: what becomes of them once they have had all the pulses that they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.listed import as_counts, as_floats, as_sums, as_tally, in_a_row
from chipsim.device.moving import move_cells
from chipsim.device.table import Places, Table, counts_at, floats_at, places_at, sums_at, tally_at
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums, Tally, inlined, kernel
from chipsim.losses import Loss
from chipsim.spec.fields import between, one_of
from chipsim.units import Share

__all__ = [
    "NOWHERE",
    "Wear",
    "list_worn",
    "lost_to_wear",
    "may_fail",
    "move_worn",
    "pulse_worn",
    "reset_worn",
    "worn_out",
]

NOWHERE: Final = -1
"""Place of cells that do not wear out in a table."""
_MOST: Final = 2.0**62
"""Pulses that nobody gives: an endurance is no larger."""
_STANDS, _LOW, _HIGH = range(3)
"""Where a cell that fails ends: where it stands, or at a bound of its own."""
_ENDS: Final = {"where-it-stands": _STANDS, "low": _LOW, "high": _HIGH}

(_HOW, _ENDURES, _PULSES, _CONDUCTANCE, _ROW_SUM, _COLUMN_SUM, _ENDS_AT, _ROOM) = range(8)
"""Arrays of cells that wear out, counted from where they begin in a table."""
(_ROWS, _COLUMNS, _COUNTS, _DEAD_ROWS, _DEAD_COLUMNS, _DEAD_COUNTS) = range(6)
"""Rows of the room for hits of cells that live, and of those that do not."""


@attrs.frozen(kw_only=True)
class Wear:
    """How cells fail once they have had the pulses that they stand.

    Each cell has an endurance of its own, drawn with its spread; that of the device is their median. Pulses
    up to it move a cell as its law says. None after it does, though they are counted, and charged by what
    the cell then conducts.
    """

    spread: Share = attrs.field(default=Share(0.0), validator=between(0, 5))
    """Device-to-device standard deviation of the logarithm of endurances, which are log-normal."""
    ends: Literal["where-it-stands", "low", "high"] = attrs.field(
        default="where-it-stands", validator=one_of("where-it-stands", "low", "high")
    )
    """Where a cell sticks: where it stands when it fails, or at the lower or upper bound of its range."""

    def endured(self, endurance: int, shape: tuple[int, int], *, rng: np.random.Generator) -> Tally:
        """Pulses that each of new cells stands (rows, columns).

        Parameters
        ----------
        endurance
            Their median.
        shape
            Rows and columns.
        rng
            The array's own generator; nothing is drawn of cells without spread.
        """
        found = np.full(shape, float(endurance))
        if self.spread:
            found *= np.exp(self.spread * rng.standard_normal(shape))
        # The last pulse that a cell stands is a whole one.
        counts: Tally = np.clip(np.floor(found), 1, _MOST).astype(np.int64)
        return counts

    def begin(self, cells: Cells, endurance: int, *, rng: np.random.Generator) -> None:
        """Have new cells wear out from now on."""
        cells.endures = self.endured(endurance, cells.conductance.shape, rng=rng)
        ends = _ENDS[self.ends]
        cells.ends_at = {_LOW: cells.low, _HIGH: cells.high}.get(ends)


def worn_out(cells: Cells) -> Flags:
    """Cells that have had all the pulses that they stand (rows, columns)."""
    if cells.endures is None:
        return np.zeros(cells.conductance.shape, np.bool_)
    return np.asarray(cells.pulses >= cells.endures)


def lost_to_wear(name: str, cells: Cells) -> list[Loss]:
    """Cells of an array that are worn out now; nothing where none can be."""
    if cells.endures is None:
        return []
    count = int(np.count_nonzero(worn_out(cells)))
    return [Loss(part=name, what="cells-worn-out", count=count, of=cells.pulses.size)]


def may_fail(cells: Cells, *, pulses: int) -> bool:
    """Whether any cell is worn out, or would be by so many pulses more."""
    return cells.endures is not None and bool((cells.pulses + pulses >= cells.endures).any())


# --- hits of cells that live, and of those that do not ---------------------------------------------


@kernel
def _split(
    pulses: Counts, endures: Tally, rows: Indices, columns: Indices, counts: Counts, room: Counts
) -> tuple[int, int]:
    """Hits as far as cells live, and as far as they do not, into their room; how many there are of either."""
    living, dead = 0, 0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        left = np.int32(min(max(endures[i, j] - pulses[i, j], 0), n))
        if left > 0:
            room[_ROWS, living], room[_COLUMNS, living], room[_COUNTS, living] = i, j, left
            living += 1
        if left < n:
            room[_DEAD_ROWS, dead], room[_DEAD_COLUMNS, dead] = i, j
            room[_DEAD_COUNTS, dead] = n - left
            dead += 1
    return living, dead


@kernel
def _fail(
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
def _pulse_dead(
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


# --- step by step ----------------------------------------------------------------------------------


def pulse_worn(move: Callable[..., float], cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:
    """Pulses by the law of a device, as far as cells live; the sum of pulses times conductance, S.

    Parameters
    ----------
    move
        What pulses do to cells that live.
    cells, hits, rng
        As it takes them.
    """
    if cells.endures is None:
        return move(cells, hits, rng=rng)
    # A train that wears a cell out is in both lists: with the pulses before its end, and with those after.
    room = np.empty((6, hits.rows.size), np.int32)
    living, dead = _split(cells.pulses, cells.endures, hits.rows, hits.columns, hits.counts, room)
    live = Hits(room[_ROWS, :living], room[_COLUMNS, :living], room[_COUNTS, :living])
    weighted = move(cells, live, rng=rng)
    if cells.ends_at is not None:
        ends_at = in_a_row(cells.ends_at, cells.conductance.shape)
        _fail(
            cells.conductance, ends_at, int(ends_at.size > 1), cells.row_sum, cells.column_sum, cells.pulses,
            cells.endures, live.rows, live.columns,
        )  # fmt: skip
    met, _ = _pulse_dead(
        cells.conductance, cells.pulses, room[_DEAD_ROWS, :dead], room[_DEAD_COLUMNS, :dead],
        room[_DEAD_COUNTS, :dead],
    )  # fmt: skip
    return weighted + met


def reset_worn(
    reset: Callable[[Cells, Indices, Indices], float], cells: Cells, rows: Indices, columns: Indices
) -> float:
    """Strong pulses by the law of a device, of cells that live; the conductance that they met, S."""
    if cells.endures is None:
        return reset(cells, rows, columns)
    # Nobody at the array knows which cells have failed: they get the pulse like all others, and stay.
    dead = cells.pulses[rows, columns] >= cells.endures[rows, columns]
    met = reset(cells, rows[~dead], columns[~dead])
    cells.resets[rows[dead], columns[dead]] += 1
    return met + float(cells.conductance[rows[dead], columns[dead]].sum(dtype=np.float64))


# --- in compiled loops -----------------------------------------------------------------------------


def list_worn(table: Table, cells: Cells) -> int:
    """Add what wears cells out to a table, for :func:`move_worn`; its place, or :data:`NOWHERE`.

    Raises
    ------
    UnlistedError
        When arrays are of other types or shapes than they are made with.
    """
    if cells.endures is None:
        return NOWHERE
    shape = rows, columns = cells.row_sum.size, cells.column_sum.size
    ends_at = np.zeros(1, np.float32) if cells.ends_at is None else in_a_row(cells.ends_at, shape)
    how = np.array([cells.ends_at is not None, ends_at.size > 1], np.int64)
    # A cell is hit once at most, in either sign.
    room = np.empty((6, rows * columns), np.int32)
    return table.add(
        as_tally(how), as_tally(cells.endures, *shape), as_counts(cells.pulses, *shape),
        as_floats(cells.conductance, *shape), as_sums(cells.row_sum, rows),
        as_sums(cells.column_sum, columns),
        as_floats(ends_at, kept=True), as_counts(room),
    )  # fmt: skip


@inlined
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
    conductance = floats_at(places, worn + _CONDUCTANCE)
    living, dead = _split(pulses, endures, rows, columns, counts, room)
    live_rows, live_columns = room[_ROWS, :living], room[_COLUMNS, :living]
    move_cells(places, cells, live_rows, live_columns, room[_COUNTS, :living], down, pulsed)
    if how[0]:
        _fail(
            conductance, floats_at(places, worn + _ENDS_AT)[0], how[1], sums_at(places, worn + _ROW_SUM)[0],
            sums_at(places, worn + _COLUMN_SUM)[0], pulses, endures, live_rows, live_columns,
        )  # fmt: skip
    met, count = _pulse_dead(
        conductance, pulses, room[_DEAD_ROWS, :dead], room[_DEAD_COLUMNS, :dead], room[_DEAD_COUNTS, :dead]
    )  # fmt: skip
    pulsed[0] += met
    pulsed[1] += count
