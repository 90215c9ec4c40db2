"""Mini-batches in place: bit for bit as a naive loop, what is lost, what a batch takes, and what is refused."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.device.gradual_reset import ResetStage
from chipsim.device.ideal import Ideal
from chipsim.parts.program import operations_of
from chipsim.run.execute import execute
from chipsim.spec import load_chip, load_workload, rules
from chipsim.spec.kinds import shipped_kind
from tests import made
from tests.learn.test_twins import LAYERS, ODD, assert_same
from tests.twins import Array, Crossbar, CrossbarTwin

F = np.float32
RULE = shipped_kind("rule", "mini-batch-sgd")()
EXACT = Ideal(states=4099, pulse_voltage=1.0, pulse_width=31, area=31, **ODD)


def by_batch(make=made.chip, *, kind="row-by-row", **changes):
    """A chip that learns by mini-batches."""
    update = made.update_by(kind=kind, encoding="deterministic", slots=63)
    return make(update=update, rule=RULE, **changes)


# --- the twin ---------------------------------------------------------------------------------------


class Lowered(Array):
    """Cells that begin at the top, each pulse of which takes a step, of the stage that it is in."""

    def __init__(self, name, shape, *, device, gain, seed):
        super().__init__(name, shape, device=device, gain=gain, seed=seed)
        self.high = float(F(F(self.low) + F(device.on_conductance - device.off_conductance)))
        self.cells[:] = self.high
        self.stages = [(stage.pulses, stage.range) for stage in device.stages] or [(1.0, 1.0)]

    def _factor(self, value):
        above = (value - self.low) / (self.high - self.low)
        edges = 1 - np.cumsum([reach for _, reach in self.stages])
        last = len(self.stages) - 1
        stage = next((k for k in range(last) if above > edges[k] + 1e-5), last)
        pulses, reach = self.stages[stage]
        return reach / pulses

    def pulse(self, counts):
        """Pulse after pulse."""
        for (i, j), count in sorted(counts.items()):
            now = float(self.cells[i, j])
            for _ in range(count):
                noise = 1 + self.variation * self.noise.next() if self.variation else 1.0
                now = min(max(now - float(self.step) * self._factor(now) * noise, self.low), self.high)
            self.cells[i, j] = F(now)
            self.pulses[i, j] += count


class LoweredCrossbar(Crossbar):
    """Pairs of such cells: a weight is raised by its minus cell."""

    array_of = Lowered

    def _apply(self, counts, pair):
        super()._apply({cell: -count for cell, count in counts.items()}, pair)


class BatchTwin(CrossbarTwin):
    """The gradient of a batch summed over vectors, and one number of pulses for each weight."""

    def learn(self, index, xs, ds, samples):
        layer = self.layers[index]
        step = F(layer.steps(0) * layer.unit)
        share = F(-self.rate / samples)
        xs = [layer._words(x, layer.tile.forward) for x in xs]
        ds = [layer._words(d, layer.tile.backward) for d in ds]
        counts = {}
        for i, j in np.ndindex(layer.rows, layer.columns):
            total = F(0)
            for x, d in zip(xs, ds, strict=True):
                total = F(total + F(x[i] * d[j]))
            count = round(float(F(F(total * share) / step)))
            if count:
                counts[i, j] = min(max(count, -63), 63)
        layer._apply(counts, 0)


class LoweredTwin(BatchTwin):
    """The same on pairs that pulses lower."""

    crossbar_of = LoweredCrossbar


def both(spec, twin, *, epochs=2, batch=5, **how):
    """The same training on a chip and by its twin."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    run = made.trained(spec, LAYERS, epochs=epochs, batch=batch, data=data, **how)
    mirror = twin(LAYERS, spec=spec, **how)
    mirror.train(data, epochs=epochs, batch=batch)
    assert_same(run, mirror)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("kind", ["row-by-row", "cell-by-cell"])
def test_pairs_that_pulses_raise(kind, batch, bias):
    """Exact cells, 72 samples with a remainder of the last batch."""
    both(by_batch(device=EXACT, kind=kind), BatchTwin, batch=batch, bias=bias, rate=2.0)


def test_pairs_that_pulses_lower():
    """In three stages, with noise of each pulse and real converters."""
    stages = tuple(ResetStage(pulses=pulses, range=range_) for pulses, range_ in THREE)
    device = made.lowered(states=400, stages=stages, step_variation=0.3, **ODD)
    tile = made.crossbar(
        forward=made.one_pass(ideal=False, reach=2.3),
        backward=made.one_pass(ideal=False, reach=1.1, scaling="maximum"),
    )
    both(by_batch(made.reset_pairs, device=device, tile=tile), LoweredTwin, epochs=3, rate=4.0)


THREE = ((0.25, 0.5), (0.5, 0.375), (0.25, 0.125))


# --- what a batch does ------------------------------------------------------------------------------


def a_step(x, d, *, rate=1.0, kind="row-by-row", shape=(2, 2)):
    """One layer of cells of 64 steps a weight; what it learns from these inputs and errors."""
    network = made.rule_on(by_batch(kind=kind), shape, rate=rate)
    learner = network.learner
    learnt = learner.learn(0, np.array(x, F), np.array(d, F))
    return network, learnt


def test_the_mean_gradient_of_a_batch():
    """Two samples: (1, 1/2) with (1/4, 0), (0, 1) with (0, -1/2); the mean is halved, and goes down."""
    network, _ = a_step([[1, 0.5], [0, 1]], [[0.25, 0], [0, -0.5]])
    assert network.chip.tiles[0].weights().tolist() == [[-0.125, 0], [-0.0625, 0.25]]


def test_what_is_lost():
    """Of 64 steps a weight: 1/256 asks for a quarter of a pulse, which is none; 2 ask for 128, of which 63 are given."""
    network, _ = a_step([[1, 0]], [[1 / 256, -2]])
    tile = network.chip.tiles[0]
    assert tile.weights().tolist() == [[0, 63 / 64], [0, 0]]
    found = {loss.what: (loss.count, loss.of) for loss in tile.lost()}
    assert found["crossings-rounded-to-zero"] == (1, 2)
    assert found["crossings-cut"] == (1, 2)
    assert found["pulses-cut"] == (65, 128)
    assert found["updates-without-pulses"] == (0, 1)


def test_a_batch_that_asks_for_nothing():
    """No pulse, nothing sent, and the tile rests."""
    network, learnt = a_step([[1, 0]], [[1 / 256, 0]])
    assert list(operations_of(learnt.tiles)) == []
    found = {loss.what: (loss.count, loss.of) for loss in network.chip.tiles[0].lost()}
    assert found["updates-without-pulses"] == (1, 1)


@pytest.mark.parametrize(
    ("kind", "slots"),
    [("row-by-row", 8 + 32), ("column-by-column", 32 + 16), ("cell-by-cell", 8 + 4 + 32 + 16)],
)
def test_a_serial_writer(kind, slots):
    """Rows of 8 and 4 pulses, and of 32 and 16: a row or a column at once, or one cell after another."""
    network, learnt = a_step([[0.125, 0.5]], [[-1, -0.5]], kind=kind)
    asked = np.rint(64 * network.chip.tiles[0].weights()).astype(int)
    assert asked.tolist() == [[8, 4], [32, 16]]
    (pulse,) = [op for op, _ in operations_of(learnt.tiles) if op.action == "pulse"]
    assert pulse["slots"] == slots
    assert execute(network.chip, pulse).elapsed == slots * made.SLOT


def test_the_arithmetic():
    """Four weights and three samples: twelve products and sums; of each weight a product and two comparisons."""
    _, learnt = a_step(np.ones((3, 2)), np.zeros((3, 2)))
    done = {op.action: dict(op.counts) for op, _ in operations_of(learnt.first) if op.part == "digital"}
    assert {k: v for k, v in done["gradient"].items() if v} == {"add": 12, "multiply": 12}
    assert {k: v for k, v in done["update"].items() if v} == {"multiply": 4, "compare": 8}


# --- in descriptions --------------------------------------------------------------------------------


def test_pulses_are_not_drawn():
    """Its own rounding is to nearest, and a description that says otherwise is refused."""
    spec = made.chip(update=made.update_by(kind="row-by-row", encoding="stochastic"), rule=RULE)
    (fault,) = rules.of_one(spec)
    assert fault.path == ("update", "encoding")
    assert fault.message == (
        "must be deterministic with the rule mini-batch-sgd, which rounds to the nearest pulse"
    )


def test_trains_do_not_count():
    """Pulses of all crossings at once cannot be counted one by one."""
    (fault,) = rules.of_one(attrs.evolve(made.chip(), rule=RULE))
    assert fault.path == ("rule", "kind")
    assert "needs updates by counted pulses" in fault.message
    assert "cell-by-cell, column-by-column or row-by-row" in fault.message


def test_a_batch_is_one_update():
    """A rate at which a sample of a batch would ask for no pulse, and the batch does."""
    sets = ["update.encoding=deterministic", "device.states=50"]
    task = load_workload("mnist-5k", sets=["batch=10", "learning_rate=0.1"]).spec
    chip = load_chip("single-pair-rowwise", sets=sets).spec
    assert "one sample asks for" in next(iter(chip.rule.warnings(chip, task)))
    assert not list(RULE.warnings(attrs.evolve(chip, rule=RULE), task))
