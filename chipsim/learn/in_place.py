"""Gradient descent at work on weights that change where they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.learn.outer_products import OuterProducts
from chipsim.ledger import Charges
from chipsim.net import arithmetic
from chipsim.net.arithmetic import times
from chipsim.net.between import BetweenSamples
from chipsim.net.figures import Figures
from chipsim.net.inputs import first_weights
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.net.normalise import OFFSET, SCALE
from chipsim.parts.program import Operation, Program, Stream, parallel, series
from chipsim.spec.workload import NetworkSpec, PhaseSpec
from chipsim.tile.tile import PulsedTile

__all__ = ["InPlace"]


class InPlace:
    """Each sample's outer product changes the weights by its share of the mean gradient of its batch.

    Parameters
    ----------
    chip
        The chip that holds the weights.
    matrices
        The network's weights on their tiles, the first layer first.
    network
        Sizes, bias, initial weights.
    figures
        Its normalisation.
    learning_rate
        Step of the weights per unit of the mean gradient.
    recentre_every
        Samples between two looks for pairs of each layer that ran out of range, 0 for never; without any, of
        none.
    """

    by_layer = False

    remembers: ClassVar[tuple[str, ...]] = ("_rate", "_seen")

    def __init__(
        self,
        chip: Chip,
        matrices: Sequence[Matrix[PulsedTile]],
        *,
        network: NetworkSpec,
        figures: Figures,
        learning_rate: float,
        recentre_every: Sequence[int] = (),
    ) -> None:
        self.chip, self.network, self.figures = chip, network, figures
        self.matrices = tuple(matrices)
        learning = {index: matrix for index, matrix in enumerate(self.matrices) if not matrix.frozen}
        self._updates = {index: OuterProducts(self.pulsed(matrix)) for index, matrix in learning.items()}
        # What a selector decides shows where there is most to choose from.
        self._steered = max(self._updates.values(), key=lambda updates: updates.pairs)
        self._learning_rate = self._rate = learning_rate
        self._every = {
            index: every for index, every in enumerate(recentre_every) if every and index in learning
        }
        # No layer is looked at between two multiples of this, which is asked after every sample.
        self._often = math.gcd(*self._every.values())
        self._seen = 0

    def pulsed(self, matrix: Matrix[PulsedTile]) -> Matrix[PulsedTile]:
        """The matrix that takes a layer's outer products: the one that passes go through."""
        return matrix

    @property
    def target(self) -> str:
        """The pair that takes the updates now, of the layers that have most to choose from."""
        return self._steered.target

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights; layers one after another."""
        written = [
            matrix.initialise(weights)
            for matrix, weights in zip(self.matrices, self._first_weights(seed), strict=True)
        ]
        return series(program for program, _ in written), tuple(c for _, charges in written for c in charges)

    def _first_weights(self, seed: int) -> list[Floats]:
        return first_weights(self.matrices, self.network, seed=seed)

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over the phase's learning rate where it has one."""
        self._rate = phase.rate_for("sgd") or self._learning_rate

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """Vector after vector."""
        vectors = len(x)
        samples = vectors // self.matrices[index].patches
        rate = self.rate_of(index) / samples
        if vectors == 1:
            waits = self._waits(vectors)
            program, set_by_data = self._updates[index].update(x[0], d[0], rate=rate, stored=waits)
            return Learnt(self._learn_figures(index, samples), program, set_by_data)
        programs: list[Program] = []
        charges: list[Charges] = []
        for one in range(vectors):
            program, more = self._updates[index].update(
                x[one], d[one], rate=rate, stored=self._waits(vectors)
            )
            programs.append(program)
            charges += more
        return Learnt(self._learn_figures(index, samples), _one_by_one(programs), tuple(charges))

    # --- in a compiled loop ----------------------------------------------------------------------

    def loops(self) -> bool:
        """Whether it learns as it is written here."""
        return type(self) is InPlace and not self.figures.layers

    def pair_of(self, index: int) -> int:
        """The pair of a layer that takes the updates now."""
        return self._updates[index].pair

    def rate_of(self, index: int) -> float:
        """As one sample at a time has it: that of the layer, and of the pair that takes its updates."""
        return self._layer_rate(index) * self._updates[index].rate_factor

    def _layer_rate(self, index: int) -> float:
        return self._rate * self.network.stages[index].rate_factor

    def learnt_of(self, index: int, ops: tuple[Operation, ...]) -> Learnt:
        """Its program alone: what data set is charged by who made the update."""
        return Learnt(None, self._updates[index].program_of(ops))

    def between(self) -> BetweenSamples | None:
        """None: all that it does between samples, it does between loops."""
        return None

    def end_loop(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """What a step does."""
        return self.end_step(samples)

    def samples_until_due(self) -> int:
        """Samples up to the next look for pairs that ran out of range; zero for never."""
        return self._often - self._seen % self._often if self._often else 0

    # --- programs --------------------------------------------------------------------------------

    def _waits(self, vectors: int) -> bool:
        """Whether errors of a layer wait in the buffer until its tiles change."""
        return vectors > 1 or bool(self.figures.layers)

    def _learn_figures(self, index: int, samples: int) -> Program | None:
        """Move the scales and offsets of a layer; None where it has none."""
        if index not in self.figures.layers:
            return None
        self.figures.of(index)[[SCALE, OFFSET]] -= (
            self._layer_rate(index) / samples * self.figures.slopes(index)
        )
        return self._figures_program(index)

    def _figures_program(self, index: int) -> Program | None:
        if not self.network.normalises(index):
            return None
        moved = times(2 * self.matrices[index].shape[1], arithmetic.SGD, {"add": 1})
        compute = self.chip.digital.compute("update", **moved)
        return parallel((self.figures.fetch(index, 2), compute, self.figures.put(index, 2)))

    def end_step(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """Look for pairs that ran out of range, every so many samples."""
        before, self._seen = self._seen, self._seen + samples
        if not self._often or before // self._often == self._seen // self._often:
            return None, ()
        due = [index for index, every in self._every.items() if before // every < self._seen // every]
        found = [self._updates[index].recentre() for index in due]
        programs = [program for program, _ in found if program is not None]
        return (parallel(programs) if programs else None), tuple(c for _, more in found for c in more)

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:
        """Let the selector decide which pair takes the updates from now on."""
        return series((self.chip.selector.end_epoch(accuracy=accuracy),)), ()

    def typical(self, index: int, batch: int) -> Learnt:
        """As many updates as there are vectors, all alike."""
        vectors = batch * self.matrices[index].patches
        program = self._updates[index].typical(stored=self._waits(vectors))
        return Learnt(self._figures_program(index), _one_by_one([program] * vectors))


def _one_by_one(programs: Sequence[Program]) -> Program:
    """Updates of one matrix, vector after vector through the same tiles."""
    if len(programs) == 1:
        return programs[0]
    alike = len(set(programs)) == 1
    return Stream(programs[0], len(programs)) if alike else parallel(programs)
