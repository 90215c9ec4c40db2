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
    values, unit = np.empty_like(sums), np.empty_like(sums)
    done = Normalised(values, unit, np.empty(sums.shape[1], np.float32))
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
    # Sums over a batch in double precision, and the variance from distances to the mean: the difference of
    # two large sums would cancel. Sample after sample, so that units lie side by side and are vectorised.
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
    # Training takes the batch's own variance; tests take one that stands for samples that were not in it.
    of_sample = batch / max(batch - 1, 1)
    for j in range(units):
        inverse[j] = np.float32(1.0 / np.sqrt(variance[j] + epsilon))
        to_mean = mean[j] - np.float64(state[2, j])
        to_variance = variance[j] * of_sample - np.float64(state[3, j])
        state[2, j] += np.float32(momentum * to_mean)
        state[3, j] += np.float32(momentum * to_variance)
    # Values in single precision, in which the digital unit computes them.
    middle = mean.astype(np.float32)
    for b in range(batch):
        for j in range(units):
            normal = (sums[b, j] - middle[j]) * inverse[j]
            unit[b, j] = normal
            values[b, j] = normal * state[0, j] + state[1, j]


@kernel
def settled(sums: Floats, state: Floats, epsilon: float) -> None:
    """Normalise sums (batch, units) by the running figures, in place; the figures stay."""
    for j in range(sums.shape[1]):
        inverse = np.float32(1.0 / np.sqrt(np.float64(state[3, j]) + epsilon))
        for b in range(sums.shape[0]):
            normal = (sums[b, j] - state[2, j]) * inverse
            sums[b, j] = normal * state[0, j] + state[1, j]


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
    # A sum moves the mean and the variance that all samples are normalised by: what every error has in common
    # with the values and with one another does not come through.
    across = (by_scale / batch).astype(np.float32)
    level = (by_offset / batch).astype(np.float32)
    for b in range(batch):
        for j in range(units):
            passing = d[b, j] - level[j] - unit[b, j] * across[j]
            d[b, j] = state[0, j] * inverse[j] * passing
