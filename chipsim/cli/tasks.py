"""What became of every task, as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from chipsim.cli.screen import table
from chipsim.result import Result, task_outcomes

__all__ = ["task_table"]


def task_table(results: Sequence[Result], *, names: Sequence[str]) -> Table | None:
    """Each task's accuracy when it was learnt and at the end, and what was forgotten in between.

    Parameters
    ----------
    results
        Those that trained one task only are left out.
    names
        What each result is called.

    Returns
    -------
    Table or None
        None when no result trained more than one task.

    Examples
    --------
    >>> task_table([], names=[]) is None
    True
    """
    rows = []
    for name, result in zip(names, results, strict=True):
        outcomes = task_outcomes(result.tasks)
        # Of a single task the table of results says all.
        if len(outcomes) < 2:
            continue
        for one in outcomes:
            learnt, final = _percent(one.learnt_percent), _percent(one.final_percent)
            rows.append((name, one.task, learnt, final, _lost(one.forgotten_percent)))
    if not rows:
        return None
    return table("Architecture", "Task", "When learnt", "At the end", "Forgotten", rows=rows, right=(2, 3, 4))


def _percent(value: float) -> str:
    return f"{value:.2f} %"


def _lost(points: float | None) -> str:
    return "\N{EN DASH}" if points is None else f"{points:.2f}"
