"""Mixed precision: gradients added up in the digital unit, whole steps pulsed to the cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, cast

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats, Indices
from chipsim.learn.batch_gradient import gradient_of_batch
from chipsim.learn.consolidation import gradient
from chipsim.learn.in_place import InPlace
from chipsim.learn.integral import Integral, begin_integrals, integrals_of
from chipsim.learn.rule import Rule
from chipsim.learn.transfer_numbers import faults_of_pairs, steps_by_group, sum_bits
from chipsim.ledger import Charges
from chipsim.net.between import Moved
from chipsim.net.by_layer import learning
from chipsim.net.chosen import places_program, pulse_places
from chipsim.net.figures import Figures
from chipsim.net.gradients import Gradients, SummedLayer
from chipsim.net.learner import NOTHING, Learner, Learnt
from chipsim.net.matrix import Matrix
from chipsim.parts.program import Program, Series, series
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between
from chipsim.spec.workload import WorkloadSpec
from chipsim.tile.tile import ChosenTile, CountedTile
from chipsim.units import Bits

__all__ = ["MixedPrecision"]


class _Accumulating(InPlace):
    """The digital unit adds the gradient of every batch to its sums, and pulses what passes the threshold."""

    by_layer = True

    remembers: ClassVar[tuple[str, ...]] = (*InPlace.remembers, "integrals")

    def __init__(
        self, *args: Any, integrals: dict[int, Integral], steps: dict[int, float], **how: Any
    ) -> None:
        super().__init__(*args, **how)
        self.integrals, self._steps = integrals, steps
        self._scratch: dict[int, Floats] = {}
        self._rows: dict[int, Indices] = {}
        # Between the channels of a depthwise layer there are no cells, so no weight there may move.
        self._outside = [matrix.outside() for matrix in self.matrices]
        for index in integrals:
            shape = self.matrices[index].shape
            self._scratch[index] = np.empty(shape, np.float32)
            self._rows[index] = np.arange(shape[0], dtype=np.int32)

    # --- in a compiled loop ----------------------------------------------------------------------

    def loops(self) -> bool:
        """Sample by sample; not where it normalises, or adds up in a way of its own."""
        return not self.figures.layers and self.between() is not None

    def between(self) -> Gradients | None:
        """Sums of single precision of all weights; none for others, and kinds of one's own."""
        plain = all(type(one) is Integral and one.takes_samples for one in self.integrals.values())
        # Loops add every product: weights that no cell holds would grow sums of their own.
        inside = all(self._outside[index] is None for index in self.integrals)
        if type(self) is not _Accumulating or not plain or not inside:
            return None
        layers = tuple(self._summed_layer(index) for index in sorted(self.integrals))
        return Gradients(layers=layers, program=self._learnt)

    def _summed_layer(self, index: int) -> SummedLayer:
        integral, share = self.integrals[index], self._share(index, 1)
        threshold, most = integral.limits
        return SummedLayer(
            index=index, sums=integral.sums, full=integral.full, share=share, threshold=threshold, most=most
        )

    def _learnt(self, layers: Sequence[Moved]) -> Program:
        """What a sample teaches all layers, by what was pulsed."""
        learnt = [NOTHING] * len(self.matrices)
        for one in layers:
            pulses = places_program(cast("Matrix[ChosenTile]", self.matrices[one.index]), one.pulsed)
            learnt[one.index] = Learnt(self._adding(one.index, 1), pulses)
        return learning(learnt)

    # --- steps -----------------------------------------------------------------------------------

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Initial weights to the cells, and sums at zero."""
        begin_integrals(self.integrals, self.chip.digital.memory, seed=seed)
        return super().begin(seed=seed)

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """The mean gradient of the batch, times the rate, in steps of the cells."""
        matrix, integral = self.matrices[index], self.integrals[index]
        tile = cast("CountedTile", matrix.blocks[0].tile)
        samples, change = len(x) // matrix.patches, self._scratch[index]
        # Operands wait in the buffer as the words that drive the tiles.
        x_words, d_words = tile.input_words(x), tile.error_words(d)
        share, outside = self._share(index, samples), self._outside[index]
        if len(x) == 1 and outside is None and integral.takes_samples:
            due = integral.add_sample(x_words[0], d_words[0], share=share)
        else:
            gradient(x_words, d_words, change)
            change *= share
            if outside is not None:
                change[outside] = 0
            due = integral.add(change, self._rows[index], by="rows")
        self._learn_figures(index, samples)
        program, charges = self._pulsed(index, *due)
        return Learnt(self._adding(index, samples), program, charges)

    def _share(self, index: int, samples: int) -> np.float32:
        """Steps of the cells for one of a product, of so many samples."""
        return np.float32(-self._rate / samples / self._steps[index])

    def _pulsed(
        self, index: int, rows: Indices, columns: Indices, counts: Any
    ) -> tuple[Program, tuple[Charges, ...]]:
        matrix = cast("Matrix[ChosenTile]", self.matrices[index])
        return pulse_places(matrix, rows, columns, counts=counts, pair=0)

    def typical(self, index: int, batch: int) -> Learnt:
        """As if no weight were due: nobody knows which is."""
        return Learnt(self._adding(index, batch), Series(()))

    def _adding(self, index: int, batch: int) -> Program:
        """Operands from the buffer, the gradient onto the sums, and which of them are due."""
        matrix = self.matrices[index]
        added = gradient_of_batch(self.chip, matrix, batch=batch)
        sums = matrix.weights_in_use
        compared = self.chip.selector.compare(sums)
        return series((*added, self.integrals[index].program(sums), compared, self._figures_program(index)))


@attrs.frozen(kw_only=True)
class MixedPrecision(Rule):
    """Gradients are added up in the digital unit; a weight gets its whole steps in pulses.

    The outer products are the digital unit's work; of A there is none. Changes under the threshold are kept
    for later batches. Each pulse takes a threshold off the sum: at a threshold of one step nothing is lost,
    at a larger one cells move by less than was asked, at a smaller one by more.

    References
    ----------
    S. R. Nandakumar et al., Front. Neurosci. 14:406 (2020).
    """

    kind: ClassVar[str] = "mixed-precision"
    needs: ClassVar[frozenset[str]] = frozenset({"cells", "chosen-pulses", "memory", "transfers"})
    keeps_sums: ClassVar[bool] = True
    threshold: float = attrs.field(default=1.0, validator=between(1e-6, 1e6))
    """Sum at which a weight gets a pulse, in steps of its cells, and what each pulse takes off it."""
    pulses: int = attrs.field(default=31, validator=between(1, 63))
    """Pulses that a weight gets at most at a time; never more than an update has slots (`update.slots`)."""

    @property
    def words(self) -> str:
        """What is kept, and when it is pulsed."""
        return f"mixed precision, gradients added up in the memory, pulsed from {self.threshold:g} steps on"

    def learner(
        self,
        spec: ChipSpec,
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """With its sums in the memory of the chip's digital unit."""
        assert spec.memory is not None, "checked with the description"
        most = min(self.pulses, getattr(spec.update, "slots", self.pulses))
        integrals = integrals_of(
            chip.digital, matrices, spec.memory, threshold=self.threshold, most=most, forget=False
        )
        by_group = steps_by_group(spec)
        steps = {index: by_group[matrices[index].group] for index in integrals}
        rate = self.general_rate(workload) or self.highest_rate(workload)
        return _Accumulating(
            chip, matrices, network=workload.network, figures=figures, learning_rate=rate,
            integrals=integrals, steps=steps,
        )  # fmt: skip

    def memory_bits(self, chip: ChipSpec, workload: WorkloadSpec) -> Bits:
        """A sum for each weight."""
        return sum_bits(chip, workload)

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Pairs that nobody chooses from."""
        yield from super().faults(chip)
        yield from faults_of_pairs(self, chip)
