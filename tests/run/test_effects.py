"""Every number of what ships has an effect on a short run, and on what its name is said to bear on."""

from __future__ import annotations

import re

import pytest

from chipsim.report.bearing import bearing
from chipsim.spec import load_costs, shipped_names
from chipsim.spec.paths import without_entries
from tests.effects import changes, effect, first_run
from tests.shipped import ONE_LAYER

QUICK = [("hybrid-synapse", "cmos-32nm")]
ALL = [(chip, "cmos-32nm") for chip in shipped_names("architectures")]
OTHERS = [
    (chip, costs)
    for chip in ("hybrid-synapse", "digital-fp32", "metaplastic-qnn")
    for costs in shipped_names("costs")
    if costs != "cmos-32nm"
]


TOGETHER = re.compile(r"device\.stages\b.*")
"""Values that belong together: of one changed alone nothing is left that is a description."""
FIXED = {(chip, "workload.network.layers") for chip in ONE_LAYER} | {
    ("analog-pair-transfer", f"device.set_{what}") for what in ("voltage", "width")
}
"""What data decide, for a single layer has no other size; and the SET of cells that are never brought back."""


def numbers_of(chip, costs):
    """The numbers that a run of the chip lists; those of another cost set alone where the chip was tried."""
    listed = [
        value
        for value in first_run(chip, costs).values
        if changes(value.value) and not TOGETHER.fullmatch(value.path) and (chip, value.path) not in FIXED
    ]
    return listed if costs == "cmos-32nm" else [value for value in listed if value.path.startswith("costs.")]


@pytest.mark.parametrize(
    ("chip", "costs"),
    [
        *QUICK,
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in (*ALL, *OTHERS) if pair not in QUICK),
    ],
)
def test_every_number_has_an_effect(chip, costs):
    """Twice as much of anything changes a figure or the books."""
    silent, wrong = [], []
    for value in numbers_of(chip, costs):
        found = effect(chip, value, costs=costs)
        if not found:
            silent.append((value.path, value.value))
        claimed = set(bearing(value.path))
        if "accuracy" in claimed:
            # Training decides how often cells are written.
            claimed |= {"time", "energy", "wear"}
        missed = (found or set()) - claimed - {"books"}
        if missed:
            wrong.append((value.path, sorted(missed)))
    assert silent == []
    assert wrong == []


@pytest.mark.slow
def test_names_bear_on_nothing_that_no_chip_shows():
    """Each figure that a name is said to bear on changes with that number on some shipped chip."""
    seen, claimed = {}, {}
    for chip, costs in ALL:
        for value in numbers_of(chip, costs):
            name = without_entries(value.path)
            seen.setdefault(name, set()).update(effect(chip, value, costs=costs) or ())
            claimed[name] = set(bearing(value.path))
    false = {(name, figure) for name, figures in claimed.items() for figure in figures - seen[name]}
    assert false == set()


def test_only_what_the_chip_has_is_listed():
    """The converters' resolutions, one number format, no selector, and levels that stand for weights."""
    pair = [value.path for value in first_run("single-pair", "cmos-32nm").values]
    assert {path for path in pair if path.startswith(("costs.adc", "costs.dac"))} == {
        f"costs.{kind}.{key}"
        for kind in ("adc[bits=8]", "adc[bits=10]", "dac[bits=8]")
        for key in ("time", "energy", "area", "leakage")
    }
    assert {path.split(".")[2] for path in pair if path.startswith("costs.arithmetic")} == {"fixed-16"}
    assert not [path for path in pair if path.startswith("costs.selector")]
    binary = [value.path for value in first_run("bnn", "cmos-32nm").values]
    assert {path for path in binary if path.startswith("device.high")} == {
        f"device.high[level=8].{key}" for key in ("conductance", "spread", "compliance")
    }
    digital = [value.path for value in first_run("digital-fp32", "cmos-32nm").values]
    assert not [path for path in digital if path.startswith(("costs.sample_hold", "costs.write_driver"))]
    # With a rate of its own a chip does not read the workload's.
    own = [value.path for value in first_run("analog-sgd", "cmos-32nm").values]
    assert [path for path in own if "learning_rate" in path] == ["rule.learning_rate"]


def test_every_key_of_a_cost_set_is_used_by_some_chip():
    """What a cost set has to say is charged somewhere, whatever the resolution or format."""
    used = {
        without_entries(value.path).removeprefix("costs.").split(".arithmetic.")[-1]
        for chip in ("hybrid-synapse", "digital-fp32", "bnn")
        for value in first_run(chip, "cmos-32nm").values
    }
    asked = {
        without_entries(value.path)
        for value in load_costs("cmos-32nm").values
        if not value.path.startswith("arithmetic.") and not value.path.endswith(".bits")
    }
    assert asked - used == set()
