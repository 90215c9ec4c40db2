"""How far a step of Adam can reach, in learning rates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.hidden import levels_of
from chipsim.spec.levels import grid_step
from chipsim.spec.workload import WorkloadSpec

__all__ = ["SlowPhase", "adam_reach", "slow_phases"]

_ROUNDING = 1e-9
"""Share by which a number may miss a bound that it is meant to meet."""


def adam_reach(beta1: float, beta2: float) -> float:
    """The longest step that any sequence of gradients leads to, in learning rates.

    The first moment is a sum of gradients g with weights a = (1 - b1) b1^k, the second one of their squares
    with weights b = (1 - b2) b2^k, k steps ago. By Cauchy and Schwarz the first over the root of the second
    is at most the root of the sum of a^2 / b, reached by gradients as a / b: they grow up to now, after a
    long pause. The sum is geometric in b1^2 / b2, and has no end where that is 1 or more. Corrections for the
    moments' start only shorten it. A lone gradient after a long pause, its first term, steps
    (1 - b1) / sqrt(1 - b2) rates.

    Parameters
    ----------
    beta1, beta2
        Decays of the first and of the second moment.

    Examples
    --------
    >>> round(adam_reach(0.9, 0.999), 3), round(0.1 / 0.001**0.5, 3)
    (7.27, 3.162)
    """
    ratio = beta1**2 / beta2 if beta2 else math.inf
    if ratio >= 1:
        return math.inf
    return (1 - beta1) / math.sqrt((1 - beta2) * (1 - ratio))


@attrs.frozen(kw_only=True)
class SlowPhase:
    """A phase whose learning rate is under half a step of the format that hidden weights are rounded to."""

    phase: str
    rate: float
    half: float
    """Half a step of the format."""
    reach: float
    """The longest step that is certain not to be exceeded, in rates; infinite where none is."""

    @property
    def still(self) -> bool:
        """Whether even that step is rounded to nothing."""
        return self.rate * self.reach < self.half * (1 - _ROUNDING)


def slow_phases(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[SlowPhase]:
    """Phases in which a step of Adam of one rate is rounded to nothing, the slowest first.

    Parameters
    ----------
    chip, workload
        Descriptions that fit each other.
    """
    memory, levels = chip.memory, levels_of(chip)
    rule: Any = chip.rule
    if getattr(rule, "optimiser", "") != "adam" or any(rule.missing_rates(workload)):
        return
    if memory is None or not levels or memory.rounding != "nearest":
        return
    half = grid_step(levels, memory.weights) / 2
    # Moments of fewer bits are off by more than the bound allows for.
    reach = adam_reach(rule.beta1, rule.beta2) if memory.moments == "float-32" else math.inf
    # From the last to the first, so that of phases with the same rate the first is the one that is named.
    rates = {rule.rate(workload, phase): phase.name for phase in reversed(workload.by_rule)}
    for rate, phase in sorted(rates.items()):
        if rate < half * (1 - _ROUNDING):
            yield SlowPhase(phase=phase, rate=rate, half=half, reach=reach)
