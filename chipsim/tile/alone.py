"""Lines of a tile that are driven alone, one after another: what a single row or column holds."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Floats, Indices
from chipsim.parts.program import Operation
from chipsim.tile.tile import Reading

__all__ = ["ReadsAlone"]


class ReadsAlone:
    """A tile that reads chosen lines as it reads any inputs and errors.

    A tile of one's own that reads in another way then reads single lines its way too.
    """

    shape: tuple[int, int]
    alone: dict[str, Operation]
    """Operations of one line that is driven alone: ``read-rows`` and ``read-columns``."""

    def forward(self, x: Floats) -> Reading:
        """As the tile does."""
        raise NotImplementedError

    def backward(self, d: Floats) -> Reading:
        """As the tile does."""
        raise NotImplementedError

    def read_rows(self, rows: Indices) -> Reading:
        """Drive each of the listed rows alone, at full scale, and read what its weights are (rows, columns).

        They are driven one after another, each in an operation of its own: what is returned is that of one.
        """
        reading = self.forward(_one_by_one(rows, of=self.shape[0]))
        return Reading(reading.values, self.alone["read-rows"], reading.charges)

    def read_columns(self, columns: Indices) -> Reading:
        """The same of listed columns, driven by those who drive errors (columns, rows)."""
        reading = self.backward(_one_by_one(columns, of=self.shape[1]))
        return Reading(reading.values, self.alone["read-columns"], reading.charges)


def _one_by_one(lines: Indices, *, of: int) -> Floats:
    driven = np.zeros((lines.size, of), np.float32)
    driven[np.arange(lines.size), lines] = 1
    return driven
