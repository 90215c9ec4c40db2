"""No rule at work: a network whose layers all keep the weights that they are given is only read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.parts.program import Program, Series, series
from chipsim.spec.workload import PhaseSpec

__all__ = ["NothingLearns"]


class NothingLearns:
    """Writes given weights once; what the chip's own rule would do with inputs and errors is never asked.

    Parameters
    ----------
    matrices
        The network's weights on their tiles, the first layer first, all of them frozen.
    """

    by_layer = False

    def __init__(self, matrices: Sequence[Matrix[Any]]) -> None:
        self.matrices = tuple(matrices)

    @property
    def target(self) -> str:
        """Nothing takes updates, for there are none."""
        return "none"

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:  # noqa: ARG002
        """Write the given weights, layer after layer."""
        programs: list[Program] = []
        charges: list[Charges] = []
        for matrix in self.matrices:
            assert matrix.given is not None, "a frozen layer is given its weights"
            program, more = matrix.initialise(matrix.given)
            programs.append(program)
            charges += more
        return series(programs), tuple(charges)

    def begin_phase(self, phase: PhaseSpec) -> None:
        """A phase changes what is read, and nothing here."""

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """Never asked."""
        raise NotImplementedError

    def end_step(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two steps."""
        return None, ()

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two epochs."""
        return Series(()), ()

    def typical(self, index: int, batch: int) -> Learnt:
        """Never asked."""
        raise NotImplementedError
