"""Cells whose step up is a SET that a longer RESET nearly undoes: what it takes, and where cells begin."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.randomness import generator
from chipsim.run.execute import execute
from chipsim.spec import load_chip
from chipsim.synapse.single_cell import SingleCell
from tests import made
from tests.spec.messages import fails

SET, RESET, DOWN = 31, made.UNDO, made.DOWN
RECOVERY = made.SLOT - SET
"""A driver's rise and fall, as tests price it."""
STEP = 1 / 64


device = made.set_reset


def test_fresh_cells_are_in_the_middle():
    """Whatever their own bounds are, as far as these allow it."""
    cells = device().fresh((2, 3), rng=generator(1, "array"))
    assert (cells.conductance == 0.5).all()
    assert cells.row_sum.tolist() == [1.5, 1.5]
    wide = device(range_spread=0.9).fresh((50, 50), rng=generator(1, "array"))
    assert ((wide.conductance == 0.5) | wide.at_top | wide.at_bottom).all()
    assert (wide.conductance == 0.5).mean() > 0.5


def test_steps_up_vary_by_themselves():
    """Nine steps either way from the middle, of 10,000 cells: those down are even, those up are not."""
    side = 100
    model = device(states=640, up_variation=0.3)
    cells = model.fresh((side, side), rng=generator(1, "array"))
    rows, columns = np.indices((side, side), np.int32)
    hits = Hits(rows.ravel(), columns.ravel(), np.full(side * side, 9, np.int32))
    model.pulse_down(cells, hits, rng=generator(1, "array"))
    assert len(np.unique(cells.conductance)) == 1
    model.pulse(cells, hits, rng=generator(1, "array"))
    steps = (cells.conductance.astype(float) - 0.5) * 640
    # Five standard errors.
    assert steps.mean() == pytest.approx(0, abs=5 * 0.9 / side)
    assert steps.std() == pytest.approx(0.9, abs=5 * 0.9 / side / 2**0.5)


@pytest.fixture
def chip():
    """One tile of two cells, one below the other, each against the middle of its range."""
    update = made.update_by("cell-by-cell", encoding="deterministic", slots=6)
    spec = made.chip(
        synapse=SingleCell(weight_range=1.0), device=device(), update=update, tile=made.crossbar(2, 1)
    )
    return made.rule_on(spec, (2, 1)).chip


def test_nothing_is_pulsed_to_stand_for_zero(chip):
    """Fresh cells are where their reference is."""
    tile = chip.tiles[0]
    assert tile.weights().tolist() == [[0], [0]]
    tile.initialise(np.array([[0], [0.25]], np.float32))
    assert [worn.pulses.tolist() for worn in tile.wear()] == [[[0], [8]]]


def test_a_pair_takes_both_its_pulses(chip):
    """One step up and two down, one after another: weights, time and driven lines by hand."""
    tile = chip.tiles[0]
    change = tile.pulse_counts(np.array([[1], [-2]], np.int32), pair=0)
    assert tile.weights().tolist() == [[1 / 32], [-2 / 32]]
    assert execute(chip, change.operation).elapsed == SET + RESET + 2 * RECOVERY + 2 * (DOWN + RECOVERY)
    (charges,) = change.charges
    up, down, lines = charges.energies_aj
    # A row and a column for each pulse: two of the pair, and one for each of the two steps down.
    assert lines == tile.driver.energy(rows=4, columns=4)
    # The cell at 1/2 S and half a step more; a quarter of what hangs on its lines: the reference of 1/2 S on its
    # row and the other cell of 1/2 S on its column. V^2 t of the pair is 1 * 31 + 4 * 310.
    assert up == round((SET + 4 * RESET) * 1e6 * (0.5 + 0.5 * STEP + 0.25 * 1.0))
    # Two pulses from 1/2 S, a step less on average; the row's reference, and the other cell a step higher.
    assert down == round(9 * DOWN * 1e6 * (2 * (0.5 - STEP) + 0.25 * 2 * (1.0 + STEP)))


def test_what_a_step_up_is():
    """A SET, then a RESET; reading stays below either, and below the small RESET."""
    assert [pulse.width for pulse in device().up_pulses] == [SET, RESET]
    assert device().programming_voltages == {"pulse_voltage": 1.0, "down_voltage": 3.0, "reset_voltage": 2.0}


def test_reading_stays_below_all_pulses():
    """Those of a pair too."""
    told = fails(
        load_chip, "set-reset-transfer", sets=["tile.read_voltage=1.42 V", "device.down_voltage=1.5 V"]
    )
    assert "the device's pulse_voltage, 1.4 V, or reading would program; not 1.42 V" in told
    assert "reset_voltage" not in told


def test_pairs_that_pulses_only_raise_want_cells_that_begin_low():
    """Half of the range could never be reached."""
    told = fails(load_chip, "set-reset-transfer", sets=["synapse.kind=single-pair"])
    assert (
        "device.kind: begins at 50 % of its range, and single-pair only raises it: weights could never reach "
        "weight_range; take a synapse whose cells are lowered too"
    ) in told
