"""What a chip has done and is still to be timed and charged for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chipsim.ledger import Charges, Ledger
from chipsim.net.between import After, Between
from chipsim.parts.program import Alike, Program
from chipsim.run.execute import Executor

__all__ = ["Pending"]

_MOST: Final = 64
"""What waits at most: a loop's samples, or what came between two loops, each."""


class Pending:
    """Programs and charges that wait until some thousand samples are done, where timing them is quick.

    Right after arithmetic, which has pushed all that it needs out of the caches, timing takes three times as
    long as in a row.

    Parameters
    ----------
    executor
        Times programs; None where nothing does, and nothing is charged.
    ledger
        Takes what data set.
    """

    def __init__(self, executor: Executor | None, ledger: Ledger) -> None:
        self._executor, self._ledger = executor, ledger
        self._waiting: list[tuple[Alike | Program, Sequence[Charges]]] = []
        self._after: dict[Between, list[NDArray[np.int64]]] = {}

    def add(
        self, programs: Alike | Program | None, charges: Sequence[Charges], *, after: After | None = None
    ) -> None:
        """Take what was done into account, and what came after each; if not now then soon."""
        if self._executor is None or programs is None:
            return
        # A first sample that ended in the middle leaves none.
        if isinstance(programs, Alike) and not len(programs.counts):
            return
        self._waiting.append((programs, charges))
        if after is not None:
            self._after.setdefault(after.between, []).append(after.rows)
        # What is simulated sample by sample takes long, and whoever stops the run would wait for all of it.
        slow = isinstance(programs, Alike) and not self._executor.is_quick(programs)
        if slow or len(self._waiting) >= _MOST:
            self.settle()

    def settle(self) -> None:
        """Time and charge what waits."""
        # Taken out first: what was cut off in the middle is not begun again.
        waiting, self._waiting = self._waiting, []
        for programs, charges in waiting:
            assert self._executor is not None, "nothing waits for nobody"
            if isinstance(programs, Alike):
                self._executor.run_alike(programs)
            else:
                self._executor.run(programs)
            self._ledger.charge_data(charges)
        after, self._after = self._after, {}
        for between, rows in after.items():
            for marked, numbers, times in between.marked(np.concatenate(rows)):
                assert self._executor is not None, "nothing waits for nobody"
                self._executor.run_marked(marked, numbers, times)
