"""What wires leave of cells that are pulsed: lines that changed worked out anew, held against all of them."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.wires import NUMBERS
from chipsim.device.wires_renewing import is_stale, renew
from chipsim.testing.nodal import Grid, solve
from tests.device.test_wires import cells

SHAPE = (40, 33)


class Known:
    """An array of cells, and what is known of its wires."""

    def __init__(self, array, *, tolerance=0.01, **numbers):
        self.cells = np.array(array, np.float32)
        rows, lines = self.cells.shape
        self.numbers = np.array([numbers.get(name, 0.0) for name in NUMBERS])
        self.tolerance = tolerance
        self.left = tuple(np.ones_like(self.cells) for _ in range(3))
        self.beside, self.less = np.zeros(rows + 1), np.zeros((2, rows))
        self.then = np.full(rows, -1.0), np.full(lines, -1.0)
        self.shares = np.ones(rows), np.ones(lines)
        self.coupling = np.zeros(1), np.zeros(1)
        self.reach = np.array(
            [numbers.get("row", 0) * (lines + 1) / 2, numbers.get("column", 0) * (rows + 1) / 2]
        )

    def renew(self):
        """Bring it up to date; whether anything was worked out."""
        unused, reference = self.numbers[NUMBERS.index("low")], self.numbers[NUMBERS.index("reference")]
        beyond = [unused * self.numbers[NUMBERS.index(name)] for name in ("across", "along")]
        sums = (
            self.cells.sum(axis=1, dtype=np.float64) + beyond[0] + reference,
            self.cells.sum(axis=0, dtype=np.float64) + beyond[1],
        )
        return renew(
            self.cells, self.numbers, sums, self.then, self.shares, self.reach, self.tolerance, self.left,
            self.beside, self.less, self.coupling,
        )  # fmt: skip

    def known(self):
        """All that is known."""
        return (*self.left, self.beside, self.less, *self.shares, *self.coupling)


def anew(known, **numbers):
    """The same cells, all lines worked out."""
    other = Known(known.cells, tolerance=0.0, **numbers)
    other.renew()
    return other


BOTH = {"row": 20.0, "column": 15.0, "end": 7.0, "across": 3, "along": 5, "low": 2e-6, "reference": 9e-6}


def test_at_first_all_lines_are_worked_out():
    """To the bit what is worked out at once; and nothing is, as long as nothing changes."""
    known = Known(cells(*SHAPE), **BOTH)
    assert known.renew()
    assert all(map(np.array_equal, known.known(), anew(known, **BOTH).known()))
    assert not known.renew()


@pytest.mark.parametrize("way", ["row", "column"])
def test_a_line_that_changed_is_worked_out_alone(way):
    """Where the others have no resistance: to the bit as with all of them, and other lines stay as they were."""
    known = Known(cells(*SHAPE), **{way: 30.0})
    known.renew()
    before = [one.copy() for one in known.left]
    place = np.s_[7] if way == "row" else np.s_[:, 7]
    known.cells[place] *= 1.5
    assert known.renew()
    whole = anew(known, **{way: 30.0})
    changed = np.zeros(SHAPE, bool)
    changed[place] = True
    for one, other, old in zip(known.left, whole.left, before, strict=True):
        assert np.array_equal(one[changed], other[changed])
        assert np.array_equal(one[~changed], old[~changed])
    at = 0 if way == "row" else 1
    assert known.shares[at] == pytest.approx(whole.shares[at], rel=1e-12)
    assert known.coupling[at] == pytest.approx(whole.coupling[at], abs=1e-5)


def test_lines_of_both_sorts_that_changed_meet():
    """Both are as if all had been worked out, and what the crossing lines lack is less than is tolerated."""
    known = Known(cells(*SHAPE), **BOTH)
    known.renew()
    known.cells[7], known.cells[:, 20] = 60e-6, 50e-6
    assert known.renew()
    whole = anew(known, **BOTH)
    factors, of_rows, of_columns = (
        np.abs(one / other - 1) for one, other in zip(known.left, whole.left, strict=True)
    )
    assert not of_rows[7].any()
    assert not of_columns[:, 20].any()
    assert max(factors.max(), of_rows.max(), of_columns.max()) < 2 * known.tolerance
    assert known.beside == pytest.approx(whole.beside, rel=known.tolerance)
    assert known.less == pytest.approx(whole.less, rel=0.1)
    assert [one[0] for one in known.coupling] == pytest.approx([one[0] for one in whole.coupling], rel=0.05)


def test_many_lines_that_changed_are_all_worked_out():
    """To the bit: more than a quarter of them."""
    known = Known(cells(*SHAPE), **BOTH)
    known.renew()
    known.cells[: SHAPE[0] // 3] *= 1.5
    assert known.renew()
    assert all(map(np.array_equal, known.known(), anew(known, **BOTH).known()))


def test_without_tolerance_all_lines_are_worked_out():
    """As tests do, whatever changed."""
    known = Known(cells(*SHAPE), tolerance=0.0, **BOTH)
    known.renew()
    known.cells[3, 4] *= 1.001
    assert known.renew()
    assert all(map(np.array_equal, known.known(), anew(known, **BOTH).known()))


@pytest.mark.parametrize("ohm", [5.0, 10.0, 20.0])
def test_currents_stay_near_those_of_all_nodes_while_cells_are_pulsed(ohm):
    """After 12,000 pulses of a fiftieth of the range: what wires take is known to a tenth, and power to 1 %."""
    wires = {"row": ohm, "column": ohm}
    rng = np.random.default_rng(1)
    known = Known(cells(64, 64), **wires)
    known.renew()
    began, rounds = known.cells.copy(), 0
    for _ in range(60):
        rows, columns = rng.integers(0, 64, (2, 200))
        # More up than down, and more so on some lines, so that sums move.
        known.cells[rows, columns] += np.float32(18e-6 / 50) * np.where(
            rng.random(200) < 0.5 + rows / 130, 1, -1
        )
        np.clip(known.cells, 2e-6, 20e-6, out=known.cells)
        rounds += known.renew()
    assert rounds
    assert np.abs(known.cells - began).max() > 2e-6
    x = rng.random((1, 64))
    solved = solve(Grid(cells=known.cells.astype(np.float64), **wires), x)
    ideal = x @ known.cells.astype(np.float64)
    off = x @ (known.cells.astype(np.float64) * known.left[0]) - solved.out_of_columns
    lost = np.abs(ideal - solved.out_of_columns).max()
    assert np.abs(off).max() < max(0.1 * lost, 0.02 * known.tolerance * ideal.max())
    sums = known.cells.sum(axis=1, dtype=np.float64) * known.shares[0]
    power = x[0] ** 2 @ sums - (x[0] @ sums) ** 2 * known.coupling[0][0]
    assert power == pytest.approx(float(x[0] @ solved.into_rows[0]), rel=1e-2)


def test_a_line_is_stale_once_its_end_sees_another_voltage():
    """0.02 S more behind half an Ohm are a hundredth; of a line that lost a half before, twice as many."""
    then = np.array([0.0, 2.0])
    assert not is_stale(np.array([0.019, 2.0]), then, 0.5, 0.01)
    assert is_stale(np.array([0.021, 2.0]), then, 0.5, 0.01)
    assert not is_stale(np.array([0.0, 2.039]), then, 0.5, 0.01)
    assert is_stale(np.array([0.0, 1.959]), then, 0.5, 0.01)
    assert is_stale(np.array([0.0]), np.array([-1.0]), 0.0, 0.01)
