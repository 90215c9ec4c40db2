"""Runs that start from what another ended with: the same cells and hidden state, their own order and draws."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.errors import OutputError
from chipsim.net.network import Network
from chipsim.result.agreement import check_agreement
from chipsim.result.files import load, save
from chipsim.run import Options, simulate
from chipsim.spec import shipped_names
from tests.resumed import StopAfter, differing
from tests.run.test_shipped import few

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

FEW = ["phases.0.dataset.train=30", "phases.0.dataset.test=10", "phases.0.epochs=2"]


@pytest.fixture
def begun(monkeypatch):
    """Weights with which the first phase of each run began."""
    found = []
    begin = Network.begin_phase

    def noted(network, phase):
        found.append([matrix.weights() for matrix in network.matrices])
        begin(network, phase)

    monkeypatch.setattr(Network, "begin_phase", noted)
    return found


def trained(architecture="hybrid-synapse", *sets, workload="mnist-5k", **options):
    """A result of two short epochs."""
    return simulate(architecture, workload, sets=[*FEW, *sets], **options)


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_chip_starts_from_where_another_run_ended(architecture, begun, tmp_path):
    """With its weights, from its folder; its result agrees with itself, and tells what was carried over apart."""
    sets, _ = few("mnist-5k", architecture)
    sets.append("phases.0.epochs=2")
    first = simulate(architecture, "mnist-5k", sets=sets)
    save(first, tmp_path / "first")
    then = simulate(architecture, "mnist-5k", sets=sets, seed=5, start=tmp_path / "first")
    for name, whole in zip(("layer1", "layer2"), begun[-1], strict=False):
        assert np.array_equal(whole[: len(first.weights[name])].astype(np.float32), first.weights[name])
    check_agreement(then)
    assert then.summary["carried_pulses"] == sum(int(one.pulses.sum()) for one in first.wear)
    assert then.summary["carried_resets"] == first.summary["resets"]
    # Nothing is written before training: what its epochs did is all the wear there is.
    assert all(not row.pulses and not row.resets for row in then.arrays if row.epoch == 0)
    assert then.provenance["start"] == {
        "folder": str(tmp_path / "first"),
        "state_sha256": first.state.sha256,
        "architecture": architecture,
        "workload": "mnist-5k",
        "seed": 0,
        "epochs_run": first.summary["epochs_run"],
    }
    assert "carried_pulses" not in first.summary
    save(then, tmp_path / "then")
    assert load(tmp_path / "then") == then


def test_draws_are_those_of_the_new_seed():
    """The same start and seed give the same run, another seed another one; the start's own seed does not matter."""
    first = trained()
    one, same, other = (trained(seed=seed, start=first) for seed in (3, 3, 4))
    assert differing(one, same) == []
    assert differing(one, other) != []


def test_a_start_of_a_start_carries_both():
    """Wear goes on counting in the cells, each result tells its own and what went before."""
    first = trained("single-pair")
    second = trained("single-pair", start=first)
    third = trained("single-pair", start=second)
    before = first.summary["pulses"] + second.summary["pulses"]
    assert third.summary["carried_pulses"] == before
    worn = third.state.state()["chip"]["tile0"]["carrier"]["pairs"][0]["cells"][0]["pulses"]
    own = [next(one for one in each.wear if one.array == "tile0.pair+") for each in (first, second, third)]
    assert np.array_equal(worn, sum(one.pulses for one in own))


def test_one_that_was_stopped_goes_on(tmp_path):
    """From its checkpoint, which knows what was carried over; of another start it is refused."""
    first = trained("single-pair-rowwise")
    how = {"checkpoint": tmp_path / "state", "start": first}
    whole = trained("single-pair-rowwise", start=first)
    trained("single-pair-rowwise", progress=StopAfter(1), **how)
    assert differing(whole, trained("single-pair-rowwise", resume=True, **how)) == []
    with pytest.raises(
        OutputError, match=r"the run that it starts from was [0-9a-f]{40}…, and is none; give"
    ):
        trained("single-pair-rowwise", checkpoint=tmp_path / "state", resume=True)


def test_weights_come_from_one_place_alone():
    """Cells that hold what another run ended with are not written over by what software learns."""
    first = trained("single-pair")
    data = "dataset: {name: mnist-5k, train: 30, test: 10}"
    phases = f"phases=[{{name: a, epochs: 1, {data}, software: {{trained_as: numbers}}}}, {{name: b, epochs: 1, {data}}}]"
    with pytest.raises(OutputError) as caught:
        simulate("single-pair", "mnist-5k", sets=[phases], start=first)
    assert str(caught.value) == (
        "the result that is given: its cells hold what it ended with, and phase 'a' trains in software what would "
        "be written over that; leave one of the two out"
    )


def test_more_epochs_learn_more():
    """Two runs one after the other come to about what one long run does, and to more than the first."""
    sets = ["phases.0.dataset.train=300", "phases.0.dataset.test=200", "phases.0.epochs=3"]
    first = simulate("digital-fp32", "mnist-5k", sets=sets)
    then = simulate("digital-fp32", "mnist-5k", sets=sets, start=first)
    assert then.summary["test_accuracy_percent"] > first.summary["test_accuracy_percent"]
    assert then.epochs[0].loss < first.epochs[-1].loss


def test_other_chips_and_networks_are_refused(tmp_path):
    """Before anything is trained, with what differs."""
    first = trained("single-pair")
    words = "the result that is given: its cells are of another chip, which differs in device; start from"
    with pytest.raises(OutputError, match=words):
        trained("single-pair", "device.states=11", start=first)
    with pytest.raises(OutputError, match="its cells are of another chip, which differs in synapse; start"):
        trained("hybrid-synapse", start=first)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            ["network.layers=[784, 9, 10]"],
            (
                "its network is 784-250-10 (weights 785 x 250, 251 x 10), and this one is 784-9-10 (weights 785 x 9, "
                "10 x 10) (network.layers); start from a run of the same network"
            ),
        ),
        (
            ["network.layers=[784, 250, 250, 10]"],
            (
                "its network is 784-250-10 (weights 785 x 250, 251 x 10), and this one is 784-250-250-10 (weights "
                "785 x 250, 251 x 250, 251 x 10) (network.layers); start from a run of the same network"
            ),
        ),
        (
            ["network.bias=false"],
            "its network has biases, and this one has no biases (network.bias); start from a run of the same network",
        ),
        (
            ["batch=10", "network.normalisation={state: shared}"],
            (
                "its network is not normalised, and this one is normalised alike for all tasks (network.normalisation); "
                "start from a run of the same network"
            ),
        ),
    ],
)
def test_runs_of_another_shape_are_refused(sets, message, tmp_path, monkeypatch):
    """Before the first weight is written, by what each said; of a folder by its name."""
    monkeypatch.chdir(tmp_path)
    save(trained("digital-fp32"), "first")
    monkeypatch.setattr(Network, "begin", lambda *_, **__: pytest.fail("it has begun"))
    with pytest.raises(OutputError) as caught:
        trained("digital-fp32", *sets, start="first")
    assert str(caught.value) == f"first: {message}"


def test_other_normalisations_are_refused():
    """Kept for each task, or with the last layer, are other figures."""
    how = "network.normalisation={state: shared, output: %s}"
    first = trained("digital-fp32", "batch=10", how % "false")
    words = "its network is normalised alike for all tasks, its last layer apart, and this one is normalised alike"
    with pytest.raises(OutputError, match=words):
        trained("digital-fp32", "batch=10", how % "true", start=first)


def test_moments_that_nobody_kept_are_missed():
    """Gradient descent leaves none for Adam; the other way round they are left alone."""
    sets = ("phases.0.dataset.train=10", "learning_rate=0.01")
    plain = trained("metaplastic-qnn", *sets, "rule.optimiser=sgd")
    words = (
        "its memory does not hold layer0.first and layer0.second, which the rule keeps here; start from a run"
    )
    with pytest.raises(OutputError, match=words):
        trained("metaplastic-qnn", *sets, start=plain)
    adam = trained("metaplastic-qnn", *sets)
    assert trained("metaplastic-qnn", *sets, "rule.optimiser=sgd", start=adam).summary["complete"]


def test_a_run_that_was_cut_off_is_no_start(tmp_path):
    """Killed, it left a checkpoint and no result; whoever reads it is told to go on from there."""
    folder = tmp_path / "killed"
    folder.mkdir()
    trained("digital-fp32", checkpoint=folder / "checkpoint.npz", progress=StopAfter(40))
    with pytest.raises(OutputError) as caught:
        Options(start=folder)
    assert str(caught.value) == (
        f"{folder}: holds no result yet, for its run has not ended; wait for it, or where it was cut off go on from "
        "its checkpoint: give 'chipsim run' the same again, with --resume"
    )


@pytest.mark.parametrize("encodings", [("deterministic", "stochastic"), ("stochastic", "deterministic")])
def test_pulses_may_be_encoded_otherwise(encodings):
    """Random words are no part of what is carried over, and so it does not matter who has some."""
    before, now = (f"update.encoding={encoding}" for encoding in encodings)
    first = trained("single-pair", before)
    then = trained("single-pair", now, start=first)
    check_agreement(then)
    assert then.summary["carried_pulses"] == first.summary["pulses"]


def test_notes_make_no_other_cells(tmp_path):
    """A chip that extends the first one, or sets a value to what it was, has the same cells."""
    first = trained("single-pair")
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: single-pair\nname: mine\n", encoding="utf-8")
    states = first.chip["device"]["states"]
    same = states["value"] if isinstance(states, dict) else states
    then = trained(mine, f"device.states={same}", start=first)
    assert then.summary["carried_pulses"] == first.summary["pulses"]


def test_tasks_that_left_their_figures_need_a_phase():
    """The memory has room for the tasks of one workload."""
    sets, _ = few("mnist-5k-permuted")
    first = simulate("plain-qnn", "mnist-5k-permuted", sets=sets)
    again = simulate("plain-qnn", "mnist-5k-permuted", sets=sets, start=first)
    assert again.summary["complete"]
    renamed = [*sets, "phases.2.task=another"]
    with pytest.raises(
        OutputError,
        match=r"the memory holds the normalisation of task '.*', which this workload does not have",
    ):
        simulate("plain-qnn", "mnist-5k-permuted", sets=renamed, start=first)


def test_results_from_which_nothing_starts_are_refused(tmp_path):
    """Stopped, without a state, only timed, or no result at all."""
    stopped = trained("single-pair", progress=StopAfter(1))
    with pytest.raises(OutputError, match="was stopped before its end; finish it first, with --resume"):
        Options(start=stopped)
    for without in (trained("single-pair", timing_only=True), trained("single-pair", keep_state=False)):
        with pytest.raises(OutputError, match="was saved without the state that it ended with"):
            Options(start=without)
    with pytest.raises(OutputError, match="there is no such folder"):
        Options(start=tmp_path / "none")
    with pytest.raises(TypeError, match="start must be a run folder, a result, or None, not of type int"):
        Options(start=3)
    with pytest.raises(ValueError, match="a run that is only timed has no cells that could start"):
        Options(start=trained("single-pair"), timing_only=True)


def test_a_state_that_is_none_is_refused():
    """Whatever its bytes are."""
    first = trained("single-pair")
    bad = attrs.evolve(first, state=type(first.state)(b"nothing"))
    with pytest.raises(OutputError, match="the state of the result cannot be read"):
        trained("single-pair", start=bad)
