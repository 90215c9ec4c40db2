"""Write drivers: they charge the lines of an array for every pulse slot."""

from __future__ import annotations

import simpy

from chipsim.ledger import Ledger
from chipsim.parts.part import Part, Port
from chipsim.spec.costs import DriverCost
from chipsim.units import Nm2

__all__ = ["DriverBank"]


class DriverBank(Part):
    """The write drivers of one tile, one a line.

    Parameters
    ----------
    lines
        Rows and columns that have a driver.
    cost
        Time, energy and area of one driver.
    """

    kind = "driver"
    ports = (Port("in", "data"), Port("out", "analog"))

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, lines: int, cost: DriverCost
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self._lines = lines
        self._cost = cost

    @property
    def area(self) -> Nm2:
        """All drivers."""
        return Nm2(self._lines * self._cost.area)

    @property
    def about(self) -> str:
        """How many lines."""
        return f"{self._lines} write drivers"
