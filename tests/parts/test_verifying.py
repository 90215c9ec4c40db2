"""First weights that are read and pulsed again, by hand: which pulses, what that takes, and what is told.

Cells conduct 0 to 1 S in 64 even steps. A single cell's weight moves by 1/32 a pulse, a pair's by 1/64.
"""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.run.execute import execute
from chipsim.state import restore, state_of
from tests import made
from tests.made import ADC, DAC, READ, SAMPLE, SLOT

F = np.float32
DOWN_SLOT = made.DOWN + 5
A_READ = DAC + READ + SAMPLE + ADC
UP_AJ, READ_AJ = 1.0 * 31e6, 0.25 * READ * 1e6


def verified(*, tolerance=0.02, rounds=8, kind="row-by-row"):
    """An update that verifies first weights."""
    return made.update_by(
        kind, encoding="deterministic", slots=6, first_writing="verify", verify_tolerance=tolerance,
        verify_rounds=rounds,
    )  # fmt: skip


def a_tile(shape, make=made.single, **changes):
    """A chip with one tile, and the tile."""
    fields = {"tile": made.crossbar(*shape), "update": verified()} | changes
    chip = made.rule_on(make(**fields), shape).chip
    return chip, chip.tiles[0]


def with_steps(tile, factors):
    """Let cells of the first array step by so many times their mean, up."""
    cells = tile.carrier.targets[0].cells
    first = cells[0] if isinstance(cells, list) else cells
    first.step = first.step * np.array(factors, F)


# --- which pulses --------------------------------------------------------------------------------------


def test_weights_that_are_right_get_no_more():
    """Cells as described: each row is read once, and that is all."""
    chip, tile = a_tile((2, 2))
    change = tile.initialise(np.array([[0.5, -0.25], [0, 1]], F))
    assert tile.weights().tolist() == [[0.5, -0.25], [0, 1]]
    assert tile.first_writing().rounds.tolist() == [4, *[0] * 9]
    assert execute(chip, change.operation).elapsed == (48 + 64) * SLOT + 2 * A_READ
    lost = {loss.what: (loss.count, loss.of) for loss in tile.lost()}
    assert (lost["initial-weights-retried"], lost["initial-weights-off"]) == ((0, 4), (0, 4))


def test_a_cell_of_half_the_step_comes_nearer_by_half():
    """To -1/2 by 32 pulses, then 16, 8, 4, 2 and 1: off by 1/64 after five rounds, within 0.02."""
    chip, tile = a_tile((1, 2))
    with_steps(tile, [[1, 0.5]])
    change = tile.initialise(np.zeros((1, 2), F))
    assert tile.weights().tolist() == [[0, -1 / 64]]
    (worn,) = tile.wear()
    assert worn.pulses.tolist() == [[32, 32 + 31]]
    assert worn.updates == 0
    assert tile.first_writing().rounds.tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert execute(chip, change.operation).elapsed == (32 + 31) * SLOT + 6 * A_READ
    lost = {loss.what: (loss.count, loss.of) for loss in tile.lost()}
    assert (lost["initial-weights-retried"], lost["initial-weights-off"]) == ((1, 2), (0, 2))
    assert not [loss for loss in tile.lost() if loss.what.startswith("initial")]


def test_a_cell_that_went_too_far_is_lowered():
    """Of twice the step it is at its upper bound, one weight too high: 32 pulses down."""
    chip, tile = a_tile((1, 1))
    with_steps(tile, [[2]])
    change = tile.initialise(np.zeros((1, 1), F))
    assert tile.weights().tolist() == [[0]]
    assert execute(chip, change.operation).elapsed == 32 * SLOT + 32 * DOWN_SLOT + 2 * A_READ
    assert change.operation["retry_down_slots"] == 32


def test_stuck_cells_never_get_there():
    """Three rounds of 32 pulses on a cell that does not move: counted, and no other row is read again."""
    chip, tile = a_tile((3, 1), update=verified(rounds=3))
    with_steps(tile, [[1], [0], [1]])
    change = tile.initialise(np.zeros((3, 1), F))
    assert tile.weights().tolist() == [[0], [-1], [0]]
    assert tile.first_writing().rounds.tolist() == [2, 0, 0, 0, 1]
    assert change.operation["reads"] == 3
    assert change.operation["retry_reads"] == 3
    assert execute(chip, change.operation).elapsed == (3 * 32 + 3 * 32) * SLOT + 6 * A_READ
    lost = {loss.what: (loss.count, loss.of) for loss in tile.lost()}
    assert lost["initial-weights-off"] == (1, 3)


@pytest.mark.parametrize("kind", ["parallel-pulses", "column-by-column", "cell-by-cell"])
def test_whatever_updates_do_first_weights_go_row_by_row(kind):
    """As they are written."""
    chip, tile = a_tile((2, 2), update=verified(kind=kind))
    with_steps(tile, [[0.5, 1], [1, 1]])
    change = tile.initialise(np.zeros((2, 2), F))
    assert tile.weights().tolist() == [[-1 / 64, 0], [0, 0]]
    two_columns = DAC + READ + SAMPLE + ADC
    assert execute(chip, change.operation).elapsed == (64 + 31) * SLOT + 7 * two_columns


def test_pairs_are_raised_on_the_cell_that_lacks():
    """Half the step of plus cells: from 1/4 by 16, 8, 4 and 2 to 31/64; minus cells are right at once."""
    chip, tile = a_tile((1, 2), make=made.chip, device=made.finite())
    with_steps(tile, [[0.5, 1]])
    change = tile.initialise(np.array([[0.5, -0.25]], F))
    assert tile.weights().tolist() == [[0.5 - 1 / 64, -0.25]]
    plus, minus = tile.wear()
    assert (plus.pulses.tolist(), minus.pulses.tolist()) == ([[32 + 30, 0]], [[0, 16]])
    assert "retry_down_slots" not in change.operation.names
    assert execute(chip, change.operation).elapsed == (32 + 30) * SLOT + 5 * A_READ


def test_pairs_that_went_too_far_are_lowered_by_the_other_cell():
    """A plus cell of twice the step: one weight for a half; the minus cell gets the 32 that are too many."""
    _, tile = a_tile((1, 1), make=made.chip, device=made.finite())
    with_steps(tile, [[2]])
    tile.initialise(np.array([[0.5]], F))
    assert tile.weights().tolist() == [[0.5]]
    assert [worn.pulses.tolist() for worn in tile.wear()] == [[[32]], [[32]]]


def test_the_first_pair_of_several_is_pulsed():
    """What is read is the whole weight, fine cells included."""
    _, tile = a_tile((1, 1), make=made.hybrid, device=made.finite())
    with_steps(tile, [[0.5]])
    tile.initialise(np.array([[0.5]], F))
    assert tile.weights().tolist() == [[0.5 - 1 / 64]]
    assert [int(worn.pulses.sum()) for worn in tile.wear()] == [62, 0, 0, 0]


def test_pulses_are_counted_along_the_curve():
    """From 0.743 of the way up, where a pulse down is 0.218, to a half takes one and not two of 0.125."""
    _, tile = a_tile((1, 1), device=made.soft_bounds(), update=verified(tolerance=0.05))
    cells = tile.carrier.cells
    cells.conductance[:] = 0.75
    cells.sum_up()
    tile.initialise(np.array([[0.5]], F))
    risen = 1 - 0.5 * (7 / 8) ** 5
    assert tile.weights()[0, 0] == pytest.approx(risen - (1 + risen) / 8, abs=1e-6)
    assert tile.first_writing().rounds.tolist() == [0, 1, *[0] * 8]


def test_cells_with_references_are_verified_from_their_symmetry_points():
    """Of half the step up a cell has another symmetry point, a third below: right against its own reference."""
    device = made.soft_bounds(states=64)
    _, tile = a_tile((1, 2), make=made.referred, device=device, update=verified(tolerance=0.03), pairs=300)
    with_steps(tile, [[1, 0.5]])
    tile.initialise(np.full((1, 2), 0.25, F))
    told = tile.first_writing()
    assert told.points[1] == pytest.approx(-1 / 3, abs=0.02)
    assert told.errors[1] == pytest.approx(0, abs=1e-6)
    # The first gets there by the pulses of its first writing, the other by some that follow.
    assert told.rounds[0] == 1
    assert told.rounds[1:-1].sum() == 1
    assert tile.weights() == pytest.approx(0.25, abs=0.03)


def test_a_tolerance_under_half_a_step_is_stepped_over():
    """From a fifteenth under zero to a fifteenth above it and back, as often as is allowed."""
    _, tile = a_tile((1, 1), make=made.referred, update=verified(tolerance=0.06), pairs=200)
    tile.initialise(np.zeros((1, 1), F))
    assert tile.first_writing().rounds.tolist() == [*[0] * 9, 1]
    assert tile.weights() == pytest.approx(-(1 / 8) / (2 - 1 / 8), abs=1e-6)


def test_weights_beyond_the_range_are_wanted_at_its_end():
    """Nothing is pulsed again for what no cell can hold."""
    _, tile = a_tile((1, 1))
    tile.initialise(np.array([[3.0]], F))
    assert tile.weights().tolist() == [[1]]
    assert tile.first_writing().rounds.tolist() == [1, *[0] * 9]


def test_readings_are_those_of_the_converters():
    """Steps of 8/7 read 0.25 as zero: weights that are right are pulsed until rounds are over."""
    forward = made.one_pass(ideal=False)
    _, tile = a_tile((1, 1), tile=made.crossbar(1, 1, forward=forward), update=verified(rounds=2))
    tile.initialise(np.array([[0.25]], F))
    assert tile.weights().tolist() == [[0.75]]
    assert tile.first_writing().rounds.tolist() == [0, 0, 0, 1]


def test_what_converters_lose_of_these_readings_is_no_loss_of_training():
    """Nothing is told of conversions before the first sample."""
    forward = made.one_pass(ideal=False)
    _, tile = a_tile((1, 1), tile=made.crossbar(1, 1, forward=forward), update=verified(rounds=2))
    tile.initialise(np.array([[0.25]], F))
    assert not [loss for loss in tile.lost() if loss.part.endswith(("adc", "dac"))]


def test_noise_beyond_the_tolerance_leaves_a_tail():
    """Write noise of a step: of 1,600 weights some are right at once, fewer each round, and a few never."""
    device = made.soft_bounds(states=64, write_noise=1.0, step_variation=0.3, step_spread=0.3)
    _, tile = a_tile((40, 40), device=device, update=verified(tolerance=0.02, rounds=6))
    tile.initialise(np.random.default_rng(1).uniform(-0.5, 0.5, (40, 40)).astype(F))
    rounds = tile.first_writing().rounds.tolist()
    assert sum(rounds) == 1600
    assert rounds[0] > rounds[3] > rounds[5]
    # Within 0.02 of noise with a deviation of 1/32 a normal number is 48 times in a hundred, at best.
    assert 1600 * 0.3**7 < rounds[-1] < 1600 * 0.8**7


# --- what it takes ---------------------------------------------------------------------------------------


def test_readings_and_pulses_are_charged_as_initial_writing():
    """One cell of half the step, to 1/64 below zero: six readings, and 63 pulses from 0 to 63/128 S."""
    _, tile = a_tile((1, 1))
    with_steps(tile, [[0.5]])
    change = tile.initialise(np.zeros((1, 1), F))
    energies = {"tile0.cells": 0, "tile0.driver": 0}
    for charges in change.charges:
        assert {action for _, action in charges.rows} == {"initialise"}
        for (part, _), energy in zip(charges.rows, charges.energies_aj, strict=True):
            energies[part] += energy
    # The reference of half a siemens is half selected in every slot, and read in every reading.
    pulses = UP_AJ * (63 * (63 / 128) / 2 + 0.25 * 63 * 0.5)
    read = sum(READ_AJ * (after / 128 + 0.5) for after in (32, 48, 56, 60, 62, 63))
    assert energies["tile0.cells"] == pytest.approx(pulses + read, rel=1e-6)
    assert energies["tile0.driver"] == 63 * 2 * 7


def test_a_state_has_the_rounds():
    """Restored, a tile tells of the first writing of another."""
    _, tile = a_tile((1, 2))
    with_steps(tile, [[1, 0.5]])
    tile.initialise(np.zeros((1, 2), F))
    _, other = a_tile((1, 2))
    assert not other.first_writing().rounds.any()
    restore(other, state_of(tile))
    assert other.first_writing().rounds.tolist() == tile.first_writing().rounds.tolist()


def test_nobody_looks_where_weights_are_written_open_loop():
    """No figures, and no counts of readings in the operation."""
    _, tile = a_tile((1, 1), update=made.update_by("row-by-row", encoding="deterministic", slots=6))
    change = tile.initialise(np.zeros((1, 1), F))
    assert tile.first_writing() is None
    assert change.operation.names == ("down_slots", "pair", "slots", "visits")
