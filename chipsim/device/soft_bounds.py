"""The cell whose steps shrink towards its bounds, up and down, as measured on arrays of analog RRAM."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.linear import drawn_from, same_everywhere, spread_around_one
from chipsim.device.soft_steps import list_soft_cells, pulse_softly
from chipsim.device.table import Table
from chipsim.device.two_way import TwoWayDevice
from chipsim.device.types import Flags, Floats, Sums
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between, more_than
from chipsim.spec.kind import Unread
from chipsim.units import Share

__all__ = ["SoftBounds", "SoftCells"]

_LEAST_STEP = np.float32(0.01)
"""Of the described one, where a step less its asymmetry would lead the other way."""


@attrs.define(kw_only=True, eq=False)
class SoftCells(Cells):
    """Cells whose steps shrink towards bounds, and whose conductance may be off what pulses left in them."""

    remembers: ClassVar[tuple[str, ...]] = (*Cells.remembers, "lasting")
    zero: float = 0.0
    """Conductance at which steps are as long as described, S."""
    described_step: float = 0.0
    """Up, of a cell without spread, S."""
    lasting: Floats | None = None
    """What pulses left (rows, columns), S, which the next ones go on from: the conductance without its write
    noise. None for cells without such noise, whose conductance it is."""

    @property
    def pulsed_to(self) -> Floats:
        """What pulses left in each cell (rows, columns), S."""
        return self.conductance if self.lasting is None else self.lasting

    @property
    def at_top(self) -> Flags:
        """Cells that no pulse raises further, whatever their write noise."""
        return self.pulsed_to >= self.high

    @property
    def at_bottom(self) -> Flags:
        """Cells that no pulse lowers further, likewise."""
        return self.pulsed_to <= self.low


@attrs.frozen(kw_only=True)
class SoftBounds(TwoWayDevice):
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
    # A measured step is no whole fraction of a range.
    states: float = attrs.field(validator=more_than(0, up_to=1_000_000))  # type: ignore[assignment]
    """Described range over a step up in its middle; need not be a whole number."""
    fresh_share: Share = attrs.field(default=Share(0.0), validator=between(0, 1))  # type: ignore[misc]
    """Where in the described range a fresh cell stands, as far as its own bounds allow it: 0 at its own lower
    bound, which pairs begin with, 50 % in the middle, which a single cell's reference is."""
    asymmetry: float = attrs.field(default=1.0, validator=between(0.01, 100))
    """Described step down over that up, in the middle of the range."""
    step_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of one step, drawn anew at each pulse, over the cell's step in the middle of the
    range: near a bound steps shrink and their variation does not."""
    step_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 5))
    """Device-to-device standard deviation of the logarithm of a cell's steps: they are log-normal, and the
    described one is their median."""
    upper_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the upper bound's distance from the middle, over its mean."""
    lower_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """The same of the lower bound; one below zero is at zero."""
    asymmetry_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of what a cell steps further up, and less far down, over the
    described step."""
    write_noise: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of a cell's conductance around what pulses left in it, over the described step;
    drawn anew whenever it is pulsed, and forgotten by the next pulse."""
    corrupt_cells: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Share of the cells that no pulse moves; each is stuck somewhere between its bounds."""
    corrupt_range: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Width of the stretch around the middle in which they are stuck, over the described range: 1 % is a
    hundredth of a weight of one to either side. None for anywhere between a cell's own bounds."""

    # --- what it is ------------------------------------------------------------------------------

    @property
    def on_grid(self) -> bool:
        """No state is a whole number of equal steps from another."""
        return False

    @property
    def bounded(self) -> bool:
        """Where bounds do not differ from cell to cell, and no noise leads beyond them."""
        return not (self.upper_spread or self.lower_spread or self.write_noise)

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

    def unread(self) -> Iterable[Unread]:
        """Where corrupt cells are stuck, when there are none."""
        if not self.corrupt_cells:
            why = "no cell is corrupt"
            yield Unread(("device", "corrupt_range"), ("device", "corrupt_cells"), why)

    def idealised(self) -> Iterable[str]:
        """How cells came to where they begin, and what pulses take of noisy ones."""
        if self.fresh_share:
            share = f"{100 * self.fresh_share:g} %"
            yield f"Fresh cells stand at {share} of their range, and what brought them there is not charged."
        if self.write_noise:
            yield "Between pulses of a train write noise is taken to be the mean of that before and after it."

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

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> SoftCells:
        """Cells whose bounds and steps differ by their spreads, some of them stuck."""
        lowest, half = self.low(gain), self.span(gain) / 2
        zero = lowest + half
        # Drawn in this order, so that a spread of one sort leaves the draws before it as they are.
        below = spread_around_one(self.lower_spread, shape, rng=rng)
        above = spread_around_one(self.upper_spread, shape, rng=rng)
        up, down = self._drawn_steps(shape, rng=rng)
        # Written so that a cell without spread ends at the very bounds that are said. None conducts less than
        # nothing, however wide its range is drawn.
        low = np.maximum(np.float32(lowest) - np.float32(half) * (below - 1), np.float32(0))
        high = np.float32(self.on_conductance / gain) + np.float32(half) * (above - 1)
        step = np.float32(self.step(gain))
        up, down = step * up, -np.float32(self.asymmetry) * step * down
        stuck = self._drawn_stuck(shape, rng=rng)
        if stuck is not None:
            moves = np.isnan(stuck)
            up, down = up * moves, down * moves
        cells = SoftCells.at_low(
            low=same_everywhere(low, shape),
            high=same_everywhere(high, shape),
            step=same_everywhere(up, shape),
            step_down=same_everywhere(down, shape),
            unused_low=lowest,
            sums=sums,
            unused=unused,
            rng=rng,
        )
        cells.zero, cells.described_step = zero, self.step(gain)
        self._bring_to_begin(cells, stuck, gain=gain)
        return cells

    def _drawn_steps(self, shape: tuple[int, int], *, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Steps of each cell up and down, over the described ones; a single one without spread."""
        gains = np.array(1.0, np.float32)
        if self.step_spread:
            gains = np.exp(np.float32(self.step_spread) * rng.standard_normal(shape, dtype=np.float32))
        if not self.asymmetry_spread:
            return gains, gains
        more = np.float32(self.asymmetry_spread) * rng.standard_normal(shape, dtype=np.float32)
        return np.maximum(gains + more, _LEAST_STEP), np.maximum(gains - more, _LEAST_STEP)

    def _drawn_stuck(self, shape: tuple[int, int], *, rng: np.random.Generator) -> Floats | None:
        """Where in its range each corrupt cell is stuck, from 0 to 1; NaN for those that pulses move."""
        if not self.corrupt_cells:
            return None
        chosen = rng.random(shape, dtype=np.float32) < self.corrupt_cells
        places = rng.random(shape, dtype=np.float32)
        found: Floats = np.where(chosen, places, np.float32(np.nan))
        return found

    def _bring_to_begin(self, cells: SoftCells, stuck: Floats | None, *, gain: float) -> None:
        """Move fresh cells to where they stand, and stuck ones to where they stay."""
        if self.fresh_share:
            begin = np.float32(self.low(gain) + self.fresh_share * self.span(gain))
            cells.conductance[:] = np.clip(begin, cells.low, cells.high)
        if stuck is not None:
            places = self._stuck_places(cells, stuck, gain=gain)
            cells.conductance[:] = np.where(np.isnan(stuck), cells.conductance, places)
        cells.sum_up()
        if self.write_noise:
            # Nobody has written to them yet: noise comes with the first pulse.
            cells.lasting = cells.conductance.copy()

    def _stuck_places(self, cells: SoftCells, stuck: Floats, *, gain: float) -> Floats:
        """What corrupt cells conduct, S; NaN for the others."""
        if self.corrupt_range is None:
            anywhere: Floats = cells.low + stuck * (cells.high - cells.low)
            return anywhere
        width = self.corrupt_range * self.span(gain)
        around: Floats = np.float32(cells.zero) + np.float32(width) * (stuck - np.float32(0.5))
        # NaN stays NaN.
        return np.clip(around, cells.low, cells.high)

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """Steps up that shrink towards the upper bound."""
        return self._pulse(cells, hits, end=cells.high, step=cells.step)

    def pulse_down(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """Steps down that shrink towards the lower bound."""
        assert cells.step_down is not None, "made by this device, whose pulses lower"
        return self._pulse(cells, hits, end=cells.low, step=cells.step_down)

    def _pulse(self, cells: Cells, hits: Hits, *, end: Floats, step: Floats) -> float:
        assert isinstance(cells, SoftCells), "made by this device"
        written = self.write_noise * cells.described_step
        noise = drawn_from(cells, self.step_variation + self.write_noise)
        weighted: float = pulse_softly(
            cells.conductance, cells.pulsed_to, cells.low, cells.high, end, step, cells.pulses, cells.row_sum,
            cells.column_sum, hits.rows, hits.columns, hits.counts, noise, cells.zero, self.step_variation,
            written, cells.tally,
        )  # fmt: skip
        return weighted

    def listed(self, table: Table, cells: Cells) -> int | None:
        """Steps that shrink; none where a kind made of this one pulses in another way, or resets."""
        mine = type(self)
        if mine.pulse is not SoftBounds.pulse or mine.pulse_down is not SoftBounds.pulse_down:
            return None
        if mine._pulse is not SoftBounds._pulse or mine.reset is not SoftBounds.reset:  # noqa: SLF001
            return None
        # Cells of a class of one's own may say in another way what pulses left in them.
        if type(cells) is not SoftCells:
            return None
        written = self.write_noise * cells.described_step
        noise = drawn_from(cells, self.step_variation + self.write_noise)
        return list_soft_cells(
            table, cells, lasting=cells.pulsed_to, zero=cells.zero, variation=self.step_variation,
            written=written, noise=noise,
        )  # fmt: skip


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
