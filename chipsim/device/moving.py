"""Cells of any law that compiled loops know, moved by their pulses."""

from __future__ import annotations

from chipsim.device.laws import LAW, LINEAR
from chipsim.device.linear import pulse_cells
from chipsim.device.table import Places, places_at
from chipsim.device.types import Counts, Indices, Sums, inlined
from chipsim.device.uneven_cells import pulse_every_uneven_cell, pulse_uneven_cells

__all__ = ["move_cells", "move_every_cell"]


@inlined
def move_cells(
    places: Places, cells: int, rows: Indices, columns: Indices, counts: Counts, down: int, pulsed: Sums
) -> None:
    """Give each hit cell its pulses by the law of its device.

    Parameters
    ----------
    places, cells
        A table, and where it lists the cells.
    rows, columns, counts
        Which cells, each of them once, and how many pulses each (hits,).
    down
        One for pulses that lower cells, and zero for those that raise them.
    pulsed
        Overwritten: sum of pulses times mean conductance, S, and sum of pulses (2,).
    """
    if places_at(places, cells + LAW)[0] == LINEAR:
        pulse_cells(places, cells, rows, columns, counts, down, pulsed)
    else:
        pulse_uneven_cells(places, cells, rows, columns, counts, down, pulsed)


@inlined
def move_every_cell(
    places: Places, cells: int, rows: Indices, columns: Indices, once: Counts, down: int, pulsed: Sums
) -> None:
    """Give all cells of an array a pulse each, as :func:`move_cells` does; `rows` and `columns` name all."""
    if places_at(places, cells + LAW)[0] == LINEAR:
        pulse_cells(places, cells, rows, columns, once, down, pulsed)
    else:
        pulsed[0], pulsed[1] = pulse_every_uneven_cell(places, cells, down), once.size
