"""Given weights that are written with an error, and how far what cells hold is from what was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.net.inputs import initial_weights
from chipsim.result.files import load, save
from chipsim.run import prepare, simulate
from chipsim.run.first_writing import figures_of_writing, written_weights
from chipsim.run.weights import given_weights
from chipsim.spec import load_workload, shipped_names
from tests.resumed import StopAfter, differing
from tests.run.test_shipped import few
from tests.spec.messages import fails

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

RNG = np.random.default_rng(8)
GIVEN = {
    "a": RNG.uniform(-0.5, 0.5, (784, 30)),
    "a.bias": RNG.uniform(-0.5, 0.5, 30),
    "b": RNG.uniform(-0.25, 0.25, (30, 10)),
}
LAYERS = "[784, {kind: dense, units: 30, name: a}, {kind: dense, units: 10, name: b}]"
FEW = ("phases.0.dataset.train=20", "phases.0.dataset.test=10", "phases.0.epochs=2")


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Overrides that give two layers their weights."""
    np.savez(tmp_path / "given.npz", **GIVEN)
    monkeypatch.chdir(tmp_path)
    return [f"network.layers={LAYERS}", "network.weights=given.npz"]


def begun(chip, sets, *, seed=1):
    """A network whose weights have been written."""
    setup = prepare(chip, "mnist-5k", sets=sets, seed=seed)
    setup.rule.begin(seed=seed)
    return setup.rule


def wanted(index):
    """Weights of the file as a matrix has them, its biases last."""
    name = "ab"[index]
    biases = GIVEN.get(f"{name}.bias", np.zeros(GIVEN[name].shape[1]))
    return np.vstack([GIVEN[name], biases]).astype(np.float32)


def missed(network, index):
    """The error of a layer, by hand."""
    asked = wanted(index)
    return np.sqrt(np.mean((network.matrices[index].weights() - asked) ** 2)) / np.abs(asked).max()


def test_numbers_hold_what_they_are_given(given):
    """Without an error, and on a chip that computes in single precision, nothing is missed."""
    assert figures_of_writing(written_weights(begun("digital-fp32", given))) == {
        "programming_error_percent": 0,
        "programming_error_percent.a": 0,
        "programming_error_percent.b": 0,
    }


@pytest.mark.parametrize("percent", [2.5, 5, 10])
def test_error_is_a_share_of_the_largest_weight_of_each_layer(given, percent):
    """Standard deviation and mean of some 23,550 draws; biases have it too."""
    network = begun("digital-fp32", [*given, f"network.weights_error={percent} %"])
    away = [network.matrices[index].weights() - wanted(index) for index in (0, 1)]
    for index, one in enumerate(away):
        share = one / np.abs(wanted(index)).max()
        assert share.std() == pytest.approx(percent / 100, rel=4 / np.sqrt(2 * one.size))
        assert abs(share.mean()) < 4 * percent / 100 / np.sqrt(one.size)
    assert np.all(away[0][-1] != 0)
    told = figures_of_writing(written_weights(network))
    assert told["programming_error_percent.a"] == pytest.approx(100 * missed(network, 0))
    assert told["programming_error_percent.b"] == pytest.approx(100 * missed(network, 1))
    sizes = [wanted(index).size for index in (0, 1)]
    squares = sum(size * missed(network, index) ** 2 for index, size in enumerate(sizes))
    assert told["programming_error_percent"] == pytest.approx(100 * np.sqrt(squares / sum(sizes)))


def test_error_is_the_same_for_every_chip_and_another_for_each_seed(given):
    """And that of one layer does not hang on what another is given."""
    error = "network.weights_error=5 %"
    first = prepare("digital-fp32", "mnist-5k", sets=[*given, error], seed=1).rule.matrices
    same = prepare("hybrid-synapse", "mnist-5k", sets=[*given, error], seed=1).rule.matrices
    other = prepare("digital-fp32", "mnist-5k", sets=[*given, error], seed=2).rule.matrices
    alone = (
        given[0]
        .replace("name: a", "name: c")
        .replace("kind: dense, units: 30, name: c", "kind: dense, units: 30")
    )
    one = prepare("digital-fp32", "mnist-5k", sets=[alone, given[1], error], seed=1).rule.matrices
    for index in (0, 1):
        np.testing.assert_array_equal(first[index].given, same[index].given)
        assert not np.array_equal(first[index].given, other[index].given)
    np.testing.assert_array_equal(first[1].given, one[1].given)
    assert one[0].given is None


def test_frozen_layers_are_written_as_they_are_given(given):
    """The error is that of weights that learn on."""
    frozen = given[0].replace("name: a", "name: a, frozen: true")
    matrices = prepare(
        "digital-fp32", "mnist-5k", sets=[frozen, given[1], "network.weights_error=5 %"], seed=1
    ).rule.matrices
    np.testing.assert_array_equal(matrices[0].given, wanted(0))
    assert not np.array_equal(matrices[1].given, wanted(1))


def test_no_seed_draws_none(given):
    """Who only times a chip asks for the file alone."""
    work = load_workload("mnist-5k", sets=[*given, "network.weights_error=5 %"])
    np.testing.assert_array_equal(given_weights(work, seed=None).layers[0], wanted(0))
    assert given_weights(work, seed=None).wanted == {}


@pytest.mark.parametrize("states", [20, 200])
def test_rounding_to_pulses_is_an_error(given, states):
    """Of a uniform weight the root of a twelfth of a step, and no more where the range holds all."""
    sets = [*given, f"device.states={states}", "synapse.weight_range=1", "device.step_variation=0"]
    network = begun("single-pair", sets)
    told = figures_of_writing(written_weights(network))
    for name, index in (("a", 0), ("b", 1)):
        assert told[f"programming_error_percent.{name}"] == pytest.approx(100 * missed(network, index))
    rounding = 1 / states / np.sqrt(12)
    assert told["programming_error_percent.a"] == pytest.approx(100 * rounding / 0.5, rel=0.05)


def test_clipping_is_an_error(given):
    """Weights of up to a half on cells that hold a quarter: uniform ones beyond miss by their distance."""
    network = begun("single-pair", [*given, "device.states=4000", "synapse.weight_range=0.25"])
    # Half of the weights are clipped, by 0 to 0.25: the mean square is half of 0.25 squared by three.
    share = np.sqrt(0.25**2 / 3 / 2) / 0.5
    assert written_weights(network)["a"].share == pytest.approx(share, rel=0.05)


def test_error_of_the_file_and_of_the_chip_add_up(given):
    """Both are independent: 5 % with some percent of rounding."""
    sets = [*given, "device.states=10", "synapse.weight_range=2"]
    rounded = written_weights(begun("single-pair", sets))["a"].share
    both = written_weights(begun("single-pair", [*sets, "network.weights_error=5 %"]))["a"].share
    assert 0.03 < rounded < 0.2
    assert both == pytest.approx(np.hypot(rounded, 0.05), rel=0.05)


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_chip_says_what_its_writing_missed(architecture):
    """Of the weights that it draws as well, from what they are drawn as; of hidden ones, from their levels."""
    sets, _ = few("mnist-5k", architecture)
    setup = prepare(architecture, "mnist-5k", sets=sets, seed=1)
    setup.rule.begin(seed=1)
    told = figures_of_writing(written_weights(setup.rule))
    assert len(told) == 1 + len(setup.rule.matrices)
    assert all(value >= 0 for value in told.values())
    if setup.architecture.spec.rule.kind != "hidden-weights":
        drawn = initial_weights(setup.workload.spec.network, seed=1)
        for number, (matrix, asked) in enumerate(zip(setup.rule.matrices, drawn, strict=True), start=1):
            away = np.sqrt(np.mean((matrix.weights() - asked) ** 2)) / np.abs(asked).max()
            assert told[f"programming_error_percent.layer{number}"] == pytest.approx(100 * away)
    if architecture.startswith("digital"):
        assert set(told.values()) == {0}


def test_levels_miss_by_what_is_between_them(given):
    """A chip of levels is asked for the given weights, and for the level itself where it draws one."""
    levels = begun("metaplastic-qnn", given)
    assert written_weights(levels)["a"].share == pytest.approx(missed(levels, 0))
    exact = ["device.high[*].spread=0 uS", "device.low.spread=0 uS"]
    assert written_weights(begun("metaplastic-qnn", exact))["layer1"].share == pytest.approx(0, abs=1e-6)
    assert written_weights(begun("metaplastic-qnn", []))["layer1"].share > 1e-3


def test_results_say_it(given, tmp_path):
    """In the summary, by layer, saved and read; and after a run that was stopped went on."""
    sets = [*given, *FEW, "network.weights_error=5 %"]
    whole = simulate("digital-fp32", "mnist-5k", sets=sets)
    assert whole.summary["programming_error_percent"] == pytest.approx(5, rel=0.05)
    assert whole.summary["programming_error_percent.b"] == pytest.approx(5, rel=0.2)
    assert load(save(whole, tmp_path / "run")).summary == whole.summary
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    simulate("digital-fp32", "mnist-5k", progress=StopAfter(25), **how)
    assert differing(whole, simulate("digital-fp32", "mnist-5k", resume=True, **how)) == []


def test_who_writes_nothing_says_nothing(given):
    """A run that starts from another, and one that is only timed."""
    sets = [*given, *FEW, "network.weights_error=5 %"]
    first = simulate("single-pair", "mnist-5k", sets=sets, keep_state=True)
    then = simulate("single-pair", "mnist-5k", sets=sets, start=first)
    timed = simulate("single-pair", "mnist-5k", sets=sets, timing_only=True)
    assert "programming_error_percent" not in {**then.summary, **timed.summary}


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            ["network.weights_error=5 %"],
            "network.weights_error: nothing reads it: network.weights names no file; leave it out",
        ),
        (
            [f"network.layers={LAYERS}", "network.weights=x.npz", "network.weights_error=150 %"],
            "network.weights_error: must be between 0 and 1, not 1.5; written as '150 %'",
        ),
        (
            [f"network.layers={LAYERS}", "network.weights=x.npz", "network.weights_error=-1 %"],
            "network.weights_error: must be between 0 and 1, not -0.01; written as '-1 %'",
        ),
        (
            [
                "network.layers=[784, {kind: dense, units: 30, name: a, frozen: true}, 10]",
                "network.weights=x.npz",
                "network.weights_error=5 %",
            ],
            "network.weights_error: nothing reads it: no layer that learns is given weights; leave it out",
        ),
    ],
)
def test_errors_that_nobody_writes(sets, message):
    """Told with the description."""
    assert message in fails(load_workload, "mnist-5k", sets=sets)
