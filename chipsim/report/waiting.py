"""Accuracy of trained chips against the time that they waited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipsim.report.figure import Figure, Look, axis, axis_unit, log_axis, looks, text
from chipsim.result import Result
from chipsim.result.wait_metrics import waited_task
from chipsim.units import DURATION, show

__all__ = ["right_after", "waiting_figures"]


def waiting_figures(results: Sequence[Result]) -> list[Figure]:
    """Accuracy against waiting time, all results that waited in one figure; none where none did."""
    waited = [(result, look) for result, look in zip(results, looks(results), strict=True) if result.waits]
    if not waited:
        return []
    # Over all results, so that their lines share an axis.
    times = [row.wait_ns for result, _ in waited for row in result.waits]
    unit, scale = axis_unit(max(times), DURATION)
    data = [_line(result, look, scale=scale) for result, look in waited]
    for result, look in waited:
        ended = result.epochs[-1].test_accuracy_percent if result.epochs else None
        data.append(right_after(ended, name=look.label, color=look.color, times=times, scale=scale))
    figure = Figure(
        name="accuracy-waiting",
        title="Accuracy after waiting",
        caption="The task that was trained last, once the trained chip has stood idle. Dotted: right after "
        "training.",
        data=data,
        layout={
            # From seconds to years: a linear axis has all but the last at its start.
            "xaxis": log_axis(f"Time since training [{unit}]", [time / scale for time in times]),
            "yaxis": axis("Test accuracy [%]"),
        },
    )
    return [figure]


def _line(result: Result, look: Look, *, scale: float) -> dict[str, Any]:
    task = waited_task(result)
    rows = [row for row in result.waits if row.task == task]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": text(look.label),
        "x": [row.wait_ns / scale for row in rows],
        "y": [row.test_accuracy_percent for row in rows],
        "customdata": [show(row.wait_ns, DURATION) for row in rows],
        "line": {"color": look.color, "dash": look.dash, "width": 2.5},
        "marker": {"color": look.color, "symbol": look.symbol, "size": 7},
        "hovertemplate": "%{y:.2f} % after %{customdata}",
    }


def right_after(
    ended: float | None, *, name: str, color: str, times: Sequence[int], scale: float
) -> dict[str, Any]:
    """The accuracy with which training ended, across the figure.

    Parameters
    ----------
    ended
        That accuracy, %; None where none was measured.
    name, color
        Of the line that it belongs to.
    times
        All waiting times, ns.
    scale
        Nanoseconds of the figure's unit.
    """
    # Without an entry in the legend: it has the colour of the line that it belongs to.
    return {
        "type": "scatter",
        "mode": "lines",
        "name": text(f"{name}, right after training"),
        "showlegend": False,
        "x": [min(times) / scale, max(times) / scale],
        "y": [ended, ended],
        "line": {"color": color, "dash": "dot", "width": 1},
        "hovertemplate": "%{y:.2f} % right after training",
    }
