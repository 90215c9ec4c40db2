"""A folder of one's own with a small workload in it, and the commands called from there."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from chipsim.cli import main, running

SHIPPED = Path(__file__).parents[2] / "architectures"

TINY = """\
name: tiny
about: A few digits. For tests.
network: {layers: [784, 12, 10], loss: cross-entropy}
learning_rate: 0.1
phases:
  - dataset: {name: mnist-5k, train: 40, test: 20}
    epochs: 2
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, with the workload tiny.yaml; datasets are looked for in it.

    Nobody is told what was compiled: that hangs on which tests this machine has run before.
    """
    monkeypatch.setattr(running, "compiled", lambda: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHIPSIM_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("COLUMNS", raising=False)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def usual_signals():
    """Signals as a terminal leaves them to the processes that a test starts, and to this one.

    Whoever runs the tests in the background, or under nohup, has them ignored.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGUSR1, signal.SIGUSR2)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def call(folder):
    """Call a command line as a user would, in a folder of one's own."""

    def run(line, *more):
        return CliRunner().invoke(main, [*line.split(), *more], prog_name="chipsim")

    return run


@pytest.fixture
def chip(folder):
    """Write my-chip.yaml, the hybrid synapse with pieces of its text replaced; returns a finder of lines."""

    def write(*changes):
        text = (SHIPPED / "hybrid-synapse.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is not there exactly once"
            text = text.replace(old, new)
        (folder / "my-chip.yaml").write_text(text, encoding="utf-8")
        return lambda piece: text[: text.index(piece)].count("\n") + 1

    return write
