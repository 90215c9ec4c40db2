"""A device file in its place, whole or not at all, and nothing of the user's in its stead."""

from __future__ import annotations

import os
from pathlib import Path

from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file

__all__ = ["refuse_what_is_there", "write_device"]


def refuse_what_is_there(path: Path, *, overwrite: bool, source: str = "") -> None:
    """Refuse a place where something would be lost.

    Parameters
    ----------
    path
        Where a device file is to be written.
    overwrite
        Whether one may be replaced.
    source
        The file of the curve, which never is.

    Raises
    ------
    OutputError
        When something is there that may not be replaced.
    """
    # Chips look for .yaml alone, and a device that nobody finds is of no use.
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise OutputError(
            f"{path}: a device file ends in .yaml, so that chips find it; choose such a name (-o)"
        )
    if not os.path.lexists(path):
        return
    if path.is_dir():
        raise OutputError(f"{path}: a folder is in the way; choose another file (-o)")
    if source and path.exists() and Path(source).exists() and path.samefile(source):
        raise OutputError(f"{path}: is the curve itself, and is not replaced; choose another file (-o)")
    if not overwrite:
        raise OutputError(
            f"{path}: is there already; choose another file (-o), or ask to overwrite it (--overwrite)"
        )


def write_device(text: str, path: Path, *, overwrite: bool, source: str = "") -> Path:
    """Write a device file.

    Parameters
    ----------
    text
        All of it.
    path, overwrite, source
        As :func:`refuse_what_is_there` takes them.

    Raises
    ------
    OutputError
        When something is in the way, or nothing can be written there.
    """
    refuse_what_is_there(path, overwrite=overwrite, source=source)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A link stays one: what it leads to is replaced.
        write_file(Path(os.path.realpath(path)), text.encode("utf-8", errors="backslashreplace"))
    except OSError as error:
        raise OutputError(f"{path}: cannot write here ({error.strerror or error})") from error
    return path
