"""Whoever wants to know how far a run is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chipsim.result import EpochRow, TaskEpoch

__all__ = ["Progress", "Watcher"]


class Progress(Protocol):
    """Whoever wants to know how far a run is, such as a progress bar."""

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """An epoch of so many samples starts."""

    def advance(self, samples: int, *, correct: int) -> None:
        """So many more samples were trained on, and so many of them classified right before their update.

        The step is over and charged, or all steps that were trained in one loop are, which are 64 at most: a
        KeyboardInterrupt raised from here leaves whole books.
        """

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:
        """An epoch is over; `tasks` are those that were tested after it."""

    def remark(self, text: str) -> None:
        """Something that whoever waits for the run should know now, such as that nothing is learnt."""


class Watcher:
    """A progress that nobody looks at."""

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """Nothing."""

    def advance(self, samples: int, *, correct: int) -> None:
        """Nothing."""

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:
        """Nothing."""

    def remark(self, text: str) -> None:
        """Nothing."""
