"""The selector switches from coarse to fine once, when training accuracy stops rising, or compares levels."""

from __future__ import annotations

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from chipsim.ledger import Ledger
from chipsim.parts.accuracy_plateau import AccuracyPlateau
from chipsim.parts.fixed import Fixed
from chipsim.parts.level_change import LevelChange
from chipsim.parts.selector import Selector
from tests import made

shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("accuracies", "reached"),
    [
        ([], False),
        ([0.9], False),
        ([0.90, 0.91], False),
        ([0.90, 0.904], True),
        ([0.90, 0.80], True),
        ([0.80, 0.80, 0.90], False),  # only the last epoch counts
        ([0.5, 0.75], False),
        ([0.5, 0.5], True),
    ],
)
def test_plateau(accuracies, reached):
    """A gain below half a percentage point in the last epoch is a plateau."""
    assert AccuracyPlateau(threshold=0.005).moves_on(accuracies) is reached


@given(accuracies=st.lists(shares, max_size=5), threshold=st.floats(-1, 1))
def test_plateau_is_a_pure_function(accuracies, threshold):
    """The same question gets the same answer, and the list stays as it was."""
    before = list(accuracies)
    policy = AccuracyPlateau(threshold=threshold)
    assert policy.moves_on(accuracies) == policy.moves_on(accuracies)
    assert accuracies == before


@given(accuracies=st.lists(shares, min_size=1, max_size=8), threshold=st.floats(-1, 1))
def test_selector_switches_at_the_first_plateau_and_never_back(accuracies, threshold):
    """Fine from the first epoch whose gain was too small, for good."""
    selector = made.rule_on(made.hybrid(threshold=threshold), (1, 1)).chip.selector
    for epoch, accuracy in enumerate(accuracies, start=1):
        selector.end_epoch(accuracy=accuracy)
        policy = AccuracyPlateau(threshold=threshold)
        met = any(policy.moves_on(accuracies[:count]) for count in range(2, epoch + 1))
        assert selector.pair == int(met)


def test_fixed_selector_never_switches():
    """A single pair has nothing to choose from."""
    selector = made.rule_on(made.chip(), (1, 1)).chip.selector
    for accuracy in (0.5, 0.5, 0.1):
        selector.end_epoch(accuracy=accuracy)
    assert selector.pair == 0


def test_coarse_cells_are_left_alone_after_the_switch():
    """From the switch on every pulse goes to the fine pair; before it none did."""
    run = made.trained(
        made.hybrid(threshold=1.0, device=made.finite(step_variation=0.3)), (5, 4, 3), epochs=5
    )
    assert run.training.switch_epoch == 3
    fired = {}
    for row in run.training.arrays:
        pair = "coarse" if ".coarse" in row.array else "fine"
        fired.setdefault((row.epoch, pair), 0)
        fired[row.epoch, pair] += row.pulses
    assert all(fired[epoch, "coarse"] > 0 and fired[epoch, "fine"] == 0 for epoch in (0, 1, 2))
    assert all(fired[epoch, "coarse"] == 0 and fired[epoch, "fine"] > 0 for epoch in (3, 4, 5))


def test_coarse_conductances_stay_to_the_last_bit():
    """Updates of the fine pair move no coarse cell."""
    tile = made.rule_on(made.hybrid(device=made.finite(step_variation=0.3)), (3, 2)).chip.tiles[0]
    rng = np.random.default_rng(0)
    tile.initialise(rng.standard_normal((3, 2)).astype(np.float32) / 4)
    before = [wear.pulses.copy() for wear in tile.wear()[:2]]
    weights = tile.weights()
    for _ in range(5):
        x, d = rng.random(3).astype(np.float32), rng.standard_normal(2).astype(np.float32)
        tile.update(x, d, rate=0.3, pair=1)
    assert all(np.array_equal(a, b.pulses) for a, b in zip(before, tile.wear()[:2], strict=True))
    assert all(wear.pulses.any() for wear in tile.wear()[2:])
    assert not np.array_equal(weights, tile.weights())


def test_switch_shows_in_the_summary_of_epochs():
    """The target of each epoch is the pair that took its updates."""
    run = made.trained(made.hybrid(threshold=1.0), (5, 4, 3), epochs=4)
    assert [row.target for row in run.training.epochs] == ["coarse", "coarse", "fine", "fine"]


def test_switch_after_the_last_epoch_is_no_switch():
    """No update ever went to the fine pair, so no epoch is named."""
    run = made.trained(made.hybrid(threshold=1.0), (5, 4, 3), epochs=2)
    assert [row.target for row in run.training.epochs] == ["coarse", "coarse"]
    assert run.training.switch_epoch is None


def level_change(*, lanes, policy=None):
    """A selector alone, that compares levels unless it is given another policy."""
    return Selector(
        simpy.Environment(), "selector", ledger=Ledger(), policy=policy or LevelChange(lanes=lanes), pairs=1,
        cost=made.COSTS.selector, clock=made.CLOCK,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "lanes", "cycles"),
    [(0, 4, 0), (1, 4, 1), (4, 4, 1), (5, 4, 2), (1000, 64, 16), (1000, 1, 1000)],
)
def test_comparing_levels_takes_a_cycle_for_all_lanes(count, lanes, cycles):
    """A thousand levels on 64 lanes are sixteen cycles; every comparison takes its energy."""
    selector = level_change(lanes=lanes)
    op = selector.compare(count)
    selector.env.run(until=selector.env.process(selector.serve(op)))
    assert selector.env.now == cycles * made.CLOCK
    assert selector.ledger.by_action()["compare"].energy_aj == count * made.COSTS.selector.compare


def test_each_lane_has_its_comparator():
    """Area grows with the lanes; a policy that goes by accuracy has one unit, one that selects nothing none."""
    one = made.COSTS.selector.area
    assert level_change(lanes=64).area == 64 * one
    assert level_change(lanes=1, policy=AccuracyPlateau(threshold=0.01)).area == one
    assert level_change(lanes=1, policy=Fixed()).area == 0


def test_selector_says_how_many_levels_it_compares():
    """One lane, many lanes, and no lanes for other policies."""
    assert level_change(lanes=64).about == "level-change, 64 lanes"
    assert level_change(lanes=1).about == "level-change, 1 lane"
    assert level_change(lanes=1, policy=Fixed()).about == "fixed"


def test_a_decision_takes_what_it_took():
    """Deciding on a pair stays an addition and a comparison, one after the other, and steering one look."""
    selector = level_change(lanes=1, policy=AccuracyPlateau(threshold=0.01))
    for op in (selector.end_epoch(accuracy=0.5), selector.select()):
        selector.env.run(until=selector.env.process(selector.serve(op)))
    assert selector.env.now == 3 * made.CLOCK


def test_what_selects_nothing_takes_nothing():
    """A single pair is the only way to go: no look, no decision, and nobody asked for accuracies."""
    selector = level_change(lanes=1, policy=Fixed())
    assert selector.end_epoch(accuracy=0.5) is None
    assert selector.select() is None
    assert not selector.asks_accuracy
