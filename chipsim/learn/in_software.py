"""Gradient descent in software, where nothing but its numbers counts."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from chipsim.device.types import Floats
from chipsim.learn.consolidation import gradient
from chipsim.learn.in_place import InPlace
from chipsim.net.learner import Learnt
from chipsim.parts.program import Series

__all__ = ["InSoftware"]

_NOTHING: Final = Learnt(None, Series(()))


class InSoftware(InPlace):
    """Gradient descent on weights that are numbers: the gradient of a batch is added up and subtracted once.

    On a chip each vector is an outer product of its own, which takes long where a layer has many of them.
    """

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """The mean gradient of the batch, times the rate."""
        if len(x) == 1:
            return super().learn(index, x, d)
        matrix = self.matrices[index]
        step = np.empty(matrix.shape, np.float32)
        gradient(x, d, step)
        # What grows beyond all numbers is told when the step is over, as of every chip.
        with np.errstate(over="ignore", invalid="ignore"):
            step *= np.float32(self._rate * matrix.patches / len(x))
            for block in matrix.blocks:
                tile: Any = block.tile
                tile.subtract(np.ascontiguousarray(step[block.rows, block.columns]))
        return _NOTHING
