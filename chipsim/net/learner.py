"""What a network asks of a learning rule at work: what a layer's inputs and errors do to the chip."""

from __future__ import annotations

from typing import Final, Protocol

import attrs

from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.parts.program import Program, Series
from chipsim.spec.workload import PhaseSpec

__all__ = ["NOTHING", "Learner", "Learnt"]


@attrs.frozen(eq=False)
class Learnt:
    """What one layer takes from a batch."""

    first: Program | None
    """What the digital unit does before its tiles can change; None where it does nothing."""
    tiles: Program
    """What changes the tiles."""
    charges: tuple[Charges, ...] = ()
    """What data set."""


NOTHING: Final = Learnt(None, Series(()))
"""What a layer that keeps its weights takes from a batch."""


class Learner(Protocol):
    """A learning rule at work on a network's matrices.

    It keeps no weights, no moments and no phase of its own: they live in tiles, the digital unit and the
    selector. It keeps programs that it has built, and arrays that it reuses.
    """

    by_layer: bool
    """Whether a whole batch has to be through a layer before its update can begin."""

    @property
    def target(self) -> str:
        """What takes the updates now, such as ``coarse``."""

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights to the chip."""

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over what differs in a phase: its learning rate, and the rule's numbers by name.

        The figures of normalisation know its task already.
        """

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """Take one layer's inputs x (vectors, rows) and errors d (vectors, columns) of a batch.

        Layers come one after another, the last one first; the slopes of a normalised layer's figures are
        known by then.
        """

    def end_step(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """What the chip does now and then between two steps, after so many more samples."""

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:
        """What the chip does between two epochs, given the training accuracy of the last as a share."""

    def typical(self, index: int, batch: int) -> Learnt:
        """What a layer takes from a batch that nobody computed: for timing without arithmetic."""
