"""Windows of cells that narrow with what the cells have been through, by a power of it."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import attrs
import numpy as np

from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, kernel
from chipsim.losses import Loss
from chipsim.spec.fields import between
from chipsim.units import Share

__all__ = ["Narrowed", "Narrowing", "Window", "narrow_listed"]

_STEEPEST: Final = 10
"""Decades of conductance for each of pulses: a window that closes faster might as well stick."""
_HALVINGS: Final = 60
"""Of a stretch of logarithms, until nothing is left of it that double precision resolves."""
_MOST: Final = 2.0**62
"""Pulses that nobody gives."""
_LOGARITHMS: Final = math.log(_MOST)
"""Within them every window is looked for that closes at all."""
(_LOW, _HIGH, _STEP, _STEP_DOWN) = range(4)
"""What a fresh cell is known by, side by side."""


@attrs.frozen(kw_only=True)
class Narrowing:
    """How the window of a cell narrows, from the pulse on at which its endurance is used up.

    After n pulses of a cell that stands N of them, its highest conductance is (n/N) to the power of minus
    `upper` of what it was, and its lowest (n/N) to the power of `lower`: straight lines where both are drawn
    by logarithm. Steps shrink with the window, so that as many pulses lead from one bound to the other as
    before; a cell that stands outside comes to the bound.

    Source of the law: C. Lammie, M. Rahimi Azghadi and D. Ielmini, Semicond. Sci. Technol. (2021),
    10.1088/1361-6641/abf29d, whose gradual failure has the resistances of either state on such lines over
    cycles of SET and RESET. How steps shrink, it does not say.
    """

    upper: float = attrs.field(default=0.0, validator=between(0, _STEEPEST))
    """Decades that the highest conductance falls by for each decade of pulses past the cell's endurance."""
    lower: float = attrs.field(default=0.0, validator=between(0, _STEEPEST))
    """Decades that the lowest conductance rises by, likewise."""
    closed: Share = attrs.field(default=Share(0.01), validator=between(0.001, 0.99))
    """Share of its own window with which a cell has failed, and sticks."""

    def bounds(self, past: Sums | float, *, low: Sums | float, high: Sums | float) -> tuple[Sums, Sums]:
        """Lowest and highest conductance, S, of cells that had so many times what they stand.

        Parameters
        ----------
        past
            Pulses over endurance; cells that had less than they stand are as they were.
        low, high
            Of fresh cells, S.

        Examples
        --------
        >>> low, high = Narrowing(upper=0.5).bounds(100.0, low=1.0, high=20.0)
        >>> float(low), round(float(high), 9)
        (1.0, 2.0)
        """
        decades = np.log(np.maximum(past, 1.0))
        found: tuple[Sums, Sums] = (low * np.exp(self.lower * decades), high * np.exp(-self.upper * decades))
        return found

    def share(self, past: Sums | float, *, low: Sums | float, high: Sums | float) -> Sums:
        """Share of its own window that a cell has left, from 0 to 1; see :meth:`bounds`."""
        bottom, top = self.bounds(past, low=low, high=high)
        left: Sums = np.maximum((top - bottom) / (high - low), 0.0)
        return left

    def closing(self, onset: Tally, *, low: Floats, high: Floats) -> Tally:
        """Pulses after which the window of each cell has closed (rows, columns).

        Parameters
        ----------
        onset
            What each stands with its whole window (rows, columns).
        low, high
            Of fresh cells (rows, columns), S.
        """
        if not (any(low.strides) or any(high.strides)):
            # Cells without spread close at the same multiple of what they stand.
            low, high = low[:1, :1], high[:1, :1]
        bottom, top = low.astype(np.float64), high.astype(np.float64)
        near, far = np.zeros(top.shape), np.full(top.shape, _LOGARITHMS)
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            open_ = self.share(np.exp(middle), low=bottom, high=top) > self.closed
            near, far = np.where(open_, middle, near), np.where(open_, far, middle)
        found: Tally = np.minimum(np.ceil(onset * np.exp(far)), _MOST).astype(np.int64)
        return found


@attrs.define(kw_only=True, eq=False)
class Window:
    """What the windows of the cells of an array are worked out from."""

    remembers: ClassVar[tuple[str, ...]] = ("onset", "had")
    law: Narrowing
    onset: Tally
    """Pulses or cycles that each cell stands with its whole window (rows, columns)."""
    had: Tally
    """Those that it had before the training under way (rows, columns)."""
    low: Floats
    """Lowest conductance of fresh cells (rows, columns), S."""
    high: Floats
    """Highest, likewise."""

    def share(self, counted: Counts | Tally) -> Sums:
        """Share of its own window that each cell has left after so much of the training under way."""
        past = (self.had + counted) / self.onset
        return self.law.share(past, low=self.low.astype(np.float64), high=self.high.astype(np.float64))

    def lost(self, name: str, *, counted: Counts | Tally) -> Loss:
        """How many cells of an array have had more than they stand with their whole windows.

        Parameters
        ----------
        name
            The array.
        counted
            Pulses or cycles of the training under way (rows, columns).
        """
        # The conductance that is lost to it is not known to the chip, but who trains it should be told.
        past = int(np.count_nonzero(self.had + counted > self.onset))
        return Loss(part=name, what="windows-narrowed", count=past, of=self.onset.size)


@attrs.define(kw_only=True, eq=False)
class Narrowed(Window):
    """Windows of cells that pulses move, with all that changes as they narrow."""

    remembers: ClassVar[tuple[str, ...]] = (*Window.remembers, "middles")
    fresh: Floats
    """Lowest and highest conductance and steps up and down of each fresh cell (cells, 4), S."""
    middle: float
    """Where steps of fresh cells are as long as described, S, for laws that have such a place."""
    middles: Sums
    """The same of each cell, now (rows, columns)."""

    @property
    def slopes(self) -> Sums:
        """Of the highest and of the lowest conductance, and the middle of fresh cells (3,)."""
        return np.array([self.law.upper, self.law.lower, self.middle])


@kernel
def narrow_listed(
    slopes: Sums, onset: Tally, had: Tally, fresh: Floats, pulses: Counts, low: Floats, high: Floats,
    step: Floats, step_down: Floats, middles: Sums, conductance: Floats, lasting: Floats, row_sum: Sums,
    column_sum: Sums, rows: Indices, columns: Indices,
) -> None:  # fmt: skip
    """Narrow the windows of listed cells to what their pulses leave of them.

    Parameters
    ----------
    slopes, onset, had, fresh
        As :class:`Narrowed` has them.
    pulses, low, high, step, step_down, middles, conductance, lasting, row_sum, column_sum
        As the cells have them; all but the pulses are changed in place.
    rows, columns
        Which cells (cells listed,).
    """
    upper, lower, middle = slopes[0], slopes[1], slopes[2]
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        spent = had[i, j] + np.int64(pulses[i, j])
        if spent <= onset[i, j]:
            continue
        own = fresh[i * conductance.shape[1] + j]
        began, ended = np.float64(own[_LOW]), np.float64(own[_HIGH])
        decades = math.log(spent / onset[i, j])
        bottom = began * math.exp(lower * decades)
        # Of a train that leads past the closing of a window nothing is left, and not less than nothing.
        top = max(ended * math.exp(-upper * decades), bottom)
        share = (top - bottom) / (ended - began)
        low[i, j], high[i, j] = bottom, top
        step[i, j], step_down[i, j] = share * own[_STEP], share * own[_STEP_DOWN]
        middles[i, j] = bottom + share * (middle - began)
        stood, conducts = np.float64(lasting[i, j]), np.float64(conductance[i, j])
        stands = min(max(stood, np.float64(low[i, j])), np.float64(high[i, j]))
        if stands != stood:
            lasting[i, j] = stands
            # Write noise lies over it as before, and no cell conducts less than nothing.
            conductance[i, j] = max(conducts + (stands - stood), 0.0)
            moved = np.float64(conductance[i, j]) - conducts
            row_sum[i] += moved
            column_sum[j] += moved
