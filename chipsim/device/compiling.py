"""How many kernels this process had to compile, how long that took, and where they are kept for the next."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Final

import attrs
from numba.core import event

__all__ = ["Compiled", "compiled", "note_compiled"]

_EVENT: Final = "numba:compile"


@attrs.frozen
class Compiled:
    """What was compiled since the process began."""

    kernels: int
    """Kernels, once for each form of arrays; those that only other kernels call included."""
    seconds: float
    folder: Path | None
    """Where they are kept; None where none is."""

    @property
    def words(self) -> str:
        """One line of it.

        Examples
        --------
        >>> Compiled(kernels=31, seconds=5.04, folder=Path("/home/me/.cache")).words
        'compiled 31 kernels in 5.0 s; kept in /home/me/.cache for the next run'
        >>> Compiled(kernels=1, seconds=0.2, folder=None).words
        'compiled one kernel in 0.2 s'
        """
        count = "one kernel" if self.kernels == 1 else f"{self.kernels} kernels"
        kept = "" if self.folder is None else f"; kept in {self.folder} for the next run"
        return f"compiled {count} in {self.seconds:.1f} s{kept}"


class _Clock(event.Listener):
    """Adds up the time between the beginning of a compilation and its end."""

    def __init__(self) -> None:
        self.kernels = 0
        self.seconds = 0.0
        self.folders: set[str] = set()
        # A kernel is compiled in the midst of another one that calls it: only the outermost counts as time.
        self._begun: list[float] = []

    def on_start(self, event: Any) -> None:  # noqa: ARG002
        """A compilation begins."""
        self._begun.append(time.perf_counter())

    def on_end(self, event: Any) -> None:  # noqa: ARG002
        """A compilation ends, with a kernel or with an error."""
        begun = self._begun.pop()
        if not self._begun:
            self.seconds += time.perf_counter() - begun


_CLOCK: Final = _Clock()
event.register(_EVENT, _CLOCK)  # type: ignore[no-untyped-call]  # numba is half typed


def note_compiled(folder: Path | None, *, again: bool = False) -> None:
    """Count a kernel that was compiled, unless again, and remember where it is kept; None for nowhere."""
    _CLOCK.kernels += not again
    if folder is not None:
        _CLOCK.folders.add(str(folder))


def compiled() -> Compiled | None:
    """What this process has compiled so far; None where it found everything compiled."""
    if not _CLOCK.kernels:
        return None
    # Beside their sources kernels are kept in several folders.
    folder = Path(os.path.commonpath(_CLOCK.folders)) if _CLOCK.folders else None
    return Compiled(_CLOCK.kernels, _CLOCK.seconds, folder)
