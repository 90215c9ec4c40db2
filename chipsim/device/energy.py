"""Energy of cells, from voltage, conductance and time."""

from __future__ import annotations

from chipsim.device.types import Counts, Sums, kernel

__all__ = ["half_selected"]


@kernel
def half_selected(rows: Counts, row_sum: Sums, columns: Counts, column_sum: Sums, selected: float) -> float:
    """Conductance times slots of cells that see half the voltage while others are pulsed, S.

    Parameters
    ----------
    rows, columns
        Slots in which each line is driven.
    row_sum, column_sum
        Summed conductance of each line, S.
    selected
        Pulses times conductance of the cells that were fully selected, S: each lies on a driven row
        and a driven column, and is not counted here.
    """
    total = 0.0
    for i in range(rows.size):
        total += rows[i] * row_sum[i]
    for j in range(columns.size):
        total += columns[j] * column_sum[j]
    return max(total - 2 * selected, 0.0)
