"""Cells that wear out: what becomes of them once they have had all the pulses that they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.listed import in_a_row
from chipsim.device.narrowing import Narrowed, Narrowing, narrow_listed
from chipsim.device.types import Flags, Indices, Tally
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
    none_near,
    pulse_dead,
    split_hits,
)
from chipsim.errors import ChipsimError
from chipsim.losses import Loss
from chipsim.spec.fields import between, one_of
from chipsim.units import Share

__all__ = [
    "Wear",
    "lost_to_wear",
    "may_fail",
    "narrow_all",
    "pulse_worn",
    "pulsed_beside",
    "reset_worn",
    "worn_out",
]

_MOST: Final = 2.0**62
"""Pulses that nobody gives: an endurance is no larger."""
_STANDS, _LOW, _HIGH = range(3)
"""Where a cell that fails ends: where it stands, or at a bound of its own."""
_ENDS: Final = {"where-it-stands": _STANDS, "low": _LOW, "high": _HIGH}


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
        shape = cells.conductance.shape
        cells.endures = self.endured(endurance, shape, rng=rng)
        # All cells are looked at with the first pulse.
        cells.near, cells.slack = none_near(shape), np.zeros(1, np.int64)
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


def pulsed_beside(cells: Cells, *, pulses: int) -> None:
    """Be told that each cell got so many pulses by a loop that knows nothing of wear."""
    if cells.slack is not None:
        cells.slack -= pulses


def worn_out(cells: Cells) -> Flags:
    """Cells that have had all the pulses that they stand (rows, columns)."""
    if cells.endures is None:
        return np.zeros(cells.conductance.shape, np.bool_)
    return np.asarray(cells.pulses >= cells.endures)


def lost_to_wear(name: str, cells: Cells) -> list[Loss]:
    """Cells of an array that are worn out now, and whose windows narrowed; nothing where none can be."""
    if cells.endures is None:
        return []
    count = int(np.count_nonzero(worn_out(cells)))
    found = [Loss(part=name, what="cells-worn-out", count=count, of=cells.pulses.size)]
    return found if cells.narrowed is None else [*found, cells.narrowed.lost(name, counted=cells.pulses)]


def may_fail(cells: Cells, *, pulses: int) -> bool:
    """Whether any cell is worn out, or would be by so many pulses more, or its window narrow."""
    if cells.endures is None:
        return False
    after = cells.pulses.astype(np.int64) + pulses
    narrowed = cells.narrowed
    narrows = narrowed is not None and bool((after + narrowed.had > narrowed.onset).any())
    return narrows or bool((after >= cells.endures).any())


# --- step by step ----------------------------------------------------------------------------------


def _hits_near(cells: Cells, hits: Hits) -> int:
    """How many hits are of cells that may be near their end."""
    endures, near, slack = cells.endures, cells.near, cells.slack
    assert endures is not None, "asked of cells that wear out"
    assert near is not None, "made with what they stand"
    assert slack is not None, "made with what they stand"
    narrowed = cells.narrowed
    onset, had = (endures, endures) if narrowed is None else (narrowed.onset, narrowed.had)
    found: int = hits_near(
        cells.pulses, endures, onset, had, int(narrowed is not None), near, slack, hits.rows, hits.columns,
        hits.counts,
    )  # fmt: skip
    return found


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
    if not _hits_near(cells, hits):
        return move(cells, hits, rng=rng)
    assert cells.near is not None, "made with what they stand"
    # A train that wears a cell out is in both lists: with the pulses before its end, and with those after.
    room = np.empty((ROOM, hits.rows.size), np.int32)
    living, dead, near = split_hits(
        cells.pulses, cells.endures, cells.near, hits.rows, hits.columns, hits.counts, room
    )
    live = Hits(room[ROWS, :living], room[COLUMNS, :living], room[COUNTS, :living])
    close = room[NEAR_ROWS, :near], room[NEAR_COLUMNS, :near]
    weighted = move(cells, live, rng=rng)
    if cells.narrowed is not None:
        _narrow(cells, *close)
    if cells.ends_at is not None:
        ends_at = in_a_row(cells.ends_at, cells.conductance.shape)
        fail_listed(
            cells.conductance, ends_at, int(ends_at.size > 1), cells.row_sum, cells.column_sum, cells.pulses,
            cells.endures, *close,
        )  # fmt: skip
    met, _ = pulse_dead(
        cells.conductance, cells.pulses, room[DEAD_ROWS, :dead], room[DEAD_COLUMNS, :dead],
        room[DEAD_COUNTS, :dead],
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
