"""From a scenario to every run that it asks for, each read and checked before the first begins."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.errors import ChipsimWarning, DescriptionError, Problem
from chipsim.limits import RUNS
from chipsim.run import Options
from chipsim.run.fitting import fitted
from chipsim.run.identity import checksums_of, run_name
from chipsim.run.reading import Described, read_all
from chipsim.spec import unread_together
from chipsim.spec.finding import Folder
from chipsim.spec.overrides import of_lost
from chipsim.spec.provenance import Value
from chipsim.spec.reading import read_once
from chipsim.spec.study import StudySpec
from chipsim.spec.study_file import Scenario
from chipsim.study.claimed import claim_problems, task_problems
from chipsim.study.ends import assumed_in, bases_of, ends_at, remarks_on, without_range
from chipsim.study.enough import too_few_words
from chipsim.study.one_area import to_one_area
from chipsim.study.plan import Plan, Planned, Untried
from chipsim.study.points import Point, how_many, points_of, whole_name
from chipsim.study.settings import RangeEnd
from chipsim.study.telling import Told

__all__ = ["plan_study"]

_MOST_REMARKS: Final = 20
"""Remarks of a study that are told one by one."""


# Most points share a workload and a cost set.
@read_once()
def plan_study(
    scenario: Scenario, *, data: str | Path | None = None, progress: Callable[[int, int], None] | None = None
) -> Plan:
    """Every run of a study, once all are known to be possible.

    Parameters
    ----------
    scenario
        As it was read.
    data
        Folder with datasets; None takes the usual one.
    progress
        Told how many points of how many are checked; each counts twice where it is brought to an area first.

    Raises
    ------
    DescriptionError
        With every problem of any run, each once, where it stands in the scenario.
    DataError
        When a dataset is not there, or not what it should be.
    """
    spec = scenario.spec
    _refuse_too_many(scenario)
    told = Told(scenario)
    _check_costs(scenario, told)
    points = list(points_of(attrs.evolve(spec, costs=()) if told else spec))
    for problem in claim_problems(scenario, points):
        told.problem(problem)
    nowhere = _check_names(scenario, told)
    # Where a chip is not there, or a cost set, no area is known.
    first = len(points) if spec.equal_area else 0

    def done(count: int) -> None:
        if progress is not None:
            progress(count, first + len(points))

    points, areas = (points, ()) if told else to_one_area(scenario, points, told, progress=done)
    checking = _Checking(spec, data=data, told=told, nowhere=nowhere)
    for place, point in enumerate(points, start=first + 1):
        checking.check(point)
        done(place)
    told.refuse()
    for problem in task_problems(scenario, checking.tasks):
        told.problem(problem)
    told.refuse()
    ends, untried = _at_ends(scenario, points, checking, progress=progress)
    found = _Found(spec)
    runs = []
    # What is compared comes first: without its ends of ranges, a study that is stopped early is whole.
    for seed, point in (*itertools.product(spec.seeds, points), *itertools.product(spec.seeds, ends)):
        name, costs = checking.names[seed, point], checking.costs[point]
        runs.append(found.planned(point, seed=seed, name=name, costs=costs))
    remarks = [*_too_few(spec, points), *checking.remarks()]
    if spec.assumed_values == "both-ends":
        remarks += remarks_on(ends, untried, chips=len(spec.architectures))
    return Plan(
        study=spec,
        document=scenario.document,
        runs=tuple(runs),
        remarks=tuple(remarks),
        untried=tuple(untried),
        areas=areas,
    )


def _at_ends(
    scenario: Scenario,
    points: Sequence[Point],
    checking: _Checking,
    *,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[Point], list[Untried]]:
    """Points with an assumed value at an end of its range, and what cannot be tried."""
    if scenario.spec.assumed_values != "both-ends":
        return [], []
    wanted, untried = list[Point](), list[Untried]()
    for base in bases_of(points):
        values = checking.assumed(base)
        wanted += ends_at(base, values)
        untried += without_range(base, values)
    _refuse_too_many_ends(scenario, points=len(points), ends=len(wanted))
    ends = list[Point]()
    for place, point in enumerate(wanted):
        why = checking.check_end(point)
        if why is None:
            ends.append(point)
        elif why and point.end is not None:
            chip, end = point.chip.label, point.end
            untried.append(Untried(chip=chip, path=end.path, value=end.value, why=why))
        if progress is not None:
            progress(len(points) + place + 1, len(points) + len(wanted))
    return ends, untried


def _too_few(spec: StudySpec, points: Sequence[Point]) -> list[str]:
    """Whether seeds will be too few to tell anything apart."""
    # What is only timed hardly moves with a seed.
    if spec.timing_only:
        return []
    together = Counter((point.task.label, point.costs) for point in points)
    words = too_few_words(len(spec.seeds), max(together.values()))
    return [words] if words else []


def _refuse_too_many(scenario: Scenario) -> None:
    many = how_many(scenario.spec) * len(scenario.spec.seeds)
    if many > RUNS:
        place = scenario.tree.at("vary")
        raise place.error(f"all combinations are {many:,} runs, and a study has {RUNS:,} at most")


def _refuse_too_many_ends(scenario: Scenario, *, points: int, ends: int) -> None:
    seeds = len(scenario.spec.seeds)
    many, more = (points + ends) * seeds, ends * seeds
    if many > RUNS:
        place = scenario.tree.at("assumed_values")
        raise place.error(
            f"both ends of all ranges add {more:,} runs, which makes {many:,}; a study has {RUNS:,} at most"
        )


def _check_costs(scenario: Scenario, told: Told) -> None:
    """Tell of cost sets that there are not, and of those that would be called alike."""
    labels: set[str] = set()
    for place, name in enumerate(scenario.spec.costs):
        node = scenario.tree.at("costs", place)
        try:
            whole_name(name, "costs")
        except DescriptionError as error:
            told.problem(node.problem(error.problems[0].message))
        label = Path(name).stem
        if label in labels:
            told.problem(node.problem(f"another cost set is called {label!r}, too; rename one of the files"))
        labels.add(label)


def _check_names(scenario: Scenario, told: Told) -> frozenset[str]:
    """Tell of chips and workloads that there are not, where they are named; gives what was told."""
    messages = set()

    def check(name: str, folder: Folder, *path: int | str) -> None:
        try:
            whole_name(name, folder)
        except DescriptionError as error:
            message = error.problems[0].message
            told.problem(scenario.tree.at(folder, *path).problem(message))
            messages.add(message)

    for place, chip in enumerate(scenario.spec.architectures):
        check(chip.architecture, "architectures", place, "architecture")
    for place, task in enumerate(scenario.spec.workloads):
        check(task.workload, "workloads", place, "workload")
    return frozenset(messages)


class _Found:
    """Chips and workloads of a study by names that mean the same wherever a run is made, each found once."""

    def __init__(self, spec: StudySpec) -> None:
        self._spec = spec
        self._chips = {one.label: whole_name(one.architecture, "architectures") for one in spec.architectures}
        self._tasks = {one.label: whole_name(one.workload, "workloads") for one in spec.workloads}

    def planned(self, point: Point, *, seed: int, name: str, costs: str) -> Planned:
        """A run of a point."""
        return Planned(
            id=name,
            chip=point.chip.label,
            task=point.task.label,
            architecture=self._chips[point.chip.label],
            workload=self._tasks[point.task.label],
            sets=point.sets,
            varied=point.varied,
            end=point.end,
            costs=costs,
            seed=seed,
            timing_only=self._spec.timing_only,
            wait=self._spec.wait,
            keep=self._spec.keep,
        )


class _Checking:
    """Reads every point and names its runs."""

    def __init__(
        self, spec: StudySpec, *, data: str | Path | None, told: Told, nowhere: frozenset[str]
    ) -> None:
        self._spec, self._data, self._told = spec, data, told
        self._nowhere = nowhere
        """What was told of names already, where they stand."""
        self._checksums: dict[Any, tuple[str, ...]] = {}
        self._remarks: dict[str, None] = {}
        self._named: dict[str, Point] = {}
        self.names: dict[tuple[int, Point], str] = {}
        """Of each run, by its seed and point."""
        self.costs: dict[Point, str] = {}
        """What the cost set of each point is called, that of the chip's own, too."""
        self.tasks: dict[Point, tuple[str, ...]] = {}
        """What is learnt at each point."""

    def check(self, point: Point) -> None:
        """Read a point, and tell what is wrong with it."""
        lost = list(of_lost(point.sets))
        # Read all the same: what else is wrong is told at once.
        self._told.of_point(lost, chip=point.chip.label, task=point.task.label)
        try:
            read, odd = self._read(point)
            checksums = self._checksums_of(read)
        except DescriptionError as error:
            new = [problem for problem in error.problems if problem.message not in self._nowhere]
            self._told.of_point(new, chip=point.chip.label, task=point.task.label)
            return
        for text in odd:
            self._remarks[f"{point.chip.label} on {point.task.label}: {text}"] = None
        self.costs[point] = point.costs or read.costs.spec.name
        on_chip = (phase for phase in read.workload.spec.phases if phase.software is None)
        self.tasks[point] = tuple(phase.task_name for phase in on_chip)
        for seed in self._spec.seeds:
            name = self._name(read, seed=seed, checksums=checksums)
            self.names[seed, point] = name
            other = self._named.setdefault(name, point)
            if other is not point:
                self._told.problem(Problem(message=_same(other, point)))

    def assumed(self, point: Point) -> list[Value]:
        """The assumed values that a point uses, which was checked before."""
        read, _ = self._read(point)
        return assumed_in(read)

    def check_end(self, point: Point) -> str | None:
        """Read a point at an end of a range; why it is not tried, empty where it is its own base, or None."""
        assert point.end is not None
        given = f" (from --set {point.end.override})"
        try:
            read, odd = self._read(point)
            checksums = self._checksums_of(read)
        except DescriptionError as error:
            return "; ".join(_at(problem, point.end).removesuffix(given) for problem in error.problems)
        unread = [text.removesuffix(given) for text in odd if text.endswith(given)]
        if unread:
            return "; ".join(unread)
        names = {seed: self._name(read, seed=seed, checksums=checksums) for seed in self._spec.seeds}
        other = self._named.get(next(iter(names.values())))
        if other is not None:
            return _same_end(other, point)
        self.costs[point] = point.costs or read.costs.spec.name
        for seed, name in names.items():
            self.names[seed, point] = name
            self._named[name] = point
        return None

    def _name(self, read: Described, *, seed: int, checksums: tuple[str, ...]) -> str:
        options = Options(seed=seed, timing_only=self._spec.timing_only, wait=self._spec.wait)
        return run_name(read, options=options, checksums=checksums)

    def _read(self, point: Point) -> tuple[Described, list[str]]:
        """The descriptions of a point, checked with each other and placed, and what is odd about them."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ChipsimWarning)
            read = read_all(
                point.chip.architecture, point.task.workload, sets=point.sets, epochs=None, datasets={}
            )
            fitted(read, trained=not self._spec.timing_only)
        texts = [str(problem) for problem in unread_together(read.architecture, read.workload, read.costs)]
        texts += [str(one.message) for one in caught if issubclass(one.category, ChipsimWarning)]
        return read, texts

    def _checksums_of(self, read: Described) -> tuple[str, ...]:
        # Whole datasets are read for it, and most points of a study have the same.
        # Files are looked for beside the description that names them.
        key = (read.workload.file, *(phase.dataset for phase in read.workload.spec.phases))
        if key not in self._checksums:
            self._checksums[key] = checksums_of(read.workload, folder=self._data)
        return self._checksums[key]

    def remarks(self) -> tuple[str, ...]:
        """What is no mistake and should be known."""
        kept = list(itertools.islice(self._remarks, _MOST_REMARKS))
        left = len(self._remarks) - len(kept)
        if left:
            kept.append(f"and {left:,} more like these")
        return tuple(kept)


def _at(problem: Problem, end: RangeEnd) -> str:
    """What is wrong at an end of a range, with the path where that is another one's."""
    own = problem.path in ("", end.path.removeprefix("workload."))
    return problem.message if own else f"{problem.path}: {problem.message}"


def _same_end(other: Point, point: Point) -> str:
    """Why an end of a range needs no run: there is one; empty where it is that of the chip as it is."""
    if (other.chip, other.task, other.end) == (point.chip, point.task, None):
        return ""
    at = f" with {other.end.override}" if other.end is not None else ""
    varied = "".join(f", {path}={value}" for path, value in other.varied)
    return f"that is {other.chip.label} on {other.task.label}{at}{varied}, which the study has"


def _same(one: Point, other: Point) -> str:
    """Why two points cannot both be there."""
    what = "differ in nothing that decides a run"
    if one.chip is not other.chip or one.task is not other.task:
        first, second = f"{one.chip.label} on {one.task.label}", f"{other.chip.label} on {other.task.label}"
        return f"{first} and {second} {what}; leave one of them out"
    told = [", ".join(f"{path}={value}" for path, value in point.varied) for point in (one, other)]
    return f"{one.chip.label} on {one.task.label} with {told[0]} and with {told[1]} {what}; leave one out"
