"""Gradients gathered on tiles of their own, of which lines are read in turn between samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats, Indices
from chipsim.learn.in_place import InPlace
from chipsim.ledger import Charges
from chipsim.net.between import Moved
from chipsim.net.chosen import Lines, lines_program, read_lines, typical_lines
from chipsim.net.figures import Figures
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.net.transfers import MovedLayer, Transfers
from chipsim.parts.program import Program, parallel, series
from chipsim.spec.workload import NetworkSpec
from chipsim.tile.tile import ChosenTile, PulsedTile

__all__ = ["GRADIENT", "WEIGHT", "Gathering"]

WEIGHT = "weight"
"""The matrix that passes go through: C."""
GRADIENT = "gradient"
"""The matrix that outer products are gathered in: A."""


class Gathering(InPlace):
    """Outer products go to A; every so many samples some of its lines are read, and move C.

    What becomes of a line that was read, a kind says in `take`.

    Parameters
    ----------
    chip, matrices, network, figures, learning_rate
        As :class:`InPlace` has them; the rate is that of A.
    every
        Samples from one reading of A to the next.
    reads
        Lines that are read each time, in turn.
    by
        Whether they are rows or columns.
    """

    def __init__(
        self,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        *,
        network: NetworkSpec,
        figures: Figures,
        learning_rate: float,
        every: int,
        reads: int,
        by: Lines,
    ) -> None:
        super().__init__(chip, matrices, network=network, figures=figures, learning_rate=learning_rate)
        self.every, self.reads, self.by = every, reads, by
        self.learning = tuple(index for index, matrix in enumerate(self.matrices) if not matrix.frozen)

    def pulsed(self, matrix: Matrix[PulsedTile]) -> Matrix[PulsedTile]:
        """A takes them."""
        return matrix.roles[GRADIENT]

    def gathered(self, index: int) -> Matrix[ChosenTile]:
        """A of a layer."""
        return cast("Matrix[ChosenTile]", self.matrices[index].roles[GRADIENT])

    def weight(self, index: int) -> Matrix[ChosenTile]:
        """C of a layer."""
        return cast("Matrix[ChosenTile]", self.matrices[index])

    def lines_of(self, index: int) -> int:
        """Lines of a layer that are read in turn."""
        rows, columns = self.matrices[index].shape
        return rows if self.by == "rows" else columns

    def loops(self) -> bool:
        """Where what is done with rows is known to loops; figures of normalisation are not."""
        # Columns are read through converters of the other side, which loops have for passes alone.
        return not self.figures.layers and self.by == "rows" and self.between() is not None

    def transfers(
        self, layers: Sequence[MovedLayer], *, chosen: bool = True, forgets: bool = False
    ) -> Transfers:
        """What it does with lines, as loops know it; how layers are moved, a kind says."""
        return Transfers(
            chosen=chosen,
            every=self.every,
            reads=self.reads,
            forgets=forgets,
            layers=tuple(layers),
            seen=lambda: self._seen,
            program=self._moved,
        )

    def _moved(self, layers: Sequence[Moved]) -> Program:
        """What `end_step` says of a sample, by what was read and pulsed of each layer."""
        counted = self.chip.selector.count(1)
        moved = [self._moved_of(one) for one in layers]
        return series((counted, *([parallel(moved)] if moved else ())))

    def _moved_of(self, one: Moved) -> Program:
        read = lines_program(self.gathered(one.index), one.read, by=self.by)
        return series((read, self.taken(one)))

    def taken(self, one: Moved) -> Program:
        """What `take` says of a layer, by what was pulsed.

        Parameters
        ----------
        one
            What a loop did to the layer.
        """
        raise NotImplementedError

    def end_loop(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """Count samples, whose transfers were made in the loop."""
        self._seen += samples
        return None, ()

    # --- steps -----------------------------------------------------------------------------------

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Initial weights to C, and zeros to A; layers one after another."""
        program, charges = super().begin(seed=seed)
        programs, more = [program], list(charges)
        for index in self.learning:
            gathered = self.gathered(index)
            written, taken = gathered.initialise(np.zeros(gathered.shape, np.float32))
            programs.append(written)
            more += taken
        return series(programs), tuple(more)

    def end_step(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """Count samples; read lines of A whenever it is time, those of all layers side by side."""
        before = self._seen // self.every
        self._seen += samples
        counted = self.chip.selector.count(samples)
        programs: list[Program] = []
        charges: list[Charges] = []
        for number in range(before, self._seen // self.every):
            moved = [self._transfer(index, number) for index in self.learning]
            programs.append(parallel(program for program, _ in moved))
            for _, more in moved:
                charges += more
        return series((counted, *programs)), tuple(charges)

    def _transfer(self, index: int, number: int) -> tuple[Program, tuple[Charges, ...]]:
        """Read the lines of a layer whose turn it is, and move its weights."""
        lines = self.lines_of(index)
        # No more than there are: a line that is read twice at a time would tell the same.
        reads = min(self.reads, lines)
        turn = ((number * reads + np.arange(reads)) % lines).astype(np.int32)
        values, read, charges = read_lines(self.gathered(index), turn, by=self.by)
        program, more = self.take(index, turn, values)
        return series((read, program)), (*charges, *more)

    def take(self, index: int, lines: Indices, values: Floats) -> tuple[Program, tuple[Charges, ...]]:
        """Move C of a layer by what was read of A.

        Parameters
        ----------
        index
            Which layer.
        lines
            Places of the rows or columns that were read (lines,).
        values
            Their weights, as converters give them (lines, across).
        """
        raise NotImplementedError

    # --- timed alone -----------------------------------------------------------------------------

    def typical(self, index: int, batch: int) -> Learnt:
        """A batch's updates of A, and as many readings as come on average, a whole one at least."""
        learnt = super().typical(index, batch)
        times = max(1, batch // self.every)
        read = typical_lines(self.gathered(index), min(self.reads, self.lines_of(index)), by=self.by)
        moved = series((read, self.typical_take(index)))
        counted = self.chip.selector.count(batch) if index == self.learning[-1] else None
        return Learnt(learnt.first, series((learnt.tiles, counted, *[moved] * times)))

    def typical_take(self, index: int) -> Program:
        """What `take` does of lines that nobody read."""
        raise NotImplementedError
