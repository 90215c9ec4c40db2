"""Descriptions are read whole, and read back the same."""

from __future__ import annotations

import contextlib
import re

import attrs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipsim.errors import DescriptionError
from chipsim.spec import (
    check_file,
    check_together,
    chip_from_document,
    costs_from_document,
    load_chip,
    load_costs,
    load_workload,
    workload_from_document,
)
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.workload import WorkloadSpec
from tests.spec.messages import fails
from tests.spec.strategies import (
    ALL_SYNAPSES,
    chip_documents,
    cost_documents,
    provenance_over,
    workload_documents,
)

READERS = (
    (chip_documents(synapses=ALL_SYNAPSES), chip_from_document),
    (workload_documents(), workload_from_document),
    (cost_documents(), costs_from_document),
)
drawn = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(("documents", "read"), READERS)
def test_random_descriptions_are_valid(documents, read):
    """What the strategies build is read without a problem, and every number keeps its value."""

    @drawn
    @given(document=documents)
    def check(document):
        description = read(document)
        assert description.document == document
        assert all(value.kind == "none" for value in description.values)

    check()


@pytest.mark.parametrize(("documents", "read"), READERS)
def test_provenance_changes_no_value(documents, read):
    """Sources and assumptions anywhere in a description leave its spec as it was."""

    @drawn
    @given(document=documents, data=st.data())
    def check(document, data):
        sourced = read(data.draw(provenance_over(document)))
        assert sourced.spec == read(document).spec
        assert {value.path for value in sourced.values} == {value.path for value in read(document).values}

    check()


@pytest.mark.parametrize(("documents", "read"), READERS)
def test_a_document_written_as_yaml_reads_back_the_same(documents, read, tmp_path_factory):
    """A description saved to a file and checked there equals the one that was saved."""
    path = tmp_path_factory.mktemp("yaml") / "it.yaml"

    @drawn
    @given(document=documents.flatmap(provenance_over))
    def check(document):
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        saved, given_ = check_file(path), read(document)
        assert (saved.spec, saved.values, saved.document) == (given_.spec, given_.values, given_.document)

    check()


@drawn
@given(chip=chip_documents(synapses=ALL_SYNAPSES), costs=cost_documents(), workload=workload_documents())
def test_random_descriptions_fit_together(chip, costs, workload):
    """Chips, costs and workloads from the strategies can be used with each other."""
    check_together(chip_from_document(chip), costs_from_document(costs), workload_from_document(workload))


@drawn
@given(document=chip_documents(synapses=ALL_SYNAPSES), data=st.data())
def test_order_of_keys_does_not_matter(document, data):
    """A chip is the same whatever the order of its sections."""
    keys = data.draw(st.permutations(list(document)))
    assert chip_from_document({key: document[key] for key in keys}).spec == chip_from_document(document).spec


def test_a_saved_document_keeps_what_was_set():
    """The document of a chip with overrides reads back to the same spec and the same provenance."""
    chip = load_chip("hybrid-synapse", sets=["device.states=10", "update.recentre=null", "costs=isaac-32nm"])
    again = chip_from_document(chip.document)
    assert (again.spec, again.values) == (chip.spec, chip.values)
    assert [value.path for value in again.values if value.kind == "set"] == [
        "device.states",
        "update.recentre",
        "costs",
    ]


def test_check_file_tells_the_kinds_apart():
    """A file is read as what its keys say it is."""
    assert isinstance(check_file("architectures/single-pair.yaml").spec, ChipSpec)
    assert isinstance(check_file("workloads/mnist.yaml").spec, WorkloadSpec)
    assert isinstance(check_file("architectures/costs/isaac-32nm.yaml").spec, CostSet)


def test_all_problems_of_a_file_come_at_once_in_its_order(tmp_path):
    """Parsing, provenance, keys, types, units, kinds and ranges: one error with a line for each."""
    path = tmp_path / "bad.yaml"
    path.write_text(
        """\
name: bad
about: Many mistakes.
batch: 0
batch: 2
learning_rate: fast
network:
  layers: {value: [784, 8.7, true], source: ""}
  activaton: logistic
  bias: on
phases:
  - epochs: {value: 3, source: a paper, assumed: too}
    dataset: {name: mnist-5k, train: -1}
  - dataset: [mnist]
"""
    )
    assert fails(check_file, path).splitlines() == [
        f"{path}:3: batch: must be between 1 and 1000000, not 0",
        f"{path}:4: batch: key 'batch' is given twice, first on line 3",
        f"{path}:5: learning_rate: must be a number, not 'fast'",
        f"{path}:7: network.layers.source: is empty; say where the value comes from",
        f"{path}:7: network.layers.1: must be a whole number, not 8.7",
        f"{path}:7: network.layers.2: must be a whole number, not true",
        (
            f"{path}:8: network.activaton: unknown key 'activaton'; known: layers, inputs, activation, loss, "
            "normalisation, bias, weights, weights_error, initial_weights; did you mean 'activation'?"
        ),
        f"{path}:9: network.bias: must be true or false, not 'on'",
        f"{path}:11: phases.0.epochs: has 'source' and 'assumed' at once; a value has one or the other",
        f"{path}:12: phases.0.dataset.train: must be at least 1, not -1",
        f"{path}:13: phases.1: missing key 'epochs'",
        f"{path}:13: phases.1.dataset: must be a mapping with the keys name, file, label, scale, test_share, split_seed, train, test, classes, crop, swap_rows, permutation, random_layer, projection, projection_number, features, not ['mnist']",
    ]


def chip_with(**sections):
    """The document of the hybrid chip with sections replaced; None leaves a section out."""
    document = load_chip("hybrid-synapse").document | sections
    return {key: value for key, value in document.items() if value is not None}


BUS = {"kind": "bus", "width": "256 bit", "clock": "1 GHz", "length": "1 mm"}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"costs": None}, "missing key 'costs'"),
        ({"costs": 3}, "costs: must be text, not 3"),
        ({"costs": " "}, "costs: must not be empty"),
        ({"paper": None, "colour": "red"}, ("colour: unknown key 'colour'; known: name, about, paper, synapse, device, "
         "tile, update, selector, digital, memory, buffer, interconnect, rule, costs, leakage, groups")),
        ({"interconnect": "bus"}, "interconnect: must be a mapping with a 'kind' (known: bus, links, mesh), not 'bus'"),
        ({"interconnect": BUS | {"kind": "ring"}}, "interconnect.kind: unknown kind 'ring'; known: bus, links, mesh"),
        ({"interconnect": BUS | {"kind": True}}, "interconnect.kind: unknown kind true; known: bus, links, mesh"),
        ({"interconnect": BUS | {"kind": "buss"}},
         "interconnect.kind: unknown kind 'buss'; known: bus, links, mesh; did you mean 'bus'?"),
        ({"interconnect": {"width": "8 bit"}}, "interconnect: missing key 'kind'; known: bus, links, mesh"),
        ({"interconnect": BUS | {"width": 256}},
         "interconnect.width: 256 is no data size; write a number and a unit, such as '256 bit'"),
        ({"interconnect": BUS | {"width": "256 ns"}},
         "interconnect.width: '256 ns' has no unit of data size; known: bit, B, KiB, MiB, GiB"),
        ({"interconnect": BUS | {"clock": "0 Hz"}}, "interconnect.clock: must be between 1 and 1e+12, not 0; written as '0 Hz'"),
        ({"interconnect": BUS | {"clock": None}}, "interconnect.clock: must be a frequency, not null"),
        ({"interconnect": BUS | {"clock": [1]}}, "interconnect.clock: must be a frequency, not [1]"),
        ({"digital": {"lanes": True, "arithmetic": "fixed-16"}}, "digital.lanes: must be a whole number, not true"),
        ({"digital": {"lanes": 2.5}}, "digital.lanes: must be a whole number, not 2.5"),
        ({"digital": {"lanes": float("inf")}}, "digital.lanes: must be a whole number, not inf"),
        ({"digital": {"lanes": 1e20}},
         "digital.lanes: must be between 1 and 65536, not 1e+20"),
        ({"digital": {"lanes": 10**400}},
         ("digital.lanes: must be between 1 and 65536, not "
         f"1{'0' * 59}... (401 characters)")),
        ({"synapse": {"kind": "hybrid", "gain": float("nan"), "weight_range": 1}},
         "synapse.gain: must be a finite number, not nan"),
        ({"synapse": {"kind": "hybrid", "gain": 0.5, "weight_range": 1}},
         "synapse.gain: must be between 1 and 1000000, not 0.5"),
        ({"synapse": {"kind": "hybrid", "gain": "10", "weight_range": 1}}, "synapse.gain: must be a number, not '10'"),
        ({"update": {"kind": "rowwise"}}, ("update.kind: unknown kind 'rowwise'; known: cell-by-cell, column-by-column, digital, "
         "parallel-pulses, reprogram, row-by-row")),
        ({"update": {"kind": "row-by-rows"}}, ("update.kind: unknown kind 'row-by-rows'; known: cell-by-cell, column-by-column, "
         "digital, parallel-pulses, reprogram, row-by-row; did you mean 'row-by-row'?")),
        ({"update": {"kind": "row-by-row", "recentre": True}},
         "update.recentre: must be a mapping with the keys every, headroom, not true"),
        ({"selector": {"kind": "accuracy-plateau", "threshold": "0.5 V"}},
         "selector.threshold: '0.5 V' has no unit of gain in accuracy; known: %"),
        ({"selector": {"kind": "accuracy-plateau", "threshold": "200 %"}},
         "selector.threshold: must be between -1 and 1, not 2; written as '200 %'"),
    ],
)  # fmt: skip
def test_a_wrong_value_has_one_clear_message(sections, message):
    """Whatever is wrong with one value is said in one line: where, what was given, what is allowed."""
    assert fails(chip_from_document, chip_with(**sections)) == message


def test_whole_numbers_may_be_written_as_floats():
    """1e6 is a whole number, and kept as one."""
    device = load_chip("hybrid-synapse").document["device"] | {"endurance": 1e6, "states": 50.0}
    spec = chip_from_document(chip_with(device=device)).spec.device
    assert [(value, type(value)) for value in (spec.endurance, spec.states)] == [(1_000_000, int), (50, int)]


@pytest.mark.parametrize("count", ["many", 0, -1, 1.5, None, []])
def test_a_count_is_a_number_or_auto(count):
    """The number of tiles is a positive whole number or the one word that is allowed."""
    chip = load_chip("hybrid-synapse").document
    message = fails(chip_from_document, chip | {"tile": chip["tile"] | {"count": count}})
    shown = (
        {"many": "'many'", None: "null", 0: "0", -1: "-1", 1.5: "1.5"}.get(count, "[]")
        if count != []
        else "[]"
    )
    expected = "at least 1" if count in (0, -1) else "a whole number" + (" or 'auto'" if count != [] else "")
    assert message == f"tile.count: must be {expected}, not {shown}"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "must be a chip, a mapping of keys to values, not an empty mapping"),
        (None, "must be a chip, a mapping of keys to values, not an empty file"),
        ([1, 2], "must be a chip, a mapping of keys to values, not [1, 2]"),
        ("text", "must be a chip, a mapping of keys to values, not 'text'"),
    ],
)
def test_a_description_is_a_mapping(document, message):
    """Anything else is refused for what it is."""
    assert fails(chip_from_document, document) == message


def test_one_kind_of_description_is_not_taken_for_another():
    """A workload given as a chip is called a workload, not a chip with everything missing."""
    assert fails(load_chip, "workloads/mnist.yaml") == "workloads/mnist.yaml: is a workload, not a chip"
    assert fails(load_costs, "architectures/single-pair.yaml") == (
        "architectures/single-pair.yaml: is a chip, not a cost set"
    )
    assert fails(workload_from_document, load_costs("cmos-32nm").document) == "is a cost set, not a workload"


def test_a_file_that_is_no_description_is_refused(tmp_path):
    """A mapping without a single key that tells its kind is none of the four."""
    path = tmp_path / "it.yaml"
    path.write_text("name: x\n")
    assert (
        fails(check_file, path)
        == f"{path}: is neither a chip, nor a workload, nor a cost set, nor a device, but a mapping"
    )


def test_check_together_reports_all_at_once():
    """Missing converters, missing formats and a buffer too small are one error."""
    chip = load_chip(
        "hybrid-synapse",
        sets=["tile.forward.adc.bits=12", "digital.arithmetic=fixed-61", "buffer.size=1 KiB"],
    )
    with pytest.raises(DescriptionError) as caught:
        check_together(chip, load_costs("cmos-32nm"), load_workload("mnist", sets=["batch=2"]))
    assert [str(problem) for problem in caught.value.problems] == [
        (
            "tile.forward.adc.bits: cost set 'cmos-32nm' has no ADC of 12 bits; it has 4, 5, 6, 7, 8, 9, 10 "
            "(from --set tile.forward.adc.bits=12)"
        ),
        (
            "digital.arithmetic: cost set 'cmos-32nm' has no arithmetic 'fixed-61'; it has fixed-8, fixed-16, fixed-32, "
            "float-16, float-32; did you mean 'fixed-16' or 'fixed-8'? (from --set digital.arithmetic=fixed-61)"
        ),
        (
            "buffer.size: 1 KiB cannot hold a batch of 'mnist': 2 x 1294 values of 9 bits are 2.843 KiB; give it "
            "as much, or auto (from --set buffer.size=1 KiB)"
        ),
    ]


def places(document, path=()):
    """Every path in plain data."""
    yield path
    if isinstance(document, dict | list):
        for key, child in document.items() if isinstance(document, dict) else enumerate(document):
            yield from places(child, (*path, key))


def planted(document, path, junk):
    """The same plain data with something else at one place."""
    if not path:
        return junk
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = planted(document[path[0]], path[1:], junk)
    return copy


JUNK = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**30,
        float("inf"),
        float("nan"),
        "",
        "x",
        "10 ns",
        "1e70 V",
        f"{'9' * 99} ns",
        [],
        [[]],
        {},
        {"value": 1},
        {"value": {"value": [1]}, "source": "s"},
        {"source": 3},
        {"kind": "bus"},
        {"kind": {"kind": 1}},
    ]
)


@pytest.mark.parametrize(("documents", "read"), READERS)
def test_whatever_stands_anywhere_is_read_or_refused(documents, read):
    """Junk at any place of a description is either harmless or a description error, never a traceback."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(document=documents, data=st.data())
    def check(document, data):
        path = data.draw(st.sampled_from(list(places(document))))
        with contextlib.suppress(DescriptionError):
            read(planted(document, path, data.draw(JUNK)))

    check()


def test_descriptions_are_frozen():
    """What was said cannot be changed afterwards."""
    chip = load_chip("single-pair")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        chip.spec.tile.rows = 3
    assert re.fullmatch(r"Description\(spec=ChipSpec\(.*\)", repr(chip))
