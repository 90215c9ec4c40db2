"""One run of a study, made and saved: what each worker does, told and answered in plain data."""

from __future__ import annotations

import hashlib
import json
import shlex
import time
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
from threadpoolctl import threadpool_limits

from chipsim.errors import ChipsimError, ChipsimWarning, DivergedError
from chipsim.outputs.whole import write_file
from chipsim.result import Result
from chipsim.result.files import claimed, write_whole
from chipsim.run import Options, simulate
from chipsim.run.identity import deciding
from chipsim.run.reading import read_all
from chipsim.spec.overrides import split_sets
from chipsim.spec.trust import trust
from chipsim.study.plan import Planned
from chipsim.study.rows import figures_of
from chipsim.study.store import ROWS, RUNS, VERSION, holds_study, planned_from, write_failure

__all__ = ["BROKEN", "DIVERGED", "DONE", "FULL", "make_run", "task_of"]

DONE: Final = "done"
DIVERGED: Final = "diverged"
"""It would diverge again."""
BROKEN: Final = "failed"
"""It may be made when it is tried again."""
FULL: Final = "cannot be written"
"""The place for results is full or gone, which the next run would find as well."""
_LINES: Final = 12
"""Lines of a traceback that are kept."""


def task_of(planned: Planned, *, folder: Path, data: Path | None, trusted: tuple[str, ...]) -> dict[str, Any]:
    """What a worker is told: plain data that any process can read.

    Parameters
    ----------
    planned
        The run.
    folder
        The study's, absolute: every worker sees the same.
    data
        Folder with datasets; None takes the usual one.
    trusted
        Packages whose code may run.
    """
    return {
        "run": attrs.asdict(planned),
        "folder": str(folder),
        "data": None if data is None else str(data),
        "trusted": list(trusted),
    }


def make_run(task: Mapping[str, Any]) -> dict[str, Any]:
    """Make one run and save it; whatever goes wrong is written down beside it, and told.

    Parameters
    ----------
    task
        As :func:`task_of` says it.

    Returns
    -------
    dict
        ``id``, ``state`` (`DONE` and the like), ``error`` and ``seconds``.
    """
    planned, folder = planned_from(task["run"]), Path(task["folder"])
    trust(*task["trusted"])
    began = time.perf_counter()
    if not holds_study(folder):
        # A worker on another machine would make a folder of its own that nobody finds.
        return {
            "id": planned.id,
            "state": FULL,
            "error": f"{folder}: is not seen by a worker",
            "seconds": 0.0,
        }
    state, error = _made(planned, folder, data=task["data"])
    return {"id": planned.id, "state": state, "error": error, "seconds": time.perf_counter() - began}


def _made(planned: Planned, folder: Path, *, data: str | None) -> tuple[str, str]:
    try:
        # Sums of matrices may depend on how many threads share them, and a run must not depend on where it is
        # made; with a process a core, threads would only be in each other's way.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # What a chip does not read was told when the study was planned.
            warnings.simplefilter("ignore", ChipsimWarning)
            result, diverged = _simulated(planned, data=data)
    except Exception as error:  # noqa: BLE001  # whatever it is, the study goes on
        return _failed(planned, folder, BROKEN, error)
    try:
        _keep(result, planned, folder)
    except (ChipsimError, OSError) as error:
        return FULL, f"{folder}: {error}"
    except Exception as error:  # noqa: BLE001
        return _failed(planned, folder, BROKEN, error)
    if diverged is not None:
        return _failed(planned, folder, DIVERGED, diverged)
    return DONE, ""


def _simulated(planned: Planned, *, data: str | None) -> tuple[Result, DivergedError | None]:
    """The result of a run, once it is sure to be the one that was planned."""
    options = Options(
        seed=planned.seed,
        timing_only=planned.timing_only,
        data=None if data is None else Path(data),
        keep_weights=planned.keep in {"weights", "state"},
        keep_state=planned.keep == "state",
    )
    read = read_all(planned.architecture, planned.workload, sets=planned.sets, epochs=None, datasets={})
    before = deciding(read, options=options, checksums=())
    *_, cost_sets = split_sets(planned.sets)
    diverged = None
    try:
        result = simulate(read.architecture, read.workload, sets=cost_sets, options=options)
    except DivergedError as error:
        if error.result is None:
            raise
        result, diverged = error.result, error
    checksums = tuple(said["checksum"] for said in result.provenance["datasets"])
    if attrs.evolve(before, data=checksums).name != planned.id:
        raise ChipsimError(
            "descriptions, data or code have changed since the study was planned; run the study again"
        )
    said = {"command": shlex.split(planned.command), "run": planned.id}
    return attrs.evolve(result, provenance={**result.provenance, **said}), diverged


def _keep(result: Result, planned: Planned, folder: Path) -> None:
    """Save a result, then its figures, which say that it is there."""
    place = folder / RUNS / planned.id
    with claimed(place, overwrite=True) as ours:
        write_whole(result, ours.target)
    summary = (place / "summary.json").read_bytes()
    kept = {
        "format": VERSION,
        "id": planned.id,
        "complete": bool(result.summary["complete"]),
        "summary_sha256": hashlib.sha256(summary).hexdigest(),
        "warnings": list(result.summary["warnings"]),
        "idealised": list(result.summary["idealised"]),
        "figures": figures_of(result),
    }
    write_file(folder / ROWS / f"{planned.id}.json", json.dumps(kept).encode())


def _failed(planned: Planned, folder: Path, state: str, error: Exception) -> tuple[str, str]:
    """Write down what went wrong."""
    text = str(error) if isinstance(error, ChipsimError) else f"{type(error).__name__}: {error}"
    # Where a part of ours is at fault, its last lines say which.
    lines = "".join(traceback.format_exception(error)).splitlines()[-_LINES:]
    shown = [] if isinstance(error, ChipsimError) else lines
    try:
        write_failure(folder, planned, state=state, error=text, lines=shown)
    except OSError as trouble:
        return FULL, f"{folder}: {trouble}"
    return state, text
