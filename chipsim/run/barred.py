"""The progress bar of one run, for the commands and for Python."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from chipsim.bars import Bar, sample_columns, where
from chipsim.result import EpochRow, TaskEpoch
from chipsim.run.progress import Progress, Watcher

__all__ = ["RunBar", "watching"]

_PERIOD_S: Final = 0.1
"""Time between two looks at the bar; drawing it for every sample would slow training."""


class RunBar(Watcher):
    """A bar over the samples of a run, with its epoch and the accuracy so far.

    Parameters
    ----------
    label
        What is being trained.
    place
        Where it is seen; see :mod:`chipsim.bars`.
    learns
        Whether there is an accuracy to show.
    after_s
        Seconds before which nothing is drawn; None takes the usual ones.
    """

    def __init__(self, label: str, *, place: str, learns: bool = True, after_s: float | None = None) -> None:
        more: dict[str, Any] = {} if after_s is None else {"after_s": after_s}
        self.bar = Bar(sample_columns(), place=place, accuracy="", **more)
        self._label = label
        self._learns = learns
        self._seen = self._right = self._fresh = 0
        self._drawn_at = 0.0
        self.bar.update(description=label)

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """Show a new epoch."""
        self._seen = self._right = 0
        # Phases may have different numbers of samples: what is left is told as if all were like this one.
        total = self.bar.completed + (epochs - epoch + 1) * samples
        self.bar.update(description=f"{self._label} epoch {epoch}/{epochs}", total=total)

    def advance(self, samples: int, *, correct: int) -> None:
        """Show the samples of a step that is over."""
        self._seen += samples
        self._right += correct
        self._fresh += samples
        if time.monotonic() - self._drawn_at > _PERIOD_S:
            self._draw()

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:  # noqa: ARG002
        """Show all of its samples."""
        self._draw()

    def _draw(self) -> None:
        accuracy = ""
        if self._learns and self._seen:
            percent = 100 * self._right / self._seen
            accuracy = f"{percent:.1f} % right"
        self.bar.update(advance=self._fresh, accuracy=accuracy)
        self._fresh = 0
        self._drawn_at = time.monotonic()


@contextlib.contextmanager
def watching(*, progress: Progress | bool | None, label: str, learns: bool) -> Iterator[Progress]:
    """Whoever watches a run that Python asked for: a bar of ours where it is seen, else nobody.

    Parameters
    ----------
    progress
        Somebody of the user's own; None or True shows a bar in a notebook and on a terminal, False none.
    label, learns
        As :class:`RunBar` takes them.

    Raises
    ------
    TypeError
        When `progress` is none of these.
    """
    if progress is not None and not isinstance(progress, bool):
        _check(progress)
        yield progress
        return
    place = "" if progress is False else where()
    if not place:
        yield Watcher()
        return
    shown = RunBar(label, place=place, learns=learns)
    try:
        yield shown
    finally:
        shown.bar.end()


def _check(progress: Any) -> None:
    wanted = ("epoch_begins", "advance", "epoch_ends", "remark")
    missing = [name for name in wanted if not callable(getattr(progress, name, None))]
    if missing:
        raise TypeError(
            f"progress must be True, False or None, or have the methods {', '.join(wanted)}; "
            f"{type(progress).__name__} has no {missing[0]}"
        )
