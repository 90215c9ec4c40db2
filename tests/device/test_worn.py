"""Cells that wear out: pulse by pulse by hand, where they end, and what of it is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.linear_step import LinearStep
from chipsim.device.randomness import generator
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.worn import Wear, pulse_worn, reset_worn, worn_out
from chipsim.synapse.referred_cells import ReferredCells

CELL = {
    "states": 100, "on_conductance": 20e-6, "off_conductance": 2e-6, "pulse_voltage": 2.0, "pulse_width": 100_000,
    "area": 40_000, "reset_voltage": 2.0, "reset_width": 100_000,
}  # fmt: skip


def cells_of(shape=(3, 4), *, endurance=5, device=LinearStep, **wear):
    """A device and new cells of it that wear out."""
    made = device(**CELL, step_variation=0.0, endurance=endurance, wear=Wear(**wear))
    rng = generator(1, "array")
    cells = made.fresh(shape, rng=rng)
    made.begin_wear(cells, rng=rng)
    return made, cells, rng


def hits(rows, columns, counts):
    """Of listed cells."""
    return Hits(*(np.array(values, np.int32) for values in (rows, columns, counts)))


def test_a_cell_moves_up_to_its_last_pulse_and_no_further():
    """Five pulses move it, of two trains of three; the sixth is counted, and charged by what it conducts."""
    device, cells, rng = cells_of()
    step, low = device.step(1.0), device.low(1.0)
    pulse_worn(device.pulse, cells, hits([1], [2], [3]), rng=rng)
    assert cells.conductance[1, 2] == pytest.approx(low + 3 * step)
    assert not worn_out(cells).any()
    met = pulse_worn(device.pulse, cells, hits([1], [2], [3]), rng=rng)
    assert cells.conductance[1, 2] == pytest.approx(low + 5 * step)
    assert worn_out(cells).sum() == 1
    assert cells.pulses[1, 2] == 6
    assert met == pytest.approx((low + 3.5 * step) + (low + 4.5 * step) + (low + 5 * step))


@pytest.mark.parametrize("ends", ["low", "high"])
def test_a_cell_that_fails_ends_at_a_bound(ends):
    """At once with its last pulse, and the sums of its lines with it; further pulses leave it there."""
    device, cells, rng = cells_of(ends=ends)
    pulse_worn(device.pulse, cells, hits([0, 2], [0, 3], [5, 1]), rng=rng)
    bound = getattr(cells, ends)[0, 0]
    assert cells.conductance[0, 0] == bound
    assert cells.conductance[2, 3] == pytest.approx(device.low(1.0) + device.step(1.0))
    pulse_worn(device.pulse, cells, hits([0], [0], [7]), rng=rng)
    assert cells.conductance[0, 0] == bound
    assert cells.row_sum == pytest.approx(cells.conductance.sum(axis=1, dtype=np.float64))
    assert cells.column_sum == pytest.approx(cells.conductance.sum(axis=0, dtype=np.float64))


def test_many_cells_fare_as_one_pulse_after_another_by_hand():
    """Each with an endurance of its own, over many trains."""
    device, cells, rng = cells_of((9, 8), endurance=20, spread=0.6)
    expected = np.full((9, 8), device.low(1.0))
    had = np.zeros((9, 8), int)
    source = np.random.default_rng(3)
    for _ in range(30):
        chosen = source.random((9, 8)) < 0.4
        rows, columns = (places.astype(np.int32) for places in chosen.nonzero())
        counts = source.integers(1, 6, rows.size).astype(np.int32)
        pulse_worn(device.pulse, cells, Hits(rows, columns, counts), rng=rng)
        for i, j, n in zip(rows, columns, counts, strict=True):
            for _ in range(n):
                expected[i, j] += device.step(1.0) * (had[i, j] < cells.endures[i, j])
                had[i, j] += 1
    expected = np.minimum(expected, device.on_conductance)
    assert np.array_equal(had, cells.pulses)
    assert np.allclose(cells.conductance, expected, rtol=1e-5)
    assert 0 < worn_out(cells).sum() < had.size


def test_endurances_are_log_normal_around_their_median():
    """Within three standard errors of 40,000 cells: of the median, and of the spread of logarithms."""
    drawn = Wear(spread=0.5).endured(1_000_000, (200, 200), rng=np.random.default_rng(1))
    logs = np.log(drawn)
    assert np.median(logs) == pytest.approx(math.log(1e6), abs=3 * 1.2533 * 0.5 / 200)
    assert logs.std() == pytest.approx(0.5, abs=3 * 0.5 / math.sqrt(2 * 40_000))


def test_cells_without_spread_draw_nothing():
    """All stand as much, and the array's generator is where it was."""
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    assert (Wear().endured(7, (2, 3), rng=rng) == 7).all()
    assert rng.random() == other.random()


def test_endurances_beyond_a_count_are_never_met():
    """A trillion pulses come in no run, and do not overflow."""
    device, cells, rng = cells_of(endurance=10**12)
    pulse_worn(device.pulse, cells, hits([0], [0], [63]), rng=rng)
    assert not worn_out(cells).any()
    assert cells.pulses[0, 0] == 63


def test_a_cell_that_is_worn_out_is_not_reset():
    """The strong pulse is counted and charged, and leaves it where it stands; others go back."""
    device, cells, rng = cells_of()
    pulse_worn(device.pulse, cells, hits([0, 1], [0, 1], [5, 3]), rng=rng)
    stands = cells.conductance[0, 0]
    met = reset_worn(device.reset, cells, np.array([0, 1], np.int32), np.array([0, 1], np.int32))
    assert cells.conductance[0, 0] == stands
    assert cells.conductance[1, 1] == cells.low[1, 1]
    assert (cells.resets[0, 0], cells.resets[1, 1]) == (1, 1)
    assert met == pytest.approx(float(stands) + device.low(1.0) + 3 * device.step(1.0))


def test_without_wear_nothing_is_kept_and_nothing_is_drawn():
    """A device that says nothing of it has cells that last."""
    device = LinearStep(**CELL, step_variation=0.0, endurance=5)
    rng, other = np.random.default_rng(2), np.random.default_rng(2)
    cells = device.fresh((2, 2), rng=np.random.default_rng(2))
    device.begin_wear(cells, rng=rng)
    assert cells.endures is None
    assert rng.random() == other.random()
    pulse_worn(device.pulse, cells, hits([0], [0], [9]), rng=rng)
    assert cells.conductance[0, 0] == pytest.approx(device.low(1.0) + 9 * device.step(1.0))


def test_failed_cells_stay_while_symmetry_points_are_sought():
    """Alternating pulses move the others, in a loop or singly, and no cell that is worn out."""
    device = SoftBounds(
        **{key: value for key, value in CELL.items() if "reset" not in key}, down_voltage=1.5, down_width=50_000,
        fresh_share=0.5, wear=Wear(), endurance=100_000,
    )  # fmt: skip
    cells = ReferredCells(("a", "r"), device, weight_range=1.0, reference_error=0.0, shape=(1, 2), seed=0)
    cells.cells.endures[0, 0] = 0
    cells.cells.conductance[worn_out(cells.cells)] = 19e-6
    cells.drifted()
    before = cells.cells.conductance.copy()
    cells.alternate(40, down=False)
    cells.centred()
    assert cells.cells.conductance[0, 0] == before[0, 0]
    assert cells.cells.conductance[0, 1] != before[0, 1]
