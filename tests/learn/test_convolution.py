"""Convolutions and pools on chips give, bit for bit, the weights of naive loops over pixels."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.device.ideal import Ideal
from chipsim.device.randomness import generator
from chipsim.layer.average_pool import AveragePool
from chipsim.layer.convolution import Convolution
from chipsim.layer.dense import Dense
from chipsim.layer.flatten import Flatten
from chipsim.layer.max_pool import MaxPool
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.spec.layer import PassingLayer
from chipsim.spec.workload import NormalisationSpec
from tests import hidden_made, levels_made, made
from tests.hidden_twin import HiddenTwin
from tests.twins import AdamTwin, CrossbarTwin, DigitalTwin

PLAIN = ((6, 6, 1), Convolution(kernels=3, size=3), MaxPool(size=2), 3)
DEEP = (
    (6, 5, 2),
    Convolution(kernels=3, size=(3, 2), stride=(2, 1), padding=1),
    AveragePool(size=2, stride=1),
    Convolution(kernels=2, size=2),
    Flatten(),
    Dense(units=4),
    3,
)
DEPTHWISE = (
    (5, 5, 2),
    Convolution(size=2, groups="depthwise"),
    Convolution(kernels=4, size=2, stride=2, groups="depthwise"),
    MaxPool(size=2, stride=1),
    3,
)
ONE_PLACE = ((4, 4, 2), Convolution(kernels=4, size=4, groups="depthwise"), 3)
ONE_PLACE_LATER = (
    (4, 4, 1),
    Convolution(kernels=2, size=3, padding=1),
    Convolution(kernels=4, size=4, groups="depthwise"),
    Convolution(kernels=5, size=1),
    3,
)
PART_OF_IT = ((5, 4, 2), Convolution(kernels=4, size=3, stride=3), 3)
NETWORKS = {
    "plain": PLAIN,
    "deep": DEEP,
    "depthwise": DEPTHWISE,
    "one-place": ONE_PLACE,
    "one-place-later": ONE_PLACE_LATER,
    "part-of-it": PART_OF_IT,
}
NORMALISED = NormalisationSpec(state="shared", momentum=0.25)
EXACT = Ideal(
    states=4099, pulse_voltage=1.0, pulse_width=31, area=31, on_conductance=20.3e-6, off_conductance=1.7e-6
)
TILE = made.crossbar(rows=40, columns=8)


def images(layers, **how):
    """Random images of a network's shape, in three classes."""
    return made.digits(int(np.prod(layers[0])), 3, train=10, test=4, **how)


def same(run, twin, *, batch, epochs=2, data=None):
    """The twin trains on the same data, and has the same weights and accuracies in the end."""
    twin.train(data, epochs=epochs, batch=batch)
    for index, (ours, theirs) in enumerate(zip(run.weights, twin.weights(), strict=True)):
        np.testing.assert_array_equal(ours, theirs, err_msg=f"layer {index}")
    said = [row.train_accuracy_percent for row in run.training.epochs]
    assert said == pytest.approx([100 * share for share in twin.accuracies])


WAYS = [
    {"activation": "relu", "loss": "cross-entropy"},
    {"activation": "logistic", "loss": "squared-error", "bias": True},
    {"activation": "tanh", "loss": "cross-entropy", "bias": True, "inputs": "minus-one-to-one"},
    {"activation": "relu", "loss": "cross-entropy", "normalisation": NORMALISED},
]


@pytest.mark.parametrize("net", WAYS, ids=lambda net: net["activation"])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("name", NETWORKS)
def test_on_digital_weights(name, batch, net):
    """Windows with strides and margins, groups, pools that overlap and pools that do not, with and without biases."""
    if batch == 1 and "normalisation" in net:
        pytest.skip("a single sample has no variance")
    layers = NETWORKS[name]
    data = images(layers)
    run = made.trained(made.mac_chip(rows=40), layers, epochs=2, batch=batch, data=data, **net)
    same(run, DigitalTwin(layers, **net), batch=batch, data=data)


@attrs.frozen(kw_only=True)
class Passed(PassingLayer):
    """Gives a multiple of what it is given, and says of no arithmetic."""

    kind = "passed"

    times: float = 1.0

    @property
    def words(self):
        return "a multiple"

    def gives(self, given):
        return given

    def forward(self, values, *, given):
        return values * np.float32(self.times), None

    def backward(self, errors, kept, *, given):
        return errors * np.float32(self.times)


@pytest.mark.parametrize("batch", [1, 3])
def test_a_layer_that_costs_nothing_is_computed(batch):
    """Behind a dense layer, too: what a layer does to values is not decided by what it is said to cost."""
    chip, data, how = made.mac_chip(rows=40), made.digits(6, 3, train=10, test=4), {"activation": "relu"}
    how["loss"] = "cross-entropy"
    weights = []
    for between in ((), (Passed(),), (Passed(times=2.0),)):
        run = made.trained(chip, (6, 5, *between, 4, 3), epochs=2, batch=batch, data=data, **how)
        weights.append([one.tolist() for one in run.weights])
    assert weights[0] == weights[1]
    assert weights[0] != weights[2]


class Turned(Dense):
    """Takes its inputs the other way round."""

    kind = "turned"

    def gather(self, values, out, *, given, bias):
        super().gather(values[:, ::-1], out, given=given, bias=bias)

    def scatter(self, errors, out, *, given, bias):
        super().scatter(errors, out, given=given, bias=bias)
        out[:] = out[:, ::-1].copy()


@pytest.mark.parametrize("place", [1, 2])
@pytest.mark.parametrize("spec", [made.mac_chip(rows=40), made.chip()], ids=["digital", "pairs"])
def test_a_layer_of_ones_own_lays_its_inputs_out(monkeypatch, spec, place):
    """Of one vector a sample, too: first and later, in steps and in compiled loops."""
    asked = []

    def told(gather):
        def gathering(layer, values, out, **more):
            asked.append(len(values))
            gather(layer, values, out, **more)

        return gathering

    monkeypatch.setattr(Turned, "gather", told(Turned.gather))
    layers = [6, 5, 4, 3]
    layers[place] = Turned(units=layers[place])
    data = made.digits(6, 3, train=10, test=4)
    made.trained(spec, tuple(layers), epochs=1, batch=1, data=data, activation="relu", loss="cross-entropy")
    assert sum(asked) >= 10 + 4


@pytest.mark.parametrize("net", WAYS, ids=lambda net: net["activation"])
@pytest.mark.parametrize("name", ["plain", "deep"])
def test_in_ideal_cells(name, net):
    """Whole pulses of exact steps, one update a patch, in batches with a remainder."""
    layers = NETWORKS[name]
    update = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=63)
    spec = made.chip(device=EXACT, update=update, tile=TILE, digital=made.unit("float-32"))
    data = images(layers)
    run = made.trained(spec, layers, epochs=2, batch=4, data=data, **net)
    same(run, CrossbarTwin(layers, spec=spec, **net), batch=4, data=data)


@pytest.mark.parametrize("name", ["plain", "deep"])
def test_on_the_hybrid_synapse(name):
    """Noisy bounded cells and random trains, switched to the fine pair."""
    layers, trains = NETWORKS[name], made.update_by(kind="parallel-pulses", encoding="stochastic", slots=31)
    cells = made.finite(states=20, step_variation=0.34)
    spec = made.hybrid(device=cells, update=trains, tile=TILE, threshold=1.0)
    data, net = images(layers), {"activation": "logistic", "loss": "cross-entropy", "bias": True}
    run = made.trained(spec, layers, epochs=3, batch=1, data=data, **net)
    twin = CrossbarTwin(layers, spec=spec, **net)
    twin.train(data, epochs=3, batch=1, threshold=1.0)
    assert twin.pair == 1
    for ours, theirs in zip(run.weights, twin.weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("net", WAYS, ids=lambda net: net["activation"])
@pytest.mark.parametrize("name", NETWORKS)
def test_by_adam_on_digital_weights(name, net):
    """Moments of each weight that there is, and of no other."""
    layers, spec = NETWORKS[name], made.adam_chip(rows=40)
    data = images(layers)
    run = made.trained(spec, layers, epochs=2, batch=4, rate=0.05, data=data, **net)
    same(run, AdamTwin(layers, rule=spec.rule, rate=0.05, **net), batch=4, data=data)
    assert run.chip.digital.memory.used == spec.rule.memory_bits(spec, made.workload_of(layers, **net))


@pytest.mark.parametrize("normalisation", [None, NORMALISED])
@pytest.mark.parametrize("name", NETWORKS)
def test_with_hidden_weights(name, normalisation):
    """Levels in the array, consolidated hidden weights behind them; a kernel's figures are one set."""
    layers, rule = NETWORKS[name], HiddenWeights(metaplasticity=2.0)
    net = hidden_made.network(layers, normalisation=normalisation, bias=name == "deep")
    data = images(layers)
    spec = hidden_made.chip(rule=rule, tile=TILE)
    phases = [(hidden_made.phase("first", epochs=2, rule={"metaplasticity": 2.0}), data)]
    run = hidden_made.trained(spec, net, phases, batch=4, rate=0.1, seed=3)
    twin = HiddenTwin(layers, levels=levels_made.PAIR.levels, rule=rule, network=net, rate=0.1, seed=3)
    twin.train(data, epochs=2, batch=4, task="first", order=generator(3, "data"), m=2.0)
    assert twin.programmed > 5
    for index, hidden in enumerate(run.hidden):
        np.testing.assert_array_equal(hidden, np.array(twin.hidden[index]), err_msg=f"layer {index}")
