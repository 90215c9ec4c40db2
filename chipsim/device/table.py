"""A table of where arrays lie, by which a compiled loop finds those of any number of owners.

A kernel is compiled for the types of what it is given: a tuple of a hundred arrays is one type, and of a
hundred and one another, each of which takes half a minute to compile and is copied at every call. A table is
one array of integers, however many arrays it lists.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, types  # type: ignore[attr-defined]
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from chipsim.device.listed import Listed
from chipsim.device.types import Counts, Flags, Floats, Sums, Tally, Words, kernel

__all__ = [
    "Places",
    "Table",
    "counts_at",
    "flags_at",
    "floats_at",
    "places_at",
    "sums_at",
    "tally_at",
    "words_at",
]

Places = NDArray[np.int64]
"""Address, rows and columns of every array of a table (arrays, 3)."""


class Table:
    """Where arrays lie, in the order in which they were added.

    Examples
    --------
    >>> from chipsim.device.listed import as_floats, as_sums
    >>> table = Table()
    >>> numbers = np.array([[1, 2], [3, 4]], np.float32)
    >>> place = table.add(as_sums(np.zeros(3)), as_floats(numbers))
    >>> floats_at(table.places, place + 1)[1].tolist()
    [3.0, 4.0]
    """

    def __init__(self) -> None:
        self._arrays: list[NDArray[Any]] = []
        self._rows: list[tuple[int, int, int]] = []
        self._places: Places | None = None

    def add(self, *listed: Listed) -> int:
        """Append arrays; the place of the first.

        The table keeps them, so that what it says of them holds as long as it is there.
        """
        assert self._places is None, "what was handed out already would not know of them"
        first = len(self._rows)
        for array, rows, columns in listed:
            self._arrays.append(array)
            self._rows.append((array.ctypes.data, rows, columns))
        return first

    @property
    def places(self) -> Places:
        """The table as kernels take it; nothing can be added any more."""
        if self._places is None:
            self._places = np.array(self._rows, np.int64).reshape(-1, 3)
        return self._places


def _as_pointer(typing: Any, address: Any) -> Any:  # noqa: ARG001
    """A number as the pointer that it is, for the compiler."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.inttoptr(given[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), build


_pointer: Any = intrinsic(_as_pointer)


@kernel
def floats_at(places: Places, place: int) -> Floats:
    """The array of single precision at a place of a table (rows, columns)."""
    return carray(_pointer(places[place, 0]), (places[place, 1], places[place, 2]), np.float32)


@kernel
def sums_at(places: Places, place: int) -> Sums:
    """The array of double precision at a place (rows, columns)."""
    return carray(_pointer(places[place, 0]), (places[place, 1], places[place, 2]), np.float64)


@kernel
def counts_at(places: Places, place: int) -> Counts:
    """The array of 32-bit counts at a place (rows, columns)."""
    return carray(_pointer(places[place, 0]), (places[place, 1], places[place, 2]), np.int32)


@kernel
def tally_at(places: Places, place: int) -> Tally:
    """The array of 64-bit integers at a place (rows, columns)."""
    return carray(_pointer(places[place, 0]), (places[place, 1], places[place, 2]), np.int64)


@kernel
def words_at(places: Places, place: int) -> Words:
    """The array of 64-bit words at a place (rows, columns)."""
    return carray(_pointer(places[place, 0]), (places[place, 1], places[place, 2]), np.uint64)


@kernel
def flags_at(places: Places, place: int) -> Flags:
    """The array of truth values at a place (rows, columns)."""
    return carray(_pointer(places[place, 0]), (places[place, 1], places[place, 2]), np.bool_)


@kernel
def places_at(places: Places, place: int) -> Tally:
    """The row of integers at a place, such as places of further arrays (integers,)."""
    row: Tally = tally_at(places, place)[0]
    return row
