"""What cells of levels have left to wear: cycles that each stands, and where it ends."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.narrowing import Window
from chipsim.device.types import Floats, Indices, Sums, Tally

__all__ = ["WornLevels", "narrowed"]


@attrs.define(kw_only=True, eq=False)
class WornLevels:
    """How the cells of an array wear that are programmed to levels.

    A cycle is a SET and a RESET. A programming by which a cell would have more cycles than it stands leaves
    it where it fails, and so do all later ones.
    """

    remembers: ClassVar[tuple[str, ...]] = ("endures", "window")
    endures: Tally
    """Cycles that each cell stands (rows, lines), counted from the beginning of the training under way."""
    window: Window | None = None
    """How their windows narrow before that; None where they do not."""
    ends: str = "where-it-stands"
    """As :class:`~chipsim.device.worn.Wear` has it."""
    means: tuple[float, float] = (0.0, 0.0)
    """Of the lowest and the highest level, S."""

    def left(
        self, before: Floats, programmed: Floats, *, cycles: Tally, at: tuple[Indices, Indices]
    ) -> Floats:
        """What listed cells conduct after a programming (cells,), S.

        Parameters
        ----------
        before, programmed
            What they conducted, and what fresh cells would now, S.
        cycles
            That they had, this one included.
        at
            Their rows and lines.
        """
        endures = self.endures[at]
        failed = cycles > endures
        low, high = (np.full(cycles.shape, mean) for mean in self.means)
        kept = programmed
        if self.window is not None:
            # A cell that has failed stays in the window that it failed with.
            counted = np.minimum(cycles, endures)
            kept, low, high = narrowed(self.window, programmed, counted=counted, at=at)
        stuck = {"low": low, "high": high}.get(self.ends, before)
        found: Floats = np.where(failed, stuck, kept).astype(np.float32)
        return found


def narrowed(
    window: Window, conductance: Floats, *, counted: Tally, at: tuple[Indices, Indices]
) -> tuple[Floats, Sums, Sums]:
    """What cells conduct within their windows instead of those of fresh ones, and the bounds, S.

    Parameters
    ----------
    window
        Of their array.
    conductance
        What fresh cells would conduct (cells,), S.
    counted
        Cycles of the training under way.
    at
        Rows and lines.
    """
    low, high = window.low[at].astype(np.float64), window.high[at].astype(np.float64)
    past = (window.had[at] + counted) / window.onset[at]
    bottom, top = window.law.bounds(past, low=low, high=high)
    top = np.maximum(top, bottom)
    share = (top - bottom) / (high - low)
    # Levels keep their places in the window; what is drawn around them shrinks with it.
    within: Sums = np.maximum(bottom + share * (conductance - low), 0.0)
    # To the bit what it was, as long as nothing has narrowed.
    found: Floats = np.where(past > 1, within, conductance).astype(np.float32)
    return found, bottom, top
