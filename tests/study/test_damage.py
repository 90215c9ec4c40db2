"""Damaged folders of studies: the run is named and left out, the rest is shown, and --resume makes it again."""

import json
import shutil

import pytest

import chipsim
from chipsim.errors import OutputError
from chipsim.report.study_page import examples_of, write_study_page
from chipsim.study.gathering import gather, write_csv
from chipsim.study.kept import load_study
from chipsim.study.sealing import sealed
from chipsim.study.statistics import gather_kept
from tests.study.made import SMALL

SAID = {
    "name": "made",
    "architectures": ["single-pair"],
    "workloads": ["mnist-5k"],
    "set": list(SMALL),
    "vary": {"device.states": [10, 20]},
    "seeds": 2,
}
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study of four runs that nothing has happened to."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    chipsim.study.run(SAID, folder=folder)
    return folder


@pytest.fixture
def out(whole, tmp_path):
    """A copy that something may happen to."""
    return shutil.copytree(whole, tmp_path / "out")


def first(out):
    return min(file.stem for file in (out / "rows").glob("*.json"))


def put(out, **figures):
    """Other figures in the first row, sealed as if they had been saved so."""
    file = out / "rows" / f"{first(out)}.json"
    said = json.loads(file.read_text())
    said["figures"] |= figures
    file.write_text(json.dumps(sealed(said)))


def change_plan(out, change):
    file = out / "study.json"
    said = json.loads(file.read_text())
    change(said)
    file.write_text(json.dumps(said))


def shown(out):
    """The study read back, and everything made of it that a user looks at."""
    study = load_study(out)
    gather(study)
    write_csv(study, out / "all.csv")
    write_study_page(gather_kept(study), out / "report.html", examples=examples_of(study))
    return study


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ({"energy_aJ": float("nan")}, "energy_aJ is not finite, or beyond what a number can be"),
        ({"energy_aJ": float("inf")}, "energy_aJ is not finite, or beyond what a number can be"),
        ({"energy_aJ": 10**400}, "energy_aJ is not finite, or beyond what a number can be"),
        ({"test_samples": -5}, "test_samples cannot be -5"),
        ({"test_accuracy_percent": 150}, "test_accuracy_percent cannot be 150"),
        ({"best_test_accuracy_percent": -0.5}, "best_test_accuracy_percent cannot be -0.5"),
        ({"energy_aJ": "much"}, "energy_aJ is no number"),
    ],
)
def test_figures_that_cannot_be(out, figures, why):
    """One row takes its run out of the study, and nothing else."""
    put(out, **figures)
    study = shown(out)
    assert [run.planned.id for run in study.left_out] == [first(out)]
    assert study.left_out[0].state == "damaged"
    assert study.left_out[0].why == f"its figures cannot be read ({why})"
    assert len(study.done) == 3


@pytest.mark.parametrize("text", [DEEP, "{}", "[]", "", "null", '"' + "x" * 40])
def test_a_row_that_is_none(out, text):
    """However it is broken."""
    (out / "rows" / f"{first(out)}.json").write_text(text)
    study = shown(out)
    assert [run.state for run in study.left_out] == ["damaged"]


def test_a_number_that_was_changed(out):
    """A figure that could be, and is not what was saved."""
    file = out / "rows" / f"{first(out)}.json"
    said = json.loads(file.read_text())
    said["figures"]["energy_aJ"] += 1
    file.write_text(json.dumps(said))
    (left,) = shown(out).left_out
    assert left.why == "its figures are not what was saved"


def test_a_row_that_an_earlier_chipsim_wrote(out):
    """Without a seal or sizes it is taken as it is: runs of hours are not made again."""
    file = out / "rows" / f"{first(out)}.json"
    said = json.loads(file.read_text())
    del said["sha256"], said["files"]
    file.write_text(json.dumps(said))
    assert len(load_study(out).done) == 4


def test_files_of_a_run_that_are_gone_or_cut_off(out):
    """Each is noticed, and the run is made again by the next call."""
    run = out / "runs" / first(out)
    names = sorted(file.name for file in run.iterdir() if file.name != "summary.json")
    assert len(names) > 3
    for name in names:
        content = (run / name).read_bytes()
        (run / name).write_bytes(content[:-1])
        (cut,) = load_study(out).left_out
        assert cut.why == f"{run / name} has another size than was saved"
        (run / name).unlink()
        (gone,) = load_study(out).left_out
        assert gone.why == f"{run / name} is missing"
        (run / name).write_bytes(content)
    assert len(load_study(out).done) == 4
    (run / names[0]).unlink()
    assert len(chipsim.study.run(SAID, folder=out).done) == 4
    assert (run / names[0]).is_file()


def test_what_was_put_beside_is_left_alone(out):
    """A page or a note in a run's folder is no damage."""
    (out / "runs" / first(out) / "notes.txt").write_text("mine")
    assert len(load_study(out).done) == 4


def test_a_note_of_a_failure_that_cannot_be_read(out):
    """It is as if there were none."""
    (out / "failed" / f"{first(out)}.json").write_text(DEEP)
    assert len(load_study(out).done) == 4


@pytest.mark.parametrize("text", [DEEP, "[1,", '{"format": 1}', "null"])
def test_a_plan_that_is_none(out, text):
    """Without its plan a study is none: told with the file, in words."""
    (out / "study.json").write_text(text)
    with pytest.raises(OutputError, match=r"study\.json: "):
        load_study(out)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["runs"][0].update(seed=10**30),
        lambda said: said["runs"][0].update(seed=-1),
        lambda said: said["runs"][0].update(varied=[["device.states", "[[["]]),
        lambda said: said["study"].update(zzz=1),
        lambda said: said.update(study=5),
        lambda said: said.update(base=5),
    ],
)
def test_a_plan_with_something_else_in_it(out, change):
    """Told with the file that says it."""
    change_plan(out, change)
    with pytest.raises(OutputError, match=r"study\.json: is damaged"):
        load_study(out)


@pytest.mark.parametrize("value", [str(10**30), str(10**400)])
def test_values_that_no_column_holds(out, value):
    """Whole numbers beyond 64 bits become floating-point numbers, or stay text."""
    change_plan(out, lambda said: said["runs"][0].update(varied=[["device.states", value]]))
    assert len(shown(out).done) == 4
