"""Arrays as a table lists them: each held against what kernels will read it as."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats

__all__ = [
    "Listed",
    "UnlistedError",
    "as_counts",
    "as_flags",
    "as_floats",
    "as_sums",
    "as_tally",
    "as_words",
    "in_a_row",
    "is_same",
]

_DOUBLE: Final = np.dtype(np.float64)
_SINGLE: Final = np.dtype(np.float32)
_COUNT: Final = np.dtype(np.int32)
_LONG: Final = np.dtype(np.int64)
_WORD: Final = np.dtype(np.uint64)
_FLAG: Final = np.dtype(np.bool_)


class UnlistedError(Exception):
    """An array is not what kernels would read it as: its owner is asked sample by sample instead."""


class Listed(NamedTuple):
    """An array that kernels may read as what it is."""

    array: NDArray[Any]
    rows: int
    columns: int


def _listed(array: NDArray[Any], dtype: np.dtype[Any], shape: tuple[int, ...], *, kept: bool) -> Listed:
    # Kernels believe all of this, and would read or write whatever lies elsewhere. No assert: those are left
    # out of an interpreter that is told to optimise, and owners of one's own have arrays of their own.
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        kind = getattr(array, "dtype", type(array).__name__)
        raise UnlistedError(f"an array of {kind} is no array of {dtype}")
    flags = array.flags
    if not (flags.c_contiguous and flags.aligned):
        raise UnlistedError("kernels read row after row")
    if not (kept or flags.writeable):
        raise UnlistedError("kernels write what may not be written")
    given = array.shape
    if len(given) not in (1, 2) or (shape and given != shape):
        raise UnlistedError(
            f"an array of the shape {given} is none of the shape {shape or '(rows, columns)'}"
        )
    return Listed(array, *(given if len(given) == 2 else (1, *given)))


def as_floats(array: NDArray[Any], *shape: int, kept: bool = False) -> Listed:
    """An array of single precision, for `floats_at`.

    Parameters
    ----------
    array
        (rows, columns), or (columns,) as a single row.
    shape
        What kernels take its shape for, where its owner does not see to that.
    kept
        Kernels leave it as it is.

    Raises
    ------
    UnlistedError
        When it is of another type or shape, lies in another order than row after row, or may not be written.
    """
    return _listed(array, _SINGLE, shape, kept=kept)


def as_sums(array: NDArray[Any], *shape: int) -> Listed:
    """An array of double precision, for `sums_at`; see :func:`as_floats`."""
    return _listed(array, _DOUBLE, shape, kept=False)


def as_counts(array: NDArray[Any], *shape: int) -> Listed:
    """An array of 32-bit counts, for `counts_at`; see :func:`as_floats`."""
    return _listed(array, _COUNT, shape, kept=False)


def as_tally(array: NDArray[Any], *shape: int) -> Listed:
    """An array of 64-bit integers, for `tally_at` and `places_at`; see :func:`as_floats`."""
    return _listed(array, _LONG, shape, kept=False)


def as_words(array: NDArray[Any], *shape: int) -> Listed:
    """An array of 64-bit words, for `words_at`; see :func:`as_floats`."""
    return _listed(array, _WORD, shape, kept=False)


def as_flags(array: NDArray[Any], *shape: int) -> Listed:
    """An array of truth values, for `flags_at`; see :func:`as_floats`."""
    return _listed(array, _FLAG, shape, kept=False)


def in_a_row(values: Floats, shape: tuple[int, int]) -> Floats:
    """Numbers of all cells (cells,), or the one that stands for all (1,).

    Raises
    ------
    UnlistedError
        When there is not one for each cell.
    """
    if values.shape != shape:
        raise UnlistedError(f"bounds or steps of the shape {values.shape} are none of {shape} cells")
    if not any(values.strides):
        return np.ascontiguousarray(values[:1, :1]).ravel()
    return np.ascontiguousarray(values).ravel()


def is_same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays are one in memory."""
    return one.__array_interface__ == other.__array_interface__
