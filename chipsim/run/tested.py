"""Tests of a network between epochs and after waiting: with cells as they are by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipsim.data.images import Images
from chipsim.net.network import Network
from chipsim.result import WaitRow
from chipsim.run.execute import Executor
from chipsim.run.first_tests import right_percent
from chipsim.run.waiting import Cells, figures_of_waits
from chipsim.units import Ns

__all__ = ["Tested"]


class Tested:
    """A training whose tasks are tested, each time after cells were brought to what they conduct then."""

    rule: Network
    cells: Cells
    waits: list[WaitRow]
    """How tasks fared after waiting."""
    _executor: Executor | None
    _evaluate: Sequence[str] | None
    _seen: dict[str, tuple[Images, NDArray[np.uint8]]]

    def remark(self, text: str) -> None:
        """Keep a warning for the result."""
        raise NotImplementedError

    def _let_drift(self) -> None:
        """Bring cells to what they conduct now; without a clock no time passes for them."""
        if self._executor is not None:
            self.cells.at(self._executor.elapsed)

    def _test(self, trained: str) -> dict[str, float]:
        """Test accuracy in percent of each task seen that is to be tested, and of the one being trained."""
        self._let_drift()
        tested = {}
        for task, (images, labels) in self._seen.items():
            if task == trained or self._evaluate is None or task in self._evaluate:
                tested[task] = right_percent(self.rule, images, labels, task=task)
        return tested

    def wait(self, waits: Sequence[Ns], *, trained: str) -> None:
        """Wait with all training done, and test after each of the times.

        Parameters
        ----------
        waits
            Times since the end of training, ascending.
        trained
            The task that was trained last.
        """
        # From the end of training, not from the test before: times are points of one curve.
        for waited in waits:
            self.cells.waited = waited
            for task, share in self._test(trained).items():
                self.waits.append(WaitRow(wait_ns=waited, task=task, test_accuracy_percent=share))

    def figures_of_waits(self, trained: str) -> dict[str, Any]:
        """As :func:`figures_of_waits` has them, of the task that was trained last."""
        return figures_of_waits(self.waits, trained=trained)

    def look_at_drift(self, *, waits: bool) -> None:
        """Say where drift was worked out too rarely or met unwritten cells, or waiting changes nothing."""
        for words in (self.cells.missed_words, self.cells.unwritten_words):
            if words:
                self.remark(words)
        if waits and not self.cells.drift:
            self.remark("nothing changes while the chip waits: no device of it has a drift")
