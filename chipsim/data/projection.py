"""A fixed random projection: a few values in the place of all pixels, sums of them with random signs."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data.dataset import Dataset
from chipsim.data.images import Images
from chipsim.data.random_layer import blocks_of, check_bytes, signs_of, sums
from chipsim.errors import DataError

__all__ = ["projected"]


def projected(dataset: Dataset, values: int, *, number: int = 0, whole: Dataset | None = None) -> Dataset:
    """The images as so many sums of their pixels, with signs that are drawn once for all.

    Weights are plus and minus one rather than Gaussian: sums of pixels are whole numbers then, and the same
    on every machine. Unlike :func:`~chipsim.data.widened` it keeps what is below zero: of each value, the
    lowest that any image of the whole dataset gives stands for 0 and the highest for 1, so that each value
    uses its whole range and no weight has to be large for one of them alone; on one scale for all values the
    digits spread half as far. How many images are taken, and of which classes, moves neither end.

    Parameters
    ----------
    dataset
        Its training and test images are projected alike; labels stay.
    values
        How many there are of an image then.
    number
        Which projection. It seeds the signs, together with how many pixels there are.
    whole
        The dataset that it is a part of, so that a part is projected as the whole is; None for itself.

    Raises
    ------
    DataError
        When the images would take more memory than is allowed, or all of them give the same.

    Examples
    --------
    >>> from chipsim.data import load
    >>> digits = projected(load("mnist-5k"), 16)
    >>> digits.train_images.shape, digits.test_images.shape
    ((4000, 16), (1000, 16))
    >>> bool((digits.train_images >= 0).all() and (digits.train_images <= 1).all())
    True
    """
    check_bytes(dataset, values, key="projection", word="values")
    of = dataset if whole is None else whole
    lowest, highest = _ends((of.train_images, of.test_images), values, number)
    if not (highest > lowest).any():
        raise DataError(f"{dataset.name}: projection: all images give the same values")
    parts = (dataset.train_images, dataset.test_images)
    train, test = (_shares(images, lowest, highest, number=number) for images in parts)
    return attrs.evolve(
        dataset,
        train_images=train,
        test_images=test,
        origin=f"{dataset.origin}; projected to {values} values by projection {number}",
        shape=(values,),
    )


def _ends(
    parts: Sequence[Images], values: int, number: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and the highest of each value (values,) over all images."""
    lowest = np.full(values, np.inf)
    highest = np.full(values, -np.inf)
    for place, signs in signs_of(parts[0].shape[1], values, number):
        for images in parts:
            for rows in blocks_of(images):
                found = sums(images[rows], signs)
                lowest[place] = np.minimum(lowest[place], found.min(axis=0))
                highest[place] = np.maximum(highest[place], found.max(axis=0))
    return lowest, highest


def _shares(
    images: Images, lowest: NDArray[np.float64], highest: NDArray[np.float64], *, number: int
) -> NDArray[np.float32]:
    """Where each value (samples, values) lies between its ends; 0 where these are the same."""
    between = np.where(highest > lowest, highest - lowest, 1.0)
    given = np.empty((len(images), len(lowest)), np.float32)
    for place, signs in signs_of(images.shape[1], len(lowest), number):
        for rows in blocks_of(images):
            given[rows, place] = (sums(images[rows], signs) - lowest[place]) / between[place]
    return given
