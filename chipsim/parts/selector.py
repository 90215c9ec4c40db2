"""The array-selection logic: which pair takes the updates, or which weights changed their level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs
import simpy

from chipsim.ledger import Ledger
from chipsim.parts.leakage import Leakage, leaking
from chipsim.parts.part import Action, Part
from chipsim.parts.plan import Plan
from chipsim.parts.program import Operation, operation
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import SelectorCost
from chipsim.spec.kind import Kind
from chipsim.spec.paths import Step
from chipsim.units import Aj, Nm2, Ps

__all__ = ["Policy", "Selector", "policy_of"]


@attrs.frozen(kw_only=True)
class Policy(Kind):
    """What a selector goes by; a kind says what is compared, and when updates go to another pair."""

    section: ClassVar[str] = "selector"
    selects: ClassVar[bool] = True
    """Whether there is anything to decide, and hardware that does it."""
    asks_accuracy: ClassVar[bool] = False
    """Whether somebody has to count the samples that were classified right, for it to decide by."""

    @property
    def width(self) -> int:
        """Comparisons in one cycle."""
        return 1

    @property
    def about(self) -> str:
        """What it is, in a few words."""
        return self.kind

    @property
    def typical_change(self) -> float:
        """Share of the weights that a step reprograms where nobody trains, for timing only."""
        return 1.0

    def rate(self, pair: int) -> float:  # noqa: ARG002
        """Factor on the learning rate while a pair takes the updates; 0 is the first."""
        return 1.0

    def moves_on(self, accuracies: Sequence[float]) -> bool:  # noqa: ARG002
        """Whether updates go to the next pair from now on.

        Parameters
        ----------
        accuracies
            Training accuracy of each epoch of the phase so far, as shares.
        """
        return False

    def reads(self, price: Sequence[Step]) -> bool:
        """The cost set's prices of a selector, where it selects; only accuracies are subtracted."""
        section, *rest = price
        return section == self.section and self.selects and (rest != ["add"] or self.asks_accuracy)


def policy_of(chip: ChipSpec) -> Policy:
    """What the selector of a described chip goes by."""
    found = chip.selector
    assert isinstance(found, Policy), "the reader finds no other"
    return found


@attrs.define
class _Phase:
    remembers: ClassVar[tuple[str, ...]] = ("pair", "accuracies")
    pair: int = 0
    accuracies: list[float] = attrs.Factory(list)


class Selector(Part):
    """The logic that steers updates: counter, comparator, and the phase that training is in.

    Parameters
    ----------
    policy
        What it goes by.
    pairs
        Pairs of a synapse that it may choose from.
    cost
        Energy of an addition and of a comparison, area of one lane.
    clock
        One cycle.
    """

    kind = "selector"

    remembers: ClassVar[tuple[str, ...]] = ("_phase",)

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        policy: Policy,
        pairs: int,
        cost: SelectorCost,
        clock: Ps,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.policy = policy
        self._pairs = pairs
        self._cost = cost
        self._clock = clock
        self._phase = _Phase()

    @property
    def area(self) -> Nm2:
        """Counter, comparator and the registers of the phase, in each lane; none where it selects nothing."""
        return Nm2(self.policy.width * self._cost.area if self.policy.selects else 0)

    @property
    def leakage(self) -> Leakage:
        """Each lane; none where it selects nothing."""
        lanes = self.policy.width if self.policy.selects else 0
        return leaking(self._cost.leakage, lanes, of="the selector")

    @property
    def about(self) -> str:
        """What it goes by."""
        return self.policy.about

    @property
    def asks_accuracy(self) -> bool:
        """Whether somebody has to count the samples that were classified right, for it to decide by."""
        return self.policy.asks_accuracy

    @property
    def pair(self) -> int:
        """The pair that takes the updates now: 0 is the first (coarse), 1 the second (fine)."""
        return self._phase.pair

    def end_epoch(self, *, accuracy: float) -> Operation | None:
        """Take in an epoch's training accuracy, change the phase if it is time, and say what it took.

        None where nothing is ever decided.
        """
        if self.asks_accuracy and self._phase.pair + 1 < self._pairs:
            self._phase.accuracies.append(accuracy)
            if self.policy.moves_on(self._phase.accuracies):
                self._phase.pair += 1
        # The logic compares after every epoch, also when there is no further pair to go to.
        return operation(self.name, "decide", add=1, compare=1) if self.policy.selects else None

    def begin_phase(self) -> None:
        """Compare no epoch of a new phase with one of another task; the pair stays."""
        self._phase.accuracies.clear()

    def select(self) -> Operation | None:
        """The look-up that steers one update to its arrays; None where there is only one way to go."""
        return operation(self.name, "select", add=0, compare=1) if self.policy.selects else None

    def count(self, samples: int) -> Operation:
        """The counting of samples, and whether the time has come to read what was gathered."""
        return operation(self.name, "count", add=samples, compare=samples)

    def compare(self, count: int) -> Operation:
        """The comparison of so many hidden weights' nearest levels with the levels that the cells have.

        Or of so many sums of gathered gradients with a threshold.
        """
        return operation(self.name, "compare", add=0, compare=count)

    def actions(self) -> dict[str, Action]:
        """Deciding after an epoch, steering an update, counting samples, and comparing levels or sums."""
        names = ("decide", "select", "count", "compare")
        return dict.fromkeys(names, Action(self._think, ("add", "compare")))

    def _think(self, op: Operation) -> Plan:
        """One cycle for each addition, and for as many comparisons as there are lanes."""
        adds, compares = op["add"], op["compare"]
        energy = adds * self._cost.add + compares * self._cost.compare
        # There is one counter, however many lanes compare; a last cycle that fills few lanes is a whole one.
        compare_cycles = -(-compares // self.policy.width)
        time = Ps((adds + compare_cycles) * self._clock)
        return self.planned(*self.held(time, self.charged(op.action, time, energy=Aj(energy))))
