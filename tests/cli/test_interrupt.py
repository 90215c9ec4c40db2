"""Signals leave a readable result that is marked as partial, in a real process that gets real signals."""

import os
import signal
import subprocess
import sys

import pytest

from chipsim.cli.stopping import Stage, StopNow, Stopping
from chipsim.result.files import load

pytestmark = pytest.mark.usefixtures("usual_signals")

ASKED = [
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGXCPU,
    signal.SIGUSR1,
    signal.SIGUSR2,
]
EACH = [*ASKED[:2], *(pytest.param(one, marks=pytest.mark.slow) for one in ASKED[2:])]
"""Of signals that are treated alike, two stand for all in quick tests."""


@pytest.fixture
def interrupted(folder):
    """Start a command, send it a signal when a line with this text appears, and return how it ended."""

    def run(line, *, at, number=signal.SIGINT, before=()):
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "chipsim", *line.split()],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        )  # fmt: skip
        seen = ""
        try:
            for said in process.stderr:
                seen += said
                if at in said:
                    break
            process.send_signal(number)
            stdout, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        return process.returncode, stdout, seen + stderr

    return run


def test_run_leaves_a_partial_result(interrupted, folder):
    """The result so far is saved, said to be partial and marked as such, with exit code 130."""
    code, stdout, stderr = interrupted("run hybrid-synapse tiny --epochs 90000 -o out", at="epoch 1 of")
    result = load(folder / "out")
    done = result.summary["epochs_run"]
    assert code == 130
    assert stderr.splitlines()[-1] == (
        f"interrupted: partial result, marked as such, in out ({done:,} of 90,000 epochs done)"
    )
    assert "hybrid-synapse (stopped)" in stdout
    assert "Traceback" not in stderr
    assert result.summary["complete"] is False
    assert done >= 1


def test_partial_result_has_whole_books(interrupted, folder):
    """A run stops between two steps: pulses in the ledger are pulses in the cells."""
    interrupted("run single-pair tiny --epochs 90000 -o out", at="epoch 2 of")
    result = load(folder / "out")
    assert sum(row.pulses for row in result.ledger) == sum(int(one.pulses.sum()) for one in result.wear) > 0


@pytest.mark.parametrize("number", EACH, ids=lambda number: number.name)
def test_other_signals_leave_what_ctrl_c_leaves(interrupted, folder, number):
    """A scheduler's signals save the result so far; the exit code is 128 and the signal's number."""
    code, stdout, stderr = interrupted(
        "run single-pair tiny --epochs 90000 -o out", at="epoch 1 of", number=number
    )
    result = load(folder / "out")
    assert code == 128 + number
    assert stderr.splitlines()[-1] == (
        f"interrupted ({number.name}): partial result, marked as such, in out "
        f"({result.summary['epochs_run']:,} of 90,000 epochs done)"
    )
    assert "single-pair (stopped)" in stdout
    assert result.summary["complete"] is False


def test_a_signal_that_is_to_be_ignored_is_ignored(interrupted, folder):
    """A run under nohup goes on when its terminal goes away."""
    code, _, stderr = interrupted(
        "run single-pair tiny --epochs 4 -o out", at="epoch 1 of", number=signal.SIGHUP, before=["nohup"]
    )
    assert code == 0
    assert "interrupted" not in stderr
    assert load(folder / "out").summary["complete"]


def test_a_terminal_that_goes_away_costs_no_result(folder):
    """Whatever a run says to a reader that has gone is dropped, and the result saved."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chipsim", "run", "single-pair", "tiny", "--epochs", "30", "-o", "out"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    process.stderr.readline()
    process.stderr.close()
    process.wait(timeout=60)
    assert load(folder / "out").summary["epochs_run"] == 30


def sent(number):
    os.kill(os.getpid(), number)


def test_nothing_begun_ends_at_once():
    """Before training, the first signal ends the process with its code."""
    with Stopping() as stopping, pytest.raises(StopNow) as ended:
        sent(signal.SIGTERM)
    assert (ended.value.code, stopping.code, stopping.word) == (143, 143, "interrupted (SIGTERM)")


def test_a_second_signal_ends_a_step_at_once():
    """In training the first signal waits for the step, and the second does not."""
    with Stopping() as stopping:
        stopping.stage = Stage.TRAINING
        sent(signal.SIGUSR1)
        assert stopping.signal is signal.SIGUSR1
        with pytest.raises(StopNow) as ended:
            sent(signal.SIGTERM)
    assert ended.value.code == 143


def test_saving_is_left_in_peace(capfd):
    """While the result is saved one more signal is answered, and only the one after it ends the process."""
    with Stopping() as stopping:
        stopping.stage = Stage.TRAINING
        sent(signal.SIGINT)
        stopping.save()
        sent(signal.SIGINT)
        assert capfd.readouterr().err == "saving what there is; ask once more to stop without it\n"
        with pytest.raises(StopNow):
            sent(signal.SIGINT)
    assert stopping.word == "interrupted"


def test_signals_are_given_back():
    """What a process does with signals otherwise, it does again afterwards."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, *ASKED)]
    with Stopping():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, *ASKED)] == before


def test_compare_stops_after_the_partial_one(interrupted, folder):
    """Chips that were not begun leave nothing; the report shows those that were."""
    line = "compare digital-fp32 single-pair single-pair-cellwise -w tiny --epochs 3000 -o out"
    code, stdout, stderr = interrupted(line, at="digital-fp32: epoch 2 of")
    assert code == 130
    assert "interrupted after 1 of 3 chips; the same command with -o out goes on with the rest\n" in stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["digital-fp32", "report.html"]
    assert load(folder / "out" / "digital-fp32").summary["complete"] is False
    assert stdout.endswith("report: out/report.html\n")
