"""The example's curve is what its script makes, its commands work, and its figures are those that are told."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.spec import load_chip, load_device

FOLDER = Path(__file__).parents[2] / "examples" / "fitted-device"


@pytest.fixture
def example(tmp_path, monkeypatch):
    """A copy of the folder, to work in."""
    shutil.copytree(FOLDER, tmp_path / "example")
    monkeypatch.chdir(tmp_path / "example")
    return tmp_path / "example"


def test_the_curve_is_made_by_its_script():
    """To the last digit."""
    spec = importlib.util.spec_from_file_location("make_curve", FOLDER / "make_curve.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = (FOLDER / "curve.csv").read_text(encoding="utf-8")
    assert "\n".join(script.lines()) + "\n" == text


def test_commands_of_the_example(example):
    """The curve becomes a device, which is described, and which the chip takes."""
    text = (example / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    fit, describe, run = block.splitlines()
    for line in (fit, describe):
        result = CliRunner().invoke(main, [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)][1:])
        assert result.exit_code == 0, result.output
    assert run.split()[:4] == ["chipsim", "run", "my-chip.yaml", "mnist-5k"]
    device = load_device("my-device.yaml").spec.device
    assert load_chip("my-chip.yaml").spec.device == device
    assert (example / "my-device.html").is_file()
    told = re.search(r"\| states \| [\d.]+ \| ([\d.]+),", text)
    assert device.kind == "soft-bounds"
    assert device.states == pytest.approx(float(told[1]), abs=0.06)
