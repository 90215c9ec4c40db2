"""Tiki-Taka against theory: pulses, symmetry points, integrals, drift and offsets, each derived by hand.

What is wanted is derived in `tools/tiki_taka_laws.py`, and here, from definitions, in double precision and without
any of the simulator's own arithmetic; what is counted are pulses of cells and sums in the memory. Intervals are four
standard errors, whose sizes are derived as well, so that a right simulator fails one of them in sixteen thousand.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import attrs
import numpy as np
import pytest

from chipsim.parts.transfer import Transfer
from chipsim.spec.kinds import shipped_kind
from chipsim.spec.levels import MemorySpec
from chipsim.spec.reading import load_device
from tests import made

F = np.float32
ERRORS = 4
"""Standard errors to either side."""
ONE_EACH = made.update_by(kind="row-by-row", encoding="deterministic", slots=63)
"""A product of one, at a rate of one step, is one pulse."""
TRAINS = made.update_by(kind="parallel-pulses", encoding="stochastic", slots=31)


@pytest.fixture
def laws(monkeypatch):
    """What is derived by hand, which the tables of a report are made by as well."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "tools"))
    return importlib.import_module("tiki_taka_laws")


def gathers(make, *, shape, kind="tiki-taka-v2", update=ONE_EACH, numbers=None, **parts):
    """A chip whose rule gathers, on one tile for each matrix."""
    fields = {
        "tile": made.crossbar(*shape),
        "update": update,
        "selector": Transfer(lanes=4),
        "memory": MemorySpec(banks=2, width=made.WIDTH),
        "rule": shipped_kind("rule", kind)(**(numbers or {})),
    }
    return make(**(fields | parts))


def begun(spec, shape, *, rate=1.0, seed=1):
    """A layer of that chip, with its first weights, which are near zero."""
    network = made.rule_on(spec, shape, rate=rate, seed=seed, spread=1e-6)
    network.learner.begin(seed=seed)
    return network


def gathered(network):
    """A of the only layer."""
    return network.matrices[0].roles["gradient"]


def cells_of(matrix):
    """Its cells, which are on one tile."""
    return matrix.blocks[0].tile.carrier.cells


# --- pulses of an update ----------------------------------------------------------------------------


@pytest.mark.parametrize(("steps", "clipped"), [(4.0, False), (60.0, True)])
def test_coincidences_on_a_are_those_of_the_described_trains(laws, steps, clipped):
    """1,500 samples on A, in all and cell by cell, also where the largest products ask for more than 31 slots."""
    shape, slots, samples = (12, 9), 31, 1500
    device = made.both_ways(states=4000)
    network = begun(gathers(made.single, shape=shape, update=TRAINS, device=device), shape, rate=steps / 2000)
    before = cells_of(gathered(network)).pulses.astype(int)
    rng = np.random.default_rng(8)
    wanted, spread, charged, cut = np.zeros(shape), 0.0, 0, 0
    for _ in range(samples):
        x, d = rng.uniform(0, 1, shape[0]).astype(F), rng.uniform(-1, 1, shape[1]).astype(F)
        learnt = network.learner.learn(0, x[np.newaxis], d[np.newaxis])
        charged += sum(sum(charges.pulses) for charges in learnt.charges)
        mean, more = laws.moments_of_update(x.astype(float), d.astype(float), steps, slots=slots)
        cut += int(np.any(steps * np.abs(np.outer(x, d)) > slots))
        wanted, spread = wanted + mean, spread + more
    counted = cells_of(gathered(network)).pulses - before
    assert (cut > 0) == clipped
    assert charged == counted.sum()
    assert counted.sum() == pytest.approx(wanted.sum(), abs=ERRORS * np.sqrt(spread))
    # The coincidences of one crossing are binomial: their variance is no more than their mean.
    assert np.abs((counted - wanted) / np.sqrt(wanted)).max() < ERRORS + 0.5
    if clipped:
        # What probabilities above one would have given is far outside.
        assert abs(samples * steps / 4 * counted.size - counted.sum()) > 10 * ERRORS * np.sqrt(spread)


# --- symmetry points --------------------------------------------------------------------------------


def found_points(name, side, pairs, seed=3):
    """A device file, cells made of it, what was found of each, and the figures of all."""
    device = load_device(name).spec.device
    spec = made.referred(device=device, pairs=pairs, tile=made.crossbar(side, side))
    tile = made.rule_on(spec, (side, side), seed=seed).chip.tiles[0]
    tile.initialise(np.zeros((side, side), F))
    cells = tile.carrier.cells
    half = (device.on_conductance - device.off_conductance) / 2
    # Converters are ideal: references stand at what was found.
    found = (tile.wear()[1].conductance.astype(float) - cells.zero) / half
    return device, cells, found, tile.first_writing().points


FITS = ("reram-array-om", "reram-array-hfo2")


@pytest.mark.parametrize("name", FITS)
def test_alternating_pulses_find_what_the_law_of_each_cell_says(laws, name):
    """Cells that keep off their bounds: off their means by a standard normal, of variance one and mean zero."""
    device, cells, found, _ = found_points(name, 120, 60)
    law = laws.Cells(cells, device)
    mean, variance, free = law.found(60)
    off = ((found - mean) / np.sqrt(variance))[free]
    assert off.size > 0.25 * found.size
    assert off.mean() == pytest.approx(0, abs=ERRORS / np.sqrt(off.size))
    assert off.var() == pytest.approx(1, abs=ERRORS * np.sqrt(2 / off.size))
    # Cells that nothing moves read as what they are, within a hundredth of a weight.
    assert np.abs(found[~law.moves]).max() <= 0.01 + 1e-6


@pytest.mark.parametrize("name", FITS)
def test_figures_of_symmetry_points_are_those_of_a_walk_by_hand(laws, name):
    """Mean and spread over all cells, of which many meet bounds: two samples of one law, and stuck ones."""
    device, cells, found, (count, total, squares) = found_points(name, 120, 60)
    law = laws.Cells(cells, device)
    walked = np.concatenate([law.walked(60, rng=np.random.default_rng(4)), found[~law.moves]])
    mean, spread = total / count, np.sqrt(squares / count - (total / count) ** 2)
    error = np.sqrt(2 / count) * walked.std()
    assert count == found.size
    assert mean == pytest.approx(walked.mean(), abs=ERRORS * error)
    assert spread == pytest.approx(walked.std(), abs=ERRORS * error)


@pytest.mark.parametrize("name", FITS)
def test_true_points_spread_by_what_asymmetry_gives(laws, name):
    """Of the numbers of a fit alone, and small beside the blur of finding them."""
    device, cells, found, _ = found_points(name, 300, 1)
    law = laws.Cells(cells, device)
    wanted, left_out = laws.spread_of_points(device)
    points = law.points
    # A mean of squares has the error of their own spread, which is wide: some cells have steps of a tenth.
    error = np.std(points**2) / np.sqrt(points.size) / (2 * points.std())
    assert left_out < 0.01
    assert points.std() == pytest.approx(wanted, abs=ERRORS * error + left_out * wanted)
    assert points.mean() == pytest.approx(0, abs=ERRORS * points.std() / np.sqrt(points.size))
    blur = device.write_noise * 2 / device.states / np.sqrt(2)
    assert found[law.moves].std() > blur > ERRORS * wanted


# --- transfers to C ---------------------------------------------------------------------------------


class Recorded:
    """A layer that learns, with every reading of A and every signed pulse of C written down."""

    def __init__(self, spec, shape, **how):
        self.network = begun(spec, shape, **how)
        self.learner = self.network.learner
        self.weight = self.network.matrices[0]
        self.readings, self.signed = [], np.zeros(shape, int)
        self.before = cells_of(self.weight).pulses.astype(int)
        self.began = self.weight.weights()
        self._given, self.learner.take = self.learner.take, self._take
        integral = self.learner.integrals[0]
        self._due, integral.add = integral.add, self._add

    def _take(self, index, lines, values):
        self.readings.append((lines.copy(), values.astype(float)))
        return self._given(index, lines, values)

    def _add(self, changes, lines, *, by):
        rows, columns, counts = self._due(changes, lines, by=by)
        self.signed[rows, columns] += counts
        return rows, columns, counts

    def sample(self, x=None, d=None):
        """One sample, of an outer product or of nothing."""
        if x is not None:
            self.learner.learn(0, np.asarray(x, F)[np.newaxis], np.asarray(d, F)[np.newaxis])
        self.learner.end_step(1)

    @property
    def pulses(self):
        """Pulses of C since it began, of either sign."""
        return cells_of(self.weight).pulses - self.before

    @property
    def sums(self):
        """H."""
        return self.network.chip.digital.memory["layer0.sums"].astype(float)


FINE = made.both_ways(states=4000)
"""A step is a weight of one two-thousandth."""


def test_pulses_on_c_are_the_floor_of_the_integral():
    """A holds still for 4,000 readings of a row: each weight has floor(readings x rate x A / step) pulses, exactly."""
    shape, rate, samples = (5, 8), 0.00237, 4000
    numbers = {"transfer_learning_rate": rate}
    run = Recorded(gathers(made.single, shape=shape, device=FINE, numbers=numbers), shape)
    counts = np.random.default_rng(2).integers(-60, 61, shape).astype(np.int32)
    gathered(run.network).blocks[0].tile.pulse_counts(counts, pair=0)
    for _ in range(samples):
        run.sample()
    integral = samples / shape[0] * rate * (counts / 2000) / (1 / 2000)
    # Single precision adds up to within 800 times half a last place of one.
    whole = np.rint(integral)
    assert np.abs(integral - whole)[whole != integral].min() > 800 * 2.0**-24
    signed = np.rint((run.weight.weights() - run.began) * 2000)
    assert np.abs(signed).max() > 100
    assert np.array_equal(signed, np.trunc(integral))
    assert np.array_equal(run.pulses, np.abs(signed))


@pytest.mark.parametrize("threshold", [1.0, 1.75])
def test_what_was_added_is_in_pulses_or_in_h(laws, threshold):
    """2,000 samples, noise and all: pulses as by a loop in double precision, and nothing is lost or won."""
    shape, rate, samples = (6, 7), 0.0005, 2000
    numbers = {"transfer_learning_rate": rate, "threshold": threshold, "reads_per_transfer": 2}
    plain = gathers(made.single, shape=shape, update=TRAINS, device=FINE, numbers=numbers)
    noisy = made.soft_bounds(states=50, step_variation=0.3, write_noise=0.4)
    gradients = attrs.evolve(plain, device=noisy)
    spec = made.grouped(plain, weights=(plain, "all", "weight"), gradients=(gradients, "all", "gradient"))
    run = Recorded(spec, shape, rate=0.05)
    rng = np.random.default_rng(7)
    for _ in range(samples):
        run.sample(rng.uniform(0, 1, shape[0]), rng.uniform(-1, 1, shape[1]))
    largest = rate * 2000 * max(np.abs(values).max() for _, values in run.readings)
    assert largest + threshold < 4
    rounding = laws.rounding_of_sums(samples * 2 / shape[0], largest)
    wanted = laws.pulses_by_hand(
        run.readings, shape, gain=rate * 2000, threshold=threshold, rounding=rounding
    )
    sure = wanted.near == 0
    assert wanted.given.sum() > 1000
    assert sure.mean() > 0.7
    assert np.array_equal(run.pulses[sure], wanted.given[sure])
    signed = np.rint((run.weight.weights() - run.began) * 2000)
    assert np.array_equal(signed, run.signed)
    assert np.abs(signed).max() < 2000, "off the bounds, where pulses would be lost"
    assert np.abs(wanted.added - threshold * signed - run.sums).max() < rounding


# --- what Tiki-Taka cures ---------------------------------------------------------------------------

COLUMNS = 1000
"""Cells that have nothing to do with each other: one row, and an error for each."""
UP, DOWN = 2 / 80, 1 / 80
TILTED = made.soft_bounds(states=80, asymmetry=0.5)
"""Steps of UP and DOWN where weights are of one at most: pulses lead to a third."""


def errors(samples, seed):
    """As many up as down by chance, and no gradient."""
    return np.random.default_rng(seed).choice(np.array([-1, 1], F), (samples, COLUMNS))


def test_plain_descent_drifts_at_the_rate_of_theory(laws):
    """A pulse either way leaves 1 - (up + down) / 2 of the way to the symmetry point, on average."""
    shape, law = (1, COLUMNS), laws.AtRandom(UP, DOWN)
    network = begun(made.single(tile=made.crossbar(*shape), update=ONE_EACH, device=TILTED), shape, rate=UP)
    matrix = network.matrices[0]
    before = cells_of(matrix).pulses.copy()
    assert law.point == pytest.approx(1 / 3)
    assert not matrix.weights().any()
    for number, d in enumerate(errors(200, 3), start=1):
        network.learner.learn(0, np.ones((1, 1), F), d[np.newaxis])
        if number not in {20, 60, 200}:
            continue
        weights, (mean, spread) = matrix.weights() - law.point, law.drift(-law.point, pulses=number)
        assert mean == pytest.approx(-law.point * (1 - 3 / 160) ** number)
        assert weights.mean() == pytest.approx(mean, abs=ERRORS * spread / np.sqrt(COLUMNS))
        assert weights.std() == pytest.approx(spread, rel=ERRORS / np.sqrt(2 * COLUMNS))
    assert np.all(cells_of(matrix).pulses - before == 200)


def test_c_walks_at_random_where_plain_descent_drifts(laws):
    """The same cells and the same errors: C's pulses, and what H holds, are those of a walk around nothing."""
    shape, samples, law = (1, COLUMNS), 300, laws.AtRandom(UP, DOWN)
    numbers = {"transfer_learning_rate": UP}
    spec = gathers(made.referred, shape=shape, device=TILTED, numbers=numbers, pairs=200)
    run = Recorded(spec, shape, rate=UP)
    begin = gathered(run.network).weights()
    assert np.ptp(begin) < 1e-5
    for d in errors(samples, 3):
        run.sample([1], d)
    mean, spread = law.integral(float(begin.mean()), readings=samples)
    # A random walk of 8 / 9 of a step of C a reading, less what A still holds in the end.
    assert spread < 8 / 9 * np.sqrt(samples)
    added = np.sum([values for _, values in run.readings], axis=0)
    error = spread / np.sqrt(COLUMNS)
    assert added.mean() == pytest.approx(mean, abs=ERRORS * error)
    assert added.std() == pytest.approx(spread, rel=ERRORS / np.sqrt(2 * COLUMNS))
    assert np.abs(added - run.sums - run.signed).max() < 1e-3
    assert np.all(np.abs(run.signed) <= run.pulses)
    # What H holds is less than a pulse of either sign.
    assert run.signed.mean() == pytest.approx(mean, abs=ERRORS * error + 1)
    # C went as far as those pulses lead it, of steps that are `even` long: plain descent went a third of its range.
    moved = run.weight.weights() - run.began
    assert np.abs(moved.mean()) < law.even * (ERRORS * error + 1 + abs(mean)) < law.point / 5
    assert moved.std() < law.even * spread


# --- offsets, and what choppers make of them --------------------------------------------------------


def offset_run(kind, shape, *, samples, rate, **numbers):
    """A chip whose references of A are off at random, read in whole, without any gradient."""
    numbers |= {"transfer_learning_rate": rate, "reads_per_transfer": shape[0]}
    spec = gathers(
        made.referred, shape=shape, kind=kind, device=made.soft_bounds(states=80), numbers=numbers,
        pairs=100, error=0.02,
    )  # fmt: skip
    run = Recorded(spec, shape)
    offsets = gathered(run.network).weights()
    for _ in range(samples):
        run.sample()
    return run, offsets


def test_an_offset_of_a_is_integrated_and_pulsed():
    """Per reading lr x offset / step: after 400 of them floor(400 x that) pulses, for each weight, of its sign."""
    shape, samples, rate = (40, 10), 400, 0.02
    run, offsets = offset_run("tiki-taka-v2", shape, samples=samples, rate=rate)
    assert offsets.std() == pytest.approx(0.04, rel=ERRORS / np.sqrt(2 * offsets.size))
    integral = samples * rate * offsets / (2 / 80)
    sure = np.abs(integral - np.rint(integral)) > 1e-3
    assert sure.mean() > 0.98
    assert np.abs(integral).max() > 20
    assert np.array_equal(run.pulses[sure], np.abs(np.trunc(integral))[sure])


@pytest.mark.parametrize("chance", [0.1, 0.5])
def test_choppers_cancel_an_offset_on_average(laws, chance):
    """What a line adds to H, over its offset, is a sum of signs: of mean 1 / (2 c) and variance n (1 - c) / c."""
    shape, samples, rate = (600, 2), 400, 0.02
    run, offsets = offset_run("chopped-tiki-taka", shape, samples=samples, rate=rate, chop_probability=chance)
    mean, variance = laws.signs_added_up(chance, samples)
    assert mean == pytest.approx(1 / (2 * chance))
    # The first signs are all plus one, and what is begun is not all of the correlation.
    assert variance == pytest.approx(samples * (1 - chance) / chance, rel=0.05)
    # What came is in pulses, or held.
    gain = rate * offsets / (2 / 80)
    summed = (run.signed + run.sums) / gain
    # Both weights of a row have its signs.
    assert np.ptp(summed, axis=1).max() < 1e-2 * samples
    rows = summed[:, 0]
    assert rows.mean() == pytest.approx(mean, abs=ERRORS * np.sqrt(variance / shape[0]))
    assert rows.var() == pytest.approx(variance, rel=ERRORS * np.sqrt(2 / shape[0]))
    # The offset alone would have given n times as much: what is left of that is sqrt((1 - c) / (c n)).
    assert np.sqrt(np.mean(rows**2)) / samples < 1.1 * np.sqrt((1 - chance) / (chance * samples))
