"""What a study says of orderings under the ranges of assumed prices, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from chipsim.study.assumed import FIGURES, UnderRanges
from chipsim.wording import joined, plural

__all__ = ["range_sentences"]

_MOST_TOLD: Final = 8
"""Paths, or orders that turn, which are told one by one."""


def range_sentences(under: UnderRanges) -> list[str]:
    """Which orderings hold at both ends of every assumed price, which turn, and what was not tried.

    Parameters
    ----------
    under
        Of runs that are compared; nothing is said where no price was tried.

    Examples
    --------
    >>> range_sentences(UnderRanges(holding=(("area_mm2", "a", "b"),), tried=("costs.router.time",)))[1]
    'area: the order of 1 of 1 pair of chips holds over every range.'
    """
    if not under.tried:
        return []
    many = len(under.tried)
    were = "was" if many == 1 else "were"
    method = "one at a time, and the first run of each chip priced anew: one seed, no spread"
    what = f"{many} assumed {plural('price', many)} that these chips use"
    at = f"At the costs of {under.costs}, " if under.costs else ""
    told = [f"{at}{what} {were} put to both ends of the range, {method}."]
    turned = dict.fromkeys((turn.figure, turn.less, turn.more) for turn in under.turns)
    for figure, word in FIGURES.items():
        held = sum(each[0] == figure for each in under.holding)
        pairs = held + sum(each[0] == figure for each in turned)
        if pairs:
            of_all = f"{held} of {pairs} {plural('pair', pairs)} of chips"
            told.append(f"{word}: the order of {of_all} holds over every range.")
    told += [f"{turn.sentence()}." for turn in under.turns[:_MOST_TOLD]]
    if len(under.turns) > _MOST_TOLD:
        counts = Counter(turn.path for turn in under.turns[_MOST_TOLD:])
        told.append(f"{counts.total()} more turn, at {_some(list(counts))}.")
    if under.without:
        told.append(f"Not tried, for they have no range: {_some(under.without)}.")
    if under.of_chips:
        count = len(under.of_chips)
        told.append(
            f"Not tried either: {count} assumed {plural('value', count)} of chips and workloads, which may "
            "change training."
        )
    return told


def _some(paths: Sequence[str]) -> str:
    more = len(paths) - _MOST_TOLD
    return f"{', '.join(paths[:_MOST_TOLD])} and {more} more" if more > 0 else joined(paths)
