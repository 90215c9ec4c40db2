"""The cell of a finite number of linear steps."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice, PulseShape
from chipsim.device.encoding import Hits
from chipsim.device.linear import list_cells, pulse_linearly, reset_listed, same_everywhere, spread_around_one
from chipsim.device.table import Table
from chipsim.device.types import Indices, Sums
from chipsim.spec.fields import at_least, between, more_than
from chipsim.units import Ps, Share, Volts

__all__ = ["LinearStep"]


@attrs.frozen(kw_only=True)
class LinearStep(PulsedDevice):
    """A cell with a finite number of states that each pulse moves by about one linear step.

    Several pulses of one update draw one Gaussian of standard deviation ``variation * sqrt(n)`` steps,
    which has the distribution of n separate draws as long as no bound is met in between.

    Examples
    --------
    >>> from chipsim.device.randomness import generator
    >>> cell = LinearStep(states=50, on_conductance=20e-6, off_conductance=2e-6, pulse_voltage=2.0,
    ...     pulse_width=100_000, reset_voltage=3.0, reset_width=100_000, area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> cells.bounded, round(cell.step(1.0) * 1e9)
    (True, 360)
    """

    kind: ClassVar[str] = "linear-step"
    offers: ClassVar[frozenset[str]] = frozenset({"up", "reset"})
    step_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of one step over its mean, drawn anew at each pulse."""
    step_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the mean step, over its mean."""
    range_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the highest conductance's distance from the lowest."""
    reset_voltage: Volts = attrs.field(validator=more_than(0))
    """Of the strong pulse that resets a cell."""
    reset_width: Ps = attrs.field(validator=more_than(0))
    """Of the same pulse."""
    endurance: int | None = attrs.field(default=None, validator=at_least(1))
    """Small pulses that a cell stands; None when unknown."""

    @property
    def reset_pulse(self) -> PulseShape:
        """As described."""
        return PulseShape(voltage=self.reset_voltage, width=self.reset_width)

    @property
    def steps_alike(self) -> bool:
        """All steps are."""
        return True

    @property
    def bounded(self) -> bool:
        """Where the range does not differ from cell to cell."""
        return not self.range_spread

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """Cells whose range and whose step differ by their spreads."""
        lowest, span = self.low(gain), self.span(gain)
        # The range before the step: the order of draws is part of what a seed means.
        ranges = spread_around_one(self.range_spread, shape, rng=rng)
        slopes = spread_around_one(self.step_spread, shape, rng=rng)
        low, step = np.float32(lowest), np.float32(self.step(gain))
        high, steps = low + np.float32(span) * ranges, step * slopes
        return Cells.at_low(
            low=same_everywhere(low, shape),
            high=same_everywhere(high, shape),
            step=same_everywhere(steps, shape),
            unused_low=lowest,
            sums=sums,
            unused=unused,
            rng=rng,
        )

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """One step a pulse, up to the bound."""
        return pulse_linearly(cells, hits, variation=self.step_variation)

    def listed(self, table: Table, cells: Cells) -> int | None:
        """Linear steps; none where a kind made of this one pulses or resets in another way."""
        mine = type(self)
        # A reset may change more of a cell than its conductance, such as bounds, which loops know by heart.
        if mine.pulse is not LinearStep.pulse or mine.reset is not LinearStep.reset:
            return None
        if mine.pulse_down is not LinearStep.pulse_down:
            return None
        return list_cells(table, cells, variation=self.step_variation)

    def reset(self, cells: Cells, rows: Indices, columns: Indices) -> float:
        """Back to the lowest conductance."""
        return reset_listed(cells, rows, columns)
