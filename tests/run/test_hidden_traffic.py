"""What a step with hidden weights takes: order, durations by hand, and bits that the memory moves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.parts.program import operations_of
from chipsim.run.execute import Executor, execute
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import WorkloadSpec
from tests import hidden_made, made

LAYERS = (3, 4, 2)
WEIGHTS = (12, 8)
PLAIN = {"normalisation": None}


def cycles(count, lanes):
    return math.ceil(count / lanes)


def step_of(spec, net, *, batch=4, seed=1):
    """A rule, and its first step."""
    rule = hidden_made.begun(spec, net, seed=seed)
    data = made.digits(LAYERS[0], LAYERS[-1])
    return rule, rule.step(data.train_images[:batch], data.train_labels[:batch])


def records(rule, program):
    """Everything that happens in a program, by part and action, in order of time."""
    found = {}
    for record in Executor(rule.chip).timeline(program):
        found.setdefault((record.part, record.action), []).append((record.start_ps, record.end_ps))
    return found


def test_gradient_update_and_comparison_take_cycles_of_their_lanes():
    """Batch 4 on 12 and 8 weights: two operations a sample and weight, then Adam's 14 and the move's 11."""
    rule, step = step_of(hidden_made.chip(), hidden_made.network(LAYERS, **PLAIN))
    log = records(rule, step.program)
    took = {
        action: [end - start for start, end in log["digital", action]] for action in ("gradient", "update")
    }
    # The last layer comes first.
    assert took["gradient"] == [cycles(2 * 4 * w, made.LANES) * made.CLOCK for w in (8, 12)]
    assert took["update"] == [cycles(25 * w, made.LANES) * made.CLOCK for w in (8, 12)]
    compared = [end - start for start, end in log["selector", "compare"]]
    assert compared == [cycles(w, hidden_made.SELECTOR_LANES) * made.CLOCK for w in (8, 12)]


def test_consolidation_costs_fourteen_more_operations_a_weight():
    """The share of a step, in the order in which it is found.

    Level looked up and subtracted; scaled and held under 1; place in the table scaled and rounded; two look-ups;
    fraction, difference, product and sum between them; signs compared, and the product.
    """
    spec = hidden_made.chip(rule=HiddenWeights(metaplasticity=3.0))
    rule, step = step_of(spec, hidden_made.network(LAYERS, **PLAIN))
    log = records(rule, step.program)
    took = [end - start for start, end in log["digital", "update"]]
    assert took == [cycles((25 + 2 + 2 + 2 + 2 + 4 + 2) * w, made.LANES) * made.CLOCK for w in (8, 12)]


@pytest.mark.parametrize(
    ("optimiser", "weights", "moments", "bits"),
    [
        ("adam", "float-32", "float-32", 96),
        ("adam", "fixed-8", "bfloat-16", 40),
        ("sgd", "fixed-16", "float-32", 16),
    ],
)
def test_memory_moves_all_hidden_state_once_in_and_once_out(optimiser, weights, moments, bits):
    """Bits a weight follow from the formats; banks side by side set the time of an access."""
    memory = MemorySpec(
        banks=hidden_made.BANKS, width=made.WIDTH, weights=weights, moments=moments, rounding="stochastic"
    )
    spec = hidden_made.chip(memory=memory, rule=HiddenWeights(optimiser=optimiser))
    rule, step = step_of(spec, hidden_made.network(LAYERS, **PLAIN))
    ledger = execute(rule.chip, step.program).ledger
    moved = {action: entry.bits for part, action, entry in ledger if part == "digital.memory"}
    assert moved == {"read": 20 * bits, "write": 20 * bits}
    log = records(rule, step.program)
    access = hidden_made.BANKS * made.WIDTH
    took = [end - start for start, end in log["digital.memory", "read"]]
    assert took == [cycles(w * bits, access) * made.SRAM for w in (8, 12)]


def test_memory_is_as_large_as_what_is_kept():
    """A memory of size auto is full when all tasks have been met, and not before."""
    net = hidden_made.network(LAYERS)
    rule = hidden_made.hidden_on(hidden_made.chip(), net, tasks=2)
    rule.begin(seed=1)
    rule.begin_phase(hidden_made.phase("one"))
    memory = rule.learner.memory
    # 20 weights of 3 numbers; 6 units of 4 figures and 4 moments a task.
    assert memory.used == 32 * (20 * 3 + 6 * 8)
    rule.begin_phase(hidden_made.phase("two"))
    assert memory.used == memory.size == 32 * (20 * 3 + 2 * 6 * 8)
    workload = WorkloadSpec(
        name="w", about="w", network=net, learning_rate=1.0,
        phases=(hidden_made.phase("one"), hidden_made.phase("two"), hidden_made.phase("three", task="one")),
    )  # fmt: skip
    spec = hidden_made.chip()
    assert spec.rule.memory_bits(spec, workload) == memory.size


def test_no_tile_is_read_while_it_is_written():
    """The next step's first read starts when the last cell is written: the chip drains between steps."""
    rule, step = step_of(hidden_made.chip(), hidden_made.network(LAYERS), batch=8)
    executor = Executor(rule.chip, trace=True)
    executor.run(step.program)
    executor.run(step.program)
    (program,) = executor.trace().programs
    reads = [r for r in program if r.part.endswith(".cells") and r.action in {"forward", "backward"}]
    writes = [r for r in program if r.part.endswith(".cells") and r.action == "program"]
    assert writes
    for write in writes:
        before = [r for r in reads if r.part == write.part]
        assert max(r.end_ps for r in before) <= write.start_ps
    assert max(w.end_ps for w in writes) <= executor.elapsed // 2


def test_layers_are_written_while_the_digital_unit_goes_on_with_the_one_before():
    """The last layer's cells are programmed while the first layer's inputs and errors leave the buffer."""
    rule, step = step_of(hidden_made.chip(), hidden_made.network(LAYERS), batch=8)
    log = records(rule, step.program)
    (start, end) = log["tile1.cells", "program"][0]
    assert log["selector", "compare"][0][1] <= start
    assert any(start < read[1] and read[0] < end for read in log["buffer", "read"])


def test_bits_sent_to_a_tile_are_those_of_its_changed_weights():
    """A place among 8 x 8 weights and one of nine levels: 3 + 3 + 4 bits each."""
    rule, step = step_of(hidden_made.chip(), hidden_made.network(LAYERS, **PLAIN), batch=8)
    before = [layer.weights() for layer in rule.matrices]
    data = made.digits(LAYERS[0], LAYERS[-1])
    step = rule.step(data.train_images[8:16], data.train_labels[8:16])
    changed = sum(
        int(np.count_nonzero(layer.weights() != old))
        for layer, old in zip(rule.matrices, before, strict=True)
    )
    sent = [
        op["bits"] for op in _transfers(step.program) if op.part == "digital" and op.target.startswith("tile")
    ]
    # Errors for backward passes go the same way: 2 values of 4 bits and a sign a sample.
    assert changed
    assert sum(bits for bits in sent if bits != 2 * 5) == 10 * changed


def _transfers(program):
    return [op for op, _ in operations_of(program) if op.target]


def test_normalisation_waits_for_the_whole_batch():
    """No sample enters the second layer before the last one has left the first."""
    rule, step = step_of(hidden_made.chip(), hidden_made.network(LAYERS), batch=4)
    log = records(rule, step.program)
    first, second = log["tile0.cells", "forward"], log["tile1.cells", "forward"]
    assert len(first) == len(second) == 4
    normalised = log["digital", "normalise"]
    assert first[-1][1] <= normalised[0][0]
    assert normalised[0][1] <= second[0][0]
    assert len(normalised) == 2


def test_inference_takes_one_sample_through_all_layers():
    """Running figures are read from the memory, and nothing is written there."""
    rule, _ = step_of(hidden_made.chip(), hidden_made.network(LAYERS))
    ledger = execute(rule.chip, rule.inference()).ledger
    entries = {(part, action): entry for part, action, entry in ledger}
    assert entries["digital.memory", "read"].bits == 4 * 32 * (4 + 2)
    assert ("digital.memory", "write") not in entries
    assert entries["tile0.cells", "forward"].count == 1


def test_sums_that_nobody_normalised_are_read_back_for_the_loss():
    """Four samples of two classes in four bits, on their way to the digital unit before the loss."""
    for net, reads in ((hidden_made.network(LAYERS), 0), (hidden_made.network(LAYERS, **PLAIN), 1)):
        _, step = step_of(hidden_made.chip(), net, batch=4)
        ops = [op for op, _ in operations_of(step.program)]
        loss = next(index for index, op in enumerate(ops) if op.action == "loss")
        fetched = [op for op in ops[loss - 2 : loss] if op.part == "buffer" and op["bits"] == 4 * 2 * 4]
        assert [op.action for op in fetched] == ["read", "transfer"] * reads
