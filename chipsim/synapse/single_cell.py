"""One cell a weight, raised and lowered by pulses, against a reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from chipsim.device.device import Device, PulsedDevice
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.synapse.carrier import Layout
from chipsim.synapse.single_cells import SingleCells
from chipsim.synapse.synapse import PulsedSynapse

__all__ = ["SingleCell"]


@attrs.frozen(kw_only=True)
class SingleCell(PulsedSynapse):
    """A weight as the difference of one cell from a reference in the middle of the cells' range.

    A tile has one line of reference cells beside the others, which nothing changes. A pulse of one polarity
    raises the weight and one of the other lowers it, so an update has a phase of either. Where cells step
    alike everywhere, their `states` are an even number, so that one of them is the middle, which stands for a
    weight of zero.
    """

    kind: ClassVar[str] = "single-cell"
    needs: ClassVar[frozenset[str]] = frozenset({"up", "down"})
    in_phases: ClassVar[bool] = True

    @property
    def gains(self) -> Mapping[str, float]:
        """Cells as described."""
        return {"cells": 1.0}

    @property
    def cells_of_a_weight(self) -> int:
        """One; references are the tile's."""
        return 1

    @property
    def words(self) -> str:
        """The cell, and what it is compared with."""
        return "one cell each, against a reference in the middle of its range"

    def idealised(self) -> Iterable[str]:
        """A reference that has no error, and a driver that reaches far enough."""
        yield (
            "References stand in the middle of the range of their cells, without error, and nothing moves "
            "them; one driver takes the sum of what all columns are driven with."
        )

    @property
    def layout(self) -> Layout:
        """One array with a line of references."""
        return Layout(arrays=tuple(self.gains), references=1)

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Cells of which no state stands for zero."""
        yield from super().faults(chip)
        device = chip.device
        # A cell of another sort is refused for what it lacks.
        if not isinstance(device, PulsedDevice) or not device.on_grid or device.states % 2 == 0:
            return
        # Written as the next state on either side, every weight of zero would be off by half a step, and all
        # to one side: a sum over many inputs would drift with their number.
        yield Fault(
            ("device", "states"),
            f"must be even where {self.kind} carries a weight, not {device.states}: the reference stands in "
            "the middle of the range, and an odd number of steps has no state there, so that no cell would "
            "hold a weight of zero",
        )

    def weight_steps(self, device: Device) -> Mapping[str, float]:
        """The range of a cell reaches from minus to plus the largest weight; steps are those upwards."""
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
    ) -> SingleCells:
        """Cells that all stand as they were made."""
        assert isinstance(device, PulsedDevice), "checked with the description"
        (array,) = self.layout.arrays
        return SingleCells(
            f"{tile}.{array}", device, weight_range=self.weight_range, shape=shape, seed=seed, unused=unused
        )
