"""Tiki-Taka, the first version: what is read of A is pulsed to C at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats, Indices
from chipsim.learn.gathering import Gathering
from chipsim.learn.transfer_numbers import TransferNumbers
from chipsim.ledger import Charges
from chipsim.net.between import Moved
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Block, Matrix, all_charges
from chipsim.net.transfers import MovedLayer, Transfers
from chipsim.parts.program import Operation, Program, parallel, series
from chipsim.spec.chip import ChipSpec
from chipsim.spec.workload import WorkloadSpec
from chipsim.tile.tile import ChosenTile

__all__ = ["TikiTakaV1"]


class _AtOnce(Gathering):
    """A line that was read, and its place, make an outer product, which C takes as it takes any."""

    def __init__(self, *args: Any, rule: TikiTakaV1, **how: Any) -> None:
        reads, by = rule.reads_per_transfer, rule.transfer_lines
        super().__init__(*args, every=rule.transfer_every, reads=reads, by=by, **how)
        self._gain = rule.transfer_learning_rate

    def take(self, index: int, lines: Indices, values: Floats) -> tuple[Program, tuple[Charges, ...]]:
        """Line after line, on those tiles that it runs through."""
        programs: list[Program] = []
        charges: list[Charges] = []
        for line, value in zip(lines.tolist(), values, strict=True):
            program, more = self._take_line(index, line, value)
            programs.append(program)
            charges += more
        return series(programs), tuple(charges)

    def _take_line(self, index: int, line: int, value: Floats) -> tuple[Program, tuple[Charges, ...]]:
        rows, columns = self.matrices[index].shape
        place = np.zeros(rows if self.by == "rows" else columns, np.float32)
        place[line] = 1
        # The change is plus what was read, and an update subtracts.
        x, d = (place, -value) if self.by == "rows" else (-value, place)
        changes, programs = [], []
        for block in self._blocks(index, line):
            own_x, own_d = np.ascontiguousarray(x[block.rows]), np.ascontiguousarray(d[block.columns])
            change = block.tile.update(own_x, own_d, rate=self._gain, pair=0)
            programs.append(self._sent(index, block, change.operation))
            changes.append(change)
        return parallel(programs), all_charges(changes)

    def _blocks(self, index: int, line: int) -> list[Block[ChosenTile]]:
        """Blocks that a line runs through."""
        found = []
        for block in self.weight(index).blocks:
            along = block.rows if self.by == "rows" else block.columns
            if along.start <= line < along.stop:
                found.append(block)
        return found

    def _sent(self, index: int, block: Block[ChosenTile], op: Operation) -> Program:
        """What was read goes to the drivers of C; which line it was costs no traffic."""
        tile, matrix = block.tile, self.weight(index)
        by_rows = self.by == "rows"
        bits = block.outputs * tile.error_bits if by_rows else block.inputs * tile.input_bits
        # Where pulses are counted, the controller sends the count of each crossing of the line.
        if tile.count_bits:
            bits = (block.outputs if by_rows else block.inputs) * tile.count_bits
        return series((self.chip.move(self.chip.digital, matrix.part(block), bits), op))

    def between(self) -> Transfers | None:
        """One row of each layer at a time; none for several, which are updates after one another."""
        if type(self) is not _AtOnce or self.reads > 1:
            return None
        layers = [
            MovedLayer(index=index, shape=self.matrices[index].shape, gain=self._gain)
            for index in self.learning
        ]
        return self.transfers(layers, chosen=False)

    def taken(self, one: Moved) -> Program:
        """Updates on those tiles that the row runs through."""
        blocks = self.weight(one.index).blocks
        told = [
            self._sent(one.index, block, pulsed[1])
            for block, pulsed in zip(blocks, one.pulsed, strict=True)
            if pulsed is not None
        ]
        return series((parallel(told),))

    def typical_take(self, index: int) -> Program:
        """As many updates of C as lines are read."""
        blocks = self._blocks(index, 0)
        told = [self._sent(index, block, block.tile.typical("update")) for block in blocks]
        return series([parallel(told)] * min(self.reads, self.lines_of(index)))


@attrs.frozen(kw_only=True)
class TikiTakaV1(TransferNumbers):
    """Gradients are gathered in A around its symmetry point; lines of it are read in turn and pulsed to C.

    Passes go through C alone: the share of A in them that the paper allows for is zero.

    References
    ----------
    T. Gokmen, W. Haensch, Front. Neurosci. 14:103 (2020).
    """

    kind: ClassVar[str] = "tiki-taka-v1"
    needs: ClassVar[frozenset[str]] = frozenset({"outer-product", "cells", "chosen-pulses", "transfers"})

    @property
    def words(self) -> str:
        """A and C, and how often A is read."""
        lines, every = self.transfer_lines, self.transfer_every
        return (
            f"{self.kind}, gradients gathered on tiles of their own (A), {self.reads_per_transfer} of their "
            f"{lines} read every {every} samples and pulsed to the weights (C)"
        )

    def learner(
        self,
        spec: ChipSpec,  # noqa: ARG002
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """With A and C on the chip's tiles."""
        rate = self.general_rate(workload) or self.highest_rate(workload)
        network = workload.network
        return _AtOnce(chip, matrices, network=network, figures=figures, learning_rate=rate, rule=self)
