"""What is seen of a study while it is checked and carried out."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from chipsim.cli.terminal import printable
from chipsim.study.making import DONE
from chipsim.study.plan import Planned

__all__ = ["StudyBar", "checked_bar"]

_SILENT_S: Final = 2.0
"""What takes less is not worth a bar."""
_LINE_S: Final = 5.0
"""Between two lines where there is no terminal to draw on."""
_FEW: Final = 40
"""Runs of which each gets a line there."""


def _bar(left: ProgressColumn) -> Progress:
    # On standard error: tables on standard output may be on their way into a file.
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        left,
        console=Console(stderr=True),
    )


class _Left(ProgressColumn):
    """The time left, counted down between runs; dashes as long as nobody can tell."""

    def render(self, task: Task) -> Text:
        ends_at = task.fields["ends_at"]
        if ends_at is None:
            return Text("-:--:--", style="progress.remaining")
        seconds = max(0, round(ends_at - time.monotonic()))
        return Text(str(timedelta(seconds=seconds)), style="progress.remaining")


@contextlib.contextmanager
def checked_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over the points of a study that are being checked, where it takes long enough to be seen."""
    began = time.monotonic()
    with contextlib.ExitStack() as held:
        shown: list[Progress] = []

        def progress(done: int, of: int) -> None:
            if not shown and time.monotonic() - began > _SILENT_S and sys.stderr.isatty():
                shown.append(held.enter_context(_bar(TimeRemainingColumn())))
                shown[0].add_task(f"checking {printable(name)}", total=of)
            if shown:
                shown[0].update(shown[0].task_ids[0], completed=done)

        yield progress


class StudyBar:
    """A bar over the runs of a study; a line a run, or every few seconds, where there is no terminal.

    Parameters
    ----------
    name
        Of the study.
    """

    def __init__(self, name: str) -> None:
        self._name = printable(name)
        self._bar = _bar(_Left()) if sys.stderr.isatty() else None
        self._task = self._bar.add_task(self._name, total=None, ends_at=None) if self._bar else None
        self._total = self._done = self._failed = 0
        self._kept = 0
        self._told_at = 0.0

    def __enter__(self) -> Self:
        """Begin to watch."""
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def begins(self, *, total: int, kept: int) -> None:
        """So many runs in all, of which so many are there already."""
        self._total, self._kept = total - kept, kept
        if self._bar and self._task is not None:
            self._bar.update(self._task, total=self._total)
        elif kept:
            click.echo(f"{self._name}: {kept:,} of {total:,} runs are there already", err=True)

    def one_ended(
        self, planned: Planned, *, state: str, error: str, seconds: float, left_s: float | None
    ) -> None:
        """A run was made, or it failed; so many seconds are left, None where nobody can tell yet."""
        self._done += 1
        self._failed += state != DONE
        if self._bar and self._task is not None:
            failed = f", {self._failed:,} failed" if self._failed else ""
            ends_at = None if left_s is None else time.monotonic() + left_s
            said = f"{self._name}{failed}"
            self._bar.update(self._task, completed=self._done, description=said, ends_at=ends_at)
            return
        now = time.monotonic()
        if self._total <= _FEW or now - self._told_at > _LINE_S or self._done == self._total:
            self._told_at = now
            click.echo(self._line(planned, error=error, seconds=seconds, left_s=left_s), err=True)

    def _line(self, planned: Planned, *, error: str, seconds: float, left_s: float | None) -> str:
        varied = "".join(f", {path}={value}" for path, value in planned.varied)
        end = f", {planned.end.override}" if planned.end is not None else ""
        what = f"{planned.chip} on {planned.task}{varied}{end}, seed {planned.seed}"
        fared = f"failed: {error}" if error else f"{seconds:.1f} s"
        remaining = f"; about {left_s:.0f} s left" if left_s is not None and left_s >= 1 else ""
        return printable(f"{self._done:,} of {self._total:,}: {what}: {fared}{remaining}")
