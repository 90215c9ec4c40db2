"""What a notebook shows of a study: a row a setting, means and deviations over its seeds."""

from __future__ import annotations

from html import escape
from typing import Final

from chipsim.spec.html_table import html_table
from chipsim.study.kept import KeptStudy
from chipsim.study.statistics import gather_kept
from chipsim.study.words import leading_rows

__all__ = ["shown_study"]

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
    metrics, settings = leading_rows(gathered)
    heads = ["", "seeds", *(metric.title for metric in metrics)]
    table = html_table(settings[:_MOST], heads=heads)
    told = [f"{len(study.done):,} of {len(study.runs):,} runs are done"]
    if len(gathered.settings) > _MOST:
        told.append(f"the first {_MOST} of {len(gathered.settings):,} settings are shown")
    words = escape("; ".join(told))
    title = escape(study.plan.study.name)
    return f"<div><b>{title}</b>{table}<p>{words}</p></div>"
