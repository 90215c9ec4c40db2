"""What cells of spread endurances are to be expected to stand, against what drawn ones do."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from chipsim.result.spread_wear import SpreadCells, trainings_of_spread
from chipsim.result.wear import trainings_until


def test_drawn_cells_fare_as_expected():
    """One in a hundred of 40,000 cells, and the first of 400, over many chips."""
    rng = np.random.default_rng(1)
    cycles = rng.integers(0, 60, 40_000)
    found = trainings_of_spread([SpreadCells(cycles=cycles, endurance=100_000, spread=0.5)])
    drawn = np.floor(100_000 * np.exp(0.5 * rng.standard_normal(40_000)))
    assert trainings_until(cycles, endurance=drawn) == pytest.approx(found.share, rel=0.03)
    few = cycles[:400]
    found = trainings_of_spread([SpreadCells(cycles=few, endurance=100_000, spread=0.5)])
    firsts = []
    for _ in range(400):
        drawn = 100_000 * np.exp(0.5 * rng.standard_normal(few.size))
        firsts.append(np.min(drawn[few > 0] // few[few > 0]) + 1)
    assert np.median(firsts) == pytest.approx(found.first, rel=0.05)


def test_little_spread_is_what_all_alike_stand():
    """It comes to what is worked out of one endurance."""
    cycles = np.arange(1, 101)
    found = trainings_of_spread([SpreadCells(cycles=cycles, endurance=10_050, spread=1e-9)])
    assert found.share == trainings_until(cycles, endurance=10_050) == 101
    assert found.first == 101


def test_arrays_of_other_endurances_are_told_together():
    """Those without spread with those that have some."""
    alike = SpreadCells(cycles=[10] * 50, endurance=100, spread=0.0)
    apart = SpreadCells(cycles=[10] * 50, endurance=10_000, spread=0.5)
    found = trainings_of_spread([alike, apart], share=Fraction(1, 2))
    assert found.spreads == (0.0, 0.5)
    assert found.first == found.share == 11


def test_cells_that_never_wear_are_never_past():
    """However long they are trained."""
    found = trainings_of_spread([SpreadCells(cycles=[0, 0], endurance=100, spread=0.5)])
    assert (found.first, found.share) == (None, None)
