"""The cell that pulses of one polarity raise and those of the other lower, by linear steps."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.linear import list_cells, pulse_linearly, same_everywhere, spread_around_one
from chipsim.device.table import Table
from chipsim.device.two_way import TwoWayDevice
from chipsim.device.types import Sums
from chipsim.spec.fields import between
from chipsim.units import Share

__all__ = ["BidirectionalStep"]


@attrs.frozen(kw_only=True)
class BidirectionalStep(TwoWayDevice):
    """A cell that steps up and down, about as far at each pulse, between two bounds of its own.

    Several pulses of one update draw one Gaussian of standard deviation ``variation * sqrt(n)`` steps,
    which has the distribution of n separate draws as long as no bound is met in between. A fresh cell is at
    its lower bound.

    Examples
    --------
    >>> from chipsim.device.randomness import generator
    >>> cell = BidirectionalStep(states=50, on_conductance=20e-6, off_conductance=2e-6, pulse_voltage=2.0,
    ...     pulse_width=100_000, down_voltage=1.5, down_width=50_000, asymmetry=0.5, area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> once = Hits(*(np.array([count], np.int32) for count in (0, 0, 4)))
    >>> _ = cell.pulse(cells, once, rng=generator(1, "array"))
    >>> _ = cell.pulse_down(cells, once, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0]))
    2720
    """

    kind: ClassVar[str] = "bidirectional-step"
    asymmetry: float = attrs.field(default=1.0, validator=between(0.01, 100))
    """Mean step down over mean step up."""
    step_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of one step over its mean, drawn anew at each pulse."""
    step_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the mean step, over its mean; a cell's step up and its step down
    are drawn apart."""
    range_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the distance of either bound from the middle of the range, over
    its mean; a bound below zero is at zero."""

    @property
    def steps_alike(self) -> bool:
        """Where a step down is as long as one up."""
        return self.asymmetry == 1

    @property
    def symmetry_share(self) -> float:
        """The bound that the longer steps lead to, where one way's are longer."""
        if self.asymmetry == 1:
            return 0.5
        return 1.0 if self.asymmetry < 1 else 0.0

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
        """Cells whose bounds and whose steps differ by their spreads."""
        lowest = self.low(gain)
        half = np.float32(self.span(gain) / 2)
        bottom, top = np.float32(lowest), np.float32(self.on_conductance / gain)
        # Drawn in this order, so that a spread of one sort leaves the draws before it as they are.
        below, above = (spread_around_one(self.range_spread, shape, rng=rng) for _ in "-+")
        up, down = (spread_around_one(self.step_spread, shape, rng=rng) for _ in "+-")
        step = np.float32(self.step(gain))
        # Written so that a cell without spread ends at the very bounds that are said.
        low, high = bottom - half * (below - 1), top + half * (above - 1)
        backwards = -np.float32(self.asymmetry) * step
        return Cells.at_low(
            # No cell conducts less than nothing, however wide its range is drawn.
            low=same_everywhere(np.maximum(low, np.float32(0)), shape),
            high=same_everywhere(high, shape),
            step=same_everywhere(step * up, shape),
            step_down=same_everywhere(backwards * down, shape),
            unused_low=lowest,
            sums=sums,
            unused=unused,
            rng=rng,
        )

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """One step up a pulse, to the upper bound at most."""
        return pulse_linearly(cells, hits, variation=self.step_variation)

    def pulse_down(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """One step down a pulse, to the lower bound at most."""
        return pulse_linearly(cells, hits, variation=self.step_variation, down=True)

    def listed(self, table: Table, cells: Cells) -> int | None:
        """Linear steps; none where a kind made of this one pulses in another way, or resets."""
        mine = type(self)
        if mine.pulse is not BidirectionalStep.pulse or mine.pulse_down is not BidirectionalStep.pulse_down:
            return None
        if mine.reset is not BidirectionalStep.reset:
            return None
        return list_cells(table, cells, variation=self.step_variation)
