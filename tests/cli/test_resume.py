"""``chipsim run --checkpoint-every`` and ``--resume``: runs that were stopped or killed, as a user has them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import attrs
import pytest

from chipsim.outputs.checkpoint import CHECKPOINT
from chipsim.result.files import load
from chipsim.version import this_code, versions
from tests.resumed import differing

pytestmark = pytest.mark.usefixtures("usual_signals")

ANEW = "choose another folder, or begin anew in this one (--overwrite)"
RUN = ("run", "single-pair-rowwise", "tiny", "--epochs", "30")


def killed(folder, *line, after, number=signal.SIGKILL, at=None):
    """A command in a process of its own that gets a signal: some time after a line, or after it has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chipsim", *line],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        for said in process.stderr if at else ():
            if at in said:
                break
        time.sleep(after)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, stdout, stderr


def test_a_run_that_was_killed_goes_on(call, folder):
    """SIGKILL in its second epoch or later; its result is that of the undisturbed run, and no checkpoint stays."""
    assert call("run single-pair-rowwise tiny --epochs 30 -o whole").exit_code == 0
    code, _, _ = killed(folder, *RUN, "--checkpoint-every", "1", "-o", "out", at="epoch 2 of", after=0.05)
    assert code == -signal.SIGKILL
    assert (folder / "out" / CHECKPOINT).exists()
    done = call("run single-pair-rowwise tiny --epochs 30 --resume -o out")
    assert done.exit_code == 0, done.output
    # It has not begun anew.
    assert "epoch 1 of 30" not in done.stderr
    assert "epoch 30 of 30" in done.stderr
    assert differing(load("whole"), load("out")) == []
    assert [path.name for path in (folder / "out").iterdir() if "checkpoint" in path.name] == []


@pytest.mark.slow
def test_ten_kills_at_random_moments_change_nothing(call, folder):
    """Of one run, one after another, each resumed; state is saved by the clock, in the midst of epochs too."""
    line = ("run", "hybrid-synapse", "mnist-5k", "--set", "phases.0.dataset.train=2000", "--epochs", "60")
    assert call(" ".join([*line, "-o whole"])).exit_code == 0
    moments = random.Random(2026)
    saved = 0
    for _ in range(10):
        # A second or two go by before it trains, and the whole run takes twenty.
        code, _, _ = killed(
            folder,
            *line,
            "--checkpoint-every",
            "0.2s",
            "--resume",
            "-o",
            "out",
            after=moments.uniform(0.5, 4.5),
        )
        assert code == -signal.SIGKILL
        saved += (folder / "out" / CHECKPOINT).exists()
    assert saved > 3
    done = call(" ".join([*line, "--resume -o out"]))
    assert done.exit_code == 0, done.output
    assert differing(load("whole"), load("out")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_goes_on_from_its_partial_result(call, folder, number):
    """The partial result says that it can be; afterwards the whole one is in its place."""
    assert call("run single-pair-rowwise tiny --epochs 30 -o whole").exit_code == 0
    line = (*RUN, "--checkpoint-every", "10h", "-o", "out")
    code, _, stderr = killed(folder, *line, at="epoch 2 of", after=0.01, number=number)
    assert code == 128 + number
    assert stderr.splitlines()[-1].endswith("epochs done); --resume goes on from there")
    assert not load("out").summary["complete"]
    done = call(" ".join([*line, "--resume"]))
    assert done.exit_code == 0, done.output
    assert differing(load("whole"), load("out")) == []


@pytest.mark.parametrize("saving", ["--checkpoint-every 1", ""])
def test_a_finished_run_is_shown_again(call, folder, saving):
    """Nothing is left to go on with, whether it saved its state or not."""
    assert call(f"run digital-fp32 tiny {saving} -o out").exit_code == 0
    before = (folder / "out" / "summary.json").stat().st_mtime_ns
    again = call("run digital-fp32 tiny --resume -o out")
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == "finished before, and saved in out; nothing is left to go on with"
    assert (folder / "out" / "summary.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("--seed 1", "the seed was 0, and is 1"),
        ("--set learning_rate=0.5 --epochs 3", "workload.learning_rate was 0.1, and is 0.5; workload.phases.0.epochs was 2, and is 3"),
        ("--set chip.costs=isaac-32nm", "chip.costs was cmos-32nm, and is isaac-32nm; costs.name was cmos-32nm, and is isaac-32nm; "),
        ("--trace", "the trace was False, and is True"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("saving", ["--checkpoint-every 1", ""])
def test_a_result_of_another_run_is_refused_with_what_differs(call, saving, more, said):
    """Whether it saved its state or not."""
    assert call(f"run digital-fp32 tiny {saving} -o out").exit_code == 0
    other = call(f"run digital-fp32 tiny {more} --resume -o out")
    assert other.exit_code == 2
    told = other.stderr.splitlines()[-1]
    assert told.startswith(f"error: out: the result that is there is of another run: {said}")
    assert told.endswith(f"; give what that run was given, {ANEW}")


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("versions", {**versions(), "numpy": "another"}),
        ("this_code", attrs.evolve(this_code(), sha256="0" * 64)),
    ],
)
def test_a_result_of_other_code_is_refused(call, monkeypatch, what, other):
    """With the package by its name, or the digest of the code."""
    assert call("run digital-fp32 tiny --checkpoint-every 1 -o out").exit_code == 0
    monkeypatch.setattr(f"chipsim.run.identity.{what}", lambda: other)
    monkeypatch.setattr(f"chipsim.run.sameness.{what}", lambda: other)
    refused = call("run digital-fp32 tiny --resume -o out").stderr.splitlines()[-1]
    said = {
        "versions": f"numpy was {versions()['numpy']}, and is another; give",
        "this_code": f"the code of chipsim was {this_code().sha256[:40]}…, and is {'0' * 40}…; give",
    }
    assert refused.startswith(f"error: out: the result that is there is of another run: {said[what]}")


def test_a_stopped_run_without_a_checkpoint_has_nothing_to_go_on_from(call, folder):
    """It is said, and not that it were another run."""
    code, _, _ = killed(folder, *RUN, "-o", "out", at="epoch 2 of", after=0.01, number=signal.SIGINT)
    assert code == 128 + signal.SIGINT
    again = call(" ".join([*RUN, "--resume -o out"]))
    assert again.stderr.splitlines()[-1] == (
        "error: out: the result that is there is of this run, which was stopped without a checkpoint "
        f"(--checkpoint-every) that it could go on from; {ANEW}"
    )


def test_a_result_under_other_costs_is_not_the_run(call):
    """It was priced again, and has figures that the command does not ask for."""
    assert call("run digital-fp32 tiny --checkpoint-every 1 -o out").exit_code == 0
    assert call("reprice out --costs isaac-32nm -o priced").exit_code == 0
    again = call("run digital-fp32 tiny --resume -o priced")
    assert again.exit_code != 0
    assert again.stderr.splitlines()[-1] == (
        f"error: priced: the result that is there was priced again (chipsim reprice), and no run ended with it; {ANEW}"
    )
    assert "finished before" not in again.output


def test_a_folder_with_nothing_begins_anew(call, folder):
    """As it is told; the result is that of the run."""
    done = call("run digital-fp32 tiny --resume -o out")
    assert done.exit_code == 0
    assert f"note: out/{CHECKPOINT}: there is no checkpoint; the run begins anew" in done.stderr
    assert load("out").summary["complete"]


def test_a_checkpoint_is_not_run_over(call, folder):
    """A run without --resume is refused where one is; with --overwrite it begins anew and takes it away."""
    killed(folder, *RUN, "--checkpoint-every", "1", "-o", "out", at="epoch 2 of", after=0)
    refused = call("run single-pair-rowwise tiny -o out")
    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[-1] == (
        "error: out: there is the checkpoint of a run that was stopped; go on with it (--resume), choose another folder, "
        "or ask to begin anew (--overwrite)"
    )
    other = call("run single-pair-rowwise tiny --epochs 4 --resume -o out")
    assert other.stderr.splitlines()[-1] == (
        f"error: out/{CHECKPOINT}: is the checkpoint of another run: workload.phases.0.epochs was 30, and is 4; give "
        "what that run was given, or begin it anew (--overwrite; in Python without resume)"
    )
    assert call("run single-pair-rowwise tiny --overwrite -o out").exit_code == 0
    assert not (folder / "out" / CHECKPOINT).exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--resume", "--resume goes on with the run in a folder; say in which, with -o"),
        ("--resume --overwrite -o out", "--resume goes on with the run in the folder, and --overwrite begins it anew"),
        ("--timing-only --checkpoint-every 1", "a run that is only timed takes seconds, and has no checkpoint to go on from"),
        ("--checkpoint-every often", "Invalid value for '--checkpoint-every': must be a number of epochs, such as 1, or a time, such as 30s, 10min or 2h, not 'often'"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(call, options, message):
    """Before anything is done."""
    done = call(f"run digital-fp32 tiny {options}")
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())


def test_a_run_starts_from_another(call):
    """By its folder; the result says which it was."""
    assert call("run single-pair tiny -o first").exit_code == 0
    done = call("run single-pair tiny --from first --seed 2 -o then")
    assert done.exit_code == 0, done.output
    assert load("then").provenance["start"]["folder"] == "first"
    assert call("run single-pair tiny --from nowhere -o third").exit_code == 2
    refused = call("run single-pair tiny --from first --timing-only")
    assert "a run that is only timed has no cells that could start" in " ".join(refused.stderr.split())
