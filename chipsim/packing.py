"""Values in a file that numpy reads: arrays as they are, and a text that says how all else is made of them.

Nothing is pickled: what is read back is made of arrays, numbers, words, lists, tuples, sets, dictionaries and
objects of classes that the reader names, and of nothing else.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, Final, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["Onward", "Writable", "read_packed", "write_packed"]

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_TEXT: Final = "said"
"""Name of the array that holds the text, byte by byte; arrays of the values are called by numbers."""

_PLAIN: Final = (bool, int, float, str)
_COLLECTED: Final[dict[str, Any]] = {"tuple": tuple, "set": set, "pairs": dict}


class Writable(Protocol):
    """Whatever takes bytes, one after the other."""

    def write(self, data: Any, /) -> Any:
        """Take some more."""


def write_packed(file: Writable, value: Any, *, kinds: Sequence[type[Any]] = ()) -> None:
    """Write a value as a file of arrays.

    Parameters
    ----------
    file
        Takes the bytes in the order in which they stand in the file.
    value
        Anything made of arrays, numbers, words, None, lists, tuples, sets, dictionaries and objects of the
        `kinds`.
    kinds
        Classes made by attrs; an object that is in several places is written once, and read back as one.

    Raises
    ------
    TypeError
        When something in the value is of none of these.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> write_packed(file, {"pair": (1, 2.5), "cells": np.zeros(3)})
    >>> read_packed(file)["pair"]
    (1, 2.5)
    """
    packer = _Packer(kinds)
    said = {"value": packer.said(value), "shared": packer.shared}
    text = np.frombuffer(json.dumps(said).encode(), np.uint8)
    named = {_TEXT: text}
    named |= {str(number): array for number, array in enumerate(packer.arrays)}
    with zipfile.ZipFile(Onward(file.write), "w") as archive:
        for name, array in named.items():
            # Of one date, so that the same values make the same file whenever they are written.
            member = zipfile.ZipInfo(f"{name}.npy", _DATE)
            with archive.open(member, "w", force_zip64=True) as inside:
                np.lib.format.write_array(inside, array, allow_pickle=False)


def read_packed(file: IO[bytes], *, kinds: Sequence[type[Any]] = (), most_text: int | None = None) -> Any:
    """What :func:`write_packed` wrote.

    Parameters
    ----------
    file
        Open for reading.
    kinds
        Classes of objects that may be in it.
    most_text
        Bytes of the text: what is made of it takes many times its length. None takes any.

    Raises
    ------
    ValueError, LookupError, OSError, zipfile.BadZipFile
        When it was not written so, or is damaged.
    """
    _refuse_bombs(file, most_text=most_text)
    file.seek(0)
    # A pickled array could run any code.
    with np.load(file, allow_pickle=False) as loaded:
        said = json.loads(loaded[_TEXT].tobytes())
        reader = _Reader(loaded, kinds)
        for shared in said["shared"]:
            reader.shared.append(reader.meant(shared))
        return reader.meant(said["value"])


def _refuse_bombs(file: IO[bytes], *, most_text: int | None) -> None:
    """Refuse what would take far more memory than the file has bytes."""
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        sizes = {member.filename: member.file_size for member in archive.infolist()}
        packed = [member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()]
    # Members that lie over one another may say together that they have more than all of the file.
    if any(packed) or sum(sizes.values()) > length:
        raise ValueError("its arrays are not as they were written")
    said = sizes[f"{_TEXT}.npy"]
    if most_text is not None and said > most_text:
        raise ValueError(f"its text has {said:,} bytes, and at most {most_text:,} are read")


class Onward(io.RawIOBase):
    """A file that is only written to, from its beginning to its end; where it goes to stays open.

    Parameters
    ----------
    write
        Takes the bytes.

    Examples
    --------
    >>> content = io.BytesIO()
    >>> with Onward(content.write) as file:
    ...     file.write(b"cells")
    5
    >>> content.getvalue()
    b'cells'
    """

    def __init__(self, write: Callable[[Any], Any]) -> None:
        self._write = write

    def writable(self) -> bool:
        """Whether it is: always."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on."""
        self._write(data)
        return memoryview(data).nbytes


class _Packer:
    """Says values in what JSON can hold, and sets their arrays aside."""

    def __init__(self, kinds: Sequence[type[Any]]) -> None:
        self.arrays: list[NDArray[Any]] = []
        self.shared: list[Any] = []
        self._names = {kind: kind.__name__ for kind in kinds}
        self._numbers: dict[int, int] = {}

    def said(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind in _PLAIN:
            return value
        if kind is list:
            # Most are rows of words and numbers, which are what they are.
            is_plain = all(type(item) in _PLAIN for item in value)
            return value if is_plain else [self.said(item) for item in value]
        if isinstance(value, np.generic):
            return self.said(value.item())
        if kind in self._names:
            return self._object(value)
        return self._tagged(value)

    def _tagged(self, value: Any) -> Any:
        kind = type(value)
        if kind is np.ndarray:
            self.arrays.append(value)
            return {"array": len(self.arrays) - 1}
        if kind is tuple or kind is set:
            # Sorted, for a set has an order of its own in every process.
            items = value if kind is tuple else sorted(value)
            return {kind.__name__: [self.said(item) for item in items]}
        if isinstance(value, Mapping):
            return {"pairs": [[self.said(key), self.said(item)] for key, item in value.items()]}
        raise TypeError(f"{kind.__name__} cannot be packed")

    def _object(self, value: Any) -> Any:
        # By identity: what is equal need not be the same to the last bit, as zero and minus zero.
        known = self._numbers.get(id(value))
        if known is None:
            kind = type(value)
            fields = [self.said(getattr(value, field.name)) for field in attrs.fields(kind)]
            self.shared.append({"made": [self._names[kind], *fields]})
            known = self._numbers[id(value)] = len(self.shared) - 1
        return {"same": known}


class _Reader:
    """Makes values of what was said."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], kinds: Sequence[type[Any]]) -> None:
        self.shared: list[Any] = []
        self._arrays = arrays
        self._read: set[str] = set()
        self._kinds = {kind.__name__: kind for kind in kinds}

    def meant(self, said: Any) -> Any:
        if isinstance(said, list):
            return [self.meant(item) for item in said]
        if not isinstance(said, dict):
            return said
        [(tag, content)] = said.items()
        if tag == "array":
            return self._array(str(content))
        if tag == "same":
            return self.shared[content]
        items = [self.meant(item) for item in content]
        return self._made(*items) if tag == "made" else _COLLECTED[tag](items)

    def _array(self, name: str) -> NDArray[Any]:
        # Each is written once, and each reading is a copy of its own.
        if name in self._read:
            raise ValueError(f"array {name} is in two places")
        self._read.add(name)
        return self._arrays[name]

    def _made(self, name: str, *values: Any) -> Any:
        kind = self._kinds[name]
        fields = zip(attrs.fields(kind), values, strict=True)
        return kind(**{field.alias: value for field, value in fields})
