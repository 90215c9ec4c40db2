"""The comparison as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from chipsim.result import Result
from chipsim.result.extent import marked
from chipsim.result.labels import labels
from chipsim.result.metrics import metric_value, metrics_of, readable
from chipsim.result.standing import best_of

__all__ = ["comparison_table"]


def comparison_table(results: Sequence[Result]) -> Table:
    """Accuracy, time, energy, pulses, hottest cell and area of each result, a row each; the best in bold.

    Parameters
    ----------
    results
        In the order of the rows.

    Examples
    --------
    >>> comparison_table([]).row_count
    0
    """
    results = readable(results)
    metrics = [metric for metric in metrics_of(results) if metric.brief]
    table = Table("Architecture", header_style="bold", title_justify="left")
    for metric in metrics:
        table.add_column(metric.title, justify="right")
    best = {metric.key: best_of(metric, results) for metric in metrics}
    for place, (result, label) in enumerate(zip(results, labels(results), strict=True)):
        # As objects and not as strings: rich would take brackets in a chip's name for markup.
        cells = [Text(marked(label, result))]
        for metric in metrics:
            style = "bold green" if place in best[metric.key] else ""
            cells.append(Text(metric_value(metric, result), style=style))
        table.add_row(*cells)
    return table
