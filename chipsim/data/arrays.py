"""Arrays from outside: made of what a user gives, and held against what can be trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chipsim.errors import DataError

__all__ = [
    "Bytes",
    "Place",
    "as_array",
    "check_images",
    "check_labels",
    "check_shape",
    "check_within",
    "whole",
]

Bytes: TypeAlias = NDArray[np.uint8]
"""An array of unsigned bytes."""
Place: TypeAlias = Callable[[tuple[int, ...]], str]
"""Says where in a file the value at an index is."""
_FAR: Final = 2**31
"""Above every class, and within what whole numbers of eight bytes hold."""


def as_array(values: ArrayLike, *, where: str) -> NDArray[np.generic]:
    """An array of what a user gives, whose every value counts.

    Parameters
    ----------
    values
        An array, or lists in lists.
    where
        What it is, for the message.

    Raises
    ------
    DataError
        When rows differ in length, values are masked, or it can be made no array.

    Examples
    --------
    >>> as_array([[1, 2], [3]], where="mine")
    Traceback (most recent call last):
    ...
    chipsim.errors.DataError: mine: lists that differ in length make no array; give each row as many values
    """
    masked = _masked(values)
    if masked:
        raise DataError(f"{where}: {masked} values are masked, and no mask is kept; fill or drop them")
    try:
        return np.asarray(values)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise DataError(f"{where}: can be made no array: {error}") from error
        what = "lists that differ in length make no array; give each row as many values"
        raise DataError(f"{where}: {what}") from error
    except (TypeError, RuntimeError, OverflowError) as error:
        # Libraries whose arrays live on a device say here how to bring them over.
        raise DataError(f"{where}: can be made no array: {error}") from error


def _masked(values: ArrayLike) -> int:
    """How many values are masked, in an array or in one of a list of arrays."""
    # numpy would drop a mask without a word, and what it hides would be trained on.
    if isinstance(values, np.ma.MaskedArray):
        return int(np.ma.getmaskarray(values).sum())
    if isinstance(values, list | tuple):
        rows = [row for row in values if isinstance(row, np.ma.MaskedArray)]
        return sum(int(np.ma.getmaskarray(row).sum()) for row in rows)
    return 0


def check_images(array: NDArray[np.generic], *, where: str) -> None:
    """Refuse images that cannot be trained on; return quietly for those that can.

    Parameters
    ----------
    array
        (samples, features) or (samples, rows, columns, ...): unsigned bytes, or floats in [0, 1].
    where
        What the array is, for the message.

    Raises
    ------
    DataError
        When the array is empty, flat, of another type, or holds NaN, infinities or values outside [0, 1].

    Examples
    --------
    >>> check_images(np.array([[0.0, np.nan]]), where="mine")
    Traceback (most recent call last):
    ...
    chipsim.errors.DataError: mine: 1 of 2 values is not finite, the first nan at [0, 1]; replace or drop it
    """
    check_shape(array, where=where)
    if array.dtype == np.uint8:
        return
    if not np.issubdtype(array.dtype, np.floating):
        allowed = "uint8 from 0 to 255, or floats from 0 to 1"
        raise DataError(f"{where}: values of type {array.dtype}; allowed: {allowed}")
    # Before the range is looked at: no comparison with a NaN is true, so none is found outside.
    _check_finite(array, where=where)
    outside = (array < 0) | (array > 1)  # type: ignore[operator]
    if outside.any():
        found = _first_bad(array, outside, "outside [0, 1]")
        raise DataError(f"{where}: {found}; rescale, or give uint8 from 0 to 255")


def check_shape(array: NDArray[np.generic], *, where: str) -> None:
    """Refuse what has not the shape of images.

    Parameters
    ----------
    array
        Of any type.
    where
        What it is, for the message.

    Raises
    ------
    DataError
        When it is empty or flat.
    """
    if array.ndim < 2 or not array.size:
        needed = "(samples, features) or (samples, rows, columns), none of them zero"
        raise DataError(f"{where}: shape {array.shape}; needs {needed}")


def check_within(
    array: NDArray[np.generic],
    low: float,
    high: float,
    *,
    where: str,
    stated: bool,
    place: Place | None = None,
) -> None:
    """Refuse values outside a range, with how many there are and where the first one is.

    Parameters
    ----------
    array
        Numbers of any shape.
    low, high
        The range.
    where
        What the array is, for the message.
    stated
        Whether the range was stated as a scale, or is what values without one have to be in.
    place
        Tells where a value is; None for its index.

    Raises
    ------
    DataError
        When values are not finite, or outside.
    """
    _check_finite(array, where=where, place=place)
    outside = (array < low) | (array > high)  # type: ignore[operator]
    if outside.any():
        said = f"outside the scale [{low:g}, {high:g}]" if stated else "outside [0, 1]"
        advice = "state another scale" if stated else "state what stands for 0 and 1 as scale: [low, high]"
        raise DataError(f"{where}: {_first_bad(array, outside, said, place)}; {advice}")


def whole(labels: NDArray[np.generic], *, where: str, place: Place | None = None) -> NDArray[np.generic]:
    """Labels as integers where they are written with a point, as tables do once a value was missing.

    Parameters
    ----------
    labels
        Of any shape and type; what is no floating point is left as it is.
    where
        What they are, for the message.
    place
        Tells where a label is; None for its index.

    Raises
    ------
    DataError
        When one is not whole, or beyond any class.

    Examples
    --------
    >>> whole(np.array([0.0, 2.0]), where="mine").tolist()
    [0, 2]
    >>> whole(np.array([0.0, 2.5]), where="mine")
    Traceback (most recent call last):
    ...
    chipsim.errors.DataError: mine: 1 of 2 values is not whole, the first 2.5 at [1]; labels are whole \
numbers from 0
    """
    if not np.issubdtype(labels.dtype, np.floating):
        return labels
    _check_finite(labels, where=where, place=place)
    broken = np.rint(labels) != labels
    if broken.any():
        found = _first_bad(labels, broken, "not whole", place)
        raise DataError(f"{where}: {found}; labels are whole numbers from 0")
    beyond = np.abs(labels) > _FAR
    if beyond.any():
        raise DataError(f"{where}: {_first_bad(labels, beyond, 'beyond any class', place)}")
    return labels.astype(np.int64)


def check_labels(
    labels: NDArray[np.generic], *, where: str, samples: int, classes: int, place: Place | None = None
) -> None:
    """Refuse labels that are not one whole number from 0 to `classes` - 1 for each of `samples` images.

    Parameters
    ----------
    labels
        Of any shape and type.
    where
        What they are, for the message.
    samples, classes
        How many there are.
    place
        Tells where a label is; None for its index.

    Raises
    ------
    DataError
        When shape, type or range is wrong.
    """
    if labels.ndim != 1:
        raise DataError(f"{where}: shape {labels.shape}; needs one label a sample, ({samples},)")
    if len(labels) != samples:
        raise DataError(f"{where}: {len(labels)} labels for {samples} images; needs one a sample")
    if not np.issubdtype(labels.dtype, np.integer):
        allowed = f"whole numbers from 0 to {classes - 1}"
        raise DataError(f"{where}: values of type {labels.dtype}; allowed: {allowed}")
    outside = (labels < 0) | (labels >= classes)  # type: ignore[operator]
    if outside.any():
        found = _first_bad(labels, outside, f"outside the classes 0 to {classes - 1}", place)
        raise DataError(f"{where}: {found}")


def _check_finite(array: NDArray[np.generic], *, where: str, place: Place | None = None) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        raise DataError(f"{where}: {_first_bad(array, ~finite, 'not finite', place)}; replace or drop it")


def _first_bad(
    array: NDArray[np.generic], bad: NDArray[np.bool_], what: str, place: Place | None = None
) -> str:
    count = int(np.count_nonzero(bad))
    first = int(bad.argmax())
    index = tuple(int(i) for i in np.unravel_index(first, array.shape))
    verb = "is" if count == 1 else "are"
    at = str(list(index)) if place is None else place(index)
    return f"{count} of {array.size} values {verb} {what}, the first {array[index]} at {at}"
