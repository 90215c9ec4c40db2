"""Time and energy by activity: every line of the ledger in one of them, whatever the chip."""

import attrs
import pytest

from chipsim.ledger import Entry
from chipsim.result import LedgerRow
from chipsim.result.activities import ACTIVITIES, activities, activity_of, busiest_parts
from chipsim.run import simulate
from tests.results_made import made_result

CELLS = ("adc", "dac", "array", "driver", "tile")
DIGITAL = ("partial-sums", "scale", "normalise", "activation", "loss", "error")
LINES = {
    "analog forward": [(kind, "forward") for kind in CELLS],
    "analog backward": [(kind, "backward") for kind in CELLS],
    "reprogramming": [(kind, action) for kind in CELLS for action in ("program", "verify", "retry")],
    "pulsed update": [(kind, action) for kind in CELLS for action in ("update", "recentre")],
    "initial writing": [(kind, "initialise") for kind in (*CELLS, "mac", "sram", "memory", "digital")],
    "normalisation and activations": [("digital", action) for action in DIGITAL],
    "digital update": [
        *(("digital", action) for action in ("gradient", "update", "count-pulses")),
        *(("mac", "update"), ("sram", "update")),
    ],
    "digital forward": [("mac", "forward"), ("sram", "forward")],
    "digital backward": [("mac", "backward"), ("sram", "backward")],
    "selection": [("selector", action) for action in ("compare", "decide", "select")],
    "memory": [(kind, action) for kind in ("memory", "buffer") for action in ("read", "write")],
    "transfers": [("link", "transfer"), ("router", "transfer"), ("link", "initialise")],
    "other": [("tile", "flip"), ("quantum", "forward")],
}
"""Kinds of parts and actions, by the activity that they belong to."""


def line(kind, action, *, busy=1, energy=1):
    return LedgerRow(
        part=f"{kind}0", kind=kind, action=action, count=1, busy_ps=busy, energy_aj=energy, pulses=0, bits=0
    )


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_every_kind_and_action_has_its_activity(activity):
    """What a part does decides the activity; what is unknown is another."""
    assert {activity_of(line(kind, action)) for kind, action in LINES[activity]} == {activity}


def test_activities_of_a_level_chip_by_hand():
    """Each line's time and energy counts once, in the order of a training step."""
    ledger = (
        line("link", "transfer", busy=7, energy=70),
        line("driver", "program", busy=5, energy=50),
        line("adc", "forward", busy=2, energy=20),
        line("dac", "forward", busy=3, energy=30),
        line("memory", "write", busy=0, energy=2**70),
        line("selector", "compare", busy=0, energy=0),
    )
    found = activities(attrs.evolve(made_result(), ledger=ledger))
    assert [(name, one.busy_ps, one.energy_aj) for name, one in found.items()] == [
        ("analog forward", 5, 50),
        ("memory", 0, 2**70),
        ("reprogramming", 5, 50),
        ("transfers", 7, 70),
    ]


@pytest.mark.parametrize("chip", ["hybrid-synapse", "digital-fp32"])
def test_activities_add_up_to_the_ledger(chip):
    """All of a simulated run's energy and busy time is in its activities, none of it in an unknown one."""
    sets = ["phases.0.dataset.train=12", "phases.0.dataset.test=4", "network.layers=[784, 6, 10]"]
    result = simulate(chip, "mnist-5k", sets=sets, epochs=1)
    found, total = activities(result), Entry()
    for row in result.ledger:
        total.add(Entry(busy_ps=row.busy_ps, energy_aj=row.energy_aj))
    assert sum(one.energy_aj for one in found.values()) == total.energy_aj == result.summary["energy_aJ"]
    assert sum(one.busy_ps for one in found.values()) == total.busy_ps
    assert "other" not in found


def test_the_busiest_part_stands_for_its_unit():
    """All actions of a part count together; parts of one unit do not; the first of equals is named."""
    ledger = (
        line("array", "program", busy=30),
        line("array", "forward", busy=10),
        line("driver", "program", busy=40),
        line("adc", "forward", busy=39),
        attrs.evolve(line("link", "transfer", busy=5), part="b"),
        attrs.evolve(line("link", "transfer", busy=5), part="a"),
        line("memory", "write", busy=0),
        line("quantum", "forward", busy=99),
    )
    made = made_result()
    timed = attrs.evolve(made, ledger=ledger, summary={**made.summary, "simulated_time_ps": 160})
    assert [(one.unit, one.part, one.busy_ps, one.share, one.parts) for one in busiest_parts(timed)] == [
        ("tiles", "array0", 40, 0.25, 3),
        ("links", "a", 5, 0.03125, 2),
    ]
    assert busiest_parts(attrs.evolve(timed, summary={"simulated_time_ps": 0})) == ()
    assert busiest_parts(attrs.evolve(timed, summary={})) == ()


@pytest.mark.parametrize("chip", ["hybrid-synapse", "digital-fp32"])
def test_no_part_is_busy_for_longer_than_the_run(chip):
    """On simulated chips, shares are more than nothing and no more than all of the time on chip."""
    sets = ["phases.0.dataset.train=12", "phases.0.dataset.test=4", "network.layers=[784, 6, 10]"]
    found = busiest_parts(simulate(chip, "mnist-5k", sets=sets, epochs=1))
    units = ["tiles", "digital unit", "selector", "buffer", "links"]
    if chip == "digital-fp32":  # its selector has nothing to select
        units.remove("selector")
    assert [one.unit for one in found] == units
    assert all(0 < one.share <= 1 for one in found)
