"""The tables of a result as data frames: of pandas where that is installed, else of pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.errors import OutputError, did_you_mean
from chipsim.result.record import PlacedBlock, Result, Valued
from chipsim.result.totals import TOTALS, as_float
from chipsim.result.writing import LATER_ROWS, ROWS

__all__ = ["FRAMES", "arrow_or_pandas", "as_frame", "frame_of"]

_CLASSES: Final[Mapping[str, type[Any]]] = {
    **ROWS, **LATER_ROWS, "placement": PlacedBlock, "values": Valued,
}  # fmt: skip
FRAMES: Final = (*_CLASSES, "wear")
"""The tables that there are."""


def frame_of(result: Result, name: str) -> Any:
    """One table of a result.

    Parameters
    ----------
    result
        A run.
    name
        One of :data:`FRAMES`.

    Returns
    -------
    Any
        A pandas DataFrame, or a pyarrow Table where pandas is not installed. Beside totals in attojoules and
        picoseconds stand columns in joules and seconds.

    Raises
    ------
    OutputError
        When there is no such table.
    """
    if name not in FRAMES:
        known = f"known: {', '.join(FRAMES)}{did_you_mean(str(name), FRAMES)}"
        raise OutputError(f"a result has no table {name!r}; {known}")
    columns = _of_wear(result) if name == "wear" else _of_rows(getattr(result, name), _CLASSES[name])
    return arrow_or_pandas(columns)


def _of_rows(rows: Sequence[Any], row: type[Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for field in attrs.fields(row):
        values = [getattr(one, field.name) for one in rows]
        columns[field.name] = values
        if field.name in TOTALS:
            companion, scale = TOTALS[field.name]
            columns[companion] = [as_float(value, scale) for value in values]
    return columns


def _of_wear(result: Result) -> dict[str, Any]:
    """A line a cell, array after array and row after row."""
    columns: dict[str, list[Any]] = {}
    for wear in result.wear:
        rows, places = np.indices(wear.pulses.shape)
        cells = {
            "array": np.full(wear.pulses.size, wear.array, dtype=object),
            "row": rows.ravel(),
            "column": places.ravel(),
            "pulses": wear.pulses.ravel(),
            "resets": wear.resets.ravel(),
            "programmings": _programmings(wear),
        }
        for name, values in cells.items():
            columns.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _programmings(wear: Any) -> Any:
    # Cells that are not programmed to levels have no number of it, which is not zero.
    if wear.programmings is None:
        return np.full(wear.pulses.size, np.nan)
    return wear.programmings.ravel()


def arrow_or_pandas(columns: Mapping[str, Any]) -> Any:
    """Columns as a pandas DataFrame, or as a pyarrow Table where pandas is not installed.

    Parameters
    ----------
    columns
        Values by the names of columns, all equally many.
    """
    import pyarrow as pa  # noqa: PLC0415  # loaded by whoever asks for a table

    return as_frame(pa.table({name: _column(values, pa.array) for name, values in columns.items()}))


def as_frame(table: Any) -> Any:
    """A pyarrow Table as a pandas DataFrame, or as it is where pandas is not installed.

    Parameters
    ----------
    table
        Of pyarrow.
    """
    try:
        return table.to_pandas()
    except ImportError:
        return table


def _column(values: Any, array: Callable[..., Any]) -> Any:
    try:
        return array(values)
    # A whole number beyond 64 bits: as text it keeps its digits, and a float stands beside every total.
    except (OverflowError, ValueError, TypeError):
        return array([str(value) for value in values])
