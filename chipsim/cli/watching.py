"""What is seen of a run while it goes on, and how it ends between two steps when it is asked to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import click

from chipsim.bars import TERMINAL, is_terminal
from chipsim.cli.stopping import Stage, Stopping
from chipsim.result import IN_SOFTWARE, EpochRow, TaskEpoch
from chipsim.run.barred import RunBar
from chipsim.units import ENERGY, TIME, show

__all__ = ["Watch"]


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
        self._learns = learns
        self._run: RunBar | None = None
        self._mute = False
        self._epochs = 0

    def __enter__(self) -> Self:
        """Begin to watch."""
        if is_terminal():
            self._run = RunBar(self._label, place=TERMINAL, learns=self._learns, after_s=0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._stopping.stage = Stage.IDLE
        if self._run:
            self._run.bar.end()

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
        self._stopping.stage = Stage.TRAINING
        if self._run:
            self._run.epoch_begins(epoch=epoch, epochs=epochs, samples=samples)

    def advance(self, samples: int, *, correct: int) -> None:
        """Show the samples of a step that is over, or end the run if the user asked to."""
        if self._stopping.signal is not None:
            self._end()
        if self._run:
            self._run.advance(samples, correct=correct)

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:
        """Show what the epoch came to, and what of other tasks is left."""
        if self._run:
            self._run.epoch_ends(row, tasks=tasks)
        in_software = row.target == IN_SOFTWARE
        epoch = f"{self._label}: epoch {row.epoch} of {self._epochs}"
        trained = f"{row.train_accuracy_percent:.2f} % right in training"
        tested = f"{row.test_accuracy_percent:.2f} % in test"
        # The task under training is left out: its accuracy is the one in test, which is told already.
        others = [f"{other.task} {other.test_accuracy_percent:.2f} %" for other in tasks if not other.trained]
        spent = f"{show(row.simulated_time_ps, TIME)} and {show(row.energy_aj, ENERGY)} so far"
        # What software takes is nobody's on the chip, which is another thing than nothing.
        if in_software:
            epoch, spent = f"{self._label}: epoch {row.epoch} in software", "not on the chip, so not charged"
        told = ", ".join([trained, tested, *others, spent])
        if not self._mute:
            with self._shown():
                self._tell(f"{epoch}: {told}")
        if in_software:
            return
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
        if self._run:
            self._run.bar.tell(line)
        else:
            click.echo(line, err=True)
