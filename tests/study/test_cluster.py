"""Studies on a Dask scheduler: the same figures; workers and schedulers that die cost what was under way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from distributed import Client

from chipsim.errors import OutputError
from chipsim.study import cluster, making
from chipsim.study.engine import Workers, carry_out
from chipsim.study.forking import METHOD
from chipsim.study.kept import load_study
from chipsim.study.planning import plan_study
from chipsim.study.store import write_plan
from tests.study.made import scenario, small

ROOT = Path(__file__).parents[2]
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}


class Watching:
    """Remembers what it is told, and may do something about it."""

    def __init__(self, then=lambda _done: None):
        self.ended, self.then = [], then

    def begins(self, *, total, kept):
        self.total, self.kept = total, kept

    def one_ended(self, planned, *, state, error, seconds, left_s):
        self.ended.append((planned.id, state, error))
        self.then(len(self.ended))


def carried_out(plan, folder, *, workers, watched=None):
    folder.mkdir(exist_ok=True)
    write_plan(plan, folder, base=Path())
    return carry_out(plan, folder, workers=workers, watched=watched or Watching())


def figures(folder):
    rows = load_study(folder).table().to_pylist()
    return sorted((row["run"], row["metric"], row["value"]) for row in rows if "wall" not in row["metric"])


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@contextmanager
def dask(*words):
    """A process of Dask's command line."""
    command = [sys.executable, "-m", "dask", *map(str, words)]
    with subprocess.Popen(command, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            for child in (
                psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            ):
                child.kill()
            process.kill()


@contextmanager
def loopback(workers=2):
    """A scheduler and its workers on this machine; gives its address and their processes."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as held:
        scheduler = held.enter_context(
            dask("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        )
        words = ("worker", address, "--nthreads", 1, "--no-dashboard", "--host", "127.0.0.1")
        made = [held.enter_context(dask(*words)) for _ in range(workers)]
        with Client(address, timeout="30s") as client:
            if workers:
                client.wait_for_workers(workers, timeout=60)
        yield address, scheduler, made


def plan_of(many):
    """So many runs of a second each, or less."""
    sets = ["phases[*].epochs=1", "phases[*].dataset.train=2000", "phases[*].dataset.test=200"]
    return plan_study(scenario(set=sets, seeds=many))


@pytest.mark.slow
def test_a_scheduler_gives_the_same(tmp_path):
    """Figure by figure what this process gives."""
    plan = plan_study(small(vary={"device.states": [10, 20]}, seeds=3))
    carried_out(plan, tmp_path / "here", workers=Workers())
    with loopback() as (address, _, _):
        outcome = carried_out(plan, tmp_path / "there", workers=Workers(scheduler=address))
    assert outcome.made == 6
    assert figures(tmp_path / "here") == figures(tmp_path / "there")


@pytest.mark.slow
def test_a_worker_that_dies(tmp_path):
    """SIGKILL costs its current run, which is tried again; the study is whole."""
    plan = plan_of(8)
    killed = []

    def kill(done):
        # Dask's nannies start new workers in the place of those that die.
        if done in (2, 4):
            mine = [child for child in psutil.Process().children(recursive=True) if _is_worker(child)]
            killed.append(mine[0].pid)
            mine[0].kill()

    watched = Watching(kill)
    outcome = carried_out(plan, tmp_path / "out", workers=Workers(jobs=2), watched=watched)
    assert len(killed) == 2
    assert (outcome.made, outcome.failed) == (8, ())
    carried_out(plan, tmp_path / "whole", workers=Workers())
    assert figures(tmp_path / "out") == figures(tmp_path / "whole")


def _is_worker(process):
    """Workers are forked from a server, where there is one, and begun one by one elsewhere."""
    try:
        begun = process.parent() if METHOD == "forkserver" else process
        word = "forkserver" if METHOD == "forkserver" else "spawn_main"
        return word in " ".join(begun.cmdline()) and process.memory_info().rss > 50e6
    except psutil.Error:
        return False


@pytest.mark.slow
def test_the_scheduler_dies(tmp_path):
    """What is done is kept, the message says how to go on, and the resumed study is the undisturbed one."""
    plan = plan_of(8)
    with loopback() as (address, scheduler, _):
        watched = Watching(lambda done: scheduler.send_signal(signal.SIGKILL) if done == 2 else None)
        with pytest.raises(OutputError, match="--resume goes on"):
            carried_out(plan, tmp_path / "out", workers=Workers(scheduler=address), watched=watched)
    time.sleep(1)
    done = len(load_study(tmp_path / "out").done)
    assert 2 <= done < 8
    outcome = carried_out(plan, tmp_path / "out", workers=Workers())
    assert (outcome.kept, outcome.made) == (done, 8 - done)
    carried_out(plan, tmp_path / "whole", workers=Workers())
    assert figures(tmp_path / "out") == figures(tmp_path / "whole")


@pytest.mark.slow
def test_a_run_that_kills_its_workers(tmp_path, monkeypatch):
    """Three workers die of it; it is written down, and the others are made."""
    plan = plan_of(4)
    deadly = plan.runs[1].id
    monkeypatch.setenv("CHIPSIM_TEST_DEADLY", deadly)
    monkeypatch.setattr(cluster, "_all", dying)
    outcome = carried_out(plan, tmp_path / "out", workers=Workers(jobs=2))
    assert outcome.made == 3
    assert [(run.id, error) for run, error in outcome.failed] == [
        (deadly, "every worker that tried it died, as for want of memory")
    ]
    assert [run.state for run in load_study(tmp_path / "out").left_out] == ["failed"]


def dying(task):
    """A run that takes its process with it."""
    if task["runs"][0]["id"] == os.environ["CHIPSIM_TEST_DEADLY"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return list(making.make_runs(task))


@pytest.mark.slow
def test_a_scheduler_without_workers(tmp_path):
    """It would wait for ever."""
    with loopback(workers=0) as (address, _, _), pytest.raises(OutputError, match="has no worker"):
        carried_out(plan_of(2), tmp_path / "out", workers=Workers(scheduler=address))


@pytest.mark.slow
def test_workers_with_other_code(tmp_path, monkeypatch):
    """Their figures would be others."""
    with loopback(workers=1) as (address, _, _):
        monkeypatch.setattr(cluster, "versions", lambda: dict.fromkeys(cluster.DECISIVE, "0"))
        with pytest.raises(OutputError, match="has other versions of chipsim, numpy"):
            carried_out(plan_of(2), tmp_path / "out", workers=Workers(scheduler=address))
