"""Entries of lists are addressed by what they are, and every path that is told can be set."""

from __future__ import annotations

import pytest

from chipsim.spec import (
    load_chip,
    load_costs,
    load_device,
    load_workload,
    overridden,
    shipped_names,
    split_sets,
    workload_from_document,
)
from chipsim.spec.overrides import of_lost
from tests.spec.messages import fails

LOADERS = {
    "architectures": load_chip,
    "workloads": load_workload,
    "costs": load_costs,
    "devices": load_device,
}
PREFIXES = {"architectures": "", "workloads": "workload.", "costs": "costs.", "devices": ""}
SHIPPED = [(kind, name) for kind in LOADERS for name in shipped_names(kind)]


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_told_path_can_be_set(kind, name):
    """A path copied from a report into --set, with the value beside it, sets that value and no other."""
    prefix = PREFIXES[kind]
    described = LOADERS[kind](name)
    again = overridden(described, [f"{prefix}{value.path}={value.value}" for value in described.values])
    assert again.spec == described.spec
    assert [value.path for value in again.values if value.kind == "set"] == [
        value.path for value in described.values
    ]
    for value in described.values:
        parts = split_sets([f"{prefix}{value.path}={value.value}"])
        # A device is set as a section of its chip.
        wanted = "architectures" if kind == "devices" else kind
        assert [one for one, sets in zip(LOADERS, parts, strict=False) if sets] == [wanted]
    # One by one, the first and the last entry of each list.
    lists = {value.path.partition("[")[0]: value for value in described.values if "[" in value.path}
    firsts = {value.path.partition("[")[0]: value for value in reversed(described.values)}
    for value in [*lists.values(), *(firsts[path] for path in lists)]:
        one = overridden(described, [f"{prefix}{value.path}={value.value}"])
        assert [other.path for other in one.values if other.kind == "set"] == [value.path]


def test_one_converter_is_meant_by_its_bits():
    """The ADC of 8 bits is the fifth of those from 4 bits on, the DAC of 8 bits the eighth of those from 1 bit."""
    costs = load_costs("cmos-32nm", sets=["costs.adc[bits=8].energy=1 pJ", "dac[bits=8].energy=2 pJ"]).spec
    assert [row.bits for row in costs.adc if row.energy == 1_000_000] == [8]
    assert [row.bits for row in costs.dac if row.energy == 2_000_000] == [8]
    assert (costs.adc[4].energy, costs.dac[7].energy) == (1_000_000, 2_000_000)


def test_a_star_means_all():
    """All converters of one kind, all levels, all phases."""
    costs = load_costs("cmos-32nm", sets=["costs.adc[*].energy=1 pJ"]).spec
    assert costs == load_costs("cmos-32nm", sets=["costs.adc.*.energy=1 pJ"]).spec
    assert {row.energy for row in costs.adc} == {1_000_000}
    cells = load_chip("bnn", sets=["device.high[*].spread=1 uS"]).spec.device.high
    assert [level.spread for level in cells] == [1e-6] * 8
    phases = load_workload("mnist-5k-permuted", sets=["phases[*].epochs=1"]).spec.phases
    assert [phase.epochs for phase in phases] == [1, 1, 1]


@pytest.mark.parametrize(
    ("sets", "lost"),
    [
        (("adc[bits=8].energy=1 pJ", "adc[bits=4].energy=1 pJ"), []),
        (("phases[name=a].epochs=1", "phases.1.epochs=1"), []),
        (("phases[*].epochs=1", "phases[name=a].epochs=2"), []),
        (("phases[name=a].epochs=2", "phases[*].epochs=1"), ["phases[name=a].epochs"]),
        (("phases.0.epochs=2", "phases[*].epochs=1"), ["phases.0.epochs"]),
        (("adc[bits=8].energy=1 pJ", "adc[bits=8].energy=2 pJ"), ["adc[bits=8].energy"]),
    ],
)
def test_overrides_of_one_entry_do_not_replace_another(sets, lost):
    """A later override replaces an earlier one of the same entry; a star replaces them all."""
    assert [problem.path for problem in of_lost(sets)] == lost


def test_levels_count_from_the_low_one():
    """Level 0 is the low state, level 1 the first of the high ones."""
    high = load_chip("bnn", sets=["device.high[level=1].spread=1 uS"]).spec.device.high
    assert [level.spread for level in high] == [1e-6] + [2.4e-6] * 7


def test_entries_are_found_by_any_of_their_keys():
    """The level of 65 uS is the fourth of the high ones; spaces do not matter."""
    high = load_chip("bnn", sets=["device.high[conductance = 65  uS].spread=1 uS"]).spec.device.high
    assert [level.spread == 1e-6 for level in high] == [False] * 3 + [True] + [False] * 4


def test_phases_have_names():
    """Phases are meant by name, in whole or by the word alone, and by position, which no name is taken for."""
    sets = ["phases[name=digits].epochs=3", "phases[permuted].epochs=4", "phases.0.epochs=5"]
    phases = load_workload("mnist-5k-permuted", sets=sets).spec.phases
    assert [phase.epochs for phase in phases] == [5, 3, 4]


def test_a_phase_without_a_name_has_the_name_that_it_gets():
    """Left out, the name is train."""
    document = load_workload("mnist-5k").document
    document = document | {"phases": [{"epochs": 1, "dataset": {"name": "mnist-5k"}}]}
    described = workload_from_document(document)
    assert "phases[name=train].epochs" in [value.path for value in described.values]
    assert overridden(described, ["phases[name=train].epochs=2"]).spec.phases[0].epochs == 2


LINKS = (
    "interconnect={kind: links, width: 256 bit, clock: 1 GHz, length: 1 mm, links: "
    "[[hub, buffer], [hub, digital], [hub, selector], [hub, tile0]]}"
)


def test_links_are_meant_by_their_ends():
    """The link between a hub and a tile, by both names."""
    spec = load_chip(
        "hybrid-synapse",
        sets=["tile.count=1", LINKS, "interconnect.links[hub-tile0]=[selector, tile0]"],
    ).spec
    assert spec.interconnect.links[3] == ("selector", "tile0")


@pytest.mark.parametrize(
    ("load", "name", "override", "message"),
    [
        (load_costs, "cmos-32nm", "costs.adc.4.energy=1 pJ",
         ("'4' may be a position or the bits; did you mean costs.adc[bits=4].energy or costs.adc[bits=8].energy "
         "(the entry at position 4)?")),
        (load_costs, "cmos-32nm", "adc.8.energy=1 pJ",
         "'8' may be a position or the bits; did you mean adc[bits=8].energy?"),
        (load_costs, "cmos-32nm", "costs.dac.0.energy=1 pJ",
         "'0' may be a position or the bits; did you mean costs.dac[bits=1].energy (the entry at position 0)?"),
        (load_costs, "cmos-32nm", "costs.dac.99.energy=1 pJ",
         "leads nowhere: '99' is no position in a list that has 0 to 9"),
        (load_costs, "cmos-32nm", "costs.adc[bits=12].energy=1 pJ",
         ("leads nowhere: no entry is [bits=12] in a list that has [bits=4], [bits=5], [bits=6], [bits=7], [bits=8], "
         "[bits=9], [bits=10]; did you mean '[bits=10]' or '[bits=9]'?")),
        (load_costs, "cmos-32nm", "costs.adc[8].energy=1 pJ",
         "'8' may be a position or the bits; did you mean costs.adc[bits=8].energy?"),
        (load_costs, "cmos-32nm", "costs.sram[bits=8].read=1 pJ",
         "leads nowhere: sram is no list, which [bits=8] chooses from"),
        (load_chip, "bnn", "device.high.3.spread=1 uS",
         ("'3' may be a position or the level; did you mean device.high[level=3].spread or "
         "device.high[level=4].spread (the entry at position 3)?")),
        (load_chip, "bnn", "synapse.levels.1=2",
         "'1' may be a position or a weight; give the whole list, such as synapse.levels=[-1, 1]"),
        (load_workload, "mnist-5k-permuted", "phases.digits.epochs=1",
         ("leads nowhere: 'digits' is no entry of a list that has [name=digits-warm-up], [name=digits], "
         "[name=permuted]; did you mean phases[name=digits].epochs?")),
        (load_workload, "mnist-5k-permuted", "phases[name=digit].epochs=1",
         ("leads nowhere: no entry is [name=digit] in a list that has [name=digits-warm-up], [name=digits], "
         "[name=permuted]; did you mean '[name=digits]' or '[name=digits-warm-up]'?")),
        (load_workload, "mnist-5k", "phases[name=train=1",
         "must be path=value, with each bracket of the path closed"),
        (load_workload, "mnist-5k", "phases[name=train]epochs=1",
         "phases[name=train]epochs: cannot be read from 'epochs' on; write keys[key=value].keys"),
    ],
)  # fmt: skip
def test_what_could_be_mistaken_is_refused(load, name, override, message):
    """The right form is in the message, ready to be pasted."""
    assert fails(load, name, sets=[override]) == f"{message} (from --set {override})"


def test_a_phase_named_like_a_position_is_not_taken_for_it():
    """Where a name is a number, a bare number is refused with both forms."""
    work = load_workload("mnist-5k-permuted", sets=["phases[name=digits].name='0'"])
    assert fails(overridden, work, ["phases.0.epochs=1"]) == (
        "'0' may be a position or the name; did you mean phases[name=0].epochs or "
        "phases[name=digits-warm-up].epochs (the entry at position 0)? (from --set phases.0.epochs=1)"
    )
    assert overridden(work, ["phases.2.epochs=1"]).spec.phases[2].epochs == 1
