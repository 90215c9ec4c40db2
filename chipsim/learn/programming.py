"""Programming of one matrix: its weights stand at levels, and those whose level changed are written anew."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Indices
from chipsim.ledger import Charges
from chipsim.net.matrix import Block, Matrix, all_charges
from chipsim.parts.program import Operation, Program, parallel, series
from chipsim.tile.tile import ProgrammedTile

__all__ = ["Programming"]


class Programming:
    """Changes of one matrix weight by weight.

    Parameters
    ----------
    matrix
        On tiles whose weights stand at levels.
    """

    def __init__(self, matrix: Matrix[ProgrammedTile]) -> None:
        self._chip, self._blocks, self._matrix = matrix.chip, matrix.blocks, matrix

    def initialise(self, places: Indices) -> tuple[Program, tuple[Charges, ...]]:
        """Program all weights for the first time, tile after tile.

        Parameters
        ----------
        places
            Place of each weight's level (rows, columns).
        """
        changes = [
            block.tile.initialise_levels(np.ascontiguousarray(places[block.rows, block.columns]))
            for block in self._blocks
        ]
        return series(change.operation for change in changes), all_charges(changes)

    def change(self, rows: Indices, columns: Indices, places: Indices) -> tuple[Program, tuple[Charges, ...]]:
        """Program weights to new levels, all tiles side by side.

        Parameters
        ----------
        rows, columns
            Where the weights are in the matrix.
        places
            Place of each one's new level.
        """
        sent: list[Program] = []
        charges: list[Charges] = []
        for block in self._blocks:
            mine = self._inside(block, rows, columns)
            count = int(mine.sum()) if mine is not None else rows.size
            if not count:
                continue
            at = (rows, columns, places) if mine is None else (rows[mine], columns[mine], places[mine])
            change = block.tile.program(at[0] - block.rows.start, at[1] - block.columns.start, at[2])
            sent.append(self._sent(block, change.operation, count))
            charges += change.charges
        return parallel(sent), tuple(charges)

    def _inside(self, block: Block[ProgrammedTile], rows: Indices, columns: Indices) -> np.ndarray | None:
        """Which weights lie in a block; None where there is only one."""
        if len(self._blocks) == 1:
            return None
        down = (rows >= block.rows.start) & (rows < block.rows.stop)
        inside: np.ndarray = down & (columns >= block.columns.start) & (columns < block.columns.stop)
        return inside

    def typical(self, share: float) -> Program:
        """The program that programs a share of the weights, nobody knows which."""
        counts = [round(share * block.inputs * block.outputs) for block in self._blocks]
        return parallel(
            self._sent(block, block.tile.typical_program(count), count)
            for block, count in zip(self._blocks, counts, strict=True)
            if count
        )

    def _sent(self, block: Block[ProgrammedTile], op: Operation, count: int) -> Program:
        """Places and levels go to the tile, which then programs its cells."""
        bits = count * block.tile.level_bits
        return series((self._chip.move(self._chip.digital, self._matrix.part(block), bits), op))
