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
    # Images are kept as they were given: as bytes they take a quarter of the memory.
    if images.dtype == np.uint8:
        _from_pixels(images, out)
    else:
        out[:, : images.shape[1]] = images


@kernel
def _from_pixels(images: NDArray[Any], out: Floats) -> None:
    # A quotient, as where bytes of a dataset become numbers: a product with the inverse rounds to other bits.
    most = np.float32(255)
    for b in range(images.shape[0]):
        for i in range(images.shape[1]):
            out[b, i] = np.float32(images[b, i]) / most


def initial_weights(network: NetworkSpec, *, seed: int) -> list[Floats]:
    """Gaussian weights of each layer (inputs + bias, outputs), the same for every chip at one seed."""
    # A generator that knows no chip: all chips begin with the same weights.
    rng = generator(seed, "network")
    weights = []
    for stage in network.stages:
        drawn = rng.standard_normal((stage.rows, stage.columns))
        weights.append((network.initial_weights * drawn).astype(np.float32))
    return weights


def first_weights(matrices: Sequence[Matrix[Any]], network: NetworkSpec, *, seed: int) -> list[Floats]:
    """Weights that each layer begins with: those that it is given, or else drawn ones."""
    # All are drawn, given or not, so that what one layer is given changes no other.
    drawn = initial_weights(network, seed=seed)
    return [own if one.given is None else one.given for one, own in zip(matrices, drawn, strict=True)]
