"""What follows from descriptions about runs that cannot learn: each bound just met and just missed."""

from __future__ import annotations

import pytest

from chipsim.learn.cannot_learn import learning_warnings
from chipsim.spec import load_chip, load_workload

TRAINS = [
    "update.encoding=stochastic",
    "synapse.weight_range=1",
    "tile.forward.adc.range=8",
    "tile.forward.adc.bits=8",
]
"""Pulsed chips whose weights reach one and whose pulse numbers are drawn."""
SQUARED = ["network.loss=squared-error"]
BOUND = 4 / 27
"""Largest error of a logistic output under squared error: y y (1 - y) at y = 2/3."""


def told(architecture, *sets, workload="mnist-5k", task=()):
    """Warnings of a shipped chip with some values changed."""
    chip = load_chip(architecture, sets=list(sets)).spec
    return learning_warnings(chip, load_workload(workload, sets=list(task)).spec)


def rate(value):
    """The workload's learning rate."""
    return [f"learning_rate={value!r}"]


@pytest.mark.parametrize(
    "name", ["single-pair", "single-pair-rowwise", "single-pair-cellwise", "digital-fp32"]
)
def test_shipped_chips_can_learn(name):
    """Nothing is told of what ships, on the workloads that ship for it."""
    assert told(name) == []
    assert told(name, workload="mnist") == []


@pytest.mark.parametrize("name", ["metaplastic-qnn", "plain-qnn", "metaplastic-bnn", "bnn"])
def test_shipped_chips_of_levels_can_learn(name):
    """Nor of those with hidden weights."""
    assert told(name, workload="mnist-5k-permuted") == []


def test_a_change_always_under_half_a_pulse():
    """Steps of 1/50: half of one is 0.01, which the output layer asks for from a rate of 0.0675 on.

    Errors of hidden units are at most a quarter of the sum over ten outputs: 0.25 x 10 x 4/27 = 0.37.
    """
    rounded = [*TRAINS, "update.encoding=deterministic"]
    last, hidden = 0.01 / BOUND, 0.01 / (2.5 * BOUND)
    assert told("single-pair", *rounded, task=[*SQUARED, *rate(1.01 * last)]) == []
    assert told("single-pair", *rounded, task=[*SQUARED, *rate(0.96 * last)]) == [
        (
            "update.encoding: no weight of layer 2 of the pair can ever change: one sample asks for 0.48 pulses at "
            "most, and deterministic rounding makes less than half a pulse none; raise the learning rate or "
            "device.states"
        )
    ]
    (above,) = told("single-pair", *rounded, task=[*SQUARED, *rate(1.01 * hidden)])
    (below,) = told("single-pair", *rounded, task=[*SQUARED, *rate(0.99 * hidden)])
    assert "no weight of layer 2" in above
    assert "no weight of the pair can" in below


def test_a_softmax_asks_for_more():
    """Its errors reach one: half a step of 2/50 is asked for from a rate of 0.02 on, by hidden units from 0.004."""
    assert told("single-pair", task=rate(0.0202)) == []
    (above,) = told("single-pair", task=rate(0.00404))
    (below,) = told("single-pair", task=rate(0.00396))
    assert "no weight of layer 2" in above
    assert "no weight of the pair can" in below


def test_only_the_coarse_pair_may_be_dead():
    """The steps of a fine pair are ten times smaller; a tenth of the rate takes that back."""
    sets = [*TRAINS, "synapse.gain=10", "update.encoding=deterministic"]
    task = [*SQUARED, *rate(0.03), "phases.0.epochs=5"]
    assert [text.partition(" can")[0] for text in told("hybrid-synapse", *sets, task=task)] == [
        "update.encoding: no weight of layer 2 of the coarse pair"
    ]
    both = told("hybrid-synapse", *sets, "selector.fine_rate=0.1", task=task)
    assert [text.partition(" can")[0] for text in both] == [
        "update.encoding: no weight of layer 2 of the coarse pair",
        "update.encoding: no weight of layer 2 of the fine pair",
    ]


def test_a_phase_with_a_rate_of_its_own_counts():
    """What learns in some phase can learn."""
    task = [*rate(1e-3), "phases.0.learning_rate=0.1"]
    assert told("single-pair", "update.encoding=deterministic", task=task) == []


def test_random_trains_have_a_resolution_too():
    """Probabilities of 24 bits: 31 slots times the square of half of one is 2.7e-14 pulses."""
    pulses = 31 * 2.0**-50
    hidden = 2.5 * BOUND
    assert told("single-pair", *TRAINS, task=[*SQUARED, *rate(1.01 * pulses / 50 / BOUND)]) == []
    (only,) = told("single-pair", *TRAINS, task=[*SQUARED, *rate(0.99 * pulses / 50 / hidden)])
    assert only.startswith("update.encoding: no weight of the pair can ever change")
    assert "probabilities have 24 bits" in only
    (only,) = told("single-pair-rowwise", *TRAINS, task=[*SQUARED, *rate(0.99 * 2.0**-24 / 50 / hidden)])
    assert "rounded with random numbers of 24 bits" in only


def test_initial_weights_that_are_all_zero():
    """Twenty states are steps of 0.1: five deviations of 0.0099 are under half of one, of 0.0101 are not."""
    states = "device.states=20"
    assert told("single-pair", states, task=["network.initial_weights=0.0101"]) == []
    assert told("single-pair", states, task=["network.initial_weights=0.0099"]) == [
        (
            "network.initial_weights: all weights begin at zero, drawn with 0.0099, under half a step of 0.05: "
            "hidden units begin alike and get the same errors, so only chance can part them; raise it or "
            "device.states"
        )
    ]
    assert len(told("digital-fp32", task=["network.initial_weights=0"])) == 1
    assert told("digital-fp32", task=["network.initial_weights=0", "network.layers=[784, 10]"]) == []


@pytest.mark.parametrize(("bits", "warned"), [(1, True), (2, True), (3, False)])
def test_errors_under_half_a_step_of_their_converter(bits, warned):
    """At a fixed scale errors of 4/27 = 0.148 pass half a step of 1/7, 0.071, but not of 1/3 or 1."""
    sets = [f"tile.backward.dac.bits={bits}", "tile.backward.scaling=fixed"]
    warnings = told("single-pair", *sets, task=SQUARED)
    found = [text for text in warnings if text.startswith("tile.backward.dac.bits")]
    assert len(found) == warned
    assert told("single-pair", *TRAINS, sets[0], task=SQUARED) == []


def test_results_that_never_reach_a_code():
    """785 weights of one at most: a range of 127 x 2 x 785 has half a step of 785; ten errors reach ten."""
    assert told("single-pair", *TRAINS, "tile.forward.adc.range=199000") == []
    (forward,) = told("single-pair", *TRAINS, "tile.forward.adc.range=200000")
    assert forward == (
        "tile.forward.adc.range: results of 785 lines, 785 at most, are under half a step of the converter, "
        "787, and become zero; lower it, or use more bits"
    )
    assert told("single-pair", *TRAINS, "tile.backward.adc.range=2500") == []
    (backward,) = told("single-pair", *TRAINS, "tile.backward.adc.range=2600")
    assert backward.startswith("tile.backward.adc.range: results of 10 lines, 10 at most")


@pytest.mark.parametrize(("epochs", "warned"), [(1, True), (2, True), (3, False)])
def test_a_fine_pair_that_is_never_used(epochs, warned):
    """Two epochs are compared, and only a third one can use what that decides."""
    assert bool(told("hybrid-synapse", task=[f"phases.0.epochs={epochs}"])) is warned


def test_a_threshold_that_is_never_met():
    """Accuracy cannot fall by more than all of it."""
    assert told("hybrid-synapse", "selector.threshold=-100 %", task=["phases.0.epochs=9"]) == [
        "selector.threshold: accuracy never falls by 100 points or more: the fine pair is never used"
    ]


def test_moments_that_never_fall():
    """Of bfloat16 a decay of a thousandth is lost to nearest rounding, one of a hundredth is not."""
    sets = ["memory.moments=bfloat-16", "memory.rounding=nearest", "memory.weights=float-32"]
    (only,) = told("plain-qnn", *sets, workload="mnist-5k-permuted")
    assert only.startswith(
        "memory.rounding: a moment that decays by 0.001 a step (rule.beta2) grows and never"
    )
    assert told("plain-qnn", *sets, "rule.beta2=0.99", workload="mnist-5k-permuted") == []


def test_hidden_steps_that_round_to_nothing():
    """Plain gradient descent with softmax: a step of the last layer is the learning rate at most.

    Levels reach 1.5: a grid of 10 bits has steps of 1.5/511, half of which is 0.00147.
    """
    sets = ["rule.optimiser=sgd", "memory.weights=fixed-10", "memory.rounding=nearest"]
    task = ["network.normalisation.output=false", "network.activation=sign"]
    chip = load_chip("plain-qnn").spec
    half = chip.synapse.levels[-1] / 511 / 2
    above = told(
        "plain-qnn", *sets, f"rule.learning_rate={1.01 * half}", workload="mnist-5k-permuted", task=task
    )
    below = told(
        "plain-qnn", *sets, f"rule.learning_rate={0.99 * half}", workload="mnist-5k-permuted", task=task
    )
    assert above == []
    assert [text.partition(":")[0] for text in below] == ["memory.rounding"]
    assert "no hidden weight of the last layer can ever change" in below[0]
    # What units without a bound pass on may be of any size, and so may a step.
    unbounded = [*task[:1], "network.activation=identity"]
    slow = f"rule.learning_rate={0.99 * half}"
    assert told("plain-qnn", *sets, slow, workload="mnist-5k-permuted", task=unbounded) == []


def test_digital_weights_that_round_every_change_away():
    """A range of 1.27 in fixed-8 has steps of 0.01: the last layer asks for half of one from 0.03375 on.

    Hidden errors are at most 0.25 x 10 x 1.27 x 4/27.
    """
    sets = ["synapse.arithmetic=fixed-8", "synapse.weight_range=1.27", "synapse.sum_range=8"]
    last, hidden = 0.005 / BOUND, 0.005 / (2.5 * 1.27 * BOUND)
    fixed = [*sets, "synapse.rounding=nearest"]
    assert told("digital-fp32", *fixed, task=[*SQUARED, *rate(1.01 * last)]) == []
    (below,) = told("digital-fp32", *fixed, task=[*SQUARED, *rate(0.99 * last)])
    (none,) = told("digital-fp32", *fixed, task=[*SQUARED, *rate(0.99 * hidden)])
    assert "no weight of layer 2 can ever change" in below
    assert "no weight can ever change" in none
    drawn = [*sets, "synapse.rounding=stochastic"]
    assert told("digital-fp32", *drawn, task=[*SQUARED, *rate(0.5 * hidden)]) == []
