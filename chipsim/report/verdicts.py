"""Conclusions of a comparison in words: who leads in what, by how much, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from chipsim.report.words import factor, told_alone
from chipsim.result import Result
from chipsim.result.metrics import METRICS, Metric, metric_value, metrics_of, programmed
from chipsim.result.standing import (
    CHANCE,
    EQUAL,
    ONE_SEED,
    SPREAD,
    Group,
    Sample,
    Standing,
    groups_of,
    sample_of,
    standing,
)
from chipsim.wording import joined

__all__ = ["Verdict", "conclusion", "group_value", "undecided", "verdicts"]


@attrs.frozen(kw_only=True)
class Verdict:
    """One conclusion of the comparison, that the runs bear out."""

    question: str
    winner: str
    """Label of the group that leads, or labels of those that are not told apart in the lead."""
    value: str
    """Mean over the seeds of the one that leads, or from the least to the most of those that do."""
    reason: str
    """By how much, against whom, and how far apart its seeds are."""
    place: int | None
    """Place of the winner's first run among the results; None when there are several."""
    tied: bool = False
    """Whether several share the lead."""


@attrs.frozen(kw_only=True)
class _Question:
    """What is asked of a comparison."""

    title: str
    figure: str
    """What sentences call it."""
    win: str
    shared: str
    of: Callable[[Sequence[Result]], str | None]
    """Key of the metric that answers it; None when these results do not ask it."""
    against: Callable[[float, float, str], str]
    """By how much a group is behind the best, from both means and its name."""


def _accuracy(results: Sequence[Result]) -> str | None:
    return None if _over_tasks(results) else "test_accuracy_percent"


def _over_tasks(results: Sequence[Result]) -> str | None:
    key = "mean_task_accuracy_percent"
    return key if any(metric.key == key for metric in metrics_of(results)) else None


def _wear(results: Sequence[Result]) -> str | None:
    """By the hottest cell; None where some cells take pulses and others are programmed to levels."""
    levels = {programmed(result) for result in results if result.wear}
    # A programming to a level and a small pulse do not wear a cell alike: their numbers compare nothing.
    if len(levels) != 1:
        return None
    return "hottest_cell_programmings" if levels == {True} else "hottest_cell_pulses"


def _points(best: float, other: float, name: str) -> str:
    return f"{best - other:.2f} points above {name}"


def _lost_more(best: float, other: float, name: str) -> str:
    return f"{name} loses {other - best:.2f} points more"


def _times(what: str) -> Callable[[float, float, str], str]:
    def reason(best: float, other: float, name: str) -> str:
        # Where the best takes nothing, no factor says how much more another takes.
        if not best:
            return f"{name} takes some"
        return f"{name} takes {factor(other, best)} times {what}"

    return reason


def _as_many(best: float, other: float, name: str) -> str:
    many = f"{factor(other, best)} times as many" if best else "some"
    return f"{name}'s hottest cell gets {many}"


_QUESTIONS: Final = (
    _Question(
        title="Most accurate", figure="accuracy", win="is the most accurate", shared="are the most accurate",
        of=_accuracy, against=_points,
    ),
    _Question(
        title="Most accurate over all tasks", figure="accuracy over all tasks",
        win="is the most accurate over all tasks", shared="are the most accurate over all tasks",
        of=_over_tasks, against=_points,
    ),
    _Question(
        title="Least forgetting", figure="forgetting", win="forgets least", shared="forget least",
        of=lambda _: "forgetting_percent", against=_lost_more,
    ),
    _Question(
        title="Fastest training", figure="time", win="trains fastest", shared="train fastest",
        of=lambda _: "simulated_time_ps", against=_times("the time"),
    ),
    _Question(
        title="Least energy", figure="energy", win="takes the least energy", shared="take the least energy",
        of=lambda _: "energy_aJ", against=_times("the energy"),
    ),
    _Question(
        title="Least worn hottest cell", figure="wear", win="wears its hottest cell least",
        shared="wear their hottest cells least", of=_wear, against=_as_many,
    ),
)  # fmt: skip


def _asked(results: Sequence[Result]) -> list[tuple[_Question, Standing]]:
    """The questions that these results can be asked, with how they stand."""
    metrics = {metric.key: metric for metric in (*METRICS, *metrics_of(results))}
    groups = groups_of(results)
    found = []
    for question in _QUESTIONS:
        key = question.of(results)
        stand = standing(metrics[key], groups) if key in metrics else None
        if stand is not None:
            found.append((question, stand))
    return found


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """Who is most accurate, forgets least, trains fastest, takes least, wears least: what is told apart."""
    return [_verdict(question, stand) for question, stand in _asked(results) if stand.best]


def _verdict(question: _Question, stand: Standing) -> Verdict:
    best = [(group, sample) for group, sample in stand.samples if group in stand.best]
    behind = [(group, sample) for group, sample in stand.samples if group not in stand.best]
    first, leader = best[0]
    # Of many that are behind, the nearest and the farthest say between what the others lie.
    if len(behind) > 2:
        behind = [behind[0], behind[-1]]
    whys = [question.against(leader.mean, sample.mean, group.label) for group, sample in behind]
    tied = len(best) > 1
    return Verdict(
        question=question.title,
        winner=joined([group.label for group, _ in best]),
        value=_value(stand.metric, [sample for _, sample in best]),
        reason="; ".join(whys) + _spread_words(stand.metric, leader, tied=tied),
        place=None if tied else first.places[0],
        tied=tied,
    )


def _value(metric: Metric, samples: Sequence[Sample]) -> str:
    """The mean of one; of several that are not alike, from the least to the most."""
    # As they are shown: means that look the same would make a range from a number to itself.
    means = {_shown(metric, sample.mean) for sample in samples}
    if len(means) == 1:
        return means.pop()
    values = [value for sample in samples for value in sample.values]
    return _between(metric, values)


def _spread_words(metric: Metric, leader: Sample, *, tied: bool) -> str:
    if tied:
        # The seeds of one of them say nothing of the others that share the lead.
        return "; those that lead are not told apart"
    if len(set(leader.values)) == 1:
        return ""
    return f"; over {len(leader.values)} seeds from {_between(metric, leader.values)}"


def group_value(metric: Metric, group: Group) -> tuple[str, str]:
    """A figure of a group as tables show it: the mean over its seeds, and from where to where they lie.

    Parameters
    ----------
    metric
        What is shown.
    group
        Runs that differ in their seed; the second text is empty where they do not differ in the figure.
    """
    if len(group.results) == 1:
        return metric_value(metric, group.results[0]), ""
    sample = sample_of(metric, group)
    if sample is None:
        # Some run did not measure it, so there is no mean: each value is shown, a dash among them.
        values = dict.fromkeys(metric_value(metric, result) for result in group.results)
        return " / ".join(values), ""
    mean = _shown(metric, sample.mean)
    if len(set(sample.values)) == 1:
        return mean, ""
    return mean, _between(metric, sample.values)


def _between(metric: Metric, values: Sequence[float]) -> str:
    least = _shown(metric, min(values))
    most = _shown(metric, max(values))
    return f"{least} to {most}"


def _shown(metric: Metric, value: float) -> str:
    """A value, or a mean of values, as tables show it."""
    # A mean of whole numbers is a float, which units of whole numbers cannot show.
    whole = metric.key.endswith(_WHOLE)
    return metric.show(round(value) if whole else value)


_WHOLE: Final = ("_ps", "_aJ", "_bytes", "pulses", "programmings", "resets", "sets", "epoch")
"""How names of metrics end whose values are whole numbers."""


def undecided(results: Sequence[Result]) -> list[str]:
    """What these runs cannot tell, and why, a sentence for each reason."""
    open_: dict[str, list[str]] = {}
    for question, stand in _asked(results):
        if not stand.best:
            open_.setdefault(stand.why, []).append(question.figure)
    told = []
    for why, sentence in _OPEN.items():
        figures = open_.get(why)
        if figures:
            them = "it" if len(figures) == 1 else "them"
            told.append(sentence.format(figures=joined(figures), them=them))
    return told


_OPEN: Final = {
    ONE_SEED: "No verdict on {figures}: one seed does not show how far the next would move {them}; "
    "run several, as 'chipsim compare --seeds 3' does.",
    SPREAD: "No difference in {figures}: what there is lies inside the spread over seeds.",
    CHANCE: "No difference in {figures}: what there is is no more than chance with so many test samples.",
    EQUAL: "The same for all: {figures}.",
}


def conclusion(results: Sequence[Result]) -> str:
    """The comparison in a few sentences; for a single result, what it reached."""
    if len(results) == 1:
        return told_alone(results[0])
    if len(groups_of(results)) == 1:
        # The best of several seeds is luck, and no figure of the chip.
        return f"One chip, run {len(results)} times: nothing is compared but seeds."
    questions = {question.title: question for question, _ in _asked(results)}
    won: dict[str, list[str]] = {}
    for verdict in verdicts(results):
        question = questions[verdict.question]
        won.setdefault(verdict.winner, []).append(question.shared if verdict.tied else question.win)
    doubts = undecided(results)
    if not won:
        return " ".join(doubts) or "Nothing is compared."
    told = [f"{winner} {joined(feats)}" for winner, feats in won.items()]
    if len(won) > 1:
        start = f"No {_kind(results)} leads in everything: {'; '.join(told)}."
    elif doubts:
        # Whoever leads where something was shown does not lead in all: the rest is open.
        start = f"{told[0]}."
    else:
        shared = any(verdict.tied for verdict in verdicts(results))
        lead = "These lead" if shared else f"One {_kind(results)} leads"
        start = f"{lead} in all that was compared: {told[0]}."
    return " ".join([start, *doubts])


def _kind(results: Sequence[Result]) -> str:
    """What is compared: chips, or runs of one chip."""
    chips = {result.summary.get("architecture") for result in results}
    return "chip" if len(chips) > 1 else "run"
