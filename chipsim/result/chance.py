"""How far chance in drawing the test samples moves an accuracy, from the sizes of the test sets."""

from __future__ import annotations

import math
from typing import Final

from chipsim.result import Result, TaskOutcome, task_outcomes
from chipsim.result.metrics import is_number

__all__ = ["ERRORS", "accuracy_error", "forgetting_error", "mean_error"]

ERRORS: Final = 2
"""Standard errors of a difference that chance is taken to explain."""


def accuracy_error(percent: float, samples: int | None) -> float | None:
    """Standard error of an accuracy, in percentage points; None where the size of the test set is unknown.

    Of ``n`` samples drawn at random, a share ``p`` is classified right with a standard error of
    ``sqrt(p (1 - p) / n)``.

    Examples
    --------
    >>> accuracy_error(90.0, 900)
    1.0
    """
    return math.sqrt(_variance(percent, samples)) if samples else None


def mean_error(result: Result) -> float | None:
    """Standard error of the mean accuracy over tasks; None where the size of the test sets is unknown.

    Test sets of different tasks are drawn apart, so variances add up: the mean of ``k`` accuracies ``p_i``
    on ``n`` samples each has a standard error of ``sqrt(sum(p_i (1 - p_i) / n)) / k``. Each task is taken to
    have as many test samples as the last.
    """
    samples = result.summary.get("test_samples")
    found = [one.final_percent for one in task_outcomes(result.tasks) if is_number(one.final_percent)]
    if not found or not samples:
        return None
    together = sum(_variance(one, samples) for one in found)
    return math.sqrt(together) / len(found)


def forgetting_error(result: Result) -> float | None:
    """Standard error of what the task that lost most had lost; None where none could, or sizes are unknown.

    It is the difference of two accuracies ``p`` and ``q`` on ``n`` samples, with a standard error of
    ``sqrt((p (1 - p) + q (1 - q)) / n)``. Both are measured on the same samples and mostly
    fail on the same ones, which only makes the error smaller: chance is overrated, never underrated.
    """
    samples = result.summary.get("test_samples")
    # The task that the figure is of; that it was picked as the worst of several is not accounted for.
    lost = max(task_outcomes(result.tasks), key=_forgotten, default=None)
    if lost is None or lost.forgotten_percent is None or not samples:
        return None
    return math.sqrt(_variance(lost.learnt_percent, samples) + _variance(lost.final_percent, samples))


def _forgotten(outcome: TaskOutcome) -> float:
    # A task that was trained until the end has lost nothing yet, and must not pass for the worst.
    return outcome.forgotten_percent if is_number(outcome.forgotten_percent) else -math.inf


def _variance(percent: float, samples: int) -> float:
    """Variance of an accuracy, in squared percentage points."""
    return percent * (100 - percent) / samples
