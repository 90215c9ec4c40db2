"""The workload whose convolutional layers keep what other classes taught them: with weights given, and without."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from chipsim.data import from_arrays
from chipsim.errors import DescriptionError
from chipsim.result.arrays import write_arrays
from chipsim.run import prepare, simulate
from tests.spec.messages import fails

SCRIPT = Path(__file__).parents[2] / "reports" / "athena2024" / "frozen_cnn.py"
NAMED = ("network.layers.1.name=layer1", "network.layers.3.name=layer2")


@pytest.fixture(scope="module")
def images():
    """Ten classes of colour images in the place of those that are not at hand everywhere."""
    random = np.random.default_rng(3)
    labels = np.arange(60, dtype=np.uint8) % 10
    colours = random.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    return from_arrays("cifar-10", train=(colours[:40], labels[:40]), test=(colours[40:], labels[40:]))


@pytest.fixture
def weights(tmp_path):
    """A file of weights, and the overrides that name it."""
    random = np.random.default_rng(4)
    arrays = {
        "layer1": random.normal(0, 0.05, (5, 5, 3, 16)).astype(np.float32),
        "layer1.bias": np.zeros(16, np.float32),
        "layer2": random.normal(0, 0.05, (5, 5, 16, 32)).astype(np.float32),
        "layer2.bias": np.zeros(32, np.float32),
    }
    write_arrays(tmp_path / "given.npz", arrays)
    return arrays, (*NAMED, f"network.weights={tmp_path / 'given.npz'}")


@pytest.mark.parametrize("chip", ["digital-fp32", "single-pair"])
def test_the_last_layer_alone_learns(images, weights, chip):
    """Kernels end as they were given, to what a chip's cells hold of them, and eight images are eight steps."""
    arrays, given = weights
    result = simulate(chip, "frozen-cnn", sets=[*given, "phases.0.epochs=1"], datasets={"cifar-10": images})
    assert result.summary["steps"] == 8
    (said,) = result.provenance["datasets"]
    assert (said["classes"], said["features"]) == (2, 3_072)
    kept = result.weights["layer1"]
    exact = chip == "digital-fp32"
    np.testing.assert_allclose(kept, arrays["layer1"], atol=0 if exact else 0.1)
    assert result.weights["layer3"].shape == (800, 2)


def test_five_classes(images, weights):
    """As the description says how, with five outputs."""
    _, given = weights
    sets = ["phases[*].dataset.classes=[0, 3, 5, 6, 9]", "network.layers.5=5"]
    setup = prepare("digital-fp32", "frozen-cnn", sets=[*given, *sets], datasets={"cifar-10": images})
    assert setup.workload.spec.network.classes == 5
    found = fails(
        prepare, "digital-fp32", "frozen-cnn", sets=[*given, sets[0]], datasets={"cifar-10": images}
    )
    assert found.partition("network.")[2] == (
        "layers: must end with at least 5, the classes of cifar-10 (classes 0, 3, 5, 6, 9), not 2"
    )


def test_without_weights_it_is_timed_alone(images):
    """Training is refused for both layers, before anything runs."""
    datasets = {"cifar-10": images}
    with pytest.raises(DescriptionError) as caught:
        simulate("digital-fp32", "frozen-cnn", epochs=1, datasets=datasets)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["network.layers.1.frozen", "network.layers.3.frozen"]
    timed = simulate("digital-fp32", "frozen-cnn", epochs=1, datasets=datasets, timing_only=True)
    assert timed.summary["steps"] == 8


def test_what_prepares_it_trains_other_classes(images):
    """All layers of the same network, on five classes of which the tuned ones are none."""
    learning = runpy.run_path(str(SCRIPT))["LEARNING"]
    setup = prepare("digital-adam", "frozen-cnn", sets=[*learning, "batch=4"], datasets={"cifar-10": images})
    workload = setup.workload.spec
    assert not any(stage.frozen for stage in workload.network.stages)
    assert workload.network.classes == 5
    (phase,) = workload.phases
    assert not {0, 3, 5, 6, 9} & set(phase.dataset.classes)
