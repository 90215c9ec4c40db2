"""What is said of numbers beyond 64 bits, sections that are not there, and all entries of a list."""

from __future__ import annotations

import pytest

from chipsim.spec import load_chip, load_costs, load_workload
from tests.spec.messages import fails

LONG = "12345678901234567890123"


@pytest.mark.parametrize(
    ("load", "name", "path", "allowed"),
    [
        (load_chip, "hybrid-synapse", "device.states", "between 2 and 1000000"),
        (load_workload, "mnist-5k", "batch", "between 1 and 1000000"),
        (load_workload, "mnist-5k", "learning_rate", "at most 1000000"),
    ],
)
def test_a_number_beyond_64_bits_is_told_what_its_field_allows(load, name, path, allowed):
    """Nobody could use the 64 bits that the message would offer otherwise."""
    given = f"{path}={LONG}"
    assert fails(load, name, sets=[given]) == f"{path}: must be {allowed}, not {LONG} (from --set {given})"


@pytest.mark.parametrize("given", [LONG, f"-{LONG}"])
def test_a_long_number_instead_of_a_list(given):
    """No limit of one number is asked of a list."""
    said = fails(load_workload, "mnist-5k", sets=[f"network.layers={given}"])
    assert said == f"network.layers: must be a list, not {given} (from --set network.layers={given})"


def test_a_section_that_the_chip_has_not_is_not_asked_for_its_kind():
    """Weights beside arithmetic have no cells; a section that is given whole is told what it lacks."""
    assert fails(load_chip, "digital-fp32", sets=["device.states=5"]) == (
        "device: there is no device here; leave this out, or give all of it with a kind; known: bidirectional-step, exponential-step, gradual-reset, ideal, "
        "linear-step, multilevel, piecewise, power-step, reset-levels, set-reset, soft-bounds, step-table (from --set device.states=5)"
    )
    assert fails(load_chip, "digital-fp32", sets=["device={states: 5}"]) == (
        "device: missing key 'kind'; known: bidirectional-step, exponential-step, gradual-reset, ideal, linear-step, multilevel, piecewise, power-step, reset-levels, set-reset, soft-bounds, step-table (from --set device={states: 5})"
    )
    assert fails(load_chip, "digital-fp32", sets=["chip.memory.banks=5"]) == (
        "memory: missing key 'width', for there is no memory here (from --set chip.memory.banks=5)"
    )


def test_what_is_wrong_with_all_entries_is_told_once():
    """Seven converters of the cost set, one override, one message, under the path that it was given."""
    assert fails(load_costs, "cmos-32nm", sets=["costs.adc[*].energy=1"]) == (
        "costs.adc[*].energy: 1 is no energy; write a number and a unit, such as '1.5 pJ' "
        "(from --set costs.adc[*].energy=1)"
    )


def test_what_is_wrong_with_one_entry_is_told_of_it():
    """The path of a cost set is told as it may be given."""
    assert fails(load_costs, "cmos-32nm", sets=["costs.adc[bits=8].energy=-1 fJ"]) == (
        "costs.adc[bits=8].energy: must be at least 0, not -1000; written as '-1 fJ' "
        "(from --set costs.adc[bits=8].energy=-1 fJ)"
    )
