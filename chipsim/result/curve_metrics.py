"""Single figures of what happened through training: late accuracies, and what a switch of pairs changed."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean
from typing import Final

from chipsim.result import Result
from chipsim.result.metric import Metric, is_number, percent, show_number

__all__ = ["CURVES"]

_LATE: Final = 4
"""The late epochs are the last of so many equal parts."""


def _late(key: str) -> Callable[[Result], float | None]:
    """The mean of an accuracy over the late epochs of the phase that came last."""

    def late(result: Result) -> float | None:
        # Accuracies of an earlier phase may be of another task.
        rows = [row for row in result.epochs if row.phase == result.epochs[-1].phase]
        values = [getattr(row, key) for row in rows[-max(1, len(rows) // _LATE) :]]
        measured = [value for value in values if is_number(value)]
        return fmean(measured) if values and len(measured) == len(values) else None

    return late


def _switched(result: Result) -> int | None:
    """How many epochs came before the switch; None where none, or none after it, was whole."""
    epoch = result.summary.get("switch_epoch")
    if epoch is None or not 1 < epoch <= len(result.epochs):
        return None
    return int(epoch) - 1


def _gain_at_switch(result: Result) -> float | None:
    before = _switched(result)
    if before is None:
        return None
    accuracies = [row.test_accuracy_percent for row in result.epochs]
    if not all(is_number(value) for value in accuracies[: before + 1]):
        return None
    return accuracies[before] - max(accuracies[:before])


def _updates(result: Result) -> list[int]:
    """Update events of each epoch, over all arrays."""
    counts = dict.fromkeys((row.epoch for row in result.epochs), 0)
    for array in result.arrays:
        # The epoch that a run was stopped in has arrays, and no row of its own.
        if array.epoch in counts:
            counts[array.epoch] += array.updates
    return list(counts.values())


def _ratio(over: Callable[[int, int], int], under: Callable[[int], int]) -> Callable[[Result], float | None]:
    """Updates of one epoch over those of another.

    Parameters
    ----------
    over, under
        Place of each epoch, from the number of epochs before the switch (and that of all).
    """

    def ratio(result: Result) -> float | None:
        before = _switched(result)
        if before is None:
            return None
        updates = _updates(result)
        least = updates[under(before)]
        return updates[over(before, len(updates))] / least if least else None

    return ratio


def _steps_to(percent: float) -> Callable[[Result], float | None]:
    """Steps of training up to the end of the first epoch in which so many were right in training."""

    def steps(result: Result) -> float | None:
        reached = (
            place
            for place, row in enumerate(result.epochs, start=1)
            if is_number(row.train_accuracy_percent) and row.train_accuracy_percent >= percent
        )
        epoch = next(reached, None)
        # Phases may have epochs of different lengths, and a run that was stopped a part of one.
        if epoch is None or len({row.phase for row in result.epochs}) > 1 or not result.summary["complete"]:
            return None
        return float(result.summary["steps"] * epoch / len(result.epochs))

    return steps


CURVES: Final = (
    Metric(
        key="steps_to_90_right",
        title="Steps to 90 % right",
        show=show_number,
        better="less",
        about="Steps up to the end of the first epoch in which 90 % of the samples were right in training.",
        of=_steps_to(90),
        optional=True,
        aside=True,
    ),
    Metric(
        key="late_test_accuracy_percent",
        title="Late test accuracy",
        show=percent,
        better="more",
        about="Mean test accuracy of the last quarter of the epochs of the last phase.",
        of=_late("test_accuracy_percent"),
        optional=True,
        aside=True,
    ),
    Metric(
        key="late_train_accuracy_percent",
        title="Late train accuracy",
        show=percent,
        better="more",
        about="Mean train accuracy of the last quarter of the epochs of the last phase.",
        of=_late("train_accuracy_percent"),
        optional=True,
        aside=True,
    ),
    Metric(
        key="accuracy_gain_at_switch_percent",
        title="Gain at the switch",
        show=lambda value: f"{value:+.2f} points",
        about="Test accuracy of the first epoch after the switch, less the best of any before it.",
        of=_gain_at_switch,
        optional=True,
        aside=True,
    ),
    Metric(
        key="updates_before_switch_ratio",
        title="Updates before the switch",
        show=show_number,
        about="Update events of the last epoch before the switch, over those of the first of all.",
        of=_ratio(lambda before, _: before - 1, lambda _: 0),
        optional=True,
        aside=True,
    ),
    Metric(
        key="updates_at_switch_ratio",
        title="Updates at the switch",
        show=show_number,
        about="Update events of the first epoch after the switch, over those of the last before it.",
        of=_ratio(lambda before, _: before, lambda before: before - 1),
        optional=True,
        aside=True,
    ),
    Metric(
        key="updates_after_switch_ratio",
        title="Updates after the switch",
        show=show_number,
        about="Update events of the last epoch of all, over those of the first after the switch.",
        of=_ratio(lambda _, epochs: epochs - 1, lambda before: before),
        optional=True,
        aside=True,
    ),
)
"""What curves of a single run show, as figures that claims of a study can be held to."""
