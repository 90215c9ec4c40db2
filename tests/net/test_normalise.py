"""Batch normalisation and non-linearities, against numpy in double precision and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.net import normalise as n
from chipsim.net.activations import ACTIVATIONS
from chipsim.net.losses import cross_entropy, squared_error

F = np.float32


def drawn(batch=6, units=4, seed=0):
    rng = np.random.default_rng(seed)
    state = n.fresh(units)
    state[n.SCALE], state[n.OFFSET] = rng.uniform(0.5, 2, units), rng.normal(size=units)
    return rng.normal(1, 3, (batch, units)).astype(F), state, rng.normal(size=(batch, units))


def by_hand(sums, state):
    """Scaled and offset, in double precision."""
    unit = (sums - sums.mean(0)) / np.sqrt(sums.var(0) + 1e-5)
    return unit * state[n.SCALE] + state[n.OFFSET]


def test_batch_is_normalised_by_its_own_figures():
    """Mean zero and variance one before scale and offset; running figures move by the momentum."""
    sums, state, _ = drawn()
    done = n.normalise(sums, state, momentum=0.25, epsilon=1e-5)
    wide = sums.astype(float)
    np.testing.assert_allclose(done.values, by_hand(wide, state), rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(state[n.MEAN], 0.25 * wide.mean(0), rtol=1e-5)
    np.testing.assert_allclose(state[n.VARIANCE], 0.75 + 0.25 * wide.var(0, ddof=1), rtol=1e-5)


def test_tests_use_running_figures_and_leave_them():
    """Two samples that differ from the batch do not change what they are normalised by."""
    sums, state, _ = drawn()
    state[n.MEAN], state[n.VARIANCE] = 2.0, 9.0
    before, values = state.copy(), sums.copy()
    n.settled(values, state, 0.0)
    np.testing.assert_allclose(values, (sums - 2.0) / 3.0 * state[n.SCALE] + state[n.OFFSET], rtol=1e-5)
    np.testing.assert_array_equal(state, before)


def test_errors_go_back_as_finite_differences_say():
    """The derivative of a weighted sum of the normalised values, by every sum, scale and offset."""
    sums, state, weights = drawn()
    done = n.normalise(sums, state.copy(), momentum=0.1, epsilon=1e-5)
    d, slopes = weights.astype(F), np.empty((2, 4), F)
    n.normalise_back(d, done.unit, done.inverse, state, slopes)
    wide, step = sums.astype(float), 1e-5

    def total(values, figures):
        return float((by_hand(values, figures) * weights).sum())

    for b, j in np.ndindex(*sums.shape):
        up, down = wide.copy(), wide.copy()
        up[b, j] += step
        down[b, j] -= step
        slope = (total(up, state) - total(down, state)) / (2 * step)
        assert d[b, j] == pytest.approx(slope, abs=1e-4)
    for row in (n.SCALE, n.OFFSET):
        for j in range(4):
            up, down = state.astype(float), state.astype(float)
            up[row, j] += step
            down[row, j] -= step
            assert slopes[row, j] == pytest.approx(
                (total(wide, up) - total(wide, down)) / (2 * step), abs=1e-3
            )


def test_batch_of_one_sample_has_no_variance_and_does_no_harm():
    """Such a batch is what is left at the end of an epoch: its values are the offsets, its errors nothing."""
    sums, state, _ = drawn(batch=1)
    done = n.normalise(sums, state, momentum=0.1, epsilon=1e-5)
    np.testing.assert_allclose(done.values[0], state[n.OFFSET], atol=1e-6)
    d, slopes = np.ones((1, 4), F), np.empty((2, 4), F)
    n.normalise_back(d, done.unit, done.inverse, state, slopes)
    np.testing.assert_array_equal(d, 0)
    assert np.isfinite(state).all()


@pytest.mark.parametrize("kind", ["identity", "logistic", "relu", "tanh"])
def test_slopes_are_derivatives(kind):
    """By finite differences."""
    act = ACTIVATIONS[kind]
    sums = np.array([[-2.0, -0.5, 0.25, 3.0]], F)
    up, down, values = (np.empty_like(sums) for _ in range(3))
    act.apply(sums + F(0.01), up)
    act.apply(sums - F(0.01), down)
    act.apply(sums, values)
    d = np.ones_like(sums)
    act.slope(sums, values, d)
    np.testing.assert_allclose(d, (up - down) / 0.02, atol=1e-3)


def test_errors_pass_a_sign_within_plus_and_minus_one():
    """A straight-through estimate: the sign itself has no slope."""
    sums, d = np.array([[-1.5, -1.0, 0.0, 1.0, 1.5]], F), np.full((1, 5), 2, F)
    ACTIVATIONS["sign"].slope(sums, sums, d)
    assert d.tolist() == [[0, 2, 2, 2, 0]]


def test_cross_entropy_by_hand():
    """Softmax of (0, ln 3) is (1/4, 3/4): loss ln 4 for the first class, error (-3/4, 3/4)."""
    sums, d = np.array([[0, math.log(3)]], F), np.empty((1, 2), F)
    loss, correct = cross_entropy(sums, np.array([0]), d)
    assert loss == pytest.approx(math.log(4), rel=1e-6)
    np.testing.assert_allclose(d, [[-0.75, 0.75]], rtol=1e-6)
    assert correct == 0
    assert cross_entropy(sums, np.array([1]), d)[1] == 1


def test_cross_entropy_of_huge_sums_is_finite():
    """The largest is taken off before exponentials are."""
    sums, d = np.array([[3e4, -3e4]], F), np.empty((1, 2), F)
    assert cross_entropy(sums, np.array([1]), d)[0] == pytest.approx(6e4)
    assert d.tolist() == [[1, -1]]


def test_squared_error_of_plain_sums():
    """Without a logistic function, errors are differences from one and zero."""
    d = np.empty((1, 2), F)
    loss, _ = squared_error(np.array([[0.5, 2.0]], F), np.array([1]), d)
    assert d.tolist() == [[0.5, 1.0]]
    assert loss == pytest.approx(0.625)
