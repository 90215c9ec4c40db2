"""Chips whose cells follow exponential curves: what runs on them, resets, first writings, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.randomness import generator
from chipsim.errors import DescriptionError
from chipsim.run import simulate
from chipsim.spec import load_chip
from tests import made
from tests.resumed import StopAfter, differing

CELL = {
    "kind": "exponential-step", "states": "200", "on_conductance": "20 uS", "off_conductance": "2 uS",
    "pulse_voltage": "2 V", "pulse_width": "100 ns", "area": "0.04 um2",
}  # fmt: skip
DOWN = {"down_voltage": "1 V", "down_width": "80 ns"}
BACK = {"reset_voltage": "3 V", "reset_width": "100 ns"}
LABELS = {"nonlinearity_up": "2.4", "nonlinearity_down": "-4.88"}
NEVER = "update.recentre=null"
SMALL = ("phases.0.epochs=2", "phases.0.dataset={name: mnist-5k, train: 20, test: 10}")


def device(*more, **changes):
    """A device of such cells, with more or other keys; None for a key leaves it out."""
    keys = CELL.copy()
    for part in (*more, changes):
        keys |= part
    text = ", ".join(f"{name}: {given}" for name, given in keys.items() if given is not None)
    return f"device={{{text}}}"


# --- what runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sets",
    [
        (device(DOWN, LABELS, step_variation="30 %", write_noise="50 %", step_spread="20 %"), NEVER),
        (device(BACK, nonlinearity_up="2", states="20", step_variation="30 %", write_noise="50 %"),),
        (
            device(DOWN, LABELS, fresh_share="50 %"), NEVER, "synapse={kind: cell-and-reference, weight_range: 1}",
        ),
    ],
    ids=["pairs", "pairs that are reset", "cells beside references"],
)  # fmt: skip
def test_runs_go_on_where_they_were_stopped(sets, tmp_path):
    """Noise, wear and what pulses left in each cell are as if nothing had come between."""
    sets = (*sets, *SMALL)
    whole = simulate("single-pair", "mnist-5k", sets=sets)
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate("single-pair", "mnist-5k", progress=StopAfter(2), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate("single-pair", "mnist-5k", resume=True, **how)) == []


def test_a_network_learns_on_cells_that_only_a_reset_takes_back():
    """Well above the tenth that guessing would get, and cells were reset."""
    sets = (
        device(BACK, nonlinearity_up="1", states="400"), "update.recentre.every=50",
        "phases.0.epochs=1", "phases.0.dataset={name: mnist-5k, train: 1000, test: 500}",
    )  # fmt: skip
    assert simulate("single-pair", "mnist-5k", sets=sets).epochs[-1].test_accuracy_percent > 50


# --- resets, and first writings ------------------------------------------------------------------------


def test_a_reset_leads_to_the_lowest_conductance():
    """Of cells that move; stuck ones take it, and stay."""
    model = made.one_way(corrupt_cells=0.3, write_noise=0.5, off_conductance=0.25)
    rng = generator(1, "array")
    cells = model.fresh((20, 20), rng=rng)
    rows, columns = np.indices((20, 20), np.int32).reshape(2, -1)
    model.pulse(cells, Hits(rows, columns, np.full(400, 5, np.int32)), rng=rng)
    before, stuck = cells.conductance.copy(), cells.step == 0
    assert model.reset(cells, rows, columns) == pytest.approx(before.sum(dtype=float))
    assert (cells.conductance[~stuck] == 0.25).all()
    assert (cells.lasting[~stuck] == 0.25).all()
    assert np.array_equal(cells.conductance[stuck], before[stuck])
    assert (cells.resets == 1).all()
    assert np.allclose(cells.row_sum, cells.conductance.sum(axis=1, dtype=float))
    assert np.allclose(cells.column_sum, cells.conductance.sum(axis=0, dtype=float))


def test_pairs_are_written_along_the_curve_and_brought_back_along_it():
    """An eighth of the range takes -8 ln(1 - WHOLE / 8) pulses: one; 3/4 takes 8.37: eight, after a reset too."""
    whole = 1 - math.exp(-2)
    spec = made.chip(
        device=made.one_way(), update=made.update_by("parallel-pulses", encoding="deterministic", slots=6)
    )
    tile = made.rule_on(spec, (1, 2)).chip.tiles[0]
    tile.initialise(np.array([[1 / 8, -3 / 4]], np.float32))
    assert [worn.pulses.tolist() for worn in tile.wear()] == [[[1, 0]], [[0, 8]]]
    (target,) = tile.carrier.targets
    plus, minus = target.cells
    model, rng = target.device, generator(1, "more")
    everywhere = Hits(np.zeros(2, np.int32), np.arange(2, dtype=np.int32), np.full(2, 2, np.int32))
    for cells in (plus, minus):
        model.pulse(cells, everywhere, rng=rng)
    wanted = (plus.conductance - minus.conductance)[0]
    _, hits = target.reset(np.zeros(2, np.int32), np.arange(2, dtype=np.int32))
    counts = [round(-8 * math.log(1 - whole * abs(float(one)))) for one in wanted]
    assert [hit.counts.tolist() for hit in hits] == [[counts[0]], [counts[1]]]


# --- what is refused -----------------------------------------------------------------------------------


def refused(*sets):
    """What is said of a single pair that is changed like this, by path."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=sets)
    said = [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]
    return [(path, message.partition("; written as")[0]) for path, message in said]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        (LABELS | {"decay_up": "50"}, "nonlinearity_up", "is given beside decay_up, which says the same curve; leave one of the two out"),
        (
            {"nonlinearity_up": "1"}, "kind",
            "needs decay_down or nonlinearity_down, for its steps down; nonlinearity_down: 0 has them all alike",
        ),
        (LABELS | {"nonlinearity_up": "9.5"}, "nonlinearity_up", "must be between -9 and 9, not 9.5"),
        (LABELS | {"nonlinearity_up": None, "decay_up": "0"}, "decay_up", "must be a finite number other than 0, not 0"),
        (
            LABELS | {"nonlinearity_up": None, "decay_up": "10"}, "decay_up",
            "cells cannot reach their highest conductance: the last step up is 2e-10 of the range, and leads nowhere; take a curve that is less steep",
        ),
        (
            LABELS | {"nonlinearity_down": "9"}, "nonlinearity_down",
            "cells cannot reach their lowest conductance: at 100 % of the range a step down is 2.2e-20 of it, and leads nowhere",
        ),
        (LABELS | {"states": "0.5"}, "nonlinearity_up", "makes a step up of 1.13 times the whole range, of 0.5 states; take more states, or a curve that is less steep"),
        (LABELS | {"down_width": None}, "down_voltage", "needs down_width beside it, or neither is given"),
        (LABELS | {"reset_width": "5 ns"}, "reset_width", "needs reset_voltage beside it, or neither is given"),
        (LABELS | {"step_variation": "-1 %"}, "step_variation", "must be between 0 and 10, not -0.01"),
        (LABELS | {"variation_form": "uniform", "step_variation": "1 %"}, "variation_form", "unknown value 'uniform'; known: constant, proportional, log-normal"),
        (LABELS | {"spread_form": "log-normal"}, "spread_form", "nothing reads it: cells have the same steps; leave spread_form out"),
        (LABELS | {"variation_form": "proportional"}, "variation_form", "nothing reads it: steps do not vary; leave variation_form out"),
        (LABELS | {"variation_form": "proportional", "step_variation": "1 %", "variation_down": "2 %"}, "variation_down", "nothing reads it: variation that is proportional is the same of both directions; leave variation_down out"),
        (LABELS | {"corrupt_at": "0 %"}, "corrupt_at", "nothing reads it: no cell is corrupt; leave corrupt_at out"),
        (
            LABELS | {"corrupt_at": "0 %", "corrupt_cells": "1 %"}, "corrupt_at",
            "nothing reads it: corrupt cells are stuck anywhere between their bounds; leave corrupt_at out",
        ),
    ],
)  # fmt: skip
def test_values_that_no_cell_has(changes, path, message):
    """Each by its path, before anything runs."""
    found = refused(device(DOWN, changes), NEVER)
    assert (f"device.{path}", message) in found


def test_cells_without_a_way_back():
    """Neither small pulses down nor a reset."""
    ((path, message),) = refused(device(nonlinearity_up="1"), NEVER)
    assert path == "device.kind"
    assert message == (
        "pulses only raise it, and nothing brings it back; give down_voltage and down_width, for small pulses down, or "
        "reset_voltage and reset_width, for a strong pulse back"
    )


def test_what_is_said_of_steps_down_that_there_are_none_of():
    """A one-way cell with a curve down."""
    ((path, message),) = refused(device(BACK, LABELS))
    assert path == "device.nonlinearity_down"
    assert message == (
        "nothing reads it: pulses only raise it, for it has no down_voltage; leave nonlinearity_down out"
    )


def test_synapses_that_lower_cells_refuse_those_that_are_only_raised():
    """A single cell has no pair that could be reset."""
    found = refused(device(BACK, nonlinearity_up="1"), NEVER, "synapse={kind: single-cell, weight_range: 1}")
    assert any(
        "needs cells that a pulse moves back by a step, and exponential-step (device) offers none" in message
        for _, message in found
    )


def test_cells_that_are_only_lowered_by_pulses_are_not_recentred():
    """Nothing resets them."""
    assert refused(device(DOWN, LABELS)) == [
        ("update.recentre", "nothing resets a cell of kind exponential-step at once; leave recentre out")
    ]


def test_reading_stays_below_a_reset():
    """As below any pulse that changes cells."""
    ((path, _),) = refused(device(BACK, nonlinearity_up="1", reset_voltage="0.1 V"))
    assert path == "tile.read_voltage"


def test_what_is_taken_for_granted_is_said():
    """Resets that always arrive."""
    assert list(made.one_way().idealised()) == [
        "A reset takes a cell to its lowest conductance at once, without noise, wherever it stood."
    ]
