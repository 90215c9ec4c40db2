"""The writer of a tile of multilevel cells, as numbers: which pulses bring cells to their levels."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.device import LevelDevice
from chipsim.device.level_wear import program_worn
from chipsim.device.programming import CellList, MultilevelCells

__all__ = ["Round", "Writer", "Writing"]


@attrs.frozen(kw_only=True)
class Round:
    """What one round of programming took, or several together."""

    resets: int = 0
    """RESETs of cells."""
    sets: int = 0
    """SETs of cells."""
    cells: int = 0
    """Cells programmed."""
    reset_slots: int = 0
    """Slots that the RESETs took, one after another."""
    set_slots: int = 0
    reads: int = 0
    """Readings for verification, one after another: of a cell, or of one line of every weight of a row."""
    reset_siemens: float = 0.0
    """Conductance that the RESETs found, S."""
    set_amperes: float = 0.0
    """Current that the SETs were limited to, A."""
    read_siemens: float = 0.0
    """Conductance that was read, S."""

    @property
    def rows(self) -> int:
        """Rows charged: one in each slot."""
        return self.reset_slots + self.set_slots

    @property
    def bit_lines(self) -> int:
        """Bit lines charged: in each slot that of every cell that is programmed in it."""
        return self.resets + self.sets

    def __add__(self, other: Round) -> Round:
        total = attrs.asdict(self)
        for name, value in attrs.asdict(other).items():
            total[name] += value
        return Round(**total)


@attrs.frozen(kw_only=True)
class Writing:
    """How cells were brought to their levels."""

    first: Round
    """All of them programmed, and read when that is asked for."""
    retries: Round
    """Further rounds together: those that missed their level, programmed and read again."""
    missed: int = 0
    """Cells still further from their level than the tolerance when tries were exhausted; zero where nothing
    is verified."""


class Writer:
    """Brings cells to levels, and says how many slots that takes.

    Parameters
    ----------
    model
        The model of the cells.
    cells
        The cells.
    by_row
        How cells are grouped into slots: all of a row that get the same pulse, or each alone.
    tolerance
        Error of a cell that is accepted, as a share of the distance to the nearest other level; None where
        nothing is verified.
    tries
        Programmings of one cell at most.
    rng
        The array's own generator.
    cells_each
        Cells of a weight, on adjacent lines.
    beside
        Conductance that a reading takes beside the cells that it is for, S.

    Notes
    -----
    A serial writer pulses and reads one cell at a time. A row-parallel one pulses all cells of a row that get
    the same pulse at once: RESETs in one slot, SETs in one slot for each level, since the gate line that
    limits their current belongs to the row, or, where a RESET chooses the level, the other way round; and it
    reads a row at once. A reading that verifies has no error
    of its own; a cell is read after each programming, the last that it may have included.

    A converter sees the difference of the lines of a weight, so a row of pairs is read twice: its plus lines
    while the minus lines float, then the other way round. Each reading drives the row and converts every
    column. Floating lines take no current: a serial reading takes that of its cell alone, and the readings
    of a row, each of other cells, together that of every cell of the row once. Beside these, each reading
    takes what the row has of other cells: the reference that single cells are compared with, and cells on
    lines out of use.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rng",)

    def __init__(
        self,
        model: LevelDevice,
        *,
        cells: MultilevelCells,
        by_row: bool,
        tolerance: float | None,
        tries: int,
        rng: np.random.Generator,
        cells_each: int,
        beside: float = 0.0,
    ) -> None:
        self._model, self._cells, self._rng = model, cells, rng
        self._by_row, self._tolerance, self._tries = by_row, tolerance, tries
        self._cells_each, self._beside = cells_each, beside

    def write(self, wanted: CellList) -> Writing:
        """Program the listed cells, and those that missed their level again, as often as is allowed."""
        first = self._round(wanted)
        retries = Round()
        tolerance = self._tolerance
        if tolerance is None:
            return Writing(first=first, retries=retries)
        wanted = self._model.missed(self._cells, wanted, tolerance=tolerance)
        for _ in range(self._tries - 1):
            # A try that finds nothing to do takes no slot and draws nothing.
            if not wanted.rows.size:
                break
            retries += self._round(wanted)
            wanted = self._model.missed(self._cells, wanted, tolerance=tolerance)
        return Writing(first=first, retries=retries, missed=wanted.rows.size)

    def _round(self, wanted: CellList) -> Round:
        cells = self._cells
        rows, levels = cells.level.shape[0], self._model.means.size
        pulsed = np.zeros((rows, levels), np.bool_)
        done = program_worn(self._model, cells, wanted, rng=self._rng, pulsed=pulsed)
        reset_slots, set_slots, reads, siemens = done.resets, done.sets, 0, 0.0
        # Cells of a row that get one pulse share its slot. What chooses the level is a pulse for each level:
        # the current of a SET is limited by the gate line, which belongs to the row, and the voltage of a
        # RESET stands on it.
        if self._by_row:
            reset_slots, set_slots = self._slots(pulsed)
        if self._tolerance is not None:
            reads, siemens = self._read(wanted, pulsed)
        resets, sets, programmed = done.resets, done.sets, wanted.rows.size
        return Round(
            resets=resets, sets=sets, cells=programmed, reset_slots=reset_slots, set_slots=set_slots,
            reads=reads, reset_siemens=done.reset_siemens, set_amperes=done.set_amperes, read_siemens=siemens,
        )  # fmt: skip

    def _slots(self, pulsed: NDArray[np.bool_]) -> tuple[int, int]:
        """Slots of RESETs and of SETs, of the pulses that each row had (rows, levels)."""
        resets_to = np.zeros(pulsed.shape[1], np.bool_)
        if self._model.begins_with == "reset":
            resets_to[0] = True
        else:
            resets_to[:-1] = True
        return int(np.count_nonzero(pulsed[:, resets_to])), int(np.count_nonzero(pulsed[:, ~resets_to]))

    def _read(self, wanted: CellList, pulsed: NDArray[np.bool_]) -> tuple[int, float]:
        """Readings that look at the listed cells, and the conductance that they take, S."""
        cells = self._cells
        if not self._by_row:
            reads = wanted.rows.size
            alone = float(cells.conductance[wanted.rows, wanted.lines].sum(dtype=np.float64))
            return reads, alone + reads * self._beside
        visited = pulsed.any(axis=1)
        rows = int(np.count_nonzero(visited))
        reads = rows * self._cells_each
        # The sum of a row has what is beside its cells once; every further reading takes it again.
        once = float(cells.row_sum[visited].sum())
        again = (reads - rows) * self._beside
        return reads, once + again
