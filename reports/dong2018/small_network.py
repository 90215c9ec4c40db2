"""Train the small networks that scenario files map to cells: one for each number of kernels and each seed.

python reports/dong2018/small_network.py

In floating point, on all of MNIST: 20 seconds each and more on a busy machine. Weights are kept in runs/dong2018/trained of the folder at hand, by the
names that the scenario file has them; what is there is not trained again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import chipsim
from chipsim.result.arrays import write_arrays

TRAINED: Final = Path("runs/dong2018/trained")
SEEDS: Final = {4: 3, 10: 8, 20: 3, 40: 8}
"""How many trainings of each number of kernels the scenario files ask for."""


def train(kernels: int, seed: int, file: Path) -> float:
    """Train one network, and keep its weights whole or not at all; gives its test accuracy in percent."""
    layer = "network.layers[kind=convolution]"
    sets = [f"{layer}.kernels={kernels}", "phases[*].dataset={name: mnist}", "phases[*].epochs=2"]
    result = chipsim.simulate("digital-adam", "small-cnn", sets=sets, seed=seed, keep_state=False)
    part = file.with_suffix(".part")
    write_arrays(part, result.weights)
    part.replace(file)
    return result.epochs[-1].test_accuracy_percent


if __name__ == "__main__":
    TRAINED.mkdir(parents=True, exist_ok=True)
    for kernels, seeds in SEEDS.items():
        for seed in range(seeds):
            file = TRAINED / f"kernels-{kernels}-seed-{seed}.npz"
            if not file.is_file():
                accuracy = train(kernels, seed, file)
                print(f"{file}: {accuracy:.2f} % of the test images right", flush=True)
