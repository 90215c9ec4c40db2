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
from chipsim.study.plan import Plan
from chipsim.study.store import FAILED, ROWS, RUNS, STUDY, holds_study, read_plan, write_plan
from chipsim.wording import joined

__all__ = ["PAGE", "begin", "claimed_study"]

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


def begin(plan: Plan, folder: Path, *, base: Path) -> str:
    """Write down what a study is going to do; gives in words what leaves its tables, or nothing.

    Parameters
    ----------
    plan
        The study.
    folder
        Its folder, claimed.
    base
        What paths of its scenario are relative to.

    Raises
    ------
    OutputError
        When the folder has the runs of another study, none of which is in this one; when nothing can be
        written there.
    """
    try:
        before = read_plan(folder) if holds_study(folder) else None
    except OutputError:
        # A plan that is damaged is made whole by writing it again.
        before = None
    left = "" if before is None else _left_out(before, plan, folder)
    write_plan(plan, folder, base=base)
    return left


def _left_out(before: Plan, plan: Plan, folder: Path) -> str:
    """What was made for the plan of before and is no part of the new one, in words."""
    planned, once = {run.id for run in plan.runs}, {run.id for run in before.runs}
    gone = [name for name in once - planned if (folder / ROWS / f"{name}.json").exists()]
    if not gone:
        return ""
    if not once & planned and _told(before) != _told(plan):
        raise OutputError(
            f"{folder}: holds another study, {_told(before)}; this one is {_told(plan)}, and none of its "
            f"runs is there. Take another folder, or begin anew with --overwrite"
        )
    runs = "1 run that was made there earlier is"
    if len(gone) > 1:
        runs = f"{len(gone):,} runs that were made there earlier are"
    return f"{folder}: {runs} not in this study: kept in {RUNS}/, and left out of its tables and page"


def _told(plan: Plan) -> str:
    """A study as a message tells it from another in its folder."""
    paths = sorted({path for axis in plan.study.vary for path in axis.paths})
    return f"{plan.study.name!r} with {joined(paths)} varied" if paths else f"{plan.study.name!r}"


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
    # Last what says that the folder is one of a study: one that is cut off before can be cleared again.
    for name in (TABLE, PAGE, STUDY):
        (folder / name).unlink(missing_ok=True)
