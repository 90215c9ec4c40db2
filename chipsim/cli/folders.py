"""Folders for results: what they are called, and how that of a comparison is claimed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from chipsim.outputs.claims import ClaimedFolder, claimed_folder
from chipsim.result.files import claimed_anew

__all__ = ["claimed_group", "file_name"]


def file_name(text: str) -> str:
    """A description's name as a file may be called.

    Examples
    --------
    >>> file_name("gain 10/k")
    'gain-10-k'
    """
    # A dot in front would hide the folder, and a dash would make it an option of the next command.
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-") or "unnamed"


@contextlib.contextmanager
def claimed_group(
    output: Path | None, *, runs: Path, stem: str, check: Callable[[Path], None]
) -> Iterator[ClaimedFolder]:
    """The folder of a comparison, which holds those of its runs: no other comparison mixes its own with them.

    Parameters
    ----------
    output
        The folder that was asked for; None makes one.
    runs, stem
        Where one is made, the first free of ``stem--1``, ``stem--2`` and so on.
    check
        Raises an error of its own when what is in the folder is in the way.

    Raises
    ------
    OutputError
        When another process has claimed it, or nothing can be written there.
    """
    place = claimed_anew(runs, stem) if output is None else claimed_folder(output, check=check, tidy=_leave)
    with place as group:
        yield group


def _leave(_folder: Path) -> None:
    """Nothing is saved in the folder itself."""
