"""Runs that learn nothing say so while they run; numbers that are none end them, and the cause is named."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chipsim.errors import DescriptionError, DivergedError
from chipsim.result_files import load, save
from chipsim.run import simulate
from chipsim.run.faring import chance_remark, check_initial_weights, diverged
from chipsim.run.training import Watcher
from tests import levels_made, made

SHORT = ["phases.0.dataset.train=40", "phases.0.dataset.test=20"]
TENTHS = (np.arange(1000) % 10).astype(np.uint8)


class _Listening(Watcher):
    """Remembers what it was told, and after which epoch."""

    def __init__(self):
        self.told = []

    def remark(self, text):
        self.told.append(text)


def warned(architecture, *sets, epochs=2, **more):
    """Warnings of a short run, and what its watcher was told."""
    watcher = _Listening()
    result = simulate(architecture, "mnist-5k", epochs=epochs, sets=[*SHORT, *sets], progress=watcher, **more)
    return result.summary["warnings"], watcher.told


@pytest.mark.parametrize("name", ["single-pair", "digital-fp32"])
def test_a_chip_that_learns_is_not_warned_of(name):
    """Weights change in every tile."""
    assert warned(name) == ([], [])


@pytest.mark.parametrize("name", ["single-pair", "digital-fp32"])
def test_weights_that_stand_still_are_told_once(name):
    """At a rate of 1e-20 no pulse is given, and single precision changes no number; two epochs, one remark."""
    warnings, told = warned(name, "learning_rate=1e-20")
    assert warnings == told
    assert [text for text in told if text.startswith("no weight")] == ["no weight changed in epoch 1"]


def test_a_layer_that_stands_still_is_named():
    """Results of a second layer that all become zero on the way back leave the first layer as it is."""
    warnings, told = warned("single-pair", "tile.backward.adc.range=2600")
    assert warnings == told
    still = "no weight of tile0 changed in epoch 1"
    assert [text.partition(":")[0] for text in told] == ["tile.backward.adc.range", still]


def test_warnings_are_saved_and_read_back(tmp_path):
    """They stand in the summary, and a summary that has something else there is damaged."""
    result = simulate("digital-fp32", "mnist-5k", epochs=1, sets=[*SHORT, "learning_rate=1e-20"])
    assert load(save(result, tmp_path / "run")).summary["warnings"] == ["no weight changed in epoch 1"]


def test_timing_alone_is_not_warned_of():
    """Nothing was to be learnt."""
    assert warned("hybrid-synapse", timing_only=True) == ([], [])


def test_chance_is_the_most_common_class_and_two_errors_more():
    """Of 1,000 samples in ten classes a tenth, and two times 0.95 points more: 119 samples are beyond it.

    The loss of the second half was no less than that of the first.
    """
    how = {"first": 0.45, "second": 0.45, "epoch": 3}
    assert chance_remark(TENTHS, correct=118, **how).startswith("epoch 3 ended at chance: 11.8 % of")
    assert chance_remark(TENTHS, correct=119, **how) == ""


def test_chance_with_a_loss_that_falls_or_few_samples_is_no_remark():
    """Learning may have begun; and of 199 samples, or an epoch of one step, nobody can tell."""
    assert chance_remark(TENTHS, correct=100, first=0.45, second=0.449, epoch=1) == ""
    assert chance_remark(TENTHS[:199], correct=10, first=0.45, second=0.46, epoch=1) == ""
    assert chance_remark(TENTHS, correct=100, first=float("nan"), second=0.45, epoch=1) == ""


def test_a_digital_tile_that_diverges_says_so():
    """Weights beyond single precision end the run with epoch, step and tiles."""
    message = (
        r"^epoch 1, step \d+: weights of tile0, tile1 are no finite numbers any more: training diverged; lower "
        r"the learning rate$"
    )
    with pytest.raises(DivergedError, match=message), np.errstate(all="ignore"):
        made.trained(made.mac_chip(), (5, 4, 3), rate=float("inf"))


def test_spreads_of_levels_are_to_blame_for_themselves():
    """Cells that conduct no finite number were made so by their description, not by a learning rate."""
    tile = levels_made.tile((1, 1), levels=[[8]])
    tile._array.cells.row_sum[:] = np.inf
    with pytest.raises(DivergedError) as caught:
        tile.forward(np.ones((1, 1), np.float32))
    assert str(caught.value) == (
        "tile0: its cells conduct no finite number: no training makes them so, but the spreads of their "
        "levels: look at device"
    )


def test_weights_that_are_none_before_training():
    """Nothing was learnt yet, so the description is told: of the device, or of the network without one."""
    rule = made.begun(made.mac_chip(), (5, 4, 3))
    rule.chip.tiles[1]._weights._values[0, 0] = np.nan
    message = (
        "network.initial_weights: makes weights of tile1 that are no finite numbers before training begins; "
        "look at its size"
    )
    with pytest.raises(DescriptionError, match=f"^{re.escape(message)}$"):
        check_initial_weights(rule.chip)
    resistive = made.begun(made.chip(), (5, 4, 3))
    resistive.chip.tiles[0]._pairs[0].cells[0].conductance[:] = np.inf
    with pytest.raises(DescriptionError, match=r"^device: makes weights of tile0 that are no finite numbers"):
        check_initial_weights(resistive.chip)


def test_a_loss_that_is_none_while_weights_are():
    """Then sums or activations are too large, and no tile is to blame."""
    chip = made.begun(made.mac_chip(), (5, 4, 3)).chip
    assert str(diverged(chip, where="epoch 1, step 2")) == (
        "epoch 1, step 2: the loss is no finite number, though all weights are: sums, activations or "
        "normalisation went beyond single precision; lower the learning rate"
    )
