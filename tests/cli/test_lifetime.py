"""``chipsim lifetime``: its table and file, and what it refuses."""

from __future__ import annotations

import pytest

FEW = (
    "--set network.layers=[784,4,10] --set phases.0.dataset.train=40 --set phases.0.dataset.test=20 "
    "--set phases.0.epochs=1 --set learning_rate.sgd=1"
)
WEARS = "--set device.endurance=50 --set device.wear.ends=high"


def test_trainings_are_told_and_kept(call, folder):
    """A line each in the table and in the file, what it comes to, and what that rests on."""
    result = call(f"lifetime single-pair mnist-5k {FEW} {WEARS} --most 2 --below 1% -o life.csv")
    assert result.exit_code == 0, result.stderr
    assert "cells worn out" in result.stdout
    assert "the last of 2 that were simulated" in result.stdout
    assert "one cell in a hundred is past its endurance after" in result.stdout
    assert "all of one seed" in result.stdout
    lines = (folder / "life.csv").read_text().splitlines()
    assert lines[0] == "training,test_accuracy_percent,worn_cells,cells,window_percent"
    assert lines[1].startswith("1,")
    assert len(lines) == 3


def test_failed_cells_that_hold_what_they_learnt_are_named(call):
    """Where they stand is what a training of this task left."""
    result = call(
        f"lifetime single-pair mnist-5k {FEW} --set device.endurance=50 --set device.wear={{}} --most 1"
    )
    assert "hold what it learnt" in result.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "none of its cells wears out; say how they fail, in device.wear"),
        (f"{WEARS} --below 101%", "--below"),
        (f"{WEARS} --below nothing", "--below"),
        (f"{WEARS} --step -1%", "--step"),
        (f"{WEARS} --most 0", "--most"),
        ("--set device.wear={} --set device.endurance=null", "device.wear: needs the endurance of a cell"),
    ],
)
def test_what_makes_no_sense_is_refused(call, more, said):
    """In a sentence, before anything is trained."""
    result = call(f"lifetime single-pair mnist-5k {FEW} {more}")
    assert result.exit_code != 0
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_there_is_left(call, folder):
    """Told before minutes of training."""
    (folder / "life.csv").write_text("mine")
    result = call(f"lifetime single-pair mnist-5k {FEW} {WEARS} -o life.csv")
    assert result.exit_code != 0
    assert "life.csv: is there already" in result.stderr
    assert (folder / "life.csv").read_text() == "mine"


@pytest.mark.parametrize("share", ["--below 0%", "--step 100%"])
def test_shares_that_end_nothing_are_refused(call, share):
    """By the option's name."""
    result = call(f"lifetime single-pair mnist-5k {FEW} {WEARS} {share}")
    assert result.exit_code == 2
    assert "would end nothing" in result.stderr


def test_a_file_in_no_folder_is_refused_at_once(call):
    """Before minutes of training."""
    result = call(f"lifetime single-pair mnist-5k {FEW} {WEARS} -o nowhere/life.csv")
    assert result.exit_code != 0
    assert "there is no folder nowhere" in result.stderr
