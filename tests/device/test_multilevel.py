"""Multilevel cells against a plain Python twin, and the statistics of what they come out as."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.levels import LowLevel
from chipsim.device.programming import CellList, changing, differences
from chipsim.device.randomness import generator
from tests import levels_made as made

SHAPE = ROWS, LINES = 3, 4
TOP = len(made.HIGH)


@attrs.define
class TwinCell:
    """One cell, programmed by hand."""

    conductance: np.float32
    level: int = 0
    sets: int = 0
    resets: int = 0
    programmings: int = 0

    def program(self, level, z, spread):
        """Joules' factors: conductance that a RESET found, and current that a SET was limited to."""
        siemens = amperes = 0.0
        if self.level or not level:
            siemens = float(self.conductance)
            self.resets += 1
        if level:
            amperes = 0.01 * level
            self.sets += 1
        mean = (made.LOW, *made.HIGH)[level]
        self.conductance = np.float32(max(mean + spread * float(z), 0))
        self.level = level
        self.programmings += 1
        return siemens, amperes


def pulses(twin):
    """RESETs and SETs of all its cells."""
    return [sum(cell.resets for cell in twin.values()), sum(cell.sets for cell in twin.values())]


def listed(cells):
    """A list of (row, line, level)."""
    rows, lines, levels = zip(*cells, strict=True) if cells else ((), (), ())
    return CellList(np.array(rows, np.int32), np.array(lines, np.int32), np.array(levels, np.int8))


rounds = st.lists(
    st.dictionaries(st.tuples(st.integers(0, ROWS - 1), st.integers(0, LINES - 1)), st.integers(0, TOP)),
    max_size=6,
)


@given(rounds=rounds, spread=st.sampled_from([0.0, 0.1, 2.0]), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_programming_against_a_twin(rounds, spread, seed):
    """State, counts, energies and line sums after any sequence of programmings are those of single cells."""
    model = made.device(spread=spread)
    rng, twin_rng = generator(seed, "cells"), generator(seed, "cells")
    cells = model.fresh(SHAPE, rng=rng)
    first = twin_rng.standard_normal(SHAPE, dtype=np.float32) if spread else np.zeros(SHAPE)
    twin = {
        (i, j): TwinCell(np.float32(max(made.LOW + spread * float(first[i, j]), 0)))
        for i in range(ROWS)
        for j in range(LINES)
    }
    for wanted in rounds:
        program = [(*place, level) for place, level in wanted.items()]
        done = model.program(cells, listed(program), rng=rng)
        before = pulses(twin)
        noise = twin_rng.standard_normal(len(program), dtype=np.float32)
        energies = [
            twin[i, j].program(level, z, spread) for (i, j, level), z in zip(program, noise, strict=True)
        ]
        assert done.reset_siemens == sum((siemens for siemens, _ in energies), 0.0)
        assert done.set_amperes == sum((amperes for _, amperes in energies), 0.0)
        after = pulses(twin)
        assert [done.resets, done.sets] == [now - then for now, then in zip(after, before, strict=True)]
    for (i, j), cell in twin.items():
        assert cells.conductance[i, j] == cell.conductance
        assert cells.level[i, j] == cell.level
        assert cells.counts[i, j].tolist() == [cell.sets, cell.resets, cell.programmings]
    assert cells.row_sum == pytest.approx(cells.conductance.sum(axis=1, dtype=float), rel=1e-12)
    assert cells.column_sum == pytest.approx(cells.conductance.sum(axis=0, dtype=float), rel=1e-12)


@pytest.mark.parametrize(
    ("before", "after", "resets", "sets"),
    [(0, 3, 0, 1), (3, 0, 1, 0), (3, 4, 1, 1), (4, 3, 1, 1), (3, 3, 1, 1), (0, 0, 1, 0)],
)
def test_pulses_of_one_programming(before, after, resets, sets):
    """To low takes a RESET, from low a SET, between high levels both; the same level over again, what it needs."""
    model, rng = made.device(), generator(1, "cells")
    cells = model.fresh((1, 1), rng=rng)
    if before:
        model.program(cells, listed([(0, 0, before)]), rng=rng)
    start = cells.counts.copy()
    model.program(cells, listed([(0, 0, after)]), rng=rng)
    assert (cells.counts - start).ravel().tolist() == [sets, resets, 1]
    assert cells.conductance[0, 0] == (made.LOW, *made.HIGH)[after]


def test_pulses_are_marked_by_row():
    """A RESET in the first column, a SET in that of its level."""
    model, rng = made.device(), generator(1, "cells")
    cells = model.fresh((3, 2), rng=rng)
    model.program(cells, listed([(2, 0, 4)]), rng=rng)
    pulsed = np.zeros((3, TOP + 1), bool)
    model.program(cells, listed([(0, 0, 1), (0, 1, 3), (2, 0, 2), (2, 1, 2)]), rng=rng, pulsed=pulsed)
    assert pulsed.astype(int).tolist() == [[0, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 0, 1, 0, 0]]


@given(
    levels=st.lists(st.integers(0, TOP), min_size=6, max_size=6),
    wanted=st.dictionaries(st.tuples(st.integers(0, 1), st.integers(0, 2)), st.integers(0, TOP)),
    each=st.sampled_from([1, 3]),
)
def test_only_cells_that_change_are_listed(levels, wanted, each):
    """A cell that stands at its level is left alone; order is that of the weights, then of their cells."""
    model = made.device()
    cells = model.fresh((2, 3), rng=generator(1, "cells"))
    cells.level[:] = np.reshape(levels, (2, 3))
    places = [place for place in wanted if place[1] < 3 // each]
    states = [[(wanted[place] + c) % (TOP + 1) for c in range(each)] for place in places]
    expected = [
        (row, column * each + c, level)
        for (row, column), state in zip(places, states, strict=True)
        for c, level in enumerate(state)
        if cells.level[row, column * each + c] != level
    ]
    found = changing(
        cells,
        np.array([row for row, _ in places], np.int32),
        np.array([column for _, column in places], np.int32),
        states=np.array(states, np.int8).reshape(len(places), each),
    )
    assert (
        list(zip(found.rows.tolist(), found.lines.tolist(), found.levels.tolist(), strict=True)) == expected
    )


def test_each_level_has_its_own_spread():
    """20,000 cells of each level: mean and deviation within five standard errors, drawn anew each time."""
    count, spreads = 20_000, (0.01, 0.02, 0.03, 0.04)
    spec = made.device()
    spec = attrs.evolve(
        spec,
        low=LowLevel(conductance=0.5, spread=0.05),
        high=tuple(attrs.evolve(level, spread=s) for level, s in zip(spec.high, spreads, strict=True)),
        spread_scale=0.5,
    )
    model, rng = spec, generator(1, "cells")
    cells = model.fresh((5, count), rng=rng)
    places = np.repeat(np.arange(5), count), np.tile(np.arange(count), 5)
    wanted = CellList(places[0].astype(np.int32), places[1].astype(np.int32), places[0].astype(np.int8))
    found = []
    for _ in range(2):
        model.program(cells, wanted, rng=rng)
        found.append(cells.conductance.astype(float))
    for level, (mean, spread) in enumerate(zip((made.LOW, *made.HIGH), (0.05, *spreads), strict=True)):
        sample, sigma = found[1][level], spread / 2
        assert sample.mean() == pytest.approx(mean, abs=5 * sigma / np.sqrt(count))
        assert sample.std() == pytest.approx(sigma, rel=5 / np.sqrt(2 * count))
        assert abs(np.corrcoef(found[0][level], sample)[0, 1]) < 5 / np.sqrt(count)


def test_fresh_cells_have_the_low_level_s_spread():
    """A cell that nobody programmed yet was RESET when it was made: its conductance is drawn, not counted."""
    model = made.device(low=LowLevel(conductance=0.5, spread=0.05))
    cells = model.fresh((100, 200), rng=generator(1, "cells"))
    assert cells.conductance.mean() == pytest.approx(0.5, abs=5 * 0.05 / np.sqrt(20_000))
    assert cells.conductance.std() == pytest.approx(0.05, rel=5 / np.sqrt(40_000))
    assert not cells.counts.any()


def test_conductance_is_never_negative():
    """Draws below zero become zero: half of them, where the mean is zero."""
    model, rng = made.device(low=LowLevel(conductance=0.0, spread=1.0)), generator(1, "cells")
    cells = model.fresh((1, 10_000), rng=rng)
    for _ in range(2):
        assert cells.conductance.min() == 0
        assert np.count_nonzero(cells.conductance == 0) == pytest.approx(5_000, abs=5 * 50)
        model.program(cells, listed([(0, line, 0) for line in range(10_000)]), rng=rng)


def test_no_spread_scale_no_error():
    """A spread scale of zero makes every cell its level's mean."""
    model, rng = made.device(spread=1.0, spread_scale=0.0), generator(1, "cells")
    cells = model.fresh((1, 5), rng=rng)
    model.program(cells, listed([(0, level, level) for level in range(1, 5)]), rng=rng)
    assert cells.conductance[0].tolist() == [made.LOW, *made.HIGH]


def test_missing_a_level_is_measured_by_its_nearest_neighbour():
    """Levels at 0.5, 1.25, 1.5, 2 and 4 S: a tenth is 0.075, 0.025, 0.025, 0.05 and 0.2 S."""
    spec = made.device()
    first, *between, last = spec.high
    high = (attrs.evolve(first, conductance=1.25), *between, attrs.evolve(last, conductance=4.0))
    model = attrs.evolve(spec, high=high)
    cells = model.fresh((1, 7), rng=generator(1, "cells"))
    cells.conductance[0] = [0.59375, 0.5625, 1.21875, 1.9375, 2.03125, 4.1875, 3.75]
    wanted = listed([(0, line, level) for line, level in enumerate((0, 0, 1, 3, 3, 4, 4))])
    missed = model.missed(cells, wanted, tolerance=0.1)
    assert missed.lines.tolist() == [0, 2, 3, 6]
    assert missed.levels.tolist() == [0, 1, 3, 4]


def test_what_a_weight_reads_as():
    """Plus less minus cell, or a single cell less the reference; other places are left alone."""
    conductance = np.array([[1.0, 0.5, 0.5, 2.0]], np.float32)
    one = np.ones(1, np.int32)
    pairs = np.full((1, 2), 9, np.float32)
    differences(conductance, 0 * one, one, 2, 0.0, pairs)
    assert pairs.tolist() == [[9, -1.5]]
    singles = np.full((1, 4), 9, np.float32)
    differences(conductance, 0 * one, 3 * one, 1, 0.75, singles)
    assert singles.tolist() == [[9, 9, 9, 1.25]]
