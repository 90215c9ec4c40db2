"""Programs that a run executed, kept so that they can be timed and priced again.

Between the items of a series a chip is at rest, so time and energy of a run are a sum over distinct items
times how often each was executed, plus what data charged.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["DataCharge", "KeptItems", "KeptPrograms"]


@attrs.frozen(kw_only=True, eq=False)
class KeptItems:
    """Items of one pattern that were executed in one epoch."""

    epoch: int
    """Counted from 1 over all phases; 0 is the writing of initial weights."""
    pattern: str
    """As :mod:`chipsim.parts.patterns` writes programs."""
    counts: NDArray[np.int64]
    """Numbers in which items differ (items, numbers)."""
    times: NDArray[np.int64]
    """How often each was executed (items,)."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptItems):
            return NotImplemented
        return (
            (self.epoch, self.pattern) == (other.epoch, other.pattern)
            and np.array_equal(self.counts, other.counts)
            and np.array_equal(self.times, other.times)
        )

    __hash__ = None  # type: ignore[assignment]  # it holds arrays


@attrs.frozen(kw_only=True)
class DataCharge:
    """What the data charged one part for one action in one epoch, beside what its time is charged."""

    epoch: int
    part: str
    action: str
    energy_aj: int
    pulses: int
    rows: int
    """Row lines that write drivers charged: all that their energy is the price of."""
    columns: int
    """Column lines, likewise."""


@attrs.frozen(kw_only=True)
class KeptPrograms:
    """All that was executed in a run, epoch by epoch."""

    items: tuple[KeptItems, ...]
    charges: tuple[DataCharge, ...] = ()
    first_step: str = ""
    """Pattern of the first step of the last epoch; empty where there was none."""

    @property
    def distinct(self) -> int:
        """Distinct items, each epoch's counted."""
        return sum(len(items.times) for items in self.items)
