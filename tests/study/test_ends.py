"""Assumed values of chips at the ends of their ranges: which runs are planned, kept, and set aside."""

from __future__ import annotations

import json
import shutil

import attrs
import pytest
import yaml
from click.testing import CliRunner

import chipsim
from chipsim.cli import main
from chipsim.errors import DescriptionError, DivergedError, OutputError
from chipsim.report.study_page import caveats, examples_of, write_study_page
from chipsim.spec.study_file import study_from
from chipsim.study import making, planning
from chipsim.study.kept import load_study
from chipsim.study.plan import Untried
from chipsim.study.planning import plan_study
from chipsim.study.showing import shown_study
from chipsim.study.statistics import gather_kept
from chipsim.study.words import leading_rows
from tests.study.ends_made import two_chips

ENDS = [
    ("digital-fp32", "tile.lanes", "low", "128", "256"),
    ("digital-fp32", "tile.lanes", "high", "512", "256"),
    ("digital-fp32", "digital.lanes", "low", "8", "16"),
    ("wide", "tile.lanes", "low", "128", "256"),
    ("wide", "tile.lanes", "high", "512", "256"),
]
"""Chip, path, end, what the value is put to, and what it is assumed to be."""


def plan_of(**more):
    return plan_study(study_from(two_chips(**more)))


def ends_of(plan):
    return [
        (run.chip, run.end.path, run.end.side, run.end.value, run.end.now)
        for run in plan.runs
        if run.end is not None
    ]


def test_both_ends_of_every_value_that_is_assumed_and_used():
    """One at a time, of what is not set, after all that is compared."""
    plan = plan_of()
    assert [run.end for run in plan.runs[:2]] == [None, None]
    assert ends_of(plan) == ENDS
    assert plan.at_ends == 5
    assert plan.runs[2].sets[-1] == "tile.lanes=128"
    assert plan.runs[2].command.endswith("--set tile.lanes=128 --seed 0")
    assert len({run.id for run in plan.runs}) == 7


def test_a_study_that_does_not_ask_has_none():
    """Each takes training, so that nothing is tried unasked."""
    plan = plan_of(assumed_values="as-they-are")
    assert (len(plan.runs), plan.at_ends, plan.untried) == (2, 0, ())
    document = two_chips()
    del document["assumed_values"]
    assert [run.id for run in plan_study(study_from(document)).runs] == [run.id for run in plan.runs]


def test_an_end_that_another_chip_stands_at_is_not_run_twice():
    """A run of one name would be two rows of every table."""
    found = [one for one in plan_of().untried if one.value]
    assert found == [
        Untried(
            chip="digital-fp32",
            path="digital.lanes",
            value="32",
            why="that is wide on mnist-5k, which the study has",
        )
    ]


def test_values_without_a_range_are_told():
    """Of both chips, and why they have none."""
    found = {(one.chip, one.path): one.why for one in plan_of().untried if not one.value}
    assert found["digital-fp32", "tile.mapping"] == found["wide", "tile.mapping"] == "no range"
    assert ("digital-fp32", "tile.rows") not in found


def test_seeds_first_cost_set_and_first_point():
    """Every seed; the first of several cost sets; the first point of what is varied."""
    plan = plan_of(seeds=[3, 5], costs=["cmos-32nm", "isaac-32nm"], vary={"learning_rate": [0.1, 0.2]})
    ends = [run for run in plan.runs if run.end is not None]
    assert [run.seed for run in ends] == [3] * 5 + [5] * 5
    assert {(run.costs, run.varied) for run in ends} == {("cmos-32nm", (("learning_rate", "0.1"),))}
    assert len(plan.runs) == 2 * 2 * 2 * 2 + 10


def test_what_is_varied_is_not_assumed():
    """The study tries it already."""
    plan = plan_of(vary={"tile.lanes": [256, 512]})
    assert {path for _, path, *_ in ends_of(plan)} == {"digital.lanes"}


def test_an_end_at_which_the_value_is():
    """By another unit or number it is still the chip as it is: no run, and nothing to tell."""
    plan = plan_of(architectures=["single-pair", "digital-fp32"])
    assert ("single-pair", "device.reset_voltage", "low", "2 V", "3 V") in ends_of(plan)
    assert not [one for one in ends_of(plan) if one[1:3] == ("device.reset_voltage", "high")]
    assert not [one for one in plan.untried if one.path == "device.reset_voltage"]


@pytest.fixture
def tight(tmp_path):
    """A chip with as many tiles as its network needs, and no more."""
    file = tmp_path / "tight.yaml"
    file.write_text(
        "extends: digital-fp32\nname: tight\nabout: Two tiles.\ntile:\n  count: {value: 2, source: ours}\n"
        "  rows: {value: 1024, assumed: why, between: [128, 2048, by convention]}\n"
    )
    return file


def test_an_end_that_is_refused_is_no_failed_study(tight):
    """With 128 rows the network needs more tiles than there are; 2,048 rows are tried."""
    kept = [text for text in two_chips()["set"] if not text.startswith("tile.rows")]
    plan = plan_of(architectures=[str(tight), "digital-fp32"], set=kept)
    [refused] = [one for one in plan.untried if one.value and one.chip == "tight"]
    assert (refused.path, refused.value) == ("tile.rows", "128")
    assert "tiles" in refused.why
    assert "--set" not in refused.why
    assert ("tight", "tile.rows", "high", "2048", "1024") in ends_of(plan)
    [remark] = [text for text in plan.remarks if "not tried" in text]
    assert remark.startswith("1 end of a range is not tried, such as tile.rows=128 on tight: ")


def test_a_value_that_nothing_reads():
    """An ideal converter has no noise: what the chip does not use is told, and takes no run."""
    ideal = {"label": "ideal", "architecture": "single-pair", "set": {"tile.forward.adc.ideal": True}}
    plan = plan_of(architectures=[ideal, "digital-fp32"])
    [unread] = [one for one in plan.untried if one.value]
    assert (unread.chip, unread.path, unread.value) == ("ideal", "tile.forward.adc.noise", "1")
    assert unread.why.startswith("nothing reads it: an ideal converter passes numbers unchanged")
    assert not [one for one in ends_of(plan) if one[1] == "tile.forward.adc.noise"]


def test_one_chip_has_no_order():
    """It is told before hours are spent on it."""
    plan = plan_of(architectures=["digital-fp32"])
    assert any("with one chip there is no order" in text for text in plan.remarks)


def test_nothing_to_try():
    """A study that sets all that is assumed has asked for nothing."""
    sets = [*two_chips()["set"], "tile.lanes=256"]
    plan = plan_of(set=sets, architectures=[two_chips()["architectures"][1]])
    assert plan.at_ends == 0
    assert "assumed_values: no assumed value that these chips use has a range to try" in plan.remarks


def test_ends_count_among_the_runs_of_a_study(monkeypatch):
    """Two points and six ends with two seeds are sixteen runs; told with what they add."""
    monkeypatch.setattr(planning, "RUNS", 15)
    with pytest.raises(DescriptionError) as caught:
        plan_of(seeds=2)
    assert str(caught.value) == (
        "assumed_values: both ends of all ranges add 12 runs, which makes 16; a study has 15 at most"
    )


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("both-end", "unknown value 'both-end'; known: as-they-are, both-ends; did you mean 'both-ends'?"),
        (True, "unknown value true; known: as-they-are, both-ends"),
        (["both-ends"], "unknown value ['both-ends']; known: as-they-are, both-ends"),
    ],
)
def test_words_that_there_are_not(word, message):
    """With what there is."""
    with pytest.raises(DescriptionError) as caught:
        study_from(two_chips(assumed_values=word))
    assert str(caught.value) == f"assumed_values: {message}"


def test_check_says_how_many_there_are(tmp_path):
    """Before anything runs, and with what is not tried."""
    file = tmp_path / "ends.yaml"
    file.write_text(yaml.safe_dump(two_chips(seeds=2)))
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 0
    told = "study 'ends' is right; 14 runs, 10 of them with an assumed value at an end of its range"
    assert told in result.output
    assert (
        "warning: 1 end of a range is not tried, such as digital.lanes=32 on digital-fp32: " in result.output
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The study carried out, with two seeds."""
    folder = tmp_path_factory.mktemp("ends") / "out"
    chipsim.study.run(two_chips(seeds=2), folder=folder)
    return folder


@pytest.fixture
def out(whole, tmp_path):
    """A copy that something may happen to."""
    return shutil.copytree(whole, tmp_path / "out")


def test_a_plan_reads_back_with_its_ends(whole):
    """What was planned, what was not and why."""
    plan = plan_of(seeds=2)
    kept = load_study(whole)
    assert (kept.plan.runs, kept.plan.untried) == (plan.runs, plan.untried)
    assert len(kept.done) == 14


def test_the_data_set_tells_ends_apart(whole):
    """Three columns, empty of what is compared; a study without ends does not have them."""
    kept = load_study(whole)
    rows = kept.table().to_pylist()
    marks = {(row["chip"], row["assumed_value"], row["range_end"], row["end_value"]) for row in rows}
    ends = {(chip, path, side, value) for chip, path, side, value, _ in ENDS}
    assert marks == {("digital-fp32", None, None, None), ("wide", None, None, None), *ends}


def test_ends_are_in_nothing_that_a_study_compares(whole):
    """Neither among settings, runs and rows, nor on the page, in a notebook, or among examples."""
    kept = load_study(whole)
    gathered = gather_kept(kept)
    assert [(one.chip, one.end) for one in gathered.settings] == [("digital-fp32", None), ("wide", None)]
    assert len(gathered.runs) == 4
    assert len(gathered.ends) == 5
    assert all(gathered.seeds_of(one) == (0, 1) for one in gathered.ends)
    assert [row[:2] for row in leading_rows(gathered)[1]] == [("digital-fp32", "2"), ("wide", "2")]
    examples = examples_of(kept)
    assert set(examples.results) == {"digital-fp32", "wide"}
    assert {one.value for one in examples.results["digital-fp32"].values if one.path == "tile.lanes"} == {
        "256"
    }
    assert shown_study(kept).count("<tr>") == 3


def test_examples_are_never_of_an_end(out):
    """Where a chip's own runs are gone, there is none to show."""
    for run in load_study(out).runs:
        if run.planned.chip == "wide" and run.planned.end is None:
            (out / "rows" / f"{run.planned.id}.json").unlink()
    kept = load_study(out)
    assert set(examples_of(kept).results) == {"digital-fp32"}
    assert "2 of 4 runs are done: what is missing is in no figure." in caveats(
        gather_kept(kept), examples_of(kept)
    )


def test_a_study_goes_on_where_ends_are_missing(out):
    """What is there is kept, plain or not."""
    kept = load_study(out)
    last = kept.runs[-1].planned
    (out / "rows" / f"{last.id}.json").unlink()
    assert [run.planned.end is not None for run in load_study(out).left_out] == [True]
    again = chipsim.study.run(two_chips(seeds=2), folder=out)
    assert len(again.done) == 14


def test_a_study_that_an_earlier_chipsim_wrote(out):
    """Its runs have no key for ends, and it no list of what was not tried."""
    file = out / "study.json"
    said = json.loads(file.read_text())
    del said["untried"]
    for run in said["runs"]:
        del run["end"]
    file.write_text(json.dumps(said))
    kept = load_study(out)
    assert {run.planned.end for run in kept.runs} == {None}
    assert "range_end" not in kept.table().column_names


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["runs"][-1].update(end="low"),
        lambda said: said["runs"][-1].update(end={"path": "tile.lanes"}),
        lambda said: said["runs"][-1]["end"].update(side="middle"),
        lambda said: said["runs"][-1]["end"].update(value=512),
        lambda said: said.update(untried=[{"chip": "wide"}]),
        lambda said: said.update(untried=["wide"]),
        lambda said: said["untried"][0].update(why=None),
    ],
)
def test_a_plan_whose_ends_are_none(out, change):
    """Damage is told as such, whatever it is."""
    file = out / "study.json"
    said = json.loads(file.read_text())
    change(said)
    file.write_text(json.dumps(said))
    with pytest.raises(OutputError, match="is damaged"):
        load_study(out)


def test_the_page_tells_orders_under_ranges(whole, tmp_path):
    """In a section of its own, which a study that does not ask does not have."""
    kept = load_study(whole)
    gathered, examples = gather_kept(kept), examples_of(kept)
    title = "Under the range of every assumed value of chips and workloads"
    page = write_study_page(gathered, tmp_path / "a.html", examples=examples).read_text("utf-8")
    assert title in page
    # Digital lanes are less than lanes of tiles, so that the latter turn the order unless both chips have them.
    assert "area: the order of 0 of 1 pair of chips holds at both ends of every range, and of 1 more" in page
    unasked = attrs.evolve(gathered, study=attrs.evolve(gathered.study, assumed_values="as-they-are"))
    page = write_study_page(unasked, tmp_path / "b.html", examples=examples).read_text("utf-8")
    assert title not in page


def test_the_terminal_tells_orders_under_ranges(out, tmp_path):
    """Under what the study concludes, whether or not anything had to be run."""
    file = tmp_path / "ends.yaml"
    file.write_text(yaml.safe_dump(two_chips(seeds=2)))
    result = CliRunner().invoke(main, ["study", str(file), "-o", str(out), "--resume"])
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert "3 assumed values of chips and workloads were put to both ends of the range, one at a time" in said
    assert "0 runs made, 14 kept" in said


def test_an_end_that_diverges_is_told_and_fails_no_other(tmp_path, monkeypatch):
    """Of the runs with digital lanes of 8 there is nothing; the exit code says that something failed."""
    whole_run = making.simulate

    def diverging(architecture, *arguments, **options):
        if architecture.spec.digital.lanes == 8:
            raise DivergedError("weights are beyond what a number can be")
        return whole_run(architecture, *arguments, **options)

    monkeypatch.setattr(making, "simulate", diverging)
    file = tmp_path / "ends.yaml"
    file.write_text(yaml.safe_dump(two_chips()))
    result = CliRunner().invoke(main, ["study", str(file), "-o", str(tmp_path / "out")])
    assert result.exit_code == 3
    said = " ".join(result.output.split())
    assert (
        "1 run at an end failed: digital-fp32 on mnist-5k, digital.lanes=8, seed 0 "
        "(weights are beyond what a number can be)." in said
    )
    assert "runs are done" not in said
