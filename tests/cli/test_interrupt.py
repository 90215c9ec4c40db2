"""Ctrl-C leaves a readable result that is marked as partial, in a real process that gets a real signal."""

import signal
import subprocess
import sys

import pytest

from chipsim.result_files import load


@pytest.fixture
def interrupted(folder):
    """Start a command, send it Ctrl-C when a line with this text appears, and return how it ended."""

    def run(line, *, at, times=1):
        process = subprocess.Popen(
            [sys.executable, "-m", "chipsim", *line.split()],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        )  # fmt: skip
        seen = ""
        try:
            for said in process.stderr:
                seen += said
                if at in said:
                    break
            for _ in range(times):
                process.send_signal(signal.SIGINT)
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


def test_compare_stops_after_the_partial_one(interrupted, folder):
    """Chips that were not begun leave nothing; the report shows those that were."""
    line = "compare digital-fp32 single-pair single-pair-cellwise -w tiny --epochs 3000 -o out"
    code, stdout, stderr = interrupted(line, at="digital-fp32: epoch 2 of")
    assert code == 130
    assert "interrupted after 1 of 3 chips\n" in stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["digital-fp32", "report.html"]
    assert load(folder / "out" / "digital-fp32").summary["complete"] is False
    assert stdout.endswith("report: out/report.html\n")
