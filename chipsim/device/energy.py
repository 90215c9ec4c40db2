"""Energy of cells, from voltage, conductance and time."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Counts, Floats, Indices, Slots, Sums, kernel

__all__ = [
    "driven",
    "driven_each",
    "driven_listed",
    "half_selected",
    "list_driven",
    "summed",
    "total",
]


@kernel
def driven(rows: Slots, row_sum: Sums, columns: Slots, column_sum: Sums) -> float:
    """Conductance times slots over all driven lines, S.

    A cell on a driven row and a driven column is counted on both, one that only shares a line with it once.

    Parameters
    ----------
    rows, columns
        Slots in which each line is driven.
    row_sum, column_sum
        Summed conductance of each line, S.
    """
    total = 0.0
    for i in range(rows.size):
        total += rows[i] * row_sum[i]
    for j in range(columns.size):
        total += columns[j] * column_sum[j]
    return total


@kernel
def list_driven(values: Slots | Floats, lines: Indices) -> int:
    """List the lines whose slots, or values, are not zero, in order, and say how many they are."""
    found = 0
    for i in range(values.size):
        # Written always and counted sometimes: which lines are driven is as good as random to a processor.
        lines[found] = i
        found += values[i] != 0
    return found


@kernel
def driven_listed(
    rows: Slots, row_lines: Indices, row_sum: Sums, columns: Slots, column_lines: Indices, column_sum: Sums
) -> float:
    """What :func:`driven` gives, of lines that are known: others would add nothing, in as much time."""
    total = 0.0
    for h in range(row_lines.size):
        total += rows[row_lines[h]] * row_sum[row_lines[h]]
    for h in range(column_lines.size):
        total += columns[column_lines[h]] * column_sum[column_lines[h]]
    return total


@kernel
def driven_each(
    plus_rows: Slots, minus_rows: Slots, row_sums: Sums, columns: Slots, column_sums: Sums
) -> tuple[float, float]:
    """What :func:`driven` gives of both arrays of a pair, in one call: a sample asks for it four times.

    Parameters
    ----------
    plus_rows, minus_rows
        Slots in which each row of either array is driven (rows,).
    row_sums
        Summed conductance of each row of either array (2, rows), S.
    columns, column_sums
        The same of columns (2, columns).
    """
    plus = driven(plus_rows, row_sums[0], columns[0], column_sums[0])
    minus = driven(minus_rows, row_sums[1], columns[1], column_sums[1])
    return plus, minus


@kernel
def half_selected(before: float, after: float, selected: float) -> float:
    """Conductance times slots of cells on one driven line only, S.

    Parameters
    ----------
    before, after
        That over all driven lines, with the conductances that pulses found and left.
    selected
        That of the cells that were pulsed.
    """
    # Conductance moves linearly on average, and a selected cell lies on two driven lines.
    rest = 0.5 * (before + after) - 2 * selected
    # Compared, for a maximum would make zero of what is no number.
    return 0.0 if rest < 0 else rest


@kernel
def total(counts: Counts | Slots) -> int:
    """Sum of a one-dimensional array; numpy's own costs more than a small array is worth."""
    total = 0
    for n in counts:
        total += n
    return total


@kernel
def summed(values: Floats) -> float:
    """Sum of one sample's numbers (lines,) in double precision, one after another."""
    total = 0.0
    for value in values:
        total += np.float64(value)
    return total
