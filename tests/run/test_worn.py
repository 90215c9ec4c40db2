"""Runs on cells that wear out: loops as steps, what is told, what accuracy it costs, and what is refused."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError
from chipsim.report.lost import loss_sentences
from chipsim.run import simulate
from chipsim.spec import load_chip
from tests.resumed import StopAfter, differing
from tests.run.test_loops import (
    BEGUN,
    MEASURED,
    NEVER,
    SHORT,
    TRAINS,
    assert_equal,
    exponential,
    single,
    soft,
)

WEARS = "device.wear={spread: 0.7, ends: %s}"
NARROWS = "device.wear={spread: 0.7, ends: %s, narrows: {upper: 0.4, lower: 0.2, closed: 20 %%}}"
FEW = ("phases[*].dataset={name: mnist-5k, train: 400, test: 200}", "phases[*].epochs=2")

CASES = {
    "pairs": ("single-pair", ("device.endurance=20", WEARS % "where-it-stands", "learning_rate.sgd=1")),
    "pairs that end at the top": ("single-pair", ("device.endurance=20", WEARS % "high", "learning_rate.sgd=1")),
    "pairs that are brought back into range": (
        "single-pair", ("device.endurance=10", WEARS % "low", "update.recentre={every: 3, headroom: 1 %}"),
    ),
    "two pairs": ("hybrid-synapse", ("device.endurance=10", WEARS % "low", "learning_rate.sgd=1")),
    "soft bounds": (
        "single-pair", (*single(soft(MEASURED, BEGUN, "endurance: 60")), WEARS % "high", "learning_rate.sgd=1"),
    ),
    "cells beside references": ("analog-sgd", ("device.endurance=440", WEARS % "low", "learning_rate.sgd=1")),
    "gathered": (
        "tiki-taka-v2",
        ("device.endurance=440", WEARS % "where-it-stands", "learning_rate.sgd=1", "rule.transfer_learning_rate=3"),
    ),
    "pairs that narrow": ("single-pair", ("device.endurance=10", NARROWS % "where-it-stands", "learning_rate.sgd=1")),
    "pairs that narrow, and are brought back": (
        "single-pair", ("device.endurance=4", NARROWS % "high", "update.recentre={every: 3, headroom: 1 %}"),
    ),
    "two pairs that narrow": ("hybrid-synapse", ("device.endurance=4", NARROWS % "low", "learning_rate.sgd=1")),
    "soft bounds that narrow": (
        "single-pair", (*single(soft(MEASURED, BEGUN, "endurance: 20")), NARROWS % "high", "learning_rate.sgd=1"),
    ),
    "soft bounds on pairs that narrow": (
        "single-pair", (*TRAINS, NEVER, soft(MEASURED, "endurance: 9", states=20), NARROWS % "low", "learning_rate.sgd=1"),
    ),
    "exponential steps that narrow": (
        "single-pair",
        (*single(exponential(MEASURED, BEGUN, "endurance: 20")), NARROWS % "where-it-stands", "learning_rate.sgd=1"),
    ),
    "cells beside references that narrow": (
        "analog-sgd", ("device.endurance=300", NARROWS % "low", "learning_rate.sgd=1"),
    ),
}  # fmt: skip
"""Chip and overrides."""


@pytest.mark.parametrize("case", CASES)
def test_loops_leave_what_steps_leave(monkeypatch, case):
    """Whatever moves cells, and wherever they end."""
    chip, sets = CASES[case]
    assert_equal(monkeypatch, chip, [*SHORT, *sets])


def test_cells_that_never_fail_change_nothing():
    """An endurance that no cell comes to leaves weights, wear and books as they are without."""
    plain = simulate("single-pair", "mnist-5k", sets=[*FEW])
    for wear in ("device.wear={spread: 0.5}", "device.wear={spread: 0.5, narrows: {upper: 1}}"):
        worn = simulate("single-pair", "mnist-5k", sets=[*FEW, "device.endurance=1000000", wear])
        assert worn.epochs == plain.epochs
        assert worn.ledger == plain.ledger
        assert all(loss.count == 0 for loss in worn.losses if loss.what == "cells-worn-out")


def test_what_is_worn_out_is_counted_and_said():
    """By array and epoch, and in a sentence."""
    sets = (*FEW, "device.endurance=30", "device.wear={spread: 0.5}")
    result = simulate("single-pair", "mnist-5k", sets=sets)
    counted = [loss for loss in result.losses if loss.what == "cells-worn-out"]
    by_array = {}
    for loss in counted:
        by_array.setdefault(loss.part, []).append(loss.count)
    assert all(counts == sorted(counts) for counts in by_array.values())
    assert sum(counts[-1] for counts in by_array.values()) > 0
    assert any("move no more" in sentence for sentence in loss_sentences(result))


def test_windows_that_narrowed_are_counted_and_said():
    """By array and epoch, for cells that have not failed for long lose window all the same."""
    sets = (*FEW, "device.endurance=30", "device.wear={spread: 0.5, narrows: {upper: 0.2}}")
    result = simulate("single-pair", "mnist-5k", sets=sets)
    by_array = {}
    for loss in result.losses:
        if loss.what == "windows-narrowed":
            by_array.setdefault(loss.part, []).append(loss.count)
    assert all(len(counts) == 3 and counts == sorted(counts) for counts in by_array.values())
    assert sum(counts[-1] for counts in by_array.values()) > 0
    told = loss_sentences(result)
    assert any("have less than their whole windows left" in sentence for sentence in told)
    assert not any("move no more" in sentence for sentence in told)


def test_a_run_goes_on_where_it_was_stopped(tmp_path):
    """Endurances are drawn once, and what cells had counts on."""
    sets = (*FEW, "device.endurance=30", "device.wear={spread: 0.5, ends: high}")
    whole = simulate("single-pair", "mnist-5k", sets=sets)
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate("single-pair", "mnist-5k", progress=StopAfter(2), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate("single-pair", "mnist-5k", resume=True, **how)) == []


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (
            ["device.wear={spread: 0.5}", "device.endurance=null"],
            "device.wear: needs the endurance of a cell",
        ),
        (["device.wear={ends: top}"], "unknown value 'top'; known: where-it-stands, low, high"),
        (["device.wear={spread: -1}"], "device.wear.spread: must be between 0 and 5"),
        (["device.wear={sprad: 0.1}"], "did you mean 'spread'?"),
        (["device.wear={}", "device.endurance=0"], "device.endurance"),
    ],
)
def test_what_makes_no_sense_is_refused(sets, said):
    """Before anything runs, by its path."""
    with pytest.raises(DescriptionError) as found:
        load_chip("single-pair", sets=sets)
    assert said in str(found.value)
