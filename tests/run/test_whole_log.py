"""One training step of the smallest chip with two layers, whole, written out by hand."""

from __future__ import annotations

import numpy as np

from chipsim.ledger import Record
from chipsim.run.execute import Executor
from tests import made

STEP = [
    # The sample comes in: 4 bits, one access of the buffer (17).
    (0, 17, "buffer", "write"),
    # First layer: fetch (17), send over the bus (router 23 + wire 19 + one cycle 29 = 71), drive (11), settle
    # (101), sample and convert (3 + 13), send the result (71).
    (17, 34, "buffer", "read"),
    (34, 105, "bus", "transfer"),
    (105, 116, "tile0.dac", "forward"),
    (105, 217, "tile0.pair+", "forward"),
    (105, 217, "tile0.pair-", "forward"),
    (217, 233, "tile0.adc", "forward"),
    (233, 304, "bus", "transfer"),
    # One activation is one cycle (7); it is kept in the buffer.
    (304, 311, "digital", "activation"),
    (311, 382, "bus", "transfer"),
    (382, 399, "buffer", "write"),
    # Second layer, the same.
    (399, 416, "buffer", "read"),
    (416, 487, "bus", "transfer"),
    (487, 498, "tile1.dac", "forward"),
    (487, 599, "tile1.pair+", "forward"),
    (487, 599, "tile1.pair-", "forward"),
    (599, 615, "tile1.adc", "forward"),
    (615, 686, "bus", "transfer"),
    (686, 693, "digital", "activation"),
    # The error of the one output: 2 additions and 2 multiplications on 4 lanes, one cycle.
    (693, 700, "digital", "error"),
    # It goes back through the second layer.
    (700, 771, "bus", "transfer"),
    (771, 782, "tile1.back-dac", "backward"),
    (771, 883, "tile1.pair+", "backward"),
    (771, 883, "tile1.pair-", "backward"),
    (883, 899, "tile1.back-adc", "backward"),
    (899, 970, "bus", "transfer"),
    # The error of the hidden unit: 1 addition and 2 multiplications, one cycle.
    (970, 977, "digital", "error"),
    # Both layers are updated, the second asks first; there is one pair, so nobody steers. Each fetches its
    # input (17), one after the other; then the bus carries, in the order in which they asked at 994, 1011, 1065 and 1136: input of
    # the second, input of the first, error of the second, error of the first.
    (977, 994, "buffer", "read"),
    (994, 1011, "buffer", "read"),
    (994, 1065, "bus", "transfer"),
    (1065, 1136, "bus", "transfer"),
    (1136, 1207, "bus", "transfer"),
    # Two slots of 31 + 5, on both arrays of each pair.
    (1207, 1279, "tile1.driver", "update"),
    (1207, 1279, "tile1.pair+", "update"),
    (1207, 1279, "tile1.pair-", "update"),
    (1207, 1278, "bus", "transfer"),
    (1278, 1350, "tile0.driver", "update"),
    (1278, 1350, "tile0.pair+", "update"),
    (1278, 1350, "tile0.pair-", "update"),
]


def test_whole_log_of_one_training_step():
    """Every record of one step, in the order of starts, ends, parts, actions."""
    update = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=2)
    rule = made.begun(made.chip(update=update), (1, 1, 1))
    step = rule.step(np.array([[255]], np.uint8), np.array([0], np.uint8))
    records = Executor(rule.chip).timeline(step.program)
    assert records == [Record(*line) for line in sorted(STEP)]
    assert rule.typical_step(1) == step.program
