"""Arithmetic of a fully connected network around its layers: activations, errors, initial weights."""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.randomness import generator
from chipsim.device.types import Floats, kernel
from chipsim.spec.workload import NetworkSpec

__all__ = ["hidden_error", "initial_weights", "logistic", "output_error", "prepare_inputs"]


@kernel
def logistic(z: Floats, out: Floats) -> None:
    """Logistic sigmoid of z (batch, units), into the first columns of `out`; others are left alone."""
    for b in range(z.shape[0]):
        for j in range(z.shape[1]):
            out[b, j] = np.float32(1.0 / (1.0 + math.exp(-np.float64(z[b, j]))))


@kernel
def output_error(y: Floats, labels: np.ndarray, d: Floats, predicted: np.ndarray) -> float:
    """Error of a logistic output layer under squared error, into `d`; returns half the summed square.

    Parameters
    ----------
    y
        Outputs (batch, classes).
    labels
        Right classes (batch,).
    d
        Overwritten: derivative of half the squared error with respect to the weighted sums.
    predicted
        Overwritten: class of the largest output (batch,).
    """
    loss = 0.0
    for b in range(y.shape[0]):
        best = 0
        for j in range(y.shape[1]):
            if y[b, j] > y[b, best]:
                best = j
            target = np.float32(1) if labels[b] == j else np.float32(0)
            e = y[b, j] - target
            loss += 0.5 * np.float64(e) * np.float64(e)
            d[b, j] = e * y[b, j] * (np.float32(1) - y[b, j])
        predicted[b] = best
    return loss


@kernel
def hidden_error(back: Floats, h: Floats, d: Floats) -> None:
    """Errors of hidden units: what came back through the weights times the slope of the sigmoid.

    Parameters
    ----------
    back
        Errors read from the next layer's rows (batch, units or units + bias).
    h
        Activations (batch, units or units + bias).
    d
        Overwritten (batch, units).
    """
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            d[b, j] = back[b, j] * h[b, j] * (np.float32(1) - h[b, j])


@kernel
def prepare_inputs(images: np.ndarray, out: Floats) -> None:
    """Pixels 0 to 255 as inputs 0 to 1 into the first columns of `out` (batch, features)."""
    for b in range(images.shape[0]):
        for i in range(images.shape[1]):
            out[b, i] = np.float32(images[b, i]) / np.float32(255)


def initial_weights(network: NetworkSpec, *, seed: int) -> list[Floats]:
    """Gaussian weights of each layer (inputs + bias, outputs), the same for every chip at one seed."""
    rng = generator(seed, "network")
    bias = int(network.bias)
    return [
        (network.initial_weights * rng.standard_normal((inputs + bias, outputs))).astype(np.float32)
        for inputs, outputs in zip(network.layers[:-1], network.layers[1:], strict=True)
    ]
