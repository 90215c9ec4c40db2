"""Losses of a network's outputs: what they make of sums and labels, and the errors that they send back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats, inlined, kernel

__all__ = ["LOSSES", "cross_entropy", "lose", "squared_error"]

Labels = NDArray[np.integer]

_PLACE_OF_CROSS_ENTROPY, _PLACE_OF_SQUARED_ERROR = range(2)
"""Among `LOSSES`."""
_NONE_THERE: Final = "no loss has this place"


@inlined
def cross_entropy(sums: Floats, labels: Labels, d: Floats) -> tuple[float, int]:
    """Error of a softmax under cross-entropy, into `d`; the summed loss in nats, and how many are right.

    Parameters
    ----------
    sums
        What the softmax is taken of (batch, classes).
    labels
        Right classes (batch,).
    d
        Overwritten: derivative of each sample's loss with respect to its sums.
    """
    # In double precision throughout: the loss is a sum over many samples, and a share that is nearly one has
    # to keep what it lacks.
    loss, correct = 0.0, 0
    for b in range(sums.shape[0]):
        best = 0
        for j in range(sums.shape[1]):
            if sums[b, j] > sums[b, best]:
                best = j
        # Less the largest sum, no exponential overflows, and the shares stay the same.
        largest = np.float64(sums[b, best])
        total = 0.0
        for j in range(sums.shape[1]):
            total += math.exp(np.float64(sums[b, j]) - largest)
        for j in range(sums.shape[1]):
            share = math.exp(np.float64(sums[b, j]) - largest) / total
            d[b, j] = np.float32(share - 1.0) if labels[b] == j else np.float32(share)
        right = np.float64(sums[b, labels[b]]) - largest
        # The logarithm of the sum and not of the share, which may be so small as to be zero.
        loss += math.log(total) - right
        correct += int(labels[b] == best)
    return loss, correct


@inlined
def squared_error(outputs: Floats, labels: Labels, d: Floats) -> tuple[float, int]:
    """Error of outputs under squared error, into `d`; half the summed square, and how many are right.

    Parameters
    ----------
    outputs
        What the last layer gives (batch, classes).
    labels
        Right classes (batch,).
    d
        Overwritten: derivative of half the squared error with respect to the outputs.
    """
    loss, correct = 0.0, 0
    for b in range(outputs.shape[0]):
        best = 0
        for j in range(outputs.shape[1]):
            if outputs[b, j] > outputs[b, best]:
                best = j
            target = np.float32(1) if labels[b] == j else np.float32(0)
            error = outputs[b, j] - target
            d[b, j] = error
            loss += 0.5 * np.float64(error) * np.float64(error)
        correct += int(labels[b] == best)
    return loss, correct


@kernel
def lose(place: int, outputs: Floats, labels: Labels, d: Floats) -> tuple[float, int]:
    """What the loss at a place of `LOSSES` makes of outputs: compiled loops take no words.

    Raises
    ------
    ValueError
        When there is none at that place.
    """
    if place == _PLACE_OF_CROSS_ENTROPY:
        return cross_entropy(outputs, labels, d)
    if place == _PLACE_OF_SQUARED_ERROR:
        return squared_error(outputs, labels, d)
    raise ValueError(_NONE_THERE)


def _kernel(place: int) -> Callable[[Floats, Labels, Floats], tuple[float, int]]:
    # Looked up when it is called: a watch that is put round the kernel counts it too.
    return lambda outputs, labels, d: lose(place, outputs, labels, d)


LOSSES: Final[Mapping[str, Callable[[Floats, Labels, Floats], tuple[float, int]]]] = {
    # One kernel for both, as compiled loops need it.
    "cross-entropy": _kernel(_PLACE_OF_CROSS_ENTROPY),
    "squared-error": _kernel(_PLACE_OF_SQUARED_ERROR),
}
"""By the words of a workload, in the order of places that compiled loops know them by."""
