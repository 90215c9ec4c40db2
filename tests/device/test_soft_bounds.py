"""Cells whose steps shrink towards their bounds: curves, noise, spread and symmetry points by hand, and a twin.

Cells conduct 0 to 1 S and begin at half a siemens, so that w is their conductance less a half, and w_max is a
half. Of 16 states a step in the middle is 1/16 S, and each pulse takes 1/8 of the way to the bound.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.encoding import Hits
from chipsim.device.randomness import generator
from chipsim.state import restore, state_of
from tests import made

F = np.float32
SIDE = 200
"""Of arrays that means are taken of: 40,000 cells."""


def hits_of(counts):
    """Hits on the cells of a matrix of counts, row by row."""
    rows, columns = np.nonzero(counts)
    return Hits(rows.astype(np.int32), columns.astype(np.int32), counts[rows, columns].astype(np.int32))


def everywhere(count, side=SIDE):
    """The same number of pulses for every cell."""
    return hits_of(np.full((side, side), count))


def fresh(model, side=SIDE, seed=1):
    """Cells and the generator of their array."""
    rng = generator(seed, "array")
    return model.fresh((side, side), rng=rng), rng


def after(model, *counts, side=SIDE, seed=1):
    """Fresh cells after so many pulses each, negative ones down."""
    cells, rng = fresh(model, side, seed)
    for count in counts:
        move = model.pulse if count > 0 else model.pulse_down
        move(cells, everywhere(abs(count), side), rng=rng)
    return cells


# --- the curve ---------------------------------------------------------------------------------------


def test_fresh_cells_stand_where_they_are_told():
    """In the middle, or at the bottom, where a pair begins."""
    assert (fresh(made.soft_bounds(), 2)[0].conductance == 0.5).all()
    cells, _ = fresh(made.soft_bounds(fresh_share=0.0, off_conductance=0.25), 2)
    assert (cells.conductance == 0.25).all()
    assert cells.at_bottom.all()
    assert not cells.at_top.any()


@pytest.mark.parametrize("count", [1, 2, 9, -1, -2, -9])
def test_each_pulse_takes_an_eighth_of_what_is_left(count):
    """After n of them (7/8)^n of the half siemens to the bound is left, in one train or in many."""
    left = 0.5 * 0.875 ** abs(count)
    wanted = 1 - left if count > 0 else left
    at_once = after(made.soft_bounds(), count, side=1)
    one_by_one = after(made.soft_bounds(), *[np.sign(count)] * abs(count), side=1)
    assert at_once.conductance[0, 0] == pytest.approx(wanted, abs=1e-6)
    assert one_by_one.conductance[0, 0] == pytest.approx(wanted, abs=1e-6)
    assert at_once.pulses[0, 0] == one_by_one.pulses[0, 0] == abs(count)
    assert at_once.row_sum[0] == at_once.column_sum[0] == at_once.conductance[0, 0]


def test_a_step_at_the_lower_bound_is_two_in_the_middle():
    """1 - w / w_max is two at w = -w_max."""
    assert after(made.soft_bounds(fresh_share=0.0), 1, side=1).conductance[0, 0] == 2 / 16


def test_steps_of_either_way_have_their_own_length():
    """Down at half the length: a sixteenth of the way to the bottom."""
    assert after(made.soft_bounds(asymmetry=0.5), -1, side=1).conductance[0, 0] == 0.5 * 15 / 16


def test_what_pulses_take():
    """From 1/2 to 9/16 to 79/128 S: means of 17/32 and 151/256."""
    model = made.soft_bounds()
    cells, rng = fresh(model, 1)
    assert model.pulse(cells, everywhere(2, 1), rng=rng) == 17 / 32 + 151 / 256


def test_a_smaller_cell():
    """Of a quarter of the area: a quarter of everything."""
    model = made.soft_bounds()
    rng = generator(1, "array")
    cells = model.fresh((1, 1), rng=rng, gain=4.0)
    model.pulse(cells, everywhere(1, 1), rng=rng)
    assert cells.conductance[0, 0] == (0.5 + 1 / 16) / 4


# --- noise -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 4, -4])
def test_mean_and_variance_of_an_update(count):
    """A pulse makes w into q w + s (1 + 0.2 g) with q = 7/8: the curve, and (0.2 s)^2 (1 - q^2n) / (1 - q^2)."""
    moved = after(made.soft_bounds(step_variation=0.2), count).conductance.astype(float) - 0.5
    q, n = 7 / 8, abs(count)
    mean = np.sign(count) * 0.5 * (1 - q**n)
    deviation = 0.2 / 16 * np.sqrt((1 - q ** (2 * n)) / (1 - q**2))
    # Five standard errors.
    assert moved.mean() == pytest.approx(mean, abs=5 * deviation / SIDE)
    assert moved.std() == pytest.approx(deviation, rel=5 / SIDE / np.sqrt(2))


def test_write_noise_is_around_what_pulses_left_and_is_forgotten():
    """After one pulse, and after nine: 0.3 of a step each time, with the mean of the curve."""
    model = made.soft_bounds(write_noise=0.3)
    for counts in ((1,), (1,) * 9, (9,)):
        cells = after(model, *counts)
        off = cells.conductance.astype(float) - cells.lasting
        assert (cells.lasting == cells.lasting[0, 0]).all()
        assert cells.lasting[0, 0] == pytest.approx(1 - 0.5 * 0.875 ** sum(counts), abs=1e-6)
        assert off.mean() == pytest.approx(0, abs=5 * 0.3 / 16 / SIDE)
        assert off.std() == pytest.approx(0.3 / 16, rel=5 / SIDE / np.sqrt(2))
        assert np.allclose(cells.row_sum, cells.conductance.sum(axis=1, dtype=np.float64))


def test_what_pulses_take_of_noisy_cells():
    """One pulse: the mean of what the cell really conducts before and after it."""
    model = made.soft_bounds(write_noise=1.0, corrupt_cells=0.1)
    cells, rng = fresh(model)
    model.pulse(cells, everywhere(1), rng=rng)
    before = cells.conductance.astype(float)
    taken = model.pulse(cells, everywhere(1), rng=rng)
    assert taken == pytest.approx((before + cells.conductance).sum() / 2, rel=1e-9)


def test_no_noise_leads_below_nothing():
    """At the bottom half of it would; and none of it is taken for a bound that a cell met."""
    cells = after(made.soft_bounds(write_noise=2.0), -90)
    assert cells.conductance.min() == 0
    assert (cells.conductance > 0).mean() == pytest.approx(0.5, abs=0.02)
    assert not cells.at_top.any()
    assert cells.tally.tolist() == [SIDE**2, 0, 0]


def test_meetings_with_a_bound_are_counted():
    """Steps that vary by three of themselves lead beyond the top, or on from it back."""
    model = made.soft_bounds(step_variation=3.0, fresh_share=1.0)
    cells = after(model, 1)
    pulsed, met, stayed = cells.tally.tolist()
    assert (pulsed, met) == (SIDE**2, stayed)
    assert stayed == cells.at_top.sum()
    assert stayed / pulsed == pytest.approx(0.5, abs=0.02)


def test_one_seed_gives_one_array():
    """Of one seed the same to the bit; of another not."""
    model = made.soft_bounds(
        step_variation=0.4, step_spread=0.8, upper_spread=0.3, lower_spread=0.5, asymmetry_spread=0.01,
        write_noise=1.4, corrupt_cells=0.1,
    )  # fmt: skip
    one, same, other = (after(model, 3, -2, side=9, seed=seed).conductance for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_restored_array_goes_on_as_if_nothing_had_come_between():
    """What pulses left is remembered beside the conductance."""
    model = made.soft_bounds(step_variation=0.4, write_noise=1.4, corrupt_cells=0.1)
    cells, rng = fresh(model, 5)
    model.pulse(cells, everywhere(2, 5), rng=rng)
    kept = state_of(cells)
    assert {"lasting", "noise", "conductance", "pulses"} <= kept.keys()
    model.pulse_down(cells, everywhere(3, 5), rng=rng)
    once = cells.conductance.copy()
    restore(cells, kept)
    model.pulse_down(cells, everywhere(3, 5), rng=rng)
    assert np.array_equal(once, cells.conductance)


# --- spread ------------------------------------------------------------------------------------------


def test_steps_are_log_normal():
    """Their logarithms have the described step in the middle, and the spread."""
    cells, _ = fresh(made.soft_bounds(step_spread=0.5))
    logs = np.log(cells.step.astype(float) * 16)
    assert logs.mean() == pytest.approx(0, abs=5 * 0.5 / SIDE)
    assert logs.std() == pytest.approx(0.5, rel=5 / SIDE / np.sqrt(2))
    assert np.array_equal(cells.step_down, -cells.step)


def test_asymmetry_differs():
    """One more up is one less down: half their difference has the spread, their mean stays."""
    cells, _ = fresh(made.soft_bounds(asymmetry_spread=0.1))
    up, down = cells.step.astype(float) * 16, -cells.step_down.astype(float) * 16
    assert ((up - down) / 2).std() == pytest.approx(0.1, rel=5 / SIDE / np.sqrt(2))
    assert np.allclose((up + down) / 2, 1)


def test_bounds_differ_each_by_its_own_spread():
    """Distances from the middle, of half a siemens; nothing is below zero."""
    model = made.soft_bounds(upper_spread=0.2, lower_spread=0.1)
    cells, _ = fresh(model)
    assert cells.high.std() == pytest.approx(0.1, rel=0.02)
    assert cells.high.mean() == pytest.approx(1, abs=5 * 0.1 / SIDE)
    assert cells.low.min() == 0
    # Half of all distances is longer than that of zero, which ends them.
    assert (cells.low == 0).mean() == pytest.approx(0.5, abs=0.02)
    assert not model.bounded


def test_each_spread_draws_for_itself():
    """A spread of one sort leaves the draws before it as they are."""
    bare, _ = fresh(made.soft_bounds(upper_spread=0.2))
    more, _ = fresh(
        made.soft_bounds(upper_spread=0.2, step_spread=0.5, asymmetry_spread=0.1, corrupt_cells=0.1)
    )
    assert np.array_equal(bare.high, more.high)


def test_corrupt_cells_may_be_stuck_around_the_middle():
    """In a stretch of that share of the range, evenly; others are where they would be, draw for draw."""
    anywhere, around = (
        fresh(made.soft_bounds(corrupt_cells=0.25, corrupt_range=width, lower_spread=0.2))[0]
        for width in (None, 0.1)
    )
    stuck = around.step == 0
    assert stuck.mean() == pytest.approx(0.25, abs=0.01)
    assert (anywhere.step == around.step).all()
    assert (anywhere.conductance[~stuck] == around.conductance[~stuck]).all()
    places = around.conductance[stuck]
    assert 0.45 <= places.min() < 0.451
    assert 0.549 < places.max() <= 0.55
    # Evenly: a twelfth of the square of the width.
    assert places.std() == pytest.approx(0.1 / np.sqrt(12), rel=0.02)
    # None is stuck beyond a bound of its own.
    narrow = fresh(made.soft_bounds(corrupt_cells=1.0, corrupt_range=1.0, upper_spread=0.9))[0]
    assert (narrow.conductance <= narrow.high).all()
    assert (narrow.conductance == narrow.high).any()


def test_corrupt_cells_stay_where_they_are_stuck():
    """A quarter of the cells, anywhere between their bounds; they are worn by their pulses all the same."""
    model = made.soft_bounds(corrupt_cells=0.25, step_variation=0.4, write_noise=1.0)
    before = fresh(model)[0].conductance
    cells = after(model, 3, -1)
    stuck = cells.step == 0
    assert stuck.mean() == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75) / SIDE)
    assert np.array_equal(cells.conductance[stuck], before[stuck])
    assert (cells.conductance[~stuck] != before[~stuck]).all()
    # Uniform from 0 to 1.
    assert before[stuck].mean() == pytest.approx(0.5, abs=0.02)
    assert before[stuck].std() == pytest.approx(1 / np.sqrt(12), abs=0.01)
    assert (cells.pulses == 4).all()
    assert np.allclose(cells.row_sum, cells.conductance.sum(axis=1, dtype=np.float64))


# --- the symmetry point ------------------------------------------------------------------------------


def test_alternating_pulses_lead_to_the_symmetry_point():
    """By hand, for asymmetry 1/2: up w' = w + s (1 - 2w), down w' = w - s/2 (1 + 2w), s = 1/16.

    Both steps are equal where 1 - 2w = 1/2 + w, so w = 1/6. After up and then down w = (7/8 w + 1/16) 15/16 - 1/32,
    which stays at w (1 - 105/128) = 15/256 - 8/256, so w = 7/46, less than one step from 1/6; each cycle keeps
    105/128 of the distance to it.
    """
    model = made.soft_bounds(asymmetry=0.5)
    for cycles in (1, 5, 60):
        cells = after(model, *(1, -1) * cycles, side=1)
        wanted = 0.5 + 7 / 46 * (1 - (105 / 128) ** cycles)
        assert cells.conductance[0, 0] == pytest.approx(wanted, abs=2e-6)
    assert abs(7 / 46 - 1 / 6) < 1 / 16


def test_each_cell_drifts_to_a_symmetry_point_of_its_own():
    """There u (1 - w / M) = d (1 + w / m) for w = (u - d) / (u / M + d / m), reached from above and below."""
    spreads = {
        "states": 400,
        "asymmetry_spread": 0.2,
        "step_spread": 0.3,
        "upper_spread": 0.2,
        "lower_spread": 0.2,
    }
    for share in (0.1, 0.9):
        cells = after(made.soft_bounds(fresh_share=share, **spreads), *(1, -1) * 3000, side=6)
        up, down = cells.step.astype(float), -cells.step_down.astype(float)
        above, below = cells.high.astype(float) - 0.5, 0.5 - cells.low.astype(float)
        point = 0.5 + (up - down) / (up / above + down / below)
        # A cycle ends with a step down: half of one below the point, on average over the cycle.
        assert np.allclose(cells.conductance, point, atol=up.max())


def test_random_pulses_without_a_gradient_pull_towards_the_symmetry_point():
    """As many up as down, at random: E[dw] = s/2 (-2w / w_max) from w = w_max / 2: 7/8 of it is left each time.

    That is what plain stochastic updates of a mean of zero do to a weight.
    """
    model = made.soft_bounds(fresh_share=0.75)
    cells, rng = fresh(model)
    ways = np.random.default_rng(5)
    for times in range(1, 13):
        raised = ways.random((SIDE, SIDE)) < 0.5
        model.pulse(cells, hits_of(raised.astype(int)), rng=rng)
        model.pulse_down(cells, hits_of((~raised).astype(int)), rng=rng)
        w = cells.conductance.astype(float) - 0.5
        assert w.mean() == pytest.approx(0.25 * 0.875**times, abs=5 * w.std() / SIDE + 1e-6)


# --- a naive twin ------------------------------------------------------------------------------------


def twin(cells, counts, *, begin):
    """Conductances after pulses of either sign, in plain Python and double precision."""
    found = begin.astype(float)
    for place in np.ndindex(*counts.shape):
        low, high = float(cells.low[place]), float(cells.high[place])
        w, w_max, w_min = found[place] - 0.5, high - 0.5, low - 0.5
        for _ in range(abs(counts[place])):
            if counts[place] > 0:
                w += float(cells.step[place]) * (1 - w / w_max)
            else:
                w += float(cells.step_down[place]) * (1 - w / w_min)
            w = min(max(w, w_min), w_max)
        found[place] = w + 0.5
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-60, 60), min_size=6, max_size=6), st.integers(0, 99))
def test_as_the_twin(counts, seed):
    """Cells whose bounds and steps differ, some stuck, some that jump to a bound; any pulses."""
    model = made.soft_bounds(
        step_spread=1.5, upper_spread=0.5, lower_spread=0.5, asymmetry_spread=0.1, corrupt_cells=0.2
    )
    rng = generator(seed, "array")
    cells = model.fresh((2, 3), rng=rng)
    begin = cells.conductance.copy()
    asked = np.array(counts).reshape(2, 3)
    model.pulse(cells, hits_of(np.maximum(asked, 0)), rng=rng)
    model.pulse_down(cells, hits_of(np.maximum(-asked, 0)), rng=rng)
    assert np.allclose(cells.conductance, twin(cells, asked, begin=begin), atol=1e-6)
    assert np.allclose(cells.column_sum, cells.conductance.sum(axis=0, dtype=np.float64))
    assert (cells.pulses == abs(asked)).all()


# --- first writing -----------------------------------------------------------------------------------


def test_a_first_writing_follows_the_curve():
    """Two steps up of the eight to the bound leave 3/4: ln(3/4) / ln(7/8) pulses; to the bound, all but half."""
    model = made.soft_bounds()
    pulses = model.pulses_for(np.array([2.0, -2.0, 0.0, 8.0, -9.0]))
    two, all_but_half = np.log(3 / 4) / np.log(7 / 8), np.log(0.5 / 8) / np.log(7 / 8)
    assert pulses.tolist() == pytest.approx([two, -two, 0, all_but_half, -all_but_half])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_pulses_lead_where_they_are_said_to(share):
    """Within half a step of the local curve, wherever a fresh cell stands."""
    model = made.soft_bounds(states=160, fresh_share=share)
    steps = np.arange(-160 * share + 1, 160 * (1 - share) - 1)
    for wanted, count in zip(steps, np.rint(model.pulses_for(steps)).astype(int), strict=True):
        there = share if not count else after(model, int(count), side=1).conductance[0, 0]
        assert there * 160 == pytest.approx(share * 160 + wanted, abs=1.01)
