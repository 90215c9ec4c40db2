"""Cells that small pulses lower in stages: curves, bounds and energies by hand, and a naive twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.device.encoding import Hits
from chipsim.device.gradual_reset import ResetStage
from chipsim.device.randomness import generator
from tests import made

F = np.float32
THREE = (
    ResetStage(pulses=0.25, range=0.5),
    ResetStage(pulses=0.5, range=0.375),
    ResetStage(pulses=0.25, range=0.125),
)
"""Of 64 pulses 16, 32 and 16; of a siemens a half, three and one eighths: steps of 2, 0.75 and 0.5 in 64."""


def hits_of(counts):
    rows, columns = np.nonzero(counts)
    return Hits(rows.astype(np.int32), columns.astype(np.int32), counts[rows, columns].astype(np.int32))


def lowered(model, count, *, seed=1, side=1, times=1):
    """Fresh cells after so many pulses each, given at once or in several calls, and what they took."""
    rng = generator(seed, "array")
    cells = model.fresh((side, side), rng=rng)
    taken = [model.pulse_down(cells, hits_of(np.full((side, side), count)), rng=rng) for _ in range(times)]
    return cells, taken


def test_fresh_cells_are_at_the_top():
    """Cells out of use stay at the bottom: three of them on each row, none on a column."""
    model = made.lowered(off_conductance=0.25)
    cells = model.fresh((2, 3), rng=generator(1, "array"), unused=(3, 0))
    assert (cells.conductance == 1).all()
    assert cells.row_sum.tolist() == [3 + 3 * 0.25] * 2
    assert cells.column_sum.tolist() == [2.0] * 3


@pytest.mark.parametrize(
    ("pulses", "left"),
    [
        (1, 1 - 2 / 64),
        (16, 0.5),
        (17, 0.5 - 0.75 / 64),
        (48, 0.125),
        (49, 0.125 - 0.5 / 64),
        (64, 0),
        (99, 0),
    ],
)
def test_the_curve(pulses, left):
    """Sixteen pulses of two steps, 32 of three quarters, 16 of a half; then nothing is left."""
    at_once, _ = lowered(made.lowered(stages=THREE), pulses)
    one_by_one, _ = lowered(made.lowered(stages=THREE), 1, times=pulses)
    assert at_once.conductance[0, 0] == one_by_one.conductance[0, 0] == F(left)
    assert at_once.pulses[0, 0] == one_by_one.pulses[0, 0] == pulses


def test_what_pulses_take():
    """Two pulses from one siemens, 1/32 each: the means 1 - 1/64 and 1 - 3/64."""
    _, (taken,) = lowered(made.lowered(stages=THREE), 2)
    assert taken == 2 - 4 / 64


def test_meetings_with_the_bottom_are_counted():
    """Down to it exactly: met by none. Beyond it: met, and moved by nothing."""
    model = made.lowered()
    rng = generator(1, "array")
    cells = model.fresh((1, 1), rng=rng)
    once = hits_of(np.array([[64]]))
    model.pulse_down(cells, once, rng=rng)
    assert cells.tally.tolist() == [1, 0, 0]
    model.pulse_down(cells, once, rng=rng)
    assert cells.tally.tolist() == [2, 1, 1]


def test_a_set_brings_it_back():
    """From 1/2 S to 1 S, by a pulse that meets 3/4 S on average."""
    cells, _ = lowered(made.lowered(), 32)
    place = np.zeros(1, np.int32)
    assert made.lowered().reset(cells, place, place) == 0.75
    assert (cells.conductance[0, 0], cells.resets[0, 0], cells.row_sum[0]) == (1, 1, 1)


def test_weights_in_the_middle_stage():
    """From a half to an eighth in 32 steps that are alike, and no further."""
    model = made.lowered(stages=THREE, first_stage=2, last_stage=2)
    assert (model.low(1.0), model.span(1.0), model.used_states) == (0.125, 0.375, 32)
    cells, _ = lowered(model, 1)
    assert cells.conductance[0, 0] == F(0.5 - 0.375 / 32)
    assert lowered(model, 50)[0].conductance[0, 0] == F(0.125)
    assert any("without being read" in sentence for sentence in model.idealised())
    assert not list(made.lowered(stages=THREE).idealised())


def test_a_smaller_cell():
    """Of a quarter of the area: a quarter of everything."""
    model = made.lowered(stages=THREE, first_stage=2)
    assert (model.low(4.0), model.span(4.0)) == (0, 0.125)
    assert model.step(4.0) == 0.125 / 48


# --- spread -----------------------------------------------------------------------------------------


def twin(model, counts, *, step_factors, gaussians):
    """Cells lowered pulse by pulse in plain Python and double precision."""
    edges = [0.5, 0.125, -1.0]
    sizes = [2 / 64, 0.75 / 64, 0.5 / 64]
    left = np.ones(counts.shape)
    drawn = iter(gaussians)
    for place in np.ndindex(*counts.shape):
        for _ in range(counts[place]):
            stage = next(k for k, edge in enumerate(edges) if left[place] > edge + 1e-6)
            noise = 1 + model.step_variation * next(drawn) if model.step_variation else 1.0
            left[place] = np.clip(left[place] - sizes[stage] * step_factors[place] * noise, 0, 1)
    return left


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=6, max_size=6), st.integers(0, 99))
def test_as_the_twin(counts, seed):
    """Cells whose steps differ, any number of pulses."""
    model = made.lowered(stages=THREE, step_spread=0.3)
    rng = generator(seed, "array")
    cells = model.fresh((2, 3), rng=rng)
    factors = cells.step_down.astype(np.float64) / -(1 / 64)
    asked = np.array(counts).reshape(2, 3)
    model.pulse_down(cells, hits_of(asked), rng=rng)
    expected = twin(model, asked, step_factors=factors, gaussians=())
    # A cell that comes within a thousandth of a step of an edge may take its next pulse on either side of it.
    assert np.allclose(cells.conductance, expected, atol=1.3 / 64 * 0.3 + 1e-6)
    assert np.allclose(cells.row_sum, cells.conductance.sum(axis=1, dtype=np.float64))


def test_mean_and_variance_of_a_step():
    """Forty thousand cells, one pulse each of 2/64 with a deviation of 30 %; then nine of them."""
    model = made.lowered(stages=THREE, step_variation=0.3)
    for pulses in (1, 9):
        cells, _ = lowered(model, pulses, side=200)
        moved = 1 - cells.conductance.astype(np.float64)
        mean, deviation = pulses * 2 / 64, 0.3 * 2 / 64 * np.sqrt(pulses)
        assert abs(moved.mean() - mean) < 4 * deviation / 200
        assert abs(moved.std() / deviation - 1) < 4 / np.sqrt(2) / 200


def test_ranges_that_differ():
    """Tops spread, bottoms do not, and nobody is vouched for."""
    model = made.lowered(range_spread=0.1)
    cells = model.fresh((100, 100), rng=generator(1, "array"))
    assert not model.bounded
    assert abs(cells.conductance.std() - 0.1) < 0.01
    assert (cells.low == 0).all()
