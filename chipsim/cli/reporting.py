"""``chipsim report``, and reading the runs that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import click

from chipsim.cli.asking import read_question
from chipsim.cli.study_reporting import refuse_studies, report_on_study
from chipsim.errors import OutputError
from chipsim.report import claimed_report, write_report
from chipsim.result import Result
from chipsim.result.files import could_be_run, load
from chipsim.study.store import holds_study

__all__ = ["Loaded", "end_incomplete", "load_runs", "report_on", "run_folders"]

_INCOMPLETE: Final = 3
"""Exit code when runs had to be left out and the rest is shown."""


@attrs.frozen(kw_only=True)
class Loaded:
    """Runs that were read, and those that could not be."""

    runs: tuple[tuple[Path, Result], ...]
    damaged: tuple[str, ...]
    """What is wrong with each of the others, its place first."""


def report_on(
    folders: Sequence[Path], output: Path | None, *, share: str, overwrite: bool = False, **asked: Any
) -> None:
    """Write the page of saved results, or of a study, and print where it is.

    Damaged runs among others are left out, named on the page and in the terminal, and make the exit code 3.

    Parameters
    ----------
    folders
        Runs, or folders with runs in them; or a study.
    output
        The page to write; None chooses a place.
    share, asked
        What the page tells of wear, as :func:`~chipsim.cli.asking.read_question` takes it.
    overwrite
        Whether a page that is no report of ours may be replaced.

    Raises
    ------
    click.BadParameter
        When the share is none.
    OutputError
        When no folder holds a result that can be read, or the page cannot be written.
    """
    question = read_question(share, **asked)
    if len(folders) == 1 and holds_study(folders[0]):
        report_on_study(folders[0], output, overwrite=overwrite)
        return
    beside = folders[0] if len(folders) == 1 else Path()
    place = output or beside / "report.html"
    _check_there(folders)
    # Claimed before anything is read: of a page that cannot be written, nobody wants to wait for many runs.
    with claimed_report(place, overwrite=overwrite) as page:
        loaded = load_runs(folders)
        results = [result for _, result in loaded.runs]
        write_report(results, page, question=question, left_out=loaded.damaged)
    # What a page is written to may be the same that words go to.
    click.echo(f"report: {place}", err=page.is_stream)
    end_incomplete(loaded)


def load_runs(folders: Sequence[Path]) -> Loaded:
    """Read runs; of several, those that are damaged are left out, and named in the terminal.

    Raises
    ------
    OutputError
        When none can be read.
    """
    _check_there(folders)
    refuse_studies(folders)
    runs, refused = [], list[OutputError]()
    for folder in folders:
        for place in run_folders(folder):
            try:
                _refuse_leftover(place)
                runs.append((place, load(place)))
            except OutputError as error:
                refused.append(error)
    # Of a single run the whole message is told, with what to do.
    if not runs and len(refused) == 1:
        raise refused[0]
    # What stands behind the semicolon is advice for one run; among many it would bury which they are.
    damaged = tuple(str(error).partition(";")[0] for error in refused)
    for one in damaged:
        click.echo(f"left out {one}", err=True)
    if not runs:
        raise OutputError(f"none of {len(refused)} runs can be read; give a folder that 'chipsim run' wrote")
    return Loaded(runs=tuple(runs), damaged=damaged)


def end_incomplete(loaded: Loaded) -> None:
    """Leave with an exit code of its own when runs had to be left out."""
    if loaded.damaged:
        click.get_current_context().exit(_INCOMPLETE)


def run_folders(folder: Path) -> list[Path]:
    """The folder itself, or the runs right inside it, as a comparison leaves them; oldest first.

    Folders with only some of a run's files count as runs, so that a damaged one is not passed over in
    silence. Hidden ones are what a save that was killed has left, and do not.

    Raises
    ------
    OutputError
        When nobody may look into the folder.
    """
    try:
        if not folder.is_dir() or could_be_run(folder):
            return [folder]
        shown = [place for place in folder.iterdir() if not place.name.startswith(".")]
        inside = [(_age(place), place) for place in shown if could_be_run(place)]
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot look into this folder ({error.strerror or error}); choose another"
        ) from error
    # A folder without runs is given back itself: reading it says what is wrong with it.
    return [place for _, place in sorted(inside)] or [folder]


def _check_there(folders: Sequence[Path]) -> None:
    """Refuse folders that are not there; a page may lie in one of them, and would make it."""
    for folder in folders:
        if not folder.exists():
            load(folder)


def _refuse_leftover(place: Path) -> None:
    """Refuse what a pattern of the shell may have caught."""
    if place.name.startswith(".") and place.suffix in {".part", ".old"}:
        raise OutputError(f"{place}: is what a save that was cut off has left; rename it if you need it")


def _age(run: Path) -> int:
    # By the file that is put in its place last; what lacks it is damaged, and stands in front.
    try:
        return (run / "summary.json").stat().st_mtime_ns
    except OSError:
        return 0
