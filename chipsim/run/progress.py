"""Whoever wants to know how far a run is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from chipsim.result import EpochRow, TaskEpoch

__all__ = ["Keeper", "Progress", "Watcher"]


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


class Keeper(Protocol):
    """Whoever saves the state of a training now and then."""

    def is_due(self) -> bool:
        """Whether it should be saved in the midst of an epoch, now that books are whole."""

    def keep(self, training: Any) -> None:
        """Save it."""

    def epoch_ended(self, training: Any) -> None:
        """Save it, if it is time for it."""


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
