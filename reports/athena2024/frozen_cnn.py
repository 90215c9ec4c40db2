"""Train the convolutional layers that frozen-cnn keeps: on five classes of CIFAR-10, one network for each seed.

python reports/athena2024/frozen_cnn.py [SEEDS]

In floating point, by Adam, on automobiles, birds, deer, horses and ships: a few minutes each. Weights are kept in runs/athena2024/trained of the
folder at hand, by the names that scenario files have them; what is there is not trained again. CIFAR-10 is looked for where CHIPSIM_DATA says.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import chipsim
from chipsim.result.arrays import write_arrays

TRAINED: Final = Path("runs/athena2024/trained")
SEEDS: Final = 6
FROZEN: Final = ("layer1", "layer2")
"""What the two convolutional layers are called, in the file as in scenario files."""
LEARNING: Final = (
    "network.layers.1.frozen=false",
    "network.layers.3.frozen=false",
    "network.layers.5=5",
    "phases[*].dataset.classes=[1, 2, 4, 7, 8]",
    "phases[*].epochs=5",
    "batch=32",
)
"""What makes the training of all layers on other classes of the workload."""


def train(seed: int, file: Path) -> float:
    """Train one network, and keep its convolutional layers whole or not at all; gives its test accuracy in percent."""
    result = chipsim.simulate("digital-adam", "frozen-cnn", sets=LEARNING, seed=seed, keep_state=False)
    kept = {name: array for name, array in result.weights.items() if name.partition(".")[0] in FROZEN}
    part = file.with_suffix(".part")
    write_arrays(part, kept)
    part.replace(file)
    return result.epochs[-1].test_accuracy_percent


if __name__ == "__main__":
    TRAINED.mkdir(parents=True, exist_ok=True)
    for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS):
        file = TRAINED / f"frozen-cnn-seed-{seed}.npz"
        if not file.is_file():
            accuracy = train(seed, file)
            print(f"{file}: {accuracy:.2f} % of the test images right", flush=True)
