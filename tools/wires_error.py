"""What resistive wires do to a read, and how far the approximation of it is off, as a table in Markdown.

Usage: python tools/wires_error.py [ROWS ...]

Square arrays of so many rows (32, 64, 128 and 256 unless others are given) are solved node by node, with cells of the chips that ship:
more of them low than high, as the square of a number drawn evenly. They are driven four times: a fifth of the rows by numbers from 0
to 1, three tenths of them that lie side by side likewise, all rows alike, and all rows by numbers of either sign. Errors are those of the worst column of the worst of these, and the
mean over columns, of the largest current that any column would have without resistance; of power the worst is told. Above 45 rows this takes scipy.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.wires import NUMBERS, attenuate, couple
from chipsim.testing.nodal import Grid, solve

__all__ = ["CELLS", "OHMS", "SIZES", "Error", "errors", "table"]

SIZES = (32, 64, 128, 256)
OHMS = (0.35, 1.0, 5.0)
CELLS = {"2 to 20 uS": (2e-6, 20e-6), "5 to 125 uS": (5e-6, 125e-6)}
"""Of the chips of pairs that pulses move, and of those of nine levels."""

Sums = NDArray[np.float64]


@attrs.frozen(kw_only=True)
class Error:
    """How far a read is off, in percent."""

    worst: float
    """Of all columns and ways to drive, over the largest current."""
    mean: float
    """Over columns and ways to drive."""
    power: float
    """Of what drivers deliver, of the way to drive for which it is the most."""


def errors(size: int, ohm: float, between: tuple[float, float]) -> tuple[Error, Error]:
    """Of taking wires to have no resistance, and of the approximation.

    Parameters
    ----------
    size
        Rows, and columns.
    ohm
        Wire from cell to cell.
    between
        Lowest and highest conductance of a cell, S.
    """
    rng = np.random.default_rng(size)
    low, high = between
    cells = (low + (high - low) * rng.random((size, size)) ** 2).astype(np.float32)
    place = np.arange(size) / size
    block = (place > 0.2) & (place < 0.5)
    driven = np.stack(
        [
            (rng.random(size) < 0.2) * rng.random(size),
            block * rng.random(size),
            np.ones(size),
            rng.uniform(-1, 1, size),
        ]
    )
    x = driven.astype(np.float32)
    solved = solve(Grid(cells=cells.astype(np.float64), row=ohm, column=ohm), x.astype(np.float64))
    power = (x * solved.into_rows).sum(axis=1)
    ideal = x @ cells.astype(np.float64)
    left, taken = _approximated(cells, ohm, x)
    full = np.abs(ideal).max(axis=1, keepdims=True)
    without = _error((ideal - solved.out_of_columns) / full, x**2 @ cells.sum(axis=1) / power - 1)
    return without, _error((x @ left - solved.out_of_columns) / full, taken / power - 1)


def _approximated(cells: NDArray[np.float32], ohm: float, x: NDArray[np.float32]) -> tuple[Sums, Sums]:
    """What is left of each cell, S, and the power of each sample at one volt, W."""
    rows, columns = cells.shape
    numbers = np.array([ohm if name in ("row", "column") else 0.0 for name in NUMBERS])
    factors, of_rows, of_columns = (np.empty_like(cells) for _ in range(3))
    beside, lost, columns_lost, less = (
        np.empty(rows + 1),
        np.empty(rows),
        np.empty(columns),
        np.empty((2, rows)),
    )
    attenuate(cells, numbers, (factors, of_rows, of_columns), beside, lost, columns_lost, less)
    together = less.sum(axis=1)
    sums = cells.sum(axis=1, dtype=np.float64) - lost
    power = []
    for sample in x:
        taken = np.array([sample.astype(np.float64) ** 2 @ sums])
        couple(sample[np.newaxis], sums[np.newaxis], together[:1] / sums.sum() ** 2, taken)
        power.append(taken[0])
    return cells.astype(np.float64) * factors, np.array(power)


def _error(currents: Sums, power: Sums) -> Error:
    off = 100 * np.abs(currents)
    return Error(worst=float(off.max()), mean=float(off.mean()), power=float(100 * np.abs(power).max()))


def table(sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Lines of the table."""
    yield "| cells | array | wire | currents without wires: worst, mean | approximated: worst, mean | power without wires | approximated |"
    yield "|---|---|---|---|---|---|---|"
    for name, between in CELLS.items():
        for size in sizes:
            for ohm in OHMS:
                without, near = errors(size, ohm, between)
                yield (
                    f"| {name} | {size} x {size} | {ohm:g} Ohm | {without.worst:.3g} %, {without.mean:.3g} % | "
                    f"{near.worst:.2g} %, {near.mean:.2g} % | {without.power:.3g} % | {near.power:.2g} % |"
                )


if __name__ == "__main__":
    for line in table(tuple(map(int, sys.argv[1:])) or SIZES):
        print(line)
