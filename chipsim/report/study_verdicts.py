"""What a study's page concludes in words, and what it cannot: nothing is named best inside the spread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from chipsim.result.compared import CHANCE, EQUAL, MANY, ONE_SEED, SPREAD, Compared
from chipsim.result.metrics import Metric
from chipsim.result.student import LEVEL
from chipsim.study.enough import enough_seeds, least_difference
from chipsim.study.ranking import Duel, Ranking, duels, ranked
from chipsim.study.statistics import Gathered, Setting
from chipsim.study.words import amount, depends_on_costs, figures_named
from chipsim.wording import joined

__all__ = ["Conclusions", "conclude", "statistics_words"]

_MOST_NAMED: Final = 3
"""Settings that a sentence names."""
_REASONS: Final = {
    ONE_SEED: "one seed does not show how far the next would move it",
    SPREAD: "differences lie inside the spread over seeds",
    MANY: "differences that would count by themselves may be chance among so many comparisons",
    CHANCE: "differences are no more than chance with so many test samples",
    EQUAL: "figures are the same",
}


@attrs.frozen(kw_only=True, eq=False)
class Conclusions:
    """What a study shows."""

    sentences: tuple[str, ...]
    rankings: tuple[Ranking, ...]
    judged: int
    """Comparisons in which the spread over seeds had to be judged."""
    pointwise: int
    """Those of them in which two chips were compared at one point of what is varied."""
    families: int
    """Sets of comparisons that are corrected for their number, each set by itself."""
    among: int
    """Settings of which one figure asks for the best, at most; 0 where no spread had to be judged."""
    tests: tuple[str, ...]
    """By which t: ``paired``, ``unpaired``."""

    def best(self, metric: str) -> frozenset[Setting]:
        """Settings that are starred in a figure."""
        its = (ranking for ranking in self.rankings if ranking.metric.key == metric)
        return frozenset(setting for ranking in its for setting in ranking.best)


def conclude(gathered: Gathered, metrics: Sequence[Metric]) -> Conclusions:
    """What a study shows of the figures that its page leads with.

    Parameters
    ----------
    gathered
        The study.
    metrics
        The figures.
    """
    sentences, rankings = [], list[Ranking]()
    judged, pointwise, families, among, tests = 0, 0, 0, 0, list[str]()
    silent: list[Metric] = []
    for metric in metrics:
        if not metric.better:
            continue
        for where, settings in _blocks(gathered, metric):
            ranking = ranked(gathered, metric, settings)
            if ranking is None:
                continue
            if _is_silent(ranking):
                silent.append(metric)
                continue
            rankings.append(ranking)
            tests += [each.compared.by for each in ranking.contrasts.values()]
            among = max(among, len(ranking.samples) if ranking.judged else 0)
            fought = _fights(gathered, metric, settings)
            by_point = sum(duel.judged for duel in fought)
            judged, pointwise = judged + ranking.judged + by_point, pointwise + by_point
            families += bool(ranking.judged) + bool(by_point)
            told = _told(ranking, gathered.names(settings))
            sentences.append(". ".join([where + told, *(_fought(duel, metric) for duel in fought)]))
    if silent:
        sentences.append(_no_verdict(list(dict.fromkeys(silent, None))))
    missing = [key for key in gathered.study.metrics if key not in gathered.metrics]
    if missing and gathered.metrics:
        sentences.append(f"no run measured {joined(missing)}, which the study asks for")
    return Conclusions(
        sentences=tuple(map(_capital, sentences)),
        rankings=tuple(rankings),
        judged=judged,
        pointwise=pointwise,
        families=families,
        among=among,
        tests=tuple(dict.fromkeys(test for test in tests if test)),
    )


def _blocks(gathered: Gathered, metric: Metric) -> Iterable[tuple[str, list[Setting]]]:
    """Settings that are compared with each other: those of one task, at one cost set where that matters."""
    tasks = list(dict.fromkeys(one.task for one in gathered.settings))
    costs = list(dict.fromkeys(one.costs for one in gathered.settings))
    # What holds under the other cost sets has a section of its own.
    for task in tasks:
        where = [f"on {task}"] if len(tasks) > 1 else []
        if len(costs) > 1 and depends_on_costs(metric.key):
            where.append(f"at the costs of {costs[0]}")
        settings = [one for one in gathered.settings if (one.task, one.costs) == (task, costs[0])]
        yield (f"{' '.join(where)}, " if where else ""), settings


def _is_silent(ranking: Ranking) -> bool:
    """Whether nothing can be told because nothing was repeated."""
    return all(each.why == ONE_SEED for each in ranking.contrasts.values())


def _no_verdict(metrics: Sequence[Metric]) -> str:
    return (
        f"no verdict on {figures_named(metrics)}: one seed does not show how far the next would move "
        f"{'them' if len(metrics) > 1 else 'it'}; run several"
    )


def _told(ranking: Ranking, names: dict[Setting, str]) -> str:
    metric = ranking.metric
    title = figures_named([metric])
    if not ranking.best:
        return _none_leads(ranking, title)
    rest = ranking.told_apart
    others = {1: "the other", 2: "both others"}.get(rest, f"all {rest} others")
    shown = amount(metric, dict(ranking.samples)[ranking.reference])
    if len(ranking.best) == 1:
        nearest = next(setting for setting, _ in ranking.samples if setting != ranking.reference)
        by = _by(ranking.contrasts[nearest].compared)
        return f"{names[ranking.reference]} {_leads(metric)} {title}, {shown}; told apart from {others}{by}"
    best = [names[setting] for setting in ranking.best]
    named = joined(best) if len(best) <= _MOST_NAMED else f"{len(best)} settings"
    highest = "highest" if metric.better == "more" else "lowest"
    if all(ranking.contrasts[setting].why in ("", EQUAL) for setting in ranking.best[1:]):
        return f"{named} have the {highest} {title}, {shown}; told apart from {others}"
    are = "is" if rest == 1 else "are"
    return (
        f"{named} may have the {highest} {title}: {others} {are} told apart from the {highest} mean, {shown}"
    )


def _leads(metric: Metric) -> str:
    return "has the highest" if metric.better == "more" else "has the lowest"


def _by(found: Compared) -> str:
    """How the nearest was told apart, where seeds were paired."""
    if not found.seeds or found.deviation is None:
        return ""
    agree = "all" if found.agreeing == found.seeds else str(found.agreeing)
    return f" ({agree} of {found.seeds} seeds say so against the nearest)"


def _none_leads(ranking: Ranking, title: str) -> str:
    metric, samples = ranking.metric, ranking.samples
    if ranking.why == EQUAL:
        return f"{title} is the same for all: {amount(metric, samples[0][1])}"
    lowest = amount(metric, min((sample for _, sample in samples), key=lambda one: one.mean))
    highest = amount(metric, max((sample for _, sample in samples), key=lambda one: one.mean))
    whys = dict.fromkeys(each.why for each in ranking.contrasts.values())
    why = joined([_REASONS[why] for why in whys])
    return f"nothing leads in {title}, which lies between {lowest} and {highest}: {why}"


def _fights(gathered: Gathered, metric: Metric, settings: Sequence[Setting]) -> tuple[Duel, ...]:
    """Chips against each other, point by point, where something is varied."""
    if not any(one.varied for one in settings):
        return ()
    return duels(gathered, metric, settings)


def _fought(duel: Duel, metric: Metric) -> str:
    points = duel.better + duel.worse + duel.open
    more, less = ("higher", "lower") if metric.better == "more" else ("lower", "higher")
    told = [
        f"{more} at {duel.better}" if duel.better else "",
        f"{less} at {duel.worse}" if duel.worse else "",
    ]
    said = [each for each in told if each]
    if duel.open:
        reasons = joined([_REASONS[why] for why in duel.why])
        said.append(f"not told apart at {duel.open} ({reasons})")
    where = "one point" if points == 1 else f"{points} points"
    return f"{duel.one} against {duel.other} at {where}: {joined(said)}"


def _capital(sentence: str) -> str:
    # A name of a chip keeps its own letters; what we begin with begins a sentence.
    first, blank, rest = sentence.partition(" ")
    begins = first if first not in _OPENINGS else first.capitalize()
    return f"{begins}{blank}{rest}."


_OPENINGS: Final = frozenset({"no", "nothing", "on", "at", "of", "energy", "time", "area", "test", "mean"})


def statistics_words(gathered: Gathered, conclusions: Conclusions) -> str:
    """How differences were judged, in a few sentences for the reader."""
    counts = {len(set(gathered.seeds_of(one))) for one in gathered.settings} - {0}
    if not counts:
        return "Nothing has been measured yet."
    if counts == {1}:
        return (
            "Every setting was run with one seed. Another seed gives other accuracies, energies, times and "
            "wear, and one run does not show how far: only figures that no seed moves (area, time of one "
            "inference, and time and energy of chips without cells) are compared."
        )
    seeds = f"{min(counts)} to {max(counts)}" if len(counts) > 1 else str(max(counts))
    told = [f"Means and standard deviations are over {seeds} seeds."]
    if "paired" in conclusions.tests:
        told.append(
            "Runs of one seed share the order of the data and the initial weights, so differences are taken "
            "seed by seed and judged by the paired t of the differences, two-sided at 5 %."
        )
    if "unpaired" in conclusions.tests:
        told.append(
            "Where fewer than two seeds are shared, means are compared by Welch's t, two-sided at 5 %, and "
            "no run of the one may be as good as any of the other."
        )
    told += _corrected(conclusions)
    if min(counts) > 1 and conclusions.among > 1:
        told.append(_reach(min(counts), conclusions.among))
    if 1 in counts and len(counts) > 1:
        told.append("Settings with one seed are compared in nothing that a seed moves.")
    return " ".join(told)


def _corrected(conclusions: Conclusions) -> list[str]:
    """How many comparisons were made, and what keeps chance from telling something apart among them."""
    told = []
    if conclusions.judged > 1:
        told.append(f"{conclusions.judged:,} comparisons were judged for this page.")
    if conclusions.among > 2:
        told.append(
            "In each figure settings are compared with the best mean, so strictly that chance alone rules "
            "out the one that is best in at most one figure of twenty (multiple comparisons with the best: "
            "Hsu, Ann. Statist. 12:1136, 1984, by Bonferroni's inequality)."
        )
    if conclusions.pointwise > 1:
        told.append(
            "Chips against each other, point by point, are corrected for the number of points by Holm's rule "
            "(Scand. J. Statist. 6:65, 1979), all of one figure on one workload together."
        )
    if conclusions.families > 1:
        told.append(_several(conclusions.families))
    return told


def _several(families: int) -> str:
    """What is held of all figures of a page together: no more than their number allows."""
    most = round(100 * LEVEL * families)
    wrong = (
        f"makes some one wrong in at most {most} % of studies" if most < 100 else "may well make some wrong"
    )
    return (
        "Each figure on each workload, and each of these ways to compare, is held to one in twenty by "
        f"itself, not all together: of the {families} here, chance alone {wrong}."
    )


def _reach(seeds: int, settings: int) -> str:
    needed = least_difference(seeds, settings)
    more = enough_seeds(settings)
    said = (
        f"With {seeds} seeds and {settings:,} settings, what differs from the best mean by less than "
        f"{needed:.1f} standard deviations of the difference over seeds is not told apart from it"
    )
    return (
        f"{said}; with {more} seeds {least_difference(more, settings):.1f} would do."
        if more > seeds
        else f"{said}."
    )
