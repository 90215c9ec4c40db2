"""The simulated pulse response of devices: curves and symmetry points by hand, spread, seeds, levels."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.ideal import Ideal
from chipsim.device.response import level_response, pulse_response, symmetry_of
from chipsim.spec import load_chip, load_device, shipped_names
from tests import made

PULSED = [name for name in shipped_names("devices") if "up" in load_device(name).spec.device.offers]


def of_chip(name):
    return load_chip(name).spec.device


def test_soft_bounds_follow_their_curve():
    """From the lower bound, each pulse takes 2 / states of what is left to the upper one, and back."""
    up, down = pulse_response(made.soft_bounds()).stretches
    # One and a half times the 16 states, from where as many pulses down had left it.
    assert (up.sort, up.pulses.tolist(), down.pulses[-1]) == ("up", [*range(25)], 48)
    begin = 0.5 * (7 / 8) ** 24
    curve = 1 - (1 - begin) * (7 / 8) ** np.arange(25)
    assert up.share(50) == pytest.approx(curve, abs=1e-6)
    assert up.share(10) == pytest.approx(up.share(90))
    assert down.share(50) == pytest.approx(curve[-1] * (7 / 8) ** np.arange(25), abs=1e-6)
    assert (up.conductance[-1] == down.conductance[0]).all()


def test_one_direction_is_followed_by_the_pulse_back():
    """Up and a RESET, down and a SET, or up alone."""
    up, back = pulse_response(of_chip("single-pair")).stretches
    assert (up.sort, back.sort, back.pulses.tolist()) == ("up", "back", [75, 76])
    ends = up.share(50)[[0, 50, -1]]
    assert ends == pytest.approx([2e-6, 20e-6, 20e-6], rel=1e-3)
    assert back.share(50)[-1] == pytest.approx(2e-6)
    down, back = pulse_response(of_chip("analog-pair-transfer")).stretches
    assert (down.sort, back.sort) == ("down", "back")
    assert back.share(50)[-1] == down.share(50)[0] > down.share(50)[-1]
    ideal = Ideal(states=10, on_conductance=1.0, pulse_voltage=1.0, pulse_width=9, area=9)
    (alone,) = pulse_response(ideal).stretches
    assert alone.share(50)[-1] == pytest.approx(1.5)


def test_many_pulses_are_given_several_at_a_time():
    """No more than 200 points a direction, and the first and the last of them as they would be."""
    up, down = pulse_response(of_chip("set-reset-transfer")).stretches
    assert up.pulses.size == down.pulses.size == 201
    assert (up.pulses[1], up.pulses[-1]) == (3, 600)
    assert up.share(50)[[0, -1]] == pytest.approx([0.5e-6, 60e-6])


def test_spread_shows():
    """Cells that are alike are a line; those that are not lie around it, and corrupt ones stand still."""
    wide = pulse_response(made.soft_bounds(upper_spread=0.3), cells=4000).stretches[0]
    # The further the bound is, the higher a cell ends; 10 and 90 % of normal bounds lie 1.2816 deviations off.
    ends = []
    for place in (-1.2816, 1.2816):
        bound = 0.5 * (1 + 0.3 * place)
        left = (0.5 + bound - 0.5 * (7 / 8) ** 24) * (1 - (1 / 16) / bound) ** 24
        ends.append(0.5 + bound - left)
    assert [wide.share(10)[-1], wide.share(90)[-1]] == pytest.approx(ends, rel=0.01)
    stuck = pulse_response(made.soft_bounds(corrupt_cells=0.25), cells=4000)
    assert stuck.unmoved == pytest.approx(1000, abs=100)


def test_the_same_seed_gives_the_same():
    """And another one another; asking for more of it changes nothing of what was asked before."""
    device = load_device("reram-array-om").spec.device
    first, again, other = (pulse_response(device, seed=seed).stretches[0] for seed in (0, 0, 1))
    assert (first.conductance == again.conductance).all()
    assert (first.conductance != other.conductance).any()
    assert (symmetry_of(device).conductance == symmetry_of(device).conductance).all()


@pytest.mark.parametrize("asymmetry", [0.5, 1.0, 2.0])
def test_alternating_pulses_lead_to_the_symmetry_point(asymmetry):
    """Steps are equal where 1 - 2 w = a (1 + 2 w), by which w is (1 - a) / (2 (1 + a)) of the range."""
    found = symmetry_of(made.soft_bounds(states=200, asymmetry=asymmetry))
    assert found.meets
    by_hand = 0.5 + (1 - asymmetry) / (2 * (1 + asymmetry))
    assert found.conductance == pytest.approx(by_hand, abs=0.005)


def test_the_spread_of_symmetry_points_is_that_of_the_asymmetry():
    """What a cell steps further up, and less far down, moves the point where both are alike."""
    found = symmetry_of(made.soft_bounds(states=200, asymmetry_spread=0.01), cells=2000)
    # (1 + d) (1 - 2 w) = (1 - d) (1 + 2 w), so w is d / 2.
    assert found.conductance.std() == pytest.approx(0.005, rel=0.1)
    assert found.conductance.mean() == pytest.approx(0.5, abs=0.002)


def test_linear_steps_have_no_symmetry_point():
    """Cells stay where they stood; with stronger steps down all end at the bound, from wherever they came."""
    assert not symmetry_of(of_chip("set-reset-transfer")).meets
    drifting = symmetry_of(made.set_reset(asymmetry=2.0))
    assert drifting.meets
    assert drifting.conductance.max() < 0.05


def test_corrupt_cells_have_no_symmetry_point():
    """They are left out; where all are, there is none."""
    assert symmetry_of(made.soft_bounds(corrupt_cells=0.5), cells=400).conductance.size < 250
    none = symmetry_of(made.soft_bounds(corrupt_cells=1.0))
    assert (none.meets, none.conductance.size) == (False, 0)


def test_levels_are_programmed():
    """Each to its mean, with its spread."""
    device = of_chip("bnn")
    levels = level_response(device, cells=4000)
    assert levels.mean(axis=1)[1:] == pytest.approx(device.means[1:], rel=0.01)
    assert levels[8].std() == pytest.approx(device.high[7].spread, rel=0.05)


@pytest.mark.parametrize("name", PULSED)
def test_write_noise_is_cut_in_few_cells(name):
    """As the files say of their conductances: no more than one cell in a thousand meets zero."""
    response = pulse_response(load_device(name).spec.device, cells=20_000)
    for stretch in response.stretches:
        assert (stretch.conductance == 0).mean() < 0.001
