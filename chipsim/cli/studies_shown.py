"""What is seen of a study while it is checked and carried out."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Self

import click

from chipsim.bars import TERMINAL, is_terminal
from chipsim.cli.terminal import printable
from chipsim.study.barred import RunsBar
from chipsim.study.plan import Planned

__all__ = ["StudyBar"]

_LINE_S: Final = 5.0
"""Between two lines where there is no terminal to draw on."""
_FEW: Final = 40
"""Runs of which each gets a line there."""


class StudyBar:
    """A bar over the runs of a study; a line a run, or every few seconds, where there is no terminal.

    Parameters
    ----------
    name
        Of the study.
    """

    def __init__(self, name: str) -> None:
        self._name = printable(name)
        self._bar = RunsBar(self._name, place=TERMINAL) if is_terminal() else None
        self._total = self._done = 0
        self._kept = 0
        self._told_at = 0.0

    def __enter__(self) -> Self:
        """Begin to watch."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.end()

    def begins(self, *, total: int, kept: int) -> None:
        """So many runs in all, of which so many are there already."""
        self._total, self._kept = total - kept, kept
        if self._bar:
            self._bar.begins(total=total, kept=kept)
        elif kept:
            click.echo(f"{self._name}: {kept:,} of {total:,} runs are there already", err=True)

    def one_ended(
        self, planned: Planned, *, state: str, error: str, seconds: float, left_s: float | None
    ) -> None:
        """A run was made, or it failed; so many seconds are left, None where nobody can tell yet."""
        self._done += 1
        if self._bar:
            self._bar.one_ended(planned, state=state, error=error, seconds=seconds, left_s=left_s)
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
