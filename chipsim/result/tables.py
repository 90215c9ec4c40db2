"""Results' tables as Parquet files, one writer and one reader for each kind of table.

Pyarrow is slow to import and only saving and reading need it, so it is imported where it is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import attrs
import numpy as np

from chipsim.ledger import Record, Trace
from chipsim.result import Wear
from chipsim.result.columns import check_values, column_names, read_table
from chipsim.result.totals import TOTALS, as_float

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "SavedFile",
    "metadata_of",
    "read_executed",
    "read_programs",
    "read_wear",
    "rows_reader",
    "write_executed",
    "write_programs",
    "write_rows",
    "write_table",
    "write_wear",
]

_DIGITS: Final = 38
"""Digits of the widest number that Parquet, pandas, polars and DuckDB all know."""

_ALWAYS_COUNTED: Final = ("pulses", "resets")
_COUNTED: Final = (*_ALWAYS_COUNTED, "programmings")
"""What is counted of every cell, and of those that are programmed to levels."""

_PROGRAMS_LIMIT: Final = 10**6
"""Distinct programs of a trace that is read without knowing its digest; a run keeps 10,000 at a time."""
_HOW: Final[dict[str, Any]] = {"compression": "zstd", "write_page_checksum": True}
"""How tables are written: pages have checksums, which other readers look at, too."""

_WHOLE: Final = ("int", "int | None")
"""What annotations of whole numbers are."""

_Types: TypeAlias = "dict[str, tuple[pa.DataType, ...]]"
"""Columns, and the types that each may have."""
_Row = TypeVar("_Row")


@attrs.frozen(kw_only=True)
class SavedFile:
    """What one file of a result holds."""

    content: bytes
    verified: bool
    """Whether it is known to be what was saved."""


def _column_types(name: str, annotation: object) -> tuple[pa.DataType, ...]:
    """The types that a column may have: the usual one, and for whole numbers those that are wider."""
    import pyarrow as pa  # noqa: PLC0415

    # The rows' classes are written with postponed annotations, which are texts.
    if str(annotation) in _WHOLE:
        wider = (pa.decimal128(_DIGITS, 0), pa.string())
        return wider if name in TOTALS else (pa.int64(), *wider)
    kinds = {"float": pa.float64(), "str": pa.string(), "bool": pa.bool_()}
    return (kinds[str(annotation)],)


def _column(name: str, annotation: object, values: Sequence[Any]) -> pa.Array:
    """The values as a column of the type that their field says, or of one that is wide enough for them."""
    import pyarrow as pa  # noqa: PLC0415

    if str(annotation) in _WHOLE:
        return _whole_column([int(value) for value in values], exact=name in TOTALS)
    if str(annotation) == "str":
        values = [_readable(value) for value in values]
    return pa.array(values, _column_types(name, annotation)[0])


def _whole_column(values: Sequence[int], *, exact: bool = False) -> pa.Array:
    """Whole numbers; where one fits no number of Parquet all are texts, so that no run is lost to it."""
    import pyarrow as pa  # noqa: PLC0415

    largest = max(map(abs, values), default=0)
    if largest <= np.iinfo(np.int64).max and not exact:
        return pa.array(values, pa.int64())
    if largest < 10**_DIGITS:
        return pa.array([Decimal(value) for value in values], pa.decimal128(_DIGITS, 0))
    return pa.array([str(value) for value in values], pa.string())


def _readable(text: str) -> str:
    """A text that Parquet can hold: halves of surrogate pairs are spelt out."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def write_rows(path: Path, rows: Sequence[Any], row: type[Any]) -> None:
    """Write a tuple of attrs objects as a table, a column a field."""
    import pyarrow as pa  # noqa: PLC0415

    columns: dict[str, pa.Array] = {}
    for field in attrs.fields(row):
        values = [getattr(item, field.name) for item in rows]
        # What an older result does not know is as unknown when it is saved again.
        if field.default is None and None in values:
            continue
        columns[field.name] = _column(field.name, field.type, values)
        if field.name in TOTALS:
            companion, scale = TOTALS[field.name]
            floats = [as_float(int(value), scale) for value in values]
            columns[companion] = pa.array(floats, pa.float64())
    write_table(pa.table(columns), path)


def rows_reader(row: type[_Row]) -> Callable[[SavedFile], tuple[_Row, ...]]:
    """A reader of the table that `write_rows` wrote for this class."""

    def read(saved: SavedFile) -> tuple[_Row, ...]:
        there = column_names(saved.content)
        # A column that came later, which may be None, is missing in older tables.
        known = attrs.fields(row)  # type: ignore[arg-type]
        fields = [field for field in known if field.default is not None or field.name in there]
        types = {field.name: _column_types(field.name, field.type) for field in fields}
        table = _read(saved, _with_companions(types))
        columns = {field.name: _python_values(field.type, table[field.name]) for field in fields}
        for name, values in columns.items():
            check_values(name, values)
            # Other programs compute with the float: one that belongs to another total would mislead them.
            if name in TOTALS:
                companion, scale = TOTALS[name]
                _check_companion(companion, table[companion].to_pylist(), values, scale=scale)
        lines = zip(*columns.values(), strict=True)
        return tuple(row(**dict(zip(types, line, strict=True))) for line in lines)

    return read


def _with_companions(types: _Types) -> _Types:
    """The columns of a table, with the floats beside its totals."""
    import pyarrow as pa  # noqa: PLC0415

    found = dict(types)
    for name in types:
        if name in TOTALS:
            companion, _ = TOTALS[name]
            found[companion] = (pa.float64(),)
    return found


def _check_companion(name: str, floats: list[Any], exact: list[int], *, scale: float) -> None:
    """Refuse a float that is not the total beside which it stands."""
    for row, (value, total) in enumerate(zip(floats, exact, strict=True)):
        wanted = as_float(total, scale)
        if value is None or not math.isclose(value, wanted, rel_tol=1e-12):
            raise ValueError(f"row {row}: {name} must be {wanted}, as the exact column says, not {value}")


def _python_values(annotation: object, column: pa.Array) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if str(annotation) not in _WHOLE:
        return values
    return [value if value is None else int(value) for value in values]


def write_wear(path: Path, wear: Sequence[Wear]) -> None:
    """Write one line a cell, one row group an array, so that memory holds one array at a time.

    There is a column of programmings only where cells of some array are programmed to levels; in other
    arrays it is null.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    shapes = [[one.array, *np.shape(one.pulses)] for one in wear]
    programmed = [one.programmings is not None for one in wear]
    kinds = _COUNTED if any(programmed) else _ALWAYS_COUNTED
    peak = max((_peak(getattr(one, kind)) for one in wear for kind in kinds), default=0)
    # Half the bytes for counts that fit, which is nearly always.
    count = pa.int32() if peak <= np.iinfo(np.int32).max else pa.int64()
    # Every name stands once for all its cells, or a million cells would say it a million times.
    names = pa.array([one.array for one in wear], pa.string())
    name = pa.dictionary(pa.int32(), pa.string())
    fields = [("array", name), ("row", pa.int32()), ("column", pa.int32())]
    fields += [(kind, count) for kind in kinds]
    # An array without cells has no line that could say its shape.
    said = {"chipsim.shapes": json.dumps(shapes), "chipsim.programmed": json.dumps(programmed)}
    schema = pa.schema(fields, metadata=said)
    with path.open("wb") as file, pq.ParquetWriter(file, schema, **_HOW) as writer:
        for index, one in enumerate(wear):
            down, across = np.indices(np.shape(one.pulses), np.int32)
            which = pa.DictionaryArray.from_arrays(np.full(down.size, index, np.int32), names)
            counts = [_counts(getattr(one, kind), count, cells=down.size) for kind in kinds]
            columns = [which, pa.array(down.ravel()), pa.array(across.ravel()), *counts]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _peak(counts: Any) -> int:
    return 0 if counts is None else int(np.max(counts, initial=0))


def _counts(counts: Any, kind: pa.DataType, *, cells: int) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415

    if counts is None:
        return pa.nulls(cells, kind)
    # The cast refuses what does not fit, where numpy would wrap it round.
    return pa.array(np.asarray(counts).ravel()).cast(kind)


def read_wear(saved: SavedFile) -> tuple[Wear, ...]:
    """Read the cells back into arrays, row by row as they were written."""
    shapes, programmed = _wear_said(saved)
    table = _read(saved, _wear_types(programmings=any(programmed)))
    # Before arrays are made: a damaged shape may ask for all memory.
    cells = sum(rows * columns for _, rows, columns in shapes)
    if table.num_rows != cells:
        raise ValueError(f"has {table.num_rows:,} cells, where its arrays have {cells:,}")
    found: list[Wear] = []
    start = 0
    for (name, rows, columns), levels in zip(shapes, programmed, strict=True):
        shape = (rows, columns)
        part = table.slice(start, rows * columns)
        if set(part["array"].unique().to_pylist()) - {name}:
            raise ValueError(f"has not all {rows} x {columns} cells of array {name}")
        _check_places(part, name, shape=shape)
        kinds = _COUNTED if levels else _ALWAYS_COUNTED
        counts = {kind: _placed(part, kind, shape=shape, start=start) for kind in kinds}
        found.append(Wear(array=name, **counts))
        start += rows * columns
    return tuple(found)


def _wear_types(*, programmings: bool) -> _Types:
    import pyarrow as pa  # noqa: PLC0415

    whole = (pa.int32(),)
    name = (pa.dictionary(pa.int32(), pa.string()),)
    counts = (pa.int32(), pa.int64())
    kinds = _COUNTED if programmings else _ALWAYS_COUNTED
    return {"array": name, "row": whole, "column": whole, **dict.fromkeys(kinds, counts)}


def _wear_said(saved: SavedFile) -> tuple[list[tuple[str, int, int]], list[bool]]:
    """Name and shape of each array, and whether its cells are programmed to levels."""
    metadata = metadata_of(saved)
    if "chipsim.shapes" not in metadata:
        raise ValueError("does not say the shapes of its arrays")
    shapes = json.loads(metadata["chipsim.shapes"])
    programmed = json.loads(metadata.get("chipsim.programmed", "null"))
    if not programmed:
        # Tables from before cells were programmed to levels do not say it.
        programmed = [False] * len(shapes)
    if not isinstance(shapes, list) or not all(map(_is_shape, shapes)):
        raise ValueError("does not say the shapes of its arrays as name, rows and columns")
    if not isinstance(programmed, list) or len(programmed) != len(shapes):
        raise ValueError("does not say of each array whether its cells are programmed to levels")
    names = [name for name, _, _ in shapes]
    doubled = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if doubled:
        raise ValueError(f"names array {doubled[0]} more than once")
    return list(map(tuple, shapes)), list(map(bool, programmed))


def _is_shape(said: Any) -> bool:
    if not isinstance(said, list) or len(said) != 3:
        return False
    name, *sizes = said
    if not isinstance(name, str):
        return False
    return all(type(size) is int and size >= 0 for size in sizes)


def _check_places(cells: pa.Table, array: str, *, shape: tuple[int, int]) -> None:
    """Refuse cells that are not each place of an array once, row by row."""
    for name, places in zip(("row", "column"), np.indices(shape), strict=True):
        column = cells[name]
        if column.null_count or not np.array_equal(column.to_numpy(), places.ravel()):
            raise ValueError(f"has not every cell of array {array} once, row by row (column {name})")


def _placed(cells: pa.Table, name: str, *, shape: tuple[int, int], start: int) -> Any:
    """Counts of an array's cells; `start` is the line of the first of them."""
    column = cells[name]
    if column.null_count:
        raise ValueError(f"has {column.null_count:,} cells without {name}")
    values = column.to_numpy()
    negative = np.flatnonzero(values < 0)
    if negative.size:
        row = int(negative[0])
        given = values[row]
        raise ValueError(f"row {start + row}: {name} must be at least 0, not {given}")
    # A copy of its own: what pyarrow hands over cannot be written.
    return values.reshape(shape).copy()


def write_programs(path: Path, programs: Sequence[Sequence[Record]]) -> None:
    """Write a trace's distinct programs, one line a record, numbered in order."""
    import pyarrow as pa  # noqa: PLC0415

    numbers: list[int] = []
    records: list[Record] = []
    for number, program in enumerate(programs):
        numbers += [number] * len(program)
        records += program
    parts = pa.array([record.part for record in records], pa.string())
    actions = pa.array([record.action for record in records], pa.string())
    columns = {
        "program": pa.array(numbers, pa.int64()),
        "start_ps": _whole_column([record.start_ps for record in records]),
        "end_ps": _whole_column([record.end_ps for record in records]),
        # Few words, each of them thousands of times.
        "part": parts.dictionary_encode(),
        "action": actions.dictionary_encode(),
    }
    # A program may have no records; their number says that it is there all the same.
    table = pa.table(columns).replace_schema_metadata({"chipsim.programs": str(len(programs))})
    write_table(table, path)


def read_programs(saved: SavedFile) -> tuple[tuple[Record, ...], ...]:
    """Read a trace's distinct programs back."""
    import pyarrow as pa  # noqa: PLC0415

    said = metadata_of(saved).get("chipsim.programs", "")
    if not said.isdigit():
        raise ValueError("does not say how many programs it holds")
    count = int(said)
    if not saved.verified and count > _PROGRAMS_LIMIT:
        raise ValueError(f"says that it holds {count:,} programs, where at most {_PROGRAMS_LIMIT:,} can be")
    whole = (pa.int64(),)
    word = (pa.dictionary(pa.int32(), pa.string()),)
    time = _column_types("start_ps", "int")
    types = {"program": whole, "start_ps": time, "end_ps": time, "part": word, "action": word}
    table = _read(saved, types)
    columns = {name: table[name].to_pylist() for name in types}
    for name in ("start_ps", "end_ps"):
        columns[name] = _python_values("int", table[name])
    for name, values in columns.items():
        check_values(name, values)
    programs: list[list[Record]] = [[] for _ in range(count)]
    for number, start, end, part, action in zip(*columns.values(), strict=True):
        if number >= len(programs):
            raise ValueError(f"has a record of program {number}, where it says that it holds {len(programs)}")
        programs[number].append(Record(start, end, part, action))
    return tuple(map(tuple, programs))


def write_executed(path: Path, trace: Trace) -> None:
    """Write which program ran when, and for which step: one line an execution, in order."""
    import pyarrow as pa  # noqa: PLC0415

    columns = {"program": trace.executed} | ({"step": trace.steps} if trace.steps else {})
    write_table(pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()}), path)


def read_executed(saved: SavedFile) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Read back which program ran when, and for which step; of no step where that was not kept."""
    import pyarrow as pa  # noqa: PLC0415

    there = column_names(saved.content)
    found: list[tuple[int, ...]] = [(), ()]
    for place, name in enumerate(["program", "step"] if "step" in there else ["program"]):
        found[place] = tuple(_read(saved, {name: (pa.int64(),)})[name].to_pylist())
        check_values(name, found[place])
    return found[0], found[1]


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as all of a result are written."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    # Opened here, for pyarrow takes no path that is not UTF-8.
    with path.open("wb") as file:
        pq.write_table(table, file, **_HOW)


def _read(saved: SavedFile, types: _Types) -> pa.Table:
    return read_table(saved.content, types, verified=saved.verified)


def metadata_of(saved: SavedFile) -> Mapping[str, str]:
    """What the table says of itself beside its rows."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    said = pq.read_schema(pa.BufferReader(saved.content)).metadata or {}
    return {key.decode(): value.decode() for key, value in said.items()}
