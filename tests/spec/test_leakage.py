"""What a description says of leakage: read, refused, and which of it counts."""

from __future__ import annotations

import pytest

from chipsim.spec import load_chip, load_costs, shipped_names
from chipsim.units import LEAKAGE, show
from tests.spec.messages import fails

UNITS = "known: aW, fW, pW, nW, uW, \N{MICRO SIGN}W, mW, W"
GATED = "leakage={{gating: idle-parts, {}}}"


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ("sram.leakage=-1 nW", "sram.leakage: must be at least 0, not -1000000000; written as '-1 nW'"),
        (
            "wire.leakage_per_bit_mm=-1 uW",
            "wire.leakage_per_bit_mm: must be at least 0, not -1e+12; written as '-1 uW'",
        ),
        (
            "router.leakage=1 mw",
            f"router.leakage: '1 mw' has no unit of power; {UNITS}; did you mean 'mW'?",
        ),
        (
            "router.leakage=1 MW",
            f"router.leakage: '1 MW' has no unit of power; {UNITS}; did you mean 'mW'?",
        ),
        ("router.leakage=1 mJ", f"router.leakage: '1 mJ' has no unit of power; {UNITS}"),
        ("router.leakage=1 W", "router.leakage: '1 W' is beyond any power on a chip; at most 100 mW"),
        (
            "router.leakage=0.3 aW",
            "router.leakage: '0.3 aW' is not a whole number of aW, the smallest power kept",
        ),
        ("router.leakage=2", "router.leakage: 2 is no power; write a number and a unit, such as '2 uW'"),
    ],
)
def test_prices_that_are_none(sets, message):
    """Negative powers, units of something else or in other letters, and slips of the unit."""
    assert fails(load_costs, "cmos-32nm", sets=[f"costs.{sets}"]).startswith(f"costs.{message}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("remains: 120 %", "leakage.remains: must be between 0 and 1, not 1.2; written as '120 %'"),
        ("remains: 5", "leakage.remains: 5 as a share may mean 5 % or 500 %: write '5 %' or '500 %'"),
        ("remains: -5 %", "leakage.remains: must be between 0 and 1, not -0.05; written as '-5 %'"),
        (
            "remains: 5 %, memory_remains: 2.5 %, wakes: 1 ns",
            "leakage: unknown key 'wakes'; known: gating, remains, memory_remains",
        ),
        (
            "memory_remains: 10 %",
            "leakage.remains: missing: gating idle-parts needs the share that switched-off parts leak, such as 5 %",
        ),
    ],
)
def test_gating_that_makes_no_sense(given, message):
    """Shares beyond one, and the share that has to be said."""
    told = fails(load_chip, "single-pair", sets=[GATED.format(given)])
    assert message.partition(": ")[2] in told


def test_a_word_close_to_one():
    """The closest is offered."""
    told = fails(load_chip, "single-pair", sets=["leakage={gating: idle-part, remains: 5 %}"])
    assert "unknown value 'idle-part'; known: none, idle-parts; did you mean 'idle-parts'?" in told


@pytest.mark.parametrize("key", ["remains", "memory_remains"])
def test_shares_without_gating_are_read_by_nothing(key):
    """Whoever sets one has forgotten the other."""
    told = fails(load_chip, "single-pair", sets=[f"leakage.{key}=5 %"])
    why = "nothing reads it: no part is switched off (leakage.gating)"
    assert told == f"leakage.{key}: {why}; leave {key} out (from --set leakage.{key}=5 %)"


def test_nothing_is_switched_off_unless_a_chip_says_so():
    """None that ships does."""
    for name in shipped_names("architectures"):
        assert load_chip(name).spec.leakage.gating == "none"


@pytest.mark.parametrize("name", shipped_names("costs"))
def test_every_shipped_power_has_a_source_or_a_range(name):
    """And write drivers, of which nobody publishes one, have none."""
    costs = load_costs(name)
    powers = [value for value in costs.values if "leakage" in value.path]
    assert {value.kind for value in powers} <= {"source", "assumed"}
    assert all(value.low for value in powers if value.kind == "assumed")
    assert costs.spec.write_driver.leakage is None
    known = (costs.spec.sample_hold, costs.spec.sram, costs.spec.router, costs.spec.selector)
    assert all(price.leakage > 0 for price in (*known, *costs.spec.adc, *costs.spec.dac))
    assert all(lane.leakage > 0 for lane in costs.spec.arithmetic.values())


def test_a_power_is_shown_as_it_is_written():
    """In the largest unit that keeps it at or above one."""
    assert show(LEAKAGE.read("20.14 nW"), LEAKAGE) == "20.14 nW"
    assert LEAKAGE.read("1 mW") == 10**15
