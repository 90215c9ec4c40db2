"""What training with hidden weights asks of the digital unit, counted by hand from the formulas."""

from __future__ import annotations

import pytest

from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.parts.program import operations_of
from chipsim.spec.levels import MemorySpec
from tests import hidden_made, levels_made, made

LAYERS, BATCH = (6, 5, 3), 4
WEIGHTS = 6 * 5 + 5 * 3
UNITS = 5 + 3
PLAIN = {"normalisation": None}


def total(*counts):
    """Operations of several lines of a derivation."""
    found = {}
    for table in counts:
        for name, value in table.items():
            found[name] = found.get(name, 0) + value
    return {name: value for name, value in found.items() if value}


def asked(program, action):
    """Arithmetic of the digital unit under one name."""
    ops = [(op, times) for op, times in operations_of(program) if (op.part, op.action) == ("digital", action)]
    return total(*({name: times * value for name, value in op.counts} for op, times in ops))


def step(net, *, spec=None):
    """The program of a step of four samples that nobody computed."""
    rule = hidden_made.hidden_on(spec or hidden_made.chip(), net, seed=None)
    rule.begin_phase(hidden_made.phase("one"))
    return rule.typical_step(BATCH)


@pytest.mark.parametrize(
    ("loss", "activation", "a_sample"),
    [
        # Largest of 3; less it, 2 sums, one off the label's share; 3 exponentials and an inverse; 3 quotients.
        ("cross-entropy", "relu", {"compare": 2, "add": 3 + 2 + 1, "function": 3 + 1, "multiply": 3}),
        ("cross-entropy", "sign", {"compare": 2, "add": 6, "function": 4, "multiply": 3}),
        # Outputs less targets.
        ("squared-error", "relu", {"add": 3}),
        # And times y, and times 1 less y.
        ("squared-error", "logistic", {"add": 3 + 3, "multiply": 3 + 3}),
    ],
)
def test_losses_cost_what_their_errors_take(loss, activation, a_sample):
    """Squared error and a softmax are not the same arithmetic."""
    net = hidden_made.network(LAYERS, loss=loss, activation=activation, **PLAIN)
    assert asked(step(net), "loss") == {name: BATCH * value for name, value in a_sample.items()}


@pytest.mark.parametrize(
    ("activation", "there", "back"),
    [
        ("relu", {"compare": 1}, {"compare": 1}),
        ("sign", {"compare": 1}, {"compare": 1}),
        ("logistic", {"function": 1}, {"multiply": 2, "add": 1}),
    ],
)
def test_activations_and_their_slopes(activation, there, back):
    """Of 5 hidden units: what makes them, and what takes an error back; the softmax's sums pass as they are."""
    program = step(hidden_made.network(LAYERS, activation=activation, **PLAIN))
    assert asked(program, "activation") == {name: BATCH * 5 * value for name, value in there.items()}
    assert asked(program, "error") == {name: BATCH * 5 * value for name, value in back.items()}


def test_normalising_a_batch():
    """By the formulas of a batch's mean and variance, running figures included."""
    # sum; minus mean, squared, sum; minus mean, times inverse, times scale, plus offset
    a_value = {"add": 1 + 2 + 2, "multiply": 1 + 2}
    # mean and variance over the batch; plus epsilon, inverse root; a sample's variance; 2 running figures
    a_unit = {"multiply": 2 + 1 + 2, "add": 1 + 2 * 2, "function": 1}
    activated = {"compare": BATCH * 5}
    wanted = total(
        {name: BATCH * UNITS * value for name, value in a_value.items()},
        {name: UNITS * value for name, value in a_unit.items()},
        activated,
    )
    assert asked(step(hidden_made.network(LAYERS)), "normalise") == wanted


@pytest.mark.parametrize("activation", ["relu", "logistic"])
def test_errors_pass_back_through_a_normalisation(activation):
    """Unit values anew; where the slope is one of normalised values, these anew too, from scale and offset."""
    # unit value; error times it, summed; error summed; less its mean, less unit times mean; scaled
    a_value = {"add": 1 + 1 + 1 + 2, "multiply": 1 + 1 + 1 + 1}
    a_unit = {"multiply": 2 + 1}
    slope = {"compare": 1, "add": 1, "multiply": 1} if activation == "relu" else {"add": 1, "multiply": 2}
    wanted = total(
        {name: BATCH * UNITS * value for name, value in a_value.items()},
        {name: UNITS * value for name, value in a_unit.items()},
        {name: BATCH * 5 * value for name, value in slope.items()},
    )
    assert asked(step(hidden_made.network(LAYERS, activation=activation)), "error") == wanted


def test_figures_are_fetched_that_are_used():
    """Figures and moments of 32 bits: 4 rows to normalise, scales back, and offsets where a slope asks."""
    for activation, offsets in (("relu", 5), ("logistic", 0)):
        program = step(hidden_made.network(LAYERS, activation=activation))
        reads = sum(
            op["bits"] * n
            for op, n in operations_of(program)
            if op.part == "digital.memory" and op.action == "read"
        )
        hidden_state = 32 * 3 * WEIGHTS + 32 * 3 * 2 * UNITS
        assert reads == hidden_state + 32 * (4 * UNITS + UNITS + offsets)


@pytest.mark.parametrize(
    ("rule", "memory", "a_weight"),
    [
        # g / batch; 2 and 3 products of moments; correction; rate; quotient. 2 sums and epsilon. Root, inverse.
        ({}, {}, {"multiply": 1 + 2 + 3 + 1 + 1 + 1, "add": 2 + 1, "function": 2}),
        ({"optimiser": "sgd"}, {}, {"multiply": 1}),
        # Each of two moments is rounded to fewer bits.
        ({}, {"moments": "bfloat-16"}, {"multiply": 9, "add": 3, "function": 2, "compare": 2}),
        # Scaled to the grid, rounded, and back; a random fraction is added first.
        ({"optimiser": "sgd"}, {"weights": "fixed-8"}, {"multiply": 1 + 2, "compare": 1}),
        (
            {"optimiser": "sgd"},
            {"weights": "fixed-8", "rounding": "stochastic"},
            {"multiply": 1 + 2, "compare": 1, "add": 1},
        ),
        # Level's value and difference; scaled, under one; place; 2 of the table; line of 3 sums and a product.
        (
            {"optimiser": "sgd", "metaplasticity": 3.0},
            {},
            {"multiply": 1 + 1 + 1 + 1 + 1, "function": 1 + 2, "add": 1 + 3, "compare": 1 + 1 + 1},
        ),
    ],
)
def test_an_update_costs_its_optimiser_its_formats_and_its_consolidation(rule, memory, a_weight):
    """On top of the move: a difference, held between two bounds, and a level before and one after."""
    move = {"add": 1, "compare": 2}
    level = {"add": 2, "multiply": 1, "compare": 1}
    spec = hidden_made.chip(
        rule=HiddenWeights(**rule), memory=MemorySpec(banks=hidden_made.BANKS, width=made.WIDTH, **memory)
    )
    wanted = {name: WEIGHTS * value for name, value in total(a_weight, move, level, level).items()}
    assert asked(step(hidden_made.network(LAYERS, **PLAIN), spec=spec), "update") == wanted


def test_uneven_levels_are_searched_for():
    """Five levels: three comparisons find one of them; the gap on a weight's side has to be looked up."""
    synapse = levels_made.PAIR
    uneven = (-1.0, -0.25, 0.0, 0.25, 1.0)
    rule = HiddenWeights(optimiser="sgd", metaplasticity=3.0)
    spec = hidden_made.chip(rule=rule, synapse=type(synapse)(levels=uneven))
    move, level = {"add": 1, "compare": 2}, {"compare": 3}
    share = {"multiply": 4, "function": 3, "add": 4, "compare": 3}
    gap = {"compare": 1, "add": 2, "function": 2, "multiply": 1}
    wanted = total({"multiply": 1}, move, level, level, share, gap)
    program = step(hidden_made.network(LAYERS, **PLAIN), spec=spec)
    assert asked(program, "update") == {name: WEIGHTS * value for name, value in wanted.items()}


def test_gradients_add_a_product_for_every_sample_and_weight():
    """Inputs of zero are multiplied like any others."""
    program = step(hidden_made.network(LAYERS, **PLAIN))
    assert asked(program, "gradient") == {"add": BATCH * WEIGHTS, "multiply": BATCH * WEIGHTS}


def test_inference_normalises_by_running_figures_and_finds_the_class():
    """Each unit's inverse root is found for the sample; the class is the largest of 3 sums."""
    rule = hidden_made.hidden_on(hidden_made.chip(), hidden_made.network(LAYERS), seed=None)
    program = rule.inference()
    assert asked(program, "normalise") == {
        "add": UNITS * 3, "multiply": UNITS * 2, "function": UNITS, "compare": 5,
    }  # fmt: skip
    assert asked(program, "classify") == {"compare": 2}
    assert asked(program, "loss") == {}
