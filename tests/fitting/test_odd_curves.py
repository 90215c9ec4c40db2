"""Curves with something odd about them: named, and fitted, or refused with the reason."""

from __future__ import annotations

import pytest

import chipsim
from chipsim.errors import DescriptionError, OutputError
from chipsim.spec import load_device
from tests.fitting.curves_made import curve, linear, soft, straight, write


def refusal(frame, **said):
    with pytest.raises(DescriptionError) as caught:
        chipsim.fit_device(frame, **said)
    return str(caught.value)


def changed(frame, row, **values):
    """A frame with other values in a row."""
    made = {name: [*column] for name, column in frame.items()}
    for name, value in values.items():
        made["G (uS)" if name == "G" else name][row] = value
    return made


def notes(frame, **said):
    return "\n".join(chipsim.fit_device(frame, **said).notes)


# --- columns -----------------------------------------------------------------------------------------


def test_usual_names_are_found():
    """Whatever their capitals, blanks and units."""
    frame = straight()
    other = {
        "Pulse number": frame["pulse"],
        "Conductance [nS]": [1000 * one for one in frame["G (uS)"]],
        "Direction": ["LTP" if one == "up" else "LTD" for one in frame["direction"]],
    }
    wanted, found = (chipsim.fit_device(one).best.fields for one in (frame, other))
    assert [field.value for field in wanted] == [field.value for field in found]


def test_current_over_voltage_is_conductance():
    """In the units of their heads; bare voltages are taken for volts, with a word."""
    frame = straight()
    current = {"I (uA)": [0.2 * one for one in frame["G (uS)"]], "V": [0.2] * len(frame["pulse"])}
    del frame["G (uS)"]
    fitted = chipsim.fit_device({**frame, **current})
    assert fitted.best.fields[1].value == "19.75 uS"
    assert "The voltages of column 'V' say no unit and are taken for volts." in fitted.notes


def test_columns_are_named():
    """By the user, with a unit of their own."""
    frame = straight()
    renamed = {"way": frame["direction"], "k": frame["pulse"], "x": frame["G (uS)"]}
    fitted = chipsim.fit_device(renamed, pulse="k", conductance="x", unit="uS")
    assert fitted.best.fields[1].value == "19.75 uS"


@pytest.mark.parametrize(
    ("columns", "said", "message"),
    [
        (("pulse", "G (uS)"), {}, "the frame: has no column of the direction of the pulses; it has 'pulse', 'G (uS)'; name one (--direction), or say --direction up or --direction down where all lead one way"),
        (("direction", "G (uS)"), {}, "the frame: has no column of the pulse number; it has 'direction', 'G (uS)'; name one (--pulse), or say --pulse rows where each row is one pulse"),
        (("direction", "pulse"), {}, "the frame: has no column of the conductance; it has 'direction', 'pulse'; name one (--conductance), or those of current and voltage (--current, --voltage)"),
        (("direction", "pulse", "G (uS)"), {"conductance": "G (us)"}, "the frame: has no column 'G (us)' (--conductance); it has 'direction', 'pulse', 'G (uS)'; did you mean 'G (uS)'?"),
        (("direction", "pulse", "G (uS)"), {"unit": "S"}, "the frame: column 'G (uS)' is in uS, and --unit says S; leave one out"),
        (("direction", "pulse", "G (uS)"), {"conduct": "G"}, "fit_device takes no 'conduct'; known: pulse, conductance, current, voltage, direction, cell, cycle, unit; did you mean 'conductance'?"),
        (("direction", "pulse", "G (uS)"), {"law": "soft-bound"}, "there is no law 'soft-bound' to fit; known: bidirectional-step, soft-bounds, exponential-step, piecewise, power-step, step-table; did you mean 'soft-bounds'?"),
        (("direction", "pulse", "G (uS)"), {"pulse_voltage": "1.2", "area": "0 um2"}, "'1.2' is no voltage; write a number and a unit, such as '0.2 V' (from --pulse-voltage 1.2)\nmust be more than 0, not 0 um2 (from --area 0 um2)"),
    ],
)  # fmt: skip
def test_columns_that_are_refused(columns, said, message):
    """With what there is, what is meant, and what can be said."""
    frame = {name: values for name, values in straight().items() if name in columns}
    assert refusal(frame, **said) == message


def test_two_columns_for_one_thing():
    """Are told, and one is to be named."""
    frame = straight()
    frame["conductance (S)"] = frame["G (uS)"]
    message = "'G (uS)' and 'conductance (S)' may each be the conductance; say which (--conductance)"
    assert refusal(frame) == f"the frame: {message}"


def test_units_that_are_none():
    """Are told with those that are known."""
    frame = straight()
    frame["G (uA)"] = frame.pop("G (uS)")
    assert refusal(frame) == (
        "the frame: column 'G (uA)': 'uA' is no unit of conductance; known: pS, nS, uS, µS, mS, S"
    )


def test_what_is_no_frame():
    """And frames whose columns do not fit together."""
    assert refusal(3) == "needs a path, a mapping of columns or a table with columns, not int"
    assert refusal({}) == "needs a path, a mapping of columns or a table with columns, not an empty mapping"
    frame = straight()
    frame["pulse"] = frame["pulse"][1:]
    told = "its columns are not equally long: direction 80, pulse 79, G (uS) 80"
    assert refusal(frame) == f"the frame: {told}"


# --- values ------------------------------------------------------------------------------------------


def test_conductances_below_zero():
    """Are told each with its row."""
    frame = changed(changed(straight(), 3, G=-1.0), 5, G=-0.5)
    assert refusal(frame) == (
        "the frame: row 3: the conductance is -1 µS, and no cell conducts less than nothing\n"
        "the frame: row 5: the conductance is -500 nS, and no cell conducts less than nothing"
    )


def test_mixed_units():
    """Some readings in siemens among others in microsiemens are told with the first."""
    frame = straight()
    for row in (7, 9):
        frame = changed(frame, row, G=frame["G (uS)"][row] * 1e-6)
    assert refusal(frame) == (
        "the frame: row 7: the conductance is 11.75 pS, where others are about 15 µS (2 of 80 are so far off): "
        "units are mixed, or it is no reading"
    )


def test_missing_readings_are_left_out():
    """NaN and nothing at all, with their rows."""
    frame = changed(changed(straight(), 3, G=float("nan")), 50, G=None)
    assert "2 readings missing, left out: row 3, row 50." in notes(frame)


def test_values_that_are_no_numbers():
    """Are told each with its row; endless ones as well."""
    frame = changed(changed(straight(), 3, G="high"), 50, pulse="x")
    assert refusal(frame) == (
        "the frame: row 3: G (uS) is 'high', which is no number\n"
        "the frame: row 50: pulse is 'x', which is no number"
    )
    endless = changed(straight(), 3, G=float("inf"))
    assert refusal(endless) == "the frame: row 3: G (uS) is inf; allowed: a finite number"


def test_unknown_directions():
    """Are told with those that are known; nothing at all is one of them."""
    frame = changed(changed(straight(), 3, direction="left"), 5, direction=None)
    known = "known: up and down, + and -, 1 and -1, LTP and LTD, set and reset"
    assert refusal(frame) == (
        f"the frame: row 5: direction is empty; {known}\nthe frame: row 3: direction is 'left'; {known}"
    )


def test_duplicate_pulse_numbers():
    """Of one cell and direction are told with both rows."""
    frame = changed(straight(), 4, pulse=3)
    assert refusal(frame) == (
        "the frame: row 4: pulse 3 up is there twice, first in row 3; name the column that tells cells or cycles apart "
        "(--cell, --cycle)"
    )


def test_pulses_that_go_back_within_a_cycle():
    """Are told; without a column of cycles they begin another one."""
    frame = straight()
    frame["cycle"] = [1] * len(frame["pulse"])
    back = changed(frame, 4, pulse=1)
    message = "pulse 1 up comes after 3 of row 3; sort the rows of each cycle by pulses"
    assert f"row 4: {message}" in refusal(back)
    two = {name: values * 2 for name, values in straight().items()}
    assert len(chipsim.fit_device(two).curve.stretches) == 4


def test_outliers_are_left_out():
    """Each named; noise, however large, is none."""
    frame = changed(straight(), 20, G=19.5)
    fitted = chipsim.fit_device(frame)
    assert "1 outlier, far from both readings beside, left out: row 20." in fitted.notes
    assert fitted.best.fields[1].value == "19.75 uS"
    noisy = curve(soft(write_noise=2.0, step_variation=1.0), cells=3)
    assert "outlier" not in notes(noisy)


def test_gaps_are_fitted_across():
    """And named; so is a reading after every few pulses."""
    frame = straight()
    kept = [row for row in range(80) if not 10 <= row < 14]
    gap = {name: [values[row] for row in kept] for name, values in frame.items()}
    fitted = chipsim.fit_device(gap)
    assert (
        "1 gap where pulses were not read, the first before row 10 (pulses 9 to 14); fitted across."
        in fitted.notes
    )
    every = {name: values[::2] for name, values in frame.items()}
    fitted = chipsim.fit_device(every)
    assert "Read after every 2 pulses, as a rule." in fitted.notes
    assert fitted.best.fields[0].value == "39"


def test_saturation_is_named():
    """And what is read at the end changes no step."""
    fitted = chipsim.fit_device(curve(linear(), pulses=300, cells=3), law="bidirectional-step")
    assert "6 of 6 rows of pulses ran into an end; what follows counts as one reading." in fitted.notes
    assert "pulses up led no further" in fitted.text


def test_potentiation_that_falls():
    """All of it is refused, as directions the wrong way round; the end of it is named."""
    frame = straight()
    frame["direction"] = ["down" if one == "up" else "up" for one in frame["direction"]]
    assert refusal(frame) == (
        "the frame: row 40: pulses up lower the conductance, by 9 µS from end to end on average; are the "
        "directions the other way round (--direction)?\n"
        "the frame: row 0: pulses down raise the conductance, by 9 µS from end to end on average; are the directions "
        "the other way round (--direction)?"
    )
    bent = straight()
    for row in range(30, 40):
        bent["G (uS)"][row] = bent["G (uS)"][29] - 0.25 * (row - 29)
    assert "Under pulses up the conductance falls again from about pulse " in notes(bent)


@pytest.mark.parametrize("way", ["up", "down"])
def test_one_direction_only(tmp_path, way):
    """The other is assumed to mirror it, in the file too."""
    frame = curve(linear(), cells=3, ways=(way,))
    fitted = chipsim.fit_device(frame, law="bidirectional-step")
    assert (
        f"Pulses {way} only: those {'down' if way == 'up' else 'up'} are assumed to mirror them."
        in fitted.notes
    )
    fields = {field.key: field for field in fitted.best.fields}
    assert (fields["asymmetry"].value, fields["asymmetry"].is_assumed) == ("1", True)
    assert load_device(fitted.save(tmp_path / "one.yaml")).spec.device.asymmetry == 1


def test_too_few_readings():
    """A single point, and a few of them, are refused by direction."""
    one = {"pulse": [1], "G (uS)": [3.0], "direction": ["up"]}
    assert refusal(one) == (
        "the frame: has 0 steps up from one reading to the next, and a fit takes 6 at least; measure more pulses, or "
        "leave that direction out"
    )
    assert "has 4 steps down" in refusal(straight(down=5))


def test_cells_that_do_not_move():
    """Are left out, and counted as corrupt where a law has them."""
    frame = curve(soft(corrupt_cells=0.3), seed=2)
    fitted = chipsim.fit_device(frame, law="soft-bounds")
    assert any("hardly moved by pulses, left out of the fit" in note for note in fitted.notes)
    assert any(field.key == "corrupt_cells" for field in fitted.best.fields)


def test_readings_that_scatter_by_many_steps():
    """Are taken for noise of reading, with a word; the law is none the worse for it."""
    made = soft(states=400, write_noise=0)
    fitted = chipsim.fit_device(curve(made, white=1.5, pulses=400, cells=3), law="soft-bounds")
    (field,) = (one for one in fitted.best.fields if one.key == "write_noise")
    assert (field.value, field.is_assumed) == ("0 %", True)
    assert any(
        note.endswith("more than ten steps: noise of reading, which is left out.") for note in fitted.notes
    )
    assert fitted.device.write_noise == 0


# --- files -------------------------------------------------------------------------------------------


def test_a_file_is_read_as_a_frame_is(tmp_path):
    """With commas, semicolons or tabs, below remarks, and with decimal commas."""
    frame = straight()
    wanted = [field.value for field in chipsim.fit_device(frame).best.fields]
    for separator in (",", ";", "\t"):
        path = write(tmp_path / "curve.csv", frame, separator=separator)
        path.write_text(f"# bench 3\n\n{path.read_text()}", encoding="utf-8")
        assert [field.value for field in chipsim.fit_device(path).best.fields] == wanted
    text = write(tmp_path / "curve.csv", frame, separator=";").read_text().replace(".", ",")
    (tmp_path / "comma.csv").write_text(text, encoding="utf-8")
    assert [field.value for field in chipsim.fit_device(tmp_path / "comma.csv").best.fields] == wanted


def test_lines_are_those_of_the_file(tmp_path):
    """Below remarks and empty lines, too."""
    path = write(tmp_path / "curve.csv", changed(straight(), 2, G=-1))
    path.write_text(f"# bench 3\n\n{path.read_text()}", encoding="utf-8")
    assert refusal(path) == f"{path}:6: the conductance is -1 µS, and no cell conducts less than nothing"


HEAD = "pulse,G (uS),direction\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": is empty; needs a line that names the columns, and a line for each reading"),
        ("# nothing\n", ": holds nothing but remarks; needs a line that names the columns, and a line for each reading"),
        (HEAD, ":1: has no line below that of the names; needs a line for each reading"),
        ("1,2.0,up\n2,2.1,up\n", ": has no column of the pulse number; it has '1', '2.0', 'up'"),
        ("1,2.0,3\n2,2.1,4\n", ":1: the first line has to name the columns, and holds numbers"),
        (HEAD + "1,2,up\n2,up\n3,4,up,5\n", ":3: has 2 values, and the line of names has 3"),
        ("pulse,G (uS),G (uS)\n1,2,3\n", ":1: has the column 'G (uS)' twice"),
        ("PK\x03\x04\0\0", ": is no table of text: it has zero bytes; save it as CSV"),
    ],
)  # fmt: skip
def test_files_that_are_refused(tmp_path, content, message):
    """With the line, where there is one."""
    path = tmp_path / "curve.csv"
    path.write_text(content, encoding="utf-8")
    assert refusal(path).startswith(f"{path}{message}")


def test_files_that_are_not_there(tmp_path):
    """And folders; the closest name is told."""
    write(tmp_path / "curve.csv", straight())
    assert refusal(tmp_path / "curves.csv") == (
        f"{tmp_path / 'curves.csv'}: there is no such file; did you mean 'curve.csv'?"
    )
    assert refusal(tmp_path) == f"{tmp_path}: is a folder; name one file in it"


def test_more_rows_than_are_read(tmp_path):
    """Are refused before they are taken apart, with what may be done."""
    path = tmp_path / "long.csv"
    path.write_text(HEAD + "1,2,up\n" * 1_100_000, encoding="utf-8")
    assert refusal(path) == (
        f"{path}: has 1,090,001 rows, and at most 1,000,000 are read; give a part of it, such as every tenth pulse"
    )
    endless = {"pulse": range(1_000_001), "G (uS)": range(1_000_001), "direction": ["up"] * 1_000_001}
    assert "has 1,000,001 rows" in refusal(endless)


def test_many_readings_are_thinned():
    """With a word, and the same steps."""
    frame = {
        "pulse": range(30_000),
        "G (uS)": [10 + 0.001 * pulse for pulse in range(30_000)],
        "direction": ["up"] * 30_000,
    }
    fitted = chipsim.fit_device(frame, law="bidirectional-step")
    assert "Of 30,000 readings every 15th was fitted." in fitted.notes
    # Pulse 29,985 is the last that is read.
    assert fitted.best.fields[0].value == "29985"


# --- what is written ---------------------------------------------------------------------------------


def test_a_written_device_loads(tmp_path):
    """With the file's name and checksum at each value that was fitted, and a range at each that was assumed."""
    path = write(tmp_path / "curve.csv", curve(soft(), cells=3))
    fitted = chipsim.fit_device(path, name="mine", pulse_voltage="1.2 V", pulse_width="20 ns")
    device = load_device(fitted.save(tmp_path / "mine.yaml"))
    assert device.spec.device == fitted.device
    values = {value.path: value for value in device.values}
    assert "curve.csv (SHA-256 " in values["device.states"].text
    assert values["device.area"].low
    assert (values["device.pulse_voltage"].kind, values["device.down_width"].value) == ("source", "20 ns")


def test_nothing_is_written_over(tmp_path):
    """Unasked, nor ever the curve; and a name that chips find is needed."""
    path = write(tmp_path / "curve.csv", straight())
    fitted = chipsim.fit_device(path)
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="is there already"):
        fitted.save(tmp_path / "mine.yaml")
    fitted.save(tmp_path / "mine.yaml", overwrite=True)
    with pytest.raises(OutputError, match=r"ends in \.yaml"):
        fitted.save(tmp_path / "curve.csv", overwrite=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["curve.csv", "mine.yaml"]


def test_a_row_that_says_no_cell_is_refused():
    """As merged cells of a sheet are exported: it would become a cell of its own."""
    frame = straight()
    cells = ["a"] * len(frame["pulse"])
    cells[3] = cells[5] = ""
    told = refusal({**frame, "cell": cells})
    assert "'cell' is empty, as in 1 more rows; each row needs its cell" in told


def test_pulses_far_apart_are_refused():
    """A mistyped number, or readings every million pulses, would be followed pulse by pulse."""
    frame = straight()
    last = max(place for place, way in enumerate(frame["direction"]) if way == "up")
    told = refusal(changed(frame, last, pulse=6_000_000_000))
    assert "pulses after the reading before; at most 10,000 are followed one by one" in told


def test_commas_for_points_are_found_in_any_row(tmp_path):
    """Where the first readings are whole numbers, and where tabs part values."""
    lines = [f"{number}\t{8 + 0.25 * number:g}\tup".replace(".", ",") for number in range(40)]
    lines += [f"{number}\t{18 - 0.25 * number:g}\tdown".replace(".", ",") for number in range(40)]
    path = tmp_path / "curve.tsv"
    path.write_text("pulse\tG (uS)\tdirection\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert chipsim.fit_device(path).best.law
