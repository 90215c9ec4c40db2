"""The line of cells that single cells are compared with."""

from __future__ import annotations

import numpy as np

from chipsim.device.energy import summed
from chipsim.device.types import Floats

__all__ = ["ReferenceLine"]


class ReferenceLine:
    """One more line of a crossbar, whose cells stand in the middle of the range or at its low end.

    They have no error, and nothing ever changes them. Read forward, the current of a row's reference cell is
    taken from that of every cell of the row. Read backward, the line is driven with minus the sum of what the
    others are driven with, by a driver that reaches so far, which takes the same from every cell of a row.

    Parameters
    ----------
    conductance
        That of each cell, S.
    rows
        Rows on which it has a cell that takes current when the line is driven.
    """

    def __init__(self, conductance: float, *, rows: int) -> None:
        self.conductance = conductance
        self.rows = rows

    def driven_by(self, d: Floats) -> float:
        """Squared input times conductance of the line, S, when columns are driven with d (batch, columns)."""
        # In double precision: errors of many columns nearly cancel, and what is left is what the line sees.
        driven = np.array([summed(one) for one in d])
        return float(driven @ driven) * self.conductance * self.rows
