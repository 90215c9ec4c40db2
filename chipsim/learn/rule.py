"""What a learning rule is in a description, and what it asks of a chip and of a workload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

import attrs

from chipsim.chip.chip import Chip
from chipsim.errors import did_you_mean
from chipsim.learn.nothing_learns import NothingLearns
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Matrix
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.hidden import figure_bits
from chipsim.spec.kinds import shipped_kind, shipped_kinds
from chipsim.spec.learning import Learning
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import BITS, Bits, show

__all__ = ["Rule", "learner_of", "rule_of"]


@attrs.frozen(kw_only=True)
class Rule(Learning):
    """How weights learn: what a layer's inputs and errors do to the chip."""

    layer_rates: ClassVar[bool] = False
    """Whether layers may learn at rates of their own, as factors of that of all."""

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

    @property
    def kept_in_memory(self) -> str:
        """What it keeps in the digital unit's memory, in words that a workload's name follows."""
        return f"what {self.kind} keeps for"

    def memory_bits(self, chip: ChipSpec, workload: WorkloadSpec) -> Bits:
        """Bits that the digital unit has to remember for a workload."""
        # Figures of normalisation are in a memory wherever there is one, whatever the rule keeps there.
        return Bits(0) if chip.memory is None else Bits(figure_bits(workload))

    def faults_with(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:
        """A memory that cannot keep what the rule remembers of a workload."""
        memory, needed = chip.memory, self.memory_bits(chip, workload)
        if memory is not None and memory.size != "auto" and memory.size < needed:
            message = (
                f"{show(memory.size, BITS)} cannot hold {self.kept_in_memory} {workload.name!r}, "
                f"{show(needed, BITS)}; give it as much, or auto"
            )
            yield Fault(("memory", "size"), message)

    def faults_of_samples(self, samples: int) -> Iterable[Fault]:  # noqa: ARG002
        """What never comes in a run of so many training samples; paths are the chip's."""
        return ()

    def workload_faults(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:  # noqa: ARG002
        """Rates that it lacks, and numbers of phases that no rule knows; paths are the workload's."""
        yield from self.missing_rates(workload)
        yield from self._of_layer_rates(workload)
        for index, phase in enumerate(workload.phases):
            for name, value in phase.rule.items():
                problem = self.about_number(name, value)
                if problem:
                    yield Fault(("phases", index, "rule", name), problem)

    def _of_layer_rates(self, workload: WorkloadSpec) -> Iterator[Fault]:
        """Rates of single layers that nothing would learn at."""
        for stage in workload.network.stages:
            if stage.rate_factor == 1:
                continue
            if stage.frozen:
                problem = "nothing reads it: the layer is frozen"
            elif workload.in_software:
                problem = "phases that train in software have one rate for all layers"
            elif not self.layer_rates:
                problem = f"the rule {self.kind} has one rate for all layers"
            else:
                continue
            yield Fault(("network", "layers", stage.place, "rate_factor"), f"{problem}; leave it out")

    def about_number(self, name: str, value: float) -> str:
        """What is wrong with a number that a phase sets; empty when nothing is.

        A workload is for many chips, so a number may be that of another rule.
        """
        if name == "learning_rate":
            return "the learning rate of a phase is a key of the phase itself: learning_rate, beside rule"
        if name in self.phase_numbers:
            return self._about_own(name, value)
        known = sorted(_phase_numbers())
        if name in known:
            return ""
        only = f"only {', '.join(known)} may differ from phase to phase"
        if name in attrs.fields_dict(type(self)):
            return f"{name!r} is the same in all phases, set by the chip as rule.{name}; {only}"
        return f"no learning rule has a number {name!r}; {only}{did_you_mean(name, known)}"

    def _about_own(self, name: str, value: float) -> str:
        try:
            attrs.evolve(self, **{name: value})
        except ValueError as error:
            return str(error)
        return ""


def _phase_numbers() -> frozenset[str]:
    """Numbers that a phase may set for some rule that ships."""
    kinds = [shipped_kind("rule", word) for word in shipped_kinds("rule")]
    return frozenset(name for kind in kinds if issubclass(kind, Learning) for name in kind.phase_numbers)


def rule_of(chip: ChipSpec) -> Rule:
    """The learning rule of a described chip."""
    found = chip.rule
    assert isinstance(found, Rule), "the reader finds no other"
    return found


def learner_of(
    spec: ChipSpec,
    workload: WorkloadSpec,
    *,
    chip: Chip,
    matrices: Sequence[Matrix[Any]],
    figures: Figures,
) -> Learner:
    """What is at work on a network: the chip's rule, or nothing where all layers are frozen.

    Parameters and errors are those of :meth:`Rule.learner`.
    """
    if all(matrix.frozen for matrix in matrices):
        return NothingLearns(matrices)
    return rule_of(spec).learner(spec, workload, chip=chip, matrices=matrices, figures=figures)
