"""Datasets: the embedded digits, readers of standard IDX files, fetching with checksums."""

from chipsim.data.arrays import check_images, check_labels
from chipsim.data.dataset import Dataset, first_of, from_arrays, permuted
from chipsim.data.fetching import fetch
from chipsim.data.idx import read_idx
from chipsim.data.loading import Available, Sizes, available, load, names, sizes
from chipsim.data.random_layer import widened

__all__ = [
    "Available",
    "Dataset",
    "Sizes",
    "available",
    "check_images",
    "check_labels",
    "fetch",
    "first_of",
    "from_arrays",
    "load",
    "names",
    "permuted",
    "read_idx",
    "sizes",
    "widened",
]
