"""A layer whose weights change in place, by pulses or by a digital outer product."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.parts.part import Part
from chipsim.parts.program import Kept, Operation, Program, Series, parallel, series
from chipsim.tile.tile import PulsedTile
from chipsim.train import arithmetic
from chipsim.train.layer import PlacedLayer, all_charges

__all__ = ["PulsedLayer"]


class PulsedLayer(PlacedLayer[PulsedTile]):
    """A layer on tiles that take outer products; the chip's selector says which pair takes them."""

    @property
    def target(self) -> str:
        """Name of the pair that takes the updates now."""
        return self.blocks[0].tile.pairs[self.pair]

    @property
    def pair(self) -> int:
        """Index of the pair that takes the updates now."""
        return min(self.chip.selector.pair, len(self.blocks[0].tile.pairs) - 1)

    def update(
        self, x: Floats, d: Floats, *, rate: float, stored: bool = False
    ) -> tuple[Program, tuple[Charges, ...]]:
        """Apply one sample's outer product to the cells.

        Parameters
        ----------
        x, d
            Inputs (rows,) and errors (columns,).
        rate
            Change of a weight per unit of their product.
        stored
            The errors wait in the buffer, as those of a batch do; otherwise the digital unit has them.
        """
        pair = self.pair
        if len(self.blocks) == 1:
            change = self.blocks[0].tile.update(x, d, rate=rate, pair=pair)
            return self.update_program((change.operation,), stored=stored), change.charges
        changes = [
            block.tile.update(
                np.ascontiguousarray(x[block.rows]),
                np.ascontiguousarray(d[block.columns]),
                rate=rate,
                pair=pair,
            )
            for block in self.blocks
        ]
        ops = tuple(change.operation for change in changes)
        return self.update_program(ops, stored=stored), all_charges(changes)

    def recentre(self) -> tuple[Program | None, tuple[Charges, ...]]:
        """Bring pairs that ran out of range back into it, all tiles side by side."""
        pair = self.pair
        changes = [change for block in self.blocks if (change := block.tile.recentre(pair=pair))]
        if not changes:
            return None, ()
        return parallel(change.operation for change in changes), all_charges(changes)

    def typical(self, action: str, *, stored: bool = False) -> Program:
        """The program of a pass that nobody computed; `stored` as in :meth:`update`."""
        ops = tuple(block.tile.typical(action, pair=self.pair) for block in self.blocks)
        if action == "update":
            return self.update_program(ops, stored=stored)
        return self.forward_program(ops) if action == "forward" else self.backward_program(ops)

    def update_program(self, ops: tuple[Operation, ...], *, stored: bool) -> Program:
        """Select the pair, bring to the tiles what they need, and change the cells side by side.

        Trains need inputs and errors at the tiles. Where pulses are counted, the digital unit takes the
        inputs, multiplies them with the errors, and sends every crossing's count.
        """
        key = (ops, stored)
        if key not in self._updates:
            tile, (rows, columns) = self.blocks[0].tile, self.shape
            fetched = rows * self.input_bits + (columns * tile.error_bits if stored else 0)
            if tile.count_bits:
                self._updates[key] = self._counted(ops, fetched=fetched)
            else:
                source = self.chip.buffer if stored else self.chip.digital
                self._updates[key] = self._by_trains(ops, fetched=fetched, errors_from=source)
        return self._updates[key]

    def _by_trains(self, ops: tuple[Operation, ...], *, fetched: int, errors_from: Part) -> Program:
        chip = self.chip
        tiles = (
            series(
                (
                    chip.move(chip.buffer, self.part(block), block.inputs * block.tile.input_bits),
                    chip.move(errors_from, self.part(block), block.outputs * block.tile.error_bits),
                    op,
                )
            )
            for block, op in zip(self.blocks, ops, strict=True)
        )
        return Series((parallel((chip.selector.select(), chip.buffer.read(fetched))), parallel(tiles)))

    def _counted(self, ops: tuple[Operation, ...], *, fetched: int) -> Program:
        chip, (rows, columns) = self.chip, self.shape
        operands = Series((chip.buffer.read(fetched), chip.move(chip.buffer, chip.digital, fetched)))
        stochastic = self.blocks[0].tile.rounds_at_random
        arithmetic_of = arithmetic.counted_pulses(rows, columns, stochastic=stochastic)
        counts = chip.digital.compute("count-pulses", **arithmetic_of)
        tiles = (
            Series(
                (
                    chip.move(
                        chip.digital, self.part(block), block.inputs * block.outputs * block.tile.count_bits
                    ),
                    op,
                )
            )
            for block, op in zip(self.blocks, ops, strict=True)
        )
        return Series((parallel((chip.selector.select(), operands)), counts, parallel(tiles)))

    @cached_property
    def _updates(self) -> Kept[tuple[tuple[Operation, ...], bool], Program]:
        """Programs of updates by the operations of their tiles, and whether errors were stored."""
        return Kept(10_000)
