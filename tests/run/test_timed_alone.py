"""Networks of which nobody gives weights or images: they are timed alone, and never trained."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from chipsim.data import load
from chipsim.data.fetching import fetch
from chipsim.errors import DataError, DescriptionError
from chipsim.net.by_layer import ByLayer
from chipsim.parts.program import Stream, operations_of
from chipsim.run import prepare, simulate
from chipsim.run.inference import inference_on
from chipsim.run.items import items_of
from chipsim.spec import load_workload

VGG = ("vgg16-chip", "vgg16-imagenet")
DATA = "phases.0.dataset={name: mnist-5k, train: 20, test: 10}"
SMALL = (
    ("network.layers=[[28, 28, 1], {kind: convolution, kernels: 5, size: 5, padding: 2, frozen: true}, {kind: max-pool, size: 2}, "
    "{kind: convolution, kernels: 7, size: 3, frozen: true}, {kind: dense, units: 30, frozen: true}, 10]"),
    DATA, "batch=4", "tile.rows=200", "tile.columns=32",
)  # fmt: skip


def test_vgg16_is_counted_right():
    """138 million weights, 15.5 thousand million products an image: the figures that are known of it."""
    setup = prepare(*VGG, seed=None)
    stages = setup.workload.spec.network.stages
    assert sum(stage.weights for stage in stages) == 138_357_544
    assert sum(stage.frozen for stage in stages) == 15
    products = sum(stage.patches * stage.columns * (stage.group_rows - 1) for stage in stages)
    assert products == 15_470_264_320


def test_vgg16_is_timed_in_seconds():
    """One image, and one batch of training of the last layer: each image takes as long as one alone."""
    began = time.process_time()
    result = simulate(*VGG, timing_only=True)
    took = time.process_time() - began
    summary = result.summary
    # The goal is 20 s of a quiet machine; kernels may have to be compiled first.
    assert took < 60
    assert summary["steps"] == 1
    assert summary["test_accuracy_percent"] is None
    alone = summary["inference_time_ps"]
    assert 64 * 0.98 * alone < summary["simulated_time_ps"] < 64 * 1.02 * alone
    # A product for each weight and place, and a bias for each sum.
    sums = sum(stage.units for stage in load_workload(VGG[1]).spec.network.stages)
    assert summary["inference_operations"] == 2 * (15_470_264_320 + sums)


MEMORY = """
import re
from pathlib import Path
from chipsim.run import simulate
simulate("vgg16-chip", "vgg16-imagenet", timing_only=True)
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="this system does not tell what a process takes"
)
def test_vgg16_is_timed_in_a_gigabyte():
    """In a process of its own, since that of tests has taken more before."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEMORY], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) < 1_000_000


def test_replay_comes_to_what_is_simulated_item_by_item():
    """On a network of the same kind that SimPy can carry out whole."""
    quick, slow = (
        simulate("vgg16-chip", "mnist-5k", sets=SMALL, epochs=1, timing_only=True, replay=replay)
        for replay in (True, False)
    )
    assert quick.summary["simulated_time_ps"] == slow.summary["simulated_time_ps"]
    assert quick.summary["energy_aJ"] == slow.summary["energy_aJ"]
    assert quick.ledger == slow.ledger


def test_frozen_layers_are_passed_by_one_sample_after_another():
    """A batch takes their program so many times over."""
    setup = prepare("vgg16-chip", "mnist-5k", sets=SMALL, seed=None)
    schedule = setup.rule.schedule
    assert isinstance(schedule, ByLayer)
    alone = items_of(setup.rule.frozen())
    streams = [item.count for item in alone if isinstance(item, Stream)]
    assert streams == [28 * 28, 12 * 12]
    items = items_of(setup.rule.typical_step(3))
    assert items[: 3 * len(alone)] == 3 * alone
    assert not [item for item in items[3 * len(alone) :] if isinstance(item, Stream) and item.count > 3]


@pytest.mark.parametrize("batch", [1, 4, 404])
def test_the_buffer_holds_one_sample_of_frozen_layers(batch):
    """By hand: 3,920 sums and the 980 maxima of these are the most; of a batch wait 30 features and 10 outputs."""
    setup = prepare(
        "vgg16-chip", "mnist-5k", sets=[*SMALL, f"batch={batch}", "phases.0.dataset.train=500"], seed=None
    )
    word = setup.architecture.spec.tile.word_bits(sums=True)
    kibibytes = -(-(batch * (30 + 10) + 3_920 + 980) * word // 8192)
    assert setup.chip.buffer.size == kibibytes * 8192


def test_training_needs_weights_and_images():
    """Each refused before anything is placed or read, by what is missing."""
    with pytest.raises(DescriptionError) as caught:
        simulate("vgg16-chip", "mnist-5k", sets=SMALL, epochs=1)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["network.layers.1.frozen", "network.layers.3.frozen", "network.layers.4.frozen"]
    assert "is frozen, and nothing gives its weights; name it, and give network.weights a file" in str(
        caught.value
    )
    learning = ["network.layers=[[224, 224, 3], {kind: convolution, kernels: 1, size: 224}, 1000]", "batch=1"]
    with pytest.raises(DataError, match="imagenet: only its sizes are known, for timing alone"):
        simulate("digital-fp32", "vgg16-imagenet", sets=learning, epochs=1)


def test_what_is_known_by_its_sizes_alone_is_neither_read_nor_fetched():
    """Said by name, with what it can be used for."""
    with pytest.raises(
        DataError, match=r"imagenet: only its sizes are known, for timing alone \(--timing-only\)"
    ):
        load("imagenet")
    with pytest.raises(
        DataError, match="imagenet: only its sizes are known, for timing alone; there is nothing to fetch"
    ):
        fetch("imagenet")


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            ["phases.0.dataset.train=2000000"],
            "must be at most 1281167, all that imagenet has to train on, not 2000000",
        ),
        (
            ["network.layers=[1000, 1000]"],
            "must begin with 150528, the pixels of an image of imagenet, not 1000",
        ),
    ],
)
def test_its_sizes_are_checked(sets, message):
    """Like those of any other dataset."""
    with pytest.raises(DescriptionError, match=message):
        simulate(*VGG, sets=sets, timing_only=True)


def test_long_samples_are_not_streamed_for_minutes():
    """The pace is not known then, and the busiest part says what it is at best."""
    setup = prepare(*VGG, seed=None)
    assert sum(times for _, times in operations_of(setup.rule.inference())) > 50_000
    found = inference_on(setup.chip, setup.rule)
    assert found.interval_ps is None
    assert found.samples_per_s is None
    part, busy = found.busiest
    assert part == "bus"
    assert 0.9 * found.latency_ps < busy < found.latency_ps
    assert found.tops_per_watt > 0
