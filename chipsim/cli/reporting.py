"""``chipsim report``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from chipsim.report import write_report
from chipsim.result_files import is_run_folder, load

__all__ = ["report_on", "run_folders"]


def report_on(folders: Sequence[Path], output: Path | None) -> None:
    """Write the page of saved results, and print where it is.

    Raises
    ------
    OutputError
        When a folder holds no result, or the page cannot be written.
    """
    results = [load(run) for folder in folders for run in run_folders(folder)]
    place = output or (folders[0] if len(folders) == 1 else Path()) / "report.html"
    click.echo(f"report: {write_report(results, place)}")


def run_folders(folder: Path) -> list[Path]:
    """The folder itself, or the runs right inside it, as a comparison leaves them; oldest first."""
    if is_run_folder(folder) or not folder.is_dir():
        return [folder]
    inside = [place for place in folder.iterdir() if is_run_folder(place)]
    return sorted(inside, key=lambda place: ((place / "summary.json").stat().st_mtime_ns, place)) or [folder]
