"""Networks on chips with groups of tiles: each layer on its own group, and matrices in roles of their own."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
import pytest

from chipsim.learn.cannot_learn import learning_warnings
from chipsim.learn.in_place import InPlace
from chipsim.learn.rule import Rule
from chipsim.net.inputs import first_weights
from chipsim.net.matrix import all_charges
from chipsim.net.placing import place
from chipsim.parts.program import parallel, series
from chipsim.spec.workload import NetworkSpec
from chipsim.synapse.single_pair import SinglePair
from tests import hidden_made, made
from tests.learn.test_convolution import EXACT, TILE, same
from tests.learn.test_frozen import GIVEN, LAYERS, NET, digits
from tests.twins import CrossbarTwin, DigitalTwin

F = np.float32


def pulsed(**changes):
    """A chip of exact cells, which many pulses move."""
    update = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=63)
    fields = {"device": EXACT, "update": update, "tile": TILE, "digital": made.unit("float-32")}
    return made.chip(**(fields | changes))


@pytest.mark.parametrize("groups", [([1], [2]), ([-2], [-1])])
def test_groups_that_are_alike_are_as_one(groups):
    """The same weights, from the same draws, and the same books, to the last attojoule."""
    chip = made.hybrid(device=made.finite(step_variation=0.3), threshold=1.0)
    first, second = groups
    several = made.grouped(chip, first=(chip, first), second=(chip, second))
    flat, grouped = (made.trained(spec, (7, 5, 3), epochs=3) for spec in (chip, several))
    for one, other in zip(flat.weights, grouped.weights, strict=True):
        assert np.array_equal(one, other)
    assert list(flat.ledger) == list(grouped.ledger)
    assert flat.training.switch_epoch == grouped.training.switch_epoch == 3


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("digital_first", [True, False])
def test_a_frozen_layer_on_tiles_of_another_kind(digital_first, batch):
    """Kernels in memory before a layer of cells, and kernels in cells before a layer in memory: as the twin."""
    net, data = NET | {"given": GIVEN}, digits()
    mac, cells = made.mac_chip(rows=40), pulsed()
    base = cells if digital_first else attrs.evolve(mac, device=None)
    kinds = (mac, cells) if digital_first else (cells, mac)
    spec = made.grouped(base, kernels=(kinds[0], "frozen"), head=(kinds[1], "learning"))
    numbers, conductances = DigitalTwin(LAYERS, **net), CrossbarTwin(LAYERS, spec=cells, **net)
    twin, other = (conductances, numbers) if digital_first else (numbers, conductances)
    twin.layers[0] = other.layers[0]
    run = made.trained(spec, LAYERS, epochs=2, batch=batch, data=data, **net)
    same(run, twin, batch=batch, data=data)
    names = [[block.tile.part().kind for block in matrix.blocks] for matrix in run.rule.matrices]
    assert set(names[0]) == {"mac" if digital_first else "tile"}
    assert set(names[1]) == set(names[2]) == {"tile" if digital_first else "mac"}


def test_hidden_weights_beside_a_frozen_layer_in_memory():
    """The frozen layer keeps its numbers, which need not be levels, and no hidden weights."""
    levels = hidden_made.chip(tile=TILE)
    mac = made.mac_chip(rows=40)
    spec = made.grouped(levels, kernels=(mac, "frozen"), head=(levels, "learning"))
    net = hidden_made.network(LAYERS, normalisation=None, bias=True, weights="x.npz")
    phases = [(hidden_made.phase("first", epochs=2), digits())]
    run = hidden_made.trained(spec, net, phases, batch=4, seed=3, given=GIVEN)
    memory = run.rule.chip.digital.memory
    assert [name for name in memory.names if name.startswith("layer0")] == []
    assert np.array_equal(run.rule.matrices[0].weights(), GIVEN[0])
    wanted = {float(level) for level in levels.synapse.levels}
    assert set(np.round(np.unique(run.rule.matrices[1].weights()), 6)) <= {round(one, 6) for one in wanted}


def test_tiles_are_as_large_as_their_group_has_them():
    """Seven rows in tiles of four, five in tiles of two; what a group has beyond these is idle."""
    wide, small = made.mac_chip(rows=4), made.mac_chip(rows=2, columns=2)
    small = attrs.evolve(small, tile=attrs.evolve(small.tile, count=7))
    spec = made.grouped(wide, first=(wide, [1]), second=(small, [2]))
    network = NetworkSpec(layers=(7, 5, 3), bias=False)
    placement = place(network, spec)
    assert placement.tile_shapes == [(4, 5), (3, 5), *[(2, 2), (2, 2), (1, 2), (2, 1), (2, 1), (1, 1)]]
    assert placement.tile_groups == ["first"] * 2 + ["second"] * 6
    rule = made.rule_on(spec, (7, 5, 3))
    assert [tile.name for tile in rule.chip.tiles] == [f"tile{index}" for index in range(8)]
    assert [part.name for part in rule.chip.idle] == ["tile8"]


# --- roles -------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Gathering(Rule):
    """Outer products are gathered in a matrix of their own, and given to the weights now and then."""

    kind: ClassVar[str] = "gathering"
    needs: ClassVar[frozenset[str]] = frozenset({"numbers"})
    roles: ClassVar[tuple[str, ...]] = ("weight", "gradient")
    every: int = 3

    def learner(self, spec, workload, *, chip, matrices, figures):
        """With the rate of the workload."""
        rate = self.highest_rate(workload)
        return Gathers(
            chip, matrices, network=workload.network, figures=figures, learning_rate=rate, every=self.every
        )


class Gathers(InPlace):
    """The same at work: in place, but on other tiles than those that samples pass."""

    def __init__(self, chip, matrices, *, every, **how):
        super().__init__(chip, [matrix.roles["gradient"] for matrix in matrices], **how)
        self.weights, self.gathered = tuple(matrices), self.matrices
        self.steps_between, self.steps = every, 0

    def begin(self, *, seed):
        """Drawn weights, and nothing gathered."""
        first = first_weights(self.weights, self.network, seed=seed)
        written = [matrix.initialise(one) for matrix, one in zip(self.weights, first, strict=True)]
        written += [matrix.initialise(np.zeros(matrix.shape, F)) for matrix in self.gathered]
        return series(program for program, _ in written), ()

    def end_step(self, samples):
        """Every few steps what was gathered moves the weights, and is forgotten."""
        self.steps += 1
        if self.steps % self.steps_between:
            return None, ()
        changes = []
        for weight, gathered in zip(self.weights, self.gathered, strict=True):
            for mine, others in zip(weight.blocks, gathered.blocks, strict=True):
                changes.append(mine.tile.subtract(-others.tile.weights().astype(F)))
                changes.append(others.tile.initialise(np.zeros(others.tile.shape, F)))
        return parallel(change.operation for change in changes), all_charges(changes)


@pytest.mark.parametrize("apart", [False, True])
def test_a_rule_may_have_two_matrices_for_a_layer(apart):
    """Both have tiles of their own, on one group or on two; updates wear the second, passes go through the first."""
    chip = made.mac_chip(rule=Gathering(every=1000))
    spec = chip
    if apart:
        small = made.mac_chip(rows=2)
        spec = made.grouped(chip, passed=(chip, "all", "weight"), gathered=(small, "all", "gradient"))
    run = made.trained(spec, (5, 3), data=made.digits(5, 3))
    (matrix,) = run.rule.matrices
    gathered = matrix.roles["gradient"]
    assert matrix.roles["weight"] is matrix
    assert len(gathered.blocks) == (3 if apart else 1)
    start = first_weights([matrix], made.network_of((5, 3)), seed=1)[0]
    assert np.array_equal(matrix.weights(), start)
    assert np.any(gathered.weights())
    updated = {part for part, action, _ in run.ledger if action == "update" and part.startswith("tile")}
    own = {block.tile.name for block in gathered.blocks}
    assert {part.partition(".")[0] for part in updated} == own


def test_what_was_gathered_moves_the_weights():
    """One step between gives what plain descent in place gives, but for the order of rounding: nothing else moves."""
    data = made.digits(5, 3)
    plain = made.trained(made.mac_chip(), (5, 3), data=data)
    gathering = made.trained(made.mac_chip(rule=Gathering(every=1)), (5, 3), data=data)
    assert not np.array_equal(
        plain.weights[0], first_weights(plain.rule.matrices, plain.rule.network, seed=1)[0]
    )
    np.testing.assert_allclose(gathering.weights[0], plain.weights[0], rtol=0, atol=1e-6)


def test_state_of_both_matrices_is_kept():
    """A network restored goes on as if nothing had come between."""
    data = made.digits(5, 3)
    run = made.trained(made.mac_chip(rule=Gathering(every=1000)), (5, 3), data=data)
    other = made.rule_on(made.mac_chip(rule=Gathering(every=1000)), (5, 3), seed=7)
    other.restore(run.rule.state())
    for role in ("weight", "gradient"):
        mine, theirs = run.rule.matrices[0].roles[role], other.matrices[0].roles[role]
        assert np.array_equal(mine.weights(), theirs.weights())


# --- what a selector decides -------------------------------------------------------------------------


def steered(fine_rate, *, hybrid_first=True, epochs=3):
    """A hybrid and a single pair, one layer each, that move to the fine pair after the second epoch."""
    hybrid = made.hybrid(device=made.finite(), threshold=1.0, fine_rate=fine_rate)
    single = made.chip(device=made.finite())
    first, second = (hybrid, single) if hybrid_first else (single, hybrid)
    spec = made.grouped(hybrid, first=(first, [1]), second=(second, [2]))
    return made.trained(spec, (7, 5, 3), epochs=epochs, rate=4.0)


def test_a_layer_without_a_fine_pair_learns_on_at_its_own_rate():
    """The factor of fine pairs is theirs; a fine pair that gets nothing leaves the other layer what it was."""
    plain, slow = (steered(rate).weights[1] for rate in (1.0, 0.999))
    assert np.array_equal(plain, slow)
    before, after = steered(1e-6, epochs=2).weights[1], steered(1e-6).weights[1]
    assert not np.array_equal(before, after)


@pytest.mark.parametrize("hybrid_first", [True, False])
def test_the_switch_shows_wherever_the_hybrid_stands(hybrid_first):
    """Target and switch are those of the layer that has pairs to choose from."""
    run = steered(1.0, hybrid_first=hybrid_first)
    assert [row.target for row in run.training.epochs] == ["coarse", "coarse", "fine"]
    assert run.training.switch_epoch == 3


def test_a_look_up_is_for_layers_with_something_to_choose_from():
    """One a sample, not one for each layer."""
    run = steered(1.0, epochs=1)
    (count,) = (entry.count for part, action, entry in run.ledger if (part, action) == ("selector", "select"))
    assert count == 24


# --- what is told before a run -----------------------------------------------------------------------


def told_of(*groups, layers=(7, 5, 3), **net):
    """What a chip of two groups, a layer each, is warned of."""
    first, second = groups
    spec = made.grouped(first, a=(first, [1]), b=(second, [2]))
    return learning_warnings(spec, made.workload_of(layers, **net))


def test_errors_come_through_weights_of_other_groups():
    """Small weights of a group say nothing of errors that come to it through large ones."""
    small = made.chip(device=made.finite(states=2), synapse=SinglePair(weight_range=0.1))
    large = made.chip(device=made.finite(states=64), synapse=SinglePair(weight_range=20.0))
    (alone,) = learning_warnings(small, made.workload_of((7, 5, 3), rate=0.05))
    assert "no weight of the pair can ever change" in alone
    assert not any(
        "group 'a'" in one and "can ever change" in one for one in told_of(small, large, rate=0.05)
    )


def reading(side, **changes):
    """A chip one of whose converters has another range."""
    passes = {name: made.one_pass(ideal=False) for name in ("forward", "backward")}
    passes[side] = made.one_pass(ideal=False, **changes)
    return made.chip(device=made.finite(), tile=made.crossbar(**passes))


@pytest.mark.parametrize(
    ("side", "group", "wanted"),
    [("forward", "a", True), ("forward", "b", True), ("backward", "a", False), ("backward", "b", True)],
)
def test_converters_are_judged_by_the_layers_that_they_read(side, group, wanted):
    """The second layer is read forwards and backwards, the first one forwards alone."""
    plain, wide = reading(side), reading(side, reach=1e6)
    told = told_of(*((wide, plain) if group == "a" else (plain, wide)))
    assert any(one.startswith(f"group '{group}': tile.{side}.adc.range") for one in told) is wanted
    other = "b" if group == "a" else "a"
    assert not any(one.startswith(f"group '{other}': tile.{side}.adc.range") for one in told)
