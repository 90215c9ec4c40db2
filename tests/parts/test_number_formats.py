"""A number format sizes what it names: words in memory and on links, lanes, accesses, and their prices."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.learn.consolidation import gradient
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.ledger import Entry
from chipsim.parts.program import operations_of
from chipsim.run.execute import execute
from chipsim.synapse.digital import Digital
from tests import hidden_made, made
from tests.made import BITS, CLOCK

ROWS, COLUMNS = 3, 4
PRICES = {
    "fixed-8": (67, 61, 79),
    "fixed-16": (13, 11, 11),
    "fixed-32": (89, 83, 103),
    "float-16": (109, 107, 137),
}
"""A product, a sum, and the area of a lane."""
formats = pytest.mark.parametrize(
    ("name", "bits"), [("fixed-8", 8), ("fixed-16", 16), ("fixed-32", 32), ("float-16", 16)]
)


def synapse(name):
    """Words of a format, with the ranges that it asks for."""
    ranges = {"weight_range": 1.0, "sum_range": 4.0} if name.startswith("fixed") else {}
    return Digital(arithmetic=name, **ranges)


@formats
def test_every_access_of_a_digital_tile_moves_words_of_its_format(name, bits):
    """12 weights of so many bits are read at 23 a bit, and written at 29."""
    chip = made.rule_on(made.mac_chip(synapse=synapse(name)), (ROWS, COLUMNS)).chip
    multiply, add, lane = PRICES[name]
    timing = execute(chip, chip.tiles[0].typical("update"))
    energy = 12 * (multiply + add) + ROWS * multiply
    assert {part: entry for part, _, entry in timing.ledger} == {
        "tile0": Entry(count=12, busy_ps=4 * CLOCK, energy_aj=energy),
        "tile0.sram": Entry(count=1, busy_ps=4 * CLOCK, energy_aj=12 * bits * (23 + 29), bits=2 * 12 * bits),
    }
    assert chip.parts["tile0"].area == made.LANES * lane
    assert chip.parts["tile0.sram"].area == 8 * 8 * bits * 17


@formats
def test_links_and_buffer_carry_words_of_the_tile(name, bits):
    """Inputs, results, and errors in both directions."""
    rule = made.rule_on(made.mac_chip(synapse=synapse(name)), (ROWS, COLUMNS, 2), seed=None)
    moved = {}
    for op, times in operations_of(rule.typical_step(1)):
        if op.action == "transfer":
            key = (op.part.rstrip("01"), op.target.rstrip("01"))
            moved[key] = moved.get(key, 0) + times * op["bits"]
    inputs, results = ROWS + COLUMNS, COLUMNS + 2
    assert moved["buffer", "tile"] == 2 * inputs * bits  # forwards and for the update
    assert moved["tile", "digital"] == (results + COLUMNS) * bits
    assert moved["digital", "tile"] == (2 + COLUMNS + 2) * bits
    assert moved["digital", "buffer"] == COLUMNS * bits


def test_operands_of_an_update_are_the_words_that_arrive():
    """Errors scaled by the largest of them, in 4 bits: what is less than half a step of 15 moves no weight."""
    tile = made.crossbar(
        forward=made.one_pass(ideal=False), backward=made.one_pass(ideal=False, scaling="maximum")
    )
    chip = made.rule_on(made.chip(tile=tile), (1, 3)).chip
    x, d = np.array([1.0], np.float32), np.array([-0.9, -0.9 * 0.4 / 15, -0.9 * 0.6 / 15], np.float32)
    chip.tiles[0].update(x, d, rate=1e2, pair=0)
    changed = chip.tiles[0].weights()[0] != 0
    assert changed.tolist() == [True, False, True]


def test_gradients_of_hidden_weights_are_of_the_words_in_the_buffer():
    """One layer, plain gradient descent: hidden weights move by the product of 4-bit inputs and errors."""
    one = made.one_pass(ideal=False, scaling="maximum")
    spec = hidden_made.chip(
        rule=HiddenWeights(optimiser="sgd"), tile=made.crossbar(forward=one, backward=one)
    )
    rule = hidden_made.begun(spec, hidden_made.network((6, 3), normalisation=None))
    data = made.digits(6, 3)
    asked = {}
    update = rule.learner.state.update

    def noted(index, x, d):
        asked[index] = x.copy(), d.copy()
        return update(index, x, d)

    rule.learner.state.update = noted
    rule.step(data.train_images[:4], data.train_labels[:4])
    for values in asked[0]:
        steps = values / np.abs(values).max(axis=1, keepdims=True) * (2**BITS - 1)
        assert np.abs(steps - np.rint(steps)).max() < 1e-4
    out = np.empty((6, 3), np.float32)
    gradient(*asked[0], out)
    assert out.any()


def test_ideal_converters_say_what_they_keep():
    """Their price is that of their bits, and nobody should take their numbers for it."""
    chip = made.rule_on(made.chip(), (ROWS, COLUMNS)).chip
    assert (
        chip.parts["tile0.adc"].about
        == "8 x 4-bit ADC for 8 lines; ideal: priced as such, numbers pass unrounded"
    )
    real = made.crossbar(forward=made.one_pass(ideal=False))
    other = made.rule_on(made.chip(tile=real), (ROWS, COLUMNS)).chip
    assert other.parts["tile0.adc"].about == "8 x 4-bit ADC for 8 lines"


def test_a_format_of_fewer_bits_costs_accuracy_in_the_end():
    """With steps of 8 bits, updates below half a step are lost where a number of 16 bits takes them."""

    def moved(name):
        spec = attrs.evolve(synapse(name), rounding="nearest")
        rule = made.begun(made.mac_chip(synapse=spec), (ROWS, COLUMNS))
        tile = rule.chip.tiles[0]
        before = tile.weights()
        tile.update(np.ones(ROWS, np.float32), np.full(COLUMNS, 0.3, np.float32), rate=0.01, pair=0)
        return bool((tile.weights() != before).any())

    assert not moved("fixed-8")  # 0.003 is less than half of 1 / 127
    assert moved("fixed-16")
