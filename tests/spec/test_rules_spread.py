"""Rules of how far the conductance of a cell spreads."""

from __future__ import annotations

import pytest

from chipsim.spec import load_chip
from tests.spec.messages import fails


def refused(*sets, name="metaplastic-qnn"):
    """The messages of a shipped chip that is changed, without where they stand."""
    lines = fails(load_chip, name, sets=sets).splitlines()
    return [line.partition(" (from")[0].rpartition("yaml:")[2] for line in lines]


def test_a_high_level_spreads_by_its_own_conductance_at_most():
    """A siemens is wide for every level of microsiemens; each is told with what it may have."""
    levels = (20, 35, 50, 65, 80, 95, 110, 125)
    assert refused("device.high[*].spread=1S") == [
        f"device.high[level={number}].spread: must be at most what the level conducts, {level} µS, not 1 S"
        for number, level in enumerate(levels, start=1)
    ]


def test_the_bounds_themselves_are_allowed():
    """A spread of all that a level conducts, and a low one of what the lowest high level does."""
    device = load_chip(
        "bnn", sets=["device.high[level=1].spread=20 uS", "device.low.spread=20 uS"]
    ).spec.device
    assert (device.high[0].spread, device.low.spread) == pytest.approx((20e-6, 20e-6))


def test_a_low_level_spreads_by_the_lowest_high_one_at_most():
    """It may conduct nothing, so its own conductance is no bound."""
    assert refused("device.low.spread=20.5 uS") == [
        "device.low.spread: must be at most what the lowest high level conducts, 20 µS, not 20.5 µS"
    ]
    assert load_chip("bnn", sets=["device.low.conductance=0 S"]).spec.device.low.spread == pytest.approx(1e-6)


def test_a_scale_does_not_lead_beyond():
    """The lowest high level of 20 uS and 2.4 uS reaches its bound first, at 20 / 2.4 = 8.333 times."""
    assert refused("device.spread_scale=9") == [
        "device.spread_scale: must be at most 8.333333333, where a level spreads by as much as it may, not 9"
    ]
    assert load_chip("bnn", sets=["device.spread_scale=8.3"]).spec.device.spread_scale == 8.3


def test_cells_without_spread_take_any_scale():
    """Nothing times a hundred is nothing."""
    sets = ["device.low.spread=0 S", "device.high[*].spread=0 S", "device.spread_scale=100"]
    assert load_chip("bnn", sets=sets).spec.device.spread_scale == 100


@pytest.mark.parametrize("name", ["step_spread", "range_spread"])
def test_a_step_or_range_spreads_by_its_mean_at_most(name):
    """From cell to cell neither is wider than itself."""
    assert refused(f"device.{name}=101 %", name="hybrid-synapse") == [
        f"device.{name}: must be between 0 and 1, not 1.01; written as '101 %'"
    ]
    assert getattr(load_chip("hybrid-synapse", sets=[f"device.{name}=100 %"]).spec.device, name) == 1
