"""Student's t: how often chance alone gives so large a difference, and what holds of many comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "beside_best", "holm", "least_told", "limit", "two_sided", "two_sided_all"]

LEVEL: Final = 0.05
"""How often chance alone may tell two things apart that do not differ."""
_NORMAL: Final = 400
"""Degrees of freedom from which on more change nothing in the digits that anybody reads."""


def two_sided(t: float, freedom: int) -> float:
    """How often Student's t lies beyond `t` on either side, from 0 to 1.

    Parameters
    ----------
    t
        Statistic, of either sign; infinite for means without any spread.
    freedom
        Degrees of freedom, at least 1.

    Notes
    -----
    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4: finite sums, exact for whole
    degrees of freedom.

    Examples
    --------
    >>> round(two_sided(12.706, 1), 4), round(two_sided(4.303, 2), 4), round(two_sided(2.262, 9), 4)
    (0.05, 0.05, 0.05)
    """
    freedom = min(freedom, _NORMAL)
    angle = math.atan(abs(t) / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    # Terms of the sum: each is the one before, times squared cosine, times an odd number over an even one.
    term = cosine if odd else 1.0
    total = 0.0 if freedom == 1 else term
    for place in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * (place - 1) / place
        total += term
    inside = sine * total
    if odd:
        inside = (angle + inside) * 2 / math.pi
    # Rounding may leave a little less than nothing.
    return max(0.0, 1.0 - inside)


def two_sided_all(t: NDArray[Any], freedom: int) -> NDArray[np.float64]:
    """The same as :func:`two_sided` for many statistics at once.

    Parameters
    ----------
    t
        Statistics, of either sign, of any shape.
    freedom
        Degrees of freedom of all of them, at least 1.

    Examples
    --------
    >>> two_sided_all(np.array([0.0, 4.303]), 2).round(3).tolist()
    [1.0, 0.05]
    """
    freedom = min(freedom, _NORMAL)
    angle = np.arctan(np.abs(t) / math.sqrt(freedom))
    sine, cosine = np.sin(angle), np.cos(angle)
    odd = freedom % 2
    term = cosine.copy() if odd else np.ones_like(cosine)
    total = np.zeros_like(cosine) if freedom == 1 else term.copy()
    for place in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * ((place - 1) / place)
        total += term
    inside = sine * total
    if odd:
        inside = (angle + inside) * 2 / math.pi
    # Rounding may leave a little less than nothing.
    return np.asarray(np.maximum(0.0, 1.0 - inside), np.float64)


def limit(freedom: int, level: float = LEVEL) -> float:
    """What Student's t does not exceed on either side but in one case of twenty.

    Parameters
    ----------
    freedom
        Degrees of freedom, at least 1.
    level
        In another share of cases than one of twenty.

    Examples
    --------
    >>> [round(limit(freedom), 3) for freedom in (1, 2, 4, 30)], round(limit(2, 0.01), 3)
    ([12.706, 4.303, 2.776, 2.042], 9.925)
    """
    low, high = 0.0, 20.0
    while two_sided(high, freedom) > level:
        high *= 2
    # Halved until the digits of a float end.
    for _ in range(60):
        middle = (low + high) / 2
        if two_sided(middle, freedom) > level:
            low = middle
        else:
            high = middle
    return high


def least_told(seeds: int, level: float = LEVEL) -> float:
    """How large a difference has to be to be told apart, in standard deviations of it over seeds.

    Student's t has no smallest chance that a number of seeds can reach, but what it asks for grows fast where
    seeds are few: of so many standard deviations no difference of accuracies ever is.

    Parameters
    ----------
    seeds
        Over which differences are taken, at least 2.
    level
        How often chance alone may tell two things apart.

    Examples
    --------
    >>> [round(least_told(seeds), 2) for seeds in (2, 3, 5, 10)], round(least_told(3, 0.0001))
    ([8.98, 2.48, 1.24, 0.72], 58)
    """
    return limit(seeds - 1, level) / math.sqrt(seeds)


def beside_best(others: int) -> float:
    """How rarely chance may tell a setting apart from the best of several, so that the best is kept.

    What is told apart from the best mean is held not to be the best. That is wrong of one setting alone, the
    one that is best: it falls when any of the `others` beats it by chance, each of which may on one side
    only, in no more than one case of twenty together. Multiple comparisons with the best: Hsu, Annals of
    Statistics 12:1136, 1984, here by Bonferroni's inequality, which asks nothing of how settings depend on
    each other. A pair by itself is told apart at one in twenty on both sides, and no sooner here.

    Parameters
    ----------
    others
        Settings beside one, at least 1.

    Returns
    -------
    float
        Of the two-sided chance.

    Examples
    --------
    >>> beside_best(1), beside_best(2), beside_best(10), beside_best(1000)
    (0.05, 0.05, 0.01, 0.0001)
    """
    return min(LEVEL, 2 * LEVEL / others)


def holm(chances: Sequence[float]) -> list[bool]:
    """Which of several comparisons hold when all are looked at together.

    In no more than one study of twenty does any comparison hold by chance alone, however many were made
    and whatever they have to do with each other: Holm, Scandinavian Journal of Statistics 6:65, 1979.

    Parameters
    ----------
    chances
        How often chance alone gives as much, one for each comparison.

    Returns
    -------
    list of bool
        One for each comparison, in their order.

    Examples
    --------
    >>> holm([0.03, 0.01, 0.2]), holm([0.03]), holm([])
    ([False, True, False], [True], [])
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    held = [False] * len(chances)
    for done, place in enumerate(order):
        # The smallest has to pass for all, the next for one fewer; the first that fails ends it.
        if chances[place] > LEVEL / (len(chances) - done):
            break
        held[place] = True
    return held
