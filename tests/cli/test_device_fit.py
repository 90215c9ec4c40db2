"""``chipsim device fit``: laws side by side, a device that chips take, a page; and what is refused."""

from __future__ import annotations

import pytest

from chipsim.spec import load_chip
from tests.fitting.curves_made import curve, soft, straight, write

CHIP = "extends: tiki-taka-v2\nname: ours\nabout: Ours.\ndevice: ./mine.yaml\n"


@pytest.fixture
def curves(folder):
    write(folder / "curve.csv", curve(soft(), cells=3))
    write(folder / "straight.csv", straight())
    return folder


def said(result):
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def left(folder):
    return sorted(one.name for one in folder.iterdir())


def test_laws_are_told_and_nothing_is_written(curves, call):
    """Without -o; the best first."""
    before = left(curves)
    text = said(call("device fit curve.csv"))
    assert text.startswith("Law AICc above lowest residual numbers of it")
    assert "proposed" in text
    assert "nothing written: -o my-device.yaml writes the device" in text
    assert left(curves) == before


def test_a_device_is_written_and_taken(curves, call):
    """Described, checked, and put into a chip by its file; the law that is asked for is taken."""
    text = said(call("device fit curve.csv -o mine.yaml --law soft-bounds --area", "0.01 um2"))
    assert "asked for" in text
    assert "device: mine.yaml" in text
    assert "soft-bounds" in said(call("describe ./mine.yaml"))
    assert "device 'mine' is right" in said(call("check mine.yaml"))
    (curves / "ours.yaml").write_text(CHIP, encoding="utf-8")
    assert load_chip("ours").spec.device.area == 10_000


def test_a_page_is_written(curves, call):
    """With readings, law and simulated cells of either direction, and every value."""
    text = said(call("device fit curve.csv --html mine.html --law soft-bounds"))
    assert "page: mine.html" in text
    page = (curves / "mine.html").read_text(encoding="utf-8")
    for word in (
        "Pulses up",
        "Pulses down",
        "law, without noise and spread",
        "median of simulated cells",
        "device.write_noise",
        "curve.csv (SHA-256 ",
    ):
        assert word in page
    assert said(call("device fit curve.csv --html mine.html --law soft-bounds")) == text
    (curves / "other.html").write_text("mine", encoding="utf-8")
    assert call("device fit curve.csv --html other.html").exit_code == 2
    assert (curves / "other.html").read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("device fit nothere.csv -o mine.yaml", "nothere.csv: there is no such file"),
        ("device fit curves.csv", "curves.csv: there is no such file; did you mean 'curve.csv'?"),
        ("device fit curve.csv -o mine.txt", "mine.txt: a device file ends in .yaml, so that chips find it; choose such a name (-o)"),
        ("device fit curve.csv -o tiny.yaml", "tiny.yaml: is there already; choose another file (-o), or ask to overwrite it (--overwrite)"),
        ("device fit curve.csv --law soft", "there is no law 'soft' to fit; known: bidirectional-step, soft-bounds, exponential-step, piecewise, power-step, step-table"),
        ("device fit curve.csv --unit mS", "curve.csv: column 'G (uS)' is in uS, and --unit says mS; leave one out"),
        ("device fit curve.csv --conductance g", "curve.csv: has no column 'g' (--conductance); it has 'cell', 'cycle', 'direction', 'pulse', 'G (uS)'"),
        ("device fit curve.csv --pulse-width 3", "'3' is no time; write a number and a unit, such as '10 ns' (from --pulse-width 3)"),
        ("device fit tiny.yaml", "tiny.yaml:3: has 4 values, and the line of names has 1"),
    ],
)  # fmt: skip
def test_what_is_refused(curves, call, line, message):
    """With the file, and nothing written."""
    before = left(curves)
    result = call(line)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert left(curves) == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("device fit curve.csv --overwrite", "--overwrite replaces what -o or --html names; without them nothing is written"),
        ("device fitt curve.csv", "no command 'fitt'; known: fit; did you mean 'fit'?"),
    ],
)  # fmt: skip
def test_wrong_usage(curves, call, line, message):
    """Is told as such."""
    result = call(line)
    assert result.exit_code == 2
    assert message in result.stderr


def test_one_file_for_the_device_and_the_page_is_refused(curves, call):
    """Before anybody waits, and nothing is written."""
    before = left(curves)
    result = call("device fit curve.csv -o both.yaml --html both.yaml")
    assert result.exit_code != 0
    assert "is given for the device and for the page" in result.stderr
    assert left(curves) == before
