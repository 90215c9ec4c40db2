"""Sums of many samples at once, against the plain loops: the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device import reading, reading_many

F = np.float32
SHAPES = [
    (16, 3, 1),
    (17, 1, 5),
    (37, 13, 9),
    (100, 70, 33),
    (31, 130, 64),
    (250, 9, 10),
    (20, 5, 0),
    (3, 40, 20),
]


def drawn(shape, share, *, seed):
    """Numbers, as many of them other than zero as the share says."""
    rng = np.random.default_rng(seed)
    numbers = rng.standard_normal(shape) * (rng.random(shape) < share)
    return numbers.astype(F)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_rows_are_read_to_the_bit_as_one_sample_after_another(shape, share):
    """Few zeros and many, and numbers that are already there."""
    samples, rows, columns = shape
    x, weights = drawn((samples, rows), share, seed=1), drawn((rows, columns), 0.9, seed=2)
    plain = drawn((samples, columns), 0.5, seed=3)
    many = plain.copy()
    reading.read_rows(x, weights, plain)
    reading_many.read_rows(x, weights, many)
    assert many.tobytes() == plain.tobytes()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_columns_are_read_to_the_bit_as_one_sample_after_another(shape, share):
    """An odd number of samples, and numbers of columns that four does not divide."""
    samples, rows, columns = shape
    d, weights = drawn((samples, columns), share, seed=1), drawn((rows, columns), 0.9, seed=2)
    plain = drawn((samples, rows), 0.5, seed=3)
    many = plain.copy()
    reading.read_columns(d, weights, plain)
    reading_many.read_columns(d, weights, many)
    assert many.tobytes() == plain.tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_outer_products_add_up_to_the_bit_sample_after_sample(shape):
    """Single precision all the way, in the order of samples."""
    samples, rows, columns = shape
    x, d = drawn((samples, rows), 0.3, seed=4), drawn((samples, columns), 0.9, seed=5)
    out, plain = np.zeros((rows, columns), F), np.zeros((rows, columns), F)
    for one, errors in zip(x, d, strict=True):
        plain += one[:, np.newaxis] * errors
    reading_many.add_across(reading_many.turned(x), d, out)
    assert out.tobytes() == plain.tobytes()


def test_rows_at_zero_are_skipped_whatever_their_cells_conduct():
    """A cell that conducts no finite number on a line that is not driven gives no current."""
    x, weights = np.zeros((16, 2), F), np.array([[np.inf], [1.0]], F)
    x[:, 1] = 2
    out = np.zeros((16, 1), F)
    reading_many.read_rows(x, weights, out)
    assert (out == 2).all()
