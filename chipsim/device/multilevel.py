"""Cells of one transistor and one resistor that are programmed to one of a few levels.

The mechanism is that of D'Agostino et al. (2023): a RESET takes a cell to its low level; a SET, whose current
the cell's transistor limits, takes it from there to one of its high levels. A cell that goes from one high
level to another takes both. What a level's conductance comes out as is drawn anew at each programming, from a
Gaussian around the level's mean, cut off at zero. Energies follow from voltage, current and time: a RESET
takes V^2 G t of the conductance G that it finds, a SET V I t of the current I that it is limited to.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Counts, Floats, Indices, Sums, kernel
from chipsim.spec.levels import MultilevelSpec

__all__ = ["CellList", "Levels", "Multilevel", "MultilevelCells", "Programmed", "differences"]

Levels: TypeAlias = NDArray[np.int8]
"""Levels of cells: zero is low, the high ones count from one."""


@attrs.frozen(eq=False)
class CellList:
    """Cells, and the level that each is wanted at; each cell at most once."""

    rows: Indices
    lines: Indices
    levels: Levels


@attrs.define(kw_only=True, eq=False)
class MultilevelCells:
    """State of every cell of one crossbar, as arrays (rows, lines)."""

    conductance: Floats
    """Present conductance, S."""
    level: Levels
    counts: NDArray[np.int32]
    """SETs, RESETs and programmings of each cell, side by side since they change together
    (rows, lines, 3)."""
    row_sum: Sums
    """Summed conductance of each row, S."""
    column_sum: Sums
    """Summed conductance of each line, S."""

    @property
    def sets(self) -> Counts:
        """SETs that each cell has had."""
        return self.counts[:, :, 0]

    @property
    def resets(self) -> Counts:
        """RESETs that each cell has had."""
        return self.counts[:, :, 1]

    @property
    def programmings(self) -> Counts:
        """Times that each cell was programmed, a RESET and a SET to one level counted once."""
        return self.counts[:, :, 2]


@attrs.frozen(kw_only=True)
class Programmed:
    """What programming some cells came to."""

    resets: int
    sets: int
    reset_siemens: float
    """Conductance that the RESETs found, summed, S."""
    set_amperes: float
    """Current that the SETs were limited to, summed, A."""


@kernel
def _program(
    conductance: Floats,
    level: Levels,
    counts: NDArray[np.int32],
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    lines: Indices,
    wanted: Levels,
    noise: Floats,
    means: Sums,
    spreads: Sums,
    compliances: Sums,
    pulsed: NDArray[np.bool_],
) -> tuple[int, int, float, float]:
    """Program the listed cells, one after another, and mark the pulses that each row had."""
    resets, sets, siemens, amperes = 0, 0, 0.0, 0.0
    for h in range(rows.size):
        i, j, to = rows[h], lines[h], wanted[h]
        before = np.float64(conductance[i, j])
        if level[i, j] > 0 or to == 0:
            siemens += before
            resets += 1
            counts[i, j, 1] += 1
            pulsed[i, 0] = True
        if to > 0:
            amperes += compliances[to]
            sets += 1
            counts[i, j, 0] += 1
            pulsed[i, to] = True
        counts[i, j, 2] += 1
        level[i, j] = to
        conductance[i, j] = np.float32(max(means[to] + spreads[to] * np.float64(noise[h]), 0.0))
        moved = np.float64(conductance[i, j]) - before
        row_sum[i] += moved
        column_sum[j] += moved
    return resets, sets, siemens, amperes


@kernel
def _changing(
    level: Levels,
    rows: Indices,
    columns: Indices,
    states: Levels,
    out_rows: Indices,
    out_lines: Indices,
    out_levels: Levels,
) -> int:
    """List the cells of the listed weights that stand at another level than the wanted one."""
    found = 0
    for h in range(rows.size):
        i, first = rows[h], columns[h] * states.shape[1]
        for c in range(states.shape[1]):
            if level[i, first + c] != states[h, c]:
                out_rows[found], out_lines[found], out_levels[found] = i, first + c, states[h, c]
                found += 1
    return found


@kernel
def _missed(
    conductance: Floats, rows: Indices, lines: Indices, wanted: Levels, means: Sums, bounds: Sums,
    out: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Mark the listed cells that are further from their level's mean than its bound."""
    for h in range(rows.size):
        level = wanted[h]
        out[h] = abs(np.float64(conductance[rows[h], lines[h]]) - means[level]) > bounds[level]


@kernel
def differences(
    conductance: Floats, rows: Indices, columns: Indices, cells: int, reference: float, out: Floats
) -> None:
    """Write the difference of conductance that the listed weights read as, S.

    Parameters
    ----------
    conductance
        Conductance of all cells, those of a weight on adjacent lines (rows, lines), S.
    rows, columns
        Places of the weights (weights,).
    cells
        Cells of a weight: two, the second taken from the first, or one.
    reference
        Conductance that a single cell is compared with, S.
    out
        Overwritten at the listed places (rows, columns), S.
    """
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        other = np.float64(conductance[i, cells * j + 1]) if cells > 1 else reference
        out[i, j] = np.float32(np.float64(conductance[i, cells * j]) - other)


class Multilevel:
    """The model of a described cell: what programming does to it.

    Parameters
    ----------
    spec
        The cell as described.

    Notes
    -----
    Conductances below zero do not exist: a draw that falls there becomes zero, which raises the mean of a
    level that lies within a few standard deviations of zero by a little.
    """

    def __init__(self, spec: MultilevelSpec) -> None:
        self.means: Sums = np.array(
            [spec.low.conductance, *(level.conductance for level in spec.high)], np.float64
        )
        """Mean conductance of each level, the low one first, S."""
        spreads = [spec.low.spread, *(level.spread for level in spec.high)]
        self._spreads = spec.spread_scale * np.array(spreads, np.float64)
        self._compliances = np.array([0.0, *(level.compliance for level in spec.high)], np.float64)

    def fresh(self, shape: tuple[int, int], *, rng: np.random.Generator) -> MultilevelCells:
        """New cells (rows, lines) that were RESET once when they were made, which nobody counts."""
        noise = (
            rng.standard_normal(shape, dtype=np.float32) if self._spreads[0] else np.zeros(shape, np.float32)
        )
        conductance = np.maximum(self.means[0] + self._spreads[0] * noise.astype(np.float64), 0.0)
        cells = MultilevelCells(
            conductance=conductance.astype(np.float32),
            level=np.zeros(shape, np.int8),
            counts=np.zeros((*shape, 3), np.int32),
            row_sum=np.zeros(shape[0]),
            column_sum=np.zeros(shape[1]),
        )
        cells.row_sum[:] = cells.conductance.sum(axis=1, dtype=np.float64)
        cells.column_sum[:] = cells.conductance.sum(axis=0, dtype=np.float64)
        return cells

    def changing(
        self, cells: MultilevelCells, rows: Indices, columns: Indices, *, states: Levels
    ) -> CellList:
        """The cells of listed weights that do not stand at their wanted level yet, in the order listed.

        Parameters
        ----------
        cells
            All cells; those of one weight are on adjacent lines.
        rows, columns
            Places of the weights (weights,).
        states
            Wanted level of each of their cells (weights, cells of a weight).
        """
        found = (np.empty(states.size, np.int32), np.empty(states.size, np.int32))
        levels = np.empty(states.size, np.int8)
        count = _changing(cells.level, rows, columns, states, *found, levels)
        return CellList(found[0][:count], found[1][:count], levels[:count])

    def program(
        self,
        cells: MultilevelCells,
        wanted: CellList,
        *,
        rng: np.random.Generator,
        pulsed: NDArray[np.bool_] | None = None,
    ) -> Programmed:
        """Program all listed cells, those too that stand at their level already.

        A cell that is high or is to be low takes a RESET, one that is to be high a SET after it.

        Parameters
        ----------
        cells
            Changed in place.
        wanted
            Which cells, and their new levels.
        rng
            The array's own generator; one Gaussian is drawn for each listed cell, in the order listed.
        pulsed
            Marked, when given, with the pulses that each row had: in the first column a RESET, in the one of
            each high level a SET to it (rows, levels).
        """
        noise = rng.standard_normal(wanted.rows.size, dtype=np.float32)
        if pulsed is None:
            pulsed = np.zeros((cells.level.shape[0], self.means.size), np.bool_)
        resets, sets, siemens, amperes = _program(
            cells.conductance, cells.level, cells.counts, cells.row_sum, cells.column_sum,
            wanted.rows, wanted.lines, wanted.levels, noise,
            self.means, self._spreads, self._compliances, pulsed,
        )  # fmt: skip
        return Programmed(resets=resets, sets=sets, reset_siemens=siemens, set_amperes=amperes)

    def missed(self, cells: MultilevelCells, wanted: CellList, *, tolerance: float) -> CellList:
        """The listed cells that came out too far from the mean of their level.

        Parameters
        ----------
        cells
            All cells.
        wanted
            Which of them to look at, and the levels that they are to be at.
        tolerance
            Error that is accepted, as a share of the distance from the level's mean to the nearest other one.
        """
        gaps = np.diff(self.means)
        nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
        out = np.empty(wanted.rows.size, np.bool_)
        _missed(
            cells.conductance, wanted.rows, wanted.lines, wanted.levels, self.means, tolerance * nearest, out
        )
        return CellList(wanted.rows[out], wanted.lines[out], wanted.levels[out])
