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
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, Final

import attrs

from chipsim.result import Result, plain
from chipsim.result.chance import accuracy_error, forgetting_error, mean_error
from chipsim.result.compared import CHANCE, EQUAL, MANY, ONE_SEED, SPREAD, Sample, compared, why_alike
from chipsim.result.extent import epochs_of, stopped_after
from chipsim.result.labels import labels
from chipsim.result.metrics import Metric, is_number, measured, writes_serially

__all__ = [
    "CHANCE",
    "EQUAL",
    "MANY",
    "ONE_SEED",
    "SPREAD",
    "Group",
    "Sample",
    "Standing",
    "best_of",
    "groups_of",
    "is_exact",
    "leading",
    "sample_of",
    "standing",
    "why_alike",
]

_DESCRIBED: Final = frozenset({"area_mm2", "inference_time_ps", "hidden_memory_bytes"})
"""Figures that follow from the description, whatever was drawn."""
_COUNTED: Final = frozenset(
    {
        "simulated_time_ps", "energy_aJ", "first_step_time_ps", "epoch_time_ps", "leakage_energy_aJ",
        "energy_with_leakage_aJ", "leakage_percent",
    }
)  # fmt: skip
"""Figures that follow from it, too, where nothing depends on what cells were written or conduct."""
_HOW: Final = ("architecture", "workload", "timing_only", "train_samples")
"""Figures of the summary in which runs of one group are alike."""
_ON_TEST_SAMPLES: Final = (
    "test_accuracy_percent", "best_test_accuracy_percent", "test_accuracy_after_wait_percent",
)  # fmt: skip
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
    # Nor is one that went on from trained cells a seed of those that began with fresh ones.
    start = (result.provenance.get("start") or {}).get("state_sha256", "")
    described = [result.chip, result.workload, result.costs, start]
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
        samples = said.get("epoch_samples") or said.get("train_samples")
        return accuracy_error(measured(metric, result), samples)
    return None


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
    places, why = leading(len(known), lambda one, other: _why_behind(metric, known[one][1], known[other][1]))
    best = tuple(known[place][0] for place in places)
    return Standing(metric=metric, samples=tuple(known), best=best, why=why)


def _why_behind(metric: Metric, ahead: Sample, behind: Sample) -> str:
    """Why one figure is not told to be better than another whose mean is no better; empty when it is."""
    found = compared(ahead, behind)
    # Of the seeds that both have, it may be the other one that is better.
    if not found.why and (found.difference > 0) != (metric.better == "more"):
        return SPREAD
    return found.why


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
