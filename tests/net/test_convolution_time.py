"""What a convolution takes on a chip: patches stream through a pipeline, whose length is derived on paper."""

from __future__ import annotations

from math import ceil

import attrs
import pytest

from chipsim.chip.links import Links
from chipsim.layer.convolution import Convolution
from chipsim.layer.flatten import Flatten
from chipsim.layer.max_pool import MaxPool
from chipsim.parts.program import operations_of
from chipsim.run.execute import Executor, execute
from chipsim.spec.buffer import buffer_bits
from chipsim.spec.chip import BufferSpec
from chipsim.spec.workload import NormalisationSpec
from tests import made

LAYERS = ((6, 6, 1), Convolution(kernels=3, size=3), MaxPool(size=2), 3)
PATCHES = 4 * 4
LINKS = (
    *((part, f"tile{number}") for number in (0, 1) for part in ("buffer", "digital")),
    ("buffer", "digital"),
    ("digital", "selector"),
)


def network(**changes):
    """A small convolution on tiles that hold each layer, every two parts on a link of their own."""
    links = Links(width=made.WIDTH, clock=round(1e12 / made.CYCLE), length=1_000_000, links=LINKS)
    spec = made.chip(tile=made.crossbar(rows=16, columns=4), interconnect=links, **changes)
    return made.rule_on(spec, LAYERS, seed=None, activation="relu", loss="cross-entropy", bias=True)


def move(bits):
    """Over one link."""
    return made.HOP + ceil(bits / made.WIDTH) * made.CYCLE


def access(bits):
    """Of the buffer."""
    return ceil(bits / made.WIDTH) * made.SRAM


def lanes(count):
    """In the digital unit."""
    return ceil(count / made.LANES) * made.CLOCK


READING = made.DAC + made.READ + made.SAMPLE + made.ADC
"""Every line has converters of its own."""
WORD = made.BITS


def first_patch():
    """A window of nine and a bias, from the buffer through the tile; three rectified values back into it."""
    inputs, sums, values = 10 * WORD, 3 * WORD, 3 * WORD
    way = [access(inputs), move(inputs), READING, move(sums), lanes(3), move(values), access(values)]
    return sum(way), max(access(inputs), move(inputs), READING, access(values))


def test_patches_stream_through_the_tile():
    """The link to the tile is the slowest: 16 windows take its time 15 times more than the first one takes."""
    rule = network()
    fill, bottleneck = first_patch()
    assert bottleneck == move(10 * WORD) == 42 + 5 * 29
    pooled = [access(48 * WORD), move(48 * WORD), lanes(12 * 3), move(12 * WORD), access(12 * WORD)]
    dense = [access(13 * WORD), move(13 * WORD), READING, move(3 * WORD), lanes(2)]
    arrival = access(36 * WORD)
    expected = arrival + fill + (PATCHES - 1) * bottleneck + sum(pooled) + sum(dense)
    assert execute(rule.chip, rule.inference()).elapsed == expected


def test_a_step_carries_errors_back_through_the_pool_and_changes_the_tile_patch_by_patch():
    """Every operation of a step that trains on one sample, with how often it is done."""
    counted = {}
    for op, times in operations_of(network().typical_step(1)):
        key = (op.part, op.action, op.target)
        total = counted.setdefault(key, [0, 0])
        total[0] += times
        total[1] += times * sum(count for _, count in op.counts)
    assert counted["tile0", "forward", ""][0] == PATCHES
    assert counted["tile0", "update", ""][0] == PATCHES
    assert ("tile0", "backward", "") not in counted
    assert [counted["tile1", action, ""][0] for action in ("forward", "backward", "update")] == [1, 1, 1]
    # Twelve windows of four, three comparisons each; errors only go to their places.
    assert counted["digital", "pool", ""] == [1, 12 * 3]
    # A slope of each of 48 values, and the loss: the largest of three and each less it, their powers, one share.
    assert counted["digital", "error", ""] == [2, 48 + 2 + 2 * 3 + 4 + 3]
    assert counted["digital", "activation", ""] == [PATCHES, 48]
    patches = PATCHES * 10 * WORD
    words = {
        "patches there": patches, "patches again, with their errors": patches + PATCHES * 3 * (WORD + 1),
        "values to pool": 48 * WORD, "dense inputs, there and again": 2 * 13 * WORD,
        "winners": 12 * 2, "values for slopes": 48 * WORD,
    }  # fmt: skip
    assert counted["buffer", "read", ""][1] == sum(words.values())
    written = {
        "sample": 36 * WORD, "values": 48 * WORD, "pooled, and winners": 12 * WORD + 12 * 2,
        "errors of sums": 48 * (WORD + 1),
    }  # fmt: skip
    assert counted["buffer", "write", ""][1] == sum(written.values())


@pytest.mark.parametrize("batch", [1, 3])
def test_timing_alone_takes_as_long_as_training(batch):
    """Every sample is like every other where updates are parallel."""
    spec = made.chip(tile=made.crossbar(rows=16, columns=4))
    how = {"activation": "relu", "loss": "cross-entropy", "bias": True, "batch": batch}
    data = made.digits(36, 3, train=6)
    run = made.trained(spec, LAYERS, data=data, **how)
    timed = made.timed(spec, LAYERS, samples=6, **how)
    assert timed.executor.elapsed == run.executor.elapsed - execute(run.chip, _written(run)).elapsed


def _written(run):
    """The writing of initial weights, which timing alone leaves out."""
    return run.rule.begin(seed=1)[0]


def test_replay_is_exact():
    """A step that was timed before takes the same and costs the same."""
    spec, how = made.chip(tile=made.crossbar(rows=16, columns=4)), {"bias": True, "batch": 2}
    data = made.digits(36, 3, train=6)
    once, again = (made.trained(spec, LAYERS, data=data, replay=replay, **how) for replay in (True, False))
    assert once.executor.elapsed == again.executor.elapsed
    assert once.ledger == again.ledger
    assert isinstance(once.executor, Executor)


def test_flatten_costs_nothing():
    """It only says how values lie: no time, no traffic, no room in the buffer."""
    for given in ((36,), ((6, 6, 1), Convolution(kernels=3, size=3))):
        plain, flat = (*given, 4, 3), (*given, Flatten(), 4, 3)
        if len(given) == 1:
            plain, flat = (36, 5, 4, 3), (36, 5, Flatten(), 4, 3)
        for batch in (1, 3):
            steps = []
            for layers in (plain, flat):
                rule = made.rule_on(
                    made.mac_chip(rows=64), layers, seed=None, activation="relu", loss="cross-entropy"
                )
                steps.append(execute(rule.chip, rule.typical_step(batch)))
            assert (steps[0].elapsed, steps[0].ledger) == (steps[1].elapsed, steps[1].ledger)
            sizes = {
                buffer_bits(attrs.evolve(made.mac_chip(), buffer=BufferSpec(size="auto", width=8)), work)
                for work in (made.workload_of(plain), made.workload_of(flat))
            }
            assert len(sizes) == 1


def test_a_normalised_kernel_has_one_spread():
    """In inference, too: a root for each of three channels, not one at every place."""
    how = {
        "activation": "relu",
        "loss": "cross-entropy",
        "normalisation": NormalisationSpec(state="shared", output=False),
    }
    rule = made.rule_on(made.mac_chip(rows=64), LAYERS, seed=None, **how)
    counted = [
        (dict(op.counts), times) for op, times in operations_of(rule.inference()) if op.action == "normalise"
    ]
    assert counted == [({"add": 3, "function": 3}, 1), ({"add": 6, "multiply": 6, "compare": 3}, PATCHES)]
