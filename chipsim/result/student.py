"""Student's t: how often chance alone gives so large a difference, and what holds of many comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

__all__ = ["LEVEL", "holm", "limit", "two_sided"]

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


def limit(freedom: int) -> float:
    """What Student's t does not exceed on either side but in one case of twenty.

    Parameters
    ----------
    freedom
        Degrees of freedom, at least 1.

    Examples
    --------
    >>> [round(limit(freedom), 3) for freedom in (1, 2, 4, 30)]
    [12.706, 4.303, 2.776, 2.042]
    """
    low, high = 0.0, 20.0
    # Halved until the digits of a float end.
    for _ in range(60):
        middle = (low + high) / 2
        if two_sided(middle, freedom) > LEVEL:
            low = middle
        else:
            high = middle
    return high


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
