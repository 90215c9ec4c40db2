"""What a synapse is: how one weight is carried, by resistive cells or as a number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Final

import attrs

from chipsim.device.device import Device, LevelDevice, PulsedDevice, device_of, level_device_of
from chipsim.device.randomness import generator
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import more_than
from chipsim.spec.kind import Kind
from chipsim.spec.level_map import cell_levels, made_weights
from chipsim.spec.views import seats, stages_on, views
from chipsim.spec.workload import WorkloadSpec
from chipsim.synapse.carrier import Carrier, Centring, Layout, PulsedCarrier
from chipsim.synapse.level_array import LevelArray
from chipsim.synapse.level_words import level_words
from chipsim.synapse.pair import Pairs
from chipsim.synapse.scale import Scale
from chipsim.wording import plural

__all__ = ["LevelSynapse", "PulsedSynapse", "Synapse", "cell_count", "synapse_of"]

_LARGEST_LEVEL: Final = 1e6
"""Largest weight of a synapse of levels, as of the other synapses."""
_ROUNDING: Final = 1e-9
"""Relative distance of numbers that pass for equal: decimals and computed levels may be off by a bit."""


@attrs.frozen(kw_only=True)
class Synapse(Kind):
    """How one weight is carried."""

    section: ClassVar[str] = "synapse"
    in_phases: ClassVar[bool] = False
    """Whether pulses that raise and pulses that lower a weight reach the same array, one after the other."""

    @property
    def cells_of_a_weight(self) -> int:
        """Resistive cells that one weight takes."""
        return 0

    @property
    def pair_names(self) -> tuple[str, ...]:
        """Parts of it that updates may go to, such as coarse and fine."""
        return ("weights",)

    @property
    def words(self) -> str:
        """How a weight is carried, after "Weights:"."""
        raise NotImplementedError

    def largest_weight(self, chip: ChipSpec) -> float:  # noqa: ARG002
        """Largest magnitude of a weight; infinite where no bound is known."""
        return math.inf

    @property
    def layout(self) -> Layout:
        """The arrays of a resistive tile that carry it; what is kept as numbers has none."""
        raise NotImplementedError

    def carrier(
        self,
        tile: str,
        device: Device,
        *,
        shape: tuple[int, int],
        seed: int,
        unused: tuple[int, int] = (0, 0),
    ) -> Carrier:
        """Fresh cells of one tile, and what weights read as on them; numbers have none.

        Parameters
        ----------
        tile
            Name of the tile; arrays are called after it, and draw from generators of their own names.
        device
            The cells.
        shape
            Rows and columns of weights in use.
        seed
            The run's seed.
        unused
            Cells out of use, weights wide, on each row and on each column that take current with it.
        """
        raise NotImplementedError

    def weight_steps(self, device: Device) -> Mapping[str, float]:  # noqa: ARG002
        """What one pulse changes a weight by, on average, by the part of it that the pulse goes to.

        Empty where pulses change none.
        """
        return {}

    def conductance_words(self, device: Device) -> str:  # noqa: ARG002
        """How weights become conductances, in a sentence; empty where any conductance may stand for one."""
        return ""


def synapse_of(chip: ChipSpec) -> Synapse:
    """The synapse of a described chip."""
    found = chip.synapse
    assert isinstance(found, Synapse), "the reader finds no other"
    return found


def cell_count(chip: ChipSpec, workload: WorkloadSpec) -> int:
    """Resistive cells that carry the weights of a workload's network; none where weights are digital."""
    network = workload.network
    each = {view.name: synapse_of(view.chip).cells_of_a_weight for view in views(chip)}
    return sum(network.stages[seat.layer].weights * each[seat.group] for seat in seats(chip, network))


@attrs.frozen(kw_only=True)
class PulsedSynapse(Synapse):
    """A weight as the difference of cells that pulses move, on one pair of arrays or several."""

    needs: ClassVar[frozenset[str]] = frozenset({"up"})
    offers: ClassVar[frozenset[str]] = frozenset({"cells", "pulses"})
    pairs_of: ClassVar[type[Pairs]] = Pairs
    """What carries its weights."""
    weight_range: float = attrs.field(validator=more_than(0, up_to=1e6))
    """Largest weight that a single cell, or the first pair, carries."""

    @property
    def gains(self) -> Mapping[str, float]:
        """How many times smaller the cells of each pair are, by the name of the pair."""
        raise NotImplementedError

    @property
    def arrays_of_a_part(self) -> int:
        """Arrays of a tile that pulses of one of its parts go to, those of the first part first."""
        return len(self.layout.arrays) // len(self.pair_names)

    @property
    def centring(self) -> Centring | None:
        """How references find their cells' symmetry points before anything is written; None for none."""
        return None

    @property
    def cells_of_a_weight(self) -> int:
        """Two for each pair."""
        return 2 * len(self.gains)

    @property
    def pair_names(self) -> tuple[str, ...]:
        """The pairs, the first one first."""
        return tuple(self.gains)

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Cells that pulses only raise here, and that begin above their lowest conductance."""
        yield from super().faults(chip)
        device = chip.device
        if self.in_phases or "up" not in self.needs or not isinstance(device, PulsedDevice):
            return
        # Cells that no pulse raises are refused for that.
        if device.fresh_share and "up" in device.offers:
            share = f"{100 * device.fresh_share:g} %"
            message = (
                f"begins at {share} of its range, and {self.kind} only raises it: weights could never reach "
                "weight_range; take a synapse whose cells are lowered too"
            )
            yield Fault(("device", "kind"), message)

    def weight_steps(self, device: Device) -> Mapping[str, float]:
        """What one pulse changes a weight by, on average, by the part of the synapse that it goes to."""
        assert isinstance(device, PulsedDevice), "checked with the description"
        step = self.weight_range / device.states
        return {name: step / gain for name, gain in self.gains.items()}

    def largest_weight(self, chip: ChipSpec) -> float:
        """What all pairs carry together, where their cells are known to be bounded."""
        device = chip.device
        # A spread of ranges has no end, so the largest of a million cells is not known beforehand.
        if device is None or not device_of(chip).bounded:
            return math.inf
        return sum(self.weight_range / gain for gain in self.gains.values())

    @property
    def layout(self) -> Layout:
        """Two arrays for each pair."""
        return Layout(arrays=tuple(f"{pair}{sign}" for pair in self.gains for sign in "+-"))

    def carrier(
        self,
        tile: str,
        device: Device,
        *,
        shape: tuple[int, int],
        seed: int,
        unused: tuple[int, int] = (0, 0),
    ) -> PulsedCarrier:
        """Pairs of arrays, all of whose cells are as they were made."""
        assert isinstance(device, PulsedDevice), "checked with the description"
        # The range of the first pair: that of a smaller pair is worth less by its gain.
        return self.pairs_of(
            tile, device, gains=self.gains, shape=shape, seed=seed,
            weight_per_siemens=self.weight_range / device.span(1.0), unused=unused,
        )  # fmt: skip


@attrs.frozen(kw_only=True)
class LevelSynapse(Synapse):
    """A weight at one of a few levels, on cells that are programmed to theirs."""

    needs: ClassVar[frozenset[str]] = frozenset({"program"})
    offers: ClassVar[frozenset[str]] = frozenset({"cells", "levels"})
    cells: ClassVar[int]
    """Cells, and bit lines, that a weight takes."""
    levels: tuple[float, ...]
    """Weights that there are, ascending and symmetric around zero, or from zero up where single cells are
    compared with their low level; the outermost are those of cells at their highest and lowest levels."""
    scale: Scale | None = None
    """How a layer that is given its weights is fitted to the levels, by a factor of its own; None takes
    levels for weights as they stand."""

    @property
    def from_low(self) -> bool:
        """Whether a weight is what a single cell conducts beyond its low level, so that none is negative."""
        return False

    @property
    def cells_of_a_weight(self) -> int:
        """As many as it has lines."""
        return self.cells

    @property
    def words(self) -> str:
        """Cells, levels, and how far they reach."""
        number = {1: "one cell", 2: "two adjacent cells"}[self.cells]
        low, high = self.levels[0], self.levels[-1]
        reach = f"from {low:g} to {high:g}"
        fitted = "" if self.scale is None else f", {self.scale.words}"
        return f"{number} each, at one of {len(self.levels)} levels {reach}{fitted}"

    @property
    def layout(self) -> Layout:
        """One crossbar, with a line of references where a weight has a single cell."""
        return Layout(arrays=("cells",), cells=self.cells, references=1 if self.cells == 1 else 0)

    def carrier(
        self,
        tile: str,
        device: Device,
        *,
        shape: tuple[int, int],
        seed: int,
        unused: tuple[int, int] = (0, 0),
    ) -> LevelArray:
        """Cells that are all at their low level."""
        assert isinstance(device, LevelDevice), "checked with the description"
        name = f"{tile}.cells"
        rng = generator(seed, name)
        # Transistors switch off rows out of use, so of cells out of use those on a row alone take current.
        unused_lines = unused[0] * self.cells
        return LevelArray(
            name, device, levels=self.levels, states=self.states(tuple(device.means.tolist())),
            from_low=self.from_low, shape=shape, rng=rng, unused_lines=unused_lines,
        )  # fmt: skip

    def largest_weight(self, chip: ChipSpec) -> float:  # noqa: ARG002
        """The outermost level."""
        return self.levels[-1]

    def conductance_words(self, device: Device) -> str:
        """The outermost levels, and which weights the cells cannot make as they are wanted."""
        assert isinstance(device, LevelDevice), "checked with the description"
        means = tuple(device.means.tolist())
        return level_words(self.levels, means, cells=self.cells, made=self.made(means))

    def states(self, means: tuple[float, ...]) -> tuple[tuple[int, ...], ...]:
        """For each weight that there is, the level of each of its cells, counted from zero.

        Parameters
        ----------
        means
            Mean conductance of each level of a cell, S, ascending.

        Raises
        ------
        ValueError
            When the conductances leave no range, or two weights would be the same state of their cells.
        """
        return cell_levels(self.levels, means, cells=self.cells, from_low=self.from_low)

    def made(self, means: tuple[float, ...]) -> tuple[float, ...]:
        """The weight that the cells' mean conductances really make, for each weight that there is.

        Takes and raises what :meth:`states` does.
        """
        return made_weights(self.levels, means, cells=self.cells, from_low=self.from_low)

    def most_levels(self, cell: int) -> int:
        """Weights that cells of so many levels can stand for."""
        raise NotImplementedError

    def needed_levels(self) -> int:
        """Levels that a cell needs for as many weights as there are."""
        raise NotImplementedError

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Levels out of order, and more of them than cells can make."""
        faults = list(_of_order(self.levels, from_low=self.from_low))
        yield from faults
        # Cells that are wrong themselves say so, and no level can be held against them.
        if not faults and chip.device is not None and device_of(chip).is_sound:
            yield from self._of_mapping(level_device_of(chip))

    def faults_with(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:
        """Layers that are to be scaled by weights that nobody gives."""
        if self.scale is None:
            return
        carried = stages_on(chip, workload.network)
        without = [index + 1 for index, stage in carried.items() if stage.layer.name is None]
        if without:
            layers = f"{plural('layer', len(without))} {', '.join(map(str, without))}"
            message = (
                "is chosen by the weights that a layer is given, and nothing gives those of "
                f"{layers} of {workload.name!r}; name them for network.weights, or leave scale out"
            )
            yield Fault((self.section, "scale"), message)

    def _of_mapping(self, device: LevelDevice) -> Iterator[Fault]:
        path = (self.section, "levels")
        wanted, cell = len(self.levels), len(device.means)
        most = self.most_levels(cell)
        # Counted first, for the search for states would only say of two levels that they are one.
        if wanted > most:
            made = "pairs" if self.cells > 1 else "cells"
            have = f"{cell}, one low and {cell - 1} high"
            needed = f"{wanted} levels need cells of {self.needed_levels()} levels, and these have {have}"
            yield Fault(path, f"{needed}: {made} of them make {most} at most")
            return
        try:
            self.states(tuple(device.means.tolist()))
        except ValueError as error:
            yield Fault(path, str(error))


def _of_order(levels: Sequence[float], *, from_low: bool) -> Iterator[Fault]:
    """Levels are finite, at least two, ascend, and are symmetric around zero or begin with it."""
    path = ("synapse", "levels")
    endless = [index for index, level in enumerate(levels) if not math.isfinite(level)]
    if endless:
        for at in endless:
            yield Fault((*path, at), f"must be a finite number, not {levels[at]}")
        return
    far = [index for index, level in enumerate(levels) if abs(level) > _LARGEST_LEVEL]
    if far:
        limits = f"from {-_LARGEST_LEVEL:g} to {_LARGEST_LEVEL:g}"
        for at in far:
            yield Fault((*path, at), f"must be {limits}, not {levels[at]:g}")
        return
    if len(levels) < 2:
        yield Fault(path, f"needs at least two levels, not {list(levels)}")
        return
    ascends = True
    for at, (below, level) in enumerate(itertools.pairwise(levels), start=1):
        if level <= below:
            ascends = False
            yield Fault((*path, at), f"must ascend, and {level:g} comes after {below:g}")
    # Levels out of order have no partners: what would be said of their symmetry is said of nothing.
    if ascends:
        yield from _of_zero(levels, from_low=from_low)


def _of_zero(levels: Sequence[float], *, from_low: bool) -> Iterator[Fault]:
    """Levels that ascend are symmetric around zero, or begin with it."""
    path = ("synapse", "levels")
    if from_low:
        if levels[0] != 0:
            message = f"must be zero, what a cell at its low level stands for, not {levels[0]:g}"
            yield Fault((*path, 0), message)
        return
    lower_half = levels[: (len(levels) + 1) // 2]
    for low, high in zip(lower_half, reversed(levels), strict=False):
        if abs(low + high) <= _ROUNDING * levels[-1]:
            continue
        pair = f"{low:g} and {high:g} are a pair" if low != high else f"{low:g} is in the middle"
        yield Fault(path, f"must be symmetric around zero, and {pair}")
