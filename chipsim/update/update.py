"""What an update is: how changes of weights reach the cells, or the numbers, of a tile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

import attrs
import numpy as np

from chipsim.device.device import device_of
from chipsim.device.encoding import Encoder
from chipsim.device.randomness import generator
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least, between, more_than, one_of
from chipsim.spec.kind import Kind, Unread
from chipsim.spec.workload import WorkloadSpec
from chipsim.synapse.synapse import PulsedSynapse, synapse_of
from chipsim.tile.changes import Changes
from chipsim.tile.pulsing import Pulsing
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.verifying import Verify
from chipsim.units import Share
from chipsim.wording import plural

__all__ = ["PulsedUpdate", "Recentre", "Update", "update_of"]

_RANDOM_BITS = 24
"""Bits of a random number that a pulse number is rounded with."""


@attrs.frozen(kw_only=True)
class Update(Kind):
    """How changes of weights are made."""

    section: ClassVar[str] = "update"
    visits: ClassVar[str] = ""
    """What is written one after another: ``row``, ``column`` or ``cell``; empty where all is at once."""

    @property
    def words(self) -> str:
        """How, after "Updates:"."""
        return self.kind

    @property
    def recentred_every(self) -> int:
        """Samples between two looks for weights that ran out of range; 0 for never."""
        return 0

    @property
    def least_pulses(self) -> tuple[float, str]:
        """Pulses asked for below which none is ever given, and why; zero where no pulses are counted."""
        return 0.0, ""

    def changes(self, tile: ResistiveTile) -> Changes:
        """What changes the cells of one tile; an update of numbers has no cells to change.

        Parameters
        ----------
        tile
            Complete but for its changes; without a carrier where it has no state.
        """
        raise NotImplementedError


def update_of(chip: ChipSpec) -> Update:
    """The update of a described chip."""
    found = chip.update
    assert isinstance(found, Update), "the reader finds no other"
    return found


@attrs.frozen(kw_only=True)
class Recentre:
    """When pairs that ran out of range are reset and written anew."""

    every: int = attrs.field(validator=at_least(1))
    """Training samples between two looks at the array."""
    headroom: Share = attrs.field(validator=between(0, 1))
    """A saturated pair is reset only if its lower cell stands above this share of the range."""


@attrs.frozen(kw_only=True)
class PulsedUpdate(Update):
    """Outer products by whole numbers of pulses; a kind says which crossings are pulsed at once."""

    needs: ClassVar[frozenset[str]] = frozenset({"pulses"})
    offers: ClassVar[frozenset[str]] = frozenset({"outer-product", "chosen-pulses"})
    read_when_frozen: ClassVar[frozenset[str]] = frozenset(
        {"first_writing", "verify_tolerance", "verify_rounds"}
    )
    encoding: Literal["stochastic", "deterministic"] = attrs.field(
        default="stochastic", validator=one_of("stochastic", "deterministic")
    )
    """How a real-valued weight change becomes a whole number of pulses."""
    slots: int = attrs.field(default=31, validator=between(1, 63))
    """Length of a pulse train, and the most pulses that one update gives a cell."""
    recentre: Recentre | None = None
    first_writing: Literal["open-loop", "verify"] = attrs.field(
        default="open-loop", validator=one_of("open-loop", "verify")
    )
    """``open-loop``: counted pulses and no look at what they led to. ``verify``: weights are then read by the
    forward converters, row by row, and those that are off are pulsed again."""
    verify_tolerance: Share | None = attrs.field(default=None, validator=more_than(0, up_to=1))
    """Error of a first weight that is accepted, over `weight_range`; needed where they are verified."""
    verify_rounds: int | None = attrs.field(default=None, validator=between(1, 1_000))
    """Rounds of pulses after the counted ones, at most; needed where first weights are verified."""

    @property
    def words(self) -> str:
        """The kind, how pulses are encoded, and whether first weights are read."""
        said = f"{self.kind}, {self.encoding} encoding"
        verify = self.verify
        if verify is None:
            return said
        most = f"{verify.rounds} {plural('round', verify.rounds)}"
        return f"{said}, first weights verified to {100 * verify.tolerance:g} % in at most {most}"

    @property
    def verify(self) -> Verify | None:
        """How first weights are verified; None where nobody looks."""
        if self.first_writing == "open-loop" or not self.verify_tolerance or not self.verify_rounds:
            return None
        return Verify(tolerance=self.verify_tolerance, rounds=self.verify_rounds)

    @property
    def recentred_every(self) -> int:
        """As described."""
        return 0 if self.recentre is None else self.recentre.every

    @property
    def count_bits(self) -> int:
        """Bits that the pulses of one crossing take on a link, sign included; zero where none counts."""
        return self.slots.bit_length() + 1

    @property
    def least_pulses(self) -> tuple[float, str]:
        """Pulses asked for below which none is ever given, and why."""
        # Ties go to the even number, which is none: exactly half a pulse is never given either.
        if self.encoding == "deterministic":
            return 0.5, "deterministic rounding makes less than half a pulse none"
        return 2.0**-_RANDOM_BITS, f"it is rounded with random numbers of {_RANDOM_BITS} bits"

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Pairs that cannot be brought back into range, or never are; and verifying without a measure."""
        yield from self._of_verifying()
        if self.recentre is None:
            return
        # Each fault by itself: whoever mends one wants to know of the other at the same time.
        path = (self.section, "recentre")
        why = _no_recentring(chip)
        if why:
            yield Fault(path, f"{why}; leave recentre out")
        if self.recentre.headroom >= 1:
            yield Fault((*path, "headroom"), "must be less than 100 %, or no pair is ever reset")

    def _of_verifying(self) -> Iterable[Fault]:
        if self.first_writing == "open-loop":
            return
        for name, example in (("verify_tolerance", "5 %"), ("verify_rounds", "20")):
            if getattr(self, name) is None:
                yield Fault(
                    (self.section, name),
                    f"is needed where first_writing is verify, such as {example}; or take open-loop",
                )

    def unread(self) -> Iterable[Unread]:
        """How first weights would be verified that are not."""
        if self.first_writing == "open-loop":
            why = "first weights are written without a look"
            for name in ("verify_tolerance", "verify_rounds"):
                yield Unread((self.section, name), (self.section, "first_writing"), why)

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """A tolerance that converters cannot tell, or that pulses step over."""
        yield from super().warnings(chip, workload)
        synapse, device = synapse_of(chip), chip.device
        if self.verify is None or not isinstance(synapse, PulsedSynapse) or device is None:
            return
        accepted = self.verify.tolerance * synapse.weight_range
        half = chip.tile.reading_step / 2
        where = f"update.verify_tolerance: {accepted:.2g} of a weight"
        if accepted < half:
            yield (
                f"{where} is less than half a step of the forward converters, {half:.2g}: weights that are "
                "right are read as wrong and pulsed again; raise it, or lower tile.forward.adc.range"
            )
        step = next(iter(synapse.weight_steps(device_of(chip)).values()))
        if accepted < step / 2:
            yield (
                f"{where} is less than half of what a pulse moves it by, {step:.2g}: pulses lead over it "
                "and back; raise it, or device.states"
            )

    def idealised(self) -> Iterable[str]:
        """Random numbers are free."""
        if self.encoding == "stochastic":
            yield "Random numbers that pulse numbers are rounded with take no time and no energy."

    def encoder(
        self, shape: tuple[int, int], *, rng: np.random.Generator, name: str, in_phases: bool = False
    ) -> Encoder:
        """What turns inputs and errors of one sample into pulses on a tile.

        Parameters
        ----------
        shape
            Rows and columns in use.
        rng
            The tile's own generator.
        name
            Of the drivers that give the pulses.
        in_phases
            One array takes pulses of both polarities, one after the other.
        """
        return Encoder(
            shape, stochastic=self.encoding == "stochastic", slots=self.slots, one_by_one=self.visits,
            rng=rng, name=name, in_phases=in_phases,
        )  # fmt: skip

    def changes(self, tile: ResistiveTile) -> Pulsing:
        """Pulses on its cells."""
        # A tile for timing only draws nothing, and has no generator to draw from.
        synapse, encoder = tile.synapse, None
        assert isinstance(synapse, PulsedSynapse), "checked with the description"
        if tile.seed is not None:
            driver = tile.driver.name
            rng = generator(tile.seed, driver)
            encoder = self.encoder(tile.shape, rng=rng, name=driver, in_phases=synapse.in_phases)
        slots, visits = self.typical(tile.shape)
        typical = self.typical_phases(tile.shape) if synapse.in_phases else (slots, 0, visits)
        at_random = self.encoding == "stochastic"
        headroom = None if self.recentre is None else self.recentre.headroom
        # By value: what changes cells knows no description, and a kind of one's own may make it likewise.
        return Pulsing(
            tile, encoder=encoder, count_bits=self.count_bits, rounds_at_random=at_random, slots=self.slots,
            headroom=headroom, typical=typical, verify=self.verify,
        )  # fmt: skip

    def typical(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Pulse slots and visits of an update that nobody computed, of rows and columns in use."""
        raise NotImplementedError

    def typical_phases(self, shape: tuple[int, int]) -> tuple[int, int, int]:
        """Slots of either phase, and visits of both, where one array takes pulses of both polarities.

        All weights of a row seldom move the same way: what is visited is so in both phases.
        """
        slots, visits = self.typical(shape)
        # A phase in which nothing happens to move still has its trains, or its rows to go through.
        return slots, slots, 2 * visits


def _no_recentring(chip: ChipSpec) -> str:
    """Why weights of a chip can never be brought back into range; empty where they can."""
    synapse, device = synapse_of(chip), chip.device
    if synapse.in_phases:
        return f"a weight of kind {synapse.kind} has no pair of cells: pulses bring it back from either bound"
    if device is None or "up" not in device.offers or "reset" in device.offers:
        return ""
    if "down" in device.offers:
        return f"nothing resets a cell of kind {device.kind} at once"
    return f"a cell of kind {device.kind} has no bounds to run into"
