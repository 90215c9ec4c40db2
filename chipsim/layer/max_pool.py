"""Pooling by the largest value."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.device.types import Indices, kernel
from chipsim.layer.pooling import Pooling
from chipsim.spec.layer import Arithmetic, Shape, Values

__all__ = ["MaxPool"]


@attrs.frozen(kw_only=True)
class MaxPool(Pooling):
    """The largest value of each window, the first of equals; its error goes back to where it came from."""

    kind: ClassVar[str] = "max-pool"

    def forward(self, values: Values, *, given: Shape) -> tuple[Values, Any]:
        """Largest values (batch, results), and where in the sample each stood."""
        pixels = self.pixels_of(given)
        out = np.empty((values.shape[0], len(pixels)), np.float32)
        winners = np.empty(out.shape, np.int32)
        _largest(values, out, winners, pixels)
        return out, winners

    def backward(self, errors: Values, kept: Any, *, given: Shape) -> Values:
        """Each error to the winner of its window."""
        out = np.zeros((errors.shape[0], math.prod(given)), np.float32)
        _to_winners(errors, kept, out)
        return out

    def forward_arithmetic(self, given: Shape) -> Arithmetic:
        """The largest of n takes n - 1 comparisons."""
        return {"compare": self.results(given) * (self.window - 1)}

    def backward_arithmetic(self, given: Shape) -> Arithmetic:
        """Errors of overlapping windows add up; others are only put in their place."""
        return {"add": self.results(given)} if self.overlaps else {}

    def kept_bits(self, given: Shape) -> int:
        """The winner's place in each window."""
        # Enough for a chip, which knows its windows; here a place in the whole sample is kept, for speed.
        return self.results(given) * (self.window - 1).bit_length()


@kernel
def _largest(values: Values, out: Values, winners: Indices, pixels: Indices) -> None:
    for sample in range(values.shape[0]):
        for result in range(out.shape[1]):
            best = pixels[result, 0]
            # Only a larger one wins, so that of equals, such as zeros of relu, it is always the first.
            for at in pixels[result]:
                if values[sample, at] > values[sample, best]:
                    best = at
            out[sample, result] = values[sample, best]
            winners[sample, result] = best


@kernel
def _to_winners(errors: Values, winners: Indices, out: Values) -> None:
    for sample in range(errors.shape[0]):
        for result in range(errors.shape[1]):
            # Added, since one pixel may win in several windows that overlap.
            out[sample, winners[sample, result]] += errors[sample, result]
