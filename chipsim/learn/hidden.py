"""Hidden weights at work: levels in the array, the rest in the digital unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats, Indices
from chipsim.learn.batch_gradient import gradient_of_batch
from chipsim.learn.hidden_numbers import HiddenNumbers
from chipsim.learn.hidden_state import HiddenState
from chipsim.learn.programming import Programming
from chipsim.ledger import Charges
from chipsim.net import arithmetic
from chipsim.net.arithmetic import times, together
from chipsim.net.figures import Figures
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.program import Kept, Program, Series, parallel, series
from chipsim.spec.hidden import FIGURE_BITS
from chipsim.spec.levels import FORMAT_BITS, MemorySpec
from chipsim.spec.workload import NetworkSpec, PhaseSpec
from chipsim.tile.tile import ProgrammedTile

__all__ = ["HiddenWeightLearning"]


class HiddenWeightLearning:
    """Gradients with the levels as they sit in the array, updates on hidden weights.

    A weight is programmed only when its hidden weight has come nearer to another level. Gradients of a batch
    are averaged. With metaplasticity, a hidden weight follows only a share of an update that leads it away
    from its level.

    Layer after layer, the last first, the digital unit adds up the gradient, updates the hidden weights in
    its memory, compares levels, and sends those that changed to the tiles.

    Parameters
    ----------
    chip
        The chip; hidden weights, moments and normalisation live in its digital unit's memory.
    matrices
        The network's weights on their tiles, the first layer first.
    network
        Sizes and normalisation.
    figures
        Its normalisation.
    memory
        Number formats of the hidden state.
    rule
        Optimiser and metaplasticity.
    learning_rate
        Of phases that have none of their own.

    References
    ----------
    D'Agostino et al. (2023), the analog block with quantised and the digital block with hidden weights.
    """

    by_layer = True

    remembers: ClassVar[tuple[str, ...]] = ("state",)

    def __init__(
        self,
        chip: Chip,
        matrices: Sequence[Matrix[ProgrammedTile]],
        *,
        network: NetworkSpec,
        figures: Figures,
        memory: MemorySpec,
        rule: HiddenNumbers,
        learning_rate: float,
    ) -> None:
        assert chip.digital.memory is not None, "checked with the description"
        self.chip, self.network, self.rule = chip, network, rule
        self.matrices = tuple(matrices)
        self._memory, self._spec = chip.digital.memory, memory
        self._writing = [Programming(matrix) for matrix in matrices]
        self._default_rate = learning_rate
        self.state = HiddenState(
            self._memory, matrices, network=network, figures=figures, spec=memory, rule=rule
        )
        self._programs = Kept[tuple[int, int, bool], Program](1_000)
        self._set_phase(self._default_rate, rule.metaplasticity)

    def _set_phase(self, learning_rate: float, metaplasticity: float) -> None:
        self.state.learning_rate = learning_rate
        self.state.set_metaplasticity(metaplasticity)

    @property
    def memory(self) -> HiddenMemory:
        """The digital unit's memory."""
        return self._memory

    @property
    def target(self) -> str:
        """What takes the updates: always the one array of level weights."""
        return "levels"

    # --- phases ----------------------------------------------------------------------------------

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Draw initial hidden weights, and program their levels; layers one after another."""
        programs: list[Program] = []
        charges: list[Charges] = []
        for index, places in enumerate(self.state.begin(seed=seed)):
            program, more = self._write_first(index, places)
            programs.append(program)
            charges += more
        return series(programs), tuple(charges)

    def _write_first(self, index: int, places: Indices | None) -> tuple[Program, tuple[Charges, ...]]:
        """Weights of a layer: by the places of their levels, or as numbers to tiles of another kind."""
        if places is not None:
            return self._writing[index].initialise(places)
        matrix = self.matrices[index]
        assert matrix.given is not None, "a frozen layer is given its weights"
        return matrix.initialise(matrix.given)

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over a phase's learning rate and metaplasticity."""
        self.state.know_figures()
        rate = phase.rate_for(self.rule.descends_by) or self._default_rate
        metaplasticity = phase.rule.get("metaplasticity", self.rule.metaplasticity)
        self._set_phase(rate, metaplasticity)

    def end_step(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two steps."""
        return None, ()

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two epochs."""
        return Series(()), ()

    # --- a step ----------------------------------------------------------------------------------

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """Change the hidden weights of a layer, and program those whose level changed."""
        tile = self.matrices[index].blocks[0].tile
        # Operands wait in the buffer as the words that drive the tiles.
        found = self.state.update(index, tile.input_words(x), tile.error_words(d))
        written, charges = self._writing[index].change(*found)
        samples = len(x) // self.matrices[index].patches
        return Learnt(self._update(index, samples), written, charges)

    def typical(self, index: int, batch: int) -> Learnt:
        """A share of the weights is programmed, as the selector says."""
        share = self.chip.selector.policy.typical_change
        return Learnt(self._update(index, batch), self._writing[index].typical(share))

    # --- programs --------------------------------------------------------------------------------

    def _update(self, index: int, batch: int) -> Program:
        # A phase may switch consolidation off, which takes arithmetic of its own.
        key = (index, batch, self.state.consolidates)
        if key not in self._programs:
            self._programs[key] = self._update_program(index, batch)
        return self._programs[key]

    def _update_program(self, index: int, batch: int) -> Program:
        """Gradient, new hidden weights and moments, levels compared."""
        matrix, chip = self.matrices[index], self.chip
        weights = matrix.weights_in_use
        counts = times(weights, *self._of_a_weight())
        moments = self.state.optimiser.moment_bits
        bits = weights * (FORMAT_BITS[self._spec.weights] + moments)
        if self.network.normalises(index):
            # Of a unit's four figures two are trained, its scale and its offset.
            figures = 2 * matrix.shape[1]
            of_figures = times(figures, *self.state.optimiser.arithmetic, {"add": 1})
            counts = together(counts, of_figures)
            bits += figures * (FIGURE_BITS + moments)
        # Side by side: lanes compute on what has come while the memory goes on.
        computed = chip.digital.compute("update", **counts)
        update = parallel((self._memory.read(bits), computed, self._memory.write(bits)))
        added = gradient_of_batch(chip, matrix, batch=batch)
        # Levels before and after do not travel: the selector's comparators sit at the lanes.
        return series((*added, update, chip.selector.compare(weights)))

    def _of_a_weight(self) -> list[arithmetic.Arithmetic]:
        """Arithmetic of one hidden weight's update, once its gradient is there."""
        levels = self.state.levels
        even = bool(levels.gap > 0)
        place = arithmetic.nearest_level(levels.values.size, even=even)
        # Twice the nearest level: cells keep the only record of the one before, so both are computed.
        tables = [*self.state.optimiser.arithmetic, arithmetic.MOVE, place, place]
        if self.state.consolidates:
            tables.append(arithmetic.CONSOLIDATE)
        if self.state.consolidates and not even:
            tables.append(arithmetic.CONSOLIDATE_UNEVEN)
        if self._spec.weights.startswith("fixed"):
            tables.append(arithmetic.onto_grid(stochastic=self._spec.rounding == "stochastic"))
        return tables
