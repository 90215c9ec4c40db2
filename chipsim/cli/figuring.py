"""``chipsim figure``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from chipsim.cli.reporting import load_runs
from chipsim.errors import OutputError, did_you_mean
from chipsim.report.exporting import FORMATS, drawn, width_of
from chipsim.report.figure import Figure
from chipsim.report.figure_table import csv_of
from chipsim.report.page import figures_of
from chipsim.report.study_page import study_figures
from chipsim.study.kept import load_study
from chipsim.study.statistics import gather_kept
from chipsim.study.store import holds_study

__all__ = ["find_figure", "list_figures", "save_figure"]

_SHORT: Final = {
    "accuracy": ("accuracy-epochs", "study-test-accuracy-percent", "study-mean-task-accuracy-percent"),
    "energy": ("energy-by-activity", "study-energy-aJ"),
    "time": ("busy-by-activity", "study-simulated-time-ps"),
    "wear": ("study-hottest-cell-pulses", "study-hottest-cell-programmings"),
    "area": ("study-area-mm2",),
}
"""What the most wanted figures are called for short."""


def list_figures(folders: Sequence[Path]) -> None:
    """Print the names and titles of the figures that these runs have.

    Raises
    ------
    OutputError
        When no run can be read.
    """
    for figure in _figures(folders):
        click.echo(f"{figure.name:28} {figure.title}")


def save_figure(given: Sequence[str], output: Path, *, width: str, overwrite: bool = False) -> None:
    """Write one figure of saved runs to a file, in the format that its name ends with.

    Parameters
    ----------
    given
        Run folders, and the name of the figure last.
    output
        Ends with ``.svg``, ``.pdf``, ``.png`` or ``.csv``.
    width
        With its unit.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    click.BadParameter
        When the width or the ending of the file cannot be used.
    OutputError
        When no run can be read, they have no such figure, or it cannot be drawn or written.
    """
    kind = output.suffix.lower().removeprefix(".")
    if kind not in (*FORMATS, "csv"):
        known = ", ".join(f".{each}" for each in (*FORMATS, "csv"))
        raise click.BadParameter(f"{output}: ends with none of {known}", param_hint="'-o'")
    try:
        inches = width_of(width)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--width'") from None
    # Before runs are read: of what cannot be written, nobody wants to wait for them.
    if output.exists() and not overwrite:
        raise OutputError(
            f"{output}: is there already; choose another file, or ask to overwrite it (--overwrite)"
        )
    *folders, name = given
    figure = find_figure(_figures([Path(folder) for folder in folders]), name)
    content = csv_of(figure).encode() if kind == "csv" else drawn(figure, kind, width=inches)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        raise OutputError(f"{output}: cannot write here ({error.strerror or error})") from error
    click.echo(f"figure: {output}")


def _figures(folders: Sequence[Path]) -> list[Figure]:
    """The figures of the page of these folders: that of a study, or the report of runs."""
    if any(holds_study(folder) for folder in folders):
        if len(folders) > 1:
            raise OutputError("a study has figures of its own; give its folder alone, or runs without it")
        sections = study_figures(gather_kept(load_study(folders[0])))
        return [figure for its in sections.values() for figure in its]
    return figures_of([result for _, result in load_runs(folders).runs])


def find_figure(figures: Sequence[Figure], name: str) -> Figure:
    """The figure of a name, also of a short one, or of one that only one figure begins with.

    Raises
    ------
    OutputError
        When there is none, or several.
    """
    names = {figure.name: figure for figure in figures}
    short = [each for each in _SHORT.get(name, ()) if each in names]
    wanted = name if name in names or not short else short[0]
    if wanted in names:
        return names[wanted]
    beginning = [each for each in names if each.startswith(wanted)]
    if len(beginning) == 1:
        return names[beginning[0]]
    if beginning:
        raise OutputError(f"{name!r} begins the names of several figures: {', '.join(beginning)}")
    known = did_you_mean(name, [*names, *_SHORT])
    raise OutputError(f"these runs have no figure {name!r}{known}; 'chipsim figure RUN... --list' shows all")
