"""The process that workers are forked from: the same code, nothing of it left in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chipsim.study import forking

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    forking.METHOD != "forkserver", reason="workers are forked on Linux alone; elsewhere each begins anew"
)

ASKING = """
import multiprocessing, os, sys
from chipsim.study.forking import begin_server

def seen(_):
    made = sys.modules.get("chipsim.study.making")
    threads = len(os.listdir(f"/proc/{os.getppid()}/task"))
    return getattr(made, "__file__", None), "distributed.worker" in sys.modules, threads

if __name__ == "__main__":
    before = dict(os.environ)
    begin_server()
    begin_server()
    assert dict(os.environ) == before
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        print(*pool.map(seen, [0])[0])
"""


def asked_in(folder, tmp_path):
    script = tmp_path / "scripts" / "ask.py"
    script.parent.mkdir()
    script.write_text(ASKING)
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={**own, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_what_workers_have_when_they_begin(tmp_path):
    """They are there with everything imported, from a process of one thread: a fork would lose others."""
    file, dask, threads = asked_in(tmp_path, tmp_path)
    assert (Path(file), dask, threads) == (ROOT / "chipsim" / "study" / "making.py", "True", "1")


def test_another_package_in_the_current_folder(tmp_path):
    """A folder that happens to be called chipsim is not imported instead of the package that asks."""
    strange = tmp_path / "chipsim" / "study"
    strange.mkdir(parents=True)
    for file in (tmp_path / "chipsim" / "__init__.py", strange / "__init__.py", strange / "making.py"):
        file.write_text("")
    file, *_ = asked_in(tmp_path, tmp_path)
    assert Path(file) == ROOT / "chipsim" / "study" / "making.py"


def test_where_nothing_can_be_forked(monkeypatch):
    """Nothing is begun."""
    monkeypatch.setattr(forking, "METHOD", "spawn")
    monkeypatch.setattr(forking, "_of_server", pytest.fail)
    forking.begin_server()
