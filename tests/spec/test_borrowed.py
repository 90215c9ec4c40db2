"""A copied note beside a changed value is no source for it, and that is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.spec import load_chip, load_costs, load_workload, overridden, shipped_names


def copied(tmp_path, file, *changes):
    """A copy of a shipped file with some of its text replaced."""
    text = Path(file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(described):
    """Paths, values and the beginnings of the notes that were written for another value."""
    return [
        (value.path, value.value, value.text.partition(": ")[0])
        for value in described.values
        if value.kind == "changed"
    ]


@pytest.mark.parametrize(
    ("load", "folder"),
    [(load_chip, "architectures"), (load_costs, "architectures/costs"), (load_workload, "workloads")],
)
def test_an_unchanged_copy_keeps_its_sources(tmp_path, load, folder):
    """A copy says what the shipped file says, value by value."""
    kind = {"architectures/costs": "costs"}.get(folder, folder)
    for name in shipped_names(kind):
        copy = load(copied(tmp_path, f"{folder}/{name}.yaml"))
        assert copy.values == load(name).values


def test_a_value_that_was_changed_under_its_own_note(tmp_path):
    """Fifty states are the paper's; ninety-seven are not, whatever the note beside them says."""
    path = copied(tmp_path, "architectures/hybrid-synapse.yaml", ("value: 50\n", "value: 97\n"))
    states = [value for value in load_chip(path).values if value.path == "device.states"]
    assert [(value.kind, value.text) for value in states] == [
        (
            "changed",
            "written for 50 in architectures/hybrid-synapse.yaml: Choi 2021 (50 potentiation pulses, then one reset)",
        )
    ]


def test_a_value_that_was_changed_beside_the_note_of_its_entry(tmp_path):
    """The source of a converter covers the numbers that it was written for, and no others."""
    path = copied(
        tmp_path,
        "architectures/costs/isaac-32nm.yaml",
        ("energy: 0.79 pJ", "energy: 0.1 pJ"),
        ("{bits: 10, time: 833 ps, energy: 2.38 pJ", "{bits: 11, time: 834 ps, energy: 2.38 pJ"),
    )
    file = "architectures/costs/isaac-32nm.yaml"
    assert changed(load_costs(path)) == [
        ("adc[bits=4].energy", "0.1 pJ", f"written for 0.79 pJ in {file}"),
        ("adc[bits=11].bits", "11", f"written for other entries, such as 4, in {file}"),
        ("adc[bits=11].time", "834 ps", f"written for other entries, such as 833 ps, in {file}"),
    ]


def test_the_same_value_written_otherwise_is_the_same(tmp_path):
    """2000 mV are 2 V, 1e2 pulses are 100, and 34 % are 0.34."""
    path = copied(
        tmp_path,
        "architectures/hybrid-synapse.yaml",
        ("value: 2 V", "value: 2000 mV"),
        ("value: 0.34", "value: 34 %"),
        ("value: 100\n", "value: 1e2\n"),
    )
    assert changed(load_chip(path)) == []


def test_a_note_of_ones_own_is_a_source(tmp_path):
    """Whoever changes a value and says where it comes from has a source."""
    path = copied(
        tmp_path,
        "architectures/hybrid-synapse.yaml",
        ("value: 50\n    source: Choi 2021 (50 potentiation pulses, then one reset)",
         "value: 97\n    source: Jerry et al., IEDM 2017, figure 3"),
    )  # fmt: skip
    assert changed(load_chip(path)) == []


def test_what_was_set_is_marked_as_set():
    """An override of a shipped file is no borrowed note; nor are the values beside it."""
    assert changed(load_chip("hybrid-synapse", sets=["device.states=97"])) == []
    assert changed(overridden(load_chip("hybrid-synapse"), ["device.states=97"])) == []


def test_a_renamed_phase_keeps_its_note(tmp_path):
    """A phase by another name has the shipped number of epochs, with the shipped reason."""
    path = copied(tmp_path, "workloads/mnist.yaml", ("- name: train", "- name: mine"))
    assert changed(load_workload(path)) == []


def test_check_and_describe_say_it(tmp_path, monkeypatch):
    """The terminal names value, note and file; the chip is right all the same."""
    path = copied(tmp_path, "architectures/hybrid-synapse.yaml", ("value: 50\n", "value: 97\n"))
    monkeypatch.chdir(tmp_path)
    checked = CliRunner().invoke(main, ["check", path.name])
    assert checked.exit_code == 0
    first, second = checked.output.splitlines()
    assert first.startswith("mine.yaml: chip 'hybrid-synapse' is right; of ")
    assert re.search(r" assumed \(\d+ with a range\) and 1 beside a note for another value$", first)
    assert second == (
        "  device.states: 97 stands beside a note written for 50 in architectures/hybrid-synapse.yaml; "
        "say where it comes from"
    )
    described = " ".join(CliRunner().invoke(main, ["describe", path.name]).output.split())
    assert "Beside a note that was written for another value" in described
    assert "device: states 97 written for 50 in architectures/hybrid-synapse.yaml" in described
