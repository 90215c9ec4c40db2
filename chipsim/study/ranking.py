"""Which settings of a study are told apart, when all comparisons of its page are looked at together."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from chipsim.result.compared import MANY, Compared, Sample, compared
from chipsim.result.metrics import Metric
from chipsim.result.standing import leading
from chipsim.result.student import holm
from chipsim.study.statistics import Gathered, Setting

__all__ = ["Contrast", "Contrasts", "Duel", "Ranking", "contrasts", "duels", "rank", "ranked"]


@attrs.frozen(kw_only=True)
class Contrast:
    """How two settings compare in one figure, among all comparisons that are made."""

    one: Setting
    other: Setting
    compared: Compared
    why: str
    """Why they are not told apart; empty when they are."""


Contrasts: TypeAlias = Mapping[tuple[Setting, Setting], Contrast]
"""By both settings, in either order."""


@attrs.frozen(kw_only=True, eq=False)
class Ranking:
    """How settings that do one task at one cost set stand in a figure."""

    metric: Metric
    samples: tuple[tuple[Setting, Sample], ...]
    """The best first, by their means."""
    best: tuple[Setting, ...]
    """Those that lead; empty where none is told apart."""
    why: str
    """Why none leads."""
    contrasts: Contrasts

    @property
    def judged(self) -> int:
        """Comparisons in which the spread over seeds had to be judged."""
        # Each stands there in both orders.
        return sum(each.compared.chance is not None for each in self.contrasts.values()) // 2

    def told_apart(self, setting: Setting) -> int:
        """From how many of the others a setting is told apart."""
        pairs = [each for (one, _), each in self.contrasts.items() if one == setting]
        return sum(not each.why for each in pairs)


@attrs.frozen(kw_only=True)
class Duel:
    """Two chips at all points of what is varied."""

    one: str
    other: str
    better: int
    """Points at which the first is told to be better."""
    worse: int
    open: int
    """Points at which they are not told apart."""
    why: tuple[str, ...]
    """Why not, each reason once."""
    judged: int
    """Comparisons in which the spread over seeds had to be judged."""


def contrasts(pairs: Iterable[tuple[Setting, Setting]], samples: Mapping[Setting, Sample]) -> Contrasts:
    """Comparisons that are made together, with Holm's correction for their number.

    Parameters
    ----------
    pairs
        What is compared.
    samples
        One figure of each setting.
    """
    made = [(one, other, compared(samples[one], samples[other])) for one, other in pairs]
    # What is exact, or of one seed, was not judged by chance, and does not count among the comparisons.
    judged = [each for each in made if each[2].chance is not None]
    held = holm([each[2].chance or 0.0 for each in judged])
    lost = {each[:2] for each, holds in zip(judged, held, strict=True) if not holds}
    found: dict[tuple[Setting, Setting], Contrast] = {}
    for one, other, each in made:
        # By itself the difference would count; among so many, chance brings one like it along.
        why = MANY if not each.why and (one, other) in lost else each.why
        contrast = Contrast(one=one, other=other, compared=each, why=why)
        found[one, other] = contrast
        found[other, one] = Contrast(one=other, other=one, compared=_turned(each), why=why)
    return found


def _turned(one: Compared) -> Compared:
    # Not by attrs.evolve, which takes most of the time that a hundred thousand comparisons take.
    return Compared(
        why=one.why,
        by=one.by,
        chance=one.chance,
        difference=-one.difference,
        deviation=one.deviation,
        seeds=one.seeds,
        agreeing=one.agreeing,
    )


def rank(metric: Metric, samples: Mapping[Setting, Sample]) -> Ranking | None:
    """How settings stand in a figure, each compared with each.

    Parameters
    ----------
    metric
        The figure; None comes back where neither more nor less of it is better.
    samples
        Of at least two settings.
    """
    if not metric.better or len(samples) < 2:
        return None
    order = sorted(samples.items(), key=lambda entry: entry[1].mean, reverse=metric.better == "more")
    settings = [setting for setting, _ in order]
    found = contrasts(itertools.combinations(settings, 2), samples)
    places, why = leading(len(order), lambda one, other: found[settings[one], settings[other]].why)
    return Ranking(
        metric=metric,
        samples=tuple(order),
        best=tuple(settings[place] for place in places),
        why=why,
        contrasts=found,
    )


def ranked(gathered: Gathered, metric: Metric, settings: Sequence[Setting]) -> Ranking | None:
    """How settings of a study stand in a figure: those that have it, each compared with each.

    Parameters
    ----------
    gathered
        The study.
    metric
        The figure.
    settings
        Those of one task and cost set.
    """
    key = (metric.key, tuple(settings))
    # Asked by sentences, stars and trade-offs alike, and a large study takes seconds for each.
    if key not in gathered.rankings:
        known = {one: gathered.sample(one, metric.key) for one in settings}
        samples = {one: sample for one, sample in known.items() if sample is not None}
        gathered.rankings[key] = rank(metric, samples)
    found: Ranking | None = gathered.rankings[key]
    return found


def duels(gathered: Gathered, metric: Metric, settings: Sequence[Setting]) -> tuple[Duel, ...]:
    """Each two chips at every point of what is varied; a chip that is not varied stands at all of them.

    Parameters
    ----------
    gathered
        The study.
    metric
        A figure of which more or less is better.
    settings
        Those of one task and cost set.
    """
    known = {one: gathered.sample(one, metric.key) for one in settings}
    samples = {one: sample for one, sample in known.items() if sample is not None}
    pairs = [
        (one, other)
        for one, other in itertools.combinations(samples, 2)
        if one.chip != other.chip and one.meets(other)
    ]
    found = contrasts(pairs, samples)
    by_chips: dict[tuple[str, str], list[Contrast]] = {}
    for one, other in pairs:
        by_chips.setdefault((one.chip, other.chip), []).append(found[one, other])
    sign = 1 if metric.better == "more" else -1
    return tuple(_duel(chips, its, sign=sign) for chips, its in by_chips.items())


def _duel(chips: tuple[str, str], its: Sequence[Contrast], *, sign: int) -> Duel:
    told = [sign * each.compared.difference for each in its if not each.why]
    return Duel(
        one=chips[0],
        other=chips[1],
        better=sum(each > 0 for each in told),
        worse=sum(each < 0 for each in told),
        open=len(its) - len(told),
        why=tuple(dict.fromkeys(each.why for each in its if each.why)),
        judged=sum(each.compared.chance is not None for each in its),
    )
