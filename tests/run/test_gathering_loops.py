"""Gradients gathered on tiles of their own: compiled loops leave what steps leave, to the bit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chipsim.net.loop import loop_of
from chipsim.run.simulate import prepare
from tests.run.test_loops import MEASURED, SHORT, assert_equal, soft, trained

SMALL = ("network.layers=[784, 4, 10]",)

CASES = {
    "as it ships": ("tiki-taka-v2", ()),
    "often": (
        "tiki-taka-v2",
        (
            "rule.transfer_learning_rate=2", "rule.reads_per_transfer=2", "rule.forget=true",
            "learning_rate.sgd=1", "tile.backward.adc.noise=0.2",
        ),
    ),
    "three layers on small tiles": (
        "tiki-taka-v2",
        (
            "network.layers=[784, 9, 8, 10]", "tile.rows=200", "tile.columns=4", "rule.transfer_every=3",
            "rule.reads_per_transfer=7", "rule.transfer_learning_rate=3",
        ),
    ),
    "beside the weights": (
        "tiki-taka-8x4", ("network.layers=[784, 4, 10]", "tile.rows=800", "tile.columns=40"),
    ),
    "cell by cell, inputs by their largest": (
        "tiki-taka-v2",
        (
            "update={kind: cell-by-cell, encoding: deterministic, slots: 7}", "rule.learning_rate=3",
            "rule.transfer_learning_rate=3", "tile.forward.scaling=maximum",
        ),
    ),
    "at once": ("tiki-taka-v1", ("rule.transfer_every=3", "rule.transfer_learning_rate=2")),
    "at once, three layers on small tiles": (
        "tiki-taka-v1",
        ("network.layers=[784, 9, 8, 10]", "tile.rows=200", "tile.columns=4", "tile.forward.scaling=maximum"),
    ),
    "at once, cell by cell": (
        "tiki-taka-v1",
        (
            "update={kind: cell-by-cell, encoding: stochastic, slots: 7}", "rule.learning_rate=3",
            "rule.transfer_learning_rate=3", "tile.backward.adc.noise=0.2",
        ),
    ),
    "signs that turn": (
        "tiki-taka-v2",
        (
            "rule.kind=chopped-tiki-taka", "rule.chop_probability=0.4", "rule.transfer_every=3",
            "rule.reads_per_transfer=6", "rule.transfer_learning_rate=3",
        ),
    ),
    "signs that turn, three layers on small tiles": (
        "tiki-taka-v2",
        (
            "rule.kind=chopped-tiki-taka", "rule.chop_probability=0.4", "rule.transfer_learning_rate=3",
            "network.layers=[784, 9, 8, 10]", "tile.rows=200", "tile.columns=4", "learning_rate.sgd=1",
        ),
    ),
    "added up outside": ("mixed-precision", ()),
    "added up outside, hard": (
        "mixed-precision",
        (
            "learning_rate.sgd=3", "rule.pulses=4", "tile.backward.adc.noise=0.2", "tile.forward.adc.noise=0.1",
            "tile.forward.scaling=maximum", "tile.backward.scaling=maximum",
        ),
    ),
    "added up outside, three layers on small tiles": (
        "mixed-precision",
        (
            "network.layers=[784, 9, 8, 10]", "tile.rows=200", "tile.columns=4", "learning_rate.sgd=1",
            "rule.threshold=0.5",
        ),
    ),
    "added up outside, cell by cell on pairs": (
        "mixed-precision",
        (
            "update={kind: cell-by-cell, encoding: deterministic, slots: 7}", "learning_rate.sgd=1",
            "synapse={kind: single-pair, weight_range: 1}", soft(MEASURED, states=60),
        ),
    ),
    "pairs": (
        "tiki-taka-v2",
        (
            "synapse={kind: single-pair, weight_range: 1}", "rule.transfer_learning_rate=2",
            soft(MEASURED, states=60),
        ),
    ),
}  # fmt: skip
"""Chip and overrides; together they take every way through transfers."""


@pytest.mark.parametrize("case", CASES)
def test_loops_leave_what_steps_leave(monkeypatch, case):
    """Rows in turn, once or several at a time, after each sample or some, on one tile or several."""
    chip, sets = CASES[case]
    assert_equal(monkeypatch, chip, [*SHORT, *sets])


@pytest.mark.parametrize(
    "why",
    [
        "rule.transfer_lines=columns",
        "memory.weights=fixed-16",
        "tile.forward.adc.noise=0.1",
        "update={kind: column-by-column, encoding: deterministic, slots: 7}",
    ],
)
def test_gradients_that_loops_cannot_move_are_trained_step_by_step(why):
    """Columns, sums on a grid, readings with noise, and pulses column by column."""
    network = prepare("tiki-taka-v2", "mnist-5k", sets=[*SHORT, *SMALL, why]).rule
    network.begin(seed=0)
    assert loop_of(network, most=4) is None


@pytest.mark.parametrize(
    ("chip", "loops", "sets"),
    [
        ("tiki-taka-v1", True, ()),
        ("tiki-taka-v1", False, ("rule.reads_per_transfer=2",)),
        ("tiki-taka-v1", False, ("rule.transfer_lines=columns",)),
        ("mixed-precision", True, ()),
        ("mixed-precision", False, ("rule.pulses=1",)),
        ("mixed-precision", False, ("memory.weights=fixed-16",)),
        ("tiki-taka-v2", True, ("rule.kind=chopped-tiki-taka",)),
        ("tiki-taka-v2", False, ("rule.kind=chopped-tiki-taka", "rule.transfer_lines=columns")),
    ],
)
def test_rules_say_what_loops_know_of_them(chip, loops, sets):
    """One row at once, signs of rows, sums outside; not several rows, no columns, and no sums on a grid."""
    network = prepare(chip, "mnist-5k", sets=[*SHORT, *SMALL, *sets]).rule
    network.begin(seed=0)
    assert (loop_of(network, most=4) is not None) == loops


@pytest.mark.parametrize("chip", ["tiki-taka-v1", "tiki-taka-v2", "mixed-precision"])
def test_frozen_layers_neither_gather_nor_add_up(monkeypatch, tmp_path, chip):
    """The second of three layers learns with the third; the first is read alone."""
    weights = np.random.default_rng(0).normal(0, 0.1, (784, 9))
    np.savez(tmp_path / "weights.npz", first=weights)
    layers = [784, {"kind": "dense", "units": 9, "name": "first", "frozen": True}, 8, 10]
    given = f"network.weights={tmp_path / 'weights.npz'}"
    sets = [*SHORT, f"network.layers={json.dumps(layers)}", "network.bias=false", given]
    assert_equal(monkeypatch, chip, [*sets, "learning_rate.sgd=1"])


def test_rules_made_of_one_that_gathers_are_trained_step_by_step():
    """They may do something else with what was read."""
    network = prepare("tiki-taka-v2", "mnist-5k", sets=[*SHORT, *SMALL]).rule
    network.begin(seed=0)
    assert loop_of(network, most=4) is not None
    network.learner.__class__ = type("OwnTransfer", (type(network.learner),), {})
    assert loop_of(network, most=4) is None


@pytest.mark.parametrize(
    ("chip", "rate"),
    [
        ("tiki-taka-v2", "rule.transfer_learning_rate=2"),
        ("tiki-taka-v1", "rule.transfer_learning_rate=2"),
        ("mixed-precision", "learning_rate.sgd=1"),
    ],
)
def test_what_was_executed_is_kept_alike(monkeypatch, chip, rate):
    """Transfers differ from sample to sample, and so do the programs that are kept of them."""
    sets = [*SHORT, *SMALL, rate]
    by_steps = trained(monkeypatch, chip, sets, loops=False)[0].kept
    by_loops = trained(monkeypatch, chip, sets, loops=True)[0].kept

    def said(kept):
        found = [(one.epoch, one.pattern, one.counts.tolist(), one.times.tolist()) for one in kept.items]
        return sorted(one for one in found if "compare" in one[1] or "read-rows" in one[1])

    assert said(by_loops) == said(by_steps) != []
    assert by_loops.first_step == by_steps.first_step
    assert by_loops.charges == by_steps.charges
