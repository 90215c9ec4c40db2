"""What cells take that share one driven line with those that are pulsed."""

from __future__ import annotations

import pytest

from chipsim.run import simulate
from tests.run.test_loops import CASES, SHORT, assert_equal
from tests.spec.messages import fails

CELL = (
    "device={kind: linear-step, states: 50, step_variation: 0, on_conductance: 20 uS, off_conductance: 2 uS, "
    "pulse_voltage: 2 V, pulse_width: 100 ns, reset_voltage: 3 V, reset_width: 100 ns, area: 0.04 um2}"
)
SMALL = (*SHORT, "phases.0.dataset.train=40", "phases.0.epochs=1", CELL)
UPDATES = {
    "by trains": "single-pair",
    "row by row": "single-pair-rowwise",
    "cell by cell": "single-pair-cellwise",
}


def taken(chip, share, *sets, actions=("update",)):
    """Attojoules of arrays, and pulses on them, in some actions."""
    result = simulate(chip, "mnist-5k", sets=[*SMALL, f"tile.half_selected={share}", *sets])
    rows = [row for row in result.ledger if row.kind == "array" and row.action in actions]
    return sum(row.energy_aj for row in rows), sum(row.pulses for row in rows)


@pytest.mark.parametrize("chip", UPDATES.values(), ids=UPDATES)
def test_energy_is_a_straight_line_of_the_share(chip):
    """A quarter of the way from none to all, but for what is rounded: half an attojoule a sample and array."""
    none, quarter, all_of_it = (taken(chip, share)[0] for share in ("0", "25 %", "100 %"))
    assert none < quarter < all_of_it
    assert abs(quarter - (none + (all_of_it - none) / 4)) <= 3 * 40 * 4


def test_without_them_only_pulsed_cells_take_any():
    """Of V²·G·t a pulse, with G between both bounds: 0.8 to 8 pJ of this cell."""
    energy, pulses = taken("single-pair-rowwise", "0", actions=("update", "initialise", "recentre"))
    assert pulses > 1000
    assert 0.8e6 * pulses < energy < 8e6 * pulses


def test_what_is_not_said_is_a_quarter():
    """Half the voltage on cells that conduct alike at any."""
    plain = simulate("single-pair", "mnist-5k", sets=[*SMALL])
    said = simulate("single-pair", "mnist-5k", sets=[*SMALL, "tile.half_selected=25 %"])
    assert plain.ledger == said.ledger


@pytest.mark.parametrize(
    "case", ["row by row", "both pairs, resets and spreads", "single cells with spreads"]
)
def test_loops_leave_what_steps_leave(monkeypatch, case):
    """To the attojoule, resets included."""
    chip, sets = CASES[case]
    assert_equal(monkeypatch, chip, [*SHORT, *sets, "tile.half_selected=3 %"])


def test_it_changes_energy_alone():
    """Weights, wear and time are what they were."""
    one, other = (
        simulate("single-pair", "mnist-5k", sets=[*SMALL, f"tile.half_selected={share}"])
        for share in ("0", "1")
    )
    assert [row.test_accuracy_percent for row in one.epochs] == [
        row.test_accuracy_percent for row in other.epochs
    ]
    assert one.summary["simulated_time_ps"] == other.summary["simulated_time_ps"]
    assert one.summary["energy_aJ"] < other.summary["energy_aJ"]


@pytest.mark.parametrize("share", ["-1 %", "101 %"])
def test_shares_that_are_none(share):
    """Between none and all."""
    found = fails(simulate, "single-pair", "mnist-5k", sets=[f"tile.half_selected={share}"])
    assert "tile.half_selected: must be between 0 and 1" in found
