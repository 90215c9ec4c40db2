"""Layers that learn at rates of their own, as factors of that of all."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.run import simulate
from tests.run.test_loops import assert_equal
from tests.spec.messages import fails

ONE = ("phases.0.dataset.train=1", "phases.0.dataset.test=1", "phases.0.epochs=1")
"""A single digit: all layers learn from the weights that they began with."""
SMALL = (*ONE[1:], "phases.0.dataset.train=40")
CHIPS = {
    "digital-fp32": (),
    "single-pair": ("update.encoding=deterministic", "device.step_variation=0", "update.recentre=null"),
}


def layers(first=1.0, last=1.0):
    """Overrides for 784-20-10."""
    each = [
        f"{{kind: dense, units: {units}, rate_factor: {factor}}}"
        for units, factor in ((20, first), (10, last))
    ]
    return f"network.layers=[784, {', '.join(each)}]"


def weights(chip, *sets):
    """What the first layer and the last one end with."""
    return simulate(chip, "mnist-5k", sets=[*CHIPS[chip], *sets]).weights


def same(one, other, layer):
    """Weights and biases of a layer, to the bit."""
    return all(np.array_equal(one[key], other[key]) for key in (layer, f"{layer}.bias"))


@pytest.mark.parametrize("chip", CHIPS)
def test_a_factor_is_a_rate_of_one_layer(chip):
    """After one sample the first layer is as if all learnt four times as fast, and the last as if none did."""
    slow, fast, mixed = (
        weights(chip, *ONE, *sets)
        for sets in (
            (layers(), "learning_rate.sgd=0.25"),
            (layers(), "learning_rate.sgd=1"),
            (layers(first=4), "learning_rate.sgd=0.25"),
        )
    )
    assert not same(slow, fast, "layer1")
    assert not same(slow, fast, "layer2")
    assert same(mixed, fast, "layer1")
    assert same(mixed, slow, "layer2")


def test_all_factors_are_one_rate():
    """Half the rate and twice the factors are the same training, to the bit."""
    one = weights("single-pair", *SMALL, layers(), "learning_rate.sgd=0.5")
    other = weights("single-pair", *SMALL, layers(2, 2), "learning_rate.sgd=0.25")
    assert same(one, other, "layer1")
    assert same(one, other, "layer2")


def test_loops_know_them(monkeypatch):
    """Samples in a compiled loop leave what they leave one by one."""
    assert_equal(monkeypatch, "single-pair", [*SMALL, layers(first=3), *CHIPS["single-pair"]])


@pytest.mark.parametrize(
    ("chip", "layer", "message"),
    [
        ("bnn", "{kind: dense, units: 20, rate_factor: 2}",
         "the rule hidden-weights has one rate for all layers; leave it out"),
        ("analog-pair-transfer", "{kind: dense, units: 20, rate_factor: 2}",
         "the rule mini-batch-sgd has one rate for all layers; leave it out"),
    ],
)  # fmt: skip
def test_rules_that_have_one_rate(chip, layer, message):
    """Refused before anything runs, with the layer that has one of its own."""
    found = fails(simulate, chip, "mnist-5k", sets=[*ONE, f"network.layers=[784, {layer}, 10]"])
    assert f"network.layers.1.rate_factor: {message}" in found


def test_frozen_layers_have_no_rate(tmp_path):
    """They learn nothing."""
    np.savez(tmp_path / "given.npz", a=np.zeros((784, 20), np.float32))
    frozen = "{kind: dense, units: 20, rate_factor: 2, name: a, frozen: true}"
    sets = [*ONE, f"network.layers=[784, {frozen}, 10]", f"network.weights={tmp_path / 'given.npz'}"]
    found = fails(simulate, "digital-fp32", "mnist-5k", sets=sets)
    assert "network.layers.1.rate_factor: nothing reads it: the layer is frozen; leave it out" in found


@pytest.mark.parametrize(
    ("factor", "message"),
    [("0", "more than 0, not 0"), ("-1", "more than 0, not -1"), ("2e6", "at most 1000000, not 2000000")],
)
def test_factors_that_are_none(factor, message):
    """Above zero, and within what numbers hold."""
    found = fails(simulate, "digital-fp32", "mnist-5k", sets=[*ONE, layers(first=factor)])
    assert f"network.layers.1.rate_factor: must be {message} (from --set " in found
