"""Gradient, optimiser, consolidation and rounding of hidden weights, against definitions written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.formats import onto_grid
from chipsim.learn import consolidation as c

F = np.float32
EVEN = c.Levels(np.linspace(-1.5, 1.5, 17).astype(F))
UNEVEN = c.Levels(np.array([-2, -0.5, 0, 0.5, 2], F))
NONE = np.empty(0, np.uint64)


def moved(hidden, step, levels=EVEN, *, m=0.0):
    """One hidden weight after one step."""
    weights, steps = np.array([[hidden]], F), np.array([[step]], F)
    table = c.meta_table(m) if m else NONE
    c.move(weights, steps, levels.values, levels.bounds, levels.gap, levels.exact, table)
    return weights.item()


def places(weights, levels):
    out = np.empty((1, len(weights)), np.int32)
    c.nearest(np.array([weights], F), levels.values, levels.bounds, levels.gap, out)
    return out[0].tolist()


def test_consolidation_is_published_function():
    """1 - tanh^2(2 m / D |WH - WS| - m), with the offset given over half of D."""
    for m in (0.5, 3.0, 10.0):
        for distance in (0.0, 0.02, 0.05, 0.09375):
            published = 1 - math.tanh(2 * m / 0.1875 * distance - m) ** 2
            assert c.meta(distance / 0.09375, m) == pytest.approx(published, abs=1e-12)


@pytest.mark.parametrize("m", [0.5, 3.0, 5.0])
def test_looked_up_share_is_close_to_function(m):
    """4,096 intervals, linear in between: off by no more than single precision and h^2 / 8 times 2 m^2."""
    levels = c.Levels(np.array([-1, 1], F))
    for offset in np.linspace(0.001, 0.999, 97):
        followed = (1 - offset) - moved(1 - offset, 1e-3, levels, m=m)
        assert followed == pytest.approx(1e-3 * c.meta(offset, m), abs=1e-7)


@pytest.mark.parametrize(
    ("hidden", "step", "slowed"),
    [
        (0.05, -0.01, True),  # above level 0, moving up: away
        (0.05, 0.01, False),  # above level 0, moving down: back
        (-0.05, 0.01, True),  # below level 0, moving down: away
        (-0.05, -0.01, False),  # below level 0, moving up: back
        (0.0, 0.01, True),  # on its level: whatever it does leads away
        (0.0, -0.01, True),
        (1.5, 0.01, True),  # on the outermost level, moving in
    ],
)
def test_only_steps_away_from_the_level_are_slowed(hidden, step, slowed):
    """The update is subtracted, so U (WH - WS) < 0 leads away; the share is that of the distance before."""
    distance = 0.0 if hidden == 1.5 else abs(hidden)
    share = c.meta(distance / 0.09375, 3.0) if slowed else 1.0
    assert moved(hidden, step, m=3.0) == pytest.approx(hidden - share * step, abs=2e-7)


def test_halfway_between_levels_nothing_resists():
    """M = 1 there: a weight on the boundary moves freely to both sides."""
    assert moved(0.09375, -0.01, m=5.0) == pytest.approx(0.10375, abs=1e-7)
    assert moved(0.09375, 0.01, m=5.0) == pytest.approx(0.08375, abs=1e-7)


def test_uneven_levels_take_the_gap_that_the_weight_lies_in():
    """Between 0.5 and 2 the gap is 1.5, between 0 and 0.5 it is 0.5: the same distance counts differently."""
    wide, narrow = c.meta(0.125 / 0.75, 3.0), c.meta(0.125 / 0.25, 3.0)
    assert moved(0.625, -1e-3, UNEVEN, m=3.0) == pytest.approx(0.625 + 1e-3 * wide, abs=1e-6)
    assert moved(0.375, 1e-3, UNEVEN, m=3.0) == pytest.approx(0.375 - 1e-3 * narrow, abs=1e-6)


def test_hidden_weights_stay_within_outer_levels():
    """However large the step."""
    assert moved(1.4, -9.0) == 1.5
    assert moved(-1.4, 9.0) == -1.5


def test_lower_level_is_nearest_halfway_between_two():
    """For even and uneven levels alike."""
    assert places([-1.5, -1.40625, -1.40624, 0.0, 0.09375, 0.0938, 1.5], EVEN) == [0, 0, 1, 8, 8, 9, 16]
    assert places([-2, -1.25, -1.24, 0.25, 0.26, 2], UNEVEN) == [0, 0, 1, 2, 3, 4]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1.5, 1.5, width=32), min_size=1, max_size=20), st.sampled_from([EVEN, UNEVEN]))
def test_no_level_is_nearer_than_the_nearest(weights, levels):
    """Against the distances to all levels, to a rounding."""
    for weight, place in zip(weights, places(weights, levels), strict=True):
        distances = np.abs(levels.values.astype(float) - weight)
        assert distances[place] <= distances.min() + 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([EVEN, UNEVEN]))
def test_changed_weights_are_those_whose_place_differs(seed, levels):
    """Every one, once, with its new place, row by row."""
    rng = np.random.default_rng(seed)
    before, after = (rng.uniform(-1.5, 1.5, (5, 7)).astype(F) for _ in range(2))
    rows, columns, new = (np.empty(35, np.int32) for _ in range(3))
    found = c.changed(before, after, levels.values, levels.bounds, levels.gap, rows, columns, new)
    old = [places(row, levels) for row in before]
    now = [places(row, levels) for row in after]
    wanted = [(i, j, now[i][j]) for i in range(5) for j in range(7) if old[i][j] != now[i][j]]
    assert list(zip(rows[:found], columns[:found], new[:found], strict=True)) == wanted


def test_gradient_sums_outer_products():
    """Two samples by hand; what was in the array before does not matter."""
    out = np.full((2, 2), 9, F)
    c.gradient(np.array([[1, 0], [2, 3]], F), np.array([[1, -1], [10, 0.5]], F), out)
    assert out.tolist() == [[21, 0], [30, 1.5]]


def test_adam_takes_three_steps_as_published():
    """Kingma and Ba's algorithm in double precision, for one weight."""
    first, second, hidden = np.zeros((1, 1), F), np.zeros((1, 1), F), 0.0
    m = v = wide = 0.0
    for t, g in enumerate((0.5, -0.25, 1.0), start=1):
        numbers = (1.0, 0.9, 0.999, 0.01 / (1 - 0.9**t), 1 / (1 - 0.999**t), 1e-8)
        step = np.array([[g]], F)
        c.adam(step, first, second, tuple(F(number) for number in numbers))
        hidden -= step.item()
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        wide -= 0.01 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
    assert hidden == pytest.approx(wide, rel=1e-5)


def test_stochastic_rounding_keeps_the_mean():
    """A number a quarter of the way up rounds up when the random fraction is at least three quarters."""
    fractions = np.array([[0.0, 0.5, 0.74, 0.76]], F)
    values = np.full((1, 4), 0.325, F)
    onto_grid(values, 0.1, -1.0, 1.0, fractions)
    np.testing.assert_allclose(values, [[0.3, 0.3, 0.3, 0.4]], rtol=1e-6)


def test_rounding_to_nearest_stays_within_range():
    """The grid ends at the outer levels."""
    values = np.array([[0.34, 0.36, 1.04, -2.0]], F)
    onto_grid(values, 0.1, -1.0, 1.0, np.empty((0, 0), F))
    np.testing.assert_allclose(values, [[0.3, 0.4, 1.0, -1.0]], rtol=1e-6)
