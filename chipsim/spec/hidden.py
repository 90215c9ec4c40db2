"""How much there is of a network, and which levels its weights may stand at."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from chipsim.spec.chip import ChipSpec
from chipsim.spec.workload import NetworkSpec, WorkloadSpec

__all__ = [
    "FIGURE_BITS",
    "figure_bits",
    "figure_sets",
    "levels_of",
    "no_weight_of",
    "normalised_units",
    "smallest_gap",
    "task_names",
    "weight_count",
]


FIGURE_BITS: Final = 32
"""Bits of a figure of batch normalisation."""


def weight_count(network: NetworkSpec, *, learning: bool = False) -> int:
    """Weights of a network, those of the biases included.

    Parameters
    ----------
    network
        The network.
    learning
        Count only those of layers that learn.

    Examples
    --------
    >>> weight_count(NetworkSpec(layers=(784, 512, 512, 10), bias=False))
    668672
    """
    return sum(stage.weights for stage in network.stages if not (learning and stage.frozen))


def normalised_units(network: NetworkSpec) -> int:
    """Units whose weighted sums are normalised, each by figures of its own; a kernel's are one.

    Examples
    --------
    >>> from chipsim.spec.workload import NormalisationSpec
    >>> normalised_units(NetworkSpec(layers=(784, 512, 10), normalisation=NormalisationSpec(state="shared")))
    522
    """
    normalised = [stage for index, stage in enumerate(network.stages) if network.normalises(index)]
    return sum(stage.columns for stage in normalised)


def figure_sets(workload: WorkloadSpec) -> int:
    """Sets of figures of normalisation that are kept apart."""
    normalisation = workload.network.normalisation
    per_task = normalisation is not None and normalisation.state == "per-task"
    return len(task_names(workload)) if per_task else 1


def figure_bits(workload: WorkloadSpec) -> int:
    """Bits of all figures of normalisation: a scale, an offset, a mean and a variance of each unit."""
    return 4 * FIGURE_BITS * normalised_units(workload.network) * figure_sets(workload)


def task_names(workload: WorkloadSpec) -> tuple[str, ...]:
    """The tasks that a workload trains, each once, in order of appearance."""
    return tuple(dict.fromkeys(phase.task_name for phase in workload.phases))


def levels_of(chip: ChipSpec) -> tuple[float, ...]:
    """The levels that a chip's weights stand at; none where they may have any value."""
    # Kinds of one's own may have levels too, so the attribute is asked and not the class.
    levels: tuple[float, ...] = getattr(chip.synapse, "levels", ())
    return levels


def smallest_gap(levels: Sequence[float]) -> float:
    """The smallest distance of two neighbouring levels.

    Examples
    --------
    >>> smallest_gap((-1.0, 0.0, 0.5))
    0.5
    """
    return min(above - below for below, above in itertools.pairwise(levels))


def no_weight_of(layers: Sequence[int], *, of: int) -> str:
    """The beginning of a sentence on layers that cannot learn.

    Examples
    --------
    >>> no_weight_of([1], of=2), no_weight_of([1, 2], of=2)
    ('no weight of layer 1', 'no weight')
    """
    if len(layers) == of:
        return "no weight"
    return f"no weight of layer {', '.join(map(str, layers))}"
