"""``chipsim study`` and ``chipsim sweep``: made, stopped, resumed, failed, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.errors import OutputError
from chipsim.spec.fields import HIGHEST_RATE
from chipsim.spec.finding import find_shipped
from chipsim.study import engine, making
from chipsim.study.kept import load_study
from chipsim.synapse.numbers import WeightBlock
from tests.study.made import SMALL

SAID = {
    "name": "made",
    "architectures": ["single-pair"],
    "workloads": ["mnist-5k"],
    "set": list(SMALL),
    "vary": {"device.states": [10, 20]},
    "seeds": 2,
}


def chipsim(*args):
    return CliRunner().invoke(main, list(map(str, args)))


def write(folder, **more):
    file = folder / "made.yaml"
    file.write_text(yaml.safe_dump({**SAID, **more}))
    return file


def test_a_study(tmp_path, monkeypatch):
    """Runs, data set, table, page; the same call is refused, and goes on where it is asked to."""
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path)
    done = chipsim("study", file)
    assert done.exit_code == 0, done.output
    assert "4 runs made" in done.output
    assert (tmp_path / "runs/made/report.html").is_file()
    table = pq.read_table(tmp_path / "runs/made/results.parquet")
    assert sorted(set(table.column("device.states").to_pylist())) == [10, 20]
    again = chipsim("study", file)
    assert again.exit_code == 2
    assert "--resume goes on with it" in again.output
    on = chipsim("study", file, "--resume")
    assert on.exit_code == 0
    assert "0 runs made, 4 kept" in on.output


def test_more_is_made_of_what_is_there(tmp_path):
    """A study that grew makes only what is new."""
    chipsim("study", write(tmp_path), "-o", tmp_path / "out")
    grown = chipsim("study", write(tmp_path, seeds=3), "-o", tmp_path / "out", "--resume")
    assert "2 runs made, 4 kept" in grown.output


def test_sweep_without_a_file(tmp_path):
    """One chip, values on the command line; figures as CSV, too."""
    sets = [word for text in SMALL for word in ("--set", text)]
    vary = ("--vary", "device.states=10,20", "--vary", "learning_rate={from: 0.1, to: 1, points: 2}")
    made = chipsim(
        "sweep",
        "single-pair",
        "mnist-5k",
        *vary,
        *sets,
        "-o",
        tmp_path / "out",
        "--csv",
        tmp_path / "all.csv",
    )
    assert made.exit_code == 0, made.output
    head = (tmp_path / "all.csv").read_text().splitlines()[0]
    assert head.replace('"', "").split(",")[6:8] == ["device.states", "learning_rate"]
    assert len(load_study(tmp_path / "out").done) == 4


def test_two_sweeps_of_one_chip_have_folders_of_their_own(tmp_path, monkeypatch):
    """Without -o, by what they vary; the second is neither refused nor mixed with the first."""
    monkeypatch.chdir(tmp_path)
    sets = [word for text in SMALL for word in ("--set", text)]
    for vary in ("device.states=10,20", "learning_rate=0.1,0.2"):
        made = chipsim("sweep", "single-pair", "mnist-5k", *sets, "--vary", vary)
        assert made.exit_code == 0, made.output
    folders = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert folders == ["single-pair--mnist-5k--device.states", "single-pair--mnist-5k--learning_rate"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_diverges(tmp_path, monkeypatch):
    """It is written down, the others are made, and the exit code says so; it is not tried again."""
    update = WeightBlock.update

    def diverging(block, x, d, *, rate):
        # No rate that is allowed does it, so the highest stands for a far higher one.
        update(block, x, d, rate=1e38 if rate == HIGHEST_RATE else rate)

    monkeypatch.setattr(WeightBlock, "update", diverging)
    rates = {"learning_rate": [0.1, HIGHEST_RATE]}
    file = write(tmp_path, architectures=["digital-fp32"], vary=rates, seeds=1)
    made = chipsim("study", file, "-o", tmp_path / "out")
    (left,) = load_study(tmp_path / "out").left_out
    assert made.exit_code == 3
    assert "1 run made" in made.output
    assert "training diverged" in made.output
    # Under the verdict, as on the page.
    assert "note: 1 of 2 runs are done; 1 failed: what is missing is in no figure." in made.output
    assert "values are assumed" in made.output
    assert left.state == "stopped"
    assert "training diverged" in left.why
    again = chipsim("study", file, "-o", tmp_path / "out", "--resume")
    assert "0 runs made, 1 kept" in again.output
    assert again.exit_code == 3


def test_a_run_that_fails(tmp_path, monkeypatch):
    """Whatever goes wrong in one run, the others are made, and it is tried again by the next call."""
    simulated = making.simulate

    def failing(chip, task, **more):
        if chip.spec.device.states == 20:
            raise ZeroDivisionError("by a part")
        return simulated(chip, task, **more)

    monkeypatch.setattr(making, "simulate", failing)
    file = write(tmp_path, seeds=1)
    made = chipsim("study", file, "-o", tmp_path / "out")
    (left,) = load_study(tmp_path / "out").left_out
    assert made.exit_code == 3
    assert (left.state, left.why) == ("failed", "ZeroDivisionError: by a part")
    kept = json.loads((tmp_path / "out" / "failed" / f"{left.planned.id}.json").read_text())
    assert any("failing" in line for line in kept["traceback"])
    monkeypatch.undo()
    again = chipsim("study", file, "-o", tmp_path / "out", "--resume")
    assert "1 run made, 1 kept" in again.output
    assert again.exit_code == 0


def test_a_description_that_is_edited_meanwhile(tmp_path, monkeypatch):
    """A run that is not the planned one is not taken for it."""
    chip = tmp_path / "mine.yaml"
    text = find_shipped("single-pair", "architectures")[0].read_text(encoding="utf-8")
    chip.write_text(text)
    file = write(tmp_path, architectures=["./mine.yaml"], vary={"learning_rate": [0.1, 0.2]}, seeds=1)
    made_runs = engine.make_runs

    def edited(task):
        yield from made_runs(task)
        chip.write_text(text.replace("value: 50", "value: 40"))

    monkeypatch.setattr(engine, "make_runs", edited)
    made = chipsim("study", file, "-o", tmp_path / "out")
    assert made.exit_code == 3
    assert "have changed since the study was planned" in made.output
    assert len(load_study(tmp_path / "out").done) == 1


def test_a_full_disk(tmp_path, monkeypatch):
    """The study stops, what is done stays, and it goes on when there is room."""
    written = making.write_whole
    calls = []

    def full(result, folder):
        calls.append(folder)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(result, folder)

    monkeypatch.setattr(making, "write_whole", full)
    file, out = write(tmp_path), tmp_path / "out"
    stopped = chipsim("study", file, "-o", out)
    assert stopped.exit_code == 2
    assert (
        "(No space left on device); make room, and the same command with --resume goes on" in stopped.output
    )
    assert len(load_study(out).done) == 2
    monkeypatch.undo()
    assert "2 runs made, 2 kept" in chipsim("study", file, "-o", out, "--resume").output


def test_a_damaged_run(tmp_path):
    """It is named and left out, the rest is shown; it is made again."""
    file, out = write(tmp_path), tmp_path / "out"
    chipsim("study", file, "-o", out)
    hurt = load_study(out).runs[1].planned.id
    summary = out / "runs" / hurt / "summary.json"
    summary.write_text(summary.read_text().replace('"seed": 0', '"seed": 5'))
    study = load_study(out)
    assert [run.planned.id for run in study.left_out] == [hurt]
    assert study.left_out[0].why == "its summary is not what was saved"
    assert hurt not in study.table().column("run").to_pylist()
    assert "1 run made, 3 kept" in chipsim("study", file, "-o", out, "--resume").output


@pytest.mark.parametrize("names", [("rows",), ("runs",), ("rows", "runs")])
def test_what_is_gone_is_made_again(tmp_path, names):
    """Without its figures, or its result, a run is not done."""
    file, out = write(tmp_path), tmp_path / "out"
    chipsim("study", file, "-o", out)
    first = load_study(out).runs[0].planned.id
    for name in names:
        path = out / name / (f"{first}.json" if name == "rows" else f"{first}/summary.json")
        path.unlink()
    assert "1 run made, 3 kept" in chipsim("study", file, "-o", out, "--resume").output


def test_another_format(tmp_path):
    """A folder of a later chipsim is refused, never misread."""
    file, out = write(tmp_path), tmp_path / "out"
    chipsim("study", file, "-o", out)
    said = json.loads((out / "study.json").read_text())
    (out / "study.json").write_text(json.dumps({**said, "format": 99}))
    with pytest.raises(OutputError, match="written by another chipsim"):
        load_study(out)


@pytest.mark.parametrize("name", ["../../../etc", "/etc", "x" * 20, "A" * 20, ""])
def test_names_that_lead_out_of_the_folder(tmp_path, name):
    """A run's name is made of digits; any other is refused before a path is made of it."""
    file, out = write(tmp_path), tmp_path / "out"
    chipsim("study", file, "-o", out)
    said = json.loads((out / "study.json").read_text())
    said["runs"][0]["id"] = name
    (out / "study.json").write_text(json.dumps(said))
    with pytest.raises(OutputError, match="no name of a run"):
        load_study(out)


def test_a_folder_with_something_else(tmp_path):
    """Nothing of it is touched, whatever is asked."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    for more in ((), ("--resume",), ("--overwrite",)):
        told = chipsim("study", write(tmp_path), "-o", out, *more)
        assert "holds something else than a study" in told.output
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_begun_anew(tmp_path):
    """What the study made goes, what is not its own stays."""
    file, out = write(tmp_path), tmp_path / "out"
    chipsim("study", file, "-o", out)
    (out / "notes.txt").write_text("mine")
    made = chipsim("study", file, "-o", out, "--overwrite")
    assert "4 runs made" in made.output
    assert (out / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--resume", "--overwrite"), "give one"),
        (("-j", "2", "--scheduler", "tcp://x:1"), "leave out -j"),
        (("-j", "0"), "not in the range"),
    ],
)
def test_options_that_do_not_go_together(tmp_path, words, message):
    """Told before anything is read."""
    told = chipsim("study", write(tmp_path), *words)
    assert told.exit_code == 2
    assert message in told.output


def test_mistakes_are_told_before_anything_is_made(tmp_path):
    """All of them, and no folder is left."""
    told = chipsim("study", write(tmp_path, vary={"device.sttes": [1]}), "-o", tmp_path / "out")
    assert told.exit_code == 2
    assert "made.yaml:" in told.output
    assert "did you mean 'states'" in told.output
    assert not (tmp_path / "out").exists()


def test_nobody_answers(tmp_path):
    """A scheduler that is not there is told as such."""
    pytest.importorskip("distributed")
    told = chipsim("study", write(tmp_path), "-o", tmp_path / "out", "--scheduler", "what://nowhere:1")
    assert told.exit_code == 2
    assert "no Dask scheduler answers" in told.output


def figures(out):
    """Everything that decides, without wall times."""
    table = load_study(out).table().to_pylist()
    return sorted((row["run"], row["metric"], row["value"]) for row in table if "wall" not in row["metric"])


def test_two_processes_give_the_same(tmp_path):
    """Figure by figure, whoever made the run."""
    file = write(tmp_path, seeds=1)
    chipsim("study", file, "-o", tmp_path / "one")
    made = chipsim("study", file, "-o", tmp_path / "two", "-j", 2)
    assert made.exit_code == 0, made.output
    assert figures(tmp_path / "one") == figures(tmp_path / "two")


def test_killed_in_the_middle(tmp_path):
    """SIGKILL at any moment loses the run at hand and nothing else."""
    file = write(tmp_path, seeds=4)
    command = [sys.executable, "-m", "chipsim", "study", str(file), "-o", str(tmp_path / "out")]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env)
    rows = tmp_path / "out" / "rows"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (rows.is_dir() and len(list(rows.glob("[0-9a-f]*.json"))) >= 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(load_study(tmp_path / "out").done)
    assert done >= 2
    on = chipsim("study", file, "-o", tmp_path / "out", "--resume")
    assert f"{8 - done} run" in on.output
    chipsim("study", file, "-o", tmp_path / "whole")
    assert figures(tmp_path / "out") == figures(tmp_path / "whole")
