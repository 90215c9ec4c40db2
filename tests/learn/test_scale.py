"""Layers that are given their weights, fitted to the levels of their cells by a factor of their own."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.layer.dense import Dense
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.run import prepare
from chipsim.spec import load_workload
from chipsim.synapse.scale import Scale
from tests import hidden_made, levels_made, made
from tests.spec.messages import fails

LEVELS = levels_made.PAIR.levels
"""Nine, a quarter apart, up to one."""
LAYERS = (6, Dense(units=4, name="first", frozen=True), Dense(units=3, name="last"))
RNG = np.random.default_rng(5)
GIVEN = {
    0: RNG.normal(0, 0.4, (6, 4)).astype(np.float32),
    1: RNG.normal(0, 3.0, (4, 3)).astype(np.float32),
}


def nearest(weights, factor):
    """The levels times the factor that are nearest."""
    levels = np.array(LEVELS) * factor
    return levels[np.abs(np.clip(weights, levels[0], levels[-1])[..., None] - levels).argmin(axis=-1)]


# --- the factor --------------------------------------------------------------------------------------


def test_factors_by_hand():
    """The largest of 0.1, 0.2 and 0.5 is 0.5, and their deviation 0.17; of levels up to 2 half as much."""
    weights = np.array([0.1, -0.2, 0.5])
    assert Scale(by="largest").factor(weights, levels=(-1.0, 0.0, 1.0)) == 0.5
    assert Scale(by="largest").factor(weights, levels=(-2.0, 0.0, 2.0)) == 0.25
    deviation = np.std([0.1, -0.2, 0.5])
    found = Scale(by="deviations", deviations=2).factor(weights, levels=(-1.0, 0.0, 1.0))
    assert found == pytest.approx(2 * deviation)


def test_weights_of_nothing():
    """Fit any factor."""
    assert Scale(by="least-squares").factor(np.zeros((2, 3)), levels=LEVELS) == 1


@given(weights=st.lists(st.floats(-5, 5), min_size=1, max_size=40).filter(any))
@settings(max_examples=50)
def test_least_squares_against_trying_all(weights):
    """None of 200 shares of the largest weight leaves less error."""
    values = np.array(weights)
    found = Scale(by="least-squares").factor(values, levels=LEVELS)
    most = np.abs(values).max()
    errors = [((values - nearest(values, most * share / 200)) ** 2).sum() for share in range(1, 201)]
    assert ((values - nearest(values, found)) ** 2).sum() == pytest.approx(min(errors), rel=1e-9, abs=1e-12)


# --- on a chip ---------------------------------------------------------------------------------------


def chip(scale, **changes):
    """A chip of pairs of multilevel cells, exact converters, and plain descent on hidden weights."""
    synapse = attrs.evolve(levels_made.PAIR, scale=scale)
    rule = HiddenWeights(optimiser="sgd", initial="network")
    return hidden_made.chip(synapse=synapse, rule=rule, tile=made.crossbar(8, 4), **changes)


def network(**changes):
    """Two layers with given weights, of which the first is frozen."""
    return hidden_made.network(LAYERS, normalisation=None, weights="x.npz", **changes)


@pytest.mark.parametrize("by", ["largest", "deviations", "least-squares"])
def test_each_layer_has_a_factor_of_its_own(by):
    """Both read as the nearest of their own levels, forwards and backwards."""
    scale = Scale(by=by, deviations=1.5)
    rule = hidden_made.begun(chip(scale), network(), given=GIVEN)
    factors = [matrix.factor for matrix in rule.matrices]
    assert factors == [scale.factor(GIVEN[index], levels=LEVELS) for index in (0, 1)]
    for index, matrix in enumerate(rule.matrices):
        expected = nearest(GIVEN[index], factors[index])
        np.testing.assert_allclose(matrix.weights(), expected, rtol=1e-6)
        x = RNG.random((3, matrix.shape[0])).astype(np.float32)
        np.testing.assert_allclose(matrix.forward(x)[0], x @ expected, rtol=1e-5)
        d = RNG.random((3, matrix.shape[1])).astype(np.float32)
        np.testing.assert_allclose(matrix.backward(d)[0], d @ expected.T, rtol=1e-5)


def test_what_lies_beyond_the_outermost_level_is_told():
    """Cut weights of a frozen layer by its tile, of one that learns by the memory."""
    scale = Scale(by="deviations", deviations=1)
    rule = hidden_made.begun(chip(scale), network(), given=GIVEN)
    lost = {(loss.part, loss.what): loss.count for loss in rule.chip.digital.memory.lost()}
    factors = [matrix.factor for matrix in rule.matrices]
    cut = sum(int(np.count_nonzero(np.abs(GIVEN[index]) > factors[index])) for index in (0, 1))
    assert cut
    assert lost["digital.memory", "initial-weights-clipped"] == cut


def test_a_frozen_layer_on_tiles_of_its_own_tells_what_it_loses():
    """Cut, and rounded to zero."""
    tile = levels_made.tile((1, 4))
    tile.initialise(np.array([[1.5, 0.1, 0, -0.3]], np.float32))
    found = {loss.what: (loss.count, loss.of) for loss in tile.lost()}
    assert found["initial-weights-clipped"] == (1, 4)
    assert found["initial-weights-rounded-to-zero"] == (1, 3)
    assert "initial-weights-clipped" not in {loss.what for loss in tile.lost()}


def test_training_is_that_of_levels_by_another_name():
    """A factor of four is what levels four times as large are, bit for bit; its products are charged."""
    powers = {0: GIVEN[0] * 0, 1: np.clip(GIVEN[1], -4, 4)}
    powers[0][0, 0], powers[1][0, 0] = 4, 4
    data = made.digits(6, 3, train=12, test=4)
    phases = [(hidden_made.phase("first", epochs=2), data)]
    by_factor = chip(Scale(by="largest"))
    wide = attrs.evolve(
        by_factor, synapse=attrs.evolve(levels_made.PAIR, levels=tuple(4 * one for one in LEVELS))
    )
    runs = [
        hidden_made.trained(spec, network(), phases, given=powers, rate=0.5) for spec in (by_factor, wide)
    ]
    assert [matrix.factor for matrix in runs[0].rule.matrices] == [4, 4]
    one, other = (run.rule.learner.state.weights(1) for run in runs)
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, powers[1])
    products = [run.ledger.by_action().get("scale") for run in runs]
    # Of 24 samples the sums of both layers, 4 and 3, each multiplied once; no error passes the frozen one.
    assert products[1] is None
    assert products[0].count == 24 * 7
    assert products[0].energy_aj > 0


def test_a_layer_without_given_weights():
    """Nothing says how large its weights will be."""
    told = fails(prepare, "multilevel-transfer", "mnist-5k-transfer", sets=["synapse.scale={by: largest}"])
    assert (
        "synapse.scale: is chosen by the weights that a layer is given, and nothing gives those of layer 1 of "
        "'mnist-5k-transfer'; name them for network.weights, or leave scale out"
    ) in told


def test_a_way_to_scale_that_there_is_not():
    """Told with those that there are."""
    told = fails(
        prepare,
        "multilevel-transfer",
        load_workload("mnist-5k-transfer"),
        sets=["synapse.scale={by: larges}"],
    )
    assert (
        "synapse.scale.by: unknown value 'larges'; known: largest, deviations, least-squares; did you mean 'largest'?"
        in told
    )
