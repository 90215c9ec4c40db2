"""How arrays of weights lie in a file: as chipsim keeps them, or as a state dict of PyTorch does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.spec.layer import Shape
from chipsim.spec.stages import Stage

__all__ = ["BIAS", "WEIGHT", "Layout", "layout_of"]

BIAS: Final = ".bias"
"""What follows the name of a layer in that of its biases, here and in PyTorch."""
WEIGHT: Final = ".weight"
"""The same of its weights, in PyTorch."""
_TURNED: Final[Mapping[int, tuple[int, ...]]] = {2: (1, 0), 4: (2, 3, 1, 0)}
"""Axes of PyTorch's arrays in the order of ours, by how many there are: (outputs, inputs), and (kernels,
channels, height, width)."""


@attrs.frozen(kw_only=True)
class Layout:
    """The array that gives the weights of a layer."""

    key: str
    """What it is called."""
    shape: Shape
    """What it has to have."""
    other: Shape | None
    """The shape that it has where somebody took one layout for the other; None where there is no other."""
    is_turned: bool
    """Whether it lies as PyTorch has it."""
    image: Shape | None
    """Height, width and channels of an image that the layer takes as a list; PyTorch lists channel after
    channel. None for others."""

    def ours(self, array: NDArray[Any]) -> NDArray[Any]:
        """An array of the file as chipsim keeps it: inputs before outputs, channels last."""
        if not self.is_turned:
            return array
        if self.image is not None:
            height, width, channels = self.image
            pixels = array.reshape(-1, channels, height, width)
            array = pixels.transpose(0, 2, 3, 1).reshape(array.shape)
        return array.transpose(_TURNED[array.ndim])


def layout_of(stage: Stage, arrays: Mapping[str, NDArray[Any]], *, before: Stage | None) -> Layout:
    """How a file gives the weights of a layer, by what it calls them.

    Parameters
    ----------
    stage
        The layer, with a name.
    arrays
        Of the file.
    before
        The layer of weights before it; None for the first.
    """
    name = str(stage.layer.name)
    shape = stage.layer.weights_shape(stage.given)
    axes = _TURNED.get(len(shape))
    turned = None if axes is None else tuple(int(size) for size in np.array(shape)[np.argsort(axes)])
    # The name alone decides: of a square matrix no shape would tell.
    if turned is None or f"{name}{WEIGHT}" not in arrays:
        return Layout(key=name, shape=shape, other=turned, is_turned=False, image=None)
    image = _listed(stage, before) if len(shape) == 2 else None
    return Layout(key=f"{name}{WEIGHT}", shape=turned, other=shape, is_turned=True, image=image)


def _listed(stage: Stage, before: Stage | None) -> Shape | None:
    """The image whose values a dense layer takes as a list."""
    if len(stage.given) == 3:
        return stage.given
    for one in reversed(before.passing if before is not None else ()):
        if one.layer.works(one.given):
            return None
        if len(one.given) == 3:
            return one.given
    return None
