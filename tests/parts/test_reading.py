"""Converters do to numbers what their description says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import DivergedError
from tests import made
from tests.twins import adc, dac

F = np.float32


def tile_of(forward, *, shape=(1, 1), weights=None, seed=1):
    """A tile with exact weights."""
    tile = made.rule_on(
        made.chip(tile=made.crossbar(*shape, forward=forward, backward=forward)), shape, seed=seed
    ).chip.tiles[0]
    tile.initialise(np.ones(shape, F) if weights is None else np.array(weights, F))
    return tile


@given(x=st.floats(-1.5, 1.5, width=32), reach=st.sampled_from([0.5, 1.0, 8.0]))
def test_one_weight_between_two_converters(x, reach):
    """A weight of one: the result is the input, quantised by the DAC and then by the ADC."""
    side = made.one_pass(ideal=False, reach=reach)
    value = tile_of(side).forward(np.array([[x]], F)).values[0, 0]
    assert value == adc(float(dac(F(x), made.BITS, ideal=False)), side.adc)


def test_dac_levels_are_symmetric():
    """4 bits and a sign: fifteen steps from zero to one, both ways, and clipped beyond."""
    tile = tile_of(made.one_pass(ideal=True))
    ideal = tile.forward(np.array([[0.1], [-0.1], [7.0]], F)).values[:, 0]
    assert ideal.tolist() == [F(0.1), F(-0.1), 7.0]
    real = tile_of(made.one_pass(ideal=False, reach=1.0))
    driven = np.array([[0.0], [1 / 15], [0.5 / 15], [1.5 / 15], [-1.0], [3.0]], F)
    # The ADC has seven steps to its full scale; a tie of the DAC goes to the even level.
    expected = [0, round(7 / 15) / 7, 0, round(7 * 2 / 15) / 7, -1, 1]
    assert real.forward(driven).values[:, 0] == pytest.approx(expected, rel=1e-6)


def test_adc_clips_at_its_range():
    """Sums of two and three ones beyond a full scale of 1.75 are 1.75."""
    tile = tile_of(made.one_pass(ideal=False, reach=1.75), shape=(3, 1))
    x = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1], [-1, -1, -1]], F)
    assert tile.forward(x).values[:, 0].tolist() == [1.0, 1.75, 1.75, -1.75]


def test_noise_has_the_stated_deviation():
    """Two steps of the converter; 20,000 results, five standard errors."""
    side = made.one_pass(ideal=False, reach=70.0, noise=2.0)
    step = 70 / 7
    values = tile_of(side).forward(np.zeros((20_000, 1), F)).values / step
    # Rounding adds a variance of 1/12; clipping at seven steps is 3.4 sigma away.
    expected = np.sqrt(4 + 1 / 12)
    assert values.mean() == pytest.approx(0, abs=5 * expected / np.sqrt(20_000))
    assert values.std() == pytest.approx(expected, rel=0.03)


def test_ideal_converters_add_no_noise():
    """Ideal: numbers pass unchanged, whatever noise is stated."""
    x = np.array([[0.3], [-0.7]], F)
    assert np.array_equal(tile_of(made.one_pass(ideal=True, noise=3.0)).forward(x).values, x)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e3])
def test_scaling_by_the_maximum_keeps_small_signals(scale):
    """Divided by its largest magnitude, a signal uses the whole converter whatever its size."""
    side = made.one_pass(ideal=False, reach=7.0, scaling="maximum")
    tile = tile_of(side, shape=(2, 2), weights=np.eye(2))
    x = np.array([[1.0, -0.6], [0.0, 0.0]], F) * F(scale)
    for values in (tile.forward(x).values, tile.backward(x).values):
        # 0.6 is 9 of 15 steps of the DAC; the ADC's step is one, and 0.6 rounds to one.
        assert values.tolist() == [[F(scale), -F(scale)], [0, 0]]


def test_samples_of_a_batch_are_scaled_each_by_its_own():
    """A large sample does not hide a small one."""
    side = made.one_pass(ideal=True, scaling="maximum")
    tile = tile_of(side, shape=(2, 1), weights=[[1.0], [0.5]])
    x = np.array([[4, 2], [1e-4, 2e-4]], F)
    together = tile.forward(x).values
    singly = [tile.forward(row[None]).values for row in x]
    assert np.array_equal(together, np.concatenate(singly))


def test_hybrid_reads_all_four_arrays_together():
    """Coarse and fine add up: what is written to the fine pair shows at a quarter of the step."""
    tile = made.rule_on(made.hybrid(gain=4.0), (1, 1)).chip.tiles[0]
    one = np.ones(1, F)
    tile.update(one, -one, rate=3 / 64, pair=0)
    tile.update(one, -one, rate=3 / 256, pair=1)
    assert tile.forward(np.ones((1, 1), F)).values[0, 0] == 3 / 64 + 3 / 256
    assert tile.backward(np.ones((1, 1), F)).values[0, 0] == 3 / 64 + 3 / 256
    assert tile.weights()[0, 0] == 3 / 64 + 3 / 256


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("action", ["forward", "backward"])
def test_a_tile_is_not_driven_with_what_is_no_number(value, action):
    """Where training diverged, the tile that notices is named, whichever side is driven."""
    tile = tile_of(made.one_pass(ideal=True))
    with pytest.raises(DivergedError) as caught:
        getattr(tile, action)(np.array([[1.0], [value]], F))
    assert str(caught.value) == (
        f"tile0: what the {action} pass drives it with is no finite number: training diverged; "
        "lower the learning rate"
    )
