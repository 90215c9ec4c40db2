"""Whether seeds are enough to tell settings apart: asked before anything runs, and told on the page."""

from __future__ import annotations

from typing import Final

from chipsim.result.student import beside_best, least_told

__all__ = ["enough_seeds", "least_difference", "too_few_words"]

_ENOUGH: Final = 2.5
"""Standard deviations that three seeds tell two settings apart by."""
_TOO_FEW: Final = 5.0
"""Standard deviations from which on hardly anything that a seed moves is told apart."""
_MOST: Final = 100


def least_difference(seeds: int, settings: int) -> float:
    """How large a difference from the best mean has to be, in standard deviations of it over seeds.

    Parameters
    ----------
    seeds
        Of each setting, at least 2.
    settings
        That are compared, at least 2.

    Examples
    --------
    >>> [round(least_difference(seeds, 2), 1) for seeds in (3, 5)], round(least_difference(3, 1000))
    ([2.5, 1.2], 58)
    """
    return least_told(seeds, beside_best(settings - 1))


def enough_seeds(settings: int) -> int:
    """How many seeds tell so many settings apart as well as three do two of them.

    Examples
    --------
    >>> enough_seeds(2), enough_seeds(20), enough_seeds(1000)
    (3, 5, 9)
    """
    found = (seeds for seeds in range(3, _MOST) if least_difference(seeds, settings) <= _ENOUGH)
    return next(found, _MOST)


def too_few_words(seeds: int, settings: int) -> str:
    """What a study with several seeds cannot tell; empty where they are enough.

    Parameters
    ----------
    seeds
        Of each setting.
    settings
        That are compared in one figure.

    Examples
    --------
    >>> too_few_words(3, 100)
    'with 3 seeds, of 100 settings only those are told apart from the best that differ from it by 18 \
standard deviations over seeds; with 7 seeds 2.2 are enough'
    >>> too_few_words(5, 20)
    ''
    """
    # Of one seed nothing is told apart, as every page says.
    if seeds < 2 or settings < 2:
        return ""
    needed = least_difference(seeds, settings)
    if needed < _TOO_FEW:
        return ""
    more = enough_seeds(settings)
    return (
        f"with {seeds} seeds, of {settings:,} settings only those are told apart from the best that differ "
        f"from it by {needed:,.0f} standard deviations over seeds; with {more} seeds "
        f"{least_difference(more, settings):.1f} are enough"
    )
