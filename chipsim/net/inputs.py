"""What a network begins with: pixels as inputs, and the first weights."""

from __future__ import annotations

import numpy as np

from chipsim.device.randomness import generator
from chipsim.device.types import Floats, kernel
from chipsim.spec.workload import NetworkSpec

__all__ = ["initial_weights", "prepare_inputs"]


@kernel
def prepare_inputs(images: np.ndarray, out: Floats) -> None:
    """Pixels 0 to 255 as inputs 0 to 1 into the first columns of `out` (batch, features)."""
    for b in range(images.shape[0]):
        for i in range(images.shape[1]):
            out[b, i] = np.float32(images[b, i]) / np.float32(255)


def initial_weights(network: NetworkSpec, *, seed: int) -> list[Floats]:
    """Gaussian weights of each layer (inputs + bias, outputs), the same for every chip at one seed."""
    rng = generator(seed, "network")
    return [
        (network.initial_weights * rng.standard_normal((stage.rows, stage.columns))).astype(np.float32)
        for stage in network.stages
    ]
