"""The resistive tile: arrays of cells with their converters and write drivers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import simpy
from numpy.typing import NDArray

from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Pulses
from chipsim.device.randomness import generator
from chipsim.device.types import Floats
from chipsim.ledger import Charges, Ledger
from chipsim.losses import Loss
from chipsim.parts.part import Action, Serving
from chipsim.parts.program import Kept, Operation, operation
from chipsim.spec.costs import CostSet
from chipsim.synapse.synapse import PulsedSynapse
from chipsim.tile.array_tiles import ArrayTiles
from chipsim.tile.read_tile import ReadTile
from chipsim.tile.tile import Change, TileWear
from chipsim.units import Ps, charge_factor
from chipsim.update.update import PulsedUpdate

__all__ = ["PulsedArrayTile"]


class PulsedArrayTile(ReadTile):
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

    remembers: ClassVar[tuple[str, ...]] = (*ReadTile.remembers, "_pairs", "_encoder", "_initial")

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: ArrayTiles,
        synapse: PulsedSynapse,
        device: PulsedDevice,
        update: PulsedUpdate,
        costs: CostSet,
        shape: tuple[int, int],
        seed: int | None,
    ) -> None:
        gains = synapse.gains
        arrays = [f"{pair}{sign}" for pair in gains for sign in "+-"]
        super().__init__(
            env, name, ledger=ledger, spec=spec, costs=costs, shape=shape, arrays=arrays, cells=1,
            references=0, cell_area=device.area,
        )  # fmt: skip
        self._device, self._update = device, update
        self.pairs = tuple(gains)
        self.count_bits = update.count_bits
        self.rounds_at_random = update.encoding == "stochastic"
        self._weight_range = synapse.weight_range
        self._build_operations()
        if seed is not None:
            self._build_state(synapse, seed)

    def _build_operations(self) -> None:
        self._backward_operation = operation(self.name, "backward", rows=self.shape[0], columns=self.shape[1])
        self._operations = Kept[tuple[str, int, int, int], Operation](4_096)
        self._rows_of["recentre"] = tuple((array.name, "recentre") for array in self._arrays)
        self._pulse_factor = charge_factor(volts=self._device.pulse_voltage, time=self._device.pulse_width)

    def _build_state(self, synapse: PulsedSynapse, seed: int) -> None:
        rows, columns = self.shape
        sums = np.zeros((len(self._arrays), rows)), np.zeros((len(self._arrays), columns))
        self._row_sums = sums[0]
        self._pairs = synapse.pairs(
            self.name, self._device, shape=self.shape, seed=seed, sums=sums, unused=self.unused
        )
        self._initial: list[tuple[int, int]] = []
        span = self._device.on_conductance - self._device.off_conductance
        self._weight_per_siemens = synapse.weight_range / span
        driver = f"{self.name}.driver"
        self._encoder = self._update.encoder(self.shape, rng=generator(seed, driver), name=driver)
        self._build_sides(
            seed,
            reads=([pair.read for pair in self._pairs], [pair.read_back for pair in self._pairs]),
            sums=sums,
            weight_per_siemens=self._weight_per_siemens,
        )

    # --- numbers ---------------------------------------------------------------------------------

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,).

        Both come as the words that the converters are driven by, and say no more than these do.
        """
        target = self._pairs[pair]
        step = target.step * self._weight_per_siemens
        x_words, d_words = self.input_words(x[np.newaxis]), self.error_words(d[np.newaxis])
        pulses = self._encoder.encode(x_words[0], d_words[0], scale=rate / step)
        return self._apply("update", pulses, pair=pair)

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns) to the first pair, row by row, in whole pulses."""
        step = self._pairs[0].step * self._weight_per_siemens
        most = round(self._weight_range / step)
        wanted = np.rint(weights / step)
        counts = np.clip(wanted, -most, most).astype(np.int32)
        clipped = int(np.count_nonzero(np.abs(wanted) > most))
        zeros, nothing = int(np.count_nonzero(weights == 0)), int(np.count_nonzero(wanted == 0))
        self._initial = [(clipped, weights.size), (nothing - zeros, weights.size - zeros)]
        return self._apply("initialise", self._encoder.encode_counts(counts), pair=0)

    def recentre(self, *, pair: int) -> Change | None:
        """Reset pairs that ran out of range, row by row, and pulse them back to their difference."""
        strong = self._device.reset_pulse
        if self._update.recentre is None or strong is None:
            return None
        target = self._pairs[pair]
        rows, columns = target.saturated(headroom=self._update.recentre.headroom)
        if not rows.size:
            return None
        visited = np.unique(rows)
        read = self._read_charges("recentre", self._row_sums[:, visited].sum(axis=1))
        reset, hits = target.reset(rows, columns)
        change = self._apply("recentre", self._encoder.row_by_row(*hits), pair=pair)
        factor = charge_factor(volts=strong.voltage, time=strong.width)
        names = ((name, "recentre") for name in target.names)
        energies = [round(factor * (selected + 0.25 * half)) for selected, half in reset]
        # A reset drives the row of both arrays once, and the column of each cell.
        lines = self._driver.energy(rows=2 * visited.size, columns=2 * rows.size)
        driving = (self._driver.name, "recentre")
        resets = Charges((*names, driving), [*energies, lines])
        counts = dict(change.operation.counts) | {"resets": visited.size}
        return Change(operation(self.name, "recentre", **counts), (*read, *change.charges, resets))

    def _apply(self, action: str, pulses: Pulses, *, pair: int) -> Change:
        plus, minus = self._pairs[pair].pulse(pulses, update=action == "update")
        op = self._change_operation(action, pulses.slots, pulses.visits, pair)
        factor = self._pulse_factor
        energies = (
            round(factor * (plus.selected + 0.25 * plus.half_selected)),
            round(factor * (minus.selected + 0.25 * minus.half_selected)),
            self._driver.energy(rows=pulses.row_slots, columns=pulses.column_slots),
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
        slots, visits = self._update.typical(self.shape)
        return operation(self.name, action, slots=slots, visits=visits, pair=pair)

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        total = np.zeros(self.shape)
        for pair in self._pairs:
            total += pair.difference()
        return total * self._weight_per_siemens

    def lost(self) -> tuple[Loss, ...]:
        """What converters, drivers, cells and initial weights lost since this was asked last."""
        names = ("initial-weights-clipped", "initial-weights-rounded-to-zero")
        initial = [
            Loss(part=self.name, what=what, count=count, of=of)
            for what, (count, of) in zip(names, self._initial, strict=False)
            if of
        ]
        self._initial = []
        pairs = [loss for pair in self._pairs for loss in pair.lost()]
        return (*self._lost_in_reading(), *self._encoder.lost(), *initial, *pairs)

    def wear(self) -> tuple[TileWear, ...]:
        """What each array has been through."""
        return tuple(
            TileWear(name, cells.pulses, cells.resets, updates)
            for pair in self._pairs
            for name, cells, updates in zip(pair.names, pair.cells, pair.updates, strict=True)
        )

    # --- events ----------------------------------------------------------------------------------

    def actions(self) -> dict[str, Action]:
        """Reading in two directions, pulsing, and bringing pairs back into range."""
        reading = Action(self._read, ("rows", "columns"))
        pulsing = Action(self._pulse, ("slots", "visits", "pair"))
        return {
            "forward": reading,
            "backward": reading,
            "update": pulsing,
            "initialise": pulsing,
            "recentre": Action(self._recentre, ("slots", "visits", "pair", "resets")),
        }

    def _pulse(self, op: Operation) -> Serving:
        """Hold the arrays for the pulse slots, one after another."""
        with self.server.request() as claim:
            yield claim
            yield from self._slots(op, resets=0)

    def _slots(self, op: Operation, *, resets: int) -> Serving:
        pair = self._arrays[2 * op["pair"] : 2 * op["pair"] + 2]
        start = self.now
        slot = self._device.pulse_width + self._costs.write_driver.time
        time = Ps(op["slots"] * slot + resets * self._reset_slot)
        yield from self._driver.hold(op.action, time, count=op["visits"] + resets)
        self._occupied(op.action, pair, start)

    @property
    def _reset_slot(self) -> int:
        strong = self._device.reset_pulse
        return (0 if strong is None else strong.width) + self._costs.write_driver.time

    def _recentre(self, op: Operation) -> Serving:
        """Read each row that holds a saturated pair, reset its cells in one pulse, then pulse them back."""
        with self.server.request() as claim:
            yield claim
            yield from self._verify(op.action, op["resets"], columns=self.shape[1])
            yield from self._slots(op, resets=op["resets"])
