"""Claims of a scenario held against what it runs: each has a metric that is known, and runs that are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from chipsim.errors import Problem, did_you_mean
from chipsim.result.metrics import METRICS
from chipsim.result.summary import figures, sort_of
from chipsim.spec.study import RunsOf
from chipsim.spec.study_file import Scenario
from chipsim.study.points import Point

__all__ = ["claim_problems", "is_metric", "task_problems"]

_OF_TASK: Final = "test_accuracy_percent."
"""What the name of a task follows."""


def is_metric(key: str) -> bool:
    """Whether a result may have a number of this name.

    Examples
    --------
    >>> is_metric("energy_aJ"), is_metric("test_accuracy_percent.mnist"), is_metric("energy_mJ")
    (True, True, False)
    """
    figure = sort_of(key)
    is_number = figure is not None and "number" in figure.wanted
    return is_number or any(metric.key == key for metric in METRICS)


def claim_problems(scenario: Scenario, points: Sequence[Point]) -> Iterator[Problem]:
    """What is wrong with the metrics and claims of a scenario."""
    spec, tree = scenario.spec, scenario.tree
    for place, key in enumerate(spec.metrics):
        if not is_metric(key):
            yield tree.at("metrics", place).problem(_unknown(key))
    for place, claim in enumerate(spec.claims):
        if not is_metric(claim.metric):
            yield tree.at("claims", place, "metric").problem(_unknown(claim.metric))
        sides = {"of": claim.of, "against": claim.against}
        for key, side in sides.items():
            found = [point for point in points if side is not None and _matches(point, side)]
            if side is not None and len(found) != 1:
                yield tree.at("claims", place, key).problem(_wrong_number(found, points))
        if claim.against == claim.of:
            yield tree.at("claims", place, "against").problem("is the same runs as of")


def task_problems(scenario: Scenario, tasks: Mapping[Point, Sequence[str]]) -> Iterator[Problem]:
    """What is wrong with metrics and claims that name a task: one that what they are of does not learn.

    Parameters
    ----------
    scenario
        As it was read.
    tasks
        What is learnt at each point of it.
    """
    for place, key in enumerate(scenario.spec.metrics):
        message = _no_task(key, tasks.values())
        if message:
            yield scenario.tree.at("metrics", place).problem(message)
    for place, claim in enumerate(scenario.spec.claims):
        for side in filter(None, (claim.of, claim.against)):
            message = _no_task(claim.metric, [its for point, its in tasks.items() if _matches(point, side)])
            if message:
                yield scenario.tree.at("claims", place, "metric").problem(message)
                break


def _no_task(key: str, learnt: Iterable[Sequence[str]]) -> str:
    """Why a metric of a task is measured nowhere; empty where it is, or is of none."""
    task = key.removeprefix(_OF_TASK)
    known = list(dict.fromkeys(name for its in learnt for name in its))
    if task == key or task in known:
        return ""
    named = f"{', '.join(known)}{did_you_mean(task, known)}"
    return f"there is no task {task!r} to measure {key!r} of; tasks: {named}"


def _matches(point: Point, side: RunsOf) -> bool:
    """Whether a point is one that a claim means."""
    return side.means(chip=point.chip.label, task=point.task.label, costs=point.costs, varied=point.varied)


def _unknown(key: str) -> str:
    known = dict.fromkeys([metric.key for metric in METRICS])
    known |= dict.fromkeys(name for name in figures() if is_metric(name))
    return f"unknown metric {key!r}; known: {', '.join(known)}{did_you_mean(key, known)}"


def _wrong_number(found: Sequence[Point], points: Sequence[Point]) -> str:
    """Why a claim does not say of which runs it is."""
    if found:
        first, second = _named(found[0]), _named(found[1])
        return f"fits {len(found)} points of the study, such as {first} and {second}; say which"
    chips = dict.fromkeys(point.chip.label for point in points)
    tasks = dict.fromkeys(point.task.label for point in points)
    return f"fits no run of the study; chips: {', '.join(chips)}; tasks: {', '.join(tasks)}"


def _named(point: Point) -> str:
    varied = "".join(f", {path}={value}" for path, value in point.varied)
    costs = f", costs={point.costs}" if point.costs else ""
    return f"{point.chip.label} on {point.task.label}{varied}{costs}"
