"""State saved and restored: training goes on from it as if nothing had come between, also on another chip built alike."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import NormalisationSpec
from chipsim.state import Owner, restore, state_of
from chipsim.synapse.digital import Digital
from chipsim.update.reprogram import Verify
from chipsim.update.update import Recentre
from tests import hidden_made, levels_made, made

LAYERS = (6, 5, 3)
NOISY = made.finite(states=20, step_variation=0.34, step_spread=0.1, range_spread=0.1)
REAL = made.crossbar(
    forward=made.one_pass(ideal=False, noise=0.5),
    backward=made.one_pass(ideal=False, scaling="maximum", noise=0.5),
)
TRAINS = made.update_by(
    "parallel-pulses", encoding="stochastic", slots=31, recentre=Recentre(every=3, headroom=0.0)
)
ROUNDED = made.update_by("row-by-row", encoding="stochastic", slots=31)
NORMALISED = NormalisationSpec(state="per-task")
HALF = MemorySpec(banks=2, width=made.WIDTH, weights="fixed-12", moments="bfloat-16", rounding="stochastic")
CHIPS = {
    "single": made.chip(device=NOISY, update=TRAINS, tile=REAL),
    "rows": made.chip(device=NOISY, update=ROUNDED),
    "hybrid": made.hybrid(device=NOISY, update=TRAINS, tile=REAL, threshold=1.0),
    "one cell": made.single(
        device=made.both_ways(
            states=20, step_variation=0.34, step_spread=0.1, range_spread=0.1, asymmetry=0.7
        ),
        update=made.update_by("parallel-pulses", encoding="stochastic", slots=31),
        tile=REAL,
    ),
    "digital": made.mac_chip(
        synapse=Digital(arithmetic="fixed-16", weight_range=1.0, sum_range=3.0, rounding="stochastic")
    ),
    "adam": made.adam_chip(),
}
LEVELS = {
    "levels": hidden_made.chip(rule=HiddenWeights(metaplasticity=2.0), memory=HALF, spread=0.5, tile=REAL),
    "cell": hidden_made.chip(
        synapse=levels_made.SINGLE,
        spread=0.5,
        verify=Verify(tolerance=0.1, tries=3),
        rule=HiddenWeights(optimiser="sgd"),
    ),
}


def network_on(name, *, seed, normalised=False):
    """A network with initial weights, in its first phase."""
    how = {"normalisation": NORMALISED} if normalised else {}
    if name in LEVELS:
        rule = hidden_made.hidden_on(
            LEVELS[name], hidden_made.network(LAYERS, **(how or {"normalisation": None})), seed=seed
        )
    else:
        rule = made.rule_on(CHIPS[name], LAYERS, seed=seed, **how)
    rule.begin(seed=seed)
    rule.begin_phase(hidden_made.phase("first"))
    return rule


def go(rule, batches):
    """Train on batches; what each step came to, and the chip afterwards."""
    said = []
    for number, (images, labels) in enumerate(batches):
        step = rule.step(images, labels)
        said.append((step.correct, step.loss, hash(step.program), repr(step.charges)))
        if number % 3 == 2:
            rule.end_epoch(accuracy=0.5 + number / 100)
    wear = [
        (w.pulses.tolist(), w.resets.tolist(), w.updates) for tile in rule.chip.tiles for w in tile.wear()
    ]
    weights = [matrix.weights().tolist() for matrix in rule.matrices]
    tested = rule.classify(batches[0][0], task="first").tolist()
    lost = [(loss.part, loss.what, loss.during, loss.count, loss.of) for loss in rule.chip.lost()]
    return said, wear, weights, tested, sorted(lost)


def batches(count=8, size=3):
    """Batches of random digits."""
    data = made.digits(6, 3, train=count * size)
    return [
        (data.train_images[at : at + size], data.train_labels[at : at + size])
        for at in range(0, count * size, size)
    ]


@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("name", [*CHIPS, *LEVELS])
def test_training_goes_on_from_a_state(name, normalised):
    """Weights, wear, draws, phases, moments, counts of losses: the second half of a training comes out the same again."""
    rule = network_on(name, seed=1, normalised=normalised)
    first, second = batches()[:4], batches()[4:]
    go(rule, first)
    state = rule.state()
    expected = go(rule, second)
    rule.restore(state)
    assert go(rule, second) == expected
    other = network_on(name, seed=9, normalised=normalised)
    assert go(other, second) != expected
    other.restore(state)
    assert go(other, second) == expected


def test_a_state_is_a_copy():
    """Nothing that happens later changes it."""
    rule = network_on("single", seed=1)
    state = rule.state()
    before = str(state["chip"]["tile0"]["carrier"]["pairs"][0]["cells"][0]["conductance"].tolist())
    go(rule, batches())
    assert str(state["chip"]["tile0"]["carrier"]["pairs"][0]["cells"][0]["conductance"].tolist()) == before


def test_a_state_is_plain():
    """Arrays, numbers, words and mappings of them: nothing that would have to be pickled."""

    def plain(value):
        if isinstance(value, np.ndarray):
            return value.tolist()
        raise TypeError(type(value))

    for name in (*CHIPS, *LEVELS):
        assert json.loads(json.dumps(network_on(name, seed=1).state(), default=plain))


class _Holder:
    """Has a part, or none."""

    remembers = ("part",)

    def __init__(self, part):
        self.part = part


@pytest.mark.parametrize("swapped", [False, True])
def test_a_part_that_only_one_has_is_refused(swapped):
    """The state of a part is put in the place of nothing no more than the other way round."""
    one, other = _Holder(_Holder(3)), _Holder(None)
    if swapped:
        one, other = other, one
    with pytest.raises(ValueError, match="_Holder: only one of the two has 'part'"):
        restore(one, state_of(other))


def test_a_state_of_another_chip_is_refused():
    """With the parts, or what a part remembers, by which they differ."""
    digital, single = network_on("digital", seed=1), network_on("single", seed=1)
    with pytest.raises(ValueError, match="MacTile: the state is of another part"):
        digital.restore(single.state())
    small = made.begun(made.mac_chip(), (6, 3))
    with pytest.raises(ValueError, match=r"^the state is of another chip; they differ in the parts tile1$"):
        small.restore(digital.state())


def test_an_owner_that_has_not_begun_has_less_to_remember():
    """Tiles without state, for timing only, have nothing."""
    timed = made.rule_on(CHIPS["single"], LAYERS, seed=None)
    tile = timed.chip.tiles[0]
    assert isinstance(tile, Owner)
    assert state_of(tile) == {"changes": {}}
    restore(tile, {"changes": {}})
