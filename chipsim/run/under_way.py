"""An epoch that is under way: what has been summed up of it, and where it began."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.state import State

__all__ = ["Sums", "UnderWay"]


@attrs.define
class Sums:
    """How the samples of an epoch fared so far."""

    correct: int = 0
    loss: float = 0.0
    steps: list[tuple[float, int]] = attrs.Factory(list)
    """Loss and samples of each step."""

    @property
    def samples(self) -> int:
        """Samples that were trained on."""
        return sum(samples for _, samples in self.steps)


@attrs.define
class UnderWay:
    """An epoch that has begun and not ended."""

    order: NDArray[np.int64]
    """Its samples, in the order in which they are trained on."""
    before: Sequence[NDArray[np.float64]]
    """Weights of each tile when it began."""
    sums: Sums = attrs.Factory(Sums)

    def state(self) -> State:
        """All of it as arrays and numbers: steps are many, and two columns of numbers."""
        sums = self.sums
        steps = np.array(sums.steps, np.float64).reshape(-1, 2)
        return {
            "order": self.order,
            "before": list(self.before),
            "correct": sums.correct,
            "loss": sums.loss,
            "steps": steps,
        }

    @classmethod
    def of(cls, state: State) -> UnderWay:
        """The epoch that has this state."""
        steps = [(loss, int(samples)) for loss, samples in state["steps"].tolist()]
        return cls(state["order"], state["before"], Sums(state["correct"], state["loss"], steps))
