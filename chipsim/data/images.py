"""Images as a dataset keeps them: bytes or single precision, one row a sample, with the shape they had."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chipsim.errors import DataError

__all__ = ["Images", "alike", "flat", "shape_of"]

Images: TypeAlias = NDArray[Any]
"""Images as unsigned bytes, or as numbers in single precision."""


def flat(images: NDArray[np.generic]) -> Images:
    """One row a sample; floats in single precision."""
    rows = images.reshape(len(images), -1)
    # Floats stay floats: rounded to the shades of a byte, fine differences would be gone.
    kind = np.uint8 if rows.dtype == np.uint8 else np.float32
    return np.ascontiguousarray(rows, dtype=kind)


def alike(train: Images, test: Images) -> tuple[Images, Images]:
    """Both as bytes, or both as numbers: a byte is its share of 255."""
    if train.dtype == test.dtype:
        return train, test
    if train.dtype == np.uint8:
        return train / np.float32(255), test
    return train, test / np.float32(255)


def shape_of(train: NDArray[np.generic], test: NDArray[np.generic], *, name: str) -> tuple[int, ...]:
    """Height, width and channels of images that have them; one channel where none is given."""
    shape, other = train.shape[1:], test.shape[1:]
    if len(shape) not in (2, 3):
        return ()
    # Where not even the number of values agrees, the dataset says so itself, in features.
    if math.prod(shape) == math.prod(other) and shape != other:
        given, found = " x ".join(map(str, shape)), " x ".join(map(str, other))
        raise DataError(f"{name}: training images are {given}, test images {found}; both need the same")
    return shape if len(shape) == 3 else (*shape, 1)
