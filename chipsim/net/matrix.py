"""A weight matrix on its tiles: partial sums, traffic, and the programs of its passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.device.types import Counts, Floats
from chipsim.errors import ChipsimError
from chipsim.ledger import Charges
from chipsim.net import arithmetic
from chipsim.net.writing_error import WritingError, writing_error
from chipsim.parts.part import Part
from chipsim.parts.program import Kept, Operation, Program, parallel, series
from chipsim.tile.tile import Change, CountedTile, Reading, Tile

__all__ = ["Block", "Matrix", "all_charges"]


T = TypeVar("T", bound=Tile)


@attrs.frozen(kw_only=True, eq=False)
class Block(Generic[T]):
    """The part of a weight matrix that one tile holds."""

    tile: T
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


class Matrix(Generic[T]):
    """The weights of one layer, split over tiles where they are larger than one.

    Partial sums of blocks that share outputs are added in the digital unit, block after block. Every
    block gets its inputs over the links and sends its results back over them.

    Parameters
    ----------
    chip
        The chip it is placed on.
    blocks
        Its blocks, those that share columns one after another in row order.
    shape
        Rows (inputs, the bias included) and columns of the whole matrix. Where columns have rows of their
        own, no block holds the others.
    patches
        Vectors that one sample drives it by.
    given
        Weights that it begins with (rows, columns); None draws them.
    wanted
        Weights that it should begin with, where those that it is given have an error.
    frozen
        Whether it keeps them.
    group
        The group of tiles that it stands on.
    factor
        What its tiles' weights are multiplied by; the digital unit does so with their sums. None where
        nothing is: it then takes no time either.
    """

    def __init__(
        self,
        chip: Chip,
        blocks: Sequence[Block[T]],
        *,
        shape: tuple[int, int],
        patches: int = 1,
        given: Floats | None = None,
        wanted: Floats | None = None,
        frozen: bool = False,
        group: str = "",
        factor: float | None = None,
    ) -> None:
        self.chip = chip
        self.factor = factor
        self.blocks = tuple(blocks)
        self.shape = shape
        self.patches = patches
        self.given, self.frozen, self.group = given, frozen, group
        self._wanted = given if wanted is None else wanted
        self.written: WritingError | None = None
        """How far its weights were from what they should be when they were first written; None before."""
        self.roles: dict[str, Matrix[T]] = {}
        """All matrices of its layer by what they are to the rule, itself among them."""
        self.weights_in_use = sum(block.inputs * block.outputs for block in blocks)
        """Weights that blocks hold."""
        first = self.blocks[0]
        self._row_slices = len({block.rows.start for block in blocks})
        self._column_slices = len({block.columns.start for block in blocks})
        # Blocks tile the matrix as a grid: every slice of columns, and every slice of rows, has as many.
        self._row_blocks = sum(block.columns == first.columns for block in blocks)
        self._column_blocks = sum(block.rows == first.rows for block in blocks)
        self.programs = Kept[tuple[Operation, ...], Program](10_000)
        """Programs of its passes by the operations of its tiles, made once."""

    @property
    def input_bits(self) -> int:
        """Bits of one input on a link."""
        return self.blocks[0].tile.input_bits

    @property
    def error_bits(self) -> int:
        """Bits of one error of its outputs on a link."""
        return self.blocks[0].tile.error_bits

    @property
    def output_bits(self) -> int:
        """Bits of one of its results on a link."""
        return self.blocks[0].tile.output_bits

    @property
    def returned_bits(self) -> int:
        """Bits of one result of a backward pass on a link."""
        return self.blocks[0].tile.returned_bits

    def outside(self) -> NDArray[np.bool_] | None:
        """Which weights (rows, columns) no block holds; None where blocks hold all."""
        if self.weights_in_use == self.shape[0] * self.shape[1]:
            return None
        out = np.ones(self.shape, np.bool_)
        for block in self.blocks:
            out[block.rows, block.columns] = False
        return out

    # --- numbers ---------------------------------------------------------------------------------

    def forward(self, x: Floats) -> tuple[Floats, Program, tuple[Charges, ...]]:
        """Weighted sums of x (batch, rows), the program of one sample, and what data set."""
        sums, program, charges = self._forward(x)
        return self._scaled(sums), program, charges

    def _scaled(self, sums: Floats) -> Floats:
        """Results of tiles times the factor."""
        return sums if self.factor is None else sums * np.float32(self.factor)

    def _forward(self, x: Floats) -> tuple[Floats, Program, tuple[Charges, ...]]:
        if len(self.blocks) == 1:
            reading = self.blocks[0].tile.forward(x)
            _check_shape(reading, self.blocks[0].tile, (len(x), self.shape[1]))
            return reading.values, self.forward_program((reading.operation,)), reading.charges
        out = np.zeros((x.shape[0], self.shape[1]), np.float32)
        readings = [block.tile.forward(np.ascontiguousarray(x[:, block.rows])) for block in self.blocks]
        for block, reading in zip(self.blocks, readings, strict=True):
            _check_shape(reading, block.tile, (len(x), block.outputs))
            out[:, block.columns] += reading.values
        program = self.forward_program(tuple(reading.operation for reading in readings))
        return out, program, all_charges(readings)

    def backward(self, d: Floats) -> tuple[Floats, Program, tuple[Charges, ...]]:
        """Errors of the inputs (batch, rows) from errors of the outputs d (batch, columns)."""
        errors, program, charges = self._backward(d)
        return self._scaled(errors), program, charges

    def _backward(self, d: Floats) -> tuple[Floats, Program, tuple[Charges, ...]]:
        if len(self.blocks) == 1:
            reading = self.blocks[0].tile.backward(d)
            _check_shape(reading, self.blocks[0].tile, (len(d), self.shape[0]))
            return reading.values, self.backward_program((reading.operation,)), reading.charges
        out = np.zeros((d.shape[0], self.shape[0]), np.float32)
        readings = [block.tile.backward(np.ascontiguousarray(d[:, block.columns])) for block in self.blocks]
        for block, reading in zip(self.blocks, readings, strict=True):
            _check_shape(reading, block.tile, (len(d), block.inputs))
            out[:, block.rows] += reading.values
        program = self.backward_program(tuple(reading.operation for reading in readings))
        return out, program, all_charges(readings)

    def initialise(self, weights: Floats) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights (rows, columns), tile after tile."""
        wanted = self._wanted if weights is self.given else weights
        if self.factor is not None:
            weights = weights / np.float32(self.factor)
        changes = [
            block.tile.initialise(np.ascontiguousarray(weights[block.rows, block.columns]))
            for block in self.blocks
        ]
        self.note_written(wanted)
        return series(change.operation for change in changes), all_charges(changes)

    def note_written(self, asked: Floats | None) -> None:
        """Measure what was written, by what was asked for (rows, columns); None for what it is given."""
        wanted = self._wanted if asked is None else asked
        if wanted is None:
            return
        factor = 1.0 if self.factor is None else self.factor
        # Block by block: all weights of a large network at once would take as much memory again.
        self.written = writing_error(
            (wanted[block.rows, block.columns], block.tile.weights() * factor) for block in self.blocks
        )

    def counted(self: Matrix[CountedTile], changes: Floats, *, pair: int) -> Counts:
        """Whole pulses for changes of each weight (rows, columns), by the steps of the cells of its tile."""
        counts = np.zeros(self.shape, np.int32)
        for block in self.blocks:
            mine = np.ascontiguousarray(changes[block.rows, block.columns])
            counts[block.rows, block.columns] = block.tile.counted(mine, pair=pair)
        return counts

    def pulse_counts(
        self: Matrix[CountedTile], counts: Counts, *, pair: int
    ) -> tuple[Program, tuple[Charges, ...]]:
        """Give each weight its pulses, all tiles side by side.

        The digital unit sends the place and the pulses of every weight that gets any, and nothing of the
        others: whoever counts pulses gives them to few weights at a time.

        Parameters
        ----------
        counts
            Pulses of each weight, negative ones to lower it (rows, columns).
        pair
            The part of a synapse that they go to.
        """
        chip = self.chip
        programs: list[Program] = []
        changes: list[Change] = []
        for block in self.blocks:
            mine = np.ascontiguousarray(counts[block.rows, block.columns])
            weights = int(np.count_nonzero(mine))
            # A tile that gets nothing is sent nothing, and its lines rest.
            if not weights:
                continue
            change = block.tile.pulse_counts(mine, pair=pair)
            sent = chip.move(chip.digital, self.part(block), weights * block.tile.place_bits)
            programs.append(series((sent, change.operation)))
            changes.append(change)
        return parallel(programs), all_charges(changes)

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        out = np.zeros(self.shape)
        for block in self.blocks:
            out[block.rows, block.columns] = block.tile.weights()
        return out if self.factor is None else out * self.factor

    # --- programs --------------------------------------------------------------------------------

    def typical_pulses(self: Matrix[CountedTile], *, pair: int) -> Program:
        """Pulses by count that nobody computed: every weight gets some."""
        chip = self.chip
        programs: list[Program] = []
        for block in self.blocks:
            bits = block.inputs * block.outputs * block.tile.place_bits
            sent = chip.move(chip.digital, self.part(block), bits)
            programs.append(series((sent, block.tile.typical("pulse", pair=pair))))
        return parallel(programs)

    def typical(self, action: str) -> Program:
        """The program of a pass that nobody computed, ``forward`` or ``backward``."""
        ops = tuple(block.tile.typical(action) for block in self.blocks)
        return {"forward": self.forward_program, "backward": self.backward_program}[action](ops)

    def forward_program(self, ops: tuple[Operation, ...]) -> Program:
        """Fetch inputs from the buffer, read the tiles side by side, add partial sums."""
        # Every sample asks, nearly always for a program that is known: that takes a single look-up.
        known = self.programs.get(ops)
        if known is None:
            known = self.programs[ops] = self._forward_program(ops)
        return known

    def _forward_program(self, ops: tuple[Operation, ...]) -> Program:
        chip, rows, columns = self.chip, *self.shape
        bits = [
            (block.inputs * block.tile.input_bits, block.outputs * block.tile.output_bits)
            for block in self.blocks
        ]
        tiles = self._read_tiles(ops, source=chip.buffer, bits=bits)
        rescales = self.blocks[0].tile.rescales_inputs
        counts = arithmetic.scaled_by_largest(rows, blocks=self._row_slices)
        scale = chip.digital.compute("scale", **counts) if rescales else None
        added = self._added_up(columns, blocks=self._row_blocks, rescales=rescales)
        read = chip.buffer.read(rows * self.input_bits)
        return series((scale, read, tiles, *added))

    def backward_program(self, ops: tuple[Operation, ...]) -> Program:
        """Send errors to the tiles, read them backwards side by side, add partial sums."""
        # Every sample asks, nearly always for a program that is known: that takes a single look-up.
        known = self.programs.get(ops)
        if known is None:
            known = self.programs[ops] = self._backward_program(ops)
        return known

    def _backward_program(self, ops: tuple[Operation, ...]) -> Program:
        chip, rows, columns = self.chip, *self.shape
        bits = [
            (block.outputs * block.tile.error_bits, block.inputs * block.tile.returned_bits)
            for block in self.blocks
        ]
        rescales = self.blocks[0].tile.rescales
        counts = arithmetic.scaled_by_largest(columns, blocks=self._column_slices)
        scale = chip.digital.compute("scale", **counts) if rescales else None
        tiles = self._read_tiles(ops, source=chip.digital, bits=bits)
        added = self._added_up(rows, blocks=self._column_blocks, rescales=rescales)
        return series((scale, tiles, *added))

    def _read_tiles(
        self, ops: tuple[Operation, ...], *, source: Part, bits: Sequence[tuple[int, int]]
    ) -> Program:
        """All tiles side by side: what drives each is sent there, and its results to the digital unit."""
        reads = []
        for block, op, (sent, returned) in zip(self.blocks, ops, bits, strict=True):
            there = self.chip.move(source, self.part(block), sent)
            back = self.chip.move(self.part(block), self.chip.digital, returned)
            reads.append(series((there, op, back)))
        return parallel(reads)

    def _added_up(self, values: int, *, blocks: int, rescales: bool) -> tuple[Program | None, ...]:
        """Results of as many blocks for each value scaled back, where they were scaled, and added up."""
        digital = self.chip.digital
        # Blocks were scaled by maxima of their own: each is scaled back before they add up. A factor of the
        # layer's goes with that product, and takes one of its own where there is none.
        products = values * blocks if rescales else values * (self.factor is not None)
        back = digital.compute("scale", multiply=products) if products else None
        adds = (blocks - 1) * values
        return back, digital.compute("partial-sums", add=adds) if adds else None

    @staticmethod
    def part(block: Block[T]) -> Part:
        """The part that serves a block's operations."""
        return block.tile.part()


def _check_shape(reading: Reading, tile: Tile, shape: tuple[int, int]) -> None:
    """Refuse what a tile of one's own gives in another shape: compiled loops would run over its end."""
    if reading.values.shape != shape:
        found = " x ".join(map(str, reading.values.shape))
        raise ChipsimError(
            f"{tile.name} gives {found} results, where {shape[0]} x {shape[1]} were to be read"
        )


def all_charges(items: Iterable[Reading | Change]) -> tuple[Charges, ...]:
    """Everything that data set, of several tiles."""
    return tuple(charges for item in items for charges in item.charges)
