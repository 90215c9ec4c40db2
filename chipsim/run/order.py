"""In which order training samples come: pass after pass over a dataset, each shuffled anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chipsim.device.randomness import generator
from chipsim.state import State

__all__ = ["Order"]


class Order:
    """The order of the training samples of a run, the same for every chip.

    Parameters
    ----------
    seed
        The run's.

    Examples
    --------
    A pass over three samples lasts for an epoch of two and the half of the next one:

    >>> order = Order(seed=1)
    >>> first, second = (order.take(2, of=3, phase="train").tolist() for _ in range(2))
    >>> sorted([*first, second[0]])
    [0, 1, 2]
    """

    def __init__(self, *, seed: int) -> None:
        # A generator of its own that knows no chip: all chips see the same samples in the same order, and
        # nothing that a part draws moves it.
        self._draws = generator(seed, "data")
        self._left = _none()
        self._phase = ""

    def take(self, samples: int, *, of: int, phase: str) -> NDArray[np.int64]:
        """The next samples, by their places in the dataset.

        Parameters
        ----------
        samples
            How many.
        of
            Samples of the dataset.
        phase
            Which phase they are for; each begins a pass of its own.
        """
        if phase != self._phase:
            self._left, self._phase = _none(), phase
        passes = [self._left]
        there = len(self._left)
        while there < samples:
            passes.append(self._draws.permutation(of))
            there += of
        following = np.concatenate(passes)
        # A copy, for a view would keep all of the pass in memory.
        self._left = following[samples:].copy()
        return following[:samples]

    def state(self) -> State:
        """What is left of the pass, and what the next ones are drawn by."""
        return {"draws": self._draws.bit_generator.state, "left": self._left, "phase": self._phase}

    def restore(self, state: State) -> None:
        """Go on from a state of the same order."""
        self._draws.bit_generator.state = state["draws"]
        self._left, self._phase = state["left"], state["phase"]


def _none() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)
