"""Bounds and steps in the tables of compiled loops, which follow those of cells whose windows narrow."""

from __future__ import annotations

from chipsim.device.laws import LAW, LINEAR
from chipsim.device.table import Places, floats_at, places_at
from chipsim.device.types import Floats, Indices, kernel
from chipsim.device.uneven_cells import PATHS

__all__ = ["follow_windows"]


@kernel
def follow_windows(
    places: Places, cells: int, low: Floats, high: Floats, step: Floats, step_down: Floats, rows: Indices,
    columns: Indices,
) -> None:  # fmt: skip
    """Take over bounds and steps (rows, columns) that changed of listed cells; of linear ones nothing.

    Parameters
    ----------
    places, cells
        A table, and where it lists the cells.
    low, high, step, step_down
        As the cells have them now (rows, columns), S.
    rows, columns
        Which cells (cells listed,).
    """
    # Linear steps are looked up in the very arrays that narrow.
    if places_at(places, cells + LAW)[0] == LINEAR:
        return
    paths = floats_at(places, cells + PATHS)
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        path = paths[i * low.shape[1] + j]
        path[0], path[1] = low[i, j], high[i, j]
        path[2], path[3] = step[i, j], step_down[i, j]
