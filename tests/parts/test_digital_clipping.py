"""What the digital unit's number format cuts off is counted, in training and in testing."""

from __future__ import annotations

import numpy as np
import pytest

from tests import made


def unit(arithmetic):
    """The digital unit of a chip, of a number format."""
    return made.begun(made.chip(digital=made.unit(arithmetic)), (4, 2)).chip.digital


def rounded(digital, values):
    """Values as the unit keeps them."""
    out = np.array([values], np.float32)
    digital.round(out)
    return out[0].tolist()


def counted(digital):
    """What was counted since this was asked last."""
    return {(loss.part, loss.during, loss.what): (loss.count, loss.of) for loss in digital.lost()}


def test_values_beyond_one_are_counted_in_fixed_point():
    """Of four that are not zero two lie beyond plus and minus one; one itself does not."""
    digital = unit("fixed-16")
    assert rounded(digital, [1.0, -2.0, 0.0, 0.5, 1.5]) == pytest.approx([1.0, -1.0, 0.0, 0.5, 1.0], abs=1e-4)
    assert counted(digital) == {("digital", "training", "values-clipped"): (2, 4)}
    assert counted(digital) == {}


def test_testing_is_counted_apart():
    """While a network is only tested."""
    digital = unit("fixed-16")
    digital.evaluating = True
    rounded(digital, [3.0])
    assert counted(digital) == {("digital", "testing", "values-clipped"): (1, 1)}


def test_half_precision_ends_at_65504():
    """The next number up would be 65,536."""
    digital = unit("float-16")
    assert rounded(digital, [65_504.0, 70_000.0]) == [65_504.0, 65_504.0]
    assert counted(digital) == {("digital", "training", "values-clipped"): (1, 2)}


def test_single_precision_counts_nothing():
    """It has no end that training meets."""
    digital = unit("float-32")
    rounded(digital, [1e30])
    assert counted(digital) == {}


def test_a_network_that_is_tested_counts_in_testing():
    """Rectified units of sums up to four, classified: some are cut off, and none of it is told of training."""
    spec = made.chip(digital=made.unit("fixed-16"))
    network = made.begun(spec, (4, 6, 2), activation="relu", spread=5.0)
    network.classify(np.full((3, 4), 255, np.uint8), task="")
    said = counted(network.chip.digital)
    assert {during for _, during, _ in said} == {"testing"}
    assert said["digital", "testing", "values-clipped"][0] > 0
