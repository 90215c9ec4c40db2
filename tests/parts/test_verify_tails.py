"""How often cells are programmed until they are read as right, and what a row waits for."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from chipsim.synapse.level_cell import LevelCell
from chipsim.update.reprogram import Verify
from tests import levels_made as made

ROWS, COLUMNS = 256, 128
"""32,768 cells, as many as the published tails are of."""
FOUR = LevelCell(levels=(-1.0, -1 / 3, 1 / 3, 1.0))
GAP, TOLERANCE, TRIES = 10.0, 0.5, 1000


def written(mean, *, writer="row-parallel", levels=None):
    """A tile of cells of four levels that need so many programmings in the mean, and its first writing."""
    right = 1 / mean
    # A draw is right within half the distance of two levels, on either side.
    spread = TOLERANCE * GAP / NormalDist().inv_cdf((1 + right) / 2) if mean > 1 else 0.0
    base = made.device(spread=spread)
    # Far from zero, which cuts off draws.
    lift = 100 * GAP
    high = [
        type(base.high[0])(conductance=lift + GAP * k, spread=spread, compliance=0.01 * k) for k in (1, 2, 3)
    ]
    cell = made.device(low=type(base.low)(conductance=lift, spread=spread), high=tuple(high))
    verify = Verify(tolerance=TOLERANCE, tries=TRIES)
    tile = made.tile((ROWS, COLUMNS), synapse=FOUR, cell=cell, writer=writer, verify=verify, seed=3)
    wanted = np.full((ROWS, COLUMNS), 3, np.int32) if levels is None else levels
    change = tile.initialise_levels(wanted)
    return tile.wear()[0].programmings, dict(change.operation.counts)


def slots(counts, pulse):
    """Slots of first pulses and of those of retries."""
    return counts[pulse] + counts[f"retry_{pulse}"]


@pytest.mark.parametrize("mean", [1, 7.3, 13.4])
def test_a_row_waits_for_its_slowest_cell(mean):
    """Cells that go to one level share the slots of a row: as many SETs as the cell took that took most."""
    programmings, counts = written(mean)
    slowest = programmings.max(axis=1)
    assert slots(counts, "sets") == slowest.sum()
    # A cell that was never written needs no RESET before its first SET.
    assert slots(counts, "resets") == slowest.sum() - ROWS


def test_one_cell_after_another_waits_for_none():
    """A serial writer takes what all cells take together."""
    programmings, counts = written(7.3, writer="serial")
    assert slots(counts, "sets") == programmings.sum()


@pytest.mark.parametrize("mean", [7.3, 13.4, 18.2])
def test_tails_are_those_of_draws_that_know_nothing_of_each_other(mean):
    """Geometric, whatever the spread is: of the mean, the largest of 128 is 5.4 times as much."""
    programmings, _ = written(mean)
    assert programmings.mean() == pytest.approx(mean, rel=0.03)
    for share in (0.5, 0.9, 0.99):
        expected = math.log(1 - share) / math.log(1 - 1 / mean)
        assert np.quantile(programmings, share) == pytest.approx(expected, abs=1 + 0.05 * expected)
    # Sum over n of the chance that the slowest of 128 takes more than n.
    slowest = sum(1 - (1 - (1 - 1 / mean) ** n) ** COLUMNS for n in range(2000))
    assert slowest / mean == pytest.approx(5.4, abs=0.3)
    assert programmings.max(axis=1).mean() == pytest.approx(slowest, rel=0.06)
