"""A tile of levels as numbers: what it holds, how it reads, and what writing it does to its cells."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.levels import HighLevel
from chipsim.device.multilevel import Multilevel
from chipsim.synapse.level_pair import LevelPair
from chipsim.update.reprogram import Verify
from tests import levels_made as made
from tests.levels_made import LOW, PAIR, RESET, SET, SINGLE
from tests.made import COSTS, READ, crossbar, one_pass

F, N = np.float32, np.int32
READ_AJ = 0.25 * READ * 1e6
"""Attojoules that a siemens takes of half a volt for the time of a read."""
RESET_AJ, SET_AJ = 4.0 * RESET * 1e6, 3.0 * SET * 1e6
"""Attojoules that a siemens takes of a RESET, and an ampere of a SET."""
LEVELS = [[8, 2], [4, 5]]
WEIGHTS = [[1.0, -0.5], [0.0, 0.25]]
"""The weights that these levels are."""


def counted(change):
    """Slots and readings of a change that there are any of."""
    return {name: count for name, count in change.operation.counts if count}


def whole(tile, rows, columns, levels):
    """A programming of listed weights."""
    return tile.program(np.array(rows, N), np.array(columns, N), np.array(levels, N))


def charged(*changes):
    """Energy and pulses by part and action."""
    books = {}
    for change in changes:
        for charge in change.charges:
            pulses = charge.pulses or (0,) * len(charge.rows)
            for row, energy, count in zip(charge.rows, charge.energies_aj, pulses, strict=True):
                before = books.get(row, (0, 0))
                books[row] = (before[0] + energy, before[1] + count)
    return books


# --- what it holds and how it reads ------------------------------------------------------------------


@pytest.mark.parametrize("synapse", [PAIR, SINGLE])
def test_cells_hold_the_weights_that_are_written(synapse):
    """Without spread the cells' differences are the levels, from the lowest to the highest."""
    count = len(synapse.levels)
    tile = made.tile((1, count), synapse=synapse, levels=[range(count)])
    assert tile.weights().tolist() == [list(synapse.levels)]
    assert tile.levels.tolist() == list(synapse.levels)


def test_plus_and_minus_cells_are_neighbours():
    """Weights 1, -0.5, 0 and 0.25: top and low, low and second, both low, first and low."""
    tile = made.tile(levels=LEVELS)
    (worn,) = tile.wear()
    assert worn.array == "tile0.cells"
    # Fresh cells are low, so each that stands high has had one SET and nothing else.
    assert worn.pulses.tolist() == [[1, 0, 0, 1], [0, 0, 1, 0]]
    assert worn.programmings.tolist() == worn.pulses.tolist()
    assert not worn.resets.any()


def test_forward_and_backward_by_hand():
    """Two by two: the same cells, driven from the rows and from the columns."""
    tile = made.tile(levels=LEVELS)
    forward = tile.forward(np.array([[1, 0.5], [0, -1]], F))
    assert forward.values.tolist() == [[1.0, -0.375], [0.0, -0.25]]
    backward = tile.backward(np.array([[1, 0.5]], F))
    assert backward.values.tolist() == [[0.75, 0.125]]


def test_reads_take_the_energy_of_both_cells():
    """All four cells of a driven row, and both cells of a driven column, whatever the sign of the weight."""
    tile = made.tile(levels=LEVELS)
    rows = (2.5 + LOW + LOW + 1.5, LOW + LOW + 1.0 + LOW)
    columns = (2.5 + LOW + LOW + LOW, LOW + 1.5 + 1.0 + LOW)
    assert charged(tile.forward(np.array([[1, 0.5]], F))) == {
        ("tile0.cells", "forward"): (round(READ_AJ * (rows[0] + 0.25 * rows[1])), 0)
    }
    assert charged(tile.backward(np.array([[-1, 0.5]], F))) == {
        ("tile0.cells", "backward"): (round(READ_AJ * (columns[0] + 0.25 * columns[1])), 0)
    }


def test_a_single_cell_is_read_against_a_reference():
    """Cells at 2.5, 1.5, 0.5 and 2 S beside two at 1.5 S; backward the reference takes the sum of the inputs."""
    tile = made.tile(synapse=SINGLE, levels=[[4, 2], [0, 3]])
    assert tile.weights().tolist() == [[1.0, 0.0], [-1.0, 0.5]]
    forward = tile.forward(np.array([[1, 0.5]], F))
    assert forward.values.tolist() == [[0.5, 0.25]]
    rows = (2.5 + 1.5 + 1.5, 0.5 + 2.0 + 1.5)
    assert charged(forward) == {("tile0.cells", "forward"): (round(READ_AJ * (rows[0] + 0.25 * rows[1])), 0)}
    backward = tile.backward(np.array([[1, 0.5]], F))
    assert backward.values.tolist() == [[1.0, -0.75]]
    columns = (2.5 + 0.5, 1.5 + 2.0)
    energy = columns[0] + 0.25 * columns[1] + 1.5**2 * (1.5 + 1.5)
    assert charged(backward) == {("tile0.cells", "backward"): (round(READ_AJ * energy), 0)}


@pytest.mark.parametrize("synapse", [PAIR, SINGLE])
@given(
    written=st.lists(
        st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 3)), st.integers(0, 4), max_size=12),
        max_size=4,
    ),
    seed=st.integers(0, 9),
)
@settings(max_examples=25, deadline=None)
def test_reads_follow_every_programming(synapse, written, seed):
    """After any sequence of programmings a unit input reads the weights that the cells hold, either way."""
    tile = made.tile((3, 4), synapse=synapse, spread=0.3, seed=seed, levels=np.full((3, 4), 2))
    for change in written:
        whole(tile, [row for row, _ in change], [column for _, column in change], list(change.values()))
    weights = tile.weights()
    assert tile.forward(np.eye(3, dtype=F)).values == pytest.approx(weights, rel=1e-6, abs=1e-6)
    assert tile.backward(np.eye(4, dtype=F)).values == pytest.approx(weights.T, rel=1e-6, abs=1e-6)


def test_initial_weights_go_to_the_nearest_level():
    """Beyond the outermost level that one is taken."""
    tile = made.tile((1, 5))
    tile.initialise(np.array([[-7.0, -0.6, 0.1, 0.7, 1.1]]))
    assert tile.weights().tolist() == [[-1.0, -0.5, 0.0, 0.75, 1.0]]


def test_levels_that_the_cells_do_not_have():
    """Eleven weights do not fit nine states: refused when the tile is built, state or no state."""
    levels = tuple(np.linspace(-1, 1, 11).tolist())
    for seed in (1, None):
        with pytest.raises(ValueError) as caught:
            made.tile(synapse=LevelPair(levels=levels), seed=seed)
        assert str(caught.value) == (
            "levels -0.6 and -0.4 would be the same state of the cells: "
            "there are 11 levels, and the cells of a weight have 9 states"
        )


def test_bits_on_a_link():
    """Rows 0 to 4 take three bits, columns 0 to 2 two, nine levels four."""
    assert made.tile((5, 3)).level_bits == 3 + 2 + 4


def test_the_most_levels_that_a_cell_may_have():
    """A cell of 127 high levels reads as its outermost ones."""
    high = tuple(
        HighLevel(conductance=1.0 + number, spread=0.0, compliance=0.01 * number) for number in range(1, 128)
    )
    cell = attrs.evolve(made.device(), high=high)
    tile = made.tile(
        (1, 3), cell=cell, synapse=attrs.evolve(made.PAIR, levels=(-1.0, 0.0, 1.0)), levels=[[0, 1, 2]]
    )
    assert tile.weights().tolist() == [[-1.0, 0.0, 1.0]]


# --- writing -----------------------------------------------------------------------------------------


def test_pulses_of_level_changes_and_their_energy():
    """Serial: one slot and two driven lines for each pulse; joules of what a RESET finds and a SET lets through."""
    tile = made.tile(levels=LEVELS)
    # 1 -> 0.75: RESET and SET; -0.5 -> 0.5: SET of the plus, RESET of the minus cell; 0 stays; 0.25 -> 0: RESET.
    change = whole(tile, [0, 0, 1, 1], [0, 1, 0, 1], [7, 6, 4, 4])
    assert counted(change) == {"resets": 3, "sets": 2}
    assert charged(change) == {
        ("tile0.cells", "program"): (round(RESET_AJ * (2.5 + 1.5 + 1.0) + SET_AJ * (0.03 + 0.02)), 2),
        ("tile0.driver", "program"): (5 * 2 * COSTS.write_driver.energy, 0),
    }
    (worn,) = tile.wear()
    assert worn.pulses.tolist() == [[2, 0, 1, 1], [0, 0, 1, 0]]
    assert worn.resets.tolist() == [[1, 0, 0, 1], [0, 0, 1, 0]]
    assert worn.programmings.tolist() == [[2, 0, 1, 2], [0, 0, 2, 0]]
    assert worn.updates == 4
    assert tile.weights().tolist() == [[0.75, 0.5], [0.0, 0.0]]


def test_row_parallel_slots():
    """A row's RESETs share a slot, its SETs one for each level; a row's line is charged once a slot."""
    tile = made.tile((3, 4), writer="row-parallel", levels=[[8] * 4, [4] * 4, [8] * 4])
    # Row 0: three RESETs and SETs to levels 3, 3 and 2; row 1: a SET; row 2: a RESET, to low.
    change = whole(tile, [2, 0, 1, 0, 0], [0, 3, 2, 1, 0], [4, 7, 5, 7, 6])
    assert counted(change) == {"resets": 2, "sets": 3}
    lines = (2 + 4) + (3 + 4)
    assert charged(change)["tile0.driver", "program"] == (lines * COSTS.write_driver.energy, 0)


def test_writers_agree_on_everything_but_slots():
    """Grouping pulses changes neither what cells become nor what they wear, only how long it takes."""
    rng = np.random.default_rng(3)
    before, after = rng.integers(0, 9, (2, 6, 7), N)
    tiles = [
        made.tile((6, 7), spread=0.1, writer=writer, levels=before) for writer in ("serial", "row-parallel")
    ]
    rows, columns = np.indices((6, 7), N)
    changes = [tile.program(rows.ravel(), columns.ravel(), after.ravel()) for tile in tiles]
    assert np.array_equal(*(tile.weights() for tile in tiles))
    for name in ("pulses", "resets", "programmings"):
        assert np.array_equal(*(getattr(tile.wear()[0], name) for tile in tiles))
    cells = [charged(change)["tile0.cells", "program"] for change in changes]
    assert cells[0] == cells[1]
    serial, parallel = (change.operation for change in changes)
    assert parallel["resets"] == 6 < serial["resets"]
    assert parallel["sets"] <= 6 * 4 < serial["sets"]


def test_nothing_changes_nothing():
    """Weights that are at their levels already are not programmed, and take nothing."""
    tile = made.tile(levels=LEVELS, spread=0.1)
    before = tile.weights()
    for change in (whole(tile, [0, 1], [0, 1], [8, 5]), whole(tile, [], [], [])):
        assert counted(change) == {}
        assert set(charged(change).values()) == {(0, 0)}
    assert np.array_equal(tile.weights(), before)
    assert tile.wear()[0].updates == 0


@pytest.mark.parametrize("writer", ["serial", "row-parallel"])
@pytest.mark.parametrize("verify", [None, Verify(tolerance=0.1, tries=5)])
def test_pulses_in_the_ledger_are_the_pulses_in_the_cells(writer, verify):
    """SETs charged, initial write and retries included, are SETs worn; updates leave both out."""
    rng = np.random.default_rng(4)
    tile = made.tile((6, 7), spread=0.1, writer=writer, verify=verify)
    levels = rng.integers(0, 9, (4, 6, 7), N)
    first = tile.initialise_levels(levels[0])
    rows, columns = np.indices((6, 7), N)
    changes = [tile.program(rows.ravel(), columns.ravel(), wanted.ravel()) for wanted in levels[1:]]
    (worn,) = tile.wear()
    assert sum(pulses for _, pulses in charged(first, *changes).values()) == worn.pulses.sum()
    # Of nine levels the plus cell has those above the fifth, the minus cell those below.
    cells = np.stack([np.maximum(levels - 4, 0), np.maximum(4 - levels, 0)])
    assert worn.updates == np.count_nonzero(np.diff(cells, axis=1))
    actions = {action for _, action in charged(*changes)}
    assert actions == ({"program", "verify", "retry"} if verify else {"program"})
    assert {action for _, action in charged(first)} == {"initialise"}


def test_verifying_brings_cells_nearer():
    """Spread half a distance of levels: within a quarter afterwards, at the price of further programmings."""
    levels = np.random.default_rng(5).integers(0, 9, (20, 20), N)
    verify = Verify(tolerance=0.25, tries=100)
    plain, verified = (
        made.tile((20, 20), spread=0.25, verify=each, levels=levels) for each in (None, verify)
    )
    wanted = np.array(PAIR.levels)[levels]
    # A weight has two cells, each at most an eighth of a siemens off; cells that were low when made are not written.
    high = np.abs(wanted) > 0
    assert np.abs(plain.weights() - wanted)[high].std() > 0.05
    worn = verified.wear()[0].programmings
    assert worn.max() > 5
    mean = np.array([LOW, *made.HIGH])[verified.carrier.cells.level]
    off = np.abs(verified.carrier.cells.conductance - mean)[worn > 0]
    assert off.max() <= 0.125
    assert (plain.wear()[0].programmings > 1).sum() == 0


def test_tries_are_counted_from_the_first():
    """With a tolerance that no cell meets, each is programmed as often as is allowed, and read each time."""
    tile = made.tile(spread=0.1, verify=Verify(tolerance=1e-9, tries=3), levels=LEVELS)
    before = tile.wear()[0].programmings.copy()
    change = whole(tile, [0, 1], [0, 1], [7, 4])
    # 1 -> 0.75: RESET and SET, three times; 0.25 -> 0: RESET, three times.
    assert counted(change) == {
        "resets": 2, "sets": 1, "reads": 2, "retry_resets": 4, "retry_sets": 2, "retry_reads": 4,
    }  # fmt: skip
    assert (tile.wear()[0].programmings - before).tolist() == [[3, 0, 0, 0], [0, 0, 3, 0]]


def test_one_try_is_read_and_left():
    """A single try reports what was reached; nothing comes again."""
    tile = made.tile(spread=0.1, verify=Verify(tolerance=1e-9, tries=1), levels=LEVELS)
    assert counted(whole(tile, [0], [0], [7])) == {"resets": 1, "sets": 1, "reads": 1}


@pytest.mark.parametrize(
    ("synapse", "writer", "reads"),
    [(PAIR, "serial", 3), (SINGLE, "serial", 3), (PAIR, "row-parallel", 4), (SINGLE, "row-parallel", 2)],
)
def test_a_row_of_pairs_is_read_line_by_line(synapse, writer, reads):
    """Three cells of two rows: one by one, or each row once for every line of its weights; tries alike."""
    verify = Verify(tolerance=1e-9, tries=3)
    tile = made.tile((2, 2), synapse=synapse, spread=0.1, writer=writer, verify=verify)
    # From the middle, where both cells of a pair are low, one cell of each weight gets high; and with one cell.
    tile.initialise_levels(np.full((2, 2), len(synapse.levels) // 2, N))
    top = len(synapse.levels) - 1
    op = whole(tile, [0, 0, 1], [0, 1, 1], [top, top, top]).operation
    assert (op["reads"], op["retry_reads"]) == (reads, 2 * reads)


@pytest.mark.parametrize(("writer", "siemens"), [("serial", 2.0), ("row-parallel", 2.0 + LOW + LOW + 1.5)])
def test_a_verifying_read_takes_the_current_of_what_it_reads(writer, siemens):
    """One cell, now at 2 S, or all cells of its row: plus and minus cells apart, each of them once."""
    tile = made.tile(writer=writer, verify=Verify(tolerance=0.1, tries=9), levels=LEVELS)
    assert charged(whole(tile, [0], [0], [7]))["tile0.cells", "verify"] == (round(READ_AJ * siemens), 0)


def test_retries_take_the_energy_of_pulses_and_reads(monkeypatch):
    """The second programming resets what the first one reached, and is read again."""
    tile = made.tile((1, 1), spread=0.1, verify=Verify(tolerance=1e-9, tries=2), levels=[[8]])
    reached = []
    program = Multilevel.program

    def noting(self, cells, wanted, **how):
        done = program(self, cells, wanted, **how)
        reached.append(float(cells.conductance[0, 0]))
        return done

    monkeypatch.setattr(Multilevel, "program", noting)
    books = charged(whole(tile, [0], [0], [7]))
    assert books["tile0.cells", "verify"] == (round(READ_AJ * reached[0]), 0)
    expected = RESET_AJ * reached[0] + SET_AJ * 0.03 + READ_AJ * reached[1]
    assert books["tile0.cells", "retry"] == (round(expected), 1)
    assert books["tile0.driver", "retry"] == (2 * 2 * COSTS.write_driver.energy, 0)


# --- draws -------------------------------------------------------------------------------------------


def test_testing_leaves_the_draws_of_training_alone():
    """Evaluating in between changes neither the noise of later reads nor what cells come out as."""
    side = one_pass(ideal=False, noise=1.0)
    spec = crossbar(2, 2, forward=side, backward=side)
    x = np.ones((3, 2), F)
    seen = []
    for tested in (False, True):
        tile = made.tile(spec=spec, spread=0.1, levels=LEVELS)
        tile.forward(x)
        if tested:
            tile.evaluating = True
            tile.forward(x), tile.backward(x)
            tile.evaluating = False
        whole(tile, [0], [0], [3])
        seen.append((tile.forward(x).values, tile.backward(x).values, tile.weights()))
    assert all(np.array_equal(one, other) for one, other in zip(*seen, strict=True))


def test_a_tile_draws_by_the_seed_and_its_name():
    """Equal seeds make equal cells, others differ; reading draws from elsewhere."""
    first, again, other = (made.tile(spread=0.1, seed=seed, levels=LEVELS) for seed in (1, 1, 2))
    again.forward(np.ones((5, 2), F))
    for tile in (first, again, other):
        whole(tile, [0], [0], [3])
    assert np.array_equal(first.weights(), again.weights())
    assert not np.array_equal(first.weights(), other.weights())
