"""Signals that ask a run to stop: one lets the step at hand end and saves what there is, two end it."""

from __future__ import annotations

import contextlib
import enum
import os
import signal
from types import FrameType, TracebackType
from typing import Any, Final, Self

__all__ = ["Stage", "StopNow", "Stopping"]

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2")
"""Ctrl-C; a scheduler's time limit and the end of a container; a terminal that goes away; a limit of
processor time; and what schedulers send ahead of a limit when asked to. All would end the process."""
_STDERR: Final = 2


class Stage(enum.Enum):
    """What a signal would meet."""

    IDLE = enum.auto()
    """Nothing that has to be waited for."""
    TRAINING = enum.auto()
    """A step, after which training can be stopped with whole books."""
    SAVING = enum.auto()
    """What training has left on its way to the disk."""


class StopNow(SystemExit):
    """The user does not want to wait for anything; ends the process with the signal's exit code."""


class Stopping:
    """Takes signals while it is entered, and remembers the first.

    A signal that somebody had the process ignore (``nohup``) stays ignored.
    """

    def __init__(self) -> None:
        self.stage = Stage.IDLE
        self.signal: signal.Signals | None = None
        """The first signal that came; None while the run may go on."""
        self._asked_while_saving = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Take over the signals."""
        for name in _NAMES:
            # Not every system has all of them.
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, before in self._before.items():
            signal.signal(number, before)

    @property
    def code(self) -> int:
        """Exit code for the signal that came, as shells have it: 128 and its number."""
        assert self.signal is not None, "nobody asked to stop"
        return 128 + self.signal

    @property
    def word(self) -> str:
        """How a message calls what came: ``interrupted``, with the signal's name where it was no Ctrl-C."""
        if self.signal is None or self.signal is signal.SIGINT:
            return "interrupted"
        return f"interrupted ({self.signal.name})"

    def save(self) -> None:
        """From now on what there is is being saved."""
        self.stage = Stage.SAVING
        self._asked_while_saving = False

    def _take(self, number: int, _frame: FrameType | None) -> None:
        again = self.signal is not None
        if not again:
            self.signal = signal.Signals(number)
        # One more is let pass: what is being saved is nearly on the disk.
        if self.stage is Stage.SAVING and not self._asked_while_saving:
            self._asked_while_saving = True
            _say("saving what there is; ask once more to stop without it\n")
        elif again or self.stage is not Stage.TRAINING:
            raise StopNow(128 + number)


def _say(text: str) -> None:
    """Write to the terminal past Python's own buffers, in which the signal may have come."""
    with contextlib.suppress(OSError):
        os.write(_STDERR, text.encode())
