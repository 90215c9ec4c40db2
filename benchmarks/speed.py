"""Training samples per second on the embedded digits, mini-batch 1: what timing and the ledger cost.

Every line trains 784-250-10 on the same digits; the fastest of several turns counts, for whatever else the
machine does can only slow a turn down. Run by ``make bench``.
"""

from __future__ import annotations

import argparse
import functools
import resource
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

import chipsim
from chipsim.data import Dataset, load
from chipsim.run.execute import Executor
from chipsim.run.simulate import prepare
from chipsim.run.training import Training

WARM_UP = 200
"""Samples before the clock starts: kernels are compiled, and the first programs timed."""

Loop = Callable[[Dataset], None]
"""Trains once on a dataset's training samples."""


SQUARED = ["network.loss=squared-error"]
"""The loss of numpy's loop."""
TRAINS = [
    *SQUARED,
    "update.encoding=stochastic",
    "synapse.weight_range=1",
    "tile.forward.adc.range=8",
    "tile.forward.adc.bits=8",
]
"""Pulses by coincidence of random trains, as other simulators give them, with the loss of numpy's loop.

What ships rounds, and gives few."""
HYBRID = [*TRAINS, "synapse.gain=10"]
NEVER, AT_ONCE = ["selector.threshold=-100 %"], ["selector.threshold=100 %"]
"""When a hybrid synapse leaves its coarse pair: never, or after the second epoch."""


def chip_loop(
    architecture: str, *, timing: bool = True, replay: bool = True, sets: Sequence[str] = ()
) -> Loop:
    """A chip's training, with its event simulation and ledger or without, after two epochs of it."""
    setup = prepare(architecture, "mnist-5k", epochs=1, sets=sets)
    (phase,) = setup.workload.spec.phases
    executor = Executor(setup.chip, replay=replay) if timing else None
    training = Training(setup.rule, executor, seed=0)
    training.begin(seed=0)
    for _ in range(2):
        training.run_phase(phase, load("mnist-5k", test=1), batch=1, epochs=1)
    return lambda data: training.run_phase(phase, data, batch=1, epochs=1)


def numpy_loop() -> Loop:
    """The same training in plain numpy, 32-bit floating point, as anybody would write it."""
    random = np.random.default_rng(0)
    first, second = (random.normal(0, 0.1, shape).astype(np.float32) for shape in ((785, 250), (251, 10)))
    targets = np.eye(10, dtype=np.float32)
    learning_rate = np.float32(0.1)

    def logistic(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    def train(data: Dataset) -> None:
        for image, label in zip(data.train_images, data.train_labels, strict=True):
            x = np.append(image.astype(np.float32) / 255, np.float32(1))
            h = np.append(logistic(x @ first), np.float32(1))
            y = logistic(h @ second)
            d = (targets[label] - y) * y * (1 - y)
            back = (second @ d * h * (1 - h))[:-1]
            second[...] += learning_rate * np.outer(h, d)
            first[...] += learning_rate * np.outer(x, back)

    return train


def rate(loop: Loop, *, samples: int, turns: int) -> float:
    """Samples per second of the fastest turn."""
    loop(load("mnist-5k", train=min(WARM_UP, samples), test=1))
    data = load("mnist-5k", train=samples, test=1)
    best = float("inf")
    for _ in range(turns):
        start = time.perf_counter()
        loop(data)
        best = min(best, time.perf_counter() - start)
    return samples / best


def main() -> None:
    """Measure every loop and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=4_000, help="training samples a turn (at most 4000)")
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    hybrid, turn = functools.partial(chip_loop, "hybrid-synapse"), given.samples
    coarse, fine = [*HYBRID, *NEVER], [*HYBRID, *AT_ONCE]
    loops: dict[str, tuple[Loop, int]] = {
        "hybrid coarse, ledger and replay": (hybrid(sets=coarse), turn),
        "hybrid coarse, no timing": (hybrid(sets=coarse, timing=False), turn),
        "hybrid fine, ledger and replay": (hybrid(sets=fine), turn),
        "hybrid fine, no timing": (hybrid(sets=fine, timing=False), turn),
        # A tenth of the samples: every one is simulated event by event.
        "hybrid coarse, ledger, no replay": (hybrid(sets=coarse, replay=False), turn // 10),
        "single-pair, ledger and replay": (chip_loop("single-pair", sets=TRAINS), turn),
        "hybrid coarse, as it ships": (hybrid(sets=NEVER), turn),
        "digital-fp32, ledger and replay": (chip_loop("digital-fp32", sets=SQUARED), turn),
        "numpy, 32-bit floating point": (numpy_loop(), turn),
    }
    python = sys.version.split()[0]
    print(f"chipsim {chipsim.__version__}, Python {python}, numpy {np.__version__}; 784-250-10, batch 1")
    rates = {}
    for name, (loop, samples) in loops.items():
        rates[name] = rate(loop, samples=samples, turns=given.turns)
        print(f"{name:36}{rates[name]:10,.0f} samples/s{1e6 / rates[name]:10,.0f} us a sample")
    values = list(rates.values())
    for name, with_timing, without in (("coarse", *values[:2]), ("fine", *values[2:4])):
        print(
            f"timing and ledger, {name}: {without / with_timing:.2f} times the time of training without them"
        )
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
