"""One array of a tile, as hardware."""

from __future__ import annotations

import simpy

from chipsim.ledger import Ledger
from chipsim.parts.leakage import NO_LEAKAGE, Leakage
from chipsim.parts.part import Part, Port
from chipsim.units import Nm2

__all__ = ["Array"]


class Array(Part):
    """One crossbar of cells; the tile decides when it is read or pulsed.

    Parameters
    ----------
    shape
        Rows and columns that it has, in use or not.
    cell_area
        Area of one cell.
    """

    kind = "array"
    ports = (Port("rows", "analog"), Port("columns", "analog"))

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, shape: tuple[int, int], cell_area: Nm2
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self._shape = shape
        self._cell_area = cell_area

    @property
    def area(self) -> Nm2:
        """All cells."""
        return Nm2(self._shape[0] * self._shape[1] * self._cell_area)

    @property
    def leakage(self) -> Leakage:
        """None: cells have no supply, and take current only while lines are driven."""
        return NO_LEAKAGE

    @property
    def about(self) -> str:
        """Rows by columns."""
        return f"{self._shape[0]} x {self._shape[1]} cells"
