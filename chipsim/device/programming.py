"""Programming cells of one transistor and one resistor to one of a few levels.

The mechanism is that of D'Agostino et al. (2023): a RESET takes a cell to its low level; a SET, whose current
the cell's transistor limits, takes it from there to one of its high levels. A cell that goes from one high
level to another takes both. What a level's conductance comes out as is drawn anew at each programming, from a
Gaussian around the level's mean, cut off at zero. Energies follow from voltage, current and time: a RESET
takes V^2 G t of the conductance G that it finds, a SET V I t of the current I that it is limited to.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, kernel
from chipsim.device.worn_levels import WornLevels

__all__ = [
    "CellList",
    "Levels",
    "MultilevelCells",
    "Programmed",
    "changing",
    "differences",
    "differences_from",
    "fresh_cells",
    "list_missed",
    "program_listed",
]

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

    remembers: ClassVar[tuple[str, ...]] = (
        "conductance", "level", "counts", "row_sum", "column_sum", "worn",
    )  # fmt: skip
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
    worn: WornLevels | None = None
    """How they wear out; None for cells that last."""

    @property
    def cycles(self) -> Tally:
        """Cycles that each cell has had (rows, lines): SETs or RESETs, whichever are more."""
        found: Tally = np.maximum(self.sets, self.resets, dtype=np.int64)
        return found

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


def fresh_cells(
    shape: tuple[int, int], *, mean: float, spread: float, rng: np.random.Generator
) -> MultilevelCells:
    """New cells (rows, lines) that stand at their lowest level.

    Parameters
    ----------
    shape
        Rows and lines.
    mean, spread
        Of that level, S; without a spread nothing is drawn.
    rng
        The array's own generator.
    """
    rows, lines = shape
    noise = np.zeros(shape, np.float32)
    # Without a spread nothing is drawn, and the generator begins with the first programming.
    if spread:
        noise = rng.standard_normal(shape, dtype=np.float32)
    exact = np.maximum(mean + spread * noise.astype(np.float64), 0.0)
    conductance = exact.astype(np.float32)
    # Sums are those of what is kept, rounded to single precision, not of what was drawn.
    row_sum = conductance.sum(axis=1, dtype=np.float64)
    column_sum = conductance.sum(axis=0, dtype=np.float64)
    return MultilevelCells(
        conductance=conductance,
        level=np.zeros(shape, np.int8),
        counts=np.zeros((rows, lines, 3), np.int32),
        row_sum=row_sum,
        column_sum=column_sum,
    )


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
        # A cell at its low level needs no RESET before a SET; one that is to be low gets it whatever it is.
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
        drawn = means[to] + spreads[to] * np.float64(noise[h])
        # No cell has a negative conductance, which would feed current back into its line.
        conductance[i, j] = np.float32(max(drawn, 0.0))
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
        found = np.float64(conductance[rows[h], lines[h]])
        out[h] = abs(found - means[level]) > bounds[level]


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
        first = cells * j
        own = np.float64(conductance[i, first])
        other = reference
        if cells > 1:
            other = np.float64(conductance[i, first + 1])
        # Subtracted in double precision and rounded once, as a line sums its currents before it is read.
        out[i, j] = np.float32(own - other)


@kernel
def differences_from(
    conductance: Floats, rows: Indices, columns: Indices, references: Floats, out: Floats
) -> None:
    """Write the difference of listed cells (cells,) from references of their own (rows, columns), S."""
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        out[i, j] = conductance[i, j] - references[i, j]


def changing(cells: MultilevelCells, rows: Indices, columns: Indices, *, states: Levels) -> CellList:
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
    most = states.size
    # Every cell may change; the loop tells how many do, and a kernel cannot make its arrays longer.
    out_rows, lines = np.empty(most, np.int32), np.empty(most, np.int32)
    levels = np.empty(most, np.int8)
    count = _changing(cells.level, rows, columns, states, out_rows, lines, levels)
    return CellList(out_rows[:count], lines[:count], levels[:count])


def program_listed(
    cells: MultilevelCells,
    wanted: CellList,
    *,
    noise: Floats,
    levels: tuple[Sums, Sums, Sums],
    pulsed: NDArray[np.bool_],
) -> Programmed:
    """Program all listed cells, those too that stand at their level already.

    A cell that is high or is to be low takes a RESET, one that is to be high a SET after it.

    Parameters
    ----------
    cells
        Changed in place.
    wanted
        Which cells, and their new levels.
    noise
        One Gaussian for each listed cell, in the order listed (cells,).
    levels
        Mean conductance and its spread, S, and compliance, A, of each level (levels,).
    pulsed
        Marked with the pulses that each row had: in the first column a RESET, in the one of each high level
        a SET to it (rows, levels).
    """
    resets, sets, siemens, amperes = _program(
        cells.conductance, cells.level, cells.counts, cells.row_sum, cells.column_sum,
        wanted.rows, wanted.lines, wanted.levels, noise, *levels, pulsed,
    )  # fmt: skip
    return Programmed(resets=resets, sets=sets, reset_siemens=siemens, set_amperes=amperes)


def list_missed(cells: MultilevelCells, wanted: CellList, *, means: Sums, tolerance: float) -> CellList:
    """The listed cells that came out too far from the mean of their level.

    Parameters
    ----------
    cells
        All cells.
    wanted
        Which of them to look at, and the levels that they are to be at.
    means
        Mean conductance of each level (levels,), S.
    tolerance
        Error that is accepted, as a share of the distance from the level's mean to the nearest other one.
    """
    gaps = np.diff(means)
    # The outermost levels have a neighbour on one side only.
    above, below = np.append(gaps, np.inf), np.insert(gaps, 0, np.inf)
    nearest = np.minimum(above, below)
    out = np.empty(wanted.rows.size, np.bool_)
    _missed(cells.conductance, wanted.rows, wanted.lines, wanted.levels, means, tolerance * nearest, out)
    return CellList(wanted.rows[out], wanted.lines[out], wanted.levels[out])
