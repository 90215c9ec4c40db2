"""The cell whose steps shrink towards its bounds, up and down, as measured on arrays of analog RRAM."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.table import Table
from chipsim.device.types import Sums
from chipsim.device.uneven import UnevenCells, UnevenDevice
from chipsim.device.uneven_cells import Steps
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between
from chipsim.units import Share

__all__ = ["SoftBounds"]


@attrs.frozen(kw_only=True)
class SoftBounds(UnevenDevice):
    """A cell whose steps shrink linearly towards two bounds of its own, the upper one up, the lower one down.

    With w the conductance less that of the middle of the described range, a pulse up adds
    `step * (1 - w / w_max)` and one down takes `asymmetry * step * (1 - w / w_min)`, where w_max above and
    w_min below zero are the cell's bounds. The described range is twice w_max, and `step` is the range over
    `states`: where a weight of one is w_max, a step of 0.0949 is 2 / 0.0949 = 21.07 states.
    Alternating pulses lead a cell to its symmetry point, where both steps are equally long.

    A `single-cell` weight is w over w_max times `weight_range`; that of a pair is the difference of its
    conductances over the whole range times `weight_range`, and a pulse near the lower bound moves it by up
    to two of the described steps.

    References
    ----------
    N. Gong et al., IEDM 2022, 33.7.1: fits of two arrays, in these terms.

    Examples
    --------
    >>> from chipsim.device.encoding import Hits
    >>> from chipsim.device.randomness import generator
    >>> cell = SoftBounds(states=20, on_conductance=21e-6, off_conductance=1e-6, pulse_voltage=2.0,
    ...     pulse_width=100_000, down_voltage=1.5, down_width=50_000, area=40_000, fresh_share=0.5)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> twice = Hits(*(np.array([count], np.int32) for count in (0, 0, 2)))
    >>> _ = cell.pulse(cells, twice, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0]))
    12900
    """

    kind: ClassVar[str] = "soft-bounds"
    step_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of one step, drawn anew at each pulse, over the cell's step in the middle of the
    range, where steps are as long as described: near a bound steps shrink and their variation does not."""

    # --- what it is ------------------------------------------------------------------------------

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """A step that leads from the middle beyond a bound, and those of all devices."""
        way, size = ("down", self.asymmetry) if self.asymmetry > 1 else ("up", 1.0)
        # Half the range is half the states, in described steps up.
        if self.states <= 2 * size:
            message = (
                f"must be more than {2 * size:g}, not {self.states:g}: a step {way} from the middle "
                "would lead to the bound, or beyond it"
            )
            yield Fault((self.section, "states"), message)
        yield from super().faults(chip)

    def pulses_for(self, steps: Sums, *, begin: Sums | float | None = None) -> Sums:
        """By the curve of a cell without spread; half a step before a bound is as far as anybody aims."""
        share = self.fresh_share if begin is None else begin
        up, down = self._shrinks
        upward = _pulses_along(steps, room=self.states * (1 - share), shrink=up)
        downward = _pulses_along(-steps, room=self.states * share, shrink=down)
        return upward - downward

    @property
    def _shrinks(self) -> tuple[float, float]:
        """What a pulse up, and one down, take of the way to the bound that they lead to."""
        return 2 / self.states, 2 * self.asymmetry / self.states

    @property
    def symmetry_share(self) -> float:
        """Where 1 - w is the asymmetry times 1 + w, w over half the range: one over one more than it."""
        return 1 / (1 + self.asymmetry)

    def unsettled(self, pairs: int) -> float:
        """A pulse either way leaves of any distance what it does not take of the way to a bound."""
        up, down = self._shrinks
        return ((1 - up) * (1 - down)) ** pairs

    # --- what cells do ---------------------------------------------------------------------------

    def steps_of(self, cells: UnevenCells) -> Steps:
        """Steps that shrink linearly towards bounds."""
        written = self.write_noise * cells.described_step
        return Steps(zero=cells.zero, variation=self.step_variation, written=written)

    def listed(self, table: Table, cells: Cells) -> int | None:
        """Steps that shrink; none where a kind made of this one pulses in another way, or resets."""
        return super().listed(table, cells) if type(self).reset is SoftBounds.reset else None


def _pulses_along(steps: Sums, *, room: Sums | float, shrink: float) -> Sums:
    """Pulses that lead so many described steps along a curve; none where steps are negative.

    Parameters
    ----------
    steps
        Any shape.
    room
        Described steps from where the curve begins to its bound, in the same shape or one for all.
    shrink
        What each pulse takes of the way that is left.
    """
    most: Sums | float
    if isinstance(room, np.ndarray):
        most = np.maximum(room - 0.5, 0)
        # Where there is less room than this nobody aims anywhere, and any other number will do in its place.
        room = np.maximum(room, 0.5)
    else:
        most = max(room - 0.5, 0)
    aimed = np.clip(steps, 0, most)
    if shrink >= 1 or not np.all(room):
        return np.zeros_like(aimed)
    pulses: Sums = np.log1p(-aimed / room) / np.log1p(-shrink)
    return pulses
