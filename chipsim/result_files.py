"""Results on disk: one folder a run, JSON for the summary and descriptions, Parquet for the tables.

A folder is written whole or not at all. What each key and column means stands in ``docs/results.md``.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import numpy as np

from chipsim.errors import OutputError
from chipsim.ledger import Record
from chipsim.result import (
    ArrayEpoch,
    ChipGraph,
    EpochRow,
    GraphEdge,
    GraphNode,
    LedgerRow,
    Result,
    Valued,
    Wear,
    plain,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["is_run_folder", "load", "save"]

_FORMAT: Final = "chipsim-result"
_VERSION: Final = 1
_JSON_FILES: Final = ("summary.json", "description.json", "provenance.json")
_ROWS: Final[dict[str, type[Any]]] = {
    "epochs": EpochRow,
    "arrays": ArrayEpoch,
    "ledger": LedgerRow,
    "timeline": Record,
}
_FILES: Final = (*_JSON_FILES, *(f"{name}.parquet" for name in _ROWS), "wear.parquet")
_DESCRIBED: Final = ("chip", "workload", "costs")
_WHOLE: Final = {
    "energy_aj": ("energy_J", 1e-18),
    "busy_ps": ("busy_s", 1e-12),
    "simulated_time_ps": ("simulated_time_s", 1e-12),
}
"""Totals that outgrow 64 bits: kept as decimals, each with a float beside it under the name given."""

_Row = TypeVar("_Row")


def save(result: Result, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write a result into a folder of its own, whole or not at all.

    Parameters
    ----------
    result
        What a run left; a partial one is saved the same way.
    folder
        The run folder to make, its parents with it.
    overwrite
        Replace the result that is there. Other files in that folder are kept.

    Returns
    -------
    Path
        The folder, as given.

    Raises
    ------
    OutputError
        When something else is in the way, or the folder cannot be written.

    Examples
    --------
    >>> save(result, "runs/hybrid")  # doctest: +SKIP
    PosixPath('runs/hybrid')
    """
    named = Path(folder)
    target = named.resolve()
    _refuse_in_the_way(target, named=named, overwrite=overwrite)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        fresh.mkdir(parents=True)
        _write_all(result, fresh)
        _put_in_place(fresh, target)
    except OSError as error:
        raise OutputError(
            f"{named}: cannot write results here ({error.strerror or error}); "
            f"choose a folder that can be written, or free some space"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return named


def load(folder: str | Path) -> Result:
    """Read a result back; it equals the one that was saved.

    Parameters
    ----------
    folder
        A run folder.

    Raises
    ------
    OutputError
        When the folder or one of its files is missing, damaged or not from chipsim.

    Examples
    --------
    >>> load("runs/hybrid").summary["energy_J"]  # doctest: +SKIP
    0.0123
    """
    named = Path(folder)
    _refuse_not_a_run(named)
    tables = {name: _read(named / f"{name}.parquet", _rows_reader(row)) for name, row in _ROWS.items()}
    return Result(
        summary=_read(named / "summary.json", _read_json),
        wear=_read(named / "wear.parquet", _read_wear),
        provenance=_read(named / "provenance.json", _read_json),
        **_read(named / "description.json", _read_description),
        **tables,
    )


def is_run_folder(folder: str | Path) -> bool:
    """Whether a folder holds a result of chipsim, of any version.

    Examples
    --------
    >>> is_run_folder("no/such/folder")
    False
    """
    return _format_of(Path(folder)) is not None


def _format_of(folder: Path) -> int | None:
    """The format's version, or None when this is no run folder."""
    try:
        said = _read_json(folder / "description.json")
    except (OSError, ValueError):
        return None
    version = said.get("format_version") if said.get("format") == _FORMAT else None
    return version if isinstance(version, int) else None


def _refuse_in_the_way(target: Path, *, named: Path, overwrite: bool) -> None:
    try:
        if not target.exists():
            return
        if not target.is_dir():
            raise OutputError(f"{named}: a file is in the way; choose another folder, or move the file")
        if not any(target.iterdir()):
            return
    except OSError as error:
        raise OutputError(
            f"{named}: cannot look into this folder ({error.strerror or error}); choose another"
        ) from error
    if not is_run_folder(target):
        raise OutputError(
            f"{named}: the folder is not empty and holds no result of chipsim; choose another, or empty it"
        )
    if not overwrite:
        raise OutputError(
            f"{named}: there is a result already; choose another folder, or ask to overwrite it"
        )


def _put_in_place(fresh: Path, target: Path) -> None:
    """Rename the finished folder to its name; what it replaces goes only when it stands."""
    if not target.exists():
        fresh.rename(target)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}.old")
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    for kept in old.iterdir():
        if kept.name not in _FILES:
            kept.rename(target / kept.name)
    shutil.rmtree(old, ignore_errors=True)


def _write_all(result: Result, folder: Path) -> None:
    _write_json(folder / "summary.json", result.summary)
    for name, row in _ROWS.items():
        _write_rows(folder / f"{name}.parquet", getattr(result, name), row)
    _write_wear(folder / "wear.parquet", result.wear)
    said = {
        "format": _FORMAT,
        "format_version": _VERSION,
        **{key: getattr(result, key) for key in _DESCRIBED},
        "graph": attrs.asdict(result.graph),
        "values": [attrs.asdict(value) for value in result.values],
    }
    _write_json(folder / "description.json", said)
    _write_json(folder / "provenance.json", result.provenance)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"holds a {type(value).__name__} where an object was expected")  # noqa: TRY004
    return value


def _column_type(name: str, annotation: object) -> pa.DataType:
    import pyarrow as pa  # noqa: PLC0415  # slow to import, and only saving and reading need it

    if name in _WHOLE:
        return pa.decimal128(38, 0)
    return {"int": pa.int64(), "float": pa.float64(), "str": pa.string()}[str(annotation)]


def _write_rows(path: Path, rows: Sequence[Any], row: type[Any]) -> None:
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


def _rows_reader(row: type[_Row]) -> Callable[[Path], tuple[_Row, ...]]:
    """A reader of the table that `_write_rows` wrote for this class."""

    def read(path: Path) -> tuple[_Row, ...]:
        import pyarrow.parquet as pq  # noqa: PLC0415

        names = [field.name for field in attrs.fields(row)]  # type: ignore[arg-type]
        with path.open("rb") as file:
            table = pq.read_table(file)
        _refuse_missing(names, table.column_names)
        columns = [_python_values(name, table[name].to_pylist()) for name in names]
        return tuple(row(**dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True))

    return read


def _python_values(name: str, values: list[Any]) -> list[Any]:
    return [int(value) for value in values] if name in _WHOLE else values


def _refuse_missing(wanted: Iterable[str], found: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ValueError(f"has no column {', '.join(missing)}")


def _write_wear(path: Path, wear: Sequence[Wear]) -> None:
    """Write one line a cell, one row group an array, so that memory holds one array at a time."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    peak = max(
        (int(np.max(counts, initial=0)) for one in wear for counts in (one.pulses, one.resets)), default=0
    )
    count = pa.int32() if peak <= np.iinfo(np.int32).max else pa.int64()
    names = pa.array([one.array for one in wear], pa.string())
    shapes = json.dumps([[one.array, *np.shape(one.pulses)] for one in wear])
    schema = pa.schema(
        [
            ("array", pa.dictionary(pa.int32(), pa.string())),
            ("row", pa.int32()),
            ("column", pa.int32()),
            ("pulses", count),
            ("resets", count),
        ],
        metadata={"chipsim.shapes": shapes},
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for index, one in enumerate(wear):
            pulses, resets = np.asarray(one.pulses), np.asarray(one.resets)
            row, column = (place.ravel().astype(np.int32) for place in np.indices(pulses.shape))
            which = pa.DictionaryArray.from_arrays(np.full(pulses.size, index, np.int32), names)
            counts = [pa.array(cells.ravel()).cast(count) for cells in (pulses, resets)]
            columns = [which, pa.array(row), pa.array(column), *counts]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _read_wear(path: Path) -> tuple[Wear, ...]:
    """Read the cells back into arrays, by the row and column that stand in the table."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    with path.open("rb") as file:
        table = pq.read_table(file)
    _refuse_missing(("array", "row", "column", "pulses", "resets"), table.column_names)
    metadata = table.schema.metadata or {}
    if b"chipsim.shapes" not in metadata:
        raise ValueError("does not say the shapes of its arrays")
    found: list[Wear] = []
    start = 0
    for name, rows, columns in json.loads(metadata[b"chipsim.shapes"]):
        part = table.slice(start, rows * columns)
        start += rows * columns
        if part.num_rows != rows * columns or set(part["array"].unique().to_pylist()) - {name}:
            raise ValueError(f"has not all {rows} x {columns} cells of array {name}")
        pulses, resets = (_placed(part, kind, shape=(rows, columns)) for kind in ("pulses", "resets"))
        found.append(Wear(array=name, pulses=pulses, resets=resets))
    return tuple(found)


def _placed(cells: pa.Table, name: str, *, shape: tuple[int, int]) -> Any:
    values = cells[name].to_numpy()
    placed = np.zeros(shape, values.dtype)
    placed[cells["row"].to_numpy(), cells["column"].to_numpy()] = values
    return placed


def _read_description(path: Path) -> dict[str, Any]:
    said = _read_json(path)
    graph = ChipGraph(
        nodes=tuple(GraphNode(**node) for node in said["graph"]["nodes"]),
        edges=tuple(GraphEdge(**edge) for edge in said["graph"]["edges"]),
    )
    values = tuple(Valued(**value) for value in said["values"])
    return {**{key: said[key] for key in _DESCRIBED}, "graph": graph, "values": values}


def _refuse_not_a_run(folder: Path) -> None:
    if not folder.exists():
        raise OutputError(f"{folder}: there is no such folder; give one that 'chipsim run' wrote")
    if not folder.is_dir():
        raise OutputError(f"{folder}: is a file; give the run folder, the one that holds summary.json")
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if len(missing) == len(_FILES):
        raise OutputError(f"{folder}: holds no result of chipsim; give a folder that 'chipsim run' wrote")
    if missing:
        raise OutputError(
            f"{folder}: {', '.join(missing)} missing; the result is incomplete, so run it again"
        )
    version = _format_of(folder)
    if version is None:
        raise OutputError(
            f"{folder / 'description.json'}: is not from chipsim, or damaged; "
            f"give a folder that 'chipsim run' wrote"
        )
    if version > _VERSION:
        raise OutputError(
            f"{folder}: was written by a newer chipsim (format {version}, this one reads up to {_VERSION}); "
            f"update chipsim"
        )


def _read(path: Path, reader: Callable[[Path], Any]) -> Any:
    """What a reader makes of a file; its complaint becomes ours."""
    try:
        return reader(path)
    except (OSError, ValueError, TypeError, LookupError, NotImplementedError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else str(error).strip().split("\n")[0]
        raise OutputError(
            f"{path}: cannot be read ({reason}); the result is damaged, so run it again"
        ) from error
