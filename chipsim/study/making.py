"""Runs of a study, made and saved: what each worker does, told and answered in plain data."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shlex
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from threadpoolctl import threadpool_limits

from chipsim.errors import ChipsimError, ChipsimWarning, DivergedError, OutputError
from chipsim.outputs.whole import write_file
from chipsim.result import Result
from chipsim.result.files import claimed, load, write_whole
from chipsim.run import Options, simulate
from chipsim.run.identity import Deciding, deciding
from chipsim.run.reading import Described, read_all
from chipsim.run.repricing import Pricing
from chipsim.spec.overrides import split_sets
from chipsim.spec.reading import read_once
from chipsim.spec.trust import trust
from chipsim.study.plan import Planned
from chipsim.study.rows import figures_of
from chipsim.study.sealing import files_of, sealed
from chipsim.study.sharing import cost_sets_of
from chipsim.study.store import ROWS, RUNS, VERSION, holds_study, planned_from, write_failure
from chipsim.units import Ns

__all__ = ["BROKEN", "DIVERGED", "DONE", "FULL", "make_runs", "task_of", "told_of"]

DONE: Final = "done"
DIVERGED: Final = "diverged"
"""It would diverge again."""
BROKEN: Final = "failed"
"""It may be made when it is tried again."""
FULL: Final = "cannot be written"
"""The place for results is full or gone, which the next run would find as well."""
_LINES: Final = 12
"""Lines of a traceback that are kept."""


def task_of(
    runs: Sequence[Planned], *, kept: str, folder: Path, data: Path | None, trusted: tuple[str, ...]
) -> dict[str, Any]:
    """What a worker is told: plain data that any process can read.

    Parameters
    ----------
    runs
        That share their training.
    kept
        Name of a run with the same training that is there already, if there is one.
    folder
        The study's, absolute: every worker sees the same.
    data
        Folder with datasets; None takes the usual one.
    trusted
        Packages whose code may run.
    """
    return {
        "runs": [attrs.asdict(run) for run in runs],
        "kept": kept,
        "folder": str(folder),
        "data": None if data is None else str(data),
        "trusted": list(trusted),
    }


def make_runs(task: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Make runs and save them: one is trained, and those that differ in costs alone are priced from it.

    Whatever goes wrong is written down beside it, and told.

    Parameters
    ----------
    task
        As :func:`task_of` says it.

    Yields
    ------
    dict
        Of each run ``id``, ``state`` (`DONE` and the like), ``error``, ``seconds``, the ``worker`` that made
        it, and whether it is the ``last`` of the task.
    """
    folder = Path(task["folder"])
    trust(*task["trusted"])
    maker = _Maker(folder, data=task["data"], kept=task["kept"])
    worker = f"{platform.node()}:{os.getpid()}:{threading.get_ident()}"
    missing = len(task["runs"])
    for planned in map(planned_from, task["runs"]):
        began = time.perf_counter()
        state, error = maker.make(planned)
        missing -= 1
        made = told_of(planned, state, error)
        yield {**made, "seconds": time.perf_counter() - began, "worker": worker, "last": not missing}


def told_of(planned: Planned, state: str, error: str) -> dict[str, Any]:
    """What is told of a run whose worker does not answer."""
    return {"id": planned.id, "state": state, "error": error, "seconds": 0.0, "worker": "", "last": True}


class _Maker:
    """Makes runs that share their training one after another."""

    def __init__(self, folder: Path, *, data: str | None, kept: str) -> None:
        self._folder, self._data, self._kept = folder, data, kept
        self._pricing: Pricing | None = None
        self._made: Result | None = None
        """What the others may be priced from, if there are any: getting it ready takes time."""
        self._diverged: DivergedError | None = None

    def make(self, planned: Planned) -> tuple[str, str]:
        """Make a run and save it; gives its state, and what went wrong."""
        if not holds_study(self._folder):
            # A worker on another machine would make a folder of its own that nobody finds.
            return FULL, f"{self._folder}: is not seen by a worker; give a folder that all workers see"
        try:
            # Sums of matrices may depend on how many threads share them, and a run must not depend on where
            # it is made; with a process a core, threads would only be in each other's way.
            with threadpool_limits(limits=1), read_once(), warnings.catch_warnings():
                # What a chip does not read was told when the study was planned.
                warnings.simplefilter("ignore", ChipsimWarning)
                result = self._priced(planned) or self._trained(planned)
        except Exception as error:  # noqa: BLE001  # whatever it is, the study goes on
            return _failed(planned, self._folder, BROKEN, error)
        try:
            _keep(result, planned, self._folder)
        except (ChipsimError, OSError) as error:
            return FULL, _unsaved(self._folder, error)
        except Exception as error:  # noqa: BLE001
            return _failed(planned, self._folder, BROKEN, error)
        if self._diverged is not None:
            return _failed(planned, self._folder, DIVERGED, self._diverged)
        return DONE, ""

    def _trained(self, planned: Planned) -> Result:
        """The result of a run, once it is sure to be the one that was planned."""
        read, options = _read(planned), _options(planned, data=self._data)
        before = deciding(read, options=options, checksums=())
        *_, cost_sets = split_sets(planned.sets)
        self._diverged = None
        try:
            # The bar is the study's, not one for each run.
            result = simulate(
                read.architecture, read.workload, sets=cost_sets, options=options, progress=False
            )
        except DivergedError as error:
            if error.result is None:
                raise
            result, self._diverged = error.result, error
        _refuse_another(planned, before, result)
        self._made = _named(result, planned)
        return self._made

    def _priced(self, planned: Planned) -> Result | None:
        """The result by the training of another run; None where there is none, or it does not serve."""
        # Kinds of one's own may be charged by any costs: such runs are each trained.
        with contextlib.suppress(OutputError):
            if self._kept:
                self._made = load(self._folder / RUNS / self._kept)
            if self._made is not None:
                self._pricing = Pricing(self._made)
        self._kept, self._made = "", None
        if self._pricing is None:
            return None
        read = _read(planned)
        before = deciding(read, options=_options(planned, data=self._data), checksums=())
        try:
            result = self._pricing.under(read, sets=cost_sets_of(planned))
        except OutputError:
            self._pricing = None
            return None
        _refuse_another(planned, before, result)
        of = {**result.provenance["repriced"], "run": self._pricing.run}
        return _named(result, planned, repriced=of)


def _options(planned: Planned, *, data: str | None) -> Options:
    return Options(
        seed=planned.seed,
        timing_only=planned.timing_only,
        wait=tuple(map(Ns, planned.wait)),
        data=None if data is None else Path(data),
        keep_weights=planned.keep in {"weights", "state"},
        keep_state=planned.keep == "state",
    )


def _read(planned: Planned) -> Described:
    return read_all(planned.architecture, planned.workload, sets=planned.sets, epochs=None, datasets={})


def _refuse_another(planned: Planned, before: Deciding, result: Result) -> None:
    """Refuse a result that is not of the run that was planned."""
    checksums = tuple(said["checksum"] for said in result.provenance["datasets"])
    if attrs.evolve(before, data=checksums).name != planned.id:
        raise ChipsimError(
            "descriptions, data or code have changed since the study was planned; run the study again"
        )


def _named(result: Result, planned: Planned, **more: Any) -> Result:
    """The result with what its provenance says of the run that was planned."""
    said = {"command": shlex.split(planned.command), "run": planned.id, **more}
    return attrs.evolve(result, provenance={**result.provenance, **said})


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
        "priced": "repriced" in result.provenance,
        "summary_sha256": hashlib.sha256(summary).hexdigest(),
        "warnings": list(result.summary["warnings"]),
        "idealised": list(result.summary["idealised"]),
        "figures": figures_of(result),
        "files": files_of(place),
    }
    write_file(folder / ROWS / f"{planned.id}.json", json.dumps(sealed(kept)).encode())


def _failed(planned: Planned, folder: Path, state: str, error: Exception) -> tuple[str, str]:
    """Write down what went wrong."""
    text = str(error) if isinstance(error, ChipsimError) else f"{type(error).__name__}: {error}"
    # Where a part of ours is at fault, its last lines say which.
    lines = "".join(traceback.format_exception(error)).splitlines()[-_LINES:]
    shown = [] if isinstance(error, ChipsimError) else lines
    try:
        write_failure(folder, planned, state=state, error=text, lines=shown)
    except OSError as trouble:
        return FULL, _unsaved(folder, trouble)
    return state, text


def _unsaved(folder: Path, error: Exception) -> str:
    """Why nothing can be saved in a study's folder, and what would help."""
    # What the system said stands behind an error that gives advice on a folder of a single run.
    said = error if isinstance(error, OSError) else error.__cause__
    if isinstance(said, OSError):
        return f"{folder}: no run can be saved there ({said.strerror or said}); make room"
    return f"{error}; wait until it is free"
