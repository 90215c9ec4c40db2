"""What is seen of a run while it goes on, and how it ends between two steps when it is asked to."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chipsim.cli.stopping import Stage, Stopping
from chipsim.result import EpochRow, TaskEpoch
from chipsim.units import ENERGY, TIME, show

__all__ = ["Watch"]

_PERIOD_S = 0.1
"""Time between two looks at the bar; drawing it for every sample would slow training."""


class Watch:
    """Shows epochs, samples and accuracy of a run: a bar on a terminal, else a line an epoch.

    Once training has begun, a signal ends the run after the step at hand, so that what the ledger was charged
    and what the cells have had still agree.

    Parameters
    ----------
    label
        What is being trained.
    stopping
        Takes the signals.
    learns
        Whether there is an accuracy to show.
    """

    def __init__(self, label: str, stopping: Stopping, *, learns: bool = True) -> None:
        self._label = label
        self._stopping = stopping
        self._bar = _bar() if _is_terminal() else None
        self._task = self._bar.add_task(label, total=None, accuracy="") if self._bar else None
        self._learns = learns
        self._mute = False
        self._epochs = 0
        self._seen = self._right = self._fresh = 0
        self._drawn_at = 0.0

    def __enter__(self) -> Self:
        """Begin to watch."""
        if self._bar:
            with self._shown():
                self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._stopping.stage = Stage.IDLE
        if self._bar:
            with self._shown():
                self._bar.stop()

    @contextlib.contextmanager
    def _shown(self) -> Iterator[None]:
        """Show something, or nothing any more: a terminal that has gone away is no reason to lose a run."""
        try:
            yield
        except (OSError, ValueError):  # a stream that was closed is a ValueError
            self._mute = True

    def _end(self) -> None:
        """Stop training; what it left is collected and saved in peace."""
        self._stopping.save()
        # Whatever signal it was: training knows this one way to be stopped, which is Python's own.
        raise KeyboardInterrupt

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """Show a new epoch."""
        self._epochs = epochs
        self._seen = self._right = 0
        self._stopping.stage = Stage.TRAINING
        if self._bar and self._task is not None:
            # Phases may have different numbers of samples: what is left is told as if all were like this one.
            done = self._bar.tasks[0].completed
            total = done + (epochs - epoch + 1) * samples
            description = f"{self._label} epoch {epoch}/{epochs}"
            self._bar.update(self._task, description=description, total=total)

    def advance(self, samples: int, *, correct: int) -> None:
        """Show the samples of a step that is over, or end the run if the user asked to."""
        if self._stopping.signal is not None:
            self._end()
        self._seen += samples
        self._right += correct
        self._fresh += samples
        if self._bar and time.monotonic() - self._drawn_at > _PERIOD_S:
            self._draw()

    def _draw(self) -> None:
        if self._bar and self._task is not None and not self._mute:
            accuracy = ""
            if self._learns and self._seen:
                percent = 100 * self._right / self._seen
                accuracy = f"{percent:.1f} % right"
            self._bar.update(self._task, advance=self._fresh, accuracy=accuracy)
            self._fresh = 0
            self._drawn_at = time.monotonic()

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:
        """Show what the epoch came to, and what of other tasks is left."""
        self._draw()
        epoch = f"{self._label}: epoch {row.epoch} of {self._epochs}"
        trained = f"{row.train_accuracy_percent:.2f} % right in training"
        tested = f"{row.test_accuracy_percent:.2f} % in test"
        # The task under training is left out: its accuracy is the one in test, which is told already.
        others = [f"{other.task} {other.test_accuracy_percent:.2f} %" for other in tasks if not other.trained]
        spent = f"{show(row.simulated_time_ps, TIME)} and {show(row.energy_aj, ENERGY)} so far"
        told = ", ".join([trained, tested, *others, spent])
        if not self._mute:
            with self._shown():
                self._tell(f"{epoch}: {told}")
        # After the last epoch nothing is left to stop: a signal that comes now lets the result be saved.
        if row.epoch == self._epochs:
            self._stopping.save()
        elif self._stopping.signal is not None:
            self._end()

    def remark(self, text: str) -> None:
        """Show what should be known before the run is over."""
        if not self._mute:
            with self._shown():
                self._tell(f"warning: {self._label}: {text}")

    def _tell(self, line: str) -> None:
        if self._bar:
            self._bar.console.print(line, highlight=False, markup=False)
        else:
            click.echo(line, err=True)


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # closed, or not there at all
        return False


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("samples"),
        TextColumn("{task.fields[accuracy]}"),
        TimeRemainingColumn(),
        # Standard output holds the results, which may go into a file.
        console=Console(stderr=True),
        # The lines of the epochs stay; a full bar below them would say no more.
        transient=True,
    )
