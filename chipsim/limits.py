"""How large what a user gives may be; ``docs/limits.md`` says why, and a test holds it to these numbers.

Each stands far above what a simulation of days needs, and below what would fill a machine's memory, or keep a
user waiting without a word.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "CURVE_BYTES",
    "CURVE_READINGS",
    "CURVE_ROWS",
    "DATA_BYTES",
    "DEPTH",
    "DESCRIPTION_BYTES",
    "EPOCH_SAMPLES",
    "EXTENDED",
    "GIVEN_WEIGHTS",
    "HOTTEST",
    "ONNX_BYTES",
    "ONNX_ENTRIES",
    "ONNX_NODES",
    "OWN_DATA_BYTES",
    "OWN_SAMPLES",
    "POINTS",
    "QUANTITY_LENGTH",
    "ROUTERS",
    "RUNS",
    "SILENCE_S",
    "STATE_BYTES",
    "STATE_TEXT_BYTES",
    "STATE_WEIGHT_BYTES",
    "TILES",
    "TOLD_PROBLEMS",
    "TOLD_TILES",
    "TRAINED_WEIGHTS",
    "UNITS",
    "VALUES",
    "WIDENED_BYTES",
    "WINDOW_VALUES",
]

DESCRIPTION_BYTES: Final = 1_000_000
"""Size of the file of a description."""
VALUES: Final = 20_000
"""Values in a description, each as often as its aliases repeat it."""
DEPTH: Final = 20
"""Mappings and lists inside one another, and keys of a path."""
EXTENDED: Final = 8
"""Descriptions that one extends, each the next."""
QUANTITY_LENGTH: Final = 200
"""Characters of a quantity."""
SILENCE_S: Final = 3
"""Seconds that are waited for a pipe."""
CURVE_BYTES: Final = 2**26
"""Size of a file with a measured pulse response."""
CURVE_ROWS: Final = 1_000_000
"""Rows of it, or of a frame."""
CURVE_READINGS: Final = 200_000
"""Readings that are fitted: of more, every second or third."""
DATA_BYTES: Final = 2**27
"""Size of a data file, once it is decompressed."""
OWN_DATA_BYTES: Final = 2**29
"""Size of a data file of the user's, as it is and unpacked: all of MNIST in double precision has 439 MB."""
OWN_SAMPLES: Final = 10_000_000
"""Samples in a data file of the user's: a small one may unpack to many more."""
EPOCH_SAMPLES: Final = 10_000_000
"""Training samples of an epoch that is no pass over its dataset: as many as a data file may have."""
WIDENED_BYTES: Final = 2**28
"""What images take that a random layer widens, in single precision."""
STATE_BYTES: Final = 2**26
"""What a result's state, weights or cells unpack to, besides what its weights take."""
STATE_WEIGHT_BYTES: Final = 1_000
"""The same for each weight of the result."""
STATE_TEXT_BYTES: Final = 2**22
"""Text in a result's state that says what its arrays are."""
TILES: Final = 4_096
"""Tiles of a chip."""
ROUTERS: Final = 4_096
"""Routers in one row of a mesh, and links that are listed one by one."""
UNITS: Final = 4_000_000
"""Units of a layer."""
WINDOW_VALUES: Final = 50_000_000
"""Values of all windows of a layer for one sample: an image of 224 x 224 x 64 by windows of 3 x 3 has 28.9
million, 116 MB of them."""
TRAINED_WEIGHTS: Final = 50_000_000
"""Weights of a network that is trained; timing alone keeps none."""
GIVEN_WEIGHTS: Final = 190_000_000
"""Weights that a file of a network may hold: in single precision as many as a file of given weights may."""
ONNX_BYTES: Final = 2**30
"""Size of a file of a network, and of the files beside it that hold its weights."""
ONNX_ENTRIES: Final = 1_000_000
"""Entries of a file of a network, those of messages within it as well."""
ONNX_NODES: Final = 100_000
"""Nodes of a network's graph."""
HOTTEST: Final = 1_000
"""Cells that are named one by one."""
TOLD_TILES: Final = 500
"""Tiles above which a run that trains says that fewer are faster."""
TOLD_PROBLEMS: Final = 100
"""Problems that a command lists."""
POINTS: Final = 100_000
"""Values of one axis of a study."""
RUNS: Final = 1_000_000
"""Runs of a study: each is read and checked before the first begins."""
