"""Results' tables as Parquet files, one writer and one reader for each kind of table.

Pyarrow is slow to import and only saving and reading need it, so it is imported where it is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import numpy as np

from chipsim.ledger import Record
from chipsim.result import Wear

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "read_executed",
    "read_programs",
    "read_wear",
    "rows_reader",
    "write_executed",
    "write_programs",
    "write_rows",
    "write_wear",
]

_WHOLE: Final = {
    "energy_aj": ("energy_J", 1e-18),
    "busy_ps": ("busy_s", 1e-12),
    "simulated_time_ps": ("simulated_time_s", 1e-12),
}
"""Totals that outgrow 64 bits: kept as decimals, each with a float beside it under the name given."""

_ALWAYS_COUNTED: Final = ("pulses", "resets")
_COUNTED: Final = (*_ALWAYS_COUNTED, "programmings")
"""What is counted of every cell, and of those that are programmed to levels."""

_Row = TypeVar("_Row")


def _column_type(name: str, annotation: object) -> pa.DataType:
    import pyarrow as pa  # noqa: PLC0415

    if name in _WHOLE:
        return pa.decimal128(38, 0)
    kinds = {"int": pa.int64(), "float": pa.float64(), "str": pa.string(), "bool": pa.bool_()}
    return kinds[str(annotation)]


def write_rows(path: Path, rows: Sequence[Any], row: type[Any]) -> None:
    """Write a tuple of attrs objects as a table, a column a field."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns: dict[str, pa.Array] = {}
    for field in attrs.fields(row):
        values = [getattr(item, field.name) for item in rows]
        kind = _column_type(field.name, field.type)
        if field.name in _WHOLE:
            companion, scale = _WHOLE[field.name]
            columns[field.name] = pa.array([Decimal(int(value)) for value in values], kind)
            columns[companion] = pa.array([int(value) * scale for value in values], pa.float64())
        else:
            columns[field.name] = pa.array(values, kind)
    pq.write_table(pa.table(columns), path, compression="zstd")


def rows_reader(row: type[_Row]) -> Callable[[Path], tuple[_Row, ...]]:
    """A reader of the table that `write_rows` wrote for this class."""

    def read(path: Path) -> tuple[_Row, ...]:
        names = [field.name for field in attrs.fields(row)]  # type: ignore[arg-type]
        table = _read_table(path, names)
        columns = [_python_values(name, table[name].to_pylist()) for name in names]
        return tuple(row(**dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True))

    return read


def _python_values(name: str, values: list[Any]) -> list[Any]:
    return [int(value) for value in values] if name in _WHOLE else values


def write_wear(path: Path, wear: Sequence[Wear]) -> None:
    """Write one line a cell, one row group an array, so that memory holds one array at a time.

    There is a column of programmings only where cells of some array are programmed to levels; in other
    arrays it is null.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    kinds = _COUNTED if any(one.programmings is not None for one in wear) else _ALWAYS_COUNTED
    peak = max((_peak(getattr(one, kind)) for one in wear for kind in kinds), default=0)
    count = pa.int32() if peak <= np.iinfo(np.int32).max else pa.int64()
    names = pa.array([one.array for one in wear], pa.string())
    places = [("array", pa.dictionary(pa.int32(), pa.string())), ("row", pa.int32()), ("column", pa.int32())]
    said = {
        "chipsim.shapes": json.dumps([[one.array, *np.shape(one.pulses)] for one in wear]),
        "chipsim.programmed": json.dumps([one.programmings is not None for one in wear]),
    }
    schema = pa.schema([*places, *((kind, count) for kind in kinds)], metadata=said)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for index, one in enumerate(wear):
            row, column = (place.ravel().astype(np.int32) for place in np.indices(np.shape(one.pulses)))
            which = pa.DictionaryArray.from_arrays(np.full(row.size, index, np.int32), names)
            counts = [_counts(getattr(one, kind), count, cells=row.size) for kind in kinds]
            columns = [which, pa.array(row), pa.array(column), *counts]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _peak(counts: Any) -> int:
    return 0 if counts is None else int(np.max(counts, initial=0))


def _counts(counts: Any, kind: pa.DataType, *, cells: int) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415

    return pa.nulls(cells, kind) if counts is None else pa.array(np.asarray(counts).ravel()).cast(kind)


def read_wear(path: Path) -> tuple[Wear, ...]:
    """Read the cells back into arrays, by the row and column that stand in the table."""
    table = _read_table(path, ("array", "row", "column", *_ALWAYS_COUNTED))
    metadata = table.schema.metadata or {}
    if b"chipsim.shapes" not in metadata:
        raise ValueError("does not say the shapes of its arrays")
    shapes = json.loads(metadata[b"chipsim.shapes"])
    # Tables from before cells were programmed to levels do not say it.
    programmed = json.loads(metadata.get(b"chipsim.programmed", b"null")) or [False] * len(shapes)
    found: list[Wear] = []
    start = 0
    for (name, rows, columns), levels in zip(shapes, programmed, strict=True):
        part = table.slice(start, rows * columns)
        start += rows * columns
        if part.num_rows != rows * columns or set(part["array"].unique().to_pylist()) - {name}:
            raise ValueError(f"has not all {rows} x {columns} cells of array {name}")
        kinds = _COUNTED if levels else _ALWAYS_COUNTED
        counts = {kind: _placed(part, kind, shape=(rows, columns)) for kind in kinds}
        found.append(Wear(array=name, **counts))
    return tuple(found)


def _placed(cells: pa.Table, name: str, *, shape: tuple[int, int]) -> Any:
    values = cells[name].to_numpy()
    placed = np.zeros(shape, values.dtype)
    placed[cells["row"].to_numpy(), cells["column"].to_numpy()] = values
    return placed


def write_programs(path: Path, programs: Sequence[Sequence[Record]]) -> None:
    """Write a trace's distinct programs, one line a record, numbered in order."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    numbered = [(number, record) for number, program in enumerate(programs) for record in program]
    columns = {
        "program": pa.array([number for number, _ in numbered], pa.int64()),
        "start_ps": pa.array([record.start_ps for _, record in numbered], pa.int64()),
        "end_ps": pa.array([record.end_ps for _, record in numbered], pa.int64()),
        "part": pa.array([record.part for _, record in numbered], pa.string()).dictionary_encode(),
        "action": pa.array([record.action for _, record in numbered], pa.string()).dictionary_encode(),
    }
    # A program may have no records; their number says that it is there all the same.
    table = pa.table(columns).replace_schema_metadata({"chipsim.programs": str(len(programs))})
    pq.write_table(table, path, compression="zstd")


def read_programs(path: Path) -> tuple[tuple[Record, ...], ...]:
    """Read a trace's distinct programs back."""
    table = _read_table(path, ("program", "start_ps", "end_ps", "part", "action"))
    metadata = table.schema.metadata or {}
    if b"chipsim.programs" not in metadata:
        raise ValueError("does not say how many programs it holds")
    programs: list[list[Record]] = [[] for _ in range(int(metadata[b"chipsim.programs"]))]
    columns = [table[name].to_pylist() for name in ("program", "start_ps", "end_ps", "part", "action")]
    for number, start, end, part, action in zip(*columns, strict=True):
        programs[number].append(Record(start, end, part, action))
    return tuple(map(tuple, programs))


def write_executed(path: Path, executed: Sequence[int]) -> None:
    """Write which program ran when: one line an execution, in order."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.table({"program": pa.array(executed, pa.int64())}), path, compression="zstd")


def read_executed(path: Path) -> tuple[int, ...]:
    """Read back which program ran when."""
    return tuple(_read_table(path, ("program",))["program"].to_pylist())


def _read_table(path: Path, names: Iterable[str]) -> pa.Table:
    import pyarrow.parquet as pq  # noqa: PLC0415

    with path.open("rb") as file:
        table = pq.read_table(file)
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise ValueError(f"has no column {', '.join(missing)}")
    return table
