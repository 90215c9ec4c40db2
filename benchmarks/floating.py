"""The same networks trained in plain numpy, 32-bit floating point, as anybody would write them."""

from __future__ import annotations

import itertools
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["AdamNetwork", "LogisticNetwork"]

Array: TypeAlias = NDArray[np.float32]
_RATE: Final = np.float32(0.1)


def _logistic(z: Array) -> Array:
    return np.float32(1) / (np.float32(1) + np.exp(-z))


def _augmented(values: Array) -> Array:
    """Inputs of a layer with the one that meets its biases."""
    return np.append(values, np.float32(1))


class LogisticNetwork:
    """784-250-10 with logistic units and squared error, one sample after another."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.first = random.normal(0, 0.1, (785, 250)).astype(np.float32)
        self.second = random.normal(0, 0.1, (251, 10)).astype(np.float32)
        self._targets = np.eye(10, dtype=np.float32)

    def train(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        """Train once on all samples, in their order.

        Parameters
        ----------
        images
            (samples, 784), from 0 to 255.
        labels
            (samples,), the classes.
        """
        for image, label in zip(images, labels, strict=True):
            x = _augmented(image.astype(np.float32) / 255)
            h = _augmented(_logistic(x @ self.first))
            y = _logistic(h @ self.second)
            d = (self._targets[label] - y) * y * (1 - y)
            back = (self.second @ d * h * (1 - h))[:-1]
            self.second += _RATE * np.outer(h, d)
            self.first += _RATE * np.outer(x, back)

    def right_percent(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> float:
        """Share of samples that it classifies right, in percent."""
        ones = np.ones((len(images), 1), np.float32)
        x = np.hstack([images.astype(np.float32) / 255, ones])
        h = np.hstack([_logistic(x @ self.first), ones])
        classes = (h @ self.second).argmax(axis=1)
        return 100 * float(np.mean(classes == labels))


class AdamNetwork:
    """Rectified units, batch normalisation, cross-entropy and Adam, batch after batch.

    Parameters
    ----------
    layers
        Units of each layer, inputs first.
    batch
        Samples of a batch.
    """

    def __init__(self, layers: tuple[int, ...], *, batch: int) -> None:
        random = np.random.default_rng(0)
        self.batch = batch
        pairs = list(itertools.pairwise(layers))
        self._depth = len(pairs)
        weights = [random.uniform(-1, 1, pair).astype(np.float32) for pair in pairs]
        scales = [np.ones(units, np.float32) for units in layers[1:]]
        offsets = [np.zeros(units, np.float32) for units in layers[1:]]
        self._values: list[Array] = [*weights, *scales, *offsets]
        self._moments = [(np.zeros_like(value), np.zeros_like(value)) for value in self._values]
        self._targets = np.eye(layers[-1], dtype=np.float32)
        self._steps = 0

    def train(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        """Train once on all samples: images from 0 to 255, (samples, pixels), and their classes."""
        for start in range(0, len(labels), self.batch):
            chosen = slice(start, start + self.batch)
            self._step(images[chosen].astype(np.float32) / np.float32(255), labels[chosen])

    def _step(self, x: Array, labels: NDArray[np.uint8]) -> None:
        self._steps += 1
        inputs, units, spreads = self._forward(x)
        shares = np.exp(inputs[-1] - inputs[-1].max(1, keepdims=True))
        d = shares / shares.sum(1, keepdims=True) - self._targets[labels]
        for layer in reversed(range(self._depth)):
            if layer < self._depth - 1:
                d = d * (inputs[layer + 1] > 0)
            scales, offsets = (d * units[layer]).mean(0), d.mean(0)
            steepness = self._values[self._depth + layer] * spreads[layer]
            d = steepness * (d - offsets - units[layer] * scales)
            gradient = inputs[layer].T @ d / np.float32(self.batch)
            if layer:
                d = d @ self._values[layer].T
            for kind, slope in enumerate((gradient, scales, offsets)):
                self._adam(kind * self._depth + layer, slope)

    def _forward(self, x: Array) -> tuple[list[Array], list[Array], list[Array]]:
        """Inputs of each layer and the outputs, normalised units, and one over their spreads."""
        inputs, units, spreads = [x], [], []
        for layer in range(self._depth):
            z = inputs[-1] @ self._values[layer]
            spreads.append(1 / np.sqrt(z.var(0) + np.float32(1e-5)))
            units.append((z - z.mean(0)) * spreads[-1])
            y = units[-1] * self._values[self._depth + layer] + self._values[2 * self._depth + layer]
            inputs.append(np.maximum(y, 0) if layer < self._depth - 1 else y)
        return inputs, units, spreads

    def _adam(self, index: int, gradient: Array) -> None:
        first, second = self._moments[index]
        first += np.float32(0.1) * (gradient - first)
        second += np.float32(0.001) * (gradient * gradient - second)
        up = np.float32(1 - 0.9**self._steps)
        down = np.float32(1 - 0.999**self._steps)
        rate = np.float32(0.02)
        self._values[index] -= rate / up * first / (np.sqrt(second / down) + np.float32(1e-8))
