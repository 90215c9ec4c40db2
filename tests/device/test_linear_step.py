"""Cells move by noisy linear steps within their bounds, and keep their books."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.device.encoding import Hits
from chipsim.device.gaussian import gaussian
from chipsim.device.linear import saturated
from chipsim.device.randomness import generator
from tests import made
from tests.twins import Gaussians

F = np.float32
ODD = {"on_conductance": 20.3e-6, "off_conductance": 1.7e-6}
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


def test_fresh_cells_are_reset():
    """All at the lowest conductance, never pulsed, alike without spread."""
    cells, _ = fresh(made.finite(**ODD), (3, 2))
    assert (cells.conductance == F(1.7e-6)).all()
    assert not cells.pulses.any()
    assert not cells.resets.any()
    assert (cells.step == F(18.6e-6 / 64)).all()
    assert cells.high == pytest.approx(np.full((3, 2), 20.3e-6), rel=1e-6)


def test_states_are_the_pulses_from_end_to_end():
    """64 exact pulses go from the lowest to the highest conductance, one more goes nowhere."""
    model = made.finite()
    cells, rng = fresh(model, (1, 1))
    for pulse in range(1, 67):
        model.pulse(cells, everywhere(1, side=1), rng=rng)
        assert cells.conductance[0, 0] == min(pulse, 64) / 64
        assert cells.pulses[0, 0] == pulse


def test_ideal_cells_have_no_bound():
    """100 steps of 1/64 S are more than the range."""
    model = made.IDEAL
    cells, rng = fresh(model, (1, 1))
    model.pulse(cells, everywhere(100, side=1), rng=rng)
    assert cells.conductance[0, 0] == 100 / 64


def test_gain_makes_all_of_a_cell_smaller():
    """The fine cells' bounds and steps are the coarse ones' over the gain."""
    cell = made.finite(**ODD)
    coarse, fine = ([of(gain) for of in (cell.low, cell.span, cell.step)] for gain in (1.0, 8.0))
    assert [value / 8 for value in coarse] == fine
    small = cell.fresh((1, 1), rng=generator(1, "array"), gain=8.0)
    assert (small.low, small.step[0, 0]) == (F(fine[0]), F(fine[2]))


def test_step_variation_has_its_mean_and_deviation():
    """40,000 cells, one pulse each: steps of mean 1 and deviation 0.34, in steps of the mean.

    Standard errors are 0.34 / 200 = 0.0017 and 0.34 / sqrt(80,000) = 0.0012; five of them.
    """
    model = made.finite(step_variation=0.34, states=1000)
    cells, rng = fresh(model, (SIDE, SIDE))
    model.pulse(cells, everywhere(10), rng=rng)  # away from the lower bound
    before = cells.conductance.astype(float)
    model.pulse(cells, everywhere(1), rng=rng)
    steps = (cells.conductance - before) / model.step(1.0)
    assert steps.mean() == pytest.approx(1, abs=0.0085)
    assert steps.std() == pytest.approx(0.34, abs=0.006)


def test_several_pulses_vary_as_their_sum():
    """Nine pulses at once: mean 9, deviation 3 x 0.34 = 1.02; five standard errors are 0.026 and 0.018."""
    model = made.finite(step_variation=0.34, states=1000)
    cells, rng = fresh(model, (SIDE, SIDE))
    model.pulse(cells, everywhere(9), rng=rng)
    steps = cells.conductance / model.step(1.0)
    assert steps.mean() == pytest.approx(9, abs=0.026)
    assert steps.std() == pytest.approx(1.02, abs=0.018)


def test_spreads_between_devices():
    """10 % in range and 20 % in step; five standard errors of 40,000 draws are 0.0018 and 0.0035."""
    model = made.finite(range_spread=0.1, step_spread=0.2, on_conductance=1.5, off_conductance=0.5)
    cells, _ = fresh(model, (SIDE, SIDE))
    ranges, steps = cells.high - 0.5, cells.step / F(1 / 64)
    assert ranges.mean() == pytest.approx(1, abs=0.0025)
    assert ranges.std() == pytest.approx(0.1, abs=0.0018)
    assert steps.mean() == pytest.approx(1, abs=0.005)
    assert steps.std() == pytest.approx(0.2, abs=0.0036)
    assert abs(np.corrcoef(ranges.ravel(), steps.ravel())[0, 1]) < 5 / SIDE


def test_spreads_leave_no_cell_without_range_or_step():
    """However wide the spread, a cell keeps a hundredth."""
    model = made.finite(range_spread=1.0, step_spread=1.0)
    cells, _ = fresh(model, (SIDE, SIDE))
    assert cells.high.min() == F(0.01)
    assert cells.step.min() == F(1 / 64) * F(0.01)


@given(seed=st.integers(0, 999), rounds=st.integers(1, 6), variation=st.sampled_from([0.0, 0.34, 5.0]))
def test_bounds_and_sums_hold(seed, rounds, variation):
    """Whatever the noise: within bounds, sums of lines as the cells say, pulses as given."""
    model = made.finite(states=7, step_variation=variation, range_spread=0.2, **ODD)
    cells, rng = fresh(model, (4, 5), seed)
    draws, given_pulses = np.random.default_rng(seed), np.zeros((4, 5), int)
    for _ in range(rounds):
        counts = draws.integers(0, 4, (4, 5))
        given_pulses += counts
        model.pulse(cells, hits_of(counts), rng=rng)
        model.reset(cells, np.array([1], np.int32), np.array([2], np.int32))
        assert (cells.conductance >= F(cells.low)).all()
        assert (cells.conductance <= cells.high).all()
    assert np.array_equal(cells.pulses, given_pulses)
    assert cells.resets.sum() == cells.resets[1, 2] == rounds
    for axis, sums in ((1, cells.row_sum), (0, cells.column_sum)):
        assert sums == pytest.approx(cells.conductance.sum(axis=axis, dtype=np.float64), rel=1e-12)


def test_pulsed_conductance_is_in_the_middle_of_the_move():
    """Three pulses from 2/64 to 5/64: three times the mean of both ends."""
    model = made.finite()
    cells, rng = fresh(model, (1, 1))
    assert model.pulse(cells, everywhere(2, side=1), rng=rng) == 2 * 1 / 64
    assert model.pulse(cells, everywhere(3, side=1), rng=rng) == 3 * 3.5 / 64
    assert model.reset(cells, np.zeros(1, np.int32), np.zeros(1, np.int32)) == 5 / 64
    assert cells.conductance[0, 0] == 0


@pytest.mark.parametrize(
    ("plus", "minus", "listed"),
    [
        (64, 32, True),  # at its bound, the other above 10 %
        (32, 64, True),
        (64, 64, True),
        (63, 63, False),  # no bound met
        (64, 6, False),  # 6/64 = 9.4 %: below the headroom
        (64, 7, True),  # 7/64 = 10.9 %
        (64, 0, False),
    ],
)
def test_pairs_that_ran_out_of_range(plus, minus, listed):
    """One cell at its bound while the other stands above the headroom."""
    model = made.finite()
    pair = [fresh(model, (2, 2))[0] for _ in range(2)]
    for cells, count in zip(pair, (plus, minus), strict=True):
        model.pulse(
            cells, Hits(*(np.array([value], np.int32) for value in (1, 0, count))), rng=generator(1, "x")
        )
    rows, columns = saturated(*pair, floor=0.1)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == ([(1, 0)] if listed else [])


def test_pairs_are_found_alike_whether_bounds_are_shared_or_each_has_its_own():
    """Bounds of all cells as one number, and the same bounds written out for every cell."""
    model = made.finite()
    rng = np.random.default_rng(5)
    shared = [fresh(model, (40, 30))[0] for _ in range(2)]
    for cells in shared:
        cells.conductance[:] = cells.high * rng.choice([0.02, 0.4, 1.0], (40, 30)).astype(np.float32)
    each = [attrs.evolve(cells, high=cells.high.copy()) for cells in shared]
    places = [np.stack(saturated(*pair, floor=0.1)).tolist() for pair in (shared, each)]
    assert places[0] == places[1]
    top, low = shared[0].high[0, 0], np.float32(0.1)
    plus, minus = (cells.conductance for cells in shared)
    full = ((plus >= top) | (minus >= top)) & (np.minimum(plus, minus) > low)
    assert 0 < full.sum() < full.size
    assert places[0] == [axis.tolist() for axis in np.nonzero(full)]


def test_noise_is_drawn_only_for_cells_that_are_hit():
    """One number a hit, so what is not pulsed costs no random number; none without variation."""
    for variation, drawn in ((0.3, 3), (0.0, 0)):
        model = made.finite(step_variation=variation)
        cells, rng = fresh(model, (3, 3))
        model.pulse(cells, hits_of(np.diag([1, 2, 3])), rng=rng)
        mirror = Gaussians(1, "array")
        for _ in range(drawn):
            mirror.next()
        assert gaussian(cells.noise) == mirror.next()


def test_generators_depend_on_seed_and_name():
    """Another name or another seed is another stream; names that share letters do too."""
    firsts = {
        generator(seed, name).random() for seed in (0, 1) for name in ("tile1", "tile11", "tile1.a", "1tile")
    }
    assert len(firsts) == 8
    assert math.isclose(np.mean([generator(seed, "x").random() for seed in range(400)]), 0.5, abs_tol=0.075)
