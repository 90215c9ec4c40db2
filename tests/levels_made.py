"""Small tiles of multilevel cells for tests, with the prices of :mod:`tests.made`.

Cells conduct 0.5 S when low and 1, 1.5, 2 or 2.5 S when high, and the outermost weight is one, so that a pair
of cells has nine weights a quarter apart, and all of them and their sums are exact in single precision.
"""

from __future__ import annotations

import numpy as np
import simpy

from chipsim.device.levels import HighLevel, LowLevel
from chipsim.device.multilevel import Multilevel
from chipsim.device.reset_levels import MiddleLevel, ResetLevels, TopLevel
from chipsim.ledger import Ledger
from chipsim.synapse.level_cell import LevelCell
from chipsim.synapse.level_pair import LevelPair
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.update.reprogram import Reprogram
from tests import made

__all__ = [
    "HIGH", "LOW", "MEANS", "PAIR", "RESET", "RESET_SLOT", "SET", "SET_SLOT", "SINGLE", "VOLTAGES", "device",
    "reset_levels", "served", "tile",
]  # fmt: skip

LOW, HIGH = 0.5, (1.0, 1.5, 2.0, 2.5)
SET, RESET = 41, 43
SET_SLOT, RESET_SLOT = SET + 5, RESET + 5
"""A pulse, and the driver's rise and fall."""

PAIR = LevelPair(levels=(-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0))
SINGLE = LevelCell(levels=(-1.0, -0.5, 0.0, 0.5, 1.0))


def device(*, spread=0.0, **changes):
    """A cell of one low and four high levels; the SET to the k-th is limited to k times 0.01 A."""
    high = tuple(
        HighLevel(conductance=mean, spread=spread, compliance=0.01 * number)
        for number, mean in enumerate(HIGH, start=1)
    )
    fields = {
        "low": LowLevel(conductance=LOW, spread=spread), "high": high, "set_voltage": 3.0,
        "set_width": SET, "reset_voltage": 2.0, "reset_width": RESET, "area": 31,
    }  # fmt: skip
    return Multilevel(**(fields | changes))


MEANS = (0.5, 1.0, 2.0, 4.0)
VOLTAGES = (4.0, 2.0, 1.0)
"""Of the RESET to each level of :func:`reset_levels` below the top."""


def reset_levels(*, spread=0.0, **changes):
    """A cell of levels at 0.5, 1, 2 and 4 S; RESETs of 4, 2 and 1 V, SETs of 3 V."""
    low, *between, top = MEANS
    middle = tuple(
        MiddleLevel(conductance=mean, spread=spread, reset_voltage=voltage)
        for mean, voltage in zip(between, VOLTAGES[1:], strict=True)
    )
    fields = {
        "low": LowLevel(conductance=low, spread=spread), "middle": middle,
        "top": TopLevel(conductance=top, spread=spread), "set_voltage": 3.0, "set_width": SET,
        "reset_voltage": VOLTAGES[0], "reset_width": RESET, "area": 31,
    }  # fmt: skip
    return ResetLevels(**(fields | changes))


def tile(
    shape=(2, 2), *, synapse=PAIR, cell=None, spread=0.0, writer="serial", verify=None, spec=None, seed=1,
    levels=None, costs=made.COSTS,
):  # fmt: skip
    """A tile just as large as what it holds unless a description is given, written where levels are given."""
    built = ResistiveTile(
        simpy.Environment(), "tile0", ledger=Ledger(), spec=spec or made.crossbar(*shape), synapse=synapse,
        device=cell or device(spread=spread), update=Reprogram(writer=writer, verify=verify),
        costs=costs, shape=shape, seed=seed,
    )  # fmt: skip
    if levels is not None:
        built.initialise_levels(np.array(levels, np.int32))
    return built


def served(tile, *operations):
    """Serve operations that all begin at once on a tile at rest: when each ended, and what was charged."""
    env, start, ends = tile.env, tile.env.now, {}

    def one(index, op):
        yield from tile.serve(op)
        ends[index] = env.now - start

    for index, op in enumerate(operations):
        env.process(one(index, op))
    env.run()
    charged = {(part, action): entry for part, action, entry in tile.ledger.take()}
    return [ends[index] for index in range(len(operations))], charged
