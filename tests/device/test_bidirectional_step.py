"""Cells that step up and down between two bounds of their own: means, variances, bounds and energies by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.device.encoding import Hits
from chipsim.device.randomness import generator
from tests import made

F = np.float32
SIDE = 200


def hits_of(counts):
    """Hits on the cells of a matrix of counts, row by row."""
    rows, columns = np.nonzero(counts)
    return Hits(rows.astype(np.int32), columns.astype(np.int32), counts[rows, columns].astype(np.int32))


def everywhere(count, side=SIDE):
    """The same number of pulses for every cell."""
    return hits_of(np.full((side, side), count))


def fresh(model, shape, seed=1):
    """Cells and the generator of their array."""
    rng = generator(seed, "array")
    return model.fresh(shape, rng=rng), rng


def test_fresh_cells_are_at_their_lower_bound():
    """Alike without spread, and never pulsed."""
    cells, _ = fresh(made.both_ways(on_conductance=1.5, off_conductance=0.5), (3, 2))
    assert (cells.conductance == F(0.5)).all()
    assert cells.at_bottom.all()
    assert not cells.at_top.any()
    assert not cells.pulses.any()


def test_up_and_down_again():
    """Five up are 5/64; three down at half a step each leave 3.5/64; a hundred more end at the bound."""
    model = made.both_ways(asymmetry=0.5)
    cells, rng = fresh(model, (1, 1))
    model.pulse(cells, everywhere(5, side=1), rng=rng)
    assert cells.conductance[0, 0] == 5 / 64
    model.pulse_down(cells, everywhere(3, side=1), rng=rng)
    assert cells.conductance[0, 0] == 3.5 / 64
    model.pulse_down(cells, everywhere(100, side=1), rng=rng)
    assert cells.conductance[0, 0] == 0
    assert cells.pulses[0, 0] == 108


def test_meetings_with_either_bound_are_counted():
    """Up beyond 64: moved by less. Up again: stayed. Down beyond 0 and down again: the same at the other end."""
    model = made.both_ways()
    cells, rng = fresh(model, (1, 1))
    for move, count in ((model.pulse, 70), (model.pulse, 1), (model.pulse_down, 99), (model.pulse_down, 1)):
        move(cells, everywhere(count, side=1), rng=rng)
    assert cells.tally.tolist() == [4, 4, 2]


@pytest.mark.parametrize("down", [False, True])
def test_pulses_have_their_mean_and_variance(down):
    """Nine pulses of deviation 0.3 either way: mean 9 steps, deviation 0.9, a step down being 0.8 of one up.

    Of 40,000 cells, five standard errors are 0.0225 of a step for the mean and 0.0159 for the deviation.
    """
    model = made.both_ways(states=1000, step_variation=0.3, asymmetry=0.8)
    cells, rng = fresh(model, (SIDE, SIDE))
    cells.conductance[:] = 0.5
    (model.pulse_down if down else model.pulse)(cells, everywhere(9), rng=rng)
    step = -0.8 / 1000 if down else 1 / 1000
    moved = (cells.conductance.astype(float) - 0.5) / step
    assert moved.mean() == pytest.approx(9, abs=0.0225)
    assert moved.std() == pytest.approx(0.9, abs=0.0159)


def test_both_bounds_spread_about_the_middle():
    """20 % of half the range of one, about the middle of 1: bounds of deviation 0.1, not drawn together.

    Five standard errors of 40,000 draws: 0.0025 of a mean, 0.0018 of a deviation, 0.025 of a correlation.
    """
    cells, _ = fresh(made.both_ways(range_spread=0.2, on_conductance=1.5, off_conductance=0.5), (SIDE, SIDE))
    for bound, mean in ((cells.low, 0.5), (cells.high, 1.5)):
        assert bound.mean() == pytest.approx(mean, abs=0.0025)
        assert bound.std() == pytest.approx(0.1, abs=0.0018)
    assert abs(np.corrcoef(cells.low.ravel(), cells.high.ravel())[0, 1]) < 5 / SIDE
    assert (cells.conductance == cells.low).all()


def test_steps_up_and_down_spread_apart():
    """Each of deviation 10 % of its mean; down half as far as up."""
    cells, _ = fresh(made.both_ways(step_spread=0.1, asymmetry=0.5), (SIDE, SIDE))
    up, down = cells.step * 64, -cells.step_down * 128
    for steps in (up, down):
        assert steps.mean() == pytest.approx(1, abs=0.0025)
        assert steps.std() == pytest.approx(0.1, abs=0.0018)
    assert abs(np.corrcoef(up.ravel(), down.ravel())[0, 1]) < 5 / SIDE


def test_no_bound_is_below_nothing():
    """A lower bound that the spread would put below zero is at zero, and below its upper one."""
    cells, _ = fresh(made.both_ways(range_spread=1.0), (SIDE, SIDE))
    assert cells.low.min() == 0
    assert (cells.low < cells.high).all()


def test_what_pulses_weigh_is_in_the_middle_of_the_move():
    """Up from 0 to 4/64 is 4 times 2/64, down from there to 1/64 is 3 times 2.5/64: V^2 G t follows."""
    model = made.both_ways()
    cells, rng = fresh(model, (1, 1))
    assert model.pulse(cells, everywhere(4, side=1), rng=rng) == 4 * 2 / 64
    assert model.pulse_down(cells, everywhere(3, side=1), rng=rng) == 3 * 2.5 / 64


@given(
    seed=st.integers(0, 999),
    variation=st.sampled_from([0.0, 0.34, 5.0]),
    asymmetry=st.sampled_from([0.3, 2.0]),
)
def test_bounds_and_sums_hold(seed, variation, asymmetry):
    """Whatever the noise and the way: each cell within its own bounds, and sums of lines as the cells say."""
    model = made.both_ways(
        states=7, step_variation=variation, range_spread=0.3, step_spread=0.2, asymmetry=asymmetry,
        on_conductance=20.3e-6, off_conductance=1.7e-6,
    )  # fmt: skip
    cells, rng = fresh(model, (4, 5), seed)
    draws, total = np.random.default_rng(seed), np.zeros((4, 5), int)
    for turn in range(6):
        counts = draws.integers(0, 5, (4, 5))
        total += counts
        (model.pulse_down if turn % 2 else model.pulse)(cells, hits_of(counts), rng=rng)
        assert (cells.conductance >= cells.low).all()
        assert (cells.conductance <= cells.high).all()
    assert np.array_equal(cells.pulses, total)
    for axis, sums in ((1, cells.row_sum), (0, cells.column_sum)):
        assert sums == pytest.approx(cells.conductance.sum(axis=axis, dtype=np.float64), rel=1e-12)
