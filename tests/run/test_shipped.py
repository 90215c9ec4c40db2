"""Every architecture that ships runs every workload that ships and that its learning rule knows."""

from __future__ import annotations

import pytest

from chipsim.result.agreement import check_agreement
from chipsim.run import prepare, simulate
from chipsim.spec import load_chip, load_workload, shipped_names
from tests.shipped import ONE_ARRAY, ONE_LAYER, taught

CONTINUAL = {"mnist-then-fashion", "mnist-5k-permuted"}
"""Workloads with normalisation, which only hidden weights know."""


def knows(architecture, workload):
    """Whether a chip's learning rule knows all that a workload asks for, and errors reach all that is to learn."""
    if workload in {"vgg16-imagenet", "frozen-cnn"}:
        # Nobody gives their weights: tests/run/test_timed_alone.py times the first, and test_frozen_cnn.py has the other.
        return False
    if architecture in ONE_ARRAY:
        return workload == "reduced-mnist"
    learning = [stage for stage in load_workload(workload).spec.network.stages if not stage.frozen]
    if architecture in ONE_LAYER and len(learning) > 1:
        return False
    return workload not in CONTINUAL or load_chip(architecture).spec.rule.kind == "hidden-weights"


def own_rate(architecture, workload):
    """Overrides with a rate at which Adam does not jump between 17 levels, as that of analog weights would."""
    fine = workload not in CONTINUAL and architecture in {"metaplastic-qnn", "plain-qnn"}
    return ["rule.learning_rate=0.02"] * fine


PAIRS = [
    (architecture, workload)
    for architecture in shipped_names("architectures")
    for workload in shipped_names("workloads")
    if knows(architecture, workload)
]
DIGITS = {"mnist", "mnist-5k"}
"""Datasets of the sizes of the embedded digits, of which a workload may make what it likes."""
# The full sets are large; the sizes of their images are those of the embedded digits.
FEW = ("phases.0.dataset={name: mnist-5k, train: 20, test: 20}",)


def few(workload, architecture="hybrid-synapse"):
    """Overrides that leave each phase twenty of the embedded digits, and the steps that these are.

    Where a workload trains features of other images, as many of a random layer; and on a chip that teaches one
    layer alone, that one.
    """
    phases = load_workload(workload).spec.phases
    # A batch of one sample has no variance to normalise by.
    batch = 5 if workload in CONTINUAL else 1
    steps = len(phases) * 20 // batch
    if {phase.dataset.name for phase in phases} <= DIGITS:
        part = {"name": "mnist-5k", "train": 20, "test": 20}
        sets = [f"phases[*].dataset.{key}={value}" for key, value in part.items()]
        # An epoch is a pass over these few, however often a workload asks to be tested.
        sets.append("phases[*].epoch_samples=null")
        layers = taught(architecture) if len(load_workload(workload).spec.network.stages) > 1 else []
        return [*sets, *layers, f"batch={batch}"], steps
    tasks = list(dict.fromkeys(phase.task_name for phase in phases))
    network = load_workload(workload).spec.network
    inputs = network.stages[0].inputs
    wide = f"random_layer: {inputs}, " if inputs != 784 else ""
    data = f"name: mnist-5k, train: 20, test: 20, {wide}permutation"
    sets = [
        f"phases.{index}.dataset={{{data}: {tasks.index(phase.task_name)}}}"
        for index, phase in enumerate(phases)
    ]
    layers = [f"network.layers=[{inputs}, 10]"] if wide else []
    layers = layers or (taught(architecture) if len(network.stages) > 1 else [])
    return [*sets, *layers, f"batch={batch}"], steps


def test_names_that_stay_ship():
    """Names that users and reports rely on."""
    assert {
        "hybrid-synapse", "single-pair", "single-pair-rowwise", "single-pair-cellwise", "digital-fp32",
    } <= set(shipped_names("architectures"))  # fmt: skip
    assert {"mnist-5k", "mnist", "reduced-mnist", "mnist-rows", "mnist-5k-rows", *CONTINUAL} <= set(
        shipped_names("workloads")
    )


@pytest.mark.parametrize(("architecture", "workload"), PAIRS)
def test_every_pair_loads_and_builds(architecture, workload):
    """As it is described, but for the rate of chips with fine levels."""
    setup = prepare(architecture, workload, sets=own_rate(architecture, workload))
    assert setup.chip.area > 0


@pytest.mark.parametrize(("architecture", "workload"), PAIRS)
def test_every_pair_runs(architecture, workload):
    """A few steps of every phase leave a complete result whose books agree."""
    sets, steps = few(workload, architecture)
    result = simulate(architecture, workload, epochs=1, sets=[*sets, *own_rate(architecture, workload)])
    assert result.summary["complete"]
    assert result.summary["steps"] == steps
    # Weights that begin at zero move most in the first step, and one cell after another is pulsed for it.
    most = steps // (20 if architecture in ONE_LAYER else 2)
    assert result.summary["simulated_time_ps"] > result.summary["first_step_time_ps"] * most
    assert sum(row.energy_aj for row in result.ledger) == result.summary["energy_aJ"] > 0
    assert sum(row.pulses for row in result.ledger) == result.summary["pulses"]
    assert {row.part for row in result.ledger} <= {node.name for node in result.graph.nodes}
    assert sum(node.area_nm2 for node in result.graph.nodes) / 10**12 == result.summary["area_mm2"]
    check_agreement(result)


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_architecture_is_timed_alone(architecture):
    """Without arithmetic: the same number of steps, no accuracy, no wear."""
    sets = [*FEW, *own_rate(architecture, "mnist-5k"), *taught(architecture)]
    result = simulate(architecture, "mnist-5k", epochs=1, sets=sets, timing_only=True)
    assert result.summary["steps"] == 20
    assert result.summary["test_accuracy_percent"] is None
    check_agreement(result)
    assert result.wear == ()
    assert result.summary["simulated_time_ps"] == 20 * result.summary["first_step_time_ps"]


@pytest.mark.parametrize("batch", [3, 20])
def test_batches(batch):
    """Twenty samples in batches of 3 are seven steps, in one batch one."""
    result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=[*FEW, f"batch={batch}"])
    assert result.summary["steps"] == -(-20 // batch)
