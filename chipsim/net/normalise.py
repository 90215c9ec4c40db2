"""Batch normalisation in the digital unit: by the batch's figures in training, by running ones in tests."""

from __future__ import annotations

import attrs
import numpy as np

from chipsim.device.types import Floats, kernel

__all__ = [
    "MEAN",
    "OFFSET",
    "SCALE",
    "VARIANCE",
    "Normalised",
    "fresh",
    "normalise",
    "normalise_back",
    "settled",
]

SCALE, OFFSET, MEAN, VARIANCE = range(4)
"""Rows of a layer's normalisation (4, units): what is learnt, and the running figures of the sums."""


def fresh(units: int) -> Floats:
    """A normalisation (4, units) that changes nothing yet: scale and variance 1, offset and mean 0."""
    state = np.zeros((4, units), np.float32)
    state[[SCALE, VARIANCE]] = 1
    return state


@attrs.frozen(eq=False)
class Normalised:
    """One layer's sums of one batch, normalised."""

    values: Floats
    """Scaled and offset (batch, units)."""
    unit: Floats
    """Of mean zero and variance one (batch, units)."""
    inverse: Floats
    """One over the standard deviation of the batch (units,)."""


def normalise(sums: Floats, state: Floats, *, momentum: float, epsilon: float) -> Normalised:
    """Normalise sums (batch, units) by their own mean and variance, and bring the running figures up to date.

    The running variance is that of a sample (over batch - 1), the batch's own is not, as is usual.

    References
    ----------
    S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015.

    Examples
    --------
    >>> state = fresh(1)
    >>> sums = np.array([[1.0], [3.0]], np.float32)
    >>> normalise(sums, state, momentum=0.5, epsilon=0.0).values.ravel().tolist()
    [-1.0, 1.0]
    >>> state[MEAN].item(), state[VARIANCE].item()
    (1.0, 1.5)
    """
    done = Normalised(np.empty_like(sums), np.empty_like(sums), np.empty(sums.shape[1], np.float32))
    _normalise(sums, state, momentum, epsilon, done.values, done.unit, done.inverse)
    return done


@kernel
def _normalise(
    sums: Floats,
    state: Floats,
    momentum: float,
    epsilon: float,
    values: Floats,
    unit: Floats,
    inverse: Floats,
) -> None:
    batch, units = sums.shape
    mean, variance = np.zeros(units), np.zeros(units)
    for b in range(batch):
        for j in range(units):
            mean[j] += np.float64(sums[b, j])
    mean /= batch
    for b in range(batch):
        for j in range(units):
            away = np.float64(sums[b, j]) - mean[j]
            variance[j] += away * away
    variance /= batch
    for j in range(units):
        inverse[j] = np.float32(1.0 / np.sqrt(variance[j] + epsilon))
        sample = variance[j] * (batch / max(batch - 1, 1))
        state[2, j] += np.float32(momentum * (mean[j] - np.float64(state[2, j])))
        state[3, j] += np.float32(momentum * (sample - np.float64(state[3, j])))
    middle = mean.astype(np.float32)
    for b in range(batch):
        for j in range(units):
            unit[b, j] = (sums[b, j] - middle[j]) * inverse[j]
            values[b, j] = unit[b, j] * state[0, j] + state[1, j]


@kernel
def settled(sums: Floats, state: Floats, epsilon: float) -> None:
    """Normalise sums (batch, units) by the running figures, in place; the figures stay."""
    for j in range(sums.shape[1]):
        inverse = np.float32(1.0 / np.sqrt(np.float64(state[3, j]) + epsilon))
        for b in range(sums.shape[0]):
            sums[b, j] = (sums[b, j] - state[2, j]) * inverse * state[0, j] + state[1, j]


@kernel
def normalise_back(d: Floats, unit: Floats, inverse: Floats, state: Floats, slopes: Floats) -> None:
    """Take errors back through a normalisation, in place.

    Parameters
    ----------
    d
        Errors of the normalised values (batch, units), summed, not averaged; overwritten by those of sums.
    unit, inverse
        As :class:`Normalised` has them.
    state
        Scales, offsets and running figures (4, units).
    slopes
        Overwritten: summed gradient of scales and of offsets (2, units).
    """
    batch, units = d.shape
    by_scale, by_offset = np.zeros(units), np.zeros(units)
    for b in range(batch):
        for j in range(units):
            by_scale[j] += np.float64(d[b, j]) * np.float64(unit[b, j])
            by_offset[j] += np.float64(d[b, j])
    for j in range(units):
        slopes[0, j] = np.float32(by_scale[j])
        slopes[1, j] = np.float32(by_offset[j])
    across = (by_scale / batch).astype(np.float32)
    level = (by_offset / batch).astype(np.float32)
    for b in range(batch):
        for j in range(units):
            d[b, j] = state[0, j] * inverse[j] * (d[b, j] - level[j] - unit[b, j] * across[j])
