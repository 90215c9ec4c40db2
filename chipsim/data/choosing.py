"""Parts and other orders of a dataset: some of its classes, rows that change places, some of its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data.dataset import Dataset
from chipsim.data.images import Images
from chipsim.errors import DataError
from chipsim.wording import plural

__all__ = [
    "cropped",
    "inner",
    "largest_crop",
    "most_swaps",
    "of_classes",
    "row_order",
    "rows_swapped",
    "with_features",
]

_DIMENSIONS: Final = 3
"""Height, width and channels: what has rows."""


def of_classes(dataset: Dataset, classes: Sequence[int]) -> Dataset:
    """The samples of some classes alone, relabelled from 0 in the order given; they keep their order.

    Parameters
    ----------
    dataset
        Its training and test images are chosen alike.
    classes
        Those to keep, two at least, each once.

    Raises
    ------
    DataError
        When a class is none of the dataset's, or stands there twice, there are fewer than two, or nothing to
        train or to test on is of any.

    Examples
    --------
    >>> from chipsim.data import load
    >>> pair = of_classes(load("mnist-5k"), [7, 1])
    >>> pair.classes, len(pair.train_labels), sorted(set(pair.test_labels.tolist()))
    (2, 800, [0, 1])
    """
    chosen = list(classes)
    if len(chosen) < 2 or len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(dataset.classes)):
        allowed = f"two or more of 0 to {dataset.classes - 1}, each once"
        raise DataError(f"{dataset.name}: classes {chosen}; allowed: {allowed}")
    new = np.zeros(dataset.classes, np.uint8)
    new[chosen] = np.arange(len(chosen))
    fields = {}
    for part in ("train", "test"):
        labels = getattr(dataset, f"{part}_labels")
        kept = np.isin(labels, chosen)
        if not kept.any():
            raise DataError(f"{dataset.name}: none of the {part} samples is of classes {_listed(chosen)}")
        fields[f"{part}_images"] = getattr(dataset, f"{part}_images")[kept]
        fields[f"{part}_labels"] = new[labels[kept]]
    origin = f"{dataset.origin}; of classes {_listed(chosen)} alone"
    return attrs.evolve(dataset, classes=len(chosen), origin=origin, **fields)


def inner(shape: Sequence[int], side: int) -> NDArray[np.intp]:
    """Places of the values of the square in the middle of an image, row after row.

    Where as many rows, or columns, cannot be cut off at both ends, one more goes at the second.

    Parameters
    ----------
    shape
        Height, width and channels, none of the first two less than the side.
    side
        Of the square, pixels.

    Examples
    --------
    >>> inner((4, 5, 1), 2).tolist()
    [6, 7, 11, 12]
    """
    height, width, channels = shape
    places = np.arange(height * width * channels).reshape(height, width, channels)
    first_row, first_column = (height - side) // 2, (width - side) // 2
    kept = places[first_row : first_row + side, first_column : first_column + side]
    return kept.ravel()


def largest_crop(shape: Sequence[int]) -> int:
    """Side of the largest square that can be cut out of an image; none where values have no rows.

    Parameters
    ----------
    shape
        Height, width and channels, or the number of values alone.

    Examples
    --------
    >>> largest_crop((28, 30, 1)), largest_crop((1280,))
    (28, 0)
    """
    return min(shape[:2]) if len(shape) == _DIMENSIONS else 0


def cropped(dataset: Dataset, side: int) -> Dataset:
    """The square in the middle of every image, as :func:`inner` has it.

    Parameters
    ----------
    dataset
        Its training and test images are cut alike; labels stay.
    side
        Of the square, pixels.

    Raises
    ------
    DataError
        When images are smaller, or samples have no rows.

    Examples
    --------
    >>> from chipsim.data import load
    >>> cropped(load("mnist-5k", train=1, test=1), 20).shape
    (20, 20, 1)
    """
    most = largest_crop(dataset.shape)
    if not 1 <= side <= most:
        allowed = f"1 to {most}" if most else "none, for its samples have no rows"
        raise DataError(f"{dataset.name}: crop {side}; allowed: {allowed}")
    taken = _taken(dataset, inner(dataset.shape, side))
    origin = f"{dataset.origin}; the inner {side} x {side} pixels"
    return attrs.evolve(taken, shape=(side, side, dataset.shape[2]), origin=origin)


def most_swaps(shape: Sequence[int]) -> int:
    """How many pairs of rows of an image can change places; none where values have no rows.

    Parameters
    ----------
    shape
        Height, width and channels, or the number of values alone.

    Examples
    --------
    >>> most_swaps((28, 28, 1)), most_swaps((1280,))
    (7, 0)
    """
    return shape[0] // 4 if len(shape) == _DIMENSIONS else 0


def row_order(shape: Sequence[int], pairs: int) -> NDArray[np.intp]:
    """Which old value stands at each new place once so many pairs of rows have changed places.

    The first pair is the first row of the second quarter of the image and the first of the third, the second
    pair the rows below these, and so on: rows through the middle of what an image shows, a quarter of its
    height apart. Rows at the edge are empty in many images, and neighbours are much alike, so that hardly
    anything would change.

    Parameters
    ----------
    shape
        Height, width and channels.
    pairs
        From 0 to :func:`most_swaps`.

    Examples
    --------
    >>> row_order((8, 1, 1), 2).tolist()
    [0, 1, 4, 5, 2, 3, 6, 7]
    """
    height, width, channels = shape
    quarter = height // 4
    middle = 2 * quarter
    order = np.arange(height * width * channels).reshape(height, width * channels)
    upper = order[quarter : quarter + pairs].copy()
    order[quarter : quarter + pairs] = order[middle : middle + pairs]
    order[middle : middle + pairs] = upper
    return order.ravel()


def rows_swapped(dataset: Dataset, pairs: int) -> Dataset:
    """The same images with pairs of rows exchanged: another task that has much in common with the first.

    Which rows these are, :func:`row_order` says; they are the same for training and test, in every run.

    Parameters
    ----------
    dataset
        Its training and test images are changed alike; labels stay.
    pairs
        How many.

    Raises
    ------
    DataError
        When there are not so many, or samples have no rows.

    Examples
    --------
    >>> from chipsim.data import load
    >>> digits = load("mnist-5k", train=1, test=1)
    >>> once = rows_swapped(digits, 1)
    >>> bool((rows_swapped(once, 1).train_images == digits.train_images).all())
    True
    """
    most = most_swaps(dataset.shape)
    if not 1 <= pairs <= most:
        allowed = f"1 to {most}" if most else "none, for its samples have not the rows for it"
        raise DataError(f"{dataset.name}: swap_rows {pairs}; allowed: {allowed}")
    swapped = f"{pairs} {plural('pair', pairs)} of rows swapped"
    return attrs.evolve(
        _taken(dataset, row_order(dataset.shape, pairs)), origin=f"{dataset.origin}; {swapped}"
    )


def with_features(dataset: Dataset, features: Sequence[int]) -> Dataset:
    """Samples of some of their values alone, in the order given.

    Parameters
    ----------
    dataset
        Its training and test images are cut alike; labels stay.
    features
        Places of values to keep, counted from 0, each once.

    Raises
    ------
    DataError
        When there is none, or a value is not there, or twice.

    Examples
    --------
    >>> image = np.array([[10, 11, 12]], np.uint8)
    >>> from chipsim.data import from_arrays
    >>> tiny = from_arrays("tiny", train=(image, [0]), test=(image, [0]))
    >>> with_features(tiny, [2, 0]).train_images.tolist()
    [[12, 10]]
    """
    chosen = list(features)
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(dataset.features)):
        allowed = f"some of 0 to {dataset.features - 1}, each once"
        raise DataError(f"{dataset.name}: features {chosen}; allowed: {allowed}")
    return attrs.evolve(
        _taken(dataset, np.array(chosen, np.intp)),
        shape=(len(chosen),),
        origin=f"{dataset.origin}; of its values {_listed(chosen)}",
    )


def _taken(dataset: Dataset, order: NDArray[np.intp]) -> Dataset:
    """The values at some places, of training and test images; their shape may be another then."""
    train, test = (_columns(images, order) for images in (dataset.train_images, dataset.test_images))
    shape = dataset.shape if len(order) == dataset.features else (len(order),)
    return attrs.evolve(dataset, train_images=train, test_images=test, shape=shape)


def _columns(images: Images, order: NDArray[np.intp]) -> Images:
    # take() keeps rows whole; images[:, order] would lay them out column by column.
    return np.take(images, order, axis=1)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
