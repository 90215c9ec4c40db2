"""Descriptions become a chip with a network placed on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from chipsim.chip.building import build
from chipsim.chip.chip import Chip
from chipsim.data import Dataset
from chipsim.errors import DescriptionError, Problem
from chipsim.learn.rule import learner_of, rule_of
from chipsim.net.figures import Figures
from chipsim.net.network import Network
from chipsim.net.placing import Placement
from chipsim.run.datasets import NO_DATASETS
from chipsim.run.fitting import fitted, tell_tiles
from chipsim.run.reading import Described, read_all
from chipsim.run.weights import GivenWeights, given_weights, refuse_unknown
from chipsim.spec import Description
from chipsim.spec.buffer import buffer_bits
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.workload import WorkloadSpec

__all__ = ["Setup", "assembled", "prepare"]


@attrs.frozen(kw_only=True, eq=False)
class Setup:
    """A chip with a network placed on it, ready to be trained."""

    architecture: Description[ChipSpec]
    workload: Description[WorkloadSpec]
    costs: Description[CostSet]
    chip: Chip
    rule: Network
    placement: Placement
    weights: GivenWeights
    """What the file of weights had when the chip was built."""


def prepare(
    architecture: str | Path | Description[ChipSpec],
    workload: str | Path | Description[WorkloadSpec],
    *,
    sets: Sequence[str] = (),
    epochs: int | None = None,
    seed: int | None = 0,
    datasets: Mapping[str, Dataset] = NO_DATASETS,
    weights: GivenWeights | None = None,
) -> Setup:
    """Read and check descriptions, place the network and build the chip.

    Parameters
    ----------
    architecture, workload
        Names, paths, or descriptions loaded before.
    sets
        Overrides such as ``device.states=10``.
    epochs
        Epochs of every phase, instead of what the workload says.
    seed
        The run's seed; None builds a chip without state, for timing only.
    datasets
        Datasets of one's own by the names that phases call them.
    weights
        Of the workload's file, where they were read before.

    Raises
    ------
    DescriptionError
        With every problem found in any of the descriptions, or in what the workload asks of its data.
    PlacementError
        When the network does not fit on the chip's tiles.
    TypeError
        When something is no description at all, or overrides are not a list of texts.
    """
    read = read_all(architecture, workload, sets=sets, epochs=epochs, datasets=datasets)
    return assembled(read, seed=seed, weights=weights)


def assembled(read: Described, *, seed: int | None, weights: GivenWeights | None = None) -> Setup:
    """Place the network of descriptions that were read and checked, and build the chip.

    Parameters
    ----------
    read
        The descriptions.
    seed, weights
        As :func:`prepare` takes them.

    Raises
    ------
    DescriptionError
        When parts of the chip do not fit together, or the workload's file of weights cannot be read.
    PlacementError
        When the network does not fit on the chip's tiles.
    """
    described, task, costs = read.architecture, read.workload, read.costs
    spec, network = described.spec, task.spec.network
    placement = fitted(read, trained=seed is not None)
    if seed is not None:
        tell_tiles(placement.tile_shapes)
    try:
        chip = build(
            spec,
            costs.spec,
            shapes=placement.tile_shapes,
            groups=placement.tile_groups,
            beside=placement.beside,
            seed=seed,
            memory_bits=rule_of(spec).memory_bits(spec, task.spec),
            buffer_bits=buffer_bits(spec, task.spec),
        )
    except DescriptionError as error:
        # With `count: auto` the tiles are known only now, so no check of the file saw what links leave out.
        links = described.tree.at("interconnect")
        raise DescriptionError([links.problem(_about_links(p)) for p in error.problems]) from None
    given = given_weights(task, seed=seed) if weights is None else weights
    if seed is not None:
        refuse_unknown(task, given)
    matrices, figures = placement.matrices(chip, given.layers, wanted=given.wanted), Figures(chip, network)
    learner = learner_of(spec, task.spec, chip=chip, matrices=matrices, figures=figures)
    rule = Network(chip, matrices, network=network, figures=figures, learner=learner)
    return Setup(
        architecture=described, workload=task, costs=costs, chip=chip, rule=rule, placement=placement,
        weights=given,
    )  # fmt: skip


def _about_links(problem: Problem) -> str:
    return problem.message if problem.path == "interconnect" else f"{problem.path} {problem.message}"
