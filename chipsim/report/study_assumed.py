"""What a study says of orderings under the ranges of assumed prices, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from chipsim.study.assumed import FIGURES, UnderRanges
from chipsim.study.statistics import Gathered
from chipsim.wording import joined, plural

__all__ = ["price_sentences", "range_sentences", "some"]

_MOST_TOLD: Final = 8
"""Paths, or orders that turn, which are told one by one."""
_MOST_PAIRS: Final = 6
"""Orders that hold, of one figure."""


def price_sentences(gathered: Gathered, ranges: Sequence[UnderRanges]) -> list[str]:
    """All that a study says of orders of chips under the ranges of assumed prices.

    Parameters
    ----------
    gathered
        The study.
    ranges
        What became of the orders, of runs that can be compared; none where that was not asked for.
    """
    tried = gathered.study.assumed_values == "both-ends"
    return [sentence for under in ranges for sentence in range_sentences(under, values_tried=tried)]


def range_sentences(under: UnderRanges, *, values_tried: bool = False) -> list[str]:
    """Which orderings hold at both ends of every assumed price, which turn, and what was not tried.

    Parameters
    ----------
    under
        Of runs that are compared; nothing is said where no price was tried.
    values_tried
        Whether the study tries values of chips and workloads as well, of which it says more.

    Examples
    --------
    >>> range_sentences(UnderRanges(holding=(("area_mm2", "a", "b"),), tried=("costs.router.time",)))[1]
    'area: the order of 1 of 1 pair of chips holds over every range: a below b.'
    """
    if not under.tried:
        return []
    many = len(under.tried)
    were = "was" if many == 1 else "were"
    method = "one at a time, and the first run of each chip priced anew: one seed, no spread"
    what = f"{many} assumed {plural('price', many)} that these chips use"
    at = f"At the costs of {under.costs}, " if under.costs else ""
    told = [f"{at}{what} {were} put to both ends of the range, {method}."]
    for figure in FIGURES:
        told += _of_figure(figure, under)
    told += [f"{turn.sentence()}." for turn in under.turns[:_MOST_TOLD]]
    if len(under.turns) > _MOST_TOLD:
        counts = Counter(turn.path for turn in under.turns[_MOST_TOLD:])
        told.append(f"{counts.total()} more turn, at {some(list(counts))}.")
    if under.without:
        told.append(f"Not tried, for they have no range: {some(under.without)}.")
    if under.of_chips and not values_tried:
        count = len(under.of_chips)
        told.append(
            f"Not tried either: {count} assumed {plural('value', count)} of chips and workloads, which may "
            "change training; a study with assumed_values: both-ends tries those with a range."
        )
    return told


def _of_figure(figure: str, under: UnderRanges) -> list[str]:
    """Which orders in a figure hold, and how many pairs have none."""
    told = []
    held = [f"{less} below {more}" for key, less, more in under.holding if key == figure]
    turned = {(turn.less, turn.more) for turn in under.turns if turn.figure == figure}
    pairs = len(held) + len(turned)
    if pairs:
        of_all = f"{len(held)} of {pairs} {plural('pair', pairs)} of chips"
        names = f": {some(held, most=_MOST_PAIRS)}" if held else ""
        told.append(f"{FIGURES[figure]}: the order of {of_all} holds over every range{names}.")
    alike = sum(key == figure for key, _, _ in under.alike)
    if alike:
        are = "is" if alike == 1 else "are"
        not_counted = f"{alike} {plural('pair', alike)} of chips {are} not counted"
        told.append(f"{FIGURES[figure]}: {not_counted}, for seeds do not tell the order.")
    return told


def some(paths: Sequence[str], *, most: int = _MOST_TOLD) -> str:
    """Words in a row, as many as a sentence may have, and how many more there are.

    Parameters
    ----------
    paths
        Paths, or whatever is told one by one.
    most
        How many are named.

    Examples
    --------
    >>> some(["a", "b"]), some(["a", "b", "c", "d"], most=2)
    ('a and b', 'a, b and 2 more')
    """
    more = len(paths) - most
    return f"{', '.join(paths[:most])} and {more} more" if more > 0 else joined(paths)
