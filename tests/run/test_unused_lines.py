"""What lines out of use cost in a whole run: energy of arrays, and nothing else."""

from __future__ import annotations

import attrs
import numpy as np

from chipsim.update.update import Recentre
from tests import made

LAYERS = (5, 4, 3)
CELL = made.finite(states=5, off_conductance=0.25, step_variation=0.3)
UPDATE = made.update_by(
    kind="parallel-pulses", encoding="stochastic", slots=9, recentre=Recentre(every=2, headroom=0.0)
)


def a_chip(unused, **changes):
    """Layers of 5 x 4 and 4 x 3 weights on tiles of 8 x 8."""
    return made.chip(device=CELL, update=UPDATE, tile=made.crossbar(unused_lines=unused), **changes)


def entries(run):
    """The ledger's entries by part and action, sorted."""
    return sorted(((part, action), entry) for part, action, entry in run.ledger)


def test_grounded_lines_change_the_energy_of_arrays_alone():
    """Weights, wear, time and every other charge of a training are those of lines that are cut off."""
    grounded, cut = (made.trained(a_chip(unused), LAYERS) for unused in ("grounded", "cut-off"))
    for one, other in zip(grounded.weights, cut.weights, strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(grounded.chip.tiles, cut.chip.tiles, strict=True):
        for worn, expected in zip(one.wear(), other.wear(), strict=True):
            assert np.array_equal(worn.pulses, expected.pulses)
            assert np.array_equal(worn.resets, expected.resets)
    assert grounded.executor.elapsed == cut.executor.elapsed
    for (row, one), (other_row, other) in zip(entries(grounded), entries(cut), strict=True):
        assert row == other_row
        if ".pair" in row[0]:
            assert one.energy_aj > other.energy_aj
        assert attrs.evolve(one, energy_aj=other.energy_aj) == other


def test_timing_without_arithmetic_knows_no_currents():
    """Nobody drives cells there, so nothing depends on what lines out of use do."""
    grounded, cut = (made.timed(a_chip(unused), LAYERS, samples=6) for unused in ("grounded", "cut-off"))
    assert entries(grounded) == entries(cut)
    assert grounded.executor.elapsed == cut.executor.elapsed
