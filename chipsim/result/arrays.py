"""Arrays of a result by name, such as the weights of each layer: in files that numpy reads by itself."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chipsim.errors import OutputError

__all__ = ["Arrays", "write_arrays"]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""Of everything in an archive: the same arrays make the same file whenever they are written."""
_QUICK: Final = 1


class Arrays(Mapping[str, NDArray[Any]]):
    """Arrays by name; those of a result that was read from a folder are read when they are first looked at.

    Two are equal when all their arrays are.

    Parameters
    ----------
    arrays
        The arrays.
    read
        Gives the content of their file instead.
    most
        Bytes that their file unpacks to at most; None for any.

    Examples
    --------
    >>> weights = Arrays({"layer1": np.zeros((3, 2), np.float32)})
    >>> weights["layer1"].shape
    (3, 2)
    """

    def __init__(
        self,
        arrays: Mapping[str, NDArray[Any]] = _NOTHING,
        *,
        read: Callable[[], bytes] | None = None,
        most: int | None = None,
    ) -> None:
        self._arrays = dict(arrays)
        self._read, self._most = read, most

    @property
    def _all(self) -> dict[str, NDArray[Any]]:
        if self._read is not None:
            self._arrays = _arrays_in(self._read(), most=self._most)
            self._read = None
        return self._arrays

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Arrays):
            return NotImplemented
        mine, theirs = self._all, other._all
        return mine.keys() == theirs.keys() and all(map(_same, mine.values(), map(theirs.get, mine)))

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

    def __repr__(self) -> str:
        shapes = {name: array.shape for name, array in self._all.items()}
        return f"Arrays({shapes})"


def _same(one: NDArray[Any], other: NDArray[Any] | None) -> bool:
    assert other is not None, "both have the same names"
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as a file that ``numpy.load`` reads.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def _arrays_in(content: bytes, *, most: int | None) -> dict[str, NDArray[Any]]:
    try:
        _refuse_larger(content, most)
        # A pickled array could run any code.
        with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except Exception as error:
        # What is damaged shows in many ways: in the archive, in what is packed, or in an array's header.
        raise OutputError(f"arrays of the result cannot be read ({error}); run it again") from error


def _refuse_larger(content: bytes, most: int | None) -> None:
    # Members say how large they are, and no more of one is unpacked than it says.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if most is not None and size > most:
        raise ValueError(f"they unpack to {size:,} bytes, and at most {most:,} can be")
