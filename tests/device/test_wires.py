"""What wires leave of cells: by hand on one and two cells, and against Kirchhoff's equations on many."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.wires import NUMBERS, attenuate, couple
from chipsim.errors import ChipsimError
from chipsim.testing import nodal
from chipsim.testing.nodal import Grid, solve

NEAR = {"rel": 1e-5}


class Left:
    """What wires leave of an array of cells."""

    def __init__(self, cells, **numbers):
        self.cells = np.array(cells, np.float32)
        rows, lines = self.cells.shape
        self.left = tuple(np.empty_like(self.cells) for _ in range(3))
        self.factors = self.left[0]
        self.beside = np.empty(rows + 1)
        self.row_lost, self.column_lost, less = np.empty(rows), np.empty(lines), np.empty((2, rows))
        given = np.array([numbers.get(name, 0.0) for name in NUMBERS])
        attenuate(self.cells, given, self.left, self.beside, self.row_lost, self.column_lost, less)
        self.together = less.sum(axis=1)

    @property
    def siemens(self):
        """Of each cell, between its wires."""
        return self.cells.astype(np.float64) * self.factors

    def power(self, x, *, unused=0.0):
        """Of rows driven by one sample, at one volt."""
        sums = self.cells.sum(axis=1, dtype=np.float64) + unused - self.row_lost
        taken = np.array([(x.astype(np.float64) ** 2) @ sums])
        couple(x[np.newaxis].astype(np.float32), sums[np.newaxis], self.together[:1] / sums.sum() ** 2, taken)
        return taken[0]


def cells(rows, columns, *, low=2e-6, high=20e-6, seed=1):
    """Cells of which more are low than high, S."""
    drawn = np.random.default_rng(seed).random((rows, columns))
    return low + (high - low) * drawn**2


def test_one_cell_is_in_series_with_its_wires():
    """1 kOhm behind 100 and 400 Ohm conducts as 1.5 kOhm do, from either side; ends add theirs."""
    left = Left([[1e-3]], row=100, column=400)
    assert left.siemens[0, 0] == pytest.approx(1 / 1500, **NEAR)
    assert Left([[1e-3]], row=100, column=400, end=50).siemens[0, 0] == pytest.approx(1 / 1600, **NEAR)


def test_two_cells_of_a_row_share_its_wire():
    """Both on 1 V behind 1 Ohm: 1 and 1/2 S; the second behind another Ohm conducts 1/3 S with it.

    What the first node feeds is 4/3 S, so that it stands at 3/7 V, and the second at 2/3 of that.
    """
    left = Left([[1.0, 0.5]], row=1)
    assert left.factors[0].tolist() == pytest.approx([3 / 7, 2 / 7], **NEAR)
    assert left.row_lost[0] == pytest.approx(1.5 - 4 / 7, **NEAR)


def test_two_cells_of_a_column_share_its_wire():
    """The same of a column, whose last row is the nearest to its end."""
    left = Left([[0.5], [1.0]], column=1)
    assert left.factors[:, 0].tolist() == pytest.approx([2 / 7, 3 / 7], **NEAR)
    assert left.column_lost[0] == pytest.approx(1.5 - 4 / 7, **NEAR)


def test_the_end_of_a_line_counts_once():
    """One more Ohm before the first cell: 4/3 S behind 2 Ohm stand at 3/11 V."""
    left = Left([[1.0, 0.5]], row=1, end=1)
    # The column of each ends behind the same Ohm, which it alone flows through.
    rows = np.array([3 / 11, 2 / 11])
    columns = np.array([1 / 2, 2 / 3])
    expected = 1 / (1 / rows + 1 / columns - 1)
    assert left.factors[0].tolist() == pytest.approx(expected.tolist(), **NEAR)


@pytest.mark.parametrize("way", ["rows", "columns"])
def test_ladders_of_one_sort_of_line_are_exact(way):
    """Where the others have no resistance, currents are those of the nodes to the last digits of a float."""
    array = cells(17, 23)
    ohm = {"row": 30.0, "column": 1e-6} if way == "rows" else {"row": 1e-6, "column": 30.0}
    left = Left(array, **{name: value if value > 1 else 0 for name, value in ohm.items()})
    x = np.random.default_rng(2).uniform(-1, 1, (3, 17))
    solved = solve(Grid(cells=array, **ohm), x)
    assert x @ left.siemens == pytest.approx(solved.out_of_columns, rel=1e-4, abs=1e-10)


def test_what_is_there_looks_the_same_from_both_sides():
    """Turned round, with wires exchanged, each cell keeps its share."""
    array = cells(9, 14)
    there = Left(array, row=20, column=50)
    back = Left(array[::-1, ::-1].T.copy(), row=50, column=20)
    assert back.factors == pytest.approx(there.factors[::-1, ::-1].T, rel=1e-5)
    assert back.row_lost[::-1] == pytest.approx(there.column_lost, rel=1e-5)


def test_without_resistance_all_is_left_to_the_bit():
    """Of cells, of references, and of what lines conduct, with cells out of use on all sides."""
    left = Left(cells(20, 7), before=3, across=5, along=9, low=1e-6, reference=5e-6)
    assert (left.factors == 1).all()
    assert (left.beside == [*[5e-6] * 20, left.beside[-1]]).all()
    assert left.beside[-1] == pytest.approx((20 + 9) * 5e-6)
    assert not left.row_lost.any()
    assert not left.column_lost.any()
    assert not left.together.any()


PATTERNS = {
    "a fifth of the rows": lambda rng, rows: (rng.random(rows) < 0.2) * rng.random(rows),
    "all rows alike": lambda rng, rows: np.ones(rows),
    "either sign": lambda rng, rows: rng.uniform(-1, 1, rows),
}
SIZES = [(12, 12), (32, 32), (40, 33)]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ohm", [0.35, 1.0, 5.0])
def test_currents_and_power_are_near_those_of_all_nodes(size, ohm, pattern):
    """Within 0.1 % of the largest current, of which wires take up to 4 %; power within 0.2 %."""
    array = cells(*size)
    left = Left(array, row=ohm, column=ohm)
    x = PATTERNS[pattern](np.random.default_rng(3), size[0]).astype(np.float32)
    solved = solve(Grid(cells=array, row=ohm, column=ohm), x[np.newaxis].astype(np.float64))
    full = np.abs(x @ array).max()
    assert np.abs(x @ left.siemens - solved.out_of_columns[0]).max() < 1e-3 * full
    assert left.power(x) == pytest.approx(float(x @ solved.into_rows[0]), rel=2e-3)


@pytest.mark.parametrize("back", [False, True])
def test_cells_out_of_use_take_current_through_the_wires(back):
    """Rows in use are the last, columns in use lie between others: as if each cell out of use were solved for."""
    used, low = cells(20, 12, high=100e-6), 10e-6
    whole = np.full((26, 25), low)
    whole[6:, 4:16] = used
    left = Left(used, row=5, column=3, end=7, before=4, across=9, along=6, low=low)
    rng = np.random.default_rng(4)
    rows, columns = np.zeros((1, 26)), np.zeros((1, 25))
    grid = Grid(cells=whole, row=5, column=3, end=7)
    if back:
        columns[0, 4:16] = rng.uniform(-1, 1, 12)
        found = -solve(grid, rows, columns).into_rows[0, 6:]
        expected, ideal = left.siemens @ columns[0, 4:16], used @ columns[0, 4:16]
    else:
        rows[0, 6:] = rng.random(20)
        solved = solve(grid, rows)
        found = solved.out_of_columns[0, 4:16]
        expected, ideal = rows[0, 6:] @ left.siemens, rows[0, 6:] @ used
        taken = left.power(rows[0, 6:], unused=13 * low)
        assert taken == pytest.approx(float(rows[0] @ solved.into_rows[0]), rel=2e-3)
    full = np.abs(ideal).max()
    assert np.abs(expected - found).max() < 2e-3 * full
    assert np.abs(ideal - found).max() > 2e-2 * full


def test_references_are_the_last_cells_of_their_rows():
    """Solved for as one more column, behind cells out of use."""
    used, low, reference = cells(20, 8), 2e-6, 11e-6
    whole = np.full((23, 11), low)
    whole[3:, :8] = used
    whole[:, 10] = reference
    left = Left(used, row=20, column=10, across=2, along=3, low=low, reference=reference)
    rows = np.zeros((1, 23))
    rows[0, 3:] = np.random.default_rng(5).random(20)
    found = solve(Grid(cells=whole, row=20, column=10), rows).out_of_columns[0, 10]
    assert rows[0, 3:] @ left.beside[:-1] == pytest.approx(found, rel=2e-3)
    columns = np.zeros((1, 11))
    columns[0, 10] = 1
    alone = solve(Grid(cells=whole, row=20, column=10), np.zeros((1, 23)), columns)
    # All of its line, rows out of use among them.
    assert left.beside[-1] == pytest.approx(-alone.out_of_columns[0, 10], rel=2e-2)


def test_power_is_that_of_cells_and_wires():
    """What drivers deliver is what all resistances turn into heat, in the solution that all is held against."""
    array, ohm = cells(6, 5, high=1e-3), 40.0
    x = np.random.default_rng(6).random((1, 6))
    solved = solve(Grid(cells=array, row=ohm, column=ohm), x)
    in_cells = array * solved.over_cells[0] ** 2
    through = array * solved.over_cells[0]
    in_rows = ohm * through[:, ::-1].cumsum(axis=1) ** 2
    in_columns = ohm * through.cumsum(axis=0) ** 2
    assert float(x[0] @ solved.into_rows[0]) == pytest.approx(
        in_cells.sum() + in_rows.sum() + in_columns.sum()
    )


def test_power_of_lines_together_is_never_less_than_none():
    """What is no number stays none, too."""
    taken = np.array([1.0, np.nan])
    couple(np.ones((1, 2), np.float32), np.ones((2, 2)), np.array([1.0, 1.0]), taken)
    assert taken[0] == 0
    assert np.isnan(taken[1])


def test_many_nodes_take_scipy(monkeypatch):
    """Without it an array of 64 x 64 is refused, and one of 32 x 32 solved as with it."""
    array, x = cells(32, 32), np.ones((1, 32))
    grid = Grid(cells=array, row=1.0, column=1.0)
    whatever = solve(grid, x).out_of_columns
    monkeypatch.setattr(nodal, "_sparse", lambda: None)
    assert solve(grid, x).out_of_columns == pytest.approx(whatever)
    with pytest.raises(ChipsimError) as refused:
        solve(Grid(cells=cells(64, 64), row=1.0, column=1.0), np.ones((1, 64)))
    assert str(refused.value) == (
        "8,192 nodes take scipy to solve for, at most 4,200 do without: pip install scipy"
    )


@pytest.mark.parametrize("wrong", [{"row": 0.0}, {"column": -1.0}, {"end": -1.0}])
def test_wires_without_resistance_have_no_nodes(wrong):
    """Two nodes that are one have no wire between them."""
    with pytest.raises(ValueError, match=r"must be (more than 0|at least 0), not -?[01]"):
        Grid(**({"cells": cells(2, 2), "row": 1.0, "column": 1.0} | wrong))


def test_nothing_is_left_behind_wires_that_let_nothing_through():
    """Shares too small for a float are zero, and so is what they leave; cells that are no number stay none."""
    left = Left(np.full((300, 300), 1e-3), row=1e6, column=1e6)
    assert left.factors[0, -1] == 0
    assert np.isfinite(left.siemens).all()
    assert np.isnan(Left([[np.nan]], row=1, column=1).factors).all()
