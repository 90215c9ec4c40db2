"""Accuracies of chips after each time that they waited, as figures that studies and their claims name."""

from __future__ import annotations

from typing import Final

from chipsim.result import Result
from chipsim.result.metric import Metric, percent
from chipsim.spec.waits import wait_words
from chipsim.units import DURATION, UnitError

__all__ = ["AFTER_WAIT", "figures_after_waits", "wait_asked", "wait_metric", "waited_task"]

AFTER_WAIT: Final = "test_accuracy_after_wait_percent"
"""The figure of the longest wait; that of another one follows a dot."""


def wait_asked(key: str) -> int | None:
    """The time that a key of a figure asks for, ns; None for a key that is no such.

    Examples
    --------
    >>> wait_asked("test_accuracy_after_wait_percent.1 h"), wait_asked("test_accuracy_percent")
    (3600000000000, None)
    """
    first, dot, said = key.partition(".")
    if first != AFTER_WAIT or not dot:
        return None
    try:
        wait = int(DURATION.read(said))
    except UnitError:
        return None
    return wait if wait > 0 else None


def wait_metric(key: str) -> Metric | None:
    """The figure of a key; None for a key that is no such.

    Examples
    --------
    >>> wait_metric("test_accuracy_after_wait_percent.1 h").title
    'Test accuracy after 1 h'
    """
    wait = wait_asked(key)
    if wait is None:
        return None
    words = wait_words(wait)
    return Metric(
        key=key,
        title=f"Test accuracy after {words}",
        show=percent,
        better="more",
        about=f"Once the trained chip has waited for {words}.",
        of=lambda result: figures_after_waits(result).get(f"{AFTER_WAIT}.{words}"),
    )


def waited_task(result: Result) -> str:
    """The task of the last epoch; the last that is tested where nothing says which that is.

    Parameters
    ----------
    result
        Of a chip that waited.
    """
    last = result.epochs[-1].epoch if result.epochs else None
    trained = [row.task for row in result.tasks if row.trained and row.epoch == last]
    return (*trained, result.waits[-1].task)[0]


def figures_after_waits(result: Result) -> dict[str, float]:
    """Test accuracy of the task that was trained last, after each time that the chip waited.

    Parameters
    ----------
    result
        A run; one that did not wait has none.
    """
    if not result.waits:
        return {}
    task = waited_task(result)
    rows = [row for row in result.waits if row.task == task]
    return {f"{AFTER_WAIT}.{wait_words(row.wait_ns)}": row.test_accuracy_percent for row in rows}
