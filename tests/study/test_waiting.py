"""Studies whose chips wait: what is planned, measured, kept and shown, and what is refused."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import chipsim
from chipsim.cli import main
from chipsim.errors import DescriptionError
from chipsim.report.study_page import study_figures, write_study_page
from chipsim.result.wait_metrics import AFTER_WAIT
from chipsim.spec.study_file import study_from
from chipsim.study import run
from chipsim.study.planning import plan_study
from chipsim.study.statistics import gather_kept
from chipsim.study.store import planned_from, read_plan
from chipsim.study.words import leading
from tests.study.made import SMALL, scenario

DRIFT = "device.drift={kind: power-law, exponent: 0.1, spread: 50 %, begins: 1 s}"
HOUR = 3_600_000_000_000


def waiting(**more):
    """A study of a chip that drifts and one that does not, with two seeds."""
    drifting = {"label": "drifting", "architecture": "single-pair", "set": [DRIFT]}
    said = {
        "name": "waits", "architectures": ["single-pair", drifting], "workloads": ["mnist-5k"],
        "set": list(SMALL), "seeds": 2, "wait": ["1 year", "1 h"],
    }  # fmt: skip
    return {**said, **more}


CLAIM = {
    "claim": "it keeps what it learnt", "metric": f"{AFTER_WAIT}.1 h", "of": {"chip": "drifting"},
    "published": 0.0, "relation": "at-least", "source": "by hand",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run(waiting(claims=[CLAIM]), folder=tmp_path_factory.mktemp("study") / "out", watched=False)


def test_every_run_waits_as_the_command_does(study):
    """Its figures are those of a run by itself, each time by name and the longest by none."""
    rows = study.table().to_pylist()
    for kept in study.done:
        figures = {row["metric"]: row["value"] for row in rows if row["run"] == kept.planned.id}
        result = study.result(kept.planned.id)
        alone = chipsim.simulate(
            "single-pair", "mnist-5k", sets=list(kept.planned.sets), seed=kept.planned.seed,
            wait=["1 h", "1 year"], progress=False,
        )  # fmt: skip
        assert result.waits == alone.waits
        found = [figures[f"{AFTER_WAIT}.1 h"], figures[f"{AFTER_WAIT}.1 year"]]
        assert found == [row.test_accuracy_percent for row in alone.waits]
        assert figures[AFTER_WAIT] == found[-1]
    units = {row["unit"] for row in rows if row["metric"].startswith(AFTER_WAIT)}
    assert units == {"%"}


def test_runs_say_how_long_they_wait(study):
    """The command that makes one, and the plan that is read back from the folder."""
    command = study.runs[0].planned.command
    assert command.endswith("--wait '1 h' --wait '1 year' --seed 0")
    assert read_plan(study.folder) == study.plan
    assert study.plan.study.wait == (HOUR, 365 * 24 * HOUR)


def test_the_page_has_a_column_and_a_curve(study, tmp_path):
    """The longest time in the table, and a line a chip over all of them beside that right after training."""
    gathered = gather_kept(study)
    titles = [metric.title for metric in leading(gathered)]
    assert titles[:2] == ["Test accuracy", "Test accuracy after 1 year"]
    figure = study_figures(gathered)["measured"][-1]
    assert figure.name == "study-waiting"
    lines = [line for line in figure.data if line["mode"] == "lines+markers"]
    assert [line["name"] for line in lines] == ["single-pair", "drifting"]
    assert all(len(line["x"]) == 2 for line in lines)
    # What does not drift stays where training left it.
    ended = gathered.sample(gathered.settings[0], "test_accuracy_percent").mean
    assert lines[0]["y"] == [ended, ended]
    page = write_study_page(gathered, tmp_path / "page.html")
    text = page.read_text()
    assert "Accuracy after waiting" in text
    assert "Test accuracy after 1 year" in text
    assert "it keeps what it learnt" in text


def test_a_study_that_does_not_wait_has_no_curve(tmp_path):
    """Nor a column."""
    plain = {key: value for key, value in waiting(seeds=1).items() if key != "wait"}
    gathered = gather_kept(run(plain, folder=tmp_path / "out", watched=False))
    assert not any("wait" in metric for metric in gathered.metrics)
    assert all(figure.name != "study-waiting" for figure in study_figures(gathered)["measured"])


def test_going_on_knows_the_waits(study):
    """What waited as long is not made again; another time makes other runs."""
    again = run(waiting(claims=[CLAIM]), folder=study.folder, watched=False)
    assert [kept.planned.id for kept in again.done] == [kept.planned.id for kept in study.done]
    names = {
        tuple(planned.id for planned in plan_study(study_from(waiting(**more))).runs)
        for more in ({}, {"wait": ["3600 s", "365 days"]}, {"wait": "1 h"}, {"wait": ["1 day"]})
    }
    # The first two say the same.
    assert len(names) == 3


def test_cost_sets_share_a_training_and_its_waits(tmp_path):
    """What is priced from a run has waited as long."""
    costs = {"costs": ["cmos-32nm", "isaac-32nm"], "seeds": 1, "wait": "1 h"}
    kept = run(waiting(**costs), folder=tmp_path / "out", watched=False)
    assert sum(one.kept.priced for one in kept.done) == 2
    assert all(f"{AFTER_WAIT}.1 h" in one.kept.figures for one in kept.done)


def test_a_plan_that_somebody_changed_is_refused(study):
    """Waits that are no times."""
    said = json.loads((study.folder / "study.json").read_text())["runs"][0]
    assert planned_from(said).wait == (HOUR, 365 * 24 * HOUR)
    assert planned_from({key: value for key, value in said.items() if key != "wait"}).wait == ()
    for wrong in ("1 h", [0], [True], [1.5], None):
        with pytest.raises(ValueError, match="wait cannot be what it is there"):
            planned_from({**said, "wait": wrong})


WRONG = {
    "soon": "wait: 'soon' is no duration; write a number and a unit, such as '1 h'",
    "-1 h": "wait: must be more than 0, not '-1 h'",
    "0 s": "wait: must be more than 0, not '0 s'",
}


@pytest.mark.parametrize("wait", WRONG)
def test_what_is_no_time_is_refused(wait):
    """By itself, and in a list."""
    for given in (wait, ["1 h", wait]):
        with pytest.raises(DescriptionError) as caught:
            scenario(wait=given)
        assert WRONG[wait].partition(": ")[2] in str(caught.value)


def test_times_that_are_there_twice_and_none_are_refused():
    """However they are written."""
    for given, message in ((["1 h", "60 min"], "1 h is given twice"), ([], "has no time; leave it out")):
        with pytest.raises(DescriptionError, match=message):
            scenario(wait=given)


def test_what_is_only_timed_does_not_wait():
    """It has no cells."""
    with pytest.raises(
        DescriptionError, match="chips that are only timed have no cells that change while they wait"
    ):
        scenario(wait="1 h", timing_only=True)


METRICS = {
    AFTER_WAIT: f"'{AFTER_WAIT}' is of chips that wait once they are trained, and none does: say when, as wait: [1 h]",
    f"{AFTER_WAIT}.1 h": "and none does: say when, as wait: [1 h]",
    f"{AFTER_WAIT}.soon": f"a time follows the dot, as in '{AFTER_WAIT}.1 h'",
}


@pytest.mark.parametrize("key", METRICS)
def test_figures_of_waits_need_some(key):
    """In metrics and in claims."""
    for more in ({"metrics": [key]}, {"claims": [{**CLAIM, "metric": key, "of": {"chip": "single-pair"}}]}):
        with pytest.raises(DescriptionError) as caught:
            plan_study(scenario(set=list(SMALL), **more))
        assert METRICS[key] in str(caught.value)


def test_figures_of_other_times_are_refused():
    """With those that there are; and another way to write one."""
    with pytest.raises(DescriptionError) as caught:
        plan_study(scenario(wait=["1 h", "1 day"], metrics=[f"{AFTER_WAIT}.2 h", f"{AFTER_WAIT}.60 min"]))
    text = str(caught.value)
    assert f"no chip is tested after 2 h to measure '{AFTER_WAIT}.2 h'; wait: 1 h, 1 day" in text
    assert f"'{AFTER_WAIT}.60 min' is called '{AFTER_WAIT}.1 h' here" in text


def test_sweeps_wait(tmp_path):
    """By the option that runs have, which is refused as theirs is."""
    words = ["sweep", "single-pair", "mnist-5k", "--vary", "device.states=10,50", "--set", DRIFT]
    words += [word for one in SMALL for word in ("--set", one)]
    done = CliRunner().invoke(main, [*words, "--wait", "1 h", "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert read_plan(tmp_path / "out").study.wait == (HOUR,)
    for more, message in (
        (["--wait", "soon"], "is no duration"),
        (["--wait", "1 h", "--timing-only"], "has no cells"),
    ):
        refused = CliRunner().invoke(main, [*words, *more])
        assert refused.exit_code == 2
        assert message in " ".join(refused.stderr.replace("│", " ").split())
