"""``chipsim report`` of a study: its page, made again from what is in its folder."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from chipsim.errors import OutputError
from chipsim.outputs.files import claimed_page
from chipsim.report.study_page import STUDY, examples_of, write_study_page
from chipsim.study.kept import load_study
from chipsim.study.place import PAGE
from chipsim.study.statistics import gather_kept
from chipsim.study.store import RUNS, holds_study

__all__ = ["refuse_studies", "report_on_study"]

_INCOMPLETE: Final = 3
"""Exit code when runs had to be left out and the rest is shown."""
_OF_RUNS: Final = ("under", "over", "share")


def report_on_study(folder: Path, output: Path | None, *, overwrite: bool) -> None:
    """Write the page of a study as it stands in its folder, and print where it is.

    Damaged runs are left out, named on the page and in the terminal, and make the exit code 3.

    Parameters
    ----------
    folder
        The study's.
    output
        The page to write; None takes that of the study.
    overwrite
        Whether a page that is none of a study may be replaced.

    Raises
    ------
    click.UsageError
        When something is asked that a study's page does not tell.
    OutputError
        When the study cannot be read, has no run that is done, or the page cannot be written.
    """
    _refuse_questions(folder)
    study = load_study(folder)
    if not study.done:
        raise OutputError(
            f"{folder}: none of {len(study.runs):,} runs of this study is done; "
            "'chipsim study' with --resume goes on with it"
        )
    place = output or folder / PAGE
    with claimed_page(place, kind=STUDY, overwrite=overwrite) as page:
        examples = examples_of(study)
        runs = os.path.relpath((folder / RUNS).resolve(), Path() if page.is_stream else page.target.parent)
        write_study_page(gather_kept(study), page, examples=examples, runs=runs)
    for one in examples.left_out:
        click.echo(f"left out {one}", err=True)
    # What a page is written to may be the same that words go to.
    click.echo(f"report: {place}", err=page.is_stream)
    if examples.left_out:
        click.get_current_context().exit(_INCOMPLETE)


def refuse_studies(folders: Sequence[Path]) -> None:
    """Refuse folders of studies where runs are asked for.

    Raises
    ------
    OutputError
        When one holds a study; says where its runs are.
    """
    for folder in folders:
        if holds_study(folder):
            alone = f"'chipsim report {shlex.quote(str(folder))}' writes its page"
            raise OutputError(f"{folder}: holds a study; {alone}, and its runs are in {folder / RUNS}")


def _refuse_questions(folder: Path) -> None:
    """Refuse questions about the cells of runs: a page that passed over them would seem to answer."""
    context = click.get_current_context()
    for name in _OF_RUNS:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            runs = folder / RUNS
            raise click.UsageError(f"--{name} asks about cells of runs, and {folder} is a study; see {runs}")
