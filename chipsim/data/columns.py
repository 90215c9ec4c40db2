"""Tables of others, in CSV or Parquet: a column a feature, a line a sample, one column of labels."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any, Final

import attrs
import numpy as np

from chipsim.errors import DataError, did_you_mean
from chipsim.limits import OWN_DATA_BYTES, OWN_SAMPLES

__all__ = ["Table", "read_table"]

_VALUE_BYTES: Final = 8
_MOST_TOLD: Final = 12
"""Columns that a message lists."""


@attrs.frozen(kw_only=True, eq=False)
class Table:
    """A table that was read: its numbers, and where each stands in the file."""

    x: Any
    """Features (samples, features), in the order of their columns."""
    y: Any
    """Labels (samples,)."""
    features: tuple[str, ...]
    """The columns of features."""
    label: str
    """The column of labels."""
    in_lines: bool = False
    """Whether each sample is a line of text, the first one the second line."""

    def place(self, index: tuple[int, ...]) -> str:
        """Where a value of ``x`` or ``y`` stands.

        Parameters
        ----------
        index
            Of its sample, and of its feature where it is one.

        Examples
        --------
        >>> Table(x=None, y=None, features=("s0", "s1"), label="class", in_lines=True).place((0, 1))
        "line 2, column 's1'"
        """
        sample, *column = index
        name = self.features[column[0]] if column else self.label
        row = f"line {sample + 2}" if self.in_lines else f"sample {sample}"
        return f"{row}, column {name[:60]!r}"


def read_table(content: bytes, *, where: str, suffix: str, label: str | None) -> Table:
    """The numbers of a table.

    Parameters
    ----------
    content
        All of the file.
    where
        The file, for messages.
    suffix
        ``.csv`` or ``.parquet``.
    label
        The column of labels.

    Raises
    ------
    DataError
        When it cannot be read, has too many values, or columns of anything but numbers.
    """
    import pyarrow as pa  # noqa: PLC0415  # whoever has no table waits for none

    try:
        table = _from_csv(content, where=where) if suffix == ".csv" else _from_parquet(content, where=where)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        said = str(error).strip().split("\n")[0]
        raise DataError(f"{where}: is no {suffix} file that can be read: {said[:200]}") from None
    names = table.column_names
    _check_names(names, where=where, label=label)
    columns = {name: _numbers(table[name], where=f"{where}: column {name!r}") for name in names}
    labels = columns.pop(str(label))
    if not columns:
        raise DataError(f"{where}: has no column besides {label!r}; needs at least one feature")
    return Table(
        x=np.stack(list(columns.values()), axis=1),
        y=labels,
        features=tuple(columns),
        label=str(label),
        in_lines=suffix == ".csv" and _in_lines(content, samples=len(labels)),
    )


def _in_lines(content: bytes, *, samples: int) -> bool:
    """Whether each sample has a line of its own; not where lines are empty, or a name goes over two."""
    return content.rstrip(b"\r\n").count(b"\n") == samples


def _from_csv(content: bytes, *, where: str) -> Any:
    from pyarrow import csv  # noqa: PLC0415

    # Every value takes a byte and a comma at least, and eight bytes as a number.
    if content.count(b",") * _VALUE_BYTES > OWN_DATA_BYTES:
        raise DataError(f"{where}: has more values than the {OWN_DATA_BYTES // _VALUE_BYTES:,} that are read")
    # Each sample has a line, besides that of the names, and lines that are empty count as well.
    if content.count(b"\n") > OWN_SAMPLES + 1:
        raise DataError(f"{where}: has more samples than the {OWN_SAMPLES:,} that are read")
    # One thread: which block a mistake is found in must not depend on the machine.
    table = csv.read_csv(io.BytesIO(content), read_options=csv.ReadOptions(use_threads=False))
    if all(_is_number(name) for name in table.column_names):
        raise DataError(f"{where}: its first line has to name the columns, and holds numbers")
    return table


def _from_parquet(content: bytes, *, where: str) -> Any:
    from pyarrow import parquet, types  # noqa: PLC0415

    file = parquet.ParquetFile(io.BytesIO(content))
    schema = file.schema_arrow
    # Before anything is unpacked: a few packed bytes may be a text of gigabytes.
    other = [field.name for field in schema if not _is_numeric(field.type, types)]
    if other:
        kind = schema.field(other[0]).type
        raise DataError(f"{where}: column {other[0][:60]!r} holds {kind}, not numbers; drop it")
    samples = file.metadata.num_rows
    if samples > OWN_SAMPLES:
        raise DataError(f"{where}: has {samples:,} samples, and at most {OWN_SAMPLES:,} are read")
    values = samples * file.metadata.num_columns
    if values * _VALUE_BYTES > OWN_DATA_BYTES:
        most = OWN_DATA_BYTES // _VALUE_BYTES
        raise DataError(f"{where}: has {values:,} values, and at most {most:,} are read")
    return file.read(use_threads=False)


def _is_numeric(kind: Any, types: Any) -> bool:
    return bool(types.is_integer(kind) or types.is_floating(kind))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_names(names: list[str], *, where: str, label: str | None) -> None:
    """Refuse columns by the same name, and a label that is none of them."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"{where}: has the column {twice[0][:60]!r} twice")
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    known = f"it has {', '.join(name[:60] for name in names[:_MOST_TOLD])}{more}"
    if label is None:
        raise DataError(f"{where}: state which column holds the labels with label; {known}")
    if label not in names:
        raise DataError(f"{where}: has no column {label!r} of labels; {known}{did_you_mean(label, names)}")


def _numbers(column: Any, *, where: str) -> Any:
    from pyarrow import types  # noqa: PLC0415

    if not _is_numeric(column.type, types):
        raise DataError(f"{where} holds {column.type}, not numbers; drop it, or write numbers")
    if column.null_count:
        line = next(place for place, value in enumerate(column) if not value.is_valid)
        raise DataError(
            f"{where}: {column.null_count} of {len(column)} values are missing, the first of sample {line}; "
            "fill or drop them"
        )
    return column.to_numpy()
