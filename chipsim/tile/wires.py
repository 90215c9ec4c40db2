"""The wires of a tile's arrays, as described."""

from __future__ import annotations

import attrs

from chipsim.spec.fields import at_least
from chipsim.synapse.wired import Resistances
from chipsim.units import RESISTANCE, Ohms, show

__all__ = ["Lines", "Wires"]


@attrs.frozen(kw_only=True)
class Lines:
    """Lines of one sort on an array whose cells are all alike."""

    cells: int
    """Cells in use on each."""
    beyond: int
    """Cells out of use behind them that take current with them."""
    each: float
    """What a cell in use conducts, S."""
    low: float
    """What one out of use conducts, S."""

    def left(self, ohm: float, *, end: float) -> float:
        """Share of the voltage that the last cell in use sees, of lines that are crossed by ideal ones.

        Parameters
        ----------
        ohm
            Wire between neighbours.
        end
            Resistance before the first wire, Ohm.
        """
        siemens, share = 0.0, 1.0
        for _ in range(self.beyond):
            siemens = self.low + siemens / (1 + ohm * siemens)
        for place in range(self.cells):
            siemens = self.each + siemens / (1 + ohm * siemens)
            share /= 1 + (ohm + (end if place == self.cells - 1 else 0)) * siemens
        return share


@attrs.frozen(kw_only=True)
class Wires:
    """Resistance of the wires of a tile's arrays, by which cells far away see less than the read voltage.

    Reads see it, in both directions; pulses do not.
    """

    row_resistance: Ohms = attrs.field(validator=at_least(0))
    """Of a row, from one cell to the next, and from its end to the first."""
    column_resistance: Ohms = attrs.field(validator=at_least(0))
    """Of a column, likewise."""
    end_resistance: Ohms = attrs.field(default=Ohms(0.0), validator=at_least(0))
    """Of what drives or holds the end of a line, beside its wire: switches, drivers, inputs of converters."""

    @property
    def resistances(self) -> Resistances:
        """As numbers."""
        return Resistances(row=self.row_resistance, column=self.column_resistance, end=self.end_resistance)

    def farthest(self, row: Lines, column: Lines) -> float:
        """Share of the read voltage that the cell sees which is farthest from the ends of both its lines.

        Parameters
        ----------
        row, column
            The lines.

        Examples
        --------
        Two cells of 1 kOhm, each on a column of its own, behind wires of 100 Ohm:

        >>> wires = Wires(row_resistance=100.0, column_resistance=0.0)
        >>> row = Lines(cells=2, beyond=0, each=1e-3, low=0.0)
        >>> column = Lines(cells=1, beyond=0, each=1e-3, low=0.0)
        >>> round(wires.farthest(row, column), 4)
        0.7634
        """
        across = row.left(self.row_resistance, end=self.end_resistance)
        along = column.left(self.column_resistance, end=self.end_resistance)
        return 1 / (1 / across + 1 / along - 1)

    @property
    def words(self) -> str:
        """What it says, in a sentence."""
        row, column, end = (
            show(ohm, RESISTANCE)
            for ohm in (self.row_resistance, self.column_resistance, self.end_resistance)
        )
        ends = f", and {end} at the end of each" if self.end_resistance else ""
        return f"Wires: {row} from cell to cell along rows, {column} along columns{ends}; reads see it."
