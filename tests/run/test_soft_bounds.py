"""Chips whose cells have soft bounds: what runs on them, what they are written to, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.run import simulate
from chipsim.spec import load_chip
from tests import made
from tests.resumed import StopAfter, differing

CELL = (
    "kind: soft-bounds, states: 200, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, "
    "pulse_width: 100 ns, down_voltage: 1 V, down_width: 80 ns, area: 0.04 um2"
)
MEASURED = (
    "step_variation: 41.58 %, step_spread: 78.29 %, upper_spread: 34.99 %, lower_spread: 56.95 %, "
    "asymmetry_spread: 1 %, write_noise: 141.13 %, corrupt_cells: 13.5 %"
)
NEVER = "update.recentre=null"
SINGLE = "synapse={kind: single-cell, weight_range: 1}"
BY_COUNTS = ("rule={kind: mini-batch-sgd}", "update={kind: row-by-row, encoding: deterministic, slots: 63}")


def device(*more):
    """A device of such cells, with more or other keys."""
    return f"device={{{', '.join((CELL, *more))}}}"


# --- what runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sets",
    [
        (device(MEASURED), NEVER),
        (device(MEASURED), NEVER, "update.encoding=stochastic"),
        (device(MEASURED, "fresh_share: 50 %"), SINGLE, NEVER, "update.encoding=stochastic"),
        (device(MEASURED, "fresh_share: 50 %"), SINGLE, *BY_COUNTS),
        (device(MEASURED), *BY_COUNTS),
    ],
    ids=["pairs", "pairs, stochastic", "one cell", "one cell, by counts", "pairs, by counts"],
)
def test_runs_go_on_where_they_were_stopped(sets, tmp_path):
    """Noise, wear and what pulses left in each cell are as if nothing had come between."""
    sets = (*sets, "phases.0.epochs=2", "phases.0.dataset={name: mnist-5k, train: 20, test: 10}")
    whole = simulate("single-pair", "mnist-5k", sets=sets)
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate("single-pair", "mnist-5k", progress=StopAfter(2), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate("single-pair", "mnist-5k", resume=True, **how)) == []


@pytest.mark.parametrize("encoding", ["stochastic", "deterministic"])
def test_a_network_learns_on_cells_that_are_fine_enough(encoding):
    """400 states and one cell a weight: well above the tenth that guessing would get."""
    sets = (
        device("states: 400", "fresh_share: 50 %").replace("states: 200, ", ""),
        "synapse={kind: single-cell, weight_range: 2}", NEVER, f"update.encoding={encoding}",
        "phases.0.epochs=1", "phases.0.dataset={name: mnist-5k, train: 1000, test: 500}",
    )  # fmt: skip
    result = simulate("single-pair", "mnist-5k", sets=sets)
    assert result.epochs[-1].test_accuracy_percent > 50


# --- first writing -------------------------------------------------------------------------------------


def written(weights, spec):
    """Weights that a tile of a chip holds after its first writing, and the pulses of its arrays."""
    wanted = np.array(weights, np.float32)
    tile = made.rule_on(spec, wanted.shape).chip.tiles[0]
    tile.initialise(wanted)
    return tile.weights(), [worn.pulses.tolist() for worn in tile.wear()]


def test_a_single_cell_is_written_along_its_curve():
    """An eighth of the way up in one pulse; halfway down, ln(1/2) / ln(7/8), in five; zero in none."""
    spec = made.single(device=made.soft_bounds())
    found, pulses = written([[1 / 8, -1 / 2, 0]], spec)
    assert found[0] == pytest.approx([1 / 8, (7 / 8) ** 5 - 1, 0], abs=1e-6)
    assert pulses == [[[1, 5, 0]]]


def test_pairs_are_written_along_the_curve_from_their_lower_bound():
    """An eighth of the whole range a pulse; 1 - (7/8)^2 in two, on the plus or the minus cell."""
    spec = made.chip(device=made.soft_bounds(fresh_share=0.0))
    reach = spec.synapse.weight_range
    found, pulses = written([[reach / 8, -reach * 15 / 64]], spec)
    assert found[0] / reach == pytest.approx([1 / 8, -15 / 64], abs=1e-6)
    assert pulses == [[[1, 0]], [[0, 2]]]


def test_weights_that_get_no_pulse_are_counted():
    """At the lower bound a pulse is two described steps: one of 0.9 of a step gets none, one of 1.1 gets one."""
    spec = made.chip(device=made.soft_bounds(fresh_share=0.0))
    step = spec.synapse.weight_range / 16
    tile = made.rule_on(spec, (1, 3)).chip.tiles[0]
    tile.initialise(np.array([[0.9 * step, -1.1 * step, 0]], np.float32))
    assert [worn.pulses.tolist() for worn in tile.wear()] == [[[0, 0, 0]], [[0, 1, 0]]]
    (lost,) = [loss for loss in tile.lost() if loss.what == "initial-weights-rounded-to-zero"]
    assert (lost.count, lost.of) == (1, 2)


# --- what is refused -----------------------------------------------------------------------------------


def refused(*sets):
    """What is said of a single pair that is changed like this, by path."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=sets)
    said = [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]
    # How shares were written is told as well.
    return [(path, message.partition("; written as")[0]) for path, message in said]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("states", "0", "must be more than 0, not 0"),
        ("states", ".nan", "must be a finite number, not nan"),
        (
            "states",
            "1.5",
            "must be more than 2, not 1.5: a step up from the middle would lead to the bound, or beyond it",
        ),
        ("step_spread", "-1 %", "must be between 0 and 5, not -0.01"),
        ("upper_spread", ".nan", "must be a finite number, not nan"),
        ("lower_spread", "-10 %", "must be between 0 and 1, not -0.1"),
        ("asymmetry_spread", "-10 %", "must be between 0 and 1, not -0.1"),
        ("step_variation", "-10 %", "must be between 0 and 10, not -0.1"),
        ("write_noise", "-10 %", "must be between 0 and 100, not -0.1"),
        ("corrupt_cells", "101 %", "must be between 0 and 1, not 1.01"),
        ("fresh_share", "120 %", "must be between 0 and 1, not 1.2"),
        ("asymmetry", "0", "must be between 0.01 and 100, not 0"),
        ("off_conductance", "30 uS", "must be more than off_conductance, 30 µS, not 20 µS"),
    ],
)
def test_values_that_no_cell_has(key, value, message):
    """Each by its path, before anything runs; bounds that are no range are told at the upper one."""
    keys = dict(part.split(": ") for part in CELL.split(", "))
    keys[key] = value
    text = ", ".join(f"{name}: {given}" for name, given in keys.items())
    path = "device.on_conductance" if key == "off_conductance" else f"device.{key}"
    assert refused(f"device={{{text}}}", NEVER) == [(path, message)]


def test_a_step_down_that_is_longer_than_half_the_range():
    """200 states up are two down at an asymmetry of 100."""
    message = (
        "must be more than 200, not 200: a step down from the middle would lead to the bound, or beyond it"
    )
    assert refused(device("asymmetry: 100"), NEVER) == [("device.states", message)]


def test_pairs_begin_at_the_lower_bound():
    """Those in the middle could never be lowered."""
    ((path, message),) = refused(device("fresh_share: 50 %"), NEVER)
    assert path == "device.kind"
    assert message.startswith("begins at 50 % of its range, and single-pair only raises it")


def test_no_pulse_resets_them():
    """Pairs that are to be recentred want cells that one pulse resets."""
    assert refused(device()) == [
        ("update.recentre", "nothing resets a cell of kind soft-bounds at once; leave recentre out")
    ]


@pytest.mark.parametrize(
    ("synapse", "lacking"),
    [
        ("reset-pair, weight_range: 1", "cells that one strong pulse takes to their highest conductance"),
        ("'level-pair', levels: [-1, 0, 1]", "cells that are programmed to levels"),
    ],
)
def test_synapses_of_other_cells(synapse, lacking):
    """Told what is missing, and where."""
    found = refused(device(), NEVER, f"synapse={{kind: {synapse}}}")
    assert any(f"{lacking}, and soft-bounds (device) offers none" in message for _, message in found)


def test_reading_stays_below_both_polarities():
    """A read voltage that lowers cells is refused."""
    low = device().replace("down_voltage: 1 V", "down_voltage: 0.1 V")
    ((path, _),) = refused(low, NEVER)
    assert path == "tile.read_voltage"


def test_what_is_taken_for_granted_is_said():
    """Who brought fresh cells to the middle, and what pulses take of noisy cells."""
    said = list(made.soft_bounds(write_noise=1.0).idealised())
    assert said == [
        "Fresh cells stand at 50 % of their range, and what brought them there is not charged.",
        "Between pulses of a train write noise is taken to be the mean of that before and after it.",
    ]
    assert not list(made.soft_bounds(fresh_share=0.0).idealised())
