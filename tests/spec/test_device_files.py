"""Devices in files of their own: what a chip takes from one, whose note holds, and what is refused where."""

from __future__ import annotations

import json

import attrs
import pytest

from chipsim.spec import (
    check_file,
    chip_from_document,
    load_chip,
    load_device,
    overridden,
    shipped_names,
)
from chipsim.spec.finding import find_shipped
from chipsim.spec.kinds import shipped_kind
from tests.spec.messages import fails

KNOWN = ", ".join(shipped_names("devices"))
CLOSE = "'reram-array-om' or 'reram-array-hfo2'"
KEYS = ", ".join(attrs.fields_dict(shipped_kind("device", "bidirectional-step")))
OM = "architectures/devices/reram-array-om.yaml"
MINE = "extends: set-reset-transfer\nname: mine\nabout: Mine.\n"
SMALL = (
    "name: small\nabout: Made up.\ndevice:\n  kind: bidirectional-step\n  states: {value: 8, source: a paper}\n"
    "  on_conductance: 9 uS\n  off_conductance: 1 uS\n  pulse_voltage: 2 V\n  pulse_width: 9 ns\n  down_voltage: 2 V\n"
    "  down_width: 9 ns\n  area: 1 um2\n"
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(folder, text, name="mine.yaml"):
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def value_of(description, path):
    (found,) = (value for value in description.values if value.path == path)
    return found


def test_a_chip_takes_the_cells_of_a_file(tmp_path):
    """All of them, and nothing of those that it had; each value says which file it is from."""
    chip = load_chip(write(tmp_path, MINE + "device: reram-array-om\n"))
    device = load_device("reram-array-om")
    assert chip.spec.device == device.spec.device
    states = value_of(chip, "device.states")
    assert (states.value, states.kind, states.file) == ("21.07", "source", OM)
    assert states.text == value_of(device, "device.states").text
    assert "up_variation" not in chip.document["device"]


def test_a_chip_changes_some_keys(tmp_path):
    """With a note of its own, or none, which is told; by keys and by paths."""
    text = (
        MINE + "device:\n  extends: reram-array-om\n  states: {value: 30, source: me}\n  pulse_width: 9 ns\n"
    )
    chip = load_chip(write(tmp_path, text))
    assert (chip.spec.device.states, chip.spec.device.pulse_width) == (30, 9000)
    assert chip.spec.device.step_spread == load_device("reram-array-om").spec.device.step_spread
    assert (value_of(chip, "device.states").text, value_of(chip, "device.states").file) == ("me", "")
    width = value_of(chip, "device.pulse_width")
    assert (width.kind, width.text) == ("changed", f"changed without a source; 50 ns in {OM}")
    levels = "device: {extends: cell.yaml, 'high[level=2].spread': 3 uS}\n"
    cell = load_chip("bnn").document["device"]
    cell = {"name": "cell", "about": "That of bnn.", "device": cell}
    write(tmp_path, json.dumps(cell), "cell.yaml")
    bnn = load_chip(write(tmp_path, "extends: bnn\nname: b\nabout: B.\n" + levels, "b.yaml")).spec
    assert [level.spread == 3e-6 for level in bnn.device.high][:3] == [False, True, False]


def test_a_chip_that_extends_one_changes_its_cells(tmp_path):
    """As it changes any section; another device file takes the place of all of it."""
    write(tmp_path, MINE + "device: reram-array-om\n", "base.yaml")
    own = "extends: base.yaml\nname: own\nabout: Own.\n"
    changed = load_chip(write(tmp_path, own + "device: {states: 30}\n", "own.yaml"))
    assert changed.spec.device.states == 30
    assert changed.spec.device.write_noise == pytest.approx(1.4113)
    write(tmp_path, SMALL, "small.yaml")
    other = load_chip(write(tmp_path, own + "device: small\n", "own.yaml"))
    assert other.spec.device == load_device("small").spec.device
    by_path = load_chip(
        write(tmp_path, own + "device: small\ndevice.states: {value: 6, source: me}\n", "own.yaml")
    )
    assert by_path.spec.device.states == 6


def test_paths_count_from_the_file_that_has_them(tmp_path):
    """Of a chip, of a device that extends another, and of an override from where the user is."""
    write(tmp_path, SMALL, "parts/cells/small.yaml")
    more = "extends: cells/small.yaml\nname: more\nabout: More.\ndevice: {states: {value: 6, source: me}}\n"
    write(tmp_path, more, "parts/more.yaml")
    chip = load_chip(write(tmp_path, MINE + "device: ../parts/more.yaml\n", "chips/mine.yaml"))
    assert chip.spec.device.states == 6
    assert value_of(chip, "device.states").file == f"{tmp_path}/chips/../parts/more.yaml"
    assert value_of(chip, "device.area").file == f"{tmp_path}/chips/../parts/cells/small.yaml"
    assert load_chip("set-reset-transfer", sets=["device=parts/more.yaml"]).spec.device.states == 6


def test_a_name_is_looked_up_beside_the_chip_then_here_then_among_those_that_ship(tmp_path):
    """A chip that is called as the device is none."""
    write(tmp_path, MINE + "device: reram-array-om\n", "reram-array-om.yaml")
    assert load_chip("reram-array-om.yaml").spec.device.states == 21.07
    assert load_chip("reram-array-om").spec.device.states == 21.07
    write(tmp_path, SMALL, "architectures/devices/reram-array-om.yaml")
    assert load_chip("reram-array-om.yaml").spec.device.states == 8
    write(tmp_path, SMALL.replace("value: 8", "value: 6"), "far/reram-array-om.yaml")
    far = write(tmp_path, MINE + "device: reram-array-om\n", "far/mine.yaml")
    told = "there are two devices 'reram-array-om', {}/far/reram-array-om.yaml and {}; write the path of one of them"
    assert fails(load_chip, far) == f"{far}:4: device: {told.format(tmp_path, OM)}"


def test_groups_have_devices_of_their_own(tmp_path):
    """One names a file, another changes what the chip names."""
    text = (
        MINE + "device: reram-array-om\ngroups:\n  a: {carries: frozen, device: reram-array-hfo2}\n"
        "  b: {carries: learning, device: {states: {value: 40, source: me}}}\n"
    )
    chip = load_chip(write(tmp_path, text))
    assert [group.device.states for group in chip.spec.groups.values()] == [4.327, 40]
    assert chip.spec.groups["b"].device.step_variation == pytest.approx(0.4158)
    assert value_of(chip, "groups.a.device.states").file.endswith("devices/reram-array-hfo2.yaml")
    other = overridden(chip, ["groups.a.device=reram-array-om", "groups.a.device.states=5"]).spec
    assert [group.device.states for group in other.groups.values()] == [5, 40]


def test_overrides_name_files_and_change_what_they_say():
    """In their order; the kind tells which override it was."""
    sets = ["device=reram-array-om", "device.states=30", "device.write_noise=x0.5"]
    chip = load_chip("set-reset-transfer", sets=sets)
    assert (chip.spec.device.states, chip.spec.device.write_noise) == (30, pytest.approx(0.70565))
    kind = value_of(chip, "device.kind")
    assert (kind.value, kind.kind, kind.text) == ("soft-bounds", "set", "--set device=reram-array-om")
    assert value_of(chip, "device.lower_spread").kind == "source"
    assert value_of(chip, "device.states").text == "--set device.states=30"
    whole = load_chip("set-reset-transfer", sets=["device={extends: reram-array-om, states: 30}"]).spec
    assert whole.device == load_chip("set-reset-transfer", sets=sets[:2]).spec.device
    last = load_chip("set-reset-transfer", sets=["device=reram-array-hfo2", "device=reram-array-om"]).spec
    assert last.device == load_device("reram-array-om").spec.device


def test_what_is_saved_is_whole(tmp_path):
    """It reads back the same, without the file."""
    write(tmp_path, SMALL, "small.yaml")
    text = MINE + "device: {extends: small.yaml, states: {value: 6, source: me}}\n"
    named = load_chip(write(tmp_path, text), sets=["device.area=2 um2"])
    again = chip_from_document(named.document, file=named.file)
    (tmp_path / "small.yaml").unlink()
    assert (again.spec, again.values, again.document) == (named.spec, named.values, named.document)
    by_name = load_chip("set-reset-transfer", sets=["device=reram-array-om"])
    assert chip_from_document(by_name.document, file=by_name.file).values == by_name.values


def test_a_copied_device_with_another_value_is_told(tmp_path):
    """Its note was written for that of the file that ships, in a device file as in a chip."""
    text = find_shipped("reram-array-om", "devices")[0].read_text(encoding="utf-8")
    write(tmp_path, text.replace("value: 21.07", "value: 22").replace("name: reram", "name: my"), "my.yaml")
    for described in (check_file("my"), load_chip("set-reset-transfer", sets=["device=my"])):
        states = value_of(described, "device.states")
        assert (states.kind, states.text[:60]) == ("changed", f"written for 21.07 in {OM}"[:60])


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_what_ships_is_a_device(name):
    """A file of its own, which is read as one and by its name."""
    described = check_file(name)
    assert described.spec == load_device(name).spec
    assert (described.spec.name, described.file) == (name, f"architectures/devices/{name}.yaml")


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("reram-aray-om", f"there is no device 'reram-aray-om'; known: {KNOWN}; did you mean {CLOSE}?"),
        ("hybrid-synapse", f"there is no device 'hybrid-synapse'; known: {KNOWN}; 'hybrid-synapse' is a chip"),
        ("./nowhere.yaml", "./nowhere.yaml: there is no such file; did you mean 'other.yaml' or 'mine.yaml'?"),
        ("/etc/passwd", "must be a name, or a path that ends in .yaml or .yml, not '/etc/passwd'"),
        ("tasks.yaml", "tasks.yaml is a workload, not a device"),
        ("chip.yaml", "chip.yaml is a chip, not a device"),
        ("other.yaml", "other.yaml is no device: it has no section 'device'"),
        ("{value: small, source: me}", "names a device file, each value of which has a note of its own; leave this one out"),
        ("''", "must be the name or the path of a description, not ''"),
    ],
)  # fmt: skip
def test_files_that_are_no_devices(tmp_path, named, said):
    """Told where the chip names them, with what there is, together with all else that is wrong."""
    write(tmp_path, "name: work\nnetwork: {layers: [2, 2]}\n", "tasks.yaml")
    write(tmp_path, "secret: word\n", "other.yaml")
    chip = find_shipped("single-pair", "architectures")[0].read_text(encoding="utf-8")
    write(tmp_path, chip, "chip.yaml")
    write(tmp_path, MINE + f"device: {named}\ntile: {{rows: 0}}\nsynaps: 1\n")
    told = fails(load_chip, "mine.yaml").splitlines()
    assert told[0] == f"mine.yaml:4: device: {said}"
    assert [line.partition(" ")[0] for line in told[1:]] == ["mine.yaml:5:", "mine.yaml:6:"]


def test_every_section_that_names_none_is_told(tmp_path):
    """Of the chip and of its groups, with changes or without, also below an extending chip."""
    base = MINE + "device: {extends: nope, states: 6}\n"
    write(tmp_path, base, "base.yaml")
    text = (
        "extends: base.yaml\nname: own\nabout: O.\ngroups:\n  a: {carries: frozen, device: nope}\n"
        "  b: {carries: [2], device: {extends: ./none.yaml, states: 6}}\n  c: {carries: [1], device: {states: x}}\n"
    )
    write(tmp_path, text)
    told = [line.partition(";")[0] for line in fails(load_chip, "mine.yaml").splitlines()]
    assert told[:2] == [
        "mine.yaml:5: groups.a.device: there is no device 'nope'",
        "mine.yaml:6: groups.b.device.extends: ./none.yaml: there is no such file",
    ]
    assert told[-1] == "base.yaml:4: device.extends: there is no device 'nope'"
    changed = "extends: base.yaml\nname: own\nabout: O.\ndevice: {states: 8}\n"
    write(tmp_path, changed)
    assert fails(load_chip, "mine.yaml").startswith("base.yaml:4: device.extends: there is no device 'nope'")


def test_an_override_that_names_no_device():
    """Told as it was written, and once."""
    told = fails(load_chip, "single-pair", sets=["device=reram", "device.states=4"])
    assert told == (
        f"device: there is no device 'reram'; known: {KNOWN}; did you mean 'reram-sb' or 'reram-es'? "
        "(from --set device=reram)"
    )
    alone = fails(load_chip, "single-pair", sets=["device.extends=reram-array-om"])
    assert alone == (
        "device.extends: cannot be set alone; set the whole section, such as device=reram-array-om "
        "(from --set device.extends=reram-array-om)"
    )


def test_what_is_wrong_inside_of_a_file_is_told_there(tmp_path):
    """Each with its line, all at once, and those of the chip before them."""
    text = SMALL.replace("value: 8,", "value: 0,").replace("  pulse_width: 9 ns\n", "  puls_width: 9 ns\n")
    write(tmp_path, text.replace("about: Made up.\n", "") + "tile: {rows: 4}\nsoure: x\n", "small.yaml")
    write(tmp_path, MINE + "device: small.yaml\ntile: {rows: 0}\n")
    assert fails(load_chip, "mine.yaml").splitlines() == [
        "mine.yaml:5: tile.rows: must be between 1 and 65536, not 0",
        "small.yaml:4: device.states: must be between 2 and 1000000, not 0",
        f"small.yaml:8: device.puls_width: unknown key 'puls_width'; known: {KEYS}; did you mean 'pulse_width' or 'down_width'?",
        "small.yaml:12: tile: unknown key 'tile'; a device file has name, about, paper, device; 'tile' belongs to a chip",
        "small.yaml:13: soure: unknown key 'soure'; a device file has name, about, paper, device",
        "small.yaml: missing key 'about'; a device file has name, about, paper, device",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [\n", "small.yaml:2: cannot be read as YAML"),
        ("name: small\nabout: S.\ndevice: 5\n", "small.yaml:3: device: must be a mapping with a 'kind', not 5"),
        ("name: small\nabout: S.\ndevice: null\n", "small.yaml:3: device: must be a mapping with a 'kind', not null"),
        ("name: small\nabout: S.\ndevice: {states: 5}\n", "small.yaml:3: device: missing key 'kind'; known: "),
        ("name: small\nabout: S.\ndevice: {kind: soft}\n", "small.yaml:3: device.kind: unknown kind 'soft'; known: "),
        ("name: small\nabout: S.\ndevice: smal\n", "small.yaml:3: device: there is no device 'smal'; known: "),
    ],
)  # fmt: skip
def test_files_with_a_section_that_is_none(tmp_path, text, said):
    """Told once, in the device file; read as such, too."""
    write(tmp_path, text, "small.yaml")
    write(tmp_path, MINE + "device: small.yaml\n")
    told = fails(load_chip, "mine.yaml")
    assert told.startswith(said)
    assert told.count("\n") == 0
    assert fails(load_device, "small.yaml").startswith(said.partition(" ")[0])


def test_cycles_are_refused(tmp_path):
    """Of devices that extend each other, and of one whose section names its own file."""
    write(tmp_path, "extends: b.yaml\nname: a\nabout: A.\n", "a.yaml")
    write(tmp_path, "extends: a.yaml\nname: b\nabout: B.\n", "b.yaml")
    write(tmp_path, MINE + "device: a.yaml\n")
    assert fails(load_chip, "mine.yaml") == (
        "b.yaml:1: extends: extends itself: mine.yaml -> a.yaml -> b.yaml -> a.yaml"
    )
    write(tmp_path, "name: own\nabout: O.\ndevice: own.yaml\n", "own.yaml")
    assert fails(load_device, "own.yaml") == "own.yaml:3: device: extends itself: own.yaml -> own.yaml"
    write(tmp_path, MINE + "device: mine.yaml\n")
    told = fails(load_chip, "mine.yaml")
    assert told == "mine.yaml:4: device: extends itself: mine.yaml -> mine.yaml"


def test_documents_have_to_be_whole():
    """What came from no file has no folder that a path could count from."""
    document = load_chip("single-pair").document
    assert "device: must be a mapping with a 'kind'" in fails(
        chip_from_document, document | {"device": "reram-array-om"}
    )


def test_a_device_alone_is_checked(tmp_path):
    """By the rules of its kind that need no chip; another chip may read its cells with less."""
    path = write(tmp_path, SMALL.replace("on_conductance: 9 uS", "on_conductance: 0.5 uS"), "small.yaml")
    told = fails(check_file, path)
    assert told == f"{path}:6: device.on_conductance: must be more than off_conductance, 1 µS, not 500 nS"
    weak = write(tmp_path, SMALL.replace("2 V", "1 mV"), "weak.yaml")
    assert check_file(weak).spec.device.pulse_voltage == 0.001
    assert "tile.read_voltage: must be less" in fails(
        load_chip, "set-reset-transfer", sets=["device=weak.yaml"]
    )
