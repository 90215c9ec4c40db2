"""From a weight change to pulses: rounding, random trains, and the lines that they drive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.device.randomness import LANES, generator
from tests import made
from tests.twins import Lanes, coincidences, rounded, rounded_at_random

F = np.float32
values = st.one_of(st.just(0.0), st.floats(-2, 2, width=32))
vectors = st.lists(values, min_size=1, max_size=7)
long_vectors = st.lists(values, min_size=1, max_size=3 * LANES)


def encoder(shape, *, kind="parallel-pulses", encoding="deterministic", slots=31, seed=1):
    """An encoder with its own generator."""
    update = made.update_by(kind=kind, encoding=encoding, slots=slots)
    return update.encoder(shape, rng=generator(seed, "tile0.driver"), name="driver")


def counts_of(pulses):
    """{(row, column): count}, negative on the minus array."""
    found = {}
    for hits, sign in ((pulses.plus, 1), (pulses.minus, -1)):
        for i, j, count in zip(hits.rows.tolist(), hits.columns.tolist(), hits.counts.tolist(), strict=True):
            assert (i, j) not in found
            found[i, j] = sign * count
    return found


@given(x=vectors, d=vectors, scale=st.floats(0.01, 50), slots=st.integers(1, 63))
def test_rounding_equals_its_twin(x, d, scale, slots):
    """Every crossing rounded to nearest, at most as many pulses as slots, signs as the weight change."""
    x, d = np.array(x, F), np.array(d, F)
    pulses = encoder((x.size, d.size), slots=slots).encode(x, d, scale=scale)
    assert counts_of(pulses) == rounded(x, d, scale=scale, slots=slots)


def test_rounding_multiplies_in_double_precision():
    """(1 + 2^-13) (1 - 2^-13 + 2^-24) / 2 exceeds one half by 3/8 x 2^-24: in single precision it would not."""
    x, d = np.array([1 + 2.0**-13], F), np.array([1 - 2.0**-13 + 2.0**-24], F)
    assert float(x[0]) * float(d[0]) / 2 > 0.5
    assert x[0] * d[0] / F(2) == 0.5
    pulses = encoder((1, 1)).encode(x, d, scale=0.5)
    assert counts_of(pulses) == {(0, 0): -1}


@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row"])
@pytest.mark.parametrize("encoding", ["deterministic", "stochastic"])
@pytest.mark.parametrize("scale", [1e3, 1e20, 1e300])
def test_more_pulses_than_an_integer_holds_are_clipped(kind, encoding, scale):
    """However large the change, a cell gets as many pulses as there are slots, not none."""
    x, d = np.array([1, 0.5], F), np.array([-0.5, 1], F)
    pulses = encoder((2, 2), kind=kind, encoding=encoding, slots=5).encode(x, d, scale=scale)
    assert counts_of(pulses) == {(0, 0): 5, (1, 0): 5, (0, 1): -5, (1, 1): -5}


@pytest.mark.parametrize(("wanted", "count"), [(0.5, 0), (0.51, 1), (1.5, 2), (2.5, 2), (3.5, 4)])
def test_halves_round_to_even(wanted, count):
    """A tie goes to the even number of pulses."""
    pulses = encoder((1, 1)).encode(np.array([1], F), np.array([1], F), scale=wanted)
    assert pulses.lowering == count


@given(
    x=long_vectors, d=vectors, scale=st.floats(0.01, 50), slots=st.integers(1, 63), seed=st.integers(0, 99)
)
def test_coincidences_equal_their_twin(*, x, d, scale, slots, seed):
    """Trains built slot by slot from the same random words overlap on the same crossings, twice in a row."""
    x, d = np.array(x, F), np.array(d, F)
    shape = (x.size, d.size)
    ours = encoder(shape, encoding="stochastic", slots=slots, seed=seed)
    lanes = Lanes(seed, "tile0.driver")
    for _ in range(2):
        twin = coincidences(x, d, scale=scale, slots=slots, lanes=lanes)
        assert counts_of(ours.encode(x, d, scale=scale)) == twin


@given(x=long_vectors, d=vectors, scale=st.floats(1e-9, 5), slots=st.integers(1, 63), seed=st.integers(0, 99))
def test_rounding_at_random_equals_its_twin(*, x, d, scale, slots, seed):
    """Crossing by crossing, or by gaps where all ask for little; twice in a row."""
    x, d = np.array(x, F), np.array(d, F)
    ours = encoder((x.size, d.size), kind="row-by-row", encoding="stochastic", slots=slots, seed=seed)
    lanes = Lanes(seed, "tile0.driver")
    for _ in range(2):
        twin = rounded_at_random(x, d, scale=scale, slots=slots, lanes=lanes)
        assert counts_of(ours.encode(x, d, scale=scale)) == twin


@pytest.mark.parametrize("scale", [0.2, 2.9])
def test_rounding_at_random_varies_as_a_coin(scale):
    """Whole pulses and a coin for the rest: mean w, variance f (1 - f), no crossing with another.

    Below a quarter of a pulse crossings are drawn by the gaps between them, above it one by one.
    """
    repeats = 8000
    x, d = np.linspace(0.1, 1, 6, dtype=F), np.linspace(-1, 0.7, 5, dtype=F)
    rounding = encoder((x.size, d.size), kind="row-by-row", encoding="stochastic", seed=5)
    drawn = np.zeros((repeats, x.size, d.size))
    for repeat in range(repeats):
        for (i, j), count in counts_of(rounding.encode(x, d, scale=scale)).items():
            drawn[repeat, i, j] = abs(count)
    wanted = scale * np.abs(np.outer(x.astype(float), d.astype(float)))
    rest = wanted - np.floor(wanted)
    variance = rest * (1 - rest)
    assert np.all(np.abs(drawn.mean(0) - wanted) <= 5 * np.sqrt(variance / repeats))
    fourth = variance * (1 - 3 * variance)
    error = np.sqrt((fourth - variance**2) / repeats)
    assert np.all(np.abs(drawn.var(0) - variance) <= 5 * error + 1 / repeats)
    among = np.corrcoef(drawn.reshape(repeats, -1), rowvar=False) - np.eye(x.size * d.size)
    assert np.abs(among).max() <= 5 / np.sqrt(repeats)


def test_hits_come_in_row_order():
    """Row after row, columns ascending: the order in which cells draw their noise."""
    rng = np.random.default_rng(0)
    x, d = rng.standard_normal(20).astype(F), rng.standard_normal(15).astype(F)
    for encoding in ("stochastic", "deterministic"):
        for kind in ("parallel-pulses", "row-by-row", "cell-by-cell"):
            pulses = encoder((20, 15), kind=kind, encoding=encoding).encode(x, d, scale=5.0)
            for hits in (pulses.plus, pulses.minus):
                cells = list(zip(hits.rows.tolist(), hits.columns.tolist(), strict=True))
                assert cells == sorted(cells) != []


@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row", "cell-by-cell"])
@pytest.mark.parametrize("encoding", ["stochastic", "deterministic"])
def test_nothing_is_pulsed_without_inputs_or_errors(kind, encoding):
    """Zeros on either side give no pulses and drive no line."""
    for x, d in (((0, 0), (1, 2)), ((1, 2), (0, 0))):
        pulses = encoder((2, 2), kind=kind, encoding=encoding).encode(
            np.array(x, F), np.array(d, F), scale=9.0
        )
        assert counts_of(pulses) == {}
        if kind != "parallel-pulses":
            assert (pulses.slots, pulses.visits) == (0, 0)


@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row", "cell-by-cell"])
@given(x=vectors, d=vectors)
def test_lines_are_driven_for_every_pulse(kind, x, d):
    """No cell gets more pulses than its row and its column are driven; no line more than there are slots."""
    x, d = np.array(x, F), np.array(d, F)
    for encoding in ("stochastic", "deterministic"):
        pulses = encoder((x.size, d.size), kind=kind, encoding=encoding).encode(x, d, scale=3.0)
        for (i, j), count in counts_of(pulses).items():
            assert abs(count) <= pulses.rows[0][i]
            assert abs(count) <= pulses.columns[0 if count > 0 else 1, j]
        assert max(pulses.rows[0].max(), pulses.columns.max()) <= max(pulses.slots, 0)


def test_overlaps_average_slots_times_both_probabilities():
    """Expected overlaps are slots a b |x d| = scale |x d|, whatever the signs; 4,000 updates, six sigma.

    Each overlap count is binomial with n = 31 slots and p = scale |x d| / 31.
    """
    x, d = np.array([1.0, -0.5, 0.125, 0.0], F), np.array([0.25, -1.0, 0.0], F)
    trains, repeats, scale = encoder((4, 3), encoding="stochastic"), 4000, 2.0
    total = np.zeros((4, 3))
    for _ in range(repeats):
        for (i, j), count in counts_of(trains.encode(x, d, scale=scale)).items():
            total[i, j] += count
    expected = -scale * np.outer(x, d)
    p = np.abs(expected) / 31
    sigma = np.sqrt(31 * p * (1 - p) / repeats)
    assert np.all(np.abs(total / repeats - expected) <= 6 * sigma)
    assert np.all(total[3] == 0)
    assert np.all(total[:, 2] == 0)


def test_trains_vary_as_binomials_and_lines_not_together():
    """Pulses of a line and overlaps of a crossing: mean and variance of a binomial, and no correlation.

    With n = 31 slots a row at probability p has n p pulses with variance n p (1 - p); a crossing of p and q has
    n p q overlaps with variance n p q (1 - p q). There are more lines than lanes, so that neighbours are drawn
    side by side and lines a block apart one after another.
    """
    slots, repeats = 31, 6000
    x, d = np.linspace(0.1, 1, LANES + 5, dtype=F), np.linspace(-1, -0.2, 3, dtype=F)
    # Both gains are 0.6: the largest input and error are one.
    trains = encoder((x.size, d.size), encoding="stochastic", slots=slots, seed=7)
    rows, overlaps = np.zeros((repeats, x.size)), np.zeros((repeats, x.size, d.size))
    for repeat in range(repeats):
        pulses = trains.encode(x, d, scale=slots * 0.6**2)
        rows[repeat] = pulses.rows[0]
        overlaps[repeat, pulses.plus.rows, pulses.plus.columns] = pulses.plus.counts
    p, q = 0.6 * x.astype(float), 0.6 * np.abs(d.astype(float))
    assert_binomial(rows, slots=slots, p=p)
    assert_binomial(overlaps, slots=slots, p=np.outer(p, q))
    among = np.corrcoef(rows, rowvar=False) - np.eye(x.size)
    # A correlation of nothing has a standard deviation of one over the root of the repeats.
    assert np.abs(among).max() <= 5 / np.sqrt(repeats)


def assert_binomial(drawn, *, slots, p):
    """Mean and variance of counts (repeats, ...) against those of a binomial, within five standard errors."""
    repeats, variance = len(drawn), slots * p * (1 - p)
    assert np.all(np.abs(drawn.mean(0) - slots * p) <= 5 * np.sqrt(variance / repeats))
    # Standard error of a variance, with the binomial's fourth moment.
    fourth = variance * (1 + 3 * (slots - 2) * p * (1 - p))
    error = np.sqrt((fourth - variance**2) / repeats)
    assert np.all(np.abs(drawn.var(0) - variance) <= 5 * error)


def test_lanes_give_the_words_of_numpys_generators():
    """A train at one half shows the first word of its lane, bit by bit: a slot fires where the bit is zero."""
    trains = encoder((LANES, 1), encoding="stochastic", slots=63, seed=2)
    # A gain of one half either side; rows are drawn first, and bits of one half beyond the first are zero.
    x = np.ones(LANES, F)
    words = Lanes(2, "tile0.driver").words()
    pulses = trains.encode(x, np.ones(1, F), scale=63 * 0.25)
    fired = [(~word & (2**63 - 1)).bit_count() for word in words]
    assert pulses.rows[0].tolist() == fired


def test_probabilities_above_one_fire_in_every_slot():
    """Both gains far above one: every crossing gets every slot."""
    pulses = encoder((2, 2), encoding="stochastic", slots=7).encode(np.ones(2, F), np.ones(2, F), scale=1e6)
    assert counts_of(pulses) == dict.fromkeys(((i, j) for i in range(2) for j in range(2)), -7)


@pytest.mark.parametrize("slots", [1, 31, 63])
def test_trains_have_the_stated_length(slots):
    """With certain columns, a row fires in as many slots as its train has, never more than the length."""
    trains = encoder((1, 1), encoding="stochastic", slots=slots, seed=3)
    seen = {trains.encode(np.ones(1, F), np.ones(1, F), scale=slots * 0.8).lowering for _ in range(400)}
    assert max(seen) <= slots
    assert len(seen) > min(slots, 4) / 2


def test_random_rounding_averages_what_is_wanted():
    """Serial and stochastic: a count is rounded up with its fractional part; 2.3 pulses on average."""
    rounding = encoder((1, 1), kind="row-by-row", encoding="stochastic")
    totals = [rounding.encode(np.ones(1, F), np.ones(1, F), scale=2.3).lowering for _ in range(4000)]
    assert set(totals) == {2, 3}
    # A coin of 0.3 thrown 4,000 times: sigma 0.0072, six of them.
    assert np.mean(totals) == pytest.approx(2.3, abs=0.044)


def test_counts_are_written_row_by_row():
    """Initial weights: each row takes its longest train, rows without pulses take nothing."""
    counts = np.array([[3, -5], [0, 0], [-2, 1]], np.int32)
    pulses = encoder((3, 2)).encode_counts(counts)
    assert counts_of(pulses) == {(0, 0): 3, (0, 1): -5, (2, 0): -2, (2, 1): 1}
    assert (pulses.slots, pulses.visits) == (5 + 2, 2)
    assert [rows.tolist() for rows in pulses.rows] == [[5, 0, 2], [5, 0, 2]]
    assert pulses.columns.tolist() == [[3, 1], [2, 5]]


def test_counts_are_written_as_updates_are():
    """Column by column: 3 and then 5; cell by cell all eleven. Initial weights are always written by rows."""
    counts = np.array([[3, -5], [0, 0], [-2, 1]], np.int32)
    by_column = encoder((3, 2), kind="column-by-column")
    pulses = by_column.encode_update(counts)
    assert counts_of(pulses) == {(0, 0): 3, (0, 1): -5, (2, 0): -2, (2, 1): 1}
    assert (pulses.slots, pulses.visits) == (3 + 5, 2)
    # A row is driven for each of its cells in turn, on both arrays; a column by the longest of its sign.
    assert [rows.tolist() for rows in pulses.rows] == [[8, 0, 3], [8, 0, 3]]
    assert pulses.columns.tolist() == [[3, 1], [2, 5]]
    assert by_column.encode_counts(counts).slots == 5 + 2
    by_cell = encoder((3, 2), kind="cell-by-cell").encode_update(counts)
    assert (by_cell.slots, by_cell.visits) == (11, 4)


def test_columns_one_after_another():
    """Of inputs (1, 1/2) and errors (1, -2), each crossing two pulses a unit: columns of two and of four."""
    pulses = encoder((2, 2), kind="column-by-column").encode(
        np.array([1, 0.5], F), np.array([1, -2], F), scale=2.0
    )
    assert counts_of(pulses) == {(0, 0): -2, (0, 1): 4, (1, 0): -1, (1, 1): 2}
    assert (pulses.slots, pulses.visits) == (2 + 4, 2)
    assert pulses.columns.tolist() == [[0, 4], [2, 0]]


def test_columns_in_phases():
    """On one array: what raises, then what lowers; a column with both is visited twice."""
    update = made.update_by(kind="column-by-column", encoding="deterministic", slots=31)
    writer = update.encoder((2, 2), rng=generator(1, "tile0.driver"), name="driver", in_phases=True)
    pulses = writer.encode_update(np.array([[3, -5], [-2, 1]], np.int32))
    assert (pulses.slots, pulses.down_slots, pulses.visits) == (3 + 1, 2 + 5, 4)
    assert [rows.tolist() for rows in pulses.rows] == [[3, 1], [5, 2]]


@pytest.mark.parametrize("in_phases", [False, True])
def test_lines_count_beyond_32_bits(in_phases):
    """A first writing of 5,000 rows of half a million steps each drives their column 2.5 billion times."""
    rows, steps = 5_000, 500_000
    update = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=31)
    writer = update.encoder((rows, 1), rng=generator(1, "tile0.driver"), name="driver", in_phases=in_phases)
    pulses = writer.encode_counts(np.full((rows, 1), steps, np.int32))
    # In phases nothing is lowered; or else both arrays of a pair share the slots of rows.
    arrays = 1 if in_phases else 2
    assert pulses.columns.tolist() == [[rows * steps], [0]]
    assert (pulses.raising, pulses.row_slots, pulses.column_slots) == (
        rows * steps,
        arrays * rows * steps,
        rows * steps,
    )
    assert pulses.slots == rows * steps
