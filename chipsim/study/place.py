"""The folder of a study, claimed by one process, and what may be in it beforehand."""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chipsim.errors import OutputError
from chipsim.outputs.claims import claimed_folder, things_in
from chipsim.study.gathering import TABLE
from chipsim.study.store import FAILED, ROWS, RUNS, STUDY, holds_study

__all__ = ["PAGE", "claimed_study"]

PAGE: Final = "report.html"
"""The page of a study, in its folder."""


@contextlib.contextmanager
def claimed_study(folder: Path, *, resume: bool, overwrite: bool = False) -> Iterator[Path]:
    """The folder of a study, which this process alone writes to; gives it absolute, links followed.

    Parameters
    ----------
    folder
        Made when it is not there.
    resume
        Whether a study that is there goes on.
    overwrite
        Whether it is begun anew: what it has made is taken away, and nothing else.

    Raises
    ------
    OutputError
        When something else is in the folder, or a study that is neither to go on nor to be replaced; when
        another process has claimed it, or nothing can be written there.
    """
    check = functools.partial(_check, free=resume or overwrite)
    with claimed_folder(folder, check=check, tidy=lambda _: None, overwrite=overwrite) as place:
        if overwrite:
            _clear(place.target)
        yield place.target


def _check(folder: Path, *, free: bool) -> None:
    try:
        taken = folder.exists() and bool(things_in(folder))
    except OSError as error:
        raise OutputError(f"{folder}: cannot be looked into ({error.strerror or error})") from error
    if not taken:
        return
    if not holds_study(folder):
        raise OutputError(f"{folder}: holds something else than a study; choose another folder")
    if not free:
        raise OutputError(
            f"{folder}: holds a study; --resume goes on with it, --overwrite begins anew; or take another "
            f"folder with -o"
        )


def _clear(folder: Path) -> None:
    for name in (RUNS, ROWS, FAILED):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (STUDY, TABLE, PAGE):
        (folder / name).unlink(missing_ok=True)
