"""The three descriptions of a run, read and checked together, with the problems of all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from chipsim.data import Dataset
from chipsim.errors import DescriptionError, Problem
from chipsim.run.datasets import check_data
from chipsim.spec import Description, check_together, costs_of, load_chip, load_workload, overridden
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.overrides import names_costs, route_sets
from chipsim.spec.workload import WorkloadSpec

__all__ = ["Described", "read_all"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Described:
    """What a run is described by."""

    architecture: Description[ChipSpec]
    workload: Description[WorkloadSpec]
    costs: Description[CostSet]


def read_all(
    architecture: str | Path | Description[ChipSpec],
    workload: str | Path | Description[WorkloadSpec],
    *,
    sets: Sequence[str],
    epochs: int | None,
    datasets: Mapping[str, Dataset],
) -> Described:
    """Read chip, workload and cost set, and check each and all together.

    Parameters
    ----------
    architecture, workload
        Names, paths, or descriptions loaded before.
    sets
        Overrides such as ``device.states=10``.
    epochs
        Epochs of every phase, instead of what the workload says.
    datasets
        Those of the caller by name.

    Raises
    ------
    DescriptionError
        With every problem found in any of the descriptions, or in what the workload asks of its data.
    TypeError
        When something is no description at all, or overrides are not a list of texts.
    """
    _refuse_other_types(architecture, workload)
    sets = _texts(sets)
    (chip_sets, workload_sets, cost_sets), problems = route_sets(sets)
    described = _kept(problems, lambda: _chip(architecture, chip_sets))
    task = _kept(problems, lambda: _task(workload, sets=workload_sets, epochs=epochs, datasets=datasets))
    chosen = described
    if chosen is None and cost_sets:
        # What is set of the costs is checked all the same, as far as the chip says which they are.
        which = list(filter(names_costs, chip_sets))
        # With its problems left aside: those of the chip were found above.
        chosen = _kept([], lambda: _chip(architecture, which))
    costs = _kept(problems, lambda: costs_of(chosen, sets=cost_sets)) if chosen else None
    if problems or described is None or task is None or costs is None:
        raise DescriptionError(list(dict.fromkeys(problems)))
    check_together(described, costs, task)
    return Described(architecture=described, workload=task, costs=costs)


def _kept(problems: list[Problem], read: Callable[[], T]) -> T | None:
    """What a reader gives; None when it finds problems, which are added to the others."""
    try:
        return read()
    except DescriptionError as error:
        problems += error.problems
        return None


def _chip(architecture: str | Path | Description[ChipSpec], sets: Sequence[str]) -> Description[ChipSpec]:
    if isinstance(architecture, Description):
        return overridden(architecture, sets)
    return load_chip(architecture, sets=sets)


def _task(
    workload: str | Path | Description[WorkloadSpec],
    *,
    sets: Sequence[str],
    epochs: int | None,
    datasets: Mapping[str, Dataset],
) -> Description[WorkloadSpec]:
    def read(overrides: Sequence[str]) -> Description[WorkloadSpec]:
        if isinstance(workload, Description):
            return overridden(workload, overrides)
        return load_workload(workload, sets=overrides)

    task = read(sets)
    check_data(task, datasets=datasets)
    if epochs is None:
        return task
    # Read once more: how many phases there are is known only now. Said as overrides, epochs are checked like
    # any others, and a result keeps where they came from.
    of_phases = [f"phases.{phase}.epochs={epochs}" for phase in range(len(task.spec.phases))]
    return read([*sets, *of_phases])


def _refuse_other_types(architecture: Any, workload: Any) -> None:
    for given, what, spec in ((architecture, "architecture", ChipSpec), (workload, "workload", WorkloadSpec)):
        if isinstance(given, Description) and not isinstance(given.spec, spec):
            raise TypeError(f"{what} is the description of something else, {given.spec.name!r}")
        if not isinstance(given, str | Path | Description):
            word = type(given).__name__
            raise TypeError(
                f"{what} must be a name, a path or a description loaded before, not of type {word}"
            )


def _texts(sets: Any) -> tuple[str, ...]:
    """Overrides, which may come from anything that is gone through once."""
    message = f"sets must be a list of texts such as ['device.states=10'], not {sets!r}"
    # A text alone would be gone through letter by letter.
    if isinstance(sets, str) or not isinstance(sets, Iterable):
        raise TypeError(message)
    given = tuple(sets)
    if not all(isinstance(text, str) for text in given):
        raise TypeError(message)
    return given
