"""Where cells stand that failed in trainings that nobody simulated: at their bounds, or within their windows."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.run import lifetime as module
from chipsim.run.lifetime import lifetime
from tests.run.test_loops import BEGUN, single, soft

FEW = (
    "network.layers=[784, 4, 10]", "phases[*].dataset={name: mnist-5k, train: 60, test: 40}", "phases[*].epochs=1",
    "learning_rate.sgd=1",
)  # fmt: skip
PAIRS = (*FEW, "device.endurance=900")
SINGLE = (*single(soft(BEGUN, "endurance: 4000")), *FEW)
CLOSES = "narrows: {upper: 1, lower: 0.5, closed: 30 %}"
LOW, HIGH = 2e-6, 20e-6


@pytest.fixture
def last(monkeypatch):
    """The cells as the last training left them, array by array, and which of them failed unseen."""
    found = {}
    tell = module._told

    def told(number, accuracy, worn):
        # What they stand was counted down by what they had before, to nothing where they failed before.
        before = [one.endures + one.spare <= 0 for one in worn]
        seen = found.get("failed", before)
        unseen = found.get("unseen", [np.zeros_like(one) for one in before])
        unseen = [old | (new & ~known) for old, new, known in zip(unseen, before, seen, strict=True)]
        found.update(worn=worn, unseen=unseen, failed=[one.failed for one in worn])
        return tell(number, accuracy, worn)

    monkeypatch.setattr(module, "_told", told)
    return found


def count(found):
    """How many cells failed unseen."""
    return sum(int(one.sum()) for one in found["unseen"])


def conducts(found):
    """What all cells conduct that have failed, S."""
    return np.concatenate([one.conductance[one.failed] for one in found["worn"]])


@pytest.mark.parametrize("ends", ["low", "high"])
@pytest.mark.parametrize("sets", [PAIRS, SINGLE], ids=["pairs", "single cells"])
def test_cells_that_failed_unseen_stand_at_their_bound(last, sets, ends):
    """All that failed, whoever saw it."""
    lifetime(
        "single-pair", "mnist-5k", sets=[*sets, f"device.wear={{spread: 0.5, ends: {ends}}}"], below=1, step=0.02, most=3
    )  # fmt: skip
    assert count(last) > 10
    assert conducts(last) == pytest.approx({"low": LOW, "high": HIGH}[ends], rel=1e-6)


@pytest.mark.parametrize("ends", ["low", "high"])
def test_levels_that_failed_unseen_stand_at_their_bound(last, ends):
    """At the mean of their lowest level, or of their highest."""
    sets = [*FEW[:3], "device.endurance=12", f"device.wear={{spread: 0.5, ends: {ends}}}"]
    lifetime("plain-qnn", "mnist-5k", sets=sets, below=1, step=0.1, most=3)
    assert count(last) > 10
    assert len(set(conducts(last))) == 1


@pytest.mark.parametrize("ends", ["where-it-stands", "low", "high"])
@pytest.mark.parametrize(
    ("chip", "sets"),
    [("single-pair", PAIRS), ("single-pair", SINGLE), ("plain-qnn", (*FEW[:3], "device.endurance=12"))],
    ids=["pairs", "single cells", "levels"],
)
def test_cells_that_failed_unseen_stand_in_their_closed_windows(last, chip, sets, ends):
    """Which they failed with: within it, or at one bound of it."""
    wear = f"device.wear={{spread: 0.5, ends: {ends}, {CLOSES}}}"
    lifetime(chip, "mnist-5k", sets=[*sets, wear], below=1, step=0.05, most=4)
    assert count(last) > 10
    for one, unseen in zip(last["worn"], last["unseen"], strict=True):
        window = one.window
        past = (window.had + one.endures)[unseen] / window.onset[unseen]
        fresh = window.low[unseen].astype(float), window.high[unseen].astype(float)
        low, high = window.law.bounds(past, low=fresh[0], high=fresh[1])
        stands = one.conductance[unseen]
        assert (stands >= low * 0.999999).all()
        assert (stands <= high * 1.000001).all()
        if ends != "where-it-stands":
            assert stands == pytest.approx({"low": low, "high": high}[ends], rel=1e-5)
