"""Pairs of cells that pulses only lower, by hand: which cell moves, what it takes, and how a pair comes back.

Cells conduct 1 to 0 S in 64 steps and a weight of one is one siemens, so a step is 1/64 of a weight. A pulse is
1 V for 31 ps, a SET 2 V for 37 ps.
"""

from __future__ import annotations

import numpy as np

from chipsim.device.gradual_reset import ResetStage
from chipsim.run.execute import execute
from chipsim.synapse.reset_pair import ResetPair
from chipsim.update.update import Recentre
from tests import made
from tests.made import ADC, DAC, READ, RESET, SAMPLE, SLOT

F, N = np.float32, np.int32
STEP = 1 / 64
PULSE_AJ, SET_AJ = 1.0 * 31e6, 4.0 * 37e6
"""Attojoules that a siemens takes of a pulse and of a SET."""


def a_tile(rows, columns, *, kind="row-by-row", recentre=None, **changes):
    """A chip with one tile of pairs, all of whose cells are SET, and the tile."""
    update = made.update_by(kind=kind, encoding="deterministic", slots=6, recentre=recentre)
    fields = {"tile": made.crossbar(rows, columns), **changes}
    chip = made.rule_on(made.reset_pairs(update=update, **fields), (rows, columns)).chip
    return chip, chip.tiles[0]


def arrays(tile):
    """Conductances of the plus and of the minus array."""
    return [worn.conductance.tolist() for worn in tile.wear()]


def test_fresh_pairs_stand_for_nothing():
    """Both cells at the top."""
    _, tile = a_tile(1, 2)
    assert tile.weights().tolist() == [[0, 0]]
    assert arrays(tile) == [[[1, 1]], [[1, 1]]]


def test_a_weight_is_raised_by_its_minus_cell():
    """Three steps up lower the minus cell; two down lower the plus cell; the slots are the larger of each row."""
    chip, tile = a_tile(1, 2)
    change = tile.pulse_counts(np.array([[3, -2]], N), pair=0)
    assert tile.weights().tolist() == [[3 * STEP, -2 * STEP]]
    assert arrays(tile) == [[[1, 1 - 2 * STEP]], [[1 - 3 * STEP, 1]]]
    assert [worn.pulses.tolist() for worn in tile.wear()] == [[[0, 2]], [[3, 0]]]
    assert execute(chip, change.operation).elapsed == 3 * SLOT


def test_what_the_pulses_take():
    """Two from 1 S in the plus array, three in the minus; the row is driven three slots in both.

    Of the plus array the row's 2 S lose a step on average, and so does the column's 1 S, driven two slots: all
    that less twice the pulsed cell is half selected, 4 S and a step less.
    """
    _, tile = a_tile(1, 2)
    (charges,) = tile.pulse_counts(np.array([[3, -2]], N), pair=0).charges
    plus, minus, _ = charges.energies_aj
    assert plus == round(PULSE_AJ * (2 - 2 * STEP + 0.25 * (4 - STEP)))
    assert minus == round(PULSE_AJ * (3 - 4.5 * STEP + 0.25 * 3))


def test_initial_weights():
    """Half and minus a quarter: 32 pulses on the minus, 16 on the plus cell; no update events."""
    _, tile = a_tile(1, 2)
    tile.initialise(np.array([[0.5, -0.25]], F))
    assert tile.weights().tolist() == [[0.5, -0.25]]
    assert [worn.updates for worn in tile.wear()] == [0, 0]


def test_an_outer_product():
    """Minus rate x x d: x = 1, d = (-1/2, 1/4), of four steps a unit: two up, one down."""
    _, tile = a_tile(1, 2)
    tile.update(np.array([1], F), np.array([-0.5, 0.25], F), rate=4 * STEP, pair=0)
    assert tile.weights().tolist() == [[2 * STEP, -1 * STEP]]


def test_changes_below_a_step_are_lost_and_counted():
    """A quarter of a step is rounded to none."""
    _, tile = a_tile(1, 1)
    tile.update(np.array([1], F), np.array([0.25], F), rate=STEP, pair=0)
    assert tile.weights().tolist() == [[0]]
    found = {loss.what: (loss.count, loss.of) for loss in tile.lost()}
    assert found["crossings-rounded-to-zero"] == (1, 1)


def test_a_pair_at_the_end_of_its_range():
    """After 64 pulses the minus cell is at its bottom; four more change nothing, and both are told."""
    _, tile = a_tile(1, 1)
    for _ in range(17):
        tile.pulse_counts(np.array([[4]], N), pair=0)
    assert tile.weights().tolist() == [[1]]
    found = {(loss.part, loss.what): (loss.count, loss.of) for loss in tile.lost()}
    assert found["tile0.pair-", "pulsings-without-effect"] == (1, 17)
    assert found["tile0.pair-", "cells-saturated"] == (1, 1)
    assert found["tile0.pair", "pairs-saturated"] == (1, 1)
    assert found["tile0.pair", "pairs-stuck"] == (0, 1)


def test_recentring():
    """Minus at the bottom, plus 32 down: both are SET, and the minus cell is lowered by the difference of 32."""
    chip, tile = a_tile(1, 1, recentre=Recentre(every=1, headroom=0.25))
    for _ in range(16):
        tile.pulse_counts(np.array([[4]], N), pair=0)
    for _ in range(8):
        tile.pulse_counts(np.array([[-4]], N), pair=0)
    assert arrays(tile) == [[[0.5]], [[0]]]
    change = tile.recentre(pair=0)
    assert arrays(tile) == [[[1]], [[0.5]]]
    assert tile.weights().tolist() == [[0.5]]
    assert [worn.resets.tolist() for worn in tile.wear()] == [[[1]], [[1]]]
    settled = DAC + READ + SAMPLE + ADC
    assert execute(chip, change.operation).elapsed == settled + RESET + 32 * SLOT
    *_, reset = change.charges
    assert list(reset.energies_aj[:2]) == [round(SET_AJ * 0.75), round(SET_AJ * 0.5)]
    assert tile.recentre(pair=0) is None


def test_pairs_that_would_gain_little_stay():
    """The plus cell has come down by an eighth of the range, and a quarter is asked for."""
    _, tile = a_tile(1, 1, recentre=Recentre(every=1, headroom=0.25))
    for _ in range(16):
        tile.pulse_counts(np.array([[4]], N), pair=0)
    tile.pulse_counts(np.array([[-4]], N), pair=0)
    tile.pulse_counts(np.array([[-4]], N), pair=0)
    assert tile.recentre(pair=0) is None


def test_steps_of_the_stages_in_use():
    """Of the middle stage, 32 steps from a half to an eighth: a weight of one has 32 steps."""
    stages = (
        ResetStage(pulses=0.25, range=0.5),
        ResetStage(pulses=0.5, range=0.375),
        ResetStage(pulses=0.25, range=0.125),
    )
    device = made.lowered(stages=stages, first_stage=2, last_stage=2)
    assert ResetPair(weight_range=1.0).weight_steps(device) == {"pair": 1 / 32}
    _, tile = a_tile(1, 1, device=device)
    tile.pulse_counts(np.array([[4]], N), pair=0)
    assert np.allclose(tile.weights(), 4 / 32, atol=1e-6)
