"""What every resistive tile shares: arrays that are read from the rows or from the columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

import attrs
import simpy

from chipsim.device.randomness import generator
from chipsim.device.types import Floats, Sums
from chipsim.errors import DivergedError
from chipsim.ledger import Charges, Ledger
from chipsim.losses import Loss
from chipsim.parts.part import Joint, Part, Port, Serving
from chipsim.parts.program import Operation, operation
from chipsim.spec.costs import ConverterCost, CostSet
from chipsim.tile.array import Array
from chipsim.tile.array_tiles import ArrayTiles
from chipsim.tile.converters import AdcBank, DacBank
from chipsim.tile.driver import DriverBank
from chipsim.tile.side import Side
from chipsim.tile.tile import Reading
from chipsim.units import Aj, Nm2, Ps, charge_factor

__all__ = ["ReadTile"]


@attrs.frozen
class _Bank:
    """What drives and what reads one direction, as parts."""

    dac: DacBank
    adc: AdcBank


class ReadTile(Part):
    """Arrays of cells with converters of their own for either direction, and write drivers.

    Parameters
    ----------
    spec
        The tile as described.
    costs
        The cost set.
    shape
        Rows and columns of weights in use.
    arrays
        Names of the arrays, without the tile's.
    cells
        Cells of one weight in each array, on as many lines.
    references
        Lines of cells that weights are compared with, beside those of each array.
    cell_area
        Area of one cell.

    Notes
    -----
    Lines run through the whole tile, in use or not. `unused` says how many cells out of use take current on
    each line in use when it is driven; what drives and reads lines out of use stands still.

    A subclass sets `_backward_operation`, whose columns are the lines that it drives, and, where the tile
    has state, calls `_build_sides`.
    """

    kind = "tile"
    ports = (Port("link", "data"),)
    _backward_operation: Operation
    _blame = "training diverged; lower the learning rate"
    """Why cells may conduct what is no finite number."""

    remembers: ClassVar[tuple[str, ...]] = ("_rows", "_columns")

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: ArrayTiles,
        costs: CostSet,
        shape: tuple[int, int],
        arrays: Sequence[str],
        cells: int,
        references: int,
        cell_area: Nm2,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.spec, self.shape = spec, shape
        self.unused = _unused(spec, shape)
        """Cells out of use, weights wide, on each row and on each column that take current with it."""
        self.input_bits, self.output_bits = spec.forward.dac.bits, spec.forward.adc.bits
        # An error has a sign, which drives a line the other way round, beside the bits of its converter.
        self.error_bits, self.returned_bits = spec.backward.dac.bits + 1, spec.backward.adc.bits
        self.rescales_inputs = spec.forward.scaling == "maximum"
        self.rescales = spec.backward.scaling == "maximum"
        self._costs = costs
        self._forward = self._bank("", driven=spec.rows, read=spec.columns)
        programmed = spec.columns * cells
        lines = programmed + references
        self._backward = self._bank("back-", driven=lines, read=spec.rows)
        self._arrays = tuple(
            Array(env, f"{name}.{array}", ledger=ledger, shape=(spec.rows, lines), cell_area=cell_area)
            for array in arrays
        )
        # A line ends with the tile, or with the last cell in use where the rest is cut off.
        self._driver = DriverBank(
            env, f"{name}.driver", ledger=ledger, lines=spec.rows + programmed * len(arrays),
            row_cells=(shape[1] + self.unused[0]) * cells + references,
            column_cells=shape[0] + self.unused[1], cost=costs.write_driver,
        )  # fmt: skip
        self._read_factor = charge_factor(volts=spec.read_voltage, time=spec.read_time)
        self._rows_of = {
            action: tuple((array.name, action) for array in self._arrays)
            for action in ("forward", "backward")
        }
        self._forward_operation = operation(name, "forward", rows=shape[0], columns=shape[1])

    def _bank(self, side: str, *, driven: int, read: int) -> _Bank:
        passing = self.spec.forward if side == "" else self.spec.backward
        dac, adc = passing.dac, passing.adc
        return _Bank(
            DacBank(
                self.env, f"{self.name}.{side}dac", ledger=self.ledger, spec=dac, lines=driven,
                cost=_of_bits(self._costs.dac, dac.bits),
            ),
            AdcBank(
                self.env, f"{self.name}.{side}adc", ledger=self.ledger, spec=adc, lines=read,
                cost=_of_bits(self._costs.adc, adc.bits), sample_hold=self._costs.sample_hold,
            ),
        )  # fmt: skip

    def _build_sides(
        self,
        seed: int,
        *,
        reads: tuple[list[Callable[[Floats, Floats], None]], list[Callable[[Floats, Floats], None]]],
        sums: tuple[Sums, Sums],
        weight_per_siemens: float,
    ) -> None:
        """The arithmetic of both directions: functions that add currents, and the sums of driven lines."""
        self._rows, self._columns = (
            Side(
                passing,
                reads=adding,
                line_sums=lines,
                weight_per_siemens=weight_per_siemens,
                rngs=(
                    generator(seed, f"{self.name}.{name}"),
                    generator(seed, f"{self.name}.{name}.evaluating"),
                ),
                names=(f"{self.name}.{name.replace('adc', 'dac')}", f"{self.name}.{name}"),
            )
            for name, passing, adding, lines in zip(
                ("adc", "back-adc"), (self.spec.forward, self.spec.backward), reads, sums, strict=True
            )
        )

    def part(self) -> Part:
        """Itself."""
        return self

    def parts_inside(self) -> tuple[Part, ...]:
        """Arrays, converters of both directions, drivers."""
        return (
            *self._arrays,
            self._forward.dac, self._forward.adc, self._backward.dac, self._backward.adc, self._driver,
        )  # fmt: skip

    def joints(self) -> Iterable[Joint]:
        """DACs and drivers feed rows (and columns), ADCs listen on the other side."""
        for array in self._arrays:
            yield Joint(self._forward.dac, "out", array, "rows")
            yield Joint(self._forward.adc, "in", array, "columns")
            yield Joint(self._backward.dac, "out", array, "columns")
            yield Joint(self._backward.adc, "in", array, "rows")
            yield Joint(self._driver, "out", array, "rows")
            yield Joint(self._driver, "out", array, "columns")
        for bank in (self._forward, self._backward):
            yield Joint(self, "link", bank.dac, "in")
            yield Joint(bank.adc, "out", self, "link")
        yield Joint(self, "link", self._driver, "in")

    @property
    def about(self) -> str:
        """What it holds and how much of it is in use."""
        rows, columns = self.shape
        used = f"{rows} x {columns} weights in use" if rows else "idle"
        whole = (self.spec.rows, self.spec.columns)
        rest = f", rest {self.spec.unused_lines}" if rows and self.shape != whole else ""
        return f"{used} of {whole[0]} x {whole[1]}{rest}"

    # --- numbers ---------------------------------------------------------------------------------

    @property
    def evaluating(self) -> bool:
        """Whether the network is only tested; converters then draw noise from generators of their own."""
        return self._rows.evaluating

    @evaluating.setter
    def evaluating(self, value: bool) -> None:
        self._rows.evaluating = self._columns.evaluating = value

    def input_words(self, x: Floats) -> Floats:
        """Inputs x (batch, rows) as words of `input_bits` say them, with one factor a sample where scaled."""
        return self._rows.words(x)

    def error_words(self, d: Floats) -> Floats:
        """Errors d (batch, columns) as words of `error_bits` say them, likewise."""
        return self._columns.words(d)

    def forward(self, x: Floats) -> Reading:
        """Drive the rows with x (batch, rows) and read the columns (batch, columns).

        Raises
        ------
        DivergedError
            When inputs are no finite numbers.
        """
        values, conductance = self._rows.run(x, self.shape[1])
        return Reading(values, self._forward_operation, self._read_charges("forward", conductance))

    def backward(self, d: Floats) -> Reading:
        """Drive the columns with d (batch, columns) and read the rows (batch, rows).

        Raises
        ------
        DivergedError
            When errors are no finite numbers.
        """
        values, conductance = self._columns.run(d, self.shape[0])
        return Reading(values, self._backward_operation, self._read_charges("backward", conductance))

    def _lost_in_reading(self) -> list[Loss]:
        """What the converters of both directions lost since this was asked last."""
        return [*self._rows.lost(), *self._columns.lost()]

    def _read_charges(self, action: str, conductance: Sums) -> tuple[Charges, ...]:
        factor = self._read_factor
        energies = [factor * siemens for siemens in conductance.tolist()]
        if not all(map(math.isfinite, energies)):
            side = self._rows if action == "forward" else self._columns
            raise DivergedError(self._what_diverged(action, conducts=side.conducts))
        return (Charges(self._rows_of[action], [round(energy) for energy in energies]),)

    def _what_diverged(self, action: str, *, conducts: bool) -> str:
        """What is no finite number, and what is to blame for it."""
        if conducts:
            return (
                f"{self.name}: what the {action} pass drives it with is no finite number: training diverged; "
                "lower the learning rate"
            )
        return f"{self.name}: its cells conduct no finite number: {self._blame}"

    # --- events ----------------------------------------------------------------------------------

    def _read(self, op: Operation) -> Serving:
        """Hold the arrays while lines are driven and currents settle; free them once they are sampled.

        The arrays stay held until the ADCs can take the sample, since there is one sample-and-hold a
        line; from then on the next sample may be driven while this one is converted.
        """
        forward = op.action == "forward"
        bank = self._forward if forward else self._backward
        driven, read = (op["rows"], op["columns"]) if forward else (op["columns"], op["rows"])
        with self.server.request() as claim:
            yield claim
            start = self.now
            yield from bank.dac.convert(op.action, driven)
            yield self.env.timeout(self.spec.read_time)
            self._occupied(op.action, self._arrays, start)
            adcs = bank.adc.server.request()
            yield adcs
            start = self.now
            yield self.env.timeout(bank.adc.sampling)
        yield from bank.adc.convert_sampled(op.action, read, start=start)
        bank.adc.server.release(adcs)

    def _occupied(self, action: str, arrays: Iterable[Part], start: Ps) -> None:
        for array in arrays:
            self.ledger.charge(array.name, action, busy=Ps(self.now - start), start=start)

    def _verify(self, action: str, count: int, *, columns: int) -> Serving:
        """Read one row after another through the forward converters, on arrays that are held already.

        Parameters
        ----------
        action
            What it is charged as.
        count
            Readings, of a row or a part of one each.
        columns
            Columns that are converted of each.
        """
        dac, adc = self._forward.dac, self._forward.adc
        with adc.server.request() as claim:
            yield claim
            start = self.now
            yield self.env.timeout(count * (dac.time(1) + self.spec.read_time + adc.time(columns)))
            for bank, lines in ((dac, 1), (adc, columns)):
                busy, energy = Ps(count * bank.time(lines)), Aj(count * bank.energy(lines))
                self.ledger.charge(
                    bank.name, action, busy=busy, energy=energy, count=count * lines, start=start
                )
            self._occupied(action, self._arrays, start)


def _unused(spec: ArrayTiles, shape: tuple[int, int]) -> tuple[int, int]:
    """Cells on each row and on each column beyond those in use; none where lines end with them."""
    if spec.unused_lines == "cut-off":
        return 0, 0
    rows, columns = shape
    return spec.columns - columns, spec.rows - rows


def _of_bits(table: tuple[ConverterCost, ...], bits: int) -> ConverterCost:
    """The converter of a resolution; that it is there was checked with the description."""
    return next(cost for cost in table if cost.bits == bits)
