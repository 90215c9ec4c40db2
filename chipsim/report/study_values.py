"""What a study says of orderings under the ranges of assumed values of chips and workloads, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from chipsim.report.study_assumed import some
from chipsim.result.metrics import Metric
from chipsim.study.assumed_values import Lost, RangedOrder, UnderValues, ranged_metrics, under_values
from chipsim.study.statistics import Gathered, StudyRun
from chipsim.study.words import figures_named
from chipsim.wording import joined, plural

__all__ = ["value_sentences"]

_MOST_ORDERS: Final = 8
"""Orders that are lost, which are told one by one."""
_MOST_ENDS: Final = 6
"""Values by which one order turns, or is told no longer, that are told one by one."""
_MOST_PAIRS: Final = 6
"""Orders that hold, of one figure."""
_MOST_FAILED: Final = 3
_FAILED: Final = ("failed", "stopped", "damaged")
"""States of runs that are not missing only because nobody made them yet."""


def value_sentences(gathered: Gathered) -> list[str]:
    """Which orders of chips hold with every assumed value at both ends of its range, and what was not tried.

    Parameters
    ----------
    gathered
        The study; nothing is said of one that does not ask for it.
    """
    if gathered.study.assumed_values != "both-ends":
        return []
    under = under_values(gathered, ranged_metrics(gathered))
    told = [*_method(gathered, under), *_unfinished(under.unfinished)]
    tasks = list(dict.fromkeys(one.task for one in gathered.settings))
    for task in tasks:
        where = f"on {task}, " if len(tasks) > 1 else ""
        for metric in under.metrics:
            told += _of_figure(metric, task, under, where=where)
    lost = [order for order in under.orders if order.lost]
    told += [_of_order(order, where=len(tasks) > 1) for order in lost[:_MOST_ORDERS]]
    if len(lost) > _MOST_ORDERS:
        paths = dict.fromkeys(one.end.path for order in lost[_MOST_ORDERS:] for one in order.lost)
        more = len(lost) - _MOST_ORDERS
        told.append(f"{more} more {_are(more)} lost, by {some(list(paths))}.")
    return [*told, *_untried(gathered)]


def _method(gathered: Gathered, under: UnderValues) -> Iterator[str]:
    """What was done, and by what an order is said to hold."""
    many = len(under.tried)
    if not many:
        yield "No assumed value of chips and workloads was put to an end of its range."
        return
    first = gathered.ends[0]
    at = f" at the costs of {first.costs}" if first.costs else ""
    point = ", at the first point of what is varied" if first.varied else ""
    runs = sum(len(gathered.runs_of(one)) for one in gathered.ends)
    were = "was" if many == 1 else "were"
    yield (
        f"{many} assumed {plural('value', many)} of chips and workloads {were} put to both ends of the "
        f"range, one at a time, each in training of its own: {runs} {plural('run', runs)}{at}{point}."
    )
    if len({one.chip for one in gathered.settings}) < 2:
        yield "With one chip there is no order that they could turn."
        return
    yield (
        "A value is moved in one chip and, where the other has the same with the same end, in both; a value "
        "of the workload in all. An order holds where it is told apart over seeds at every end."
    )


def _of_figure(metric: Metric, task: str, under: UnderValues, *, where: str) -> list[str]:
    """Which orders in a figure hold, and how many pairs have none."""
    told = []
    title = f"{where}{figures_named([metric])}"
    orders = [one for one in under.orders if (one.metric.key, one.task) == (metric.key, task)]
    held = [f"{one.less} below {one.more}" for one in orders if not one.lost]
    if orders:
        many = len(orders)
        names = f": {some(held, most=_MOST_PAIRS)}" if held else ""
        of_all = f"{len(held)} of {many} {plural('pair', many)} of chips"
        both = sum(bool(one.lost) and all(each.alone for each in one.lost) for one in orders)
        more = f", and of {both} more where both chips that have a value are moved" if both else ""
        told.append(f"{title}: the order of {of_all} holds at both ends of every range{names}{more}.")
    alike = sum((one.key, its) == (metric.key, task) for one, its in under.alike)
    if alike:
        are = "is" if alike == 1 else "are"
        pairs = f"{alike} {plural('pair', alike)} of chips {are} not counted"
        told.append(f"{title}: {pairs}, for seeds do not tell the order as values are.")
    return told


def _of_order(order: RangedOrder, *, where: bool) -> str:
    """Where an order turns, and where nothing tells it any more."""
    on = f" on {order.task}" if where else ""
    figure = figures_named([order.metric])
    said = _lost([one for one in order.lost if not one.alone])
    alone = _lost([one for one in order.lost if one.alone])
    if alone:
        said.append(f"moved in one chip alone, {joined(alone)}; moved in both, it holds")
    paths = {one.end.path for one in order.lost}
    if len(paths) == 1:
        said.append(f"it hinges on {paths.pop()} alone")
    return f"{figure}: {order.less} is below {order.more}{on}; {'; '.join(said)}."


def _lost(ends: Sequence[Lost]) -> list[str]:
    """At which ends an order turns, and at which nothing tells it any more."""
    turns = _values([one for one in ends if one.turns])
    fades = _values([one for one in ends if not one.turns])
    said = []
    if turns:
        said.append(f"it turns with {some(turns, most=_MOST_ENDS)}")
    if fades:
        said.append(f"it is no longer told apart with {some(fades, most=_MOST_ENDS)}")
    return said


def _values(ends: Sequence[Lost]) -> list[str]:
    """Values at one or both ends of their ranges, and whose they are."""
    put: dict[tuple[str, str], list[str]] = {}
    for one in ends:
        path = one.end.path
        whose = "both" if len(one.chips) == 2 else one.chips[0]
        of = "" if path.startswith("workload.") and len(one.chips) == 2 else f" of {whose}"
        put.setdefault((f"{path}{of}", one.end.now), []).append(one.end.value)
    return [f"{what} at {joined(values)} (assumed {now})" for (what, now), values in put.items()]


def _untried(gathered: Gathered) -> list[str]:
    """Values without a range, and ends that the rules of a description refuse."""
    told = []
    without = dict.fromkeys(one.path for one in gathered.untried if not one.value)
    if without:
        told.append(f"Not tried, for they have no range: {some(list(without))}.")
    refused = [
        f"{one.path} of {one.chip} at {one.value} ({one.why})" for one in gathered.untried if one.value
    ]
    if refused:
        told.append(f"Not tried: {some(list(dict.fromkeys(refused)))}.")
    return told


def _unfinished(runs: Sequence[StudyRun]) -> list[str]:
    """Runs at ends that are in none of this, and why."""
    told = []
    failed = [run for run in runs if run.state in _FAILED]
    if failed:
        many = len(failed)
        each = some([_run(run) for run in failed], most=_MOST_FAILED)
        told.append(f"{many} {plural('run', many)} at an end failed: {each}.")
    missing = len(runs) - len(failed)
    if missing:
        told.append(f"{missing} {plural('run', missing)} at an end {_are(missing)} not made yet.")
    if told:
        told.append("An end that lacks a seed which chips as they are have is in none of this.")
    return told


def _run(run: StudyRun) -> str:
    planned = run.planned
    at = f", {planned.end.override}" if planned.end is not None else ""
    return f"{planned.chip} on {planned.task}{at}, seed {planned.seed} ({run.error})"


def _are(many: int) -> str:
    return "is" if many == 1 else "are"
