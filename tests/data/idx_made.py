"""Small datasets in IDX files, for tests to read, damage and serve."""

from __future__ import annotations

import gzip
import hashlib

import attrs
import numpy as np

from chipsim.data.published import PUBLISHED


def idx_bytes(array):
    """The IDX file of an array of bytes, uncompressed."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def tiny_arrays():
    """Six training and four test images of 2 x 3 pixels, with their labels."""
    random = np.random.default_rng(7)
    return [
        random.integers(0, 256, (6, 2, 3), dtype=np.uint8),
        np.array([0, 1, 2, 3, 4, 9], dtype=np.uint8),
        random.integers(0, 256, (4, 2, 3), dtype=np.uint8),
        np.array([9, 8, 7, 6], dtype=np.uint8),
    ]


def tiny_published(*, homes=()):
    """A stand-in for MNIST whose published checksums are those of the tiny arrays."""
    files = [
        attrs.evolve(file, shape=array.shape, md5=hashlib.md5(idx_bytes(array)).hexdigest())
        for file, array in zip(PUBLISHED["mnist"].files, tiny_arrays(), strict=True)
    ]
    return attrs.evolve(PUBLISHED["mnist"], files=tuple(files), homes=tuple(homes))


def write_files(folder, published):
    """Write the tiny arrays under their published names; returns the four paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / file.name for file in published.files]
    for path, array in zip(paths, tiny_arrays(), strict=True):
        path.write_bytes(gzip.compress(idx_bytes(array)))
    return paths
