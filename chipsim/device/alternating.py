"""Pulses of either polarity in turn, of all cells of an array at once, in a compiled loop."""

from __future__ import annotations

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice
from chipsim.device.energy import driven, half_selected
from chipsim.device.laws import COLUMN_SUM, ROW_SUM
from chipsim.device.listed import UnlistedError
from chipsim.device.moving import move_every_cell
from chipsim.device.table import Places, Table, sums_at
from chipsim.device.types import Counts, Indices, Sums, kernel

__all__ = ["Alternating"]


class Alternating:
    """All cells of an array, listed for pulses in turn.

    Each pulse goes through all cells, row by row, before the next one does, and draws as it would alone:
    cells and sums end bit for bit where single pulses leave them.

    Parameters
    ----------
    place
        Where the table lists the cells.
    table
        The table.
    shape
        Rows and columns.
    """

    def __init__(self, place: int, table: Table, *, shape: tuple[int, int]) -> None:
        # Kept, for it keeps the arrays that its places lead to.
        self._place, self._table = place, table
        rows, columns = np.indices(shape, np.int32)
        self._rows: Indices = rows.ravel()
        self._columns: Indices = columns.ravel()
        self._once: Counts = np.ones(rows.size, np.int32)

    @classmethod
    def of(cls, device: PulsedDevice, cells: Cells) -> Alternating | None:
        """Of these cells; None where their device moves them by a law of its own."""
        table = Table()
        try:
            place = device.listed(table, cells)
        except UnlistedError:
            return None
        if place is None or cells.step_down is None:
            return None
        return cls(place, table, shape=cells.conductance.shape)

    def pulse(self, count: int, *, down: bool) -> Sums:
        """Give every cell so many pulses, the first of which lowers it or raises it, in turn.

        Returns what each pulse met (count, 2): conductance of the cells, and of those that are half selected
        by lines that are all driven at once, S.
        """
        taken = np.empty((count, 2))
        _alternate(self._table.places, self._place, self._rows, self._columns, self._once, int(down), taken)
        return taken


@kernel
def _alternate(
    places: Places, cells: int, rows: Indices, columns: Indices, once: Counts, down: int, taken: Sums
) -> None:
    """Give every cell a pulse a turn; `taken` is overwritten, as :meth:`Alternating.pulse` returns it."""
    row_sum, column_sum = sums_at(places, cells + ROW_SUM)[0], sums_at(places, cells + COLUMN_SUM)[0]
    row_slots, column_slots = np.ones(row_sum.size, np.int64), np.ones(column_sum.size, np.int64)
    pulsed = np.empty(2)
    before = driven(row_slots, row_sum, column_slots, column_sum)
    for turn in range(taken.shape[0]):
        move_every_cell(places, cells, rows, columns, once, (down + turn) & 1, pulsed)
        after = driven(row_slots, row_sum, column_slots, column_sum)
        taken[turn, 0] = pulsed[0]
        taken[turn, 1] = half_selected(before, after, pulsed[0])
        before = after
