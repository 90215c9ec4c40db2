"""What the report says in words, computed from the numbers: conclusions and warnings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from chipsim.report.chance import chance_remark, measured_accuracy, measured_forgetting, measured_mean
from chipsim.report.extent import epochs_of, epochs_words, stopped_after
from chipsim.report.lost import loss_sentences
from chipsim.report.metrics import METRICS, hottest_programmings, is_number, programmed, tasks_of
from chipsim.report.naming import labels
from chipsim.report.timed import timed_words
from chipsim.result import Result, task_outcomes
from chipsim.units import ENERGY, TIME, show

__all__ = [
    "Race",
    "Verdict",
    "conclusion",
    "factor",
    "joined",
    "race",
    "verdicts",
    "warnings_about",
]


@attrs.frozen(kw_only=True)
class Verdict:
    """One conclusion of the comparison."""

    question: str
    winner: str
    """Label of the result, labels of those that tie, or what holds of all."""
    value: str
    reason: str
    """By how much, against whom."""
    place: int | None
    """Place of the winner among the results; None when there is none."""
    tied: bool = False
    """Whether several share the lead."""
    by_chance: bool = False
    """Whether chance explains the lead."""


@attrs.frozen(kw_only=True)
class Race:
    """How long one result took to an accuracy that all of them reached."""

    label: str
    accuracy_percent: float
    epoch: int
    time: str
    energy: str


def joined(words: Sequence[str], *, last: str = "and") -> str:
    """Words in a row as a sentence has them.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def factor(more: float, less: float) -> str:
    """How many times `more` is `less`, in the digits that a reader keeps.

    Examples
    --------
    >>> factor(20, 3), factor(1.02, 1), factor(5000, 1)
    ('6.7', '1.02', '5,000')
    """
    ratio = more / less if less else math.inf
    if ratio < 1.1:
        return f"{ratio:.2f}"
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """Who is most accurate, forgets least, trains fastest, takes least, wears least, and by how much."""
    found = [
        _most_accurate(results),
        _least_forgetting(results),
        _verdict(
            results, "Fastest training", of=_summed("simulated_time_ps"), show_value=_time,
            reason=_times("the time"),
        ),
        _verdict(
            results, "Least energy", of=_summed("energy_aJ"), show_value=_energy, reason=_times("the energy")
        ),
        _least_worn(results),
    ]  # fmt: skip
    return [verdict for verdict in found if verdict is not None]


def _summed(key: str) -> Callable[[Result], Any]:
    return lambda result: result.summary.get(key)


def _most_accurate(results: Sequence[Result]) -> Verdict | None:
    """By the mean over tasks where there are several."""
    several = bool(tasks_of(results))
    verdict = _verdict(
        results, "Most accurate over all tasks" if several else "Most accurate",
        of=_summed("mean_task_accuracy_percent" if several else "test_accuracy_percent"),
        show_value=_percent, reason=_points, more=True,
    )  # fmt: skip
    measure = measured_mean if several else measured_accuracy
    return _doubted(verdict, chance_remark(results, measure, more=True))


def _doubted(verdict: Verdict | None, remark: str) -> Verdict | None:
    """A verdict with a remark on chance, where there is one."""
    if verdict is None or not remark:
        return verdict
    return attrs.evolve(verdict, reason=f"{verdict.reason}. The lead is {remark}", by_chance=True)


def _least_forgetting(results: Sequence[Result]) -> Verdict | None:
    """None where fewer than two had something to forget."""
    forgot = _summed("forgetting_percent")
    if sum(forgot(result) is not None for result in results) < 2:
        return None
    verdict = _verdict(results, "Least forgetting", of=forgot, show_value=_lost, reason=_lost_more)
    return _doubted(verdict, chance_remark(results, measured_forgetting, more=False))


def _least_worn(results: Sequence[Result]) -> Verdict | None:
    """By the hottest cell; None where some cells take pulses and others are programmed to levels."""
    worn = [result for result in results if result.wear]
    levels = [result for result in worn if programmed(result)]
    if levels and len(levels) < len(worn):
        return None
    pulses = next(metric for metric in METRICS if metric.key == "hottest_cell_pulses")
    verdict = _verdict(
        results, "Least worn hottest cell",
        of=hottest_programmings if levels else pulses.of or _summed(pulses.key),
        show_value=_programmings if levels else _pulses,
        reason=_as_many("programmed" if levels else "pulsed"),
    )  # fmt: skip
    if verdict is not None and len(worn) == 1 < len(results):
        return attrs.evolve(verdict, reason="the only chip with cells that wear")
    return verdict


def conclusion(results: Sequence[Result]) -> str:
    """The comparison in one or two sentences; for a single result, what it reached."""
    if len(results) == 1:
        return _alone(results[0])
    won: dict[str, list[str]] = {}
    for verdict in verdicts(results):
        if verdict.place is not None and verdict.reason:
            remark = " (though by no more than chance)" if verdict.by_chance else ""
            feat = (_SHARED_WINS if verdict.tied else _WINS)[verdict.question]
            won.setdefault(verdict.winner, []).append(feat + remark)
    if not won:
        return "No figure tells these runs apart."
    told = [f"{winner} {joined(feats)}" for winner, feats in won.items()]
    if len(won) == 1:
        shared = any(verdict.tied for verdict in verdicts(results))
        one = f"One {_kind(results)} leads"
        return f"{'These lead' if shared else one} in all that was compared: {told[0]}."
    return f"No {_kind(results)} leads in everything: {'; '.join(told)}."


def _kind(results: Sequence[Result]) -> str:
    """What is compared: chips, or runs of one chip."""
    return "chip" if len({result.summary.get("architecture") for result in results}) > 1 else "run"


_WINS: Final = {
    "Most accurate": "is the most accurate",
    "Most accurate over all tasks": "is the most accurate over all tasks",
    "Least forgetting": "forgets least",
    "Fastest training": "trains fastest",
    "Least energy": "takes the least energy",
    "Least worn hottest cell": "wears its hottest cell least",
}

_SHARED_WINS: Final = {
    "Most accurate": "are the most accurate",
    "Most accurate over all tasks": "are the most accurate over all tasks",
    "Least forgetting": "forget least",
    "Fastest training": "train fastest",
    "Least energy": "take the least energy",
    "Least worn hottest cell": "wear their hottest cells least",
}


def _alone(result: Result) -> str:
    said = result.summary
    reached = said.get("test_accuracy_percent")
    start = f"{said.get('architecture')} on {said.get('workload')}"
    accuracy = (
        f"reached {reached:.2f} % test accuracy in {epochs_words(epochs_of(result))},"
        if reached is not None
        else "took"
    )
    cost = f"{_time(said['simulated_time_ps'])} on the chip and {_energy(said['energy_aJ'])}"
    return f"{start} {accuracy} {cost}.{_kept(result)}{_hottest(result)}"


def _kept(result: Result) -> str:
    """What is left of each task, where there were several."""
    outcomes = [one for one in task_outcomes(result.tasks) if is_number(one.final_percent)]
    if len(outcomes) < 2:
        return ""
    told = [f"{one.final_percent:.2f} % of {one.task}" for one in outcomes]
    return f" At the end it classifies {joined(told)} right."


def _hottest(result: Result) -> str:
    times, said = hottest_programmings(result), result.summary
    if times is not None:
        return f" Its hottest cell was programmed {times:,} times."
    return f" Its hottest cell had {said['hottest_cell_pulses']:,} pulses." if said.get("cells") else ""


def race(results: Sequence[Result]) -> list[Race]:
    """Time and energy to the highest whole percent of test accuracy that every result reached.

    Empty when there is nothing to race, or some result has no accuracy, or accuracies are of several tasks.
    """
    if tasks_of(results):
        return []
    measured = [[row for row in result.epochs if is_number(row.test_accuracy_percent)] for result in results]
    if len(results) < 2 or not all(measured):
        return []
    goal = math.floor(min(max(row.test_accuracy_percent for row in rows) for rows in measured))
    found = []
    for rows, label in zip(measured, labels(results), strict=True):
        row = next(row for row in rows if row.test_accuracy_percent >= goal)
        time, energy = _time(row.simulated_time_ps), _energy(row.energy_aj)
        found.append(Race(label=label, accuracy_percent=goal, epoch=row.epoch, time=time, energy=energy))
    return found


def _percent(value: float) -> str:
    return f"{value:.2f} %"


def _time(value: int) -> str:
    return show(value, TIME)


def _energy(value: int) -> str:
    return show(value, ENERGY)


def _pulses(value: int) -> str:
    return f"{value:,} pulses"


def _programmings(value: int) -> str:
    return f"{value:,} programmings"


def _lost(value: float) -> str:
    return f"{value:.2f} points"


def _lost_more(best: float, other: float, name: str) -> str:
    return f"{name} loses {other - best:.2f} points more"


def _points(best: float, other: float, name: str) -> str:
    return f"{best - other:.2f} points above {name}"


def _times(what: str) -> Callable[[float, float, str], str]:
    def reason(best: float, other: float, name: str) -> str:
        return f"{name} takes {factor(other, best)} times {what}" if best else f"{name} takes some"

    return reason


def _as_many(done: str) -> Callable[[float, float, str], str]:
    """Against the cell of another chip to which it was done most."""

    def reason(best: float, other: float, name: str) -> str:
        return f"{name}'s most {done} cell gets {f'{factor(other, best)} times as many' if best else 'some'}"

    return reason


def _verdict(
    results: Sequence[Result],
    question: str,
    *,
    of: Callable[[Result], Any],
    show_value: Callable[[Any], str],
    reason: Callable[[Any, Any, str], str],
    more: bool = False,
) -> Verdict | None:
    """Who has the least of a figure, or the most; None when nobody has it."""
    named = [
        (value, place, label)
        for place, (result, label) in enumerate(zip(results, labels(results), strict=True))
        if (value := of(result)) is not None
    ]
    if not named:
        return None
    named.sort(key=lambda entry: entry[0], reverse=more)
    best, place, label = named[0]
    if len(named) == 1:
        return Verdict(question=question, winner=label, value=show_value(best), reason="", place=place)
    if named[-1][0] == best:
        return Verdict(question=question, winner="all alike", value=show_value(best), reason="", place=None)
    losers = [entry for entry in named[1:] if entry[0] != best]
    first = [entry[2] for entry in named if entry[0] == best]
    ends = losers if len(losers) < 2 else [losers[0], losers[-1]]
    why = "; ".join(reason(best, other, name) for other, _, name in ends)
    return Verdict(
        question=question, winner=joined(first), value=show_value(best), reason=why, place=place,
        tied=len(first) > 1,
    )  # fmt: skip


def warnings_about(results: Sequence[Result]) -> list[str]:
    """What a reader has to know before comparing: runs stopped early, or not alike."""
    found = []
    for result, label in zip(results, labels(results), strict=True):
        if after := stopped_after(result):
            found.append(f"{label} was stopped after {after}; its figures are partial.")
        if result.summary.get("timing_only"):
            found.append(
                f"{label} ran its programs without arithmetic; it has no accuracy and no wear; its "
                f"{timed_words(result)}."
            )
        found += [f"{label}: {sentence}." for sentence in loss_sentences(result)]
    words: dict[str, Callable[[Result], Any]] = {
        "workload": _summed("workload"),
        "number of epochs": epochs_of,
        "number of training samples": _summed("train_samples"),
        "number of test samples": _summed("test_samples"),
    }
    for word, of in words.items():
        given = list(dict.fromkeys(str(of(result)) for result in results))
        if len(given) > 1:
            found.append(f"These runs differ in {word}: {', '.join(given)}.")
    costs = list(dict.fromkeys(str(result.costs.get("name")) for result in results))
    if len(costs) > 1:
        found.append(f"These runs use different cost sets: {', '.join(costs)}.")
    return found
