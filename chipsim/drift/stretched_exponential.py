"""Relaxation towards a level, fast at first and ever slower."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.drift.drift import VariedDrift
from chipsim.spec.fields import at_least, between, more_than
from chipsim.units import Ns, Siemens

__all__ = ["StretchedExponential"]


@attrs.frozen(kw_only=True)
class StretchedExponential(VariedDrift):
    """``G(t) = level + (G(0) - level) exp(-(t / time_constant) ^ stretch)``, t counted from the last writing.

    Examples
    --------
    >>> law = StretchedExponential(level=Siemens(1e-5), time_constant=Ns(1_000_000_000), stretch=0.5)
    >>> round(float(law.kept(np.array([4e9]), np.array([1.0]))[0]), 4)
    0.1353
    """

    kind: ClassVar[str] = "stretched-exponential"
    level: Siemens = attrs.field(validator=at_least(0))
    """Conductance that cells come to in the end, from above and from below."""
    time_constant: Ns = attrs.field(validator=more_than(0))
    """Time after which a cell has kept 1/e of its distance from the level; `spread` is of its inverse."""
    stretch: float = attrs.field(default=1.0, validator=between(0.01, 1))
    """1 for an exponential; the less, the faster at first and the slower later."""

    @property
    def towards(self) -> float:
        """As described."""
        return self.level

    def rates(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """One time constant for all states."""
        return np.ones_like(state)

    def kept(self, age: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """By the power in the exponent."""
        found: NDArray[np.float64] = np.exp(-((rate * age / self.time_constant) ** self.stretch))
        return found

    def missed(self, interval: float) -> float:
        """What is lost in the interval right after writing, when it is lost fastest."""
        return float(1 - np.exp(-((interval / self.time_constant) ** self.stretch)))
