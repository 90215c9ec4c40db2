"""What a learning rule is in a description, and what it asks of a chip and of a workload."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import attrs

from chipsim.chip.chip import Chip
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Matrix
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import HIGHEST_RATE, more_than
from chipsim.spec.kind import Kind
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import Bits

__all__ = ["Rule", "rule_of"]


@attrs.frozen(kw_only=True)
class Rule(Kind):
    """How weights learn: what a layer's inputs and errors do to the chip."""

    section: ClassVar[str] = "rule"
    learning_rate: float | None = attrs.field(default=None, validator=more_than(0, up_to=HIGHEST_RATE))
    """Replaces the workload's when given."""

    @property
    def words(self) -> str:
        """What it keeps beside the weights, in a sentence; empty where it keeps nothing."""
        return ""

    def learner(
        self,
        spec: ChipSpec,
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """The rule at work on a chip that was built, with a network placed on it.

        Parameters
        ----------
        spec, workload
            Descriptions that fit each other.
        chip
            As built.
        matrices
            The network's weights on its tiles, the first layer first.
        figures
            The network's normalisation.
        """
        raise NotImplementedError

    def memory_bits(self, chip: ChipSpec, workload: WorkloadSpec) -> Bits:  # noqa: ARG002
        """Bits that the digital unit has to remember for a workload."""
        return Bits(0)

    def workload_faults(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:  # noqa: ARG002
        """What of a workload it does not know; paths are the workload's."""
        for index, phase in enumerate(workload.phases):
            for name in phase.rule:
                message = f"{self.kind} has no numbers that a phase may set; leave {name!r} out"
                yield Fault(("phases", index, "rule", name), message)


def rule_of(chip: ChipSpec) -> Rule:
    """The learning rule of a described chip."""
    found = chip.rule
    assert isinstance(found, Rule), "the reader finds no other"
    return found
