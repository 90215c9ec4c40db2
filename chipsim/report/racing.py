"""The way to an accuracy that all runs reached: how long it took, and how much energy."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

import attrs

from chipsim.result import EpochRow, Result
from chipsim.result.metrics import is_number, tasks_of
from chipsim.result.standing import groups_of
from chipsim.units import ENERGY, TIME, show

__all__ = ["Race", "race"]


@attrs.frozen(kw_only=True)
class Race:
    """How long the runs of one chip took to an accuracy that all runs reached."""

    label: str
    place: int
    """Of the first of them among the results."""
    accuracy_percent: float
    epoch: str
    """The epoch at whose end it was reached first; of several seeds, from the earliest to the latest."""
    time: str
    """On the chip until then; of several seeds the mean, with the least and the most."""
    energy: str


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
    there = [next(row for row in rows if row.test_accuracy_percent >= goal) for rows in measured]
    return [
        _raced(group.label, [there[place] for place in group.places], goal=goal, place=group.places[0])
        for group in groups_of(results)
    ]


def _raced(label: str, rows: Sequence[EpochRow], *, goal: int, place: int) -> Race:
    return Race(
        label=label,
        place=place,
        accuracy_percent=goal,
        epoch=_between([row.epoch for row in rows], str),
        time=_mean([row.simulated_time_ps for row in rows], lambda value: show(value, TIME)),
        energy=_mean([row.energy_aj for row in rows], lambda value: show(value, ENERGY)),
    )


def _between(values: Sequence[int], shown: Callable[[int], str]) -> str:
    if len(set(values)) == 1:
        return shown(values[0])
    return f"{shown(min(values))} to {shown(max(values))}"


def _mean(values: Sequence[int], shown: Callable[[int], str]) -> str:
    if len(set(values)) == 1:
        return shown(values[0])
    return f"{shown(round(statistics.fmean(values)))} ({_between(values, shown)})"
