"""A tile of levels as events: how long reads and programmings take, and who waits for whom."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.ledger import Entry, Record
from chipsim.parts.part import UnknownActionError
from chipsim.parts.program import operation
from chipsim.update.reprogram import Verify
from tests import levels_made as made
from tests.levels_made import PAIR, RESET_SLOT, SET_SLOT, SINGLE, served
from tests.made import ADC, COSTS, DAC, READ, SAMPLE, crossbar, one_pass

ROW_READ = DAC + READ + SAMPLE + ADC
"""One row, or one cell, read on a tile with a converter for each line."""
VERIFY = Verify(tolerance=0.1, tries=5)


def writing(**counts):
    """A programming with these slots, and no others."""
    none = dict.fromkeys(("resets", "sets", "reads", "retry_resets", "retry_sets", "retry_reads"), 0)
    return operation("tile0", "program", **(none | counts))


# --- reading -----------------------------------------------------------------------------------------


def test_forward_converts_one_difference_a_weight():
    """Two lines of a weight meet before their converter: three rows driven, four columns converted."""
    tile = made.tile((3, 4), seed=None)
    (end,), charged = served(tile, tile.typical("forward"))
    assert end == ROW_READ
    assert charged == {
        ("tile0.dac", "forward"): Entry(count=3, busy_ps=DAC, energy_aj=3 * 3),
        ("tile0.adc", "forward"): Entry(count=4, busy_ps=SAMPLE + ADC, energy_aj=4 * (2 + 5)),
        ("tile0.cells", "forward"): Entry(count=1, busy_ps=DAC + READ),
    }


@pytest.mark.parametrize(("synapse", "driven"), [(PAIR, 8), (SINGLE, 5)])
def test_backward_drives_every_line(synapse, driven):
    """Four weights have eight lines, or four and the reference; three rows are converted."""
    tile = made.tile((3, 4), synapse=synapse, seed=None)
    (end,), charged = served(tile, tile.typical("backward"))
    assert end == ROW_READ
    assert charged["tile0.back-dac", "backward"] == Entry(count=driven, busy_ps=DAC, energy_aj=driven * 3)
    assert charged["tile0.back-adc", "backward"] == Entry(
        count=3, busy_ps=SAMPLE + ADC, energy_aj=3 * (2 + 5)
    )


def test_lines_that_share_a_dac():
    """Eight lines with three on a DAC have three DACs; four of them in use take two conversions."""
    spec = crossbar(2, 4, backward=one_pass(dac_share=3))
    tile = made.tile((2, 2), spec=spec, seed=None)
    (end,), _ = served(tile, tile.typical("backward"))
    assert end == 2 * DAC + READ + SAMPLE + ADC


def test_parts_and_area():
    """One array of two cells a weight, drivers for rows and lines; a reference line has cells, no driver."""
    parts = {part.name: part for part in made.tile((3, 4), seed=None).parts_inside()}
    assert list(parts) == [
        "tile0.cells", "tile0.dac", "tile0.adc", "tile0.back-dac", "tile0.back-adc", "tile0.driver",
    ]  # fmt: skip
    assert parts["tile0.cells"].area == 3 * 8 * 31
    assert parts["tile0.driver"].area == (3 + 8) * COSTS.write_driver.area
    single = {part.name: part for part in made.tile((3, 4), synapse=SINGLE, seed=None).parts_inside()}
    assert single["tile0.cells"].about == "3 x 5 cells"
    assert single["tile0.driver"].area == (3 + 4) * COSTS.write_driver.area


# --- programming -------------------------------------------------------------------------------------


def test_programming_takes_its_slots():
    """Three RESETs and two SETs one after another, each with the driver's rise and fall."""
    (end,), charged = served(made.tile(seed=None), writing(resets=3, sets=2))
    assert end == 3 * RESET_SLOT + 2 * SET_SLOT
    assert charged == {
        ("tile0.cells", "program"): Entry(count=1, busy_ps=end),
        ("tile0.driver", "program"): Entry(count=5, busy_ps=end),
    }


def test_initial_write_is_one_action():
    """Pulses, readings and retries of the first write are charged as such."""
    tile = made.tile(spread=0.1, verify=Verify(tolerance=1e-9, tries=2))
    change = tile.initialise_levels(np.array([[8, 2], [4, 5]], np.int32))
    (end,), charged = served(tile, change.operation)
    # Three cells leave the low level: a SET and a reading each; once more, now with a RESET.
    assert end == 3 * (SET_SLOT + ROW_READ) + 3 * (RESET_SLOT + SET_SLOT + ROW_READ)
    assert {action for _, action in charged} == {"initialise"}


@pytest.mark.parametrize(("writer", "columns"), [("serial", 1), ("row-parallel", 4)])
def test_verifying_reads_through_the_forward_converters(writer, columns):
    """One driven row each; the cell's column is converted alone, or all columns of the row."""
    tile = made.tile((3, 4), writer=writer, verify=VERIFY, seed=None)
    # Two cells, or a row's plus lines and its minus lines.
    (end,), charged = served(tile, writing(resets=2, sets=2, reads=2))
    pulses = 2 * (RESET_SLOT + SET_SLOT)
    assert end == pulses + 2 * ROW_READ
    assert charged["tile0.cells", "program"] == Entry(count=1, busy_ps=pulses)
    assert charged["tile0.cells", "verify"] == Entry(count=1, busy_ps=2 * ROW_READ)
    assert charged["tile0.dac", "verify"] == Entry(count=2, busy_ps=2 * DAC, energy_aj=2 * 3)
    assert charged["tile0.adc", "verify"] == Entry(
        count=2 * columns, busy_ps=2 * (SAMPLE + ADC), energy_aj=2 * columns * (2 + 5)
    )


def test_columns_that_share_a_converter_slow_a_row_s_reading_only():
    """Four columns on one ADC: a row takes four conversions, a cell one."""
    spec = crossbar(3, 4, forward=one_pass(adc_share=4))
    ends = [
        served(made.tile((3, 4), spec=spec, writer=writer, verify=VERIFY, seed=None), writing(reads=1))[0][0]
        for writer in ("serial", "row-parallel")
    ]
    assert ends == [ROW_READ, ROW_READ + 3 * ADC]


def test_retries_are_events_of_their_own():
    """First pulses, their reading, then what missed: pulses and reading again, each where the trace shows it."""
    tile = made.tile(verify=VERIFY, seed=None)
    tile.ledger.trace = []
    op = writing(resets=2, sets=1, reads=2, retry_resets=1, retry_sets=1, retry_reads=1)
    (end,), charged = served(tile, op)
    first = 2 * RESET_SLOT + SET_SLOT
    read = first + 2 * ROW_READ
    again = read + RESET_SLOT + SET_SLOT
    assert end == again + ROW_READ
    assert [record for record in tile.ledger.trace if record.part == "tile0.cells"] == [
        Record(0, first, "tile0.cells", "program"),
        Record(first, read, "tile0.cells", "verify"),
        Record(read, again, "tile0.cells", "retry"),
        Record(again, end, "tile0.cells", "retry"),
    ]
    assert charged["tile0.driver", "retry"] == Entry(count=2, busy_ps=RESET_SLOT + SET_SLOT)


def test_the_tail_of_verification_takes_time():
    """The wider the spread, the more rounds follow, and the longer the same change takes."""
    before, after = np.full((8, 8), 8, np.int32), np.full((8, 8), 7, np.int32)
    rows, columns = (each.ravel() for each in np.indices((8, 8), np.int32))
    ends = []
    for spread in (0.0, 0.1, 0.3):
        tile = made.tile((8, 8), spread=spread, verify=Verify(tolerance=0.2, tries=50), levels=before)
        change = tile.program(rows, columns, after.ravel())
        (end,), _ = served(tile, change.operation)
        ends.append(end)
    assert ends[0] == 64 * (RESET_SLOT + SET_SLOT + ROW_READ)
    # A cell is within 0.1 S with probability 0.683 and 0.261: 1.46 and 3.83 programmings on average.
    assert ends[1] / ends[0] == pytest.approx(1 / 0.683, abs=5 * 0.82 / 8)
    assert ends[2] / ends[0] == pytest.approx(1 / 0.261, abs=5 * 3.29 / 8)


# --- who waits ---------------------------------------------------------------------------------------


def test_a_read_waits_for_a_programming():
    """Cells that are being written are not read: the read begins when the last slot has ended."""
    tile = made.tile(seed=None)
    (written, read), _ = served(tile, writing(resets=3, sets=2), tile.typical("forward"))
    assert written == 3 * RESET_SLOT + 2 * SET_SLOT
    assert read == written + ROW_READ


def test_a_read_waits_for_retries():
    """The array is not given away between rounds."""
    tile = made.tile(verify=VERIFY, seed=None)
    op = writing(sets=1, reads=1, retry_resets=1, retry_sets=1, retry_reads=1)
    (written, read), _ = served(tile, op, tile.typical("backward"))
    assert written == 2 * (SET_SLOT + ROW_READ) + RESET_SLOT
    assert read == written + ROW_READ


def test_a_programming_waits_until_currents_are_sampled():
    """Cells may change once the currents are held; the conversion goes on meanwhile."""
    tile = made.tile(seed=None)
    (read, written), _ = served(tile, tile.typical("forward"), writing(sets=2))
    assert read == ROW_READ
    assert written == DAC + READ + SAMPLE + 2 * SET_SLOT


def test_verification_waits_for_converters():
    """Eight columns on one ADC are still converted when the pulse has ended; the reading comes after them."""
    spec = crossbar(2, 8, forward=one_pass(adc_share=8))
    tile = made.tile((2, 8), spec=spec, verify=VERIFY, seed=None)
    (read, written), _ = served(tile, tile.typical("forward"), writing(sets=1, reads=1))
    assert read == DAC + READ + SAMPLE + 8 * ADC
    assert read > DAC + READ + SAMPLE + SET_SLOT
    assert written == read + ROW_READ


# --- timing only -------------------------------------------------------------------------------------


def test_typical_serial_programming():
    """Nobody knows which weights: a RESET and a SET each, and a reading where cells are verified."""
    tile = made.tile((4, 5), seed=None)
    assert tile.typical_program(7) == writing(resets=7, sets=7)
    verified = made.tile((4, 5), verify=VERIFY, seed=None)
    assert verified.typical_program(7) == writing(resets=7, sets=7, reads=7)
    (end,), _ = served(verified, verified.typical_program(7))
    assert end == 7 * (RESET_SLOT + SET_SLOT + ROW_READ)


@pytest.mark.parametrize("synapse", [PAIR, SINGLE])
@pytest.mark.parametrize(
    ("count", "resets", "sets"),
    # Of four levels, k cells have 4 (1 - 0.75^k) different ones: 1, 1.75, 2.3125 of one, two, three.
    [(0, 0, 0), (1, 1, 1), (4, 4, 4), (7, 4, 6), (10, 4, 8), (4000, 4, 16)],
)
def test_typical_row_parallel_programming(count, resets, sets, synapse):
    """Spread evenly over four rows: 7 are 2, 2, 2, 1 (6.25 levels), 10 are 3, 3, 2, 2 (8.125)."""
    tile = made.tile((4, 1000), synapse=synapse, writer="row-parallel", verify=VERIFY, seed=None)
    reads = {PAIR: 2, SINGLE: 1}[synapse] * resets
    assert tile.typical_program(count) == writing(resets=resets, sets=sets, reads=reads)


def test_typical_row_parallel_programming_of_two_levels():
    """Two weights use one of the four high levels: however many change, a row has one slot of RESET and of SET."""
    synapse = attrs.evolve(PAIR, levels=(-1.0, 1.0))
    tile = made.tile((4, 1000), synapse=synapse, writer="row-parallel", levels=np.ones((4, 1000), int))
    typical = tile.typical_program(400)
    assert typical == writing(resets=4, sets=4)
    rows, columns = (each.astype(np.int32) for each in divmod(np.arange(400) * 10, 1000))
    assert tile.program(rows, columns, np.zeros(400, np.int32)).operation.counts == typical.counts


def test_typical_row_parallel_programming_is_what_random_changes_take():
    """200 random changes between high levels of 20 rows: the estimate lies within a tenth."""
    rng = np.random.default_rng(6)
    tile = made.tile((20, 50), writer="row-parallel", levels=rng.integers(5, 9, (20, 50)))
    places = rng.permutation(1000)[:200]
    rows, columns = (each.astype(np.int32) for each in divmod(places, 50))
    now = np.rint(tile.weights()[rows, columns] * 4).astype(np.int32) + 4
    later = 5 + (now - 5 + rng.integers(1, 4, 200)) % 4
    op = tile.program(rows, columns, later.astype(np.int32)).operation
    typical = tile.typical_program(200)
    assert op["resets"] == typical["resets"] == 20
    assert op["sets"] == pytest.approx(typical["sets"], rel=0.1)


def test_actions_that_a_tile_of_levels_does_not_have():
    """Pulses by outer product are for other cells."""
    with pytest.raises(UnknownActionError) as caught:
        served(made.tile(seed=None), operation("tile0", "update", slots=3))
    assert str(caught.value) == (
        "tile0 (tile) does not know 'update'; it does: backward, forward, initialise, program"
    )
