"""The drift of phase-change cells: conductance falls with a power of time."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.drift.drift import VariedDrift, along_states, check_inside, stated
from chipsim.spec.fields import between, more_than
from chipsim.units import Ns

__all__ = ["PowerLaw"]


@attrs.frozen(kw_only=True)
class PowerLaw(VariedDrift):
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
    exponents_between: tuple[float, ...] | None = attrs.field(default=None, validator=check_inside)
    """Means of those in between at equal distances, the low ones first, without both ends; interpolated
    between neighbours. None (null) where they lie on the line between the ends."""
    begins: Ns = attrs.field(validator=more_than(0))
    """Time after writing at which a cell conducts what it was written to; no drift is seen before."""

    def rates(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean exponents."""
        low, inside = self.exponent_low, self.exponents_between
        return along_states(state, low=low, inside=inside, high=self.exponent)

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
        largest = max(stated(low=self.exponent_low, inside=self.exponents_between, high=self.exponent))
        return float(1 - (1 + interval / self.begins) ** -largest)
