"""What a law of drift is to the cells that follow it: how much of itself a cell keeps to an age."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.spec.fields import between
from chipsim.spec.kind import Kind
from chipsim.units import Share

__all__ = ["Drift", "by_state"]

_Numbers = NDArray[np.float64]


@attrs.frozen(kw_only=True)
class Drift(Kind):
    """A change of conductance by time alone, from when a cell was written last.

    A cell goes from what it was written to towards a level. How fast it does is its own: a number that was
    drawn when it was made, times what the law says of the state that it was written to. Whatever writes it,
    be it a single small pulse, begins anew.
    """

    section: ClassVar[str] = "drift"
    spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Standard deviation of how fast cells change, from cell to cell, over the mean; none goes backwards."""

    @property
    def towards(self) -> float:
        """Conductance that cells come to in the end, S."""
        return 0.0

    def rates(self, state: _Numbers) -> _Numbers:
        """How fast the mean cell changes.

        Parameters
        ----------
        state
            Where in its range it was written to, 0 at the lowest conductance and 1 at the highest.
        """
        raise NotImplementedError

    def kept(self, age: _Numbers, rate: _Numbers) -> _Numbers:
        """Share of its distance from the level that a cell still has.

        Parameters
        ----------
        age
            Time since it was written, ns.
        rate
            How fast it changes.
        """
        raise NotImplementedError

    @property
    def quiet(self) -> float:
        """Age up to which nothing changes, ns."""
        return 0.0

    def missed(self, interval: float) -> float:
        """Largest share of its distance by which the mean cell is off that was written once in an interval.

        It counts as written at the end of the interval, and was perhaps at the beginning.

        Parameters
        ----------
        interval
            From one instant at which drift is worked out to the next, ns.
        """
        raise NotImplementedError

    def idealised(self) -> Iterable[str]:
        """Who does not change."""
        yield (
            "Cells change by time from the end of the epoch in which they were written last; reference lines "
            "and cells out of use stay as they are."
        )


def by_state(state: _Numbers, *, high: float, low: float | None) -> _Numbers:
    """Numbers between that of the lowest conductance, which may be None, and that of the highest."""
    lowest = high if low is None else low
    return lowest + (high - lowest) * state
