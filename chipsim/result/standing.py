"""Which differences between chips count: the one rule that stars, cards, tables and sentences follow.

Another seed gives another result, so a figure of one run says little about the chip. What follows from the
description alone (area, time of one inference; time and energy of a chip without cells, whose steps are all
alike) is exact after one run. Everything else is drawn anew with each seed, and two chips differ in it only
when each has been run with two seeds or more.

Chips that were run with the same seeds have trained on the same data in the same order from the same weights,
so what is looked at is the difference of each seed: the paired t of the differences (Student, Biometrika 6:1,
1908) has to be beyond its 95 % range. Where fewer than two seeds are shared, it is the t of the two means
(Welch, Biometrika 34:28, 1947), and no run of one may be as good as any run of the other. Accuracies have to
differ by more than chance in drawing the test samples, too.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, Final

import attrs

from chipsim.result import Result, plain
from chipsim.result.chance import ERRORS, accuracy_error, forgetting_error, mean_error
from chipsim.result.extent import epochs_of, stopped_after
from chipsim.result.labels import labels
from chipsim.result.metrics import Metric, is_number, measured, writes_serially
from chipsim.result.student import LEVEL, two_sided

__all__ = [
    "CHANCE",
    "EQUAL",
    "MANY",
    "ONE_SEED",
    "SPREAD",
    "Compared",
    "Group",
    "Sample",
    "Standing",
    "best_of",
    "compared",
    "groups_of",
    "is_exact",
    "leading",
    "sample_of",
    "standing",
    "why_alike",
]

EQUAL: Final = "equal"
ONE_SEED: Final = "one seed"
SPREAD: Final = "spread"
CHANCE: Final = "chance"
MANY: Final = "many"
"""Why two figures are not told apart; many: by themselves they would be, but not among so many comparisons."""

PAIRED: Final = "paired"
WELCH: Final = "unpaired"
"""By which t two figures were compared."""

_DESCRIBED: Final = frozenset({"area_mm2", "inference_time_ps", "hidden_memory_bytes"})
"""Figures that follow from the description, whatever was drawn."""
_COUNTED: Final = frozenset({"simulated_time_ps", "energy_aJ", "first_step_time_ps", "epoch_time_ps"})
"""Figures that follow from it, too, where nothing depends on what cells were written or conduct."""
_HOW: Final = ("architecture", "workload", "timing_only", "train_samples")
"""Figures of the summary in which runs of one group are alike."""
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
    seeds: tuple[int | None, ...] = ()
    """Of the values; empty where they are not known, and nothing can be paired."""

    @property
    def mean(self) -> float:
        """Mean over seeds; a whole number where all are the same."""
        same = len(set(self.values)) == 1
        return self.values[0] if same else statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """Standard deviation over seeds; None of one seed, which shows none."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None


@attrs.frozen(kw_only=True)
class Compared:
    """How one figure of two groups compares."""

    why: str
    """Why they are not told apart: one of `EQUAL`, `ONE_SEED`, `SPREAD` and `CHANCE`; empty when they are."""
    by: str = ""
    """``paired`` or ``unpaired``; empty where nothing that was drawn had to be judged."""
    chance: float | None = None
    """How often the spread over seeds alone gives as much, from 0 to 1; None where it was not asked."""
    difference: float
    """Mean of the one less that of the other; paired, over the seeds that both have."""
    deviation: float | None = None
    """Standard deviation of the differences, where they are paired."""
    seeds: int = 0
    """Pairs of runs with one seed."""
    agreeing: int = 0
    """Those of them whose difference has the sign of the mean."""


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
    # A run by itself has the name that it has in legends.
    own = labels(results)
    groups = []
    for label, its in zip(labels(unseeded), places.values(), strict=True):
        members = tuple(results[place] for place in its)
        # A seed that was run twice gave the same figures twice, and shows no spread.
        seeds = dict.fromkeys(result.summary.get("seed") for result in members)
        group = Group(
            label=label if len(its) > 1 else own[its[0]],
            places=tuple(its),
            results=members,
            seeds=tuple(seeds),
        )
        groups.append(group)
    return tuple(groups)


def _run(result: Result) -> str:
    """What was run, but for the seed."""
    how = [result.summary.get(key) for key in _HOW]
    # A run that was stopped is not one more seed of those that went to their end.
    extent = [epochs_of(result), stopped_after(result)]
    described = [result.chip, result.workload, result.costs]
    # Sorted: two files that say the same in another order describe one chip.
    return json.dumps(plain([how, extent, *described]), sort_keys=True)


def sample_of(metric: Metric, group: Group) -> Sample | None:
    """The figure of a group, one value for each seed; None where a run did not measure it."""
    by_seed: dict[Any, float] = {}
    for result in group.results:
        value = measured(metric, result)
        # A mean over the other seeds would speak for a run that has no such figure.
        if value is None or not is_number(value):
            return None
        by_seed.setdefault(result.summary.get("seed"), value)
    errors = [_error(metric, result) or 0.0 for result in group.results]
    return Sample(
        values=tuple(by_seed.values()),
        seeds=tuple(by_seed),
        exact=all(_exact(metric, result) for result in group.results),
        # All seeds are tested on the same samples: chance in drawing these is not averaged out over seeds.
        error=max(errors),
    )


def _exact(metric: Metric, result: Result) -> bool:
    return is_exact(metric.key, cells=result.summary.get("cells"))


def is_exact(key: str, *, cells: float | None) -> bool:
    """Whether another seed cannot change a figure.

    Parameters
    ----------
    key
        Of the metric.
    cells
        How many resistive cells the run used; None or 0 for none.

    Examples
    --------
    >>> is_exact("area_mm2", cells=100), is_exact("energy_aJ", cells=100), is_exact("energy_aJ", cells=0)
    (True, False, True)
    """
    # Without resistive cells, or without arithmetic, a program depends on counts alone.
    return key in _DESCRIBED or (key in _COUNTED and not cells)


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
    return compared(one, other).why


def compared(one: Sample, other: Sample) -> Compared:
    """How two figures compare: seed by seed where they share seeds, else by their means.

    Examples
    --------
    >>> one = Sample(values=(97.0, 95.0, 96.0), seeds=(0, 1, 2), exact=False)
    >>> other = Sample(values=(96.5, 94.4, 95.6), seeds=(0, 1, 2), exact=False)
    >>> found = compared(one, other)
    >>> found.why, found.by, round(found.difference, 3), found.agreeing
    ('', 'paired', 0.5, 3)
    """
    means = one.mean - other.mean
    if len({*one.values, *other.values}) == 1:
        return Compared(why=EQUAL, difference=means)
    # One run says nothing of how far the next would lie from it, whatever the difference.
    if _is_single(one) or _is_single(other):
        return Compared(why=ONE_SEED, difference=means)
    # Nothing was drawn, so that any difference is one.
    if one.exact and other.exact:
        return Compared(why="", difference=means)
    pairs = _pairs(one, other)
    found = _paired(pairs) if len(pairs) > 1 else _unpaired(one, other)
    # All seeds may agree because all were tested on the same few samples.
    if not found.why and abs(found.difference) <= ERRORS * math.hypot(one.error, other.error):
        return attrs.evolve(found, why=CHANCE)
    return found


def _pairs(one: Sample, other: Sample) -> list[float]:
    """The differences of the seeds that both have."""
    theirs = dict(zip(other.seeds, other.values, strict=False))
    pairs = []
    for seed, value in zip(one.seeds, one.values, strict=False):
        # A run of which nobody knows the seed has no partner.
        if seed is not None and seed in theirs:
            pairs.append(value - theirs[seed])
    return pairs


def _paired(differences: Sequence[float]) -> Compared:
    mean = statistics.fmean(differences)
    deviation = statistics.stdev(differences)
    if not any(differences):
        return Compared(why=EQUAL, difference=0.0)
    count = len(differences)
    # Nothing spreads, so nothing explains a difference.
    t = abs(mean) / (deviation / math.sqrt(count)) if deviation else math.inf
    chance = two_sided(t, count - 1)
    return Compared(
        why=SPREAD if chance > LEVEL else "",
        by=PAIRED,
        chance=chance,
        difference=mean,
        deviation=deviation,
        seeds=count,
        agreeing=sum(each * mean > 0 for each in differences),
    )


def _unpaired(one: Sample, other: Sample) -> Compared:
    chance = _by_means(one, other)
    if chance is None:
        return Compared(why="", difference=one.mean - other.mean)
    # Some run of the one is as good as some run of the other: whoever picks seeds picks the winner.
    alike = _overlap(one, other) or chance > LEVEL
    return Compared(
        why=SPREAD if alike else "",
        by=WELCH,
        chance=chance,
        difference=one.mean - other.mean,
    )


def _is_single(sample: Sample) -> bool:
    """Whether it is of one seed, and another could change it."""
    return not sample.exact and len(sample.values) < 2


def _overlap(one: Sample, other: Sample) -> bool:
    reaches_up = max(one.values) >= min(other.values)
    reaches_down = min(one.values) <= max(other.values)
    return reaches_up and reaches_down


def _by_means(one: Sample, other: Sample) -> float | None:
    """How often the spread over seeds gives so large a difference of means; None where nothing spreads."""
    difference = abs(one.mean - other.mean)
    # Variances of the two means. Welch's form, since chips need not spread alike.
    parts = [_variance(sample) / len(sample.values) for sample in (one, other)]
    squared = sum(parts)
    if squared == 0:
        return None
    freedom = squared**2 / (_weight(parts[0], one) + _weight(parts[1], other))
    # Satterthwaite's degrees of freedom, rounded down to be on the safe side.
    return two_sided(difference / math.sqrt(squared), max(int(freedom), 1))


def _weight(part: float, sample: Sample) -> float:
    """What a variance of a mean adds to the divisor of the degrees of freedom; an exact figure has none."""
    return part**2 / (len(sample.values) - 1) if part else 0.0


def _variance(sample: Sample) -> float:
    return statistics.variance(sample.values) if len(sample.values) > 1 else 0.0


def standing(metric: Metric, groups: Sequence[Group]) -> Standing | None:
    """How groups stand to each other in a figure; None where fewer than two can be compared."""
    known = []
    for group in _comparable(metric, groups):
        sample = sample_of(metric, group)
        if sample is not None:
            known.append((group, sample))
    if not metric.better or len(known) < 2:
        return None
    known.sort(key=lambda entry: entry[1].mean, reverse=metric.better == "more")
    places, why = leading(len(known), lambda one, other: why_alike(known[one][1], known[other][1]))
    best = tuple(known[place][0] for place in places)
    return Standing(metric=metric, samples=tuple(known), best=best, why=why)


def leading(count: int, why_alike: Callable[[int, int], str]) -> tuple[tuple[int, ...], str]:
    """Which of several lead, the best first by their means, and why none does.

    Those that are not told apart from the first share its lead, when all others are told apart from each of
    them.

    Parameters
    ----------
    count
        How many there are.
    why_alike
        Why two of them, by their places, are not told apart; empty when they are.

    Examples
    --------
    >>> leading(3, lambda one, other: "" if other == 2 else "spread"), leading(2, lambda one, other: "spread")
    (((0, 1), ''), ((), 'spread'))
    """
    first, rest, alike = [0], [], []
    for place in range(1, count):
        why = why_alike(0, place)
        if why:
            first.append(place)
            alike.append(why)
        else:
            rest.append(place)
    # A may be told apart from C and B from neither: then no line parts those that lead from the rest.
    doubts = [why_alike(one, other) for one, other in product(first, rest)]
    why = _why_none(doubts if rest else alike, parted=bool(rest))
    return ((), why) if why else (tuple(first), "")


def _why_none(whys: Sequence[str], *, parted: bool) -> str:
    """Why none leads, of reasons why two are not told apart; empty when leaders are parted from others."""
    # What more runs could take away comes first: it tells the reader what to do.
    for why in (ONE_SEED, SPREAD, MANY, CHANCE):
        if why in whys:
            return why
    return EQUAL if EQUAL in whys or not parted else ""


def _comparable(metric: Metric, groups: Sequence[Group]) -> list[Group]:
    """Groups whose figure means the same: of runs that went to their end, all trained or all timed only."""
    if metric.key in _DESCRIBED:
        return list(groups)
    # A run that was stopped took less because it did less.
    whole = [group for group in groups if not any(map(stopped_after, group.results))]
    # One that was only timed leaves out what others count.
    trained = [group for group in whole if not group.results[0].summary.get("timing_only")]
    return trained or whole


def best_of(metric: Metric, results: Sequence[Result]) -> frozenset[int]:
    """Places of the results that are best by a metric: none where no difference is shown, several on ties."""
    # Where cells or rows are written one after another, the time of one step hangs on which step it is.
    if metric.key == "first_step_time_ps" and any(map(writes_serially, results)):
        return frozenset()
    found = standing(metric, groups_of(results))
    if found is None:
        return frozenset()
    return frozenset(place for group in found.best for place in group.places)
