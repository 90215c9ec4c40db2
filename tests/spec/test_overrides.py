"""``--set`` replaces values, says so, and finds the description that is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.spec import load_chip, load_costs, load_workload, split_sets
from tests.spec.messages import fails


def chip(*sets):
    """The hybrid chip with overrides."""
    return load_chip("hybrid-synapse", sets=sets)


def provenance(description, path):
    """Kind and text of the value at a path."""
    return next((value.kind, value.text) for value in description.values if value.path == path)


def test_set_replaces_a_value_and_its_provenance():
    """A value with a source loses it: it was set."""
    assert provenance(chip(), "device.states")[0] == "source"
    changed = chip("device.states=10")
    assert changed.spec.device.states == 10
    assert provenance(changed, "device.states") == ("set", "--set device.states=10")
    assert changed.document["device"]["states"] == {"value": 10, "set": "--set device.states=10"}


def test_set_leaves_everything_else_alone():
    """One override changes one value."""
    before, after = chip(), chip("device.states=10")
    assert [value for value in after.values if value.kind != "set"] == [
        value for value in before.values if value.path != "device.states"
    ]


def test_set_replaces_a_value_that_its_section_covers():
    """A value whose section has the source is marked as set, its neighbours keep theirs."""
    changed = chip("tile.rows=64")
    assert provenance(changed, "tile.rows")[0] == "set"
    assert provenance(changed, "tile.columns")[0] == "assumed"


def test_set_adds_a_value_that_had_its_default():
    """What a file leaves out can be set all the same."""
    assert chip("rule.learning_rate=0.05").spec.rule.learning_rate == 0.05


def test_set_takes_whole_sections():
    """A section in flow style replaces the section, and all in it counts as set."""
    changed = chip("update.recentre={every: 10, headroom: 0.1}")
    assert changed.spec.update.recentre.every == 10
    assert provenance(changed, "update.recentre.headroom")[0] == "set"


def test_set_keeps_a_source_that_is_given_with_the_value():
    """Whoever sets a value and cites a paper for it gets the paper listed."""
    assert provenance(chip("device.states={value: 97, source: another paper}"), "device.states") == (
        "source",
        "another paper",
    )


def test_set_reaches_into_lists_and_what_was_set_before():
    """Entries of lists are chosen by what they are, and later overrides see earlier ones."""
    workload = load_workload("mnist", sets=["phases.0.epochs=2", "phases.0.dataset.train=100"])
    assert (workload.spec.phases[0].epochs, workload.spec.phases[0].dataset.train) == (2, 100)
    assert load_costs("cmos-32nm", sets=["adc[bits=8].energy=1 pJ"]).spec.adc[4].energy == 1_000_000
    twice = chip("update.recentre={every: 10, headroom: 0.1}", "update.recentre.every=20")
    assert twice.spec.update.recentre.every == 20


def test_set_opens_a_section_that_is_null():
    """A section that is off is switched on by setting what it needs."""
    changed = chip("update.recentre=null", "update.recentre.every=5", "update.recentre.headroom=5 %")
    assert (changed.spec.update.recentre.every, changed.spec.update.recentre.headroom) == (5, 0.05)


def test_set_names_another_cost_set():
    """The cost set of a chip is a name like any other value, and listed when it was set."""
    changed = chip("costs=isaac-32nm")
    assert changed.spec.costs == "isaac-32nm"
    assert provenance(changed, "costs") == ("set", "--set costs=isaac-32nm")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tile.rows", "must be path=value, such as tile.rows=64 (from --set tile.rows)"),
        ("tile.rows=", "must be path=value, such as tile.rows=64 (from --set tile.rows=)"),
        ("=3", "must be path=value, such as tile.rows=64 (from --set =3)"),
        ("tile.rows=0", "tile.rows: must be between 1 and 65536, not 0 (from --set tile.rows=0)"),
        ("tile.rows=1.5e0", "tile.rows: must be a whole number, not 1.5 (from --set tile.rows=1.5e0)"),
        ("tile.rows=null", "tile.rows: must be a whole number, not null (from --set tile.rows=null)"),
        ("tile.rwos=64", ("tile.rwos: unknown key 'rwos'; known: rows, columns, count, read_voltage, read_time, "
         "unused_lines, half_selected, side_by_side, wires, forward, backward; did you mean 'rows'? (from --set tile.rwos=64)")),
        ("tiel.rows=64", ("tiel: unknown key 'tiel'; known: name, about, paper, synapse, device, tile, update, "
         "selector, digital, memory, buffer, interconnect, rule, costs, leakage, groups; did you mean 'tile'? (from --set tiel.rows=64)")),
        ("tile.rows.many=3", "leads nowhere: there is 1024 above 'many' (from --set tile.rows.many=3)"),
        ("device.states={value: 3}", ("device.states: needs a 'source' or an 'assumed' beside its 'value' "
         "(from --set device.states={value: 3})")),
        ("device.pulse_width=9", ("device.pulse_width: 9 is no time; write a number and a unit, such as '10 ns' "
         "(from --set device.pulse_width=9)")),
        ("device=[1", ("device: cannot be read as YAML: expected ',' or ']', but got '<stream end>' while parsing a flow "
         "sequence (from --set device=[1)")),
        ("buffer={size: 1 KiB, size: 2 KiB, width: 8 bit}", ("buffer.size: key 'size' is given twice "
         "(from --set buffer={size: 1 KiB, size: 2 KiB, width: 8 bit})")),
        ("update.recentre={every: 10}", ("update.recentre: missing key 'headroom' "
         "(from --set update.recentre={every: 10})")),
    ],
)  # fmt: skip
def test_a_wrong_override_is_said_to_come_from_set(text, message):
    """Problems with a value given on the command line name the override instead of a line."""
    assert fails(chip, text) == message


MULTIPLIES = "a factor multiplies the number or quantity that a description has, and"


@pytest.mark.parametrize(
    ("load_one", "name", "text", "rest"),
    [
        (load_costs, "cmos-32nm", "adc[*].bits=x2", "not bits, which says what an entry is of"),
        (load_costs, "cmos-32nm", "costs.name=x2", "here is 'cmos-32nm'"),
        (load_costs, "cmos-32nm", "node=x2", "here is '32 nm'"),
        (load_costs, "cmos-32nm", "sram=x2", "here is a mapping"),
        (load_chip, "single-pair", "device.kind=x2", "here is 'linear-step'"),
        (load_chip, "single-pair", "selector.fine_rate=x2", "here is none"),
        (load_workload, "mnist-5k", "phases[*].name=x2", "here is 'train'"),
        (load_workload, "mnist-5k", "network.layers=x0.5", "here is [784, 250, 10]"),
    ],
)
def test_factors_multiply_nothing_but_numbers_and_quantities(load_one, name, text, rest):
    """Where there is none, or one that tells entries apart, nothing is set to the text of a factor."""
    assert fails(load_one, name, sets=[text]) == f"{MULTIPLIES} {rest} (from --set {text})"


def test_factors_multiply_numbers_of_a_chip():
    """They are no privilege of prices."""
    assert chip("tile.rows=x0.5").spec.tile.rows == 512


def test_wrong_paths_are_reported_all_at_once():
    """Every override that leads nowhere has its line."""
    message = fails(load_workload, "mnist", sets=["phases.9.epochs=2", "phases.x=3", "batch.size=2"])
    assert message.splitlines() == [
        "leads nowhere: '9' is no position in a list that has 0 to 0 (from --set phases.9.epochs=2)",
        "leads nowhere: 'x' is no entry of a list that has [name=train] (from --set phases.x=3)",
        "leads nowhere: there is 1 above 'size' (from --set batch.size=2)",
    ]


def test_wrong_overrides_do_not_hide_wrong_values():
    """What is wrong with a path, a text and a value comes in one error."""
    assert fails(chip, "foo", "tile.rows.x=1", "tile.columns=0").splitlines() == [
        "must be path=value, such as tile.rows=64 (from --set foo)",
        "leads nowhere: there is 1024 above 'x' (from --set tile.rows.x=1)",
        "tile.columns: must be between 1 and 65536, not 0 (from --set tile.columns=0)",
    ]


def test_long_overrides_are_shortened_in_messages():
    """A whole section on the command line does not flood its messages."""
    text = (
        "update={kind: row-by-row, slots: 99, encoding: stochastic, recentre: {every: 100, headroom: 10 %}}"
    )
    assert fails(chip, text) == f"update.slots: must be between 1 and 63, not 99 (from --set {text[:72]}...)"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("tile.rows=64", "chip"),
        ("chip.tile.rows=64", "chip"),
        ("costs=isaac-32nm", "chip"),
        ("chip.costs=isaac-32nm", "chip"),
        ("selector.threshold=1 %", "chip"),
        ("chip.name=mine", "chip"),
        ("batch=8", "workload"),
        ("phases.0.epochs=2", "workload"),
        ("workload.batch=8", "workload"),
        ("costs.sram.read=1 fJ", "costs"),
        ("costs.selector.add=1 fJ", "costs"),
        ("sram.read=1 fJ", "costs"),
    ],
)
def test_split_sets_finds_the_description_that_is_meant(text, where):
    """A prefix decides, and without one the first key does; the text stays as it was given."""
    assert split_sets([text]) == tuple(
        (text,) if kind == where else () for kind in ("chip", "workload", "costs")
    )


@pytest.mark.parametrize(
    ("load", "name", "text"),
    [
        (load_chip, "hybrid-synapse", "workload.name=other"),
        (load_chip, "hybrid-synapse", "workload.costs=puma-32nm"),
        (load_workload, "mnist-5k", "chip.batch=8"),
        (load_costs, "cmos-32nm", "chip.sram.read=1 fJ"),
    ],
)
def test_overrides_of_another_description_are_refused(load, name, text):
    """A prefix that is not the kind of what is read is no prefix."""
    prefix = text.partition(".")[0]
    assert fails(load, name, sets=[text]).startswith(f"{prefix}: unknown key {prefix!r}; known: name")


def test_overrides_are_repeated_as_they_were_given():
    """What a message quotes, and what a result keeps, can be typed again, the path of a cost set too."""
    wrong = "costs.sram.bad=1"
    assert fails(load_costs, "cmos-32nm", sets=[wrong]) == (
        f"costs.sram.bad: unknown key 'bad'; known: time, read, write, area, leakage (from --set {wrong})"
    )
    values = load_costs("cmos-32nm", sets=["costs.sram.read=1 fJ"]).values
    assert [(value.path, value.text) for value in values if value.kind == "set"] == [
        ("sram.read", "--set costs.sram.read=1 fJ")
    ]


@given(paths=st.lists(st.sampled_from(["tile.rows", "batch", "costs.clock", "costs"]), max_size=8))
def test_split_sets_keeps_every_override_in_order(paths):
    """Nothing gets lost, nothing changes places."""
    sets = [f"{path}={index}" for index, path in enumerate(paths)]
    parts = split_sets(sets)
    assert sum(map(len, parts)) == len(sets)
    for part in parts:
        numbers = [int(text.partition("=")[2]) for text in part]
        assert numbers == sorted(numbers)


def test_split_sets_reports_all_problems_at_once():
    """Unknown and ambiguous first keys are named together, with what was probably meant."""
    first, second, third = fails(split_sets, ["tiel.rows=64", "name=x", "batch"]).splitlines()
    assert first.startswith(
        "tiel.rows: unknown key 'tiel'; known: name, about, paper, synapse, device, tile,"
    )
    assert first.endswith("; did you mean 'tile'? (from --set tiel.rows=64)")
    assert (
        second
        == "'name' is in every description; write chip.name or workload.name or costs.name (from --set name=x)"
    )
    assert third == "must be path=value, such as tile.rows=64 (from --set batch)"


def test_ideal_cell_of_more_states_than_single_precision_holds():
    """A pulse of a hundred-millionth of the range would not move a cell that stands in the middle."""
    cell = "on_conductance: 1 S, pulse_voltage: 2 V, pulse_width: 1 ns, area: 1 nm2"
    text = f"device={{kind: ideal, states: 100000000, {cell}}}"
    message = fails(lambda: load_chip("hybrid-synapse", sets=[text, "update.recentre=null"]))
    assert message.startswith("device.states: must be between 2 and 1000000, not 100000000 (from --set ")
