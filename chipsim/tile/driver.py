"""Write drivers: they charge the lines of an array for every pulse slot."""

from __future__ import annotations

from typing import Final

import simpy

from chipsim.ledger import Ledger
from chipsim.parts.leakage import Leakage, leaking
from chipsim.parts.part import Part, Port
from chipsim.spec.costs import DriverCost
from chipsim.units import Aj, Nm2

__all__ = ["DriverBank"]

_EXACT: Final = 2**53
"""Up to which whole numbers are exact in double precision."""


class DriverBank(Part):
    """The write drivers of one tile, one a line.

    Parameters
    ----------
    lines
        Rows and columns that have a driver.
    row_cells, column_cells
        Cells along one row and along one column, whether they carry a weight or not.
    cost
        Time, energy and area of one driver.

    Notes
    -----
    A driver charges the whole of its line, as long as the line is; one whose line is not driven stands still
    and takes nothing.
    """

    kind = "driver"
    ports = (Port("in", "data"), Port("out", "analog"))

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        lines: int,
        row_cells: int,
        column_cells: int,
        cost: DriverCost,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self._lines = lines
        self._cost = cost
        self._row = _line_energy(cost, row_cells)
        self._column = _line_energy(cost, column_cells)

    @property
    def area(self) -> Nm2:
        """All drivers."""
        return Nm2(self._lines * self._cost.area)

    @property
    def leakage(self) -> Leakage:
        """All drivers."""
        return leaking(self._cost.leakage, self._lines, of="write drivers")

    @property
    def about(self) -> str:
        """How many lines."""
        return f"{self._lines} write drivers"

    @property
    def line_energies(self) -> tuple[Aj, Aj]:
        """Energy of charging a row, and a column, once."""
        return self._row, self._column

    def energy(self, *, rows: int, columns: int) -> Aj:
        """Energy of charging so many rows and so many columns once."""
        return Aj(rows * self._row + columns * self._column)

    def adds_up_exactly(self, *, rows: int, columns: int) -> bool:
        """Whether that is exact in double precision, as compiled loops have it."""
        return self.energy(rows=rows, columns=columns) <= _EXACT


def _line_energy(cost: DriverCost, cells: int) -> Aj:
    """Energy of charging a line of so many cells once, rounded up to a whole attojoule."""
    if cost.line_cells is None:
        return cost.energy
    # Rounded up once, where lines are described, so that every sum of lines is a whole number of attojoules.
    return Aj(-(-cost.energy * cells // cost.line_cells))
