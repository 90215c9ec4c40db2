"""A reader of IDX files, the format of MNIST: a magic number, the sizes, then bytes; plain or gzip.

The format, as the home of MNIST describes it: two zero bytes, one byte for the type of the values (8 is
unsigned byte), one for the number of dimensions, each size as a big-endian 32-bit integer, then the values.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from chipsim.data.arrays import Bytes
from chipsim.errors import DataError
from chipsim.files import read_limited
from chipsim.limits import DATA_BYTES

__all__ = ["md5_of", "parse_idx", "read_content", "read_idx"]

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 8


def read_idx(path: Path, *, dimensions: int, remedy: str = "") -> Bytes:
    """The array of one IDX file of unsigned bytes, read-only.

    Parameters
    ----------
    path
        A plain or gzipped file; which of the two is seen from its first bytes.
    dimensions
        How many it must have: 3 for images, 1 for labels.
    remedy
        What the user can do, put at the end of messages.

    Raises
    ------
    DataError
        When the file is missing, unreadable, damaged, truncated, too long or of another kind.
    """
    return parse_idx(read_content(path, remedy=remedy), path=path, dimensions=dimensions, remedy=remedy)


def read_content(path: Path, *, remedy: str = "") -> bytes:
    """The content of a file, decompressed if it is gzip.

    Raises
    ------
    DataError
        When the file is missing, unreadable, damaged gzip, or larger than any dataset that is read.
    """
    try:
        if _is_packed(path):
            # Unpacked as it is read: the file itself may take half of what is in it.
            with path.open("rb") as file:
                return _decompressed(file, path.stat().st_size, path=path, remedy=remedy)
        raw = read_limited(path, most=DATA_BYTES)
    except PermissionError as error:
        # Nothing is wrong with the file, so it is not to be replaced.
        raise DataError(f"{path}: may not be read: {error.strerror}") from error
    except OSError as error:
        raise DataError(_message(path, f"cannot be read: {error.strerror or error}", remedy)) from error
    except ValueError as error:
        raise DataError(_message(path, f"cannot be read: {error}", remedy)) from error
    if not raw.startswith(_GZIP_MAGIC):
        return raw
    return _decompressed(io.BytesIO(raw), len(raw), path=path, remedy=remedy)


def _is_packed(path: Path) -> bool:
    """Whether it is a gzip file that can be read twice, which no pipe can."""
    if not path.is_file() or path.stat().st_size > DATA_BYTES:
        return False
    with path.open("rb") as file:
        return file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC


def _decompressed(packed: BinaryIO, size: int, *, path: Path, remedy: str) -> bytes:
    """What a gzip file of some bytes holds, which may be a thousand times as much."""
    try:
        with gzip.GzipFile(fileobj=packed) as file:
            # One byte more than is taken tells that there are more, and nobody unpacks the rest.
            content = file.read(DATA_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        found = f"damaged gzip file of {size} bytes ({error})"
        raise DataError(_message(path, found, remedy)) from error
    if len(content) > DATA_BYTES:
        found = f"holds more than {DATA_BYTES:,} bytes once decompressed, and no more are read"
        raise DataError(_message(path, found, remedy))
    return content


def parse_idx(content: bytes, *, path: Path, dimensions: int, remedy: str = "") -> Bytes:
    """The array that the content of an IDX file holds; `path` is for messages only.

    Raises
    ------
    DataError
        When magic number or length are wrong.
    """
    header = 4 + 4 * dimensions
    expected = bytes([0, 0, _UNSIGNED_BYTE, dimensions])
    if content[:4] != expected:
        found = f"0x{content[:4].hex()}" if content else "nothing"
        kind = f"IDX, unsigned bytes, {dimensions}-dimensional"
        text = f"starts with {found}, expected 0x{expected.hex()} ({kind})"
        raise DataError(_message(path, text, remedy))
    if len(content) < header:
        text = f"truncated: {len(content)} bytes, expected {header} of header alone"
        raise DataError(_message(path, text, remedy))
    sizes = [content[at : at + 4] for at in range(4, header, 4)]
    shape = tuple(int.from_bytes(size, "big") for size in sizes)
    # A header may say anything: its sizes are held against the bytes that came.
    expected_size, found_size = math.prod(shape), len(content) - header
    if found_size != expected_size:
        word = "truncated" if found_size < expected_size else "too long"
        shown = " x ".join(map(str, shape))
        text = f"{word}: {found_size} bytes of values, expected {expected_size} from its header ({shown})"
        raise DataError(_message(path, text, remedy))
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def md5_of(content: bytes) -> str:
    """The MD5 checksum that datasets are published with, as hexadecimal digits."""
    # It finds damage, and guards against nobody: systems that forbid MD5 for security allow it for that.
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _message(path: Path, found: str, remedy: str) -> str:
    return f"{path}: {found}; {remedy}" if remedy else f"{path}: {found}"
