"""What cells are on average and how far they differ, with the intervals that hold it in 95 of 100 cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import attrs

from chipsim.device.types import Sums
from chipsim.fitting.quantiles import Z95, chi_squares, student

__all__ = ["Estimate", "mean_of", "quotient", "spread_of", "widened"]

_WIDEST: Final = 20.0
"""Half of an interval, in logarithms: of what is wider nothing is known."""


@attrs.frozen(kw_only=True)
class Estimate:
    """A number that was fitted.

    Examples
    --------
    >>> Estimate(value=2.0, low=1.5, high=2.5).through(lambda one: 1 / one)
    Estimate(value=0.5, low=0.4, high=0.6666666666666666)
    """

    value: float
    low: float
    """The lower end of the interval of 95 %."""
    high: float

    def through(self, function: Callable[[float], float]) -> Estimate:
        """The same of a rising or falling function of it."""
        ends = sorted((function(self.low), function(self.high)))
        return Estimate(value=function(self.value), low=ends[0], high=ends[1])

    def times(self, factor: float) -> Estimate:
        """The same in another unit."""
        return self.through(lambda one: one * factor)


def mean_of(values: Sums, variances: Sums, *, common: float = 0.0) -> Estimate:
    """The mean over cells.

    Parameters
    ----------
    values
        Of each cell (cells,).
    variances
        Of what was fitted to each (cells,): where there is one cell alone, all that is known.
    common
        Variance of the mean that all cells have together, for what is fitted to all of them at once.

    Examples
    --------
    >>> import numpy as np
    >>> found = mean_of(np.array([1.0, 2.0, 3.0]), np.zeros(3))
    >>> found.value, round(found.high - found.value, 2)
    (2.0, 2.48)
    """
    size = values.size
    mean = float(values.mean())
    if size == 1:
        reach = Z95 * math.sqrt(max(float(variances[0]), 0.0))
    else:
        # What cells were fitted with is in how they differ; where they hardly do, it is all there is.
        among = float(values.var(ddof=1))
        reach = student(size - 1) * math.sqrt(max(among, float(variances.mean())) / size)
    reach = math.hypot(reach, Z95 * math.sqrt(max(common, 0.0)))
    return Estimate(value=mean, low=mean - reach, high=mean + reach)


def spread_of(values: Sums, variances: Sums, *, freedom: int) -> Estimate:
    """The standard deviation over cells, without what is due to the fit of each.

    Parameters
    ----------
    values
        What each is off the mean, in any shape.
    variances
        Of what was fitted, in the same shape.
    freedom
        Of how many values deviations are known apart from the means that were taken off.

    Examples
    --------
    >>> import numpy as np
    >>> spread_of(np.array([-1.0, 0.0, 1.0]), np.zeros(3), freedom=2).value
    1.0
    """
    # Variances add up: what is due to the fit is in the whole, and is taken off.
    total = float((values**2).sum())
    fitted = float(variances.mean())
    low, high = chi_squares(freedom)

    def without(variance: float) -> float:
        return math.sqrt(max(variance - fitted, 0.0))

    return Estimate(value=without(total / freedom), low=without(total / high), high=without(total / low))


def quotient(above: Estimate, below: Estimate) -> Estimate:
    """One estimate over another that does not hang on it; both above zero.

    Examples
    --------
    >>> one = Estimate(value=4.0, low=3.6, high=4.4)
    >>> found = quotient(one, Estimate(value=2.0, low=2.0, high=2.0))
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 2)
    (2.0, 1.81, 2.21)
    """
    value = above.value / below.value
    reach = math.hypot(_relative(above), _relative(below))
    # In logarithms, so that no end lies below zero.
    return Estimate(value=value, low=value * math.exp(-reach), high=value * math.exp(reach))


def widened(estimate: Estimate, reach: float) -> Estimate:
    """An estimate above zero that is off by something else as well.

    Parameters
    ----------
    estimate
        What it is without.
    reach
        Half of the interval of a factor of one, in logarithms.

    Examples
    --------
    >>> found = widened(Estimate(value=1.0, low=1.0, high=1.0), 0.1)
    >>> round(found.low, 3), round(found.high, 3)
    (0.905, 1.105)
    """
    whole = min(math.hypot(_relative(estimate), reach), _WIDEST)
    value = estimate.value
    return Estimate(value=value, low=value * math.exp(-whole), high=value * math.exp(whole))


def _relative(estimate: Estimate) -> float:
    """Half of the interval over the value, or in logarithms where it is far from symmetric."""
    if estimate.low > 0:
        reach = 0.5 * math.log(estimate.high / estimate.low)
    else:
        reach = 0.5 * (estimate.high - estimate.low) / abs(estimate.value)
    return min(reach, _WIDEST)
