"""Descriptions that extend others: what is merged, whose note holds, and what is refused where."""

import attrs
import pytest

from chipsim.errors import DescriptionError
from chipsim.limits import EXTENDED
from chipsim.spec import (
    check_file,
    chip_from_document,
    costs_from_document,
    load_chip,
    load_costs,
    load_workload,
)

MINE = "extends: hybrid-synapse\nname: mine\nabout: Mine.\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def value_of(description, path):
    (found,) = (value for value in description.values if value.path == path)
    return found


def refusal(path, load=load_chip):
    with pytest.raises(DescriptionError) as caught:
        load(path)
    return str(caught.value)


def test_only_what_is_changed_differs(tmp_path):
    """Everything else is that of the base."""
    text = MINE + "device: {states: {value: 10, source: me}}\n"
    own = load_chip(write(tmp_path, text)).spec
    base = load_chip("hybrid-synapse", sets=["device.states=10"]).spec
    assert own.device == base.device
    assert own.tile == base.tile
    assert (own.name, own.costs) == ("mine", base.costs)


def test_an_inherited_note_does_not_cover_a_changed_value(tmp_path):
    """It is told as changed, with what it was and where."""
    changed = load_chip(write(tmp_path, MINE + "device: {states: 10}\n"))
    states = value_of(changed, "device.states")
    assert states.kind == "changed"
    assert states.text == "changed without a source; 50 in architectures/hybrid-synapse.yaml"
    assert states.file == ""


def test_a_note_over_a_section_covers_only_what_stands_under_it(tmp_path):
    """Neither does that of the base cover a change, nor that of the change what is inherited."""
    base = "extends: hybrid-synapse\nname: a\nabout: A.\ndevice: {source: Base 2020, states: 20, step_spread: 0.1}\n"
    write(tmp_path, base, "a.yaml")
    own = write(
        tmp_path, "extends: a\nname: b\nabout: B.\ndevice: {source: Own 2024, states: 30}\n", "b.yaml"
    )
    described = load_chip(own)
    assert value_of(described, "device.states").text == "Own 2024"
    assert value_of(described, "device.step_spread").text == "Base 2020"
    bare = write(tmp_path, "extends: a\nname: c\nabout: C.\ndevice: {states: 30}\n", "c.yaml")
    states = value_of(load_chip(bare), "device.states")
    assert (states.kind, states.text) == ("changed", f"changed without a source; 20 in {tmp_path}/a.yaml")


def test_a_value_given_as_it_was_keeps_its_note(tmp_path):
    """Nothing was changed."""
    same = load_chip(write(tmp_path, MINE + "device: {states: 50}\n"))
    assert value_of(same, "device.states").kind == "source"


def test_entries_of_lists_are_chosen_by_what_they_are(tmp_path):
    """As overrides choose them, one of them or all."""
    text = (
        "extends: cmos-32nm\nname: mine\nadc[*].area: {value: 5 um2, source: me}\nadc[bits=8].energy: 1 pJ\n"
    )
    costs = load_costs(write(tmp_path, text))
    assert {adc.area for adc in costs.spec.adc} == {
        load_costs("cmos-32nm", sets=["adc[*].area=5 um2"]).spec.adc[0].area
    }
    assert value_of(costs, "adc[bits=8].area").kind == "source"
    assert value_of(costs, "adc[bits=8].energy").kind == "changed"
    assert value_of(costs, "adc[bits=7].energy") == value_of_shipped("cmos-32nm", "adc[bits=7].energy")


def value_of_shipped(name, path):
    """As the shipped file says it, and says where it is from when it is inherited."""
    return attrs.evolve(value_of(load_costs(name), path), file=f"architectures/costs/{name}.yaml")


def test_paths_reach_into_sections(tmp_path):
    """A key with a dot is a path, too, and counts from the mapping that it stands in."""
    text = "extends: mnist-5k\nname: mine\nabout: Mine.\nphases[name=train].epochs: 3\nnetwork: {layers: [784, 20, 10]}\n"
    workload = load_workload(write(tmp_path, text)).spec
    assert workload.phases[0].epochs == 3
    assert workload.network.layers == (784, 20, 10)


def test_another_kind_drops_what_it_does_not_know(tmp_path):
    """One pair has no gain, and keeps its range of weights."""
    text = MINE + "synapse: {kind: single-pair}\nselector: {kind: fixed}\n"
    synapse = load_chip(write(tmp_path, text))
    assert synapse.document["synapse"].keys() == {"kind", "weight_range"}
    assert synapse.spec.synapse.kind == "single-pair"


def test_what_is_saved_is_whole(tmp_path):
    """It reads back the same, without the base, and with the file of each value."""
    described = load_chip(write(tmp_path, MINE + "device: {states: 10}\n"))
    assert "extends" not in described.document
    again = chip_from_document(described.document, file=described.file)
    assert (again.spec, again.values, again.document) == (
        described.spec,
        described.values,
        described.document,
    )
    assert value_of(again, "tile.rows").file == "architectures/hybrid-synapse.yaml"
    assert load_chip("hybrid-synapse").values[0].file == ""


def test_an_override_changes_what_was_inherited(tmp_path):
    """And is told as set."""
    described = load_chip(write(tmp_path, MINE), sets=["device.states=7"])
    assert described.spec.device.states == 7
    assert value_of(described, "device.states").kind == "set"


def test_chains_are_followed(tmp_path):
    """Each file may stand in another folder, and names its base from there."""
    write(
        tmp_path,
        "extends: hybrid-synapse\nname: a\nabout: A.\ndevice.states: {value: 20, source: A}\n",
        "one/a.yaml",
    )
    write(tmp_path, "extends: ../one/a.yaml\nname: b\nabout: B.\n", "two/b.yaml")
    own = load_chip(write(tmp_path, "extends: two/b.yaml\nname: c\nabout: C.\n", "c.yaml"))
    assert own.spec.device.states == 20
    assert value_of(own, "device.states").file == f"{tmp_path}/two/../one/a.yaml"
    assert value_of(own, "tile.rows").file == "architectures/hybrid-synapse.yaml"


def test_a_file_may_extend_the_shipped_one_of_its_name(tmp_path):
    """Otherwise one of the same name would extend itself."""
    write(tmp_path, "extends: hybrid-synapse\nname: mine\nabout: Mine.\n", "hybrid-synapse.yaml")
    assert load_chip("hybrid-synapse").spec.name == "mine"


@pytest.mark.parametrize(("base", "kind"), [("cmos-32nm", "CostSet"), ("mnist-5k", "WorkloadSpec")])
def test_the_base_tells_the_kind(tmp_path, base, kind):
    """A file that changes nothing is checked as what it extends."""
    path = write(tmp_path, f"extends: {base}\nname: mine\nabout: Mine.\n")
    assert type(check_file(path).spec).__name__ == kind


def test_circles_are_refused_with_the_chain(tmp_path):
    """At the line that closes it."""
    write(tmp_path, "extends: b\nname: a\n", "a.yaml")
    write(tmp_path, "name: b\nextends: c.yaml\n", "b.yaml")
    write(tmp_path, "extends: ./a.yaml\nname: c\n", "c.yaml")
    told = refusal("a.yaml")
    assert told == "c.yaml:1: extends: extends itself: a.yaml -> b.yaml -> c.yaml -> a.yaml"


def test_long_chains_are_refused(tmp_path):
    """With the limit."""
    for index in range(EXTENDED + 2):
        write(tmp_path, f"extends: d{index + 1}\nname: d{index}\nabout: D.\n", f"d{index}.yaml")
    write(tmp_path, "extends: hybrid-synapse\nname: last\nabout: D.\n", f"d{EXTENDED + 2}.yaml")
    assert f"more than {EXTENDED} deep: d0.yaml -> d1.yaml" in refusal("d0.yaml")
    assert load_chip("d4.yaml").spec.name == "d4"


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("hybrid-synaps", "mine.yaml:1: extends: there is no chip 'hybrid-synaps'; known: "),
        ("nowhere.yaml", "mine.yaml:1: extends: nowhere.yaml: there is no such file"),
        ("mnist-5k", "extends: there is no chip 'mnist-5k'"),
        ("work.yaml", "mine.yaml:1: extends: work.yaml is a workload, not a chip"),
        ("other.yaml", "mine.yaml:1: extends: other.yaml is neither a chip, nor a workload, nor a cost set"),
        ("/etc/passwd", "must be a name, or a path that ends in .yaml or .yml, not '/etc/passwd'"),
        ("[a, b]", "mine.yaml:1: extends: must be the name or the path of a description, not ['a', 'b']"),
        ("", "must be the name or the path of a description, not null"),
    ],
)
def test_bases_that_cannot_be_had(tmp_path, base, said):
    """Told where the base is named, with what there is."""
    write(tmp_path, "name: work\nnetwork: {layers: [2, 2]}\n", "work.yaml")
    write(tmp_path, "secret: word\n", "other.yaml")
    write(tmp_path, f"extends: {base}\nname: mine\nabout: Mine.\n")
    told = refusal("mine.yaml")
    assert said in told
    assert "word" not in told


def test_problems_name_the_file_that_they_stand_in(tmp_path):
    """Those of its own first, then those of the base, each with its line."""
    write(tmp_path, "extends: hybrid-synapse\nname: base\nabout: B.\ntile: {rows: -1}\n", "base.yaml")
    write(tmp_path, "extends: base\nname: mine\nabout: M.\n\n\ndevice: {states: none}\nsynaps: {}\n")
    lines = [line.partition(" must")[0] for line in refusal("mine.yaml").splitlines()]
    assert lines[0].startswith("mine.yaml:6: device.states:")
    assert lines[1].startswith("mine.yaml:7: synaps: unknown key 'synaps'")
    assert lines[2] == "base.yaml:4: tile.rows:"


def test_paths_that_lead_nowhere_are_told(tmp_path):
    """All at once."""
    text = (
        "extends: cmos-32nm\nname: mine\nadc[bits=99].energy: 1 pJ\nsrma.read: 1 fJ\nname.x.y: 2\nadc[: 3\n"
    )
    told = refusal(write(tmp_path, text), load=load_costs)
    for said in (
        ":3: adc[bits=99].energy: leads nowhere",
        "did you mean 'sram'",
        ":5: name.x.y: leads",
        ":6: ",
    ):
        assert said in told


def test_a_name_of_its_own_is_needed(tmp_path):
    """Two of the same name could not be told apart in results."""
    told = refusal(write(tmp_path, "extends: hybrid-synapse\nabout: Mine.\n"))
    assert "needs a 'name' of its own, for it extends hybrid-synapse" in told


def test_documents_extend_nothing():
    """What a result holds came from no file, and must not make any be read."""
    with pytest.raises(DescriptionError, match="'extends' is read in files only"):
        chip_from_document({"extends": "hybrid-synapse", "name": "mine"})
    with pytest.raises(DescriptionError, match="'extends' is read in files only"):
        costs_from_document({"extends": "cmos-32nm", "name": "mine"})


def test_a_file_of_weights_stands_beside_the_description_that_names_it(tmp_path):
    """Not beside the one that extends it."""
    layers = "[784, {kind: dense, units: 20, name: first}, 10]"
    text = f"extends: mnist-5k\nname: base\nabout: B.\nnetwork: {{weights: w.npz, layers: {layers}}}\n"
    write(tmp_path, text, "base/base.yaml")
    described = load_workload(write(tmp_path, "extends: base/base.yaml\nname: mine\nabout: M.\n"))
    assert described.tree.at("network", "weights").file == f"{tmp_path}/base/base.yaml"
