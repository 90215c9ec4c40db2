"""The cell without error and without bound."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Hits
from chipsim.device.linear import list_cells, pulse_linearly, same_everywhere
from chipsim.device.table import Table
from chipsim.device.types import Sums
from chipsim.spec.fields import at_least
from chipsim.units import Siemens

__all__ = ["Ideal"]


@attrs.frozen(kw_only=True)
class Ideal(PulsedDevice):
    """A cell with exact, unbounded steps: for twins, and for asking what the device costs.

    Its `states` are steps per unit of the conductance range; the range itself does not bound the cell.
    Single precision, which conductances are kept in, has no room for steps much smaller than a millionth
    of the range.
    """

    kind: ClassVar[str] = "ideal"
    off_conductance: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Lowest conductance."""

    @property
    def steps_alike(self) -> bool:
        """All steps are."""
        return True

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,  # noqa: ARG002
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """Cells that are all alike, and have no highest conductance."""
        lowest = self.low(gain)
        low, high = same_everywhere(lowest, shape), same_everywhere(np.inf, shape)
        step = same_everywhere(self.step(gain), shape)
        return Cells.at_low(low=low, high=high, step=step, unused_low=lowest, sums=sums, unused=unused)

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """One exact step a pulse."""
        return pulse_linearly(cells, hits, variation=0.0)

    def listed(self, table: Table, cells: Cells) -> int | None:
        """Linear steps; none where a kind made of this one pulses in another way, or resets."""
        mine = type(self)
        if mine.pulse is not Ideal.pulse or mine.reset is not Ideal.reset:
            return None
        if mine.pulse_down is not Ideal.pulse_down:
            return None
        return list_cells(table, cells, variation=0.0)
