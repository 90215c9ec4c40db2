"""Gradient descent by mini-batches, in place: what a batch asks of a weight becomes whole pulses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, cast

import attrs
import numpy as np

from chipsim.device.types import Floats
from chipsim.learn.batch_gradient import gradient_of_batch
from chipsim.learn.consolidation import gradient
from chipsim.learn.in_place import InPlace
from chipsim.learn.outer_product_sgd import OuterProductSgd
from chipsim.net import arithmetic
from chipsim.net.arithmetic import times
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.parts.program import Program, series
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.workload import WorkloadSpec
from chipsim.tile.tile import CountedTile

__all__ = ["MiniBatchSgd"]


class _ByBatch(InPlace):
    """The digital unit adds up the gradient of a batch, and counts the pulses of every weight."""

    by_layer = True

    def loops(self) -> bool:
        """Batch after batch, in Python."""
        return False

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """The mean gradient of the batch, times the rate, in whole pulses."""
        matrix, updates = self._counted(index), self._updates[index]
        tile = matrix.blocks[0].tile
        samples = len(x) // matrix.patches
        change = np.empty(matrix.shape, np.float32)
        # Operands wait in the buffer as the words that drive the tiles.
        gradient(tile.input_words(x), tile.error_words(d), change)
        change *= np.float32(-self._rate * updates.rate_factor / samples)
        counts = matrix.counted(change, pair=updates.pair)
        program, charges = matrix.pulse_counts(counts, pair=updates.pair)
        self._learn_figures(index, samples)
        return Learnt(self._counting(index, samples), program, charges)

    def typical(self, index: int, batch: int) -> Learnt:
        """As if every weight got a pulse: nobody knows how many do."""
        pulses = self._counted(index).typical_pulses(pair=self._updates[index].pair)
        return Learnt(self._counting(index, batch), pulses)

    def _counted(self, index: int) -> Matrix[CountedTile]:
        """A layer's weights, on tiles that take counted pulses: the chip's update is one that gives them."""
        return cast("Matrix[CountedTile]", self.matrices[index])

    def _counting(self, index: int, batch: int) -> Program:
        """Operands from the buffer, the gradient, and what it asks of each weight in steps of its cells."""
        chip, matrix = self.chip, self.matrices[index]
        counted = chip.digital.compute("update", **times(matrix.weights_in_use, arithmetic.COUNTED))
        added = gradient_of_batch(chip, matrix, batch=batch)
        return series((*added, counted, self._figures_program(index)))


@attrs.frozen(kw_only=True)
class MiniBatchSgd(OuterProductSgd):
    """Stochastic gradient descent by mini-batches, the mean gradient applied in place by counted pulses.

    Changes of less than half a step of the cells become no pulse: they are lost, and counted.

    References
    ----------
    Dong 2018: scheme B, weights on analog pairs without a memory beside them.
    """

    kind: ClassVar[str] = "mini-batch-sgd"
    needs: ClassVar[frozenset[str]] = frozenset({"counted-pulses"})
    keeps_sums: ClassVar[bool] = True
    layer_rates: ClassVar[bool] = False
    at_work: ClassVar[type[InPlace]] = _ByBatch

    asks: ClassVar[str] = "batch"

    @property
    def words(self) -> str:
        """What it does with a batch."""
        return "mini-batches, whose mean gradient is applied in whole pulses"

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Pulses that are drawn."""
        yield from super().faults(chip)
        if getattr(chip.update, "encoding", "deterministic") != "deterministic":
            message = f"must be deterministic with the rule {self.kind}, which rounds to the nearest pulse"
            yield Fault(("update", "encoding"), message)

    def rate_of_update(self, workload: WorkloadSpec) -> float:
        """A batch is one update."""
        return self.highest_rate(workload)
