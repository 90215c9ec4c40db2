"""``chipsim figure``: from runs to files, and what is said of what cannot be."""

import csv
import io

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.result.files import save
from tests.report.test_study_page import APART
from tests.results_made import made_result


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    return [str(save(made_result(name), place / name)) for name in ("hybrid-synapse", "single-pair")]


def called(*words):
    return CliRunner().invoke(main, ["figure", *map(str, words)])


def test_the_data_of_a_figure_need_nothing_but_chipsim(runs, tmp_path):
    """A short name means the figure that is wanted most."""
    file = tmp_path / "new" / "energy.csv"
    done = called(*runs, "energy", "-o", file)
    assert (done.exit_code, done.output) == (0, f"figure: {file}\n")
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert {row["y"].partition(" ")[0] for row in rows} == {"hybrid-synapse", "single-pair"}
    assert "pulsed update" in {row["series"] for row in rows}


def test_a_figure_is_drawn_at_a_width(runs, tmp_path):
    """89 mm are 252.28 points."""
    pytest.importorskip("matplotlib", reason="chipsim[figures] is not installed")
    file = tmp_path / "accuracy.svg"
    assert called(*runs, "accuracy", "-o", file, "--width", "89mm").exit_code == 0
    assert 'width="252.28' in file.read_text()


def test_figures_are_listed(runs):
    """A name and a title a line; runs alone are given."""
    lines = called(*runs, "--list").output.splitlines()
    assert "energy-by-activity           Energy by activity" in lines


def test_files_are_not_replaced_unasked(runs, tmp_path):
    """Only with --overwrite."""
    file = tmp_path / "mine.csv"
    file.write_text("mine")
    assert "is there already" in called(*runs, "energy", "-o", file).output
    assert file.read_text() == "mine"
    assert called(*runs, "energy", "-o", file, "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nrgy", "-o", "a.csv"), "these runs have no figure 'nrgy'; did you mean 'energy'?"),
        (("energy-", "-o", "a.csv"), "'energy-' begins the names of several figures: energy-by-activity, "),
        (("energy", "-o", "a.gif"), "a.gif: ends with none of .svg, .pdf, .png, .csv"),
        (("energy", "-o", "a.svg", "--width", "wide"), "'wide' is no width"),
        (("energy",), "name the file to write with -o"),
    ],
)
def test_what_cannot_be_drawn_is_told(runs, words, said):
    """With what is allowed."""
    done = called(*runs, *words)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_a_figure_without_a_run_is_told():
    """One word may be either."""
    assert "give at least one run" in called("energy", "-o", "a.csv").output


def test_a_study_has_figures_of_its_own(runs, tmp_path, monkeypatch):
    """Those of its page, by the same short names; beside other runs it is refused."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.json").write_text("{}")
    monkeypatch.setattr("chipsim.cli.figuring.load_study", lambda _: None)
    monkeypatch.setattr("chipsim.cli.figuring.gather_kept", lambda _: APART)
    file = tmp_path / "energy.csv"
    assert called(folder, "energy", "-o", file).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [(row["series"], row["x"], row["error_x"]) for row in rows] == [
        ("first", "2.0", "1.0"),
        ("second", "3.0", "1.0"),
    ]
    assert (
        "a study has figures of its own" in called(folder, runs[0], "energy", "-o", tmp_path / "a.csv").output
    )
