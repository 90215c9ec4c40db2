"""A table of measurements, of a file or of a frame in memory: its columns, and where each value stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.errors import DescriptionError, Problem
from chipsim.limits import CURVE_ROWS

__all__ = ["Table", "numbers_in", "of_frame", "refuse_rows"]

_MOST_TOLD: Final = 20
"""Wrong values of a column that are told one by one."""


@attrs.frozen(kw_only=True, eq=False)
class Table:
    """A table that was read."""

    columns: Mapping[str, Any]
    """Numbers, with NaN for what is missing, or texts, by the names of their columns (rows,)."""
    file: str = ""
    """As the user calls it; empty for a frame."""
    source: str
    """What it is, for the source of a value."""
    lines: Any = None
    """Line of each row in the file (rows,); None for a frame, whose rows are counted from 0."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(next(iter(self.columns.values())))

    def place(self, row: int) -> str:
        """Where a row stands, for a sentence."""
        return f"row {row}" if self.lines is None else f"line {self.lines[row]}"

    def problem(self, row: int, message: str) -> Problem:
        """What is wrong with a row."""
        if self.lines is None:
            return Problem(file=self.file, message=f"row {row}: {message}")
        return Problem(file=self.file, line=int(self.lines[row]), message=message)


def refuse_rows(rows: int, *, file: str) -> None:
    """Refuse a table of more rows than are read.

    Raises
    ------
    DescriptionError
        When it has more.
    """
    if rows > CURVE_ROWS:
        advice = "give a part of it, such as every tenth pulse"
        message = f"has {rows:,} rows, and at most {CURVE_ROWS:,} are read; {advice}"
        raise DescriptionError([Problem(file=file, message=message)])


def of_frame(frame: Any) -> Table:
    """The table of a frame: a mapping of columns, or anything with columns, as pandas and pyarrow have it.

    Raises
    ------
    DescriptionError
        When it is no frame, or its columns are not equally long.

    Examples
    --------
    >>> of_frame({"pulse": [1, 2], "G (uS)": [3.0, 4.5]}).rows
    2
    """
    names = _names_of(frame)
    columns = {str(name): _as_array(frame[name]) for name in names}
    # All lengths at once, so that the odd one is seen.
    shapes = {name: values.shape for name, values in columns.items()}
    crooked = [name for name, shape in shapes.items() if len(shape) != 1]
    if crooked:
        message = f"column {crooked[0]!r} is no row of values: it has the shape {shapes[crooked[0]]}"
        raise DescriptionError([Problem(message=f"the frame: {message}")])
    lengths = {shape[0] for shape in shapes.values()}
    if len(lengths) != 1:
        told = ", ".join(f"{name} {shape[0]:,}" for name, shape in shapes.items())
        raise DescriptionError([Problem(message=f"the frame: its columns are not equally long: {told}")])
    (rows,) = lengths
    refuse_rows(rows, file="the frame")
    source = f"a frame of {rows:,} rows (SHA-256 of its columns {_digest(columns)})"
    return Table(columns=columns, file="the frame", source=source)


def _names_of(frame: Any) -> list[Any]:
    """The names of a frame's columns."""
    # A table of pyarrow has its columns themselves under the name by which pandas has their names.
    for attribute in ("column_names", "columns"):
        if hasattr(frame, attribute):
            return list(getattr(frame, attribute))
    if isinstance(frame, Mapping) and frame:
        return list(frame)
    kind = type(frame).__name__
    what = "an empty mapping" if isinstance(frame, Mapping) else kind
    message = f"needs a path, a mapping of columns or a table with columns, not {what}"
    raise DescriptionError([Problem(message=message)])


def _as_array(values: Any) -> Any:
    found = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    return found if found.dtype.kind in "uifb" else found.astype(object)


def _digest(columns: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(name.encode())
        digest.update(repr(values.tolist()).encode())
    return digest.hexdigest()


def numbers_in(table: Table, name: str, problems: list[Problem]) -> Any:
    """A column as numbers, NaN where nothing was measured (rows,); None where it holds something else.

    Parameters
    ----------
    table
        What was read.
    name
        Of the column.
    problems
        Added to, with the line of each value that is no number.
    """
    values = table.columns[name]
    if values.dtype.kind in "uif":
        found = values.astype(np.float64)
    else:
        found = _read_one_by_one(table, name, problems)
    if found is None:
        return None
    endless = np.flatnonzero(np.isinf(found))
    problems += [
        table.problem(int(row), f"{name} is {found[row]}; allowed: a finite number")
        for row in endless[:_MOST_TOLD]
    ]
    return found


def _read_one_by_one(table: Table, name: str, problems: list[Problem]) -> Any:
    values: Sequence[Any] = table.columns[name]
    found = np.full(len(values), np.nan)
    wrong = []
    for row, value in enumerate(values):
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            found[row] = float(value)
        except (TypeError, ValueError):
            wrong.append(row)
    if wrong and len(wrong) == len(values):
        first = str(values[0])[:40]
        message = f"column {name!r} holds no numbers: the first is {first!r}; units belong into its head"
        problems.append(Problem(file=table.file, message=message))
        return None
    for row in wrong[:_MOST_TOLD]:
        given = str(values[row])[:40]
        problems.append(table.problem(row, f"{name} is {given!r}, which is no number"))
    if len(wrong) > _MOST_TOLD:
        more = f"{len(wrong) - _MOST_TOLD:,} more values of {name!r} are no numbers"
        problems.append(Problem(file=table.file, message=more))
    return None if wrong else found
