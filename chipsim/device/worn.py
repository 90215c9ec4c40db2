"""Cells that wear out: what becomes of them once they have had all the pulses that they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.following import follow_windows
from chipsim.device.listed import as_counts, as_floats, as_sums, as_tally, in_a_row
from chipsim.device.moving import move_cells
from chipsim.device.narrowing import Narrowed, Narrowing, narrow_listed
from chipsim.device.table import Places, Table, counts_at, floats_at, places_at, sums_at, tally_at
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums, Tally, inlined, kernel
from chipsim.errors import ChipsimError
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
    "narrow_all",
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

(_HOW, _ENDURES, _PULSES, _CONDUCTANCE, _ROW_SUM, _COLUMN_SUM, _ENDS_AT, _ROOM, _NARROWED) = range(9)
"""Arrays of cells that wear out, counted from where they begin in a table."""
(_SLOPES, _ONSET, _HAD, _FRESH, _LOW_NOW, _HIGH_NOW, _STEP_NOW, _STEP_DOWN_NOW, _MIDDLES, _LASTING) = range(
    _NARROWED, _NARROWED + 10
)
"""Those of cells whose windows narrow, behind them."""
(_ENDING, _OWN_END, _NARROWING) = range(3)
"""Whether cells end at a bound, whether each has its own, and whether windows narrow."""
(_ROWS, _COLUMNS, _COUNTS, _DEAD_ROWS, _DEAD_COLUMNS, _DEAD_COUNTS) = range(6)
"""Rows of the room for hits of cells that live, and of those that do not."""


@attrs.frozen(kw_only=True)
class Wear:
    """How cells fail once they have had the pulses that they stand, or the cycles.

    Each cell has an endurance of its own, drawn with its spread; that of the device is their median. Pulses
    up to it move a cell as its law says. None after it does, though they are counted, and charged by what
    the cell then conducts: or, where windows narrow, the cell goes on in less and less of its range.
    """

    spread: Share = attrs.field(default=Share(0.0), validator=between(0, 5))
    """Device-to-device standard deviation of the logarithm of endurances, which are log-normal."""
    ends: Literal["where-it-stands", "low", "high"] = attrs.field(
        default="where-it-stands", validator=one_of("where-it-stands", "low", "high")
    )
    """Where a cell sticks: where it stands when it fails, or at the lower or upper bound of its range."""
    narrows: Narrowing | None = None
    """How the window of a cell narrows from its endurance on, until it has closed and the cell sticks; None
    (null) for cells that stick at once."""

    def said_wrong(self, *, lowest: float) -> Iterator[str]:
        """What makes no sense of it for cells whose lowest conductance is this one, S."""
        narrows = self.narrows
        if narrows is None:
            return
        if not narrows.upper and not narrows.lower:
            yield "narrows nothing: give upper or lower, more than 0"
        elif not narrows.upper and not lowest:
            yield "never closes: no part of a lowest conductance of zero makes more of it; give upper as well"

    def endured(self, endurance: int, shape: tuple[int, int], *, rng: np.random.Generator) -> Tally:
        """Pulses that each of new cells stands (rows, columns).

        Parameters
        ----------
        endurance
            Their median.
        shape
            Rows and columns.
        rng
            The array's own generator, of which a child is drawn from; none of cells without spread.
        """
        found = np.full(shape, float(endurance))
        if self.spread:
            # Whatever else the array draws stays as it is: a run differs from one without wear by wear alone.
            (own,) = rng.spawn(1)
            found *= np.exp(self.spread * own.standard_normal(shape))
        # The last pulse that a cell stands is a whole one.
        counts: Tally = np.clip(np.floor(found), 1, _MOST).astype(np.int64)
        return counts

    def begin(self, cells: Cells, endurance: int, *, rng: np.random.Generator) -> None:
        """Have new cells wear out from now on.

        Raises
        ------
        ChipsimError
            When windows are to narrow that have no upper bound.
        """
        cells.endures = self.endured(endurance, cells.conductance.shape, rng=rng)
        if self.narrows is not None:
            _begin_narrowing(cells, self.narrows)
        ends = _ENDS[self.ends]
        cells.ends_at = {_LOW: cells.low, _HIGH: cells.high}.get(ends)


def _begin_narrowing(cells: Cells, law: Narrowing) -> None:
    """Have windows narrow: bounds and steps become those of each cell, which change with its pulses."""
    onset = cells.endures
    assert onset is not None, "drawn just now"
    if not cells.bounded:
        raise ChipsimError("device.wear.narrows: its cells have no upper bound, and so no window to narrow")
    shape = cells.conductance.shape
    cells.endures = law.closing(onset, low=cells.low, high=cells.high)
    # What all cells of an array share until now each has for itself: one may narrow while others do not.
    for name in ("low", "high", "step", "step_down"):
        if getattr(cells, name) is not None:
            setattr(cells, name, np.array(getattr(cells, name), np.float32, order="C"))
    down = cells.step if cells.step_down is None else cells.step_down
    middle = float(getattr(cells, "zero", 0.0))
    cells.narrowed = Narrowed(
        law=law, onset=onset, had=np.zeros(shape, np.int64), low=cells.low.copy(), high=cells.high.copy(),
        fresh=np.stack([cells.low, cells.high, cells.step, down], axis=-1).reshape(-1, 4), middle=middle,
        middles=np.full(shape, middle),
    )  # fmt: skip


def _narrow(cells: Cells, rows: Indices, columns: Indices) -> None:
    """Narrow the windows of listed cells to what they have been through."""
    narrowed = cells.narrowed
    assert narrowed is not None, "asked of cells whose windows narrow"
    down = cells.step if cells.step_down is None else cells.step_down
    lasting = cells.conductance if cells.beneath is None else cells.beneath
    narrow_listed(
        narrowed.slopes, narrowed.onset, narrowed.had, narrowed.fresh, cells.pulses, cells.low, cells.high,
        cells.step, down, narrowed.middles, cells.conductance, lasting, cells.row_sum, cells.column_sum,
        rows, columns,
    )  # fmt: skip


def narrow_all(cells: Cells) -> None:
    """Narrow the windows of all cells to what they have been through; for who changes what that is."""
    rows, columns = np.indices(cells.conductance.shape, np.int32)
    _narrow(cells, rows.ravel(), columns.ravel())


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
    """Whether any cell is worn out, or would be by so many pulses more, or its window narrow."""
    if cells.endures is None:
        return False
    after = cells.pulses.astype(np.int64) + pulses
    narrowed = cells.narrowed
    narrows = narrowed is not None and bool((after + narrowed.had > narrowed.onset).any())
    return narrows or bool((after >= cells.endures).any())


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
    if cells.narrowed is not None:
        _narrow(cells, live.rows, live.columns)
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
    how = np.array([cells.ends_at is not None, ends_at.size > 1, cells.narrowed is not None], np.int64)
    # A cell is hit once at most, in either sign.
    room = np.empty((6, rows * columns), np.int32)
    place = table.add(
        as_tally(how), as_tally(cells.endures, *shape), as_counts(cells.pulses, *shape),
        as_floats(cells.conductance, *shape), as_sums(cells.row_sum, rows),
        as_sums(cells.column_sum, columns),
        as_floats(ends_at, kept=True), as_counts(room),
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
    if how[_NARROWING]:
        _narrow_live(places, cells, worn, live_rows, live_columns)
    if how[_ENDING]:
        _fail(
            conductance, floats_at(places, worn + _ENDS_AT)[0], how[_OWN_END],
            sums_at(places, worn + _ROW_SUM)[0],
            sums_at(places, worn + _COLUMN_SUM)[0], pulses, endures, live_rows, live_columns,
        )  # fmt: skip
    met, count = _pulse_dead(
        conductance, pulses, room[_DEAD_ROWS, :dead], room[_DEAD_COLUMNS, :dead], room[_DEAD_COUNTS, :dead]
    )  # fmt: skip
    pulsed[0] += met
    pulsed[1] += count
