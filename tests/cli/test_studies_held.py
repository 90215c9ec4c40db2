"""Folders that hold another study, or one whose clearing was cut off."""

import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import chipsim
from chipsim.cli import main
from chipsim.errors import ChipsimWarning, OutputError
from chipsim.study.kept import load_study
from chipsim.study.place import claimed_study
from tests.study.made import SMALL

SAID = {
    "name": "made",
    "architectures": ["single-pair"],
    "workloads": ["mnist-5k"],
    "set": list(SMALL),
    "vary": {"device.states": [10, 20]},
}


def called(*args):
    return CliRunner().invoke(main, list(map(str, args)))


def study(folder, *more, **said):
    file = folder / "made.yaml"
    file.write_text(yaml.safe_dump({**SAID, **said}))
    return called("study", file, "-o", folder / "out", *more)


def files(folder):
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_another_study_is_not_replaced(tmp_path):
    """--resume goes on with the same study; one that shares no run and varies something else is refused."""
    sets = [word for text in SMALL for word in ("--set", text)]
    sweep = ("sweep", "single-pair", "mnist-5k", *sets, "-o", tmp_path / "out")
    assert called(*sweep, "--vary", "device.states=10,20").exit_code == 0
    before = files(tmp_path / "out")
    told = called(*sweep, "--vary", "learning_rate=0.1,0.2", "--resume")
    assert told.exit_code == 2
    assert told.output.splitlines()[-1] == (
        f"error: {tmp_path / 'out'}: holds another study, 'single-pair--mnist-5k--device.states' with "
        f"device.states varied; this one is 'single-pair--mnist-5k--learning_rate' with learning_rate varied, and "
        f"none of its runs is there. Take another folder, or begin anew with --overwrite"
    )
    assert files(tmp_path / "out") == before
    anew = called(*sweep, "--vary", "learning_rate=0.1,0.2", "--overwrite")
    assert anew.exit_code == 0


def test_another_study_from_python(tmp_path):
    """Which always goes on with what is there."""
    chipsim.study.run(SAID, folder=tmp_path / "out")
    with pytest.raises(
        OutputError, match=r"holds another study, 'made' with device\.states varied; this one is 'x'"
    ):
        chipsim.study.run({**SAID, "name": "x", "vary": {}, "seeds": [7]}, folder=tmp_path / "out")
    assert len(load_study(tmp_path / "out").done) == 2
    with pytest.warns(ChipsimWarning, match="1 run that was made there earlier is not in this study"):
        chipsim.study.run({**SAID, "vary": {"device.states": [10]}}, folder=tmp_path / "out")


def test_what_leaves_the_table_is_told(tmp_path):
    """Other values of the same paths: made, and what was there is said to be left out."""
    study(tmp_path)
    other = study(tmp_path, "--resume", vary={"device.states": [30]})
    assert other.exit_code == 0
    assert (
        "out: 2 runs that were made there earlier are not in this study: kept in runs/, and left out of its "
        "tables and page" in other.output
    )
    assert "warning" not in study(tmp_path, "--resume", vary={"device.states": [30]}).output


def test_a_damaged_plan_is_written_again(tmp_path):
    """There is no other study to be told of."""
    study(tmp_path)
    (tmp_path / "out" / "study.json").write_text("[1,")
    again = study(tmp_path, "--resume")
    assert "0 runs made, 2 kept" in again.output


def test_clearing_that_is_cut_off(tmp_path, monkeypatch):
    """Whatever is gone by then, the folder is still one of a study, for --overwrite and --resume alike."""
    study(tmp_path)
    whole, out = tmp_path / "whole", tmp_path / "out"
    out.rename(whole)
    unlink = Path.unlink
    for left in range(3):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(whole, out)
        many = iter(range(left))

        def cut_off(path, many=many, **more):
            if path.name in {"report.html", "results.parquet", "study.json"} and next(many, None) is None:
                raise KeyboardInterrupt
            unlink(path, **more)

        monkeypatch.setattr(Path, "unlink", cut_off)
        with pytest.raises(KeyboardInterrupt), claimed_study(out, resume=False, overwrite=True):
            pass
        monkeypatch.undo()
        with claimed_study(out, resume=True):
            pass
