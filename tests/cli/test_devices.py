"""Devices on the command line: listed with their figures, described with their pulse response, checked, begun from."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.spec import load_chip, load_device, shipped_names
from chipsim.wording import joined

CELL = (
    "extends: reram-array-om\nname: ours\nabout: Ours, measured.\ndevice: {states: {value: 30, source: us}}\n"
)
CITED = (
    "Gong et al., IEDM 2022",
    "V3.0 manual, table II",
    "Device of the kit",
    "Model of the kit",
    "of CrossSim",
)
"""What sources of numbers of devices that ship are known by."""
UNMET = ("ecram-mo", "gst-pcm", "idealised")
"""Devices without a symmetry point, or that take too long to get there."""
PULSED = [name for name in shipped_names("devices") if {"up"} & load_device(name).spec.device.offers]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(main, list(arguments))


def said(*arguments):
    """What a command that goes well prints, its lines joined."""
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def write(folder, device, name):
    """A file with the cells of a chip that ships."""
    document = {"name": name, "about": f"Cells of {name}.", "device": device}
    (folder / f"{name}.yaml").write_text(json.dumps(document), encoding="utf-8")


def test_devices_are_listed_with_their_figures(folder, monkeypatch):
    """Those that ship and one's own; one that cannot be used with the reason."""
    # In a narrow terminal sources stand in a table of their own.
    monkeypatch.setenv("COLUMNS", "200")
    (folder / "ours.yaml").write_text(CELL, encoding="utf-8")
    (folder / "broken.yaml").write_text(
        CELL.replace("value: 30", "value: -1").replace("ours", "broken"), encoding="utf-8"
    )
    write(folder, load_chip("bnn").document["device"], "levels")
    text = said("list", "devices")
    # Where a terminal is narrow, what does not fit follows in a table of its own, behind the same names.
    assert "reram-array-om shipped soft-bounds 21.07 1 78.29 %" in text
    assert "reram-array-hfo2 shipped soft-bounds 4.327 1 71.25 %" in text
    assert "reram-es shipped piecewise 1481.48 0.740641 20 %" in text
    assert "rram-milo-2021 shipped multilevel 5" in text
    assert "pcm-one-way shipped step-table 71.4 20 % S. R." in text
    assert "ours yours soft-bounds 30 1 78.29 %" in text
    assert "levels yours multilevel 9" in text
    assert "Cells of levels." in text
    assert text.count("N. Gong") == 5
    assert "Workloads" not in text
    assert "hybrid-synapse" in said("list", "architectures")
    assert "reram-array-om shipped An array of HfOx cells" in said("list")
    assert "cannot be used: broken.yaml:4: device.states: must be more than 0" in said("list")


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_a_device_is_described(name):
    """With its response drawn, its symmetry point, what is assumed, and the sources; the same every time."""
    result = call("describe", name)
    text = " ".join(result.stdout.split())
    users = [
        chip
        for chip in shipped_names("architectures")
        if load_chip(chip).spec.device == load_device(name).spec.device
    ]
    if users:
        assert f"Chips that ship and take their cells from it: {joined(users)}." in text
    else:
        assert "No chip that ships takes its cells from it" in text
    assert re.search(r"Of \d+ values \d+ are assumed: \w+", text)
    sources = text.partition("From a source")[2].partition("Assumed")[0]
    assert any(cited in sources for cited in CITED)
    assert call("describe", name).stdout == result.stdout


@pytest.mark.parametrize("name", PULSED)
def test_a_device_of_pulses_is_drawn(name):
    """With its symmetry point where it has one, and how its cells differ."""
    result = call("describe", name)
    text = " ".join(result.stdout.split())
    back = "down" in load_device(name).spec.device.offers
    sought = r"Symmetry point, where alternating pulses lead: \d+(\.\d+)? [µn]S, with a standard"
    assert bool(re.search(sought, text)) == (back and name not in UNMET)
    last = r"(\d+) pulses down" if back else "1 strong pulse back"
    assert re.search(rf"(\d+) pulses up, then {last}", text)
    assert ("From cell to cell differ " in text) or ("Cells are alike." in text)
    drawn = [line for line in result.stdout.splitlines() if re.match(r" +(\d\S* [µn]S)?\|", line)]
    assert len(drawn) == 12


def test_a_cell_that_is_only_raised_has_no_steps_down():
    """What it steps further up is drawn for it all the same."""
    text = said("describe", "pcm-one-way")
    told = (
        "From cell to cell differ steps by 20 %, the same steps once more by 5 % and upper bounds by 20.1 %."
    )
    assert told in text


def test_small_steps_take_long_to_settle():
    """0.99965 of the way are left by each pair of steps that change by 0.354 and 0.886 of 0.00028 there."""
    change = (1 - 0.00028214 * 0.4152 / 1.1714) * (1 - 0.00028214 * 0.7342 / 0.8286)
    left = f"{100 * change**5000:.3g} % of the way."
    assert f"473 nS of a cell without spread, but slowly: 5,000 pairs leave {left}" in said(
        "describe", "ecram-mo"
    )


BELL = [
    {"conductance": f"{place} uS", "change": f"{step} uS"} for place, step in ((1, 0.5), (10.5, 2), (20, 0.5))
]


def mirrored(folder):
    """A table whose steps down are those up, wherever a cell stands: longest in the middle."""
    down = [{**row, "change": f"-{row['change']}"} for row in BELL]
    pulses = {"pulse_voltage": "1 V", "pulse_width": "50 ns", "down_voltage": "1 V", "down_width": "50 ns"}
    bounds = {"off_conductance": "1 uS", "on_conductance": "20 uS", "area": "0.04 um2"}
    write(folder, {"kind": "step-table", "states": 19, "up": BELL, "down": down, **pulses, **bounds}, "bell")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bell", "steps up and down are alike, so that nothing draws cells to one place."),
        ("idealised", "steps up and down are alike, so that nothing draws cells to one place."),
        ("gst-pcm", "they lead cells away from 125 µS, where steps up and down are alike."),
    ],
)
def test_why_there_is_no_symmetry_point(folder, name, why):
    """Steps that are alike draw cells nowhere, and are not slow; those that grow lead them away."""
    mirrored(folder)
    text = said("describe", name)
    assert f"Alternating pulses lead to no symmetry point: {why}" in text
    assert "slowly" not in text


def test_spread_is_told():
    """From cell to cell and from pulse to pulse, of levels as described; and which values are assumed."""
    text = said("describe", "reram-array-om")
    assert "From cell to cell differ steps by 78.29 %, steps up from steps down by 1 %" in text
    assert (
        "From pulse to pulse, over a step: a step varies by 41.58 % and what is written is off by 141.1 %."
        in text
    )
    assert "13.5 % of the cells are stuck." in text
    assert "Of 20 values 9 are assumed: fresh_share, on_conductance, off_conductance, pulse_voltage" in text
    text = said("describe", "rram-milo-2021")
    told = "Cells that are written to a level differ by {}, one standard deviation of a level, as described."
    assert told.format("2.73 µS to 4.33 µS") in text
    # Of cells around 0 S half are cut, which makes the simulated level narrower.
    assert told.format("158 nS to 1.01 µS") in said("describe", "pcm-hermes-2023")
    assert told.format("78.9 nS to 504 nS") in said(
        "describe", "pcm-hermes-2023", "--set", "device.spread_scale=0.5"
    )


@pytest.mark.parametrize("name", ["reram-array-hfo2", "reram-array-om"])
def test_an_array_that_was_fitted_is_described(name):
    """Its symmetry points lie in the middle, some of its cells do not switch, and pulses are assumed."""
    text = " ".join(call("describe", name).stdout.split())
    assert re.search(r"Symmetry point, where alternating pulses lead: 30(\.\d)? µS, with a standard", text)
    assert "of 200 simulated cells are moved by no pulse." in text
    # Where a terminal is narrow, what stands beside it comes between the ends of its range.
    assert re.search(r"pulse_voltage 1\.6 V \(0\.9 V to 2", text)


@pytest.mark.parametrize(
    ("chip", "wanted"),
    [
        ("single-pair", "75 pulses up, then 1 strong pulse back"),
        ("analog-pair-transfer", "300 pulses down, then 1 strong pulse back"),
        ("set-reset-transfer", "600 pulses up, then 600 pulses down"),
    ],
)
def test_every_pulsed_kind_is_drawn(folder, chip, wanted):
    """As far as it steps either way."""
    write(folder, load_chip(chip).document["device"], "cells")
    text = said("describe", "cells")
    assert wanted in text
    assert ("lead to no symmetry point" in text) == (chip == "set-reset-transfer")


def test_levels_are_told(folder):
    """As described, and what simulated cells come to."""
    write(folder, load_chip("bnn").document["device"], "cells")
    text = said("describe", "cells")
    assert "A cell of kind multilevel, with 9 levels." in text
    assert "Level of 200 simulated cells described 10 % median 90 %" in text
    assert re.search(r" 8 125 µS 12\d µS 12\d µS 12\d µS ", text)


def test_a_page_is_written(folder):
    """With the response as a figure, and every value; never over what is none."""
    text = said("describe", "reram-array-om", "--html", "om.html")
    assert text.endswith("page: om.html")
    page = (folder / "om.html").read_text(encoding="utf-8")
    for word in (
        "Pulse response",
        "Symmetry points",
        "device.write_noise",
        "IEDM 2022",
        "Symmetry point, where",
    ):
        assert word in page
    assert "nothing was simulated again" not in page
    (folder / "mine.html").write_text("mine")
    refused = call("describe", "reram-array-om", "--html", "mine.html")
    assert (refused.exit_code, (folder / "mine.html").read_text()) == (2, "mine")


def test_values_are_set_for_the_look(folder):
    """As a chip would set them, under the same paths."""
    text = said("describe", "reram-array-om", "--set", "device.states=40", "--set", "device.corrupt_cells=0")
    assert "40 states" in text
    assert "60 pulses up" in text
    assert "moved by no pulse" not in text
    told = text.partition("Set on the command line")[2]
    assert "device: states 40 --set device.states=40 device: corrupt_cells 0" in told


def test_a_file_is_described_and_checked(folder):
    """By its path or its name, and told to be one."""
    (folder / "ours.yaml").write_text(CELL, encoding="utf-8")
    assert "30 states" in said("describe", "./ours.yaml")
    assert said("check", "ours").startswith("ours: device 'ours' is right; of 20 values 9 assumed")
    assert "begins as reram-array-om" in said("new", "begun", "--from", "reram-array-om")
    assert "device 'begun' is right" in said("check", "begun.yaml")
    assert call("new", "ours", "--from", "ours.yaml", "--overwrite").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "reram-aray-om"], "; did you mean the device 'reram-array-om' or 'reram-array-hfo2'?"),
        (["describe", "reram-array-om", "-w", "mnist-5k"], "reram-array-om is a device, which no network is placed on; leave out -w"),
        (["describe", "reram-array-om", "--set", "device.stats=3"], "device.stats: unknown key 'stats'; known: "),
        (["describe", "reram-array-om", "--set", "tile.rows=3"], "unknown key 'tile'; known: name, about, paper, device"),
        (["describe", "reram-array-om", "--set", "device.states=1"], "device.states: must be more than 2, not 1"),
        (["describe", "broken.yaml"], "broken.yaml:4: device.states: must be more than 0"),
        (["list", "dev"], "'dev' is not one of 'architectures', 'workloads', 'costs', 'devices', 'data'"),
        (["run", "reram-array-om", "mnist-5k"], "there is no chip 'reram-array-om'; known: "),
        (["run", "broken.yaml", "mnist-5k"], "; 'reram-array-om' is a device"),
        (["check", "broken.yaml", "reram-array-omm"], "there is no chip, workload, cost set or device 'reram-array-omm'"),
    ],
)  # fmt: skip
def test_what_is_refused(folder, arguments, message):
    """With what there is, and where it stands; all at once."""
    (folder / "broken.yaml").write_text(CELL.replace("value: 30", "value: -1"), encoding="utf-8")
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
