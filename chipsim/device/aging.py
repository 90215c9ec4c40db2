"""What time does to the cells of an array: worked out at stated instants, from when each was written."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Counts, Flags, Floats, Tally
from chipsim.drift.drift import Drift
from chipsim.units import Ns

__all__ = ["Aged", "Aging"]


@attrs.frozen(kw_only=True, eq=False)
class Aged:
    """The cells of an array, as far as time changes them."""

    array: str
    """Its name, by which numbers are drawn."""
    conductance: Floats
    """What cells conduct (rows, lines), S; changed in place."""
    counts: tuple[Counts, ...]
    """Counts of all that writes them (rows, lines): a cell of which one grew was written."""
    low: float
    """Lowest conductance that is described of them, S."""
    high: float
    """Highest, likewise."""
    beneath: Floats | None = None
    """What pulses left in each cell beneath its write noise (rows, lines), S, which the next ones go on from;
    changed with what it conducts. None where it is what it conducts."""


class Aging:
    """The drift of an array, with when each of its cells was written.

    Nobody notes when a pulse comes: at an instant, such as the end of an epoch, the cells that got pulses
    since the instant before are known by their counts, and count as written now. Cells that got none are
    brought to what their age makes of them. A cell's age is then too small by less than the time between two
    instants, and what it drifted before its first pulse of an interval, or between two of them, is left out;
    :meth:`Drift.missed` bounds either for a cell that was written once, and each pulse more may leave out as
    much again.

    Parameters
    ----------
    drift
        Their law.
    cells
        The cells.
    rng
        Drawn from once: how fast each cell changes.
    """

    remembers: ClassVar[tuple[str, ...]] = ("now", "_written", "_rate", "_apart", "_counted")

    def __init__(self, drift: Drift, cells: Aged, *, rng: np.random.Generator) -> None:
        self._drift, self._cells = drift, cells
        shape = cells.conductance.shape
        self.now = 0
        """The instant at which drift was worked out last, ns."""
        # Cells that nothing writes are as old as the run: who made them, and when, nobody tells.
        self._written: Tally = np.zeros(shape, np.int64)
        # Of their own for life, and not of each writing: what a cell is made of does not change.
        self._apart: Floats = drift.apart(shape, rng=rng)
        self._rate: Floats = self._rates(cells.conductance, self._apart)
        self._counted: Tally = self._count()

    def _count(self) -> Tally:
        """Times that each cell was written in any way (rows, lines)."""
        total: Tally = np.zeros(self._written.shape, np.int64)
        for count in self._cells.counts:
            total += count
        return total

    def _rates(self, conductance: Floats, apart: Floats) -> Floats:
        """How fast cells change that were written to these conductances."""
        # Cells may lie beyond the described range, by their spread or by drift: laws know its ends alone.
        low, high = self._cells.low, self._cells.high
        state = np.clip((conductance.astype(np.float64) - low) / (high - low), 0.0, 1.0)
        return (self._drift.rates(state) * apart).astype(np.float32)

    def restart(self) -> None:
        """Set the clock to zero; cells stay as old as they are, whatever their counts say by now."""
        self._written -= self.now
        # Who starts from another run may count anew, which is no writing.
        self._counted[:] = self._count()
        self.now = 0

    def unwritten(self, *, share: float) -> int:
        """Cells that nothing ever wrote and that are off by more than a share of what they were made at.

        They are as old as the run: nobody tells when they were made.
        """
        never = self._counted == 0
        ages = (self.now - self._written[never]).astype(np.float64)
        kept = self._drift.kept(ages, self._rate[never].astype(np.float64))
        return int(np.count_nonzero(np.abs(1 - kept) > share))

    @property
    def cells(self) -> int:
        """How many there are."""
        return self._counted.size

    def until(self, now: Ns) -> bool:
        """Bring cells to what they conduct at an instant; whether any of them changed.

        Parameters
        ----------
        now
            By the clock of the run.

        Raises
        ------
        ValueError
            When it lies before the last one.
        """
        if now < self.now:
            raise ValueError(f"time runs on: {now} ns is before {self.now} ns")
        # By counts: to note of every pulse when it came would take longer than the pulses do.
        counted = self._count()
        touched = counted != self._counted
        due = ~touched & (now - self._written > self._drift.quiet)
        changed = bool(due.any()) and now > self.now
        if changed:
            self._age(due, int(now))
        if touched.any():
            # By the state that was written: what is left of it later says nothing of how it relaxes.
            conductance = self._cells.conductance[touched]
            self._rate[touched] = self._rates(conductance, self._apart[touched])
            self._written[touched] = now
            self._counted[:] = counted
        self.now = int(now)
        return changed

    def _age(self, due: Flags, now: int) -> None:
        """Bring cells from the last instant to this one: what is kept of what was kept then."""
        conductance, towards = self._cells.conductance, self._drift.towards
        written, rate = self._written[due], self._rate[due].astype(np.float64)
        before = self._drift.kept((self.now - written).astype(np.float64), rate)
        after = self._drift.kept((now - written).astype(np.float64), rate)
        # Of cells that have come to their level nothing is left to lose.
        left: NDArray[np.float64] = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        # A pulse goes on from what time has left, and not from what lay there before.
        for kept in (conductance, self._cells.beneath):
            if kept is not None:
                distance = kept[due].astype(np.float64) - towards
                kept[due] = (towards + distance * left).astype(np.float32)
