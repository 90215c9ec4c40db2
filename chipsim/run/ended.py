"""What a chip ended with: weights by layer, and conductances by array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.net.network import Network
from chipsim.result.arrays import Arrays
from chipsim.spec.stages import Stage

__all__ = ["cells_of", "names_of", "weights_by_layer"]


def names_of(stages: Sequence[Stage]) -> list[str]:
    """What each layer of weights is called: its own name, or ``layer`` and its number, counted from 1."""
    named = {stage.layer.name for stage in stages}
    names = []
    for number, stage in enumerate(stages, start=1):
        usual = f"layer{number}"
        # A layer may be called like another's number.
        while usual in named:
            usual = f"{usual}_"
        names.append(stage.layer.name or usual)
    return names


def weights_by_layer(network: Network) -> Arrays:
    """The weights that the cells of each layer hold, in single precision.

    Named and laid out as a file of ``network.weights`` is: a layer's own shape, inputs before outputs, and
    its biases under its name and ``.bias``.
    """
    found: dict[str, NDArray[np.float32]] = {}
    for name, stage, matrix in zip(names_of(network.stages), network.stages, network.matrices, strict=True):
        weights, biases = _taken_apart(stage, matrix.weights().astype(np.float32))
        found[name] = weights
        if stage.bias:
            found[f"{name}.bias"] = biases
    return Arrays(found)


def _taken_apart(
    stage: Stage, laid_out: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and biases of rows and columns as tiles hold them: of each group those of its own rows."""
    shape = stage.layer.weights_shape(stage.given)
    rows = stage.group_rows - stage.bias
    flat = np.empty((rows, stage.columns), np.float32)
    biases = np.zeros(stage.columns, np.float32)
    for group in range(stage.groups):
        top, left = group * stage.group_rows, group * stage.group_columns
        across = slice(left, left + stage.group_columns)
        flat[:, across] = laid_out[top : top + rows, across]
        if stage.bias:
            biases[across] = laid_out[top + rows, across]
    return flat.reshape(shape), biases


def cells_of(chip: Chip) -> Arrays:
    """What every cell conducts, S, by array (rows, lines); arrays of kinds that do not tell are left out."""
    worn: Mapping[str, Any] = {each.array: each.conductance for tile in chip.tiles for each in tile.wear()}
    return Arrays({name: cells.copy() for name, cells in worn.items() if cells is not None})
