"""Which settings of a study are told apart, when all comparisons of its page are looked at together.

In each figure, settings are compared with the best mean alone, not each with each: what is asked is which of
them may be the best. Comparisons that were chosen before anything was measured (chips against each other,
point by point) are corrected for their number by Holm's rule.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs
import numpy as np

from chipsim.result.alongside import Alongside
from chipsim.result.compared import CHANCE, EQUAL, MANY, ONE_SEED, SPREAD, Compared, Sample
from chipsim.result.metrics import Metric
from chipsim.result.student import beside_best, holm
from chipsim.study.statistics import Gathered, Setting

__all__ = [
    "Contrast",
    "Contrasts",
    "Duel",
    "Ranking",
    "among_all",
    "contrasts",
    "duels",
    "meeting",
    "rank",
    "ranked",
    "samples_of",
]


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
    reference: Setting
    """That of the best mean, with which all others are compared; of one seed only where all are."""
    best: tuple[Setting, ...]
    """Those that may be the best: the reference, and what is not told apart from it; empty where all may."""
    why: str
    """Why none is told apart from the reference."""
    contrasts: Mapping[Setting, Contrast]
    """Of the reference with each other setting."""
    level: float
    """How rarely chance tells one of them apart from the reference."""

    @property
    def judged(self) -> int:
        """Comparisons in which the spread over seeds had to be judged."""
        return sum(each.compared.chance is not None for each in self.contrasts.values())

    @property
    def told_apart(self) -> int:
        """How many are told apart from the reference."""
        return sum(not each.why for each in self.contrasts.values())


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
        What is compared: chosen by what was planned, and not by what was measured.
    samples
        One figure of each setting.
    """
    made = _made(list(pairs), samples)
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
        turned = attrs.evolve(each, difference=-each.difference)
        found[other, one] = Contrast(one=other, other=one, compared=turned, why=why)
    return found


def _made(
    pairs: Sequence[tuple[Setting, Setting]], samples: Mapping[Setting, Sample]
) -> list[tuple[Setting, Setting, Compared]]:
    """Each pair with how it compares by itself."""
    if not pairs:
        return []
    place = {setting: at for at, setting in enumerate(samples)}
    ones, others = (np.array([place[pair[side]] for pair in pairs]) for side in (0, 1))
    judged = Alongside(list(samples.values())).judged(ones, others)
    return [(one, other, judged.one(at)) for at, (one, other) in enumerate(pairs)]


def rank(metric: Metric, samples: Mapping[Setting, Sample]) -> Ranking | None:
    """How settings stand in a figure, each compared with the best mean.

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
    # What nobody repeated would be the best by luck, and nothing can be held against it.
    repeated = [setting for setting, sample in order if sample.exact or len(sample.values) > 1]
    reference = repeated[0] if repeated else order[0][0]
    others = [setting for setting, _ in order if setting != reference]
    level = beside_best(max(len(repeated) - 1, 1))
    made = _made([(reference, other) for other in others], samples)
    found = {each[1]: _beside(*each, level=level, better=metric.better) for each in made}
    alike = [setting for setting, each in found.items() if each.why]
    is_told = len(alike) < len(found)
    return Ranking(
        metric=metric,
        samples=tuple(order),
        reference=reference,
        best=(reference, *alike) if is_told else (),
        why="" if is_told else _first_why(found[setting].why for setting in alike),
        contrasts=found,
        level=level,
    )


def _beside(reference: Setting, other: Setting, each: Compared, *, level: float, better: str) -> Contrast:
    """How a setting stands beside the one with the best mean."""
    why = each.why
    if not why and each.chance is not None and each.chance > level:
        why = MANY
    # Of the seeds that both have, it may be the other one that is better.
    if not why and (each.difference > 0) != (better == "more"):
        why = SPREAD
    return Contrast(one=reference, other=other, compared=each, why=why)


def _first_why(whys: Iterable[str]) -> str:
    """Of several reasons the one that more runs could take away: it tells the reader what to do."""
    given = set(whys)
    return next(why for why in (ONE_SEED, SPREAD, MANY, CHANCE, EQUAL) if why in given)


def samples_of(gathered: Gathered, metric: Metric, settings: Sequence[Setting]) -> dict[Setting, Sample]:
    """What was measured of a figure, by setting; settings without it are left out.

    Parameters
    ----------
    gathered
        The study.
    metric
        The figure.
    settings
        Of the study.
    """
    known = {one: gathered.sample(one, metric.key) for one in settings}
    return {one: sample for one, sample in known.items() if sample is not None}


def ranked(gathered: Gathered, metric: Metric, settings: Sequence[Setting]) -> Ranking | None:
    """:func:`rank` of :func:`samples_of`, worked out once and kept with the study.

    Parameters
    ----------
    gathered, metric
        As there.
    settings
        Those of one task and cost set.
    """
    key = (metric.key, tuple(settings))
    # Asked by sentences, stars and trade-offs alike, and a large study takes seconds for each.
    if key not in gathered.rankings:
        gathered.rankings[key] = rank(metric, samples_of(gathered, metric, settings))
    found: Ranking | None = gathered.rankings[key]
    return found


def among_all(gathered: Gathered, metric: Metric, pairs: Sequence[tuple[Setting, Setting]]) -> Contrasts:
    """Comparisons of chosen settings, corrected together with all that the study makes of its chips.

    Parameters
    ----------
    gathered
        The study.
    metric
        The figure; pairs of which one does not have it are left out.
    pairs
        What is compared.
    """
    places = {(one.task, one.costs) for pair in pairs for one in pair}
    others = [one for one in gathered.settings if (one.task, one.costs) in places]
    samples = samples_of(gathered, metric, others)
    chosen = [pair for pair in pairs if pair[0] in samples and pair[1] in samples]
    # Two settings that are chosen need not stand at one point of what is varied.
    met = [pair for pair in meeting(samples) if not {pair, pair[::-1]} & set(chosen)]
    return contrasts([*chosen, *met], samples)


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
    samples = samples_of(gathered, metric, settings)
    pairs = list(meeting(samples))
    found = contrasts(pairs, samples)
    by_chips: dict[tuple[str, str], list[Contrast]] = {}
    for one, other in pairs:
        by_chips.setdefault((one.chip, other.chip), []).append(found[one, other])
    sign = 1 if metric.better == "more" else -1
    return tuple(_duel(chips, its, sign=sign) for chips, its in by_chips.items())


def meeting(settings: Iterable[Setting]) -> Iterator[tuple[Setting, Setting]]:
    """Settings of each two chips that stand at one point of what is varied, on one task at one cost set.

    Parameters
    ----------
    settings
        In any order; chips are paired in that of their first settings.

    Examples
    --------
    >>> free = Setting(chip="a", task="t")
    >>> one, other = (Setting(chip="b", task="t", varied=(("p", value),)) for value in "12")
    >>> list(meeting([free, one, other])) == [(free, one), (free, other)]
    True
    """
    # By what is varied of them: a chip that is not varied stands at all points, and few paths differ.
    blocks: dict[tuple[str, str], dict[tuple[str, frozenset[str]], list[Setting]]] = {}
    chips: dict[str, int] = {}
    for one in settings:
        chips.setdefault(one.chip, len(chips))
        paths = frozenset(path for path, _ in one.varied)
        groups = blocks.setdefault((one.task, one.costs), {})
        groups.setdefault((one.chip, paths), []).append(one)
    for groups in blocks.values():
        ordered = sorted(groups.items(), key=lambda group: chips[group[0][0]])
        for (mine, its), (theirs, those) in itertools.combinations(ordered, 2):
            if mine[0] != theirs[0]:
                yield from _met(its, those, paths=mine[1] & theirs[1])


def _met(
    its: Sequence[Setting], those: Sequence[Setting], *, paths: frozenset[str]
) -> Iterator[tuple[Setting, Setting]]:
    """Settings of two chips that have the same values at some paths."""
    at_point: dict[frozenset[tuple[str, str]], list[Setting]] = {}
    for other in those:
        at_point.setdefault(_at(other, paths), []).append(other)
    for one in its:
        for other in at_point.get(_at(one, paths), ()):
            yield one, other


def _at(setting: Setting, paths: frozenset[str]) -> frozenset[tuple[str, str]]:
    return frozenset(each for each in setting.varied if each[0] in paths)


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
