"""A file is held by one process at a time, and by nobody once that has ended."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from chipsim.outputs import locks
from chipsim.outputs.locks import TakenError, locked

HOLDER = """
import sys, time
from pathlib import Path
from chipsim.outputs.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def held(tmp_path):
    """A file that another process holds, and that process."""
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield path, process
    process.kill()
    process.communicate()


def test_the_second_is_told_who_the_first_is(held):
    """Process, computer and time of the holder are in the error."""
    path, process = held
    with pytest.raises(TakenError) as error, locked(path):
        pass
    told = rf"process {process.pid} on {re.escape(socket.gethostname())}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert re.fullmatch(told, str(error.value))


def test_a_dead_process_holds_nothing(held):
    """A process that was killed leaves its file, and nobody waits for it."""
    path, process = held
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.exists()
    with locked(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert not path.exists()


def test_one_process_holds_a_file_once(tmp_path):
    """Two threads of one process are kept apart like two processes; afterwards the file is free again."""
    path = tmp_path / "lock"
    for _ in range(2):
        with locked(path), pytest.raises(TakenError), locked(path):
            pass


def test_a_holder_that_says_nothing(tmp_path):
    """A file without a name in it is held all the same."""
    path = tmp_path / "lock"
    with locked(path):
        path.write_text("")
        with pytest.raises(TakenError, match=r"^another process$"), locked(path):
            pass


@pytest.fixture
def no_locks(monkeypatch):
    """A file system that cannot lock."""
    monkeypatch.setattr(locks, "_fcntl", None)


def test_without_locks_a_living_holder_is_believed(tmp_path, no_locks):
    """Where a file system has no locks, the name in the file counts as long as its process lives."""
    path = tmp_path / "lock"
    path.write_text(json.dumps({"pid": os.getppid(), "host": socket.gethostname(), "since": "noon"}))
    with pytest.raises(TakenError, match=f"^process {os.getppid()} on "), locked(path):
        pass


def test_without_locks_another_computer_is_believed(tmp_path, no_locks):
    """Of a process elsewhere nobody can tell whether it has ended."""
    path = tmp_path / "lock"
    path.write_text(json.dumps({"pid": 1, "host": "elsewhere", "since": "noon"}))
    with pytest.raises(TakenError, match=r"^process 1 on elsewhere, since noon$"), locked(path):
        pass


def test_without_locks_a_dead_holder_is_not(tmp_path, no_locks):
    """A process of this computer that has ended gives way."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = tmp_path / "lock"
    path.write_text(json.dumps({"pid": ended.pid, "host": socket.gethostname(), "since": "noon"}))
    with locked(path):
        assert json.loads(path.read_text())["pid"] == os.getpid()
