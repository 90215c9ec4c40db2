"""Small chips of level weights for tests, and training on them, with the prices of :mod:`tests.made`."""

from __future__ import annotations

import attrs
import numpy as np

from chipsim.chip.building import build
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.net.figures import Figures
from chipsim.net.network import Network
from chipsim.net.placing import place
from chipsim.parts.level_change import LevelChange
from chipsim.run.execute import Executor
from chipsim.run.training import Training
from chipsim.spec.chip import DigitalUnitSpec
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import (
    DatasetSpec,
    NetworkSpec,
    NormalisationSpec,
    PhaseSpec,
    WorkloadSpec,
)
from chipsim.update.reprogram import Reprogram
from tests import levels_made, made

__all__ = ["BANKS", "PER_TASK", "SELECTOR_LANES", "begun", "chip", "hidden_on", "network", "phase", "trained"]

BANKS, SELECTOR_LANES = 2, 3
PER_TASK = NormalisationSpec(state="per-task")


def chip(*, rule=None, memory=None, writer="serial", verify=None, spread=0.0, **changes):
    """A chip whose weights are pairs of multilevel cells, with ideal converters unless a tile is given."""
    fields = {
        "synapse": levels_made.PAIR,
        "device": levels_made.device(spread=spread),
        "update": Reprogram(writer=writer, verify=verify),
        "selector": LevelChange(lanes=SELECTOR_LANES, typical_share=0.25),
        "memory": memory or MemorySpec(banks=BANKS, width=made.WIDTH),
        "rule": rule or HiddenWeights(),
        "digital": DigitalUnitSpec(lanes=made.LANES, arithmetic="float-32"),
    }
    return made.chip(**(fields | changes))


def network(layers, **changes):
    """A network of rectified units with a softmax, normalised unless the changes say otherwise."""
    fields = {
        "layers": tuple(layers), "activation": "relu", "loss": "cross-entropy", "bias": False,
        "normalisation": PER_TASK,
    }  # fmt: skip
    return NetworkSpec(**(fields | changes))


def phase(name="first", *, epochs=1, **more):
    """A phase of training; its dataset is given when it is run."""
    return PhaseSpec(name=name, dataset=DatasetSpec(name="faces"), epochs=epochs, **more)


def hidden_on(spec, net, *, seed=1, rate=0.1, tasks=3, costs=made.COSTS, given=None):
    """A rule with a network placed on a chip whose memory has room for some tasks; no seed for timing only."""
    workload = WorkloadSpec(
        name="w", about="w", network=net, learning_rate=rate, batch=4,
        phases=tuple(phase(f"task{number}") for number in range(tasks)),
    )  # fmt: skip
    placement = place(net, spec)
    built = build(
        spec,
        costs,
        shapes=placement.tile_shapes,
        groups=placement.tile_groups,
        seed=seed,
        memory_bits=spec.rule.memory_bits(spec, workload),
    )
    matrices, figures = placement.matrices(built, given or {}), Figures(built, net)
    learner = spec.rule.learner(spec, workload, chip=built, matrices=matrices, figures=figures)
    return Network(built, matrices, network=net, figures=figures, learner=learner)


def begun(spec, net, *, task="first", seed=1, m=None, **how):
    """A rule with initial weights, in the first phase."""
    rule = hidden_on(spec, net, seed=seed, **how)
    rule.begin(seed=seed)
    rule.begin_phase(phase(task, rule={} if m is None else {"metaplasticity": m}))
    return rule


@attrs.frozen(kw_only=True)
class Trained:
    """A training that has run, with what it ran on."""

    rule: Network
    executor: Executor
    training: Training

    @property
    def ledger(self):
        """Everything charged."""
        return self.training.ledger()

    @property
    def hidden(self):
        """Hidden weights of all layers."""
        return [self.rule.learner.state.weights(index) for index in range(len(self.rule.matrices))]


def trained(spec, net, phases, *, batch=4, seed=1, replay=True, **how):
    """A training through phases, each given with its dataset."""
    rule = hidden_on(spec, net, seed=seed, **how)
    executor = Executor(rule.chip, replay=replay)
    training = Training(rule, executor, seed=seed)
    training.begin(seed=seed)
    for one, data in phases:
        training.run_phase(one, data, batch=batch, epochs=sum(each.epochs for each, _ in phases))
    assert np.isfinite([row.loss for row in training.epochs]).all()
    return Trained(rule=rule, executor=executor, training=training)
