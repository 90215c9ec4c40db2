"""Cells that differ from read to read: variances by hand, a twin of single cells, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.device.randomness import generator
from chipsim.errors import ChipsimError, DescriptionError
from chipsim.noise.one_over_f import OneOverF
from chipsim.noise.white import White
from chipsim.run.simulate import prepare
from chipsim.spec import load_chip, load_device
from chipsim.synapse.carrier import ArrayWear, Carrier
from chipsim.tile.fluctuation import Fluctuation, fluctuation_of
from chipsim.tile.idealised import idealised

READ = 100_000
"""Duration of a read, ps."""
MANY = 4000


def noise_of(noise, cells, *, columns, by_rows=True, seed=1):
    """Read noise of arrays of cells."""
    rngs = generator(seed, "training"), generator(seed, "testing")
    return Fluctuation(noise, read_time=READ, cells=cells, columns=columns, by_rows=by_rows, rngs=rngs)


def cells_of(shape, seed=0, arrays=1):
    """A group of arrays."""
    rng = np.random.default_rng(seed)
    return (tuple(rng.uniform(1, 3, shape).astype(np.float32) for _ in range(arrays)),)


def off(noise, driven, lines, samples=MANY):
    """What many reads of the same inputs are off by (samples, lines)."""
    out = np.zeros((samples, lines), np.float32)
    noise.add(np.tile(np.asarray(driven, np.float32), (samples, 1)), out, evaluating=False)
    return out.astype(np.float64)


def by_cells(driven, cells, *, share, floor, by_rows, samples=MANY, seed=5):
    """The twin: each cell of each array draws what it is off by, in each read, and lines add them up."""
    rng = np.random.default_rng(seed)
    found = 0.0
    for sign, conductance in zip((1, -1), cells, strict=False):
        deviation = np.hypot(share * conductance, floor)
        each = deviation * rng.standard_normal((samples, *conductance.shape))
        found = found + sign * np.einsum("i,sij->sj" if by_rows else "j,sij->si", driven, each)
    return found


@pytest.mark.parametrize("by_rows", [True, False])
@pytest.mark.parametrize("samples", [3, MANY])
def test_lines_are_off_as_sums_of_cells_are(by_rows, samples):
    """Mean and variance are those of single cells that are drawn one by one, in few reads at once and in many."""
    (cells,) = cells_of((6, 4), arrays=2)
    driven = np.array([0.5, 0, -1, 0.25, 0, 1] if by_rows else [0.5, 0, -1, 1])
    noise = noise_of(White(share=0.1, floor=0.2), (cells,), columns=4, by_rows=by_rows)
    lines = 4 if by_rows else 6
    found = np.concatenate([off(noise, driven, lines, samples) for _ in range(MANY // samples)])
    twin = by_cells(driven, cells, share=0.1, floor=0.2, by_rows=by_rows)
    along = driven if by_rows else driven[:, None]
    squared = sum((0.1 * one.astype(np.float64)) ** 2 + 0.2**2 for one in cells)
    exact = np.sqrt((driven**2) @ squared if by_rows else squared @ (driven**2))
    assert along.size == driven.size
    for drawn in (found, twin):
        # Five standard errors of a mean, and of a standard deviation.
        assert np.all(np.abs(drawn.mean(axis=0)) < 5 * exact / math.sqrt(len(drawn)))
        assert np.allclose(drawn.std(axis=0), exact, rtol=5 / math.sqrt(2 * len(drawn)))


def test_lines_are_off_apart():
    """What one column, or one read, is off by tells nothing of another."""
    found = off(noise_of(White(share=0.1), cells_of((6, 4)), columns=4), np.ones(6), 4)
    matrix = np.corrcoef(found.T)
    assert np.all(np.abs(matrix[~np.eye(4, dtype=bool)]) < 5 / math.sqrt(MANY))
    assert abs(np.corrcoef(found[1:, 0], found[:-1, 0])[0, 1]) < 5 / math.sqrt(MANY)


@pytest.mark.parametrize("by_rows", [True, False])
def test_both_cells_of_a_weight_count(by_rows):
    """Cells that follow one another on a row, and belong to one weight, add their variances."""
    ((cells,),) = cells_of((3, 8))
    driven = np.ones(3 if by_rows else 4)
    noise = noise_of(White(share=0.1, floor=0.3), ((cells,),), columns=4, by_rows=by_rows)
    found = off(noise, driven, 4 if by_rows else 3)
    squared = (0.01 * cells.astype(np.float64) ** 2 + 0.09).reshape(3, 4, 2).sum(axis=2)
    exact = np.sqrt(squared.sum(axis=0 if by_rows else 1))
    assert np.allclose(found.std(axis=0), exact, rtol=5 / math.sqrt(2 * MANY))


@pytest.mark.parametrize("samples", [3, MANY])
def test_cells_that_are_all_alike_are_off_as_others(samples):
    """Their squares are added up once for all lines, beside those of arrays whose cells differ."""
    alike = tuple(np.full((6, 4), value, np.float32) for value in (2, 3))
    (mixed,) = cells_of((6, 4), arrays=2)
    driven = np.array([0.5, 0, -1, 0.25, 0, 1])
    noise = noise_of(White(share=0.1, floor=0.2), (alike, mixed), columns=4)
    found = np.concatenate([off(noise, driven, 4, samples) for _ in range(MANY // samples)])
    squared = sum((0.1 * one.astype(np.float64)) ** 2 + 0.2**2 for one in (*alike, *mixed))
    assert np.allclose(found.std(axis=0), np.sqrt((driven**2) @ squared), rtol=5 / math.sqrt(2 * len(found)))


def test_lines_that_are_not_driven_add_nothing():
    """No voltage, no current."""
    found = off(noise_of(White(share=0.1, floor=0.2), cells_of((6, 4)), columns=4), np.zeros(6), 4)
    assert not found.any()


def test_tests_draw_apart():
    """A network learns the same however often it is tested."""
    one, other = (noise_of(White(share=0.1), cells_of((2, 2)), columns=2) for _ in range(2))
    out = np.zeros((5, 2), np.float32)
    other.add(np.ones((5, 2), np.float32), out, evaluating=True)
    assert out.any()
    assert np.array_equal(off(one, np.ones(2), 2), off(other, np.ones(2), 2))


# --- laws ------------------------------------------------------------------------------------------


def test_white_noise_is_averaged_by_longer_reads():
    """By the root of the ratio; without a duration it is that of the tile's reads."""
    noise = White(share=0.02, measured_over=100_000)
    assert noise.share_in(25_000) == pytest.approx(0.04)
    assert White(share=0.02).share_in(25_000) == 0.02


def test_slow_noise_is_the_integral_of_its_density():
    """From one over the longest period to what a read can tell: added up over small bands."""
    noise = OneOverF(share=0.0088, longest=20 * 10**9)
    edges = np.geomspace(1 / 20, 1 / (2 * 250e-9), 100_001)
    middle = np.sqrt(edges[1:] * edges[:-1])
    integral = (0.0088**2 / middle * np.diff(edges)).sum()
    assert noise.share_in(250_000) == pytest.approx(math.sqrt(integral), rel=1e-6)


# --- chips -----------------------------------------------------------------------------------------

SETS = (
    "tile.forward.dac.ideal=true", "tile.forward.adc.ideal=true", "tile.backward.adc.ideal=true",
    "network.layers=[784, 10]",
)  # fmt: skip


def tile_of(*sets, chip="single-pair"):
    setup = prepare(chip, "mnist-5k", sets=[*SETS, *sets])
    setup.rule.begin(seed=0)
    return setup.chip.tiles[0]


def test_a_tile_reads_its_cells_with_noise_and_its_weights_without():
    """Results spread around what they are without noise, by the cells of both arrays; energies are the same."""
    quiet, noisy = tile_of(), tile_of("device.read_noise={kind: white, share: 5 %}")
    x = np.zeros((2000, quiet.shape[0]), np.float32)
    x[:, 100:200] = 0.5
    exact, found = quiet.forward(x), noisy.forward(x)
    assert found.charges == exact.charges
    pair = noisy.carrier.pairs[0]
    squared = sum(cells.conductance[100:200].astype(np.float64) ** 2 for cells in pair.cells).sum(axis=0)
    deviation = noisy.carrier.weight_per_siemens * 0.05 * 0.5 * np.sqrt(squared)
    away = (found.values - exact.values).astype(np.float64)
    assert np.allclose(away.std(axis=0), deviation, rtol=5 / math.sqrt(4000))
    assert np.array_equal(noisy.weights(), quiet.weights())


def test_no_noise_is_no_noise():
    """A share of nothing leaves every bit."""
    quiet, noisy = tile_of(), tile_of("device.read_noise={kind: white, share: 0}")
    x = np.random.default_rng(0).random((20, quiet.shape[0]), np.float32)
    assert np.array_equal(quiet.forward(x).values, noisy.forward(x).values)


def test_pairs_that_conduct_alike_fluctuate():
    """Their currents cancel, and what they are off by does not."""
    tile = tile_of("device.read_noise={kind: white, share: 5 %}", chip="hybrid-synapse")
    fine = tile.carrier.pairs[1]
    assert fine.alike
    assert [len(group) for group in tile.carrier.conducting] == [2, 2]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{kind: white, share: -1 %}", "device.read_noise.share: must be between 0 and 10, not -0.01"),
        ("{kind: white}", "device.read_noise: missing key 'share'"),
        ("{kind: whit, share: 1 %}", "unknown kind 'whit'; known: one-over-f, white; did you mean 'white'?"),
        ("{share: 1 %}", "device.read_noise: missing key 'kind'; known: one-over-f, white"),
        ("2 %", "device.read_noise: must be a mapping with a 'kind' (known: one-over-f, white), not '2 %'"),
        ("{kind: white, share: 1 %, floor: -1 uS}", "device.read_noise.floor: must be at least 0, not -1e-06"),
        ("{kind: white, share: 1 %, measured_over: 0 ns}", "measured_over: must be more than 0, not 0"),
        ("{kind: one-over-f, share: 1 %, longest: 0 s}", "longest: must be more than 0, not 0"),
        ("{kind: one-over-f, share: 1 %, longest: 200 ns}",
         "device.read_noise.longest: must be more than two reads take, 200 ns, not 200 ns"),
        ("{kind: one-over-f, share: 1 %, longest: 200 years}",
         "'200 years' is beyond any duration on a chip; at most 100 year"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(value, message):
    """By its path, with what is allowed."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=[f"device.read_noise={value}", "tile.read_time=100 ns"])
    assert message in str(caught.value)


def test_device_files_and_chips_say_what_is_idealised():
    """Slow noise that is drawn anew for each read; white noise has no memory, and nothing to say."""
    slow = "device.read_noise={kind: one-over-f, share: 1 %, longest: 1 s}"
    said = idealised(load_chip("single-pair", sets=[slow]).spec)
    assert "Read noise is drawn anew for each read" in " ".join(said)
    white = "device.read_noise={kind: white, share: 1 %}"
    assert "Read noise" not in " ".join(idealised(load_chip("single-pair", sets=[white]).spec))
    assert load_device("reram-array-om", sets=[white]).spec.device.read_noise == White(share=0.01)


class Silent(Carrier):
    """Cells of one's own that do not tell what they conduct."""

    def wear(self):
        """Without conductances."""
        none = np.zeros((1, 1), np.int32)
        return (ArrayWear("tile0.own", none, none, 0),)


def test_cells_that_do_not_tell_are_no_quiet_ones():
    """Their noise would be left out without a word."""
    given = {"seed": 0, "name": "adc", "read_time": READ, "columns": 1, "by_rows": True}
    assert fluctuation_of(None, Silent(), **given) is None
    with pytest.raises(ChipsimError, match=r"tile0\.own: does not tell what its cells conduct"):
        fluctuation_of(White(share=0.1), Silent(), **given)
