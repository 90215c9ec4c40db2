"""Results on disk: one folder a run, JSON for the summary and descriptions, Parquet for the tables.

A folder is written whole or not at all. What each key and column means stands in ``docs/results.md``.
"""

from __future__ import annotations

import json
import secrets
import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.errors import OutputError, UnverifiedWarning
from chipsim.ledger import Record, Trace
from chipsim.result import (
    ArrayEpoch,
    ChipGraph,
    EpochRow,
    GraphEdge,
    GraphNode,
    LedgerRow,
    LossEpoch,
    Result,
    TaskEpoch,
    Valued,
    plain,
)
from chipsim.result_agreement import check_agreement
from chipsim.result_checks import check_mapping, check_summary, made_from, read_object
from chipsim.result_digests import DIGESTS_FILE, SavedFiles, read_regular, read_saved, write_digests
from chipsim.result_tables import (
    SavedFile,
    read_executed,
    read_programs,
    read_wear,
    rows_reader,
    write_executed,
    write_programs,
    write_rows,
    write_wear,
)

__all__ = ["check_free", "is_run_folder", "load", "save"]

_FORMAT: Final = "chipsim-result"
_VERSION: Final = 2
_LAST_WITHOUT_DIGESTS: Final = 1
_JSON_FILES: Final = ("summary.json", "description.json", "provenance.json")
_ROWS: Final[dict[str, type[Any]]] = {
    "epochs": EpochRow,
    "arrays": ArrayEpoch,
    "ledger": LedgerRow,
    "timeline": Record,
}
_FILES: Final = (*_JSON_FILES, *(f"{name}.parquet" for name in _ROWS), "wear.parquet")
_LATER_ROWS: Final[dict[str, type[Any]]] = {"tasks": TaskEpoch, "losses": LossEpoch}
"""There only when there are rows: runs that were only timed, and older ones, have none."""
_TRACE_FILES: Final = ("trace.parquet", "executed.parquet")
"""There only when the run was asked to keep every operation."""
_OURS: Final = (*_FILES, *(f"{name}.parquet" for name in _LATER_ROWS), *_TRACE_FILES, DIGESTS_FILE)
"""Every file that a result may have."""
_DESCRIBED: Final = ("chip", "workload", "costs")
_DAMAGE: Final = (
    OSError, ValueError, TypeError, LookupError, ArithmeticError, NotImplementedError, MemoryError,
    RecursionError,
)  # fmt: skip
"""What readers raise of files that nobody has checked; pyarrow's exceptions are among them."""
_DESCRIPTION_LIMIT: Final = 2**28
"""Bytes of a description that is looked into to tell whether its folder holds a result."""


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
    check_free(named, overwrite=overwrite)
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
    files = read_saved(named, [name for name in _OURS if name != DIGESTS_FILE])
    _refuse_incomplete(named, files)
    tables = {name: _read(named, files, f"{name}.parquet", rows_reader(row)) for name, row in _ROWS.items()}
    result = Result(
        summary=_read(named, files, "summary.json", _read_summary),
        wear=_read(named, files, "wear.parquet", read_wear),
        provenance=_read(named, files, "provenance.json", _read_json),
        tasks=_read_later(named, files, "tasks"),
        losses=_read_later(named, files, "losses"),
        trace=_read_trace(named, files),
        **_read(named, files, "description.json", _read_description),
        **tables,
    )
    _refuse_disagreement(named, result)
    if not files.verified:
        warnings.warn(
            f"{named}: was saved without digests, by an older chipsim, so nobody can tell whether it has "
            f"changed since; run it again to be sure",
            UnverifiedWarning,
            stacklevel=2,
        )
    return result


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
        said = read_object(read_regular(folder / "description.json", limit=_DESCRIPTION_LIMIT))
    except (OutputError, ValueError):
        return None
    return _format_said(said)


def _format_said(said: dict[str, Any]) -> int | None:
    version = said.get("format_version") if said.get("format") == _FORMAT else None
    return version if type(version) is int and version > 0 else None


def check_free(folder: str | Path, *, overwrite: bool = False) -> None:
    """Refuse a folder in which something else is in the way of a result; return quietly for a free one.

    Raises
    ------
    OutputError
        When a file, another folder, or a result that may not be overwritten is there.
    """
    named = Path(folder)
    target = named.resolve()
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
            f"{named}: there is a result already; choose another folder, or ask to overwrite it (--overwrite)"
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
        if kept.name not in _OURS:
            kept.rename(target / kept.name)
    shutil.rmtree(old, ignore_errors=True)


def _write_all(result: Result, folder: Path) -> None:
    _write_json(folder / "summary.json", result.summary)
    for name, row in _ROWS.items():
        write_rows(folder / f"{name}.parquet", getattr(result, name), row)
    write_wear(folder / "wear.parquet", result.wear)
    for name, row in _LATER_ROWS.items():
        if rows := getattr(result, name):
            write_rows(folder / f"{name}.parquet", rows, row)
    if result.trace is not None:
        write_programs(folder / "trace.parquet", result.trace.programs)
        write_executed(folder / "executed.parquet", result.trace.executed)
    said = {
        "format": _FORMAT,
        "format_version": _VERSION,
        **{key: getattr(result, key) for key in _DESCRIBED},
        "graph": attrs.asdict(result.graph),
        "values": [attrs.asdict(value) for value in result.values],
    }
    _write_json(folder / "description.json", said)
    _write_json(folder / "provenance.json", result.provenance)
    write_digests(folder, [name for name in _OURS if (folder / name).is_file()])


def _write_json(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(saved: SavedFile) -> dict[str, Any]:
    return read_object(saved.content)


def _read_summary(saved: SavedFile) -> dict[str, Any]:
    said = read_object(saved.content)
    check_summary(said)
    return said


def _read_later(folder: Path, files: SavedFiles, name: str) -> tuple[Any, ...]:
    file = f"{name}.parquet"
    return tuple(_read(folder, files, file, rows_reader(_LATER_ROWS[name]))) if file in files.contents else ()


def _read_trace(folder: Path, files: SavedFiles) -> Trace | None:
    there = [name for name in _TRACE_FILES if name in files.contents]
    if not there:
        return None
    _refuse_missing(folder, [name for name in _TRACE_FILES if name not in there])
    return Trace(
        programs=_read(folder, files, "trace.parquet", read_programs),
        executed=_read(folder, files, "executed.parquet", read_executed),
    )


def _read_description(saved: SavedFile) -> dict[str, Any]:
    said = read_object(saved.content)
    check_mapping("graph", said["graph"])
    graph = ChipGraph(
        nodes=made_from(GraphNode, said["graph"]["nodes"], where="graph.nodes"),
        edges=made_from(GraphEdge, said["graph"]["edges"], where="graph.edges"),
    )
    values = made_from(Valued, said["values"], where="values")
    for key in _DESCRIBED:
        check_mapping(key, said[key])
    return {**{key: said[key] for key in _DESCRIBED}, "graph": graph, "values": values}


def _refuse_not_a_run(folder: Path) -> None:
    try:
        if not folder.exists():
            raise OutputError(f"{folder}: there is no such folder; give one that 'chipsim run' wrote")
        if not folder.is_dir():
            raise OutputError(f"{folder}: is a file; give the run folder, the one that holds summary.json")
        there = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise OutputError(
            f"{folder}: cannot be looked into ({error.strerror or error}); see to it that you may read it"
        ) from error
    if not there & set(_OURS):
        raise OutputError(f"{folder}: holds no result of chipsim; give a folder that 'chipsim run' wrote")
    if DIGESTS_FILE not in there:
        _refuse_missing(folder, [name for name in _FILES if name not in there])


def _refuse_missing(folder: Path, missing: Sequence[str]) -> None:
    if missing:
        raise OutputError(
            f"{folder}: {', '.join(missing)} missing; the result is incomplete, so run it again"
        )


def _refuse_incomplete(folder: Path, files: SavedFiles) -> None:
    """Refuse a result that lacks files, whatever its list of digests says, or is of another version."""
    _refuse_missing(folder, [name for name in _FILES if name not in files.contents])
    try:
        version = _format_said(read_object(files.contents["description.json"]))
    except ValueError:
        version = None
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
    if version > _LAST_WITHOUT_DIGESTS and not files.verified:
        _refuse_missing(folder, [DIGESTS_FILE])


def _refuse_disagreement(folder: Path, result: Result) -> None:
    """Refuse a result whose files are each right and do not go together."""
    try:
        check_agreement(result)
    except ValueError as error:
        raise OutputError(
            f"{folder}: its files do not agree ({error}); the result is damaged, so run it again"
        ) from error


def _read(folder: Path, files: SavedFiles, name: str, reader: Callable[[SavedFile], Any]) -> Any:
    """What a reader makes of a file; its complaint becomes ours."""
    try:
        return reader(SavedFile(content=files.contents[name], verified=files.verified))
    except _DAMAGE as error:
        reason = f"no {error}" if isinstance(error, KeyError) else str(error).strip().split("\n")[0]
        raise OutputError(
            f"{folder / name}: cannot be read ({reason}); the result is damaged, so run it again"
        ) from error
