"""The files of a result: what they are called, and how they are written into a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.ledger import Record
from chipsim.result import (
    ArrayEpoch,
    EpochRow,
    LedgerRow,
    LossEpoch,
    Result,
    SoftwareEpoch,
    TaskEpoch,
    WaitRow,
    plain,
)
from chipsim.result.arrays import write_arrays
from chipsim.result.digests import DIGESTS_FILE, write_digests
from chipsim.result.kept import DataCharge
from chipsim.result.kept_tables import write_kept
from chipsim.result.leakage import LeakageRow
from chipsim.result.step import PartUse, PathPart
from chipsim.result.tables import write_executed, write_programs, write_rows, write_wear
from chipsim.result.trace_events import TRACE_FILE

__all__ = [
    "ARRAY_FILES",
    "DESCRIBED",
    "FILES",
    "FORMAT",
    "KEPT_FILES",
    "LAST",
    "LATER_FILES",
    "LATER_ROWS",
    "OURS",
    "ROWS",
    "STATE_FILE",
    "TRACE_FILES",
    "VERSION",
    "write_result",
]

FORMAT: Final = "chipsim-result"
VERSION: Final = 2
"""Of the format that is written; others read it."""
_JSON_FILES: Final = ("summary.json", "description.json", "provenance.json")
ROWS: Final[dict[str, type[Any]]] = {
    "epochs": EpochRow,
    "arrays": ArrayEpoch,
    "ledger": LedgerRow,
    "timeline": Record,
}
FILES: Final = (*_JSON_FILES, *(f"{name}.parquet" for name in ROWS), "wear.parquet")
LATER_ROWS: Final[dict[str, type[Any]]] = {
    "software": SoftwareEpoch,
    "tasks": TaskEpoch,
    "waits": WaitRow,
    "losses": LossEpoch,
    "leakage": LeakageRow,
    "utilisation": PartUse,
    "critical_path": PathPart,
}
"""There only when there are rows: runs that were only timed, and older ones, lack some."""
TRACE_FILES: Final = ("trace.parquet", "executed.parquet")
"""There only when the run was asked to keep every operation."""
ARRAY_FILES: Final = ("weights.npz", "cells.npz")
"""There only when a chip was trained; runs from before they were saved have none."""
STATE_FILE: Final = "state.npz.zst"
"""Likewise, and only where it was asked for: what another run starts from."""
LATER_FILES: Final = (*ARRAY_FILES, STATE_FILE)
"""Read when they are asked for."""
KEPT_FILES: Final = ("programs.parquet", "charges.parquet")
"""There unless they would be too large, and in results from before they were kept."""
OURS: Final = (
    *FILES, *(f"{name}.parquet" for name in LATER_ROWS), *TRACE_FILES, TRACE_FILE, *KEPT_FILES,
    *LATER_FILES, DIGESTS_FILE,
)  # fmt: skip
"""Every file that a result may have."""
LAST: Final = "summary.json"
"""Put in its place after all other files."""
DESCRIBED: Final = ("chip", "workload", "costs")


def write_result(result: Result, folder: Path) -> None:
    """Write all files of a result into a folder that has none of them.

    Parameters
    ----------
    result
        What a run left.
    folder
        An empty folder.

    Raises
    ------
    OSError
        When something cannot be written.
    """
    _write_json(folder / "summary.json", result.summary)
    for name, row in ROWS.items():
        write_rows(folder / f"{name}.parquet", getattr(result, name), row)
    write_wear(folder / "wear.parquet", result.wear)
    for name, row in LATER_ROWS.items():
        if rows := getattr(result, name):
            write_rows(folder / f"{name}.parquet", rows, row)
    if result.trace is not None:
        write_programs(folder / "trace.parquet", result.trace.programs)
        write_executed(folder / "executed.parquet", result.trace)
    if result.trace_events:
        (folder / TRACE_FILE).write_bytes(result.trace_events)
    for name in ARRAY_FILES:
        if arrays := getattr(result, name.removesuffix(".npz")):
            write_arrays(folder / name, arrays)
    if result.state is not None:
        (folder / STATE_FILE).write_bytes(result.state.content)
    if result.kept is not None:
        write_kept(folder / "programs.parquet", result.kept)
        write_rows(folder / "charges.parquet", result.kept.charges, DataCharge)
    described = {key: getattr(result, key) for key in DESCRIBED}
    said = {
        "format": FORMAT,
        "format_version": VERSION,
        **described,
        "graph": attrs.asdict(result.graph),
        "placement": list(map(attrs.asdict, result.placement)),
        "values": list(map(attrs.asdict, result.values)),
    }
    _write_json(folder / "description.json", said)
    _write_json(folder / "provenance.json", result.provenance)
    # Last, of what is on the disk by then: whatever was cut off has no list, and does not pass for whole.
    write_digests(folder, [name for name in OURS if (folder / name).is_file()])


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    # Bytes of a path that are no UTF-8 are halves of surrogate pairs to Python; JSON writes them as \\udcff.
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
