"""Cells that follow exponential curves: the curve, its labels, noise and spread by hand, and what is refused.

Cells conduct 0 to 1 S, and 16 pulses lead across, up or down, in which steps shrink by e twice.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.nonlinearity import decay_of_label, label_of_decay
from chipsim.device.randomness import generator
from chipsim.spec import load_device
from tests import made

SIDE = 200
"""Of arrays that means are taken of: 40,000 cells."""
WHOLE = 1 - math.exp(-2)


def everywhere(count, side=SIDE):
    """The same number of pulses for every cell."""
    rows, columns = np.indices((side, side), np.int32).reshape(2, -1)
    return Hits(rows, columns, np.full(rows.size, count, np.int32))


def fresh(model, side=SIDE, seed=1):
    """Cells and the generator of their array."""
    rng = generator(seed, "array")
    return model.fresh((side, side), rng=rng), rng


def after(model, *counts, side=SIDE, seed=1):
    """Fresh cells after so many pulses each, negative ones down."""
    cells, rng = fresh(model, side, seed)
    for count in counts:
        move = model.pulse if count > 0 else model.pulse_down
        move(cells, everywhere(abs(count), side), rng=rng)
    return cells


def one(model, *counts):
    """What a single cell conducts after so many pulses, S."""
    return float(after(model, *counts, side=1).conductance[0, 0])


# --- the curve ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 9, 16])
def test_the_curve_up_and_its_mirror_down(count):
    """B (1 - exp(-P / A)) with B = 1 / (1 - exp(-2)), in one train or in many; down from the top likewise."""
    wanted = (1 - math.exp(-count / 8)) / WHOLE
    assert one(made.exponential(), count) == pytest.approx(wanted, abs=1e-6)
    assert one(made.exponential(), *[1] * count) == pytest.approx(wanted, abs=1e-6)
    assert one(made.exponential(fresh_share=1.0), -count) == pytest.approx(1 - wanted, abs=1e-6)
    assert one(made.exponential(fresh_share=1.0), *[-1] * count) == pytest.approx(1 - wanted, abs=1e-6)


def test_a_step_is_linear_in_the_conductance():
    """Each takes 1 - exp(-1/8) of the way to the virtual bound, 1 / (1 - exp(-2)), wherever it begins."""
    for begin in (0.1, 0.5, 0.8):
        moved = one(made.exponential(fresh_share=begin), 1) - begin
        assert moved == pytest.approx((1 / WHOLE - begin) * (1 - math.exp(-1 / 8)), abs=1e-6)


def test_cells_end_at_the_described_bound():
    """And not at the virtual one."""
    cells = after(made.exponential(), 17, side=1)
    assert cells.conductance[0, 0] == 1
    assert cells.at_top.all()
    assert cells.tally.tolist() == [1, 1, 0]


def test_steps_may_grow():
    """A negative A: the curve of the way back, seen from its end."""
    assert one(made.exponential(decay_up=-8), 16) == pytest.approx(1, abs=1e-6)
    assert one(made.exponential(decay_up=-8), 10) == pytest.approx(
        1 - (1 - math.exp(-6 / 8)) / WHOLE, abs=1e-6
    )


def test_pulses_down_may_be_more():
    """Of an asymmetry of 1/2, 32 of them, and A is counted in these."""
    model = made.exponential(asymmetry=0.5, decay_down=16, fresh_share=1.0)
    assert one(model, -32) == pytest.approx(0, abs=1e-6)
    assert one(model, -8) == pytest.approx(1 - (1 - math.exp(-0.5)) / WHOLE, abs=1e-6)


def test_steps_that_are_alike():
    """A label of zero is a straight line."""
    model = made.exponential(decay_up=None, nonlinearity_up=0.0)
    assert [one(model, count) for count in (1, 5, 16)] == [1 / 16, 5 / 16, 1]


# --- labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "decay"),
    [
        (0.01, 126.268958),
        (0.1, 12.625807),
        (1, 1.251653),
        (2.4, 0.499181),
        (4.88, 0.200303),
        (6.76, 0.100251),
        (9, 0.02281),
    ],
)
def test_labels_are_those_of_the_table(label, decay):
    """Some entries of the table that MLP+NeuroSim V3.0 comes with, to the digits that it has."""
    assert decay_of_label(label) == pytest.approx(decay, abs=6e-7)
    assert decay_of_label(-label) == -decay_of_label(label)
    assert label_of_decay(decay_of_label(label)) == pytest.approx(label, rel=1e-6)


@pytest.mark.parametrize("label", [0.004, 0.5, 3.0, 8.0])
def test_a_label_is_a_bulge(label):
    """The distance of the curve from its straight line is seven hundredths for each."""
    decay, x = decay_of_label(label), np.linspace(0, 1, 200_001)
    off = (np.expm1(-x / decay) / np.expm1(-1 / decay) - x).max() / math.sqrt(2)
    assert off == pytest.approx(0.07 * label, rel=2e-5)


def test_a_label_stands_for_its_decay():
    """Times the pulses of its direction; down with the sign of the other way."""
    labels = made.exponential(
        decay_up=None, nonlinearity_up=2.4, decay_down=None, nonlinearity_down=-4.88, asymmetry=0.5
    )
    decays = made.exponential(
        decay_up=16 * decay_of_label(2.4), decay_down=32 * decay_of_label(4.88), asymmetry=0.5
    )
    for counts in ((3,), (16, -1), (16, -9)):
        assert one(labels, *counts) == one(decays, *counts)


# --- noise and spread --------------------------------------------------------------------------------

Q = math.exp(-1 / 8)


@pytest.mark.parametrize("count", [1, 6])
def test_mean_and_variance_of_a_constant_variation(count):
    """A pulse makes the way v to the virtual bound q v - 0.02 g: the curve, and 0.02^2 (1 - q^2n) / (1 - q^2)."""
    model = made.exponential(step_variation=0.02 * 16, fresh_share=0.3)
    left = 1 / WHOLE - after(model, count).conductance.astype(float)
    deviation = 0.02 * math.sqrt((1 - Q ** (2 * count)) / (1 - Q**2))
    assert left.mean() == pytest.approx((1 / WHOLE - 0.3) * Q**count, abs=5 * deviation / SIDE)
    assert left.std() == pytest.approx(deviation, rel=5 / SIDE / math.sqrt(2))


@pytest.mark.parametrize("form", ["proportional", "log-normal"])
@pytest.mark.parametrize("count", [1, 5, -5])
def test_mean_and_variance_of_a_variation_in_proportion(form, count):
    """A pulse makes v into v (1 - s f), f of mean one: q^n v of it, and (q^2 + 0.4^2 s^2)^n v^2 in the square."""
    begin = 0.2 if count > 0 else 0.8
    model = made.exponential(step_variation=0.4, variation_form=form, fresh_share=begin)
    found = after(model, count).conductance.astype(float)
    left = 1 / WHOLE - (found if count > 0 else 1 - found)
    first, n = 1 / WHOLE - 0.2, abs(count)
    mean, square = first * Q**n, first**2 * (Q**2 + (0.4 * (1 - Q)) ** 2) ** n
    deviation = math.sqrt(square - mean**2)
    assert left.mean() == pytest.approx(mean, abs=5 * deviation / SIDE)
    # The square of a log-normal number has longer tails than that of a Gaussian one.
    assert left.std() == pytest.approx(deviation, rel=10 / SIDE)
    assert (found > begin).all() if form == "log-normal" and count > 0 else True


def test_steps_differ_from_cell_to_cell():
    """By a log-normal factor around the described step, or by a Gaussian one."""
    logs = np.log(fresh(made.exponential(step_spread=0.5))[0].step.astype(float) * 16)
    assert logs.mean() == pytest.approx(0, abs=5 * 0.5 / SIDE)
    assert logs.std() == pytest.approx(0.5, rel=5 / SIDE / math.sqrt(2))
    normal = fresh(made.exponential(step_spread=0.2, spread_form="normal"))[0].step.astype(float) * 16
    assert normal.mean() == pytest.approx(1, abs=5 * 0.2 / SIDE)
    assert normal.std() == pytest.approx(0.2, rel=5 / SIDE / math.sqrt(2))


def test_a_cell_follows_the_curve_of_its_own_range():
    """Twice as wide a range takes twice the steps: the place in its range says how long one is."""
    cells, rng = fresh(made.exponential(upper_spread=0.3, fresh_share=0.5))
    model = made.exponential()
    place = 0.5 / cells.high.astype(float)
    model.pulse(cells, everywhere(1), rng=rng)
    wanted = 0.5 + (1 / WHOLE - place) * (1 - Q)
    assert np.allclose(cells.conductance, np.minimum(wanted, cells.high), atol=1e-6)


@pytest.mark.parametrize(("where", "width"), [(0.0, 0.0), (1.0, 0.0), (0.25, 0.1)])
def test_stuck_cells_stand_where_they_are_told(where, width):
    """All at one state, or in a stretch around it."""
    model = made.exponential(corrupt_cells=0.25, corrupt_range=width, corrupt_at=where)
    cells = after(model, 5, -3)
    stuck = cells.step == 0
    assert stuck.mean() == pytest.approx(0.25, abs=5 * math.sqrt(0.25 * 0.75) / SIDE)
    found = cells.conductance[stuck]
    assert abs(found - where).max() <= width / 2 + 1e-7
    assert found.mean() == pytest.approx(where, abs=1e-3)


# --- where pulses lead -------------------------------------------------------------------------------


def test_a_first_writing_follows_the_curve():
    """-A ln(1 - x / B) pulses to x; all 16 to the top."""
    pulses = made.exponential().pulses_for(np.array([4.0, 16.0, 0.0]))
    assert pulses.tolist() == pytest.approx([-8 * math.log(1 - 0.25 * WHOLE), 16, 0])
    down = made.exponential(fresh_share=1.0).pulses_for(np.array([-4.0, -16.0, 1.0]))
    assert down.tolist() == pytest.approx([8 * math.log(1 - 0.25 * WHOLE), -16, 0])


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_pulses_lead_where_they_are_said_to(share):
    """Within half a step of the local curve, wherever a fresh cell stands."""
    model = made.exponential(states=160, decay_up=60, decay_down=-100, fresh_share=share)
    steps = np.arange(-160 * share + 1, 160 * (1 - share) - 1, 7)
    for wanted, count in zip(steps, np.rint(model.pulses_for(steps)).astype(int), strict=True):
        there = one(model, int(count)) if count else share
        assert there * 160 == pytest.approx(share * 160 + wanted, abs=1.6)


@pytest.mark.parametrize("asymmetry", [1.0, 0.5])
def test_alternating_pulses_lead_to_the_symmetry_point(asymmetry):
    """Where both steps are equally long, and by as much a pair as is said."""
    model = made.exponential(states=160, decay_up=60, decay_down=60 / asymmetry, asymmetry=asymmetry)
    point, kept = model.symmetry_share, model.unsettled(1)
    where = [one(model, 100, *(1, -1) * pairs) for pairs in (0, 20, 600)]
    assert where[2] == pytest.approx(point, abs=1 / 160)
    assert where[1] - where[2] == pytest.approx((where[0] - where[2]) * kept**20, rel=1e-3)
    assert model.unsettled(20) == pytest.approx(kept**20)


def test_there_may_be_no_symmetry_point():
    """Steps down that are longer everywhere lead to the bottom; steps alike stay anywhere."""
    straight = {"decay_up": None, "decay_down": None, "nonlinearity_up": 0.0, "nonlinearity_down": 0.0}
    assert made.exponential(asymmetry=1.5, **straight).symmetry_share == 0
    assert made.exponential(asymmetry=0.5, **straight).symmetry_share == 1
    assert made.exponential(**straight).symmetry_share == 0.5


def test_steps_that_grow_both_ways_lead_away_from_the_middle():
    """Where they are alike, by symmetry; with steps that shrink, cells are led there instead."""
    growing = load_device(
        "pcmo", sets=["device.nonlinearity_up=-2", "device.nonlinearity_down=2"]
    ).spec.device
    assert growing.repelling_share == pytest.approx(0.5)
    assert growing.symmetry_share in (0, 1)
    shrinking = load_device(
        "pcmo", sets=["device.nonlinearity_up=2", "device.nonlinearity_down=-2"]
    ).spec.device
    assert shrinking.repelling_share is None
    assert shrinking.symmetry_share == pytest.approx(0.5)


def test_the_place_that_gst_pcm_is_led_away_from():
    """Pulses up and down in turn bring a cell a little above it up, and one a little below it down."""
    device = load_device("gst-pcm").spec.device
    up, down = device.curves
    for off, sign in ((-0.05, -1), (0.05, 1)):
        place = device.repelling_share + off
        ahead = up.length_at(np.array(place)) / up.states - down.length_at(np.array(1 - place)) / down.states
        assert np.sign(ahead) == sign
