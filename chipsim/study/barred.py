"""The progress bars of a study, for the commands and for Python."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from chipsim.bars import Bar, run_columns
from chipsim.study.making import DONE
from chipsim.study.plan import Planned

__all__ = ["RunsBar", "checked_bar"]


class RunsBar:
    """A bar over the runs of a study.

    Parameters
    ----------
    name
        Of the study.
    place
        Where it is seen; see :mod:`chipsim.bars`.
    """

    def __init__(self, name: str, *, place: str) -> None:
        self._name = name
        # At once: until the first run ends nobody tells how far it is, and that may be long.
        columns = run_columns()
        self._bar = Bar(columns, place=place, after_s=0, transient=False, ends_at=None)
        self._done = self._failed = 0

    def begins(self, *, total: int, kept: int) -> None:
        """So many runs in all, of which so many are there already."""
        if total > kept:
            self._bar.update(description=self._name, total=total - kept)

    def one_ended(
        self,
        planned: Planned,  # noqa: ARG002
        *,
        state: str,
        error: str,  # noqa: ARG002
        seconds: float,  # noqa: ARG002
        left_s: float | None,
    ) -> None:
        """A run was made, or it failed; so many seconds are left, None where nobody can tell yet."""
        self._done += 1
        self._failed += state != DONE
        failed = f", {self._failed:,} failed" if self._failed else ""
        ends_at = None if left_s is None else time.monotonic() + left_s
        said: dict[str, Any] = {"completed": self._done, "ends_at": ends_at}
        self._bar.update(description=f"{self._name}{failed}", **said)

    def end(self) -> None:
        """Nothing more will be shown."""
        self._bar.end()


@contextlib.contextmanager
def checked_bar(name: str, *, place: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over the points of a study that are being checked, where it takes long enough to be seen.

    Parameters
    ----------
    name
        Of the study.
    place
        Where it is seen; empty shows none.
    """
    if not place:
        yield lambda _done, _of: None
        return
    bar = Bar(run_columns(timed=False), place=place, transient=False)
    try:
        yield lambda done, of: bar.update(description=f"checking {name}", completed=done, total=of)
    finally:
        bar.end()
