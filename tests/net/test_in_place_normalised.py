"""Normalised networks on chips without a memory of the digital unit: the buffer keeps the figures, and pays."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from chipsim.net.normalise import OFFSET, SCALE
from chipsim.parts.program import operations_of
from chipsim.spec.workload import NormalisationSpec
from tests import made

LAYERS, BATCH = (6, 5, 3), 4
UNITS = 5 + 3
WORD, ERROR, FIGURE = made.BITS, made.BITS + 1, 32


def network(**changes):
    how = NormalisationSpec(**({"state": "shared"} | changes))
    return {"normalisation": how, "activation": "relu", "loss": "cross-entropy"}


@pytest.mark.parametrize("chip", [made.chip(), made.mac_chip()], ids=["pair", "digital"])
def test_what_the_buffer_moves_in_a_step(chip):
    """A batch of sums between every layer and its units, figures beside them, and operands of the updates."""
    word, error = (WORD, ERROR) if chip.device else (32, 32)
    rule = made.rule_on(chip, LAYERS, seed=None, **network())
    moved = Counter()
    for op, times in operations_of(rule.typical_step(BATCH)):
        if op.part == "buffer" and op.action in {"read", "write"}:
            moved[op.action] += times * op["bits"]
    inputs, sums = (6 + 5) * word, (5 + 3) * word
    # Errors of the outputs come from the buffer; of the hidden units, what came back, and the sums for their slope.
    errors_back = 3 * error + 5 * word + 5 * word
    operands = inputs + (5 + 3) * error
    normalising, scales, offsets, learning = 4 * UNITS, UNITS, 5, 2 * UNITS
    assert moved["read"] == BATCH * (inputs + sums + errors_back + operands) + FIGURE * (
        normalising + scales + offsets + learning
    )
    written = 6 * word + sums + 5 * word + (3 + 5) * error + 5 * word
    running = 2 * UNITS
    assert moved["write"] == BATCH * written + FIGURE * (running + learning)


def test_figures_are_in_the_buffer():
    """By name, and apart for each task where the network says so."""
    rule = made.begun(made.mac_chip(), LAYERS, **network(state="per-task", output=False))
    for task in ("one", "other"):
        rule.begin_phase(made.phase(name=task))
    assert rule.chip.buffer.names == ("layer0.normalisation.one", "layer0.normalisation.other")
    assert rule.chip.buffer.used == 2 * 4 * FIGURE * 5


def test_a_task_moves_its_own_figures():
    """Scales and offsets follow the gradient; those of the other task stay."""
    rule = made.begun(made.mac_chip(), LAYERS, **network(state="per-task"))
    rule.begin_phase(made.phase(name="one"))
    before = rule.figures.of(0).copy()
    rule.begin_phase(made.phase(name="other"))
    data = made.digits(LAYERS[0], LAYERS[-1])
    rule.step(data.train_images[:BATCH], data.train_labels[:BATCH])
    assert np.array_equal(rule.figures.of(0, "one"), before)
    assert not np.array_equal(rule.figures.of(0, "other")[[SCALE, OFFSET]], before[[SCALE, OFFSET]])


@pytest.mark.parametrize(
    "chip", [made.chip(), made.hybrid(), made.mac_chip()], ids=["pair", "hybrid", "digital"]
)
def test_what_a_step_takes_is_what_a_typical_one_does(chip):
    """Trains of one length: timing alone takes the same time as training."""
    rule = made.begun(chip, LAYERS, **network())
    rule.begin_phase(made.phase())
    data = made.digits(LAYERS[0], LAYERS[-1])
    step = rule.step(data.train_images[:BATCH], data.train_labels[:BATCH])
    assert step.program == rule.typical_step(BATCH)


@pytest.mark.parametrize("batch", [1, 4])
def test_accuracy_is_counted_for_a_selector_that_asks(batch):
    """The largest of three sums of each sample against its label, also where a whole batch is waited for."""
    net = network() if batch > 1 else {}
    rule = made.rule_on(made.hybrid(), LAYERS, seed=None, **net)
    counts = Counter()
    for op, times in operations_of(rule.typical_step(batch)):
        if op.action == "accuracy":
            for name, value in op.counts:
                counts[name] += times * value
    assert counts == {"compare": 3 * batch, "add": batch}
