"""The convolutions of VGG-16 in plain numpy, for studies of its frozen layers: in seconds what a chip would take hours for.

Images go through in single precision by the fast algorithm of small filters (Winograd 1980; Lavin and Gray 2016, F(4 x 4, 3 x 3)),
which takes a quarter of the products. Nothing here knows of a chip: weights are given, whoever made them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS", "LAYERS", "convolved", "features_of", "pictures", "pooled"]

BLOCKS = (2, 2, 3, 3, 3)
"""Convolutions of each block; a pooling follows each block."""
LAYERS = tuple(f"block{block}_conv{one + 1}" for block, count in enumerate(BLOCKS, 1) for one in range(count))
"""Names of the convolutions in their order."""
MEANS = np.array([103.939, 116.779, 123.68], np.float32)
"""Of blue, green and red over ImageNet, which the published network takes off."""
AT_ONCE = 8
"""Images that go through together."""

_TILES = 800
"""Windows of 6 x 6 that are transformed together."""

Floats = NDArray[np.float32]

# Winograd's transforms of 6 inputs, 3 weights and 4 results in a line, for the points 0, 1, -1, 2, -2.
_OF_INPUTS = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    np.float64,
)
_OF_WEIGHTS = np.array(
    [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]], np.float64
) / np.array([[24]])
_OF_WEIGHTS[0] = [0.25, 0, 0]
_OF_RESULTS = np.array(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]], np.float64
)
_INPUTS = np.kron(_OF_INPUTS, _OF_INPUTS).astype(np.float32)
_WEIGHTS = np.kron(_OF_WEIGHTS, _OF_WEIGHTS)
_RESULTS = np.kron(_OF_RESULTS, _OF_RESULTS).astype(np.float32)


def turned(kernels: NDArray[Any]) -> Floats:
    """Kernels (3, 3, channels, kernels) as the fast algorithm takes them (36, channels, kernels)."""
    flat = kernels.astype(np.float64).reshape(9, -1)
    return (_WEIGHTS @ flat).reshape(36, *kernels.shape[2:]).astype(np.float32)


def convolved(images: Floats, kernels: Floats) -> Floats:
    """Images through 3 x 3 kernels that :func:`turned` gave, with a border of zeros.

    Parameters
    ----------
    images
        (images, height, width, channels).
    kernels
        (36, channels, kernels).
    """
    count, height, width, channels = images.shape
    down, across = -(-height // 4), -(-width // 4)
    padded = np.zeros((count, 4 * down + 2, 4 * across + 2, channels), np.float32)
    padded[:, 1 : height + 1, 1 : width + 1] = images
    windows = np.lib.stride_tricks.sliding_window_view(padded, (6, 6), axis=(1, 2))[:, ::4, ::4]
    out = np.empty((count, 4 * down, 4 * across, kernels.shape[2]), np.float32)
    # Small pieces, for what fits into the processor's own memory is not fetched again.
    each = max(1, _TILES // (count * across))
    for top in range(0, down, each):
        rows = slice(top, min(top + each, down))
        # Places within a window first: every step is then a product of plain matrices.
        part = windows[:, rows].transpose(4, 5, 0, 1, 2, 3)
        inputs = _INPUTS @ np.ascontiguousarray(part).reshape(36, -1)
        products = inputs.reshape(36, -1, channels) @ kernels
        results = _RESULTS @ products.reshape(36, -1)
        placed = results.reshape(4, 4, *part.shape[2:5], -1).transpose(2, 3, 0, 4, 1, 5)
        out[:, 4 * rows.start : 4 * rows.stop] = placed.reshape(count, -1, *out.shape[2:])
    return out[:, :height, :width]


def pooled(images: Floats) -> Floats:
    """The largest of every 2 x 2 places; what is left over at the end of a line is dropped."""
    count, height, width, channels = images.shape
    down, across = height // 2, width // 2
    cut = images[:, : 2 * down, : 2 * across].reshape(count, down, 2, across, 2, channels)
    return cut.max(axis=(2, 4))


def features_of(images: Sequence[Floats] | Floats, weights: Mapping[str, NDArray[Any]]) -> Floats:
    """What the 13 convolutions make of images: 4,608 numbers each, the maxima of 3 x 3 places.

    Parameters
    ----------
    images
        (images, 224, 224, 3), as :func:`pictures` gives them.
    weights
        By the names of layers (3, 3, channels, kernels), and their biases by ``NAME.bias`` (kernels,).

    Returns
    -------
    (images, 4608), places row after row, the channels of a place beside each other.
    """
    kernels = {name: turned(weights[name]) for name in LAYERS}
    found = []
    for start in range(0, len(images), AT_ONCE):
        values = np.asarray(images[start : start + AT_ONCE], np.float32)
        layers = iter(LAYERS)
        for count in BLOCKS:
            for _ in range(count):
                values = _layer(values, kernels, weights, next(layers))
            values = pooled(values)
        found.append(pooled(values).reshape(len(values), -1))
    return np.concatenate(found)


def _layer(values: Floats, kernels: Mapping[str, Floats], weights: Mapping[str, Any], name: str) -> Floats:
    """Rectified sums of one layer."""
    # Early layers are large: one image at a time stays nearer to the processor.
    each = 1 if values.shape[1] > 56 else len(values)
    parts = [convolved(values[start : start + each], kernels[name]) for start in range(0, len(values), each)]
    sums = np.concatenate(parts) if len(parts) > 1 else parts[0]
    return np.maximum(sums + weights[f"{name}.bias"].astype(np.float32), 0)


def pictures(file: Path, chosen: Sequence[int]) -> Floats:
    """Photographs of a file of JPEGs, as the published network takes them.

    Parameters
    ----------
    file
        An archive with ``jpeg``, the bytes of all images in one row, and ``offset``, where each begins.
    chosen
        Which ones, by their places.

    Returns
    -------
    (images, height, width, 3): blue, green, red, less their means.

    Raises
    ------
    SystemExit
        Without Pillow, which decodes them.
    """
    try:
        from PIL import Image  # noqa: PLC0415  # needed by nothing else
    except ImportError:
        raise SystemExit("photographs are decoded by Pillow, which is not here: pip install pillow") from None
    with np.load(file, allow_pickle=False) as archive:
        jpeg, offset = archive["jpeg"], archive["offset"]
    decoded = []
    for place in chosen:
        content = jpeg[offset[place] : offset[place + 1]].tobytes()
        with Image.open(io.BytesIO(content)) as image:
            colours = np.asarray(image.convert("RGB"), np.float32)
        decoded.append(colours[:, :, ::-1] - MEANS)
    return np.stack(decoded)
