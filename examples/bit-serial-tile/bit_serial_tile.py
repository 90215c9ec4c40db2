"""A crossbar that is fed bit by bit: one-bit drivers, small ADCs, and a shift-and-add unit behind them.

An input word of n bits, apart from its sign, drives the rows in n cycles, the lowest bit first. Each cycle is read by
ADCs that only have to tell apart what single bits add up to, and its result is shifted and added to those before.
The way back and the updates are those of any crossbar.

The scheme is the one of ISAAC (Shafiee et al., ISCA 2016, section III), whose inputs of 16 bits come in 16 cycles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np
import simpy

from chipsim.device.types import Floats
from chipsim.ledger import Ledger
from chipsim.parts.part import Joint, Part, Serving
from chipsim.parts.program import Operation
from chipsim.spec.fields import at_least, between
from chipsim.tile.crossbar import Crossbar
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.tile.tile import Reading
from chipsim.units import Aj, Nm2, Ps

__all__ = ["BitSerial"]


@attrs.frozen(kw_only=True)
class ShiftAddCost:
    """What one column's shift-and-add takes for one bit."""

    time: Ps = attrs.field(validator=at_least(0))
    energy: Aj = attrs.field(validator=at_least(0))
    area: Nm2 = attrs.field(validator=at_least(0))


class ShiftAdd(Part):
    """Shift-and-add units, one a column."""

    kind = "shift-add"

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, columns: int, cost: ShiftAddCost
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.columns, self.cost = columns, cost

    @property
    def area(self) -> Nm2:
        """All units."""
        return Nm2(self.columns * self.cost.area)

    @property
    def about(self) -> str:
        """How many there are."""
        return f"{self.columns} columns"


class BitSerialTile(ResistiveTile):
    """The tile at work."""

    spec: BitSerial

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, spec: BitSerial, **how: object
    ) -> None:
        super().__init__(env, name, ledger=ledger, spec=spec, **how)
        self.input_bits = spec.input_bits
        self._adder = ShiftAdd(
            env, f"{name}.shift-add", ledger=ledger, columns=spec.columns, cost=spec.shift_add
        )
        self._levels = 2**spec.input_bits - 1

    def parts_inside(self) -> tuple[Part, ...]:
        """Those of a crossbar, and the adders."""
        return (*super().parts_inside(), self._adder)

    def joints(self) -> Iterable[Joint]:
        """The adders take what the ADCs send to the tile's port."""
        yield from super().joints()
        yield Joint(self, "link", self._adder, "link")

    # --- numbers ---------------------------------------------------------------------------------

    def input_words(self, x: Floats) -> Floats:
        """Inputs (batch, rows) as words of the tile's own bits say them."""
        counts = np.rint(np.clip(x, -1, 1) * np.float32(self._levels))
        return (counts / np.float32(self._levels)).astype(np.float32)

    def forward(self, x: Floats) -> Reading:
        """Drive the rows with one bit of x (batch, rows) after another, and add up what the columns give."""
        counts = np.rint(np.clip(x, -1, 1) * np.float32(self._levels)).astype(np.int32)
        signs, magnitudes = np.sign(counts), np.abs(counts)
        total = np.zeros((len(x), self.shape[1]), np.float32)
        charges = []
        for bit in range(self.spec.input_bits):
            driven = (signs * (magnitudes >> bit & 1)).astype(np.float32)
            read = super().forward(driven)
            total += np.float32(2**bit / self._levels) * read.values
            charges += read.charges
        return Reading(total, self._forward_operation, tuple(charges))

    # --- events ----------------------------------------------------------------------------------

    def _read(self, op: Operation) -> Serving:
        """A forward pass is read once for each bit; its sums stand in the adders, so no other comes in between."""
        if op.action != "forward":
            yield from super()._read(op)
            return
        columns, cost = op["columns"], self.spec.shift_add
        energy = Aj(columns * cost.energy)
        with self._adder.server.request() as claim:
            yield claim
            for _ in range(self.spec.input_bits):
                yield from super()._read(op)
                yield from self._adder.work(op.action, cost.time, energy=energy, count=columns)


@attrs.frozen(kw_only=True)
class BitSerial(Crossbar):
    """A crossbar whose inputs come bit by bit."""

    kind: ClassVar[str] = "bit-serial"
    needs: ClassVar[frozenset[str]] = frozenset({"cells", "up"})
    tile: ClassVar[type[ResistiveTile]] = BitSerialTile
    input_bits: int = attrs.field(validator=between(1, 16))
    """Bits of an input, apart from its sign: cycles of a forward pass."""
    shift_add: ShiftAddCost
    """Price of a column's shift-and-add."""

    def word_bits(self, *, sums: bool) -> int:
        """An input has its own bits, whatever drives a row in one cycle."""
        return max(self.input_bits, super().word_bits(sums=sums))
