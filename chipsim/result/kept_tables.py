"""Kept programs as a Parquet file: a line a distinct item and epoch, its pattern as text.

Pyarrow is slow to import and only saving and reading need it, so it is imported where it is used.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chipsim.result.columns import read_table
from chipsim.result.kept import DataCharge, KeptItems, KeptPrograms
from chipsim.result.tables import SavedFile, metadata_of, rows_reader, write_table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_charges", "read_kept", "write_kept"]

_FIRST_STEP: Final = "chipsim.first_step"
_NUMBER: Final = re.compile(r"number\d+")

read_charges = rows_reader(DataCharge)
"""Reader of the table of what data charged."""


def write_kept(path: Path, kept: KeptPrograms) -> None:
    """Write the items, one line each, those of a pattern and epoch together."""
    import pyarrow as pa  # noqa: PLC0415

    patterns = {items.pattern: None for items in kept.items}
    places = {pattern: place for place, pattern in enumerate(patterns)}
    lengths = [len(items.times) for items in kept.items]
    which = np.repeat([places[items.pattern] for items in kept.items], lengths).astype(np.int32)
    # Of hundreds of patterns most stand in every epoch: each text stands once.
    texts = pa.DictionaryArray.from_arrays(pa.array(which), pa.array(list(patterns), pa.string()))
    columns: dict[str, Any] = {
        "group": pa.array(np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)),
        "epoch": pa.array(np.repeat([items.epoch for items in kept.items], lengths).astype(np.int32)),
        "pattern": texts,
        "times": pa.array(np.concatenate([np.zeros(0, np.int64), *(items.times for items in kept.items)])),
    }
    widest = max((items.counts.shape[1] for items in kept.items), default=0)
    for place in range(widest):
        columns[f"number{place}"] = _numbers(kept, place)
    table = pa.table(columns).replace_schema_metadata({_FIRST_STEP: kept.first_step})
    write_table(table, path)


def _numbers(kept: KeptPrograms, place: int) -> pa.Array:
    """One number of every item; null for patterns that have fewer."""
    import pyarrow as pa  # noqa: PLC0415

    values, missing = [np.zeros(0, np.int64)], [np.zeros(0, np.bool_)]
    for items in kept.items:
        rows, there = items.counts.shape
        values.append(items.counts[:, place] if place < there else np.zeros(rows, np.int64))
        missing.append(np.full(rows, place >= there))
    return pa.array(np.concatenate(values), pa.int64(), mask=np.concatenate(missing))


def read_kept(saved: SavedFile) -> KeptPrograms:
    """Read the items back.

    Raises
    ------
    ValueError
        When the table lacks a column, or one holds what it cannot.
    """
    import pyarrow as pa  # noqa: PLC0415

    names = sorted(
        (name for name in _column_names(saved) if _NUMBER.fullmatch(name)), key=lambda name: int(name[6:])
    )
    whole, long = (pa.int32(),), (pa.int64(),)
    word = (pa.dictionary(pa.int32(), pa.string()),)
    types = {"group": whole, "epoch": whole, "pattern": word, "times": long, **dict.fromkeys(names, long)}
    table = read_table(saved.content, types, verified=saved.verified)
    for name in ("group", "epoch", "pattern", "times"):
        if table[name].null_count:
            raise ValueError(f"has {table[name].null_count:,} rows without {name}")
    group, epoch, times = (table[name].to_numpy() for name in ("group", "epoch", "times"))
    if times.size and (times.min() < 1 or epoch.min() < 0):
        raise ValueError("has items that were executed less than once, or before the first epoch")
    numbers, there = _matrix(table, names)
    patterns = table["pattern"].to_pylist()
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    items = []
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(group)], strict=True):
        count = int(there[begin].sum())
        items.append(
            KeptItems(
                epoch=int(epoch[begin]),
                pattern=patterns[begin],
                counts=numbers[begin:end, :count].copy(),
                times=times[begin:end].copy(),
            )
        )
    return KeptPrograms(items=tuple(items), first_step=metadata_of(saved).get(_FIRST_STEP, ""))


def _matrix(table: pa.Table, names: list[str]) -> tuple[Any, Any]:
    """All numbers (items, numbers), and which of them are there."""
    numbers = np.zeros((table.num_rows, len(names)), np.int64)
    there = np.zeros(numbers.shape, np.bool_)
    for place, name in enumerate(names):
        there[:, place] = table[name].is_valid().to_numpy()
        numbers[:, place] = table[name].fill_null(0).to_numpy()
    return numbers, there


def _column_names(saved: SavedFile) -> list[str]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    names: list[str] = pq.read_schema(pa.BufferReader(saved.content)).names
    return names
