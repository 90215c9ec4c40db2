"""One layer of a network on its tiles: partial sums, traffic, and the programs of its passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.parts.part import Part
from chipsim.parts.program import Operation, Program, Series, parallel, series
from chipsim.parts.tile import Tile

__all__ = ["Block", "PlacedLayer"]


@attrs.frozen(kw_only=True, eq=False)
class Block:
    """The part of a layer's weight matrix that one tile holds."""

    tile: Tile
    rows: slice
    columns: slice

    @property
    def inputs(self) -> int:
        """Rows in use."""
        return self.tile.shape[0]

    @property
    def outputs(self) -> int:
        """Columns in use."""
        return self.tile.shape[1]


class PlacedLayer:
    """A layer's weights, split over tiles where they are larger than one.

    Partial sums of blocks that share outputs are added in the digital unit, block after block. Every
    block gets its inputs over the links and sends its results back over them.

    Parameters
    ----------
    chip
        The chip it is placed on.
    blocks
        Its blocks, those that share columns one after another in row order.
    shape
        Rows (inputs, the bias included) and columns of the whole matrix.
    """

    def __init__(self, chip: Chip, blocks: Sequence[Block], *, shape: tuple[int, int]) -> None:
        self.chip = chip
        self.blocks = tuple(blocks)
        self.shape = shape
        self._row_blocks = len({block.rows.start for block in blocks})
        self._column_blocks = len({block.columns.start for block in blocks})
        self._programs: dict[tuple[Operation, ...], Program] = {}

    @property
    def input_bits(self) -> int:
        """Bits of one input on a link."""
        return self.blocks[0].tile.input_bits

    @property
    def pairs(self) -> tuple[str, ...]:
        """Parts of the synapse that an update can go to."""
        return self.blocks[0].tile.pairs

    # --- numbers ---------------------------------------------------------------------------------

    def forward(self, x: Floats) -> tuple[Floats, Program, tuple[Charges, ...]]:
        """Weighted sums of x (batch, rows), the program of one sample, and what data set."""
        if len(self.blocks) == 1:
            reading = self.blocks[0].tile.forward(x)
            return reading.values, self.forward_program((reading.operation,)), reading.charges
        out = np.zeros((x.shape[0], self.shape[1]), np.float32)
        readings = [block.tile.forward(np.ascontiguousarray(x[:, block.rows])) for block in self.blocks]
        for block, reading in zip(self.blocks, readings, strict=True):
            out[:, block.columns] += reading.values
        program = self.forward_program(tuple(reading.operation for reading in readings))
        return out, program, _all_charges(readings)

    def backward(self, d: Floats) -> tuple[Floats, Program, tuple[Charges, ...]]:
        """Errors of the inputs (batch, rows) from errors of the outputs d (batch, columns)."""
        if len(self.blocks) == 1:
            reading = self.blocks[0].tile.backward(d)
            return reading.values, self.backward_program((reading.operation,)), reading.charges
        out = np.zeros((d.shape[0], self.shape[0]), np.float32)
        readings = [block.tile.backward(np.ascontiguousarray(d[:, block.columns])) for block in self.blocks]
        for block, reading in zip(self.blocks, readings, strict=True):
            out[:, block.rows] += reading.values
        program = self.backward_program(tuple(reading.operation for reading in readings))
        return out, program, _all_charges(readings)

    def update(self, x: Floats, d: Floats, *, rate: float) -> tuple[Program, tuple[Charges, ...]]:
        """Apply one sample's outer product of x (rows,) and d (columns,) to the cells."""
        pair = min(self.chip.selector.pair, len(self.pairs) - 1)
        if len(self.blocks) == 1:
            change = self.blocks[0].tile.update(x, d, rate=rate, pair=pair)
            return self.update_program((change.operation,)), change.charges
        changes = [
            block.tile.update(
                np.ascontiguousarray(x[block.rows]),
                np.ascontiguousarray(d[block.columns]),
                rate=rate,
                pair=pair,
            )
            for block in self.blocks
        ]
        return self.update_program(tuple(change.operation for change in changes)), _all_charges(changes)

    def recentre(self) -> tuple[Program | None, tuple[Charges, ...]]:
        """Bring pairs that ran out of range back into it, all tiles side by side."""
        pair = min(self.chip.selector.pair, len(self.pairs) - 1)
        changes = [change for block in self.blocks if (change := block.tile.recentre(pair=pair))]
        if not changes:
            return None, ()
        return parallel(change.operation for change in changes), _all_charges(changes)

    def initialise(self, weights: Floats) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights (rows, columns), tile after tile."""
        changes = [
            block.tile.initialise(np.ascontiguousarray(weights[block.rows, block.columns]))
            for block in self.blocks
        ]
        return series(change.operation for change in changes), _all_charges(changes)

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        out = np.zeros(self.shape)
        for block in self.blocks:
            out[block.rows, block.columns] = block.tile.weights()
        return out

    # --- programs --------------------------------------------------------------------------------

    def typical(self, action: str) -> Program:
        """The program of a pass that nobody computed."""
        pair = min(self.chip.selector.pair, len(self.pairs) - 1)
        ops = tuple(block.tile.typical(action, pair=pair) for block in self.blocks)
        return {
            "forward": self.forward_program,
            "backward": self.backward_program,
            "update": self.update_program,
        }[action](ops)

    def forward_program(self, ops: tuple[Operation, ...]) -> Program:
        """Fetch inputs from the buffer, read the tiles side by side, add partial sums."""
        if ops not in self._programs:
            chip, rows, columns = self.chip, *self.shape
            tiles = parallel(
                series(
                    (
                        chip.move(chip.buffer, self._part(block), block.inputs * block.tile.input_bits),
                        op,
                        chip.move(self._part(block), chip.digital, block.outputs * block.tile.output_bits),
                    )
                )
                for block, op in zip(self.blocks, ops, strict=True)
            )
            adds = (self._row_blocks - 1) * columns
            partial = chip.digital.compute("partial-sums", add=adds) if adds else None
            self._programs[ops] = series((chip.buffer.read(rows * self.input_bits), tiles, partial))
        return self._programs[ops]

    def backward_program(self, ops: tuple[Operation, ...]) -> Program:
        """Send errors to the tiles, read them backwards side by side, add partial sums."""
        if ops not in self._programs:
            chip, rows, columns = self.chip, *self.shape
            rescales = self.blocks[0].tile.rescales
            scale = chip.digital.compute("scale", compare=columns, multiply=columns) if rescales else None
            back = chip.digital.compute("scale", multiply=rows) if rescales else None
            tiles = parallel(
                series(
                    (
                        chip.move(chip.digital, self._part(block), block.outputs * block.tile.input_bits),
                        op,
                        chip.move(self._part(block), chip.digital, block.inputs * block.tile.output_bits),
                    )
                )
                for block, op in zip(self.blocks, ops, strict=True)
            )
            adds = (self._column_blocks - 1) * rows
            partial = chip.digital.compute("partial-sums", add=adds) if adds else None
            self._programs[ops] = series((scale, tiles, back, partial))
        return self._programs[ops]

    def update_program(self, ops: tuple[Operation, ...]) -> Program:
        """Select the pair, bring inputs and errors to the tiles, and change the cells side by side."""
        if ops not in self._programs:
            chip, rows, columns = self.chip, *self.shape
            counted = self.blocks[0].tile.counts_pulses
            counts = chip.digital.compute("count-pulses", multiply=rows * columns) if counted else None
            tiles = parallel(
                series(
                    (
                        chip.move(chip.buffer, self._part(block), block.inputs * block.tile.input_bits),
                        chip.move(chip.digital, self._part(block), block.outputs * block.tile.input_bits),
                        op,
                    )
                )
                for block, op in zip(self.blocks, ops, strict=True)
            )
            read = chip.buffer.read(rows * self.input_bits)
            self._programs[ops] = Series((parallel((chip.selector.select(), read, counts)), tiles))
        return self._programs[ops]

    @staticmethod
    def _part(block: Block) -> Part:
        return block.tile.part()


def _all_charges(items: Iterable[object]) -> tuple[Charges, ...]:
    return tuple(charge for item in items for charge in item.charges)  # type: ignore[attr-defined]
