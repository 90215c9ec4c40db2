"""Which cell levels stand for which weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.spec.level_map import cell_levels, difference_levels, made_weights, weight_per_siemens

NINE = tuple(np.linspace(0, 80e-6, 9).tolist())


def refusal(levels, means, *, cells):
    """The whole message."""
    with pytest.raises(ValueError) as caught:
        cell_levels(levels, means, cells=cells)
    return str(caught.value)


def test_seventeen_levels_of_two_cells_with_nine():
    """D'Agostino's weight: eight levels each way, the other cell low, and zero where both are low."""
    levels = tuple(np.linspace(-1.5, 1.5, 17).tolist())
    expected = [(0, k) for k in range(8, 0, -1)] + [(0, 0)] + [(k, 0) for k in range(1, 9)]
    assert list(cell_levels(levels, NINE, cells=2)) == expected


def test_two_levels_take_the_ends():
    """A binary weight stands at the highest level of one of its cells, or at either end of a single one."""
    assert cell_levels((-1.0, 1.0), NINE, cells=2) == ((0, 8), (8, 0))
    assert cell_levels((-1.0, 1.0), NINE, cells=1) == ((0,), (8,))


def test_uneven_conductances_are_taken_where_they_are():
    """Cells at 0, 10, 60 and 100 uS stand for 0, 0.1, 0.6 and 1: a half is nearest to 0.6."""
    means = (0.0, 10e-6, 60e-6, 100e-6)
    assert cell_levels((-1.0, -0.5, 0.0, 0.5, 1.0), means, cells=2) == (
        (0, 3),
        (0, 2),
        (0, 0),
        (2, 0),
        (3, 0),
    )


def test_the_low_level_is_no_zero():
    """A siemens counts from the low level for a pair, from the middle of the range for a single cell."""
    assert weight_per_siemens((-1.0, 1.0), (0.5, 2.5), cells=2) == 0.5
    assert weight_per_siemens((-1.0, 1.0), (0.5, 2.5), cells=1) == 1.0


@given(
    means=st.lists(st.integers(0, 1000), min_size=2, max_size=9, unique=True).map(sorted),
    positive=st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True).map(sorted),
    cells=st.sampled_from([1, 2]),
)
def test_mapping_against_trying_all_states(means, positive, cells):
    """Either every weight gets the state whose own weight is nearest, or two would share one."""
    levels = tuple(float(sign * k) for sign in (-1, 1) for k in positive[:: -1 if sign < 0 else 1])
    low, top = means[0], means[-1]
    if cells == 2:
        own = {(k, 0): (g - low) / (top - low) * levels[-1] for k, g in enumerate(means)}
        own |= {(0, k): -weight for (k, _), weight in own.items()}
    else:
        own = {(k,): (2 * g - low - top) / (top - low) * levels[-1] for k, g in enumerate(means)}
    try:
        states = cell_levels(levels, tuple(map(float, means)), cells=cells)
    except ValueError:
        nearest = [min(abs(w - weight) for w in own.values()) for weight in levels]
        free = [
            {state for state, w in own.items() if abs(w - weight) <= best + 1e-9}
            for weight, best in zip(levels, nearest, strict=True)
        ]
        assert any(one & other for one, other in pairwise(free))
        return
    assert len(set(states)) == len(levels)
    for weight, state in zip(levels, states, strict=True):
        assert abs(own[state] - weight) <= min(abs(w - weight) for w in own.values()) + 1e-9


def test_more_levels_than_the_cells_have():
    """Nineteen weights do not fit into seventeen states."""
    levels = tuple(np.linspace(-1.5, 1.5, 19).tolist())
    assert refusal(levels, NINE, cells=2) == (
        "levels -0.833333 and -0.666667 would be the same state of the cells: "
        "there are 19 levels, and the cells of a weight have 17 states"
    )


def test_single_cells_have_half_the_states():
    """Seventeen weights fit two cells of nine levels, not one."""
    levels = tuple(np.linspace(-1.5, 1.5, 17).tolist())
    assert refusal(levels, NINE, cells=1).endswith(
        "there are 17 levels, and the cells of a weight have 9 states"
    )


def test_levels_where_the_cell_has_none():
    """Weights of 0.1 and zero are the same where the lowest high level stands for 0.5."""
    levels = (-1.0, -0.1, 0.0, 0.1, 1.0)
    assert refusal(levels, (0.0, 50e-6, 100e-6), cells=2) == (
        "levels -0.1 and 0 would be the same state of the cells: "
        "a cell would have to conduct 10 µS and 0 S, and its levels are 0 S, 50 µS, 100 µS"
    )


@pytest.mark.parametrize(
    ("levels", "means", "message"),
    [
        (
            (-1.0, 1.0), (2e-6, 2e-6),
            "a cell needs a highest level that conducts more than its low level, not 2e-06 S over 2e-06 S",
        ),
        ((-1.0, 0.0), (0.0, 2e-6), "needs a level above zero, not [-1.0, 0.0]"),
        ((), (0.0, 2e-6), "needs a level above zero, not []"),
    ],
)  # fmt: skip
def test_no_range(levels, means, message):
    """A range of nothing, of conductance or of weights, carries nothing."""
    assert refusal(levels, means, cells=2) == message


def test_made_weights_follow_the_conductances():
    """A level 5 uS too high of a range of 100 uS: 0.05 of the outermost weight, on both sides of zero."""
    levels, means = (-1.0, -0.5, 0.0, 0.5, 1.0), (10e-6, 65e-6, 110e-6)
    assert made_weights(levels, means, cells=2) == (-1.0, -0.55, 0.0, 0.55, 1.0)
    assert made_weights((-1.0, 0.0, 1.0), means, cells=1) == (-1.0, 0.1, 1.0)


# --- single cells from their low level ---------------------------------------------------------------


def test_a_cell_from_its_low_level_is_never_negative():
    """Zero is the low level, one the highest, and a third of the way is a third."""
    assert cell_levels((0.0, 1.0), NINE, cells=1, from_low=True) == ((0,), (8,))
    assert cell_levels((0.0, 0.4, 1.0), (0.0, 10.0, 30.0), cells=1, from_low=True) == ((0,), (1,), (2,))
    assert made_weights((0.0, 0.4, 1.0), (0.0, 10.0, 30.0), cells=1, from_low=True) == (
        0.0,
        0.333333333333,
        1.0,
    )
    assert weight_per_siemens((0.0, 1.0), (0.5, 2.5), cells=1, from_low=True) == 0.5


# --- differences of cells at any level ---------------------------------------------------------------

DONG = (0.0, 1.0, 3.0, 8.0, 12.0)
"""Zero, and levels of 1 : 3 : 8 : 12."""


def test_differences_of_the_published_levels():
    """Those that Dong 2018 lists: with 12, 0 to 5, 7 to 9, 11 and 12 of either sign."""
    for means, sizes in ((DONG[:-1], (1, 2, 3, 5, 7, 8)), (DONG, (1, 2, 3, 4, 5, 7, 8, 9, 11, 12))):
        levels = tuple(float(size) for size in (*(-size for size in reversed(sizes)), 0, *sizes))
        states = difference_levels(levels, means)
        assert [means[plus] - means[minus] for plus, minus in states] == list(levels)


def test_of_equal_differences_the_one_that_conducts_least():
    """Of cells at 0, 1, 2 and 3, one is 1 - 0 and not 3 - 2; and zero is both low."""
    assert difference_levels((-1.0, 0.0, 1.0), (0.0, 1.0)) == ((0, 1), (0, 0), (1, 0))
    states = difference_levels((-3.0, -1.0, 0.0, 1.0, 3.0), (0.0, 1.0, 2.0, 3.0))
    assert states == ((0, 3), (0, 1), (0, 0), (1, 0), (3, 0))


@given(
    means=st.lists(st.integers(0, 200), min_size=2, max_size=6, unique=True).map(sorted),
    positive=st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True).map(sorted),
)
def test_differences_against_trying_all(means, positive):
    """No pair comes nearer, weights of either sign are mirrored, or two of them are refused as one."""
    levels = tuple(float(level) for level in (*(-size for size in reversed(positive)), 0, *positive))
    conductances = tuple(float(mean) for mean in means)
    scale = levels[-1] / (conductances[-1] - conductances[0])
    try:
        states = difference_levels(levels, conductances)
    except ValueError:
        # That two of them are one is asked below, by the levels that would have been taken.
        near = [min(every_way(conductances), key=lambda way: abs(scale * way - weight)) for weight in levels]
        assert len({round(way, 9) for way in near}) < len(levels)
        return
    every = [scale * way for way in every_way(conductances)]
    for weight, (plus, minus) in zip(levels, states, strict=True):
        made = scale * (conductances[plus] - conductances[minus])
        assert abs(made - weight) <= min(abs(one - weight) for one in every) + 1e-6
    assert states == tuple((minus, plus) for plus, minus in reversed(states))


def every_way(conductances):
    """Differences of any two of them."""
    return [one - other for one in conductances for other in conductances]


def test_differences_that_are_one():
    """With both weights, and what cells conduct."""
    with pytest.raises(ValueError) as caught:
        difference_levels((-1.0, -0.9, 0.0, 0.9, 1.0), (0.0, 10e-6))
    assert str(caught.value) == (
        "levels -1 and -0.9 would be the same state of the cells: no difference of two of their levels, 0 S, 10 µS, is "
        "nearer to one than to the other"
    )
