"""What a network begins with: pixels as inputs, and the first weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipsim.device.randomness import generator
from chipsim.device.types import Floats, kernel
from chipsim.net.matrix import Matrix
from chipsim.spec.workload import NetworkSpec

__all__ = ["first_weights", "initial_weights", "prepare_inputs"]


def prepare_inputs(images: NDArray[Any], out: Floats) -> None:
    """Images, as pixels 0 to 255 or as numbers, into the first columns of `out` (batch, features), 0 to 1."""
    if images.dtype == np.uint8:
        _from_pixels(images, out)
    else:
        out[:, : images.shape[1]] = images


@kernel
def _from_pixels(images: NDArray[Any], out: Floats) -> None:
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


def first_weights(matrices: Sequence[Matrix[Any]], network: NetworkSpec, *, seed: int) -> list[Floats]:
    """Weights that each layer begins with: those that it is given, or else drawn ones.

    All are drawn, given or not, so that what one layer is given changes no other.
    """
    drawn = initial_weights(network, seed=seed)
    return [own if one.given is None else one.given for one, own in zip(matrices, drawn, strict=True)]
