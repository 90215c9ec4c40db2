"""Kinds of one's own on the command line: trusted by an option, tried by a command, and told in a result."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from chipsim.spec import trust
from chipsim.spec.outside import offered_kinds

EXAMPLE = Path(__file__).parents[2] / "examples" / "bit-serial-tile"


@pytest.fixture
def tile(folder, monkeypatch):
    """The example's tile in the folder that one works in, not trusted yet, and its chip."""
    monkeypatch.setattr(trust, "_TRUSTED", set())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    offered_kinds.cache_clear()
    code = (EXAMPLE / "bit_serial_tile.py").read_text(encoding="utf-8")
    (folder / "bit_serial_tile.py").write_text(code, encoding="utf-8")
    chip = (EXAMPLE / "bit-serial.yaml").read_text(encoding="utf-8")
    assert chip.count("  kind: bit-serial\n") == 1
    chip = chip.replace("  kind: bit-serial\n", "  kind: bit_serial_tile:BitSerial\n")
    (folder / "mine.yaml").write_text(chip, encoding="utf-8")
    yield folder
    sys.modules.pop("bit_serial_tile", None)


@pytest.mark.parametrize(
    "line", ["check mine.yaml", "run mine.yaml tiny", "describe mine.yaml", "compare mine.yaml bnn -w tiny"]
)
def test_without_trust_nothing_runs(tile, call, line):
    """Each command that reads it refuses, with the option that would do."""
    (tile / "bit_serial_tile.py").write_text("raise SystemExit('it ran')", encoding="utf-8")
    result = call(line)
    assert result.exit_code == 2
    assert (
        "tile.kind: bit_serial_tile:BitSerial is code of the package bit_serial_tile, which is not trusted"
        in result.stderr
    )
    assert "--trust bit_serial_tile" in result.stderr
    assert "it ran" not in result.output


def test_a_trusted_kind_is_checked_described_and_trained(tile, call):
    """Its parts are on the chip, its keys among the numbers, and the result knows its code."""
    assert "is right" in call("check mine.yaml --trust bit_serial_tile").stdout
    described = call("describe mine.yaml -w tiny --trust bit_serial_tile").stdout
    assert "tile*.shift-add" in described
    assert "tile.shift_add: energy 21 fJ" in described
    result = call("run mine.yaml tiny -o mine --epochs 1 --trust bit_serial_tile")
    assert result.exit_code == 0, result.output
    said = json.loads((tile / "mine" / "provenance.json").read_text(encoding="utf-8"))
    (outside,) = said["outside"]
    assert outside["place"] == "bit_serial_tile:BitSerial"
    ledger = call("report mine")
    assert ledger.exit_code == 0, ledger.output


def test_other_code_is_another_run(tile, call):
    """The same command with another file of the user's does not take the old run for its own."""
    line = "compare mine.yaml single-pair -w tiny -o both --epochs 1 --trust bit_serial_tile"
    assert call(line).exit_code == 0
    assert "kept" in call(line).output
    code = tile / "bit_serial_tile.py"
    code.write_text(f"{code.read_text(encoding='utf-8')}\n# changed\n", encoding="utf-8")
    result = call(line)
    assert result.exit_code == 2
    assert "mine: there is a result already" in result.stderr


def test_conform_tells_what_is_right(tile, call):
    """A line for each check; the command trusts what it is given."""
    result = call("conform bit_serial_tile:BitSerial")
    assert result.exit_code == 0, result.output
    assert "goes on from a saved state" in result.stdout
    # Eleven on each chip that ships and takes it.
    checks = sum(line.rstrip().endswith(" right") for line in result.stdout.splitlines())
    assert checks >= 22
    assert checks % 11 == 0
    assert result.stdout.endswith(f"bit_serial_tile:BitSerial: all {checks} checks passed\n")


def test_conform_tells_what_is_wrong(tile, call):
    """And ends with 1."""
    code = tile / "bit_serial_tile.py"
    text = code.read_text(encoding="utf-8").replace("total += np.float32", "total -= np.float32")
    code.write_text(text, encoding="utf-8")
    result = call("conform bit_serial_tile:BitSerial")
    assert result.exit_code == 1
    assert "forward is off by" in " ".join(result.stdout.split())
    assert result.stderr.endswith("checks failed\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conform chipsim.units:Ps", "chipsim.units:Ps is no kind"),
        ("conform bit_serial_tile:BitSerail", "bit_serial_tile has no BitSerail; it has: ShiftAddCost, ShiftAdd, BitSerialTile, BitSerial"),
        ("conform bit-serial", "must be package.module:Class, not 'bit-serial'"),
        ("check mine.yaml --trust bit_serial_tile:BitSerial", "a package is trusted as a whole, by the name it is imported by"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_or_trusted(tile, call, line, message):
    """Said in a line, with exit code 2."""
    result = call(line)
    assert result.exit_code == 2
    assert message in result.stderr


def test_what_a_kind_raises_is_not_called_a_bug_of_ours(tile, call):
    """The traceback is for its author, and says whose it is."""
    code = tile / "bit_serial_tile.py"
    text = code.read_text(encoding="utf-8").replace(
        "    def word_bits(self",
        "    def faults(self, chip):\n        return 1 / 0\n\n    def word_bits(self",
        1,
    )
    code.write_text(text, encoding="utf-8")
    result = call("check mine.yaml --trust bit_serial_tile")
    assert isinstance(result.exception, ZeroDivisionError)
    assert result.exception.__notes__ == [
        "This was raised by bit_serial_tile, in faults: code that is no part of chipsim."
    ]
