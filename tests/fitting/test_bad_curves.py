"""Curves that cannot be what somebody measured, or that say too little: refused or doubted, in whole sentences."""

from __future__ import annotations

import itertools
import re
import warnings

import attrs
import numpy as np
import pytest
from click.testing import CliRunner

import chipsim
from chipsim.cli import main
from chipsim.fitting.doubts import doubts_of
from chipsim.fitting.estimates import Estimate
from chipsim.fitting.said import Said
from chipsim.fitting.scoring import score
from tests.fitting.curves_made import curve, power, soft, straight, table, write
from tests.fitting.test_odd_curves import HEAD, changed, notes, refusal


def told(*arguments):
    """What the command says of a file, and its exit code."""
    result = CliRunner().invoke(main, ["device", "fit", *map(str, arguments)])
    return result.exit_code, result.output + result.stderr


# --- conductances ------------------------------------------------------------------------------------


def test_a_constant_curve():
    """Has no step, and says so; not that pulses lead the wrong way."""
    frame = straight(step=0.0)
    assert refusal(frame) == (
        "the frame: every reading is 10 µS: pulses move nothing, and there is no step to fit"
    )


def test_noise_around_a_constant():
    """Leads nowhere in particular."""
    frame = straight(step=0.0)
    frame["G (uS)"] = [10 + 0.1 * (-1) ** (row * row // 3) for row in range(80)]
    assert "hardly move the conductance, by " in refusal(frame)
    assert "there is no step to fit" in refusal(frame)


def test_conductances_beyond_any_cell():
    """As of a unit that is written wrong, are told once with how many there are."""
    frame = straight()
    frame["G (S)"] = frame.pop("G (uS)")
    assert refusal(frame) == (
        "the frame: row 0: a cell conducts 10 S, as 79 more readings do, and none is known beyond some millisiemens: "
        "is the unit right, in the head of the column or by --unit?"
    )


def test_steps_that_vary_by_more_than_themselves():
    """Are fitted, and their intervals doubted."""
    wild = curve(soft(step_variation=2.5), cells=4)
    assert "cells stumble into their ends" in notes(wild, law="soft-bounds")
    assert "stumble" not in notes(curve(soft(), cells=4), law="soft-bounds")


def test_values_that_a_curve_says_little_of():
    """Are told beside what was fitted: a dozen pulses say neither where a bound is nor how many lead to it."""
    short = curve(power(states=60), cells=2, pulses=10)
    assert "states with 95 %: such a curve says little of them" in notes(short, law="power-step")
    assert "says little of" not in notes(curve(power(), cells=4, pulses=200), law="power-step")


def test_bounds_further_apart_than_the_range():
    """With an interval that leaves open whether there is a range at all."""
    high = Estimate(value=30e-6, low=10e-6, high=90e-6)
    fields = [
        Said(key="on_conductance", value="30 uS", note="", fitted=high),
        Said(key="off_conductance", value="10 uS", note="", fitted=Estimate(value=1e-5, low=0, high=15e-6)),
    ]
    (told,) = doubts_of(fields)
    assert told.startswith(
        "on_conductance lies between 10 uS and 90 uS with 95 %, further apart than the range"
    )


# --- files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_texts_of_spreadsheets_are_read(tmp_path, encoding):
    """What they call Unicode text, too."""
    path = write(tmp_path / "curve.csv", straight(), separator="\t")
    path.write_bytes(path.read_text(encoding="utf-8").replace("uS", "\N{MICRO SIGN}S").encode(encoding))
    assert chipsim.fit_device(path).best.fields[1].value == "19.75 uS"


def test_texts_with_zero_bytes(tmp_path):
    """Half a character of UTF-16, and UTF-16 that does not say so, are told with what to save them as."""
    path = tmp_path / "curve.csv"
    path.write_bytes((HEAD + "1,2,up\n").encode("utf-16")[:-1])
    assert refusal(path) == (
        f"{path}: is UTF-16 by its first bytes, and cannot be read as that; save it as CSV, in UTF-8"
    )
    path.write_bytes((HEAD + "1,2,up\n").encode("utf-16-le"))
    assert refusal(path) == f"{path}: is no table of text: it has zero bytes; save it as CSV, in UTF-8"


# --- tables of steps ---------------------------------------------------------------------------------


def test_a_table_that_does_not_cover_the_range():
    """Of pulses down that were read along the upper half alone."""
    frame = straight(down=20)
    message = refusal(frame, law="step-table")
    assert message.startswith("the frame: a table of steps down must cover the range, 10 µS to 19.8 µS")
    assert "or take another law (--law)" in message
    assert chipsim.fit_device(frame, law="bidirectional-step").best.text


def test_a_table_is_made_only_where_it_is_asked_for():
    """It is compared with nothing: no likelihood belongs to it."""
    frame = curve(table(), cells=4)
    assert "step-table" not in {fit.law for fit in chipsim.fit_device(frame).fits}
    fitted = chipsim.fit_device(frame, law="step-table")
    assert (fitted.best.law, fitted.best.criterion, fitted.fits[-1]) == ("step-table", None, fitted.best)
    assert len(fitted.device.up) == len(fitted.device.down) == 11


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("law", "made"), [("step-table", table), ("power-step", power)])
def test_one_direction_of_further_laws(law, made, way):
    """The other is assumed to mirror it, from where readings began."""
    frame = curve(made(), cells=4, ways=(way,))
    fitted = chipsim.fit_device(frame, law=law)
    other = "down" if way == "up" else "up"
    assert f"Pulses {way} only: those {other} are assumed to mirror them." in fitted.notes
    up, down = fitted.device.curves
    assert up.lengths == pytest.approx(down.lengths, rel=1e-3, abs=1e-3)
    first = [value for value, pulse in zip(frame["G (uS)"], frame["pulse"], strict=True) if pulse == 0]
    device = fitted.device
    began, led = device.off_conductance, device.on_conductance
    if way == "down":
        began, led = led, began
    assert 1e6 * began == pytest.approx(np.mean(first), abs=1)
    assert 1e6 * led == pytest.approx(40 if way == "up" else 20, abs=3)
    assert 12 < device.states < 120


@pytest.mark.parametrize("way", ["up", "down"])
def test_the_bound_that_no_pulse_led_to(way):
    """Of a power: where readings began, of every cell, however free a bound would be that nothing hangs on."""
    for seed in range(4):
        frame = curve(power(upper_spread=0, lower_spread=0), cells=4, ways=(way,), pulses=200, seed=seed)
        best = chipsim.fit_device(frame, law="power-step").best
        first = [value for value, pulse in zip(frame["G (uS)"], frame["pulse"], strict=True) if pulse == 0]
        began = best.population.known["low" if way == "up" else "high"].values
        assert 1e6 * began == pytest.approx(first, abs=1)


def steep(*, seed, pulses=400):
    """Two cycles of four cells between 15 and 30 microsiemens, by powers of 4 and 3, after each pulse."""
    rng = np.random.default_rng(seed)
    frame = {"cell": [], "cycle": [], "direction": [], "pulse": [], "G (uS)": []}
    for cell in range(4):
        share = 0.0
        for cycle, way, pulse in itertools.product(range(2), ("up", "down"), range(pulses + 1)):
            step = (1 - share) ** 4 if way == "up" else -(share**3)
            if pulse:
                share = min(max(share + (step + 0.1 * rng.standard_normal()) / 30, 0.0), 1.0)
            for name, one in zip(frame, (cell, cycle, way, pulse, 15 + 15 * share), strict=True):
                frame[name].append(one)
    return frame


def test_a_steep_power_is_found_without_warnings():
    """Of steps that are next to none in half of the range, so that nothing says where a bound is."""
    frame = steep(seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        device = chipsim.fit_device(frame, law="power-step").device
    assert (device.gamma_up, device.gamma_down) == pytest.approx((4, 3), abs=0.7)


def test_a_law_that_could_not_be_fitted(tmp_path, monkeypatch):
    """Is told once, and not by values that are no numbers; the others are proposed as ever."""

    def no_numbers(packed, law):
        scored = score(packed, law)
        return scored if law.kind != "power-step" else attrs.evolve(scored, numbers=np.nan * scored.numbers)

    monkeypatch.setattr("chipsim.fitting.fitted.score", no_numbers)
    # A narrow terminal breaks the words over lines.
    monkeypatch.setenv("COLUMNS", "200")
    path = write(tmp_path / "curve.csv", curve(soft(), cells=2))
    code, said = told(path, "--law", "power-step")
    assert code == 0
    assert said.count("the law could not be fitted") == 1
    assert "nan" not in said
    code, said = told(path, "--law", "power-step", "-o", tmp_path / "device.yaml")
    assert code == 2
    assert "power-step: the law could not be fitted" in said
    assert not (tmp_path / "device.yaml").exists()


@pytest.mark.parametrize("way", ["up", "down"])
def test_steps_that_grow_in_one_direction(way):
    """Shrink by e in a number of pulses below none, half to double of which is written from low to high."""
    rng = np.random.default_rng(0)
    frame = {"direction": [], "pulse": [], "G (uS)": []}
    at = 10.0
    for pulse in range(61):
        value = round(at if way == "up" else 40 - at, 6)
        for name, one in zip(frame, (way, pulse, value), strict=True):
            frame[name].append(one)
        at = min(at + 0.1 * np.exp(pulse / 30) * (1 + 0.1 * rng.standard_normal()), 30.0)
    device = chipsim.fit_device(frame, law="exponential-step").device
    assert device.decay_up < 0
    assert device.decay_down < 0


def test_noise_and_spreads_that_were_not_seen():
    """Of cells that are alike and steps that do not vary: told so, without a limit that says nothing."""
    frame = {name: 3 * column for name, column in straight().items()}
    frame["cell"] = [cell for cell in range(3) for _ in range(80)]
    for fit in chipsim.fit_device(frame).fits:
        for field in fit.fields:
            assert "read off" not in field.note or "spread" not in field.key
            if field.key == "step_spread":
                assert "none seen, of " in field.note
            for limit in re.findall(r"none seen, (.*?) % at most", field.note):
                assert float(limit) <= 1000


# --- at the command line -----------------------------------------------------------------------------


def test_a_table_of_steps_is_told_in_rows(tmp_path):
    """Each way has a table of its own, and no row is spelt as a description has it."""
    path = write(tmp_path / "curve.csv", curve(table(), cells=4))
    fitted = chipsim.fit_device(path, law="step-table")
    code, said = told(path, "--law", "step-table")
    assert code == 0
    assert "conductance:" not in said
    lines = [line.split() for line in said.splitlines()]
    for way in ("up", "down"):
        begin = next(place for place, line in enumerate(lines) if line[:2] == [way, "change"])
        row = next(line for line in lines[begin + 1 :] if "S" in " ".join(line))
        found = fitted.best.rows[way][0]
        assert [float(row[0]), int(row[-1])] == [
            pytest.approx(1e6 * found.conductance, abs=0.01),
            found.changes,
        ]


def test_a_mirrored_table_is_not_told_twice(tmp_path):
    """Of pulses up alone there is one table, that of pulses up."""
    path = write(tmp_path / "curve.csv", curve(table(), cells=4, ways=("up",)))
    code, said = told(path, "--law", "step-table")
    assert code == 0
    assert "conductance:" not in said
    assert [line.split()[0] for line in said.splitlines() if " change " in line and "read" in line] == ["up"]


def test_a_voltage_that_nobody_gave_is_not_told(tmp_path):
    """Pulses down are taken to be as those up, and what is wrong with these is said once."""
    path = write(tmp_path / "curve.csv", straight())
    code, said = told(path, "--pulse-voltage", "1.2")
    assert code == 2
    assert "--pulse-voltage 1.2" in said
    assert "down" not in said


def test_words_for_conductances(tmp_path):
    """Told with their lines, as a new user meets them."""
    path = write(tmp_path / "curve.csv", changed(straight(), 2, G=-1))
    code, said = told(path)
    assert code == 2
    assert f"{path}:4: the conductance is -1 µS, and no cell conducts less than nothing" in " ".join(
        said.split()
    )
