"""Forgetting curves: the accuracy of every task after every epoch, whichever task the epoch trained."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

import attrs

from chipsim.report.figure import Figure, Look, axis, looks, text, upright
from chipsim.result import EpochRow, Result, TaskOutcome, task_outcomes
from chipsim.result.metrics import is_number

__all__ = ["Span", "TaskTable", "forgetting_figures", "phases_of", "task_tables", "trained_tasks"]

_HUES: Final = 7
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down")


@attrs.frozen(kw_only=True)
class Span:
    """Epochs in a row that one phase trained."""

    phase: str
    tasks: tuple[str, ...]
    """What they trained, as far as it was tested."""
    first: int
    last: int


@attrs.frozen(kw_only=True)
class TaskTable:
    """What became of the tasks of one result."""

    look: Look
    outcomes: tuple[TaskOutcome, ...]


def phases_of(result: Result) -> list[Span]:
    """The phases of a run in their order, by their epochs."""
    trained = trained_tasks(result)

    def shared(row: EpochRow) -> tuple[str, tuple[str, ...]]:
        return row.phase, trained.get(row.epoch, ())

    spans = []
    for (phase, tasks), rows in itertools.groupby(result.epochs, key=shared):
        epochs = [row.epoch for row in rows]
        spans.append(Span(phase=phase, tasks=tasks, first=epochs[0], last=epochs[-1]))
    return spans


def trained_tasks(result: Result) -> dict[int, tuple[str, ...]]:
    """What each epoch trained, by its number, as far as it was tested."""
    trained: dict[int, tuple[str, ...]] = {}
    # A workload may leave the task at hand out of its tests: then nothing says what an epoch trained.
    for row in result.tasks:
        if row.trained:
            trained[row.epoch] = (*trained.get(row.epoch, ()), row.task)
    return trained


def task_tables(results: Sequence[Result]) -> list[TaskTable]:
    """What became of the tasks, for each result that learnt several."""
    found = [
        TaskTable(look=look, outcomes=task_outcomes(result.tasks))
        for result, look in zip(results, looks(results), strict=True)
    ]
    return [one for one in found if len(one.outcomes) > 1]


def forgetting_figures(results: Sequence[Result]) -> list[Figure]:
    """For each result that was tested on several tasks, the accuracy of each of them over the epochs."""
    figures = []
    for place, (result, look) in enumerate(zip(results, looks(results), strict=True)):
        tested = {row.task for row in result.tasks if is_number(row.test_accuracy_percent)}
        # One task alone cannot be forgotten, and its accuracy is drawn with that of other chips.
        if len(tested) > 1:
            figures.append(_curves(result, look=look, place=place))
    return figures


def _curves(result: Result, *, look: Look, place: int) -> Figure:
    tasks = list(dict.fromkeys(row.task for row in result.tasks))
    spans = phases_of(result)
    last = max((row.epoch for row in result.tasks), default=1)
    layout = {
        # Half an epoch more at both ends, for grounds begin and end halfway between epochs.
        "xaxis": axis("Epoch", tickformat="d", range=[0.5, last + 0.5]),
        "yaxis": axis("Test accuracy [%]"),
        "shapes": [*_grounds(spans, tasks), *_borders(spans)],
        "annotations": [_note(span) for span in spans],
        "margin": {"t": 36},
    }
    return Figure(
        name=f"forgetting-{place}",
        title=f"{look.label}: accuracy of every task",
        caption="After every epoch, each task seen so far is tested. Filled: the epoch trained the task; "
        "hollow: it trained another. The ground shows which task was trained; dotted uprights part "
        "the phases.",
        data=[_curve(result, task, number=number) for number, task in enumerate(tasks)],
        layout=layout,
        height=400,
        wide=True,
    )


def _color(number: int) -> str:
    return f"@@series-{number % _HUES}"


def _curve(result: Result, task: str, *, number: int) -> dict[str, Any]:
    rows = [row for row in result.tasks if row.task == task]
    symbol = _SYMBOLS[number % _HUES]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": text(task),
        "x": [row.epoch for row in rows],
        "y": [row.test_accuracy_percent for row in rows],
        "customdata": ["trained" if row.trained else "not trained" for row in rows],
        "line": {"color": _color(number), "width": 2.5},
        "marker": {
            "color": _color(number),
            "symbol": [symbol if row.trained else f"{symbol}-open" for row in rows],
            "size": 6,
        },
        "hovertemplate": "%{y:.2f} % after epoch %{x}, %{customdata} in it",
    }


def _grounds(spans: Sequence[Span], tasks: Sequence[str]) -> list[dict[str, Any]]:
    """A shade behind the epochs of each phase, in the colour of the task that it trained."""
    shades = []
    for span in spans:
        if not span.tasks:
            continue
        color = _color(tasks.index(span.tasks[0]))
        across = {"x0": span.first - 0.5, "x1": span.last + 0.5}
        # Below the curves and the lines of the grid, which have to stay readable.
        whole = {"y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
        look = {"line": {"width": 0}, "fillcolor": color, "opacity": 0.08}
        shades.append({"type": "rect", **across, **whole, **look})
    return shades


def _borders(spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [upright(span.first - 0.5, color="@@edge", dash="dot") for span in spans[1:]]


def _note(span: Span) -> dict[str, Any]:
    middle = (span.first + span.last) / 2
    look = {"showarrow": False, "font": {"size": 12, "color": "@@muted"}}
    return {"x": middle, "y": 0.01, "yref": "paper", "yanchor": "bottom", **look, "text": text(span.phase)}
