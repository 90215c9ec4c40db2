"""A step row after row, against the same step one thing after another: the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.reading_many import turned
from chipsim.learn import consolidation as c

F = np.float32
N = np.int32
EVEN = c.Levels(np.linspace(-1.5, 1.5, 17).astype(F))
THIRDS = c.Levels(np.linspace(-1, 1, 7).astype(F))
UNEVEN = c.Levels(np.array([-2, -0.5, 0, 0.5, 2], F))
NONE = np.empty(0, np.uint64)
NUMBERS = tuple(F(number) for number in (0.05, 0.9, 0.999, 0.04, 1.7, 1e-8))


def in_turn(x, d, kept, *, levels, table):
    """Gradient, Adam, move, tally and changed weights, as they are without rounding in between."""
    hidden, first, second = kept
    step, before, tally = np.empty_like(hidden), hidden.copy(), np.zeros(3, np.int64)
    c.gradient(x, d, step)
    c.adam(step, first, second, NUMBERS)
    c.move(hidden, step, levels.values, levels.bounds, levels.gap, levels.exact, table)
    c.tally_steps(before, hidden, step, levels.values[0], levels.values[-1], tally)
    lists = tuple(np.empty(hidden.size, N) for _ in range(3))
    found = c.changed(before, hidden, levels.values, levels.bounds, levels.gap, *lists)
    return tally.tolist(), [one[:found].tolist() for one in lists]


def at_once(x, d, kept, *, levels, table):
    hidden, first, second = kept
    tally, lists = np.zeros(3, np.int64), tuple(np.empty(hidden.size, N) for _ in range(3))
    found = c.update_at_once(
        turned(x), d, hidden, first, second, NUMBERS,
        levels.values, levels.bounds, levels.gap, levels.exact, table, tally, *lists,
    )  # fmt: skip
    return tally.tolist(), [one[:found].tolist() for one in lists]


def test_only_levels_that_are_computed_to_the_bit_are_computed():
    """Levels an eighth or a sixteenth apart are; thirds, and levels at uneven distances, are not."""
    assert EVEN.exact
    assert THIRDS.gap > 0
    assert not THIRDS.exact
    assert not UNEVEN.exact


@pytest.mark.parametrize("levels", [EVEN, THIRDS, UNEVEN], ids=["even", "thirds", "uneven"])
@pytest.mark.parametrize("m", [0.0, 3.0])
@pytest.mark.parametrize("shape", [(30, 41, 21), (1, 3, 8), (100, 5, 1), (17, 2, 70)])
def test_row_after_row_is_to_the_bit_one_thing_after_another(levels, m, shape):
    """Inputs of which many are zero, weights on levels and on bounds, steps that lead beyond them."""
    samples, rows, columns = shape
    rng = np.random.default_rng(samples + rows + columns)
    x = (rng.random((samples, rows)) * (rng.random((samples, rows)) < 0.4)).astype(F)
    d = rng.standard_normal((samples, columns)).astype(F)
    low, high = levels.values[0], levels.values[-1]
    hidden = np.clip(2 * rng.standard_normal((rows, columns)), low, high).astype(F)
    hidden[0] = levels.values[rng.integers(0, levels.values.size, columns)]
    first = (0.1 * rng.standard_normal((rows, columns))).astype(F)
    second = rng.random((rows, columns)).astype(F)
    table = c.meta_table(m) if m else NONE
    one, other = [hidden, first, second], [hidden.copy(), first.copy(), second.copy()]
    for _ in range(3):
        assert at_once(x, d, one, levels=levels, table=table) == in_turn(
            x, d, other, levels=levels, table=table
        )
        for mine, theirs in zip(one, other, strict=True):
            assert mine.tobytes() == theirs.tobytes()
        assert np.isfinite(one[0]).all()


def test_every_weight_may_change_its_level():
    """The lists are long enough for all of them."""
    hidden = np.full((3, 8), -1, F)
    first, second = np.full((3, 8), -1, F), np.zeros((3, 8), F)
    zeros = np.zeros((1, 3), F)
    _, (rows, columns, places) = at_once(
        zeros, np.zeros((1, 8), F), (hidden, first, second), levels=EVEN, table=NONE
    )
    assert (hidden == 1.5).all()
    assert list(zip(rows, columns, places, strict=True)) == [(i, j, 16) for i in range(3) for j in range(8)]


@pytest.mark.parametrize("m", [0.0, 3.0])
def test_no_number_at_all_harms_no_other(m):
    """Training that diverged is told where cells are read; until then nothing is looked up out of bounds."""
    hidden = np.array([[np.nan, 0.1, np.inf]], F)
    first, second = np.zeros((1, 3), F), np.zeros((1, 3), F)
    table = c.meta_table(m) if m else NONE
    x, d = np.ones((1, 1), F), np.array([[0, 0, np.nan]], F)
    at_once(x, d, (hidden, first, second), levels=EVEN, table=table)
    assert hidden[0, 1] == F(0.1)
