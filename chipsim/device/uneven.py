"""What devices share whose steps differ along their range, and from cell to cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, Literal

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.linear import drawn_from, same_everywhere, spread_around_one
from chipsim.device.table import Table
from chipsim.device.two_way import TwoWayDevice
from chipsim.device.types import Flags, Floats, Sums
from chipsim.device.uneven_cells import Steps, list_uneven_cells
from chipsim.device.uneven_steps import pulse_unevenly
from chipsim.spec.fields import between, more_than
from chipsim.spec.kind import Unread
from chipsim.units import Share

__all__ = ["UnevenCells", "UnevenDevice"]

_LEAST_STEP: Final = np.float32(0.01)
"""Of the described one, where a step less its asymmetry would lead the other way."""


@attrs.define(kw_only=True, eq=False)
class UnevenCells(Cells):
    """Cells with bounds and steps of their own, whose conductance may be off what pulses left in them."""

    remembers: ClassVar[tuple[str, ...]] = (*Cells.remembers, "lasting")
    zero: float = 0.0
    """Conductance in the middle of the described range, S."""
    described_step: float = 0.0
    """Up, of a cell without spread, S."""
    lasting: Floats | None = None
    """What pulses left (rows, columns), S, which the next ones go on from: the conductance without its write
    noise. None for cells without such noise, whose conductance it is."""

    @property
    def beneath(self) -> Floats | None:
        """As kept."""
        return self.lasting

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
class UnevenDevice(TwoWayDevice):
    """A device whose steps differ along its range, by a law of its kind, and from cell to cell.

    Each cell has two bounds, a step up and a step down of its own, and may be stuck; a kind says by
    :meth:`steps_of` how long steps are along the range.
    """

    # A measured step is no whole fraction of a range.
    states: float = attrs.field(validator=more_than(0, up_to=1_000_000))  # type: ignore[assignment]
    """Described range over the described step up; need not be a whole number."""
    fresh_share: Share = attrs.field(default=Share(0.0), validator=between(0, 1))  # type: ignore[misc]
    """Where in the described range a fresh cell stands, as far as its own bounds allow it: 0 at its own lower
    bound, which pairs begin with, 50 % in the middle, which a single cell's reference is."""
    asymmetry: float = attrs.field(default=1.0, validator=between(0.01, 100))
    """Described step down over that up."""
    step_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 5))
    """Device-to-device standard deviation of a cell's steps: of their logarithm, where `spread_form` is
    log-normal, and otherwise over the described one."""
    spread_form: Literal["log-normal", "normal"] = "log-normal"
    """How steps differ from cell to cell. `log-normal`: the described step is their median. `normal`: it is
    their mean, and none is less than a hundredth of it."""
    upper_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the upper bound's distance from the middle, over its mean."""
    lower_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """The same of the lower bound; one below zero is at zero."""
    asymmetry_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of what a cell steps further up, and less far down, over the
    described step."""
    write_noise: Share = attrs.field(default=Share(0.0), validator=between(0, 100))
    """Standard deviation of a cell's conductance around what pulses left in it, over the described step;
    drawn anew whenever it is pulsed, and forgotten by the next pulse."""
    corrupt_cells: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Share of the cells that no pulse moves; each is stuck somewhere between its bounds."""
    corrupt_range: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Width of the stretch in which they are stuck, over the described range: 1 % around the middle is a
    hundredth of a weight of one to either side, and 0 a single state. None for anywhere between a cell's own
    bounds."""
    corrupt_at: Share = attrs.field(default=Share(0.5), validator=between(0, 1))
    """Where in the described range the middle of that stretch is: 0 at the lowest conductance, 100 % at the
    highest."""

    # --- what it is ------------------------------------------------------------------------------

    @property
    def on_grid(self) -> bool:
        """No state is a whole number of equal steps from another."""
        return False

    @property
    def bounded(self) -> bool:
        """Where bounds do not differ from cell to cell, and no noise leads beyond them."""
        return not (self.upper_spread or self.lower_spread or self.write_noise)

    def unread(self) -> Iterable[Unread]:
        """Where corrupt cells are stuck, when there are none; and how steps differ that are alike."""
        corrupt = ("device", "corrupt_cells")
        if not self.corrupt_cells:
            why = "no cell is corrupt"
            yield Unread(("device", "corrupt_range"), corrupt, why)
            yield Unread(("device", "corrupt_at"), corrupt, why)
        elif self.corrupt_range is None:
            why = "corrupt cells are stuck anywhere between their bounds"
            yield Unread(("device", "corrupt_at"), ("device", "corrupt_range"), why)
        if not self.step_spread:
            why = "cells have the same steps"
            yield Unread(("device", "spread_form"), ("device", "step_spread"), why)

    def idealised(self) -> Iterable[str]:
        """How cells came to where they begin, and what pulses take of noisy ones."""
        if self.fresh_share:
            share = f"{100 * self.fresh_share:g} %"
            yield f"Fresh cells stand at {share} of their range, and what brought them there is not charged."
        if self.write_noise:
            yield "Between pulses of a train write noise is taken to be the mean of that before and after it."

    def steps_of(self, cells: UnevenCells) -> Steps:
        """How its cells step."""
        raise NotImplementedError

    # --- fresh cells -----------------------------------------------------------------------------

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> UnevenCells:
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
        cells = UnevenCells.at_low(
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
        if self.step_spread and self.spread_form == "normal":
            gains = spread_around_one(self.step_spread, shape, rng=rng)
        elif self.step_spread:
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

    def _bring_to_begin(self, cells: UnevenCells, stuck: Floats | None, *, gain: float) -> None:
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

    def _stuck_places(self, cells: UnevenCells, stuck: Floats, *, gain: float) -> Floats:
        """What corrupt cells conduct, S; NaN for the others."""
        if self.corrupt_range is None:
            anywhere: Floats = cells.low + stuck * (cells.high - cells.low)
            return anywhere
        width = self.corrupt_range * self.span(gain)
        middle = cells.zero + (self.corrupt_at - 0.5) * self.span(gain)
        around: Floats = np.float32(middle) + np.float32(width) * (stuck - np.float32(0.5))
        # NaN stays NaN.
        return np.clip(around, cells.low, cells.high)

    # --- pulses ----------------------------------------------------------------------------------

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """Steps up, to the upper bound at most."""
        return self._pulse(cells, hits, down=False)

    def pulse_down(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """Steps down, to the lower bound at most."""
        return self._pulse(cells, hits, down=True)

    def _pulse(self, cells: Cells, hits: Hits, *, down: bool) -> float:
        assert isinstance(cells, UnevenCells), "made by this device"
        end, step = (cells.low, cells.step_down) if down else (cells.high, cells.step)
        assert step is not None, "made by this device, which gives both"
        steps = self.steps_of(cells)
        noise = drawn_from(cells, steps.variation + steps.written)
        zeros = np.broadcast_to(np.float64(steps.zero), cells.conductance.shape)
        if cells.narrowed is not None:
            zeros = cells.narrowed.middles
        weighted: float = pulse_unevenly(
            cells.conductance, cells.pulsed_to, cells.low, cells.high, end, step, cells.pulses, cells.row_sum,
            cells.column_sum, hits.rows, hits.columns, hits.counts, noise, zeros, steps.variation,
            steps.written, cells.tally, steps.pieces[down], steps.own, steps.logs,
        )  # fmt: skip
        return weighted

    @property
    def pulses_as_shipped(self) -> bool:
        """Whether no kind made of one that ships moves cells in another way."""
        mine = type(self)
        by_pulses = mine.pulse is UnevenDevice.pulse and mine.pulse_down is UnevenDevice.pulse_down
        return by_pulses and mine._pulse is UnevenDevice._pulse  # noqa: SLF001

    def listed(self, table: Table, cells: Cells) -> int | None:
        """By its law; none where a kind made of this one pulses in another way, or resets."""
        # Cells of a class of one's own may say in another way what pulses left in them.
        if not self.pulses_as_shipped or type(cells) is not UnevenCells:
            return None
        steps = self.steps_of(cells)
        noise = drawn_from(cells, steps.variation + steps.written)
        return list_uneven_cells(table, cells, steps, lasting=cells.pulsed_to, noise=noise)
