"""Every part takes the time and charges the energy that a sum by hand says.

Times and energies of :mod:`tests.made` are different primes; each expectation is written as its sum.
"""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.ledger import Entry, Ledger
from chipsim.parts.program import operation
from chipsim.run.execute import execute
from chipsim.tile.mac import Mac
from chipsim.update.update import Recentre
from tests import made
from tests.made import ADC, BITS, CLOCK, CYCLE, DAC, HOP, READ, RESET, SAMPLE, SLOT, SRAM, WIDTH

ROWS, COLUMNS = 3, 4


def a_tile(*, rows=ROWS, columns=COLUMNS, **changes):
    """A chip with one tile, and the tile."""
    chip = made.rule_on(made.chip(**changes), (rows, columns)).chip
    return chip, chip.tiles[0]


def floats(*values):
    """One sample, or one vector."""
    return np.array(values, np.float32)


def pulsed(chip, tile, x, d, *, rate=1 / 64):
    """An update of which one unit of x times d is one step."""
    change = tile.update(floats(*x), floats(*d), rate=rate, pair=0)
    chip.ledger.charge_data(change.charges)
    data = {(part, action): entry for part, action, entry in chip.ledger.take()}
    return change.operation, data


# --- reading ---------------------------------------------------------------------------------------


def test_forward_of_one_tile():
    """Drive all rows at once, settle, sample all columns, convert all columns at once."""
    chip, tile = a_tile()
    reading = tile.forward(floats([1, 0, 0.5]))
    assert execute(chip, reading.operation).elapsed == DAC + READ + SAMPLE + ADC


def test_forward_charges_lines_and_converters():
    """Three rows are converted and four columns sampled and converted; two arrays are held until sampled."""
    chip, tile = a_tile()
    ledger = execute(chip, tile.typical("forward")).ledger
    assert {(part, action): entry for part, action, entry in ledger} == {
        ("tile0.dac", "forward"): Entry(count=3, busy_ps=DAC, energy_aj=3 * 3),
        ("tile0.adc", "forward"): Entry(count=4, busy_ps=SAMPLE + ADC, energy_aj=4 * 2 + 4 * 5),
        ("tile0.pair+", "forward"): Entry(count=1, busy_ps=DAC + READ),
        ("tile0.pair-", "forward"): Entry(count=1, busy_ps=DAC + READ),
    }


@pytest.mark.parametrize(
    ("share", "conversions"),
    # Four columns on 4, 2, 2 and 1 converters; three lines a converter need two converters for four lines.
    [(1, 1), (2, 2), (3, 2), (4, 4), (9, 4)],
)
def test_columns_that_share_a_converter_are_converted_one_after_another(share, conversions):
    """Two columns on one ADC double the conversions; all are sampled at once all the same."""
    tile_spec = made.crossbar(ROWS, COLUMNS, forward=made.one_pass(adc_share=share))
    chip, tile = a_tile(tile=tile_spec)
    assert execute(chip, tile.typical("forward")).elapsed == DAC + READ + SAMPLE + conversions * ADC


def test_rows_that_share_a_dac_are_driven_one_after_another():
    """Eight rows with three lines a DAC have three DACs; seven rows in use take ceil(7 / 3) conversions."""
    tile_spec = made.crossbar(8, 8, forward=made.one_pass(dac_share=3))
    chip, tile = a_tile(tile=tile_spec, rows=7)
    assert execute(chip, tile.typical("forward")).elapsed == 3 * DAC + READ + SAMPLE + ADC


def test_partly_filled_tile_converts_only_what_is_used():
    """Eight columns on two ADCs, five in use: ceil(5 / 2) conversions, and energy for five."""
    tile_spec = made.crossbar(8, 8, forward=made.one_pass(adc_share=4))
    chip, tile = a_tile(tile=tile_spec, columns=5)
    timing = execute(chip, tile.typical("forward"))
    assert timing.elapsed == DAC + READ + SAMPLE + 3 * ADC
    assert timing.ledger.by_part()["tile0.adc"].energy_aj == 5 * 2 + 5 * 5


def test_backward_has_converters_of_its_own():
    """Columns are driven and rows read: 3 rows on ceil(8 / 5) = 2 ADCs are two conversions."""
    tile_spec = made.crossbar(8, 8, backward=made.one_pass(adc_share=5))
    chip, tile = a_tile(tile=tile_spec)
    timing = execute(chip, tile.backward(floats([1, 0, 0, 1])).operation)
    assert timing.elapsed == DAC + READ + SAMPLE + 2 * ADC
    assert timing.ledger.by_part()["tile0.back-dac"] == Entry(count=4, busy_ps=DAC, energy_aj=4 * 3)
    assert timing.ledger.by_part()["tile0.back-adc"] == Entry(
        count=3, busy_ps=SAMPLE + 2 * ADC, energy_aj=3 * 2 + 3 * 5
    )
    assert "tile0.dac" not in timing.ledger.by_part()


def test_read_energy_follows_from_voltage_conductance_and_time():
    """Two rows at 3/64 S and 1/64 S, driven with 1 and 1/2 of 0.5 V for 101 ps."""
    chip, tile = a_tile(rows=2, columns=1)
    pulsed(chip, tile, (3, 1), (-1,))  # the plus array takes what raises the weight
    chip.ledger.charge_data(tile.forward(floats([1, 0.5])).charges)
    parts = chip.ledger.take().by_part()
    # V^2 t in attojoules per siemens: 0.25 * 101e-12 * 1e18; siemens: 1 * 3/64 + 1/4 * 1/64.
    assert parts["tile0.pair+"].energy_aj == round(0.25 * 101e6 * (3 / 64 + 1 / 256))
    assert parts["tile0.pair-"].energy_aj == 0


# --- pulses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (40, 30)])
@pytest.mark.parametrize("encoding", ["stochastic", "deterministic"])
def test_parallel_update_time_is_independent_of_the_size(shape, encoding):
    """All lines are pulsed at once: as many slots as the train is long."""
    chip, tile = a_tile(
        rows=shape[0], columns=shape[1], tile=made.crossbar(40, 30),
        update=made.update_by(kind="parallel-pulses", encoding=encoding, slots=6),
    )  # fmt: skip
    op, _ = pulsed(chip, tile, [1] * shape[0], [-1] * shape[1])
    assert execute(chip, op).elapsed == 6 * SLOT
    assert execute(chip, tile.typical("update")).elapsed == 6 * SLOT


def test_negative_inputs_take_a_second_train():
    """Rows of both signs are pulsed in two phases, one after the other."""
    chip, tile = a_tile()
    op, _ = pulsed(chip, tile, (1, -1, 0), (1, 0, 0, 0))
    assert execute(chip, op).elapsed == 2 * 6 * SLOT


def test_row_by_row_takes_the_longest_train_of_each_row():
    """Pulses 1 2 / 2 4 / 3 6: rows take 2 + 4 + 6 slots, three rows are visited."""
    chip, tile = a_tile(
        columns=2, update=made.update_by(kind="row-by-row", encoding="deterministic", slots=6)
    )
    op, data = pulsed(chip, tile, (1, 2, 3), (1, -2))
    timing = execute(chip, op)
    assert timing.elapsed == (2 + 4 + 6) * SLOT
    assert timing.ledger.by_part()["tile0.driver"] == Entry(count=3, busy_ps=12 * SLOT)
    # A positive error lowers the weight, on the minus array.
    assert data["tile0.pair+", "update"].pulses == 2 + 4 + 6
    assert data["tile0.pair-", "update"].pulses == 1 + 2 + 3
    # Rows are driven for both arrays, the plus column in 12 slots, the minus column in 6.
    assert data["tile0.driver", "update"].energy_aj == (2 * 12 + 12 + 6) * 7


def test_cell_by_cell_takes_every_pulse_alone():
    """Pulses 1 2 / 2 4 / 3 6 one after another, six cells visited."""
    chip, tile = a_tile(
        columns=2, update=made.update_by(kind="cell-by-cell", encoding="deterministic", slots=6)
    )
    op, data = pulsed(chip, tile, (1, 2, 3), (1, -2))
    timing = execute(chip, op)
    assert timing.elapsed == (1 + 2 + 2 + 4 + 3 + 6) * SLOT
    assert timing.ledger.by_part()["tile0.driver"] == Entry(count=6, busy_ps=18 * SLOT)
    # Rows are driven in 18 slots for both arrays, columns in 12 and 6.
    assert data["tile0.driver", "update"].energy_aj == (2 * 18 + 12 + 6) * 7


def test_serial_update_skips_rows_and_cells_without_pulses():
    """Only the middle row gets pulses: 0 0 / 1 2 / 0 0."""
    for kind, slots, visits in (("row-by-row", 2, 1), ("cell-by-cell", 3, 2)):
        chip, tile = a_tile(columns=2, update=made.update_by(kind=kind, encoding="deterministic", slots=6))
        op, _ = pulsed(chip, tile, (0, 1, 0), (1, -2))
        timing = execute(chip, op)
        assert timing.elapsed == slots * SLOT
        assert timing.ledger.by_part()["tile0.driver"].count == visits


def test_pulse_energy_of_selected_cells():
    """One row, one column: three pulses at conductances that average 1.5 steps, nothing half-selected."""
    chip, tile = a_tile(rows=1, columns=1)
    _, data = pulsed(chip, tile, (1,), (-3,))
    # V^2 t is 1 * 31e-12 * 1e18 attojoules per siemens.
    assert data["tile0.pair+", "update"].energy_aj == round(31e6 * 3 * 1.5 / 64)
    assert data["tile0.pair-", "update"].energy_aj == 0


def test_pulse_energy_of_half_selected_cells():
    """Cells that share a row or a column with a pulsed one see half its voltage, a quarter of its power."""
    chip, tile = a_tile(rows=2, columns=2)
    pulsed(chip, tile, (4, 0), (0, -1))  # the neighbour in the row: 4/64 S
    pulsed(chip, tile, (0, 2), (-1, 0))  # the neighbour in the column: 2/64 S
    pulsed(chip, tile, (0, 3), (0, -1))  # the cell across: neither line is driven
    _, data = pulsed(chip, tile, (1, 0), (-1, 0))
    selected = 0.5 / 64  # one pulse, from 0 to 1/64 S
    half = 4 / 64 + 2 / 64
    assert data["tile0.pair+", "update"].energy_aj == round(31e6 * (selected + 0.25 * half))


def test_recentring_reads_each_row_resets_it_and_pulses_it_back():
    """One pair at 4 and 2 of 4 states: read its row, reset both cells, two pulses back."""
    update = made.update_by(
        kind="parallel-pulses",
        encoding="deterministic",
        slots=6,
        recentre=Recentre(every=1, headroom=0.1),
    )
    chip, tile = a_tile(rows=2, columns=3, device=made.finite(states=4), update=update)
    pulsed(chip, tile, (0, 1), (-4, 0, -1), rate=1 / 4)
    pulsed(chip, tile, (0, 1), (2, 0, 0), rate=1 / 4)
    change = tile.recentre(pair=0)
    timing = execute(chip, change.operation)
    verify = DAC + READ + SAMPLE + ADC
    assert timing.elapsed == verify + RESET + 2 * SLOT
    assert timing.ledger.by_part()["tile0.driver"].busy_ps == RESET + 2 * SLOT
    assert timing.ledger.by_part()["tile0.pair+"].busy_ps == timing.elapsed
    data = Ledger()
    data.charge_data(change.charges)
    reset_lines = 2 + 2  # the row of both arrays, the column of both cells
    pulse_lines = 2 * 2 + 2  # two slots on the row of both arrays, and on one column
    assert data.by_part()["tile0.driver"].energy_aj == (reset_lines + pulse_lines) * 7
    assert tile.weights().tolist() == [[0, 0, 0], [0.5, 0, 0.25]]
    plus, minus = tile.wear()
    assert plus.pulses.tolist() == [[0, 0, 0], [4 + 2, 0, 1]]
    assert minus.pulses.tolist() == [[0, 0, 0], [2, 0, 0]]
    assert plus.resets.tolist() == minus.resets.tolist() == [[0, 0, 0], [1, 0, 0]]


def test_recentring_has_nothing_to_do_without_saturated_pairs():
    """No operation when no cell is at its bound, and none for ideal cells."""
    recentre = Recentre(every=1, headroom=0.1)
    for device, given in ((made.finite(), recentre), (made.IDEAL, None)):
        update = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=6, recentre=given)
        _, tile = a_tile(device=device, update=update)
        assert tile.recentre(pair=0) is None


# --- the digital tile ------------------------------------------------------------------------------


def test_mac_tile_goes_once_over_its_weights():
    """3 rows of 4 weights on 4 lanes are 3 cycles; a forward pass reads every weight, an update writes it too.

    Before an update its 3 inputs are multiplied with the learning rate, in one more cycle.
    """
    chip = made.rule_on(made.mac_chip(), (ROWS, COLUMNS)).chip
    multiply_add, read, write = 12 * (113 + 111), 12 * 32 * 23, 12 * 32 * 29
    for action, macs, energy, bits in (
        ("forward", 12, read, 12 * 32),
        ("backward", 12, read, 12 * 32),
        ("update", 12, read + write, 2 * 12 * 32),
        ("initialise", 0, write, 12 * 32),
    ):
        timing = execute(chip, chip.tiles[0].typical(action))
        scaled = ROWS * 113 if action == "update" else 0
        took = (3 + (action == "update")) * CLOCK
        assert timing.elapsed == took
        assert {part: entry for part, _, entry in timing.ledger} == {
            "tile0": Entry(count=macs, busy_ps=took, energy_aj=multiply_add + scaled if macs else 0),
            "tile0.sram": Entry(count=1, busy_ps=took, energy_aj=energy, bits=bits),
        }


@pytest.mark.parametrize(
    ("rows", "columns", "by_column", "anywhere"),
    [
        (13, 1, 13, 4),  # one column keeps one of four lanes at work
        (13, 4, 13, 13),
        (13, 5, 26, 17),  # the fifth column takes a cycle of its own in every row
        (1, 13, 4, 4),
    ],
)
def test_mac_tile_gives_each_lane_a_column(rows, columns, by_column, anywhere):
    """A lane a column takes rows x ceil(columns / 4) cycles, lanes for any weight ceil(weights / 4)."""
    for mapping, cycles in (("columns", by_column), ("block", anywhere)):
        tile = Mac(rows=13, columns=13, lanes=4, mapping=mapping)
        chip = made.rule_on(made.mac_chip(tile=tile), (rows, columns)).chip
        for action in ("forward", "backward"):
            assert execute(chip, chip.tiles[0].typical(action)).elapsed == cycles * CLOCK


# --- shared parts ----------------------------------------------------------------------------------


def test_digital_unit_fills_its_lanes():
    """9 operations on 4 lanes are 3 cycles, each kind at its own energy."""
    chip, _ = a_tile()
    timing = execute(chip, chip.digital.compute("anything", add=4, multiply=3, compare=1, function=1))
    assert timing.elapsed == 3 * CLOCK
    energy = 4 * 11 + 3 * 13 + 17 + 19
    assert timing.ledger.total == Entry(count=9, busy_ps=3 * CLOCK, energy_aj=energy)


def test_buffer_moves_its_width_an_access():
    """33 bits through a port of 8 are 5 accesses; energy counts bits, not accesses."""
    chip, _ = a_tile()
    for op, price in ((chip.buffer.read(33), 23), (chip.buffer.write(33), 29)):
        timing = execute(chip, op)
        assert timing.elapsed == 5 * SRAM
        assert timing.ledger.total == Entry(count=1, busy_ps=5 * SRAM, energy_aj=33 * price, bits=33)


def test_transfer_takes_latency_and_cycles():
    """20 bits over 8 wires are 3 cycles behind the head of the transfer."""
    chip, tile = a_tile()
    timing = execute(chip, chip.move(chip.buffer, tile.part(), 20))
    assert timing.elapsed == HOP + 3 * CYCLE
    busy = HOP + 3 * CYCLE
    assert timing.ledger.total == Entry(count=1, busy_ps=busy, energy_aj=20 * (37 + 31), bits=20)


def test_selector_counts_its_own_cycles():
    """Steering an update is a comparison; ending an epoch is an addition and a comparison."""
    chip = made.rule_on(made.hybrid(), (ROWS, COLUMNS)).chip
    steer, decide = (
        execute(chip, chip.selector.select()),
        execute(chip, chip.selector.end_epoch(accuracy=0.5)),
    )
    assert (steer.elapsed, steer.ledger.total.energy_aj) == (CLOCK, 43)
    assert (decide.elapsed, decide.ledger.total.energy_aj) == (2 * CLOCK, 41 + 43)


def test_forward_program_of_a_layer():
    """Fetch three inputs from the buffer, send them, read, and send four results to the digital unit."""
    rule = made.rule_on(made.chip(), (ROWS, COLUMNS))
    fetch = -(-ROWS * BITS // WIDTH) * SRAM
    there, back = HOP + -(-ROWS * BITS // WIDTH) * CYCLE, HOP + -(-COLUMNS * BITS // WIDTH) * CYCLE
    elapsed = execute(rule.chip, rule.matrices[0].typical("forward")).elapsed
    assert elapsed == fetch + there + (DAC + READ + SAMPLE + ADC) + back


def test_area_of_a_chip():
    """A tile of 2 x 3 cells a pair, its converters, samples and drivers; units, memory and a bus."""
    chip = made.rule_on(made.chip(tile=made.crossbar(2, 3)), (2, 3)).chip
    cells = 2 * (2 * 3) * 31
    converters = (2 * 3 + 3 * 2 + 3 * 5) + (3 * 3 + 2 * 2 + 2 * 5)
    drivers = (2 + 2 * 3) * 7
    bus = 23 + 19 * WIDTH
    assert chip.area == cells + converters + drivers + 4 * 11 + 4096 * 17 + bus


def test_operation_of_nothing_takes_no_time():
    """A digital unit asked for nothing is done at once."""
    chip, _ = a_tile()
    assert execute(chip, operation("digital", "rest")).elapsed == 0
