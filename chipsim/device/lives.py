"""What the cells of an array have left, as whoever trains them again and again sees it."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.level_wear import narrow_levels
from chipsim.device.narrowing import Window
from chipsim.device.programming import MultilevelCells
from chipsim.device.types import Counts, Flags, Floats, Sums, Tally
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
    ends: Callable[[Flags, Floats], Floats | Sums] | None = None
    """Where cells end (cells,), S, by which they are and where they stood; None for where they stood."""

    @property
    def failed(self) -> Flags:
        """Cells that are worn out (rows, columns)."""
        return np.asarray(self.counted >= self.endures + self.spare)

    @property
    def left(self) -> Tally:
        """Pulses or cycles until each fails (rows, columns)."""
        found: Tally = self.endures + self.spare - self.counted
        return found

    def age(self, spent: Tally, *, stood: Floats, failed: Flags) -> None:
        """Make fresh cells those that have been through so much before.

        Parameters
        ----------
        spent
            Pulses or cycles of earlier trainings (rows, columns).
        stood
            What all conducted after the last training that was simulated (rows, columns), S.
        failed
            Those that had failed by then (rows, columns); others that have did so unseen.
        """
        # In place, for these are what the cells themselves look at.
        np.subtract(self.endures, spent, out=self.endures)
        if self.window is not None:
            np.add(self.window.had, spent, out=self.window.had)
        if self.settle is not None:
            self.settle()
        now = self.failed
        # Whoever trained them saw those that had failed end; those that did unseen are led there now.
        unseen = now & ~failed
        led = stood[unseen] if self.ends is None else self.ends(unseen, stood[unseen])
        self.conductance[now] = stood[now]
        self.conductance[unseen] = led


def life_of(cells: Cells) -> Life | None:
    """That of cells which pulses move; None where they last."""
    endures = cells.endures
    if endures is None:
        return None
    window, at = cells.narrowed, cells.ends_at
    settle = None if window is None else lambda: narrow_all(cells)

    def ends(which: Flags, stood: Floats) -> Floats | Sums:
        if window is None:
            return stood if at is None else np.broadcast_to(at, which.shape)[which]
        low, high = _closed(window, endures, which)
        if at is None:
            return np.clip(stood, low, high)
        return low if at is cells.low else high

    return Life(
        conductance=cells.conductance, counted=cells.pulses, endures=endures, stays=at is None,
        window=window, settle=settle, ends=ends,
    )  # fmt: skip


def life_of_levels(cells: MultilevelCells) -> Life | None:
    """That of cells which are programmed to levels; None where they last."""
    worn = cells.worn
    if worn is None:
        return None

    def ends(which: Flags, stood: Floats) -> Floats | Sums:
        low, high = (np.full(stood.shape, mean) for mean in worn.means)
        if worn.window is not None:
            low, high = _closed(worn.window, worn.endures, which)
        by_name = {"low": low, "high": high}
        if worn.ends in by_name:
            return by_name[worn.ends]
        return stood if worn.window is None else np.clip(stood, low, high)

    return Life(
        conductance=cells.conductance, counted=cells.cycles, endures=worn.endures, spare=1,
        stays=worn.ends == "where-it-stands", window=worn.window, settle=lambda: narrow_levels(cells),
        ends=ends,
    )  # fmt: skip


def _closed(window: Window, endures: Tally, which: Flags) -> tuple[Sums, Sums]:
    """Bounds of the windows with which cells fail (cells,), S."""
    # What they had and what they stand still add up to the same, however often they were trained.
    past = (window.had[which] + endures[which]) / window.onset[which]
    low, high = (bound[which].astype(np.float64) for bound in (window.low, window.high))
    bottom, top = window.law.bounds(past, low=low, high=high)
    return bottom, np.maximum(top, bottom)


def life_of_references(
    conductance: Floats, pulses: Counts, endures: Tally | None, *, ends_at: float | None
) -> Life | None:
    """That of reference cells which are programmed once a training; None where they last.

    Parameters
    ----------
    conductance, pulses, endures
        As :class:`Life` has them.
    ends_at
        Where those end that fail, S; None for where they were made.
    """
    if endures is None:
        return None

    def ends(which: Flags, stood: Floats) -> Floats | Sums:
        # Made anew for each training, they stay as they are now where programming fails.
        return conductance[which] if ends_at is None else np.full(stood.shape, ends_at)

    # They get all pulses of their programming or stay as they are: its last pulse is one that they stand.
    return Life(
        conductance=conductance, counted=pulses, endures=endures, spare=1, stays=ends_at is None, ends=ends
    )
