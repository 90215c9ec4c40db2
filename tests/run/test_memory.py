"""What a run holds in memory: images once, as the bytes they are, and no more programs than fit beside them."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np

import chipsim
from chipsim.data import from_arrays
from chipsim.run.execute import Executor
from tests.run.test_execute import small

MINE = ("network.layers=[784, 10]", "phases.0.dataset={name: mine}", "batch=100")
SAMPLES, TESTS = 30_000, 5_000


def images_of(samples):
    """Bytes (samples, 784), most of them zero, and their classes."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, samples)
    images = np.zeros((samples, 784), np.uint8)
    images[np.arange(samples), 70 * labels] = 255
    return images, labels


def test_images_are_held_once_and_as_bytes():
    """As single-precision numbers they would take four times as much, and twice as much copied in an order."""
    data = from_arrays("mine", train=images_of(SAMPLES), test=images_of(TESTS))
    how = {"sets": MINE, "epochs": 1}
    # Kernels are loaded and modules imported once, whatever the size.
    few = from_arrays("mine", train=images_of(300), test=images_of(300))
    chipsim.simulate("digital-fp32", "mnist-5k", datasets={"mine": few}, **how)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = chipsim.simulate("digital-fp32", "mnist-5k", datasets={"mine": data}, **how)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert result.summary["train_samples"] == SAMPLES
    assert most - before < data.train_images.nbytes / 2


def test_memory_of_replay_comes_to_an_end():
    """Every step of a chip whose cells are programmed is a program of its own: most are forgotten in time."""
    chip = small()
    executor, held = Executor(chip), []
    tracemalloc.start()
    try:
        for number in range(8_001):
            executor.run(chip.buffer.read(8 + number))
            if number % 500 == 0:
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert executor.distinct == 8_001
    half = len(held) // 2
    assert max(held[half + 1 :]) < 1.3 * max(held[: half + 1])
