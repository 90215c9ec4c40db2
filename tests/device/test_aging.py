"""Cells that time changes: closed forms of each law, and a twin that knows when every pulse came."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest

from chipsim.device.aging import Aged, Aging
from chipsim.device.randomness import generator
from chipsim.drift.logarithmic import Logarithmic
from chipsim.drift.power_law import PowerLaw
from chipsim.drift.spreading import Spreading
from chipsim.drift.stretched_exponential import StretchedExponential
from chipsim.errors import ChipsimError, DescriptionError
from chipsim.run.simulate import prepare
from chipsim.spec import load_chip, load_device
from chipsim.state import restore, state_of
from chipsim.synapse.carrier import Carrier
from chipsim.tile.idealised import idealised

S = 10**9
"""Nanoseconds of a second."""
HOUR, DAY = 3600 * S, 86400 * S
POWER = PowerLaw(exponent=0.05, begins=20 * S)


def array(conductance, *, low=0.0, high=10.0):
    """Cells that conduct this, which nobody has written."""
    conductance = np.array(conductance, np.float32)
    counts = np.zeros(conductance.shape, np.int32)
    return Aged(array="tile0.pair+", conductance=conductance, counts=(counts,), low=low, high=high)


def aging(law, cells, seed=1):
    return Aging(law, cells, rng=generator(seed, "drift"))


def write(cells, where, to):
    """Write some cells, which their counts tell."""
    cells.conductance[where] = to
    cells.counts[0][where] += 1


# --- closed forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "age", "kept"),
    [
        (POWER, 20 * S, 1.0),
        (POWER, 5 * S, 1.0),
        (POWER, 2000 * S, 100**-0.05),
        (POWER, 2_000_000 * S, (10**5) ** -0.05),
        (Logarithmic(per_decade=0.03, begins=S), 1000 * S, 1 - 3 * 0.03),
        (Logarithmic(per_decade=0.5, begins=S), 1000 * S, 0.0),
        (StretchedExponential(level=0.0, time_constant=S), 2 * S, math.exp(-2)),
        (StretchedExponential(level=0.0, time_constant=S, stretch=0.5), 9 * S, math.exp(-3)),
    ],
)
@pytest.mark.parametrize("instants", [1, 2, 50])
def test_cells_keep_what_the_law_says(law, age, kept, instants):
    """However often it is worked out on the way."""
    cells = array([[1.0, 8.0]])
    drift = aging(law, cells)
    for instant in np.linspace(0, age, instants + 1)[1:]:
        drift.until(round(instant))
    assert np.allclose(cells.conductance, kept * np.array([[1.0, 8.0]]), rtol=1e-5, atol=1e-7)


def test_cells_come_to_a_level_from_both_sides():
    """A distance shrinks, whichever way it points."""
    cells = array([[1.0, 9.0, 5.0]])
    aging(StretchedExponential(level=5.0, time_constant=S), cells).until(S)
    assert np.allclose(cells.conductance, 5 + np.array([-4, 4, 0]) / math.e, rtol=1e-6)


def test_the_exponent_is_recovered_from_many_cells():
    """Slopes of log conductance over log time have the mean and the spread that are described."""
    cells = array(np.full((200, 200), 10.0))
    drift = aging(PowerLaw(exponent=0.06, spread=0.2, begins=S), cells)
    found = []
    for decade in range(2, 7):
        drift.until(10**decade * S)
        found.append(np.log(cells.conductance.astype(np.float64) / 10))
    times = np.log(10.0) * np.arange(2, 7)
    slopes = -np.polyfit(times, np.array(found).reshape(5, -1), 1)[0]
    assert slopes.mean() == pytest.approx(0.06, rel=5 * 0.2 / 200)
    assert slopes.std() == pytest.approx(0.012, rel=5 / math.sqrt(2 * 40_000))


def test_no_cell_drifts_backwards():
    """Of an exponent with a spread as large as itself a sixth would be negative."""
    cells = array(np.full((100, 100), 10.0))
    aging(PowerLaw(exponent=0.05, spread=1.0, begins=S), cells).until(DAY)
    assert cells.conductance.max() == 10
    assert np.mean(cells.conductance == 10) == pytest.approx(0.1587, abs=0.02)


def test_states_drift_apart():
    """By the exponents of both ends, and in between by what lies between; beyond the range as its ends."""
    cells = array([[0.0, 2.0, 6.0, 10.0, 12.0]], low=2.0)
    aging(PowerLaw(exponent=0.02, exponent_low=0.1, begins=S), cells).until(1000 * S)
    expected = [0.0, 2 * 1000**-0.1, 6 * 1000**-0.06, 10 * 1000**-0.02, 12 * 1000**-0.02]
    assert np.allclose(cells.conductance, [expected], rtol=1e-5)


def test_states_in_between_have_exponents_of_their_own():
    """At equal distances, and interpolated between neighbours; without one for the lowest it is that of the highest."""
    law = PowerLaw(exponent=0.02, exponents_between=(0.06, 0.05, 0.04), exponent_low=0.1, begins=S)
    states = np.array([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])
    assert law.rates(states) == pytest.approx([0.1, 0.08, 0.06, 0.05, 0.04, 0.02])
    alike = PowerLaw(exponent=0.02, exponents_between=(0.06,), begins=S)
    assert alike.rates(np.array([0.0, 0.5, 0.75])) == pytest.approx([0.02, 0.06, 0.04])
    # The steepest of all bounds what is missed in an interval, wherever it stands.
    assert alike.missed(S) == pytest.approx(1 - 2**-0.06)


def test_cells_spread_to_either_side():
    """By 5 % of themselves a decade in high states and 15 % in low ones, around a mean that stays; each on its way."""
    law = Spreading(per_decade=0.05, per_decade_low=0.15, begins=S)
    for place, share in ((2.0, 0.15), (6.0, 0.1), (10.0, 0.05)):
        cells = array(np.full((200, 200), place), low=2.0)
        drift = aging(law, cells)
        drift.until(10 * S)
        early = cells.conductance.astype(np.float64)
        drift.until(100 * S)
        late = cells.conductance.astype(np.float64)
        assert early.mean() == pytest.approx(place, rel=0.005)
        assert (early.std() / place, late.std() / place) == pytest.approx((share, 2 * share), rel=0.02)
        some = late > 0
        assert (late - place)[some] == pytest.approx(2 * (early - place)[some], abs=1e-5)


def test_cells_that_spread_stop_at_nothing():
    """Half of those that double their own conductance in a decade are on their way down, and end at zero."""
    cells = array(np.full((100, 100), 10.0))
    drift = aging(Spreading(per_decade=1.0, begins=S), cells)
    drift.until(10**6 * S)
    assert np.mean(cells.conductance == 0) == pytest.approx(0.434, abs=0.02)
    drift.until(10**7 * S)
    assert np.isfinite(cells.conductance).all()
    assert cells.conductance.min() == 0


def test_the_state_that_was_written_decides():
    """A cell that drifted down does not drift as one that was written there."""
    cells = array([[10.0]])
    drift = aging(PowerLaw(exponent=0.05, exponent_low=0.5, begins=S), cells)
    for decade in range(1, 8):
        drift.until(10**decade * S)
    assert cells.conductance[0, 0] == pytest.approx(10 * (10**7) ** -0.05, rel=1e-5)


# --- written anew ----------------------------------------------------------------------------------


def test_whatever_is_written_begins_anew():
    """The other cell drifts on, and is as old as it is."""
    cells = array([[8.0, 8.0]])
    drift = aging(POWER, cells)
    drift.until(2000 * S)
    write(cells, (0, 0), 4.0)
    assert drift.until(4000 * S)
    assert np.allclose(cells.conductance, [[4.0, 8 * 200**-0.05]], rtol=1e-6)
    drift.until(6000 * S)
    assert np.allclose(cells.conductance, [[4 * 100**-0.05, 8 * 300**-0.05]], rtol=1e-6)


@pytest.mark.parametrize(
    "law",
    [
        PowerLaw(exponent=0.1, begins=S),
        PowerLaw(exponent=0.02, exponent_low=0.2, begins=3 * S),
        Logarithmic(per_decade=0.05, begins=S),
        StretchedExponential(level=0.0, time_constant=100 * S, stretch=0.5),
    ],
)
@pytest.mark.parametrize("interval", [S // 10, S, 5 * S])
def test_cells_are_off_by_no_more_than_is_said(law, interval):
    """Against a twin that drifts each cell from pulse to pulse; each writing of a cell may be off once."""
    rng = np.random.default_rng(4)
    cells = array(np.full((1, 40), 10.0))
    drift = aging(law, cells)
    twin, written, rate = np.full(40, 10.0), np.zeros(40), law.rates(np.ones(40))
    level = law.towards
    instants, pulses = 12, np.zeros(40)
    for number in range(instants):
        begin = number * interval
        for moment in np.sort(rng.uniform(begin, begin + interval, 3)):
            cell = rng.integers(0, 10)
            to = rng.uniform(1, 10)
            # Written to a value, so that what was missed before is forgotten on both sides.
            write(cells, (0, cell), to)
            twin[cell], written[cell], pulses[cell] = to, moment, pulses[cell] + 1
            rate[cell] = law.rates(np.array([to / 10]))[0]
        drift.until((number + 1) * interval)
    exact = level + (twin - level) * law.kept(instants * interval - written, rate)
    off = np.abs(cells.conductance[0] / exact - 1)
    allowed = law.missed(interval)
    assert np.all(off <= allowed / (1 - allowed) + 1e-6)
    assert np.all(off[pulses == 0] < 1e-5)
    # Later both are older, and off by less.
    drift.until(1000 * interval)
    later = level + (twin - level) * law.kept(1000 * interval - written, rate)
    assert np.all(np.abs(cells.conductance[0] / later - 1) <= allowed / (1 - allowed) + 1e-6)


def test_pulses_in_every_epoch_leave_no_time_to_drift():
    """Epochs that are shorter than half of where drift begins are exact for cells that are pulsed in each."""
    cells = array([[5.0]])
    drift = aging(PowerLaw(exponent=0.1, begins=2 * S), cells)
    for second in range(1, 50):
        write(cells, (0, 0), 5.0)
        assert not drift.until(second * S)
    assert cells.conductance[0, 0] == 5


# --- state -----------------------------------------------------------------------------------------


def test_it_goes_on_from_what_it_remembers():
    """Half-way saved and restored on other cells, it ends with the same bits."""
    law = PowerLaw(exponent=0.05, spread=0.3, begins=S)
    whole, other = (array(np.full((3, 3), 7.0)) for _ in range(2))
    one, two = aging(law, whole), aging(law, other, seed=2)
    one.until(10 * S)
    write(whole, (1, 1), 9.0)
    one.until(20 * S)
    restore(two, state_of(one))
    other.conductance[:], other.counts[0][:] = whole.conductance, whole.counts[0]
    for drift in (one, two):
        drift.until(1000 * S)
    assert np.array_equal(whole.conductance, other.conductance)


def test_cells_of_another_run_stay_as_old_as_they_are():
    """Its clock begins anew, and counts may be those of this run."""
    cells = array([[8.0]])
    drift = aging(POWER, cells)
    drift.until(2000 * S)
    cells.counts[0][:] = 7
    drift.restart()
    drift.until(2000 * S)
    assert cells.conductance[0, 0] == pytest.approx(8 * 200**-0.05, rel=1e-6)


def test_time_runs_on():
    """Nobody asks for what was."""
    drift = aging(POWER, array([[8.0]]))
    drift.until(5)
    with pytest.raises(ValueError, match="time runs on: 4 ns is before 5 ns"):
        drift.until(4)


# --- descriptions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{kind: power-law, exponent: -0.1, begins: 20 s}",
         "device.drift.exponent: must be between 0 and 1, not -0.1"),
        ("{kind: power-law, exponent: 0.1, exponent_low: 2, begins: 20 s}",
         "device.drift.exponent_low: must be between 0 and 1, not 2"),
        ("{kind: power-law, exponent: 0.1, exponents_between: [0.1, 2], begins: 20 s}",
         "device.drift.exponents_between.1: must be between 0 and 1, not 2"),
        ("{kind: power-law, exponent: 0.1, exponents_between: [], begins: 20 s}",
         "device.drift.exponents_between: must have 1 to 100 numbers, not 0"),
        ("{kind: power-law, exponent: 0.1, begins: 0 s}", "device.drift.begins: must be more than 0, not 0"),
        ("{kind: power-law, exponent: 0.1}", "device.drift: missing key 'begins'"),
        ("{kind: power-law, exponent: 0.1, begins: 20}",
         "device.drift.begins: 20 is no duration; write a number and a unit, such as '1 h'"),
        ("{kind: power-low, exponent: 0.1, begins: 20 s}",
         "unknown kind 'power-low'; known: logarithmic, power-law, spreading, stretched-exponential; did you mean 'power-law'?"),
        ("{kind: logarithmic, per_decade: 120 %, begins: 1 s}",
         "device.drift.per_decade: must be between 0 and 1, not 1.2; written as '120 %'"),
        ("{kind: stretched-exponential, level: -1 uS, time_constant: 1 h}",
         "device.drift.level: must be at least 0, not -1e-06; written as '-1 uS'"),
        ("{kind: stretched-exponential, level: 1 uS, time_constant: 1 h, stretch: 0}",
         "device.drift.stretch: must be between 0.01 and 1, not 0"),
        ("1 h", "device.drift: must be a mapping with a 'kind'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(value, message):
    """By its path, with what is allowed."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=[f"device.drift={value}"])
    assert message in str(caught.value)


def test_all_problems_are_told_at_once():
    """Those within a section of a section, too."""
    wrong = "device.drift={kind: power-law, exponent: -1, begins: 0 s, spread: -1 %}"
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=[wrong])
    assert [one.path for one in caught.value.problems] == [
        f"device.drift.{key}" for key in ("spread", "exponent", "begins")
    ]


def test_devices_say_what_is_idealised():
    """In device files as in chips."""
    drift = "device.drift={kind: power-law, exponent: 0.05, begins: 20 s}"
    assert "reference lines and cells out of use stay" in " ".join(
        idealised(load_chip("single-pair", sets=[drift]).spec)
    )
    assert load_device("reram-array-om", sets=[drift]).spec.device.drift == POWER


def test_cells_of_ones_own_that_do_not_tell_are_refused():
    """They would stay as they were written without a word."""
    with pytest.raises(ChipsimError, match=r"device\.drift: Carrier does not say which cells time changes"):
        Carrier().aged()


# --- write noise -----------------------------------------------------------------------------------


def test_what_lies_beneath_write_noise_drifts_as_well():
    """Otherwise the next pulse would go on from where the cell was before it drifted."""
    cells = attrs.evolve(array([[8.0, 6.0]]), beneath=np.array([[7.0, 6.5]], np.float32))
    aging(POWER, cells).until(2000 * S)
    kept = 100**-0.05
    assert cells.conductance == pytest.approx(np.array([[8.0, 6.0]]) * kept)
    assert cells.beneath == pytest.approx(np.array([[7.0, 6.5]]) * kept)


@pytest.mark.parametrize("device", ["reram-array-om", "epiram"])
def test_cells_tell_what_lies_beneath(device):
    """Those with write noise what pulses left, the others nothing."""
    chip = prepare("analog-sgd", "mnist-5k", sets=[f"device={device}", "device.fresh_share=50 %"]).chip
    told = [aged for tile in chip.tiles for aged in tile.carrier.aged()]
    beneath = [aged.beneath is not None for aged in told if aged.array.endswith(".cells")]
    assert beneath == [device == "reram-array-om"] * len(beneath) != []


# --- what is said of cells that nothing wrote -----------------------------------------------------


def test_cells_that_spread_upwards_are_counted_like_those_that_spread_downwards():
    """Two thirds of them are off by more than a share, where that is 0.43 of a standard deviation."""
    cells = array(np.full((100, 100), 5.0))
    spread = aging(Spreading(per_decade=0.1, begins=S), cells)
    spread.until(10 * S)
    share = 0.1 * 0.4307
    assert spread.unwritten(share=share) == pytest.approx(6667, abs=150)


@pytest.mark.parametrize(("decades", "mean"), [(1, 1.0), (3, 1.0000), (6, 1.0119), (10, 1.0833)])
def test_the_mean_of_cells_that_spread_rises_where_some_reach_zero(decades, mean):
    """By the mean of a Gaussian number cut off at zero: Phi(1/s) + s phi(1/s), of a standard deviation s."""
    law = Spreading(per_decade=0.1, begins=S)
    drawn = generator(3, "cells").standard_normal(400_000)
    kept = law.kept(np.full(drawn.shape, 10.0**decades * S), 0.1 * drawn)
    assert kept.mean() == pytest.approx(mean, abs=0.005)
    assert kept.min() >= 0
