"""Networks whose layers all keep the weights that they are given: read, tested, and never changed."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.layer.convolution import Convolution
from chipsim.layer.dense import Dense
from chipsim.layer.max_pool import MaxPool
from chipsim.parts.program import operations_of
from chipsim.result.files import load, save
from chipsim.run import prepare, simulate
from chipsim.spec import chip_from_document, load_workload, shipped_names, workload_from_document
from tests import hidden_made, made
from tests.learn.test_convolution import EXACT, TILE
from tests.spec.test_groups import mixed

LAYERS = (
    (6, 6, 1),
    Convolution(kernels=3, size=3, name="kernels", frozen=True),
    MaxPool(size=2),
    Dense(units=3, name="classes", frozen=True),
)
RNG = np.random.default_rng(4)
GIVEN = {
    0: (RNG.integers(-60, 61, (10, 3)) / 64).astype(np.float32),
    1: (RNG.integers(-60, 61, (13, 3)) / 64).astype(np.float32),
}
NET = {"activation": "relu", "loss": "cross-entropy", "bias": True, "weights": "x.npz", "given": GIVEN}
CHIPS = {
    "digital": made.mac_chip(rows=40),
    "adam": made.adam_chip(rows=40),
    "cells": made.chip(device=EXACT, tile=TILE, digital=made.unit("float-32")),
    "hidden": hidden_made.chip(tile=TILE),
}
FEW = ["phases.0.dataset.train=30", "phases.0.dataset.test=40"]
pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")


def by_hand(images):
    """The sums of the last layer in plain numpy (samples, classes)."""
    pixels = images.reshape(-1, 6, 6) / 255
    kernels, bias = GIVEN[0][:-1].reshape(3, 3, 3), GIVEN[0][-1]
    places = [(row, column) for row in range(4) for column in range(4)]
    windows = [np.einsum("bij,ijk->bk", pixels[:, i : i + 3, j : j + 3], kernels) + bias for i, j in places]
    maps = np.maximum(np.stack(windows, axis=1), 0).reshape(-1, 2, 2, 2, 2, 3).max(axis=(2, 4))
    return maps.reshape(len(images), -1) @ GIVEN[1][:-1] + GIVEN[1][-1]


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("chip", ["digital", "adam", "cells"])
def test_an_epoch_reads_the_training_samples_and_tests(chip, batch):
    """Answers are those of the given weights, in training and in tests; nothing else happens to them."""
    data = made.digits(36, 3, train=21, test=40)
    run = made.trained(CHIPS[chip], LAYERS, epochs=2, batch=batch, data=data, **NET)
    step = made.IDEAL.on_conductance / 4099 if chip == "cells" else 0
    for index, given in GIVEN.items():
        np.testing.assert_allclose(run.rule.matrices[index].weights(), given, atol=step)
    trained = np.mean(by_hand(data.train_images).argmax(axis=1) == data.train_labels)
    tested = np.mean(by_hand(data.test_images).argmax(axis=1) == data.test_labels)
    for row in run.training.epochs:
        assert row.train_accuracy_percent == pytest.approx(100 * trained)
        assert row.test_accuracy_percent == pytest.approx(100 * tested)
        assert row.target == "none"
    assert run.training.remarks == []


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("chip", CHIPS)
def test_nothing_is_done_but_what_reading_takes(chip, batch):
    """No errors, no loss, no gradient: a step is the samples' way through the layers, and an answer each."""
    run = made.trained(CHIPS[chip], LAYERS, batch=batch, data=made.digits(36, 3, train=8), **NET)
    program = run.training.first_step
    actions = {op.action for op, _ in operations_of(program)}
    passing = {"transfer", "activation", "pool", "partial-sums", "scale"}
    assert actions <= {"forward", "read", "write", "accuracy"} | passing
    passes = {
        op.part: times for op, times in operations_of(program) if op.action == "forward" and "tile" in op.part
    }
    assert sorted(passes.values()) == [batch, 16 * batch]


@pytest.mark.parametrize("chip", CHIPS)
def test_replay_gives_what_simulating_every_step_gives(chip):
    """To the picosecond and the attojoule."""
    runs = [
        made.trained(CHIPS[chip], LAYERS, batch=4, replay=replay, **NET, data=made.digits(36, 3))
        for replay in (True, False)
    ]
    elapsed = {run.executor.elapsed for run in runs}
    energies = {run.training.ledger().total.energy_aj for run in runs}
    assert len(elapsed) == len(energies) == 1


# --- from files --------------------------------------------------------------------------------------

DOCUMENT = load_workload("mnist-5k").document


def workload(folder, **more):
    """Two frozen layers with weights in a file."""
    rng = np.random.default_rng(2)
    np.savez(folder / "given.npz", a=rng.normal(0, 0.1, (784, 5)), b=rng.normal(0, 0.5, (5, 10)))
    layers = [
        784,
        {"kind": "dense", "units": 5, "name": "a", "frozen": True},
        {"kind": "dense", "units": 10, "name": "b", "frozen": True},
    ]
    network = DOCUMENT["network"] | {"layers": layers, "weights": "given.npz"} | more
    return workload_from_document(DOCUMENT | {"network": network}, file=str(folder / "mine.yaml"))


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_chip_that_ships_takes_them(architecture, tmp_path):
    """Whatever its rule is: nobody asks it. The result is read back whole."""
    result = simulate(architecture, workload(tmp_path), sets=FEW, epochs=1)
    assert result.summary["steps"] == 30
    assert result.summary.get("learnt_weights", 0) == 0
    assert not [text for text in result.summary["warnings"] if "changed" in text]
    save(result, tmp_path / "run")
    assert load(tmp_path / "run") == result
    assert "none" in {row.target for row in result.epochs}


def test_on_a_chip_of_groups_those_for_learning_stand_idle(tmp_path):
    """All layers are in multilevel cells; that pairs carry none is told, and no error."""
    result = simulate(chip_from_document(mixed()), workload(tmp_path), sets=FEW, epochs=1)
    assert {block.group for block in result.placement} == {"features"}
    assert [
        text for text in result.summary["warnings"] if text.startswith("groups.head: carries no layer of")
    ]


def test_normalisation_that_nothing_reads_is_refused():
    """Frozen layers are not normalised."""
    layers = "[784, {kind: dense, units: 10, name: classes, frozen: true}]"
    sets = [
        f"network.layers={layers}",
        "network.weights=x.npz",
        "network.normalisation={state: per-task}",
        "batch=2",
    ]
    with pytest.raises(DescriptionError) as caught:
        load_workload("mnist-5k", sets=sets)
    said = {problem.path: problem.message for problem in caught.value.problems}
    assert said["network.normalisation"].startswith("nothing reads it: frozen layers are not normalised")


def test_another_seed_draws_other_cells(tmp_path):
    """Weights are the same, and what multilevel cells make of them is not."""
    chips = [prepare("multilevel-transfer", workload(tmp_path), sets=FEW, seed=seed) for seed in (0, 1)]
    read = []
    for setup in chips:
        setup.rule.begin(seed=0)
        read.append(setup.rule.matrices[0].weights())
    assert not np.array_equal(*read)


def test_weights_of_a_training_given_back_answer_as_they_did(tmp_path):
    """The way round: trained, saved, and read as a network of frozen layers, to the last test image."""
    sets = ["network.layers=[784, 12, 10]", "phases.0.dataset.train=300", "phases.0.dataset.test=200"]
    trained = simulate("digital-fp32", "mnist-5k", sets=sets, epochs=2)
    save(trained, tmp_path / "run")
    layers = [
        784,
        *(
            {"kind": "dense", "units": n, "name": name, "frozen": True}
            for name, n in (("layer1", 12), ("layer2", 10))
        ),
    ]
    again = simulate(
        "digital-fp32", workload(tmp_path, layers=layers, weights="run/weights.npz"), sets=sets[1:], epochs=1
    )
    assert again.summary["test_accuracy_percent"] == trained.summary["test_accuracy_percent"]
    assert again.weights == trained.weights
