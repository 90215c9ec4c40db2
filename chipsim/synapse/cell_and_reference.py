"""One cell a weight, against a reference cell of its own that stands at the cell's symmetry point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs

from chipsim.device.device import Device, PulsedDevice
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between
from chipsim.synapse.carrier import Centring, Layout
from chipsim.synapse.referred_cells import ReferredCells
from chipsim.synapse.synapse import PulsedSynapse
from chipsim.units import CONDUCTANCE, Share, show

__all__ = ["CellAndReference"]

_UNSETTLED = 0.05
"""Share of the distance from their symmetry point that cells may keep without being told."""


@attrs.frozen(kw_only=True)
class CellAndReference(PulsedSynapse):
    """A weight as the difference of one cell from a reference cell of its own, at the cell's symmetry point.

    A tile has two arrays, `cells` and `references`. Before first weights are written, counted pulses bring
    all cells to where those without spread have their symmetry point, and alternating pulses bring each to
    its own, all at once. Each is then read by the tile's converters after the last pulse of either polarity,
    for after one alone it stands half a step off, and its reference is programmed to the mean of both, row by
    row. Steps that vary and write noise blur one reading; several, with pulses in between, are averaged.
    Weights are written from there. The middle of the described range stands for zero until then.

    References
    ----------
    H. Kim et al., arXiv:1907.10228 (2019): zero-shifting by alternating pulses.
    """

    kind: ClassVar[str] = "cell-and-reference"
    needs: ClassVar[frozenset[str]] = frozenset({"up", "down"})
    in_phases: ClassVar[bool] = True
    example: ClassVar[Mapping[str, Any]] = {"weight_range": 1, "alternating_pulses": 3}
    alternating_pulses: int = attrs.field(default=200, validator=between(1, 1_000_000))
    """Pulses up, each followed by one down, that lead cells to their symmetry points. With soft bounds each
    of them leaves (1 - 2 / states)² of a cell's distance from it: of 200 states, 200 leave 1.8 %."""
    reference_readings: int = attrs.field(default=1, validator=between(1, 10_000))
    """Times that each cell is read, evenly over the last half of these pairs, each time after the pulse of
    either polarity; its reference is programmed to the mean. Write noise is drawn anew for each, and what
    steps that vary led to is forgotten from one to the next as any distance is."""
    reference_error: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Standard deviation of what a reference cell conducts from what it was to be, over the described range;
    drawn once for each."""
    reference_rounds: int = attrs.field(default=10, validator=between(1, 1_000))
    """Times that each row of references is read and pulsed until all stand where they should, each cell with
    one pulse up or down."""

    @property
    def gains(self) -> Mapping[str, float]:
        """Cells as described."""
        return {"cells": 1.0}

    @property
    def cells_of_a_weight(self) -> int:
        """The cell and its reference."""
        return 2

    @property
    def arrays_of_a_part(self) -> int:
        """Pulses go to the cells; nothing updates references."""
        return 1

    @property
    def centring(self) -> Centring:
        """As described."""
        return Centring(
            pairs=self.alternating_pulses, readings=self.reference_readings, rounds=self.reference_rounds
        )

    @property
    def words(self) -> str:
        """The cell, and how its reference is found."""
        found = (
            f"one cell each, against a cell of its own at its symmetry point, found by "
            f"{self.alternating_pulses:,} pulses up and down"
        )
        if self.reference_readings == 1:
            return found
        return f"{found} and {self.reference_readings:,} readings"

    def idealised(self) -> Iterable[str]:
        """References that begin in the middle, keep still, and take a stated number of rounds."""
        yield (
            "Reference cells stand in the middle of the described range, without error, until they are "
            "programmed; how they come to what their cells conduct is not simulated pulse by pulse: "
            f"each takes {self.reference_rounds} pulses, half of either polarity, and ends off by "
            "reference_error."
        )
        yield (
            "A pulse drives the lines of one array of a tile: switches cut off those of the other, and take "
            "nothing."
        )

    @property
    def layout(self) -> Layout:
        """Two arrays alike."""
        return Layout(arrays=("cells", "references"))

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Cells that alternating pulses lead to a bound, and readings without pulses in between."""
        yield from super().faults(chip)
        yield from self._of_readings()
        device = chip.device
        # A cell of another sort is refused for what it lacks.
        if not isinstance(device, PulsedDevice) or 0 < device.symmetry_share < 1:
            return
        yield Fault(("device", "kind"), self._unmet(device))

    def _unmet(self, device: PulsedDevice) -> str:
        """Why alternating pulses lead cells to a bound, and what would help."""
        told = f"has no symmetry point between its bounds, which {self.kind} looks for"
        apart = device.repelling_share
        if apart is not None:
            # Steps of one length would only move this place.
            place = show(device.low(1.0) + apart * device.span(1.0), CONDUCTANCE, 3)
            return (
                f"{told}: its steps up and down are alike at {place}, but steps down are longer below and "
                "steps up above, so that alternating pulses lead cells away from there; take steps that "
                "shrink towards their bounds (soft-bounds), or a synapse without references of their own "
                "(single-cell)"
            )
        bound = "upper" if device.symmetry_share else "lower"
        return (
            f"{told}: under alternating pulses its longer steps lead all cells to the {bound} bound; take "
            "steps that are equally long both ways (device.asymmetry: 1), or that shrink towards their "
            "bounds (soft-bounds)"
        )

    def _of_readings(self) -> Iterable[Fault]:
        readings, most = self.reference_readings, self.centring.most_readings
        if readings > most:
            message = (
                f"must be at most {most:,}, one after each pair of the last half of alternating_pulses "
                f"({self.alternating_pulses:,}), not {readings:,}; give at least {2 * readings - 1:,} of "
                "these"
            )
            yield Fault((self.section, "reference_readings"), message)

    def warnings(self, chip: ChipSpec, workload: object) -> Iterable[str]:
        """Too few pulses to arrive, and converters that tell cells apart by more than a pulse."""
        yield from super().warnings(chip, workload)
        device = chip.device
        assert isinstance(device, PulsedDevice), "checked with the description"
        first, *_ = read_after = self.centring.read_after
        left = sum(device.unsettled(pairs) for pairs in read_after) / len(read_after)
        if left > _UNSETTLED:
            more = len(read_after) > 1
            several = f", in {len(read_after):,} readings from {first:,} on" if more else ""
            yield (
                f"synapse.alternating_pulses: cells keep {100 * left:.3g} % of their distance from their "
                f"symmetry points after {self.alternating_pulses:,} pulses up and down{several}; give more "
                "of them"
            )
        yield from self._of_reading(chip, device)

    def _of_reading(self, chip: ChipSpec, device: PulsedDevice) -> Iterable[str]:
        half, step = chip.tile.reading_step / 2, self.weight_steps(device)["cells"]
        if half > step:
            yield (
                f"tile.forward.adc: a reading of one cell is off by up to {half:.2g} of a weight, half a "
                f"step of the converter, and a pulse moves a weight by {step:.2g}: references come no nearer "
                "to symmetry points than that; use more bits, or lower the range"
            )

    def weight_steps(self, device: Device) -> Mapping[str, float]:
        """The range of a cell stands for twice the largest weight; steps are those upwards."""
        assert isinstance(device, PulsedDevice), "checked with the description"
        return dict.fromkeys(self.gains, 2 * self.weight_range / device.states)

    def carrier(
        self,
        tile: str,
        device: Device,
        *,
        shape: tuple[int, int],
        seed: int,
        unused: tuple[int, int] = (0, 0),
    ) -> ReferredCells:
        """Cells as they were made, and references in the middle of the range."""
        assert isinstance(device, PulsedDevice), "checked with the description"
        cells, references = self.layout.arrays
        return ReferredCells(
            (f"{tile}.{cells}", f"{tile}.{references}"), device, weight_range=self.weight_range,
            reference_error=self.reference_error, shape=shape, seed=seed, unused=unused,
        )  # fmt: skip
