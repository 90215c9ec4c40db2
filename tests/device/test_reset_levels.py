"""Cells that a SET takes to the top and a RESET of some voltage to a lower level, against a plain Python twin."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.programming import CellList
from chipsim.device.randomness import generator
from chipsim.device.reset_levels import MiddleLevel, _of_cell
from chipsim.errors import DescriptionError
from chipsim.spec import load_chip
from chipsim.synapse.level_pair import LevelPair
from tests import levels_made
from tests.spec.messages import fails

F = np.float32
SHAPE = ROWS, LINES = 3, 4
MEANS, VOLTAGES = levels_made.MEANS, levels_made.VOLTAGES
TOP = len(MEANS) - 1


device = levels_made.reset_levels


@attrs.define
class TwinCell:
    """One cell, programmed by hand."""

    conductance: np.float32
    level: int = 0
    sets: int = 0
    resets: int = 0

    def program(self, level, z, spread):
        """What pulses take: V^2 G of RESETs and of SETs, G the mean of before and after each."""
        after = F(max(MEANS[level] + spread * float(z), 0))
        now, reset_power, set_power = float(self.conductance), 0.0, 0.0
        if level == TOP or self.level != TOP:
            reached = float(after) if level == TOP else MEANS[TOP]
            set_power = 3.0**2 * (now + reached) / 2
            now = reached
            self.sets += 1
        if level != TOP:
            reset_power = VOLTAGES[level] ** 2 * (now + float(after)) / 2
            self.resets += 1
        self.conductance, self.level = after, level
        return reset_power, set_power


def listed(cells):
    """A list of (row, line, level)."""
    rows, lines, levels = zip(*cells, strict=True) if cells else ((), (), ())
    return CellList(np.array(rows, np.int32), np.array(lines, np.int32), np.array(levels, np.int8))


rounds = st.lists(
    st.dictionaries(st.tuples(st.integers(0, ROWS - 1), st.integers(0, LINES - 1)), st.integers(0, TOP)),
    max_size=6,
)


@settings(max_examples=60)
@given(rounds=rounds, spread=st.sampled_from([0.0, 0.25]), seed=st.integers(0, 5))
def test_against_a_twin(rounds, spread, seed):
    """Conductances, levels, counts, sums of lines, and what pulses take, after any programmings."""
    model = device(spread=spread)
    cells = model.fresh(SHAPE, rng=generator(seed, "fresh"))
    twin = {place: TwinCell(cells.conductance[place]) for place in np.ndindex(*SHAPE)}
    rng, same = generator(seed, "array"), generator(seed, "array")
    for wanted in rounds:
        todo = [(*place, level) for place, level in wanted.items()]
        done = model.program(cells, listed(todo), rng=rng)
        drawn = same.standard_normal(len(todo), dtype=np.float32)
        powers = [twin[i, j].program(level, z, spread) for (i, j, level), z in zip(todo, drawn, strict=True)]
        # As a tile charges them: RESETs at the voltage of the strongest, SETs as V I.
        assert VOLTAGES[0] ** 2 * done.reset_siemens == pytest.approx(sum(power for power, _ in powers))
        assert 3.0 * done.set_amperes == pytest.approx(sum(power for _, power in powers))
    for place, cell in twin.items():
        assert cells.conductance[place] == cell.conductance
        counts = (cells.level[place], cells.sets[place], cells.resets[place])
        assert counts == (cell.level, cell.sets, cell.resets)
    np.testing.assert_allclose(cells.row_sum, cells.conductance.sum(axis=1, dtype=np.float64))
    np.testing.assert_allclose(cells.column_sum, cells.conductance.sum(axis=0, dtype=np.float64))


def test_levels_spread_as_they_are_said_to():
    """Of 40,000 cells at each level, five standard errors of the mean and of the deviation."""
    side = 200
    model = device(spread=0.05)
    for level, mean in enumerate(MEANS):
        cells = model.fresh((side, side), rng=generator(1, "fresh"))
        places = [(i, j, level) for i in range(side) for j in range(side)]
        model.program(cells, listed(places), rng=generator(level, "array"))
        assert cells.conductance.mean() == pytest.approx(mean, abs=5 * 0.05 / side)
        assert cells.conductance.std() == pytest.approx(0.05, abs=5 * 0.05 / side / 2**0.5)


# --- on a tile ---------------------------------------------------------------------------------------

PAIR = LevelPair(levels=(-3.5, -1.5, -0.5, 0.0, 0.5, 1.5, 3.5))


def written(writer):
    """Slots of a first writing of three weights whose plus cells go to the levels 1, 2 and 3."""
    tile = levels_made.tile((1, 3), synapse=PAIR, cell=device(), writer=writer)
    change = tile.initialise_levels(np.array([[4, 5, 6]], np.int32))
    return {name: count for name, count in change.operation.counts if count}, change


def test_a_serial_writer_pulses_cell_by_cell():
    """Three cells leave their low level: each takes a SET, and those that stop below the top a RESET."""
    counts, _ = written("serial")
    assert counts == {"sets": 3, "resets": 2}


def test_a_parallel_writer_shares_the_set():
    """One SET of the row for all of them, and a RESET for each voltage."""
    counts, _ = written("row-parallel")
    assert counts == {"sets": 1, "resets": 2}


def test_what_a_writing_takes():
    """By hand: three SETs from 0.5 to 4 S at 3 V; RESETs from 4 to 1 S at 2 V, and to 2 S at 1 V."""
    _, change = written("serial")
    cells = change.charges[0]
    expected = 1e6 * (levels_made.SET * 9 * 3 * 2.25 + levels_made.RESET * (4 * 2.5 + 1 * 3.0))
    assert cells.energies_aj[0] == round(expected)


@pytest.mark.parametrize(("writer", "slots"), [("serial", (4, 4)), ("row-parallel", (2, 1))])
def test_a_guess_for_timing(writer, slots):
    """Four weights of one row, each a SET and a RESET; side by side 1 SET, and 3 (1 - (2/3)^4) = 2.4 RESETs."""
    tile = levels_made.tile((1, 4), synapse=PAIR, cell=device(), writer=writer, seed=None)
    counts = dict(tile.typical_program(4).counts)
    assert (counts["resets"], counts["sets"]) == slots


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        (["top.conductance=10 uS"], "device.top.conductance", "must ascend, and 10 µS comes after 40 µS"),
        (["low.conductance=5 uS"], "device.middle.0.conductance", "must ascend, and 5 µS comes after 5 µS"),
        (["reset_voltage=1.6 V"], "device.middle.0.reset_voltage",
         "must be less than that of the level below, 1.6 V, not 1.66 V: a stronger RESET leads lower"),
        (["middle.1.reset_voltage=1.66 V"], "device.middle.1.reset_voltage",
         "must be less than that of the level below, 1.66 V, not 1.66 V: a stronger RESET leads lower"),
        (["top.spread=61 uS"], "device.top.spread", "must be at most what the level conducts, 60 µS, not 61 µS"),
        (["spread_scale=5"], "device.spread_scale",
         "must be at most 3.649635036, where a level spreads by as much as it may, not 5"),
    ],
)  # fmt: skip
def test_levels_that_are_none(changes, path, message):
    """Each with what is there and what is allowed."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("multilevel-transfer", sets=[f"device.{change}" for change in changes])
    told = [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]
    assert (path, message) in told


def test_too_many_levels():
    """A level is kept in a signed byte."""
    many = tuple(
        MiddleLevel(conductance=1 + step / 1000, reset_voltage=4 - step / 1000) for step in range(1, 128)
    )
    told = [fault.message for fault in _of_cell(device(middle=many))]
    assert told == ["has 127 levels, and a cell may have 126 between its ends"]


def test_reading_stays_below_the_weakest_pulse():
    """Of all that change a cell."""
    told = fails(load_chip, "multilevel-transfer", sets=["tile.read_voltage=1.6 V"])
    for name, limit in (("set_voltage", "1.44 V"), ("middle.reset_voltage", "1.56 V")):
        assert f"must be less than the device's {name}, {limit}, or reading would program; not 1.6 V" in told
