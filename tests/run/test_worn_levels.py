"""Runs on cells of levels, and on reference cells, that wear out: what is told, and trainings stepped over."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.randomness import generator
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.worn import Wear
from chipsim.report.lost import loss_sentences
from chipsim.run import lifetime as module
from chipsim.run import simulate
from chipsim.run.lifetime import lifetime
from chipsim.synapse.referred_cells import ReferredCells
from tests.resumed import StopAfter, differing

FEW = (
    "network.layers=[784, 6, 10]", "phases[*].dataset={name: mnist-5k, train: 200, test: 60}", "phases[*].epochs=2",
    "learning_rate.adam=0.01",
)  # fmt: skip
NARROWS = "narrows: {upper: 0.5, lower: 0.5, closed: 50 %}"


@pytest.mark.parametrize("chip", ["plain-qnn", "bnn", "tiki-taka-v2"])
def test_cells_that_never_fail_change_nothing(chip):
    """An endurance that no cell comes to leaves everything as it is without."""
    plain = simulate(chip, "mnist-5k", sets=[*FEW])
    for wear in ("device.wear={spread: 0.5}", "device.wear={spread: 0.5, narrows: {upper: 1}}"):
        worn = simulate(chip, "mnist-5k", sets=[*FEW, "device.endurance=1000000", wear])
        assert worn.epochs == plain.epochs
        assert worn.ledger == plain.ledger


@pytest.mark.parametrize("more", ["", f", {NARROWS}"])
def test_what_is_worn_out_is_counted_and_said(more):
    """By array and epoch, and in a sentence; verified cells are tried again in vain."""
    sets = (*FEW, "device.endurance=2", f"device.wear={{spread: 0.5{more}}}")
    result = simulate("plain-qnn", "mnist-5k", sets=sets)
    counted = [loss.count for loss in result.losses if loss.what == "cells-worn-out"]
    assert sum(counted) > 0
    assert any("move no more" in sentence for sentence in loss_sentences(result))
    verified = simulate("plain-qnn", "mnist-5k", sets=[*sets, "update.verify={tolerance: 20 %, tries: 3}"])
    whole = simulate("plain-qnn", "mnist-5k", sets=[*FEW, "update.verify={tolerance: 20 %, tries: 3}"])
    missed = [
        sum(loss.count for loss in found.losses if loss.what == "cells-off-level")
        for found in (verified, whole)
    ]
    assert missed[0] > missed[1]


def test_a_run_goes_on_where_it_was_stopped(tmp_path):
    """Cycles and windows count on."""
    sets = (*FEW, "device.endurance=2", f"device.wear={{spread: 0.5, ends: high, {NARROWS}}}")
    whole = simulate("plain-qnn", "mnist-5k", sets=sets)
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate("plain-qnn", "mnist-5k", progress=StopAfter(1), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate("plain-qnn", "mnist-5k", resume=True, **how)) == []


@pytest.mark.parametrize("ends", ["where-it-stands", "low"])
def test_what_is_stepped_over_is_what_trainings_would_be(monkeypatch, ends):
    """Cycle by cycle: every training simulated gives the same, and those in between are the one before again."""
    sets = [*FEW, "device.endurance=12", f"device.wear={{spread: 0.1, ends: {ends}}}"]
    stepped = lifetime("plain-qnn", "mnist-5k", sets=sets, below=1, step=0, most=4)
    last = stepped.trainings[-1].number
    assert stepped.trainings[-1].worn_cells > 0
    monkeypatch.setattr(module, "_trainings_left", lambda *_, **__: 0)
    each = lifetime("plain-qnn", "mnist-5k", sets=sets, below=1, most=last).trainings
    simulated = {one.number: one for one in stepped.trainings}
    now = None
    for one in each:
        now = simulated.get(one.number, now)
        found = (one.test_accuracy_percent, one.worn_cells)
        assert found == (now.test_accuracy_percent, now.worn_cells), one.number


def referred(*, endurance, **wear):
    """Cells beside references that wear out."""
    device = SoftBounds(
        states=20, on_conductance=20e-6, off_conductance=2e-6, pulse_voltage=2.0, pulse_width=100_000,
        down_voltage=1.5, down_width=50_000, area=40_000, fresh_share=0.5, endurance=endurance, wear=Wear(**wear),
    )  # fmt: skip
    return ReferredCells(("a", "r"), device, weight_range=1.0, reference_error=0.0, shape=(3, 4), seed=0)


def test_a_reference_that_does_not_stand_its_programming_stays_where_it_was_made():
    """It is written once, before training; what only reads it wears nothing."""
    cells = referred(endurance=40)
    cells._reference_endures[0, 0] = 39
    before = cells.references.copy()
    cells.refer(np.full((3, 4), 0.25), rounds=40)
    assert cells.references[0, 0] == before[0, 0]
    moved = cells.references != before
    assert moved.sum() == 11
    of_references = [loss for loss in cells.lost() if loss.part == "r" and loss.what == "cells-worn-out"]
    assert [loss.count for loss in of_references] == [1]


def test_references_end_where_the_device_says():
    """As cells do."""
    cells = referred(endurance=3, ends="high")
    cells.refer(np.full((3, 4), 0.25), rounds=40)
    assert (cells.references == np.float32(20e-6)).all()


def test_references_draw_from_their_own_generator():
    """Spread of endurances leaves those of the cells as they are."""
    cells = referred(endurance=1000, spread=0.5)
    rng = generator(0, "r")
    assert np.array_equal(cells._reference_endures, Wear(spread=0.5).endured(1000, (3, 4), rng=rng))
