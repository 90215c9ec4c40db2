"""A single file written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_file"]


def write_file(path: Path, content: bytes) -> None:
    """Put a file in its place once all of it is on the disk; what was there before stands until then.

    Parameters
    ----------
    path
        Its folder is there.
    content
        All of it.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    # By process: two that write the same file each have their own, and the last one stands.
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            # A full disk may say so only now, and a new name may reach it before what it names does.
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
