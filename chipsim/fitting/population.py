"""What the cells of a fit are, in siemens and pulses, with what is known of each."""

from __future__ import annotations

import math
from collections.abc import Mapping

import attrs
import numpy as np

from chipsim.device.types import Sums
from chipsim.fitting.estimates import Estimate, mean_of, spread_of
from chipsim.fitting.packed import Packed
from chipsim.fitting.quantiles import Z95
from chipsim.fitting.scoring import Scored

__all__ = ["Known", "Population", "exponential", "population_of"]

_NUDGE = 1e-5
_IN_LEVELS = ("step_up", "step_down", "low", "high")
"""Values over the whole range of the readings; the others are numbers."""


@attrs.frozen(kw_only=True, eq=False)
class Known:
    """One value of each cell, with what is known of it."""

    values: Sums
    """(cells,): bounds and steps in siemens, others as the law has them."""
    variances: Sums
    """Of the fit of each, as if what is common to all were known (cells,)."""
    leaning: Sums
    """By how much each moves with a number that is common to all (cells, common)."""

    def through(self, values: Sums, slopes: Sums) -> Known:
        """A function of it.

        Parameters
        ----------
        values
            Of the function (cells,).
        slopes
            By how much it moves with the value (cells,), or (1,) for all.
        """
        variances, leaning = slopes**2 * self.variances, slopes[..., None] * self.leaning
        return Known(values=values, variances=variances, leaning=leaning)

    def plus(self, other: Known, *, times: float = 1.0) -> Known:
        """With another value, so many times, added to it."""
        return Known(
            values=self.values + times * other.values,
            variances=self.variances + times**2 * other.variances,
            leaning=self.leaning + times * other.leaning,
        )


@attrs.frozen(kw_only=True, eq=False)
class Population:
    """Values of each cell."""

    known: Mapping[str, Known]
    """By what they are called."""
    common_covariance: Sums
    """Of what is common to all cells (common, common)."""
    noise: Estimate
    """Variation of a step, over the step."""
    white: Estimate
    """Standard deviation of a reading around where a cell is, S."""

    @property
    def cells(self) -> int:
        """How many."""
        return len(next(iter(self.known.values())).values)

    def mean(self, name: str) -> Estimate:
        """Of a value over cells."""
        return self.mean_of(self.known[name])

    def mean_of(self, known: Known) -> Estimate:
        """The same of a value that has no name."""
        together = known.leaning.mean(axis=0)
        common = float(together @ self.common_covariance @ together)
        return mean_of(known.values, known.variances, common=common)

    def logarithm(self, name: str) -> Known:
        """Of a value above zero."""
        known = self.known[name]
        return known.through(np.log(known.values), 1 / known.values)

    def median(self, name: str) -> Estimate:
        """The mean of what is log-normal: the exponential of the mean of its logarithms."""
        return self.mean_of(self.logarithm(name)).through(exponential)

    def spread(self, *names: str, over: float | None = None) -> Estimate | None:
        """How far cells differ in values that spread alike; None for a single cell.

        Parameters
        ----------
        names
            Of the values.
        over
            What deviations are taken over; None for the mean of each.
        """
        if self.cells < 2:
            return None
        offs, variances = [], []
        for name in names:
            known = self.known[name]
            unit = float(known.values.mean()) if over is None else over
            offs.append((known.values - known.values.mean()) / unit)
            variances.append(known.variances / unit**2)
        freedom = len(names) * (self.cells - 1)
        return spread_of(np.concatenate(offs), np.concatenate(variances), freedom=freedom)

    def with_known(self, name: str, known: Known) -> Population:
        """With another value of each cell."""
        return attrs.evolve(self, known={**self.known, name: known})


def exponential(value: float) -> float:
    """What a logarithm is of, kept among the numbers that there are.

    Examples
    --------
    >>> exponential(0.0), exponential(1e6) == exponential(600.0)
    (1.0, True)
    """
    return math.exp(min(max(value, -600.0), 600.0))


def population_of(packed: Packed, scored: Scored) -> Population:
    """The cells of a fit.

    Parameters
    ----------
    packed
        What was fitted.
    scored
        The fit.
    """
    law, numbers = scored.law, scored.numbers
    values = dict(law.values(numbers))
    # By small changes: what people call a law's values is no straight line of the numbers fitted.
    slopes = {name: np.zeros(numbers.shape) for name in values}
    # One cell at a time: some values count from a middle that all cells share.
    for place in range(numbers.shape[1]):
        for cell in range(packed.cells):
            nudged = numbers.copy()
            nudged[cell, place] += _NUDGE
            for name, value in law.values(nudged).items():
                slopes[name][cell, place] = (value[cell] - values[name][cell]) / _NUDGE
    known = {}
    for name, slope in slopes.items():
        begins, unit = 0.0, 1.0
        if name in _IN_LEVELS:
            begins, unit = (packed.low if name in ("low", "high") else 0.0), packed.span
        known[name] = Known(
            values=begins + unit * values[name],
            variances=unit**2 * np.einsum("cp,cpq,cq->c", slope, scored.covariance, slope),
            leaning=unit * np.einsum("cp,cpk->ck", slope, scored.leaning),
        )
    noise, white = (_of_logarithm(scored, place) for place in (0, 1))
    return Population(
        known=known,
        common_covariance=scored.common_covariance,
        noise=noise,
        white=white.times(packed.span),
    )


def _of_logarithm(scored: Scored, place: int) -> Estimate:
    middle = float(scored.noise[place])
    variance = float(scored.common_covariance[place, place])
    reach = min(Z95 * float(np.sqrt(max(variance, 0.0))), 20.0)
    plain = Estimate(value=middle, low=middle - reach, high=middle + reach)
    return plain.through(exponential)
