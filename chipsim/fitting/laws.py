"""The laws that are fitted: what a pulse does on average, by a few numbers of each cell.

All of them are straight lines of the conductance, or of pieces of its range: a pulse adds a number and
takes a share of where the cell stands. They differ in what ties the two directions and the bounds together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import attrs
import numpy as np

from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.exponential_step import ExponentialStep
from chipsim.device.piecewise import Piecewise as PiecewiseStep
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.types import Sums
from chipsim.fitting.packed import Packed
from chipsim.fitting.rough import Rough

__all__ = ["LEAST_WAY", "PLACES", "Course", "Exponential", "Law", "Linear", "Piecewise", "Soft"]

PLACES: Final = 5
"""Places along a range at which lengths of steps are fitted one by one."""

_MOST_SHRUNK: Final = 0.98
LEAST_WAY: Final = 0.01
"""Of the range, from the middle of all cells to a bound of one: a cell whose bound is across has no steps."""
_SHORTEST: Final = -18.0
"""Logarithm of a step over the range."""
_STRAIGHT: Final = 1e-6
"""Bends below this are none."""
_MOST_BENT: Final = 4.0
"""Of what the hyperbolic tangent is taken: more is no other curve."""


@attrs.frozen(kw_only=True, eq=False)
class Course:
    """What pulses of one direction do, for several guesses (guesses, cells); over the range of all cells."""

    start: Sums
    """What a pulse adds at level 0; where pieces of the range differ, of each (guesses, cells, pieces)."""
    keeps: Sums
    """What it leaves of a level, likewise."""
    bound: Sums
    """Where it leads no further."""
    step: Sums
    """Length of the step that noise is over: in the middle of the range, or on average along it."""


@attrs.frozen(kw_only=True, eq=False)
class Law:
    """A law, with what is known of each cell before it is fitted."""

    kind: ClassVar[str]
    """As a description says it."""
    shared: ClassVar[int] = 0
    """How many of the numbers, the last ones, are the same of all cells."""
    rough: Rough

    @property
    def first(self) -> Sums:
        """Numbers to begin with (cells, numbers)."""
        raise NotImplementedError

    def courses(self, numbers: Sums) -> tuple[Course, Course]:
        """Up and down, of numbers (guesses, cells, numbers)."""
        raise NotImplementedError

    def ends(self, numbers: Sums) -> tuple[Sums, Sums]:
        """Lowest and highest level that pieces of the range lie between (guesses, cells)."""
        whole = np.ones(numbers.shape[:-1])
        return whole * self.rough.low, whole * self.rough.high

    def allowed(self, numbers: Sums) -> Sums:
        """Numbers within what makes sense, in the same shape."""
        return numbers

    @property
    def expected(self) -> Sums:
        """How much is known of each number before anything is read: as if by a reading this precise.

        One over the square of how far they may be off :attr:`first`; 0 where nothing is known.
        """
        return np.zeros(1)

    def count(self, packed: Packed) -> int:
        """How many numbers of a cell are fitted, bounds that are read off included, shared ones not."""
        raise NotImplementedError

    def values(self, numbers: Sums) -> Mapping[str, Sums]:
        """What people call them, of numbers (..., cells, numbers), each (..., cells)."""
        raise NotImplementedError

    @property
    def low(self) -> Sums:
        """The lowest that pulses lead to (cells,); without an end where none was met."""
        bound: Sums = np.where(self.rough.met_low, self.rough.low, -np.inf)
        return bound

    @property
    def high(self) -> Sums:
        """The highest."""
        bound: Sums = np.where(self.rough.met_high, self.rough.high, np.inf)
        return bound


@attrs.frozen(kw_only=True, eq=False)
class Linear(Law):
    """Steps that are alike, up and down each."""

    kind: ClassVar[str] = BidirectionalStep.kind

    @property
    def first(self) -> Sums:
        """The logarithms of the steps."""
        return np.log(np.stack([self.rough.step_up, self.rough.step_down], axis=-1))

    def allowed(self, numbers: Sums) -> Sums:
        """Steps within the range, and of some length."""
        return np.clip(numbers, _SHORTEST, 0.0)

    def courses(self, numbers: Sums) -> tuple[Course, Course]:
        """The same step everywhere."""
        up, down = np.exp(numbers[..., 0]), np.exp(numbers[..., 1])
        alike = np.ones_like(up)
        return (
            Course(start=up, keeps=alike, bound=alike * self.high, step=up),
            Course(start=-down, keeps=alike, bound=alike * self.low, step=down),
        )

    def count(self, packed: Packed) -> int:
        """A step each way, and two bounds."""
        return len(packed.ways()) + 2

    def values(self, numbers: Sums) -> Mapping[str, Sums]:
        """Steps and bounds."""
        up = np.exp(numbers[..., 0])
        whole = np.ones_like(up)
        return {
            "step_up": up,
            "step_down": np.exp(numbers[..., 1]),
            "low": whole * self.rough.low,
            "high": whole * self.rough.high,
        }


@attrs.frozen(kw_only=True, eq=False)
class Soft(Law):
    """Steps that shrink towards bounds, and are none there."""

    kind: ClassVar[str] = SoftBounds.kind

    @property
    def first(self) -> Sums:
        """Logarithms of what a pulse takes of the way to a bound, and the bounds."""
        rough = self.rough
        # Bounds are where steps end, which may be further than any pulse has led.
        further = 0.05 * (rough.high - rough.low)
        up, down = np.log(rough.shrinks_up), np.log(rough.shrinks_down)
        # Of a direction that nobody measured, nothing says where it ends but what was read.
        low = rough.low - np.where(rough.met_low | (False not in rough.ways), 0, further)
        high = rough.high + np.where(rough.met_high | (True not in rough.ways), 0, further)
        return np.stack([up, down, low, high], axis=-1)

    def allowed(self, numbers: Sums) -> Sums:
        """A pulse takes less than all of the way, and the bounds are apart."""
        kept = numbers.copy()
        kept[..., :2] = np.clip(numbers[..., :2], np.log(1e-6), np.log(_MOST_SHRUNK))
        middle = 0.5 * (self.rough.low + self.rough.high)
        kept[..., 2] = np.clip(numbers[..., 2], -20, middle)
        kept[..., 3] = np.clip(numbers[..., 3], middle, 20)
        return kept

    def courses(self, numbers: Sums) -> tuple[Course, Course]:
        """A share of what is left to the bound."""
        up, down = np.exp(numbers[..., 0]), np.exp(numbers[..., 1])
        low, high = numbers[..., 2], numbers[..., 3]
        # One middle for all cells, from which their described steps count, whatever their own bounds are.
        middle = 0.5 * float(np.mean(self.rough.low + self.rough.high))
        return (
            Course(start=up * high, keeps=1 - up, bound=high, step=up * np.maximum(high - middle, LEAST_WAY)),
            Course(
                start=down * low, keeps=1 - down, bound=low, step=down * np.maximum(middle - low, LEAST_WAY)
            ),
        )

    def count(self, packed: Packed) -> int:
        """A share and a bound each way."""
        return 2 * len(packed.ways())

    def values(self, numbers: Sums) -> Mapping[str, Sums]:
        """Steps in the middle of the range that all cells have on average, and bounds."""
        low, high = numbers[..., 2], numbers[..., 3]
        # The description counts from one middle, whatever the bounds of a cell are.
        middle = 0.5 * (low + high).mean(axis=-1, keepdims=True)
        return {
            "step_up": np.exp(numbers[..., 0]) * np.maximum(high - middle, LEAST_WAY),
            "step_down": np.exp(numbers[..., 1]) * np.maximum(middle - low, LEAST_WAY),
            "low": low,
            "high": high,
        }


@attrs.frozen(kw_only=True, eq=False)
class Exponential(Law):
    """Steps that shrink towards the end of the range, and end there before they are none."""

    kind: ClassVar[str] = ExponentialStep.kind

    @property
    def first(self) -> Sums:
        """Logarithms of the steps in the middle, and how bent each way is."""
        rough = self.rough
        span = rough.high - rough.low
        steps = [rough.step_up, rough.step_down]
        bent = [
            np.arctanh(np.clip(shrinks * span / (2 * step), 0.0, 0.8))
            for step, shrinks in zip(steps, (rough.shrinks_up, rough.shrinks_down), strict=True)
        ]
        return np.stack([*(np.log(step) for step in steps), *bent], axis=-1)

    def allowed(self, numbers: Sums) -> Sums:
        """Bent as far as can be told."""
        kept = numbers.copy()
        kept[..., :2] = np.clip(numbers[..., :2], _SHORTEST, 0.0)
        kept[..., 2:] = np.clip(numbers[..., 2:], -_MOST_BENT, _MOST_BENT)
        return kept

    def courses(self, numbers: Sums) -> tuple[Course, Course]:
        """A line through the step in the middle."""
        rough = self.rough
        # By the step in the middle, which a curve says best, and not by those at its ends.
        middle = 0.5 * (rough.high + rough.low)
        found = []
        for place, sign, bound in ((0, 1.0, self.high), (1, -1.0, self.low)):
            shrinks, pulses = self._along(numbers, place)
            start = sign * np.exp(numbers[..., place]) + shrinks * middle
            step = (rough.high - rough.low) / pulses
            found.append(Course(start=start, keeps=1 - shrinks, bound=bound + 0 * step, step=step))
        return found[0], found[1]

    def _along(self, numbers: Sums, place: int) -> tuple[Sums, Sums]:
        """What a pulse takes of the way to where steps would end, and pulses from one end to the other."""
        span = self.rough.high - self.rough.low
        step, bent = np.exp(numbers[..., place]), numbers[..., place + 2]
        shrinks = np.clip(2 * step / span * np.tanh(bent), None, _MOST_SHRUNK)
        # Twice the bend over that of a pulse; where nothing is bent, the range over the step.
        is_straight = np.abs(bent) < _STRAIGHT
        bend = np.where(is_straight, 1, -np.log1p(-shrinks))
        return shrinks, np.where(is_straight, span / step, 2 * bent / bend)

    def count(self, packed: Packed) -> int:
        """A step and a bend each way, and two bounds."""
        return 2 * len(packed.ways()) + 2

    def values(self, numbers: Sums) -> Mapping[str, Sums]:
        """How often steps shrink by e along the range, mean steps along it, and bounds."""
        span = self.rough.high - self.rough.low
        whole = np.ones_like(numbers[..., 0])
        return {
            "step_up": span / self._along(numbers, 0)[1],
            "step_down": span / self._along(numbers, 1)[1],
            "decays_up": 2 * numbers[..., 2],
            "decays_down": 2 * numbers[..., 3],
            "low": whole * self.rough.low,
            "high": whole * self.rough.high,
        }


@attrs.frozen(kw_only=True, eq=False)
class Piecewise(Law):
    """Steps of any length at a few places of the range, and linear in between."""

    kind: ClassVar[str] = PiecewiseStep.kind

    @property
    def first(self) -> Sums:
        """Logarithms of the lengths at each place, up and then down, of a line through the middle."""
        rough = self.rough
        span = rough.high - rough.low
        off = np.linspace(-0.5, 0.5, PLACES)
        parts = []
        for step, shrinks, sign in (
            (rough.step_up, rough.shrinks_up, -1),
            (rough.step_down, rough.shrinks_down, 1),
        ):
            # None below a tenth, for a logarithm has no place for steps that lead backwards.
            lengths = step[:, None] + sign * (shrinks * span)[:, None] * off
            parts.append(np.log(np.maximum(lengths, 0.1 * step[:, None])))
        return np.concatenate(parts, axis=-1)

    @property
    def expected(self) -> Sums:
        """A factor of four: a length at an end where a cell was never read may else be any."""
        return np.full(1, 1 / np.log(4.0) ** 2)

    def allowed(self, numbers: Sums) -> Sums:
        """Within a factor of a thousand of what was seen."""
        return np.clip(numbers, self.first - np.log(1e3), self.first + np.log(1e3))

    def courses(self, numbers: Sums) -> tuple[Course, Course]:
        """A line through the steps at both ends of each piece."""
        low, span = self.rough.low, self.rough.high - self.rough.low
        places = low[:, None] + span[:, None] * np.linspace(0, 1, PLACES)[:-1]
        found = []
        for numbers_of, sign, bound in (
            (numbers[..., :PLACES], 1.0, self.high),
            (numbers[..., PLACES:], -1.0, self.low),
        ):
            lengths = np.exp(numbers_of)
            # Steps down are counted along the same places, and lead the other way.
            slopes = sign * np.diff(lengths) * ((PLACES - 1) / span)[:, None]
            start = sign * lengths[..., :-1] - slopes * places
            step = _mean_along(lengths)
            found.append(Course(start=start, keeps=1 + slopes, bound=bound + 0 * step, step=step))
        return found[0], found[1]

    def count(self, packed: Packed) -> int:
        """A length at each place and way, and two bounds."""
        return PLACES * len(packed.ways()) + 2

    def values(self, numbers: Sums) -> Mapping[str, Sums]:
        """Mean steps along the range, lengths over them, and bounds."""
        whole = np.ones_like(numbers[..., 0])
        found = {"low": whole * self.rough.low, "high": whole * self.rough.high}
        for way, numbers_of in (("up", numbers[..., :PLACES]), ("down", numbers[..., PLACES:])):
            lengths = np.exp(numbers_of)
            mean = found[f"step_{way}"] = _mean_along(lengths)
            for place in range(PLACES):
                found[f"{way}_at_{place}"] = lengths[..., place] / mean
        return found


def _mean_along(lengths: Sums) -> Sums:
    """The mean of a line through some places, all of them equally far apart."""
    inner = lengths[..., 1:-1].sum(axis=-1)
    mean: Sums = (inner + 0.5 * (lengths[..., 0] + lengths[..., -1])) / (PLACES - 1)
    return mean
