"""numpy at work for the comparison: the same network in floating point, and one read and one update."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from benchmarks.floating import LogisticNetwork
from benchmarks.peers.worker import Digits, Sides, main

__all__ = ["DenseFloor", "NumpySide", "sides"]


class NumpySide:
    """The network in plain numpy."""

    def __init__(self, digits: Digits) -> None:
        self._digits = digits
        self._network = LogisticNetwork()

    def warm_up(self, turns: int) -> None:
        """Train on the first turns."""
        for turn in range(turns):
            self.train(turn)

    def train(self, turn: int) -> float:
        """Train once on the digits of a turn."""
        images, labels = self._digits.turn(turn)
        start = time.perf_counter()
        self._network.train(images, labels)
        return time.perf_counter() - start

    def tell(self) -> dict[str, float]:
        """How many digits it classifies right."""
        return {"right_percent": self._network.right_percent(self._digits.images, self._digits.labels)}


class DenseFloor:
    """One dense read of the first layer and one dense update of rank one, and nothing else.

    Who leaves out inputs of zero, and weights that do not change, may be below it.
    """

    def __init__(self, digits: Digits) -> None:
        self._digits = digits
        random = np.random.default_rng(0)
        self._weights = random.normal(0, 0.1, (785, 250)).astype(np.float32)
        self._product = np.empty_like(self._weights)
        # Small, that weights stay numbers however long it goes on.
        self._errors = random.normal(0, 1e-9, 250).astype(np.float32)

    def warm_up(self, turns: int) -> None:
        """Train on the first turns."""
        for turn in range(turns):
            self.train(turn)

    def train(self, turn: int) -> float:
        """Read and update once for each digit of a turn."""
        images, _ = self._digits.turn(turn)
        ones = np.ones((len(images), 1), np.float32)
        inputs = np.hstack([images.astype(np.float32) / np.float32(255), ones])
        start = time.perf_counter()
        for x in inputs:
            x @ self._weights
            # Into an array that is there: one made anew for each sample takes longer.
            np.multiply(x[:, None], self._errors, out=self._product)
            self._weights += self._product
        return time.perf_counter() - start

    def tell(self) -> dict[str, float]:
        """Nothing: it learns nothing."""
        return {}


def sides() -> tuple[Sides, Mapping[str, str]]:
    """The network and the dense floor, and numpy's version."""
    return {"numpy's loop": NumpySide, "dense floor": DenseFloor}, {"numpy": np.__version__}


if __name__ == "__main__":
    main(sides)
