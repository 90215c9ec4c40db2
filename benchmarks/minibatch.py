"""Milliseconds a mini-batch of 100 for 784-512-512-10 with hidden weights: what the chip's books cost.

Every line trains on the same embedded digits; the fastest of several turns counts, for whatever else the
machine does can only slow a turn down. Run by ``make bench``.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import time
from collections.abc import Callable

# One core for numpy too: its matrix products would otherwise take all there are.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from chipsim.data import Dataset, load
from chipsim.run.execute import Executor
from chipsim.run.simulate import prepare
from chipsim.run.training import Training

BATCH = 100
LAYERS = (784, 512, 512, 10)
SETS = (f"network.layers={list(LAYERS)}",)

Loop = Callable[[Dataset], None]
"""Trains once on a dataset's training samples."""


def chip_loop(*, phase: int, timing: bool = True) -> Loop:
    """Training of the metaplastic chip in one of its phases, with event simulation and ledger or without."""
    setup = prepare("metaplastic-qnn", "mnist-5k-permuted", epochs=1, sets=SETS)
    executor = Executor(setup.chip) if timing else None
    training = Training(setup.rule, executor, seed=0)
    training.begin(seed=0)
    phases = setup.workload.spec.phases
    for earlier in phases[: phase + 1]:
        training.run_phase(earlier, load("mnist-5k", test=1), batch=BATCH, epochs=1)
    return lambda data: training.run_phase(phases[phase], data, batch=BATCH, epochs=1)


def numpy_loop() -> Loop:
    """The same network, batch normalisation and Adam in plain numpy, as anybody would write them."""
    random = np.random.default_rng(0)
    pairs = itertools.pairwise(LAYERS)
    weights = [random.uniform(-1, 1, pair).astype(np.float32) for pair in pairs]
    values = [
        *weights,
        *(np.ones(n, np.float32) for n in LAYERS[1:]),
        *(np.zeros(n, np.float32) for n in LAYERS[1:]),
    ]
    moments = [(np.zeros_like(value), np.zeros_like(value)) for value in values]
    rate, targets = np.float32(0.02), np.eye(10, dtype=np.float32)
    count = 0

    def adam(index: int, gradient: np.ndarray) -> None:
        first, second = moments[index]
        first += np.float32(0.1) * (gradient - first)
        second += np.float32(0.001) * (gradient * gradient - second)
        up, down = np.float32(1 - 0.9**count), np.float32(1 - 0.999**count)
        values[index] -= rate / up * first / (np.sqrt(second / down) + np.float32(1e-8))

    def train(data: Dataset) -> None:
        nonlocal count
        for start in range(0, len(data.train_labels), BATCH):
            count += 1
            x = data.train_images[start : start + BATCH].astype(np.float32) / 255
            inputs, units, spreads = [x], [], []
            for layer in range(3):
                z = inputs[-1] @ values[layer]
                spreads.append(1 / np.sqrt(z.var(0) + np.float32(1e-5)))
                units.append((z - z.mean(0)) * spreads[-1])
                y = units[-1] * values[3 + layer] + values[6 + layer]
                inputs.append(np.maximum(y, 0) if layer < 2 else y)
            shares = np.exp(inputs[-1] - inputs[-1].max(1, keepdims=True))
            d = shares / shares.sum(1, keepdims=True) - targets[data.train_labels[start : start + BATCH]]
            for layer in (2, 1, 0):
                d = d * (inputs[layer + 1] > 0) if layer < 2 else d
                scales, offsets = (d * units[layer]).mean(0), d.mean(0)
                d = values[3 + layer] * spreads[layer] * (d - offsets - units[layer] * scales)
                gradient = inputs[layer].T @ d / np.float32(BATCH)
                d = d @ values[layer].T if layer else d
                for index, slope in ((layer, gradient), (3 + layer, scales), (6 + layer, offsets)):
                    adam(index, slope)

    return train


def milliseconds(loop: Loop, *, samples: int, turns: int) -> float:
    """Milliseconds a mini-batch in the fastest turn."""
    data = load("mnist-5k", train=samples, test=1)
    loop(data)
    best = float("inf")
    for _ in range(turns):
        start = time.perf_counter()
        loop(data)
        best = min(best, time.perf_counter() - start)
    return 1e3 * best / (samples // BATCH)


def main() -> None:
    """Measure every loop and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=4_000, help="training samples a turn (at most 4000)")
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    loops: dict[str, Loop] = {
        "metaplastic-qnn, m = 0, ledger and replay": chip_loop(phase=0),
        "metaplastic-qnn, m = 0, no timing": chip_loop(phase=0, timing=False),
        "metaplastic-qnn, m = 3, ledger and replay": chip_loop(phase=1),
        "metaplastic-qnn, m = 3, no timing": chip_loop(phase=1, timing=False),
        "numpy, 32-bit floating point, Adam": numpy_loop(),
    }
    print(f"784-512-512-10, batches of {BATCH}, one core")
    for name, loop in loops.items():
        took = milliseconds(loop, samples=given.samples, turns=given.turns)
        print(f"{name:44}{took:8.2f} ms a mini-batch")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
