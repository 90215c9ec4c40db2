"""The cell that small RESET pulses lower, and unbalanced pairs of a SET and a RESET raise by a small step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.cells import Cells
from chipsim.device.device import PulseShape
from chipsim.device.encoding import Hits
from chipsim.device.linear import pulse_linearly
from chipsim.device.types import Sums
from chipsim.spec.fields import between, more_than
from chipsim.units import Ps, Share, Volts

__all__ = ["SetReset"]


@attrs.frozen(kw_only=True)
class SetReset(BidirectionalStep):
    """A cell whose SET is too abrupt to be used alone: a step up is a SET that a longer RESET nearly undoes.

    What is a pulse upwards elsewhere is two here, one after the other, with a time and an energy each;
    `pulse` in the names of keys means the SET of such a pair. A step down is one small RESET pulse. A pair
    counts as one pulse in wear and in tables. A fresh cell stands in the middle of its range.

    References
    ----------
    Dong 2018: unbalanced pairs of pulses, slower and less stable than small RESET pulses.

    Examples
    --------
    >>> cell = SetReset(states=400, on_conductance=50e-6, off_conductance=5e-6, pulse_voltage=1.4,
    ...     pulse_width=500_000, reset_voltage=1.44, reset_width=5_000_000, down_voltage=1.5,
    ...     down_width=100_000, area=40_000)
    >>> [pulse.width for pulse in cell.up_pulses]
    [500000, 5000000]
    """

    kind: ClassVar[str] = "set-reset"
    fresh_share: ClassVar[float] = 0.5
    example: ClassVar[Mapping[str, Any]] = {
        **BidirectionalStep.example, "reset_voltage": "2 V", "reset_width": "100 ns",
    }  # fmt: skip
    reset_voltage: Volts = attrs.field(validator=more_than(0))
    """Of the RESET that follows each SET, without its sign."""
    reset_width: Ps = attrs.field(validator=more_than(0))
    """Of the same pulse."""
    up_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of a step upwards over its mean, drawn anew at each pair; that of steps downwards is
    `step_variation`."""

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """Those of both pulses of a pair, and of the small RESET."""
        return {**super().programming_voltages, "reset_voltage": self.reset_voltage}

    @property
    def up_pulses(self) -> tuple[PulseShape, ...]:
        """The SET, then the RESET."""
        return (*super().up_pulses, PulseShape(voltage=self.reset_voltage, width=self.reset_width))

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """Cells in the middle of the range that is described, whatever their own bounds are."""
        cells = super().fresh(shape, rng=rng, gain=gain, sums=sums, unused=unused)
        middle = np.float32(self.low(gain) + self.fresh_share * self.span(gain))
        cells.conductance[:] = np.clip(middle, cells.low, cells.high)
        cells.sum_up()
        return cells

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """One step up a pair, to the upper bound at most."""
        return pulse_linearly(cells, hits, variation=self.up_variation)

    def idealised(self) -> tuple[str, ...]:
        """How cells came to where they begin, and what a pair goes through between its two pulses."""
        fresh = "Fresh cells stand in the middle of their range, and what brought them there is not charged."
        during = (
            "During both pulses of a SET-RESET pair a cell is taken to conduct the mean of what it did "
            "before and does after them: between them it conducts more, and both take more than is charged."
        )
        return fresh, during
