"""The cells of one tile whose weights are levels: where each weight stands, and what it reads as."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.device import LevelDevice
from chipsim.device.programming import CellList, changing, differences
from chipsim.device.reading import read_columns, read_rows
from chipsim.device.types import Floats, Indices, Sums
from chipsim.spec.level_map import cell_levels, weight_per_siemens
from chipsim.synapse.synapse import LevelSynapse

__all__ = ["LevelArray"]


class LevelArray:
    """LevelDevice cells on adjacent lines, two a weight or one beside a common reference line.

    Parameters
    ----------
    synapse
        How a weight is carried.
    model
        The model of the cells.
    shape
        Rows and columns of weights in use.
    rng
        The array's own generator.
    unused_lines
        Lines out of use that take current from a driven row, through cells at their low level.

    Notes
    -----
    With one cell a weight, each row has a reference cell in the middle of the range beside it, which is
    never programmed and has no error. Read forward, its current is taken from that of every cell of the
    row. Read backward, its line is driven with minus the sum of what the others are driven with, by a driver
    that reaches so far, which takes the same from every cell of a row.

    Every cell has a transistor, and the gate line belongs to a row: rows out of use are switched off, their
    reference cells too, and take nothing from lines that are driven. The gates of a row that is read are open
    all along it, so cells on lines out of use take current there; they were never programmed, and conduct
    what a low cell does on average.
    """

    remembers: ClassVar[tuple[str, ...]] = ("cells", "column_sums", "reference_siemens", "_difference")

    def __init__(
        self,
        synapse: LevelSynapse,
        model: LevelDevice,
        *,
        shape: tuple[int, int],
        rng: np.random.Generator,
        unused_lines: int = 0,
    ) -> None:
        means = tuple(model.means.tolist())
        self._cells_each = synapse.cells
        self._states = np.array(cell_levels(synapse.levels, means, cells=synapse.cells), np.int8)
        self.weight_per_siemens = weight_per_siemens(synapse.levels, means, cells=synapse.cells)
        """Weight units that a siemens of difference stands for."""
        self.cells = model.fresh((shape[0], shape[1] * synapse.cells), rng=rng)
        """All cells in use, the reference apart."""
        self._reference = (means[0] + means[-1]) / 2 if synapse.cells == 1 else 0.0
        self.beside = self._reference + unused_lines * means[0]
        """Conductance on each row beside the cells in use, S: the reference, and cells out of use."""
        self.cells.row_sum += self.beside
        self.row_sums: Sums = self.cells.row_sum[np.newaxis]
        """Summed conductance of each row with what is beside its cells (1, rows), S."""
        self.column_sums: Sums = np.zeros((1, shape[1]))
        """Summed conductance of the lines of each weight (1, columns), S."""
        self.reference_siemens = 0.0
        """Squared input times conductance of the reference line in the last backward pass, S."""
        self._difference = np.zeros(shape, np.float32)
        rows, columns = np.indices(shape, np.int32)
        self.settle(rows.ravel(), columns.ravel())

    def wanted(self, rows: Indices, columns: Indices, levels: Indices) -> CellList:
        """The cells that have to be programmed to bring weights to levels, given by their place in them."""
        return changing(self.cells, rows, columns, states=self._states[levels])

    def settle(self, rows: Indices, columns: Indices) -> None:
        """Work out anew what the listed weights, whose cells were programmed, read as."""
        differences(
            self.cells.conductance, rows, columns, self._cells_each, self._reference, self._difference
        )
        np.sum(self.cells.column_sum.reshape(-1, self._cells_each), axis=1, out=self.column_sums[0])

    def read(self, x: Floats, out: Floats) -> None:
        """Add the currents of driven rows (batch, rows) to `out` (batch, columns)."""
        read_rows(x, self._difference, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """Add the currents of driven columns (batch, columns) to `out` (batch, rows)."""
        read_columns(d, self._difference, out)
        if self._reference:
            driven = d.sum(axis=1, dtype=np.float64)
            self.reference_siemens = float(driven @ driven) * self._reference * out.shape[1]

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        conductance = self.cells.conductance.astype(np.float64)
        if self._cells_each == 1:
            return (conductance - self._reference) * self.weight_per_siemens
        return (conductance[:, 0::2] - conductance[:, 1::2]) * self.weight_per_siemens
