"""Devices that ship with the fits of others: steps, noise, levels and drift by the published formulas, worked out anew."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.spec import load_device

DAY = 86_400 * 1_000_000_000
"""In nanoseconds."""

STEPS = {
    "reram-es": (
        -1.0, 0.00135,
        lambda w: 1 + 1.18445 * math.exp(5 * (-0.5 * w - 0.5)),
        lambda w: (1 - 0.259359) * (1 + 0.081404 * math.exp(5 * (0.5 * w + 0.5))),
    ),
    "reram-sb": (-0.75, 0.002, lambda w: 1 - w / 1.25, lambda w: 1 + w / 0.75),
    "ecram-li": (-0.8276, 0.002, lambda w: 1 - 0.1153 * w / 1.1724, lambda w: 1 + 0.5085 * w / 0.8276),
    "ecram-mo": (-0.8286, 0.00028214, lambda w: 1 - 0.4152 * w / 1.1714, lambda w: 1 + 0.7342 * w / 0.8286),
    "trench-capacitor": (-1.0, 0.005, lambda w: 1 - 0.05 * w, lambda w: 1 + 0.05 * w),
    "idealised": (-1.0, 0.0002, lambda _: 1.0, lambda _: 1.0),
}  # fmt: skip
"""The kit's: lowest weight of a range of 2, smallest step, and a step up and down over it by the weight."""

NOISE = {
    "reram-es": (5, "proportional", 75, 0.2, 0.3, 0.3, 0.05),
    "reram-sb": (3.75, "constant", 56, 0.3, 0.24 * 1.25, 0.4 * 0.75, 0.01),
    "ecram-li": (0.3, "proportional", 0, 0.1, 0.05 * 1.1724, 0.05 * 0.8276, 0.01),
    "ecram-mo": (2, "proportional", 0, 0.1, 0.05 * 1.1714, 0.05 * 0.8286, 0.01),
    "trench-capacitor": (0.3, "constant", 0, 0.1, 0.07, 0.07, 0.06),
    "idealised": (0.3, "constant", 0, 0.3, 0.3, 0.3, 0),
}
"""The kit's: noise of a step, and how; of what is written; spread of steps, of bounds in weights, of both steps apart."""

JOSHI = (25, lambda x: 0.26348 + 1.9650 * x - 1.1731 * x**2)
HERMES = (10.35, lambda x: 0.15781817 + 2.32443916 * x - 2.16310839 * x**2 + 0.68841818 * x**3)
LEVELS = {
    "rram-wan-2022": (
        1, 40, 9, lambda g: 0.348 + 16.030 * g / 40 - 43.853 * (g / 40) ** 2 + 45.393 * (g / 40) ** 3 - 16.815 * (g / 40) ** 4,
    ),
    "rram-milo-2021": (50, 225, 5, lambda g: 4.782321 - 0.009107 * g),
    "pcm-joshi-2020": (0, 25, 9, lambda g: JOSHI[1](g / 25)),
    "pcm-hermes-2023": (0, 10.35, 9, lambda g: HERMES[1](g / 10.35)),
    "sonos-2022": (0, 16, 9, lambda g: 0.1988665 * (1 - math.exp(-100 * g / 176.3115))),
}  # fmt: skip
"""Lowest and highest level and how many, and the spread of one that conducts so much, all in uS."""


def cell(name):
    """As it ships."""
    return load_device(name).spec.device


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("place", [0.0, 0.13, 0.5, 0.77, 1.0])
def test_steps_are_those_of_the_fit(name, place):
    """Either way, at places that no list has, too: over the range of 2, as weights go."""
    lowest, smallest, up, down = STEPS[name]
    weight = lowest + 2 * place
    upwards, downwards = cell(name).curves
    found = 2 * upwards.length_at(np.array(place)) / upwards.states
    assert found == pytest.approx(smallest * up(weight), rel=0.01, abs=1e-9)
    found = 2 * downwards.length_at(np.array(1 - place)) / downwards.states
    assert found == pytest.approx(smallest * down(weight), rel=0.01, abs=1e-9)


@pytest.mark.parametrize("name", NOISE)
def test_noise_and_spreads_are_those_of_the_fit(name):
    """Over a step, and of bounds over half the range, which is a weight of one."""
    device = cell(name)
    found = (
        device.step_variation, device.variation_form, device.write_noise, device.step_spread,
        device.upper_spread, device.lower_spread, device.asymmetry_spread,
    )  # fmt: skip
    assert device.spread_form == "normal"
    assert [one for one in found if isinstance(one, str)] == [NOISE[name][1]]
    numbers = [one for one in found if not isinstance(one, str)]
    assert numbers == pytest.approx([one for one in NOISE[name] if not isinstance(one, str)], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "weight"), [("reram-sb", 0), ("ecram-li", 0), ("ecram-mo", 0), ("trench-capacitor", 0)]
)
def test_alternating_pulses_lead_to_a_weight_of_zero(name, weight):
    """There the fits have both steps equally long, and there fresh cells stand."""
    device = cell(name)
    place = (weight - STEPS[name][0]) / 2
    assert device.symmetry_share == pytest.approx(place, abs=1e-4)
    assert device.fresh_share == pytest.approx(place, abs=1e-4)


def test_a_capacitor_leaks_to_the_middle():
    """Which is a weight of zero; what is left after its time is 1/e of what lay there."""
    device = cell("trench-capacitor")
    assert device.drift.towards == pytest.approx((device.on_conductance + device.off_conductance) / 2)
    kept = device.drift.kept(np.array([6e9]), np.array([1.0]))
    assert kept == pytest.approx([math.exp(-1)])


@pytest.mark.parametrize("weight", [0.01, 0.11, 0.5, 1.0, 1.93, 2.0])
def test_phase_change_steps_and_their_noise(weight):
    """20 uS for a weight of one: a step, and 0.6 (step + 0.042 + 0.108 w) of noise."""
    device = cell("pcm-one-way")
    curve, step = device.curves[0], 0.01 * (1 + 27.235 * math.exp(-2.5 * weight))
    place = np.array((weight - 0.01) / 1.99)
    microsiemens = 1e6 * device.span(1.0) / curve.states
    assert curve.length_at(place) * microsiemens == pytest.approx(20 * step, rel=0.01)
    noise = np.interp(place, np.linspace(0, 1, curve.deviations.size), curve.deviations)
    assert noise * microsiemens == pytest.approx(20 * 0.6 * (step + 0.042 + 0.108 * weight), rel=0.01)


def test_phase_change_cells_are_raised_and_taken_back():
    """Never lowered; as many pulses as states lead from what a reset leaves to the highest conductance."""
    device = cell("pcm-one-way")
    assert device.offers == {"up", "reset"}
    weight, pulses = 0.01, 0.0
    while weight < 2:
        step = 0.01 * (1 + 27.235 * math.exp(-2.5 * weight))
        pulses += min(1.0, (2 - weight) / step)
        weight += step
    assert device.states == pytest.approx(pulses, abs=0.05)
    assert device.pulses_across(down=False) == pytest.approx(pulses, rel=0.01)


@pytest.mark.parametrize("name", LEVELS)
def test_levels_spread_as_published(name):
    """Each by the published curve, at equal distances from end to end."""
    low, high, many, spread = LEVELS[name]
    device = cell(name)
    levels = np.linspace(low, high, many)
    assert 1e6 * device.means == pytest.approx(levels)
    found = [device.low.spread, *(level.spread for level in device.high)]
    assert 1e6 * np.array(found) == pytest.approx([spread(level) for level in levels], rel=1e-3, abs=1e-4)
    assert device.spread_scale == 1


def test_verified_cells_go_on_spreading():
    """What is added to the spread as written gives that of a day later at each level, and nearly that of two days."""
    device = cell("rram-wan-2022")
    rates = device.drift.rates(np.arange(9) / 8)
    for place, level in enumerate(np.linspace(1, 40, 9)):
        x = level / 40
        later = {
            1: 0.701 + 22.086 * x - 50.773 * x**2 + 47.095 * x**3 - 16.458 * x**4,
            2: 0.782 + 20.274 * x - 43.507 * x**2 + 37.062 * x**3 - 11.934 * x**4,
        }
        for days, within in ((1, 0.002), (2, 0.08)):
            # One standard deviation above the mean: what a cell of z = 1 is off by then.
            added = level * float(device.drift.kept(np.array([days * DAY]), rates[place : place + 1])[0] - 1)
            assert math.hypot(added, LEVELS["rram-wan-2022"][3](level)) == pytest.approx(
                later[days], rel=within
            )


def joshi(x):
    """The mean exponent of drift of cells that conduct so much of the highest."""
    return min(max(0.0244 - 0.0155 * math.log(max(x, 1e-7)), 0.049), 0.1)


def hermes(x):
    """Likewise."""
    if x < 0.0945:
        return min(max(-0.0182 - 0.0387 * math.log(max(x, 1e-7)), 0.072), 0.13)
    return 0.0736 - 0.0126 * x - 0.0436 * x**2


@pytest.mark.parametrize(
    ("name", "exponent", "begins"), [("pcm-joshi-2020", joshi, 20), ("pcm-hermes-2023", hermes, 200)]
)
def test_phase_change_drifts_by_its_state(name, exponent, begins):
    """At each level; nothing is lost before the first reading."""
    drift = cell(name).drift
    states = np.arange(9) / 8
    assert drift.rates(states) == pytest.approx([exponent(x) for x in states], rel=1e-3)
    assert drift.quiet == begins * 1e9


def test_charge_is_lost_decade_by_decade():
    """3 % in a day and 4.5 % in five, as the mean of what CrossSim's polynomials come to from 400 to 1,400 nA."""
    drift = cell("sonos-2022").drift
    kept = drift.kept(np.array([DAY, 2 * DAY, 5 * DAY]), drift.rates(np.ones(3)))
    assert 100 * (1 - kept) == pytest.approx([3.02, 3.46, 4.52], abs=0.25)


@pytest.mark.parametrize(
    ("name", "noise"),
    [
        ("pcm-joshi-2020", lambda x: 0.0088 / x**0.65),
        ("sonos-2022", lambda x: 12.58037 * (1 - math.exp(-1600 * x / 215.36557)) / (1600 * x)),
    ],
)  # fmt: skip
def test_one_share_of_read_noise_has_the_published_mean_square(name, noise):
    """Of the eight levels above zero, whose own shares differ."""
    x = np.arange(1, 9) / 8
    mean_square = np.sum([(place * noise(place)) ** 2 for place in x]) / np.sum(x**2)
    assert cell(name).read_noise.share == pytest.approx(math.sqrt(mean_square), rel=0.01)
