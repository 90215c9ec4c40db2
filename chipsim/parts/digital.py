"""The shared digital unit and the buffer: synchronous logic and memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import simpy

from chipsim.device.formats import count_beyond, largest_of, onto_format, onto_unit_grid
from chipsim.device.types import Floats, Tally
from chipsim.errors import did_you_mean
from chipsim.ledger import Ledger
from chipsim.losses import STAGES, Loss
from chipsim.parts.leakage import Leakage, leaking
from chipsim.parts.memory import HiddenMemory, Memory
from chipsim.parts.part import Joint, Part
from chipsim.parts.plan import Plan
from chipsim.parts.program import Operation, UnknownCountError, operation
from chipsim.spec.chip import BufferSpec, DigitalUnitSpec
from chipsim.spec.costs import ArithmeticCost, MemoryCost
from chipsim.spec.formats import FIXED_STEPS
from chipsim.units import BITS, Aj, Bits, Nm2, Ps, show

__all__ = ["ARITHMETIC", "Buffer", "DigitalUnit"]

ARITHMETIC = ("add", "multiply", "compare", "function")
"""Operations that a lane can do, one a cycle."""


class DigitalUnit(Part):
    """Lanes of synchronous arithmetic: `n` operations take ``ceil(n / lanes)`` cycles.

    An operation's counts are the arithmetic that it needs (`add`, `multiply`, `compare`, `function`);
    its action is a label for the ledger.

    Parameters
    ----------
    memory
        Its memory for hidden weights, with operations of its own; None for a unit without state.
    """

    kind = "digital"

    remembers: ClassVar[tuple[str, ...]] = ("_beyond",)

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: DigitalUnitSpec,
        cost: ArithmeticCost,
        clock: Ps,
        memory: HiddenMemory | None = None,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.spec = spec
        self.memory = memory
        self._clock = clock
        self._area = cost.area
        self._leakage = cost.leakage
        self.evaluating = False
        """Set while a network is only tested."""
        self._single = spec.arithmetic == "float-32"
        self._steps = FIXED_STEPS.get(spec.arithmetic, 0)
        self._largest = largest_of(spec.arithmetic)
        # Counted apart in training and in testing.
        self._beyond = np.zeros((len(STAGES), 2), np.int64)
        self._energies = {name: getattr(cost, name) for name in ARITHMETIC}

    @property
    def area(self) -> Nm2:
        """All lanes."""
        return Nm2(self.spec.lanes * self._area)

    @property
    def leakage(self) -> Leakage:
        """All lanes."""
        return leaking(self._leakage, self.spec.lanes, of=f"lanes of {self.spec.arithmetic}")

    @property
    def about(self) -> str:
        """Lanes and number format."""
        return f"{self.spec.lanes} lanes of {self.spec.arithmetic}"

    def parts_inside(self) -> tuple[Part, ...]:
        """The memory, where there is one."""
        return () if self.memory is None else (self.memory,)

    def joints(self) -> Iterable[Joint]:
        """The memory feeds the lanes."""
        if self.memory is not None:
            yield Joint(self, "link", self.memory, "link")

    def round(self, values: Floats) -> None:
        """Round activations or errors (batch, values) to the unit's number format, in place.

        In fixed point they span plus and minus one; inside the formula that made them numbers are wide.
        """
        # The simulator computes in single precision itself.
        if self._single:
            return
        tally = self._beyond[int(self.evaluating)]
        if self._steps:
            onto_unit_grid(values, self._steps, tally)
        else:
            count_beyond(values, self._largest, tally)
            onto_format(values, self.spec.arithmetic)

    @property
    def grid_steps(self) -> int | None:
        """Steps from zero to one of its number format, for compiled loops.

        Zero where it rounds nothing, None where it rounds in another way.
        """
        if type(self).round is not DigitalUnit.round:
            return None
        return 0 if self._single else self._steps or None

    @property
    def beyond(self) -> Tally:
        """Numbers in training, and those that its format cannot hold (2,)."""
        in_training: Tally = self._beyond[0]
        return in_training

    def lost(self) -> tuple[Loss, ...]:
        """What its number format and its memory lost since this was asked last."""
        counted = zip(STAGES, self._beyond.tolist(), strict=True)
        # In place: a compiled loop counts in this very array.
        self._beyond[:] = 0
        clipped = []
        for during, (values, beyond) in counted:
            if values:
                loss = Loss(part=self.name, what="values-clipped", count=beyond, of=values, during=during)
                clipped.append(loss)
        of_memory = () if self.memory is None else self.memory.lost()
        return (*clipped, *of_memory)

    def compute(self, action: str, **counts: int) -> Operation:
        """An operation of this unit, with the arithmetic that it needs counted by name."""
        # Of its kinds of arithmetic an operation carries those that it needs: one of zero is none of them.
        needed = {name: count for name, count in counts.items() if count}
        return operation(self.name, action, **needed)

    def _begin(self, op: Operation) -> Plan:
        """Hold the unit for the cycles that the counted arithmetic takes.

        Raises
        ------
        UnknownCountError
            When something is counted that is no arithmetic of a lane.
        """
        # Any kind that a lane knows may be counted, so there is no one set of counts to hold it against.
        for name, _ in op.counts:
            if name not in self._energies:
                known = f"{', '.join(ARITHMETIC)}{did_you_mean(name, ARITHMETIC)}"
                raise UnknownCountError(
                    f"{self.name}: {op.action!r} knows no count {name!r}; it reads: {known}"
                )
        count = sum(value for _, value in op.counts)
        energy = sum(value * self._energies[name] for name, value in op.counts)
        # A last cycle in which few lanes have work takes as long as any other.
        time = Ps(-(-count // self.spec.lanes) * self._clock)
        charge = self.charged(op.action, time, energy=Aj(energy), count=count)
        return self.planned(*self.held(time, charge))


class Buffer(Memory):
    """On-chip memory for samples and activations: one access moves its width.

    Parameters
    ----------
    spec
        As described.
    size
        All its bits: as described, or as many as the workload needs.
    cost
        Costs of a memory.
    """

    kind = "buffer"

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: BufferSpec,
        size: Bits,
        cost: MemoryCost,
    ) -> None:
        super().__init__(env, name, ledger=ledger, size=size, width=spec.width, cost=cost)
        self.spec = spec

    @property
    def about(self) -> str:
        """Size and width."""
        return f"{show(self.size, BITS)}, {self.spec.width} bits wide"
