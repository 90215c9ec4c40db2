"""Scenarios are made once, and again when what they describe has changed."""

import json

import attrs
import pytest

from chipsim.errors import DescriptionError, DivergedError, OutputError
from chipsim.result.files import claimed, load
from chipsim.study.scenarios import Claim, Scenario, claim_table, run_scenario
from chipsim.version import this_code, versions
from tests.results_made import sealed, without_digests

SHORT = ("phases.0.dataset.train=20", "phases.0.dataset.test=20")


def scenario(*sets, seed=0):
    """A run of one epoch over twenty digits."""
    return Scenario(
        name="short",
        architecture="hybrid-synapse",
        workload="mnist-5k",
        sets=(*SHORT, *sets),
        epochs=1,
        seed=seed,
    )


def test_a_result_that_is_there_is_kept(tmp_path):
    """The second time nothing is simulated, and the result is the same."""
    said = []
    first = run_scenario(scenario(), tmp_path, say=said.append)
    again = run_scenario(scenario(), tmp_path, say=said.append)
    assert again == first
    assert said[-1] == "short: kept"
    assert first.provenance["scenario"] == scenario().command


@pytest.mark.parametrize("changed", [scenario("device.states=10"), scenario(seed=1)])
def test_another_command_is_run_anew(tmp_path, changed):
    """A folder of the same name that holds another run does not count."""
    run_scenario(scenario(), tmp_path)
    assert run_scenario(changed, tmp_path).provenance["scenario"] == changed.command


def test_a_result_of_other_numbers_is_made_anew(tmp_path):
    """The same command means another run when the file behind the name has changed; a new source does not."""
    said = []
    run_scenario(scenario(), tmp_path)
    file = tmp_path / "short" / "description.json"
    saved = json.loads(file.read_text())
    saved["chip"]["device"]["states"]["source"] = "reworded"
    file.write_text(json.dumps(saved))
    sealed(tmp_path / "short")
    run_scenario(scenario(), tmp_path, say=said.append)
    assert said == ["short: kept"]
    saved["chip"]["device"]["states"]["value"] = 49
    file.write_text(json.dumps(saved))
    sealed(tmp_path / "short")
    assert run_scenario(scenario(), tmp_path, say=said.append).chip["device"]["states"]["value"] == 50
    assert said[1:3] == [
        "short: made again, for what is kept was made from another chip",
        f"short: {scenario().command}",
    ]


def changed_record(folder, **changes):
    """What is kept, as if another chipsim, or another machine, had left it."""
    file = folder / "provenance.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    return sealed(folder)


NUMPY = versions() | {"numpy": "1.0"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"code": {"sha256": "0" * 64, "commit": None, "changed": False}},
            f"was made by other code (000000000000, and this is {this_code().sha256[:12]})",
        ),
        ({"code": None}, "was made by a chipsim that does not say which code it is"),
        ({"versions": NUMPY}, f"was made with numpy 1.0, and this is {versions()['numpy']}"),
        ({"datasets": [{"checksum": "other"}]}, "was trained on other data"),
        ({"scenario": "chipsim run other"}, "was made by another command"),
    ],
)
def test_what_is_kept_of_others_is_made_again(tmp_path, changes, why):
    """Other code, other packages, other data: one line says why, and the run is made anew."""
    first = run_scenario(scenario(), tmp_path)
    changed_record(tmp_path / "short", **changes)
    said = []
    again = run_scenario(scenario(), tmp_path, say=said.append)
    assert said[:2] == [f"short: made again, for what is kept {why}", f"short: {scenario().command}"]
    assert again.provenance["code"] == first.provenance["code"]
    assert run_scenario(scenario(), tmp_path, say=said.append) == again
    assert said[-1] == "short: kept"


def test_what_is_kept_without_digests_is_made_again(tmp_path):
    """A result of the version before does not say its code, so nobody knows whether it is the same."""
    run_scenario(scenario(), tmp_path)
    without_digests(changed_record(tmp_path / "short", code=None))
    said = []
    run_scenario(scenario(), tmp_path, say=said.append)
    assert said[0] == (
        "short: made again, for what is kept was made by a chipsim that does not say which code it is"
    )


def test_wrong_descriptions_leave_nothing_behind(tmp_path):
    """A scenario with an unknown key fails with the problem, and no folder is made."""
    with pytest.raises(DescriptionError, match="unknown key 'state'"):
        run_scenario(scenario("device.state=10"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_claims_stand_one_a_line():
    """A published figure beside ours, with a verdict and its source."""
    claim = Claim(what="accuracy", published="97 %", ours="96.9 %", source="a paper", verdict="reached")
    assert claim_table([claim]).splitlines()[-1] == "| accuracy | 97 % | 96.9 % | reached | a paper |"


def test_a_scenario_that_another_process_runs_is_refused(tmp_path):
    """Two studies in one folder never train the same run at once."""
    with (
        claimed(tmp_path / "short"),
        pytest.raises(OutputError, match=r"short: another run writes its results here \(process \d+ on "),
    ):
        run_scenario(scenario(), tmp_path)


def test_a_kept_scenario_is_read_while_others_read_it(tmp_path):
    """Only making a run needs its folder alone; two reports may be made of the same runs at once."""
    made = run_scenario(scenario(), tmp_path)
    with claimed(tmp_path / "short", overwrite=True):
        assert run_scenario(scenario(), tmp_path) == made


@pytest.mark.parametrize("name", ["description.json", "summary.json", "wear.parquet"])
def test_a_damaged_result_is_made_again(tmp_path, name):
    """A kept run that cannot be read does not end the study: what is wrong is said, and it is made anew."""
    made = run_scenario(scenario(), tmp_path)
    (tmp_path / "short" / name).write_text("{", encoding="utf-8")
    said = []
    assert run_scenario(scenario(), tmp_path, say=said.append).epochs == made.epochs
    assert said[0].startswith(f"short: made again, for {tmp_path}/short")
    assert said[1] == f"short: {scenario().command}"


def test_a_scenario_that_diverges_is_kept_as_far_as_it_went(tmp_path, monkeypatch):
    """Its finished epochs are saved, marked as stopped, and the study ends with the cause."""
    partial = run_scenario(scenario(), tmp_path / "whole")
    partial = attrs.evolve(partial, summary={**partial.summary, "complete": False})
    error = DivergedError("training diverged")
    error.result = partial

    def diverges(*_, **__):
        raise error

    monkeypatch.setattr("chipsim.study.scenarios.simulate", diverges)
    with pytest.raises(DivergedError, match=r"^training diverged$"):
        run_scenario(scenario(), tmp_path)
    assert load(tmp_path / "short").epochs == partial.epochs
