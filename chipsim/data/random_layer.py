"""A fixed random layer that images pass: units add up pixels with random signs, and pass what is positive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data.dataset import Dataset
from chipsim.data.images import Images
from chipsim.errors import DataError
from chipsim.limits import WIDENED_BYTES

__all__ = ["blocks_of", "check_bytes", "signs_of", "sums", "widened"]

_GRID: Final = 2.0**30
"""Steps of an input between 0 and 1: sums of millions of them are exact in double precision."""
_ROWS: Final = 256
"""Images that are widened at once."""
_UNITS: Final = 512
"""Units whose signs are there at once."""


def widened(dataset: Dataset, units: int, *, whole: Dataset | None = None) -> Dataset:
    """The images as a layer of random weights gives them, which stands for the frozen layers of a network.

    Each unit adds up all values of an image with signs of its own, drawn once for all, and passes what is
    above zero, as a share of the largest that any image of the whole dataset gives.

    Parameters
    ----------
    dataset
        Its training and test images are widened alike; labels stay.
    units
        Of the layer.
    whole
        The dataset that it is a part of, so that a part is widened as the whole is; None for itself.

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
    check_bytes(dataset, units, key="random_layer", word="units")
    parts = (dataset.train_images, dataset.test_images)
    of = dataset if whole is None else whole
    largest = _largest((of.train_images, of.test_images), units)
    if not largest > 0:
        raise DataError(f"{dataset.name}: random_layer: no unit gives anything: all images are empty")
    train, test = (_passed(images, units, largest=largest) for images in parts)
    return attrs.evolve(
        dataset,
        train_images=train,
        test_images=test,
        origin=f"{dataset.origin}; through a random layer of {units} units",
        shape=(units,),
    )


def check_bytes(dataset: Dataset, values: int, *, key: str, word: str) -> None:
    """Refuse to make more values of images than memory is allowed for.

    Parameters
    ----------
    dataset
        Its images, to train and to test on.
    values
        How many are made of each.
    key, word
        What asks for them in a description, and what they are called there.

    Raises
    ------
    DataError
        With how many there may be.
    """
    samples = len(dataset.train_images) + len(dataset.test_images)
    each = samples * np.dtype(np.float32).itemsize
    if values * each > WIDENED_BYTES:
        raise DataError(
            f"{dataset.name}: {key}: {samples} images of {values} values take {values * each:,} bytes, and "
            f"at most {WIDENED_BYTES:,} are made of them; take {WIDENED_BYTES // each} {word} at most, or "
            "fewer images"
        )


def _largest(parts: Sequence[Images], units: int) -> float:
    """The most that any unit gives for any image."""
    most = 0.0
    for _, signs in signs_of(parts[0].shape[1], units):
        for images in parts:
            for rows in blocks_of(images):
                most = max(most, float(sums(images[rows], signs).max(initial=0.0)))
    return most


def _passed(images: Images, units: int, *, largest: float) -> NDArray[np.float32]:
    """What the units give (samples, units), as shares of the largest."""
    given = np.empty((len(images), units), np.float32)
    for place, signs in signs_of(images.shape[1], units):
        for rows in blocks_of(images):
            given[rows, place] = np.maximum(sums(images[rows], signs), 0.0) / largest
    return given


def blocks_of(images: Images) -> Iterator[slice]:
    """Rows of images, so many at a time that their sums need little memory."""
    for start in range(0, len(images), _ROWS):
        yield slice(start, start + _ROWS)


def sums(images: Images, signs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted sums (samples, units), the same on every machine: all of them are exact."""
    values = images.astype(np.float64)
    if images.dtype != np.uint8:
        values = np.rint(values * _GRID)
    return values @ signs


def signs_of(features: int, units: int, number: int = 0) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Plus and minus one (features, units) for some units after others, the same however many there are.

    Parameters
    ----------
    features, units
        How many values come in, and how many go out.
    number
        Which of all sets of signs.
    """
    generator = np.random.PCG64DXSM(np.random.SeedSequence((features, number)))
    for start in range(0, units, _UNITS):
        count = min(_UNITS, units - start)
        # Raw words, which numpy promises for good: their highest bits.
        words = generator.random_raw(count * features)
        signs = np.where(words >> np.uint64(63), 1.0, -1.0).reshape(count, features).T
        yield slice(start, start + count), signs
