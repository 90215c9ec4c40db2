"""What a whole run lost: by part and epoch, the same with and without replay, kept when it is stopped."""

from __future__ import annotations

import re

import attrs
import pytest

from chipsim.losses import LOSSES, STAGES
from chipsim.result.agreement import check_agreement
from chipsim.result.files import load, save
from chipsim.run import simulate, training
from chipsim.run.progress import Watcher
from tests import hidden_made, made
from tests.run.test_books import CHIPS, LAYERS

PHASES = [(hidden_made.phase(), made.digits(6, 3))]
SHORT = ["phases.0.dataset.train=40", "phases.0.dataset.test=20"]
SERIAL = made.chip(
    tile=made.crossbar(forward=made.one_pass(ideal=False)),
    device=made.finite(),
    update=made.update_by(kind="row-by-row", encoding="deterministic", slots=6),
)


class _Stopping(Watcher):
    """Stops the run when so many samples were trained on."""

    def __init__(self, samples):
        self.left = samples

    def advance(self, samples, *, correct):
        self.left -= samples
        if self.left <= 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("name", CHIPS)
def test_replay_loses_no_loss(name):
    """Numbers run every step, whether its time is known or not: all counts are the same."""
    on, off = (made.trained(CHIPS[name], LAYERS, replay=replay).training.losses for replay in (True, False))
    assert on == off


def test_every_kind_is_known_and_counted_of_something():
    """All rows name a stage and a kind, are whole numbers, and no more than there were."""
    rows = [
        *made.trained(SERIAL, LAYERS, epochs=2).training.losses,
        *hidden_made.trained(hidden_made.chip(), hidden_made.network((6, 4, 3)), PHASES).training.losses,
    ]
    assert rows
    for row in rows:
        assert row.what in LOSSES
        assert row.during in STAGES
        assert isinstance(row.count, int)
        assert isinstance(row.of, int)
        assert 0 <= row.count <= row.of
        assert row.of > 0


def test_conversions_of_an_epoch_are_all_counted():
    """Twenty-four samples of four and three results: 96 and 72 a training epoch, eight test samples a third."""
    losses = made.trained(SERIAL, LAYERS, epochs=2).training.losses
    results = {(row.epoch, row.part, row.during): row.of for row in losses if row.what == "results-clipped"}
    assert results == {
        (epoch, f"tile{layer}.adc", during): samples * units
        for epoch in (1, 2)
        for layer, units in enumerate(LAYERS[1:])
        for during, samples in (("training", 24), ("testing", 8))
    }


def test_initial_weights_are_epoch_nought():
    """Nothing of the initial writing is told twice, and nothing else is told with it but the cells' bounds."""
    losses = made.trained(SERIAL, LAYERS).training.losses
    first = {row.what for row in losses if row.epoch == 0}
    later = {row.what for row in losses if row.epoch}
    assert {"initial-weights-clipped", "initial-weights-rounded-to-zero"} <= first
    assert not [what for what in later if what.startswith("initial")]
    assert not [what for what in first if what.startswith(("pulses", "results", "inputs"))]


def test_a_stopped_run_keeps_what_its_last_epoch_lost(monkeypatch):
    """Stopped after 50 of 2 x 40 samples: ten samples of the second epoch are counted, 250 results each."""
    # Told of every sample: loops of many stop between two of them.
    monkeypatch.setattr(training, "_AT_ONCE", 1)
    result = simulate("single-pair", "mnist-5k", epochs=2, sets=SHORT, progress=_Stopping(50))
    assert not result.summary["complete"]
    results = {
        (row.epoch, row.during): row.of
        for row in result.losses
        if row.what == "results-clipped" and row.part == "tile0.adc"
    }
    assert results == {(1, "training"): 10_000, (1, "testing"): 5_000, (2, "training"): 2_500}


def test_losses_are_saved_and_read_back_equal(tmp_path):
    """A table of its own; a result without one reads as one that counted nothing."""
    result = simulate("single-pair", "mnist-5k", epochs=1, sets=SHORT)
    assert result.losses
    folder = save(result, tmp_path / "run")
    assert load(folder) == result
    bare = attrs.evolve(result, losses=())
    assert load(save(bare, folder, overwrite=True)) == bare
    assert not (folder / "losses.parquet").exists()


def test_timing_alone_loses_nothing():
    """Without arithmetic there is nothing to count."""
    result = simulate("single-pair", "mnist-5k", epochs=1, sets=SHORT, timing_only=True)
    assert result.losses == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 2}, "losses.parquet: row 0: epoch is 2, where the last is 1"),
        ({"count": 7, "of": 6}, "losses.parquet: row 0: 7 of 6 is no share"),
        ({"count": 0, "of": 0}, "losses.parquet: row 0: 0 of 0 is no share"),
    ],
)
def test_losses_that_cannot_be_are_told(changes, message):
    """Rows of another run, or damaged ones, are named when a result is read."""
    result = simulate("single-pair", "mnist-5k", epochs=1, sets=SHORT)
    rows = (attrs.evolve(result.losses[0], **changes), *result.losses[1:])
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_agreement(attrs.evolve(result, losses=rows))
