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
_MOST_PAIRS: Final = 6
"""Orders that hold, of one figure."""


def range_sentences(under: UnderRanges) -> list[str]:
    """Which orderings hold at both ends of every assumed price, which turn, and what was not tried.

    Parameters
    ----------
    under
        Of runs that are compared; nothing is said where no price was tried.

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


def _of_figure(figure: str, under: UnderRanges) -> list[str]:
    """Which orders in a figure hold, and how many pairs have none."""
    told = []
    held = [f"{less} below {more}" for key, less, more in under.holding if key == figure]
    turned = {(turn.less, turn.more) for turn in under.turns if turn.figure == figure}
    pairs = len(held) + len(turned)
    if pairs:
        of_all = f"{len(held)} of {pairs} {plural('pair', pairs)} of chips"
        names = f": {_some(held, most=_MOST_PAIRS)}" if held else ""
        told.append(f"{FIGURES[figure]}: the order of {of_all} holds over every range{names}.")
    alike = sum(key == figure for key, _, _ in under.alike)
    if alike:
        are = "is" if alike == 1 else "are"
        not_counted = f"{alike} {plural('pair', alike)} of chips {are} not counted"
        told.append(f"{FIGURES[figure]}: {not_counted}, for seeds do not tell the order.")
    return told


def _some(paths: Sequence[str], *, most: int = _MOST_TOLD) -> str:
    more = len(paths) - most
    return f"{', '.join(paths[:most])} and {more} more" if more > 0 else joined(paths)
