"""``chipsim data fetch``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from chipsim.data import fetch
from chipsim.data import names as known

__all__ = ["fetch_all"]


def fetch_all(names: Sequence[str], folder: Path | None, *, overwrite: bool = False) -> None:
    """Fetch datasets one after another, and print where each is.

    Raises
    ------
    DataError
        When a name is unknown, or a dataset could not be fetched or written.
    """
    # Unknown names first, so that a slip in the last is told before the first is fetched.
    for name in sorted(names, key=lambda name: name in known()):
        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        ) as bar:
            place = fetch(name, folder, progress=_Shown(bar), overwrite=overwrite)
        click.echo(f"{name}: {place}")


class _Shown:
    """A bar for each file."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, file: str, done: int, total: int) -> None:
        if file not in self._tasks:
            # A server that does not say how long a file is makes a bar without an end.
            self._tasks[file] = self._bar.add_task(file, total=total or None)
            # Where no bar is drawn, minutes would pass without a word.
            if self._bar.disable:
                click.echo(f"fetching {file}", err=True)
        self._bar.update(self._tasks[file], completed=done, total=total or None)
