"""The drift of phase-change cells: conductance falls with a power of time."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.drift.drift import Drift, by_state
from chipsim.spec.fields import between, more_than
from chipsim.units import Ns

__all__ = ["PowerLaw"]


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
    begins: Ns = attrs.field(validator=more_than(0))
    """Time after writing at which a cell conducts what it was written to; no drift is seen before."""

    def rates(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean exponents."""
        return by_state(state, high=self.exponent, low=self.exponent_low)

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
        """By the larger of the mean exponents: an age of at least `begins` is off by the interval at most."""
        # From 0 to the interval, an age counts from `begins` on: there the power is steepest.
        largest = max(self.exponent, self.exponent_low or 0.0)
        return float(1 - (1 + interval / self.begins) ** -largest)
