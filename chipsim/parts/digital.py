"""The shared digital unit, the buffer and the selector: synchronous logic and memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import simpy

from chipsim.device.formats import onto_format
from chipsim.device.types import Floats
from chipsim.errors import did_you_mean
from chipsim.ledger import Ledger
from chipsim.parts.memory import HiddenMemory, Memory
from chipsim.parts.part import Action, Joint, Part, Serving
from chipsim.parts.program import Operation, UnknownCountError, operation
from chipsim.spec.chip import (
    AccuracyPlateauSpec,
    BufferSpec,
    DigitalUnitSpec,
    FixedSelectorSpec,
    SelectorSpec,
)
from chipsim.spec.costs import ArithmeticCost, MemoryCost, SelectorCost
from chipsim.spec.levels import LevelChangeSpec
from chipsim.units import BITS, Aj, Nm2, Ps, show

__all__ = ["ARITHMETIC", "Buffer", "DigitalUnit", "Selector", "plateau_reached"]

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
        self._energies = {name: getattr(cost, name) for name in ARITHMETIC}

    @property
    def area(self) -> Nm2:
        """All lanes."""
        return Nm2(self.spec.lanes * self._area)

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
        if self.spec.arithmetic != "float-32":
            onto_format(values, self.spec.arithmetic)

    def compute(self, action: str, **counts: int) -> Operation:
        """An operation of this unit, with the arithmetic that it needs counted by name."""
        return operation(self.name, action, **{name: count for name, count in counts.items() if count})

    def serve(self, op: Operation) -> Serving:
        """Hold the unit for the cycles that the counted arithmetic takes.

        Raises
        ------
        UnknownCountError
            When something is counted that is no arithmetic of a lane.
        """
        for name, _ in op.counts:
            if name not in self._energies:
                known = f"{', '.join(ARITHMETIC)}{did_you_mean(name, ARITHMETIC)}"
                raise UnknownCountError(
                    f"{self.name}: {op.action!r} knows no count {name!r}; it reads: {known}"
                )
        count = sum(value for _, value in op.counts)
        energy = sum(value * self._energies[name] for name, value in op.counts)
        cycles = -(-count // self.spec.lanes)
        yield from self.hold(op.action, Ps(cycles * self._clock), energy=Aj(energy), count=count)


class Buffer(Memory):
    """On-chip memory for samples and activations: one access moves its width."""

    kind = "buffer"

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, spec: BufferSpec, cost: MemoryCost
    ) -> None:
        super().__init__(env, name, ledger=ledger, size=spec.size, width=spec.width, cost=cost)
        self.spec = spec

    @property
    def about(self) -> str:
        """Size and width."""
        return f"{show(self.size, BITS)}, {self.spec.width} bits wide"


def plateau_reached(accuracies: Sequence[float], *, threshold: float) -> bool:
    """Whether training accuracy rose by less than `threshold` in the last epoch.

    Parameters
    ----------
    accuracies
        Training accuracy of each epoch so far, as shares.
    threshold
        Least gain from one epoch to the next, as a share.

    References
    ----------
    Choi et al., Front. Neurosci. 15:690418 (2021), array-selection logic.

    Examples
    --------
    >>> plateau_reached([0.90, 0.93], threshold=0.005)
    False
    >>> plateau_reached([0.90, 0.93, 0.934], threshold=0.005)
    True
    >>> plateau_reached([0.90], threshold=0.005)
    False
    """
    return len(accuracies) > 1 and accuracies[-1] - accuracies[-2] < threshold


@attrs.define
class _Phase:
    pair: int = 0
    accuracies: list[float] = attrs.Factory(list)


class Selector(Part):
    """The array-selection logic: which pair takes the updates, or which weights changed their level."""

    kind = "selector"

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: SelectorSpec,
        pairs: int,
        cost: SelectorCost,
        clock: Ps,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.spec = spec
        self._pairs = pairs
        self._cost = cost
        self._clock = clock
        self._lanes = spec.lanes if isinstance(spec, LevelChangeSpec) else 1
        self._selects = not isinstance(spec, FixedSelectorSpec)
        self._phase = _Phase()

    @property
    def area(self) -> Nm2:
        """Counter, comparator and the registers of the phase, in each lane; none where it selects nothing."""
        return Nm2(self._lanes * self._cost.area if self._selects else 0)

    @property
    def about(self) -> str:
        """Its policy, and how many levels it compares at once."""
        if not isinstance(self.spec, LevelChangeSpec):
            return self.spec.kind
        return f"{self.spec.kind}, {self._lanes} lane{'s' * (self._lanes > 1)}"

    @property
    def asks_accuracy(self) -> bool:
        """Whether somebody has to count the samples that were classified right, for it to decide by."""
        return isinstance(self.spec, AccuracyPlateauSpec)

    @property
    def pair(self) -> int:
        """The pair that takes the updates now: 0 is the first (coarse), 1 the second (fine)."""
        return self._phase.pair

    @property
    def rate(self) -> float:
        """Factor on the learning rate of the pair that takes the updates now."""
        return self.spec.fine_rate if isinstance(self.spec, AccuracyPlateauSpec) and self.pair else 1.0

    def end_epoch(self, *, accuracy: float) -> Operation | None:
        """Take in an epoch's training accuracy, change the phase if it is time, and say what it took.

        None where nothing is ever decided.
        """
        if isinstance(self.spec, AccuracyPlateauSpec) and self._phase.pair + 1 < self._pairs:
            self._phase.accuracies.append(accuracy)
            if plateau_reached(self._phase.accuracies, threshold=self.spec.threshold):
                self._phase.pair += 1
        return operation(self.name, "decide", add=1, compare=1) if self._selects else None

    def begin_phase(self) -> None:
        """Compare no epoch of a new phase with one of another task; the pair stays."""
        self._phase.accuracies.clear()

    def select(self) -> Operation | None:
        """The look-up that steers one update to its arrays; None where there is only one way to go."""
        return operation(self.name, "select", add=0, compare=1) if self._selects else None

    def compare(self, count: int) -> Operation:
        """The comparison of so many hidden weights' nearest levels with the levels that the cells have."""
        return operation(self.name, "compare", add=0, compare=count)

    def actions(self) -> dict[str, Action]:
        """Deciding after an epoch, steering an update, and comparing levels."""
        return dict.fromkeys(("decide", "select", "compare"), Action(self._think, ("add", "compare")))

    def _think(self, op: Operation) -> Serving:
        """One cycle for each addition, and for as many comparisons as there are lanes."""
        adds, compares = op["add"], op["compare"]
        energy = adds * self._cost.add + compares * self._cost.compare
        cycles = adds - (-compares // self._lanes)
        yield from self.hold(op.action, Ps(cycles * self._clock), energy=Aj(energy))
