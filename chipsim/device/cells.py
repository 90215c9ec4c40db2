"""The cells of one crossbar: conductances, their bounds and steps, and what they have been through."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs
import numpy as np

from chipsim.device.gaussian import words_of
from chipsim.device.narrowing import Narrowed
from chipsim.device.types import Counts, Flags, Floats, Sums, Tally, Words

__all__ = ["Cells"]


@attrs.define(kw_only=True, eq=False)
class Cells:
    """State of every cell in use of one crossbar, as arrays (rows, columns)."""

    remembers: ClassVar[tuple[str, ...]] = (
        "conductance",
        "low",
        "high",
        "step",
        "step_down",
        "pulses",
        "resets",
        "row_sum",
        "column_sum",
        "tally",
        "noise",
        "endures",
        "narrowed",
        "near",
        "slack",
    )
    drawn_from: ClassVar[tuple[str, ...]] = ("noise",)
    conductance: Floats
    """Present conductance, S."""
    low: Floats
    """Lowest conductance of each cell, S: what it is made at, and what a reset takes it back to."""
    high: Floats
    """Highest conductance of each cell, S; infinite for an ideal cell."""
    step: Floats
    """Mean step of each cell upwards, S."""
    step_down: Floats | None = None
    """Mean step of each cell downwards, S, less than zero; None for cells that pulses only raise."""
    pulses: Counts
    """Small pulses that each cell has had."""
    resets: Counts
    """Resets that each cell has had."""
    row_sum: Sums
    """Summed conductance of each row, cells out of use included, S: what a row driver has to feed."""
    column_sum: Sums
    """Summed conductance of each column, cells out of use included, S."""
    unused: tuple[int, int]
    """Cells out of use on each row and on each column."""
    unused_low: float
    """What each of these conducts, S. Nothing ever steps or resets them, so they stay as they were made; they
    have no spread, since nobody draws one for cells that carry nothing."""
    tally: Tally = attrs.field(factory=lambda: np.zeros(3, np.int64))
    """Times that a cell was pulsed, met a bound, and stayed at the bound where it stood, since last asked."""
    noise: Words | None = None
    """What the variation of steps is drawn from, a generator of :mod:`chipsim.device.gaussian` (4,); None for
    cells without variation."""

    endures: Tally | None = None
    """Small pulses that each cell stands (rows, columns); None for cells that do not wear out."""
    ends_at: Floats | None = None
    """Where each cell ends that had them (rows, columns), S; None for where it stands."""
    narrowed: Narrowed | None = None
    """How their windows narrow before that; None for cells that keep theirs to the last pulse."""
    near: Words | None = None
    """Which cells were near their end when all were looked at last, or past it: a bit each (rows, words)."""
    slack: Tally | None = None
    """Pulses that each of the others still gets without coming to its end (1,)."""

    @property
    def beneath(self) -> Floats | None:
        """What pulses left under write noise (rows, columns), S; None where it is what cells conduct."""
        return None

    @property
    def bounded(self) -> bool:
        """Whether there is an upper bound to run into."""
        return bool(np.isfinite(self.high).all())

    @property
    def at_top(self) -> Flags:
        """Cells at their upper bound (rows, columns)."""
        return self.conductance >= self.high

    @property
    def at_bottom(self) -> Flags:
        """Cells at their lower bound (rows, columns)."""
        return self.conductance <= self.low

    @classmethod
    def at_low(
        cls,
        *,
        low: Floats,
        high: Floats,
        step: Floats,
        step_down: Floats | None = None,
        unused_low: float,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
        rng: np.random.Generator | None = None,
    ) -> Self:
        """Fresh cells, each at its lowest conductance.

        Parameters
        ----------
        low, high, step, step_down
            Bounds and mean steps of each cell (rows, columns), S; steps down are less than zero.
        unused_low
            What a cell out of use conducts, S.
        sums
            Where to keep the row sums (rows,) and column sums (columns,); new arrays when None.
        unused
            Cells out of use on each row and on each column.
        rng
            Of the array: what the variation of steps is drawn from is a child of its seed. Cells without
            variation need none.
        """
        shape = high.shape
        if sums is None:
            sums = np.zeros(shape[0]), np.zeros(shape[1])
        row_sum, column_sum = sums
        # A copy of its own: bounds may be one number that stands for all cells, and conductances never are.
        conductance = np.array(low, np.float32, order="C")
        pulses, resets = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        # As single precision has it, which is what the cells in use are kept in.
        beyond = float(np.float32(unused_low))
        cells = cls(
            conductance=conductance, low=low, high=high, step=step, step_down=step_down, pulses=pulses,
            resets=resets, row_sum=row_sum, column_sum=column_sum, unused=unused, unused_low=beyond,
        )  # fmt: skip
        if rng is not None:
            cells.noise = words_of(rng)
        cells.sum_up()
        return cells

    def sum_up(self) -> None:
        """Compute the row and column sums from the conductances."""
        on_row, on_column = self.unused
        # In double precision, so that what pulses add and take later never shows as a drift; and in place,
        # for whoever reads the lines of several arrays looks at these very numbers.
        self.row_sum[:] = self.conductance.sum(axis=1, dtype=np.float64)
        self.row_sum += on_row * self.unused_low
        self.column_sum[:] = self.conductance.sum(axis=0, dtype=np.float64)
        self.column_sum += on_column * self.unused_low
