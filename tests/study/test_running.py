"""Studies from Python, and the script that carries one out on a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import chipsim
from chipsim.errors import DescriptionError, OutputError
from chipsim.study.slurm import script_of, write_script
from tests.study.made import SMALL

ROOT = Path(__file__).parents[2]
SAID = {
    "name": "made",
    "architectures": ["single-pair"],
    "workloads": ["mnist-5k"],
    "set": list(SMALL),
    "vary": {"device.states": [10, 20]},
}


class Counting:
    """Counts what is made."""

    def __init__(self):
        self.made = 0

    def begins(self, *, total, kept):
        self.total, self.kept = total, kept

    def one_ended(self, planned, *, state, error, seconds, left_s):
        self.made += 1


def test_in_a_few_lines(tmp_path):
    """A mapping or a file; what is done is not done again; the figures are a table."""
    kept = chipsim.study.run(SAID, folder=tmp_path / "out")
    assert [run.state for run in kept.runs] == ["done", "done"]
    file = tmp_path / "made.yaml"
    file.write_text(yaml.safe_dump(SAID))
    watched = Counting()
    chipsim.study.run(file, folder=tmp_path / "out", watched=watched)
    assert (watched.made, watched.kept) == (0, 2)
    table = chipsim.study.load(tmp_path / "out").table()
    assert {"device.states", "metric", "value"} <= set(table.column_names)
    assert table.column("metric").to_pylist().count("test_accuracy_percent") == 2
    (planned, result), *_ = kept.results()
    assert result.provenance["run"] == planned.id
    assert result.provenance["command"][:3] == ["chipsim", "run", "single-pair"]


def test_what_a_notebook_shows(tmp_path):
    """A row a setting, escaped."""
    said = {**SAID, "architectures": [{"architecture": "single-pair", "label": "<b>&"}], "seeds": 2}
    shown = chipsim.study.run(said, folder=tmp_path / "out")._repr_html_()
    assert "<b>&" not in shown.removeprefix("<div><b>made</b>")
    assert shown.count("<tr>") == 3
    assert "4 of 4 runs are done" in shown
    assert " ± " in shown


def test_figures_as_a_frame(tmp_path):
    """Of pandas where it is there, else of pyarrow."""
    frame = chipsim.study.run(SAID, folder=tmp_path / "out").frame()
    assert set(frame.columns if hasattr(frame, "iloc") else frame.column_names) >= {"metric", "value", "unit"}


def test_what_is_refused(tmp_path):
    """Mistakes, before anything is made; folders with something else; folders that are none of a study."""
    with pytest.raises(DescriptionError, match="did you mean 'states'"):
        chipsim.study.run({**SAID, "vary": {"device.sttes": [1]}}, folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="holds something else than a study"):
        chipsim.study.run(SAID, folder=tmp_path / "mine")
    with pytest.raises(OutputError, match="holds no study"):
        chipsim.study.load(tmp_path / "mine")


def test_the_module_says_what_it_has():
    """A misspelt name is told as such."""
    with pytest.raises(AttributeError, match="has no attribute 'rnu'"):
        chipsim.study.rnu  # noqa: B018


def test_a_script_is_not_written_over(tmp_path):
    """Somebody may have changed it."""
    script = tmp_path / "go.py"
    text = script_of(Path("a.yaml"), script=script, folder=tmp_path, data=None)
    compile(text, "go.py", "exec")
    write_script(text, script)
    with pytest.raises(OutputError, match="is there already"):
        write_script(text, script)


@pytest.mark.parametrize("name", ['a"""b.yaml', "a\\b.yaml", "a'b.yaml", "a\nb.yaml"])
def test_hostile_names_stay_in_their_quotation_marks(name):
    """Nothing of a file's name becomes code."""
    text = script_of(Path(name), script=Path(name), folder=Path(name), data=Path(name), trusted=('x"""',))
    said = {}
    before = text.index("STUDY =")
    compile(text, "go.py", "exec")
    lines = text[before:].splitlines()
    exec("\n".join(lines[:4]), said)
    assert said["STUDY"] == str(Path(name).resolve())


@pytest.mark.slow
def test_the_script_carries_a_study_out(tmp_path):
    """With jobs as processes of this machine in the place of SLURM's."""
    pytest.importorskip("dask_jobqueue")
    study = tmp_path / "made.yaml"
    study.write_text(yaml.safe_dump(SAID))
    text = script_of(study, script=Path("go.py"), folder=tmp_path / "out", data=None)
    text = text.replace(
        "from dask_jobqueue import SLURMCluster",
        "from dask_jobqueue.local import LocalCluster as SLURMCluster",
    )
    text = text.replace("JOBS = 20", "JOBS = 2")
    lines = [line for line in text.splitlines() if '"queue"' not in line and '"account"' not in line]
    (tmp_path / "go.py").write_text("\n".join(lines))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "go.py"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 of 2 runs are done" in done.stdout
    assert len(chipsim.study.load(tmp_path / "out").done) == 2
