"""Phases in software: what they learn, what of it reaches the chip, and that the chip pays for none of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from chipsim.data import from_arrays
from chipsim.device.randomness import generator
from chipsim.errors import DivergedError
from chipsim.net.network import Network
from chipsim.report.unused import unused
from chipsim.result.extent import planned_epochs
from chipsim.result.files import load, save
from chipsim.result.reaching import reach
from chipsim.run import simulate
from chipsim.run.options import Options
from chipsim.run.progress import Watcher
from chipsim.run.sameness import is_same_run
from chipsim.spec import shipped_names
from tests.resumed import StopAfter, differing
from tests.run.test_shipped import few
from tests.shipped import ONE_ARRAY

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

DATA = "dataset: {name: mnist-5k, train: 60, test: 40}"
NUMBERS = "{trained_as: numbers}"
DEVICE = "{trained_as: device}"


def phases(*ways, epochs=2):
    """Phases in software, each in its way, and one on the chip."""
    before = [
        f"{{name: before{place}, epochs: {epochs}, {DATA}, software: {way}}}"
        for place, way in enumerate(ways)
    ]
    return f"phases=[{', '.join([*before, f'{{name: train, epochs: 1, {DATA}}}'])}]"


def run(chip, *ways, sets=(), **more):
    """A short run of a small network."""
    small = ["network.layers=[784, 9, 10]", phases(*ways), *sets]
    return simulate(chip, "mnist-5k", sets=small, **more)


def own_seed(seed):
    """The seed of what is drawn in software."""
    return int(generator(seed, "software").integers(2**31))


@pytest.fixture
def given(monkeypatch):
    """Weights of cells, and what they were given, when the first phase of a network began."""
    found = []
    begin = Network.begin_phase

    def noted(network, phase):
        held = [matrix.weights() for matrix in network.matrices]
        found.append((phase.name, held, [matrix.given for matrix in network.matrices]))
        begin(network, phase)

    monkeypatch.setattr(Network, "begin_phase", noted)
    return lambda: next((held, wanted) for name, held, wanted in reversed(found) if name == "train")


def of_layers(result):
    """Weights that a result ended with, a bias below each layer."""
    kept = result.weights
    return [np.vstack([kept[name], kept[f"{name}.bias"]]) for name in ("layer1", "layer2")]


# --- what is learnt -----------------------------------------------------------------------------------


def test_numbers_are_what_the_digital_chip_would_learn(given):
    """To the bit, where samples go one by one: from first weights and in an order of their own seed."""
    result = run("digital-fp32", NUMBERS, seed=3)
    held, _ = given()
    alone = ["network.layers=[784, 9, 10]", f"phases=[{{name: a, epochs: 2, {DATA}}}]"]
    digital = simulate("digital-fp32", "mnist-5k", sets=alone, seed=own_seed(3))
    for mine, its in zip(held, of_layers(digital), strict=True):
        assert np.array_equal(mine.astype(np.float32), its)
    assert [row.loss for row in result.software] == [row.loss for row in digital.epochs]
    accuracies = [row.test_accuracy_percent for row in digital.epochs]
    assert [row.test_accuracy_percent for row in result.software] == accuracies
    assert result.summary.transferred_test_accuracy_percent == accuracies[-1]


@pytest.mark.parametrize("chip", ["single-pair", "metaplastic-qnn"])
def test_a_model_of_the_chip_is_the_chip_of_another_seed(chip, given):
    """Trained by the chip's rule, with other cells; what these hold is transferred."""
    result = run(chip, DEVICE, seed=1)
    _, wanted = given()
    alone = ["network.layers=[784, 9, 10]", f"phases=[{{name: a, epochs: 2, {DATA}}}]"]
    other = simulate(chip, "mnist-5k", sets=alone, seed=own_seed(1))
    for mine, its in zip(wanted, of_layers(other), strict=True):
        assert np.array_equal(mine, its)
    assert [row.loss for row in result.software] == [row.loss for row in other.epochs]
    assert {row.trained_as for row in result.software} == {"device"}


def test_phases_of_two_ways_go_on_from_each_other():
    """Numbers first, then a model of the chip: the second begins where the first ended."""
    both = run("single-pair", NUMBERS, DEVICE)
    assert [row.trained_as for row in both.software] == ["numbers"] * 2 + ["device"] * 2
    assert [row.epoch for row in both.software] == [1, 2, 3, 4]
    assert both.software[2].loss < both.software[0].loss
    assert both.summary.software_epochs == 4


def test_adam_and_batches_of_its_own_learn():
    """Whatever the chip's rule and the workload's batch are."""
    way = "{trained_as: numbers, optimiser: adam, batch: 6}"
    adam = run("single-pair", way, sets=["learning_rate={sgd: 0.1, adam: 0.01}"])
    assert adam.software[1].loss < adam.software[0].loss
    assert differing(adam, run("single-pair", NUMBERS)) != []


# --- noise --------------------------------------------------------------------------------------------

TWO = [9, 5, 2]


def made():
    """Two classes of images of nine pixels."""
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 2
    images = rng.random((30, 9)) * 0.5 + 0.4 * labels[:, None] * (np.arange(9) % 2)
    return from_arrays("mine", train=(images, labels), test=(images, labels))


def twin(data, *, seed, noise, batch, rate, epochs):
    """Weights that noisy training comes to, in numpy: logistic units, softmax, cross-entropy."""
    draws = generator(seed, "network")
    sizes = list(itertools.pairwise(TWO))
    weights = [0.3 * draws.standard_normal((rows + 1, columns)) for rows, columns in sizes]
    order, away = generator(seed, "data"), generator(seed, "noise")
    for _ in range(epochs):
        places = order.permutation(30)
        for start in range(0, 30, batch):
            chosen = places[start : start + batch]
            noisy = [
                one + noise * np.abs(one).max() * away.standard_normal(one.shape, np.float32)
                for one in weights
            ]
            ones = np.ones((len(chosen), 1))
            first = np.hstack([data.train_images[chosen], ones])
            second = np.hstack([1 / (1 + np.exp(-first @ noisy[0])), ones])
            shares = np.exp(second @ noisy[1])
            errors = shares / shares.sum(axis=1, keepdims=True)
            errors[np.arange(len(chosen)), data.train_labels[chosen]] -= 1
            hidden = second[:, :-1]
            back = (errors @ noisy[1].T)[:, :-1] * hidden * (1 - hidden)
            weights[0] = weights[0] - rate / len(chosen) * first.T @ back
            weights[1] = weights[1] - rate / len(chosen) * second.T @ errors
    return weights


@pytest.mark.parametrize(("noise", "batch"), [(0, 7), (0.2, 7), (0.2, 1)])
def test_noise_is_that_of_the_definition(noise, batch, given):
    """Against plain numpy: drawn anew for every batch, in both passes, and gone before the update."""
    way = f"{{trained_as: numbers, batch: {batch}, weight_noise: {noise}}}"
    said = "dataset: {name: mine}"
    both = f"{{name: a, epochs: 3, {said}, software: {way}}}, {{name: train, epochs: 1, {said}}}"
    rates = ["learning_rate=0.7", "network.initial_weights=0.3", "network.layers=[9, 5, 2]"]
    data = made()
    simulate("digital-fp32", "mnist-5k", sets=[f"phases=[{both}]", *rates], datasets={"mine": data})
    held, _ = given()
    expected = twin(data, seed=own_seed(0), noise=noise, batch=batch, rate=0.7, epochs=3)
    for mine, its in zip(held, expected, strict=True):
        assert np.allclose(mine, its, rtol=0, atol=2e-5)


def test_tests_are_without_noise(given):
    """The last test in software is of the weights that are transferred."""
    result = run("digital-fp32", "{trained_as: numbers, batch: 10, weight_noise: 50 %}")
    said = result.summary
    assert said.transferred_test_accuracy_percent == said.software_test_accuracy_percent


# --- the transfer -------------------------------------------------------------------------------------


def test_every_chip_is_given_the_same_weights(given):
    """Of one seed, error and all; another seed has others."""
    found = []
    for chip, seed in (("single-pair", 0), ("digital-fp32", 0), ("single-pair", 1)):
        run(chip, NUMBERS, sets=["transfer_error=5 %"], seed=seed)
        found.append(given()[1])
    assert all(map(np.array_equal, found[0], found[1]))
    assert not any(map(np.array_equal, found[0], found[2]))


def test_the_error_is_a_share_of_the_largest_weight(given):
    """Gaussian, of its own generator, the layers one after another."""
    run("digital-fp32", NUMBERS)
    without, _ = given()
    run("digital-fp32", NUMBERS, sets=["transfer_error=5 %"])
    held, _ = given()
    draws = generator(0, "transfer")
    for mine, plain in zip(held, without, strict=True):
        error = (mine - plain) / (0.05 * np.abs(plain).max())
        assert np.allclose(error, draws.standard_normal(plain.shape, np.float32), atol=1e-4)


def test_what_was_missed_is_told_of_what_software_ended_with():
    """Numbers hold what they are given, so that the error of the transfer is all there is."""
    result = run("digital-fp32", NUMBERS, sets=["transfer_error=5 %"])
    assert 4.9 < result.summary["programming_error_percent.layer1"] < 5.1
    assert run("digital-fp32", NUMBERS).summary["programming_error_percent"] == 0


def test_what_cells_cannot_hold_is_clipped_and_counted():
    """As initial weights are: at epoch 0."""
    result = run("single-pair", NUMBERS, sets=["transfer_error=100 %", "learning_rate=5"])
    clipped = [row for row in result.losses if row.epoch == 0 and row.what == "initial-weights-clipped"]
    assert sum(row.count for row in clipped) > 0


@pytest.mark.parametrize("way", [NUMBERS, DEVICE])
@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_chip_goes_on_from_software(architecture, way, tmp_path):
    """Its result is whole, agrees with itself, and is read back equal."""
    sets, _ = few("mnist-5k", architecture)
    others = [one for one in sets if not one.startswith("phases")]
    few_classes = ", classes: [0, 1], projection: 8" if architecture in ONE_ARRAY else ""
    data = f"dataset: {{name: mnist-5k, train: 20, test: 20{few_classes}}}"
    both = (
        f"phases=[{{name: before, epochs: 1, {data}, software: {way}}}, {{name: train, epochs: 1, {data}}}]"
    )
    result = simulate(architecture, "mnist-5k", sets=[both, *others, "transfer_error=2 %"])
    save(result, tmp_path / "run")
    assert load(tmp_path / "run") == result
    assert len(result.software) == len(result.epochs) == 1


def test_frozen_layers_may_learn_in_software_and_keep_what_they_learnt(given):
    """No file gives their weights; on the chip they stay as they were given."""
    layers = "network.layers=[784, {kind: dense, units: 9, frozen: true}, 10]"
    way = "{trained_as: numbers, frozen_layers: learn}"
    result = run("digital-fp32", way, sets=[layers])
    held, _ = given()
    first, second = of_layers(result)
    assert np.array_equal(first, held[0].astype(np.float32))
    assert not np.array_equal(second, held[1].astype(np.float32))
    assert result.software[1].loss < result.software[0].loss


# --- what is counted ----------------------------------------------------------------------------------


def test_the_chip_pays_for_nothing_of_it(tmp_path):
    """Time, energy, steps, samples and epochs are those of the phase on the chip."""
    with_it = run("digital-fp32", NUMBERS)
    without = run("digital-fp32")
    for key in ("simulated_time_ps", "energy_aJ", "steps", "epochs_run"):
        assert with_it.summary[key] == without.summary[key]
    assert with_it.ledger == without.ledger
    assert reach(with_it, 0).samples == 60
    assert planned_epochs(with_it) == 1
    assert "software_epochs" not in without.summary
    assert without.software == ()


def test_samples_to_reach_are_those_on_the_chip():
    """Though software trained on more of them."""
    more = ["phases.0.dataset={name: mnist-5k, train: 90, test: 40}"]
    result = run("digital-fp32", NUMBERS, sets=more)
    assert reach(result, 0).samples == 60
    assert [said.get("software_only") for said in result.provenance["datasets"]] == [True, None]


def test_timing_leaves_software_out():
    """As if the workload had the phase on the chip alone."""
    with_it, without = (run("single-pair", *ways, timing_only=True) for ways in ([NUMBERS], []))
    assert with_it.summary["simulated_time_ps"] == without.summary["simulated_time_ps"]
    assert with_it.software == ()


def test_pages_and_tables_say_that_it_is_not_free(tmp_path):
    """The page lists its epochs, and no phase of it passes for one that was never trained."""
    result = run("single-pair", NUMBERS)
    page = result.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Trained in software" in page
    assert "it is not free" in page
    assert not any("before0" in sentence for sentence in unused(result))
    assert len(result.frame("software")) == 2


# --- again, and stopped -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["{trained_as: numbers, batch: 10, weight_noise: 10 %}", DEVICE])
def test_the_same_seed_gives_the_same_run(way):
    """And another seed another one."""
    one, same, other = (run("single-pair", way, seed=seed) for seed in (2, 2, 3))
    assert differing(one, same) == []
    assert one.software != other.software


@pytest.mark.parametrize("chip", ["single-pair-rowwise", "metaplastic-qnn"])
def test_one_that_went_on_equals_the_one_that_was_not_stopped(chip, tmp_path):
    """Software is trained once more, to the same weights."""
    how = {"checkpoint": tmp_path / "state", "sets": ["transfer_error=3 %"]}
    whole = run(chip, NUMBERS, sets=how["sets"])
    run(chip, NUMBERS, progress=StopAfter(1), **how)
    assert (tmp_path / "state").exists()
    assert differing(whole, run(chip, NUMBERS, resume=True, **how)) == []


class StopInSoftware(Watcher):
    """Stops a run after its first epoch in software."""

    def epoch_ends(self, row, *, tasks):
        assert row.target == "software"
        raise KeyboardInterrupt


def test_one_that_is_stopped_in_software_leaves_nothing(tmp_path):
    """There is no chip yet: no result, and no checkpoint that would pass for one."""
    with pytest.raises(KeyboardInterrupt):
        run("single-pair", NUMBERS, progress=StopInSoftware(), checkpoint=tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_the_same_run_is_known_again():
    """By all its data, that of software among them."""
    result = run("single-pair", NUMBERS)
    sets = ["network.layers=[784, 9, 10]", phases(NUMBERS)]
    said = {"epochs": None, "options": Options()}
    assert is_same_run(result, "single-pair", "mnist-5k", sets=sets, **said)
    assert not is_same_run(result, "single-pair", "mnist-5k", sets=[*sets, "transfer_error=1 %"], **said)


# --- errors -------------------------------------------------------------------------------------------


def test_what_diverges_says_where():
    """The phase, and that it was in software."""
    with pytest.raises(DivergedError, match="phase 'before0', in software: epoch 1") as caught:
        run(
            "single-pair",
            NUMBERS,
            sets=["network.activation=relu", "network.loss=squared-error", "learning_rate=100"],
        )
    assert caught.value.result is None
