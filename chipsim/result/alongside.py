"""Many comparisons at once, by the rule of :mod:`chipsim.result.compared`: a sweep has a million of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.result.chance import ERRORS
from chipsim.result.compared import (
    CHANCE,
    EQUAL,
    ONE_SEED,
    PAIRED,
    ROUNDED,
    SPREAD,
    WELCH,
    Compared,
    Sample,
    compared,
)
from chipsim.result.student import LEVEL, two_sided_all

__all__ = ["WHYS", "Alongside", "Judged"]

WHYS: Final = ("", EQUAL, ONE_SEED, SPREAD, CHANCE)
"""Why two figures are not told apart, by the numbers that stand for it."""
_TOLD, _EQUAL, _ONE_SEED, _SPREAD, _CHANCE = range(len(WHYS))
_BYS: Final = ("", PAIRED, WELCH)

Places = NDArray[np.intp]
Floats = NDArray[np.float64]


@attrs.frozen(kw_only=True, eq=False)
class Judged:
    """How pairs of figures compare: what :class:`~chipsim.result.compared.Compared` says, a place a pair."""

    why: NDArray[np.int8]
    """Places in `WHYS`."""
    by: NDArray[np.int8]
    """Nothing that was drawn, paired, or unpaired."""
    chance: Floats
    """Not a number where it was not asked."""
    difference: Floats
    deviation: Floats
    """Not a number where nothing is paired."""
    seeds: NDArray[np.int64]
    agreeing: NDArray[np.int64]

    @classmethod
    def of(cls, differences: Floats) -> Judged:
        """Differences of means, of which nothing else is known yet."""
        count = len(differences)
        return cls(
            why=np.zeros(count, np.int8),
            by=np.zeros(count, np.int8),
            chance=np.full(count, np.nan),
            difference=differences,
            deviation=np.full(count, np.nan),
            seeds=np.zeros(count, np.int64),
            agreeing=np.zeros(count, np.int64),
        )

    def one(self, place: int) -> Compared:
        """One of them."""
        chance, deviation = float(self.chance[place]), float(self.deviation[place])
        return Compared(
            why=WHYS[self.why[place]],
            by=_BYS[self.by[place]],
            chance=None if np.isnan(chance) else chance,
            difference=float(self.difference[place]),
            deviation=None if np.isnan(deviation) else deviation,
            seeds=int(self.seeds[place]),
            agreeing=int(self.agreeing[place]),
        )

    def put(self, place: int, found: Compared) -> None:
        """Fill in one of them."""
        self.why[place] = WHYS.index(found.why)
        self.by[place] = _BYS.index(found.by)
        self.chance[place] = np.nan if found.chance is None else found.chance
        self.difference[place] = found.difference
        self.deviation[place] = np.nan if found.deviation is None else found.deviation
        self.seeds[place] = found.seeds
        self.agreeing[place] = found.agreeing


class Alongside:
    """One figure of many groups, of which any two can be compared.

    Parameters
    ----------
    samples
        The figure of each group.

    Examples
    --------
    >>> one = Sample(values=(97.0, 95.0, 96.0), seeds=(0, 1, 2), exact=False)
    >>> other = Sample(values=(96.5, 94.4, 95.6), seeds=(0, 1, 2), exact=False)
    >>> found = Alongside([one, other]).judged(np.array([0]), np.array([1])).one(0)
    >>> found.why, found.by, round(found.difference, 3), found.agreeing
    ('', 'paired', 0.5, 3)
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = list(samples)
        seeds = {seed: None for sample in samples for seed in sample.seeds if seed is not None}
        columns = {seed: column for column, seed in enumerate(seeds)}
        self._values = np.zeros((len(samples), len(columns)))
        self._known = np.zeros(self._values.shape, bool)
        for row, sample in enumerate(samples):
            # Seeds may be fewer than values, where nobody knows of which runs these are.
            for seed, value in zip(sample.seeds, sample.values, strict=False):
                if seed is not None:
                    self._values[row, columns[seed]] = value
                    self._known[row, columns[seed]] = True
        self.means = np.array([float(sample.mean) for sample in samples])
        self._errors = np.array([sample.error for sample in samples])
        self._exact = np.array([sample.exact for sample in samples], bool)
        self._constant = np.array([len(set(sample.values)) == 1 for sample in samples], bool)
        self._counted = np.array([sample.counted for sample in samples], bool)
        few = np.array([len(sample.values) < 2 for sample in samples], bool)
        self.single = few & ~self._exact
        """Of one seed, where another could change it."""

    def judged(self, ones: Places, others: Places) -> Judged:
        """How the figures of two groups compare, for many pairs of them.

        Parameters
        ----------
        ones, others
            Places of the groups, a pair each.
        """
        found = Judged.of(self.means[ones] - self.means[others])
        equal = self._constant[ones] & self._constant[others] & (self.means[ones] == self.means[others])
        single = ~equal & (self.single[ones] | self.single[others])
        exact = self._exact[ones] & self._exact[others]
        found.why[equal] = _EQUAL
        found.why[single] = _ONE_SEED
        drawn = ~equal & ~single & ~exact
        shared = self._known[ones] & self._known[others]
        pairable = shared.sum(axis=1) > 1
        self._pair(found, np.flatnonzero(drawn & pairable), ones, others)
        for place in np.flatnonzero(drawn & ~pairable).tolist():
            found.put(place, compared(self._samples[ones[place]], self._samples[others[place]]))
        told = drawn & (found.why == _TOLD)
        errors = np.hypot(self._errors[ones], self._errors[others])
        found.why[told & (np.abs(found.difference) <= ERRORS * errors)] = _CHANCE
        return found

    def _pair(self, found: Judged, places: Places, ones: Places, others: Places) -> None:
        """Fill in those that share seeds."""
        ones, others = ones[places], others[places]
        shared = self._known[ones] & self._known[others]
        differences = np.where(shared, self._values[ones] - self._values[others], 0.0)
        count = shared.sum(axis=1)
        mean = _means(differences, shared, count)
        deviation = _deviations(differences, shared, mean=mean)
        zero = ~differences.any(axis=1)
        counted = self._counted[ones] & self._counted[others]
        drawn = 2 - self._exact[ones].astype(int) - self._exact[others]
        spread = np.maximum(deviation, np.sqrt(ROUNDED * counted * drawn))
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(spread > 0, np.abs(mean) / (spread / np.sqrt(count)), np.inf)
        chance = np.zeros(len(places))
        for seeds in np.unique(count):
            alike = count == seeds
            chance[alike] = two_sided_all(t[alike], int(seeds) - 1)
        found.why[places] = np.where(zero, _EQUAL, np.where(chance > LEVEL, _SPREAD, _TOLD))
        found.difference[places] = mean
        # What is the same for every seed was not judged.
        judged = places[~zero]
        found.by[judged] = _BYS.index(PAIRED)
        found.chance[judged] = chance[~zero]
        found.deviation[judged] = deviation[~zero]
        found.seeds[judged] = count[~zero]
        found.agreeing[judged] = (differences * mean[:, None] > 0).sum(axis=1)[~zero]


def _means(differences: Floats, shared: NDArray[np.bool_], count: NDArray[Any]) -> Floats:
    most = np.where(shared, differences, -np.inf).max(axis=1, initial=-np.inf)
    least = np.where(shared, differences, np.inf).min(axis=1, initial=np.inf)
    # Where all seeds differ by the same, rounding of their sum must not make a spread.
    return np.asarray(np.where(most == least, most, differences.sum(axis=1) / count))


def _deviations(differences: Floats, shared: NDArray[np.bool_], *, mean: Floats) -> Floats:
    away = np.where(shared, differences - mean[:, None], 0.0)
    return np.asarray(np.sqrt((away**2).sum(axis=1) / (shared.sum(axis=1) - 1)))
