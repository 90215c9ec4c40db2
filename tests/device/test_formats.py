"""Number formats round numbers as their definitions say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.device.formats import onto_format
from chipsim.spec.formats import FORMATS, word_bits

numbers = st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=8)


@pytest.mark.parametrize(("name", "bits"), [("fixed-8", 8), ("fixed-16", 16), ("fixed-32", 32)])
@given(values=numbers)
def test_fixed_point_counts_steps_of_a_range_that_ends(name, bits, values):
    """Whole steps, at most half of one away, and never beyond the last."""
    found = np.array([values])
    onto_format(found, name, full_scale=1.5)
    most = 2 ** (bits - 1) - 1
    step = 1.5 / most
    counts = found[0] / step
    assert np.abs(counts - np.rint(counts)).max() < 1e-6
    assert np.abs(found).max() <= 1.5 * (1 + 1e-12)
    inside = [(value, got) for value, got in zip(values, found[0], strict=True) if abs(value) <= 1.5]
    assert all(abs(value - got) <= 0.5 * step * (1 + 1e-6) for value, got in inside)


@given(values=numbers)
def test_half_precision_is_that_of_ieee(values):
    """Eleven binary digits, ties to even."""
    found = np.array([values])
    onto_format(found, "float-16")
    assert found[0].tolist() == [float(np.float16(value)) for value in values]


def test_half_precision_ends_at_its_largest_number():
    """65,504 and not infinity."""
    found = np.array([[1e9, -7e4, 65_504.0]])
    onto_format(found, "float-16")
    assert found.tolist() == [[65_504.0, -65_504.0, 65_504.0]]


@pytest.mark.parametrize(("name", "step"), [("fixed-8", 1 / 127), ("float-16", 2.0**-11 / 2)])
def test_rounding_at_random_is_right_on_average(name, step):
    """A quarter of a step above a number becomes the next one in a quarter of all cases."""
    low = 0.25 if name == "float-16" else 32 / 127
    found = np.full((1, 20_000), low + step / 4)
    fractions = np.random.default_rng(0).random(found.shape, dtype=np.float32)
    onto_format(found, name, fractions=fractions)
    assert set(found[0].round(9).tolist()) == {round(low, 9), round(low + step, 9)}
    assert np.mean(found > low + step / 2) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_rounding_twice_changes_nothing(name):
    """What is a word already stays one, in single precision too."""
    found = np.random.default_rng(1).standard_normal((4, 50)).astype(np.float32)
    onto_format(found, name, full_scale=2.0)
    once = found.copy()
    onto_format(found, name, full_scale=2.0)
    assert np.array_equal(found, once)


def test_single_precision_is_left_alone():
    """What everything is computed in needs no rounding."""
    found = np.array([[1e30, 1 / 3]], np.float32)
    onto_format(found, "float-32")
    assert found.tolist() == [[np.float32(1e30), np.float32(1 / 3)]]


def test_words_are_as_wide_as_their_names_say():
    """The number in a name is its bits."""
    assert all(word_bits(name) == int(name.rpartition("-")[2]) for name in FORMATS)
