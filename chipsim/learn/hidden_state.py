"""The hidden state in the digital unit's memory: hidden weights, moments, normalisation, and their update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.formats import onto_grid
from chipsim.device.randomness import generator
from chipsim.device.reading_many import turned
from chipsim.device.types import Floats, Indices, Tally
from chipsim.learn.consolidation import (
    Levels,
    changed,
    gradient,
    meta_table,
    move,
    nearest,
    tally_steps,
    update_at_once,
)
from chipsim.learn.hidden_numbers import HiddenNumbers
from chipsim.learn.hidden_rows import Table
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

_NONE: Table = np.empty(0, np.uint64)
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
        """Of all layers but for what each multiplies them by."""
        self._levels_of = [_times(self.levels, matrix.factor) for matrix in matrices]
        self._table = _NONE
        self.optimiser = Optimiser(memory, numbers=rule, spec=spec)
        self._rounding = generator(0, memory.name)
        self._grids = [
            grid_step([float(value) for value in own.values], spec.weights) for own in self._levels_of
        ]
        # As large as the layers are, so they are made once and not in every step. A step may change the level
        # of every weight.
        most = max(rows * columns for rows, columns in self._shapes)
        self._lists = tuple(np.empty(most, np.int32) for _ in range(3))
        self._scratch: dict[tuple[int, int], tuple[Floats, Floats]] = {}

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
        levels = self._levels_of[index]
        onto = np.clip(weights, levels.values[0], levels.values[-1])
        clipped = int(np.count_nonzero(onto != weights))
        self.memory.lose("initial-weights-clipped", clipped, of=numbers)
        if self._grids[index]:
            self._round(onto, index)
        if not self._matrices[index].frozen:
            bits = FORMAT_BITS[self._spec.weights]
            self.memory.keep(f"layer{index}.weights", onto, bits=bits, numbers=numbers)
            self.optimiser.keep(f"layer{index}", onto.shape, numbers=numbers)
        place = np.empty(onto.shape, np.int32)
        nearest(onto, levels.values, levels.bounds, levels.gap, place)
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
        samples = len(x) // self._patches[index]
        tally = np.zeros(3, np.int64)
        # Nothing is rounded in between, and no weight left out: row after row, while it is at hand.
        at_once = self.optimiser.rounds_nothing and not self._grids[index] and self._outside[index] is None
        update = self._update_at_once if at_once else self._update_in_turn
        found = update(index, x, d, samples=samples, tally=tally)
        self._lose_steps(tally, index)
        if self._network.normalises(index):
            slopes = self._figures.slopes(index)
            name = self._figures.name(index)
            self.optimiser.step(name, slopes, samples=samples, rate=self.learning_rate)
            self._figures.of(index)[[SCALE, OFFSET]] -= slopes
        # Copies: the next layer writes over the arrays that are reused.
        rows, columns, places = (one[:found].copy() for one in self._lists)
        return rows, columns, places

    def _update_at_once(self, index: int, x: Floats, d: Floats, *, samples: int, tally: Tally) -> int:
        """All of a step, row after row; returns how many weights that changed their level are listed."""
        name, levels = f"layer{index}", self._levels_of[index]
        factors = self.optimiser.factors(name, samples=samples, rate=self.learning_rate)
        return update_at_once(
            turned(x), d, self.weights(index), *self.optimiser.moments(name), factors,
            levels.values, levels.bounds, levels.gap, levels.exact, self._table, tally, *self._lists,
        )  # fmt: skip

    def _update_in_turn(self, index: int, x: Floats, d: Floats, *, samples: int, tally: Tally) -> int:
        """The same, one thing after another, where numbers are rounded in between or weights left out."""
        step, before = self._room(self._shapes[index])
        gradient(x, d, step)
        outside = self._outside[index]
        if outside is not None:
            step[outside] = 0
        self.optimiser.step(f"layer{index}", step, samples=samples, rate=self.learning_rate)
        hidden, levels = self.weights(index), self._levels_of[index]
        before[:] = hidden
        move(hidden, step, levels.values, levels.bounds, levels.gap, levels.exact, self._table)
        # Rounded before levels are compared: what the memory keeps decides where a weight is nearest to.
        if self._grids[index]:
            self._round(hidden, index)
        tally_steps(before, hidden, step, levels.values[0], levels.values[-1], tally)
        return changed(before, hidden, levels.values, levels.bounds, levels.gap, *self._lists)

    def _lose_steps(self, tally: Tally, index: int) -> None:
        """Tell what of a step was lost."""
        steps, still, held = tally.tolist()
        self.memory.lose("steps-held", held, of=steps)
        # Rounded at random, a small step is not lost on average.
        if not self._grids[index] or self._spec.rounding == "nearest":
            self.memory.lose("steps-rounded-away", still, of=steps)

    def _room(self, shape: tuple[int, int]) -> tuple[Floats, Floats]:
        if shape not in self._scratch:
            self._scratch[shape] = np.empty(shape, np.float32), np.empty(shape, np.float32)
        return self._scratch[shape]

    def _round(self, hidden: Floats, index: int) -> None:
        fractions = _NO_FRACTIONS
        if self._spec.rounding == "stochastic":
            fractions = self._rounding.random(hidden.shape, dtype=np.float32)
        values = self._levels_of[index].values
        onto_grid(hidden, self._grids[index], float(values[0]), float(values[-1]), fractions)


def _times(levels: Levels, factor: float | None) -> Levels:
    """Levels of a layer that multiplies them."""
    return levels if factor is None else Levels(levels.values * np.float32(factor))
