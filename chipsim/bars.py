"""Progress bars: where one can be seen, and how it is drawn on a terminal and in a notebook."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Any, Final

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

__all__ = ["NOTEBOOK", "TERMINAL", "Bar", "is_terminal", "run_columns", "sample_columns", "where"]

TERMINAL: Final = "terminal"
NOTEBOOK: Final = "notebook"
_SILENT_S: Final = 2.0
"""What takes less is not worth a bar."""
_PERIOD_S: Final = 0.5
"""Time between two drawings in a notebook, each of which is a message to whoever shows it."""


def is_terminal() -> bool:
    """Whether standard error is a terminal."""
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # closed, or not there at all
        return False


def where() -> str:
    """Where a bar of a function that Python calls would be seen: `NOTEBOOK`, `TERMINAL`, or nowhere: empty.

    Examples
    --------
    >>> where() in ("", NOTEBOOK, TERMINAL)
    True
    """
    # Whoever has not imported IPython runs in no notebook.
    if "IPython" in sys.modules and Console().is_jupyter:
        return NOTEBOOK
    return TERMINAL if is_terminal() else ""


def sample_columns() -> list[ProgressColumn]:
    """What a bar over the samples of one run shows; its field `accuracy` is a text."""
    return [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("samples"),
        TextColumn("{task.fields[accuracy]}"),
        TimeRemainingColumn(),
    ]


def run_columns(*, timed: bool = True) -> list[ProgressColumn]:
    """What a bar over many runs, or points, shows.

    Parameters
    ----------
    timed
        Whether the field `ends_at` says on the clock of `time.monotonic` when all will be done; None as long
        as nobody can tell. Otherwise that is worked out from what is done.
    """
    return [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        _Left() if timed else TimeRemainingColumn(),
    ]


class _Left(ProgressColumn):
    """The time left, counted down between runs; dashes as long as nobody can tell."""

    def render(self, task: Task) -> Text:
        if task.finished:
            return Text("0:00:00", style="progress.remaining")
        ends_at = task.fields["ends_at"]
        if ends_at is None:
            return Text("-:--:--", style="progress.remaining")
        seconds = max(0, round(ends_at - time.monotonic()))
        return Text(str(timedelta(seconds=seconds)), style="progress.remaining")


class Bar:
    """One bar, drawn once what it is about has taken a while.

    In a notebook its last state stays, as part of what the cell came to; a terminal may be left clean.

    Parameters
    ----------
    columns
        What it shows.
    place
        `TERMINAL` or `NOTEBOOK`.
    after_s
        Seconds before which nothing is drawn.
    transient
        Whether nothing of it stays on a terminal.
    fields
        Texts and times that its columns ask for.
    """

    def __init__(
        self,
        columns: list[ProgressColumn],
        *,
        place: str,
        after_s: float = _SILENT_S,
        transient: bool = True,
        **fields: Any,
    ) -> None:
        self._place = place
        self._after_s = after_s
        # Standard output holds the results, which may go into a file.
        console = Console(stderr=place == TERMINAL)
        self._drawn = Progress(*columns, console=console, transient=transient)
        self._task = self._drawn.add_task("", total=None, **fields)
        self._begun = time.monotonic()
        self._shown = self._mute = False
        self._handle: Any = None
        self._drawn_at = 0.0

    def update(self, **said: Any) -> None:
        """Show how far it is: `total`, `completed` or `advance`, `description`, and the fields."""
        self._drawn.update(self._task, **said)
        if time.monotonic() - self._begun >= self._after_s:
            self._show()

    @property
    def completed(self) -> float:
        """How much is done."""
        return self._drawn.tasks[0].completed

    def tell(self, line: str) -> None:
        """Print a line above the bar, on a terminal."""
        self._try(lambda: self._drawn.console.print(line, highlight=False, markup=False))

    def end(self) -> None:
        """Take the bar away from a terminal; show its last state in a notebook."""
        if not self._shown:
            return
        self._drawn.stop_task(self._task)
        if self._place == TERMINAL:
            self._try(self._drawn.stop)
        else:
            self._drawn_at = 0.0
            self._show()

    def _show(self) -> None:
        if self._place == TERMINAL:
            if not self._shown:
                self._try(self._drawn.start)
        elif time.monotonic() - self._drawn_at >= _PERIOD_S:
            self._drawn_at = time.monotonic()
            self._try(self._put)
        self._shown = True

    def _put(self) -> None:
        """Draw into the notebook's cell, over what was drawn before."""
        # Not by rich's own way, which needs a package of widgets, and whose bars are lost when it is saved.
        from IPython.display import display  # noqa: PLC0415  # only a notebook has it

        if self._handle is None:
            self._handle = display(self._drawn, display_id=True)
        else:
            self._handle.update(self._drawn)

    def _try(self, draw: Any) -> None:
        """Draw, or draw nothing any more: a terminal that has gone away is no reason to lose a run."""
        if self._mute:
            return
        try:
            draw()
        except (OSError, ValueError):  # a stream that was closed is a ValueError
            self._mute = True
