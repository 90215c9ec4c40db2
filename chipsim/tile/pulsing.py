"""Changes of a resistive tile by pulses: outer products, counts, first weights, and pairs out of range."""

from __future__ import annotations

from typing import ClassVar, Final, TypeAlias

import numpy as np

from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Encoder, Pulses
from chipsim.device.table import Table
from chipsim.device.types import Counts, Floats, Indices, Sums
from chipsim.ledger import Charges
from chipsim.losses import Loss
from chipsim.parts.part import Action
from chipsim.parts.plan import Claim, Free, Plan, PlanStep
from chipsim.parts.program import Kept, Operation, operation
from chipsim.synapse.carrier import PulsedCarrier
from chipsim.synapse.synapse import PulsedSynapse
from chipsim.tile.centring import CENTRING, Centred
from chipsim.tile.changes import Changes, ListedChanges
from chipsim.tile.resetting import reset_charges
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.tile import Change, FirstWriting
from chipsim.tile.verifying import Verified, Verify
from chipsim.units import Ps, charge_factor

__all__ = ["Pulsing"]

_Key: TypeAlias = tuple[str, int, int, int, int]
"""What an operation of pulses is, in plain words and numbers."""

_LEARNING: Final = frozenset({"update", "pulse"})
"""Actions whose pulses are update events: a first writing teaches nothing, and a recentring restores."""


class Pulsing(Changes):
    """Pulses on the cells of one tile.

    Parameters
    ----------
    tile
        The tile, whose cells pulses move.
    encoder
        What makes pulses of inputs and errors, or of counts; None on a tile without state.
    count_bits
        Bits of the pulses of one crossing on a link; zero where trains make them.
    rounds_at_random
        Whether pulse numbers are rounded at random.
    slots
        The most pulses that one update gives a cell.
    headroom
        Share of the range above which the lower cell of a pair is reset; None where none ever is.
    typical
        Pulse slots, slots of a second phase, and visits of an update that nobody computed.
    verify
        How first weights are read and pulsed again; None where counted pulses are all that they get.

    Notes
    -----
    Where one array takes pulses of both polarities, an operation has the slots of the second phase as a count
    of its own, for they may be longer or shorter than those of the first.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_encoder", "_initial", "_centred", "_verified")
    _encoder: Encoder
    _centred: Centred
    _verified: Verified

    def __init__(
        self,
        tile: ResistiveTile,
        *,
        encoder: Encoder | None,
        count_bits: int,
        rounds_at_random: bool,
        slots: int,
        headroom: float | None,
        typical: tuple[int, int, int],
        verify: Verify | None = None,
    ) -> None:
        super().__init__(tile.name)
        synapse, device = tile.synapse, tile.device
        assert isinstance(synapse, PulsedSynapse), "checked with the description"
        assert isinstance(device, PulsedDevice), "checked with the description"
        self._tile, self._device = tile, device
        self.pairs = synapse.pair_names
        self.count_bits, self.rounds_at_random = count_bits, rounds_at_random
        rows, columns = tile.spec.rows - 1, tile.spec.columns - 1
        self.place_bits = rows.bit_length() + columns.bit_length() + slots.bit_length() + 1
        self._weight_range, self._headroom, self._typical = synapse.weight_range, headroom, typical
        self._arrays_each = synapse.arrays_of_a_part
        # Trains of one length take the same slots whatever they hold: nearly all updates are one operation.
        self._operations = Kept[_Key, Operation](4_096)
        self._in_phases = synapse.in_phases
        self._most_pulses = slots
        # As often as cells are to be raised by one step, lines are driven with each of these in turn.
        self._up_pulses = device.up_pulses
        self._up_factor = sum(charge_factor(volts=one.voltage, time=one.width) for one in device.up_pulses)
        self._down_factor = self._up_factor
        if synapse.in_phases:
            down = device.down_pulse
            assert down is not None, "checked with the description"
            self._down, self._down_factor = down, charge_factor(volts=down.voltage, time=down.width)
        self._centres, self._verifies = synapse.centring is not None, verify is not None
        if synapse.centring is not None:
            self._centred = Centred(tile, device, how=synapse.centring)
        if verify is not None:
            self._verified = Verified(tile, synapse=synapse, device=device, how=verify)
        if encoder is not None:
            self._initial: list[tuple[int, int]] = []
            assert isinstance(tile.carrier, PulsedCarrier), "its synapse makes no other"
            self._encoder, self._targets = encoder, tile.carrier.targets
            self._weight_per_siemens = tile.carrier.weight_per_siemens

    # --- numbers ---------------------------------------------------------------------------------

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,).

        Both come as the words that the converters are driven by, and say no more than these do.
        """
        target = self._targets[pair]
        step = target.step * self._weight_per_siemens
        # Drivers see no other numbers than those that arrive over links, rounded for the converters.
        x_words = self._tile.input_words(x[np.newaxis])
        d_words = self._tile.error_words(d[np.newaxis])
        pulses = self._encoder.encode(x_words[0], d_words[0], scale=rate / step)
        return self._apply("update", pulses, pair=pair)

    # --- in compiled loops -----------------------------------------------------------------------

    def listed(self, table: Table, *, pair: int, chosen: bool = False) -> ListedChanges | None:
        """Outer products on one pair or on single cells; none where cells have a law of their own."""
        # Every crossing pulsed by itself, in both signs: no update drives its lines more often, unless cells
        # are raised by several pulses in turn.
        most = 2 * self._tile.shape[0] * self._tile.shape[1] * self._most_pulses
        if not self._tile.driver.adds_up_exactly(rows=2 * most, columns=most) or len(self._up_pulses) > 1:
            return None
        # A kind made of this one may change cells in another way.
        if type(self) is not Pulsing:
            return None
        target, tile = self._targets[pair], self._tile
        inputs, errors = (side.word_format for side in tile.sides)
        encoder = self._encoder.listed(table, rows=inputs, columns=errors, chosen=chosen)
        if (place := target.listed_pair(table)) is None or encoder is None:
            return None
        step, lines = target.step * self._weight_per_siemens, map(float, tile.driver.line_energies)
        numbers = (step, self._up_factor, self._down_factor, *lines, tile.spec.half_power)
        return ListedChanges(pair=place, encoder=encoder, numbers=numbers, begin=target.expect_pulses)

    def listed_chosen(self, table: Table, *, pair: int) -> ListedChanges | None:
        """Pulses on chosen cells, likewise."""
        return Pulsing.listed(self, table, pair=pair, chosen=True)

    def charged_as(self, action: str, *, pair: int) -> tuple[tuple[str, str], ...]:
        """Its arrays, a single one once for each phase, and the write drivers."""
        first = self._arrays_each * pair
        arrays = self._tile.arrays[first : first + self._arrays_each]
        parts = [*arrays, *(arrays if self._in_phases else ()), self._tile.driver]
        return tuple((part.name, action) for part in parts)

    # --- initial weights, counts, resets ---------------------------------------------------------

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns) to the first target, row by row, in whole pulses.

        Nothing is read meanwhile: the counts are those of cells whose bounds and steps are the mean ones, and
        follow the curve of a device whose steps are not alike. Where references are to stand at symmetry
        points, these are found first; where first weights are verified, they are read and pulsed after it.
        """
        counts: dict[str, int] = {}
        charges: list[Charges] = []
        if self._centres:
            counts, centring = self._centred.centre()
            charges += centring
        written, wanted = self._write_first(weights)
        charges += written.charges
        if self._verifies:
            more, retries = self._verified.verify(wanted, target=self._targets[0], pulse=self._pulse_first)
            counts |= more
            charges += retries
            self._initial += self._verified.lost()
        if not counts:
            return written
        # What converters lost of these readings is no loss of training, and shows in how weights came out.
        self._tile.sides[0].lost()
        op = operation(self._tile.name, "initialise", **dict(written.operation.counts), **counts)
        return Change(op, tuple(charges))

    def _pulse_first(self, counts: Counts) -> Change:
        """Pulses that write first weights, row by row."""
        return self._apply("initialise", self._encoder.encode_counts(counts), pair=0)

    def _write_first(self, weights: Floats) -> tuple[Change, Floats]:
        """Write by counted pulses; and the weights that are meant, none beyond the range."""
        target = self._targets[0]
        step = target.step * self._weight_per_siemens
        most = round(self._weight_range / step)
        steps = weights / step
        wanted = np.rint(steps)
        clipped = int(np.count_nonzero(np.abs(wanted) > most))
        # A weight that was zero to begin with loses nothing by being written as zero.
        zeros = int(np.count_nonzero(weights == 0))
        # A fresh cell that is compared with the middle of its range has half of it to climb first.
        rest = target.rest / target.step
        meant = np.clip(steps, -most, most)
        counts = self._first_counts(meant + rest)
        none = self._first_counts(np.full(1, rest))
        nothing = int(np.count_nonzero(counts == none))
        self._initial = [(clipped, weights.size), (nothing - zeros, weights.size - zeros)]
        return self._pulse_first(counts), (meant * step).astype(np.float32)

    def _first_counts(self, steps: Sums) -> Counts:
        """Whole pulses that lead weights so many mean steps from where fresh or centred cells stand."""
        if self._centres:
            pulses = self._device.pulses_for(steps, begin=self._begin)
        elif self._in_phases:
            pulses = self._device.pulses_for(steps)
        else:
            # Of a pair the one cell is raised or the other, each from where it was made.
            pulses = np.sign(steps) * self._device.pulses_for(np.abs(steps))
        counts: Counts = np.rint(pulses).astype(np.int32)
        return counts

    @property
    def _begin(self) -> float:
        """Where in its range a centred cell without spread stands before it is written, from 0 to 1."""
        target = self._targets[0]
        assert target.zero_share is not None, "cells that are centred have a zero"
        return target.zero_share - target.rest / self._device.span(1.0)

    def first_writing(self) -> FirstWriting | None:
        """What was found of symmetry points, and how many rounds weights took."""
        if not (self._centres or self._verifies):
            return None
        return FirstWriting(
            points=self._centred.points if self._centres else None,
            errors=self._centred.errors if self._centres else None,
            rounds=self._verified.rounds if self._verifies else None,
        )

    def counted(self, changes: Floats, *, pair: int) -> Counts:
        """Whole pulses for changes of each weight (rows, columns), rounded to nearest.

        What becomes no pulse is counted with the driver's losses.
        """
        step = self._targets[pair].step * self._weight_per_siemens
        return self._encoder.to_nearest(changes / np.float32(step))

    def pulse_counts(self, counts: Counts, *, pair: int) -> Change:
        """Give each weight its pulses (rows, columns), row by row or cell by cell; negative ones lower it.

        No weight gets more than the slots of a train, and what is cut is counted with the driver's losses.
        """
        pulses = self._encoder.encode_update(self._encoder.cut(counts))
        return self._apply("pulse", pulses, pair=pair)

    def pulse_places(self, rows: Indices, columns: Indices, counts: Counts, *, pair: int) -> Change:
        """Give chosen weights their pulses, row by row or cell by cell; negative ones lower it."""
        return self._apply("pulse", self._encoder.encode_places(rows, columns, counts), pair=pair)

    def recentre(self, *, pair: int) -> Change | None:
        """Reset pairs that ran out of range, row by row, and pulse them back to their difference."""
        if self._headroom is None:
            return None
        target = self._targets[pair]
        rows, columns = target.saturated(headroom=self._headroom)
        if not rows.size:
            return None
        visited = np.bincount(rows).nonzero()[0]
        # A difference is read before it is reset: all arrays of the tile hang on a row that is driven.
        found = self._tile.sides[0].line_siemens()[:, visited].sum(axis=1)
        read = self._tile.read_charges("recentre", found)
        taken, hits = target.reset(rows, columns)
        change = self._apply("recentre", self._encoder.row_by_row(*hits), pair=pair)
        resets = reset_charges(self._tile, self._device, taken, rows=visited.size, cells=rows.size)
        counts = dict(change.operation.counts) | {"resets": visited.size}
        op = operation(self._tile.name, "recentre", **counts)
        return Change(op, (*read, *change.charges, resets))

    def _apply(self, action: str, pulses: Pulses, *, pair: int) -> Change:
        parts = self._targets[pair].pulse(pulses, update=action in _LEARNING)
        op = self._operation(action, pulses.slots, pulses.visits, pair=pair, down_slots=pulses.down_slots)
        driver = self._tile.driver
        rows: list[tuple[str, str]] = []
        energies: list[int] = []
        counts: list[int] = []
        for part in parts:
            factor = self._down_factor if part.down else self._up_factor
            siemens = part.selected + self._tile.spec.half_power * part.half_selected
            rows.append((part.array, action))
            energies.append(round(factor * siemens))
            counts.append(part.pulses)
        rows.append((driver.name, action))
        driven = self._driven(pulses)
        energies.append(driver.energy(rows=driven[0], columns=driven[1]))
        counts.append(0)
        lines = ((len(parts), *driven),)
        return Change(op, (Charges(tuple(rows), energies, tuple(counts), lines),))

    def _driven(self, pulses: Pulses) -> tuple[int, int]:
        """How often rows and columns are driven: once a slot, or once for each pulse of a step upwards."""
        rows, columns, further = pulses.row_slots, pulses.column_slots, len(self._up_pulses) - 1
        if not further:
            return rows, columns
        if not self._in_phases:
            return rows * (1 + further), columns * (1 + further)
        # Only what raises cells takes several pulses: the first phase.
        raising = int(pulses.rows[0].sum()), int(pulses.columns[0].sum())
        return rows + further * raising[0], columns + further * raising[1]

    def _operation(self, action: str, slots: int, visits: int, *, pair: int, down_slots: int) -> Operation:
        """The operation of a change of cells; those of parallel updates are few and kept."""
        key = (action, slots, visits, pair, down_slots)
        op = self._operations.get(key)
        if op is None:
            counts = {"slots": slots, "visits": visits, "pair": pair}
            # A count that no action reads is refused, so pairs, which have no second phase, have none of it.
            if self._in_phases:
                counts["down_slots"] = down_slots
            op = operation(self._tile.name, action, **counts)
            self._operations[key] = op
        return op

    def typical(self, action: str, *, pair: int) -> Operation:
        """An update that nobody computed: a serial one visits each row or cell once."""
        if action not in _LEARNING:
            return super().typical(action, pair=pair)
        slots, down_slots, visits = self._typical
        # Made like a computed one: equal operations are timed once, whoever asks for them.
        return self._operation(action, slots, visits, pair=pair, down_slots=down_slots)

    def lost(self) -> list[Loss]:
        """What drivers lost, and what initial weights did, since this was asked last."""
        found = self._encoder.lost()
        names = (
            "initial-weights-clipped", "initial-weights-rounded-to-zero", "initial-weights-retried",
            "initial-weights-off",
        )  # fmt: skip
        # Told once: after the first time that somebody asks there are none, and nothing is zipped.
        for what, (count, of) in zip(names, self._initial, strict=False):
            if of:
                found.append(Loss(part=self._tile.name, what=what, count=count, of=of))
        self._initial = []
        return found

    # --- events ----------------------------------------------------------------------------------

    def actions(self) -> dict[str, Action]:
        """Pulsing, by outer products, by counts and at first; and bringing pairs back into range."""
        counts = ("slots", "visits", "pair", *(("down_slots",) if self._in_phases else ()))
        # A kind made of this one may give its pulses in another way.
        pulsing = Action(self._pulse, counts, linear=type(self) is Pulsing)
        recentring = Action(self._recentre, (*counts, "resets"))
        more = (*(CENTRING if self._centres else ()), *(self._verified.counts if self._verifies else ()))
        first = Action(self._write, (*counts, *more)) if more else pulsing
        return {"update": pulsing, "pulse": pulsing, "initialise": first, "recentre": recentring}

    def _pulse(self, op: Operation) -> Plan:
        """Hold the arrays for the pulse slots, one after another."""
        server = self._tile.server
        return self._tile.planned(Claim(server), *self._slots(op, resets=0), Free(server))

    def _write(self, op: Operation) -> Plan:
        """Centre cells, write them, and verify what was written, without letting go of the arrays."""
        server = self._tile.server
        steps = self._centred.steps(op) if self._centres else ()
        steps += self._slots(op, resets=0)
        if self._verifies:
            columns = self._tile.shape[1]
            steps += self._tile.verify(op.action, op["reads"], columns=columns)
            if op["retry_reads"]:
                steps += self._slots(op, resets=0, prefix="retry_")
                steps += self._tile.verify(op.action, op["retry_reads"], columns=columns)
        return self._tile.planned(Claim(server), *steps, Free(server))

    def _slots(self, op: Operation, *, resets: int, prefix: str = "") -> tuple[PlanStep, ...]:
        """Pulse slots, and resets before them; of the counts whose names begin with a prefix."""
        tile = self._tile
        first = self._arrays_each * op["pair"]
        # The arrays of other pairs rest: they are held, for the tile has one set of drivers, but not busy.
        pulsed = tile.arrays[first : first + self._arrays_each]
        recovery = tile.costs.write_driver.time
        slot = sum(one.width + recovery for one in self._up_pulses)
        strong = self._device.reset_pulse
        reset_slot = (0 if strong is None else strong.width) + recovery
        time = op[f"{prefix}slots"] * slot + resets * reset_slot
        if self._in_phases:
            time += op[f"{prefix}down_slots"] * (self._down.width + recovery)
        driving = tile.driver.charged(op.action, Ps(time), count=op[f"{prefix}visits"] + resets)
        return tile.driver.held(Ps(time), driving, *tile.occupied(op.action, pulsed, Ps(time)))

    def _recentre(self, op: Operation) -> Plan:
        """Read each row that holds a saturated pair, reset its cells in one pulse, then pulse them back."""
        tile = self._tile
        reading = tile.verify(op.action, op["resets"], columns=tile.shape[1])
        pulsing = self._slots(op, resets=op["resets"])
        return tile.planned(Claim(tile.server), *reading, *pulsing, Free(tile.server))
