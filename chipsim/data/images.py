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
    kind = np.uint8 if rows.dtype == np.uint8 else np.float32
    return np.ascontiguousarray(rows, dtype=kind)


def alike(train: Images, test: Images) -> tuple[Images, Images]:
    """Both as bytes, or both as numbers: a byte is its share of 255."""
    if train.dtype == test.dtype:
        return train, test
    shares = [array / np.float32(255) if array.dtype == np.uint8 else array for array in (train, test)]
    return shares[0], shares[1]


def shape_of(train: NDArray[np.generic], test: NDArray[np.generic], *, name: str) -> tuple[int, ...]:
    """Height, width and channels of images that have them; one channel where none is given."""
    shapes = [array.shape[1:] for array in (train, test)]
    if len(shapes[0]) not in (2, 3):
        return ()
    if math.prod(shapes[0]) == math.prod(shapes[1]) and shapes[0] != shapes[1]:
        one, other = (" x ".join(map(str, shape)) for shape in shapes)
        raise DataError(f"{name}: training images are {one}, test images {other}; both need the same")
    return shapes[0] if len(shapes[0]) == 3 else (*shapes[0], 1)
