"""Results as a notebook shows them."""

from __future__ import annotations

from html import escape

from chipsim.result.extent import marked
from chipsim.result.labels import labels
from chipsim.result.metrics import metric_value, metrics_of, readable
from chipsim.result.record import Result
from chipsim.spec.html_table import html_table

__all__ = ["shown_result"]


def shown_result(result: Result) -> str:
    """The figures of a result as a small table in HTML, and what was said of the run.

    Parameters
    ----------
    result
        A run.
    """
    shown = readable([result])
    (label,) = labels(shown)
    rows = [(metric.title, metric_value(metric, result)) for metric in metrics_of(shown) if metric.brief]
    # Names are text of others: no tag of theirs is one of the page.
    warnings = result.summary.get("warnings") or []
    told = "".join(f"<li>{escape(str(warning))}</li>" for warning in warnings)
    heard = f"<ul>{told}</ul>" if told else ""
    return f"<div><p><b>{escape(marked(label, result))}</b></p>{html_table(rows)}{heard}</div>"
