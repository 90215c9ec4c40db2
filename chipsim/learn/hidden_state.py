"""The hidden state in the digital unit's memory: hidden weights, moments, normalisation, and their update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.formats import onto_grid
from chipsim.device.randomness import generator
from chipsim.device.types import Floats, Indices
from chipsim.learn.consolidation import (
    Levels,
    changed,
    gradient,
    meta_table,
    move,
    nearest,
    tally_steps,
)
from chipsim.learn.hidden_numbers import HiddenNumbers
from chipsim.learn.optimiser import Optimiser
from chipsim.net.figures import Figures
from chipsim.net.inputs import initial_weights
from chipsim.net.matrix import Matrix
from chipsim.net.normalise import OFFSET, SCALE
from chipsim.parts.memory import HiddenMemory
from chipsim.spec.levels import FORMAT_BITS, MemorySpec, grid_step
from chipsim.spec.workload import NetworkSpec
from chipsim.tile.tile import ProgrammedTile

__all__ = ["HiddenState"]

_NONE = np.empty(0, np.float32)
_NO_FRACTIONS = np.empty((0, 0), np.float32)


class HiddenState:
    """What the digital unit learns with, kept in its memory by name, and the arithmetic that changes it.

    Parameters
    ----------
    memory
        The digital unit's memory.
    matrices
        The network's weights on their tiles.
    figures
        Its normalisation, kept in the same memory.
    network, spec, rule
        As described.
    """

    remembers: ClassVar[tuple[str, ...]] = ("learning_rate", "_table", "optimiser", "_rounding")

    def __init__(
        self,
        memory: HiddenMemory,
        matrices: Sequence[Matrix[ProgrammedTile]],
        *,
        network: NetworkSpec,
        figures: Figures,
        spec: MemorySpec,
        rule: HiddenNumbers,
    ) -> None:
        self.memory = memory
        self.learning_rate = 0.0
        self._shapes = [matrix.shape for matrix in matrices]
        self._numbers = [matrix.weights_in_use for matrix in matrices]
        self._patches = [matrix.patches for matrix in matrices]
        # Between the channels of a depthwise layer there are no cells, so no weight there may move.
        self._outside = [matrix.outside() for matrix in matrices]
        self._matrices = tuple(matrices)
        self._figures = figures
        self._network, self._spec, self._rule = network, spec, rule
        first = next(matrix for matrix in matrices if not matrix.frozen)
        levels = first.blocks[0].tile.levels
        self.levels = Levels(np.asarray(levels, np.float32))
        self._table = _NONE
        self.optimiser = Optimiser(memory, numbers=rule, spec=spec)
        self._rounding = generator(0, memory.name)
        values = self.levels.values
        self._grid = grid_step([float(value) for value in values], spec.weights)
        # As large as the layers are, so they are made once and not in every step.
        self._scratch: dict[tuple[int, int], tuple[Floats, Floats, Indices, Indices, Indices]] = {}

    # --- what is kept ----------------------------------------------------------------------------

    def begin(self, *, seed: int) -> list[Indices | None]:
        """Fill the memory with initial hidden weights; returns the places of their levels, layer by layer.

        Layers that keep their weights have no hidden ones; places, where they stand on tiles like the others.
        """
        self._rounding = generator(seed, self.memory.name)
        self.optimiser.begin(self._rounding)
        drawn = self._initial(seed)
        groups = {matrix.group for matrix in self._matrices if not matrix.frozen}
        return [
            self._begin_layer(index, own) if matrix.group in groups else None
            for index, (own, matrix) in enumerate(zip(drawn, self._matrices, strict=True))
        ]

    def _begin_layer(self, index: int, drawn: Floats) -> Indices:
        given, numbers = self._matrices[index].given, self._numbers[index]
        weights = drawn if given is None else given.copy()
        outside = self._outside[index]
        if outside is not None:
            weights[outside] = 0
        onto = np.clip(weights, self.levels.values[0], self.levels.values[-1])
        clipped = int(np.count_nonzero(onto != weights))
        self.memory.lose("initial-weights-clipped", clipped, of=numbers)
        if self._grid:
            self._round(onto)
        if not self._matrices[index].frozen:
            bits = FORMAT_BITS[self._spec.weights]
            self.memory.keep(f"layer{index}.weights", onto, bits=bits, numbers=numbers)
            self.optimiser.keep(f"layer{index}", onto.shape, numbers=numbers)
        place = np.empty(onto.shape, np.int32)
        nearest(onto, self.levels.values, self.levels.bounds, self.levels.gap, place)
        return place

    def _initial(self, seed: int) -> list[Floats]:
        if self._rule.initial == "network":
            return initial_weights(self._network, seed=seed)
        rng, values = generator(seed, "network"), self.levels.values.astype(np.float64)
        gaps = self._initial_gaps(values)
        drawn = []
        for shape in self._shapes:
            gap = rng.integers(gaps.start, gaps.stop, shape)
            low, high = values[gap], values[gap + 1]
            deviation = self._rule.initial_spread * (high - low)
            away = deviation * rng.standard_normal(shape)
            drawn.append(((low + high) / 2 + away).astype(np.float32))
        return drawn

    def _initial_gaps(self, values: NDArray[np.float64]) -> range:
        """Gaps between neighbouring levels that hidden weights are first centred in, by their lower level."""
        if self._rule.initial == "between-levels":
            return range(values.size - 1)
        # Where zero is a level itself, the gaps on both sides of it; otherwise the one that it lies in.
        first = int(np.searchsorted(values, 0.0, side="left")) - 1
        last = int(np.searchsorted(values, 0.0, side="right")) - 1
        return range(first, last + 1)

    def know_figures(self) -> None:
        """Make room for the moments of a task's normalisation when it is met for the first time."""
        for index in self._figures.layers:
            self.optimiser.keep(self._figures.name(index), (2, self._shapes[index][1]))

    def weights(self, index: int) -> Floats:
        """A layer's hidden weights (rows, columns)."""
        return self.memory[f"layer{index}.weights"]

    # --- update ----------------------------------------------------------------------------------

    def set_metaplasticity(self, m: float) -> None:
        """Consolidate with this strength from now on; 0 for not at all."""
        self._table = meta_table(m) if m else _NONE

    @property
    def consolidates(self) -> bool:
        """Whether updates are consolidated now."""
        return bool(self._table.size)

    def update(self, index: int, x: Floats, d: Floats) -> tuple[Indices, Indices, Indices]:
        """Change a layer's hidden weights by one batch.

        Parameters
        ----------
        index
            Which layer.
        x, d
            Its inputs (vectors, rows), and the errors of its sums (vectors, columns).

        Returns
        -------
        Rows, columns, and place of the new level of every weight whose level changed.
        """
        step, before, rows, columns, places = self._room(self._shapes[index])
        samples = len(x) // self._patches[index]
        gradient(x, d, step)
        outside = self._outside[index]
        if outside is not None:
            step[outside] = 0
        self.optimiser.step(f"layer{index}", step, samples=samples, rate=self.learning_rate)
        hidden, levels = self.weights(index), self.levels
        before[:] = hidden
        move(hidden, step, levels.values, levels.bounds, levels.gap, self._table)
        # Rounded before levels are compared: what the memory keeps decides where a weight is nearest to.
        if self._grid:
            self._round(hidden)
        self._tally_steps(before, hidden, step)
        found = changed(before, hidden, levels.values, levels.bounds, levels.gap, rows, columns, places)
        if self._network.normalises(index):
            slopes = self._figures.slopes(index)
            name = self._figures.name(index)
            self.optimiser.step(name, slopes, samples=samples, rate=self.learning_rate)
            self._figures.of(index)[[SCALE, OFFSET]] -= slopes
        # Copies: the next layer of this shape writes over the arrays that are reused.
        return rows[:found].copy(), columns[:found].copy(), places[:found].copy()

    def _tally_steps(self, before: Floats, after: Floats, step: Floats) -> None:
        """Count what of a step was lost."""
        tally = np.zeros(3, np.int64)
        low, high = self.levels.values[0], self.levels.values[-1]
        tally_steps(before, after, step, low, high, tally)
        steps, still, held = tally.tolist()
        self.memory.lose("steps-held", held, of=steps)
        # Rounded at random, a small step is not lost on average.
        if not self._grid or self._spec.rounding == "nearest":
            self.memory.lose("steps-rounded-away", still, of=steps)

    def _room(self, shape: tuple[int, int]) -> tuple[Floats, Floats, Indices, Indices, Indices]:
        if shape not in self._scratch:
            # A step may change the level of every weight.
            size = shape[0] * shape[1]
            step, before = np.empty(shape, np.float32), np.empty(shape, np.float32)
            rows, columns, places = (np.empty(size, np.int32) for _ in range(3))
            self._scratch[shape] = (step, before, rows, columns, places)
        return self._scratch[shape]

    def _round(self, hidden: Floats) -> None:
        fractions = _NO_FRACTIONS
        if self._spec.rounding == "stochastic":
            fractions = self._rounding.random(hidden.shape, dtype=np.float32)
        low, high = float(self.levels.values[0]), float(self.levels.values[-1])
        onto_grid(hidden, self._grid, low, high, fractions)
