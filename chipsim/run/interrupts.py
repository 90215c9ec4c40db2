"""Ctrl-C while a run goes on: held back until its books are whole."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any, Self

from chipsim.result import EpochRow, TaskEpoch
from chipsim.run.progress import Progress

__all__ = ["Heedful", "Interrupts"]


class Interrupts:
    """Holds back Ctrl-C while it is entered, and hands it on where it is asked for it.

    A second one before the run has ended ends everything at once: whoever does not want to wait may have to
    do with a part of their own that never ends.

    Notes
    -----
    Python takes signals between any two of its instructions, so cells may have had pulses that nobody has
    been charged for yet. Only Python's own way of taking Ctrl-C is replaced: where somebody else takes it, as
    the commands do, they decide what it does.
    """

    def __init__(self) -> None:
        self.torn = False
        """Whether one was not held back, so that books may not be whole."""
        self.over = False
        """Whether the run has ended: one that comes now has nothing left to stop, and is let pass."""
        self._asked = False
        self._handed_on = False
        self._taken = False

    def __enter__(self) -> Self:
        """Take Ctrl-C over, where Python has it."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._taken = self._set(self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give it back; one that is still held back has nothing left to stop."""
        # Whoever has taken it meanwhile keeps it.
        if self._taken and signal.getsignal(signal.SIGINT) == self._take:
            self._set(signal.default_int_handler)

    @staticmethod
    def _set(what: Any) -> bool:
        try:
            signal.signal(signal.SIGINT, what)
        except ValueError:
            # Only the main thread takes signals, and only there can one end anything.
            return False
        return True

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self.over:
            return
        if self._asked:
            self.torn = True
            raise KeyboardInterrupt
        self._asked = True

    def hand_on(self) -> None:
        """Stop the run if it was asked to stop; called where books are whole.

        Raises
        ------
        KeyboardInterrupt
            When Ctrl-C came since.
        """
        if self._asked and not self._handed_on:
            self._handed_on = True
            raise KeyboardInterrupt


class Heedful:
    """A progress that stops the run, where it was asked to stop, whenever it is told that books are whole.

    Parameters
    ----------
    progress
        Told how far the run is.
    interrupts
        What was held back.
    """

    def __init__(self, progress: Progress, interrupts: Interrupts) -> None:
        self._progress, self.interrupts = progress, interrupts

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """Told as it is, then a run may stop."""
        self._progress.epoch_begins(epoch=epoch, epochs=epochs, samples=samples)
        self.interrupts.hand_on()

    def advance(self, samples: int, *, correct: int) -> None:
        """Told as it is, then a run may stop."""
        self._progress.advance(samples, correct=correct)
        self.interrupts.hand_on()

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:
        """Told as it is, then a run may stop."""
        self._progress.epoch_ends(row, tasks=tasks)
        self.interrupts.hand_on()

    def remark(self, text: str) -> None:
        """Told as it is, in the midst of anything."""
        self._progress.remark(text)
