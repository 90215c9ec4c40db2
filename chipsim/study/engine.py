"""Carrying out a study: in this process, or by Dask in others, on this machine or on many."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs

from chipsim.errors import OutputError
from chipsim.spec.trust import trusted
from chipsim.study.forking import begin_server
from chipsim.study.making import DIVERGED, DONE, FULL, make_runs, task_of
from chipsim.study.pace import Pace
from chipsim.study.plan import Plan, Planned
from chipsim.study.sharing import shared
from chipsim.study.store import failure_of, forget_failures, is_whole, make_ready

__all__ = ["Outcome", "Watched", "Workers", "carry_out"]


@attrs.frozen(kw_only=True)
class Workers:
    """Who makes the runs."""

    jobs: int = 1
    """Processes on this machine."""
    scheduler: str = ""
    """Address of a Dask scheduler, whose workers make them all; empty for this machine."""

    def begin(self) -> None:
        """Begin what takes seconds and needs no plan, so that it is there when the plan is."""
        if self.jobs > 1 and not self.scheduler:
            begin_server()


class Watched(Protocol):
    """Whoever wants to know how far a study is."""

    def begins(self, *, total: int, kept: int) -> None:
        """So many runs in all, of which so many are there already."""

    def one_ended(
        self, planned: Planned, *, state: str, error: str, seconds: float, left_s: float | None
    ) -> None:
        """A run was made, or it failed; so many seconds are left, None where nobody can tell yet."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a study."""

    made: int
    kept: int
    """Runs that were there already."""
    failed: tuple[tuple[Planned, str], ...]
    """Runs that could not be made, with what went wrong."""


def carry_out(
    plan: Plan, folder: Path, *, workers: Workers, data: Path | None = None, watched: Watched
) -> Outcome:
    """Make every run of a study that is not there yet.

    Parameters
    ----------
    plan
        The study.
    folder
        Its folder, claimed.
    workers
        Who makes the runs.
    data
        Folder with datasets; None takes the usual one.
    watched
        Told how far the study is.

    Raises
    ------
    OutputError
        When results cannot be written, or the scheduler cannot be reached or has gone; what is done stays.
    """
    with _writable(folder):
        make_ready(folder)
    kept, stuck, todo = _sorted_out(plan, folder)
    with _writable(folder):
        forget_failures(folder, [run.id for run in todo])
    watched.begins(total=len(plan.runs), kept=kept)
    failed = list(stuck)
    made = 0
    pace = Pace(len(todo))
    tasks = {run.id: run for run in todo}
    for told in _outcomes(plan, todo, folder=folder.resolve(), workers=workers, data=data):
        planned, state, error = tasks[told["id"]], told["state"], told["error"]
        if state == FULL:
            raise OutputError(f"{error}, and the same command with --resume goes on")
        pace.ended(told)
        watched.one_ended(planned, state=state, error=error, seconds=told["seconds"], left_s=pace.left_s)
        if state == DONE:
            made += 1
        else:
            failed.append((planned, error))
    return Outcome(made=made, kept=kept, failed=tuple(failed))


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: cannot write here ({error.strerror or error})") from error


def _sorted_out(plan: Plan, folder: Path) -> tuple[int, list[tuple[Planned, str]], list[Planned]]:
    """How many runs are there, those that would diverge again, and those that have to be made."""
    kept, stuck, todo = 0, [], []
    for run in plan.runs:
        said = failure_of(folder, run.id)
        if said is not None and said.get("state") == DIVERGED:
            stuck.append((run, said["error"]))
        elif is_whole(folder, run.id):
            kept += 1
        else:
            todo.append(run)
    return kept, stuck, todo


def _outcomes(
    plan: Plan, todo: Sequence[Planned], *, folder: Path, workers: Workers, data: Path | None
) -> Iterator[dict[str, Any]]:
    data = None if data is None else data.resolve()
    tasks = list(_tasks(plan, todo, folder=folder, data=data))
    if not workers.scheduler and (workers.jobs == 1 or len(tasks) < 2):
        yield from itertools.chain.from_iterable(map(make_runs, tasks))
        return
    # Dask takes half a second to be imported, which a study in this process need not wait for.
    from chipsim.study.cluster import over_dask  # noqa: PLC0415

    jobs = min(workers.jobs, len(tasks))
    yield from over_dask(tasks, jobs=jobs, scheduler=workers.scheduler, folder=folder)


def _tasks(
    plan: Plan, todo: Sequence[Planned], *, folder: Path, data: Path | None
) -> Iterator[dict[str, Any]]:
    """What has to be made, runs that share their training together."""
    wanted = {run.id for run in todo}
    for runs in shared(plan.runs):
        missing = [run for run in runs if run.id in wanted]
        if not missing:
            continue
        there = (run.id for run in runs if run.id not in wanted and is_whole(folder, run.id))
        yield task_of(missing, kept=next(there, ""), folder=folder, data=data, trusted=trusted())
