"""Rules of chips whose weights stand at levels, and of what learning rules know of a workload."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from chipsim.errors import did_you_mean
from chipsim.spec.adam import slow_phases
from chipsim.spec.chip import ChipSpec, RuleSpec
from chipsim.spec.fault import Fault
from chipsim.spec.hidden import hidden_bits, levels_of
from chipsim.spec.levels import HiddenWeightSpec, MemorySpec, grid_step
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import BITS, show

__all__ = ["of_hidden_state", "of_levels", "of_network", "of_own_rate", "of_phases", "of_rates"]

_ROUNDING: Final = 1e-9
"""Relative distance of numbers that pass for equal: decimals and computed levels may be off by a bit."""
_KNOWN: Final = {"inputs": "zero-to-one", "activation": "logistic"}
"""What a network has to be for a rule that knows nothing else."""
_NUMBER: Final = "metaplasticity"
"""The number of hidden-weights that a phase may set."""


def of_levels(chip: ChipSpec) -> Iterator[Fault]:
    """What is wrong with the memory for hidden weights."""
    levels = levels_of(chip)
    if chip.memory is not None and len(levels) > 1:
        ascend = all(below < above for below, above in itertools.pairwise(levels))
        yield from _of_grid(chip.memory, levels if ascend else ())


def _of_grid(memory: MemorySpec, levels: Sequence[float]) -> Iterator[Fault]:
    """One access is no more than the memory, and hidden weights can stand between any two levels."""
    size, access = memory.size, memory.width * memory.banks
    if size != "auto" and access > size:
        message = f"one access of {show(access, BITS)} is more than the memory's {show(size, BITS)}"
        yield Fault(("memory", "width"), message)
    if not levels:
        return
    step = grid_step(levels, memory.weights)
    gap = _smallest_gap(levels)
    if step >= gap / 2:
        message = (
            f"{memory.weights} is too coarse to move a level: its steps of {step:.4g} must be less than "
            f"half the smallest distance of two levels, {gap:.4g}; use more bits"
        )
        yield Fault(("memory", "weights"), message)


def of_hidden_state(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[Fault]:
    """What the memory cannot keep of a workload, or never would change; paths are the chip's."""
    memory = chip.memory
    if memory is None:
        return
    needed = hidden_bits(chip, workload)
    if memory.size != "auto" and memory.size < needed:
        message = (
            f"{show(memory.size, BITS)} cannot hold the hidden state of {workload.name!r}, "
            f"{show(needed, BITS)}; give it as much, or auto"
        )
        yield Fault(("memory", "size"), message)
    yield from _of_rounding(chip, workload)


def _of_rounding(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[Fault]:
    """Phases in which the longest step of Adam rounds to nothing; those where most do are warned of."""
    memory = chip.memory
    assert memory is not None, "asked of chips with a memory"
    for slow in slow_phases(chip, workload):
        if slow.still:
            message = (
                f"to the nearest, no update would ever move a hidden weight in phase {slow.phase!r}: at a "
                f"learning rate of {slow.rate:.4g} the longest step of Adam, {slow.reach:.4g} times that, is "
                f"less than half a step of {memory.weights}, {slow.half:.4g}; use more bits, or rounding: "
                "stochastic"
            )
            yield Fault(("memory", "rounding"), message)


def of_own_rate(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[Fault]:
    """A rate of the chip's own, in force in some phase, at which weights would jump; paths are the chip's."""
    own = _own_rate(chip)
    if own is not None and _some_phase_without(workload):
        yield from _of_rate(chip, ("rule", "learning_rate"), own, remedy="lower it")


def of_rates(workload: WorkloadSpec, chip: ChipSpec) -> Iterator[Fault]:
    """Rates in force in some phase at which weights would jump; paths are the workload's."""
    own = _own_rate(chip)
    if own is None and _some_phase_without(workload):
        remedy = "lower it, or give the chip a rule.learning_rate"
        yield from _of_rate(chip, ("learning_rate",), workload.learning_rate, remedy=remedy)
    for index, phase in enumerate(workload.phases):
        if phase.learning_rate is not None:
            path = ("phases", index, "learning_rate")
            yield from _of_rate(chip, path, phase.learning_rate, remedy="lower it")


def _own_rate(chip: ChipSpec) -> float | None:
    """The learning rate that a chip replaces the workload's by; None where it leaves that be."""
    return chip.rule.learning_rate if isinstance(chip.rule, HiddenWeightSpec) else None


def _some_phase_without(workload: WorkloadSpec) -> bool:
    """Whether some phase has no learning rate of its own."""
    return any(phase.learning_rate is None for phase in workload.phases)


def _of_rate(chip: ChipSpec, path: tuple[str | int, ...], rate: float, *, remedy: str) -> Iterator[Fault]:
    """A step of Adam is about as long as the learning rate, and must not lead from level to level."""
    rule = chip.rule
    if not isinstance(rule, HiddenWeightSpec) or rule.optimiser != "adam":
        return
    levels = levels_of(chip)
    if not levels:
        return
    gap = _smallest_gap(levels)
    if rate > gap / 2 * (1 + _ROUNDING):
        message = (
            f"a step of Adam is about the learning rate, and {rate:.4g} is more than half the smallest "
            f"distance of two levels, {gap:.4g}: every weight would jump from level to level; {remedy}"
        )
        yield Fault(path, message)


def _smallest_gap(levels: Sequence[float]) -> float:
    """The smallest distance of two neighbouring levels."""
    return min(above - below for below, above in itertools.pairwise(levels))


def of_network(workload: WorkloadSpec, rule: RuleSpec) -> Iterator[Fault]:
    """What a learning rule does not know of a network; paths are the workload's."""
    network = workload.network
    if isinstance(rule, HiddenWeightSpec):
        return
    for name, known in _KNOWN.items():
        given = getattr(network, name)
        if given != known:
            message = f"{rule.kind} knows {known} only, not {given}; use a chip trained by hidden-weights"
            yield Fault(("network", name), message)
    if network.normalisation is not None:
        message = f"{rule.kind} knows no normalisation; leave it out, or use a chip trained by hidden-weights"
        yield Fault(("network", "normalisation"), message)


def of_phases(workload: WorkloadSpec, rule: RuleSpec) -> Iterator[Fault]:
    """Numbers of the rule that a phase sets and the rule does not have; paths are the workload's."""
    for index, phase in enumerate(workload.phases):
        for name, value in phase.rule.items():
            problem = _about_number(rule, name, value)
            if problem:
                yield Fault(("phases", index, "rule", name), problem)


def _about_number(rule: RuleSpec, name: str, value: float) -> str:
    """What is wrong with a number that a phase sets; empty when nothing is."""
    if not isinstance(rule, HiddenWeightSpec):
        return f"{rule.kind} has no numbers that a phase may set; leave {name!r} out"
    if name == "learning_rate":
        return "the learning rate of a phase is a key of the phase itself: learning_rate, beside rule"
    if name != _NUMBER and name in attrs.fields_dict(type(rule)):
        where = f"is the same in all phases, set by the chip as rule.{name}"
        return f"{name!r} {where}; only {_NUMBER} may differ from phase to phase"
    if name != _NUMBER:
        hint = did_you_mean(name, [_NUMBER])
        return f"{rule.kind} has no number {name!r}; only {_NUMBER} may differ from phase to phase{hint}"
    try:
        attrs.evolve(rule, metaplasticity=value)
    except ValueError as error:
        return str(error)
    return ""
