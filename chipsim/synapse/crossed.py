"""What one array of cells is to its wires."""

from __future__ import annotations

import attrs

from chipsim.device.cells import Cells
from chipsim.device.types import Floats, Sums

__all__ = ["Crossed", "crossed_by"]


@attrs.frozen(kw_only=True, eq=False)
class Crossed:
    """The cells of one array, in use and not, and the sums of its lines, as whoever changes them keeps them.

    Rows begin beside the first line, and lines end below the last row in use. Cells out of use are behind
    those in use, seen from where a line is driven, and references behind all others.
    """

    conductance: Floats
    """Of each cell in use (rows, lines), S."""
    row_sum: Sums
    """Conductance of each row, cells out of use and the reference included (rows,), S."""
    column_sum: Sums
    """Conductance of each line, cells out of use included (lines,), S."""
    across: int = 0
    """Cells out of use on each row that take current with it."""
    along: int = 0
    """The same on each line."""
    low: float = 0.0
    """What each of these conducts, S."""
    reference: float = 0.0
    """What the reference cell of each row conducts, S; zero where there is no line of references."""


def crossed_by(cells: Cells, *, reference: float = 0.0) -> Crossed:
    """Cells that pulses move, as they are to their wires.

    Parameters
    ----------
    cells
        Of one array.
    reference
        What the reference cell of each row conducts, S.
    """
    across, along = cells.unused
    return Crossed(
        conductance=cells.conductance, row_sum=cells.row_sum, column_sum=cells.column_sum, across=across,
        along=along, low=cells.unused_low, reference=reference,
    )  # fmt: skip
