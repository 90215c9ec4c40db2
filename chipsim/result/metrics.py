"""The figures that results are compared by: their names, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from chipsim.result import Result, plain, task_outcomes
from chipsim.result.by_role import BY_ROLE
from chipsim.result.curve_metrics import CURVES
from chipsim.result.extent import epochs_of
from chipsim.result.inferred import INFERRED
from chipsim.result.leakage_metrics import LEAKED
from chipsim.result.metric import MISSING, Metric, is_number, percent, show_number
from chipsim.result.software_metrics import IN_SOFTWARE
from chipsim.result.timed import programs, visits
from chipsim.result.written import WRITTEN
from chipsim.units import BITS, ENERGY, TIME, show
from chipsim.wording import plural

__all__ = [
    "METRICS",
    "MISSING",
    "Metric",
    "hottest_programmings",
    "is_number",
    "measured",
    "metric_value",
    "metrics_of",
    "programmed",
    "readable",
    "show_number",
    "tasks_of",
    "writes_serially",
]


def readable(results: Sequence[Result]) -> list[Result]:
    """The results with None for every figure of the summary that is not a number."""
    return [attrs.evolve(result, summary=plain(result.summary)) for result in results]


def _time(value: int) -> str:
    return show(value, TIME)


def _energy(value: int) -> str:
    return show(value, ENERGY)


def _bytes(value: int) -> str:
    return show(8 * value, BITS)


def _once(key: str) -> Callable[[Result], Any]:
    """A figure of the summary that stands for pulses only where cells are not programmed to levels.

    Wear of a chip without resistive cells is not zero pulses, but nothing to wear.
    """

    def pulsed(result: Result) -> Any:
        if programmed(result) or not result.summary.get("cells"):
            return None
        return result.summary.get(key)

    return pulsed


def _resets(result: Result) -> int | None:
    return result.summary.get("resets") if programmed(result) else None


def programmed(result: Result) -> bool:
    """Whether the run has cells, and they are programmed to levels."""
    return bool(result.wear) and all(one.programmings is not None for one in result.wear)


def writes_serially(result: Result) -> bool:
    """Whether a step of the chip takes the longer the more of its cells it has to write."""
    return programs(result) or bool(visits(result))


def hottest_programmings(result: Result) -> int | None:
    """How often the cell was programmed that was most often; None where none is programmed to levels."""
    counts = [one.programmings for one in result.wear if one.programmings is not None]
    return max((int(one.max()) for one in counts if one.size), default=None)


def _epoch_time(result: Result) -> int | None:
    """Mean time of the epochs that only train; None where there is none, as with a single epoch.

    Of a run that was only timed and was stopped, nobody knows what the epoch at hand had taken.
    """
    if result.summary.get("timing_only"):
        epochs = epochs_of(result) if result.summary.get("complete") else 0
        return result.summary["simulated_time_ps"] // epochs if epochs else None
    rows = result.epochs
    if len(rows) < 2:
        return None
    # The first epoch holds the writing of initial weights as well, which no later one has to do.
    later = rows[-1].simulated_time_ps - rows[0].simulated_time_ps
    return later // (len(rows) - 1)


def tasks_of(results: Sequence[Result]) -> list[str]:
    """Tasks that the results were tested on, in the order of their training; none when all have only one."""
    each = [[one.task for one in task_outcomes(result.tasks)] for result in results]
    # Of a single task the accuracy that every run has tells all.
    if not any(len(tasks) > 1 for tasks in each):
        return []
    return list(dict.fromkeys(task for tasks in each for task in tasks))


def metrics_of(results: Sequence[Result]) -> list[Metric]:
    """The metrics that tables of these results show: those that any of them has, and one for each task.

    Where there are several tasks, accuracies of the last alone come after those of all, and none is best.
    """
    known = [metric for metric in METRICS if _is_told(metric, results)]
    tasks = tasks_of(results)
    if not tasks:
        return known
    told = [_MEAN, *map(_of_task, tasks)]
    for metric in known:
        # The best of epochs that trained different tasks is that of the easiest task.
        if metric.key == "best_test_accuracy_percent":
            continue
        told.append(_of_last_task(metric) if metric.key in _OF_LAST else metric)
    return told


def _is_told(metric: Metric, results: Sequence[Result]) -> bool:
    """Whether tables have a line for it: a line of dashes says less than none."""
    if metric.aside:
        return False
    if not metric.optional:
        return True
    return any(measured(metric, result) is not None for result in results)


_OF_LAST: Final = ("test_accuracy_percent", "train_accuracy_percent")
"""Accuracies of whichever task was trained last."""


def _of_last_task(metric: Metric) -> Metric:
    return attrs.evolve(metric, title=f"{metric.title} (last task)", better="", brief=False)


def _of_task(task: str) -> Metric:
    def final(result: Result) -> float | None:
        accuracies = (one.final_percent for one in task_outcomes(result.tasks) if one.task == task)
        return next((value for value in accuracies if is_number(value)), None)

    return Metric(
        key=f"test_accuracy_percent.{task}",
        title=f"Accuracy on {task}",
        show=percent,
        better="more",
        about="Share of the task's test samples classified right after the last epoch, whichever it trained.",
        of=final,
    )


METRICS: Final = (
    Metric(
        key="test_accuracy_percent",
        title="Test accuracy",
        show=percent,
        better="more",
        brief=True,
        about="Share of test samples, of the task trained last, classified right after the last epoch.",
    ),
    Metric(
        key="best_test_accuracy_percent",
        title="Best test accuracy",
        show=percent,
        better="more",
        about="The highest test accuracy after any epoch.",
    ),
    Metric(
        key="train_accuracy_percent",
        title="Train accuracy",
        show=percent,
        better="more",
        about="Share of the last epoch's training samples classified right, each before its own update.",
    ),
    *IN_SOFTWARE,
    Metric(
        key="forgetting_percent",
        title="Forgetting",
        show=lambda value: f"{value:.2f} points",
        better="less",
        about="What the task that lost most had lost at the end, from the last epoch that trained it.",
        optional=True,
    ),
    Metric(
        key="simulated_time_ps",
        title="Time on chip",
        show=_time,
        better="less",
        brief=True,
        about="On-chip time of the whole training, without evaluation.",
    ),
    Metric(
        key="energy_aJ",
        title="Energy",
        show=_energy,
        better="less",
        brief=True,
        about="On-chip energy of the whole training, without evaluation and leakage. Cells without a weight "
        "take their share where driven lines cross them.",
    ),
    *LEAKED,
    Metric(
        key="first_step_time_ps",
        title="Time of one step",
        show=_time,
        better="less",
        about="On-chip time of the first step of the last epoch. Steps that write cells or rows one after "
        "another differ with how many they write; the time of one epoch is the fairer measure.",
    ),
    Metric(
        key="epoch_time_ps",
        title="Time of one epoch",
        show=_time,
        better="less",
        about="On-chip time of an epoch: the mean of all but the first, which writes initial weights.",
        of=_epoch_time,
        optional=True,
    ),
    Metric(
        key="inference_time_ps",
        title="Time of one inference",
        show=_time,
        better="less",
        about="On-chip time of one sample's forward pass alone.",
    ),
    *INFERRED,
    Metric(
        key="pulses",
        title="Pulses",
        show=show_number,
        brief=True,
        about="Programming pulses fired on all cells.",
        of=_once("pulses"),
        optional=True,
    ),
    Metric(
        key="mean_pulses_per_cell",
        title="Pulses per cell",
        show=show_number,
        better="less",
        about="Pulses over the number of cells, without arrays that nothing was written to.",
        of=_once("mean_pulses_per_cell"),
        optional=True,
    ),
    Metric(
        key="hottest_cell_pulses",
        title="Hottest cell",
        show=lambda value: f"{show_number(value)} {plural('pulse', value)}",
        better="less",
        brief=True,
        about="Pulses of the cell that had the most.",
        of=_once("hottest_cell_pulses"),
        optional=True,
    ),
    Metric(
        key="resets",
        title="Resets",
        show=show_number,
        about="Cells reset, counted each time.",
        of=_once("resets"),
        optional=True,
    ),
    Metric(
        key="programmings",
        title="Programmings",
        show=show_number,
        about="Cells programmed to a level, counted each time, a RESET and a SET to it once.",
        optional=True,
    ),
    Metric(
        key="mean_programmings_per_cell",
        title="Programmings per cell",
        show=show_number,
        better="less",
        brief=True,
        about="Programmings over the number of cells, without arrays that nothing was written to.",
        optional=True,
    ),
    Metric(
        key="hottest_cell_programmings",
        title="Most programmed cell",
        show=lambda value: f"{show_number(value)} {plural('programming', value)}",
        better="less",
        brief=True,
        about="Programmings of the cell that had the most.",
        of=hottest_programmings,
        optional=True,
    ),
    Metric(
        key="programming_error_percent",
        title="Programming error",
        show=percent,
        better="less",
        about="How far weights that were first written were from what they should be: root of the mean "
        "square, over the largest weight of the layer.",
        optional=True,
    ),
    Metric(
        key="test_accuracy_before_percent",
        title="Test accuracy before",
        show=percent,
        better="more",
        about="Test accuracy of a phase's task before its first sample, where the phase asks for it.",
        optional=True,
    ),
    Metric(
        key="test_accuracy_after_wait_percent",
        title="Test accuracy after waiting",
        show=percent,
        better="more",
        about="Once the trained chip has waited for the longest of the times that were asked for.",
        optional=True,
    ),
    Metric(key="sets", title="SETs", show=show_number, about="Cells set, counted each time.", optional=True),
    Metric(
        key="level_resets",
        title="RESETs",
        show=show_number,
        about="Cells reset, counted each time.",
        of=_resets,
        optional=True,
    ),
    Metric(
        key="hidden_memory_bytes",
        title="Hidden memory",
        show=_bytes,
        better="less",
        about="Size of the digital unit's memory for hidden weights, moments and normalisation.",
        optional=True,
    ),
    Metric(
        key="hidden_memory_traffic_bytes",
        title="Hidden memory traffic",
        show=_bytes,
        better="less",
        about="What was read from and written to that memory.",
        optional=True,
    ),
    Metric(
        key="area_mm2",
        title="Area",
        show=lambda value: f"{value:.3g} mm²",
        better="less",
        brief=True,
        about="Area of all parts, without the gaps between them.",
    ),
    Metric(
        key="switch_epoch",
        title="Switched at epoch",
        show=str,
        about="First epoch whose updates went to the fine pair instead of the coarse one.",
        optional=True,
    ),
    *BY_ROLE,
    *CURVES,
    *WRITTEN,
)


_MEAN: Final = Metric(
    key="mean_task_accuracy_percent",
    title="Mean over tasks",
    show=percent,
    better="more",
    brief=True,
    about="Mean of the accuracies on all tasks after the last epoch.",
)


def metric_value(metric: Metric, result: Result) -> str:
    """The value of a metric as it is shown, or a dash when it was not measured."""
    value = measured(metric, result)
    return MISSING if value is None else metric.show(value)


def measured(metric: Metric, result: Result) -> Any:
    """The value of a metric; None when it was not measured."""
    return metric.of(result) if metric.of else result.summary.get(metric.key)
