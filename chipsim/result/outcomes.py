"""How tasks that were learnt one after another fared: what was learnt of each, and what is left of it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from chipsim.result.record import TaskEpoch

__all__ = ["TaskOutcome", "task_outcomes"]


@attrs.frozen(kw_only=True)
class TaskOutcome:
    """How one task fared over a whole run."""

    task: str
    learnt_percent: float
    """Test accuracy after the last epoch that trained the task."""
    final_percent: float
    """Test accuracy after the last epoch of the run."""
    forgotten_percent: float | None
    """What was lost in between, in percentage points, negative when it was gained; None for a task that was
    trained until the end."""


def task_outcomes(rows: Sequence[TaskEpoch]) -> tuple[TaskOutcome, ...]:
    """What became of every task that was tested, in the order in which they were first trained.

    Parameters
    ----------
    rows
        Rows of a result, epochs ascending; a task that they never train is left out.

    Examples
    --------
    >>> rows = [TaskEpoch(epoch=1, task="a", test_accuracy_percent=97.5, trained=True),
    ...     TaskEpoch(epoch=2, task="a", test_accuracy_percent=95.0, trained=False),
    ...     TaskEpoch(epoch=2, task="b", test_accuracy_percent=85.0, trained=True)]
    >>> [outcome.forgotten_percent for outcome in task_outcomes(rows)]
    [2.5, None]
    """
    # Rows ascend by epoch, so what stays in a dictionary is the last of each task.
    learnt = {row.task: row for row in rows if row.trained}
    final = {row.task: row for row in rows}
    outcomes = []
    for task, row in learnt.items():
        before = row.test_accuracy_percent
        after = final[task].test_accuracy_percent
        # Of a task that was trained until the end nothing could be forgotten, which is not the same as 0.
        forgotten = None if row == final[task] else before - after
        outcome = TaskOutcome(
            task=task, learnt_percent=before, final_percent=after, forgotten_percent=forgotten
        )
        outcomes.append(outcome)
    return tuple(outcomes)
