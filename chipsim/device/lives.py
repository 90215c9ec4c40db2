"""What the cells of an array have left, as whoever trains them again and again sees it."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.level_wear import narrow_levels
from chipsim.device.narrowing import Window
from chipsim.device.programming import MultilevelCells
from chipsim.device.types import Counts, Flags, Floats, Tally
from chipsim.device.worn import narrow_all

__all__ = ["Life", "life_of", "life_of_levels", "life_of_references"]


@attrs.frozen(kw_only=True, eq=False)
class Life:
    """The cells of an array that wear out."""

    conductance: Floats
    """What they conduct now (rows, columns), S; changed in place."""
    counted: Counts | Tally
    """Pulses or cycles that each had in the training under way (rows, columns)."""
    endures: Tally
    """Those that each stands, counted from its beginning (rows, columns); changed in place."""
    spare: int = 0
    """One where a cell that had as many as it stands has not failed yet: the next one fails it."""
    stays: bool = True
    """Whether it then stays where it stands."""
    window: Window | None = None
    """How their windows narrow before that."""
    settle: Callable[[], None] | None = None
    """Brings fresh cells into the windows that are left to them."""

    @property
    def failed(self) -> Flags:
        """Cells that are worn out (rows, columns)."""
        return np.asarray(self.counted >= self.endures + self.spare)

    @property
    def left(self) -> Tally:
        """Pulses or cycles until each fails (rows, columns)."""
        found: Tally = self.endures + self.spare - self.counted
        return found

    def age(self, spent: Tally, *, stuck: Floats) -> None:
        """Make fresh cells those that have been through so much before.

        Parameters
        ----------
        spent
            Pulses or cycles of earlier trainings (rows, columns).
        stuck
            What those that had failed conducted then (rows, columns), S.
        """
        # In place, for these are what the cells themselves look at.
        np.subtract(self.endures, spent, out=self.endures)
        if self.window is not None:
            np.add(self.window.had, spent, out=self.window.had)
        if self.settle is not None:
            self.settle()
        failed = self.failed
        self.conductance[failed] = stuck[failed]


def life_of(cells: Cells) -> Life | None:
    """That of cells which pulses move; None where they last."""
    if cells.endures is None:
        return None
    settle = None if cells.narrowed is None else lambda: narrow_all(cells)
    return Life(
        conductance=cells.conductance, counted=cells.pulses, endures=cells.endures,
        stays=cells.ends_at is None, window=cells.narrowed, settle=settle,
    )  # fmt: skip


def life_of_levels(cells: MultilevelCells) -> Life | None:
    """That of cells which are programmed to levels; None where they last."""
    worn = cells.worn
    if worn is None:
        return None
    return Life(
        conductance=cells.conductance, counted=cells.cycles, endures=worn.endures, spare=1,
        stays=worn.ends == "where-it-stands", window=worn.window, settle=lambda: narrow_levels(cells),
    )  # fmt: skip


def life_of_references(
    conductance: Floats, pulses: Counts, endures: Tally | None, *, stays: bool
) -> Life | None:
    """That of reference cells which are programmed once a training; None where they last."""
    if endures is None:
        return None
    # They get all pulses of their programming or stay as they are: its last pulse is one that they stand.
    return Life(conductance=conductance, counted=pulses, endures=endures, spare=1, stays=stays)
