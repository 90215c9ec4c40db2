"""What the columns of saved tables must hold before anybody computes with them.

Pyarrow is slow to import and only saving and reading need it, so it is imported where it is used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_values", "column_names", "read_table"]

_CELLS_LIMIT: Final = 2**26
"""Numbers of a table that is read without knowing its digest: a damaged length may ask for all memory."""
_SHOWN: Final = 40
"""Characters of a value that a message shows."""


def read_table(content: bytes, types: Mapping[str, Iterable[pa.DataType]], *, verified: bool) -> pa.Table:
    """The columns asked for of a saved table, each of a type that it may have.

    Parameters
    ----------
    content
        A Parquet file.
    types
        Columns and the types that each may have.
    verified
        Whether the file is known to be what was saved; others must not be large.

    Raises
    ------
    ValueError
        When the table cannot be read, a column is missing or has another type.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    # Without threads of pyarrow's own: one that still lets go of an object of Python when the interpreter
    # ends is stopped in the middle of it, and takes the process with it.
    file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False, page_checksum_verification=True)
    cells = file.metadata.num_rows * file.metadata.num_columns
    # What was verified is as large as its run made it: no limit has to guess how large a run may be.
    if not verified and cells > _CELLS_LIMIT:
        raise ValueError(f"says that it holds {cells:,} numbers, where at most {_CELLS_LIMIT:,} can be")
    names = file.schema_arrow.names
    missing = [name for name in types if name not in names]
    if missing:
        raise ValueError(f"has no column {', '.join(missing)}")
    for name, allowed in types.items():
        found = file.schema_arrow.field(name).type
        if found not in allowed:
            wanted = " or ".join(map(str, allowed))
            raise ValueError(f"its column {name} must be {wanted}, not {found}")
    return file.read(columns=list(types), use_threads=False)


def column_names(content: bytes) -> list[str]:
    """The columns of a saved table.

    Parameters
    ----------
    content
        A Parquet file.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    names: list[str] = pq.read_schema(pa.BufferReader(content)).names
    return names


def check_values(name: str, values: Iterable[Any], *, nullable: bool = False) -> None:
    """Refuse a column in which a value is missing or cannot be.

    Parameters
    ----------
    name
        Its name, which says what may stand there: percentages end with ``_percent``.
    values
        Whole numbers, floats, texts and truths, a row each.
    nullable
        Whether there may be rows without a value.

    Raises
    ------
    ValueError
        With the row, counted from 0, what stands there and what may.

    Examples
    --------
    >>> check_values("pulses", [3, -1])
    Traceback (most recent call last):
    ...
    ValueError: row 1: pulses must be at least 0, not -1
    """
    for row, value in enumerate(values):
        wanted = _wanted(name, value, nullable=nullable)
        if wanted:
            given = str(value)[:_SHOWN]
            raise ValueError(f"row {row}: {name} must be {wanted}, not {given}")


def _wanted(name: str, value: Any, *, nullable: bool) -> str:
    """What a value should have been; empty when it is right."""
    if value is None:
        return "" if nullable else "there"
    if not isinstance(value, int | float):
        return ""
    # What is not known is NaN, and what training made of numbers that grew too large is infinite.
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if name.endswith("_percent"):
        return "" if 0 <= value <= 100 else "from 0 to 100"
    return "" if value >= 0 else "at least 0"
