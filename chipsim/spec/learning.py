"""What the learning rule of a chip is to the rest of its description, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from chipsim.spec.fault import Fault
from chipsim.spec.fields import HIGHEST_RATE, more_than
from chipsim.spec.kind import Kind
from chipsim.spec.workload import PhaseSpec, WorkloadSpec

__all__ = ["Learning"]


@attrs.frozen(kw_only=True)
class Learning(Kind):
    """How weights learn, with the learning rate that it takes from a workload or has of its own."""

    section: ClassVar[str] = "rule"
    learning_rate: float | None = attrs.field(default=None, validator=more_than(0, up_to=HIGHEST_RATE))
    """Replaces the workload's when given."""

    @property
    def descends_by(self) -> str:
        """The optimiser, for which a workload may have a learning rate of its own."""
        return "sgd"

    @property
    def moments(self) -> tuple[str, ...]:
        """Names of the numbers that it keeps beside each one that it trains."""
        return ()

    @property
    def draws_hidden_weights(self) -> bool:
        """Whether it begins with weights of its own, and not with those that the workload draws."""
        return False

    roles: ClassVar[tuple[str, ...]] = ("weight",)
    """What the matrices that it has for each layer are, each on tiles of its own: the one that passes go
    through first. A frozen layer has this one alone."""
    alike: ClassVar[bool] = False
    """Whether all layers that it trains have to be carried by synapses that are alike."""
    phase_numbers: ClassVar[frozenset[str]] = frozenset()
    """Numbers of the rule that a phase of a workload may set."""

    def general_rate(self, workload: WorkloadSpec) -> float | None:
        """The learning rate of phases that have none of their own: the chip's, or else the workload's."""
        # No rate is zero, so none that is given passes for a missing one.
        return self.learning_rate or workload.rate_for(self.descends_by)

    def rate(self, workload: WorkloadSpec, phase: PhaseSpec) -> float:
        """The learning rate of a phase: its own, or else the general one."""
        rate = phase.rate_for(self.descends_by) or self.general_rate(workload)
        assert rate is not None, "checked with the description"
        return rate

    def highest_rate(self, workload: WorkloadSpec) -> float:
        """The largest learning rate of any phase."""
        return max(self.rate(workload, phase) for phase in workload.by_rule)

    def missing_rates(self, workload: WorkloadSpec) -> Iterator[Fault]:
        """A phase for which neither it, nor the chip, nor the workload has a rate for this optimiser."""
        if self.general_rate(workload) is not None:
            return
        if all(phase.rate_for(self.descends_by) is not None for phase in workload.by_rule):
            return
        assert isinstance(workload.learning_rate, dict), "a number is a rate for every optimiser"
        known = ", ".join(workload.learning_rate)
        message = (
            f"has a rate for {known}, and the chip's rule descends by {self.descends_by}: give it "
            f"learning_rate.{self.descends_by}, or the chip a rule.learning_rate"
        )
        yield Fault(("learning_rate",), message)
