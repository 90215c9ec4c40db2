"""Claims of a scenario held against what it runs: each has a metric that is known, and runs that are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from chipsim.errors import Problem, did_you_mean
from chipsim.result.metrics import METRICS
from chipsim.result.reach_metrics import REACHES, reach_metric
from chipsim.result.summary import figures, sort_of
from chipsim.result.wait_metrics import AFTER_WAIT, wait_asked
from chipsim.spec.study import ClaimSpec, StudySpec
from chipsim.spec.study_file import Scenario
from chipsim.spec.waits import wait_words
from chipsim.study.meant import Partners, fits, only_costs
from chipsim.study.points import Point
from chipsim.study.settings import Setting

__all__ = ["claim_problems", "is_metric", "task_problems"]

_OF_TASK: Final = "test_accuracy_percent."
"""What the name of a task follows."""


def is_metric(key: str) -> bool:
    """Whether a result may have a number of this name.

    Examples
    --------
    >>> is_metric("energy_aJ"), is_metric("test_accuracy_percent.mnist"), is_metric("energy_mJ")
    (True, True, False)
    >>> is_metric("samples_to_reach.94"), is_metric("samples_to_reach.940")
    (True, False)
    """
    figure = sort_of(key)
    is_number = figure is not None and "number" in figure.wanted
    is_known = is_number or any(metric.key == key for metric in METRICS)
    return is_known or reach_metric(key) is not None or wait_asked(key) is not None


def claim_problems(scenario: Scenario, points: Sequence[Point]) -> Iterator[Problem]:
    """What is wrong with the metrics and claims of a scenario."""
    spec, tree = scenario.spec, scenario.tree
    settings = [_setting(point) for point in points] if spec.claims else []
    for place, key in enumerate(spec.metrics):
        message = _no_metric(key, spec)
        if message:
            yield tree.at("metrics", place).problem(message)
    for place, claim in enumerate(spec.claims):
        message = _no_metric(claim.metric, spec)
        if message:
            yield tree.at("claims", place, "metric").problem(message)
        if claim.against == claim.of:
            yield tree.at("claims", place, "against").problem("is the same runs as of")
            continue
        for side, message in _unmet(claim, settings, only=only_costs(spec)):
            yield tree.at("claims", place, side).problem(message)


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
    only = only_costs(scenario.spec)
    for place, claim in enumerate(scenario.spec.claims):
        for side in filter(None, (claim.of, claim.against)):
            meant = [its for point, its in tasks.items() if fits(_setting(point), side, only=only)]
            message = _no_task(claim.metric, meant)
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


def _unmet(claim: ClaimSpec, settings: Sequence[Setting], *, only: str) -> Iterator[tuple[str, str]]:
    """Sides of a claim that mean no runs, or not one other side for each run; and why."""
    found = [one for one in settings if fits(one, claim.of, only=only)]
    if not found:
        yield "of", _nothing(settings)
    if claim.against is None:
        return
    if not any(fits(one, claim.against, only=only) for one in settings):
        yield "against", _nothing(settings)
        return
    partners = Partners(claim.against, settings, only=only)
    for one in found:
        others = partners.of(one)
        if len(others) != 1:
            # The first says what is wrong with all.
            yield "against", _wrong_number(one, others)
            return


def _setting(point: Point) -> Setting:
    """What the runs of a point repeat."""
    return Setting(chip=point.chip.label, task=point.task.label, costs=point.costs, varied=point.varied)


def _no_metric(key: str, spec: StudySpec) -> str:
    """Why no run of a study has a figure; empty where some may."""
    if not is_metric(key):
        return _unknown(key)
    wait = wait_asked(key)
    if key != AFTER_WAIT and wait is None:
        return ""
    if not spec.wait:
        return f"{key!r} is of chips that wait once they are trained, and none does: say when, as wait: [1 h]"
    if wait is None:
        return ""
    if wait not in spec.wait:
        waits = ", ".join(map(wait_words, spec.wait))
        return f"no chip is tested after {wait_words(wait)} to measure {key!r}; wait: {waits}"
    called = f"{AFTER_WAIT}.{wait_words(wait)}"
    return "" if key == called else f"{key!r} is called {called!r} here"


def _unknown(key: str) -> str:
    known = dict.fromkeys([metric.key for metric in METRICS])
    known |= dict.fromkeys(name for name in figures() if is_metric(name))
    if key.partition(".")[0] in REACHES:
        return f"unknown metric {key!r}; an accuracy in percent follows the dot, as in {REACHES[0]}.94"
    if key.partition(".")[0] == AFTER_WAIT:
        return f"unknown metric {key!r}; a time follows the dot, as in '{AFTER_WAIT}.1 h'"
    known |= dict.fromkeys(f"{name}.94" for name in REACHES)
    return f"unknown metric {key!r}; known: {', '.join(known)}{did_you_mean(key, known)}"


def _nothing(settings: Sequence[Setting]) -> str:
    """Why a side of a claim means nothing."""
    chips = dict.fromkeys(one.chip for one in settings)
    tasks = dict.fromkeys(one.task for one in settings)
    return f"fits no run of the study; chips: {', '.join(chips)}; tasks: {', '.join(tasks)}"


def _wrong_number(one: Setting, others: Sequence[Setting]) -> str:
    """Why a run that a claim is of has not one other side."""
    if not others:
        return f"fits no other run that is held against {_named(one)}; what it leaves open is as there"
    first, second = _named(others[0]), _named(others[1])
    return f"fits {len(others)} points for {_named(one)}, such as {first} and {second}; say which"


def _named(setting: Setting) -> str:
    varied = "".join(f", {path}={value}" for path, value in setting.varied)
    costs = f", costs={setting.costs}" if setting.costs else ""
    return f"{setting.chip} on {setting.task}{varied}{costs}"
