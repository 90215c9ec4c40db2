"""A fixed random layer that images pass: units add up pixels with random signs, and pass what is positive."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data.dataset import Dataset
from chipsim.data.images import Images
from chipsim.errors import DataError
from chipsim.limits import WIDENED_BYTES

__all__ = ["widened"]

_GRID: Final = 2.0**30
"""Steps of an input between 0 and 1: sums of millions of them are exact in double precision."""
_ROWS: Final = 256
"""Images that are widened at once."""


def widened(dataset: Dataset, units: int) -> Dataset:
    """The images as a layer of random weights gives them, which stands for the frozen layers of a network.

    Each unit adds up all values of an image with signs of its own, drawn once for all, and passes what is
    above zero. Everything is divided by the largest of all, so that values are within 0 to 1.

    Parameters
    ----------
    dataset
        Its training and test images are widened alike; labels stay.
    units
        Of the layer.

    Raises
    ------
    DataError
        When the images would take more memory than is allowed, or no unit gives anything.

    Examples
    --------
    >>> from chipsim.data import load
    >>> digits = widened(load("mnist-5k", train=10, test=10), 2_000)
    >>> digits.train_images.shape, float(digits.train_images.min())
    ((10, 2000), 0.0)
    """
    samples = len(dataset.train_images) + len(dataset.test_images)
    size = samples * units * np.dtype(np.float32).itemsize
    if size > WIDENED_BYTES:
        most = WIDENED_BYTES // (samples * np.dtype(np.float32).itemsize)
        raise DataError(
            f"{dataset.name}: random_layer: {samples} images of {units} values take {size:,} bytes, and at "
            f"most {WIDENED_BYTES:,} are made of them; take {most} units at most, or fewer images"
        )
    signs = _signs(dataset.features, units)
    train, test = _passed(dataset.train_images, signs), _passed(dataset.test_images, signs)
    largest = max(train.max(initial=0.0), test.max(initial=0.0))
    if not largest > 0:
        raise DataError(f"{dataset.name}: random_layer: no unit gives anything: all images are empty")
    return attrs.evolve(
        dataset,
        train_images=(train / largest).astype(np.float32),
        test_images=(test / largest).astype(np.float32),
        origin=f"{dataset.origin}; through a random layer of {units} units",
        shape=(units,),
    )


def _signs(features: int, units: int) -> NDArray[np.float64]:
    """Plus and minus one (features, units): those of the first units are the same however many there are."""
    # Raw words, which numpy promises for good: their highest bits.
    words = np.random.PCG64DXSM(np.random.SeedSequence(features)).random_raw(units * features)
    return np.where(words >> np.uint64(63), 1.0, -1.0).reshape(units, features).T


def _passed(images: Images, signs: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the units give (samples, units), the same on every machine: all sums are exact."""
    given = np.empty((len(images), signs.shape[1]), np.float64)
    for start in range(0, len(images), _ROWS):
        some = images[start : start + _ROWS].astype(np.float64)
        if images.dtype != np.uint8:
            some = np.rint(some * _GRID)
        np.maximum(some @ signs, 0.0, out=given[start : start + _ROWS])
    return given
