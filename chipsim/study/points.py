"""Every combination that a scenario asks for, seeds aside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import attrs

from chipsim.errors import DescriptionError
from chipsim.spec.finding import Folder, find, is_path, ships
from chipsim.spec.named_devices import find_device, names_device
from chipsim.spec.study import Axis, ChipEntry, StudySpec, TaskEntry
from chipsim.spec.study_values import override, value_text
from chipsim.study.settings import RangeEnd

__all__ = ["Point", "how_many", "points_of", "whole_name"]


@attrs.frozen(kw_only=True)
class Point:
    """One chip on one workload with one value of each thing that is varied, under one cost set."""

    chip: ChipEntry
    task: TaskEntry
    costs: str
    """What the study calls the cost set; empty for the chip's own."""
    varied: tuple[tuple[str, str], ...]
    """Path and value of what is varied."""
    sets: tuple[str, ...]
    """Every override, in the order in which they are applied."""
    end: RangeEnd | None = None
    """Where an assumed value is put to an end of its range; None of a point of the study's own."""

    def at_end(self, end: RangeEnd) -> Point:
        """The same with one assumed value at an end of its range."""
        return attrs.evolve(self, sets=(*self.sets, end.override), end=end)


def how_many(spec: StudySpec) -> int:
    """How many points a study has at most, without making any: a few axes can ask for billions."""
    many = len(spec.architectures) * len(spec.workloads) * max(len(spec.costs), 1)
    for axis in spec.vary:
        many *= len(axis.points)
    return many


def points_of(spec: StudySpec) -> Iterator[Point]:
    """Every point, workload after workload, each chip with all that is varied for it.

    Raises
    ------
    DescriptionError
        When there is no such cost set.
    """
    costs = spec.costs or ("",)
    # Looked up once: each is a look at the disk, and there may be a million points.
    named = {name: _naming(name) for name in costs}
    for task, chip in itertools.product(spec.workloads, spec.architectures):
        axes = [axis for axis in spec.vary if not axis.only or chip.label in axis.only]
        for chosen in itertools.product(*map(_steps, axes)):
            varied = tuple(itertools.chain.from_iterable(chosen))
            for name in costs:
                told = (*spec.set, *chip.set, *task.set, *named[name], *_assigned(varied))
                sets = tuple(map(_whole_device, told))
                label = Path(name).stem if name else ""
                yield Point(chip=chip, task=task, costs=label, varied=varied, sets=sets)


def _steps(axis: Axis) -> list[tuple[tuple[str, str], ...]]:
    """Each point of an axis as paths and values."""
    steps = []
    for point in axis.points:
        texts = [value_text(value) for value in point]
        steps.append(tuple(zip(axis.paths, texts, strict=True)))
    return steps


def _naming(costs: str) -> tuple[str, ...]:
    return (override("costs", whole_name(costs, "costs")),) if costs else ()


def _assigned(varied: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{path}={value}" for path, value in varied)


def _whole_device(text: str) -> str:
    """An override that names a device file of the user's, with its whole path: runs may be made elsewhere."""
    path, _, value = text.partition("=")
    name = value.strip()
    if not names_device(path.strip()) or not name or "{" in name:
        return text
    try:
        found, file = find_device(name, Path())
    except DescriptionError:
        # What is wrong with it is told where the chip is read.
        return text
    return text if ships(file) and not is_path(name) else f"{path}={found.resolve()}"


def whole_name(name_or_path: str, folder: Folder) -> str:
    """A name that means the same wherever a run is made: of what ships its name, of a file its whole path.

    Raises
    ------
    DescriptionError
        When there is no such description.
    """
    path, file = find(name_or_path, folder)
    return path.stem if ships(file) else str(path.resolve())
