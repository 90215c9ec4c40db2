"""Cells whose steps are given in places, or measured: curves, noise and first writings by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests import made
from tests.device.test_exponential_step import SIDE, after, one


def along(x, places, lengths):
    """Length of a step between given ones."""
    return float(np.interp(x, places, lengths))


@pytest.mark.parametrize("begin", [0.0, 0.2, 0.5, 0.7, 0.99])
def test_a_step_is_on_the_line_between_its_neighbours(begin):
    """Up by given lengths over 16; down by those of the same, mirrored, or by given ones."""
    places = [0, 0.5, 1]
    up = one(made.piecewise(fresh_share=begin), 1)
    assert up == pytest.approx(min(begin + along(begin, places, [2, 1, 0.5]) / 16, 1), abs=1e-6)
    mirrored = one(made.piecewise(fresh_share=begin), -1)
    assert mirrored == pytest.approx(max(begin - along(begin, places, [0.5, 1, 2]) / 16, 0), abs=1e-6)
    own = one(made.piecewise(fresh_share=begin, steps_down=(0.0, 3.0), asymmetry=0.5), -1)
    assert own == pytest.approx(begin - 3 * begin * 0.5 / 16, abs=1e-6)


def test_a_train_follows_the_curve_pulse_by_pulse():
    """From piece to piece, in one train."""
    x = 0.0
    for _ in range(9):
        x += along(x, [0, 0.5, 1], [2, 1, 0.5]) / 16
    assert one(made.piecewise(), 9) == pytest.approx(x, abs=1e-6)


TABLE = np.array([(0.0, 0.12, 0.02), (0.3, 0.08, 0.01), (0.8, 0.04, 0.02), (1.0, 0.02, 0.03)]).T
DOWN = np.array([(0.0, -0.03, 0.0), (0.4, -0.05, 0.01), (1.0, -0.14, 0.04)]).T


@pytest.mark.parametrize("begin", [0.1, 0.3, 0.55])
def test_mean_and_variance_of_a_measured_step(begin):
    """Those of the line between two rows, up and down; read in 512 pieces, to a thousandth of a step."""
    for count, table in ((1, TABLE), (-1, DOWN)):
        moved = after(made.step_table(fresh_share=begin), count).conductance.astype(float) - begin
        mean, deviation = along(begin, table[0], table[1]), along(begin, table[0], table[2])
        assert moved.mean() == pytest.approx(mean, abs=5 * deviation / SIDE + 1e-4)
        assert moved.std() == pytest.approx(deviation, rel=5 / SIDE / math.sqrt(2), abs=1e-5)


def test_mean_and_variance_of_two_measured_steps():
    """Of steps linear in where they begin: m + (1 + k) v of the first, in mean, and (1 + k)^2 of its variance."""
    table = made.rows((0.0, 0.10, 0.02), (1.0, 0.02, 0.02))
    found = after(made.step_table(up=table, fresh_share=0.2), 2).conductance.astype(float)
    slope, first = -0.08, 0.2 + 0.10 - 0.08 * 0.2
    mean = first + 0.10 + slope * first
    deviation = 0.02 * math.sqrt((1 + slope) ** 2 + 1)
    assert found.mean() == pytest.approx(mean, abs=5 * deviation / SIDE)
    assert found.std() == pytest.approx(deviation, rel=5 / SIDE / math.sqrt(2))


def test_equidistant_rows_are_taken_as_they_are():
    """As pieces of the same lengths, to the bit."""
    table = made.rows((0.0, 2 / 16, 0.0), (0.5, 1 / 16, 0.0), (1.0, 0.5 / 16, 0.0))
    for count in (1, 7, 20):
        assert one(made.step_table(up=table), count) == one(made.piecewise(), count)


@pytest.mark.parametrize("make", [made.piecewise, made.step_table])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_pulses_lead_where_they_are_said_to(make, share):
    """Within a step, wherever a fresh cell stands; noise is left out."""
    keys = (
        {"up": made.rows((0.0, 0.012, 0), (0.3, 0.008, 0), (1.0, 0.002, 0))}
        if make is made.step_table
        else {}
    )
    keys |= {"down": made.rows((0.0, -0.003, 0), (0.4, -0.005, 0), (1.0, -0.014, 0))} if keys else {}
    model = make(states=160, fresh_share=share, **keys)
    steps = np.arange(-160 * share + 1, 160 * (1 - share) - 1, 7)
    for wanted, count in zip(steps, np.rint(model.pulses_for(steps)).astype(int), strict=True):
        there = one(model, int(count)) if count else share
        assert there * 160 == pytest.approx(share * 160 + wanted, abs=2.0)


def test_a_symmetry_point_is_where_measured_steps_are_equally_long():
    """0.08 - 0.08 (x - 0.3) = 0.05 + 0.15 (x - 0.4) at x = 0.1140 / 0.23 = 0.4957."""
    assert made.step_table().symmetry_share == pytest.approx(0.114 / 0.23, abs=1e-3)
    quiet = made.step_table(
        up=made.rows((0.0, 0.012, 0), (1.0, 0.002, 0)), down=made.rows((0.0, -0.003, 0), (1.0, -0.013, 0))
    )
    assert one(quiet, *(1, -1) * 800) == pytest.approx(quiet.symmetry_share, abs=0.01)


def test_steps_that_shrink_to_nothing_are_aimed_at_by_half_a_step_less():
    """Halfway along a straight line to nothing, ln(1/2) / ln(7/8) pulses; to the end, those to 1 - 1/32."""
    model = made.piecewise(steps_up=(2.0, 0.0), steps_down=(1.0, 1.0))
    found = model.pulses_for(np.array([8.0, 16.0]))
    assert found.tolist() == pytest.approx(
        [math.log(1 / 2) / math.log(7 / 8), math.log(1 / 32) / math.log(7 / 8)]
    )


@pytest.mark.parametrize(
    ("up", "down", "wanted"),
    [
        ((2, 1, 1, 1, 0.5), (0.5, 1, 1, 1, 2), 0.5),
        ((2, 2, 1.5, 1, 1, 1, 0.5, 0.5, 0.5), (0.5, 0.5, 1, 1, 1, 1, 1.5, 1.5, 1.5), 0.5),
        ((2, 1, 1, 0.5, 0.5, 0.5, 0.5), (1, 1, 1, 1, 1, 1, 1), 1 / 3),
        ((1, 1, 2, 2, 2), (2, 1, 1, 1, 1), 1.0),
        ((1, 1, 1, 1, 1), (1, 1, 1, 1, 1), 0.5),
    ],
)
def test_where_steps_are_as_long_along_a_stretch(up, down, wanted):
    """The place nearest to the middle of one that cells are led to; rounding says nothing of it."""
    for off in (0.0, 1e-12, -1e-12):
        shaken = tuple(length * (1 + off * (-1) ** place) for place, length in enumerate(up))
        model = made.piecewise(steps_up=shaken, steps_down=tuple(map(float, down)))
        assert model.symmetry_share == pytest.approx(wanted, abs=1e-9)
