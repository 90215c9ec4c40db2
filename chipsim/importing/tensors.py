"""Tensors of a file as arrays: no larger than allowed, and only as many values as there are bytes."""

from __future__ import annotations

import hashlib
import math
import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.importing.node import RefusedError, spelt, text
from chipsim.limits import GIVEN_WEIGHTS, ONNX_BYTES

__all__ = ["Beside", "array_of"]

_TYPES: Final = {
    1: ("<f4", "float_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("|u1", "int32_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
}
"""By the format's number of a type: how its values lie in bytes, and the list that may hold them instead."""
_WORDS: Final = {
    0: "no type", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 8: "text", 12: "uint32",
    13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
}  # fmt: skip
_HALF: Final = 10
_EXTERNAL: Final = 1
_DEEPEST: Final = 16
"""Dimensions of a tensor."""


@attrs.frozen(eq=False)
class Beside:
    """Files beside a model that hold values of its tensors.

    Each is read whole and once, through no link and from nowhere but the model's folder and those in it.
    """

    folder: Path
    left: int = ONNX_BYTES
    """Bytes that they may have together."""
    read: dict[str, bytes] = attrs.field(factory=dict)
    """What was read, by the names that the model gives."""

    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each that was read, by name."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.read.items()}

    def content(self, name: str) -> bytes:
        """The content of a file.

        Raises
        ------
        RefusedError
            When it lies elsewhere, is no plain file, is too large or cannot be read.
        """
        if name not in self.read:
            try:
                self.read[name] = self._read(name)
            except (OSError, ValueError) as error:
                said = getattr(error, "strerror", None) or error
                raise RefusedError(f"its data in '{spelt(name)}' cannot be read: {said}") from None
        return self.read[name]

    def _read(self, name: str) -> bytes:
        steps = PurePosixPath(name).parts
        inside = steps and not name.startswith("/") and ".." not in steps
        if not inside or "\\" in name or "\0" in name:
            raise ValueError("it lies outside of the model's folder")
        # Folder by folder, each held open: no link on the way is followed, whoever puts one there meanwhile.
        place = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        for index, step in enumerate(steps):
            is_last = index == len(steps) - 1
            how = os.O_NONBLOCK if is_last else os.O_DIRECTORY
            try:
                if stat.S_ISLNK(os.lstat(step, dir_fd=place).st_mode):
                    raise ValueError("it is reached by a symbolic link")
                inner = os.open(step, os.O_RDONLY | os.O_NOFOLLOW | how, dir_fd=place)
            finally:
                os.close(place)
            place = inner
        try:
            size = self._size(place)
            return _whole_of(place, size)
        finally:
            os.close(place)

    def _size(self, opened: int) -> int:
        """Bytes of a file, if they may be read."""
        known = os.fstat(opened)
        if not stat.S_ISREG(known.st_mode):
            raise ValueError("it is no plain file")
        left = self.left - sum(map(len, self.read.values()))
        if known.st_size > left:
            raise ValueError(
                f"it has {known.st_size:,} bytes, and files beside a model at most {self.left:,} together"
            )
        return known.st_size


def _whole_of(opened: int, size: int) -> bytes:
    with os.fdopen(opened, "rb", closefd=False) as file:
        return file.read(size)


def array_of(tensor: Any, beside: Beside) -> NDArray[Any]:
    """The values of a tensor.

    Parameters
    ----------
    tensor
        As the format's own library reads it.
    beside
        Where values may lie that are not in the model itself.

    Raises
    ------
    RefusedError
        When it has another type, too many values, or not as many as its shape says.
    """
    shape = tuple(map(int, tensor.dims[: _DEEPEST + 1]))
    count = _count(shape)
    if tensor.data_type not in _TYPES:
        word = _WORDS.get(tensor.data_type, f"number {tensor.data_type}")
        raise RefusedError(f"has values of type {word}; those of float32, float64 and float16 are read")
    if tensor.HasField("segment"):
        raise RefusedError("is a piece of a tensor, and tensors in pieces are not read")
    lies, field = _TYPES[tensor.data_type]
    size = np.dtype(lies).itemsize
    if tensor.data_location == _EXTERNAL:
        content = _external(tensor, beside, wanted=count * size)
    elif tensor.HasField("raw_data"):
        content = tensor.raw_data
        if len(content) != count * size:
            raise RefusedError(_disagree(shape, count * size, len(content), "bytes"))
    else:
        return _listed(getattr(tensor, field), lies, shape)
    return np.frombuffer(content, lies).reshape(shape)


def _count(shape: tuple[int, ...]) -> int:
    if len(shape) > _DEEPEST:
        raise RefusedError(f"has {len(shape)} dimensions, and may have {_DEEPEST}")
    if any(size < 0 for size in shape):
        raise RefusedError(f"has a negative size in its shape, {list(shape)}")
    count = math.prod(shape)
    if count > GIVEN_WEIGHTS:
        raise RefusedError(f"has {count:,} values, and may have {GIVEN_WEIGHTS:,}")
    return count


def _disagree(shape: tuple[int, ...], wanted: int, there: int, what: str) -> str:
    return f"has the shape {list(shape)}, {wanted:,} {what}, and {there:,} {what} are there"


def _listed(values: Any, lies: str, shape: tuple[int, ...]) -> NDArray[Any]:
    count = math.prod(shape)
    if len(values) != count:
        raise RefusedError(_disagree(shape, count, len(values), "values"))
    if lies == "|u1":
        truths: NDArray[Any] = np.array(values, np.int64) != 0
        return truths.astype(np.uint8).reshape(shape)
    if lies != "<f2":
        return np.array(values, lies).reshape(shape)
    # Half precision lies in a list of whole numbers as its bits.
    bits: NDArray[Any] = np.array(values, np.int64)
    if ((bits < 0) | (bits > 0xFFFF)).any():
        raise RefusedError("has values of half precision that are no 16 bits")
    half: NDArray[Any] = bits.astype("<u2").view(np.float16)
    return half.reshape(shape)


def _external(tensor: Any, beside: Beside, *, wanted: int) -> memoryview:
    said = {text(entry.key): text(entry.value) for entry in tensor.external_data}
    name = said.get("location", "")
    if not name:
        raise RefusedError("has its data in another file and does not say in which")
    begin = _whole(said, "offset", 0)
    length = _whole(said, "length", wanted)
    shape = list(map(int, tensor.dims))
    if length != wanted:
        raise RefusedError(_disagree(tuple(shape), wanted, length, "bytes"))
    content = beside.content(name)
    if begin + length > len(content):
        raise RefusedError(
            f"its data ends at byte {begin + length:,} of '{spelt(name)}', which has {len(content):,}"
        )
    return memoryview(content)[begin : begin + length]


def _whole(said: Mapping[str, str], key: str, otherwise: int) -> int:
    text = said.get(key, "")
    if not text:
        return otherwise
    # int() would take spaces, signs, underscores and digits of other scripts, and numbers of any length.
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise RefusedError(f"the {key} of its data must be a whole number, not '{spelt(text)}'")
    return int(text)
