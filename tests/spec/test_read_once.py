"""Files read once while many points of a study are read."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError
from chipsim.spec.reading import load_chip, load_workload, read_once


def test_as_long_as_it_lasts():
    """The same overrides give the same description; others, and a later time, another."""
    with read_once():
        chip = load_chip("single-pair", sets=["device.states=10"])
        assert load_chip("single-pair", sets=("device.states=10",)) is chip
        assert load_chip("single-pair", sets=["device.states=20"]).spec.device.states == 20
        assert load_workload("mnist-5k").spec.name == "mnist-5k"
    assert load_chip("single-pair", sets=["device.states=10"]) is not chip


def test_a_file_that_changes_later(tmp_path):
    """Whoever does not ask for it reads what is there now."""
    file = tmp_path / "mine.yaml"
    file.write_text("extends: single-pair\nname: mine\ndevice.states: 10\n")
    with read_once():
        assert load_chip(file).spec.device.states == 10
    file.write_text("extends: single-pair\nname: mine\ndevice.states: 30\n")
    assert load_chip(file).spec.device.states == 30


def test_what_is_wrong_is_told_each_time():
    """A file with problems is not taken for one that was read."""
    with read_once():
        for _ in range(2):
            with pytest.raises(DescriptionError, match=r"device\.state: unknown key"):
                load_chip("single-pair", sets=["device.state=10"])
