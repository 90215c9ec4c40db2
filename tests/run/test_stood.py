"""Where weights that learnt ended, by hand, and what studies tell of writing them."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.result.metrics import METRICS, measured
from chipsim.run import simulate
from chipsim.run.stood import stood
from tests import made

FIGURES = {metric.key: metric for metric in METRICS}
TINY = ("phases.0.dataset.train=128", "phases.0.dataset.test=10", "phases.0.epochs=2")


def ended(spec, weights):
    """Figures of one layer without a bias that holds these weights."""
    rule = made.rule_on(spec, np.shape(weights))
    (matrix,) = rule.matrices
    matrix.initialise(np.array(weights, np.float32))
    return stood(spec, tuple(rule.matrices))


def test_weights_of_pairs():
    """Cells of 64 states that carry 1: of five weights two at zero, two at the ends, and 64 + 64 + 10 steps."""
    found = ended(
        made.chip(tile=made.crossbar(5, 1), device=made.finite()), [[0], [1], [-1], [10 / 64], [0.004]]
    )
    assert found == {"learnt_weights": 5, "weights_at_zero": 2, "weights_at_ends": 2, "net_steps": 138}


def test_weights_of_two_pairs_have_no_steps():
    """Of which sort they would be, nobody says."""
    found = ended(made.hybrid(tile=made.crossbar(2, 1)), [[0], [0.5]])
    assert (found["learnt_weights"], found["net_steps"]) == (2, None)


def test_numbers_have_neither():
    """Any of them may be as small, and as large, as one likes."""
    found = ended(made.mac_chip(), [[0, 0.5]])
    assert found == {"learnt_weights": 2, "weights_at_zero": None, "weights_at_ends": None, "net_steps": None}


@pytest.mark.parametrize(
    ("chip", "sets"),
    [
        ("analog-pair-transfer", ("device.first_stage=1", "device.last_stage=3")),
        ("set-reset-transfer", ("device.asymmetry=2",)),
    ],
)
def test_steps_of_several_sizes_are_not_counted(chip, sets):
    """By the mean step of three stages, twice as many would be told as there were pulses."""
    said = simulate(chip, "mnist-5k-transfer", sets=[*TINY, *sets]).summary
    assert said.learnt_weights == 10_240
    assert (said.weights_at_zero, said.weights_at_ends, said.net_steps) == (None, None, None)


def test_pulses_of_recentring_count():
    """They wear cells like any others; the time of a pulse is that of learning alone."""
    sets = [
        *TINY,
        "synapse.weight_range=0.05",
        "learning_rate.sgd=20",
        "batch=4",
        "update.recentre={every: 4, headroom: 1 %}",
        "costs.write_driver.time=0 ns",
    ]
    result = simulate("analog-pair-transfer", "mnist-5k-transfer", sets=sets)
    pulses = {row.action: 0 for row in result.ledger}
    for row in result.ledger:
        pulses[row.action] += row.pulses
    assert pulses["recentre"]
    assert measured(FIGURES["pulses_per_weight"], result) == (pulses["pulse"] + pulses["recentre"]) / 10_240
    assert measured(FIGURES["write_time_per_pulse_ps"], result) == 100_000


def test_weights_at_levels():
    """Levels of -1, 0 and 1 in a shipped chip: all are at zero or at the ends."""
    result = simulate(
        "multilevel-transfer",
        "mnist-5k-transfer",
        sets=[*TINY, "synapse.levels=[-1, 0, 1]", "device.spread_scale=0"],
    )
    said = result.summary
    assert said.learnt_weights == 10_240
    assert said.weights_at_zero + said.weights_at_ends == 10_240
    assert said.net_steps is None
    values = result.weights["layer1"]
    assert said.weights_at_zero == np.count_nonzero(np.abs(values) < 0.5)


@pytest.fixture(scope="module")
def serial():
    """Analog pairs whose write drivers take no time beside their pulses."""
    return simulate("analog-pair-transfer", "mnist-5k-transfer", sets=[*TINY, "costs.write_driver.time=0 ns"])


def test_one_cell_after_another_takes_pulses_times_width(serial):
    """To the picosecond: the identity that the published 170 ms rest on."""
    pulses = sum(row.pulses for row in serial.ledger if row.action == "pulse")
    assert pulses > 1000
    assert measured(FIGURES["write_time_ps"], serial) == pulses * 100_000
    assert measured(FIGURES["write_time_per_pulse_ps"], serial) == 100_000
    assert measured(FIGURES["pulses_per_weight"], serial) == pulses / 10_240
    assert measured(FIGURES["write_time_per_weight_ps"], serial) == pulses * 100_000 / 10_240


@pytest.mark.parametrize("kind", ["row-by-row", "column-by-column"])
def test_drivers_side_by_side_take_less(serial, kind):
    """For the same pulses."""
    sets = [*TINY, "costs.write_driver.time=0 ns", f"update.kind={kind}"]
    result = simulate("analog-pair-transfer", "mnist-5k-transfer", sets=sets)
    assert result.summary.pulses == serial.summary.pulses
    assert measured(FIGURES["write_time_per_pulse_ps"], result) < 100_000


def test_a_pair_of_pulses_takes_both():
    """A step up is 5.5 us, and one down 0.1 us."""
    sets = [*TINY, "costs.write_driver.time=0 ns", "device.up_variation=0"]
    result = simulate("set-reset-transfer", "mnist-5k-transfer", sets=sets)
    each = measured(FIGURES["write_time_per_pulse_ps"], result)
    assert 100_000 < each < 5_500_000
    pulses = sum(row.pulses for row in result.ledger if row.action == "pulse")
    ups = (measured(FIGURES["write_time_ps"], result) - 100_000 * pulses) / 5_400_000
    assert ups == int(ups)


def test_steps_to_an_accuracy(serial):
    """The end of the first epoch that has it, in batches of 64; none where none has."""
    rows = [row.train_accuracy_percent for row in serial.epochs]
    found = measured(FIGURES["steps_to_90_right"], serial)
    expected = next((2.0 * epoch for epoch, percent in enumerate(rows, start=1) if percent >= 90), None)
    assert found == expected


def test_where_the_weights_of_a_run_stand(serial):
    """Shares of the weights, and steps of 0.01 from zero."""
    values = serial.weights["layer1"].astype(float)
    at_zero = np.count_nonzero(np.abs(values) < 0.005)
    assert measured(FIGURES["weights_at_zero_percent"], serial) == 100 * at_zero / 10_240
    assert measured(FIGURES["weights_at_ends_percent"], serial) == 0
    assert measured(FIGURES["net_steps_per_weight"], serial) == pytest.approx(
        np.abs(values).sum() / 0.01 / 10_240
    )
    pulses = sum(row.pulses for row in serial.ledger if row.action == "pulse")
    # What was raised and lowered again is in the pulses, and not in the steps.
    assert serial.summary.net_steps <= pulses


def test_numbers_have_no_write_time():
    """Numbers are written by no driver."""
    result = simulate("digital-fp32", "mnist-5k-transfer", sets=TINY)
    assert measured(FIGURES["write_time_ps"], result) is None
