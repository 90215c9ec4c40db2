"""Chips whose wires have a resistance, from their description to what they learn, take and leave."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.run import simulate
from chipsim.run.simulate import prepare
from chipsim.testing.nodal import Grid, solve
from tests.parts.test_levels import charged
from tests.run.test_loops import CASES, SHORT, TRAINS, assert_equal

SMALL = (*SHORT, "phases.0.dataset.train=60", "tile.rows=1024")
"""Of 60 digits twice."""
WIRES = "tile.wires={row_resistance: 2 Ohm, column_resistance: 1 Ohm, end_resistance: 30 Ohm}"
NONE = "tile.wires={row_resistance: 0 Ohm, column_resistance: 0 Ohm}"

LOOPED = (
    "as it ships", "both pairs, resets and spreads", "row by row", "tiles smaller than layers",
    "noisy converters", "soft bounds", "cells beside references of their own", "soft bounds on two pairs",
)  # fmt: skip


@pytest.mark.parametrize("case", LOOPED)
def test_loops_leave_what_steps_leave(monkeypatch, case):
    """To the bit, with what is known of the wires among the state."""
    chip, sets = CASES[case]
    assert_equal(monkeypatch, chip, [*SHORT, *sets, WIRES])


CHIPS = {
    "hybrid-synapse": TRAINS,
    "single-pair": (
        "synapse={kind: single-cell, weight_range: 1}",
        *CASES["single cells with spreads"][1][3:],
    ),
    "analog-sgd": (),
    "tiki-taka-v2": ("network.layers=[784, 9, 10]",),
    "bnn": ("phases.0.epochs=1",),
    "plain-qnn": ("phases.0.epochs=1",),
    "analog-pair-transfer": (),
}


@pytest.mark.parametrize("chip", CHIPS)
def test_wires_without_resistance_are_those_of_a_chip_without_wires(chip):
    """Curves, ledger and wear, to the bit and the attojoule, whatever carries a weight."""
    workload = "mnist-5k-transfer" if chip == "analog-pair-transfer" else "mnist-5k"
    sets = [*(one for one in SHORT if workload == "mnist-5k" or "layers" not in one), *CHIPS[chip]]
    without, ideal = (simulate(chip, workload, sets=[*sets, *more]) for more in ((), (NONE,)))
    assert ideal.epochs == without.epochs
    assert ideal.ledger == without.ledger
    for one, other in zip(ideal.wear, without.wear, strict=True):
        assert np.array_equal(one.pulses, other.pulses)


def tile_of(chip, *sets):
    """The first tile of a chip with its first weights written."""
    setup = prepare(chip, "mnist-5k", sets=[*SHORT, *sets])
    rng = np.random.default_rng(0)
    tile = setup.chip.tiles[0]
    tile.initialise(rng.uniform(-0.5, 0.5, tile.shape).astype(np.float32))
    return tile


IDEAL = (
    "tile.forward.dac.ideal=true", "tile.forward.adc.ideal=true", "tile.backward.dac.ideal=true",
    "tile.backward.adc.ideal=true", "tile.unused_lines=cut-off", "tile.rows=1024",
)  # fmt: skip
OHM = "tile.wires={row_resistance: 1 Ohm, column_resistance: 1 Ohm}"


@pytest.mark.slow
def test_a_tile_reads_and_takes_what_nodes_say():
    """785 rows of 9 pairs, both ways, converters apart: currents within 0.2 %, energy within 2 %."""
    pytest.importorskip("scipy")
    tile = tile_of("single-pair", *TRAINS[1:], *IDEAL, OHM)
    x = np.random.default_rng(1).random((1, tile.shape[0])).astype(np.float32)
    d = np.random.default_rng(2).uniform(-1, 1, (1, tile.shape[1])).astype(np.float32)
    there, back = tile.forward(x), tile.backward(d)
    taken = charged(there)
    found, returned = np.zeros(tile.shape[1]), np.zeros(tile.shape[0])
    for sign, cells in zip((1, -1), tile.carrier.pairs[0].cells, strict=True):
        grid = Grid(cells=cells.conductance.astype(np.float64), row=1.0, column=1.0)
        solved = solve(grid, x.astype(np.float64))
        found += sign * solved.out_of_columns[0]
        energy = float(x[0] @ solved.into_rows[0]) * tile.read_factor
        name = tile.arrays[(1 - sign) // 2].name
        assert taken[name, "forward"][0] == pytest.approx(energy, rel=2e-2)
        returned -= sign * solve(grid, np.zeros((1, tile.shape[0])), d.astype(np.float64)).into_rows[0]
    scale = tile.carrier.weight_per_siemens
    assert np.abs(there.values[0] - found * scale).max() < 2e-3 * np.abs(found * scale).max()
    assert np.abs(back.values[0] - returned * scale).max() < 2e-3 * np.abs(returned * scale).max()


def test_both_ways_see_the_same_cells():
    """What comes out of column j for one volt on row i comes out of row i for one volt on column j."""
    tile = tile_of("single-pair", *TRAINS[1:], *IDEAL, WIRES)
    there = tile.read_rows(np.arange(tile.shape[0], dtype=np.int32)).values
    back = tile.read_columns(np.arange(tile.shape[1], dtype=np.int32)).values
    assert np.array_equal(there, back.T)
    assert np.abs(there).max() < np.abs(tile.weights()).max()


def test_a_test_between_changes_nothing_of_training():
    """What wires leave of cells is worked out anew for it, and forgotten."""
    tiles = [tile_of("single-pair", *TRAINS, WIRES) for _ in range(2)]
    rng = np.random.default_rng(3)
    x = rng.random((4, tiles[0].shape[0])).astype(np.float32)
    d = rng.uniform(-1, 1, (4, tiles[0].shape[1])).astype(np.float32)
    read = []
    for tested, tile in enumerate(tiles):
        values = []
        for sample in range(4):
            values.append(tile.forward(x[sample : sample + 1]).values)
            if tested:
                tile.evaluating = True
                tile.forward(x)
                tile.evaluating = False
            tile.update(x[sample], d[sample], rate=0.1, pair=0)
        read.append(values)
    assert np.array_equal(*read)


def test_a_test_sees_cells_as_they_are():
    """After an update, whatever training still takes for good enough."""
    tile = tile_of("single-pair", *TRAINS, WIRES)
    x = np.ones((1, tile.shape[0]), np.float32)
    tile.forward(x)
    before = [factors.copy() for factors in tile.wired.factors()]
    tile.update(x[0] / 50, -np.ones(tile.shape[1], np.float32) / 50, rate=0.1, pair=0)
    tile.forward(x)
    assert all(map(np.array_equal, tile.wired.factors(), before))
    tile.evaluating = True
    tile.forward(x)
    assert not all(map(np.array_equal, tile.wired.factors(), before))
