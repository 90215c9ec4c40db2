"""What a device is to the arrays of a tile: a cell as described, and what programming does to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.level_wear import begin_levels
from chipsim.device.programming import CellList, MultilevelCells, Programmed, list_missed
from chipsim.device.table import Table
from chipsim.device.types import Indices, Sums, Tally
from chipsim.device.worn import Wear
from chipsim.drift.drift import Drift
from chipsim.noise.read_noise import ReadNoise
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least, between, more_than
from chipsim.spec.kind import Kind
from chipsim.spec.read_voltage import of_read_voltage
from chipsim.units import CONDUCTANCE, Nm2, Ps, Siemens, Volts, show

__all__ = [
    "Device",
    "LevelDevice",
    "PulseShape",
    "PulsedDevice",
    "device_of",
    "level_device_of",
]


@attrs.frozen(kw_only=True)
class Device(Kind):
    """One resistive cell."""

    section: ClassVar[str] = "device"
    area: Nm2 = attrs.field(validator=more_than(0))
    """Area of one cell, its transistor included where it has one, with its share of the wires."""
    read_noise: ReadNoise | None = None
    """How much a cell differs from read to read; None (null) where every read finds the same."""
    drift: Drift | None = None
    """What time does to cells that nobody touches; None (null) where they stay as they were written."""
    wear: Wear | None = None
    """How cells fail once they have had the pulses, or the cycles, that `endurance` says; None (null) for
    cells that last."""

    @property
    def stands(self) -> int | None:
        """Small pulses that a cell stands, or cycles of a cell of levels; None where nobody says."""
        return getattr(self, "endurance", None)

    @property
    def lowest(self) -> float:
        """Lowest conductance that is described, S."""
        return 0.0

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """The voltages that change it, by the keys of its description; reading stays below all of them."""
        raise NotImplementedError

    @property
    def bounded(self) -> bool:
        """Whether every cell is known to end at a highest conductance."""
        # Warnings rest on it, and a kind that does not say is not vouched for.
        return False

    @property
    def is_sound(self) -> bool:
        """Whether it has levels that make sense, so that weights can be mapped to them."""
        return False

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """A tile that would program its cells by reading them, and what is wrong within the section."""
        yield from of_read_voltage(chip, self.programming_voltages)
        yield from self._of_wear()
        for part in self.within:
            yield from part.faults(chip)

    def _of_wear(self) -> Iterator[Fault]:
        """Cells that fail after nobody knows how many pulses, or that nothing wears out."""
        wear, path = self.wear, (self.section, "wear")
        if wear is None:
            return
        if not hasattr(self, "endurance"):
            yield Fault(path, f"cells of kind {self.kind!r} have no endurance to use up; leave it out")
        elif not self.stands:
            yield Fault(path, "needs the endurance of a cell: say device.endurance")
        for said in wear.said_wrong(lowest=self.lowest):
            yield Fault((*path, "narrows"), said)


@attrs.frozen(kw_only=True)
class PulseShape:
    """How high and how long a pulse is."""

    voltage: Volts
    width: Ps


@attrs.frozen(kw_only=True)
class PulsedDevice(Device):
    """A cell that each small pulse moves by a step; a kind says by how much."""

    offers: ClassVar[frozenset[str]] = frozenset({"up"})
    fresh_share: ClassVar[float] = 0.0
    """Where in its range a cell stands when it was made: 0 at its lowest conductance, 1 at its highest."""
    states: int = attrs.field(validator=between(2, 1_000_000))
    """Steps from the lowest to the highest conductance."""
    on_conductance: Siemens = attrs.field(validator=more_than(0))
    """Highest conductance."""
    off_conductance: Siemens = attrs.field(validator=at_least(0))
    """Lowest conductance."""
    pulse_voltage: Volts = attrs.field(validator=more_than(0))
    """Of a small pulse."""
    pulse_width: Ps = attrs.field(validator=more_than(0))
    """Of a small pulse."""

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """That of a small pulse."""
        return {"pulse_voltage": self.pulse_voltage}

    @property
    def steps_alike(self) -> bool:
        """Whether a pulse is the same step, on average, wherever the cell stands and whichever way."""
        # Counts of steps rest on it, and a kind that does not say is not vouched for.
        return False

    @property
    def on_grid(self) -> bool:
        """Whether every state is a whole number of equal steps up from the lowest conductance."""
        return True

    def pulses_for(self, steps: Sums, *, begin: Sums | float | None = None) -> Sums:  # noqa: ARG002
        """Pulses that lead a cell as far as so many mean steps, before they are rounded.

        Parameters
        ----------
        steps
            Of a cell without spread, in any shape; negative ones lead down, and so do their pulses.
        begin
            Where in its range each cell stands, from 0 to 1, in the same shape or one for all; None for fresh
            cells.
        """
        return steps

    def pulses_across(self, *, down: bool) -> float:
        """Pulses that lead a cell without spread across its range, before they are rounded."""
        # Kinds whose steps differ say by how much; to the others, a step is one either way.
        shorter = getattr(self, "asymmetry", 1.0) if down else 1.0
        return self.span(1.0) / self.step(1.0) / shorter

    @property
    def symmetry_share(self) -> float:
        """Where in its range alternating pulses lead a cell without spread, from 0 to 1.

        Where steps are alike everywhere, alternating pulses leave a cell where it is brought first.
        """
        return 0.5

    @property
    def repelling_share(self) -> float | None:
        """Where in its range steps are alike but alternating pulses lead a cell away, from 0 to 1.

        None where there is no such place, or a kind does not say.
        """
        return None

    def unsettled(self, pairs: int) -> float:  # noqa: ARG002
        """Share of its distance from the symmetry point that a cell keeps after so many pulses up and down.

        None of it where a kind does not say.
        """
        return 0.0

    @property
    def up_pulses(self) -> tuple[PulseShape, ...]:
        """The pulses that together raise a cell by one step, one after another: a single small one."""
        return (PulseShape(voltage=self.pulse_voltage, width=self.pulse_width),)

    @property
    def reset_pulse(self) -> PulseShape | None:
        """The strong pulse that takes a cell back to where it began; None where nothing does."""
        return None

    @property
    def down_pulse(self) -> PulseShape | None:
        """The small pulse that lowers a cell; None where pulses only raise it."""
        return None

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """A cell without a range, and those of all devices."""
        if self.on_conductance <= self.off_conductance:
            on, off = show(self.on_conductance, CONDUCTANCE), show(self.off_conductance, CONDUCTANCE)
            message = f"must be more than off_conductance, {off}, not {on}"
            yield Fault((self.section, "on_conductance"), message)
        yield from super().faults(chip)

    @property
    def lowest(self) -> float:
        """As described."""
        return self.off_conductance

    def begin_wear(self, cells: Cells, *, rng: np.random.Generator) -> None:
        """Have new cells wear out, where that is described; draws from their array's own generator."""
        if self.wear is not None and self.stands:
            self.wear.begin(cells, self.stands, rng=rng)

    def endured(self, shape: tuple[int, int], *, rng: np.random.Generator) -> Tally | None:
        """Pulses that each of new cells stands with a range of its own (rows, columns); None for any."""
        if self.wear is None or not self.stands:
            return None
        return self.wear.endured(self.stands, shape, rng=rng)

    def low(self, gain: float) -> float:
        """Lowest conductance of a cell that is `gain` times smaller than described, S.

        Conductance is proportional to area (Choi 2021, for the fine cells of a hybrid synapse).
        """
        return self.off_conductance / gain

    def span(self, gain: float) -> float:
        """Highest less lowest conductance of such a cell, S."""
        return (self.on_conductance - self.off_conductance) / gain

    def step(self, gain: float) -> float:
        """Mean step of such a cell upwards, S."""
        return self.span(gain) / self.states

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """New cells with their device-to-device spread, all reset.

        Parameters
        ----------
        shape
            Rows and columns.
        rng
            The array's own generator.
        gain
            How many times smaller than described the cells are.
        sums
            Where the cells keep their row sums (rows,) and column sums (columns,).
        unused
            Cells out of use on each row and on each column, which are reset too and stay so.
        """
        raise NotImplementedError

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:
        """Raise cells by their pulses, and return the sum of pulses times conductance, S."""
        raise NotImplementedError

    def pulse_down(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:
        """Lower cells by their pulses, likewise; for those that offer ``down``."""
        raise NotImplementedError

    def listed(self, table: Table, cells: Cells) -> int | None:  # noqa: ARG002
        """Add cells to a table for loops that are compiled as a whole.

        There they move as :meth:`pulse` moves them and, where pulses lower them too, as :meth:`pulse_down`.
        Cells with a law of their own need not: their pulses are asked for sample by sample, which None says.
        """
        return None

    def reset(self, cells: Cells, rows: Indices, columns: Indices) -> float:
        """Reset cells with one strong pulse each, and return the conductance that these pulses met, S."""
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class LevelDevice(Device):
    """A cell that is programmed to one of a few levels, by a SET and a RESET: one chooses the level."""

    offers: ClassVar[frozenset[str]] = frozenset({"program"})
    begins_with: ClassVar[Literal["reset", "set"]] = "reset"
    """The pulse from which every level is reached: a RESET to the lowest, or a SET to the highest."""
    set_voltage: Volts = attrs.field(validator=more_than(0))
    """Of the pulse that brings a cell up: to a level above the lowest, or to the highest."""
    set_width: Ps = attrs.field(validator=more_than(0))
    """Of the same pulse."""
    reset_voltage: Volts = attrs.field(validator=more_than(0))
    """Of the pulse that brings a cell to the lowest level."""
    reset_width: Ps = attrs.field(validator=more_than(0))
    """Of the same pulse."""

    @property
    def means(self) -> Sums:
        """Mean conductance of each level, the lowest first (levels,), S."""
        raise NotImplementedError

    @property
    def spreads(self) -> Sums | None:
        """Standard deviation of what cells conduct at each level (levels,), S; None if nobody says."""
        return None

    @property
    def lowest(self) -> float:
        """The mean of the lowest level."""
        return float(self.means[0])

    def begin_wear(self, cells: MultilevelCells, *, rng: np.random.Generator) -> None:
        """Have new cells wear out, where that is described; draws from their array's own generator."""
        if self.wear is not None and self.stands:
            begin_levels(self.wear, cells, self.stands, means=self.means, rng=rng)

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """Those of a SET and of a RESET."""
        return {"set_voltage": self.set_voltage, "reset_voltage": self.reset_voltage}

    def fresh(self, shape: tuple[int, int], *, rng: np.random.Generator) -> MultilevelCells:
        """New cells (rows, lines), all at their lowest level."""
        raise NotImplementedError

    def program(
        self,
        cells: MultilevelCells,
        wanted: CellList,
        *,
        rng: np.random.Generator,
        pulsed: NDArray[np.bool_] | None = None,
    ) -> Programmed:
        """Program all listed cells; see :func:`~chipsim.device.programming.program_listed`.

        Parameters
        ----------
        cells
            Changed in place.
        wanted
            Which cells, and their new levels.
        rng
            The array's own generator; one Gaussian is drawn for each listed cell, in the order listed.
        pulsed
            Marked, when given, with the pulses that each row had (rows, levels).
        """
        raise NotImplementedError

    def missed(self, cells: MultilevelCells, wanted: CellList, *, tolerance: float) -> CellList:
        """The listed cells that came out too far from the mean of their level."""
        return list_missed(cells, wanted, means=self.means, tolerance=tolerance)


def level_device_of(chip: ChipSpec) -> LevelDevice:
    """The device of a described chip whose cells are programmed to levels."""
    found = chip.device
    assert isinstance(found, LevelDevice), "checked with the description"
    return found


def device_of(chip: ChipSpec) -> Device:
    """The device of a described chip that has one."""
    found = chip.device
    assert isinstance(found, Device), "checked with the description"
    return found
