"""The energy of pulses against a naive sum over every cell of the tile, whether it carries a weight or not."""

from __future__ import annotations

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.randomness import generator
from chipsim.ledger import Ledger
from chipsim.synapse.hybrid import Hybrid
from chipsim.synapse.single_cell import SingleCell
from chipsim.tile.resistive_tile import ResistiveTile
from tests import made

ROWS, COLUMNS = 5, 4
LOW, GAIN = 0.25, 4.0
PULSE_AJ = 1.0 * 31e6
SCHEMES = [
    made.update_by(kind=kind, encoding=encoding, slots=9)
    for kind in ("parallel-pulses", "row-by-row", "cell-by-cell")
    for encoding in ("stochastic", "deterministic")
]


def naive(before, after, hits, lines, *, size, low, reference=0.0):
    """Energy of one array: of each cell the slots at the whole and at half the voltage, one after another."""
    pulsed = np.zeros((ROWS, COLUMNS))
    pulsed[hits.rows, hits.columns] = hits.counts
    rows, columns = lines
    total = 0.0
    for i in range(size[0]):
        for j in range(size[1]):
            in_use = i < ROWS and j < COLUMNS
            whole = pulsed[i, j] if in_use else 0
            driven = (rows[i] if i < ROWS else 0) + (columns[j] if j < COLUMNS else 0)
            conductance = (float(before[i, j]) + float(after[i, j])) / 2 if in_use else low
            # In a slot of its own the cell is on two driven lines, and sees the whole voltage instead.
            total += conductance * (whole + (driven - 2 * whole) / 4)
        # One more cell on the row, whose line no pulse ever drives.
        total += reference * (rows[i] if i < ROWS else 0) / 4
    return PULSE_AJ * total


@pytest.mark.parametrize("update", SCHEMES, ids=lambda update: f"{update.kind}, {update.encoding}")
@given(
    beyond=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    seed=st.integers(0, 99),
    pair=st.integers(0, 1),
)
@settings(max_examples=15, deadline=None)
def test_pulses_take_what_all_cells_take_together(update, beyond, seed, pair):
    """Whatever the tile's size, scheme and pair: the closed form is the sum over the grid, to an attojoule."""
    size = ROWS + beyond[0], COLUMNS + beyond[1]
    device = made.finite(states=1000, on_conductance=LOW + 1.0, off_conductance=LOW, step_variation=0.3)
    tile = ResistiveTile(
        simpy.Environment(), "tile0", ledger=Ledger(), spec=made.crossbar(*size),
        synapse=Hybrid(weight_range=1.0, gain=GAIN), device=device, update=update, costs=made.COSTS,
        shape=(ROWS, COLUMNS), seed=seed,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    x, d = rng.uniform(-1, 1, ROWS).astype(np.float32), rng.uniform(-1, 1, COLUMNS).astype(np.float32)
    cells = tile.carrier.pairs[pair].cells
    before = [each.conductance.copy() for each in cells]
    smaller = (1.0, GAIN)[pair]
    step = 1.0 / 1000 / smaller
    rate = 4 * step
    # The tile's drivers draw from a generator of their own: another one like it makes the same trains.
    encoder = update.encoder((ROWS, COLUMNS), rng=generator(seed, "tile0.driver"), name="driver")
    pulses = encoder.encode(x, d, scale=rate / step)
    (charges,) = tile.update(x, d, rate=rate, pair=pair).charges
    for sign, hits in enumerate((pulses.plus, pulses.minus)):
        expected = naive(
            before[sign], cells[sign].conductance, hits, (pulses.rows[sign], pulses.columns[sign]),
            size=size, low=float(np.float32(LOW / smaller)),
        )  # fmt: skip
        assert charges.energies_aj[sign] == pytest.approx(expected, rel=1e-9, abs=1)


@pytest.mark.parametrize("update", SCHEMES, ids=lambda update: f"{update.kind}, {update.encoding}")
@given(
    beyond=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    seed=st.integers(0, 99),
    negative=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_both_phases_of_single_cells_take_what_all_cells_take(update, beyond, seed, negative):
    """Up at 1 V for 31 ps, then down at 3 V for 47 ps: each is the sum over the grid and its references."""
    size = ROWS + beyond[0], COLUMNS + beyond[1]
    device = made.both_ways(
        states=1000, on_conductance=LOW + 1.0, off_conductance=LOW, step_variation=0.3, asymmetry=0.7
    )
    tile = ResistiveTile(
        simpy.Environment(), "tile0", ledger=Ledger(), spec=made.crossbar(*size),
        synapse=SingleCell(weight_range=1.0), device=device, update=update, costs=made.COSTS,
        shape=(ROWS, COLUMNS), seed=seed,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    tile.initialise(rng.uniform(-1, 1, (ROWS, COLUMNS)).astype(np.float32))
    x = rng.uniform(-1 if negative else 0, 1, ROWS).astype(np.float32)
    d = rng.uniform(-1, 1, COLUMNS).astype(np.float32)
    before = tile.carrier.cells.conductance.copy()
    encoder = update.encoder(
        (ROWS, COLUMNS), rng=generator(seed, "tile0.driver"), name="driver", in_phases=True
    )
    pulses = encoder.encode(x, d, scale=4)
    (charges,) = tile.update(x, d, rate=4 * 2 / 1000, pair=0).charges
    after = tile.carrier.cells.conductance
    # No crossing is hit in both phases: what those of the first were moved to, they stay at in the second.
    between = before.copy()
    between[pulses.plus.rows, pulses.plus.columns] = after[pulses.plus.rows, pulses.plus.columns]
    phases = ((pulses.plus, before, between, 1.0), (pulses.minus, between, after, 9.0 * made.DOWN / 31))
    for sign, (hits, start, end, factor) in enumerate(phases):
        lines = pulses.rows[sign], pulses.columns[sign]
        expected = factor * naive(start, end, hits, lines, size=size, low=LOW, reference=LOW + 0.5)
        assert charges.energies_aj[sign] == pytest.approx(expected, rel=1e-9, abs=1)
    assert list(charges.pulses) == [pulses.raising, pulses.lowering, 0]
