"""Hidden weights in the digital unit, levels in the array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.learn.adam_steps import slow_phases
from chipsim.learn.hidden import HiddenWeightLearning
from chipsim.learn.hidden_numbers import HiddenNumbers
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Matrix
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.hidden import (
    figure_bits,
    figure_sets,
    levels_of,
    normalised_units,
    smallest_gap,
    weight_count,
)
from chipsim.spec.levels import FORMAT_BITS, MemorySpec, grid_step
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import Bits

__all__ = ["HiddenWeights"]

_ROUNDING: Final = 1e-9
"""Relative distance of numbers that pass for equal."""
_BFLOAT_HALF: Final = 2**-9
"""Half the distance of bfloat16 numbers below a power of two, over that power: a smaller share is lost."""


@attrs.frozen(kw_only=True)
class HiddenWeights(HiddenNumbers):
    """Hidden weights in the digital unit, trained by mini-batches, their nearest levels in the array.

    Gradients of a batch are averaged. Source of the consolidation: D'Agostino et al. (2023).
    """

    kind: ClassVar[str] = "hidden-weights"
    alike: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset({"reprogramming", "level-changes", "memory"})
    offers: ClassVar[frozenset[str]] = frozenset()
    keeps_sums: ClassVar[bool] = True
    phase_numbers: ClassVar[frozenset[str]] = frozenset({"metaplasticity"})

    @property
    def words(self) -> str:
        """Its optimiser, and how weights are consolidated."""
        m = f"metaplasticity {self.metaplasticity:g}" if self.metaplasticity else "without metaplasticity"
        return f"hidden weights, {self.optimiser}, {m}"

    def learner(
        self,
        spec: ChipSpec,
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """With its state in the memory of the chip's digital unit."""
        assert spec.memory is not None, "checked with the description"
        rate = self.general_rate(workload) or self.highest_rate(workload)
        return HiddenWeightLearning(
            chip,
            matrices,
            network=workload.network,
            figures=figures,
            memory=spec.memory,
            rule=self,
            learning_rate=rate,
        )

    def memory_bits(self, chip: ChipSpec, workload: WorkloadSpec) -> Bits:
        """Bits of the hidden state of a workload.

        A hidden weight and its moments for every weight; for every normalised unit, and every set of
        normalisation that is kept apart, a scale, an offset, a mean and a variance of 32 bits, and moments
        for the two of them that are trained.
        """
        memory = chip.memory
        if memory is None:
            return Bits(0)
        network = workload.network
        moments = len(self.moments) * FORMAT_BITS[memory.moments]
        of_weight = FORMAT_BITS[memory.weights] + moments
        weights = weight_count(network, learning=True) * of_weight
        trained = normalised_units(network) * 2 * moments * figure_sets(workload)
        return Bits(weights + figure_bits(workload) + trained)

    # --- what cannot be learnt -------------------------------------------------------------------

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """Moments and hidden weights that rounding keeps where they are."""
        # Rounded at random, what is too small for a format still moves a number on average.
        if chip.memory is None or chip.memory.rounding != "nearest":
            return
        yield from self._of_moments(chip.memory)
        yield from self._of_steps(chip, chip.memory, workload)
        yield from _of_adam_steps(chip, chip.memory, workload)

    def _of_moments(self, memory: MemorySpec) -> Iterator[str]:
        """Moments that grow and never fall again."""
        if self.optimiser != "adam" or memory.moments != "bfloat-16":
            return
        for name in ("beta1", "beta2"):
            decay = 1 - getattr(self, name)
            if decay < _BFLOAT_HALF:
                yield (
                    f"memory.rounding: a moment that decays by {decay:.2g} a step (rule.{name}) grows and "
                    "never falls again when bfloat-16 is rounded to nearest; take rounding: stochastic"
                )

    def _of_steps(self, chip: ChipSpec, memory: MemorySpec, workload: WorkloadSpec) -> Iterator[str]:
        """Steps of plain gradient descent that always round to nothing in the last layer."""
        levels, network = levels_of(chip), workload.network
        # Steps of plain descent are bounded where inputs of the last layer are, of these units alone.
        bounded = self.optimiser == "sgd" and network.activation in ("logistic", "tanh", "sign")
        if not levels or not bounded or network.normalises(len(network.stages) - 1):
            return
        half = grid_step(levels, memory.weights) / 2
        most = self.highest_rate(workload) * network.largest_error
        if most < half:
            yield (
                f"memory.rounding: no hidden weight of the last layer can ever change: a step is {most:.2g} "
                f"at most, under half a step of {memory.weights}, {half:.2g}, and is rounded to nothing; "
                "raise the learning rate, use more bits, or rounding: stochastic"
            )

    # --- checks ----------------------------------------------------------------------------------

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """A digital unit that computes in another format."""
        unit = chip.digital.arithmetic
        if unit != "float-32":
            message = f"must be float-32, not {unit!r}: hidden weights are trained in single precision"
            yield Fault(("digital", "arithmetic"), f"{message}, whatever memory.weights they are kept in")

    def faults_with(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:
        """What the memory cannot keep of a workload, or never would change; a rate that is too large."""
        yield from super().faults_with(chip, workload)
        if chip.memory is not None:
            yield from _of_rounding(chip, chip.memory, workload)
        # A rate of the chip's that every phase replaces by its own is never used.
        if self.learning_rate is not None and self._some_phase_without(workload):
            path = ("rule", "learning_rate")
            yield from self._of_rate(chip, path, self.learning_rate, remedy="lower it")

    @property
    def kept_in_memory(self) -> str:
        """Hidden weights, moments and normalisation."""
        return "the hidden state of"

    def workload_faults(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:
        """Numbers that no phase may set, and rates at which weights would jump."""
        yield from super().workload_faults(chip, workload)
        general = workload.rate_for(self.descends_by)
        if self.learning_rate is None and general is not None and self._some_phase_without(workload):
            remedy = "lower it, or give the chip a rule.learning_rate"
            at = self._rate_path(workload.learning_rate)
            yield from self._of_rate(chip, at, general, remedy=remedy)
        for index, phase in enumerate(workload.phases):
            own = phase.rate_for(self.descends_by)
            if own is not None and phase.by_rule:
                at = self._rate_path(phase.learning_rate)
                yield from self._of_rate(chip, ("phases", index, *at), own, remedy="lower it")

    def _rate_path(self, given: Any) -> tuple[str | int, ...]:
        """Where its learning rate stands: one number, or one for each optimiser."""
        return ("learning_rate", self.descends_by) if isinstance(given, dict) else ("learning_rate",)

    def _some_phase_without(self, workload: WorkloadSpec) -> bool:
        """Whether some phase has no learning rate of its own."""
        return any(phase.rate_for(self.descends_by) is None for phase in workload.by_rule)

    def _of_rate(
        self, chip: ChipSpec, path: tuple[str | int, ...], rate: float, *, remedy: str
    ) -> Iterator[Fault]:
        """A step of Adam is about as long as the learning rate, and must not lead from level to level."""
        levels = levels_of(chip)
        if self.optimiser != "adam" or not levels:
            return
        gap = smallest_gap(levels)
        if rate > gap / 2 * (1 + _ROUNDING):
            message = (
                f"a step of Adam is about the learning rate, and {rate:.4g} is more than half the smallest "
                f"distance of two levels, {gap:.4g}: every weight would jump from level to level; {remedy}"
            )
            yield Fault(path, message)


def _of_adam_steps(chip: ChipSpec, memory: MemorySpec, workload: WorkloadSpec) -> Iterator[str]:
    """Steps of Adam of one rate, as gradients that go on make them, that round to nothing."""
    for slow in slow_phases(chip, workload):
        if not slow.still:
            phase, rate, half = slow.phase, slow.rate, slow.half
            yield (
                f"memory.rounding: in phase {phase!r} the learning rate, {rate:.4g}, is under half a step of "
                f"{memory.weights}, {half:.4g}: to the nearest, only steps of Adam beyond {half / rate:.3g} "
                "rates, as after a pause of a weight's gradients, move it; use more bits, or rounding: "
                "stochastic"
            )


def _of_rounding(chip: ChipSpec, memory: MemorySpec, workload: WorkloadSpec) -> Iterator[Fault]:
    """Phases in which the longest step of Adam rounds to nothing; those where most do are warned of."""
    for slow in slow_phases(chip, workload):
        if slow.still:
            rate, reach, half = slow.rate, slow.reach, slow.half
            message = (
                f"to the nearest, no update would ever move a hidden weight in phase {slow.phase!r}: at a "
                f"learning rate of {rate:.4g} the longest step of Adam, {reach:.4g} times that, is less than "
                f"half a step of {memory.weights}, {half:.4g}; use more bits, or rounding: stochastic"
            )
            yield Fault(("memory", "rounding"), message)
