"""What a law of drift is to the cells that follow it: how much of itself a cell keeps to an age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.spec.fields import between
from chipsim.spec.kind import Kind
from chipsim.units import Share

__all__ = ["Drift", "VariedDrift", "along_states", "by_state", "check_inside", "stated"]

_Numbers = NDArray[np.float64]
_MOST: Final = 100
"""States that a law tells apart between both ends; figures have fewer points than that."""


@attrs.frozen(kw_only=True)
class Drift(Kind):
    """A change of conductance by time alone, from when a cell was written last.

    A cell goes from what it was written to towards a level. How fast it does is its own: a number that was
    drawn when it was made, times what the law says of the state that it was written to. Whatever writes it,
    be it a single small pulse, begins anew.
    """

    section: ClassVar[str] = "drift"

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

    def apart(self, shape: tuple[int, int], *, rng: np.random.Generator) -> NDArray[np.float32]:
        """How fast each cell changes (rows, lines), over what the law says of its state."""
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


@attrs.frozen(kw_only=True)
class VariedDrift(Drift):
    """A law by which all cells go the same way, some of them faster than others."""

    spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Standard deviation of how fast cells change, from cell to cell, over the mean; none goes backwards."""

    def apart(self, shape: tuple[int, int], *, rng: np.random.Generator) -> NDArray[np.float32]:
        """By the spread; without one nothing is drawn."""
        found: NDArray[np.float32] = np.ones(shape, np.float32)
        if self.spread:
            found = 1 + np.float32(self.spread) * rng.standard_normal(shape, dtype=np.float32)
            np.maximum(found, 0, out=found)
        return found


def along_states(
    state: _Numbers, *, low: float | None, inside: Sequence[float] | None, high: float
) -> _Numbers:
    """Numbers by state: that of the lowest conductance, those inside, and that of the highest.

    Parameters
    ----------
    state
        From 0 to 1.
    low, high
        At either end; without the first it is as the other.
    inside
        At equal distances in between; None for the line between the ends.
    """
    if not inside:
        return by_state(state, high=high, low=low)
    means = stated(low=low, inside=inside, high=high)
    found: _Numbers = np.interp(state, np.linspace(0, 1, len(means)), means)
    return found


def stated(*, low: float | None, inside: Sequence[float] | None, high: float) -> tuple[float, ...]:
    """All numbers that :func:`along_states` goes along, the lowest state first."""
    return (high if low is None else low, *(inside or ()), high)


def check_inside(_spec: Any, _field: Any, value: tuple[float, ...] | None) -> None:
    """Check numbers for states in between, as a validator."""
    if value is None:
        return
    if not 1 <= len(value) <= _MOST:
        raise ValueError(f"must have 1 to {_MOST} numbers, not {len(value)}")
    for place, one in enumerate(value):
        if not 0 <= one <= 1:
            error = ValueError(f"must be between 0 and 1, not {one:g}")
            # Told at the entry, for nobody finds one of many by its value.
            error.at = (place,)  # type: ignore[attr-defined]
            raise error


def by_state(state: _Numbers, *, high: float, low: float | None) -> _Numbers:
    """Numbers between that of the lowest conductance, which may be None, and that of the highest."""
    lowest = high if low is None else low
    return lowest + (high - lowest) * state
