"""Chips whose cells are given by places or tables: what is read, what runs, and what is refused."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError
from chipsim.run import simulate
from chipsim.spec import load_chip, load_device
from chipsim.spec.reading import chip_from_document
from tests.run.test_exponential_step import DOWN, NEVER, SMALL, device, refused

UP = "[{conductance: 2 uS, change: 0.5 uS, deviation: 0.2 uS}, {conductance: 9 uS, change: 0.4 uS}, {conductance: 20 uS, change: 0.1 uS}]"
BACK_DOWN = "[{conductance: 2 uS, change: -0.1 uS}, {conductance: 20 uS, change: -0.5 uS}]"
TABLE = {"kind": "step-table", "states": "60", "up": UP, "down": BACK_DOWN} | DOWN
PLACES = {"kind": "piecewise", "states": "60", "steps_up": "[1.5, 1, 0.5]"} | DOWN

MEASURED = "conductance (uS),change (nS),deviation (nS)\n2,600,100\n5.5,500,100\n20,100,50\n"
WRITTEN = """\
name: mine
about: Measured.
device:
  kind: step-table
  states: 60
  up: up.csv
  down:
    value: down.csv
    source: our lab
  on_conductance: 20 uS
  off_conductance: 2 uS
  pulse_voltage: 2 V
  pulse_width: 100 ns
  down_voltage: 1 V
  down_width: 80 ns
  area: 0.04 um2
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A device file with two tables beside it, in a folder of its own below the present one."""
    folder = tmp_path / "devices"
    folder.mkdir()
    (folder / "mine.yaml").write_text(WRITTEN, encoding="utf-8")
    (folder / "up.csv").write_text(MEASURED, encoding="utf-8")
    down = "change (uS), conductance [uS]\n-0.1,2\n\n-0.5,20\n"
    (folder / "down.csv").write_text(down, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


# --- tables in files -----------------------------------------------------------------------------------


def test_tables_are_read_from_beside_the_device_file(mine):
    """With their units, columns in any order; each says what it was read from, beside a source that it has."""
    described = load_device("devices/mine.yaml")
    cell = described.spec.device
    assert [(row.conductance, row.change, row.deviation) for row in cell.up] == [
        pytest.approx(row) for row in ((2e-6, 6e-7, 1e-7), (5.5e-6, 5e-7, 1e-7), (2e-5, 1e-7, 5e-8))
    ]
    assert [(row.conductance, row.change) for row in cell.down] == [
        pytest.approx(row) for row in ((2e-6, -1e-7), (2e-5, -5e-7))
    ]
    for key, said in (("up", "read from up.csv, sha256 "), ("down", "our lab; read from down.csv, sha256 ")):
        notes = {value.text for value in described.values if value.path.startswith(f"device.{key}.")}
        assert [note.startswith(said) for note in notes] == [True]


def test_a_chip_has_the_rows_and_needs_no_file_any_more(mine):
    """By the file of its device, and from its own document."""
    chip = load_chip("single-pair", sets=["device=devices/mine.yaml", NEVER])
    (mine / "up.csv").unlink()
    again = chip_from_document(chip.document)
    assert again.spec.device == chip.spec.device
    assert len(again.spec.device.up) == 3


def test_a_table_may_be_set(mine):
    """From the folder where one works."""
    (mine.parent / "other.csv").write_text(
        "conductance (S),change (S)\n2e-6,1e-6\n2e-5,1e-7\n", encoding="utf-8"
    )
    changed = load_device("devices/mine.yaml", sets=["device.up=other.csv"])
    assert len(changed.spec.device.up) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "up.csv: is empty"),
        ("a,b\n1,2\n", "up.csv: line 1: unknown column 'a'; columns are 'conductance (uS)', 'change (uS)' and, where steps vary, 'deviation (uS)'"),
        ("conductanse (uS),change (uS)\n1,2\n", "up.csv: line 1: unknown column 'conductanse (uS)'; columns are 'conductance (uS)', 'change (uS)' and, where steps vary, 'deviation (uS)'; did you mean 'conductance'?"),
        ("conductance (uS)\n1\n", "up.csv: line 1: there is no column 'change'; columns are 'conductance (uS)', 'change (uS)' and, where steps vary, 'deviation (uS)'"),
        ("conductance (uS),change (uS),change (uS)\n1,2,2\n", "up.csv: line 1: a column stands there twice; columns are 'conductance (uS)', 'change (uS)' and, where steps vary, 'deviation (uS)'"),
        ("conductance (uS),change (uS)\n2,0.1\n20,nan\n", "up.csv: line 3: must be a finite number, not 'nan'"),
        ("conductance (uS),change (uS)\n2,0.1\n20\n", "up.csv: line 3: must be a finite number, not ''"),
    ],
)  # fmt: skip
def test_files_that_are_no_tables(mine, text, message):
    """Told where they are named, with the line."""
    (mine / "up.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load_device("devices/mine.yaml")
    (problem,) = caught.value.problems
    assert (problem.path, problem.message, problem.line) == ("device.up", message, 6)


def test_a_unit_of_something_else(mine):
    """Which of them, and what would do."""
    (mine / "up.csv").write_text("conductance (uS),change (uV)\n2,1\n20,1\n", encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"line 1: 'change \(uV\)': "):
        load_device("devices/mine.yaml")


def test_a_table_may_have_as_many_rows_as_results_repeat(mine):
    """Two of 500 rows are read back from what a result says; more are refused."""
    for name, sign in (("up", ""), ("down", "-")):
        lines = [f"{2 + 18 * place / 499},{sign}0.1,0.01" for place in range(500)]
        text = "\n".join(["conductance (uS),change (uS),deviation (uS)", *lines])
        (mine / f"{name}.csv").write_text(text, encoding="utf-8")
    chip = load_chip("single-pair", sets=["device=devices/mine.yaml", NEVER])
    assert chip_from_document(chip.document).spec.device == chip.spec.device
    (mine / "up.csv").write_text(f"{text}\n21,-0.1,0.01\n", encoding="utf-8")
    with pytest.raises(DescriptionError, match="must have 2 to 500 rows, not 501"):
        load_chip("single-pair", sets=["device=devices/mine.yaml", NEVER])


def test_a_file_that_is_not_there(mine):
    """Nor anywhere near."""
    (mine / "up.csv").unlink()
    with pytest.raises(DescriptionError, match=r"up\.csv: there is no such file"):
        load_device("devices/mine.yaml")


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"up": "[{conductance: 2 uS, change: 1 uS}]"}, "up", "must have 2 to 500 rows, not 1"),
        (
            {"up": "[{conductance: 3 uS, change: 1 uS}, {conductance: 20 uS, change: 1 uS}]"}, "up",
            "goes from 3 µS to 20 µS and must cover the range, 2 µS to 20 µS; add rows, or give off_conductance and on_conductance what was measured",
        ),
        (
            {"up": "[{conductance: 2 uS, change: 1 uS}, {conductance: 2 uS, change: 1 uS}, {conductance: 20 uS, change: 1 uS}]"},
            "up.1.conductance", "must be more than that of the row before, 2 µS, not 2 µS: rows ascend",
        ),
        (
            {"up": "[{conductance: 2 uS, change: 1 uS}, {conductance: 20 uS, change: -1 uS}]"}, "up.1.change",
            "must be at least 0 S in the table 'up', not -1 µS: on average such a pulse leads the other way",
        ),
        (
            {"down": "[{conductance: 2 uS, change: 1 uS}, {conductance: 20 uS, change: -1 uS}]"}, "down.0.change",
            "must be at most 0 S in the table 'down', not 1 µS: on average such a pulse leads the other way",
        ),
        (
            {"up": "[{conductance: 2 uS, change: 1 uS}, {conductance: 11 uS, change: 0 S}, {conductance: 20 uS, change: 1 uS}]"}, "up.1.change",
            "is 0 S in the middle of the table 'up': no pulse leads past it",
        ),
        (
            # At none of the places that a table is read at that is not equidistant.
            {"up": "[{conductance: 2 uS, change: 1 uS}, {conductance: 10 uS, change: 0 S}, {conductance: 20 uS, change: 1 uS}]"}, "up.1.change",
            "is 0 S in the middle of the table 'up': no pulse leads past it",
        ),
        (
            {"up": "[{conductance: 2 uS, change: 1 uS, deviation: -1 uS}, {conductance: 20 uS, change: 1 uS}]"},
            "up.0.deviation", "must be at least 0, not -1e-06",
        ),
        (
            {"up": "[{conductance: 2 uS, change: 20 uS}, {conductance: 20 uS, change: 1 uS}]"}, "up",
            "makes a step up of 1.11 times the whole range, of 60 states; take more states, or a curve that is less steep",
        ),
        ({"down": None}, "kind", "needs the table 'down' of what pulses down do, for it has a down_voltage"),
        ({"up": "7"}, "up", "must be a list, not 7"),
    ],
)  # fmt: skip
def test_tables_that_are_none(changes, path, message):
    """Each by its path, before anything runs."""
    assert (f"device.{path}", message) in refused(device(TABLE, changes), NEVER)


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"steps_up": "[1]"}, "steps_up", "must have 2 to 1,000 lengths, from one end of the range to the other, not 1"),
        ({"steps_up": "[1, -1, 1]"}, "steps_up.1", "must be a finite number of at least 0, not -1"),
        (
            {"steps_up": "[1, 0, 1]"}, "steps_up",
            "cells cannot reach their highest conductance: at 50 % of the range a step up is 0 of it, and leads nowhere",
        ),
        (
            {"steps_down": "[1, 1, 0]"}, "steps_down",
            "cells cannot reach their lowest conductance: at 100 % of the range a step down is 0 of it, and leads nowhere",
        ),
        (
            {"steps_down": "[61, 1]"}, "steps_down",
            "makes a step down of 1.02 times the whole range, of 60 states; take more states, or a curve that is less steep",
        ),
    ],
)  # fmt: skip
def test_places_that_are_none(changes, path, message):
    """Likewise."""
    assert (f"device.{path}", message) in refused(device(PLACES, changes), NEVER)


# --- what runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [TABLE, PLACES], ids=["table", "places"])
def test_they_run(cell):
    """On pairs that are only raised."""
    assert simulate("single-pair", "mnist-5k", sets=(device(cell), NEVER, *SMALL)).summary["complete"]


LABELLED = {"states": "60", "nonlinearity_up": "2.4", "nonlinearity_down": "-1"} | DOWN
POWERS = {"kind": "power-step", "states": "60", "gamma_up": "1.5", "gamma_down": "0.7"} | DOWN


@pytest.mark.parametrize("chip", ["tiki-taka-v2", "analog-sgd"])
@pytest.mark.parametrize(
    "cell", [TABLE, PLACES, LABELLED, POWERS], ids=["table", "places", "labels", "powers"]
)
def test_cells_of_any_law_stand_beside_references(cell, chip):
    """Alternating pulses lead each to its symmetry point, where its reference is programmed to."""
    sets = (
        device(cell, fresh_share="50 %", step_spread="10 %"), "synapse.alternating_pulses=60",
        "synapse.reference_readings=5", "network.layers=[784, 9, 10]",
        "phases.0.epochs=1", "phases.0.dataset={name: mnist-5k, train: 20, test: 10}",
    )  # fmt: skip
    summary = simulate(chip, "mnist-5k", sets=sets).summary
    assert summary["complete"]
    described = load_chip(chip, sets=sets[:2]).spec
    wanted = (2 * described.device.symmetry_share - 1) * described.synapse.weight_range
    # Half a step of the converter of a reading, and of a cell.
    assert summary["symmetry_point_mean"] == pytest.approx(wanted, abs=0.03)
