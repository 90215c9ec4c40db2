"""Changes of a resistive tile to levels: multilevel cells are programmed, one by one or a row at a time."""

from __future__ import annotations

import itertools
from typing import ClassVar, Final

import numpy as np

from chipsim.device.device import LevelDevice
from chipsim.device.types import Floats, Indices
from chipsim.ledger import Charges
from chipsim.losses import Loss
from chipsim.parts.part import Action
from chipsim.parts.plan import Claim, Free, Plan, PlanStep
from chipsim.parts.program import Operation, operation
from chipsim.synapse.level_array import LevelArray
from chipsim.synapse.synapse import LevelSynapse
from chipsim.tile.changes import Changes
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.tile import Change
from chipsim.tile.writer import Round, Writer, Writing
from chipsim.units import Ps, charge_factor

__all__ = ["Programming"]

_ONE: Final = np.float32(1 + 1e-6)
"""A little more than one, by which the outermost weight may be off as it is scaled."""
_MICRO: Final = 1e6
"""Attojoules in a volt times an ampere times a picosecond."""


class Programming(Changes):
    """Programmings of the cells of one tile.

    Parameters
    ----------
    tile
        The tile, whose weights stand at levels.
    by_row
        All cells of a row that get the same pulse are pulsed at once, and a row is read at once; otherwise
        one cell at a time.
    tolerance
        Error of a cell that is accepted when it is read again, as a share of the distance to the nearest
        other level; None where none is read.
    tries
        Programmings of one cell at most, the first included.

    Raises
    ------
    ValueError
        When two levels would be the same state of the cells.

    Notes
    -----
    A programming is one operation: RESETs and SETs, charged as ``program``; where cells are verified, their
    reading (``verify``) and then whatever comes again, pulses and readings (``retry``). The array is held
    from the first pulse to the last reading. An initial write is charged as ``initialise``, all of it.
    """

    blame = "no training makes them so, but the spreads of their levels: look at device"
    remembers: ClassVar[tuple[str, ...]] = ("_writer", "_written", "_programmed", "_missed", "_initial")
    _writer: Writer

    def __init__(self, tile: ResistiveTile, *, by_row: bool, tolerance: float | None, tries: int) -> None:
        super().__init__(tile.name)
        synapse, device = tile.synapse, tile.device
        assert isinstance(synapse, LevelSynapse), "checked with the description"
        assert isinstance(device, LevelDevice), "checked with the description"
        self._tile, self._device = tile, device
        self._by_row, self._verified = by_row, tolerance is not None
        self._levels: Floats = np.array(synapse.levels, np.float32)
        self._written = np.zeros(len(synapse.levels), np.bool_)
        # Any weight of the tile may be meant, in use or not: the address is as wide as the tile is.
        row_bits, column_bits = (tile.spec.rows - 1).bit_length(), (tile.spec.columns - 1).bit_length()
        self.level_bits = row_bits + column_bits + (len(synapse.levels) - 1).bit_length()
        self._reset_factor = charge_factor(volts=device.reset_voltage, time=device.reset_width)
        self._set_factor = device.set_voltage * device.set_width * _MICRO
        self._programmed = self._missed = 0
        self._initial: list[tuple[int, int]] = []
        states = synapse.states(tuple(device.means.tolist()))
        # A guess of how many different pulses a row gets needs the levels that weights use, not all of them.
        common = 0 if device.begins_with == "reset" else len(device.means) - 1
        self._chosen = len({level for state in states for level in state if level != common})
        steps = [sum(a != b for a, b in zip(*two, strict=True)) for two in itertools.pairwise(states)]
        self._cells_of_a_change = sum(steps) / len(steps)
        self._row_reads = synapse.cells
        if tile.seed is not None:
            assert isinstance(tile.carrier, LevelArray), "its synapse makes no other"
            self._array = array = tile.carrier
            cells, rng = array.cells, array.rng
            # The writer goes on drawing where the making of the cells left off: both are the same array's.
            self._writer = Writer(
                device, cells=cells, by_row=by_row, tolerance=tolerance, tries=tries, rng=rng,
                cells_each=synapse.cells, beside=array.beside,
            )  # fmt: skip

    @property
    def levels(self) -> Floats:
        """Weights that there are, ascending."""
        return self._levels

    def written_levels(self) -> Floats:
        """Levels that a weight was ever written to, ascending."""
        return self._levels[self._written]

    # --- numbers ---------------------------------------------------------------------------------

    def program(self, rows: Indices, columns: Indices, levels: Indices) -> Change:
        """Program the weights at rows and columns to levels, given by their place in `levels`.

        Only cells whose own level changes are programmed.

        Parameters
        ----------
        rows, columns, levels
            Place and level of each weight (weights,), each weight at most once.
        """
        change, writing = self._write("program", rows, columns, levels)
        self._array.updates += writing.first.cells
        return change

    def initialise_levels(self, levels: Indices) -> Change:
        """Program all weights (rows, columns) for the first time; cells are at their low level before."""
        rows, columns = np.indices(self._tile.shape, np.int32)
        return self._write("initialise", rows.ravel(), columns.ravel(), levels.ravel())[0]

    def initialise(self, weights: Floats) -> Change:
        """Program all weights (rows, columns) to the nearest level, for the first time."""
        middles = (self._levels[1:] + self._levels[:-1]) / 2
        places = np.searchsorted(middles, weights).astype(np.int32)
        # A weight that is the outermost but for its last digit is not cut.
        beyond = (weights < self._levels[0] * _ONE) | (weights > self._levels[-1] * _ONE)
        other = weights != 0
        self._initial = [
            (int(np.count_nonzero(beyond)), weights.size),
            (int(np.count_nonzero(other & (self._levels[places] == 0))), int(np.count_nonzero(other))),
        ]
        return self.initialise_levels(places)

    def _write(self, action: str, rows: Indices, columns: Indices, levels: Indices) -> tuple[Change, Writing]:
        writing = self._writer.write(self._array.wanted(rows, columns, levels))
        self._array.settle(rows, columns)
        self._programmed += writing.first.cells
        self._missed += writing.missed
        self._written[levels] = True
        first, retries = writing.first, writing.retries
        # Retries are counts of their own, so that their tail shows in time and in the ledger.
        counts = {
            "resets": first.reset_slots,
            "sets": first.set_slots,
            "reads": first.reads,
            "retry_resets": retries.reset_slots,
            "retry_sets": retries.set_slots,
            "retry_reads": retries.reads,
        }
        op = operation(self._tile.name, action, **counts)
        return Change(op, (self._write_charges(action, writing),)), writing

    def _write_charges(self, action: str, writing: Writing) -> Charges:
        cells, driver = self._tile.arrays[0].name, self._tile.driver.name
        first, retries = writing.first, writing.retries
        rows = [(cells, action), (driver, action)]
        energies = [round(self._pulse_energy(first)), self._line_energy(first)]
        pulses = [first.sets, 0]
        lines = [(1, first.rows, first.bit_lines)]
        verify, again = _verifying(action)
        if first.reads:
            rows.append((cells, verify))
            energies.append(round(self._tile.read_factor * first.read_siemens))
            pulses.append(0)
        if retries.cells:
            rows += [(cells, again), (driver, again)]
            read = self._tile.read_factor * retries.read_siemens
            energies += [round(self._pulse_energy(retries) + read), self._line_energy(retries)]
            pulses += [retries.sets, 0]
            lines.append((len(rows) - 1, retries.rows, retries.bit_lines))
        return Charges(tuple(rows), energies, pulses, lines)

    def _line_energy(self, done: Round) -> int:
        return self._tile.driver.energy(rows=done.rows, columns=done.bit_lines)

    def _pulse_energy(self, done: Round) -> float:
        return self._reset_factor * done.reset_siemens + self._set_factor * done.set_amperes

    def typical_program(self, count: int) -> Operation:
        """The operation that programs so many weights, nobody knows which: for timing without arithmetic.

        Each weight is taken to go to a level beside its own, by as many cells as that takes on average, each
        of which takes both pulses, from a high level to another one or from a low one. A row-parallel writer
        finds them spread evenly over the rows in use, their new levels drawn at random, all equally likely of
        those that weights use: k cells of a row then have on average n (1 - (1 - 1/n)^k) different ones of n
        levels. It reads each of these rows once for every line of a weight.
        """
        count = round(count * self._cells_of_a_change)
        resets = sets = reads = count
        if self._by_row and count:
            rows = min(count, self._tile.shape[0])
            fewer, rest = divmod(count, rows)
            with_fewer, with_more = self._distinct(fewer), self._distinct(fewer + 1)
            choosing = round((rows - rest) * with_fewer + rest * with_more)
            resets, sets = rows, choosing
            if self._device.begins_with == "set":
                resets, sets = choosing, rows
            reads = rows * self._row_reads
        # How many cells miss their level depends on spreads: a guess leaves retries out, and says so.
        tried = {"resets": resets, "sets": sets, "reads": reads if self._verified else 0}
        again = {"retry_resets": 0, "retry_sets": 0, "retry_reads": 0}
        return operation(self._tile.name, "program", **tried, **again)

    def _distinct(self, cells: int) -> float:
        """Different levels that a pulse chooses among cells of a row, on average."""
        return self._chosen * (1.0 - (1.0 - 1.0 / self._chosen) ** cells)

    def lost(self) -> list[Loss]:
        """Verified cells that never reached their level, and what first weights lost, since asked last."""
        found = []
        if self._programmed and self._verified:
            name = self._tile.arrays[0].name
            found.append(Loss(part=name, what="cells-off-level", count=self._missed, of=self._programmed))
        self._programmed = self._missed = 0
        names = ("initial-weights-clipped", "initial-weights-rounded-to-zero")
        # Told once, after the writing.
        for what, (count, of) in zip(names, self._initial, strict=False):
            if of:
                found.append(Loss(part=self._tile.name, what=what, count=count, of=of))
        self._initial = []
        return found

    # --- events ----------------------------------------------------------------------------------

    def actions(self) -> dict[str, Action]:
        """Programming, the first time and later."""
        slots = ("resets", "sets", "reads", "retry_resets", "retry_sets", "retry_reads")
        programming = Action(self._program, slots)
        return {"program": programming, "initialise": programming}

    def _program(self, op: Operation) -> Plan:
        """Hold the arrays for all pulses and readings, so that nobody reads cells half-written."""
        verify, again = _verifying(op.action)
        # One cell at a time is converted alone, one line of every weight of a row with all its columns.
        columns = self._tile.shape[1] if self._by_row else 1
        tile = self._tile
        steps = self._pulse(op.action, resets=op["resets"], sets=op["sets"])
        if op["reads"]:
            steps += tile.verify(verify, op["reads"], columns=columns)
        if op["retry_reads"]:
            steps += self._pulse(again, resets=op["retry_resets"], sets=op["retry_sets"])
            steps += tile.verify(again, op["retry_reads"], columns=columns)
        return tile.planned(Claim(tile.server), *steps, Free(tile.server))

    def _pulse(self, action: str, *, resets: int, sets: int) -> tuple[PlanStep, ...]:
        """RESETs, then SETs, one slot after another."""
        tile = self._tile
        recovery = tile.costs.write_driver.time
        # All pulses of one sort come before all of the other; a cell that takes both has them in this order.
        reset_slot, set_slot = self._device.reset_width + recovery, self._device.set_width + recovery
        time = Ps(resets * reset_slot + sets * set_slot)
        driving = tile.driver.charged(action, time, count=resets + sets)
        return tile.driver.held(time, driving, *tile.occupied(action, tile.arrays, time))


def _verifying(action: str) -> tuple[str, str]:
    """What readings and what retries of an action are charged as."""
    # A first writing is told as one thing: nothing of it is training.
    return ("initialise", "initialise") if action == "initialise" else ("verify", "retry")
