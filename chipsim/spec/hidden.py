"""How much a network takes on a chip: weights, cells, and bits of hidden state."""

from __future__ import annotations

import itertools
from typing import Final

from chipsim.spec.chip import ChipSpec
from chipsim.spec.levels import FORMAT_BITS, HiddenWeightSpec
from chipsim.spec.workload import NetworkSpec, WorkloadSpec
from chipsim.units import Bits

__all__ = ["hidden_bits", "levels_of", "normalised_units", "task_names", "weight_count"]

_WORD: Final = FORMAT_BITS["float-32"]
"""Bits of each number of batch normalisation."""


def weight_count(network: NetworkSpec) -> int:
    """Weights of a network, those of the biases included.

    Examples
    --------
    >>> weight_count(NetworkSpec(layers=(784, 512, 512, 10), bias=False))
    668672
    """
    bias = int(network.bias)
    return sum((inputs + bias) * outputs for inputs, outputs in itertools.pairwise(network.layers))


def normalised_units(network: NetworkSpec) -> int:
    """Units whose weighted sums are normalised.

    Examples
    --------
    >>> from chipsim.spec.workload import NormalisationSpec
    >>> normalised_units(NetworkSpec(layers=(784, 512, 10), normalisation=NormalisationSpec(state="shared")))
    522
    """
    return sum(units for index, units in enumerate(network.layers[1:]) if network.normalises(index))


def task_names(workload: WorkloadSpec) -> tuple[str, ...]:
    """The tasks that a workload trains, each once, in order of appearance."""
    return tuple(dict.fromkeys(phase.task_name for phase in workload.phases))


def levels_of(chip: ChipSpec) -> tuple[float, ...]:
    """The levels that a chip's weights stand at; none where they may have any value."""
    levels: tuple[float, ...] = getattr(chip.synapse, "levels", ())
    return levels


def hidden_bits(chip: ChipSpec, workload: WorkloadSpec) -> Bits:
    """Bits that a chip's digital unit has to remember for a workload; none without hidden weights.

    A hidden weight and its moments for every weight; for every normalised unit, and every set of
    normalisation that is kept apart, a scale, an offset, a mean and a variance of 32 bits, and moments for
    the two of them that are trained.

    Parameters
    ----------
    chip
        Says the number formats, and what the optimiser keeps.
    workload
        Says the network and its tasks.
    """
    memory, rule = chip.memory, chip.rule
    if memory is None or not isinstance(rule, HiddenWeightSpec):
        return Bits(0)
    moments = len(rule.moments) * FORMAT_BITS[memory.moments]
    weights = weight_count(workload.network) * (FORMAT_BITS[memory.weights] + moments)
    normalised = normalised_units(workload.network) * (4 * _WORD + 2 * moments)
    return Bits(weights + normalised * _sets(workload))


def _sets(workload: WorkloadSpec) -> int:
    """Sets of normalisation that are kept apart."""
    normalisation = workload.network.normalisation
    per_task = normalisation is not None and normalisation.state == "per-task"
    return len(task_names(workload)) if per_task else 1
