"""The way to an accuracy that all runs reached: how long it took, and how much energy."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

import attrs

from chipsim.result import EpochRow, Result
from chipsim.result.extent import counts_samples
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
    samples: str
    """Training samples until then, likewise; empty where epochs are passes over a dataset."""
    time: str
    """On the chip until then; of several seeds the mean, with the least and the most."""
    energy: str


def race(results: Sequence[Result]) -> list[Race]:
    """Time and energy to the highest whole percent of test accuracy that every result reached.

    Empty when there is nothing to race, or some result has no accuracy, or accuracies are of several tasks.
    """
    if tasks_of(results):
        return []
    measured = []
    for result in results:
        rows = [row for row in result.epochs if is_number(row.test_accuracy_percent)]
        measured.append(rows)
    if len(results) < 2 or not all(measured):
        return []
    # The slowest learner sets the goal: a race that somebody never ends says nothing of how long it takes.
    reached = [max(row.test_accuracy_percent for row in rows) for rows in measured]
    goal = math.floor(min(reached))
    # Looked at after whole epochs only, for nobody tests in between.
    there = [next(row for row in rows if row.test_accuracy_percent >= goal) for rows in measured]
    told = any(map(counts_samples, results)) and all(row.samples is not None for row in there)
    races = []
    for group in groups_of(results):
        rows = [there[place] for place in group.places]
        races.append(_raced(group.label, rows, goal=goal, place=group.places[0], samples=told))
    return races


def _raced(label: str, rows: Sequence[EpochRow], *, goal: int, place: int, samples: bool) -> Race:
    times = [row.simulated_time_ps for row in rows]
    energies = [row.energy_aj for row in rows]
    return Race(
        label=label,
        place=place,
        accuracy_percent=goal,
        # A mean of epochs would be an epoch that no run had.
        epoch=_between([row.epoch for row in rows], str),
        samples=_between([row.samples or 0 for row in rows], "{:,}".format) if samples else "",
        time=_mean(times, lambda value: show(value, TIME)),
        energy=_mean(energies, lambda value: show(value, ENERGY)),
    )


def _between(values: Sequence[int], shown: Callable[[int], str]) -> str:
    if len(set(values)) == 1:
        return shown(values[0])
    return f"{shown(min(values))} to {shown(max(values))}"


def _mean(values: Sequence[int], shown: Callable[[int], str]) -> str:
    if len(set(values)) == 1:
        return shown(values[0])
    # Rounded, for time and energy are whole numbers of their smallest unit.
    mean = round(statistics.fmean(values))
    return f"{shown(mean)} ({_between(values, shown)})"
