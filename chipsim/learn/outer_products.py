"""Outer products on the tiles of one matrix: sample after sample, by pulses or by digital arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.net import arithmetic
from chipsim.net.matrix import Matrix, all_charges
from chipsim.parts.part import Part
from chipsim.parts.program import Kept, Operation, Program, Series, parallel
from chipsim.tile.tile import PulsedTile

__all__ = ["OuterProducts"]

_Around: TypeAlias = tuple[tuple[Program, ...], Sequence[tuple[Operation, ...]]]
"""What comes before all tiles of an update, and what is sent to each of them."""


class OuterProducts:
    """Changes of one matrix by outer products; the chip's selector says which pair takes them.

    Parameters
    ----------
    matrix
        On tiles that take outer products.
    """

    def __init__(self, matrix: Matrix[PulsedTile]) -> None:
        self._chip, self._blocks, self._matrix = matrix.chip, matrix.blocks, matrix
        self._tile = matrix.blocks[0].tile
        self.pairs = len(self._tile.pairs)
        """How many there are to choose from."""
        policy = matrix.chip.selector.policy
        # By the pair that is pulsed here: a layer without a fine pair learns on as before when others switch.
        # In double precision, whatever a policy computes in: kernels take no other.
        self._rate_factors = [float(policy.rate(pair)) for pair in range(self.pairs)]
        self._programs = Kept[tuple[tuple[Operation, ...], bool], Program](10_000)
        self._known_around: dict[bool, _Around] = {}

    @property
    def target(self) -> str:
        """Name of the pair that takes the updates now."""
        return self._tile.pairs[self.pair]

    @property
    def rate_factor(self) -> float:
        """Factor on the learning rate while this pair takes the updates."""
        return self._rate_factors[self.pair]

    def _selection(self) -> Operation | None:
        """The look-up that steers an update; none where this layer has one pair alone."""
        return self._chip.selector.select() if self.pairs > 1 else None

    @property
    def pair(self) -> int:
        """Index of the pair that takes the updates now."""
        return min(self._chip.selector.pair, self.pairs - 1)

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
        if len(self._blocks) == 1:
            change = self._tile.update(x, d, rate=rate, pair=pair)
            return self._program((change.operation,), stored=stored), change.charges
        changes = [
            block.tile.update(
                np.ascontiguousarray(x[block.rows]),
                np.ascontiguousarray(d[block.columns]),
                rate=rate,
                pair=pair,
            )
            for block in self._blocks
        ]
        ops = tuple(change.operation for change in changes)
        return self._program(ops, stored=stored), all_charges(changes)

    def program_of(self, ops: tuple[Operation, ...]) -> Program:
        """The program of an update that was made elsewhere, by the operation of each block."""
        return self._program(ops, stored=False)

    def recentre(self) -> tuple[Program | None, tuple[Charges, ...]]:
        """Bring pairs that ran out of range back into it, all tiles side by side."""
        pair = self.pair
        changes = [change for block in self._blocks if (change := block.tile.recentre(pair=pair))]
        if not changes:
            return None, ()
        return parallel(change.operation for change in changes), all_charges(changes)

    def typical(self, *, stored: bool = False) -> Program:
        """The program of an update that nobody computed; `stored` as in :meth:`update`."""
        ops = tuple(block.tile.typical("update", pair=self.pair) for block in self._blocks)
        return self._program(ops, stored=stored)

    # --- programs --------------------------------------------------------------------------------

    def _program(self, ops: tuple[Operation, ...], *, stored: bool) -> Program:
        """Select the pair, bring to the tiles what they need, and change the cells side by side.

        Trains need inputs and errors at the tiles. Where pulses are counted, the digital unit takes the
        inputs, multiplies them with the errors, and sends every crossing's count.
        """
        key = (ops, stored)
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = self._build_program(ops, stored=stored)
        return program

    def _build_program(self, ops: tuple[Operation, ...], *, stored: bool) -> Program:
        first, sent = self._around(stored=stored)
        tiles = (Series((*moves, op)) for moves, op in zip(sent, ops, strict=True))
        return Series((*first, parallel(tiles)))

    def _around(self, *, stored: bool) -> _Around:
        """What comes before the cells change, made once: serial updates are nearly all distinct."""
        known = self._known_around.get(stored)
        if known is None:
            build = self._counted if self._tile.count_bits else self._by_trains
            known = self._known_around[stored] = build(stored=stored)
        return known

    def _fetched(self, *, stored: bool) -> int:
        """Bits of the operands."""
        matrix, (rows, columns) = self._matrix, self._matrix.shape
        return rows * matrix.input_bits + (columns * matrix.error_bits if stored else 0)

    def _by_trains(self, *, stored: bool) -> _Around:
        chip, part = self._chip, self._matrix.part
        errors_from: Part = chip.buffer if stored else chip.digital
        first = parallel((self._selection(), chip.buffer.read(self._fetched(stored=stored))))
        sent = []
        for block in self._blocks:
            inputs, errors = block.inputs * block.tile.input_bits, block.outputs * block.tile.error_bits
            moves = chip.move(chip.buffer, part(block), inputs), chip.move(errors_from, part(block), errors)
            sent.append(moves)
        return (first,), sent

    def _counted(self, *, stored: bool) -> _Around:
        chip, part, matrix = self._chip, self._matrix.part, self._matrix
        fetched = self._fetched(stored=stored)
        operands = Series((chip.buffer.read(fetched), chip.move(chip.buffer, chip.digital, fetched)))
        stochastic = self._tile.rounds_at_random
        counting = arithmetic.counted_pulses(matrix.weights_in_use, matrix.shape[1], stochastic=stochastic)
        counts = chip.digital.compute("count-pulses", **counting)
        sent = []
        for block in self._blocks:
            bits = block.inputs * block.outputs * block.tile.count_bits
            sent.append((chip.move(chip.digital, part(block), bits),))
        return (parallel((self._selection(), operands)), counts), sent
