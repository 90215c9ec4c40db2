"""Windows that narrow: the law by hand, steps that shrink with them, every law of steps, and what is refused."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.exponential_step import ExponentialStep
from chipsim.device.gradual_reset import GradualReset
from chipsim.device.ideal import Ideal
from chipsim.device.linear_step import LinearStep
from chipsim.device.narrowing import Narrowing
from chipsim.device.randomness import generator
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.worn import Wear, may_fail, pulse_worn, reset_worn, worn_out
from chipsim.errors import ChipsimError, DescriptionError
from chipsim.spec import load_chip

CELL = {
    "states": 100, "on_conductance": 20e-6, "off_conductance": 2e-6, "pulse_voltage": 2.0, "pulse_width": 100_000,
    "area": 40_000,
}  # fmt: skip
RESET = {"reset_voltage": 2.0, "reset_width": 100_000}
DOWN = {"down_voltage": 1.5, "down_width": 50_000}
IDEAL = (
    "device={kind: ideal, states: 500, on_conductance: 100 uS, pulse_voltage: 1 V, pulse_width: 10 ns, "
    "area: 0.01 um2, wear: {}}"
)
STEEP = Narrowing(upper=0.3, lower=0.2)


def cells_of(shape=(2, 3), *, device=LinearStep, endurance=10, law=STEEP, spread=0.0, **more):
    """A device and new cells of it whose windows narrow from ten pulses on."""
    wear = Wear(narrows=law, spread=spread)
    made = device(
        **{**CELL, **(RESET if device is LinearStep else {}), **more}, endurance=endurance, wear=wear
    )
    rng = generator(1, "array")
    cells = made.fresh(shape, rng=rng)
    made.begin_wear(cells, rng=rng)
    return made, cells, rng


def hit(count, *, row=0, column=0):
    """One cell."""
    return Hits(*(np.array([value], np.int32) for value in (row, column, count)))


def bounds_by_hand(pulses, *, endurance=10, low=2e-6, high=20e-6, law=STEEP):
    """Straight lines by logarithm."""
    decades = max(math.log10(pulses / endurance), 0)
    return low * 10 ** (law.lower * decades), high * 10 ** (-law.upper * decades)


@pytest.mark.parametrize("device", [LinearStep, SoftBounds, ExponentialStep])
def test_windows_are_those_of_the_law_after_every_train(device):
    """Each by the pulses of its own cell; others stay whole."""
    more = {} if device is LinearStep else DOWN
    made, cells, rng = cells_of(device=device, **more)
    for train in range(1, 13):
        pulse_worn(made.pulse, cells, hit(5), rng=rng)
        low, high = bounds_by_hand(5 * train)
        assert cells.low[0, 0] == pytest.approx(low, rel=1e-6)
        assert cells.high[0, 0] == pytest.approx(high, rel=1e-6)
        assert cells.step[0, 0] == pytest.approx(made.step(1.0) * (high - low) / 18e-6, rel=1e-6)
    assert (cells.low[1], cells.high[1]) == (pytest.approx([2e-6] * 3), pytest.approx([20e-6] * 3))


@pytest.mark.parametrize(
    ("device", "more"),
    [
        (LinearStep, {}),
        (SoftBounds, {**DOWN, "asymmetry": 0.7}),
        (ExponentialStep, {**DOWN, "nonlinearity_up": 2.4, "nonlinearity_down": -4.88}),
    ],
)
def test_a_narrow_cell_is_a_fresh_one_of_a_smaller_range(device, more):
    """Pulse by pulse, as many states from bound to bound as before."""
    made, cells, rng = cells_of(device=device, endurance=40, **more)
    pulse_worn(made.pulse, cells, hit(60), rng=rng)
    low, high = float(cells.low[0, 0]), float(cells.high[0, 0])
    small = attrs.evolve(made, on_conductance=high, off_conductance=low, wear=None)
    fresh = small.fresh((1, 1), rng=rng)
    fresh.conductance[:] = cells.conductance[0, 0] = np.float32(low + 0.3 * (high - low))
    for n in range(3):
        # The window that pulses meet is that before them.
        cells.pulses[0, 0] = 59
        small.pulse(fresh, hit(1), rng=rng)
        pulse_worn(made.pulse, cells, hit(1), rng=rng)
        assert cells.conductance[0, 0] == pytest.approx(fresh.conductance[0, 0], rel=1e-6), n
        if not more:
            continue
        cells.pulses[0, 0] = 58
        small.pulse_down(fresh, hit(2), rng=rng)
        pulse_worn(made.pulse_down, cells, hit(2), rng=rng)
        assert cells.conductance[0, 0] == pytest.approx(fresh.conductance[0, 0], rel=1e-6), n


def test_cells_that_are_only_lowered_narrow_too():
    """A gradual RESET, from the top down: the cell ends at the lower bound as it is then."""
    made = GradualReset(
        **CELL, set_voltage=2.0, set_width=100_000, endurance=20, wear=Wear(narrows=Narrowing(upper=0.1, lower=0.2)),
    )  # fmt: skip
    rng = generator(1, "array")
    cells = made.fresh((1, 1), rng=rng)
    made.begin_wear(cells, rng=rng)
    for _ in range(40):
        pulse_worn(made.pulse_down, cells, hit(5), rng=rng)
    low, high = bounds_by_hand(200, endurance=20, law=Narrowing(upper=0.1, lower=0.2))
    assert cells.conductance[0, 0] == pytest.approx(low, rel=1e-6)
    reset_worn(made.reset, cells, np.zeros(1, np.int32), np.zeros(1, np.int32))
    assert cells.conductance[0, 0] == pytest.approx(high, rel=1e-6)


def test_a_cell_outside_comes_to_the_bound_and_sums_follow():
    """It stood at the top, which falls below it."""
    made, cells, rng = cells_of()
    pulse_worn(made.pulse, cells, hit(200), rng=rng)
    assert cells.conductance[0, 0] == cells.high[0, 0] == pytest.approx(bounds_by_hand(200)[1], rel=1e-6)
    assert cells.row_sum == pytest.approx(cells.conductance.sum(axis=1, dtype=np.float64))
    assert cells.column_sum == pytest.approx(cells.conductance.sum(axis=0, dtype=np.float64))


def test_write_noise_lies_over_what_a_window_leaves():
    """What pulses left is brought to the bound, and what lies over it by as much."""
    made, cells, rng = cells_of(device=SoftBounds, write_noise=1.0, **DOWN)
    for _ in range(10):
        pulse_worn(made.pulse, cells, hit(20), rng=rng)
    assert cells.lasting[0, 0] <= cells.high[0, 0]
    assert cells.conductance[0, 0] != cells.lasting[0, 0]
    assert cells.row_sum == pytest.approx(cells.conductance.sum(axis=1, dtype=np.float64))


@pytest.mark.parametrize("law", [STEEP, Narrowing(upper=0.5), Narrowing(lower=0.1, closed=0.2)])
def test_a_cell_sticks_with_the_pulse_by_which_its_window_has_closed(law):
    """The last one that it stands leaves no more than that share, and the one before it more."""
    _, cells, _ = cells_of((8, 9), law=law, spread=0.4, endurance=1000)
    # As the cells keep them: in single precision.
    low, high = (np.float64(bound[0, 0]) for bound in (cells.narrowed.low, cells.narrowed.high))
    past = cells.endures / cells.narrowed.onset
    assert (law.share(past, low=low, high=high) <= law.closed * (1 + 1e-9)).all()
    # A pulse less, and one that rounding may have added.
    before = (cells.endures - 2) / cells.narrowed.onset
    assert (law.share(before, low=low, high=high) > law.closed).all()


def test_windows_of_zero_conductance_close_in_closed_form():
    """Where only the upper bound moves and the lower one is zero: the share is a power of what is past."""
    onset, low, high = (np.full((1, 1), value) for value in (1000, 0.0, 1e-5))
    found = Narrowing(upper=0.5, closed=0.1).closing(
        onset, low=low.astype(np.float32), high=high.astype(np.float32)
    )
    assert found[0, 0] == pytest.approx(1000 * 0.1 ** (-1 / 0.5), abs=2)


def test_a_closed_cell_moves_no_more():
    """Its pulses are counted and charged by what it conducts."""
    made, cells, rng = cells_of(law=Narrowing(upper=2, lower=2))
    cells.pulses[0, 0] = cells.endures[0, 0] - 1
    pulse_worn(made.pulse, cells, hit(1), rng=rng)
    assert worn_out(cells).sum() == 1
    stands = float(cells.conductance[0, 0])
    assert pulse_worn(made.pulse, cells, hit(9), rng=rng) == pytest.approx(9 * stands)
    assert cells.conductance[0, 0] == np.float32(stands)


def test_cells_may_narrow_before_they_fail():
    """Whoever pulses them in a loop that knows the law of steps alone has to ask."""
    _, cells, _ = cells_of(endurance=10)
    assert not may_fail(cells, pulses=10)
    assert may_fail(cells, pulses=11)


def test_what_has_no_upper_bound_has_no_window():
    """Found where cells are made: a kind of one's own may say anything of itself."""
    ideal = Ideal(**{**CELL, "states": 10})
    cells = ideal.fresh((2, 2), rng=generator(1, "array"))
    with pytest.raises(ChipsimError, match="no upper bound, and so no window to narrow"):
        Wear(narrows=STEEP).begin(cells, 10, rng=generator(1, "array"))


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (["device.wear={narrows: {}}"], "device.wear.narrows: narrows nothing: give upper or lower"),
        (["device.wear={narrows: {upper: -0.1}}"], "device.wear.narrows.upper: must be between 0 and 10"),
        (["device.wear={narrows: {upper: 11}}"], "between 0 and 10"),
        (["device.wear={narrows: {uper: 1}}"], "did you mean 'upper'?"),
        (["device.wear={narrows: {upper: 1, closed: 0}}"], "device.wear.narrows.closed: must be between"),
        (["device.wear={narrows: {upper: 1, closed: 100 %}}"], "device.wear.narrows.closed: must be between"),
        (
            ["device.wear={narrows: {lower: 0.1}}", "device.off_conductance=0 S"],
            "device.wear.narrows: never closes: no part of a lowest conductance of zero makes more of it",
        ),
        (
            [IDEAL],
            "device.wear: cells of kind 'ideal' have no endurance to use up; leave it out",
        ),
    ],
)  # fmt: skip
def test_laws_that_make_no_sense_are_refused(sets, said):
    """Before anything runs, by their path."""
    with pytest.raises(DescriptionError) as found:
        load_chip("single-pair", sets=["update.recentre=null", *sets])
    assert said in str(found.value)
