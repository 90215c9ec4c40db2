"""Runs of a study in other processes, by Dask: on this machine, or wherever a scheduler has its workers."""

from __future__ import annotations

import contextlib
import itertools
import logging
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, as_completed, wait

from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file
from chipsim.study.forking import METHOD, begin_server
from chipsim.study.making import BROKEN, DONE, make_runs, told_of
from chipsim.study.store import is_whole, planned_from, write_failure
from chipsim.version import DECISIVE, this_code, versions

__all__ = ["over_dask"]

_PATIENCE: Final = "15s"
"""How long a scheduler may take to answer."""
_AHEAD: Final = 2
"""Runs that each worker has or waits for: enough that none is idle, and few for a scheduler to remember."""
_TRIES: Final = 3
"""Workers that may die of one run, on this machine; a scheduler of the user's has a setting of its own."""
_LOOK: Final = 16
"""Runs after which workers are counted anew."""
_HERE: Final = {
    # A worker that dies while it makes a run most likely died of it; three tries tell.
    "distributed.scheduler.allowed-failures": _TRIES - 1,
    "distributed.worker.multiprocessing-method": METHOD,
    # Dask has workers give memory back to the system at once; a run that asks for it again a thousand times
    # then takes a sixth longer.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    # What Dask looks at many times a second, in the processes that make the runs, and nobody reads here.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.tick.interval": "1s",
    "distributed.scheduler.active-memory-manager.start": False,
}
"""Settings of Dask for workers on this machine."""


def over_dask(
    tasks: Iterable[dict[str, Any]], *, jobs: int, scheduler: str, folder: Path
) -> Iterator[dict[str, Any]]:
    """What became of each run, in the order in which they end.

    Parameters
    ----------
    tasks
        As :func:`~chipsim.study.making.task_of` says them.
    jobs
        Processes on this machine, where there is no scheduler.
    scheduler
        Address of one whose workers make the runs; empty for this machine.
    folder
        The study's, absolute.

    Raises
    ------
    OutputError
        When the scheduler cannot be reached, has no worker, or has gone; or when a worker runs other code or
        does not see the folder.
    """
    with contextlib.ExitStack() as held:
        if scheduler:
            client = held.enter_context(_client_of(scheduler))
            _check_workers(client, folder)
        else:
            client = held.enter_context(_local(jobs, held))
        yield from _gathered(client, iter(tasks), folder=folder)


def _client_of(scheduler: str) -> Client:
    try:
        return Client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise OutputError(
            f"{scheduler}: no Dask scheduler answers ({error}); start one with 'dask scheduler', and give "
            f"the address that it prints"
        ) from error


def _local(jobs: int, held: contextlib.ExitStack) -> Client:
    held.enter_context(dask.config.set(_HERE))
    begin_server()
    cluster = LocalCluster(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        # Some free port of this machine alone: the usual one may be taken by another study.
        dashboard_address="127.0.0.1:0",
        # A worker that dies is replaced, and its run is tried again; that is told at the end, not in a log.
        silence_logs=logging.CRITICAL,
    )
    held.enter_context(cluster)
    return Client(cluster)


def _gathered(client: Client, tasks: Iterator[dict[str, Any]], *, folder: Path) -> Iterator[dict[str, Any]]:
    running: dict[str, dict[str, Any]] = {}
    suspects: list[dict[str, Any]] = []
    waiting = as_completed(
        [_submit(client, task, running) for task in itertools.islice(tasks, _room(client))]
    )
    for ended, future in enumerate(waiting, start=1):
        task = running.pop(future.key)
        if _was_killed(future):
            suspects.append(task)
        else:
            yield from _told(future, task, folder=folder)
        # Workers come and go while a study runs; one more is given something to do now and then.
        many = 1 if ended % _LOOK else max(1, _room(client) - len(running))
        for task in itertools.islice(tasks, many):
            waiting.add(_submit(client, task, running))
    # Dask blames every run that a dead worker had in its queue. Alone, each shows whether it was the one.
    for task in suspects:
        future = _submit(client, task, running)
        wait(future)
        yield from _told(future, task, folder=folder)


def _submit(client: Client, task: dict[str, Any], running: dict[str, dict[str, Any]]) -> Future:
    # Told apart from an earlier try on the same scheduler, which would be given its outcome.
    key = f"chipsim-{task['runs'][0]['id']}-{secrets.token_hex(4)}"
    running[key] = task
    return client.submit(_all, task, key=key, pure=False)


def _all(task: dict[str, Any]) -> list[dict[str, Any]]:
    """What became of every run of a task, told when the last has ended."""
    return list(make_runs(task))


def _was_killed(future: Future) -> bool:
    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _room(client: Client) -> int:
    """Runs that are given to workers at once."""
    return _AHEAD * (sum(client.nthreads().values()) or 1)


def _told(future: Future, task: dict[str, Any], *, folder: Path) -> Iterator[dict[str, Any]]:
    """What a worker answers of each run, or why none could be made."""
    if future.status == "finished":
        yield from future.result()
        return
    if future.status != "error":
        raise OutputError(
            "the Dask scheduler has gone; what is done is kept, and the same command with --resume goes on"
        )
    error = future.exception()
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, KilledWorker):
        text = "every worker that tried it died, as for want of memory"
    for planned in map(planned_from, task["runs"]):
        if is_whole(folder, planned.id):
            # Saved before its worker died of another one.
            yield told_of(planned, DONE, "")
            continue
        write_failure(folder, planned, state=BROKEN, error=text)
        yield told_of(planned, BROKEN, text)


def _seen(folder: str, name: str) -> dict[str, Any]:
    """What a worker says of itself."""
    now = versions()
    return {
        "code": this_code().sha256,
        "versions": {package: now[package] for package in DECISIVE},
        "sees": (Path(folder) / name).is_file(),
    }


def _check_workers(client: Client, folder: Path) -> None:
    """Refuse workers whose figures would be others, or would be written where nobody finds them."""
    if not client.nthreads():
        raise OutputError(
            "the Dask scheduler has no worker; start one with 'dask worker ADDRESS --nthreads 1', once for "
            "each processor"
        )
    mark = folder / f".seen-{secrets.token_hex(4)}"
    write_file(mark, b"")
    try:
        answers = client.run(_seen, str(folder), mark.name)
    finally:
        mark.unlink(missing_ok=True)
    ours = {name: versions()[name] for name in DECISIVE}
    for worker, said in answers.items():
        if not said["sees"]:
            raise OutputError(
                f"worker {worker} does not see {folder}; results go to a folder that all workers share"
            )
        others = [name for name, version in ours.items() if said["versions"][name] != version]
        if others:
            raise OutputError(f"worker {worker} has other versions of {', '.join(others)}; install the same")
        if said["code"] != this_code().sha256:
            raise OutputError(f"worker {worker} runs other code of chipsim; install the same")
