"""Whether two figures differ by more than seeds and test samples explain: by pairs where seeds are shared."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import attrs

from chipsim.result.chance import ERRORS
from chipsim.result.student import LEVEL, two_sided

__all__ = [
    "CHANCE",
    "EQUAL",
    "MANY",
    "ONE_SEED",
    "PAIRED",
    "ROUNDED",
    "SPREAD",
    "WELCH",
    "Compared",
    "Sample",
    "compared",
    "why_alike",
]

EQUAL: Final = "equal"
ONE_SEED: Final = "one seed"
SPREAD: Final = "spread"
CHANCE: Final = "chance"
MANY: Final = "many"
"""Why two figures are not told apart; many: by themselves they are, but not among so many comparisons."""

PAIRED: Final = "paired"
WELCH: Final = "unpaired"
"""By which t two figures were compared."""
ROUNDED: Final = 1 / 12
"""Variance of what lies anywhere between two whole numbers around the one that it is counted as."""


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

    # Kept, for a study asks for each as often as it has other settings.
    @cached_property
    def mean(self) -> float:
        """Mean over seeds; a whole number where all are the same."""
        same = len(set(self.values)) == 1
        return self.values[0] if same else statistics.fmean(self.values)

    @cached_property
    def deviation(self) -> float | None:
        """Standard deviation over seeds; None of one seed, which shows none."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @cached_property
    def counted(self) -> bool:
        """Whether all values are whole numbers, as counts are; what is measured with an error is none."""
        return not self.error and all(float(value).is_integer() for value in self.values)


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
    least = sum(_least_variances(one, other))
    found = _paired(pairs, least=least) if len(pairs) > 1 else _unpaired(one, other)
    # All seeds may agree because all were tested on the same few samples.
    if not found.why and abs(found.difference) <= ERRORS * math.hypot(one.error, other.error):
        return attrs.evolve(found, why=CHANCE)
    return found


def _least_variances(one: Sample, other: Sample) -> tuple[float, float]:
    """What two figures spread at least: a few small counts may agree because nothing lies between them."""
    is_counted = one.counted and other.counted
    leasts = [ROUNDED if is_counted and not sample.exact else 0.0 for sample in (one, other)]
    return leasts[0], leasts[1]


def _pairs(one: Sample, other: Sample) -> list[float]:
    """The differences of the seeds that both have."""
    theirs = dict(zip(other.seeds, other.values, strict=False))
    pairs = []
    for seed, value in zip(one.seeds, one.values, strict=False):
        # A run of which nobody knows the seed has no partner.
        if seed is not None and seed in theirs:
            pairs.append(value - theirs[seed])
    return pairs


def _paired(differences: Sequence[float], *, least: float) -> Compared:
    if not any(differences):
        return Compared(why=EQUAL, difference=0.0)
    count = len(differences)
    mean = math.fsum(differences) / count
    # By hand: the library's works in fractions, and a sweep has a hundred thousand pairs.
    deviation = math.sqrt(math.fsum((each - mean) ** 2 for each in differences) / (count - 1))
    spread = max(deviation, math.sqrt(least))
    # Nothing spreads, so nothing explains a difference.
    t = abs(mean) / (spread / math.sqrt(count)) if spread else math.inf
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
    sides = zip((one, other), _least_variances(one, other), strict=True)
    parts = [max(_variance(sample), least) / len(sample.values) for sample, least in sides]
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
