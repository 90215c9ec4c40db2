"""The data of a figure as a table: what stands behind every bar, point and field, as CSV."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chipsim.report.figure import Figure
from chipsim.wording import as_field

__all__ = ["COLUMNS", "csv_of", "plain_label"]

COLUMNS: Final = ("series", "x", "y", "z", "error_x", "error_y")
_BREAK: Final = re.compile(r"<br\s*/?>")


def csv_of(figure: Figure) -> str:
    r"""The figure's data as CSV: a row a bar, point or field, in the units of its axes.

    Examples
    --------
    >>> trace = {"type": "bar", "name": "a &amp; b", "x": [1.5], "y": ["=row"]}
    >>> print(csv_of(Figure(name="f", title="", data=[trace], layout={})).replace("\r", ""))
    series,x,y,z,error_x,error_y
    a & b,1.5,'=row,,,
    <BLANKLINE>
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for trace in figure.data:
        for row in _rows(trace):
            writer.writerow([_field(value) for value in row])
    return file.getvalue()


def plain_label(label: object) -> str:
    """A label without the markup that it has for plotly.js.

    Examples
    --------
    >>> plain_label("a &lt;b&gt;<br>12"), plain_label("@&#64;series-0")
    ('a <b> 12', '@@series-0')
    """
    return html.unescape(_BREAK.sub(" ", str(label)))


def _rows(trace: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    series = plain_label(trace.get("name", ""))
    if trace.get("type") == "heatmap":
        for row, values in enumerate(trace["z"]):
            for column, value in enumerate(values):
                yield series, _at(trace.get("x"), column), _at(trace.get("y"), row), value, None, None
        return
    x, y = trace.get("x"), trace.get("y")
    for place in range(max(len(x or ()), len(y or ()))):
        errors = [_error(trace.get(name), place) for name in ("error_x", "error_y")]
        yield series, _at(x, place), _at(y, place), None, *errors


def _at(values: Sequence[Any] | None, place: int) -> Any:
    """A value, or its number where none is given."""
    if values is None:
        return place
    value = values[place]
    return plain_label(value) if isinstance(value, str) else value


def _error(errors: Mapping[str, Any] | None, place: int) -> Any:
    return errors["array"][place] if errors and errors.get("array") else None


def _field(value: Any) -> Any:
    # A name that begins like a formula would be worked out by the program that opens the table.
    return as_field(value) if isinstance(value, str) else value
