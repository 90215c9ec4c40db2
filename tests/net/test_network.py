"""Arithmetic round the layers, against the formulas computed one number at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.net.activations import ACTIVATIONS, activate, slope_at
from chipsim.net.inputs import initial_weights, prepare_inputs
from chipsim.net.losses import LOSSES, cross_entropy, lose, squared_error
from chipsim.spec.workload import NetworkSpec

F = np.float32
reals = st.floats(-20, 20, width=32)


@given(z=st.lists(reals, min_size=1, max_size=20))
def test_logistic_is_computed_in_double_and_rounded_once(z):
    """1 / (1 + exp(-z)) in double precision, as single."""
    out = np.zeros((1, len(z)), F)
    ACTIVATIONS["logistic"].apply(np.array([z], F), out)
    assert out[0].tolist() == [float(F(1 / (1 + math.exp(-value)))) for value in z]


def test_logistic_far_out_is_zero_or_one():
    """No overflow and no NaN at the ends."""
    out = np.zeros((1, 4), F)
    ACTIVATIONS["logistic"].apply(np.array([[-1000, -88.8, 88.8, 1000]], F), out)
    assert out[0, 0] == 0
    assert 0 < out[0, 1] < 1e-38
    assert out[0, 2:].tolist() == [1, 1]


def test_activations_leave_the_bias_alone():
    """A further column of the output keeps its one."""
    out = np.ones((2, 3), F)
    ACTIVATIONS["logistic"].apply(np.zeros((2, 2), F), out)
    assert out.tolist() == [[0.5, 0.5, 1], [0.5, 0.5, 1]]


OF_ONE_HALF = {
    "identity": (0.5, 1.0),
    "logistic": (1 / (1 + math.exp(-0.5)), 0.25 / math.cosh(0.25) ** 2),
    "relu": (0.5, 1.0),
    "sign": (1.0, 1.0),
    "tanh": (math.tanh(0.5), 1 - math.tanh(0.5) ** 2),
}
"""What each activation makes of 0.5, and its slope there."""


@pytest.mark.parametrize("place", range(len(ACTIVATIONS)))
def test_loops_know_an_activation_by_its_place(place):
    """The place among their words is the place that kernels know, and that the words' own functions take."""
    name = list(ACTIVATIONS)[place]
    value, slope = OF_ONE_HALF[name]
    sums, out, d = np.full((1, 1), 0.5, F), np.zeros((1, 1), F), np.ones((1, 1), F)
    activate(place, sums, out)
    slope_at(place, sums, out, d)
    assert (out[0, 0], d[0, 0]) == (pytest.approx(value), pytest.approx(slope))
    again = np.zeros((1, 1), F)
    ACTIVATIONS[name].apply(sums, again)
    assert again[0, 0] == out[0, 0]


def test_loops_know_a_loss_by_its_place():
    """As activations."""
    outputs, labels = np.array([[0.25, 0.5]], F), np.array([1], np.uint8)
    for place, (name, one) in enumerate(
        {"cross-entropy": cross_entropy, "squared-error": squared_error}.items()
    ):
        assert list(LOSSES)[place] == name
        d, wanted = np.zeros((1, 2), F), np.zeros((1, 2), F)
        assert lose(place, outputs, labels, d) == one(outputs, labels, wanted)
        assert d.tolist() == wanted.tolist()


@pytest.mark.parametrize("place", [-1, 7])
def test_places_of_nothing_are_refused(place):
    """No default stands in for what nobody named."""
    sums, labels = np.full((1, 2), 0.5, F), np.array([1], np.uint8)
    with pytest.raises(ValueError, match=r"^no activation has this place$"):
        activate(place, sums, sums.copy())
    with pytest.raises(ValueError, match=r"^no activation has this place$"):
        slope_at(place, sums, sums.copy(), sums.copy())
    with pytest.raises(ValueError, match=r"^no loss has this place$"):
        lose(place, sums, labels, sums.copy())


def test_output_error_is_the_slope_of_half_the_squared_error():
    """Checked by differences: E = sum (y - t)^2 / 2 with y the sigmoid of z."""
    rng = np.random.default_rng(0)
    z, labels = rng.standard_normal((5, 4)), np.array([0, 1, 2, 3, 0], np.uint8)

    def loss(sums):
        return 0.5 * ((1 / (1 + np.exp(-sums)) - np.eye(4)[labels]) ** 2).sum()

    y, d = (1 / (1 + np.exp(-z))).astype(F), np.zeros((5, 4), F)
    found, correct = squared_error(y, labels, d)
    assert found == pytest.approx(loss(z), rel=1e-6)
    ACTIVATIONS["logistic"].slope(z.astype(F), y, d)
    assert correct == np.count_nonzero(z.argmax(axis=1) == labels)
    nudge = 1e-6
    for index in np.ndindex(z.shape):
        up, down = z.copy(), z.copy()
        up[index] += nudge
        down[index] -= nudge
        assert d[index] == pytest.approx((loss(up) - loss(down)) / (2 * nudge), abs=1e-6)


def test_the_first_of_equal_outputs_is_taken():
    """Ties go to the lower class."""
    outputs, d = np.array([[0.5, 0.5]], F), np.zeros((1, 2), F)
    rights = [squared_error(outputs, np.array([label], np.uint8), d)[1] for label in (0, 1)]
    assert rights == [1, 0]


@given(back=reals, h=st.floats(0, 1, width=32))
def test_hidden_error_rounds_after_each_product(back, h):
    """(back x h) x (1 - h), each in single precision."""
    d = np.array([[back]], F)
    ACTIVATIONS["logistic"].slope(d, np.array([[h, 1]], F), d)
    assert d[0, 0] == F(F(F(back) * F(h)) * F(F(1) - F(h)))


def test_pixels_become_shares_of_255():
    """All 256 of them, in single precision; the bias column stays."""
    out = np.ones((1, 257), F)
    prepare_inputs(np.arange(256, dtype=np.uint8)[None], out)
    assert out[0].tolist() == [*(float(F(pixel) / F(255)) for pixel in range(256)), 1.0]


def test_initial_weights_depend_on_the_seed_and_the_sizes_only():
    """The same seed gives the same weights; another one others; the spread is the one asked for."""
    network = NetworkSpec(layers=(300, 40, 5), bias=True, initial_weights=0.1)
    first, again, other = (initial_weights(network, seed=seed) for seed in (1, 1, 2))
    assert [weights.shape for weights in first] == [(301, 40), (41, 5)]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    # 12,040 draws: the standard error of the spread is 0.1 / sqrt(2 * 12040) = 0.00064; five of them.
    assert first[0].std() == pytest.approx(0.1, abs=0.0033)
