"""What is done to a layer's inputs, made part of its weights: factors of rows, and offsets as a bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.importing.steps import Scaled, Sums
from chipsim.layer.window import pair

__all__ = ["folded_before"]

Array = NDArray[Any]


def folded_before(sums: Sums, before: Sequence[Scaled]) -> tuple[Sums, str]:
    """A layer that takes what stands before factors and offsets, and computes what it did behind them.

    Parameters
    ----------
    sums
        The layer.
    before
        Factors and offsets of its inputs in their order.

    Returns
    -------
    The layer, and why it cannot be; empty where it can.
    """
    if not before:
        return sums, ""
    # All as one first: each step through the weights themselves takes as long as there are weights.
    whole = _composed(before)
    if not _is_movable(sums, whole):
        # Outside of the image there are zeros, to which the file adds nothing and a bias would add.
        adding = [one for one in before if one.offset is not None and one.offset.any()]
        words = adding[-1].node.words
        return sums, (
            f"{words} before it moves what a convolution with a margin takes, and zeros of the margin stay "
            "where they are"
        )
    return _folded(sums, whole), ""


def _composed(before: Sequence[Scaled]) -> Scaled:
    """One factor and one offset that do what all do one behind the other."""
    arrays = [array for one in before for array in (one.scale, one.offset) if array is not None]
    size = max((array.size for array in arrays), default=1)
    scale: Array | None = None
    offset: Array | None = None
    for one in before:
        if one.scale is not None:
            by = _spread(one.scale, size)
            scale = by if scale is None else scale * by
            offset = None if offset is None else offset * by
        if one.offset is not None:
            added = _spread(one.offset, size)
            offset = added if offset is None else offset + added
    return Scaled(node=before[-1].node, scale=scale, offset=offset)


def _spread(numbers: Array, size: int) -> Array:
    """Numbers of channels as numbers of all values: each pixel has the same, its channels side by side."""
    return numbers if numbers.size == size else np.tile(numbers, size // numbers.size)


def _is_movable(sums: Sums, one: Scaled) -> bool:
    if one.offset is None or not one.offset.any():
        return True
    # Where a layer puts zeros beside an image, these are not moved with it.
    return pair(getattr(sums.layer, "padding", 0)) == (0, 0)


def _folded(sums: Sums, one: Scaled) -> Sums:
    kernel, bias = sums.kernel, sums.bias
    if one.offset is not None:
        moved = _of_rows(sums, one.offset) * kernel
        inputs = tuple(range(kernel.ndim - 1))
        added = sums.factor * moved.sum(axis=inputs)
        bias = added if bias is None else bias + added
    if one.scale is not None:
        kernel = _of_rows(sums, one.scale) * kernel
    return attrs.evolve(sums, kernel=kernel, bias=bias)


def _of_rows(sums: Sums, numbers: Array) -> Array:
    """Numbers of inputs in the shape of a layer's weights."""
    layer, kernel = sums.layer, sums.kernel
    # Of a layer of all units with all, and not of kernels.
    if kernel.ndim == 2:
        # Of an image each pixel has the same for its channels, which lie beside each other.
        times = kernel.shape[0] // numbers.size
        return np.tile(numbers, times)[:, None]
    if getattr(layer, "groups", 1) == "depthwise":
        # A channel's kernels are columns beside each other, and have no other channel.
        return np.repeat(numbers, kernel.shape[-1] // numbers.size)
    return numbers[:, None]
