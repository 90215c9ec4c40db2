"""``chipsim report``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from chipsim.cli.asking import read_question
from chipsim.report import write_report
from chipsim.result_files import is_run_folder, load

__all__ = ["report_on", "run_folders"]


def report_on(folders: Sequence[Path], output: Path | None, *, share: str, **asked: Any) -> None:
    """Write the page of saved results, and print where it is.

    Parameters
    ----------
    folders
        Runs, or folders with runs in them.
    output
        The page to write; None chooses a place.
    share, asked
        What the page tells of wear, as :func:`~chipsim.cli.asking.read_question` takes it.

    Raises
    ------
    click.BadParameter
        When the share is none.
    OutputError
        When a folder holds no result, or the page cannot be written.
    """
    question = read_question(share, **asked)
    results = [load(run) for folder in folders for run in run_folders(folder)]
    place = output or (folders[0] if len(folders) == 1 else Path()) / "report.html"
    click.echo(f"report: {write_report(results, place, question=question)}")


def run_folders(folder: Path) -> list[Path]:
    """The folder itself, or the runs right inside it, as a comparison leaves them; oldest first."""
    if is_run_folder(folder) or not folder.is_dir():
        return [folder]
    inside = [place for place in folder.iterdir() if is_run_folder(place)]
    return sorted(inside, key=lambda place: ((place / "summary.json").stat().st_mtime_ns, place)) or [folder]
