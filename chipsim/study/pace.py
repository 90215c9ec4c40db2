"""How long a study will still take, by the runs that it has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Pace"]


class Pace:
    """An estimate of the time left, which leaves out what each worker does first.

    A worker begins with reading its code and with compiling, or fetching, its kernels. That is counted in its
    first task and in no other, so no first task says how long the next one takes. Runs that share their
    training are one task: the first of them takes long and the others a moment.

    Parameters
    ----------
    runs
        That have to be made.

    Examples
    --------
    >>> pace = Pace(10)
    >>> for seconds in (60.0, 2.0):
    ...     pace.ended({"worker": "one", "seconds": seconds, "last": True})
    ...     pace.left_s
    16.0
    """

    def __init__(self, runs: int) -> None:
        self._left = runs
        self._begun: dict[str, tuple[int, float]] = {}
        self._warm: set[str] = set()
        self._counted, self._counted_s = 0, 0.0

    def ended(self, told: Mapping[str, Any]) -> None:
        """A run has ended.

        Parameters
        ----------
        told
            What its worker answers: ``worker``, ``seconds``, and ``last``: no other run of the
            same task follows. Where no worker answered there is no name, and nothing to learn.
        """
        self._left -= 1
        worker = told["worker"]
        if not worker:
            return
        runs, seconds = self._begun.pop(worker, (0, 0.0))
        so_far = runs + 1, seconds + told["seconds"]
        if not told["last"]:
            self._begun[worker] = so_far
        elif worker in self._warm:
            self._counted += so_far[0]
            self._counted_s += so_far[1]
        else:
            self._warm.add(worker)

    @property
    def left_s(self) -> float | None:
        """Seconds until all runs are made; None as long as every worker is at its first task."""
        if not self._counted:
            return None
        return self._left * self._counted_s / self._counted / len(self._warm)
