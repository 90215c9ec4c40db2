"""Pooling by the mean."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.device.types import Indices, kernel
from chipsim.layer.pooling import Pooling
from chipsim.spec.layer import Arithmetic, Shape, Values

__all__ = ["AveragePool"]


@attrs.frozen(kw_only=True)
class AveragePool(Pooling):
    """The mean of each window; its error goes back to all of its pixels in equal shares."""

    kind: ClassVar[str] = "average-pool"

    def forward(self, values: Values, *, given: Shape) -> tuple[Values, Any]:
        """Means (batch, results); the way back needs nothing."""
        pixels = self.pixels_of(given)
        out = np.empty((values.shape[0], len(pixels)), np.float32)
        _means(values, out, pixels)
        return out, None

    def backward(self, errors: Values, kept: Any, *, given: Shape) -> Values:  # noqa: ARG002
        """A share of each error to each pixel of its window."""
        out = np.zeros((errors.shape[0], math.prod(given)), np.float32)
        _shares(errors, out, self.pixels_of(given))
        return out

    def forward_arithmetic(self, given: Shape) -> Arithmetic:
        """A sum, times a constant."""
        results = self.results(given)
        return {"add": results * (self.window - 1), "multiply": results}

    def backward_arithmetic(self, given: Shape) -> Arithmetic:
        """Times the same constant; shares of overlapping windows add up."""
        results = self.results(given)
        adds = {"add": results * self.window} if self.overlaps else {}
        return {"multiply": results} | adds


@kernel
def _means(values: Values, out: Values, pixels: Indices) -> None:
    # A product with a constant, which is what the digital unit computes and is charged for; not a quotient.
    share = np.float32(1.0 / pixels.shape[1])
    for sample in range(values.shape[0]):
        for result in range(out.shape[1]):
            total = np.float32(0)
            for at in pixels[result]:
                total += values[sample, at]
            out[sample, result] = total * share


@kernel
def _shares(errors: Values, out: Values, pixels: Indices) -> None:
    share = np.float32(1.0 / pixels.shape[1])
    for sample in range(errors.shape[0]):
        for result in range(errors.shape[1]):
            part = errors[sample, result] * share
            for at in pixels[result]:
                out[sample, at] += part
