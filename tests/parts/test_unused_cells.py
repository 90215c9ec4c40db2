"""Lines run through the whole tile: what cells take that carry no weight, by hand for each thing a tile does.

A cell out of use was never pulsed, so it conducts what a reset cell does: a quarter of a siemens here, a
sixteenth in the fine arrays. A read takes V^2 t = 0.25 V^2 * 101 ps of each siemens at full scale; a pulse
takes 1 V^2 * 31 ps of a cell on a driven row and a driven column, a quarter of that of one on a driven line.
"""

from __future__ import annotations

import numpy as np
import pytest
import simpy

from chipsim.device.ideal import Ideal
from chipsim.ledger import Ledger
from chipsim.synapse.hybrid import Hybrid
from chipsim.synapse.single_pair import SinglePair
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.update.reprogram import Verify
from chipsim.update.update import Recentre
from tests import levels_made, made
from tests.levels_made import PAIR, SINGLE
from tests.made import READ
from tests.parts.test_levels import charged

LOW, STEP = 0.25, 1 / 64
"""A cell that was never pulsed, and how far one pulse moves it."""
READ_AJ, PULSE_AJ, RESET_AJ = 0.25 * READ * 1e6, 1.0 * 31e6, 4.0 * 37e6
"""Attojoules that a siemens takes of a read at full scale, of a pulse and of a reset of 2 V."""
USED = (785, 250)
SIZES = [(785, 250), (1024, 256), (4096, 1024)]
SERIAL = ("row-by-row", "cell-by-cell")
SINGLE_PAIR = SinglePair(weight_range=1.0)
CELL = made.finite(on_conductance=LOW + 1.0, off_conductance=LOW)

every_size = pytest.mark.parametrize("size", SIZES)


def a_tile(
    size,
    *,
    synapse=SINGLE_PAIR,
    device=CELL,
    kind="parallel-pulses",
    unused="grounded",
    costs=made.COSTS,
):
    """A tile of a size with the same weights on it, all of them zero."""
    update = made.update_by(
        kind=kind, encoding="deterministic", slots=6, recentre=Recentre(every=1, headroom=0.0)
    )
    return ResistiveTile(
        simpy.Environment(), "tile0", ledger=Ledger(), spec=made.crossbar(*size, unused_lines=unused),
        synapse=synapse, device=device, update=update, costs=costs, shape=USED, seed=1,
    )  # fmt: skip


def line(length, **values):
    """A vector of zeros but for a few places, such as at3=0.5."""
    vector = np.zeros(length, np.float32)
    for place, value in values.items():
        vector[int(place.removeprefix("at"))] = value
    return vector


def taken(change):
    """Energy by part."""
    return {part: energy for (part, _), (energy, _) in charged(change).items()}


@every_size
def test_a_forward_read_runs_through_every_column_of_the_tile(size):
    """Rows at 1 and 1/2 drive 1.25 rows' worth of cells, as many as the tile has columns."""
    reading = a_tile(size).forward(line(785, at0=1, at9=0.5)[np.newaxis])
    each = round(READ_AJ * (1 + 0.25) * size[1] * LOW)
    assert taken(reading) == {"tile0.pair+": each, "tile0.pair-": each}


@every_size
def test_a_backward_read_runs_through_every_row_of_the_tile(size):
    """Columns at 1 and -1/2 drive 1.25 columns' worth of cells, as many as the tile has rows."""
    reading = a_tile(size).backward(line(250, at0=1, at9=-0.5)[np.newaxis])
    each = round(READ_AJ * (1 + 0.25) * size[0] * LOW)
    assert taken(reading) == {"tile0.pair+": each, "tile0.pair-": each}


@every_size
@pytest.mark.parametrize("kind", ["parallel-pulses", *SERIAL])
def test_pulses_half_select_every_cell_on_their_lines(size, kind):
    """One cell gets two pulses: its row and column stand at half the voltage for two slots, end to end."""
    rows, columns = size
    # Two steps of a 64th upwards, on the plus array.
    change = a_tile(size, kind=kind).update(line(785, at3=1), line(250, at4=-1), rate=2 / 64, pair=0)
    selected = 2 * (LOW + STEP)
    # Plus: the other cells of the row and of the column; minus: the row, whose columns all are at rest.
    plus = 2 * LOW * (columns - 1 + rows - 1)
    minus = 2 * LOW * columns
    assert taken(change) == {
        "tile0.pair+": round(PULSE_AJ * (selected + plus / 4)),
        "tile0.pair-": round(PULSE_AJ * minus / 4),
        # Two rows and one column for two slots; drivers of lines out of use stand still.
        "tile0.driver": 2 * 3 * made.COSTS.write_driver.energy,
    }


@every_size
def test_initial_writing_half_selects_them_too(size):
    """A weight of 3/64 and one of -1/64 in one row: three slots of the row, three and one of their columns."""
    rows, columns = size
    weights = np.zeros(USED)
    weights[3, 4], weights[3, 5] = 3 / 64, -1 / 64
    change = a_tile(size).initialise(weights)
    plus, minus = 3 * (LOW + 1.5 * STEP), LOW + 0.5 * STEP
    others = 3 * (columns - 1) * LOW + 3 * (rows - 1) * LOW
    # The minus cell is under one of the row's three slots, and on a driven row alone for the others; while the
    # pulse moves it, it is taken at its mean.
    beside = 3 * (columns - 1) * LOW + 2 * (LOW + 0.5 * STEP) + (rows - 1) * LOW
    energies = taken(change)
    assert energies["tile0.pair+"] == round(PULSE_AJ * (plus + others / 4))
    assert energies["tile0.pair-"] == round(PULSE_AJ * (minus + beside / 4))


@every_size
def test_the_occasional_reset_reads_and_half_selects_them(size):
    """A pair at 1.25 and 0.75 S: its row is read, its lines half selected by the reset and by two pulses."""
    rows, columns = size
    cell = made.finite(states=4, on_conductance=LOW + 1.0, off_conductance=LOW)
    tile = a_tile(size, device=cell)
    weights = np.zeros(USED)
    weights[3, 4] = 1.0
    tile.initialise(weights)
    tile.update(line(785, at3=1), line(250, at4=1), rate=0.5, pair=0)
    change = tile.recentre(pair=0)
    on_row, on_both = (columns - 1) * LOW, (columns - 1 + rows - 1) * LOW
    # The difference of half a siemens is two steps of a quarter, on a plus cell that begins at its lowest.
    plus = READ_AJ * (1.25 + on_row), RESET_AJ * (1.25 + on_both / 4), PULSE_AJ * 2 * (0.5 + on_both / 4)
    minus = READ_AJ * (0.75 + on_row), RESET_AJ * (0.75 + on_both / 4), PULSE_AJ * 2 * columns * LOW / 4
    energies = taken(change)
    assert energies["tile0.pair+"] == sum(map(round, plus))
    assert energies["tile0.pair-"] == sum(map(round, minus))
    # Two rows and two columns for the reset; two rows and a column for two slots of pulses.
    assert energies["tile0.driver"] == (4 + 2 * 3) * made.COSTS.write_driver.energy


@every_size
def test_fine_cells_out_of_use_are_smaller_by_the_gain(size):
    """Four times smaller cells take a quarter of the current, those that carry no weight too."""
    tile = a_tile(size, synapse=Hybrid(weight_range=1.0, gain=4.0))
    coarse, fine = (round(READ_AJ * size[1] * LOW / gain) for gain in (1, 4))
    assert taken(tile.forward(line(785, at0=1)[np.newaxis])) == {
        "tile0.coarse+": coarse, "tile0.coarse-": coarse, "tile0.fine+": fine, "tile0.fine-": fine,
    }  # fmt: skip


def test_ideal_cells_out_of_use_conduct_as_described():
    """A cell without bounds stands at its lowest conductance too before it is pulsed."""
    ideal = Ideal(
        states=64, on_conductance=1.25, off_conductance=LOW, pulse_voltage=1.0, pulse_width=31, area=31
    )
    reading = a_tile((1024, 256), device=ideal).forward(line(785, at0=1)[np.newaxis])
    assert taken(reading)["tile0.pair+"] == round(READ_AJ * 256 * LOW)


@every_size
@pytest.mark.parametrize("kind", ["parallel-pulses", *SERIAL])
def test_lines_that_end_at_the_last_cell_in_use(size, kind):
    """Cut off, whatever the tile's size, all is as on a tile that is as large as the weights."""
    tiles = [
        a_tile(size, kind=kind, unused="cut-off"),
        a_tile(USED, kind=kind),
    ]
    x, d = line(785, at3=1, at5=0.5), line(250, at4=-1, at9=0.75)
    books = [
        charged(
            tile.forward(x[np.newaxis]), tile.update(x, d, rate=0.1, pair=0), tile.backward(d[np.newaxis])
        )
        for tile in tiles
    ]
    assert books[0] == books[1]


@every_size
def test_cells_out_of_use_are_not_worn_and_change_no_number(size):
    """Half the voltage never steps a cell; what is read and what is worn is the same on every size."""
    tile, fitting = a_tile(size), a_tile(USED)
    x, d = line(785, at3=1, at5=0.5), line(250, at4=-1, at9=0.75)
    for each in (tile, fitting):
        each.update(x, d, rate=0.1, pair=0)
    assert np.array_equal(tile.weights(), fitting.weights())
    assert np.array_equal(tile.forward(x[np.newaxis]).values, fitting.forward(x[np.newaxis]).values)
    for worn, expected in zip(tile.wear(), fitting.wear(), strict=True):
        assert worn.pulses.shape == USED
        assert np.array_equal(worn.pulses, expected.pulses)


# --- cells with a transistor -------------------------------------------------------------------------

LEVELS = [[8, 2], [4, 5]]


def level_tile(*, unused="grounded", size=(5, 7), synapse=PAIR, **how):
    """Two by two weights on a tile of five by seven."""
    spec = made.crossbar(*size, unused_lines=unused)
    return levels_made.tile(synapse=synapse, spec=spec, **how)


def test_a_row_that_is_read_opens_the_gates_of_all_its_cells():
    """Five weights beside the two in use are ten lines at the low level, on each driven row."""
    reading = level_tile(levels=LEVELS).forward(np.array([[1, 0.5]], np.float32))
    # Cells of the rows in use, see the tile's own test: 2.5, low, low, 1.5, and low, low, 1.0, low.
    low = levels_made.LOW
    rows = 2.5 + low + low + 1.5 + 10 * low, low + low + 1.0 + low + 10 * low
    assert taken(reading) == {"tile0.cells": round(READ_AJ * (rows[0] + 0.25 * rows[1]))}


def test_a_reference_and_the_lines_beside_it():
    """One cell a weight: the reference of 1.5 S and five lines out of use on each row."""
    reading = level_tile(synapse=SINGLE, levels=[[4, 2], [0, 3]]).forward(np.array([[1, 0]], np.float32))
    assert taken(reading) == {"tile0.cells": round(READ_AJ * (2.5 + 1.5 + 1.5 + 5 * levels_made.LOW))}


@pytest.mark.parametrize("synapse", [PAIR, SINGLE])
def test_rows_out_of_use_are_switched_off(synapse):
    """Read from the lines, only rows whose gates are open take current: the size of the tile is nothing."""
    levels = LEVELS if synapse is PAIR else [[4, 2], [0, 3]]
    tiles = level_tile(synapse=synapse, levels=levels), levels_made.tile(synapse=synapse, levels=levels)
    energies = [taken(tile.backward(np.array([[1, 0.5]], np.float32))) for tile in tiles]
    assert energies[0] == energies[1]


def test_programming_selects_its_cell_alone():
    """SET and RESET of one cell take nothing of others: their gates are shut or their lines at rest."""
    tiles = level_tile(levels=LEVELS), levels_made.tile(levels=LEVELS)
    changes = [tile.program(*np.array([[0], [0], [7]], np.int32)) for tile in tiles]
    assert charged(changes[0]) == charged(changes[1])


@pytest.mark.parametrize(
    ("synapse", "writer", "siemens"),
    [
        # The cell at 2 S that was programmed, and ten lines beside those in use.
        (PAIR, "serial", 2.0 + 10 * 0.5),
        # Its whole row, and the lines beside it at each of two readings.
        (PAIR, "row-parallel", 2.0 + 0.5 + 0.5 + 1.5 + 2 * 10 * 0.5),
        # A single cell that goes to 2 S is compared with the reference of 1.5 S, alone or with its row.
        (SINGLE, "serial", 2.0 + 1.5 + 5 * 0.5),
        (SINGLE, "row-parallel", 2.0 + 1.5 + 1.5 + 5 * 0.5),
    ],
)
def test_a_verifying_read_runs_along_the_whole_row(synapse, writer, siemens):
    """Each reading drives a row, and with it the reference and the lines out of use."""
    levels, wanted = (LEVELS, 7) if synapse is PAIR else ([[4, 2], [0, 3]], 3)
    verify = Verify(tolerance=0.1, tries=9)
    tile = level_tile(synapse=synapse, writer=writer, verify=verify, levels=levels)
    change = tile.program(*np.array([[0], [0], [wanted]], np.int32))
    assert charged(change)["tile0.cells", "verify"] == (round(READ_AJ * siemens), 0)


def test_level_lines_that_end_at_the_last_cell_in_use():
    """Cut off, a row takes what its cells take."""
    tiles = level_tile(unused="cut-off", levels=LEVELS), levels_made.tile(levels=LEVELS)
    energies = [taken(tile.forward(np.array([[1, 0.5]], np.float32))) for tile in tiles]
    assert energies[0] == energies[1]
