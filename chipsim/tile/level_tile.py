"""The resistive tile whose weights stand at levels: multilevel cells that are programmed one by one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import simpy
from numpy.typing import NDArray

from chipsim.device.device import LevelDevice
from chipsim.device.randomness import generator
from chipsim.device.types import Floats, Indices
from chipsim.ledger import Charges, Ledger
from chipsim.losses import Loss
from chipsim.parts.part import Action, Serving
from chipsim.parts.program import Operation, operation
from chipsim.spec.costs import CostSet
from chipsim.spec.level_map import cell_levels
from chipsim.synapse.level_array import LevelArray
from chipsim.synapse.synapse import LevelSynapse
from chipsim.tile.array_tiles import ArrayTiles
from chipsim.tile.read_tile import ReadTile
from chipsim.tile.tile import Change, Reading, TileWear
from chipsim.tile.writer import Round, Writer, Writing
from chipsim.units import Ps, charge_factor
from chipsim.update.reprogram import Reprogram

__all__ = ["LevelTile"]


class LevelTile(ReadTile):
    """A block of weights at levels of resistive cells, read in both directions and reprogrammed one by one.

    All cells stand on one crossbar: with two cells a weight, the plus cell of weight j is on line 2 j and its
    minus cell on the next, and rows read the difference of the two before it is converted. A backward pass
    drives the lines, with the sign reversed on minus lines.

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

    Raises
    ------
    ValueError
        When two levels would be the same state of the cells; see :func:`~chipsim.spec.level_map.cell_levels`.

    Notes
    -----
    A programming is one operation: RESETs and SETs, charged as ``program``; where cells are verified, their
    reading (``verify``) and then whatever comes again, pulses and readings (``retry``). The array is held
    from the first pulse to the last reading. An initial write is charged as ``initialise``, all of it.
    """

    _blame = "no training makes them so, but the spreads of their levels: look at device"

    remembers: ClassVar[tuple[str, ...]] = (
        *ReadTile.remembers,
        "_array",
        "_writer",
        "written",
        "_updates",
        "_programmed",
        "_missed",
    )

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: ArrayTiles,
        synapse: LevelSynapse,
        device: LevelDevice,
        update: Reprogram,
        costs: CostSet,
        shape: tuple[int, int],
        seed: int | None,
    ) -> None:
        self._references = 1 if synapse.cells == 1 else 0
        self._row_reads = synapse.cells
        super().__init__(
            env, name, ledger=ledger, spec=spec, costs=costs, shape=shape, arrays=("cells",),
            cells=synapse.cells, references=self._references, cell_area=device.area,
        )  # fmt: skip
        self._device, self._update = device, update
        self.levels: Floats = np.array(synapse.levels, np.float32)
        self.written = np.zeros(len(synapse.levels), bool)
        """Which levels a weight was ever written to."""
        address = (spec.rows - 1).bit_length() + (spec.columns - 1).bit_length()
        self.level_bits = address + (len(synapse.levels) - 1).bit_length()
        driven = shape[1] * synapse.cells + self._references
        self._backward_operation = operation(name, "backward", rows=shape[0], columns=driven)
        self._reset_factor = charge_factor(volts=device.reset_voltage, time=device.reset_width)
        # Volts times amperes times picoseconds, in attojoules.
        self._set_factor = device.set_voltage * device.set_width * 1e6
        self._updates = self._programmed = self._missed = 0
        states = cell_levels(synapse.levels, tuple(device.means.tolist()), cells=synapse.cells)
        self._high = len({level for state in states for level in state if level})
        if seed is not None:
            self._build_state(synapse, seed)

    def _build_state(self, synapse: LevelSynapse, seed: int) -> None:
        rng = generator(seed, self._arrays[0].name)
        unused_lines = self.unused[0] * synapse.cells
        self._array = LevelArray(synapse, self._device, shape=self.shape, rng=rng, unused_lines=unused_lines)
        self._writer = Writer(
            self._update, self._device, cells=self._array.cells, rng=rng, cells_each=synapse.cells,
            beside=self._array.beside,
        )  # fmt: skip
        self._build_sides(
            seed,
            reads=([self._array.read], [self._array.read_back]),
            sums=(self._array.row_sums, self._array.column_sums),
            weight_per_siemens=self._array.weight_per_siemens,
        )

    # --- numbers ---------------------------------------------------------------------------------

    def backward(self, d: Floats) -> Reading:
        """Drive the lines with d (batch, columns) and read the rows (batch, rows)."""
        values, conductance = self._columns.run(d, self.shape[0])
        if self._references:
            conductance += self._array.reference_siemens
        return Reading(values, self._backward_operation, self._read_charges("backward", conductance))

    def program(self, rows: Indices, columns: Indices, levels: Indices) -> Change:
        """Program the weights at rows and columns to levels, given by their place in `levels`.

        Only cells whose own level changes are programmed.

        Parameters
        ----------
        rows, columns, levels
            Place and level of each weight (weights,), each weight at most once.
        """
        change, writing = self._write("program", rows, columns, levels)
        self._updates += writing.first.cells
        return change

    def initialise_levels(self, levels: Indices) -> Change:
        """Program all weights (rows, columns) for the first time; cells are at their low level before."""
        rows, columns = np.indices(self.shape, np.int32)
        return self._write("initialise", rows.ravel(), columns.ravel(), levels.ravel())[0]

    def initialise(self, weights: Floats) -> Change:
        """Program all weights (rows, columns) to the nearest level, for the first time."""
        middles = (self.levels[1:] + self.levels[:-1]) / 2
        return self.initialise_levels(np.searchsorted(middles, weights).astype(np.int32))

    def _write(self, action: str, rows: Indices, columns: Indices, levels: Indices) -> tuple[Change, Writing]:
        writing = self._writer.write(self._array.wanted(rows, columns, levels))
        self._array.settle(rows, columns)
        self._programmed += writing.first.cells
        self._missed += writing.missed
        self.written[levels] = True
        first, retries = writing.first, writing.retries
        op = operation(
            self.name, action, resets=first.reset_slots, sets=first.set_slots, reads=first.reads,
            retry_resets=retries.reset_slots, retry_sets=retries.set_slots, retry_reads=retries.reads,
        )  # fmt: skip
        return Change(op, (self._write_charges(action, writing),)), writing

    def _write_charges(self, action: str, writing: Writing) -> Charges:
        cells, driver = self._arrays[0].name, self._driver.name
        first, retries = writing.first, writing.retries
        rows = [(cells, action), (driver, action)]
        energies = [round(self._pulse_energy(first)), self._line_energy(first)]
        pulses = [first.sets, 0]
        verify, again = _verifying(action)
        if first.reads:
            rows.append((cells, verify))
            energies.append(round(self._read_factor * first.read_siemens))
            pulses.append(0)
        if retries.cells:
            rows += [(cells, again), (driver, again)]
            read = self._read_factor * retries.read_siemens
            energies += [round(self._pulse_energy(retries) + read), self._line_energy(retries)]
            pulses += [retries.sets, 0]
        return Charges(tuple(rows), energies, pulses)

    def _line_energy(self, done: Round) -> int:
        return self._driver.energy(rows=done.rows, columns=done.bit_lines)

    def _pulse_energy(self, done: Round) -> float:
        return self._reset_factor * done.reset_siemens + self._set_factor * done.set_amperes

    def typical(self, action: str, *, pair: int = 0) -> Operation:  # noqa: ARG002
        """The operation of a sample that nobody computed."""
        return {"forward": self._forward_operation, "backward": self._backward_operation}[action]

    def typical_program(self, count: int) -> Operation:
        """The operation that programs so many weights, nobody knows which: for timing without arithmetic.

        Each weight is taken to have one cell that goes from a high level to another one. A row-parallel
        writer finds them spread evenly over the rows in use, their new levels drawn at random, all equally
        likely of those that weights use: k cells of a row then have on average n (1 - (1 - 1/n)^k) different
        ones of n levels. It reads each of these rows once for every line of a weight.
        """
        resets = sets = reads = count
        if self._update.writer == "row-parallel" and count:
            rows = resets = min(count, self.shape[0])
            fewer, rest = divmod(count, rows)
            sets = round((rows - rest) * self._distinct(fewer) + rest * self._distinct(fewer + 1))
            reads = rows * self._row_reads
        return operation(
            self.name, "program", resets=resets, sets=sets, reads=reads if self._update.verify else 0,
            retry_resets=0, retry_sets=0, retry_reads=0,
        )  # fmt: skip

    def _distinct(self, cells: int) -> float:
        """Different high levels among cells of a row, on average."""
        return self._high * (1.0 - (1.0 - 1.0 / self._high) ** cells)

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        return self._array.weights()

    def lost(self) -> tuple[Loss, ...]:
        """What converters lost, and verified cells that never reached their level, since asked last."""
        found = self._lost_in_reading()
        if self._programmed and self._update.verify:
            name = self._arrays[0].name
            found.append(Loss(part=name, what="cells-off-level", count=self._missed, of=self._programmed))
        self._programmed = self._missed = 0
        return tuple(found)

    def wear(self) -> tuple[TileWear, ...]:
        """What the cells have been through, line by line; the initial write is no update."""
        cells = self._array.cells
        return (TileWear(self._arrays[0].name, cells.sets, cells.resets, self._updates, cells.programmings),)

    # --- events ----------------------------------------------------------------------------------

    def actions(self) -> dict[str, Action]:
        """Reading in two directions, and programming."""
        reading = Action(self._read, ("rows", "columns"))
        slots = ("resets", "sets", "reads", "retry_resets", "retry_sets", "retry_reads")
        programming = Action(self._program, slots)
        return {
            "forward": reading,
            "backward": reading,
            "program": programming,
            "initialise": programming,
        }

    def _program(self, op: Operation) -> Serving:
        """Hold the arrays for all pulses and readings, so that nobody reads cells half-written."""
        verify, again = _verifying(op.action)
        # One cell at a time is converted alone, one line of every weight of a row with all its columns.
        columns = 1 if self._update.writer == "serial" else self.shape[1]
        with self.server.request() as claim:
            yield claim
            yield from self._pulse(op.action, resets=op["resets"], sets=op["sets"])
            if op["reads"]:
                yield from self._verify(verify, op["reads"], columns=columns)
            if op["retry_reads"]:
                yield from self._pulse(again, resets=op["retry_resets"], sets=op["retry_sets"])
                yield from self._verify(again, op["retry_reads"], columns=columns)

    def _pulse(self, action: str, *, resets: int, sets: int) -> Serving:
        """RESETs, then SETs, one slot after another."""
        start, recovery = self.now, self._costs.write_driver.time
        time = resets * (self._device.reset_width + recovery) + sets * (self._device.set_width + recovery)
        yield from self._driver.hold(action, Ps(time), count=resets + sets)
        self._occupied(action, self._arrays, start)


def _verifying(action: str) -> tuple[str, str]:
    """What readings and what retries of an action are charged as."""
    return ("initialise", "initialise") if action == "initialise" else ("verify", "retry")
