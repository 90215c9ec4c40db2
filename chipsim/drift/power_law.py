"""The drift of phase-change cells: conductance falls with a power of time."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.drift.drift import Drift, by_state
from chipsim.spec.fields import between, more_than
from chipsim.units import Ns

__all__ = ["PowerLaw"]

_MOST: Final = 100
"""States that a law tells apart between both ends; figures have fewer points than that."""


def _exponents(_spec: Any, _field: Any, value: tuple[float, ...] | None) -> None:
    if value is None:
        return
    if not 1 <= len(value) <= _MOST:
        raise ValueError(f"must have 1 to {_MOST} exponents, not {len(value)}")
    for place, one in enumerate(value):
        if not 0 <= one <= 1:
            error = ValueError(f"must be between 0 and 1, not {one:g}")
            # Told at the entry, for nobody finds one of many by its value.
            error.at = (place,)  # type: ignore[attr-defined]
            raise error


@attrs.frozen(kw_only=True)
class PowerLaw(Drift):
    """``G(t) = G(begins) (t / begins) ^ -exponent``, t counted from when the cell was written.

    Examples
    --------
    >>> law = PowerLaw(exponent=0.05, begins=Ns(1_000_000_000))
    >>> round(float(law.kept(np.array([1e12]), np.array([0.05]))[0]), 4)
    0.7079
    """

    kind: ClassVar[str] = "power-law"
    exponent: float = attrs.field(validator=between(0, 1))
    """Mean of cells that were written to their highest conductance."""
    exponent_low: float | None = attrs.field(default=None, validator=between(0, 1))
    """Mean of those that were written to their lowest; in between it is interpolated. None (null) where all
    states drift alike."""
    exponents_between: tuple[float, ...] | None = attrs.field(default=None, validator=_exponents)
    """Means of those in between at equal distances, the low ones first, without both ends; interpolated
    between neighbours. None (null) where they lie on the line between the ends."""
    begins: Ns = attrs.field(validator=more_than(0))
    """Time after writing at which a cell conducts what it was written to; no drift is seen before."""

    def rates(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean exponents."""
        if not self.exponents_between:
            return by_state(state, high=self.exponent, low=self.exponent_low)
        means = self._means
        found: NDArray[np.float64] = np.interp(state, np.linspace(0, 1, len(means)), means)
        return found

    @property
    def _means(self) -> tuple[float, ...]:
        """From the lowest conductance to the highest."""
        lowest = self.exponent if self.exponent_low is None else self.exponent_low
        return (lowest, *(self.exponents_between or ()), self.exponent)

    def kept(self, age: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """By the power."""
        # Before drift begins nobody measured any, and the power of a small time would raise a cell.
        found: NDArray[np.float64] = (np.maximum(age, self.begins) / self.begins) ** -rate
        return found

    @property
    def quiet(self) -> float:
        """As described."""
        return float(self.begins)

    def missed(self, interval: float) -> float:
        """By the largest mean exponent: an age of at least `begins` is off by the interval at most."""
        # From 0 to the interval, an age counts from `begins` on: there the power is steepest.
        return float(1 - (1 + interval / self.begins) ** -max(self._means))
