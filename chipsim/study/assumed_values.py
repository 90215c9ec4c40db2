"""Orders of chips with each assumed value of them at both ends of its range: which hold, and which turn.

A value of a chip is moved in that chip alone and, where another has the same value with the same end, in
both: what was assumed for the same reason may be off in both. A value of a workload is moved for all chips.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from chipsim.result.metrics import Metric
from chipsim.study.ranking import Contrast, Contrasts, among_all, contrasts, samples_of
from chipsim.study.settings import RangeEnd
from chipsim.study.statistics import DONE, Gathered, Setting, StudyRun
from chipsim.study.words import lead_metrics, set_aside

__all__ = ["Lost", "RangedOrder", "UnderValues", "ranged_metrics", "under_values"]

_FIGURES: Final = (
    "mean_task_accuracy_percent", "test_accuracy_percent", "energy_aJ", "simulated_time_ps", "area_mm2",
)  # fmt: skip
"""Figures that are looked at whatever the page leads with."""
_OF_WORKLOAD: Final = "workload."

_Pair: TypeAlias = tuple[Setting, Setting]
_Place: TypeAlias = tuple[str, str]
"""Path of a value, and what it is put to."""


@attrs.frozen(kw_only=True)
class Lost:
    """An assumed value at an end of its range where an order of two chips is not there any more."""

    end: RangeEnd
    chips: tuple[str, ...]
    """Those of the two in which the value is moved."""
    turns: bool
    """Whether the other chip has less then; else nothing tells any more which of them has."""
    alone: bool
    """Whether the order holds with the value there in both chips, so that moving it in one alone does it."""


@attrs.frozen(kw_only=True)
class RangedOrder:
    """An order of two chips in a figure, told over seeds as values are, and where it is lost."""

    metric: Metric
    task: str
    less: str
    """The chip that has less of the figure."""
    more: str
    lost: tuple[Lost, ...]
    """Empty where the order is the same at both ends of every range."""


@attrs.frozen(kw_only=True)
class UnderValues:
    """What became of the orders of chips under the ranges of assumed values of chips and workloads."""

    metrics: tuple[Metric, ...] = ()
    orders: tuple[RangedOrder, ...] = ()
    alike: tuple[tuple[Metric, str], ...] = ()
    """Figure and task of each pair of chips whose order seeds do not tell as values are."""
    tried: tuple[tuple[str, str], ...] = ()
    """Chip and path of each value that was put to an end; no chip of a workload's."""
    unfinished: tuple[StudyRun, ...] = ()
    """Runs at an end that failed, or are not made yet; an end that lacks a seed is in nothing of this."""


def ranged_metrics(gathered: Gathered) -> list[Metric]:
    """Figures in which chips have an order: those that the page leads with, accuracy, energy, time and area.

    Parameters
    ----------
    gathered
        The study.
    """
    usual = [key for key in lead_metrics(gathered.metrics, ()) if key in _FIGURES]
    keys = dict.fromkeys([*usual, *lead_metrics(gathered.metrics, gathered.study.metrics)])
    metrics = [gathered.metric(key) for key in keys if key not in set_aside(gathered.study)]
    return [metric for metric in metrics if metric.better]


def under_values(gathered: Gathered, metrics: Sequence[Metric]) -> UnderValues:
    """Hold each two chips against each other with every assumed value of them at both ends of its range.

    An order holds at an end where the difference keeps its sign and is told apart by itself, at 5 %: to hold,
    it has to be so at every end, which chance makes no likelier with more of them. That an order turns is
    said of one end among many, and corrected for their number by Holm's rule.

    Parameters
    ----------
    gathered
        The study; without runs at ends of ranges nothing comes of it.
    metrics
        Figures.
    """
    runs = itertools.chain.from_iterable(map(gathered.runs_of, gathered.ends))
    under = UnderValues(
        tried=tuple(dict.fromkeys(_value_of(one) for one in gathered.ends)),
        unfinished=tuple(run for run in runs if run.state != DONE),
    )
    ends = [one for one in gathered.ends if _is_whole(gathered, one)]
    if not ends:
        return under
    pairs = _pairs(gathered)
    changes = {pair: list(_changes(pair, ends)) for pair in pairs}
    orders, alike = list[RangedOrder](), list[tuple[Metric, str]]()
    for metric in metrics:
        now = among_all(gathered, metric, pairs)
        there = _there(gathered, metric, changes)
        for pair in pairs:
            found = now.get(pair)
            if found is None:
                continue
            if found.why:
                alike.append((metric, found.one.task))
                continue
            orders.append(_order(metric, found, changes=changes[pair], there=there))
    return attrs.evolve(under, metrics=tuple(metrics), orders=tuple(orders), alike=tuple(alike))


def _is_whole(gathered: Gathered, end: Setting) -> bool:
    """Whether an end has every seed that is done as values are: an order may fade for want of one."""
    base = gathered.by_setting.get(attrs.evolve(end, end=None), ())
    done = {run.planned.seed for run in base if run.state == DONE}
    return done <= set(gathered.seeds_of(end))


@attrs.frozen(kw_only=True)
class _Change:
    """Two settings of which one, or both, have a value at an end of its range."""

    end: RangeEnd
    chips: tuple[str, ...]
    pair: _Pair


def _pairs(gathered: Gathered) -> list[_Pair]:
    """Each two chips on each task, at the points that have runs at ends of ranges."""
    first: dict[tuple[str, str], Setting] = {}
    for one in gathered.settings:
        # The first point and the first cost set, as ends are planned.
        first.setdefault((one.task, one.chip), one)
    return [pair for pair in itertools.combinations(first.values(), 2) if pair[0].task == pair[1].task]


def _changes(pair: _Pair, ends: Iterable[Setting]) -> Iterator[_Change]:
    """Every way to put one assumed value to an end, and how the two chips stand then."""
    one, other = pair
    mine, theirs = (_at_ends_of(each, ends) for each in pair)
    for place, moved in mine.items():
        end, both = _end_of(moved), theirs.get(place)
        if both is None or not _is_shared(place):
            yield _Change(end=end, chips=(one.chip,), pair=(moved, other))
        if both is not None:
            yield _Change(end=end, chips=(one.chip, other.chip), pair=(moved, both))
    for place, moved in theirs.items():
        if place not in mine or not _is_shared(place):
            yield _Change(end=_end_of(moved), chips=(other.chip,), pair=(one, moved))


def _at_ends_of(base: Setting, ends: Iterable[Setting]) -> dict[_Place, Setting]:
    """A setting with each of its values at an end, by what was put where."""
    found = {}
    for one in ends:
        if (one.chip, one.task) == (base.chip, base.task):
            end = _end_of(one)
            found[end.path, end.value] = one
    return found


def _is_shared(place: _Place) -> bool:
    """Whether a value belongs to the workload, which chips have in common."""
    return place[0].startswith(_OF_WORKLOAD)


def _end_of(setting: Setting) -> RangeEnd:
    assert setting.end is not None
    return setting.end


def _value_of(setting: Setting) -> tuple[str, str]:
    path = _end_of(setting).path
    return ("" if path.startswith(_OF_WORKLOAD) else setting.chip), path


def _there(gathered: Gathered, metric: Metric, changes: Mapping[_Pair, Sequence[_Change]]) -> Contrasts:
    """How chips compare with values at ends of their ranges, where both have the figure."""
    samples = samples_of(gathered, metric, [*gathered.settings, *gathered.ends])
    each = [change.pair for its in changes.values() for change in its]
    return contrasts([pair for pair in each if samples.keys() >= set(pair)], samples)


def _order(metric: Metric, now: Contrast, *, changes: Iterable[_Change], there: Contrasts) -> RangedOrder:
    """An order as values are, and each end where it is lost."""
    is_less = now.compared.difference < 0
    # What lacks the figure is not held against anything.
    tried = [(change, there[change.pair]) for change in changes if change.pair in there]
    held_in_both = {
        _place_of(change) for change, found in tried if len(change.chips) == 2 and _holds(found, is_less)
    }
    lost = []
    for change, found in tried:
        if not _holds(found, is_less):
            turns = not found.why and (found.compared.difference < 0) != is_less
            alone = _place_of(change) in held_in_both
            lost.append(Lost(end=change.end, chips=change.chips, turns=turns, alone=alone))
    less, more = (now.one.chip, now.other.chip) if is_less else (now.other.chip, now.one.chip)
    return RangedOrder(metric=metric, task=now.one.task, less=less, more=more, lost=tuple(lost))


def _holds(found: Contrast, is_less: bool) -> bool:  # noqa: FBT001
    """Whether the first chip is told to have less, or more, by this comparison itself."""
    return not found.compared.why and (found.compared.difference < 0) == is_less


def _place_of(change: _Change) -> _Place:
    return change.end.path, change.end.value
