"""Training with hidden weights: twins to the last bit, what it leaves alone, and what it costs."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.device.randomness import generator
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import NormalisationSpec
from tests import hidden_made, levels_made, made
from tests.hidden_twin import HiddenTwin

LAYERS = (6, 5, 4, 3)
SHARED = NormalisationSpec(state="shared", output=False, momentum=0.25)


def both(*, rule, net, m_of_phases=(0.0, 3.0), epochs=2, batch=7, rate=0.1, **changes):
    """Two tasks trained on a chip and by its twin; everything has to agree bit for bit."""
    first, second = made.digits(LAYERS[0], LAYERS[-1]), made.digits(LAYERS[0], LAYERS[-1], seed=5)
    names = ("first", "second")
    phases = [
        (hidden_made.phase(name, epochs=epochs, rule={"metaplasticity": m}), data)
        for name, m, data in zip(names, m_of_phases, (first, second), strict=True)
    ]
    run = hidden_made.trained(
        hidden_made.chip(rule=rule, **changes), net, phases, batch=batch, rate=rate, seed=3
    )
    twin = HiddenTwin(LAYERS, levels=levels_made.PAIR.levels, rule=rule, network=net, rate=rate, seed=3)
    order = generator(3, "data")
    for name, m, data in zip(names, m_of_phases, (first, second), strict=True):
        twin.train(data, epochs=epochs, batch=batch, task=name, order=order, m=m)
    for index, hidden in enumerate(run.hidden):
        np.testing.assert_array_equal(hidden, np.array(twin.hidden[index]), err_msg=f"layer {index}")
        stored = run.rule.matrices[index].weights()
        levels = [[twin.weight(index, i, j) for j in range(hidden.shape[1])] for i in range(len(hidden))]
        np.testing.assert_array_equal(stored, levels, err_msg=f"levels of layer {index}")
    assert [row.train_accuracy_percent for row in run.training.epochs] == [100 * a for a in twin.accuracies]
    return run, twin


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
@pytest.mark.parametrize("m", [0.0, 3.0])
def test_hidden_weights_and_levels_are_those_of_a_naive_loop(optimiser, m):
    """Two tasks, each with a normalisation of its own, over 2 x 2 epochs of 24 samples in batches of 7."""
    rule = HiddenWeights(optimiser=optimiser, metaplasticity=3.0)
    rate = 0.1 if optimiser == "adam" else 1.0
    run, twin = both(rule=rule, net=hidden_made.network(LAYERS), m_of_phases=(0.0, m), rate=rate)
    assert twin.programmed > 20
    assert sum(worn.updates for tile in run.rule.chip.tiles for worn in tile.wear()) > 20


def test_hidden_weights_that_begin_next_to_zero_agree_with_the_twin():
    """Gaussians centred between zero, a level of 17, and the level on either side of it."""
    both(rule=HiddenWeights(initial="next-to-zero", metaplasticity=2.0), net=hidden_made.network(LAYERS))


@pytest.mark.parametrize(
    ("levels", "centres"),
    [((-1.0, 0.0, 1.0), {-0.5, 0.5}), ((-1.0, 1.0), {0.0}), ((-3.0, -1.0, 1.0, 3.0), {0.0})],
)
def test_first_hidden_weights_lie_next_to_zero(levels, centres):
    """Without spread they are the middles of the gaps around zero: two where zero is a level, else one."""
    rule = HiddenWeights(initial="next-to-zero", initial_spread=0.0)
    synapse = attrs.evolve(levels_made.PAIR, levels=levels)
    net = hidden_made.network(LAYERS)
    run = hidden_made.trained(hidden_made.chip(rule=rule, synapse=synapse), net, [], seed=3)
    drawn = np.concatenate([hidden.ravel() for hidden in run.hidden])
    assert set(drawn.tolist()) == centres


@pytest.mark.parametrize("normalisation", [None, SHARED])
@pytest.mark.parametrize("bias", [False, True])
def test_bias_and_other_normalisations_agree_with_the_twin_too(normalisation, bias):
    """Without normalisation, or with one set for both tasks that leaves the outputs alone."""
    net = hidden_made.network(LAYERS, bias=bias, normalisation=normalisation)
    both(rule=HiddenWeights(metaplasticity=2.0), net=net)


def test_splitting_layers_over_tiles_changes_no_level_where_sums_are_exact():
    """Levels are binary fractions here, but activations are not: tiles agree to a rounding, and levels do."""
    net, rule = hidden_made.network(LAYERS), HiddenWeights()
    data = made.digits(LAYERS[0], LAYERS[-1])
    whole, split = (
        hidden_made.trained(
            hidden_made.chip(rule=rule, tile=made.crossbar(*size)), net, [(hidden_made.phase(), data)]
        )
        for size in ((8, 8), (3, 2))
    )
    assert (len(whole.rule.chip.tiles), len(split.rule.chip.tiles)) == (3, 14)
    for ours, theirs in zip(whole.hidden, split.hidden, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_testing_leaves_training_alone():
    """Classifying in between changes neither weights nor normalisation nor what cells draw later."""
    data, net = made.digits(LAYERS[0], LAYERS[-1]), hidden_made.network(LAYERS)
    spec = hidden_made.chip(spread=0.1, tile=made.crossbar(forward=made.one_pass(ideal=False, noise=0.5)))
    runs = []
    for tested in (False, True):
        rule = hidden_made.begun(spec, net)
        for start in range(0, 24, 4):
            if tested:
                rule.classify(data.test_images, task="first")
            rule.step(data.train_images[start : start + 4], data.train_labels[start : start + 4])
        runs.append((rule.matrices[0].weights(), rule.figures.of(0, "first").copy()))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])


def test_normalisation_per_task_is_switched_and_a_shared_one_is_not():
    """Training a second task leaves the first one's normalisation as it was, unless they share it."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    for how, kept in ((hidden_made.PER_TASK, True), (NormalisationSpec(state="shared"), False)):
        rule = hidden_made.begun(hidden_made.chip(), hidden_made.network(LAYERS, normalisation=how))
        rule.step(data.train_images[:8], data.train_labels[:8])
        before = rule.figures.of(0, "first").copy()
        rule.begin_phase(hidden_made.phase("second"))
        rule.step(data.train_images[8:16], data.train_labels[8:16])
        assert np.array_equal(before, rule.figures.of(0, "first")) == kept


def test_levels_in_the_array_are_always_those_nearest_to_the_hidden_weights():
    """Nobody keeps a second copy: whatever the optimiser does, array and memory agree after each step."""
    rule = hidden_made.begun(hidden_made.chip(), hidden_made.network(LAYERS))
    data, levels = made.digits(LAYERS[0], LAYERS[-1]), np.array(levels_made.PAIR.levels)
    for start in range(0, 24, 6):
        rule.step(data.train_images[start : start + 6], data.train_labels[start : start + 6])
        for index, layer in enumerate(rule.matrices):
            hidden = rule.learner.state.weights(index).astype(np.float64)
            nearest = levels[np.abs(hidden[..., None] - levels).argmin(axis=-1)]
            np.testing.assert_array_equal(layer.weights(), nearest)


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
def test_fixed_point_hidden_weights_stay_on_their_grid(rounding):
    """Eight bits between the outer levels: whole multiples of 1 / 127, for both ways of rounding."""
    memory = MemorySpec(width=8, weights="fixed-8", rounding=rounding)
    rule = hidden_made.begun(hidden_made.chip(memory=memory), hidden_made.network(LAYERS))
    data = made.digits(LAYERS[0], LAYERS[-1])
    before = rule.learner.state.weights(0).copy()
    for start in range(0, 24, 4):
        rule.step(data.train_images[start : start + 4], data.train_labels[start : start + 4])
    counts = rule.learner.state.weights(0).astype(np.float64) * 127
    np.testing.assert_allclose(counts, np.rint(counts), atol=1e-4)
    assert (before != rule.learner.state.weights(0)).any()


def test_moments_of_sixteen_bits_keep_eight_bits_of_their_fraction():
    """A bfloat16 is the upper half of a single-precision number."""
    memory = MemorySpec(width=8, moments="bfloat-16")
    rule = hidden_made.begun(hidden_made.chip(memory=memory), hidden_made.network(LAYERS))
    data = made.digits(LAYERS[0], LAYERS[-1])
    rule.step(data.train_images[:8], data.train_labels[:8])
    for name in ("layer0.first", "layer0.second"):
        bits = rule.learner.memory[name].view(np.uint32)
        assert bits.any()
        assert not (bits & 0xFFFF).any()


def test_one_hidden_weight_resists_leaving_its_level_and_not_returning():
    """Taking m = 3, D = 0.25: a step of 0.01 away from a level at distance 0.05, and one back to it.

    M = 1 - tanh^2(2 * 3 / 0.25 * 0.05 - 3) = 1 - tanh^2(-1.8) = 0.10356: away moves 0.0010356, back 0.01.
    """
    spec = hidden_made.chip(rule=HiddenWeights(optimiser="sgd", metaplasticity=3.0))
    net = hidden_made.network((1, 1), normalisation=None, activation="logistic", loss="squared-error")
    for direction, expected in ((+1, 0.55 + 0.0010356), (-1, 0.55 - 0.01)):
        rule = hidden_made.begun(spec, net, rate=0.01)
        rule.learner.state.weights(0)[:] = 0.55
        rule.learner.state.update(0, np.ones((1, 1), np.float32), np.full((1, 1), -direction, np.float32))
        assert rule.learner.state.weights(0).item() == pytest.approx(expected, abs=2e-7)


def test_replay_changes_nothing():
    """Every step simulated event by event gives the same ledger, entry by entry."""
    data, net = made.digits(LAYERS[0], LAYERS[-1], train=10), hidden_made.network(LAYERS)
    phases = [
        (hidden_made.phase("first"), data),
        (hidden_made.phase("second", rule={"metaplasticity": 3}), data),
    ]
    fast, slow = (
        hidden_made.trained(hidden_made.chip(spread=0.05), net, phases, replay=replay)
        for replay in (True, False)
    )
    assert fast.ledger == slow.ledger
    assert fast.executor.elapsed == slow.executor.elapsed


def test_sets_in_the_ledger_are_those_in_the_cells():
    """Also with verification, whose retries are SETs like any others."""
    data, net = made.digits(LAYERS[0], LAYERS[-1]), hidden_made.network(LAYERS)
    run = hidden_made.trained(hidden_made.chip(spread=0.1), net, [(hidden_made.phase(), data)])
    worn = [worn for tile in run.rule.chip.tiles for worn in tile.wear()]
    assert run.ledger.total.pulses == sum(int(each.pulses.sum()) for each in worn)


@pytest.mark.parametrize("activation", ["sign", "logistic", "relu"])
@pytest.mark.parametrize("loss", ["cross-entropy", "squared-error"])
def test_every_activation_and_loss_learns(activation, loss):
    """Twenty epochs of faces that are easy to tell apart: far better than one in three."""
    net = hidden_made.network((9, 8, 3), activation=activation, loss=loss, inputs="minus-one-to-one")
    phases = [(hidden_made.phase(epochs=20), made.digits(9, 3, train=48))]
    run = hidden_made.trained(hidden_made.chip(), net, phases, rate=0.05)
    assert run.training.epochs[-1].train_accuracy_percent > 70


def test_timing_only_takes_what_a_step_with_as_many_changed_weights_takes():
    """A typical step whose selector expects no change equals a real one in which nothing changed."""
    selector = attrs.evolve(hidden_made.chip().selector, typical_share=0.0)
    spec = hidden_made.chip(selector=selector, rule=HiddenWeights(optimiser="sgd"))
    rule = hidden_made.begun(spec, hidden_made.network(LAYERS), rate=1e-12)
    data = made.digits(LAYERS[0], LAYERS[-1])
    step = rule.step(data.train_images[:5], data.train_labels[:5])
    untrained = hidden_made.hidden_on(spec, hidden_made.network(LAYERS), seed=None)
    assert step.program == untrained.typical_step(5)


def test_stochastic_rounding_follows_the_seed_of_the_run():
    """Two seeds round differently from the same weights and data, one seed twice does not."""
    memory = MemorySpec(width=8, weights="fixed-8", rounding="stochastic")
    hidden = []
    for seed in (1, 1, 2):
        rule = hidden_made.begun(hidden_made.chip(memory=memory), hidden_made.network(LAYERS), seed=seed)
        rule.learner.state.weights(0)[:] = 0.5
        rule.learner.state.update(0, np.ones((1, 6), np.float32), np.full((1, 5), 0.1, np.float32))
        hidden.append(rule.learner.state.weights(0).copy())
    np.testing.assert_array_equal(hidden[0], hidden[1])
    assert (hidden[0] != hidden[2]).any()


def test_normalisation_of_a_new_task_takes_first_steps_of_adam():
    """However many steps the first task took: a first step is the learning rate, up or down."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    rule = hidden_made.begun(hidden_made.chip(), hidden_made.network(LAYERS), rate=0.01)
    for _ in range(20):
        rule.step(data.train_images[:8], data.train_labels[:8])
    rule.begin_phase(hidden_made.phase("second"))
    before = rule.figures.of(1, "second")[:2].copy()
    rule.step(data.train_images[:8], data.train_labels[:8])
    moved = np.abs(rule.figures.of(1, "second")[:2] - before)
    np.testing.assert_allclose(moved[moved > 0], 0.01, rtol=1e-3)
    assert (moved > 0).any()


def test_second_moments_of_sixteen_bits_decay_when_rounded_at_random():
    """A thousandth a step is below the rounding of eight bits: to nearest it is lost, at random it is kept."""
    for rounding, low, high in (("nearest", 1.0, 1.0), ("stochastic", 0.55, 0.67)):
        memory = MemorySpec(width=8, weights="fixed-16", moments="bfloat-16", rounding=rounding)
        rule = hidden_made.begun(hidden_made.chip(memory=memory), hidden_made.network((6, 50, 3)))
        rule.learner.memory["layer0.second"][:] = 1.0
        for _ in range(500):
            rule.learner.state.update(0, np.zeros((1, 6), np.float32), np.zeros((1, 50), np.float32))
        # 0.999 to the 500th is 0.606; three hundred numbers are averaged.
        assert low <= rule.learner.memory["layer0.second"].mean() <= high
