"""Stages of a gradual RESET: shares that make up the whole, and stages that there are."""

from __future__ import annotations

import pytest

from chipsim.device.gradual_reset import ResetStage
from chipsim.spec import rules
from tests import made

TWO = (ResetStage(pulses=0.25, range=0.5), ResetStage(pulses=0.75, range=0.5))


def faults(**changes):
    """What is wrong with a chip of such cells, by path."""
    found = rules.of_one(made.reset_pairs(device=made.lowered(**changes)))
    return {".".join(map(str, fault.path)): fault.message for fault in found}


def test_nothing_is_wrong_with_stages_that_add_up():
    """Decimals may be off by their last bit."""
    tenths = tuple(ResetStage(pulses=share, range=share) for share in (0.1, 0.2, 0.7))
    assert not faults()
    assert not faults(stages=TWO, first_stage=2)
    assert not faults(stages=tenths, last_stage=1)


def test_shares_that_do_not_add_up():
    """Pulses make up 100 %, ranges 90."""
    short = (TWO[0], ResetStage(pulses=0.75, range=0.4))
    assert faults(stages=short) == {
        "device.stages": "must share out the whole of 'range', 100 %, and make up 90 %"
    }


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"first_stage": 2}, "first_stage", "must be a stage, and there is one, not 2"),
        ({"stages": TWO, "first_stage": 3}, "first_stage", "must be a stage, and there are 2, not 3"),
        ({"stages": TWO, "last_stage": 4}, "last_stage", "must be a stage, and there are 2, not 4"),
        (
            {"stages": TWO, "first_stage": 2, "last_stage": 1},
            "last_stage",
            "must not come before first_stage, 2",
        ),
    ],
)
def test_stages_that_there_are_not(changes, path, message):
    """Told at the key that names them."""
    assert faults(**changes) == {f"device.{path}": message}


def test_cells_that_pulses_only_lower_want_their_own_pair():
    """Pairs that pulses raise do not take them, and the message says which do."""
    (fault,) = rules.of_one(made.chip(device=made.lowered()))
    assert fault.path == ("synapse", "kind")
    assert fault.message == (
        "single-pair (synapse) needs cells that a pulse moves by a step, and gradual-reset (device) offers "
        "none; take synapse digital or reset-pair, or device bidirectional-step, exponential-step, ideal, linear-step, piecewise, power-step, set-reset, soft-bounds or step-table"
    )
