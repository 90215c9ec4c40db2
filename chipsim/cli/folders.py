"""Folders for results, claimed before a run begins and given back when it leaves nothing."""

from __future__ import annotations

import contextlib
import itertools
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chipsim.errors import OutputError
from chipsim.result_files import check_free

__all__ = ["claimed", "claimed_anew", "file_name"]


def file_name(text: str) -> str:
    """A description's name as a file may be called.

    Examples
    --------
    >>> file_name("gain 10/k")
    'gain-10-k'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-") or "unnamed"


@contextlib.contextmanager
def claimed(folder: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A folder that results can be written to; made now, and taken away again if it is left empty.

    Raises
    ------
    OutputError
        When something is in the way, or nothing can be written there.
    """
    named = Path(folder)
    check_free(named, overwrite=overwrite)
    target = named.resolve()
    if target in (Path.cwd(), *Path.cwd().parents):
        raise OutputError(f"{named}: is the folder that you are in; name one to be made in it")
    made = [place for place in (target, *target.parents) if not place.exists()]
    try:
        with _writable(named):
            target.mkdir(parents=True, exist_ok=True)
            # A result is written beside its place and then renamed, so the folder above has to be writable.
            Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent)).rmdir()
        yield named
    finally:
        _give_back(made)


@contextlib.contextmanager
def claimed_anew(parent: Path, stem: str) -> Iterator[Path]:
    """A folder that was not there before: the first free of ``stem--1``, ``stem--2`` and so on.

    Raises
    ------
    OutputError
        When nothing can be written there.
    """
    made = [place for place in (parent.resolve(), *parent.resolve().parents) if not place.exists()]
    try:
        with _writable(parent):
            parent.mkdir(parents=True, exist_ok=True)
            folder = _first_free(parent, stem)
        made.insert(0, folder)
        yield folder
    finally:
        _give_back(made)


def _first_free(parent: Path, stem: str) -> Path:
    """Make the folder in the same breath, so that two runs at once never share one."""
    for number in itertools.count(1):
        folder = parent / f"{stem}--{number}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("numbers do not end")


@contextlib.contextmanager
def _writable(named: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{named}: cannot write results here ({error.strerror or error}); "
            f"choose another folder with -o, or make room for this one"
        ) from error


def _give_back(made: list[Path]) -> None:
    """Remove those that are empty; `made` has the deepest first."""
    for place in made:
        with contextlib.suppress(OSError):
            place.rmdir()
