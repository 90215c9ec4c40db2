"""The range of an assumed value: how it is written, what it becomes, and what is wrong with it."""

from __future__ import annotations

import attrs
import pytest

from chipsim.errors import DescriptionError
from chipsim.spec import check_together, load_chip, load_costs, load_device, load_workload, shipped_names
from chipsim.spec.factors import multiplied
from chipsim.spec.nodes import from_plain
from chipsim.spec.provenance import take_out
from chipsim.spec.reading import costs_from_document
from tests.shipped import ONE_LAYER
from tests.spec.messages import fails

WRITE = "write [low, high, why], such as [x0.5, x2, half to double by convention]"
NONE = "or none, and why, such as 'none: a choice of the design'"


def ranges(document):
    """Path, ends and reason of each value that something is said of."""
    _, values, problems = take_out(from_plain(document))
    assert problems == []
    return [(value.path, value.low, value.high, value.between) for value in values if value.between]


def problems(document):
    """What is wrong with the notes of a document."""
    return [str(problem) for problem in take_out(from_plain(document))[2]]


def assumed(value, between):
    """A value with a range."""
    return {"value": value, "assumed": "why", "between": between}


def test_ends_are_values_or_factors():
    """Factors are worked out, as overrides work them out: whole attojoules, halves to even."""
    document = {
        "read": assumed("5 pJ", ["1 pJ", "20 pJ", "five  tools"]),
        "write": assumed("833 ps", ["x0.5", "1 ns", "why"]),
        "slots": assumed(31, [1, "x2", "why"]),
    }
    assert ranges(document) == [
        ("read", "1 pJ", "20 pJ", "five tools"),
        ("write", "416 ps", "1 ns", "why"),
        ("slots", "1", "62", "why"),
    ]


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_range_of_no_finite_number(value):
    """YAML has words for infinities; no factor makes anything of one."""
    assert multiplied(value, "x2") is None
    assert problems({"noise": assumed(value, ["x0.5", "x2", "why"])}) == [
        f"noise.between: is for numbers, and {value} is none; leave it out"
    ]


def test_a_range_above_several_values_is_for_the_numbers_among_them():
    """Words, nothings and what an entry is known by keep none; a closer note holds instead."""
    entry = {
        "bits": 8,
        "time": "2 ns",
        "energy": assumed("4 fJ", ["1 fJ", "x3", "own"]),
        "area": {"value": "1 um2", "source": "a paper"},
        "scaling": "fixed",
        "noise": 0,
        "assumed": "why",
        "between": ["x0.5", "x2", "convention"],
    }
    assert ranges({"adc": [entry]}) == [
        ("adc[bits=8].time", "1 ns", "4 ns", "convention"),
        ("adc[bits=8].energy", "1 fJ", "12 fJ", "own"),
    ]


def test_a_reason_for_having_no_range_is_kept():
    """It has no ends, and says why."""
    document = {"cells": assumed(1024, "none: it belongs to the energy")}
    assert ranges(document) == [("cells", "", "", "none: it belongs to the energy")]


def test_a_key_of_a_part_that_is_called_so_is_no_note():
    """Only beside a value, a source or a reason is it the note."""
    stripped, values, wrong = take_out(from_plain({"part": {"between": 4, "rows": 2}}))
    assert (stripped.plain(), wrong) == ({"part": {"between": 4, "rows": 2}}, [])
    assert [value.path for value in values] == ["part.between", "part.rows"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a": assumed(1, 5)}, f"a.between: must be a list or text, not 5; {WRITE}"),
        ({"a": assumed(1, ["x0.5", "x2"])},
         f"a.between: must have 3 items, not 2; say where the ends come from; {WRITE}"),
        ({"a": assumed(1, ["x0.5"])}, f"a.between: must have 3 items, not 1; {WRITE}"),
        ({"a": assumed(1, ["x0.5", "x2", " "])},
         "a.between: ends with text that says where the ends come from, not ' '"),
        ({"a": assumed(1, ["x0.5", True, "why"])}, f"a.between: must be a number or a quantity, not true; {WRITE}"),
        ({"a": assumed(1, "x0.5 to x2")}, f"a.between: {WRITE}; {NONE}, not 'x0.5 to x2'"),
        ({"a": assumed(1, "none")}, f"a.between: {WRITE}; {NONE}, not 'none'"),
        ({"a": assumed("fixed", ["x0.5", "x2", "why"])},
         "a.between: is for numbers, and 'fixed' is none; leave it out"),
        ({"a": assumed([1, 2], ["x0.5", "x2", "why"])},
         "a.between: is for numbers, and [1, 2] is none; leave it out"),
        ({"a": {"value": 1, "source": "s", "between": ["x0.5", "x2", "why"]}},
         "a.between: goes with 'assumed' only; what has a source is not assumed"),
        ({"a": {"value": 1, "between": ["x0.5", "x2", "why"]}},
         "a: needs a 'source' or an 'assumed' beside its 'value'"),
        ({"a": {"b": 1, "c": 2, "assumed": "why", "between": ["x0.5", "2 pJ", "why"]}},
         "a.between: covers several values, whose ends are factors such as x0.5, not '2 pJ'"),
    ],
)  # fmt: skip
def test_a_range_without_substance_is_a_problem(document, message):
    """It says both ends and why, of a number that is assumed."""
    assert problems(document) == [message]


@pytest.fixture
def costs(tmp_path):
    """Writes a cost set that extends a shipped one, and gives its path."""

    def write(*lines, base="cmos-32nm", name="mine"):
        path = tmp_path / f"{name}.yaml"
        path.write_text("\n".join([f"extends: {base}", f"name: {name}", *lines, ""]), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("  read: {value: 5 pJ, assumed: why, between: [6 pJ, 20 pJ, tools]}",
         "sram.read.between: '6 pJ' to '20 pJ' must go from low to high, with the value, '5 pJ', in it"),
        ("  read: {value: 5 pJ, assumed: why, between: [x2, x0.5, tools]}",
         "sram.read.between: '10 pJ' to '2.5 pJ' must go from low to high, with the value, '5 pJ', in it"),
        ("  read: {value: 5 pJ, assumed: why, between: [x1, x1, tools]}",
         "sram.read.between: '5 pJ' to '5 pJ' must go from low to high, with the value, '5 pJ', in it"),
        ("  read: {value: 0 pJ, assumed: why, between: [x0.5, x2, tools]}",
         "sram.read.between: '0 pJ' to '0 pJ' must go from low to high, with the value, '0 pJ', in it; any factor of 0 is 0"),
        ("  time: {value: 5 ns, assumed: why, between: [1 pJ, 20 ns, tools]}",
         "sram.time.between: '1 pJ' has no unit of time; known: ps, ns, us, µs, ms, s"),
        ("  area: {value: 5 um2, assumed: why, between: [-1 um2, 20 um2, tools]}",
         "sram.area.between: must be at least 0, not -1000000; written as '-1 um2'"),
    ],
)  # fmt: skip
def test_ends_are_checked_as_the_value_is(costs, line, message):
    """Units and limits are those of the field, told with file, line and path."""
    path = costs("sram:", line)
    assert fails(load_costs, path) == f"{path}:4: {message}"


def test_whole_numbers_have_whole_ends(costs):
    """A factor that gives half a cell is refused."""
    path = costs("write_driver:", "  line_cells: {value: 5, assumed: why, between: [x0.5, x2, tools]}")
    assert (
        fails(load_costs, path)
        == f"{path}:4: write_driver.line_cells.between: must be a whole number, not 2.5"
    )


def found(path, name="sram.read"):
    """One value of a cost set."""
    return next(value for value in load_costs(path).values if value.path == name)


def test_a_changed_value_does_not_inherit_a_range(costs):
    """Neither one that is changed in a file nor one that is set keeps that of the old value."""
    base = costs("sram:", "  read: {value: 5 pJ, assumed: why, between: [1 pJ, 20 pJ, tools]}")
    heir = found(costs(base="./mine.yaml", name="heir"))
    assert (heir.kind, heir.low, heir.high) == ("assumed", "1 pJ", "20 pJ")
    changed = found(costs("sram: {read: 6 pJ}", base="./mine.yaml", name="changed"))
    assert (changed.kind, changed.low, changed.high, changed.between) == ("changed", "", "", "")
    again = found(costs("sram: {read: {value: 6 pJ, assumed: a}}", base="./mine.yaml", name="again"))
    assert (again.kind, again.low, again.between) == ("assumed", "", "")
    [was_set] = [
        value for value in load_costs(base, sets=["costs.sram.read=6 pJ"]).values if value.kind == "set"
    ]
    assert (was_set.low, was_set.between) == ("", "")


def test_a_range_above_several_values_is_inherited_by_each(costs):
    """The numbers of an entry keep their factors where another one of them is changed."""
    heir = costs("dac[bits=8].time: {value: 9 ns, assumed: a}")
    assert found(heir, "dac[bits=8].time").low == ""
    shipped = found("cmos-32nm", "dac[bits=8].area")
    assert shipped.low == "10.688 um2"
    assert attrs.evolve(found(heir, "dac[bits=8].area"), file="") == shipped


def test_a_saved_description_has_its_ranges():
    """What a result keeps of a description reads back with them."""
    read = load_costs("cmos-32nm")
    assert costs_from_document(read.document).values == read.values


LOADERS = {"architectures": load_chip, "costs": load_costs, "devices": load_device}
SHIPPED = [(kind, name) for kind in LOADERS for name in shipped_names(kind)]


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_assumed_number_that_ships_has_a_range(kind, name):
    """Or it says why none makes sense; words and what an entry is known by need none."""
    numbers = [
        value
        for value in LOADERS[kind](name).values
        if value.kind == "assumed"
        and multiplied(value.value, "x1") is not None
        and not value.path.endswith("].bits")
    ]
    assert numbers
    assert [value.path for value in numbers if not value.between] == []
    assert all(len(value.between) > 10 for value in numbers)


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_ends_that_ship_are_legal_on_the_whole(kind, name):
    """A description with one value at the end of its range breaks no rule, alone or with a workload."""
    prefix = {"architectures": "chip", "costs": "costs", "devices": "chip"}[kind]
    refused, work = [], "mnist-5k-transfer" if name in ONE_LAYER else "mnist-5k"
    for value in LOADERS[kind](name).values:
        for end in filter(None, (value.low, value.high)):
            try:
                read = LOADERS[kind](name, sets=[f"{prefix}.{value.path}={end}"])
                if kind == "architectures":
                    check_together(read, load_costs("cmos-32nm"), load_workload(work))
            except DescriptionError as error:
                refused.append(str(error))
    assert refused == []


def test_ranges_hold_the_figures_that_they_cite():
    """One drive of a bit: PUMA's 3.9 fJ and ISAAC's 417 fJ, around the 40.5 fJ of the default set."""
    one = found("cmos-32nm", "dac[bits=1].energy")
    assert (one.low, one.high) == ("3.888 fJ", "417.15 fJ")
    # 3.336 pJ x 0.0093 are 31,024.8 aJ, and energies are whole ones.
    assert found("isaac-32nm", "dac[bits=8].energy").low == "31025 aJ"
    assert found("puma-32nm", "dac[bits=8].energy").value == "31.2 fJ"
