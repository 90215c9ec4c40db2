"""A table of where arrays lie, by which a compiled loop finds those of any number of owners.

A kernel is compiled for the types of what it is given: a tuple of a hundred arrays is one type, and of a
hundred and one another, each of which takes half a minute to compile and is copied at every call. A table is
one array of integers, however many arrays it lists.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import extending, types
from numba.np import arrayobj
from numba.np.numpy_support import as_dtype
from numpy.typing import NDArray

from chipsim.device.listed import Listed
from chipsim.device.types import Counts, Flags, Floats, Sums, Tally, Words

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


# Half of numba has no types.
_array: Any = arrayobj.make_array
_fill: Any = arrayobj.populate_array
_typed: Any = extending.type_callable
_written: Any = extending.lower_builtin

_TABLE = types.Array(types.int64, 2, "C")


def _seen(places: Places, place: int, kind: type[np.generic], *, row: bool = False) -> NDArray[Any]:
    """The array at a place, for Python."""
    address, rows, columns = places[place].tolist()
    size = rows * columns * np.dtype(kind).itemsize
    # Of no bytes there is nothing to look at, and their address may be none.
    memory = (ctypes.c_byte * size).from_address(address) if size else b""
    found: NDArray[Any] = np.frombuffer(memory, kind).reshape(rows, columns)
    return found[0] if row else found


def floats_at(places: Places, place: int) -> Floats:
    """The array of single precision at a place of a table (rows, columns)."""
    return _seen(places, place, np.float32)


def sums_at(places: Places, place: int) -> Sums:
    """The array of double precision at a place (rows, columns)."""
    return _seen(places, place, np.float64)


def counts_at(places: Places, place: int) -> Counts:
    """The array of 32-bit counts at a place (rows, columns)."""
    return _seen(places, place, np.int32)


def tally_at(places: Places, place: int) -> Tally:
    """The array of 64-bit integers at a place (rows, columns)."""
    return _seen(places, place, np.int64)


def words_at(places: Places, place: int) -> Words:
    """The array of 64-bit words at a place (rows, columns)."""
    return _seen(places, place, np.uint64)


def flags_at(places: Places, place: int) -> Flags:
    """The array of truth values at a place (rows, columns)."""
    return _seen(places, place, np.bool_)


def places_at(places: Places, place: int) -> Tally:
    """The row of integers at a place, such as places of further arrays (integers,)."""
    return _seen(places, place, np.int64, row=True)


def _teach(function: Callable[..., Any], kind: Any, *, dimensions: int = 2) -> None:
    """Tell the compiler what a kernel gets that calls one of the functions above.

    They are written into kernels as a few instructions: a kernel of its own for each would be compiled, and
    linked into a hundred calls.
    """
    array = types.Array(kind, dimensions, "C")

    def typed(context: Any) -> Any:  # noqa: ARG001
        def result_of(places: Any, place: Any) -> Any:
            return array if places == _TABLE and isinstance(place, types.Integer) else None

        return result_of

    def written(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = context.cast(builder, given[1], signature.args[1], types.int64)
        listed = _array(_TABLE)(context, builder, given[0])
        return _array_of_row(context, builder, listed.data, place, array)

    _typed(function)(typed)
    _written(function, _TABLE, types.Integer)(written)


def _array_of_row(context: Any, builder: Any, listed: Any, place: Any, array: Any) -> Any:
    """Instructions that make an array of a row of a table: its address, rows and columns."""
    first = builder.gep(listed, [builder.mul(place, place.type(3))], inbounds=True)
    address, rows, columns = (
        builder.load(builder.gep(first, [place.type(part)], inbounds=True)) for part in range(3)
    )
    size = context.get_constant(types.intp, as_dtype(array.dtype).itemsize)
    shape = [rows, columns][-array.ndim :]
    strides = [builder.mul(columns, size), size][-array.ndim :]
    found = _array(array)(context, builder)
    data = builder.inttoptr(address, found.data.type)
    _fill(found, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
    return found._getvalue()  # noqa: SLF001


_teach(floats_at, types.float32)
_teach(sums_at, types.float64)
_teach(counts_at, types.int32)
_teach(tally_at, types.int64)
_teach(words_at, types.uint64)
_teach(flags_at, types.boolean)
_teach(places_at, types.int64, dimensions=1)
