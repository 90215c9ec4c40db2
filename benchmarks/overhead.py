"""What a run costs beside its training: many small ones in one process, and one that is a process of its own.

Each run trains a chip on 500 digits and saves its result, as a sweep does. What it took is split into
reading and building (`prepare`), training, what else `simulate` does, and saving. Then whole workloads are
trained, and the share of the processor's time is told that keeping the programs takes. Run by hand.
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
from chipsim.run.keeping import Keeping
from chipsim.run.training import Training

# `chipsim.run.simulate` is the function, and hides the module of its name.
SIMULATING: Any = import_module("chipsim.run.simulate")
ARCHITECTURES = ("hybrid-synapse", "digital-fp32")
SHORT = "phases.0.epochs=1"
KEPT = ("plain-qnn", "metaplastic-qnn", "digital-adam")
"""Chips of which each step is a program of its own; of others, steps that are alike are kept together."""
KEPT_WORKLOAD = "mnist-5k-permuted"


class Clock:
    """Adds up the time that calls take; of one within another only the outer counts.

    Parameters
    ----------
    now
        What time it is, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self.seconds = 0.0
        self._now = now
        self._running = False

    def of(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, timed."""

        def timed(*given: Any, **more: Any) -> Any:
            if self._running:
                return call(*given, **more)
            self._running, start = True, self._now()
            try:
                return call(*given, **more)
            finally:
                self._running = False
                self.seconds += self._now() - start

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


def keeping_percent(architecture: str, *, turns: int) -> float:
    """Share of a run that keeping its programs takes, in percent: the median of some runs."""
    methods = ("add", "add_alike", "close", "programs")
    originals = {name: getattr(Keeping, name) for name in methods}
    shares = []
    for _ in range(turns):
        # Time of the processor, for a machine that does other things too would hide so small a share.
        keeping, whole = Clock(time.process_time), Clock(time.process_time)
        for name, method in originals.items():
            setattr(Keeping, name, keeping.of(method))
        try:
            whole.of(chipsim.simulate)(architecture, KEPT_WORKLOAD)
        finally:
            for name, method in originals.items():
                setattr(Keeping, name, method)
        shares.append(100 * keeping.seconds / whole.seconds)
    return float(np.median(shares))


def main() -> None:
    """Measure, and print the lines of each chip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--turns", type=int, default=3, help="runs of which programs are kept")
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
    for architecture in KEPT:
        share = keeping_percent(architecture, turns=given.turns)
        print(f"{architecture:16} keeping programs takes {share:.2f} % of a run on {KEPT_WORKLOAD}")


if __name__ == "__main__":
    main()
