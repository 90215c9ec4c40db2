"""The file in the folder of a run that the run goes on from: written whole or not at all, and taken away."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

__all__ = ["CHECKPOINT", "CHECKPOINT_FILES", "forget", "write_whole"]

CHECKPOINT: Final = "checkpoint.npz"
"""Name of the file in the folder of a run."""
_PARTIAL: Final = f".{CHECKPOINT}.partial"
CHECKPOINT_FILES: Final = (CHECKPOINT, _PARTIAL)
"""Names that a run which was killed may have left in its folder."""


def write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file beside the old one, which it replaces once it is whole and on the disk.

    Parameters
    ----------
    path
        The file.
    write
        Writes what is in it.

    Raises
    ------
    OSError
        When it cannot be written; then the old one is there still.
    """
    partial = _partial(path)
    try:
        with partial.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        # An interrupt, too, leaves nothing half-written behind.
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def forget(path: Path) -> None:
    """Take a checkpoint away, with what may be left of one that was being written."""
    for each in (path, _partial(path)):
        with contextlib.suppress(OSError):
            each.unlink(missing_ok=True)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")
