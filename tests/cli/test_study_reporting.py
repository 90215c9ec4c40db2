"""``chipsim report`` of a study's folder."""

import shutil

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.outputs.files import claimed_page
from chipsim.report.study_page import STUDY
from chipsim.study import run
from chipsim.study.kept import load_study
from tests.study.made import SMALL


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of two runs."""
    said = {
        "name": "made", "question": "Is it so?", "architectures": ["digital-fp32"], "workloads": ["mnist-5k"],
        "set": list(SMALL), "seeds": 2,
    }  # fmt: skip
    return run(said, folder=tmp_path_factory.mktemp("study") / "made").folder


@pytest.fixture
def study(made, tmp_path, monkeypatch):
    """The folder of one, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(made, tmp_path / "made").relative_to(tmp_path)


def chipsim(*args):
    return CliRunner().invoke(main, list(map(str, args)))


def page_of(file):
    return file.read_text(encoding="utf-8")


def test_the_page_of_a_study(study, tmp_path):
    """It is written into the folder, again too, or where it is asked for, with links that lead to the runs."""
    name = load_study(study).done[0].planned.id
    for _ in range(2):
        assert chipsim("report", study).stdout == "report: made/report.html\n"
    assert "Is it so?" in page_of(study / "report.html")
    assert f'href="./runs/{name}/"' in page_of(study / "report.html")
    assert chipsim("report", study, "-o", "pages/made.html").exit_code == 0
    assert f'href="./../made/runs/{name}/"' in page_of(tmp_path / "pages/made.html")
    assert (tmp_path / f"pages/../made/runs/{name}").is_dir()


def test_a_damaged_run_is_left_out(study):
    """Named in the terminal and on the page, with exit code 3; a study of which nothing is left is refused."""
    first, second = load_study(study).runs
    (study / "runs" / first.planned.id / "summary.json").unlink()
    told = chipsim("report", study)
    assert told.exit_code == 3
    assert told.stderr.startswith("left out digital-fp32, mnist-5k, cmos-32nm, seed 0 (")
    assert "1 of 2 runs are done: what is missing is in no figure." in page_of(study / "report.html")
    shutil.rmtree(study / "runs")
    (study / "rows" / f"{second.planned.id}.json").unlink()
    told = chipsim("report", study)
    assert told.exit_code == 2
    assert told.stderr == (
        "error: made: none of 2 runs of this study is done; 'chipsim study' with --resume goes on with it\n"
    )


@pytest.mark.parametrize("words", [("report", "made", "other"), ("endurance", "made")])
def test_a_study_where_runs_are_asked_for(study, words):
    """The message says what there is for it, and where the runs are."""
    shutil.copytree(study, "other")
    told = chipsim(*words)
    assert told.exit_code == 2
    assert told.stderr == (
        "error: made: holds a study; 'chipsim report made' writes its page, and its runs are in made/runs\n"
    )


def test_questions_about_runs(study):
    """A study's page counts no cells, and is not written as if it did."""
    told = chipsim("report", study, "--under", "10")
    assert told.exit_code == 2
    assert "--under asks about cells of runs, and made is a study; see made/runs" in told.stderr
    assert not (study / "report.html").exists()


def test_another_page_in_the_way(study):
    """One of another kind is replaced where that is asked for; one that is being written is left alone."""
    (study / "report.html").write_text("<!doctype html><p>mine</p>", encoding="utf-8")
    assert chipsim("report", study).exit_code == 2
    assert "mine" in page_of(study / "report.html")
    assert chipsim("report", study, "--overwrite").exit_code == 0
    with claimed_page(study / "report.html", kind=STUDY):
        assert chipsim("report", study).exit_code == 2
