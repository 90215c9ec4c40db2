"""Single cells against a reference, by hand: what they read as, and what pulses of both polarities take.

Cells conduct 0 to 1 S in 64 steps and weights reach from -1 to 1, so that a step is 1/32 of a weight and the
reference of each row conducts half a siemens. A pulse up is 1 V for 31 ps, one down 3 V for 47 ps.
"""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import ChipsimError, DescriptionError
from chipsim.ledger import Entry
from chipsim.run.execute import execute
from chipsim.spec import load_chip
from tests import levels_made, made
from tests.made import ADC, DAC, READ, SAMPLE, SLOT

F = np.float32
STEP = 1 / 32
DOWN_SLOT = made.DOWN + 5
UP_AJ, DOWN_AJ, READ_AJ = 1.0 * 31e6, 9.0 * made.DOWN * 1e6, 0.25 * READ * 1e6
"""Attojoules that a siemens takes of a pulse of either polarity, and of a read at full scale."""
REFERENCE = 0.5


def a_tile(rows, columns, *, kind="parallel-pulses", encoding="deterministic", **changes):
    """A chip with one tile of single cells, all at their lower bound, and the tile."""
    fields = {"tile": made.crossbar(rows, columns), **changes}
    update = made.update_by(kind=kind, encoding=encoding, slots=6)
    chip = made.rule_on(made.single(update=update, **fields), (rows, columns)).chip
    return chip, chip.tiles[0]


def update_of(tile, x, d):
    """An update of which one unit of x times d is one step."""
    return tile.update(np.array(x, F), np.array(d, F), rate=STEP, pair=0)


def taken(change):
    """Energies of the first phase, of the second, and of the drivers."""
    (charges,) = change.charges
    return list(charges.energies_aj)


def step_up(tile, counts):
    """Raise cells from their lower bound by so many steps, whatever that takes."""
    tile.pulse_counts(np.array(counts, np.int32), pair=0)


# --- reading -----------------------------------------------------------------------------------------


def test_fresh_cells_stand_for_the_most_negative_weight():
    """The first writing lifts each to its own: 48 and 24 pulses for a half and minus a quarter, row by row."""
    chip, tile = a_tile(1, 2)
    assert tile.weights().tolist() == [[-1, -1]]
    change = tile.initialise(np.array([[0.5, -0.25]], F))
    assert tile.weights().tolist() == [[0.5, -0.25]]
    (worn,) = tile.wear()
    assert (worn.array, worn.pulses.tolist(), worn.updates) == ("tile0.cells", [[48, 24]], 0)
    assert execute(chip, change.operation).elapsed == 48 * SLOT


def test_a_row_is_read_against_its_reference():
    """The reference cell takes its current too: 0.75 + 0.375 + 0.5 S at full scale."""
    _, tile = a_tile(1, 2)
    tile.initialise(np.array([[0.5, -0.25]], F))
    reading = tile.forward(np.array([[1]], F))
    assert reading.values.tolist() == [[0.5, -0.25]]
    (charges,) = reading.charges
    assert list(charges.energies_aj) == [round(READ_AJ * (0.75 + 0.375 + REFERENCE))]


def test_a_backward_pass_drives_the_reference_line_with_the_sum():
    """Columns at 1 and 1/2, the reference at -3/2: 0.75 + 0.375/4 + 9/4 x 0.5 S; three lines are driven."""
    chip, tile = a_tile(1, 2)
    tile.initialise(np.array([[0.5, -0.25]], F))
    reading = tile.backward(np.array([[1, 0.5]], F))
    assert reading.values.tolist() == [[0.5 - 0.125]]
    (charges,) = reading.charges
    assert list(charges.energies_aj) == [round(READ_AJ * (0.75 + 0.375 / 4 + 2.25 * REFERENCE))]
    timing = execute(chip, reading.operation)
    assert timing.elapsed == DAC + READ + SAMPLE + ADC
    assert timing.ledger.by_part()["tile0.back-dac"].count == 3


def test_lines_out_of_use_take_their_share_in_both_directions():
    """One row and two columns of 4 x 3, cells of 0.25 to 1.25 S: a reference of 0.75 S on each of four rows."""
    device = made.both_ways(on_conductance=1.25, off_conductance=0.25)
    tile_spec = made.crossbar(4, 3)
    chip = made.rule_on(made.single(device=device, tile=tile_spec), (1, 2)).chip
    tile = chip.tiles[0]
    (forward,) = tile.forward(np.array([[1]], F)).charges
    assert list(forward.energies_aj) == [round(READ_AJ * (3 * 0.25 + 0.75))]
    (backward,) = tile.backward(np.array([[1, 0]], F)).charges
    assert list(backward.energies_aj) == [round(READ_AJ * (4 * 0.25 + 4 * 0.75))]


# --- time of both phases ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["stochastic", "deterministic"])
def test_parallel_trains_come_once_for_either_polarity(encoding):
    """Six slots up and six down, whatever the sample; twice as many where inputs have both signs."""
    chip, tile = a_tile(2, 2, encoding=encoding)
    both = 6 * SLOT + 6 * DOWN_SLOT
    assert execute(chip, update_of(tile, (1, 0), (1, 0)).operation).elapsed == both
    assert execute(chip, tile.typical("update")).elapsed == both
    assert execute(chip, update_of(tile, (1, -1), (1, 0)).operation).elapsed == 2 * both


def test_row_by_row_takes_the_longest_train_of_each_row_in_each_phase():
    """Down 1, 2, 3 in one column, up 2, 4, 6 in the other: three rows visited in each phase."""
    chip, tile = a_tile(3, 2, kind="row-by-row")
    change = update_of(tile, (1, 2, 3), (1, -2))
    timing = execute(chip, change.operation)
    assert timing.elapsed == 12 * SLOT + 6 * DOWN_SLOT
    assert timing.ledger.by_part()["tile0.driver"] == Entry(count=6, busy_ps=timing.elapsed)
    # Rows are driven in 12 and 6 slots, and so are the columns, one in each phase.
    assert taken(change)[2] == (18 + 18) * 7


def test_row_by_row_knows_rows_that_only_rise():
    """Rows at inputs 1 and 0 with errors -1, -2 and 3: the first takes two slots up and three down."""
    chip, tile = a_tile(2, 3, kind="row-by-row")
    change = update_of(tile, (1, 0), (-1, -2, 3))
    assert execute(chip, change.operation).elapsed == 2 * SLOT + 3 * DOWN_SLOT
    assert taken(change)[2] == (2 + 3 + 1 + 2 + 3) * 7


def test_cell_by_cell_takes_every_pulse_alone():
    """Twelve pulses up and six down, six cells visited."""
    chip, tile = a_tile(3, 2, kind="cell-by-cell")
    change = update_of(tile, (1, 2, 3), (1, -2))
    timing = execute(chip, change.operation)
    assert timing.elapsed == 12 * SLOT + 6 * DOWN_SLOT
    assert timing.ledger.by_part()["tile0.driver"].count == 6


def test_updates_that_nobody_computed():
    """Serial ones visit every row in both phases, or every cell once, the odd one on its way up."""
    for kind, up, down, visits in (("row-by-row", 3, 3, 6), ("cell-by-cell", 5, 4, 9)):
        chip, tile = a_tile(3, 3, kind=kind)
        timing = execute(chip, tile.typical("update"))
        assert timing.elapsed == up * SLOT + down * DOWN_SLOT
        assert timing.ledger.by_part()["tile0.driver"].count == visits


def test_counts_go_either_way_on_one_array():
    """Two up in one column, three down in the other: two slots of the one polarity, three of the other."""
    chip, tile = a_tile(1, 2)
    tile.initialise(np.array([[0.5, -0.25]], F))
    change = tile.pulse_counts(np.array([[2, -3]], np.int32), pair=0)
    assert tile.weights().tolist() == [[0.5 + 2 * STEP, -0.25 - 3 * STEP]]
    assert execute(chip, change.operation).elapsed == 2 * SLOT + 3 * DOWN_SLOT
    assert taken(change)[2] == (2 + 3 + 2 + 3) * 7
    (worn,) = tile.wear()
    assert worn.updates == 2
    assert tile.read_rows(np.array([0], np.int32)).values.tolist() == tile.weights().tolist()


# --- energy of both phases ----------------------------------------------------------------------------


def test_one_cell_either_way():
    """Three up from 0 to 3/64, then two down to 1/64; the reference is half selected in each slot."""
    _, tile = a_tile(1, 1)
    up = taken(update_of(tile, (1,), (-3,)))
    assert up[:2] == [round(UP_AJ * (3 * 1.5 / 64 + 0.25 * 3 * REFERENCE)), 0]
    down = taken(update_of(tile, (1,), (2,)))
    assert down[:2] == [0, round(DOWN_AJ * (2 * 2 / 64 + 0.25 * 2 * REFERENCE))]


def test_the_second_phase_finds_what_the_first_has_left():
    """One row: a cell up by two from 0, beside it one down by one from 4/64."""
    _, tile = a_tile(1, 2)
    step_up(tile, [[0, 4]])
    change = update_of(tile, (1,), (-2, 1))
    up = 2 * 1 / 64 + 0.25 * 2 * (REFERENCE + 4 / 64)
    down = 3.5 / 64 + 0.25 * (REFERENCE + 2 / 64)
    assert taken(change)[:2] == [round(UP_AJ * up), round(DOWN_AJ * down)]
    (charges,) = change.charges
    assert list(charges.pulses) == [2, 1, 0]
    assert [part for part, _ in charges.rows] == ["tile0.cells", "tile0.cells", "tile0.driver"]


def test_a_row_train_comes_in_both_phases():
    """An input and an error beyond what trains can say: all six slots; down, no column meets the row."""
    _, tile = a_tile(1, 1, encoding="stochastic")
    change = tile.update(np.array([1], F), np.array([-1], F), rate=6 * STEP, pair=0)
    up = 6 * 3 / 64 + 0.25 * 6 * REFERENCE
    down = 0.25 * 6 * (REFERENCE + 6 / 64)
    assert taken(change) == [round(UP_AJ * up), round(DOWN_AJ * down), (6 + 6 + 6) * 7]


# --- books ----------------------------------------------------------------------------------------------


def test_cells_at_either_bound_are_counted():
    """One at 64, one at 32, one at 0 of 64 steps; the first was asked to go further, and stayed."""
    _, tile = a_tile(1, 3)
    tile.initialise(np.array([[1, 0, -1]], F))
    tile.lost()
    update_of(tile, (1,), (-1, -1, 0))
    found = {(loss.part, loss.what): (loss.count, loss.of) for loss in tile.lost()}
    assert found["tile0.cells", "cells-saturated"] == (2, 3)
    assert found["tile0.cells", "pulsings-cut"] == (1, 2)
    assert found["tile0.cells", "pulsings-without-effect"] == (1, 2)


def test_updates_are_cells_that_got_pulses_either_way():
    """Two up and one down, of which one is another cell's."""
    _, tile = a_tile(1, 3)
    update_of(tile, (1,), (-2, 1, 0))
    (worn,) = tile.wear()
    assert (worn.pulses.tolist(), worn.updates) == ([[2, 1, 0]], 2)


# --- what is refused ------------------------------------------------------------------------------------

CELL = (
    "device={kind: bidirectional-step, states: 50, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, "
    "pulse_width: 100 ns, down_voltage: 1 V, down_width: 80 ns, area: 0.04 um2}"
)
SINGLE = "synapse={kind: single-cell, weight_range: 1}"


def refused(*sets):
    """What is said of a single pair that is changed like this."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=sets)
    return [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]


def test_recentring_needs_pairs():
    """Pulses bring a single cell back from either bound."""
    why = "a weight of kind single-cell has no pair of cells: pulses bring it back from either bound"
    assert refused(SINGLE, CELL) == [("update.recentre", f"{why}; leave recentre out")]


def test_recentring_needs_a_reset():
    """A pair of cells that step both ways is never reset at once."""
    assert refused(CELL) == [
        ("update.recentre", "nothing resets a cell of kind bidirectional-step at once; leave recentre out")
    ]


def test_cells_that_only_rise_do_not_carry_a_weight_alone():
    """The device is named, and one that would do."""
    ((path, message),) = refused(SINGLE, "update={kind: parallel-pulses}")
    assert path == "synapse.kind"
    assert "needs cells that a pulse moves back by a step, and linear-step (device) offers none" in message
    assert "or device bidirectional-step" in message


def test_reading_stays_below_both_polarities():
    """A read voltage that lowers cells is refused, though it would not raise them."""
    low = CELL.replace("down_voltage: 1 V", "down_voltage: 0.1 V")
    ((path, message),) = refused(SINGLE, low, "update={kind: parallel-pulses}")
    assert path == "tile.read_voltage"
    assert message.startswith("must be less than the device's down_voltage, 100 mV")


def test_an_odd_number_of_states_is_refused():
    """Half of 51 steps from either bound there is no state: no pulses bring a cell to a weight of zero."""
    odd = CELL.replace("states: 50", "states: 51")
    ((path, message),) = refused(SINGLE, odd, "update={kind: parallel-pulses}")
    assert path == "device.states"
    assert message == (
        "must be even where single-cell carries a weight, not 51: the reference stands in the middle of the "
        "range, and an odd number of steps has no state there, so that no cell would hold a weight of zero"
    )


def test_zeros_are_written_as_zeros():
    """The states nearest to zero are zero, and one step to either side."""
    _, tile = a_tile(1, 3)
    tile.initialise(np.array([[0, 0.4 * STEP, -0.6 * STEP]], F))
    assert tile.weights().tolist() == [[0, 0, -STEP]]


def test_what_a_tile_does_not_take_is_refused_in_words():
    """Nobody gets there with a chip that was checked."""
    with pytest.raises(
        ChipsimError, match=r"^tile0: its cells take no outer products; the chip's update says"
    ):
        levels_made.tile().update(np.zeros(2, F), np.zeros(2, F), rate=1.0, pair=0)
    with pytest.raises(ChipsimError, match=r"^tile0: its cells take no levels; the chip's update says"):
        _ = a_tile(1, 1)[1].levels
