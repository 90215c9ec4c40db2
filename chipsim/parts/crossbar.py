"""The resistive tile: arrays of cells with their converters and write drivers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs
import numpy as np
import simpy
from numpy.typing import NDArray

from chipsim.device.encoding import Encoder, Pulses
from chipsim.device.randomness import generator
from chipsim.device.types import Floats, Sums
from chipsim.ledger import Charges, Ledger
from chipsim.parts.array import Array, pair_gains, pairs_of
from chipsim.parts.converters import AdcBank, DacBank
from chipsim.parts.driver import DriverBank
from chipsim.parts.part import Joint, Part, Port, Serving
from chipsim.parts.program import Kept, Operation, operation
from chipsim.parts.side import Side
from chipsim.parts.tile import Change, Reading, TileWear
from chipsim.spec.chip import (
    CrossbarTileSpec,
    DeviceSpec,
    HybridSpec,
    LinearStepSpec,
    SinglePairSpec,
    UpdateSpec,
)
from chipsim.spec.costs import ConverterCost, CostSet
from chipsim.units import Aj, Ps, charge_factor

__all__ = ["CrossbarTile"]


@attrs.frozen
class _Bank:
    """What drives and what reads one direction, as parts."""

    dac: DacBank
    adc: AdcBank


class CrossbarTile(Part):
    """A block of weights in resistive cells, read in both directions and updated in place.

    Parameters
    ----------
    spec, synapse, device, update
        The tile as described.
    costs
        The cost set.
    shape
        Rows and columns in use.
    seed
        The run's seed; None builds a tile without state, for timing only.
    """

    kind = "tile"
    ports = (Port("link", "data"),)

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: CrossbarTileSpec,
        synapse: SinglePairSpec | HybridSpec,
        device: DeviceSpec,
        update: UpdateSpec,
        costs: CostSet,
        shape: tuple[int, int],
        seed: int | None,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.spec, self.shape = spec, shape
        self._device, self._update, self._costs = device, update, costs
        gains = pair_gains(synapse)
        self.pairs = tuple(gains)
        self.input_bits, self.output_bits = spec.forward.dac.bits, spec.forward.adc.bits
        self.error_bits, self.returned_bits = spec.backward.dac.bits, spec.backward.adc.bits
        self.count_bits = 0 if update.kind == "parallel-pulses" else update.slots.bit_length() + 1
        self.rescales_inputs = spec.forward.scaling == "maximum"
        self.rescales = spec.backward.scaling == "maximum"
        self._weight_range = synapse.weight_range
        self._build_parts()
        self._build_operations()
        if seed is not None:
            self._build_state(synapse, seed)

    def _build_parts(self) -> None:
        def bank(side: str, *, driven: int, read: int) -> _Bank:
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

        rows, columns = self.spec.rows, self.spec.columns
        self._forward = bank("", driven=rows, read=columns)
        self._backward = bank("back-", driven=columns, read=rows)
        self._arrays = tuple(
            Array(
                self.env, f"{self.name}.{pair}{sign}", ledger=self.ledger, shape=(rows, columns),
                cell_area=self._device.area,
            )
            for pair in self.pairs for sign in "+-"
        )  # fmt: skip
        self._driver = DriverBank(
            self.env,
            f"{self.name}.driver",
            ledger=self.ledger,
            lines=rows + columns * len(self._arrays),
            cost=self._costs.write_driver,
        )

    def _build_operations(self) -> None:
        self._forward_operation = operation(self.name, "forward", rows=self.shape[0], columns=self.shape[1])
        self._backward_operation = operation(self.name, "backward", rows=self.shape[0], columns=self.shape[1])
        self._operations = Kept[tuple[str, int, int, int], Operation](4_096)
        self._read_factor = charge_factor(volts=self.spec.read_voltage, time=self.spec.read_time)
        self._pulse_factor = charge_factor(volts=self._device.pulse_voltage, time=self._device.pulse_width)
        self._rows_of = {
            action: tuple((array.name, action) for array in self._arrays)
            for action in ("forward", "backward", "recentre")
        }

    def _build_state(self, synapse: SinglePairSpec | HybridSpec, seed: int) -> None:
        rows, columns = self.shape
        sums = np.zeros((len(self._arrays), rows)), np.zeros((len(self._arrays), columns))
        self._row_sums = sums[0]
        self._pairs = pairs_of(self.name, synapse, self._device, shape=self.shape, seed=seed, sums=sums)
        span = self._device.on_conductance - self._device.off_conductance
        self._weight_per_siemens = synapse.weight_range / span
        self._encoder = Encoder(self.shape, spec=self._update, rng=generator(seed, f"{self.name}.driver"))

        def side(
            name: str, passing: object, reads: list[Callable[[Floats, Floats], None]], lines: Sums
        ) -> Side:
            return Side(
                passing,  # type: ignore[arg-type]
                reads=reads,
                line_sums=lines,
                weight_per_siemens=self._weight_per_siemens,
                rngs=(
                    generator(seed, f"{self.name}.{name}"),
                    generator(seed, f"{self.name}.{name}.evaluating"),
                ),
            )

        self._rows = side("adc", self.spec.forward, [pair.read for pair in self._pairs], sums[0])
        self._columns = side(
            "back-adc", self.spec.backward, [pair.read_back for pair in self._pairs], sums[1]
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
        return f"{used} of {self.spec.rows} x {self.spec.columns}"

    # --- numbers ---------------------------------------------------------------------------------

    @property
    def evaluating(self) -> bool:
        """Whether the network is only tested; converters then draw noise from generators of their own."""
        return self._rows.evaluating

    @evaluating.setter
    def evaluating(self, value: bool) -> None:
        self._rows.evaluating = self._columns.evaluating = value

    def forward(self, x: Floats) -> Reading:
        """Drive the rows with x (batch, rows) and read the columns (batch, columns)."""
        values, conductance = self._rows.run(x, self.shape[1])
        return Reading(values, self._forward_operation, self._read_charges("forward", conductance))

    def backward(self, d: Floats) -> Reading:
        """Drive the columns with d (batch, columns) and read the rows (batch, rows)."""
        values, conductance = self._columns.run(d, self.shape[0])
        return Reading(values, self._backward_operation, self._read_charges("backward", conductance))

    def _read_charges(self, action: str, conductance: Sums) -> tuple[Charges, ...]:
        factor = self._read_factor
        energies = [round(factor * siemens) for siemens in conductance.tolist()]
        return (Charges(self._rows_of[action], energies),)

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,)."""
        target = self._pairs[pair]
        step = target.device.step * self._weight_per_siemens
        pulses = self._encoder.encode(x, d, scale=rate / step)
        return self._apply("update", pulses, pair=pair)

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns) to the first pair, row by row, in whole pulses."""
        step = self._pairs[0].device.step * self._weight_per_siemens
        most = round(self._weight_range / step)
        counts = np.clip(np.rint(weights / step), -most, most).astype(np.int32)
        return self._apply("initialise", self._encoder.encode_counts(counts), pair=0)

    def recentre(self, *, pair: int) -> Change | None:
        """Reset pairs that ran out of range, row by row, and pulse them back to their difference."""
        if self._update.recentre is None or not isinstance(self._device, LinearStepSpec):
            return None
        target = self._pairs[pair]
        rows, columns = target.saturated(headroom=self._update.recentre.headroom)
        if not rows.size:
            return None
        visited = np.unique(rows)
        read = self._read_charges("recentre", self._row_sums[:, visited].sum(axis=1))
        reset, hits = target.reset(rows, columns)
        change = self._apply("recentre", self._encoder.row_by_row(*hits), pair=pair)
        factor = charge_factor(volts=self._device.reset_voltage, time=self._device.reset_width)
        names = ((name, "recentre") for name in target.names)
        energies = [round(factor * (selected + 0.25 * half)) for selected, half in reset]
        # A reset drives the row of both arrays once, and the column of each cell.
        lines = 2 * (visited.size + rows.size)
        driving = (self._driver.name, "recentre")
        resets = Charges((*names, driving), [*energies, lines * self._costs.write_driver.energy])
        counts = dict(change.operation.counts) | {"resets": visited.size}
        return Change(operation(self.name, "recentre", **counts), (*read, *change.charges, resets))

    def _apply(self, action: str, pulses: Pulses, *, pair: int) -> Change:
        plus, minus = self._pairs[pair].pulse(pulses, update=action == "update")
        op = self._change_operation(action, pulses.slots, pulses.visits, pair)
        factor = self._pulse_factor
        energies = (
            round(factor * (plus.selected + 0.25 * plus.half_selected)),
            round(factor * (minus.selected + 0.25 * minus.half_selected)),
            pulses.line_slots * self._costs.write_driver.energy,
        )
        rows = ((plus.array, action), (minus.array, action), (self._driver.name, action))
        return Change(op, (Charges(rows, energies, (plus.pulses, minus.pulses, 0)),))

    def _change_operation(self, action: str, slots: int, visits: int, pair: int) -> Operation:
        """The operation of a change of cells; those of parallel updates are few and kept."""
        key = (action, slots, visits, pair)
        op = self._operations.get(key)
        if op is None:
            op = operation(self.name, action, slots=slots, visits=visits, pair=pair)
            self._operations[key] = op
        return op

    def typical(self, action: str, *, pair: int = 0) -> Operation:
        """The operation of a sample that nobody computed: a serial update visits each row or cell once."""
        passes = {"forward": self._forward_operation, "backward": self._backward_operation}
        if action in passes:
            return passes[action]
        assert action == "update", action
        visits = {"parallel-pulses": 1, "row-by-row": self.shape[0]}.get(
            self._update.kind, self.shape[0] * self.shape[1]
        )
        slots = self._update.slots if self._update.kind == "parallel-pulses" else visits
        return operation(self.name, action, slots=slots, visits=visits, pair=pair)

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        total = np.zeros(self.shape)
        for pair in self._pairs:
            total += pair.difference()
        return total * self._weight_per_siemens

    def wear(self) -> tuple[TileWear, ...]:
        """What each array has been through."""
        return tuple(
            TileWear(name, cells.pulses, cells.resets, updates)
            for pair in self._pairs
            for name, cells, updates in zip(pair.names, pair.cells, pair.updates, strict=True)
        )

    # --- events ----------------------------------------------------------------------------------

    def actions(self) -> dict[str, Callable[[Operation], Serving]]:
        """Reading in two directions, pulsing, and bringing pairs back into range."""
        return {
            "forward": self._read,
            "backward": self._read,
            "update": self._pulse,
            "initialise": self._pulse,
            "recentre": self._recentre,
        }

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

    def _pulse(self, op: Operation) -> Serving:
        """Hold the arrays for the pulse slots, one after another."""
        with self.server.request() as claim:
            yield claim
            yield from self._slots(op)

    def _slots(self, op: Operation) -> Serving:
        pair = self._arrays[2 * op["pair"] : 2 * op["pair"] + 2]
        start = self.now
        slot = self._device.pulse_width + self._costs.write_driver.time
        time = Ps(op["slots"] * slot + op["resets"] * self._reset_slot)
        yield from self._driver.hold(op.action, time, count=op["visits"] + op["resets"])
        self._occupied(op.action, pair, start)

    @property
    def _reset_slot(self) -> int:
        width = self._device.reset_width if isinstance(self._device, LinearStepSpec) else 0
        return width + self._costs.write_driver.time

    def _recentre(self, op: Operation) -> Serving:
        """Read each row that holds a saturated pair, reset its cells in one pulse, then pulse them back."""
        with self.server.request() as claim:
            yield claim
            yield from self._verify(op.action, op["resets"])
            yield from self._slots(op)

    def _verify(self, action: str, rows: int) -> Serving:
        """Read rows one after another through the column converters, on arrays that are held already."""
        dac, adc = self._forward.dac, self._forward.adc
        columns = self.shape[1]
        with adc.server.request() as claim:
            yield claim
            start = self.now
            yield self.env.timeout(rows * (dac.time(1) + self.spec.read_time + adc.time(columns)))
            for bank, lines in ((dac, 1), (adc, columns)):
                self.ledger.charge(
                    bank.name, action, busy=Ps(rows * bank.time(lines)), energy=Aj(rows * bank.energy(lines)),
                    count=rows * lines, start=start,
                )  # fmt: skip
            self._occupied(action, self._arrays, start)


def _of_bits(table: tuple[ConverterCost, ...], bits: int) -> ConverterCost:
    """The converter of a resolution; that it is there was checked with the description."""
    return next(cost for cost in table if cost.bits == bits)
