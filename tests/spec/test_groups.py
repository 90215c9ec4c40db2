"""Descriptions of groups of tiles: what they may say, and what is said of those that make no sense."""

from __future__ import annotations

import copy

import attrs
import pytest
import yaml

from chipsim.spec import (
    check_together,
    chip_from_document,
    costs_of,
    load_chip,
    load_workload,
    overridden,
    unread_together,
)
from chipsim.spec.finding import find, read_text
from chipsim.spec.groups import LOCAL
from chipsim.spec.stages import stages_of
from chipsim.spec.used import used_costs, used_numbers
from chipsim.spec.views import learning_on, seats, stages_on, tile_count, views
from chipsim.spec.workload import NetworkSpec
from chipsim.tile.idealised import idealised
from tests import made
from tests.spec.messages import fails

WORKLOAD = load_workload("mnist-5k")


def shipped(name):
    """A shipped chip as plain data, notes and all."""
    path, _ = find(name, "architectures")
    return yaml.safe_load(read_text(path, shown_as=name))


def mixed(*, features="frozen", head="learning", common=()):
    """Pairs for the layers that learn beside multilevel cells; some sections are common to both groups."""
    pairs, levels = shipped("single-pair"), shipped("metaplastic-qnn")
    own = [section for section in LOCAL if section not in common]
    rest = {key: value for key, value in pairs.items() if key not in own}
    groups = {
        "features": {"carries": features, **{section: levels[section] for section in own}},
        "head": {"carries": head, **{section: pairs[section] for section in own}},
    }
    return copy.deepcopy(rest | {"groups": groups})


def with_frozen_first():
    """A network whose first layer keeps its weights."""
    dense = made.shipped_kind("layer", "dense")
    layers = (784, dense(units=30, frozen=True, name="first"), 10)
    return NetworkSpec(layers=layers, weights="x.npz")


def problems(document):
    """What is wrong with a chip, without its file and line."""
    return fails(chip_from_document, document).split("\n")


def test_a_group_has_parts_of_its_own():
    """Each group sees the chip with its own cells and tiles; the chip itself has those that learn."""
    spec = chip_from_document(mixed()).spec
    kinds = {view.name: (view.chip.synapse.kind, view.chip.device.kind) for view in views(spec)}
    assert kinds == {
        "features": ("level-pair", "multilevel"),
        "head": ("single-pair", "linear-step"),
    }
    assert spec.synapse == spec.groups["head"].synapse
    assert {view.name: view.learns for view in views(spec)} == {"features": False, "head": True}


def test_all_groups_can_be_set_at_once():
    """As a scenario file gives a chip groups; what a result keeps of it is read again."""
    said = load_chip(
        "multilevel-transfer", sets=["groups={one: {carries: frozen}, two: {carries: learning}}"]
    )
    again = chip_from_document(said.document)
    assert said.spec.groups.keys() == again.spec.groups.keys() == {"one", "two"}
    assert said.spec.groups["one"].carries == "frozen"
    wrong = "groups={value: {carries: all}}"
    assert "no group can be called 'value'" in fails(load_chip, "multilevel-transfer", sets=[wrong])


def test_a_group_takes_from_the_chip_what_it_does_not_say():
    """One tile for both groups."""
    document = mixed(common=["tile"])
    spec = chip_from_document(document).spec
    assert spec.groups["features"].tile == spec.groups["head"].tile
    own = mixed()
    own["tile"] = shipped("single-pair")["tile"]
    del own["groups"]["head"]["tile"]
    spec = chip_from_document(own).spec
    assert (spec.groups["features"].tile.columns, spec.groups["head"].tile.columns) == (512, 256)


def test_a_saved_description_reads_back():
    """The document holds the groups as they were given."""
    read = chip_from_document(mixed(common=["tile"]))
    assert chip_from_document(read.document).spec == read.spec


def test_a_flat_chip_is_one_group_without_a_name():
    """It sees itself, and carries every layer."""
    spec = load_chip("single-pair").spec
    (view,) = views(spec)
    assert (view.name, view.chip, view.group) == ("", spec, None)
    assert [(seat.layer, seat.group) for seat in seats(spec, WORKLOAD.spec.network)] == [(0, ""), (1, "")]


@pytest.mark.parametrize(
    ("features", "head", "wanted"),
    [
        ("frozen", "learning", ["features", "head"]),
        ([1], [2], ["features", "head"]),
        ([1], [-1], ["features", "head"]),
        ([-2], [2], ["features", "head"]),
        ("frozen", [2], ["features", "head"]),
    ],
)
def test_layers_by_number_and_by_what_becomes_of_them(features, head, wanted):
    """Numbers count from the inputs, or back from the last layer."""
    spec = chip_from_document(mixed(features=features, head=head)).spec
    network = with_frozen_first()
    assert [seat.group for seat in seats(spec, network)] == wanted
    on = {
        view.name: (list(stages_on(view.chip, network)), learning_on(view.chip, network))
        for view in views(spec)
    }
    assert on == {"features": ([0], []), "head": ([1], [2])}


def test_numbers_of_costs_and_cells_of_all_groups_count():
    """Converters of either group have their prices used, and idle levels are those of their own group."""
    document = mixed()
    document["groups"]["features"] = {
        "carries": "frozen", **{section: shipped("bnn")[section] for section in LOCAL}
    }  # fmt: skip
    read = chip_from_document(document)
    used = {value.path for value in used_costs(read.spec, costs_of(read).values)}
    assert {"adc[bits=8].energy", "adc[bits=10].energy"} <= used
    compliances = [
        value.path for value in used_numbers(read.spec, read.values) if value.path.endswith("compliance")
    ]
    assert compliances == ["groups.features.device.high[level=8].compliance"]


def test_an_override_leads_into_a_group():
    """By its name; and what is set of a level that no weight of the group takes is told."""
    document = mixed()
    document["groups"]["features"] = {
        "carries": "frozen", **{section: shipped("bnn")[section] for section in LOCAL}
    }  # fmt: skip
    read = overridden(
        chip_from_document(document),
        ["groups.head.device.states=77", "groups.features.device.high[level=3].spread=3 uS"],
    )
    assert read.spec.groups["head"].device.states == read.spec.device.states == 77
    told = [str(problem) for problem in unread_together(read, WORKLOAD, costs_of(read))]
    assert told == [
        (
            "groups.features.device.high[level=3].spread: nothing reads it: no weight takes this level of a cell; those in "
            "use are 0, 8 (from --set groups.features.device.high[level=3].spread=3 uS)"
        )
    ]


def test_tiles_of_all_groups_add_up():
    """As many as all groups have; as many as needed where one of them says so."""
    document = mixed()
    assert tile_count(chip_from_document(document).spec) == "auto"
    for name, count in (("features", 3), ("head", 4)):
        document["groups"][name]["tile"]["count"] = count
    assert tile_count(chip_from_document(document).spec) == 7


def test_a_selector_of_pairs_needs_them_on_one_group_only():
    """Hybrid synapses on one group are enough for accuracy-plateau, and nothing is enough without them."""
    document = mixed(features=[1], head=[-1])
    hybrid = shipped("hybrid-synapse")
    document["selector"] = hybrid["selector"]
    document["groups"]["features"] = {
        "carries": [1], **{section: shipped("single-pair")[section] for section in LOCAL}
    }  # fmt: skip
    workload = load_workload("mnist-5k")
    read = chip_from_document(document)
    assert "needs several pairs of cells" in fails(check_together, read, costs_of(read), workload)
    document["groups"]["head"]["synapse"] = hybrid["synapse"]
    read = chip_from_document(document)
    check_together(read, costs_of(read), workload)


WRONG = {
    "no name": (lambda d: d.update(groups={}), "groups: needs at least one group, or is left out"),
    "no mapping": (lambda d: d.update(groups=[1]), "groups: must be a mapping, not [1]"),
    "a number": (
        lambda d: d["groups"].update(head=3),
        "groups.head: must be a mapping with the keys carries, role, synapse, device, tile, update, not 3",
    ),
    "a key": (
        lambda d: d["groups"]["head"].update(carrys="all"),
        (
            "groups.head.carrys: unknown key 'carrys'; known: carries, role, synapse, device, tile, update; "
            "did you mean 'carries'?"
        ),
    ),
    "a word": (
        lambda d: d["groups"]["features"].update(carries="frozne"),
        (
            "groups.features.carries: unknown value 'frozne'; known: all, frozen, learning, or a list; "
            "did you mean 'frozen'?"
        ),
    ),
    "one number": (
        lambda d: d["groups"]["features"].update(carries=1),
        "groups.features.carries: unknown value 1; known: all, frozen, learning, or a list",
    ),
    "layer 0": (
        lambda d: d["groups"]["features"].update(carries=[0]),
        "groups.features.carries: counts layers of weights from 1, or back from the last, -1; there is no layer 0",
    ),
    "a layer twice": (
        lambda d: d["groups"]["features"].update(carries=[1, 1]),
        "groups.features.carries: names a layer twice: [1, 1]",
    ),
    "no layer": (
        lambda d: d["groups"]["features"].update(carries=[]),
        "groups.features.carries: needs at least one layer",
    ),
    "its name": (
        lambda d: d["groups"].update({"he ad": d["groups"].pop("head")}),
        "groups.he ad: names are letters, digits, '-' and '_', not 'he ad'",
    ),
    "no name at all": (
        lambda d: d["groups"].update({"": d["groups"].pop("head")}),
        "groups.: names are letters, digits, '-' and '_', not ''",
    ),
    "the name of a note": (
        lambda d: d["groups"].update(value=d["groups"].pop("head")),
        "groups.value: no group can be called 'value', which stands for a note",
    ),
    "the name of another note": (
        lambda d: d["groups"].update(source=d["groups"].pop("head")),
        "groups.source: no group can be called 'source', which stands for a note",
    ),
    "a rule that does not fit": (
        lambda d: d.update(rule={"kind": "digital-adam"}, memory={"width": "64 bit"}),
        (
            "rule.kind: on group 'head', digital-adam (rule) needs weights that are digital numbers, and single-pair "
            "(synapse) offers none; take rule outer-product-sgd, or synapse digital"
        ),
    ),
    "a device that one group does not need": (
        lambda d: (
            d.update(device=d["groups"]["head"].pop("device"))
            or d["groups"]["features"].update(
                {section: shipped("digital-fp32")[section] for section in ("synapse", "tile", "update")}
            )
            or d["groups"]["features"].pop("device")
        ),
        "device: no part of this group needs a device; give the group device: null, or leave it out",
    ),
    "a role": (
        lambda d: d["groups"]["head"].update(role="wieght"),
        "groups.head.role: outer-product-sgd (rule) has no 'wieght'; it has: weight; did you mean 'weight'?",
    ),
    "nothing learns": (
        lambda d: d["groups"].pop("head"),
        "groups: all of them carry frozen layers, and nothing would learn",
    ),
    "two for what learns": (
        lambda d: (
            d["groups"]["head"].update(carries="frozen")
            or d["groups"].update(last=d["groups"]["head"] | {"carries": "learning"})
        ),
        "groups.head.carries: every frozen layer is carried by 'features' already",
    ),
    "a section of nobody's": (
        lambda d: d.update(tile=shipped("digital-fp32")["tile"]),
        (
            "tile: nothing reads it: every group has its own tile; set groups.features.tile and groups.head.tile, or leave "
            "tile out"
        ),
    ),
    "a value of one of them": (
        lambda d: d["groups"]["features"]["tile"].update(rows=0),
        "groups.features.tile.rows: must be between 1 and 65536, not 0",
    ),
    "cells that do not fit": (
        lambda d: d["groups"]["features"].update(device=shipped("single-pair")["device"]),
        (
            "groups.features.synapse.kind: level-pair (synapse) needs cells that are programmed to levels, and linear-step "
            "(device) offers none; take synapse digital, hybrid or single-pair, or device multilevel or reset-levels"
        ),
    ),
    "reading that programs": (
        lambda d: d["groups"]["features"]["tile"].update(read_voltage="5 V"),
        (
            "groups.features.tile.read_voltage: must be less than the device's set_voltage, 1.8 V, or reading would "
            "program; not 5 V"
        ),
    ),
    "a key that nothing reads": (
        lambda d: d["groups"]["head"]["tile"]["forward"]["adc"].update(ideal=True, noise=1),
        (
            "groups.head.tile.forward.adc.noise: nothing reads it: an ideal converter passes numbers unchanged; leave "
            "noise out"
        ),
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_groups_is_said_where_it_stands(wrong):
    """The group, the key, what was given and what is allowed."""
    document = mixed()
    change, message = WRONG[wrong]
    change(document)
    assert message in problems(document)


def test_what_a_section_of_the_chip_has_is_told_there():
    """A fault of a group in a section that it takes from the chip."""
    document = mixed(common=["tile"])
    document["tile"]["read_voltage"] = "5 V"
    assert any(one.startswith("tile.read_voltage: ") for one in problems(document))


def test_a_missing_section_is_told_of_the_group():
    """Neither the group nor the chip has a tile."""
    document = mixed()
    del document["groups"]["head"]["tile"]
    assert problems(document) == ["groups.head: missing key 'tile'"]


def test_a_converter_without_a_price_is_told_of_the_group():
    """Prices are for certain resolutions."""
    document = mixed()
    document["groups"]["features"]["tile"]["forward"]["adc"]["bits"] = 13
    read = chip_from_document(document)
    told = fails(check_together, read, costs_of(read))
    assert told.startswith(
        "groups.features.tile.forward.adc.bits: cost set 'cmos-32nm' has no ADC of 13 bits"
    )


@pytest.mark.parametrize(
    ("features", "head", "message"),
    [
        ([1, 2], [2], "groups.head.carries: layer 2 is carried by 'features' already"),
        (
            "frozen", [2],
            "groups: none of features, head carries layer 1 (785 x 250)",
        ),
        ([1], [-2], "groups.head.carries: layer 1 (785 x 250) is carried by 'features' already"),
        (
            "frozen", [1, 2, 3],
            "groups.head.carries.2: there is no layer 3: the network has 2 layers of weights",
        ),
    ],
)  # fmt: skip
def test_each_layer_stands_on_one_group(features, head, message):
    """Two claim one, none carries one, and one that is not there."""
    document = mixed(features=features, head=head)
    assert message in fails(_checked, document).split("\n")


def _checked(document):
    read = chip_from_document(document)
    check_together(read, costs_of(read), WORKLOAD)


def test_a_group_by_numbers_has_to_fit_the_rule_once_it_learns():
    """Levels are reprogrammed, which outer products cannot do: fine for a frozen layer, not for one that learns."""
    read = chip_from_document(mixed(features=[1], head=[2]))
    told = fails(check_together, read, costs_of(read), WORKLOAD)
    assert told.startswith(
        "groups.features.update.kind: outer-product-sgd (rule) needs updates by outer products"
    )
    frozen = attrs.evolve(WORKLOAD, spec=attrs.evolve(WORKLOAD.spec, network=with_frozen_first()))
    check_together(read, costs_of(read), frozen)


def test_a_selector_of_pairs_wants_them_where_layers_learn():
    """Pairs that carry frozen layers are nothing to choose from."""
    document, hybrid = mixed(), shipped("hybrid-synapse")
    document["groups"]["features"] = {"carries": "frozen", **{section: hybrid[section] for section in LOCAL}}
    document["selector"] = hybrid["selector"]
    assert any("needs several pairs of cells" in one for one in problems(document))
    document["groups"]["features"]["carries"] = [1]
    document["groups"]["head"]["carries"] = [2]
    read = chip_from_document(document)
    check_together(read, costs_of(read), WORKLOAD)
    frozen = attrs.evolve(WORKLOAD, spec=attrs.evolve(WORKLOAD.spec, network=with_frozen_first()))
    assert fails(check_together, read, costs_of(read), frozen) == (
        "selector.kind: accuracy-plateau (selector) needs several pairs of cells to choose from, and no group on which "
        "layers of 'mnist-5k' learn offers any"
    )


def set_on(document, *sets):
    """A chip with overrides."""
    return overridden(chip_from_document(document), sets)


def test_a_key_may_be_set_for_one_group_alone():
    """Of a section that all groups have from the chip; the rest of it stays the chip's."""
    document = mixed(common=["tile"])
    read = set_on(document, "groups.head.tile.rows=512", "groups.head.tile.forward.adc.bits=9")
    head, features = (read.spec.groups[name].tile for name in ("head", "features"))
    assert (head.rows, features.rows) == (512, 1024)
    assert (head.forward.adc.bits, head.forward.adc.range) == (9, features.forward.adc.range)
    assert chip_from_document(read.document).spec == read.spec
    document["groups"]["features"]["tile"] = {"columns": 128}
    read = set_on(document, "groups.head.tile.rows=512")
    assert [(one.tile.rows, one.tile.columns) for one in read.spec.groups.values()] == [
        (1024, 128),
        (512, 256),
    ]
    told = fails(set_on, document, "groups.head.tile.read_voltage=5 V")
    assert told.startswith("groups.head.tile.read_voltage: must be less than the device's pulse_voltage, 2 V")
    told = fails(set_on, document, "groups.head.tile.raws=5")
    assert told.startswith("groups.head.tile.raws: unknown key 'raws'; known: ")


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (
            "groups.haed.tile.rows=4",
            "there is no group 'haed'; there are: features, head; did you mean 'head'?",
        ),
        ("groups.*.tile.rows=4", "there is no group '*'; there are: features, head"),
    ],
)
def test_an_override_of_a_group_that_there_is_not(one, message):
    """It is named, with those that there are."""
    assert fails(set_on, mixed(), one) == f"{one.rpartition('.tile')[0]}: {message} (from --set {one})"


def test_an_override_of_the_chip_where_groups_have_their_own():
    """The paths that mean something are named."""
    told = fails(set_on, mixed(), "update.slots=4")
    assert "set groups.features.update and groups.head.update" in told


def test_what_is_set_of_updates_on_frozen_layers_is_told():
    """Nothing reads a train's length where cells are written once; a writer is read."""
    document = mixed()
    document["groups"]["pulsed"] = document["groups"]["head"] | {"carries": "frozen"}
    del document["groups"]["features"]
    frozen = attrs.evolve(WORKLOAD, spec=attrs.evolve(WORKLOAD.spec, network=with_frozen_first()))
    read = set_on(document, "groups.pulsed.update.slots=3", "groups.head.update.slots=3")
    assert [str(one) for one in unread_together(read, frozen, costs_of(read))] == [
        (
            "groups.pulsed.update.slots: nothing reads it: layers on group 'pulsed' are frozen, and its cells are written "
            "once (from --set groups.pulsed.update.slots=3)"
        )
    ]
    read = set_on(mixed(), "groups.features.update.writer=row-parallel")
    assert unread_together(read, frozen, costs_of(read)) == []


def test_how_frozen_cells_are_updated_idealises_nothing():
    """No train is drawn for weights that never learn."""
    document = mixed()
    document["groups"]["pulsed"] = copy.deepcopy(document["groups"]["head"]) | {"carries": "frozen"}
    document["groups"]["pulsed"]["update"]["encoding"] = "stochastic"
    del document["groups"]["features"]
    said = idealised(chip_from_document(document).spec)
    assert not any("Random numbers" in one for one in said)
    assert any("rounded for each crossing" in one for one in said)


def test_hidden_weights_want_one_set_of_levels():
    """Two groups that learn have to be alike for a rule that keeps one table of levels."""
    document = shipped("plain-qnn")
    own = {section: document.pop(section) for section in LOCAL}
    other = copy.deepcopy(own)
    other["synapse"] = shipped("bnn")["synapse"]
    document["groups"] = {"first": {"carries": [1], **own}, "second": {"carries": [2, 3], **other}}
    workload = load_workload("mnist-5k-permuted")
    read = chip_from_document(document)
    told = fails(check_together, read, costs_of(read), workload)
    assert told == (
        "groups.second.synapse: hidden-weights (rule) trains all layers on weights that are alike, and those of group "
        "'first' differ; make them the same, or put the layers on one group"
    )
    document["groups"]["second"]["synapse"] = own["synapse"]
    read = chip_from_document(document)
    check_together(read, costs_of(read), workload)


def test_layers_are_counted_as_the_network_has_them():
    """Layers without weights are none of those that a group carries."""
    network = load_workload("mnist-5k-conv").spec.network
    assert len(stages_of(network.layers, bias=True)) == 2
    assert [seat.layer for seat in seats(load_chip("single-pair").spec, network)] == [0, 1]
