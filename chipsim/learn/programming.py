"""Programming of one matrix: its weights stand at levels, and those whose level changed are written anew."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Floats, Indices
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
        changes = []
        for block in self._blocks:
            # Kernels are compiled for each layout they are given: a cut-out would have them compiled anew.
            own = np.ascontiguousarray(places[block.rows, block.columns])
            changes.append(block.tile.initialise_levels(own))
        self._matrix.note_written(self._asked(places) if self._matrix.given is None else None)
        return series(change.operation for change in changes), all_charges(changes)

    def _asked(self, places: Indices) -> Floats:
        """What weights at these levels are worth."""
        levels = np.asarray(self._blocks[0].tile.levels, np.float32)
        factor = self._matrix.factor
        return levels[places] if factor is None else levels[places] * np.float32(factor)

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
            # Nothing travels to a tile of which no weight left its level.
            if not count:
                continue
            if mine is None:
                down, across, levels = rows, columns, places
            else:
                down, across, levels = rows[mine], columns[mine], places[mine]
            # Tiles count their own rows and columns.
            change = block.tile.program(down - block.rows.start, across - block.columns.start, levels)
            sent.append(self._sent(block, change.operation, count))
            charges += change.charges
        return parallel(sent), tuple(charges)

    def _inside(self, block: Block[ProgrammedTile], rows: Indices, columns: Indices) -> np.ndarray | None:
        """Which weights lie in a block; None where there is only one."""
        if len(self._blocks) == 1:
            return None
        down = (rows >= block.rows.start) & (rows < block.rows.stop)
        across = (columns >= block.columns.start) & (columns < block.columns.stop)
        inside: np.ndarray = down & across
        return inside

    def typical(self, share: float) -> Program:
        """The program that programs a share of the weights, nobody knows which."""
        sent = []
        for block in self._blocks:
            count = round(share * block.inputs * block.outputs)
            if count:
                written = block.tile.typical_program(count)
                sent.append(self._sent(block, written, count))
        return parallel(sent)

    def _sent(self, block: Block[ProgrammedTile], op: Operation, count: int) -> Program:
        """Places and levels go to the tile, which then programs its cells."""
        bits = count * block.tile.level_bits
        moved = self._chip.move(self._chip.digital, self._matrix.part(block), bits)
        return series((moved, op))
