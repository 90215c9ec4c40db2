"""What Adam on digital weights asks of a chip: arithmetic, traffic and room, by hand; and what is refused."""

from __future__ import annotations

from collections import Counter

import pytest

from chipsim.errors import DescriptionError
from chipsim.parts.program import operations_of
from chipsim.spec import check_together, load_chip, load_costs, load_workload
from chipsim.spec.workload import NormalisationSpec
from tests import made

LAYERS, BATCH = (6, 5, 3), 4
WEIGHTS, UNITS = 6 * 5 + 5 * 3, 5 + 3
FLOAT = 32
NORMALISED = {
    "normalisation": NormalisationSpec(state="shared"),
    "activation": "relu",
    "loss": "cross-entropy",
}


def asked(program, part):
    """Counts of each action of a part, added up over a program."""
    found = {}
    for op, times in operations_of(program):
        if op.part == part and op.action != "transfer":
            counts = found.setdefault(op.action, Counter())
            for name, value in op.counts:
                counts[name] += times * value
    return {action: dict(counts) for action, counts in found.items()}


def step(**net):
    return made.rule_on(made.adam_chip(), LAYERS, seed=None, **net).typical_step(BATCH)


def test_arithmetic_of_a_step():
    """A product and a sum for each sample and weight; then Adam's 14 operations and the difference."""
    done = asked(step(), "digital")
    assert done["gradient"] == {"add": BATCH * WEIGHTS, "multiply": BATCH * WEIGHTS}
    assert done["update"] == {"add": (3 + 1) * WEIGHTS, "multiply": 9 * WEIGHTS, "function": 2 * WEIGHTS}


def test_scales_and_offsets_take_steps_too():
    """Two numbers of each normalised unit."""
    trained = WEIGHTS + 2 * UNITS
    assert asked(step(**NORMALISED), "digital")["update"] == {
        "add": 4 * trained, "multiply": 9 * trained, "function": 2 * trained,
    }  # fmt: skip


def test_moments_are_read_and_written_with_every_step():
    """Two of 32 bits for each weight; with a normalisation also for scale and offset, which lie beside them."""
    bits = 2 * FLOAT * WEIGHTS
    assert asked(step(), "digital.memory") == {"read": {"bits": bits}, "write": {"bits": bits}}
    figures = 4 * UNITS + (UNITS + 5)  # to normalise; scales back, and offsets where a slope asks
    states = bits + 2 * UNITS * 3 * FLOAT
    assert asked(step(**NORMALISED), "digital.memory") == {
        "read": {"bits": states + figures * FLOAT}, "write": {"bits": states + 2 * UNITS * FLOAT},
    }  # fmt: skip


def test_weights_come_from_the_tiles_and_go_back():
    """Each once a step, over the link; the gradient's operands come from the buffer."""
    program = step()
    assert {"read", "write"} < asked(program, "tile0").keys()
    moved = Counter()
    for op, times in operations_of(program):
        if op.action == "transfer":
            moved[op.part, op.target] += times * op["bits"]
    errors_back, sums = BATCH * FLOAT * 5, BATCH * FLOAT
    assert moved["digital", "tile0"] == FLOAT * 30
    assert moved["tile0", "digital"] == FLOAT * 30 + sums * 5
    assert moved["digital", "tile1"] == FLOAT * 15 + sums * 3
    assert moved["tile1", "digital"] == FLOAT * 15 + sums * 3 + errors_back


def test_tiles_charge_reading_and_writing_as_memory():
    """No product is made of weights that are only read or written."""
    run = made.trained(made.adam_chip(), LAYERS, batch=4, rate=0.01)
    steps, bits = run.training.steps, FLOAT * 30
    rows = {(part, action): entry for part, action, entry in run.ledger}
    assert rows["tile0.sram", "read"].bits == rows["tile0.sram", "write"].bits == steps * bits
    assert rows["tile0.sram", "read"].energy_aj == steps * bits * made.COSTS.sram.read
    assert rows["tile0.sram", "write"].energy_aj == steps * bits * made.COSTS.sram.write
    assert rows["tile0", "read"].energy_aj == rows["tile0", "write"].energy_aj == 0
    assert rows["tile0", "read"].busy_ps == steps * 6 * 2 * made.CLOCK  # 5 columns on 4 lanes


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["synapse.arithmetic=float-16"],
         "synapse.arithmetic: must be float-32, not 'float-16': Adam's steps are computed and added in single precision"),
        (["digital.arithmetic=fixed-16"],
         "digital.arithmetic: must be float-32, not 'fixed-16': Adam's steps are computed and added in single precision"),
        (["memory=null"], "missing key 'memory': digital-adam (rule) needs a memory of the digital unit"),
        (["memory.weights=fixed-16"],
         "memory.weights: nothing reads it: weights stand in the tiles, in the format of the synapse; leave weights out"),
        (["rule.beta1=1"], "rule.beta1: must be between 0 and 0.999999, not 1"),
    ],
)  # fmt: skip
def test_what_it_cannot_do_is_refused(sets, message):
    """Each at its own place."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("digital-adam", sets=sets)
    assert message in str(caught.value)


def test_a_memory_must_hold_its_moments():
    """For each weight, and for scales and offsets of each task, beside the four figures."""
    work = load_workload("mnist-5k-permuted")
    weights, units = 784 * 128 + 128 * 128 + 128 * 10, 128 + 128 + 10
    needed = 2 * FLOAT * (weights + 2 * 2 * units) + 2 * 4 * FLOAT * units
    costs = load_costs("cmos-32nm")
    check_together(load_chip("digital-adam", sets=[f"memory.size={needed} bit"]), costs, work)
    with pytest.raises(
        DescriptionError, match=r"memory.size: .* cannot hold Adam's moments for 'mnist-5k-permuted'"
    ):
        check_together(load_chip("digital-adam", sets=[f"memory.size={needed - 1} bit"]), costs, work)


def test_it_needs_digital_numbers():
    """Levels in resistive cells are not to be had by adding a step."""
    with pytest.raises(
        DescriptionError, match=r"digital-adam \(rule\) needs weights that are digital numbers"
    ):
        load_chip("metaplastic-qnn", sets=["rule={kind: digital-adam}"])
