"""What layers that take one value of a window share: their geometry."""

from __future__ import annotations

import math

import attrs
import numpy as np

from chipsim.device.types import Indices
from chipsim.layer.window import Sizes, at_least_one, pair, pixels, window_problem, windows
from chipsim.spec.layer import PassingLayer, Shape

__all__ = ["Pooling"]


@attrs.frozen(kw_only=True)
class Pooling(PassingLayer):
    """One value of each window of each channel; pixels that fill no whole window at the edge are left out."""

    size: int | tuple[int, int] = attrs.field(validator=at_least_one)
    """Height and width of a window, or one number for both."""
    stride: int | tuple[int, int] | None = attrs.field(default=None, validator=at_least_one)
    """Pixels from one window to the next; None takes the size, so that windows do not overlap."""

    @property
    def words(self) -> str:
        """Its kind and the size of its windows."""
        height, width = pair(self.size)
        return f"{self.kind} of {height} x {width}"

    def problem(self, given: Shape) -> str:
        """An image that is none or too small."""
        return window_problem(self.words, given, size=self.size)

    def gives(self, given: Shape) -> Shape:
        """One value a window and channel."""
        return (*self.windows(given), given[2])

    def windows(self, given: Shape) -> tuple[int, int]:
        """Windows down and across."""
        return windows(given, size=self.size, stride=self.steps)

    @property
    def steps(self) -> Sizes:
        """Pixels from one window to the next."""
        return self.size if self.stride is None else self.stride

    @property
    def window(self) -> int:
        """Pixels of a window."""
        return math.prod(pair(self.size))

    @property
    def overlaps(self) -> bool:
        """Whether a pixel may be in several windows, whose errors then add up."""
        (down, across), (height, width) = pair(self.steps), pair(self.size)
        return down < height or across < width

    def results(self, given: Shape) -> int:
        """Values that it gives for a sample."""
        return math.prod(self.gives(given))

    def pixels_of(self, given: Shape) -> Indices:
        """Where each pixel of each result's window stands in a sample (results, pixels)."""
        found = pixels(given, size=self.size, stride=self.steps)
        # Each channel has windows of its own; those of one place lie beside each other, as in the result.
        by_result = found.transpose(0, 2, 1).reshape(-1, self.window)
        return np.ascontiguousarray(by_result)
