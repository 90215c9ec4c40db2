"""What tiles lose is counted where it happens; every number here is derived by hand."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.learn.consolidation import tally_steps
from chipsim.parts.memory import HiddenMemory
from chipsim.synapse.digital import Digital
from chipsim.synapse.numbers import WeightBlock
from chipsim.update.reprogram import Verify
from tests import levels_made, made

F = np.float32
NEAREST = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=6)
TRAINS = made.update_by(kind="parallel-pulses", encoding="stochastic", slots=6)


def counted(tile):
    """Count and total of each loss that a tile has counted, by part, stage and kind."""
    return {(loss.part, loss.during, loss.what): (loss.count, loss.of) for loss in tile.lost()}


def tile_of(weights, **changes):
    """A begun tile that holds these weights, with its counters at zero."""
    rows, columns = len(weights), len(weights[0])
    fields = {"device": made.finite(), "tile": made.crossbar(rows, columns)} | changes
    tile = made.rule_on(made.chip(**fields), (rows, columns)).matrices[0].blocks[0].tile
    tile.initialise(np.array(weights, F))
    tile.lost()
    return tile


def row(*values):
    """A batch of one sample."""
    return np.array([values], F)


# --- converters --------------------------------------------------------------------------------------


def test_results_beyond_the_range_are_counted():
    """Weights 1, 0.5, 1/64 and 0 at an input of 1: a range of 0.7 clips the first.

    Four bits are 15 codes, steps of 0.1: 0.5 is code 5, 1/64 is code 0 and was not zero; codes 7, 5 and 0 of
    15 came out.
    """
    real = made.one_pass(ideal=False, reach=0.7)
    tile = tile_of([[1.0, 0.5, 1 / 64, 0.0]], tile=made.crossbar(1, 4, forward=real))
    tile.forward(row(1.0))
    converters = {key: value for key, value in counted(tile).items() if key[0] in {"tile0.dac", "tile0.adc"}}
    assert converters == {
        ("tile0.dac", "training", "inputs-clipped"): (0, 1),
        ("tile0.dac", "training", "inputs-rounded-to-zero"): (0, 1),
        ("tile0.adc", "training", "results-clipped"): (1, 4),
        ("tile0.adc", "training", "results-rounded-to-zero"): (1, 4),
        ("tile0.adc", "training", "codes-unused"): (12, 15),
    }


def test_inputs_are_counted_apart_in_training_and_testing():
    """Four bits and a sign are steps of 1/15: 1.5 is clipped, 0.03 is under half a step, 0 is no input."""
    real = made.one_pass(ideal=False)
    tile = tile_of([[0.5], [0.5], [0.5], [0.5]], tile=made.crossbar(4, 1, forward=real))
    tile.forward(row(1.5, 0.03, 0.0, 0.5))
    tile.evaluating = True
    tile.forward(row(0.5, 0.5, 0.5, 0.0))
    tile.evaluating = False
    found = counted(tile)
    assert found["tile0.dac", "training", "inputs-clipped"] == (1, 3)
    assert found["tile0.dac", "training", "inputs-rounded-to-zero"] == (1, 3)
    assert found["tile0.dac", "testing", "inputs-clipped"] == (0, 3)
    assert found["tile0.dac", "testing", "inputs-rounded-to-zero"] == (0, 3)


def test_errors_scaled_by_their_maximum_are_never_clipped():
    """Errors of 0.3 and 0.006 are driven as 1 and 0.02, which is under half of 1/15."""
    real = made.one_pass(ideal=False, scaling="maximum")
    tile = tile_of([[0.5, 0.25]], tile=made.crossbar(1, 2, backward=real))
    tile.backward(row(0.3, 0.006))
    found = counted(tile)
    assert found["tile0.back-dac", "training", "inputs-clipped"] == (0, 2)
    assert found["tile0.back-dac", "training", "inputs-rounded-to-zero"] == (1, 2)


def test_ideal_converters_lose_nothing():
    """Where numbers pass unchanged nothing is counted, however large they are."""
    tile = tile_of([[0.5]])
    tile.forward(row(100.0))
    assert not [key for key in counted(tile) if "dac" in key[0] or "adc" in key[0]]


def test_what_is_no_number_has_no_code():
    """A result that is no number is converted without marking any code, and without a fault."""
    real = made.one_pass(ideal=False)
    tile = tile_of([[0.5]], tile=made.crossbar(1, 1, forward=real))
    tile._rows.run(row(np.nan), 1)
    assert counted(tile)["tile0.adc", "training", "codes-unused"] == (15, 15)


# --- updates -----------------------------------------------------------------------------------------


def test_pulses_beyond_the_train_and_under_half_a_pulse():
    """A step is 1/64 of a weight; rate 0.5 is 32 pulses per unit of input times error.

    Inputs 1 and 0.01, errors 0.5 and 0.1: 16, 3.2, 0.16 and 0.032 pulses of 6 at most. One crossing is cut by
    10; two ask for less than half a pulse, 0.192 together; all ask for 19.392.
    """
    tile = tile_of([[0.0, 0.0], [0.0, 0.0]], update=NEAREST)
    tile.update(row(1.0, 0.01)[0], row(0.5, 0.1)[0], rate=0.5, pair=0)
    found = counted(tile)
    assert found["tile0.driver", "training", "crossings-cut"] == (1, 4)
    assert found["tile0.driver", "training", "pulses-cut"] == (10, 19)
    assert found["tile0.driver", "training", "crossings-rounded-to-zero"] == (2, 4)
    assert found["tile0.driver", "training", "pulses-rounded-to-zero"] == (0, 19)
    assert found["tile0.driver", "training", "updates-without-pulses"] == (0, 1)


def test_an_update_all_under_half_a_pulse_gives_none():
    """A hundred updates of 0.32 pulses: 32 are asked for, none given; one without an error asks for none."""
    tile = tile_of([[0.0]], update=NEAREST)
    for _ in range(100):
        tile.update(row(0.1)[0], row(0.1)[0], rate=0.5, pair=0)
    tile.update(row(0.1)[0], row(0.0)[0], rate=0.5, pair=0)
    found = counted(tile)
    assert found["tile0.driver", "training", "updates-without-pulses"] == (100, 100)
    assert found["tile0.driver", "training", "pulses-rounded-to-zero"] == (32, 32)
    assert not [key for key in found if key[2].startswith("pulsings")]


def test_probabilities_above_one_cut_pulses():
    """Inputs 1 and 0.25, errors 1 and 0.25; 24 pulses asked for at the largest crossing, six slots.

    Gains are the root of 24/6, so probabilities are 2 and 0.5 on both sides, 1 and 0.5 once clipped. Asked
    for are 6 x 2.5 x 2.5 = 37.5 pulses, given on average 6 x 1.5 x 1.5 = 13.5. Of four crossings the one of
    two lines at 0.5 is whole.
    """
    tile = tile_of([[0.0, 0.0], [0.0, 0.0]], update=TRAINS)
    tile.update(row(1.0, 0.25)[0], row(1.0, 0.25)[0], rate=24 / 64, pair=0)
    found = counted(tile)
    assert found["tile0.driver", "training", "crossings-cut"] == (3, 4)
    assert found["tile0.driver", "training", "pulses-cut"] == (24, round(37.5))
    assert ("tile0.driver", "training", "crossings-rounded-to-zero") not in found


def test_pulses_that_meet_a_bound():
    """At 62 of 64 steps, and then five more twice: the first time the cell moves by two, then not at all."""
    tile = tile_of([[62 / 64]], update=NEAREST)
    for _ in range(2):
        tile.update(row(1.0)[0], row(-5.0)[0], rate=1 / 64, pair=0)
    found = counted(tile)
    assert found["tile0.pair+", "training", "pulsings-cut"] == (2, 2)
    assert found["tile0.pair+", "training", "pulsings-without-effect"] == (1, 2)
    assert found["tile0.pair+", "training", "cells-saturated"] == (1, 1)
    assert found["tile0.pair-", "training", "cells-saturated"] == (0, 1)
    assert found["tile0.pair", "training", "pairs-saturated"] == (1, 1)
    assert found["tile0.pair", "training", "pairs-stuck"] == (0, 1)
    for _ in range(13):
        tile.update(row(1.0)[0], row(5.0)[0], rate=1 / 64, pair=0)
    assert counted(tile)["tile0.pair", "training", "pairs-stuck"] == (1, 1)


def test_initial_weights_beyond_the_range_and_under_half_a_step():
    """A range of 1 in 64 steps: 1.5 is clipped, 0.005 is under half of 1/64, and 0 never was anything."""
    chip = made.chip(device=made.finite(), tile=made.crossbar(2, 2))
    tile = made.rule_on(chip, (2, 2)).matrices[0].blocks[0].tile
    tile.initialise(np.array([[1.5, 0.005], [0.0, -0.5]], F))
    found = counted(tile)
    assert found["tile0", "training", "initial-weights-clipped"] == (1, 4)
    assert found["tile0", "training", "initial-weights-rounded-to-zero"] == (1, 3)
    assert ("tile0", "training", "initial-weights-clipped") not in counted(tile)


def test_an_ideal_cell_has_no_bound():
    """Nothing is said of bounds where there are none."""
    tile = tile_of([[0.0]], device=made.IDEAL)
    tile.update(row(1.0)[0], row(-5.0)[0], rate=1.0, pair=0)
    assert not [key for key in counted(tile) if "pair" in key[0]]


# --- levels and hidden weights -----------------------------------------------------------------------


def test_cells_that_never_reach_their_level():
    """A tolerance of nothing is never met: both cells of a weight at 1 and 0 are counted, once each.

    Levels 1 and -1 take one high cell each, level 0 none: of two weights two cells are programmed, whatever
    the number of tries.
    """
    verify = Verify(tolerance=1e-9, tries=3)
    tile = levels_made.tile((1, 3), verify=verify, spread=0.1, levels=[[8, 4, 0]])
    assert counted(tile)["tile0.cells", "training", "cells-off-level"] == (2, 2)


def test_cells_that_reach_their_level():
    """Without spread a cell is where it should be; without verification nobody looks."""
    tile = levels_made.tile((1, 3), verify=Verify(tolerance=0.1, tries=3), levels=[[8, 4, 0]])
    assert counted(tile)["tile0.cells", "training", "cells-off-level"] == (0, 2)
    unread = levels_made.tile((1, 3), spread=0.1, levels=[[8, 4, 0]])
    assert "cells-off-level" not in {what for _, _, what in counted(unread)}


def test_steps_that_change_nothing():
    """Of five steps one is zero, one moves, one is too small for single precision, two lead out of bounds."""
    before = np.array([[0.5, 0.5, 0.5, 1.0, -1.0]], F)
    step = np.array([[0.0, 0.1, 1e-9, -0.1, 0.1]], F)
    tally = np.zeros(3, np.int64)
    tally_steps(before, np.clip(before - step, -1, 1).astype(F), step, -1.0, 1.0, tally)
    assert tally.tolist() == [4, 1, 2]


def test_a_memory_adds_up_what_it_lost():
    """Twice counted is added, and forgotten once it was told."""
    memory = object.__new__(HiddenMemory)
    memory.name, memory._lost = "digital.memory", {}
    memory.lose("steps-held", 2, of=5)
    memory.lose("steps-held", 1, of=5)
    memory.lose("steps-rounded-away", 0, of=0)
    assert [(loss.what, loss.count, loss.of) for loss in memory.lost()] == [("steps-held", 3, 10)]
    assert memory.lost() == ()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_counting_leaves_weights_and_draws_alone(share):
    """Asked after every update or never, a tile's noisy weights come out the same to the bit."""
    spec = made.chip(device=made.finite(step_variation=0.5), update=TRAINS)
    tiles = [made.begun(spec, (4, 3)).matrices[0].blocks[0].tile for _ in range(2)]
    for number in range(20):
        for tile in tiles:
            tile.update(row(1.0, 0.5, 0.0, 0.2)[0], row(0.1, -0.3, share)[0], rate=0.5, pair=0)
        if number % 3:
            tiles[0].lost()
    assert tiles[0].weights().tobytes() == tiles[1].weights().tobytes()


@pytest.mark.parametrize(("rounding", "counted"), [("nearest", [(2, 4)]), ("stochastic", [])])
def test_changes_under_half_a_step_of_a_digital_weight(rounding, counted):
    """Steps of 0.01 and a rate of 0.1: inputs 1 and 0.5, errors 0, 1 and 0.04 in words of 1/127.

    Changes are 0.1, 0.05, 0.0039 and 0.002: two of four are under 0.005. What is zero asks for nothing.
    """
    spec = Digital(arithmetic="fixed-8", weight_range=1.27, sum_range=8.0, rounding=rounding)
    block = WeightBlock((2, 3), spec=spec, rng=np.random.default_rng(1))
    block.update(row(1.0, 0.5)[0], row(0.0, 1.0, 0.04)[0], rate=0.1)
    assert [(loss.count, loss.of) for loss in block.lost("tile0")] == counted
    assert block.lost("tile0") == ()
