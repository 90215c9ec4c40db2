"""What shipped chips take for a sample and for a step of 784-250-10, derived on paper.

Layers are 785 x 250 and 251 x 10 weights: a bias is one more input. Inputs are words of 8 bits on resistive
chips, sums are as wide as their converters' results, and all words are 32 bits on the digital one. Sums are written
out with the description's numbers, nanoseconds in the comments; what a sum comes to stands where it is compared.
What the digital unit computes stands in ``docs/design.md``.
"""

from __future__ import annotations

import functools
from math import ceil, isqrt

import pytest

from chipsim.run import prepare
from chipsim.run.execute import execute
from tests.run.sums_by_hand import paper

PULSED = ("hybrid-synapse", "single-pair", "single-pair-rowwise", "single-pair-cellwise")

every_pulsed = pytest.mark.parametrize("name", PULSED)


@functools.cache
def ready(name, *sets):
    """A chip that ships with 784-250-10 on it."""
    return prepare(name, "mnist-5k", sets=sets, seed=None)


def took(setup, program):
    """Simulated time of a program on a chip at rest, ps."""
    return execute(setup.chip, program).elapsed


# --- chips that are pulsed in place ------------------------------------------------------------------


def forward(p, *, first, second, word, sums):
    """Sample in; first layer; activation; hidden units to the buffer; second layer, whose sums go to a softmax."""
    return sum(
        [
            p.access(784 * word),  # 6272 bits are 25 accesses of 2 ns: 50
            p.access(785 * word),  # 50
            p.bus(785 * word),  # 25 cycles, 4 in the interface, 0.3 on the wire: 29.3
            first,
            p.bus(250 * sums),  # 10 + 4.3 = 14.3
            p.lanes(250),  # 250 look-ups on 16 lanes: 16
            p.bus(250 * word),  # 12.3
            p.access(250 * word),  # 8 x 2 = 16
            p.access(251 * word),  # 16
            p.bus(251 * word),  # 12.3
            second,
            p.bus(10 * sums),  # 1 + 4.3 = 5.3
        ]
    )


def through_crossbars(p):
    """Both layers read forwards."""
    # 8 + 10 + 1, and 250 columns on 32 converters, 8 x 10: 99. The second layer has ten columns: 29.
    first, second = p.read(drive=785, results=250), p.read(drive=251, results=10)
    return forward(p, first=first, second=second, word=8, sums=10)


def output_errors(p):
    """The largest sum is found and taken off; exponentials are added up, and divided by it; the target is taken off."""
    return p.lanes(9 + 10 + 10 + 9 + 1 + 10 + 1)  # 50 on 16 lanes: 4


def hidden_errors(p):
    """The slope of each hidden unit."""
    return p.lanes(250 * 3)  # 47


def way_back(p):
    """Errors back through the second layer, divided by their largest and scaled back."""
    return sum(
        [
            output_errors(p),
            # Nine comparisons find the largest, one look-up its inverse, and ten products divide.
            p.lanes(9 + 1 + 10),  # 2
            p.bus(10 * 9),  # 8 bits and a sign: 5.3
            p.read(drive=10, results=251, side="backward"),  # 8 + 10 + 1, 251 rows on 128 converters: 39
            p.bus(251 * 8),  # 12.3
            p.lanes(251),  # 16
            hidden_errors(p),
        ]
    )


def asked(p):
    """A selector that goes by accuracy wants to know: the largest output, is it the label's, counted."""
    return p.lanes(9 + 1 + 1) if p.chip.selector.kind == "accuracy-plateau" else 0  # 1


@every_pulsed
def test_inference(name):
    """One sample's way through both layers, and the class that it is given, found by nine comparisons."""
    p, setup = paper(name), ready(name)
    assert took(setup, setup.rule.inference()) == through_crossbars(p) + p.lanes(9) == 349_500 + 1_000


@pytest.mark.parametrize(("name", "total"), [("hybrid-synapse", 3_746_700), ("single-pair", 3_745_700)])
def test_a_step_of_parallel_pulses(name, total):
    """Forward, back, and both layers updated side by side; the first ends last."""
    p, setup = paper(name), ready(name)
    trains = [
        # Both layers ask for their inputs at once; those of the second are fetched first.
        p.access(251 * 8),  # 16
        p.access(785 * 8),  # 50
        p.bus(785 * 8),  # 29.3; the second layer's transfers are long through
        p.bus(250 * 9),  # its errors, 8 bits and a sign: 9 + 4.3 = 13.3
        p.chip.update.slots * p.slot,  # 31 x (100 + 2) = 3162
    ]
    assert p.bus(251 * 8) + p.bus(10 * 8) < p.access(785 * 8)
    step = through_crossbars(p) + asked(p) + way_back(p) + sum(trains)
    assert took(setup, setup.rule.typical_step(1)) == step == total


def test_a_step_of_logistic_outputs_and_squared_error():
    """Ten look-ups more forward; the target is taken off each output, its slope an addition and two products."""
    p, setup = paper("single-pair"), ready("single-pair", "network.loss=squared-error")
    softmax = ready("single-pair")
    more = p.lanes(10) + p.lanes(10 * 4) - output_errors(p)  # 1 + 3 - 4
    assert took(setup, setup.rule.typical_step(1)) == took(softmax, softmax.rule.typical_step(1)) + more
    assert took(setup, setup.rule.inference()) == took(softmax, softmax.rule.inference()) + p.lanes(10)


@pytest.mark.parametrize(
    ("name", "encoding", "visits", "total"),
    [
        ("single-pair-rowwise", "deterministic", 785, 122_462_700),
        ("single-pair-rowwise", "stochastic", 785, 134_885_700),
        ("single-pair-cellwise", "deterministic", 785 * 250, 20_059_892_700),
        ("single-pair-cellwise", "stochastic", 785 * 250, 20_072_315_700),
    ],
)
def test_a_step_of_counted_pulses(name, encoding, visits, total):
    """The digital unit works out every crossing's pulses and sends them; one slot for each visit."""
    p, setup = paper(name), ready(name, f"update.encoding={encoding}")
    # Errors times steps a unit; each crossing multiplied, rounded (by chance: a fraction added), held under the most.
    each = 4 if encoding == "stochastic" else 3
    second, first = 10 + 251 * 10 * each, 250 + 785 * 250 * each
    # Up to 31 pulses are 5 bits, and one for the sign.
    bits = 6
    counted = [
        # The second layer is ahead by its fetch and its transfer, and so gets the lanes first.
        p.access(251 * 8),  # 16
        p.bus(251 * 8),  # 12.3
        p.lanes(second),  # 472, or 629
        p.lanes(first),  # 36,813, or 49,079, begun when the second layer's are done
        p.bus(785 * 250 * bits),  # 4,600 + 4.3
        visits * p.slot,  # 102 each: 80,070 or 20,017,500
    ]
    assert p.access(251 * 8) + p.access(785 * 8) + p.bus(785 * 8) < sum(counted[:3])
    step = through_crossbars(p) + way_back(p) + sum(counted)
    assert took(setup, setup.rule.typical_step(1)) == step == total


# --- the digital baseline ----------------------------------------------------------------------------


def rows(p, count):
    """A row a cycle, since each column has a lane."""
    assert p.chip.tile.lanes >= 250
    return count * p.costs.clock


def test_inference_of_the_digital_baseline():
    """785 and 251 rows, a cycle each, between words of 32 bits."""
    p, setup = paper("digital-fp32"), ready("digital-fp32")
    # 196 + 198 + 103.3 + 785 + 36.3 + 16 + 36.3 + 64 + 64 + 36.3 + 251 + 6.3, and the class: 1
    expected = forward(p, first=rows(p, 785), second=rows(p, 251), word=32, sums=32) + p.lanes(9)
    assert took(setup, setup.rule.inference()) == expected == 1_793_500


def test_a_step_of_the_digital_baseline():
    """Updates are a row a cycle too, after the inputs were multiplied with the rate, 256 a cycle."""
    p, setup = paper("digital-fp32"), ready("digital-fp32")
    back = [
        output_errors(p),  # 4
        p.bus(10 * 32),  # 2 + 4.3 = 6.3
        rows(p, 251),
        p.bus(251 * 32),  # 32 + 4.3 = 36.3
        hidden_errors(p),  # 47
    ]
    update = [
        p.access(251 * 32),  # 64: the second layer's inputs are fetched first
        p.access(785 * 32),  # 198
        p.bus(785 * 32),  # 103.3
        p.bus(250 * 32),  # 36.3
        rows(p, 785) + 4 * p.costs.clock,  # 785 inputs on 256 lanes: four cycles
    ]
    passed = forward(p, first=rows(p, 785), second=rows(p, 251), word=32, sums=32)
    expected = passed + sum(back) + sum(update)
    assert took(setup, setup.rule.typical_step(1)) == expected == 3_327_700


def test_operations_of_the_digital_baseline():
    """A multiplication and an addition a weight and pass, and what the memory reads and writes for them."""
    p, setup = paper("digital-fp32"), ready("digital-fp32")
    books = {
        (part, action): entry
        for part, action, entry in execute(setup.chip, setup.rule.typical_step(1)).ledger
    }
    lane = p.costs.arithmetic["float-32"]
    for tile, inputs, weights in (("tile0", 785, 785 * 250), ("tile1", 251, 251 * 10)):
        passed, changed = books[tile, "forward"], books[tile, "update"]
        assert passed.count == changed.count == weights
        assert passed.energy_aj == weights * (lane.multiply + lane.add)
        assert changed.energy_aj == weights * (lane.multiply + lane.add) + inputs * lane.multiply
        read, rewritten = books[f"{tile}.sram", "forward"], books[f"{tile}.sram", "update"]
        assert (read.bits, read.energy_aj) == (32 * weights, 32 * weights * p.costs.sram.read)
        assert rewritten.energy_aj == 32 * weights * (p.costs.sram.read + p.costs.sram.write)
    assert books["tile1", "backward"].count == 251 * 10
    assert ("tile0", "backward") not in books


# --- hidden weights ----------------------------------------------------------------------------------

QNN = ("metaplastic-qnn", "rule.learning_rate=0.05")
"""Logistic units and a softmax, no normalisation, one sample a batch: the network of the other chips."""


def scaled(p, count):
    """Divided by their largest: comparisons, the inverse, products."""
    return p.lanes(count - 1 + 1 + count)


def passes(p):
    """Both layers read forwards, without what comes between: 155 or 156 and 67."""
    first = [
        scaled(p, 785),  # 1570 operations on 1024 lanes: 2
        p.access(785 * 8),  # 50
        p.bus(785 * 8),  # 25 cycles, 4 in the interface, 1.5 on five millimetres: 30.5
        p.read(drive=785, results=250),  # 8 + 10 + 1, and 250 columns on 64 converters, 4 x 10: 59
        p.bus(250 * 8),  # 13.5
        p.lanes(250),  # scaled back: 1
    ]
    second = [
        scaled(p, 251),  # 1
        p.access(251 * 8),  # 16
        p.bus(251 * 8),  # 13.5
        p.read(drive=251, results=10),  # 29
        p.bus(10 * 8),  # 6.5
        p.lanes(10),  # 1
    ]
    return sum(first), sum(second)


def kept(p, bits):
    """Values go from the digital unit to the buffer, or come back: the bus and the buffer once each."""
    return p.bus(bits) + p.access(bits)


def test_inference_of_levels():
    """Both layers, the activation between them, and the class: 304.5 ns."""
    p, setup = paper("metaplastic-qnn"), ready(*QNN)
    first, second = passes(p)
    expected = [
        p.access(784 * 8),  # 50
        first,  # 156
        p.lanes(250),  # 1
        kept(p, 250 * 8),  # 13.5 + 16
        second,  # 67
        p.lanes(9),  # 1
    ]
    assert took(setup, setup.rule.inference()) == sum(expected) == 304_500


def updated(p, rows, columns):
    """Hidden weights of one layer: their operands, gradient, new values, and which changed their level."""
    weights = rows * columns
    # 32 bits of hidden weight and of each moment; eight banks of 256 bits.
    state = ceil(weights * 96 / (p.chip.memory.banks * p.chip.memory.width)) * p.costs.sram.time
    # A square of all the memory's macros: half its side is the way of a bit.
    area = (785 * 250 + 251 * 10) * 96 * p.costs.sram.area
    head = round(isqrt(p.costs.wire.time_per_mm**2 * area) / 2e6)
    # Adam 14, moved and held 3, the level before and after 4 each, consolidation 14.
    computed = p.lanes(weights * (14 + 3 + 4 + 4 + 14))
    operands = rows * 8 + columns * 9
    return sum(
        [
            kept(p, operands),
            p.lanes(weights * 2),
            # The memory reads and writes one after the other, and the lanes work meanwhile.
            max(2 * (state + head), computed),
            ceil(weights / p.chip.selector.lanes) * p.costs.clock,
        ]
    )


def test_a_step_of_levels():
    """Passes by way of the buffer, errors back, hidden weights, and the first layer's cells one by one."""
    p, setup = paper("metaplastic-qnn"), ready(*QNN)
    first, second = passes(p)
    read = [
        p.access(784 * 8),
        first,
        kept(p, 250 * 8),  # sums out: 29.5
        kept(p, 250 * 8) + p.lanes(250) + kept(p, 250 * 8),  # in again, activated, out: 60
        second,
        kept(p, 10 * 8),  # 8.5
    ]
    back = [
        kept(p, 10 * 8),  # and in again: 8.5
        p.lanes(9 + 10 + 10 + 9 + 1 + 10 + 1),  # errors of the outputs: 1
        kept(p, 10 * 9),  # out, 8 bits and a sign: 8.5
        kept(p, 10 * 9),  # and in: 8.5
        scaled(p, 10),  # 1
        p.bus(10 * 9),  # 6.5
        p.read(drive=20, results=251, side="backward"),  # 8 + 10 + 1, 251 rows on 128 converters: 39
        p.bus(251 * 8),  # 13.5
        p.lanes(251),  # 1
        kept(p, 250 * 8),  # errors of the hidden units, out: 29.5
        kept(p, 2 * 250 * 8),  # in again with the activations: 32 + 21.5
        p.lanes(250 * 3),  # 1
        kept(p, 250 * 9),  # 9 + 5.5, and 9 x 2: 32.5
    ]
    # 1 % of 196,250 weights, rounded: where they stand, 10 and 9 bits, and which of 17 levels, 5; then RESET and SET.
    cells, driver = 1963, p.costs.write_driver.time
    pulses = (p.chip.device.reset_width + driver) + (p.chip.device.set_width + driver)
    written = p.bus(cells * (10 + 9 + 5)) + cells * pulses
    # The second layer's cells are long written when the first layer's hidden weights are done.
    assert p.bus(25 * 24) + 25 * pulses < updated(p, 785, 250)
    expected = sum(read) + sum(back) + updated(p, 251, 10) + updated(p, 785, 250) + written
    assert took(setup, setup.rule.typical_step(1)) == expected == 2_208_827_032
