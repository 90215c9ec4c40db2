"""Adam on weights that are digital numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.randomness import generator
from chipsim.device.types import Floats
from chipsim.learn.batch_gradient import gradient_of_batch
from chipsim.learn.consolidation import gradient
from chipsim.learn.optimiser import Optimiser
from chipsim.learn.rule import Rule
from chipsim.ledger import Charges
from chipsim.net.arithmetic import times, together
from chipsim.net.figures import Figures
from chipsim.net.inputs import first_weights
from chipsim.net.learner import Learner, Learnt
from chipsim.net.matrix import Matrix, all_charges
from chipsim.net.normalise import OFFSET, SCALE
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.program import Kept, Operation, Program, Series, parallel, series
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between, more_than
from chipsim.spec.hidden import FIGURE_BITS, figure_bits, figure_sets, normalised_units, weight_count
from chipsim.spec.kind import Unread
from chipsim.spec.levels import FORMAT_BITS, MemorySpec
from chipsim.spec.workload import NetworkSpec, PhaseSpec, WorkloadSpec
from chipsim.tile.tile import NumberTile
from chipsim.units import Bits

__all__ = ["DigitalAdam"]


@attrs.frozen(kw_only=True)
class DigitalAdam(Rule):
    """Adam by mini-batches on weights that are digital numbers, its moments in the digital unit's memory.

    Source: Kingma and Ba, ICLR 2015, algorithm 1.
    """

    kind: ClassVar[str] = "digital-adam"
    needs: ClassVar[frozenset[str]] = frozenset({"numbers", "memory"})
    keeps_sums: ClassVar[bool] = True
    beta1: float = attrs.field(default=0.9, validator=between(0, 0.999999))
    """Decay of the first moment."""
    beta2: float = attrs.field(default=0.999, validator=between(0, 0.999999))
    """Decay of the second moment."""
    epsilon: float = attrs.field(default=1e-8, validator=more_than(0, up_to=1))
    """Added to the root of the second moment."""

    @property
    def moments(self) -> tuple[str, ...]:
        """Both of Adam's."""
        return ("first", "second")

    @property
    def descends_by(self) -> str:
        """Adam."""
        return "adam"

    @property
    def words(self) -> str:
        """Where its moments are."""
        return "Adam, its moments in the digital unit's memory"

    def learner(
        self,
        spec: ChipSpec,
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """With its moments in the memory of the chip's digital unit."""
        assert spec.memory is not None, "checked with the description"
        rate = self.general_rate(workload) or self.highest_rate(workload)
        return _AdamLearning(
            self, chip, matrices, network=workload.network, figures=figures, memory=spec.memory, rate=rate
        )

    def memory_bits(self, chip: ChipSpec, workload: WorkloadSpec) -> Bits:
        """Moments of every weight, scale and offset, and the figures of normalisation."""
        if chip.memory is None:
            return Bits(0)
        network = workload.network
        weights = weight_count(network, learning=True)
        # Of the four figures of a unit two are trained, its scale and its offset.
        figures = 2 * normalised_units(network) * figure_sets(workload)
        moments = len(self.moments) * FORMAT_BITS[chip.memory.moments]
        return Bits((weights + figures) * moments + figure_bits(workload))

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Formats in which steps of Adam would be rounded away."""
        why = "Adam's steps are computed and added in single precision"
        for section, given in (("synapse", chip.synapse), ("digital", chip.digital)):
            name = getattr(given, "arithmetic", "float-32")
            if name != "float-32":
                yield Fault((section, "arithmetic"), f"must be float-32, not {name!r}: {why}")

    @property
    def kept_in_memory(self) -> str:
        """Two moments of each number."""
        return "Adam's moments for"

    def unread(self) -> Iterator[Unread]:
        """The format of hidden weights, of which there are none."""
        why = "weights stand in the tiles, in the format of the synapse"
        yield Unread(("memory", "weights"), (self.section, "kind"), why, nothing="float-32")


class _AdamLearning:
    """Adam at work: gradients and steps in the digital unit, weights read from tiles and written back."""

    by_layer = True

    remembers: ClassVar[tuple[str, ...]] = ("_rate", "_optimiser")

    def __init__(
        self,
        rule: DigitalAdam,
        chip: Chip,
        matrices: Sequence[Matrix[NumberTile]],
        *,
        network: NetworkSpec,
        figures: Figures,
        memory: MemorySpec,
        rate: float,
    ) -> None:
        assert chip.digital.memory is not None, "checked with the description"
        self.chip, self.matrices = chip, tuple(matrices)
        self.network, self.figures = network, figures
        self._memory: HiddenMemory = chip.digital.memory
        self._optimiser = Optimiser(self._memory, numbers=rule, spec=memory)
        self._general = self._rate = rate
        self._programs = Kept[tuple[int, int], Learnt](1_000)

    @property
    def target(self) -> str:
        """What takes the updates: always the weights."""
        learning = next(matrix for matrix in self.matrices if not matrix.frozen)
        return learning.blocks[0].tile.pairs[0]

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights, layer after layer; moments begin at zero."""
        # Rounding at random happens on the way into the memory, and draws from the memory's own generator.
        self._optimiser.begin(generator(seed, self._memory.name))
        programs: list[Program] = []
        charges: list[Charges] = []
        first = first_weights(self.matrices, self.network, seed=seed)
        for index, (matrix, weights) in enumerate(zip(self.matrices, first, strict=True)):
            program, more = matrix.initialise(weights)
            # Moments of weights that never move would only take room.
            if not matrix.frozen:
                self._optimiser.keep(f"layer{index}", weights.shape, numbers=matrix.weights_in_use)
            programs.append(program)
            charges += more
        return series(programs), tuple(charges)

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over a phase's learning rate, and make room for the moments of its task."""
        self._rate = phase.rate_for("adam") or self._general
        # A task with figures of its own has moments of its own, which begin with it.
        for index in self.figures.layers:
            units = self.matrices[index].shape[1]
            self._optimiser.keep(self.figures.name(index), (2, units))

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """One step of Adam on a layer's weights, scales and offsets."""
        matrix = self.matrices[index]
        samples = len(x) // matrix.patches
        step = np.empty(matrix.shape, np.float32)
        gradient(x, d, step)
        self._optimiser.step(f"layer{index}", step, samples=samples, rate=self._rate)
        # Kernels are compiled for each layout they are given: a cut-out would have them compiled anew.
        changes = [
            block.tile.subtract(np.ascontiguousarray(step[block.rows, block.columns]))
            for block in matrix.blocks
        ]
        if self.network.normalises(index):
            name, slopes = self.figures.name(index), self.figures.slopes(index)
            self._optimiser.step(name, slopes, samples=samples, rate=self._rate)
            self.figures.of(index)[[SCALE, OFFSET]] -= slopes
        done = self.typical(index, samples)
        return Learnt(done.first, done.tiles, all_charges(changes))

    def end_step(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two steps."""
        return None, ()

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two epochs."""
        return Series(()), ()

    # --- programs --------------------------------------------------------------------------------

    def typical(self, index: int, batch: int) -> Learnt:
        """What every batch of this size takes: all are alike."""
        if (index, batch) not in self._programs:
            blocks = self.matrices[index].blocks
            reads = [block.tile.typical("read") for block in blocks]
            writes = [block.tile.typical("write") for block in blocks]
            step, sent = self._step(index, batch, reads), self._sent(index, writes)
            self._programs[index, batch] = Learnt(step, sent)
        return self._programs[index, batch]

    def _step(self, index: int, batch: int, reads: Sequence[Operation]) -> Program:
        """Operands from the buffer, the gradient, weights from the tiles, and the step on them."""
        chip, matrix = self.chip, self.matrices[index]
        weights = matrix.weights_in_use
        of_number = [*self._optimiser.arithmetic, {"add": 1}]
        counts = times(weights, *of_number)
        bits = weights * self._optimiser.moment_bits
        if self.network.normalises(index):
            # Scales and offsets are in the memory, too; weights are not, they come from their tiles.
            figures = 2 * matrix.shape[1]
            counts = together(counts, times(figures, *of_number))
            bits += figures * (FIGURE_BITS + self._optimiser.moment_bits)
        # Side by side: lanes compute on what has come while the memory goes on.
        computed = chip.digital.compute("update", **counts)
        update = parallel((self._memory.read(bits), computed, self._memory.write(bits)))
        added = gradient_of_batch(chip, matrix, batch=batch)
        return series((*added, self._weights_fetched(index, reads), update))

    def _weights_fetched(self, index: int, reads: Sequence[Operation]) -> Program:
        """Weights come from the tiles, all tiles side by side."""
        chip, matrix = self.chip, self.matrices[index]
        fetched = []
        for block, read in zip(matrix.blocks, reads, strict=True):
            moved = chip.move(matrix.part(block), chip.digital, block.tile.weight_bits)
            fetched.append(series((read, moved)))
        return parallel(fetched)

    def _sent(self, index: int, writes: Sequence[Operation]) -> Program:
        """New weights go to the tiles."""
        chip, matrix = self.chip, self.matrices[index]
        sent = []
        for block, write in zip(matrix.blocks, writes, strict=True):
            moved = chip.move(chip.digital, matrix.part(block), block.tile.weight_bits)
            sent.append(series((moved, write)))
        return parallel(sent)
