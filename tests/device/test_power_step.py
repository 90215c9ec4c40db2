"""Cells whose steps shrink by a power of the way that is left: the law and its noise by hand, and what is refused.

Cells conduct 0 to 1 S, of 16 states, so that the longest step is 1/16 S.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests import made
from tests.device.test_exponential_step import SIDE, after, one
from tests.run.test_exponential_step import DOWN, NEVER, device, refused


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.7, 10.0])
@pytest.mark.parametrize("begin", [0.0, 0.1, 0.35, 0.8, 0.95])
def test_a_step_is_a_power_of_the_way_that_is_left(gamma, begin):
    """Up, and mirrored down, to 2e-5 of the longest step."""
    step = min((1 - begin) ** gamma / 16, 1 - begin)
    assert one(made.power(gamma_up=gamma, fresh_share=begin), 1) == pytest.approx(begin + step, abs=2e-6)
    down = one(made.power(gamma_up=0.3, gamma_down=gamma, fresh_share=1 - begin), -1)
    assert down == pytest.approx(1 - begin - step, abs=2e-6)
    both = one(made.power(gamma_up=gamma, fresh_share=1 - begin), -1)
    assert both == down


def test_how_far_pieces_are_off_next_to_the_bound():
    """Of a square root, a quarter of the root of a 512th at a quarter of the last piece: 1.1 %, as is said."""
    begin = 1 - 0.25 / 512
    moved = one(made.power(gamma_up=0.5, states=1e4, fresh_share=begin), 1) - begin
    off = math.sqrt(0.25 / 512) - moved * 1e4
    assert off == pytest.approx(0.25 / math.sqrt(512), rel=0.05)
    assert list(made.power(gamma_up=0.5, gamma_down=2.0).idealised()) == [
        "Steps up follow their power in 512 pieces, which next to the bound are off by up to 1.1 % of a described step."
    ]
    assert not list(made.power(gamma_up=3.0, gamma_down=1.0).idealised())


@pytest.mark.parametrize("form", ["constant", "proportional", "log-normal"])
def test_mean_and_variance_of_a_step(form):
    """The power in the mean; a deviation of 0.4 of the longest step, or of the step."""
    model = made.power(step_variation=0.4, variation_form=form, fresh_share=0.4)
    found = after(model, 1).conductance.astype(float) - 0.4
    step = 0.36 / 16
    deviation = 0.4 * (1 / 16 if form == "constant" else step)
    assert found.mean() == pytest.approx(step, abs=5 * deviation / SIDE + 1e-6)
    assert found.std() == pytest.approx(deviation, rel=10 / SIDE)


def test_steps_down_that_vary_by_another_share():
    """A step down deviates by its own share of the described step down, twice that up here, and one up by the other's."""
    model = made.power(step_variation=0.1, variation_down=0.4, asymmetry=2.0, fresh_share=0.5)
    up, down = (after(model, count).conductance.astype(float) for count in (1, -1))
    assert up.std() == pytest.approx(0.1 / 16, rel=10 / SIDE)
    assert down.std() == pytest.approx(0.4 * 2 / 16, rel=10 / SIDE)
    quiet = made.power(variation_down=0.4, fresh_share=0.5)
    assert after(quiet, 1).conductance.std() < 1e-6
    assert after(quiet, -1).conductance.std() == pytest.approx(0.4 / 16, rel=10 / SIDE)
    alike = made.power(step_variation=0.1, variation_down=0.1, fresh_share=0.5)
    same = made.power(step_variation=0.1, fresh_share=0.5)
    assert np.array_equal(after(alike, 3, -2).conductance, after(same, 3, -2).conductance)


def test_a_power_of_one_is_a_soft_bound():
    """Of twice the states, for soft bounds have a step as long as described in the middle."""
    for counts in ((5,), (7, -3)):
        power, soft = made.power(gamma_up=1.0), made.soft_bounds(states=32, fresh_share=0.0)
        assert one(power, *counts) == pytest.approx(one(soft, *counts), abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_pulses_lead_where_they_are_said_to(share):
    """Within two steps; the last few before a bound are aimed at by half a described one less."""
    model = made.power(states=160, gamma_up=1.5, gamma_down=0.5, fresh_share=share)
    aims = [place for place in (0.1, 0.3, 0.5, 0.7, 0.9) if abs(place - share) > 0.05]
    for place in aims:
        (count,) = model.pulses_for(np.array([160 * (place - share)])).tolist()
        assert one(model, round(count)) == pytest.approx(place, abs=2 / 160)


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"gamma_up": "-1"}, "gamma_up", "must be between 0 and 10, not -1"),
        ({"gamma_up": ".nan"}, "gamma_up", "must be a finite number, not nan"),
        (
            {"gamma_up": "2", "states": "0.5"}, "gamma_up",
            "makes a step up of 2 times the whole range, of 0.5 states; take more states, or a curve that is less steep",
        ),
        (
            {"gamma_up": "10", "states": "200"}, "gamma_up",
            "cells cannot reach their highest conductance: at 69.7 % of the range a step up is 3.2e-08 of it, and leads nowhere",
        ),
    ],
)  # fmt: skip
def test_powers_that_no_cell_has(changes, path, message):
    """Each by its path, before anything runs."""
    keys = {"kind": "power-step", "states": "200"} | DOWN
    assert (f"device.{path}", message) in refused(device(keys, changes), NEVER)
