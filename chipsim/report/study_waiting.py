"""Accuracy of a study's chips against the time that they waited, seeds together."""

from __future__ import annotations

from typing import Any, Final

from chipsim.report.figure import Figure, axis, axis_unit, log_axis, text
from chipsim.report.study_figures import StudyLook, study_looks
from chipsim.report.waiting import right_after
from chipsim.result.wait_metrics import AFTER_WAIT
from chipsim.spec.waits import wait_words
from chipsim.study.statistics import Gathered, Setting
from chipsim.study.words import amount
from chipsim.units import DURATION

__all__ = ["study_waiting"]

_MOST: Final = 12
"""Lines that can be told apart."""
_DASHES: Final = ("solid", "dash", "dashdot", "longdash")
_RIGHT_AFTER: Final = "test_accuracy_percent"


def study_waiting(gathered: Gathered) -> list[Figure]:
    """A figure with a line a setting; none of a study in which nothing waits.

    Parameters
    ----------
    gathered
        The study.
    """
    waits = gathered.study.wait
    waited = [one for one in gathered.settings if gathered.sample(one, AFTER_WAIT) is not None]
    # Costs have no part in what cells do: at the first of several all is said.
    waited = [one for one in waited if one.costs == waited[0].costs]
    if not waits or not waited:
        return []
    drawn, looks, names = waited[:_MOST], study_looks(gathered), gathered.names()
    unit, scale = axis_unit(max(waits), DURATION)
    data: list[dict[str, Any]] = []
    for setting in drawn:
        its = [one for one in drawn if one.chip == setting.chip]
        dash = _DASHES[its.index(setting) % len(_DASHES)]
        data.append(
            _line(gathered, setting, name=names[setting], look=looks[setting.chip], dash=dash, scale=scale)
        )
        data.append(_right_after(gathered, setting, look=looks[setting.chip], scale=scale))
    left = f" {_MOST} of {len(waited)} are drawn; the table has all." if len(waited) > _MOST else ""
    figure = Figure(
        name="study-waiting",
        title="Accuracy after waiting",
        caption="The task that was trained last, once the trained chip has stood idle. Bars: one standard "
        f"deviation over seeds. Dotted: right after training.{left}",
        data=data,
        layout={
            # From seconds to years: a linear axis has all but the last at its start.
            "xaxis": log_axis(f"Time since training [{unit}]", [wait / scale for wait in waits]),
            "yaxis": axis("Test accuracy [%]"),
            "showlegend": len(drawn) > 1,
        },
        height=330,
    )
    return [figure]


def _line(
    gathered: Gathered, setting: Setting, *, name: str, look: StudyLook, dash: str, scale: float
) -> dict[str, Any]:
    keys = {wait: f"{AFTER_WAIT}.{wait_words(wait)}" for wait in gathered.study.wait}
    found = {wait: gathered.sample(setting, key) for wait, key in keys.items()}
    samples = {wait: sample for wait, sample in found.items() if sample is not None}
    deviations = [sample.deviation or None for sample in samples.values()]
    told = [
        f"{amount(gathered.metric(keys[wait]), sample)} after {wait_words(wait)}"
        for wait, sample in samples.items()
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": text(name),
        "x": [wait / scale for wait in samples],
        "y": [sample.mean for sample in samples.values()],
        "error_y": {
            "type": "data",
            "array": deviations,
            "visible": any(deviations),
            "thickness": 1.4,
            "width": 4,
            "color": look.color,
        },
        "line": {"color": look.color, "dash": dash, "width": 2},
        "marker": {"color": look.color, "symbol": look.symbol, "size": 8},
        "customdata": [text(one) for one in told],
        "hovertemplate": "%{customdata}",
    }


def _right_after(gathered: Gathered, setting: Setting, *, look: StudyLook, scale: float) -> dict[str, Any]:
    """The accuracy with which training ended, across the figure."""
    waits, ended = gathered.study.wait, gathered.sample(setting, _RIGHT_AFTER)
    mean = None if ended is None else ended.mean
    return right_after(mean, name=gathered.names()[setting], color=look.color, times=waits, scale=scale)
