"""Which differences between chips count: the one rule that stars, cards, tables and sentences follow.

Another seed gives another result, so a figure of one run says little about the chip. What follows from the
description alone (area, time of one inference; time and energy of a chip without cells, whose steps are all
alike) is exact after one run. Everything else is drawn anew with each seed, and two chips differ in it only
when each has been run with two seeds or more, no run of one is as good as any run of the other, and Student's
t of the two means (Welch, Biometrika 34:28, 1947) is beyond its 95 % range. Accuracies have to differ by more
than chance in drawing the test samples, too.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from itertools import product
from typing import Any, Final

import attrs

from chipsim.result import Result, plain
from chipsim.result.chance import ERRORS, accuracy_error, forgetting_error, mean_error
from chipsim.result.extent import epochs_of, stopped_after
from chipsim.result.labels import labels
from chipsim.result.metrics import Metric, is_number, measured, writes_serially

__all__ = ["Group", "Sample", "Standing", "best_of", "groups_of", "sample_of", "standing", "why_alike"]

EQUAL: Final = "equal"
ONE_SEED: Final = "one seed"
SPREAD: Final = "spread"
CHANCE: Final = "chance"
"""Why two figures are not told apart."""

_STUDENT: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""What Student's t does not exceed in 95 % of cases, for 1, 2, ... degrees of freedom: any printed table."""
_DESCRIBED: Final = frozenset({"area_mm2", "inference_time_ps", "hidden_memory_bytes"})
"""Figures that follow from the description, whatever was drawn."""
_COUNTED: Final = frozenset({"simulated_time_ps", "energy_aJ", "first_step_time_ps", "epoch_time_ps"})
"""Figures that follow from it, too, where nothing depends on what cells were written or conduct."""
_ON_TEST_SAMPLES: Final = ("test_accuracy_percent", "best_test_accuracy_percent")
"""Accuracies on one test set, those of single tasks begin with the first."""


@attrs.frozen(kw_only=True, eq=False)
class Group:
    """Runs of one chip on one workload that differ in nothing but their seed."""

    label: str
    places: tuple[int, ...]
    """Of its runs among all results."""
    results: tuple[Result, ...]
    seeds: tuple[int | None, ...]
    """Those that differ."""


@attrs.frozen(kw_only=True)
class Sample:
    """One figure of a group."""

    values: tuple[float, ...]
    """One for each seed."""
    exact: bool
    """Whether another seed cannot change it."""
    error: float = 0.0
    """Standard error of measuring it, whatever the seed."""

    @property
    def mean(self) -> float:
        """Mean over seeds; a whole number where all are the same."""
        same = len(set(self.values)) == 1
        return self.values[0] if same else statistics.fmean(self.values)


@attrs.frozen(kw_only=True, eq=False)
class Standing:
    """How groups stand to each other in one figure."""

    metric: Metric
    samples: tuple[tuple[Group, Sample], ...]
    """The best first, by their means; those that can be compared."""
    best: tuple[Group, ...]
    """The one that leads, with those that are not told apart from it; empty when nothing is shown."""
    why: str
    """Why none leads: one of `EQUAL`, `ONE_SEED`, `SPREAD` and `CHANCE`; empty when some do."""


def groups_of(results: Sequence[Result]) -> tuple[Group, ...]:
    """The results by what was run, in their order: runs that differ in the seed alone are one group."""
    places: dict[str, list[int]] = {}
    for place, result in enumerate(results):
        places.setdefault(_run(result), []).append(place)
    first = [results[its[0]] for its in places.values()]
    # A group is named for what tells it from other groups, which the seeds of its first run do not.
    unseeded = [attrs.evolve(result, summary={**result.summary, "seed": None}) for result in first]
    return tuple(
        Group(
            label=label if len(its) > 1 else labels(results)[its[0]],
            places=tuple(its),
            results=tuple(results[place] for place in its),
            seeds=tuple(dict.fromkeys(results[place].summary.get("seed") for place in its)),
        )
        for label, its in zip(labels(unseeded), places.values(), strict=True)
    )


def _run(result: Result) -> str:
    """What was run, but for the seed."""
    said = result.summary
    how = [said.get("architecture"), said.get("workload"), said.get("timing_only"), said.get("train_samples")]
    extent = [epochs_of(result), stopped_after(result)]
    return json.dumps(plain([how, extent, result.chip, result.workload, result.costs]), sort_keys=True)


def sample_of(metric: Metric, group: Group) -> Sample | None:
    """The figure of a group, one value for each seed; None where a run did not measure it."""
    by_seed: dict[Any, float] = {}
    for result in group.results:
        value = measured(metric, result)
        if value is None or not is_number(value):
            return None
        by_seed.setdefault(result.summary.get("seed"), value)
    return Sample(
        values=tuple(by_seed.values()),
        exact=all(_exact(metric, result) for result in group.results),
        error=max(_error(metric, result) or 0.0 for result in group.results),
    )


def _exact(metric: Metric, result: Result) -> bool:
    # Without resistive cells, or without arithmetic, a program depends on counts alone.
    return metric.key in _DESCRIBED or (metric.key in _COUNTED and not result.summary.get("cells"))


def _error(metric: Metric, result: Result) -> float | None:
    """How far chance in drawing samples moves a figure."""
    if metric.key == "mean_task_accuracy_percent":
        return mean_error(result)
    if metric.key == "forgetting_percent":
        return forgetting_error(result)
    said = result.summary
    if metric.key.startswith(_ON_TEST_SAMPLES):
        return accuracy_error(measured(metric, result), said.get("test_samples"))
    if metric.key == "train_accuracy_percent":
        return accuracy_error(measured(metric, result), said.get("train_samples"))
    return None


def why_alike(one: Sample, other: Sample) -> str:
    """Why two figures are not told apart; empty when they are.

    Examples
    --------
    >>> apart = Sample(values=(1.0, 1.1, 0.9), exact=False), Sample(values=(2.0, 2.1, 1.9), exact=False)
    >>> why_alike(*apart)
    ''
    >>> why_alike(apart[0], Sample(values=(5.0,), exact=False))
    'one seed'
    >>> why_alike(apart[0], Sample(values=(1.05, 1.4, 1.2), exact=False))
    'spread'
    """
    if {*one.values} == {*other.values} and len({*one.values}) == 1:
        return EQUAL
    if any(not sample.exact and len(sample.values) < 2 for sample in (one, other)):
        return ONE_SEED
    if _overlap(one, other) or _student(one, other):
        return SPREAD
    if abs(one.mean - other.mean) <= ERRORS * math.hypot(one.error, other.error):
        return CHANCE
    return ""


def _overlap(one: Sample, other: Sample) -> bool:
    return min(one.values) <= max(other.values) and min(other.values) <= max(one.values)


def _student(one: Sample, other: Sample) -> bool:
    """Whether the spread over seeds explains the difference of two means in more than one case of twenty."""
    parts = [(_variance(sample) / len(sample.values), len(sample.values)) for sample in (one, other)]
    squared = sum(part for part, _ in parts)
    if squared == 0:
        return False
    # Satterthwaite's degrees of freedom, rounded down to be on the safe side.
    freedom = squared**2 / sum(part**2 / (size - 1) for part, size in parts if part)
    limit = _STUDENT[min(max(int(freedom), 1), len(_STUDENT)) - 1]
    return abs(one.mean - other.mean) <= limit * math.sqrt(squared)


def _variance(sample: Sample) -> float:
    return statistics.variance(sample.values) if len(sample.values) > 1 else 0.0


def standing(metric: Metric, groups: Sequence[Group]) -> Standing | None:
    """How groups stand to each other in a figure; None where fewer than two can be compared.

    Those that are not told apart from the best share its lead, when all others are told apart from each of
    them.
    """
    known = [(group, sample) for group in _comparable(metric, groups) if (sample := sample_of(metric, group))]
    if not metric.better or len(known) < 2:
        return None
    known.sort(key=lambda entry: entry[1].mean, reverse=metric.better == "more")
    against = [why_alike(known[0][1], sample) for _, sample in known[1:]]
    first = [known[0], *(entry for entry, why in zip(known[1:], against, strict=True) if why)]
    rest = [entry for entry, why in zip(known[1:], against, strict=True) if not why]
    doubts = [why_alike(one, other) for (_, one), (_, other) in product(first, rest)]
    doubts = [why for why in doubts if why] or ([] if rest else [why for why in against if why != EQUAL])
    why = _weightiest(doubts) if doubts else "" if rest else EQUAL
    best = () if why else tuple(group for group, _ in first)
    return Standing(metric=metric, samples=tuple(known), best=best, why=why)


def _weightiest(whys: Sequence[str]) -> str:
    return next(why for why in (ONE_SEED, SPREAD, CHANCE, EQUAL) if why in whys)


def _comparable(metric: Metric, groups: Sequence[Group]) -> list[Group]:
    """Groups whose figure means the same: of runs that went to their end, all trained or all timed only."""
    if metric.key in _DESCRIBED:
        return list(groups)
    whole = [group for group in groups if not any(map(stopped_after, group.results))]
    trained = [group for group in whole if not group.results[0].summary.get("timing_only")]
    return trained or whole


def best_of(metric: Metric, results: Sequence[Result]) -> frozenset[int]:
    """Places of the results that are best by a metric: none where no difference is shown, several on ties."""
    # Where cells or rows are written one after another, the time of one step hangs on which step it is.
    if metric.key == "first_step_time_ps" and any(map(writes_serially, results)):
        return frozenset()
    found = standing(metric, groups_of(results))
    return frozenset(place for group in found.best for place in group.places) if found else frozenset()
