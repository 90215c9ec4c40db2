"""What a notebook shows of a study: a row a setting, means and deviations over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from chipsim.result.metrics import MISSING, Metric
from chipsim.study.kept import KeptStudy
from chipsim.study.statistics import Gathered, Setting, gather_kept

__all__ = ["shown_study"]

_USUAL: Final = ("test_accuracy_percent", "simulated_time_ps", "energy_aJ", "area_mm2")
"""Figures that are shown where the study names none."""
_MOST: Final = 60
"""Settings that are shown; the page has all."""


def shown_study(study: KeptStudy) -> str:
    """A short table as HTML, and what is missing.

    Parameters
    ----------
    study
        From its folder.
    """
    gathered = gather_kept(study)
    asked = study.plan.study.metrics or _USUAL
    metrics = [gathered.metric(key) for key in asked if key in gathered.metrics]
    head = _row("th", ["", "seeds", *(metric.title for metric in metrics)])
    names = gathered.names()
    rows = []
    for setting in gathered.settings[:_MOST]:
        cells = [_amount(gathered, setting, metric) for metric in metrics]
        rows.append(_row("td", [names[setting], str(len(gathered.seeds_of(setting))), *cells]))
    told = [f"{len(study.done):,} of {len(study.runs):,} runs are done"]
    if len(gathered.settings) > _MOST:
        told.append(f"the first {_MOST} of {len(gathered.settings):,} settings are shown")
    words = escape("; ".join(told))
    title = escape(study.plan.study.name)
    return f"<div><b>{title}</b><table>{head}{''.join(rows)}</table><p>{words}</p></div>"


def _row(tag: str, cells: Sequence[str]) -> str:
    # Names are of others: no tag of theirs is one of the page.
    written = [f"<{tag}>{escape(cell)}</{tag}>" for cell in cells]
    return f"<tr>{''.join(written)}</tr>"


def _amount(gathered: Gathered, setting: Setting, metric: Metric) -> str:
    """Mean and deviation over seeds, each with its unit."""
    sample = gathered.sample(setting, metric.key)
    if sample is None:
        return MISSING
    # Times and energies are shown from whole base units.
    mean = metric.show(_whole(metric, sample.mean))
    deviation = sample.deviation
    return f"{mean} ± {metric.show(_whole(metric, deviation))}" if deviation else mean


def _whole(metric: Metric, value: float) -> float:
    return round(value) if metric.key.endswith(("_ps", "_aJ")) else value
