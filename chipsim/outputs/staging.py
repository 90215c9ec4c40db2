"""Files put into a folder all together: written aside in it, and moved to their places once all are there.

Everything happens inside the folder, so it may be a mount point, and the folder above need not be writable.
A process may be killed at any point: until the last file is written what was there before stands, and from
then on whoever comes next can finish the move.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

__all__ = ["LEFTOVERS", "is_cut_off", "settle", "write_together"]

_WRITING: Final = ".saving"
"""Holds files that are being written; worth nothing until it has its next name."""
_WRITTEN: Final = ".saved"
"""Holds all files; those that they replace may be half gone."""
_MOVING: Final = ".moving"
"""Holds the files that have not got to their places yet; nothing is left of what they replace."""
LEFTOVERS: Final = (_WRITING, _WRITTEN, _MOVING)
"""Names in a folder that a process which was killed may have left."""


def write_together(
    write: Callable[[Path], None], folder: Path, *, replaced: Collection[str], last: str
) -> None:
    """Write files into a folder so that all of them are there, or those that were.

    Parameters
    ----------
    write
        Writes the files into the folder that it is given.
    folder
        Where they go; made when it is not there.
    replaced
        Names of files that go away when the new ones are there; other files stay.
    last
        Name of the file that is moved last: where it stands, all stand.

    Raises
    ------
    OSError
        When something cannot be written; then what was there before is there still.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settle(folder, replaced=replaced, last=last)
    # Before anything is written: a folder cannot be replaced like a file, and the move would end half-way.
    for name in replaced:
        if (folder / name).is_dir():
            raise IsADirectoryError(None, f"{name} is a folder")
    writing = folder / _WRITING
    try:
        writing.mkdir()
        write(writing)
        # Contents first: a new name may reach the disk before what it names does, and after a power cut
        # empty files would pass for saved ones.
        for path in writing.iterdir():
            _sync(path)
        _sync_folder(writing)
        # From this renaming on the new files count: before it nothing of the old ones was touched, and
        # afterwards whoever comes next can finish the move.
        writing.rename(folder / _WRITTEN)
    except BaseException:
        # An interrupt, too, leaves nothing half-written behind.
        shutil.rmtree(writing, ignore_errors=True)
        raise
    _sync_folder(folder)
    settle(folder, replaced=replaced, last=last)


def is_cut_off(folder: Path) -> bool:
    """Whether files wait in the folder that are all written and not all in their places.

    Examples
    --------
    >>> is_cut_off(Path("no/such/folder"))
    False
    """
    try:
        return any((folder / name).is_dir() for name in (_WRITTEN, _MOVING))
    except OSError:  # whoever reads or writes there is told
        return False


def settle(folder: Path, *, replaced: Collection[str], last: str) -> None:
    """Finish a move that was cut off, and clear away files that were not all written.

    Parameters
    ----------
    folder, replaced, last
        As for :func:`write_together`.

    Raises
    ------
    OSError
        When something cannot be moved; it can be tried again.
    """
    written, moving = folder / _WRITTEN, folder / _MOVING
    shutil.rmtree(folder / _WRITING, ignore_errors=True)
    if written.is_dir():
        # Any of them may be gone already, where a move before this one was cut off here.
        for name in replaced:
            (folder / name).unlink(missing_ok=True)
        # A second renaming, since old and new files have the same names: only a name of its own tells whoever
        # comes next that what stands in the folder is new, and must not be removed once more.
        written.rename(moving)
    if moving.is_dir():
        # False goes before True: the file that says that all are there comes after all others.
        for path in sorted(moving.iterdir(), key=lambda path: (path.name == last, path.name)):
            path.replace(folder / path.name)
        # Names are on the disk before the sign that they were missing goes.
        _sync_folder(folder)
        moving.rmdir()


def _sync(path: Path) -> None:
    """Have the file on the disk; a full one may say so only now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    # Not every file system knows folders that can be written out; the files are safe by then.
    with contextlib.suppress(OSError):
        _sync(path)
