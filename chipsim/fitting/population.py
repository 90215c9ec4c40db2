"""What the cells of a fit are, in siemens and pulses, with what is known of each."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np

from chipsim.fitting.estimates import Estimate, mean_of, spread_of
from chipsim.fitting.packed import Packed
from chipsim.fitting.quantiles import Z95
from chipsim.fitting.scoring import Scored

__all__ = ["Population", "population_of"]

_NUDGE = 1e-5
_IN_LEVELS = ("step_up", "step_down", "low", "high")
"""Values over the whole range of the readings; the others are numbers."""


@attrs.frozen(kw_only=True, eq=False)
class Population:
    """Values of each cell."""

    values: dict[str, Any]
    """By what they are called, each (cells,): bounds and steps in siemens, others as the law has them."""
    variances: dict[str, Any]
    """Of the same."""
    noise: Estimate
    """Variation of a step, over the step."""
    white: Estimate
    """Standard deviation of a reading around where a cell is, S."""

    @property
    def cells(self) -> int:
        """How many."""
        return len(next(iter(self.values.values())))

    def mean(self, name: str) -> Estimate:
        """Of a value over cells."""
        return mean_of(self.values[name], self.variances[name])

    def median(self, name: str) -> Estimate:
        """The same of what is log-normal: the exponential of the mean of its logarithms."""
        values = self.values[name]
        return mean_of(np.log(values), self.variances[name] / values**2).through(_exponential)

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
            values = self.values[name]
            unit = float(values.mean()) if over is None else over
            offs.append((values - values.mean()) / unit)
            variances.append(self.variances[name] / unit**2)
        freedom = len(names) * (self.cells - 1)
        return spread_of(np.concatenate(offs), np.concatenate(variances), freedom=freedom)

    def with_values(self, name: str, values: Any, variances: Any) -> Population:
        """With another value of each cell."""
        return attrs.evolve(
            self, values={**self.values, name: values}, variances={**self.variances, name: variances}
        )


def _exponential(value: float) -> float:
    """What a logarithm is of, kept among the numbers that there are."""
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
    variances = {
        name: np.einsum("cp,cpq,cq->c", slope, scored.covariance, slope) for name, slope in slopes.items()
    }
    for name in _IN_LEVELS:
        begins = packed.low if name in ("low", "high") else 0.0
        values[name] = begins + packed.span * values[name]
        variances[name] = packed.span**2 * variances[name]
    noise, white = (_of_logarithm(scored, place) for place in (0, 1))
    return Population(values=values, variances=variances, noise=noise, white=white.times(packed.span))


def _of_logarithm(scored: Scored, place: int) -> Estimate:
    middle = float(scored.noise[place])
    reach = min(Z95 * float(np.sqrt(max(scored.noise_covariance[place, place], 0.0))), 20.0)
    plain = Estimate(value=middle, low=middle - reach, high=middle + reach)
    return plain.through(_exponential)
