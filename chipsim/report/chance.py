"""Whether chance explains a lead of one result over another, from the sizes of the test sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from chipsim.report.metrics import is_number
from chipsim.result import Result, TaskOutcome, task_outcomes

__all__ = ["Measured", "chance_remark", "measured_accuracy", "measured_forgetting", "measured_mean"]

_ERRORS: Final = 2
"""Standard errors of a difference that chance is taken to explain."""


@attrs.frozen(kw_only=True)
class Measured:
    """A figure made of test accuracies, and how far chance in drawing the test samples moves it."""

    value: float
    """In percent or percentage points."""
    error: float
    """Standard error, in percentage points."""
    samples: str
    """What it was measured on."""


def measured_accuracy(result: Result) -> Measured | None:
    """The test accuracy; None where there is none, or the size of the test set is unknown.

    Of ``n`` samples drawn at random, a share ``p`` is classified right with a standard error of
    ``sqrt(p (1 - p) / n)``.
    """
    percent, samples = result.summary.get("test_accuracy_percent"), _samples(result)
    if not is_number(percent) or not samples:
        return None
    error = math.sqrt(_variance(percent, samples))
    return Measured(value=percent, error=error, samples=_told(samples))


def measured_mean(result: Result) -> Measured | None:
    """The mean accuracy over tasks; None where there is none, or the size of the test sets is unknown.

    Test sets of different tasks are drawn apart, so variances add up: the mean of ``k`` accuracies ``p_i``
    on ``n`` samples each has a standard error of ``sqrt(sum(p_i (1 - p_i) / n)) / k``. Each task is taken to
    have as many test samples as the last.
    """
    percent, samples = result.summary.get("mean_task_accuracy_percent"), _samples(result)
    found = [one.final_percent for one in task_outcomes(result.tasks) if is_number(one.final_percent)]
    if not is_number(percent) or not found or not samples:
        return None
    error = math.sqrt(sum(_variance(one, samples) for one in found)) / len(found)
    return Measured(value=percent, error=error, samples=f"{_told(samples)} a task")


def measured_forgetting(result: Result) -> Measured | None:
    """What the task that lost most had lost; None where none could, or the size of the test sets is unknown.

    It is the difference of two accuracies ``p`` and ``q`` on ``n`` samples, with a standard error of
    ``sqrt((p (1 - p) + q (1 - q)) / n)``. Both are measured on the same samples and mostly
    fail on the same ones, which only makes the error smaller: chance is overrated, never underrated.
    """
    percent, samples = result.summary.get("forgetting_percent"), _samples(result)
    lost = max(task_outcomes(result.tasks), key=_forgotten, default=None)
    if not is_number(percent) or lost is None or lost.forgotten_percent is None or not samples:
        return None
    error = math.sqrt(_variance(lost.learnt_percent, samples) + _variance(lost.final_percent, samples))
    return Measured(value=percent, error=error, samples=f"{_told(samples)} a task")


def _forgotten(outcome: TaskOutcome) -> float:
    return outcome.forgotten_percent if is_number(outcome.forgotten_percent) else -math.inf


def _samples(result: Result) -> int:
    return result.summary.get("test_samples") or 0


def _told(samples: int) -> str:
    return f"{samples:,} test samples"


def _variance(percent: float, samples: int) -> float:
    """Variance of an accuracy, in squared percentage points."""
    return percent * (100 - percent) / samples


def chance_remark(
    results: Sequence[Result], measure: Callable[[Result], Measured | None], *, more: bool
) -> str:
    """A remark when no more than two standard errors part the best and the next; empty when more do.

    Two results are taken as measured apart, so the standard error of their difference is the root of the sum
    of their squared errors.

    Parameters
    ----------
    results
        Those without a measurement are passed over.
    measure
        What is compared.
    more
        Whether more of it is better.
    """
    sign = -1 if more else 1
    known = sorted(
        (found for result in results if (found := measure(result)) is not None),
        key=lambda one: (sign * one.value, -one.error),
    )
    first = next(iter(known), None)
    second = next((one for one in known if first and one.value != first.value), None)
    if first is None or second is None:
        return ""
    apart, error = abs(first.value - second.value), math.hypot(first.error, second.error)
    return f"no more than chance with {first.samples}" if apart <= _ERRORS * error else ""
