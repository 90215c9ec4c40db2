"""How many trainings cells stand whose endurances are spread: what is to be expected before any is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs
import numpy as np

__all__ = ["SpreadCells", "SpreadTrainings", "trainings_of_spread"]

_LONGEST: Final = 2**62
"""Trainings that nobody makes."""


@attrs.frozen(kw_only=True, eq=False)
class SpreadCells:
    """Cells of an array, and how their endurances are spread."""

    cycles: Any
    """Cycles, or pulses, of each cell in one training."""
    endurance: int
    """Median of those that a cell stands."""
    spread: float
    """Standard deviation of their logarithm."""


@attrs.frozen(kw_only=True)
class SpreadTrainings:
    """What is to be expected of such cells."""

    spreads: tuple[float, ...]
    """Those that are described, each once."""
    first: int | None
    """Trainings after which half of all such chips have a cell past its own endurance; None for never."""
    share: int | None
    """Trainings after which the share that was asked for is to be expected past theirs; None for never."""


def trainings_of_spread(
    arrays: Sequence[SpreadCells], *, share: Fraction = Fraction(1, 100)
) -> SpreadTrainings:
    """How many trainings such cells stand, their endurances being log-normal.

    Parameters
    ----------
    arrays
        The cells.
    share
        Of all of them.

    Examples
    --------
    >>> alike = SpreadCells(cycles=[10, 10], endurance=1000, spread=0.5)
    >>> found = trainings_of_spread([alike], share=Fraction(1, 2))
    >>> found.first, found.share
    (77, 100)
    """
    groups = [group for one in arrays for group in _groups(one)]
    total = sum(one.cells for one in groups)

    def failed(trainings: int) -> float:
        return math.fsum(one.cells * one.past(trainings) for one in groups)

    def unharmed(trainings: int) -> float:
        # Of thousands of cells none is past its own: a product of numbers near one, by logarithms.
        return math.fsum(one.cells * math.log1p(-min(one.past(trainings), _SURE)) for one in groups)

    wanted = float(share) * total
    return SpreadTrainings(
        spreads=tuple(sorted({one.spread for one in arrays})),
        first=_least(lambda trainings: unharmed(trainings) <= math.log(0.5)),
        share=_least(lambda trainings: failed(trainings) >= wanted),
    )


_SURE: Final = 1 - 1e-15
"""As likely as double precision tells from certain."""


@attrs.frozen(kw_only=True)
class _Alike:
    """Cells that had as much in one training, and stand as much but for chance."""

    cells: int
    cycles: int
    endurance: int
    spread: float

    def past(self, trainings: int) -> float:
        """Probability that one of them is past what it stands after so many trainings."""
        if not self.cycles:
            return 0.0
        had = trainings * self.cycles
        if not self.spread:
            return float(had > self.endurance)
        return 0.5 * math.erfc(-math.log(had / self.endurance) / (self.spread * math.sqrt(2)))


def _groups(one: SpreadCells) -> list[_Alike]:
    """The cells of an array by what they had: of thousands of them a few counts are left."""
    cycles, cells = np.unique(np.asarray(one.cycles), return_counts=True)
    return [
        _Alike(cells=many, cycles=had, endurance=one.endurance, spread=one.spread)
        for many, had in zip(cells.tolist(), cycles.tolist(), strict=True)
    ]


def _least(holds: Callable[[int], bool]) -> int | None:
    """The smallest number of trainings for which something holds that holds for all larger ones."""
    most = 1
    while not holds(most):
        most *= 2
        if most > _LONGEST:
            return None
    least = most // 2
    while most - least > 1:
        middle = (most + least) // 2
        least, most = (least, middle) if holds(middle) else (middle, most)
    return most
