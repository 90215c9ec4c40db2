"""Read noise of cells behind wires: its deviation against all nodes, and what runs make of it."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.randomness import generator
from chipsim.noise.white import White
from chipsim.run import simulate, training
from chipsim.run.simulate import prepare
from chipsim.testing.nodal import Grid, solve
from chipsim.tile.fluctuation import Fluctuation
from tests.device.test_wires import Left, cells

SHARE, FLOOR = 0.05, 2e-7
MANY = 4000
SHORT = (
    "phases.0.dataset.train=60", "phases.0.dataset.test=30", "network.layers=[784, 9, 10]", "phases.0.epochs=2",
    "tile.rows=1024",
)  # fmt: skip
NOISE = "device.read_noise={kind: white, share: 3 %, floor: 0.1 uS}"
DRIFT = "device.drift={kind: power-law, exponent: 0.1, spread: 20 %, begins: 10 us}"
WIRES = "tile.wires={row_resistance: 2 Ohm, column_resistance: 1 Ohm, end_resistance: 30 Ohm}"


def deviations(array, x, *, ohm):
    """Of the current of each column, by the sensitivity of all of them to each cell between its nodes."""
    grid = Grid(cells=array, row=ohm, column=ohm)
    over = solve(grid, x[np.newaxis]).over_cells[0]
    rows, columns = array.shape
    # What a current in a cell brings to the end of a column is what the cell sees when that end is driven.
    back = solve(grid, np.zeros((columns, rows)), np.eye(columns)).over_cells
    each = np.hypot(SHARE * array, FLOOR)
    return np.sqrt(((each * over * back) ** 2).sum(axis=(1, 2)))


def drawn(array, x, *, factors):
    """Deviations of many reads."""
    rngs = generator(1, "training"), generator(1, "testing")
    given = None if factors is None else lambda: [factors]
    noise = Fluctuation(
        White(share=SHARE, floor=FLOOR), read_time=100_000, cells=((array.astype(np.float32),),),
        columns=array.shape[1], by_rows=True, rngs=rngs, left=given,
    )  # fmt: skip
    out = np.zeros((MANY, array.shape[1]), np.float32)
    noise.add(np.tile(x.astype(np.float32), (MANY, 1)), out, evaluating=False)
    return out.std(axis=0)


@pytest.mark.parametrize(("ohm", "near", "most"), [(1.0, 0.005, 0.028), (5.0, 0.025, 0.144)])
def test_deviations_are_near_those_of_all_nodes(ohm, near, most):
    """Within half a percent where wires take up to 2.8 % of a deviation, and 2.5 % where they take up to 14 %."""
    array = cells(32, 32, low=5e-6, high=60e-6)
    x = np.random.default_rng(3).random(32) * (np.random.default_rng(4).random(32) < 0.4)
    true = deviations(array, x, ohm=ohm)
    factors = Left(array, row=ohm, column=ohm).factors.astype(np.float64)
    by_factors, without = (
        np.sqrt(x**2 @ (np.hypot(SHARE * array, FLOOR) * one) ** 2) for one in (factors, 1)
    )
    assert np.abs(by_factors / true - 1).max() < near
    assert (without / true - 1).max() == pytest.approx(most, abs=1e-3)
    chance = 5 / np.sqrt(2 * MANY)
    assert drawn(array, x, factors=factors.astype(np.float32)) == pytest.approx(by_factors, rel=chance)


def run(*sets, chip="single-pair", **more):
    return simulate(chip, "mnist-5k", sets=[*SHORT, *sets], progress=False, **more)


def test_wires_without_resistance_leave_all_noise():
    """Up to roundings of the variance: results of one read are those of a chip without wires."""
    found = []
    for more in ((), ("tile.wires={row_resistance: 0 Ohm, column_resistance: 0 Ohm}",)):
        setup = prepare("single-pair", "mnist-5k", sets=[*SHORT, NOISE, "tile.forward.adc.ideal=true", *more])
        setup.rule.begin(seed=0)
        tile = setup.chip.tiles[0]
        found.append(tile.forward(np.ones((3, tile.shape[0]), np.float32)).values)
    assert np.allclose(*found, rtol=1e-4, atol=1e-5)
    assert np.abs(found[0]).max() > 0.1


def test_noise_behind_wires_is_worked_out_step_by_step(monkeypatch):
    """No loop takes it, and what runs leave is the same whether one was asked for or not."""
    asked = run(NOISE, WIRES)
    quiet = run(WIRES)
    monkeypatch.setattr(training, "loop_of", lambda *_, **__: None)
    assert run(NOISE, WIRES).epochs == asked.epochs
    assert quiet.epochs != asked.epochs


@pytest.mark.parametrize("chip", ["single-pair", "hybrid-synapse", "analog-sgd"])
def test_cells_behind_wires_drift(monkeypatch, chip):
    """By loops and by steps alike, to the bit; and a chip that waits reads what drifted cells leave."""
    waits = ["1 h", "1 year"]
    looped = run(DRIFT, WIRES, chip=chip, wait=waits)
    monkeypatch.setattr(training, "loop_of", lambda *_, **__: None)
    stepped = run(DRIFT, WIRES, chip=chip, wait=waits)
    assert looped.epochs == stepped.epochs
    assert looped.ledger == stepped.ledger
    assert looped.waits == stepped.waits


def test_a_test_after_waiting_sees_wires_of_drifted_cells():
    """One test after the other, with no training in between: factors are those of cells as they are by then."""
    setup = prepare("single-pair", "mnist-5k", sets=[*SHORT, DRIFT, WIRES])
    setup.rule.begin(seed=0)
    tile = setup.chip.tiles[0]
    x = np.ones((1, tile.shape[0]), np.float32)
    tile.evaluating = True
    least = []
    for now in (0, 10**9, 10**15):
        tile.drift_until(now)
        tile.forward(x)
        known = [factors.copy() for factors in tile.wired.factors()]
        least.append(min(float(one.min()) for one in known))
        tile.wired._testing.forget()
        tile.forward(x)
        assert all(map(np.array_equal, known, tile.wired.factors()))
    # Cells that conduct less take less from one another.
    assert least[0] < least[1] < least[2]
