"""The cells of one tile whose weights are levels: where each weight stands, and what it reads as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.aging import Aged
from chipsim.device.device import LevelDevice
from chipsim.device.level_wear import levels_lost_to_wear
from chipsim.device.lives import life_of_levels
from chipsim.device.programming import CellList, changing, differences
from chipsim.device.reading_many import read_columns, read_rows
from chipsim.device.types import Floats, Indices, Sums
from chipsim.losses import Loss
from chipsim.spec.level_map import weight_per_siemens
from chipsim.synapse.carrier import ArrayWear, Carrier
from chipsim.synapse.crossed import Crossed
from chipsim.synapse.reference_line import ReferenceLine

__all__ = ["LevelArray"]


class LevelArray(Carrier):
    """Cells of levels on adjacent lines, two a weight or one beside a common reference line.

    With two cells a weight, the plus cell of weight j is on line 2 j and its minus cell on the next, and rows
    read the difference of the two before it is converted. A backward pass drives the lines, with the sign
    reversed on minus lines.

    Parameters
    ----------
    name
        Name of the array.
    model
        The model of the cells.
    levels
        Weights that there are, ascending.
    states
        For each of them the level of each of its cells, which have a line each.
    from_low
        Single cells are compared with their low level instead of the middle of their range.
    shape
        Rows and columns of weights in use.
    rng
        The array's own generator.
    unused_lines
        Lines out of use that take current from a driven row, through cells at their low level.

    Notes
    -----
    Every cell has a transistor, and the gate line belongs to a row: rows out of use are switched off, their
    reference cells too, and take nothing from lines that are driven. The gates of a row that is read are open
    all along it, so cells on lines out of use take current there; they were never programmed, and conduct
    what a low cell does on average.
    """

    remembers: ClassVar[tuple[str, ...]] = (
        "cells",
        "column_sums",
        "reference_siemens",
        "_difference",
        "updates",
    )

    def __init__(
        self,
        name: str,
        model: LevelDevice,
        *,
        levels: tuple[float, ...],
        states: tuple[tuple[int, ...], ...],
        from_low: bool = False,
        shape: tuple[int, int],
        rng: np.random.Generator,
        unused_lines: int = 0,
    ) -> None:
        means = tuple(model.means.tolist())
        self.name, self.rng, self._means = name, rng, means
        self._cells_each = cells = len(states[0])
        # Small numbers in one array: which cells change is asked for every weight of every step.
        self._states = np.array(states, np.int8)
        self.weight_per_siemens = weight_per_siemens(levels, means, cells=cells, from_low=from_low)
        self.cells = model.fresh((shape[0], shape[1] * cells), rng=rng)
        model.begin_wear(self.cells, rng=rng)
        """All cells in use, the reference apart."""
        low, high = means[0], means[-1]
        beside = low if from_low else (low + high) / 2
        reference = beside if cells == 1 else 0.0
        self._unused, self._low = unused_lines, low
        # Transistors switch off the rows beyond those in use, and their reference cells with them.
        self._reference = ReferenceLine(reference, rows=shape[0])
        self.beside = reference + unused_lines * low
        """Conductance on each row beside the cells in use, S: the reference, and cells out of use."""
        # Programming adds to the sums of rows and never makes them anew, so what is beside is added once.
        self.cells.row_sum += self.beside
        self.row_sums: Sums = self.cells.row_sum[np.newaxis]
        self.column_sums: Sums = np.zeros((1, shape[1]))
        self.updates = 0
        """Cells programmed, each time counted, but for the first writing."""
        # Cells are read far more often than written, so what a weight reads as is kept beside them.
        self._difference = np.zeros(shape, np.float32)
        rows, columns = np.indices(shape, np.int32)
        self.settle(rows.ravel(), columns.ravel())

    def wanted(self, rows: Indices, columns: Indices, levels: Indices) -> CellList:
        """The cells that have to be programmed to bring weights to levels, given by their place in them."""
        return changing(self.cells, rows, columns, states=self._states[levels])

    def settle(self, rows: Indices, columns: Indices) -> None:
        """Work out anew what the listed weights, whose cells were programmed, read as."""
        cells, reference = self.cells, self._reference.conductance
        differences(cells.conductance, rows, columns, self._cells_each, reference, self._difference)
        lines = cells.column_sum.reshape(-1, self._cells_each)
        # In place: the side that is driven from the columns looks at these very sums.
        np.sum(lines, axis=1, out=self.column_sums[0])

    def aged(self) -> tuple[Aged, ...]:
        """Its cells, without the reference."""
        low, *_, high = self._means
        cells = self.cells
        counts = cells.sets, cells.resets
        found = Aged(array=self.name, conductance=cells.conductance, counts=counts, low=low, high=high)
        return (found,)

    def drifted(self) -> None:
        """Add up lines anew, and what all weights read as."""
        cells = self.cells
        cells.row_sum[:] = cells.conductance.sum(axis=1, dtype=np.float64)
        cells.row_sum += self.beside
        cells.column_sum[:] = cells.conductance.sum(axis=0, dtype=np.float64)
        rows, columns = np.indices(self._difference.shape, np.int32)
        self.settle(rows.ravel(), columns.ravel())

    def read(self, x: Floats, out: Floats) -> None:
        """Add the currents of driven rows (batch, rows) to `out` (batch, columns)."""
        read_rows(x, self._difference, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """Add the currents of driven columns (batch, columns) to `out` (batch, rows)."""
        read_columns(d, self._difference, out)
        if self._cells_each == 1:
            self.reference_siemens = self._reference.driven_by(d)

    def crossed(self) -> Sequence[Crossed]:
        """Its one array; of lines that are driven, transistors cut off the cells of rows out of use."""
        cells = self.cells
        crossed = Crossed(
            conductance=cells.conductance, row_sum=cells.row_sum, column_sum=cells.column_sum,
            across=self._unused, low=self._low, reference=self._reference.conductance,
        )  # fmt: skip
        return [crossed]

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        conductance = self.cells.conductance.astype(np.float64)
        if self._cells_each == 1:
            return (conductance - self._reference.conductance) * self.weight_per_siemens
        plus, minus = conductance[:, 0::2], conductance[:, 1::2]
        return (plus - minus) * self.weight_per_siemens

    def wear(self) -> tuple[ArrayWear, ...]:
        """What the cells have been through, line by line; the initial write is no update."""
        cells = self.cells
        worn = ArrayWear(
            self.name, cells.sets, cells.resets, self.updates, cells.programmings, cells.conductance,
            life_of_levels(cells),
        )  # fmt: skip
        return (worn,)

    def lost(self) -> list[Loss]:
        """Cells that are worn out now; the reference is only read, and does not wear."""
        return levels_lost_to_wear(self.name, self.cells)
