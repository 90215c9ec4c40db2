"""What devices as they are measured cost: laws, drift, noise, wear and wires, beside the chip without them.

One network is trained on one chip in variants that differ in one thing, in turns in one process and one
thread. A ratio is of times of the same round; what is given is its median and range. Run by hand:
``python -m benchmarks.devices``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Mapping
from typing import Final

import attrs
import numpy as np

from benchmarks.cases import AT_ONCE, HYBRID, TRAINS
from benchmarks.loops import ALL, ChipLoop, Loop, TrainedChip
from benchmarks.machine import ONE_CORE
from chipsim.data import Dataset, load
from chipsim.errors import ChipsimWarning

__all__ = ["VARIANTS", "Cost", "costs"]

PLAIN: Final = "as it ships"
_PULSE: Final = "pulse_voltage: 2 V, pulse_width: 100 ns, area: 0.04 um2"
_RANGE: Final = "on_conductance: 20 uS, off_conductance: 2 uS"
_CURVED: Final = (
    f"states: 50, {_RANGE}, {_PULSE}, reset_voltage: 3 V, reset_width: 100 ns, step_variation: 0.34"
)
"""As the cells of the chips, which pulses raise and a reset empties."""
_LASTING: Final = "device.endurance=1000000000"
_SOME_WORN: Final = "device.endurance=100000"
"""With a spread of 500 %, of which one cell in a hundred stands a single pulse."""

VARIANTS: Final[Mapping[str, tuple[str, ...]]] = {
    PLAIN: (),
    "exponential-step": (f"device={{kind: exponential-step, decay_up: 25, {_CURVED}}}",),
    "exponential-step, log-normal": (
        f"device={{kind: exponential-step, decay_up: 25, variation_form: log-normal, {_CURVED}}}",
    ),
    "power-step": (f"device={{kind: power-step, gamma_up: 1.5, {_CURVED}}}",),
    "drift": ("device.drift={kind: power-law, exponent: 0.05, begins: 1 us}",),
    "read noise, white": ("device.read_noise={kind: white, share: 1 %}",),
    "read noise, 1/f": ("device.read_noise={kind: one-over-f, share: 1 %, longest: 20 s}",),
    "wear": (_LASTING, "device.wear={spread: 0.5}"),
    "wear, one in a hundred stuck": (_SOME_WORN, "device.wear={spread: 500 %}"),
    "wear, one in a hundred narrow": (_SOME_WORN, "device.wear={spread: 500 %, narrows: {upper: 0.1}}"),
    "wear, all narrow": ("device.endurance=1", "device.wear={narrows: {upper: 0.0001, lower: 0.0001}}"),
    "wires of 0.35 Ohm": ("tile.wires={row_resistance: 0.35 Ohm, column_resistance: 0.35 Ohm}",),
    "wires of 1 Ohm": ("tile.wires={row_resistance: 1 Ohm, column_resistance: 1 Ohm}",),
}
"""What is set on top of the chip, by the name of what it costs."""
_CHIPS: Final[Mapping[str, tuple[str, ...]]] = {
    "single-pair": (),
    "single-pair-trains": TRAINS,
    "hybrid-synapse": (*HYBRID, AT_ONCE),
}


@attrs.frozen(kw_only=True)
class Cost:
    """What one variant takes beside the chip as it ships."""

    name: str
    microseconds: float
    """A sample, in the fastest round."""
    ratios: tuple[float, ...]
    """Of times of the same round, over those of the chip as it ships."""
    pulses: float
    """A sample. A chip that learns less gives more, and takes longer for it."""


def costs(chip: str, *, names: tuple[str, ...], samples: int, rounds: int) -> list[Cost]:
    """Times of variants of a chip, in turns.

    Parameters
    ----------
    chip
        A shipped chip with pulsed pairs.
    names
        Variants; the chip as it ships is measured in any case.
    samples, rounds
        Samples of a turn, and turns of each variant.
    """
    wanted = (PLAIN, *(name for name in names if name != PLAIN))
    trained = {name: _trained(chip, VARIANTS[name]) for name in wanted}
    loops = {name: one.loop(ALL) for name, one in trained.items()}
    for loop in loops.values():
        # Kernels are compiled, and the first programs timed, before the clock starts.
        loop(load("mnist-5k", train=200, test=1))
    before = {name: one.pulses for name, one in trained.items()}
    digits = load("mnist-5k", train=samples, test=1)
    took: dict[str, list[float]] = {name: [] for name in wanted}
    for turn in range(rounds):
        # Another one begins each round, lest what runs first in a round be slower throughout.
        for name in np.roll(wanted, turn).tolist():
            took[name].append(_seconds(loops[name], digits))
    plain = np.array(took[PLAIN])
    return [
        Cost(
            name=name,
            microseconds=1e6 * min(all_of) / samples,
            ratios=tuple((np.array(all_of) / plain).tolist()),
            pulses=(trained[name].pulses - before[name]) / (samples * rounds),
        )
        for name, all_of in took.items()
    ]


def _trained(chip: str, sets: tuple[str, ...]) -> TrainedChip:
    architecture = chip.removesuffix("-trains")
    return TrainedChip(ChipLoop(architecture=architecture, sets=(*_CHIPS[chip], *sets)))


def _seconds(loop: Loop, digits: Dataset) -> float:
    start = time.perf_counter()
    loop(digits)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a line for each variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chip", choices=tuple(_CHIPS), default="single-pair")
    parser.add_argument("--only", action="append", choices=tuple(VARIANTS), default=[])
    parser.add_argument("--samples", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    warnings.simplefilter("ignore", ChipsimWarning)
    names = tuple(given.only) or tuple(VARIANTS)
    for cost in costs(given.chip, names=names, samples=given.samples, rounds=given.rounds):
        middle, least, most = np.median(cost.ratios), min(cost.ratios), max(cost.ratios)
        print(
            f"{cost.name:30} {cost.microseconds:7.1f} us a sample, {middle:.2f} times "
            f"({least:.2f} to {most:.2f}), {cost.pulses:.0f} pulses a sample"
        )


if __name__ == "__main__":
    # Libraries read it when they are imported: the process begins again with one thread.
    if any(os.environ.get(name) != count for name, count in ONE_CORE.items()):
        words = [sys.executable, "-m", "benchmarks.devices", *sys.argv[1:]]
        os.execve(sys.executable, words, {**os.environ, **ONE_CORE})  # noqa: S606  # ours
    main()
