"""Energy of cells, from voltage, conductance and time."""

from __future__ import annotations

from chipsim.device.types import Counts, Sums, kernel

__all__ = ["driven"]


@kernel
def driven(rows: Counts, row_sum: Sums, columns: Counts, column_sum: Sums) -> float:
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
