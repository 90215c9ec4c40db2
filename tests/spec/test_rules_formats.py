"""Number formats that cannot be computed in, or lack what they need, are refused with what is allowed."""

from __future__ import annotations

import attrs
import pytest

from chipsim.errors import DescriptionError
from chipsim.spec import check_together, load_chip, load_costs, load_workload
from tests.spec.messages import fails

RANGES = ["synapse.weight_range=2", "synapse.sum_range=8"]


def complaints(*sets, name="digital-fp32"):
    """Problems of a shipped chip with some values changed."""
    with pytest.raises(DescriptionError) as caught:
        load_chip(name, sets=sets)
    return [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]


@pytest.mark.parametrize("name", ["fixed-8", "fixed-16", "fixed-32"])
def test_fixed_point_weights_need_their_ranges(name):
    """Nobody can guess what a step stands for."""
    assert complaints(f"synapse.arithmetic={name}") == [
        ("synapse", f"missing key 'weight_range': numbers of {name} span a stated range"),
        ("synapse", f"missing key 'sum_range': numbers of {name} span a stated range"),
    ]


@pytest.mark.parametrize("name", ["float-16", "float-32"])
def test_floating_point_has_ranges_of_its_own(name):
    """A range that nothing reads would be ignored."""
    assert complaints(f"synapse.arithmetic={name}", *RANGES) == [
        ("synapse.weight_range", f"{name} has a range of its own; leave weight_range out"),
        ("synapse.sum_range", f"{name} has a range of its own; leave sum_range out"),
    ]


def test_nothing_is_rounded_to_single_precision():
    """So there is no way to round."""
    assert complaints("synapse.rounding=stochastic") == [
        (
            "synapse.rounding",
            "single precision is what is computed in, and nothing is rounded to it; leave rounding out",
        )
    ]


def test_fixed_point_unit_beside_floating_point_tiles():
    """Its words have no range for their sums; beside fixed-point tiles they have."""
    assert complaints("digital.arithmetic=fixed-16") == [
        (
            "digital.arithmetic",
            "fixed-16 has no range for the weighted sums of float-32 tiles; use a floating-point unit",
        )
    ]
    chip = load_chip(
        "digital-fp32", sets=["digital.arithmetic=fixed-16", "synapse.arithmetic=fixed-16", *RANGES]
    )
    assert chip.spec.digital.arithmetic == "fixed-16"


def test_hidden_weights_are_trained_in_single_precision():
    """A cheaper unit would be a price without the numbers."""
    message = (
        "must be float-32, not 'fixed-16': hidden weights are trained in single precision, whatever "
        "memory.weights they are kept in"
    )
    found = complaints("digital.arithmetic=fixed-16", name="metaplastic-qnn")
    assert found == [("digital.arithmetic", message)]


def test_a_format_that_nothing_computes_in_is_refused_whatever_its_price():
    """A cost set may price what it likes; numbers are rounded to what is known."""
    costs = load_costs("cmos-32nm")
    priced = attrs.evolve(
        costs.spec, arithmetic=costs.spec.arithmetic | {"posit-16": costs.spec.arithmetic["fixed-16"]}
    )
    chip = load_chip("digital-fp32", sets=["synapse.arithmetic=posit-16"])
    assert fails(check_together, chip, attrs.evolve(costs, spec=priced), load_workload("mnist-5k")) == (
        "synapse.arithmetic: has a price in cost set 'cmos-32nm', but nothing computes in 'posit-16'; known: fixed-8, "
        "fixed-16, fixed-32, float-16, float-32; did you mean 'float-16'? (from --set synapse.arithmetic=posit-16)"
    )


@pytest.mark.parametrize(("name", "bits"), [("fixed-8", 8), ("fixed-16", 16), ("fixed-32", 32)])
def test_the_buffer_holds_words_of_the_format(name, bits):
    """1,044 values of a sample, in words of the tiles."""
    sets = [f"synapse.arithmetic={name}", *RANGES, "buffer.size=1 KiB"]
    message = fails(
        check_together,
        load_chip("digital-fp32", sets=sets),
        load_costs("cmos-32nm"),
        load_workload("mnist-5k"),
    )
    assert f"1 x 1044 values of {bits} bits" in message


def test_a_format_that_could_command_a_terminal_is_spelt_out():
    """What stands in the file for a format goes into the message as letters that can be printed."""
    said = fails(load_chip, "plain-qnn", sets=['digital.arithmetic="\\e[31mred"'])
    assert said.replace("\n", "").isprintable()
    assert "must be float-32, not '\\x1b[31mred': hidden weights" in said
