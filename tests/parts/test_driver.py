"""Write drivers charge the whole of their lines, as long as the tile makes them, and only when they are driven."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from tests import levels_made, made
from tests.levels_made import PAIR, SINGLE
from tests.parts.test_levels import charged
from tests.parts.test_unused_cells import LEVELS, SIZES, USED, a_tile, line, taken

LINE = 7_000
"""Attojoules that a line of 1,024 cells takes."""
COSTS = attrs.evolve(
    made.COSTS, write_driver=attrs.evolve(made.COSTS.write_driver, energy=LINE, line_cells=1024)
)
# A row has a cell for each column, a column one for each row; rounded up to a whole attojoule.
LINES = {
    (785, 250): (1_709, 5_367),  # 7000 * 250 / 1024 = 1708.98, 7000 * 785 / 1024 = 5366.2
    (1024, 256): (1_750, 7_000),
    (4096, 1024): (7_000, 28_000),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row", "cell-by-cell"])
def test_a_line_takes_as_much_as_it_is_long(size, kind):
    """Two pulses on one cell: the rows of both arrays and a column of one, for two slots."""
    row, column = LINES[size]
    change = a_tile(size, kind=kind, costs=COSTS).update(
        line(785, at3=1), line(250, at4=-1), rate=2 / 64, pair=0
    )
    assert taken(change)["tile0.driver"] == 2 * (2 * row + column)


@pytest.mark.parametrize("size", SIZES)
def test_lines_of_the_occasional_reset(size):
    """The rows and the columns of both arrays once, then two pulses on one cell."""
    row, column = LINES[size]
    tile = a_tile(size, device=made.finite(states=4), costs=COSTS)
    weights = np.zeros(USED)
    weights[3, 4] = 1.0
    tile.initialise(weights)
    tile.update(line(785, at3=1), line(250, at4=1), rate=0.5, pair=0)
    assert taken(tile.recentre(pair=0))["tile0.driver"] == 2 * row + 2 * column + 2 * (2 * row + column)


@pytest.mark.parametrize("size", SIZES)
def test_lines_that_are_cut_off_are_as_long_as_the_layer(size):
    """785 x 250 weights have lines of 250 and 785 cells, whatever the tile."""
    row, column = LINES[USED]
    change = a_tile(size, unused="cut-off", costs=COSTS).update(
        line(785, at3=1), line(250, at4=-1), rate=2 / 64, pair=0
    )
    assert taken(change)["tile0.driver"] == 2 * (2 * row + column)


@pytest.mark.parametrize(
    ("synapse", "unused", "cells"),
    # Rows cross two bit lines a weight, or one and the reference; bit lines cross five rows, two in use.
    [(PAIR, "grounded", (14, 5)), (SINGLE, "grounded", (8, 5)), (PAIR, "cut-off", (4, 2)), (SINGLE, "cut-off", (3, 2))],
)  # fmt: skip
def test_lines_of_cells_with_transistors(synapse, unused, cells):
    """A RESET and a SET of one cell: the row and the bit line of 5 x 7 weights, two by two in use, each twice."""
    costs = attrs.evolve(made.COSTS, write_driver=attrs.evolve(COSTS.write_driver, energy=100, line_cells=10))
    levels, wanted = (LEVELS, 7) if synapse is PAIR else ([[4, 2], [0, 3]], 3)
    tile = levels_made.tile(
        synapse=synapse, spec=made.crossbar(5, 7, unused_lines=unused), levels=levels, costs=costs
    )
    change = tile.program(*np.array([[0], [0], [wanted]], np.int32))
    assert charged(change)["tile0.driver", "program"] == (2 * 10 * sum(cells), 0)


def test_a_line_of_any_length_where_the_costs_name_none():
    """Without `line_cells` every line takes the same."""
    change = a_tile((4096, 1024)).update(line(785, at3=1), line(250, at4=-1), rate=2 / 64, pair=0)
    assert taken(change)["tile0.driver"] == 2 * 3 * made.COSTS.write_driver.energy
