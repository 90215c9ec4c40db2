"""Pulses that carry no gradient lead cells to their symmetry points, as theory says, by hand.

Of as many pulses up as down at random, one moves w, over the bounds of its cell, by
E[dw] = (u (1 - w / p) - d (1 + w / n)) / 2, with u and d its steps up and down in the middle, p and n the
distances of its bounds: a straight line, zero at w* = (u - d) / (u / p + d / n). So the mean after k pulses is
w* + (w - w*) l^k with l = 1 - (u / p + d / n) / 2, whatever the sizes of steps, as long as no bound is met.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests import made

F = np.float32
SHAPE = (40, 50)
PULSES = 60
SPREAD = {"upper_spread": 0.15, "lower_spread": 0.15, "step_spread": 0.1}


def device(**changes):
    """Cells whose steps down are half as long as those up, and that are not alike."""
    return made.soft_bounds(states=80, asymmetry=0.5, **(SPREAD | changes))


def laws(cells):
    """Where pulses lead each cell, and what a pulse leaves of the way there, from its bounds and steps."""
    up, down = cells.step.astype(float), -cells.step_down.astype(float)
    above, below = cells.high.astype(float) - cells.zero, cells.zero - cells.low.astype(float)
    pull = up / above + down / below
    return cells.zero + (up - down) / pull, 1 - pull / 2


def drifted(tile, pulses, seed=3):
    """Give each cell so many pulses, one after another, each up or down by chance."""
    rng = np.random.default_rng(seed)
    for _ in range(pulses):
        tile.pulse_counts(rng.choice(np.array([-1, 1], np.int32), SHAPE), pair=0)


def a_tile(spec):
    """The tile of a network of one layer."""
    return made.rule_on(spec, SHAPE).chip.tiles[0]


UPDATE = made.update_by("row-by-row", encoding="deterministic", slots=63)
WIDE = {"tile": made.crossbar(*SHAPE), "update": UPDATE}


def single():
    """Single cells against the middle, written to zero."""
    tile = a_tile(made.single(device=device(), **WIDE))
    tile.initialise(np.zeros(SHAPE, F))
    return tile


def referred():
    """The same against references of their own."""
    tile = a_tile(made.referred(pairs=200, device=device(), **WIDE))
    tile.initialise(np.zeros(SHAPE, F))
    return tile


def test_counted_pulses_follow_the_straight_line():
    """The mean over 2,000 cells after 5, 20 and 60 pulses, each cell by its own law."""
    tile = single()
    cells = tile.carrier.cells
    ends, left = laws(cells)
    began = cells.conductance.astype(float)
    drifted(tile, PULSES)
    expected = ends + (began - ends) * left**PULSES
    off = cells.conductance - expected
    # What chance leaves: so many steps of about 1/80 that their squares add up, pulled back all the while.
    spread = off.std()
    assert spread < 0.1
    assert off.mean() == pytest.approx(0, abs=4 * spread / np.sqrt(off.size))


def test_single_cells_drift_off_zero():
    """Against the middle, weights that began at zero end at w*, a third for steps of half the length."""
    tile = single()
    assert not tile.weights().any()
    drifted(tile, 400)
    ends, _ = laws(tile.carrier.cells)
    weights = tile.weights()
    wanted = 2 * (ends - 0.5)
    assert wanted.mean() == pytest.approx(1 / 3, abs=0.03)
    error = 4 * (weights - wanted).std() / np.sqrt(weights.size)
    assert weights.mean() == pytest.approx(wanted.mean(), abs=error)
    assert np.corrcoef(weights.ravel(), wanted.ravel())[0, 1] > 0.3


def test_cells_with_references_drift_to_zero():
    """The same pulses on the same cells: weights of a half end at zero, for zero is where pulses lead."""
    tile = referred()
    ends, _ = laws(tile.carrier.cells)
    references = tile.wear()[1].conductance
    # Read between the last pulse up and the last one down, of steps of 1/80: within a small part of one.
    assert references == pytest.approx(ends, abs=0.25 / 80)
    begun = a_tile(made.referred(pairs=200, device=device(), **WIDE))
    begun.initialise(np.full(SHAPE, 0.5, F))
    assert begun.weights().mean() > 0.3
    drifted(begun, 400)
    weights = begun.weights()
    error = 4 * weights.std() / np.sqrt(weights.size)
    assert weights.mean() == pytest.approx(0, abs=error)


def test_outer_products_without_a_gradient_drift_alike():
    """Plain gradient descent on errors of either sign at random: off zero on one chip, to zero on the other."""
    found = {}
    for name, tile in (("middle", single()), ("own", referred())):
        rng = np.random.default_rng(5)
        for _ in range(300):
            d = rng.choice(np.array([-1, 1], F), SHAPE[1])
            tile.update(np.ones(SHAPE[0], F), d, rate=1 / 40, pair=0)
        found[name] = tile.weights().mean()
    # A column moves as one, so of 50 chances each about 1/40 wide.
    assert found["middle"] == pytest.approx(1 / 3, abs=0.06)
    assert found["own"] == pytest.approx(0, abs=0.06)
