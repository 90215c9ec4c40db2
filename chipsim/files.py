"""Files of others: read up to a stated size, and never waited for."""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path
from typing import Final

from chipsim.limits import SILENCE_S

__all__ = ["read_limited"]

_AT_ONCE: Final = 2**16


def read_limited(path: str | Path, *, most: int) -> bytes:
    """The content of a file or of a pipe, as a shell makes one for ``<(...)``.

    Parameters
    ----------
    path
        Where it is.
    most
        Bytes that it may have.

    Raises
    ------
    OSError
        When it is not there, is a folder, or may not be read.
    ValueError
        When it is a device or a pipe that nothing comes from, or is larger; the message says which.

    Examples
    --------
    >>> read_limited("/dev/zero", most=1000)
    Traceback (most recent call last):
    ...
    ValueError: is a device, not a file
    """
    # Asked before anything is opened: a device may begin to do something, and a pipe would wait.
    mode = os.stat(path).st_mode  # noqa: PTH116  # a descriptor's number is a path, too
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise ValueError("is a device, not a file")
    if stat.S_ISFIFO(mode):
        return _from_pipe(path, most=most)
    with open(path, "rb") as file:  # noqa: PTH123
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise ValueError(_too_large(f"{size:,}", most))
        # A size is what somebody said: a file may grow meanwhile, and those of /proc say that they have none.
        content = file.read(size + 1)
        if len(content) > size:
            content += file.read(most + 1 - len(content))
    if len(content) > most:
        raise ValueError(_too_large(f"more than {most:,}", most))
    return content


def _from_pipe(path: str | Path, *, most: int) -> bytes:
    content = bytearray()
    # Opening a pipe would wait for whoever writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        while len(content) <= most:
            ready, _, _ = select.select([descriptor], [], [], SILENCE_S)
            if not ready:
                raise ValueError(f"is a pipe that nothing came from for {SILENCE_S} s")
            piece = os.read(descriptor, _AT_ONCE)
            if not piece:
                return bytes(content)
            content += piece
    finally:
        os.close(descriptor)
    raise ValueError(_too_large(f"more than {most:,}", most))


def _too_large(size: str, most: int) -> str:
    return f"has {size} bytes, and at most {most:,} are read"
