"""NPZ archives of others: which members they have, and how large, is asked before they are unpacked."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from chipsim.errors import DataError, did_you_mean
from chipsim.files import read_limited
from chipsim.limits import OWN_DATA_BYTES

__all__ = ["content_of", "read_archive"]

_SUFFIX: Final = ".npy"
_VERSIONS: Final = ((1, 0), (2, 0))
_DAMAGE: Final = (
    OSError, ValueError, TypeError, EOFError, RuntimeError, NotImplementedError, MemoryError,
    SyntaxError, RecursionError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What is raised of archives that somebody else made, or damaged."""


def content_of(path: Path) -> bytes:
    """All of a data file, as long as it is of a size that is read.

    Raises
    ------
    DataError
        When it cannot be read, or is too large.
    """
    try:
        return read_limited(path, most=OWN_DATA_BYTES)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def read_archive(content: bytes, *, where: str, names: Sequence[str]) -> dict[str, Any]:
    """The arrays of an NPZ archive, read without pickle.

    Parameters
    ----------
    content
        All of the file.
    where
        The file, for messages.
    names
        What its arrays may be called.

    Raises
    ------
    DataError
        When it is no such archive, has members by other names, or more bytes than are read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = _members(packed, where=where, names=names)
            return {name: _array(packed.read(member), where=where, name=name) for name, member in members}
    except DataError:
        raise
    except _DAMAGE as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{where}: is no .npz file of plain arrays: {said[:200]}") from None


def _members(
    packed: zipfile.ZipFile, *, where: str, names: Sequence[str]
) -> list[tuple[str, zipfile.ZipInfo]]:
    """The members by the names of their arrays; nothing is unpacked for it."""
    known = f"known: {', '.join(names)}"
    members: dict[str, zipfile.ZipInfo] = {}
    for info in packed.infolist():
        name = info.filename.removesuffix(_SUFFIX)
        if name not in names or name == info.filename:
            shown = ascii(info.filename[:60])
            raise DataError(f"{where}: has the member {shown}; {known}{did_you_mean(name[:60], names)}")
        if name in members:
            raise DataError(f"{where}: has {name} twice")
        members[name] = info
    # Members say how large they are, and no more of one is unpacked than it says.
    size = sum(info.file_size for info in members.values())
    if size > OWN_DATA_BYTES:
        raise DataError(f"{where}: unpacked it has {size:,} bytes, and at most {OWN_DATA_BYTES:,} are read")
    return list(members.items())


def _array(content: bytes, *, where: str, name: str) -> Any:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version not in _VERSIONS:
        raise DataError(f"{where}: {name}: format {version} of arrays is not read; save it with numpy.savez")
    read_header = (np.lib.format.read_array_header_1_0, np.lib.format.read_array_header_2_0)
    shape, _, kind = read_header[version[0] - 1](stream)
    if kind.hasobject:
        raise DataError(f"{where}: {name}: holds Python objects, which are not read; save plain numbers")
    # An array is made before it is filled: a header may ask for more than a machine has.
    if math.prod(shape) * kind.itemsize != len(content) - stream.tell():
        raise DataError(f"{where}: {name}: is damaged: it has not the bytes of shape {shape}")
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)
