"""What the report says in words, computed from the numbers: one run, and warnings about several."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chipsim.result import Result, task_outcomes
from chipsim.result.extent import epochs_of, epochs_words, stopped_after
from chipsim.result.labels import labels
from chipsim.result.metrics import hottest_programmings, is_number, programmed
from chipsim.result.timed import timed_words
from chipsim.units import ENERGY, TIME, show
from chipsim.wording import joined, plural

__all__ = [
    "factor",
    "own_warnings",
    "timed_together",
    "told_alone",
    "warnings_about",
    "warnings_of",
]


def factor(more: float, less: float) -> str:
    """How many times `more` is `less`, in the digits that a reader keeps.

    Examples
    --------
    >>> factor(20, 3), factor(1.02, 1), factor(5000, 1)
    ('6.7', '1.02', '5,000')
    """
    ratio = more / less if less else math.inf
    # One digit would say "1.0 times" of what is told apart.
    if ratio < 1.1:
        return f"{ratio:.2f}"
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"


def told_alone(result: Result) -> str:
    """What one run reached, in a sentence or two."""
    said = result.summary
    reached = said.get("test_accuracy_percent")
    start = f"{said.get('architecture')} on {said.get('workload')}"
    time = show(said["simulated_time_ps"], TIME)
    energy = show(said["energy_aJ"], ENERGY)
    # A run that was only timed, or stopped in its first epoch, has cost something and reached nothing.
    done = "took"
    if reached is not None:
        done = f"reached {reached:.2f} % test accuracy in {epochs_words(epochs_of(result))},"
    cost = f"{time} on the chip and {energy}"
    told = f"{start} {done} {cost}."
    return told + _kept(result) + _hottest(result)


def _kept(result: Result) -> str:
    """What is left of each task, where there were several."""
    outcomes = [one for one in task_outcomes(result.tasks) if is_number(one.final_percent)]
    if len(outcomes) < 2:
        return ""
    told = [f"{one.final_percent:.2f} % of {one.task}" for one in outcomes]
    return f" At the end it classifies {joined(told)} right."


def _hottest(result: Result) -> str:
    times, said = hottest_programmings(result), result.summary
    programmings = "" if times is None else f"programmed {times:,} {plural('time', times)}"
    if times is not None and programmed(result):
        return f" Its hottest cell was {programmings}."
    if not said.get("cells"):
        return ""
    pulses = said["hottest_cell_pulses"]
    had = f"had {pulses:,} {plural('pulse', pulses)}"
    if not programmings:
        return f" Its hottest cell {had}."
    # A chip may have cells of both sorts, and neither sort's hottest is hotter than the other's.
    levelled = f"the hottest of those with levels was {programmings}"
    return f" The hottest of its cells that take pulses {had}, {levelled}."


def _summed(key: str) -> Callable[[Result], Any]:
    return lambda result: result.summary.get(key)


def warnings_of(result: Result, *, label: str) -> list[str]:
    """What a reader has to know of one run before believing its figures.

    Parameters
    ----------
    result
        The run.
    label
        What it is called where that is told.
    """
    found = []
    if after := stopped_after(result):
        found.append(f"{label} was stopped after {after}; its figures are partial.")
    if result.summary.get("timing_only"):
        found.append(
            f"{label} ran its programs without arithmetic; it has no accuracy and no wear; its "
            f"{timed_words(result)}."
        )
    return found + own_warnings(result, label=label)


def own_warnings(result: Result, *, label: str) -> list[str]:
    """What a run itself warned of."""
    return [f"{label}: {text}." for text in result.summary.get("warnings", ())]


def timed_together(results: Mapping[str, Result]) -> list[str]:
    """What figures of runs without arithmetic leave out, once for all of which the same is to be said.

    Parameters
    ----------
    results
        By what each is called.
    """
    by_words: dict[str, list[str]] = {}
    for label, result in results.items():
        by_words.setdefault(timed_words(result), []).append(label)
    told = "Programs were timed without arithmetic: there is no accuracy and no wear"
    if len(by_words) == 1:
        return [f"{told}; {next(iter(by_words))}."]
    return [f"{told}.", *(f"{joined(names)}: {words}." for words, names in by_words.items())]


def warnings_about(results: Sequence[Result]) -> list[str]:
    """What a reader has to know before comparing: runs stopped early, or not alike."""
    found = []
    for result, label in zip(results, labels(results), strict=True):
        found += warnings_of(result, label=label)
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
    # Prices of two technologies make one and the same chip cheaper or dearer.
    if len(costs) > 1:
        found.append(f"These runs use different cost sets: {', '.join(costs)}.")
    return found
