"""Studies at one area: what is changed of each chip, where it is told, and what is refused."""

from __future__ import annotations

import json

import attrs
import pytest

from chipsim.errors import DescriptionError, OutputError
from chipsim.report.differing import differing
from chipsim.report.pareto import pareto_figures
from chipsim.report.study_page import Examples, caveats, write_study_page
from chipsim.run import prepare
from chipsim.spec.study_file import read_study
from chipsim.study.adjusted import Adjusted, AdjustedPoint, Change, area_sentences, far_sentences
from chipsim.study.assumed_values import ranged_metrics
from chipsim.study.planning import plan_study
from chipsim.study.store import STUDY, read_plan, write_plan
from chipsim.study.words import leading
from tests.study.kept_made import made_gathered, made_study
from tests.study.made import SMALL, small

PAIR = ["digital-fp32", "digital-adam"]
MM2 = 10**12


def areas_of(plan):
    """The area of the chip of each run, built with the run's own overrides."""
    return [
        int(prepare(run.architecture, run.workload, sets=run.sets, seed=None).chip.area) for run in plan.runs
    ]


def made(chip="a", *, area=2 * MM2, goal=2 * MM2, changes=(), varied=(), why="", task="t"):
    """A chip at one point, of a stated area."""
    found = Adjusted(
        architecture=chip, goal_nm2=goal, before_nm2=MM2, area_nm2=area, changes=tuple(changes), why=why
    )
    return AdjustedPoint(chip=chip, task=task, costs="", varied=tuple(varied), adjusted=found)


def test_all_chips_come_to_the_area_of_one():
    """The one that is named stays as it is; the other's overrides make its area, whoever reads them."""
    plan = plan_study(small(architectures=PAIR, equal_area="digital-adam"))
    small_one, large = areas_of(plan)
    assert large == int(prepare("digital-adam", "mnist-5k", sets=SMALL, seed=None).chip.area)
    assert abs(small_one - large) <= 0.001 * large
    mine, theirs = plan.areas
    assert (mine.adjusted.goal_nm2, mine.adjusted.area_nm2) == (large, small_one)
    assert plan.runs[0].sets == (*SMALL, *mine.adjusted.sets)
    assert not theirs.adjusted.changes
    assert plan.runs[1].sets == SMALL
    # Another chip by its counts, it is another run than the one that is not asked to be equal.
    assert plan.runs[0].id != plan_study(small(architectures=PAIR)).runs[0].id
    assert plan.runs[1].id == plan_study(small(architectures=PAIR)).runs[1].id


@pytest.mark.parametrize(("asked", "steps"), [({"equal_area": "2 mm2"}, 4), ({}, 2)])
def test_progress_counts_points_that_are_brought_to_an_area_twice(asked, steps):
    """Once for their area, which takes longest, and once for their check."""
    told = []
    plan_study(small(architectures=PAIR, **asked), progress=lambda done, of: told.append((done, of)))
    assert told == [(done, steps) for done in range(1, steps + 1)]


def test_each_cost_set_and_each_workload_has_an_area_of_its_own():
    """What is compared has one area: by other prices of area other counts make it."""
    plan = plan_study(small(architectures=PAIR, equal_area="largest", costs=["cmos-32nm", "isaac-32nm"]))
    goals = {one.costs: one.adjusted.goal_nm2 for one in plan.areas}
    assert len(set(goals.values())) == 2
    for run, area in zip(plan.runs, areas_of(plan), strict=True):
        assert area == pytest.approx(goals[run.costs], rel=0.001)


def test_what_is_varied_keeps_its_value_and_its_chip_the_area():
    """A sweep over a count leaves that one alone and makes up for it by the others."""
    chips = ["digital-fp32"]
    plan = plan_study(small(architectures=chips, vary={"digital.lanes": [8, 64]}, equal_area="9 mm2"))
    for run, area in zip(plan.runs, areas_of(plan), strict=True):
        assert area == pytest.approx(9 * MM2, rel=0.001)
        assert [text for text in run.sets if text.startswith("digital.lanes")] == [
            f"digital.lanes={run.varied[0][1]}"
        ]


def test_what_changes_no_area_changes_no_count():
    """Ten learning rates, and one sentence on the chip."""
    rates = [0.01 * (place + 1) for place in range(10)]
    plan = plan_study(small(architectures=PAIR[:1], vary={"learning_rate": rates}, equal_area="9 mm2"))
    assert len({one.adjusted for one in plan.areas}) == 1
    [sentence] = area_sentences(plan.areas)
    assert sentence.startswith("digital-fp32: 8.841 mm2 became ")


def test_a_chip_whose_area_is_varied_is_no_measure_for_others():
    """Told where it stands, with what to write in its place; the largest would be one."""
    said = {
        "architectures": ["single-pair", *PAIR],
        "vary": [{"tile.rows": [64, 128], "only": ["single-pair"]}],
    }
    with pytest.raises(DescriptionError) as caught:
        plan_study(small(**said, equal_area="single-pair"))
    [problem] = map(str, caught.value.problems)
    assert problem.startswith("equal_area: what is varied changes the area of single-pair: ")
    assert "mm2 at tile.rows=64, " in problem
    assert problem.endswith("at tile.rows=128; give largest, an area, or a chip that keeps its own")


def test_problems_of_points_are_told_beside_those_of_the_area(tmp_path):
    """With lines, all at once, each once."""
    file = tmp_path / "bad.yaml"
    file.write_text(
        "name: a\narchitectures: [single-pair]\nworkloads: [mnist-5k]\n"
        "vary: {device.stats: [10]}\nequal_area: single-pear\nseeds: 0\n"
    )
    with pytest.raises(DescriptionError) as caught:
        read_study(file)
    assert [problem.line for problem in caught.value.problems] == [5, 6]
    assert str(caught.value.problems[0]) == (
        f"{file}:5: equal_area: must be a chip of the study (single-pair), largest, or an area such as 2 mm2, "
        "not 'single-pear'; did you mean 'single-pair'?"
    )
    file.write_text(file.read_text().replace("single-pear", "single-pair").replace("seeds: 0", "seeds: 1"))
    with pytest.raises(DescriptionError) as caught:
        plan_study(read_study(file))
    assert [problem.line for problem in caught.value.problems] == [4]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (True, "not true"),
        ("2mm", "not '2mm': "),
        ("0 mm2", "must be more than 0, not 0 mm2"),
        ("-1 mm2", "must be more than 0"),
        (2, "not 2"),
        (["single-pair"], "not ['single-pair']"),
        ("", "not ''"),
    ],
)
def test_what_is_no_area_is_refused(value, why):
    """With all that may stand there."""
    with pytest.raises(DescriptionError, match="must be a chip of the study") as caught:
        small(equal_area=value)
    assert why in str(caught.value)


def test_a_study_keeps_what_was_changed(tmp_path):
    """In study.json, read back the same; without it in one of an earlier version; damage is told."""
    plan = plan_study(small(architectures=PAIR, equal_area="largest"))
    write_plan(plan, tmp_path, base=tmp_path)
    assert read_plan(tmp_path) == attrs.evolve(plan, document=read_plan(tmp_path).document)
    said = json.loads((tmp_path / STUDY).read_text())
    assert said["study"]["equal_area"] == "largest"
    assert said["areas"][0]["adjusted"]["changes"][0].keys() == {"path", "before", "after"}
    del said["areas"][0]["adjusted"]["goal_nm2"]
    (tmp_path / STUDY).write_text(json.dumps(said))
    with pytest.raises(OutputError, match="is damaged"):
        read_plan(tmp_path)
    del said["areas"]
    (tmp_path / STUDY).write_text(json.dumps(said))
    assert read_plan(tmp_path).areas == ()


def test_sentences_name_the_points_where_a_chip_has_several():
    """Once where all are the same; the rest after twenty is counted."""
    change = Change("digital.lanes", 1000, 2000)
    same = [made(changes=[change], varied=[("p", str(value))]) for value in range(3)]
    assert area_sentences(same) == [
        "a: 1 mm2 became 2 mm2, which is 2 mm2: digital.lanes from 1,000 to 2,000"
    ]
    other = made(area=3 * MM2, varied=[("p", "9")], why="all of its counts are at their ends")
    assert area_sentences([*same, other])[1] == (
        "a: 1 mm2 stays, 50.00 % above 2 mm2: all of its counts are at their ends (on t, p=9)"
    )
    assert area_sentences([*same, other])[0].endswith(" (at 3 points, the first on t, p=0)")
    many = [made(area=(2000 + place) * 10**9, varied=[("p", str(place))]) for place in range(30)]
    assert area_sentences(many)[20:] == ["and 10 more like these; study.json has all"]


def test_what_is_far_from_the_area_of_all_is_told_in_per_cent():
    """A thousandth is near enough."""
    near, far = made(area=2 * MM2 + 2 * 10**9), made("b", area=MM2)
    assert far_sentences([near, far]) == ["b is not at equal area: 50.00 % below 2 mm2"]
    gathered = made_gathered([({"chip": "a"}, {"energy_aJ": (1, 2)}), ({"chip": "b"}, {"energy_aJ": (3, 4)})])
    told = caveats(gathered, Examples(areas=[near, far]))
    assert "b is not at equal area: 50.00 % below 2 mm2." in told


def test_what_differs_says_what_was_changed_for_the_area():
    """Beside the count, also where it has become that of the other chip."""
    chips = {"a": {"digital": {"lanes": {"value": 40, "set": "x"}}}, "b": {"digital": {"lanes": 40}}}
    [row] = differing(chips, changes={"a": [Change("digital.lanes", 16, 40)]})
    assert row.values == ("40 (equal area; was 16)", "40")
    assert differing(chips) == []


def test_equal_areas_are_in_no_verdict():
    """Nor in the trade-offs, unless the study asks for them by name."""
    figures = {"test_accuracy_percent": (90, 91), "energy_aJ": (1, 2), "area_mm2": (2.0, 2.0)}
    settings = [({"chip": chip}, figures) for chip in "ab"]

    def told(**more):
        gathered = made_gathered(settings, study=made_study(**more))
        return [one.key for one in leading(gathered)], [one.name for one in pareto_figures(gathered)]

    assert "area_mm2" in told()[0]
    assert "area_mm2" not in told(equal_area="largest")[0]
    assert "area_mm2" in told(equal_area="largest", metrics=("area_mm2",))[0]
    assert len(told()[1]) == len(told(equal_area="largest")[1]) + 1
    equal = made_gathered(settings, study=made_study(equal_area="largest"))
    assert "area_mm2" not in [one.key for one in ranged_metrics(equal)]
    assert "area_mm2" in [one.key for one in ranged_metrics(made_gathered(settings))]


def test_the_page_says_what_was_changed(tmp_path):
    """With the names of chips escaped."""
    gathered = made_gathered([({"chip": "a"}, {"energy_aJ": (1, 2)})])
    points = [made("<b>a</b>", changes=[Change("digital.lanes", 16, 40)])]
    page = write_study_page(gathered, tmp_path / "page.html", examples=Examples(areas=points))
    text = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;a&lt;/b&gt;: 1 mm2 became 2 mm2, which is 2 mm2: digital.lanes from 16 to 40" in text
    assert "<b>a</b>" not in text
