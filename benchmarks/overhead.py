"""What a run costs beside its training: many small ones in one process, and one that is a process of its own.

Each run trains a chip on 500 digits and saves its result, as a sweep does. What it took is split into
reading and building (`prepare`), training, what else `simulate` does, and saving. Run by hand.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import chipsim
from chipsim.result.files import claimed, save
from chipsim.run.training import Training

# `chipsim.run.simulate` is the function, and hides the module of its name.
SIMULATING: Any = import_module("chipsim.run.simulate")
ARCHITECTURES = ("hybrid-synapse", "digital-fp32")
SHORT = "phases.0.epochs=1"


class Clock:
    """Adds up the time that calls take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def of(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, timed."""

        def timed(*given: Any, **more: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*given, **more)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


def sweep(architecture: str, *, runs: int, samples: int, folder: Path) -> dict[str, float]:
    """Median seconds of each piece of a run, the first left out."""
    sets = [SHORT, f"phases.0.dataset.train={samples}"]
    rows = []
    for number in range(runs + 1):
        preparing, training = Clock(), Clock()
        originals = SIMULATING.prepare, Training.run_phase
        SIMULATING.prepare = preparing.of(originals[0])
        Training.run_phase = training.of(originals[1])  # type: ignore[method-assign]
        try:
            start = time.perf_counter()
            result = chipsim.simulate(
                architecture, "mnist-5k", sets=[*sets, f"learning_rate={0.1 + number / 1000}"]
            )
            simulated = time.perf_counter()
            with claimed(folder / f"{architecture}-{number}", overwrite=False) as place:
                save(result, place)
            saved = time.perf_counter()
        finally:
            SIMULATING.prepare, Training.run_phase = originals  # type: ignore[method-assign]
        rest = simulated - start - preparing.seconds - training.seconds
        rows.append((preparing.seconds, training.seconds, rest, saved - simulated))
    # The first run loads kernels and the dataset.
    medians = np.median(np.array(rows[1:]), axis=0).tolist()
    return dict(zip(("prepare", "train", "collect", "save"), medians, strict=True))


def process(architecture: str, *, samples: int, folder: Path) -> float:
    """Seconds of one ``chipsim run``, kernels from the cache."""
    command = [sys.executable, "-m", "chipsim", "run", architecture, "mnist-5k", "--set", SHORT]
    command += ["--set", f"phases.0.dataset.train={samples}"]
    start = time.perf_counter()
    command += ["-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # ours
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print one line for each chip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--samples", type=int, default=500)
    given = parser.parse_args()
    for architecture in ARCHITECTURES:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            pieces = sweep(architecture, runs=given.runs, samples=given.samples, folder=folder)
            alone = [
                process(architecture, samples=given.samples, folder=folder / f"alone-{n}") for n in range(3)
            ]
        beside = sum(pieces.values()) - pieces["train"]
        listed = ", ".join(f"{name} {1e3 * seconds:.0f} ms" for name, seconds in pieces.items())
        print(f"{architecture:16} beside training {1e3 * beside:4.0f} ms a run: {listed}")
        print(f"{architecture:16} as a process of its own {min(alone):.2f} s")


if __name__ == "__main__":
    main()
