"""What arrays, converters and drivers of shipped chips take for 784-250-10, derived on paper.

Layers are 785 x 250 and 251 x 10 weights, since a bias is one more input, on tiles of 1024 x 256: lines are
charged to their ends. Sums are written out with the description's numbers.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest

from chipsim.data import load
from chipsim.net.inputs import initial_weights
from chipsim.run import prepare
from chipsim.run.execute import execute
from tests.run.sums_by_hand import paper

PULSED = ("hybrid-synapse", "single-pair", "single-pair-rowwise", "single-pair-cellwise")

every_pulsed = pytest.mark.parametrize("name", PULSED)


@functools.cache
def ready(name):
    """A chip that ships with 784-250-10 on it, its cells fresh."""
    return prepare(name, "mnist-5k", seed=0)


@every_pulsed
def test_conversions_of_a_step(name):
    """Each line in use is converted once a pass, and nothing is for lines out of use."""
    p = paper(name)
    setup = ready(name)
    books = execute(setup.chip, setup.rule.typical_step(1)).ledger.by_part()
    dac = p.converter("dac", 8).energy
    forward, backward = (p.converter("adc", bits).energy + p.costs.sample_hold.energy for bits in (10, 8))
    expected = {
        "tile0.dac": (785, dac),
        "tile1.dac": (251, dac),
        "tile1.back-dac": (10, dac),
        "tile0.adc": (250, forward),
        "tile1.adc": (10, forward),
        "tile1.back-adc": (251, backward),
    }
    for part, (count, each) in expected.items():
        assert (books[part].count, books[part].energy_aj) == (count, count * each), part
    # 324 fJ a DAC; 3.310 pJ an ADC of 10 bits, 1.714 pJ one of 8, and 0.97 fJ of their sample-and-hold.
    assert (dac, forward, backward) == (324_000, 3_310_970, 1_714_970)
    assert "tile0.back-dac" not in books


@functools.cache
def pixels():
    """All 5,000 digits as inputs with the bias (samples, 785)."""
    digits = load("mnist-5k")
    images = np.vstack([digits.train_images, digits.test_images])
    return np.hstack([images / np.float32(255), np.ones((5000, 1))]).astype(np.float32)


def test_reading_an_array_that_nothing_was_written_to():
    """The fine arrays of the first layer, a fifth of 2 uS in each of a row's 256 cells: 3.65 pJ a sample.

    A row driven at full scale takes 0.04 V^2 * 256 * 0.4 uS * 10 ns = 40.96 fJ, and the digits drive 89.2
    rows' worth: the sum of all squared inputs, the bias included. 250 cells in use alone take 3.57 pJ.
    """
    p = paper("hybrid-synapse")
    cell = p.chip.device.off_conductance / p.chip.synapse.gain
    row = p.read_energy(p.chip.tile.columns * cell)
    assert row == pytest.approx(40_960)
    tile = ready("hybrid-synapse").chip.tiles[0]
    (charges,) = tile.forward(pixels()).charges
    taken = dict(zip(charges.rows, charges.energies_aj, strict=True))
    squares = np.square(pixels(), dtype=np.float64).sum()
    assert taken["tile0.fine+", "forward"] == taken["tile0.fine-", "forward"]
    assert taken["tile0.fine+", "forward"] == pytest.approx(row * squares, rel=1e-6)
    assert taken["tile0.fine+", "forward"] / 5000 == pytest.approx(3.652e6, rel=0.001)
    in_use = taken["tile0.fine+", "forward"] * 250 / 256
    assert in_use / 5000 == pytest.approx(3.566e6, rel=0.001)


@pytest.mark.parametrize("name", PULSED)
def test_pulses_on_one_fresh_cell(name):
    """Five pulses: 4 V^2 * 100 ns of the cell on its way from 2 to 3.8 uS, a quarter of 2 uS beside it."""
    sets = ("device.step_variation=0",)
    p = paper(name)
    cell, low = p.chip.device, p.chip.device.off_conductance
    step = (cell.on_conductance - low) / cell.states
    tile = prepare(name, "mnist-5k", sets=sets, seed=0).chip.tiles[0]
    x, d = np.zeros(785, np.float32), np.zeros(250, np.float32)
    x[17], d[3] = 1, -1
    # A step is a fiftieth of the range of 2, so a rate of a fifth is five of them.
    (charges,) = tile.update(x, d, rate=0.2, pair=0).charges
    # At the middle of its way the cell stands at 2.9 uS. 255 cells share its row, 1023 its column.
    selected = 5 * (low + 2.5 * step)
    plus = p.pulse_energy(selected + 5 * (255 + 1023) * low / 4)
    # Columns of the minus array are at rest: its row's 256 cells are half selected.
    minus = p.pulse_energy(5 * 256 * low / 4)
    # Two rows of 256 cells and a column of 1024, at 51.2 fJ for 1024.
    line = p.costs.write_driver
    driver = 5 * line.energy * (2 * 256 + 1024) // line.line_cells
    assert charges.energies_aj[0] == pytest.approx(plus, rel=1e-6)
    assert charges.energies_aj[1] == pytest.approx(minus, rel=1e-6)
    assert charges.energies_aj[2] == driver
    assert [round(plus / 1e6, 1), round(minus / 1e6, 1)] == [1283.8, 256.0]


@every_pulsed
def test_initial_writing(name):
    """Row by row, as many slots as a row's largest weight has pulses; joules to a hundredth.

    The hundredth is for the variation of steps, which this sum leaves out.
    """
    p = paper(name)
    setup = ready(name)
    rule = prepare(name, "mnist-5k", seed=0).rule
    program, charges = rule.begin(seed=0)
    taken = {}
    for charge in charges:
        for (part, _), energy in zip(charge.rows, charge.energies_aj, strict=True):
            taken[part] = taken.get(part, 0) + energy
    slots = 0
    for tile, weights in enumerate(initial_weights(setup.workload.spec.network, seed=0)):
        pulses = np.rint(weights.astype(np.float64) * p.chip.device.states / p.chip.synapse.weight_range)
        first = "coarse" if name == "hybrid-synapse" else "pair"
        rows = np.abs(pulses).max(axis=1)
        slots += int(rows.sum())
        for sign, own in (("+", np.maximum(pulses, 0)), ("-", np.maximum(-pulses, 0))):
            expected = written(p, own, rows)
            assert taken[f"tile{tile}.{first}{sign}"] == pytest.approx(expected, rel=0.01)
    assert execute(setup.chip, program).elapsed == slots * p.slot


def written(p, pulses, rows):
    """Energy of one array: cells pulsed, and all others on their lines at half the voltage.

    Parameters
    ----------
    pulses
        What each cell in use gets (rows, columns).
    rows
        Slots in which each row is driven.
    """
    low = p.chip.device.off_conductance
    step = (p.chip.device.on_conductance - low) / p.chip.device.states
    # A cell rises linearly, and lines are driven while it does: each stands at the middle of its way.
    middle = low + step * pulses / 2
    beyond_row = p.chip.tile.columns - pulses.shape[1]
    beyond_column = p.chip.tile.rows - pulses.shape[0]
    along_rows = (rows * (middle.sum(axis=1) + beyond_row * low)).sum()
    along_columns = (pulses.sum(axis=0) * (middle.sum(axis=0) + beyond_column * low)).sum()
    selected = (pulses * middle).sum()
    # A selected cell is on a driven row and a driven column, and is counted in both sums.
    return p.pulse_energy(selected + (along_rows + along_columns - 2 * selected) / 4)
