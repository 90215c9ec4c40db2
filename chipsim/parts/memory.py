"""On-chip memories: how long an access takes, and the digital unit's memory with what it holds."""

from __future__ import annotations

from math import isqrt
from typing import Any, ClassVar

import attrs
import simpy
from numpy.typing import NDArray

from chipsim.ledger import Ledger
from chipsim.losses import Loss
from chipsim.parts.leakage import Gated, Leakage, leaking
from chipsim.parts.part import Action, Part
from chipsim.parts.plan import Plan
from chipsim.parts.program import Operation, operation
from chipsim.spec.costs import MemoryCost, WireCost
from chipsim.spec.levels import MemorySpec
from chipsim.units import BITS, Aj, Bits, Nm2, Ps, show

__all__ = ["HiddenMemory", "Memory"]

_NM_PER_MM = 1_000_000


class Memory(Part):
    """Bits that are read and written: one access moves the width of each bank.

    Arrays are kept by name, each with the bits that one of its numbers takes on the chip, whatever type the
    array has here. What is done to an array in place is done to the state; the reads and writes that this
    takes are operations of the program.

    Parameters
    ----------
    size
        All its bits.
    width
        Bits of one access of one bank.
    banks
        Banks that are accessed side by side.
    cost
        Time of an access; energy and area of a bit.
    head
        Time for the first bits to cross the memory; accesses are pipelined behind them.
    """

    kind = "memory"
    gated: ClassVar[Gated] = "kept"

    remembers: ClassVar[tuple[str, ...]] = ("_arrays", "_taken")

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        size: Bits,
        width: Bits,
        banks: int = 1,
        cost: MemoryCost,
        head: Ps = Ps(0),
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.size = size
        self._access_bits = width * banks
        self._cost = cost
        self._head = head
        self._arrays: dict[str, NDArray[Any]] = {}
        self._taken: dict[str, int] = {}

    @property
    def area(self) -> Nm2:
        """All bits."""
        return Nm2(self.size * self._cost.area)

    @property
    def leakage(self) -> Leakage:
        """All bits."""
        return leaking(self._cost.leakage, self.size, of="memories")

    @property
    def names(self) -> tuple[str, ...]:
        """What is kept, in the order of first keeping."""
        return tuple(self._arrays)

    @property
    def used(self) -> Bits:
        """Bits that are taken."""
        return Bits(sum(self._taken.values()))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def keep(self, name: str, array: NDArray[Any], *, bits: int, numbers: int | None = None) -> None:
        """Keep an array of numbers that take `bits` each; one of the same name gives way to it.

        Parameters
        ----------
        name
            What to call it.
        array
            The numbers.
        bits
            Of one number on the chip.
        numbers
            How many of them there are on the chip; None for all.
        """
        count = array.size if numbers is None else numbers
        taken = self._taken | {name: count * bits}
        assert sum(taken.values()) <= self.size, f"{name} is beyond {self.size} bits: checked when described"
        self._arrays[name] = array
        self._taken = taken

    def read(self, bits: int) -> Operation:
        """An operation that reads `bits`."""
        return operation(self.name, "read", bits=bits)

    def write(self, bits: int) -> Operation:
        """An operation that writes `bits`."""
        return operation(self.name, "write", bits=bits)

    def actions(self) -> dict[str, Action]:
        """Reading and writing."""
        return dict.fromkeys(("read", "write"), Action(self._access, ("bits",)))

    def _access(self, op: Operation) -> Plan:
        bits = op["bits"]
        per_bit = self._cost.read if op.action == "read" else self._cost.write
        # An access takes its whole time, however few bits of its width are wanted.
        accesses = -(-bits // self._access_bits)
        # Down the wire accesses follow one another, so its delay adds once to all of them.
        head = self._head if bits else 0
        time = Ps(accesses * self._cost.time + head)
        charge = self.charged(op.action, time, energy=Aj(bits * per_bit), bits=bits)
        return self.planned(*self.held(time, charge))


class HiddenMemory(Memory):
    """The digital unit's memory: hidden weights, moments and normalisation live here and nowhere else.

    Parameters
    ----------
    spec
        Banks, width and number formats.
    size
        All its bits: as described, or as many as the workload needs.
    cost
        Costs of a memory of this kind, at the size of one macro.
    wire
        Wire that joins its macros.

    Notes
    -----
    Macros that cover an area A are taken to fill a square. A bit travels half the side of it on average,
    ``reach = sqrt(A) / 2``: that wire is charged for each bit read or written, and its delay once an
    operation. What the wires cover is not charged.
    """

    remembers: ClassVar[tuple[str, ...]] = (*Memory.remembers, "_lost")

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: MemorySpec,
        size: Bits,
        cost: MemoryCost,
        wire: WireCost,
    ) -> None:
        area = size * cost.area
        # Rounded here, once for a bit: rounded for each operation, equal bits could cost different amounts.
        along = _over_reach(wire.energy_per_bit_mm, area)
        wired = attrs.evolve(cost, read=Aj(cost.read + along), write=Aj(cost.write + along))
        head = Ps(_over_reach(wire.time_per_mm, area))
        super().__init__(
            env,
            name,
            ledger=ledger,
            size=size,
            width=spec.width,
            banks=spec.banks,
            cost=wired,
            head=head,
        )
        self.spec = spec
        self._lost: dict[str, tuple[int, int]] = {}

    @property
    def about(self) -> str:
        """Size, banks and number formats."""
        spec = self.spec
        banks = "one bank" if spec.banks == 1 else f"{spec.banks} banks"
        formats = f"weights in {spec.weights}, moments in {spec.moments}"
        return f"{show(self.size, BITS)} in {banks}, {spec.width} bits wide; {formats}"

    def lose(self, what: str, count: int, *, of: int) -> None:
        """Count what was lost on the way into the memory, such as steps too small for its numbers."""
        before, before_of = self._lost.get(what, (0, 0))
        self._lost[what] = before + count, before_of + of

    def lost(self) -> tuple[Loss, ...]:
        """What was lost since this was asked last."""
        counted, self._lost = self._lost, {}
        losses = []
        for what, (count, of) in counted.items():
            # A share of nothing is no share, as where no step was asked for.
            if of:
                losses.append(Loss(part=self.name, what=what, count=count, of=of))
        return tuple(losses)


def _over_reach(per_mm: int, area: int) -> int:
    """A price per millimetre times half the side of a square of so many nm2, rounded half up, exactly."""
    # In whole numbers: the product has more digits than a float keeps.
    price_times_side = isqrt(per_mm * per_mm * area)
    return (price_times_side + _NM_PER_MM) // (2 * _NM_PER_MM)
