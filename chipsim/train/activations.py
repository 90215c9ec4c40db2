"""Non-linearities and losses of networks that are trained by mini-batches."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats, kernel
from chipsim.train.network import logistic, output_error

__all__ = ["activate", "cross_entropy", "output", "slope"]

Labels = NDArray[np.integer]


def activate(kind: str, sums: Floats, out: Floats) -> None:
    """Activations of sums (batch, units), into the first columns of `out`; others are left alone.

    Examples
    --------
    >>> out = np.empty((1, 3), np.float32)
    >>> activate("sign", np.array([[-0.5, 0.0, 2.0]], np.float32), out)
    >>> out.tolist()
    [[-1.0, 1.0, 1.0]]
    """
    _ACTIVATIONS[kind](sums, out)


def slope(kind: str, sums: Floats, values: Floats, d: Floats) -> None:
    """Multiply errors by the slope of a non-linearity, in place.

    Parameters
    ----------
    kind
        ``logistic``, ``relu`` or ``sign``; errors pass a sign whose argument lies within plus and minus one.
    sums, values
        What went in, and what came out (batch, units or more).
    d
        Errors of what came out (batch, units), overwritten by those of what went in.
    """
    _SLOPES[kind](sums, values, d)


@kernel
def _relu(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            out[b, j] = max(sums[b, j], np.float32(0))


@kernel
def _sign(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            out[b, j] = np.float32(1) if sums[b, j] >= 0 else np.float32(-1)


@kernel
def _relu_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            d[b, j] = d[b, j] if sums[b, j] > 0 else np.float32(0)


@kernel
def _sign_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            d[b, j] = d[b, j] if abs(sums[b, j]) <= 1 else np.float32(0)


@kernel
def _logistic_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            d[b, j] *= values[b, j] * (np.float32(1) - values[b, j])


_ACTIVATIONS: dict[str, Callable[[Floats, Floats], None]] = {
    "logistic": logistic,
    "relu": _relu,
    "sign": _sign,
}
_SLOPES: dict[str, Callable[[Floats, Floats, Floats], None]] = {
    "logistic": _logistic_slope,
    "relu": _relu_slope,
    "sign": _sign_slope,
}


@kernel
def cross_entropy(sums: Floats, labels: Labels, d: Floats, predicted: Labels) -> float:
    """Error of a softmax under cross-entropy, into `d`; returns the summed loss in nats.

    Parameters
    ----------
    sums
        What the softmax is taken of (batch, classes).
    labels
        Right classes (batch,).
    d
        Overwritten: derivative of each sample's loss with respect to its sums.
    predicted
        Overwritten: class of the largest sum (batch,).
    """
    loss = 0.0
    for b in range(sums.shape[0]):
        best = 0
        for j in range(sums.shape[1]):
            if sums[b, j] > sums[b, best]:
                best = j
        total = 0.0
        for j in range(sums.shape[1]):
            total += math.exp(np.float64(sums[b, j]) - np.float64(sums[b, best]))
        for j in range(sums.shape[1]):
            share = math.exp(np.float64(sums[b, j]) - np.float64(sums[b, best])) / total
            d[b, j] = np.float32(share - 1.0) if labels[b] == j else np.float32(share)
        right = np.float64(sums[b, labels[b]]) - np.float64(sums[b, best])
        loss += math.log(total) - right
        predicted[b] = best
    return loss


def output(sums: Floats, labels: Labels, *, loss: str, kind: str, predicted: Labels) -> tuple[Floats, float]:
    """Errors of the last layer's sums (batch, classes), and the summed loss.

    Parameters
    ----------
    sums
        Of the last layer, normalised where it is (batch, classes).
    labels
        Right classes (batch,).
    loss
        ``cross-entropy`` or ``squared-error``.
    kind
        The network's activation; squared error takes the last layer's sums as they are unless it is logistic.
    predicted
        Overwritten: class of the largest output (batch,).
    """
    d = np.empty_like(sums)
    if loss == "cross-entropy":
        return d, float(cross_entropy(sums, labels, d, predicted))
    if kind != "logistic":
        return d, float(_squared_error(sums, labels, d, predicted))
    outputs = np.empty_like(sums)
    logistic(sums, outputs)
    return d, float(output_error(outputs, labels, d, predicted))


@kernel
def _squared_error(sums: Floats, labels: Labels, d: Floats, predicted: Labels) -> float:
    loss = 0.0
    for b in range(sums.shape[0]):
        best = 0
        for j in range(sums.shape[1]):
            if sums[b, j] > sums[b, best]:
                best = j
            d[b, j] = sums[b, j] - (np.float32(1) if labels[b] == j else np.float32(0))
            loss += 0.5 * np.float64(d[b, j]) * np.float64(d[b, j])
        predicted[b] = best
    return loss
