"""The law whose steps shrink by a power of the way that is left to a bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import attrs
import numpy as np

from chipsim.device.power_step import PowerStep
from chipsim.device.types import Sums
from chipsim.fitting.laws import Course, Law
from chipsim.fitting.packed import Packed

__all__ = ["Power"]

_PIECES: Final = 64
"""Pieces that a power is followed in."""
_BEGIN: Final = 1.0
"""Power to begin with: steps that shrink linearly."""
_FURTHER: Final = 0.05
"""Of the range, that bounds are looked for beyond the ends of what was read at first."""
_MOST_WAY: Final = 3.0
"""Of the range, from its middle to a bound at most: one further away is no other curve."""
_LEAST_WAY: Final = 0.35
"""The same at least."""
_APART: Final = 0.15
"""Of the range, that bounds of cells are expected to differ by, as a standard deviation."""
_SHORTEST: Final = -18.0
"""Logarithm of a step over the range."""
_MOST_POWER: Final = 10.0
_LEAST_POWER: Final = 0.02
"""At none, steps at a bound are whole, and with any more they are none: nothing changes smoothly there."""


@attrs.frozen(kw_only=True, eq=False)
class Power(Law):
    """Steps that shrink by a power of the way that is left to a bound.

    The power is the same of all cells, and so are the bounds but for some that cells differ by: one cell
    alone hardly tells a higher power from a bound that is further away.
    """

    kind: ClassVar[str] = PowerStep.kind
    shared: ClassVar[int] = 4

    @property
    def first(self) -> Sums:
        """Logarithms of the steps in the middle; what bounds are off their means; powers, and these means."""
        rough = self.rough
        whole = np.ones_like(rough.low)
        low, high = float(rough.low.mean()), float(rough.high.mean())
        further = _FURTHER * (high - low)
        means = [low - further * (False in rough.ways), high + further * (True in rough.ways)]
        steps = [np.log(rough.step_up), np.log(rough.step_down)]
        shared = [_BEGIN, _BEGIN, *means]
        return np.stack([*steps, 0 * whole, 0 * whole, *(one * whole for one in shared)], axis=-1)

    @property
    def expected(self) -> Sums:
        """Bounds of cells do not differ by any amount."""
        return np.array([0, 0, 1, 1]) / _APART**2

    def allowed(self, numbers: Sums) -> Sums:
        """Powers that are no less than none, and bounds beyond the middle."""
        kept = numbers.copy()
        kept[..., :2] = np.clip(numbers[..., :2], _SHORTEST, 0.0)
        kept[..., 4:6] = np.clip(numbers[..., 4:6], _LEAST_POWER, _MOST_POWER)
        span = float((self.rough.high - self.rough.low).mean())
        middle = float(self._middle.mean())
        kept[..., 6] = np.clip(numbers[..., 6], middle - _MOST_WAY * span, middle - _LEAST_WAY * span)
        kept[..., 7] = np.clip(numbers[..., 7], middle + _LEAST_WAY * span, middle + _MOST_WAY * span)
        own, room = self._middle, _LEAST_WAY * (self.rough.high - self.rough.low)
        # At either side: of a steep power nothing says where a bound is, and it would run out of all numbers.
        low, high = own - kept[..., 6], own - kept[..., 7]
        kept[..., 2] = np.clip(numbers[..., 2], low - 2 * _MOST_WAY * span, low - room)
        kept[..., 3] = np.clip(numbers[..., 3], high + room, high + 2 * _MOST_WAY * span)
        return kept

    @property
    def _middle(self) -> Sums:
        middle: Sums = 0.5 * (self.rough.low + self.rough.high)
        return middle

    def ends(self, numbers: Sums) -> tuple[Sums, Sums]:
        """The bounds; of a direction that was not measured, where readings of the other began."""
        low, high = numbers[..., 2] + numbers[..., 6], numbers[..., 3] + numbers[..., 7]
        # Nothing that was read hangs on such a bound: left free, it would stray anywhere.
        if False not in self.rough.ways:
            low = np.zeros_like(low) + self.rough.low
        if True not in self.rough.ways:
            high = np.zeros_like(high) + self.rough.high
        return low, high

    def _longest(self, numbers: Sums) -> tuple[Sums, Sums]:
        """Steps up and down where pulses of that direction begin, which descriptions count in."""
        low, high = self.ends(numbers)
        # By the step in the middle of what was read, which a curve says best.
        up = numbers[..., 0] + numbers[..., 4] * np.log((high - low) / (high - self._middle))
        down = numbers[..., 1] + numbers[..., 5] * np.log((high - low) / (self._middle - low))
        return np.exp(up), np.exp(down)

    def courses(self, numbers: Sums) -> tuple[Course, Course]:
        """Lines between places, through the lengths that the power has there."""
        low, high = self.ends(numbers)
        ways = np.linspace(0, 1, _PIECES + 1)
        longest_up, longest_down = self._longest(numbers)
        up = _course(longest_up, (1 - ways) ** numbers[..., 4:5], sign=1.0, ends=(low, high))
        down = _course(longest_down, ways ** numbers[..., 5:6], sign=-1.0, ends=(low, high))
        # Where readings began is no bound that cells were seen to stop at.
        if False not in self.rough.ways:
            down = attrs.evolve(down, bound=np.full_like(low, -np.inf))
        if True not in self.rough.ways:
            up = attrs.evolve(up, bound=np.full_like(high, np.inf))
        return up, down

    def count(self, packed: Packed) -> int:
        """A step each way, and two ends."""
        return len(packed.ways()) + 2

    def values(self, numbers: Sums) -> Mapping[str, Sums]:
        """Longest steps, bounds and powers."""
        low, high = self.ends(numbers)
        up, down = self._longest(numbers)
        return {
            "step_up": up,
            "step_down": down,
            "low": low,
            "high": high,
            "gamma_up": numbers[..., 4],
            "gamma_down": numbers[..., 5],
        }


def _course(step: Sums, lengths: Sums, *, sign: float, ends: tuple[Sums, Sums]) -> Course:
    """Steps of such lengths at equidistant places from the lowest level to the highest."""
    low, high = ends
    wide = ((high - low) / _PIECES)[..., None]
    moves = sign * step[..., None] * lengths
    slopes = np.diff(moves) / wide
    places = low[..., None] + wide * np.arange(_PIECES)
    bound = high if sign > 0 else low
    return Course(start=moves[..., :-1] - slopes * places, keeps=1 + slopes, bound=bound, step=step)
