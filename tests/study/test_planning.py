"""Which runs a scenario asks for, and what is told before the first is made."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError
from chipsim.limits import RUNS
from chipsim.spec.study_file import read_study
from chipsim.study.planning import plan_study
from tests.spec.messages import fails
from tests.study.made import scenario, small

PAIRS = ["single-pair", "hybrid-synapse"]


def problems(**said):
    with pytest.raises(DescriptionError) as caught:
        plan_study(scenario(**said))
    return [str(problem) for problem in caught.value.problems]


def test_every_combination_seed_by_seed():
    """All points with the first seed, then all with the next."""
    plan = plan_study(small(architectures=PAIRS, vary={"device.states": [10, 20]}, seeds=[3, 5]))
    told = [(run.seed, run.chip, run.varied[0][1]) for run in plan.runs]
    points = [(chip, states) for chip in PAIRS for states in ("10", "20")]
    assert told == [(seed, *point) for seed in (3, 5) for point in points]
    assert len({run.id for run in plan.runs}) == 8


def test_paths_that_go_together():
    """One point for each pair of values, not for each combination."""
    plan = plan_study(small(vary=[{"device.states": [10, 20], "learning_rate": [1, 2]}]))
    assert [dict(run.varied) for run in plan.runs] == [
        {"device.states": "10", "learning_rate": "1"},
        {"device.states": "20", "learning_rate": "2"},
    ]


def test_what_is_varied_for_some_chips():
    """The others run once."""
    plan = plan_study(
        small(
            architectures=["single-pair", "digital-fp32"],
            vary=[{"device.states": [10, 20], "only": ["single-pair"]}],
        )
    )
    assert [(run.chip, run.varied) for run in plan.runs] == [
        ("single-pair", (("device.states", "10"),)),
        ("single-pair", (("device.states", "20"),)),
        ("digital-fp32", ()),
    ]


def test_devices_are_varied_by_name_and_by_path(tmp_path):
    """A path counts from the folder of the scenario, and runs are told its whole path; changes come behind."""
    cell = "extends: reram-array-om\nname: ours\nabout: Ours.\ndevice: {area: {value: 1 um2, source: us}}\n"
    (tmp_path / "ours.yaml").write_text(cell, encoding="utf-8")
    said = {"architectures": ["set-reset-transfer"], "workloads": ["mnist-5k-transfer"]}
    vary = {"device": ["reram-array-om", "reram-array-hfo2", "./ours.yaml"], "device.states": [30]}
    (tmp_path / "cells.yaml").write_text(str({"name": "cells", **said, "vary": vary}), encoding="utf-8")
    plan = plan_study(read_study(tmp_path / "cells.yaml"))
    ours = (tmp_path / "ours.yaml").as_posix()
    assert [run.varied[0][1] for run in plan.runs] == ["reram-array-om", "reram-array-hfo2", ours]
    assert plan.runs[2].sets == (f"device={ours}", "device.states=30")
    unknown = {"name": "cells", **said, "set": {"device": "reram"}}
    told = fails(plan_study, scenario(**unknown))
    assert "set.device: device: there is no device 'reram'; known: ag-a-si, alox-hfo2, " in told


def test_a_device_of_the_user_by_name_is_told_by_its_path(tmp_path, monkeypatch):
    """As a chip is: a run that is made in another folder finds the same one. What ships keeps its name."""
    cell = "extends: reram-array-om\nname: ours\nabout: Ours.\ndevice: {area: {value: 1 um2, source: us}}\n"
    (tmp_path / "ours.yaml").write_text(cell, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = {"architectures": ["set-reset-transfer"], "workloads": ["mnist-5k-transfer"]}
    plan = plan_study(scenario(**said, vary={"device": ["ours", "reram-array-om"]}))
    whole = (tmp_path / "ours.yaml").as_posix()
    assert [run.sets for run in plan.runs] == [(f"device={whole}",), ("device=reram-array-om",)]
    assert [run.varied[0][1] for run in plan.runs] == ["ours", "reram-array-om"]


def test_order_of_overrides():
    """Those held equal, the chip's, the workload's, the cost set, and what is varied."""
    chip = {"architecture": "single-pair", "label": "a", "set": {"device.states": 10}}
    task = {"workload": "mnist-5k", "label": "b", "set": {"phases[*].epochs": 1}}
    plan = plan_study(
        scenario(
            architectures=[chip], workloads=[task], set={"learning_rate": 1}, costs=["isaac-32nm"],
            vary={"tile.rows": [512]},
        )
    )  # fmt: skip
    (run,) = plan.runs
    assert run.sets == (
        "learning_rate=1", "device.states=10", "phases[*].epochs=1", "costs=isaac-32nm", "tile.rows=512",
    )  # fmt: skip
    assert run.costs == "isaac-32nm"


def test_a_path_that_some_chips_lack():
    """It says which, and how to vary it for the others."""
    told = problems(architectures=["single-pair", "digital-fp32"], vary={"device.states": [10]})
    assert len(told) == 1
    assert "(for digital-fp32 on mnist-5k); what is varied for some chips alone names them" in told[0]


def test_a_path_that_no_chip_has():
    """Once, however many points share it."""
    told = problems(architectures=PAIRS, vary={"device.sttes": [10], "learning_rate": [1, 2, 3]})
    assert len(told) == 1
    assert "did you mean 'states'" in told[0]


def test_problems_stand_in_the_file(tmp_path):
    """With the line of the override, wherever it is."""
    file = tmp_path / "a.yaml"
    file.write_text(
        "name: a\narchitectures:\n  - architecture: single-pair\n    label: x\n    set:\n      tile.rows: 0\n"
        "workloads: [mnist-5k]\nset:\n  batch: 0\nvary:\n  device.states: [1, 50]\n"
    )
    with pytest.raises(DescriptionError) as caught:
        plan_study(read_study(file))
    assert [(problem.file, problem.line) for problem in caught.value.problems] == [
        (str(file), line) for line in (6, 9, 11)
    ]


def test_names_that_are_not_there():
    """Chip, workload and cost set, all at once."""
    told = "\n".join(problems(architectures=["singel-pair"], workloads=["mnist-5k", "mnits"], costs=["x"]))
    assert "there is no cost set 'x'" in told
    assert "did you mean 'single-pair'" in told
    assert "there is no workload 'mnits'" in told


def test_an_override_of_which_nothing_is_left():
    """What is held equal cannot be varied."""
    told = problems(set={"device.states": 10}, vary={"device.states": [20]})
    assert told == ["vary.device.states: device.states=10 is replaced by device.states=20; give one of them"]


def test_an_override_that_stands_twice(tmp_path):
    """Told by file and line, in the words of the file, and together with all else that is wrong."""
    file = tmp_path / "twice.yaml"
    file.write_text(
        "name: twice\narchitectures: [singel-pair]\nworkloads: [mnist-5k]\n"
        "set:\n  - device.states=10\n  - device.states=20\n"
    )
    with pytest.raises(DescriptionError) as caught:
        plan_study(read_study(file))
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 2
    assert told[0].startswith(f"{file}:2: architectures.0: there is no chip 'singel-pair'; known: ")
    assert told[1] == f"{file}:5: set.0: device.states=10 is replaced by device.states=20; give one of them"


def test_two_points_that_are_one_run():
    """They would count twice."""
    chips = ["single-pair", {"architecture": "single-pair", "label": "again"}]
    assert "differ in nothing that decides a run" in problems(architectures=chips)[0]
    assert "differ in nothing" in problems(vary={"learning_rate": [1, 1.0]})[0]


def test_more_runs_than_can_be():
    """Billions of combinations are not even counted one by one."""
    many = {"from": 1, "to": 10_000, "step": 1}
    told = problems(vary={"a": many, "b": many, "c": many})
    assert f"{10**12:,} runs, and a study has {RUNS:,} at most" in told[0]


def test_a_network_that_does_not_fit():
    """Placing is part of the check."""
    told = problems(vary={"tile.count": [1]})
    assert "vary.tile.count" in told[0] or "tile" in told[0]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"metric": "energy"}, "unknown metric 'energy'"),
        ({"metric": "architecture"}, "unknown metric 'architecture'"),
        ({"of": {"device.states": 30}}, "claims.0.of: fits no run of the study; chips: single-pair"),
        ({"compare": "ratio", "against": {"device.states": 10}}, "is the same runs as of"),
        (
            {"compare": "ratio", "against": {"device.states": 30}},
            "claims.0.against: fits no run of the study",
        ),
        (
            {"compare": "ratio", "against": {"chip": "single-pair"}},
            "fits no other run that is held against single-pair on mnist-5k, device.states=10",
        ),
        ({"of": {"costs": "cmos-32nm"}}, "claims.0.of: fits no run of the study"),
    ],
)
def test_claims_on_what_is_not_run(claim, message):
    """A claim is held against runs that are made, by a figure that a result has."""
    whole = {
        "claim": "c", "metric": "energy_aJ", "of": {"device.states": 10}, "published": 1, "source": "s", **claim,
    }  # fmt: skip
    assert message in "\n".join(problems(vary={"device.states": [10, 20]}, claims=[whole]))


def of_two_chips(**claim):
    """What is wrong with a claim on two chips, the second of which is varied."""
    whole = {"claim": "c", "metric": "energy_aJ", "published": 1, "source": "s", **claim}
    chips = ["digital-fp32", "single-pair"]
    vary = [{"device.states": [10, 20], "only": ["single-pair"]}]
    return small(architectures=chips, vary=vary, costs=["cmos-32nm"], claims=[whole])


def test_a_claim_of_a_whole_curve():
    """It is held at each point of what is varied, so that all of them are what it may be of."""
    for side in ({}, {"compare": "ratio", "against": {"chip": "digital-fp32"}}):
        assert len(plan_study(of_two_chips(of={"chip": "single-pair"}, **side)).runs) == 3


def test_a_claim_with_several_other_sides():
    """It would not be held after the runs, so it is refused before them."""
    claim = {"of": {"chip": "digital-fp32"}, "compare": "ratio", "against": {"chip": "single-pair"}}
    with pytest.raises(DescriptionError) as caught:
        plan_study(of_two_chips(**claim))
    assert str(caught.value) == (
        "claims.0.against: fits 2 points for digital-fp32 on mnist-5k, costs=cmos-32nm, such as single-pair "
        "on mnist-5k, device.states=10, costs=cmos-32nm and single-pair on mnist-5k, device.states=20, "
        "costs=cmos-32nm; say which"
    )


def test_a_claim_that_names_the_one_cost_set():
    """That of the study may be named where there is no other to tell it from."""
    assert plan_study(of_two_chips(of={"chip": "digital-fp32", "costs": "cmos-32nm"})).runs
    with pytest.raises(DescriptionError, match=r"claims\.0\.of: fits no run of the study"):
        plan_study(of_two_chips(of={"chip": "digital-fp32", "costs": "isaac-32nm"}))


def test_unknown_metrics():
    """Told with what is meant."""
    assert "did you mean 'energy_aJ'" in problems(metrics=["enrgy_aJ"])[0]


def test_what_a_chip_does_not_read_is_remarked():
    """A value that is varied in vain would look like a chip that does not mind."""
    plan = plan_study(small(vary={"costs.selector.add": ["1 fJ", "2 fJ"]}))
    assert any("selector" in text for text in plan.remarks)


def test_too_few_seeds_for_so_many_settings_are_told_before_anything_runs():
    """Twelve settings of three seeds: Student's t at 2 x 5 % / 11 over the root of three is six."""
    vary = {"device.states": list(range(10, 22))}
    told = plan_study(small(vary=vary, seeds=3)).remarks[0]
    assert told == (
        "with 3 seeds, of 12 settings only those are told apart from the best that differ from it by 6 standard "
        "deviations over seeds; with 5 seeds 2.1 are enough"
    )
    assert not any("seeds" in remark for remark in plan_study(small(vary=vary, seeds=5)).remarks)
    assert not any("seeds" in remark for remark in plan_study(small(vary=vary, seeds=1)).remarks)


def test_accuracies_of_tasks_that_nobody_learns():
    """A typo after the dot, in what is led with and in claims, and a task of the other workload."""
    claim = {"claim": "c", "metric": "test_accuracy_percent.permutet", "of": {"task": "mnist-5k-permuted"}}
    other = {**claim, "metric": "test_accuracy_percent.permuted", "of": {"task": "mnist-5k"}}
    claims = [{**each, "published": 1, "source": "s"} for each in (claim, other)]
    metrics = ["test_accuracy_percent.digits", "test_accuracy_percent.nosuch"]
    told = problems(workloads=["mnist-5k", "mnist-5k-permuted"], metrics=metrics, claims=claims)
    assert len(told) == 3
    assert "metrics.1: there is no task 'nosuch' to measure" in told[0]
    assert "claims.0.metric: there is no task 'permutet'" in told[1]
    assert "did you mean 'permuted'" in told[1]
    assert "claims.1.metric: there is no task 'permuted'" in told[2]
