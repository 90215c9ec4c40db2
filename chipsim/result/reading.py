"""Reading results back: each file held against its digest, its rows checked, and all against each other."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.errors import OutputError, UnverifiedWarning
from chipsim.ledger import Trace
from chipsim.limits import STATE_BYTES, STATE_WEIGHT_BYTES, TRAINED_WEIGHTS
from chipsim.outputs.checkpoint import CHECKPOINT
from chipsim.outputs.claims import claimed_folder
from chipsim.outputs.staging import is_cut_off, settle
from chipsim.result import ChipGraph, GraphEdge, GraphNode, PlacedBlock, Result, Valued
from chipsim.result.agreement import check_agreement
from chipsim.result.arrays import Arrays
from chipsim.result.checks import check_mapping, made_from, read_object
from chipsim.result.digests import DIGESTS_FILE, SavedFiles, read_regular, read_saved
from chipsim.result.kept import KeptPrograms
from chipsim.result.kept_state import KeptState
from chipsim.result.kept_tables import read_charges, read_kept
from chipsim.result.summary import Summary
from chipsim.result.tables import SavedFile, read_executed, read_programs, read_wear, rows_reader
from chipsim.result.trace_events import TRACE_FILE
from chipsim.result.writing import (
    ARRAY_FILES,
    DESCRIBED,
    FILES,
    FORMAT,
    KEPT_FILES,
    LAST,
    LATER_FILES,
    LATER_ROWS,
    OURS,
    ROWS,
    STATE_FILE,
    TRACE_FILES,
    VERSION,
)

__all__ = ["could_be_run", "is_run_folder", "load", "settle_result"]

_LAST_WITHOUT_DIGESTS: Final = 1
_DAMAGE: Final = (
    OSError, ValueError, TypeError, LookupError, ArithmeticError, NotImplementedError, MemoryError,
    RecursionError,
)  # fmt: skip
"""What readers raise of files that nobody has checked; pyarrow's exceptions are among them."""
_DESCRIPTION_LIMIT: Final = 2**28
"""Bytes of a description that is looked into to tell whether its folder holds a result."""


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
    _finish(named)
    _refuse_not_a_run(named)
    # Each file is read once: between a look at its digest and a second reading it could change.
    listed = [name for name in OURS if name != DIGESTS_FILE]
    files = read_saved(named, listed, later=LATER_FILES)
    _refuse_incomplete(named, files)
    tables = {}
    for name, row in ROWS.items():
        tables[name] = _read(named, files, f"{name}.parquet", rows_reader(row))
    for name in LATER_ROWS:
        tables[name] = _read_later(named, files, name)
    described = _read(named, files, "description.json", _read_description)
    result = Result(
        summary=_read(named, files, "summary.json", _read_summary),
        wear=_read(named, files, "wear.parquet", read_wear),
        provenance=_read(named, files, "provenance.json", _read_json),
        trace=_read_trace(named, files),
        trace_events=files.contents.get(TRACE_FILE, b""),
        **_read_arrays(files, most=_most_unpacked(described["placement"])),
        kept=_read_kept(named, files),
        **described,
        **tables,
    )
    # Digests show what has changed since, and not files of two runs that somebody sealed together.
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
    place = Path(folder)
    return is_cut_off(place) or _format_of(place) is not None


def could_be_run(folder: str | Path) -> bool:
    """Whether a folder holds a result of chipsim, or what may be left of a damaged one.

    Examples
    --------
    >>> could_be_run("no/such/folder")
    False
    """
    place = Path(folder)
    there = [name for name in OURS if os.path.lexists(place / name)]
    # One name alone, such as summary.json, may be anybody's.
    return is_run_folder(place) or len(there) > 1


def settle_result(folder: Path) -> None:
    """Put in order what a save that was killed may have left in a folder.

    Raises
    ------
    OSError
        When something cannot be moved.
    """
    settle(folder, replaced=OURS, last=LAST)


def _finish(named: Path) -> None:
    """Finish a save that was killed while it moved its files to their places."""
    if is_cut_off(named):
        # Claimed, for the process that was saving may be alive, and claiming puts in order what it finds.
        with claimed_folder(named, check=lambda _: None, tidy=settle_result):
            pass


def _format_of(folder: Path) -> int | None:
    """The format's version, or None when this is no run folder."""
    try:
        said = read_object(read_regular(folder / "description.json", limit=_DESCRIPTION_LIMIT))
    except (OutputError, ValueError):
        return None
    return _format_said(said)


def _format_said(said: dict[str, Any]) -> int | None:
    version = said.get("format_version") if said.get("format") == FORMAT else None
    # Not `isinstance`, by which true is an integer.
    return version if type(version) is int and version > 0 else None


def _read_json(saved: SavedFile) -> dict[str, Any]:
    return read_object(saved.content)


def _read_summary(saved: SavedFile) -> Summary:
    said = Summary(read_object(saved.content))
    said.check()
    return said


def _read_later(folder: Path, files: SavedFiles, name: str) -> tuple[Any, ...]:
    file = f"{name}.parquet"
    if file not in files.contents:
        return ()
    rows: tuple[Any, ...] = _read(folder, files, file, rows_reader(LATER_ROWS[name]))
    return rows


def _read_trace(folder: Path, files: SavedFiles) -> Trace | None:
    there = [name for name in TRACE_FILES if name in files.contents]
    if not there:
        return None
    _refuse_missing(folder, [name for name in TRACE_FILES if name not in there])
    executed, steps = _read(folder, files, "executed.parquet", read_executed)
    programs = _read(folder, files, "trace.parquet", read_programs)
    return Trace(programs=programs, executed=executed, steps=steps)


def _most_unpacked(placement: Sequence[PlacedBlock]) -> int:
    """Bytes that arrays and the state of a result unpack to at most, by the weights that it places."""
    weights = sum(block.rows * block.columns for block in placement)
    return STATE_BYTES + min(weights, TRAINED_WEIGHTS) * STATE_WEIGHT_BYTES


def _read_arrays(files: SavedFiles, *, most: int) -> dict[str, Any]:
    """Arrays and state, read when they are looked at; without what a result does not have."""
    found: dict[str, Any] = {}
    for name in ARRAY_FILES:
        if name in files.later:
            found[name.removesuffix(".npz")] = Arrays(read=files.later[name].read, most=most)
    if STATE_FILE in files.later:
        found["state"] = KeptState(read=files.later[STATE_FILE].read, most=most)
    return found


def _read_kept(folder: Path, files: SavedFiles) -> KeptPrograms | None:
    there = [name for name in KEPT_FILES if name in files.contents]
    if not there:
        return None
    _refuse_missing(folder, [name for name in KEPT_FILES if name not in there])
    kept: KeptPrograms = _read(folder, files, "programs.parquet", read_kept)
    return attrs.evolve(kept, charges=_read(folder, files, "charges.parquet", read_charges))


def _read_description(saved: SavedFile) -> dict[str, Any]:
    said = read_object(saved.content)
    drawn = said["graph"]
    check_mapping("graph", drawn)
    nodes = made_from(GraphNode, drawn["nodes"], where="graph.nodes")
    edges = made_from(GraphEdge, drawn["edges"], where="graph.edges")
    # Results from before it was saved have no placement.
    placement = made_from(PlacedBlock, said.get("placement", []), where="placement")
    values = made_from(Valued, said["values"], where="values")
    for key in DESCRIBED:
        check_mapping(key, said[key])
    described = {key: said[key] for key in DESCRIBED}
    graph = ChipGraph(nodes=nodes, edges=edges)
    return {**described, "graph": graph, "placement": placement, "values": values}


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
    if not there & set(OURS) and CHECKPOINT in there:
        raise OutputError(
            f"{folder}: holds no result yet, for its run has not ended; wait for it, or where it was cut off "
            f"go on from its checkpoint: give 'chipsim run' the same again, with --resume"
        )
    if not there & set(OURS):
        raise OutputError(f"{folder}: holds no result of chipsim; give a folder that 'chipsim run' wrote")
    # Where there are digests, these say which files there have to be.
    if DIGESTS_FILE not in there:
        _refuse_missing(folder, [name for name in FILES if name not in there])


def _refuse_missing(folder: Path, missing: Sequence[str]) -> None:
    if missing:
        raise OutputError(
            f"{folder}: {', '.join(missing)} missing; the result is incomplete, so run it again"
        )


def _refuse_incomplete(folder: Path, files: SavedFiles) -> None:
    """Refuse a result that lacks files, whatever its list of digests says, or is of another version."""
    _refuse_missing(folder, [name for name in FILES if name not in files.contents])
    try:
        version = _format_said(read_object(files.contents["description.json"]))
    except ValueError:
        version = None
    if version is None:
        raise OutputError(
            f"{folder / 'description.json'}: is not from chipsim, or damaged; "
            f"give a folder that 'chipsim run' wrote"
        )
    if version > VERSION:
        raise OutputError(
            f"{folder}: was written by a newer chipsim (format {version}, this one reads up to {VERSION}); "
            f"update chipsim"
        )
    # Whoever changed a result could else remove its list, and it would pass for one that never had any.
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
        # Pyarrow tells more than a line, and a KeyError nothing but the key.
        reason = str(error).strip().split("\n")[0]
        if isinstance(error, KeyError):
            reason = f"no {error}"
        raise OutputError(
            f"{folder / name}: cannot be read ({reason}); the result is damaged, so run it again"
        ) from error
