"""Retention that is lost by the same amount in every decade of time."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.drift.drift import VariedDrift, by_state
from chipsim.spec.fields import between, more_than
from chipsim.units import Ns, Share

__all__ = ["Logarithmic"]


@attrs.frozen(kw_only=True)
class Logarithmic(VariedDrift):
    """``G(t) = G(begins) (1 - per_decade log10(t / begins))``, until nothing is left.

    Examples
    --------
    >>> law = Logarithmic(per_decade=Share(0.02), begins=Ns(1_000_000_000))
    >>> round(float(law.kept(np.array([1e12]), np.array([0.02]))[0]), 4)
    0.94
    """

    kind: ClassVar[str] = "logarithmic"
    per_decade: Share = attrs.field(validator=between(0, 1))
    """Share that cells lose in each tenfold of time, of those that were written to their highest
    conductance."""
    per_decade_low: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Likewise of those that were written to their lowest; in between it is interpolated. None (null) where
    all states lose alike."""
    begins: Ns = attrs.field(validator=more_than(0))
    """Time after writing at which a cell conducts what it was written to; no loss is seen before."""

    def rates(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean losses a decade."""
        return by_state(state, high=self.per_decade, low=self.per_decade_low)

    def kept(self, age: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """By the decades."""
        # Clipped: the law was measured over some decades, and would lead below nothing after many.
        decades = np.log10(np.maximum(age, self.begins) / self.begins)
        return np.maximum(1 - rate * decades, 0.0)

    @property
    def quiet(self) -> float:
        """As described."""
        return float(self.begins)

    def missed(self, interval: float) -> float:
        """By the larger of the mean losses, of what was written."""
        largest = max(self.per_decade, self.per_decade_low or 0.0)
        return float(min(largest * np.log10(1 + interval / self.begins), 1.0))
