"""One run from descriptions to a result: place, build, train or only time, and collect."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from chipsim.chip.building import build
from chipsim.chip.chip import Chip
from chipsim.data import Dataset
from chipsim.data import load as load_data
from chipsim.errors import DescriptionError, PlacementError, Problem
from chipsim.result import Result
from chipsim.run.collecting import Run, collect
from chipsim.run.datasets import check_data
from chipsim.run.execute import Executor
from chipsim.run.placing import place
from chipsim.run.rules import RULES
from chipsim.run.training import Progress, Training
from chipsim.spec import (
    Description,
    check_together,
    load_chip,
    load_costs,
    load_workload,
    overridden,
    split_sets,
)
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.fields import at_least
from chipsim.spec.hidden import hidden_bits
from chipsim.spec.workload import DatasetSpec, PhaseSpec, WorkloadSpec
from chipsim.train.rule import LearningRule

__all__ = ["Options", "Setup", "prepare", "simulate"]

A = TypeVar("A")
B = TypeVar("B")


@attrs.frozen(kw_only=True)
class Options:
    """How a run is made, apart from what is simulated."""

    seed: int = attrs.field(default=0, validator=at_least(0))
    replay: bool = True
    """Time each distinct program once; off, every step is simulated event by event."""
    trace: bool = False
    """Keep every operation of the run in the result."""
    timing_only: bool = False
    """Build programs without arithmetic: time and energy of a network that nobody trains."""
    data: str | Path | None = None
    """Folder with datasets; None takes CHIPSIM_DATA or the user's cache."""


@attrs.frozen(kw_only=True, eq=False)
class Setup:
    """A chip with a network placed on it, ready to be trained."""

    architecture: Description[ChipSpec]
    workload: Description[WorkloadSpec]
    costs: Description[CostSet]
    chip: Chip
    rule: LearningRule


def prepare(
    architecture: str | Description[ChipSpec],
    workload: str | Description[WorkloadSpec],
    *,
    sets: Sequence[str] = (),
    epochs: int | None = None,
    seed: int | None = 0,
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

    Raises
    ------
    DescriptionError
        With every problem found in any of the descriptions, or in what the workload asks of its data.
    PlacementError
        When the network does not fit on the chip's tiles.
    """
    chip_sets, workload_sets, cost_sets = split_sets(sets)
    described, task = _both(
        lambda: (
            load_chip(architecture, sets=chip_sets)
            if isinstance(architecture, str)
            else overridden(architecture, chip_sets)
        ),
        lambda: _task(workload, sets=workload_sets, epochs=epochs),
    )
    costs = load_costs(described.spec.costs, sets=cost_sets)
    check_together(described, costs, task)
    spec, network = described.spec, task.spec.network
    try:
        placement = place(network, spec.tile)
    except PlacementError as error:
        raise PlacementError(
            [described.tree.at("tile", "count").problem(p.message) for p in error.problems]
        ) from None
    try:
        chip = build(
            spec,
            costs.spec,
            shapes=placement.tile_shapes,
            seed=seed,
            memory_bits=hidden_bits(spec, task.spec),
        )
    except DescriptionError as error:
        # With `count: auto` the tiles are known only now, so no check of the file saw what links leave out.
        links = described.tree.at("interconnect")
        raise DescriptionError([links.problem(_about_links(p)) for p in error.problems]) from None
    rule = RULES[type(spec.rule)](spec, task.spec, chip, placement)
    return Setup(architecture=described, workload=task, costs=costs, chip=chip, rule=rule)


def _about_links(problem: Problem) -> str:
    return problem.message if problem.path == "interconnect" else f"{problem.path} {problem.message}"


def _both(chip: Callable[[], A], task: Callable[[], B]) -> tuple[A, B]:
    """What two readers give; if both fail, the problems of both are raised together."""
    try:
        described = chip()
    except DescriptionError as error:
        try:
            task()
        except DescriptionError as other:
            raise DescriptionError([*error.problems, *other.problems]) from None
        raise
    return described, task()


def _task(
    workload: str | Description[WorkloadSpec], *, sets: Sequence[str], epochs: int | None
) -> Description[WorkloadSpec]:
    def read(overrides: Sequence[str]) -> Description[WorkloadSpec]:
        if isinstance(workload, str):
            return load_workload(workload, sets=overrides)
        return overridden(workload, overrides)

    task = read(sets)
    check_data(task)
    if epochs is None:
        return task
    return read([*sets, *(f"phases.{phase}.epochs={epochs}" for phase in range(len(task.spec.phases)))])


def simulate(
    architecture: str | Description[ChipSpec],
    workload: str | Description[WorkloadSpec],
    *,
    sets: Sequence[str] = (),
    epochs: int | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    **more: Any,
) -> Result:
    """Train a workload on an architecture and report accuracy, time, energy, pulses and wear.

    Parameters
    ----------
    architecture, workload
        Names, paths, or descriptions loaded before.
    sets
        Overrides such as ``device.states=10``.
    epochs
        Epochs of every phase, instead of what the workload says.
    options
        How to run; its fields may also be given by name, such as ``seed=1``.
    progress
        Told how far the run is.

    Returns
    -------
    Result
        Partial, and marked so, when the run was interrupted from the keyboard.

    Raises
    ------
    ChipsimError
        When a description or the data cannot be used.

    Examples
    --------
    >>> result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=["phases.0.dataset.train=50"])
    >>> result.summary["steps"]
    50
    """
    how = attrs.evolve(options or Options(), **more)
    began = time.perf_counter()
    setup = prepare(
        architecture, workload, sets=sets, epochs=epochs, seed=None if how.timing_only else how.seed
    )
    return collect(_carried_out(setup, how, progress=progress, began=began))


def _carried_out(setup: Setup, how: Options, *, progress: Progress | None, began: float) -> Run:
    """Train, or only time, and keep what there is when interrupted."""
    phases = _phases(setup.workload.spec, how.data)
    executor = Executor(setup.chip, replay=how.replay, trace=how.trace)
    training = Training(
        setup.rule, executor, seed=how.seed, evaluate=setup.workload.spec.evaluate, progress=progress
    )
    complete = True
    try:
        _go(training, executor, phases, batch=setup.workload.spec.batch, options=how)
    except KeyboardInterrupt:
        complete = False
        # Operations that were cut off still hold parts; what is timed from here on needs a chip at rest.
        executor.chip = prepare(setup.architecture, setup.workload, seed=None).chip
    return Run(
        architecture=setup.architecture, workload=setup.workload, costs=setup.costs, training=training,
        executor=executor, data=tuple(data for _, data in phases), complete=complete,
        wall_time_s=time.perf_counter() - began, seed=how.seed, replay=how.replay,
        timing_only=how.timing_only, traced=how.trace,
    )  # fmt: skip


def _phases(workload: WorkloadSpec, folder: str | Path | None) -> list[tuple[PhaseSpec, Dataset]]:
    """Every phase with its data; phases on the same data share it."""
    loaded: dict[DatasetSpec, Dataset] = {}
    for phase in workload.phases:
        said = phase.dataset
        if said not in loaded:
            loaded[said] = load_data(
                said.name, folder=folder, train=said.train, test=said.test, permutation=said.permutation
            )
    return [(phase, loaded[phase.dataset]) for phase in workload.phases]


def _go(
    training: Training,
    executor: Executor,
    phases: Sequence[tuple[PhaseSpec, Dataset]],
    *,
    batch: int,
    options: Options,
) -> None:
    epochs = sum(phase.epochs for phase, _ in phases)
    if options.timing_only:
        for phase, data in phases:
            training.time_phase(phase, executor, samples=len(data.train_labels), batch=batch, epochs=epochs)
        return
    training.begin(seed=options.seed)
    for phase, data in phases:
        training.run_phase(phase, data, batch=batch, epochs=epochs)
