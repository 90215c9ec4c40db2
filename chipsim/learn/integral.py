"""H: changes of weights, added up in the digital unit's memory until they are worth a pulse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np

from chipsim.device.formats import onto_grid
from chipsim.device.randomness import generator
from chipsim.device.types import Counts, Flags, Floats, Indices
from chipsim.net.adding import accumulate
from chipsim.net.arithmetic import Arithmetic, times
from chipsim.net.arithmetic import onto_grid as grid_arithmetic
from chipsim.net.chosen import Lines
from chipsim.net.matrix import Matrix
from chipsim.parts.digital import DigitalUnit
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.program import Program, parallel
from chipsim.spec.levels import FORMAT_BITS, MemorySpec

__all__ = ["REACH", "Due", "Integral", "begin_integrals", "integrals_of"]

Due: TypeAlias = tuple[Indices, Indices, Counts]
"""Rows and columns of weights that are due, row after row, and pulses of each, negative ones to lower it."""

REACH = 4.0
"""Thresholds from zero to the largest sum of a fixed-point format."""
_INTEGRATE: Arithmetic = {"add": 2, "multiply": 1}
"""Of one sum: the change in steps of the cells, added; less the threshold where a pulse is due."""
_NO_FRACTIONS = np.empty((0, 0), np.float32)


class Integral:
    """Sums for all weights of one layer, in steps of their cells.

    Parameters
    ----------
    unit
        The digital unit, whose memory keeps the sums.
    name
        Of the layer there.
    shape, weights
        Rows and columns, and how many weights there are of them.
    spec
        Number format of the sums, and how they get into it. Fixed-point ones span plus and minus four
        thresholds.
    threshold
        Sum at which a weight gets a pulse, in steps.
    most
        Pulses that a weight gets at a time.
    forget
        Begin anew from zero after a pulse, instead of going on from what is left.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rounding", "_full")

    def __init__(
        self,
        unit: DigitalUnit,
        name: str,
        *,
        shape: tuple[int, int],
        weights: int,
        spec: MemorySpec,
        threshold: float,
        most: int,
        forget: bool,
    ) -> None:
        assert unit.memory is not None, "checked with the description"
        self._unit, self.memory, self.name = unit, unit.memory, f"{name}.sums"
        self._shape, self._weights, self._spec = shape, weights, spec
        self._bits = FORMAT_BITS[spec.weights]
        self._threshold, self._most, self._forget = np.float32(threshold), np.float32(most), forget
        fixed = spec.weights.startswith("fixed")
        largest = (1 << (self._bits - 1)) - 1
        self._grid = REACH * threshold / largest if fixed else 0.0
        self._rounding = generator(0, self.memory.name)
        # Rows in which more is due than was given at a time: only there a sum without a change may be due.
        self._full = np.zeros(shape[0], np.bool_)
        self._room: Due | None = None

    def begin(self, rounding: np.random.Generator) -> None:
        """All sums at zero; rounded at random by the run's own generator."""
        self._rounding = rounding
        zeros = np.zeros(self._shape, np.float32)
        self.memory.keep(self.name, zeros, bits=self._bits, numbers=self._weights)

    @property
    def sums(self) -> Floats:
        """In steps (rows, columns)."""
        found: Floats = self.memory[self.name]
        return found

    @property
    def is_plain(self) -> bool:
        """Whether sums are kept as they are computed."""
        return not self._grid

    @property
    def limits(self) -> tuple[float, float]:
        """Sum at which a weight gets a pulse, in steps, and pulses that it gets at a time."""
        return float(self._threshold), float(self._most)

    @property
    def full(self) -> Flags:
        """Rows in which more is due than was given at a time (rows,)."""
        return self._full

    def add(self, changes: Floats, lines: Indices, *, by: Lines) -> Due:
        """Add changes to chosen lines, and take out of them what is due.

        Parameters
        ----------
        changes
            In steps (lines, across).
        lines
            Places of rows or of columns, each once.
        by
            Which of the two.
        """
        sums = self.sums
        held = (sums[lines] if by == "rows" else sums[:, lines].T) + changes
        if self._grid:
            self._round(held, changes)
        counts = np.clip(np.trunc(held / self._threshold), -self._most, self._most)
        due = counts != 0
        held = np.where(due, np.float32(0), held) if self._forget else held - counts * self._threshold
        if by == "rows":
            sums[lines] = held
            # Samples that are added in one pass later have to know where something is left to be given.
            if self.takes_samples:
                self._full[lines] = (np.abs(held) >= self._threshold).any(axis=1)
        else:
            sums[:, lines] = held.T
        return _listed(counts, due, lines, by=by)

    @property
    def takes_samples(self) -> bool:
        """Whether a sample's outer product can be added in one pass."""
        return bool(not self._grid and not self._forget and self._most > 1)

    def add_sample(self, x: Floats, d: Floats, *, share: np.float32) -> Due:
        """Add `share` times the outer product of one sample, and take out of the sums what is due.

        As :meth:`add` does of the same product, weight by weight.

        Parameters
        ----------
        x, d
            Inputs (rows,) and errors (columns,).
        share
            Steps for one of their product.
        """
        if self._room is None:
            rows, columns, counts = np.empty((3, self.sums.size), np.int32)
            self._room = rows, columns, counts
        limits = self._threshold, self._most
        found = accumulate(x, d, share, self.sums, *limits, self._full, *self._room)
        rows, columns, counts = (one[:found].copy() for one in self._room)
        return rows, columns, counts

    def _round(self, held: Floats, changes: Floats) -> None:
        """Sums onto their grid, with what was lost by that told."""
        before = held.copy()
        reach = REACH * float(self._threshold)
        at_random = self._spec.rounding == "stochastic"
        fractions = self._rounding.random(held.shape, dtype=np.float32) if at_random else _NO_FRACTIONS
        onto_grid(held, self._grid, -reach, reach, fractions)
        beyond = int(np.count_nonzero(np.abs(before) > reach))
        self.memory.lose("sums-clipped", beyond, of=held.size)
        if not at_random:
            asked = changes != 0
            still = asked & (np.abs(changes) < 0.5 * self._grid)
            self.memory.lose("changes-rounded-away", int(still.sum()), of=int(asked.sum()))

    # --- programs --------------------------------------------------------------------------------

    def program(self, sums: int) -> Program:
        """Reading, adding to and writing so many sums."""
        tables = [_INTEGRATE]
        if self._grid:
            tables.append(grid_arithmetic(stochastic=self._spec.rounding == "stochastic"))
        computed = self._unit.compute("integrate", **times(sums, *tables))
        bits = sums * self._bits
        # Side by side: lanes compute on what has come while the memory goes on.
        return parallel((self.memory.read(bits), computed, self.memory.write(bits)))


def _listed(counts: Floats, due: Flags, lines: Indices, *, by: Lines) -> Due:
    """The weights that are due, row after row."""
    which, across = np.nonzero(due)
    pulses = counts[which, across].astype(np.int32)
    own, other = lines[which].astype(np.int32), across.astype(np.int32)
    rows, columns = (own, other) if by == "rows" else (other, own)
    order = np.lexsort((columns, rows))
    return rows[order], columns[order], pulses[order]


def integrals_of(
    unit: DigitalUnit,
    matrices: Sequence[Matrix[Any]],
    spec: MemorySpec,
    *,
    threshold: float,
    most: int,
    forget: bool,
) -> dict[int, Integral]:
    """Sums of every layer that learns, by its index; parameters are those of :class:`Integral`."""
    found = {}
    for index, matrix in enumerate(matrices):
        if not matrix.frozen:
            found[index] = Integral(
                unit, f"layer{index}", shape=matrix.shape, weights=matrix.weights_in_use, spec=spec,
                threshold=threshold, most=most, forget=forget,
            )  # fmt: skip
    return found


def begin_integrals(integrals: Mapping[int, Integral], memory: HiddenMemory | None, *, seed: int) -> None:
    """Set all sums to zero; one generator of the memory's rounds them all."""
    assert memory is not None, "checked with the description"
    rounding = generator(seed, memory.name)
    for integral in integrals.values():
        integral.begin(rounding)
