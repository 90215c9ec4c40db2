"""Pulses by stated counts and readings of chosen rows, on a tile and on a matrix of several; all by hand."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.ledger import Entry
from chipsim.net.chosen import pulse_places, read_lines
from chipsim.parts.program import operation, operations_of
from chipsim.run.execute import execute
from tests import levels_made, made
from tests.made import ADC, DAC, READ, SAMPLE, SLOT

F, N = np.float32, np.int32
READ_AJ = 0.25 * READ * 1e6


def matrix_of(rows, columns, *, tile=None, spec=None):
    """A matrix of pairs that holds nothing yet."""
    spec = spec or made.chip(device=made.finite(), tile=tile or made.crossbar(rows, columns))
    return made.rule_on(spec, (rows, columns)).matrices[0]


def test_counts_are_written_row_by_row():
    """Counts 3 -2 / 0 1: three slots and one, two rows visited; a step is 1/64 of a weight."""
    matrix = matrix_of(2, 2)
    tile = matrix.blocks[0].tile
    change = tile.pulse_counts(np.array([[3, -2], [0, 1]], N), pair=0)
    assert change.operation == operation("tile0", "pulse", slots=3 + 1, visits=2, pair=0)
    assert tile.weights().tolist() == [[3 / 64, -2 / 64], [0, 1 / 64]]
    assert execute(matrix.chip, change.operation).elapsed == 4 * SLOT
    (charges,) = change.charges
    assert charges.rows == (("tile0.pair+", "pulse"), ("tile0.pair-", "pulse"), ("tile0.driver", "pulse"))
    assert list(charges.pulses) == [4, 2, 0]
    # Rows of both arrays are driven in 4 slots, plus columns in 3 and 1, the minus column in 2.
    assert charges.energies_aj[2] == (2 * 4 + 4 + 2) * 7


def test_counts_are_updates_of_their_cells():
    """Unlike a first writing: two plus cells and one minus cell."""
    tile = matrix_of(2, 2).blocks[0].tile
    tile.pulse_counts(np.array([[3, -2], [0, 1]], N), pair=0)
    assert [worn.updates for worn in tile.wear()] == [2, 1]


def test_counts_beyond_a_train_are_cut_and_counted():
    """Six slots: 9 becomes 6 and -8 becomes -6, five pulses of 19 on two crossings of three."""
    tile = matrix_of(1, 3).blocks[0].tile
    tile.pulse_counts(np.array([[9, -8, 2]], N), pair=0)
    assert tile.weights().tolist() == [[6 / 64, -6 / 64, 2 / 64]]
    found = {loss.what: (loss.count, loss.of) for loss in tile.lost() if loss.part == "tile0.driver"}
    assert found["crossings-cut"] == (2, 3)
    assert found["pulses-cut"] == (5, 19)
    assert found["updates-without-pulses"] == (0, 1)


def test_chosen_rows_are_read_one_after_another():
    """Rows 2 and 0 of three: their weights, each in an operation that drives one row."""
    matrix = matrix_of(3, 2)
    tile = matrix.blocks[0].tile
    weights = np.array([[1, 0.5], [0.25, 0], [-0.5, 0.125]], F)
    tile.initialise(weights)
    reading = tile.read_rows(np.array([2, 0], N))
    assert reading.values.tolist() == weights[[2, 0]].tolist()
    assert reading.operation == operation("tile0", "forward", rows=1, columns=2)
    timing = execute(matrix.chip, reading.operation)
    assert timing.elapsed == DAC + READ + SAMPLE + ADC
    assert timing.ledger.by_part()["tile0.dac"] == Entry(count=1, busy_ps=DAC, energy_aj=3)
    (charges,) = reading.charges
    # Plus cells of row 0 conduct 1.5 S, of row 2 an eighth; the minus cell of row 2 a half.
    assert list(charges.energies_aj) == [round(READ_AJ * 1.625), round(READ_AJ * 0.5)]


def test_rows_are_read_as_converters_give_them():
    """Fifteen codes up to 0.7 are steps of 0.1: 0.3125 reads as 0.3, and 1 as 0.7."""
    real = made.one_pass(ideal=False, reach=0.7)
    tile = matrix_of(1, 2, tile=made.crossbar(1, 2, forward=real)).blocks[0].tile
    tile.initialise(np.array([[0.3125, 1]], F))
    assert tile.read_rows(np.array([0], N)).values.tolist() == pytest.approx(np.array([[0.3, 0.7]]))


def test_rows_of_levels_and_of_numbers_are_read_likewise():
    """Whatever carries a weight has rows."""
    levels = levels_made.tile(levels=[[8, 2], [4, 5]])
    assert levels.read_rows(np.array([1], N)).values.tolist() == [[0, 0.25]]
    matrix = matrix_of(2, 2, spec=made.mac_chip())
    numbers = matrix.blocks[0].tile
    numbers.initialise(np.array([[1, 2], [3, 4]], F))
    reading = numbers.read_rows(np.array([1], N))
    assert reading.values.tolist() == [[3, 4]]
    assert execute(matrix.chip, reading.operation).ledger.by_part()["tile0.sram"].bits == 2 * 32


def test_rows_of_a_matrix_on_several_tiles():
    """Four rows and three columns on tiles of 2 x 2: two of the upper rows, one after the other, beside a lower."""
    matrix = matrix_of(4, 3, tile=made.crossbar(2, 2))
    weights = np.arange(12, dtype=F).reshape(4, 3) / 64
    matrix.initialise(weights)
    values, program, charges = read_lines(matrix, np.array([3, 0, 1], N), by="rows")
    assert values.tolist() == weights[[3, 0, 1]].tolist()
    done = {(op.part, op.action): times for op, times in operations_of(program) if op.action == "forward"}
    assert sorted(done.values()) == [1, 1, 2, 2]
    assert len(charges) == 4
    assert execute(matrix.chip, program).elapsed > 0


def test_counts_of_a_matrix_send_places_of_those_that_change():
    """Three weights on two of four tiles: a place of 2 x 2 bits less one each, four bits of count, sign included."""
    matrix = matrix_of(4, 4, tile=made.crossbar(2, 2))
    counts = np.zeros((4, 4), N)
    counts[0, 0], counts[1, 1], counts[2, 3] = 2, -1, 5
    program, charges = matrix.pulse_counts(counts, pair=0)
    assert (64 * matrix.weights()).tolist() == counts.tolist()
    moved = sorted(op["bits"] for op, _ in operations_of(program) if op.action == "transfer")
    # One bit of the row and one of the column, three of up to six pulses, and a sign.
    assert moved == [6, 12]
    assert len(charges) == 2


def test_columns_of_a_matrix_on_several_tiles():
    """The same from the other side: two columns of the left tiles, one after the other, beside one of the right."""
    matrix = matrix_of(4, 3, tile=made.crossbar(2, 2))
    weights = np.arange(12, dtype=F).reshape(4, 3) / 64
    matrix.initialise(weights)
    values, program, charges = read_lines(matrix, np.array([2, 0, 1], N), by="columns")
    assert values.tolist() == weights.T[[2, 0, 1]].tolist()
    done = {(op.part, op.action): times for op, times in operations_of(program) if op.action == "backward"}
    assert sorted(done.values()) == [1, 1, 2, 2]
    assert len(charges) == 4
    assert execute(matrix.chip, program).elapsed > 0


def test_chosen_places_get_what_counts_of_all_would_give():
    """Three weights on two tiles, by name: the same cells move, the same is sent."""
    counts = np.zeros((4, 4), N)
    counts[0, 0], counts[1, 1], counts[2, 3] = 2, -1, 5
    rows, columns = (places.astype(N) for places in np.nonzero(counts))
    by_name, by_all = (matrix_of(4, 4, tile=made.crossbar(2, 2)) for _ in range(2))
    told = pulse_places(by_name, rows, columns, counts=counts[rows, columns], pair=0)
    assert told == by_all.pulse_counts(counts, pair=0)
    assert np.array_equal(by_name.weights(), by_all.weights())
