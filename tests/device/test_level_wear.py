"""Cells of levels that wear out: cycle by cycle by hand, where they end, windows that narrow, what is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.level_wear import failed_levels, levels_lost_to_wear, program_worn
from chipsim.device.levels import HighLevel, LowLevel
from chipsim.device.multilevel import Multilevel
from chipsim.device.narrowing import Narrowing
from chipsim.device.programming import CellList
from chipsim.device.randomness import generator
from chipsim.device.reset_levels import MiddleLevel, ResetLevels, TopLevel
from chipsim.device.worn import Wear

PULSES = {
    "set_voltage": 1.5, "set_width": 100_000, "reset_voltage": 1.8, "reset_width": 100_000, "area": 40_000,
}  # fmt: skip


def multilevel(**more):
    """Two high levels above a low one, without spread."""
    high = (
        HighLevel(conductance=40e-6, spread=0, compliance=20e-6),
        HighLevel(conductance=80e-6, spread=0, compliance=40e-6),
    )
    return Multilevel(low=LowLevel(conductance=8e-6), high=high, **PULSES, **more)


def reset_levels(**more):
    """The same levels, chosen by a RESET."""
    middle = (MiddleLevel(conductance=40e-6, reset_voltage=1.6),)
    return ResetLevels(
        low=LowLevel(conductance=8e-6), middle=middle, top=TopLevel(conductance=80e-6), **PULSES, **more
    )


def cells_of(kind, shape=(2, 3), *, endurance=3, **wear):
    """A device, new cells that wear out, and what their levels are drawn from."""
    device, rng = kind(endurance=endurance, wear=Wear(**wear)), generator(1, "array")
    cells = device.fresh(shape, rng=rng)
    device.begin_wear(cells, rng=rng)
    return device, cells, rng


def program(device, cells, rng, *levels, row=0, line=0):
    """One cell to one level after another; what it conducts then, uS."""
    found = []
    for level in levels:
        wanted = CellList(np.array([row], np.int32), np.array([line], np.int32), np.array([level], np.int8))
        program_worn(device, cells, wanted, rng=rng, pulsed=np.zeros((cells.level.shape[0], 3), np.bool_))
        found.append(round(1e6 * float(cells.conductance[row, line]), 3))
    return found


def test_a_cell_goes_to_and_fro_as_often_as_it_stands():
    """Three cycles of a SET and a RESET each; the fourth SET leaves it low, and so does all that comes."""
    device, cells, rng = cells_of(multilevel)
    assert program(device, cells, rng, 2, 0, 1, 0, 2, 0) == [80, 8, 40, 8, 80, 8]
    assert not failed_levels(cells).any()
    assert program(device, cells, rng, 2, 0, 1) == [8, 8, 8]
    assert failed_levels(cells).sum() == 1
    assert (cells.sets[0, 0], cells.resets[0, 0], cells.programmings[0, 0]) == (5, 4, 9)
    assert cells.level[0, 0] == 1, "whoever wrote it does not know"


def test_a_cell_whose_set_is_abrupt_fails_alike():
    """Each way to a middle level from another one is a SET and a RESET, a whole cycle."""
    device, cells, rng = cells_of(reset_levels)
    assert program(device, cells, rng, 1, 0, 1, 0, 2) == [40, 8, 40, 40, 40]
    assert failed_levels(cells).sum() == 1


@pytest.mark.parametrize(("ends", "at"), [("low", 8), ("high", 80), ("where-it-stands", 40)])
@pytest.mark.parametrize("kind", [multilevel, reset_levels])
def test_a_cell_that_fails_ends_where_it_is_said_to(kind, ends, at):
    """With the programming by which it would have more cycles than it stands, and from then on."""
    device, cells, rng = cells_of(kind, endurance=1, ends=ends)
    assert program(device, cells, rng, 1) == [40]
    assert program(device, cells, rng, 2, 1, 0) == [at] * 3
    assert failed_levels(cells)[0, 0]


@pytest.mark.parametrize("kind", [multilevel, reset_levels])
def test_sums_of_lines_follow(kind):
    """Of cells that stick, and of those whose windows narrow."""
    device, cells, rng = cells_of(kind, endurance=2, spread=0.5, narrows=Narrowing(upper=0.5, lower=0.5))
    source = np.random.default_rng(4)
    rows, lines = (places.ravel().astype(np.int32) for places in np.indices((2, 3)))
    for _ in range(90):
        wanted = CellList(rows, lines, source.integers(0, 3, 6).astype(np.int8))
        program_worn(device, cells, wanted, rng=rng, pulsed=np.zeros((2, 3), np.bool_))
    assert cells.row_sum == pytest.approx(cells.conductance.sum(axis=1, dtype=np.float64))
    assert cells.column_sum == pytest.approx(cells.conductance.sum(axis=0, dtype=np.float64))
    assert failed_levels(cells).any()


def test_levels_keep_their_places_in_a_window_that_narrows():
    """After ten times what it stands: by the law of the window, the middle level in proportion."""
    device, cells, rng = cells_of(multilevel, endurance=10, narrows=Narrowing(upper=0.2, lower=0.1))
    cells.counts[0, 0, :2] = 99
    low, high = 8 * 10**0.1, 80 * 10**-0.2
    found = program(device, cells, rng, 2, 0)
    assert found == [pytest.approx(high, rel=1e-3), pytest.approx(low, rel=1e-3)]
    cells.counts[0, 0, :2] = 98
    (middle,) = program(device, cells, rng, 1)
    low, high = 8 * 9.9**0.1, 80 * 9.9**-0.2
    assert middle == pytest.approx(low + (high - low) * 32 / 72, rel=1e-3)


def test_cells_that_are_not_worn_are_what_they_are_without_wear():
    """To the bit, draws included, as long as no cell comes to its endurance."""
    worn, lasting = {"narrows": Narrowing(upper=1)}, generator(1, "array")
    spread = {"spread_scale": 1.0}
    device, cells, rng = cells_of(lambda **more: multilevel(**spread, **more), endurance=10**6, **worn)
    plain = multilevel(**spread)
    other = plain.fresh((2, 3), rng=lasting)
    assert program(device, cells, rng, 1, 2, 0) == program(plain, other, lasting, 1, 2, 0)
    assert np.array_equal(cells.conductance, other.conductance)
    assert levels_lost_to_wear("a", other) == []


def test_failed_cells_are_counted():
    """Of all of their array."""
    device, cells, rng = cells_of(multilevel, endurance=1)
    program(device, cells, rng, 2, 0, 2)
    (lost,) = levels_lost_to_wear("a", cells)
    assert (lost.what, lost.count, lost.of) == ("cells-worn-out", 1, 6)


def test_cells_whose_windows_narrowed_are_counted():
    """From the cycle on after those that they stand with their whole windows."""
    device, cells, rng = cells_of(multilevel, endurance=1, narrows=Narrowing(upper=0.1))
    program(device, cells, rng, 2, 0)
    assert [one.count for one in levels_lost_to_wear("a", cells)] == [0, 0]
    program(device, cells, rng, 2)
    failed, narrowed = levels_lost_to_wear("a", cells)
    assert (failed.what, failed.count) == ("cells-worn-out", 0)
    assert (narrowed.what, narrowed.count, narrowed.of) == ("windows-narrowed", 1, 6)
