"""Reading a tile's cells through wires that have a resistance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import attrs
import numpy as np

from chipsim.device.energy import summed
from chipsim.device.listed import Listed, as_floats, as_sums, as_tally
from chipsim.device.reading_many import read_columns, read_rows
from chipsim.device.table import Table
from chipsim.device.types import Floats, Sums
from chipsim.device.wires import couple
from chipsim.device.wires_reading import weak, weak_against
from chipsim.device.wires_renewing import renew, take
from chipsim.errors import ChipsimError
from chipsim.synapse.carrier import Carrier
from chipsim.synapse.compiled_wires import AGAINST, BOTH, DIFFERENCE, SKIPPED
from chipsim.synapse.crossed import Crossed

__all__ = ["Resistances", "Way", "Wired"]

_TOLERANCE: Final = 0.01
"""Share of the voltage by which what a cell sees in training may be off, for what was pulsed meanwhile."""


@attrs.frozen(kw_only=True)
class Resistances:
    """Of the wires of an array, Ohm."""

    row: float
    """Of a row, from one cell to the next, and before the first."""
    column: float
    """Of a column, likewise."""
    end: float
    """Of what drives or holds the end of either."""


class _Attenuation:
    """How much of each cell its wires leave, and of what conductances that was worked out.

    Parameters
    ----------
    arrays
        The arrays.
    tolerance
        Share of the voltage that may be off before it is worked out anew.
    """

    remembers: ClassVar[tuple[str, ...]] = (
        "factors",
        "of_rows",
        "of_columns",
        "beside",
        "less",
        "rows_then",
        "columns_then",
        "rows",
        "columns",
        "coupling",
    )

    def __init__(self, arrays: Sequence[Crossed], *, tolerance: float) -> None:
        rows, lines = arrays[0].conductance.shape
        count = len(arrays)
        self.tolerance = tolerance
        self.factors: list[Floats] = [np.ones((rows, lines), np.float32) for _ in arrays]
        self.of_rows: list[Floats] = [np.ones((rows, lines), np.float32) for _ in arrays]
        self.of_columns: list[Floats] = [np.ones((rows, lines), np.float32) for _ in arrays]
        self.beside: Sums = np.zeros((count, rows + 1))
        self.less: Sums = np.zeros((count, 2, rows))
        self.coupling: Sums = np.zeros((2, count))
        self.rows: Sums = np.ones((count, rows))
        self.columns: Sums = np.ones((count, lines))
        self.rows_then: Sums = np.empty((count, rows))
        self.columns_then: Sums = np.empty((count, lines))
        self.forget()

    def forget(self) -> None:
        """Be worked out anew at the next read."""
        self.rows_then[:] = self.columns_then[:] = -1


class Wired:
    """The cells of a tile as a read sees them between wires of some resistance.

    Parameters
    ----------
    carrier
        The cells.
    ohm
        The wires.
    before
        Cells out of use on each row between its driver and those in use.

    Raises
    ------
    ChipsimError
        When the synapse does not tell what its cells conduct.

    Notes
    -----
    In training what cells see is worked out anew when the conductance of a line has changed so much that the
    voltage at its end would be off by a hundredth; a test works it out once more for itself.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_training",)

    def __init__(self, carrier: Carrier, ohm: Resistances, *, before: int = 0) -> None:
        arrays = carrier.crossed()
        if arrays is None:
            raise ChipsimError(
                f"{type(carrier).__name__}: does not tell what each cell conducts, so nothing can be said of "
                "its wires; leave tile.wires out, or give it a method crossed()"
            )
        self._carrier, self._arrays = carrier, arrays
        rows, lines = arrays[0].conductance.shape
        self._cells_each = each = lines // carrier.column_sums.shape[1]
        self._is_against = len(arrays) == 1 and each == 1
        self._training = _Attenuation(arrays, tolerance=_TOLERANCE)
        self._testing = _Attenuation(arrays, tolerance=0.0)
        self._now = self._training
        self._numbers: Sums = np.array([_numbers(one, ohm, before=before * each) for one in arrays])
        self._reach: Sums = np.array([_reach(one, ohm) for one in arrays])
        self.row_sums: Sums = np.zeros((len(arrays), rows))
        """Conductance of each row of each array that a driver sees through its wires (arrays, rows), S."""
        self.column_sums: Sums = np.zeros((len(arrays), lines // each))
        """The same of the columns of each array (arrays, columns), S."""
        self.ways = Way(self, back=False), Way(self, back=True)
        """Reading from the rows, and from the columns."""

    def renew(self, *, testing: bool = False) -> None:
        """Before a read: work out what wires leave of the cells, unless it is known well enough.

        Parameters
        ----------
        testing
            Whether it is a test that reads, which works it out for itself.
        """
        if testing and self._now is self._training:
            # Cells whose lines conduct what they did may have changed all the same.
            self._testing.forget()
        self._now = now = self._testing if testing else self._training
        for at, one in enumerate(self._arrays):
            renew(
                one.conductance, self._numbers[at], (one.row_sum, one.column_sum),
                (now.rows_then[at], now.columns_then[at]), (now.rows[at], now.columns[at]),
                self._reach[at], now.tolerance, (now.factors[at], now.of_rows[at], now.of_columns[at]),
                now.beside[at], now.less[at], (now.coupling[0, at : at + 1], now.coupling[1, at : at + 1]),
            )  # fmt: skip
            take(one.row_sum, now.rows[at], self.row_sums[at])
            self._take_columns(at, one.column_sum * now.columns[at])

    def _take_columns(self, at: int, lines: Sums) -> None:
        # A weight on several lines drives all of them.
        np.sum(lines.reshape(-1, self._cells_each), axis=1, out=self.column_sums[at])

    @property
    def coupling(self) -> Sums:
        """What rows, and columns, of each array take from one another (2, arrays), 1/S."""
        return self._now.coupling

    def factors(self) -> Sequence[Floats]:
        """What is left of each cell of each array (rows, lines), as it was worked out last."""
        return self._now.factors

    # --- reading ---------------------------------------------------------------------------------

    def read(self, x: Floats, out: Floats) -> None:
        """Add the currents of driven rows (batch, rows) to `out` (batch, columns)."""
        for difference in self._differences():
            read_rows(x, difference, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """Add the currents of driven columns (batch, columns) to `out` (batch, rows)."""
        for difference in self._differences():
            read_columns(d, difference, out)
        beside = float(self._now.beside[0, -1])
        if beside:
            driven = np.array([summed(one) for one in d])
            self._carrier.reference_siemens = float(driven @ driven) * beside

    def _differences(self) -> Iterator[Floats]:
        """What each part of the weights reads as (rows, columns), S."""
        factors, arrays = self._now.factors, self._arrays
        if self._cells_each > 1:
            (cells,) = arrays
            left = cells.conductance * factors[0]
            yield left[:, 0::2] - left[:, 1::2]
            return
        out = np.empty_like(arrays[0].conductance)
        if self._is_against:
            weak_against(arrays[0].conductance, factors[0], self._now.beside[0, :-1], out)
            yield out
            return
        for plus in range(0, len(arrays), 2):
            minus = plus + 1
            weak(arrays[plus].conductance, factors[plus], arrays[minus].conductance, factors[minus], out)
            yield out

    # --- in compiled loops -----------------------------------------------------------------------

    def listed(self, table: Table, *, pulsed: int | None) -> int:
        """Add the cells and their wires to a table for loops that read by them, as they do in training.

        Parameters
        ----------
        table
            Where to.
        pulsed
            The pair that these loops pulse; None where they only read.
        """
        each = 1 if self._is_against else 2
        arrays: list[Listed] = []
        reads: list[int] = []
        for first in range(0, len(self._arrays), each):
            part = range(first, first + each)
            reads.append(self._read_as(part, is_pulsed=first // each == pulsed))
            arrays += self._listed_part(part, subtracted=reads[-1] == DIFFERENCE)
        now, carrier = self._training, self._carrier
        return table.add(
            as_tally(np.array(reads, np.int64)), as_sums(self._numbers), as_sums(self._reach),
            as_sums(np.array([now.tolerance])), as_sums(carrier.row_sums), as_sums(carrier.column_sums),
            as_sums(now.rows_then), as_sums(now.columns_then), as_sums(now.rows), as_sums(now.columns),
            as_sums(self.row_sums), as_sums(self.column_sums), as_sums(now.beside), as_sums(now.coupling),
            as_sums(now.less.reshape(-1, now.less.shape[-1])), *arrays,
        )  # fmt: skip

    def _read_as(self, part: Sequence[int], *, is_pulsed: bool) -> int:
        if self._is_against:
            return AGAINST
        # Of two arrays alone, cells and their references, a loop that only reads changes neither.
        if is_pulsed or len(self._arrays) == len(part):
            return BOTH
        plus, minus = (self._arrays[at].conductance for at in part)
        return SKIPPED if np.array_equal(plus, minus) else DIFFERENCE

    def _listed_part(self, part: Sequence[int], *, subtracted: bool) -> list[Listed]:
        """Conductance, factors, room for the difference, and shares, of each array of a part of a weight."""
        factors, listed = self._training.factors, list[Listed]()
        shape = self._arrays[0].conductance.shape
        difference: Floats = np.empty(shape if subtracted else (1, 1), np.float32)
        if subtracted:
            plus, minus = part
            one, other = self._arrays[plus].conductance, self._arrays[minus].conductance
            weak(one, factors[plus], other, factors[minus], difference)
        for at in part:
            listed.append(as_floats(self._arrays[at].conductance, *shape))
            listed.append(as_floats(factors[at], *shape))
            listed.append(as_floats(difference))
            listed.append(as_floats(self._training.of_rows[at], *shape))
            listed.append(as_floats(self._training.of_columns[at], *shape))
        return listed


class Way:
    """One direction of reading a tile through its wires.

    Parameters
    ----------
    wired
        The cells.
    back
        Whether columns are driven.
    """

    def __init__(self, wired: Wired, *, back: bool) -> None:
        self._wired, self._back = wired, back
        self.line_sums = wired.column_sums if back else wired.row_sums
        """Conductance of each driven line of each array by itself (arrays, lines), S."""
        self.read = wired.read_back if back else wired.read

    def renew(self, testing: bool) -> None:  # noqa: FBT001 - as a side of the tile calls it
        """Before a read, in a test or in training."""
        self._wired.renew(testing=testing)

    def couple(self, driven: Floats, conductance: Sums) -> None:
        """Take from what driven lines (batch, lines) conduct what they take from one another (arrays,)."""
        couple(driven, self.line_sums, self._wired.coupling[int(self._back)], conductance)


def _numbers(one: Crossed, ohm: Resistances, *, before: int) -> list[float]:
    """As :data:`chipsim.device.wires.NUMBERS` names them."""
    across = one.across - before
    return [ohm.row, ohm.column, ohm.end, before, across, one.along, one.low, one.reference]


def _reach(one: Crossed, ohm: Resistances) -> list[float]:
    """Resistance of a row, and of a line, up to the middle of all cells: a sum is thought to be there."""
    rows, lines = one.conductance.shape
    in_row, in_column = lines + one.across, rows + one.along
    return [ohm.end + ohm.row * (in_row + 1) / 2, ohm.end + ohm.column * (in_column + 1) / 2]
