"""Endurance as pages and the terminal tell it: names of counts, shares of cells, and what a chip stands."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from chipsim.errors import OutputError
from chipsim.report.figure import Look, looks
from chipsim.result import Result
from chipsim.result.endurance import CellWear, Endurance, EnduranceQuestion, endurance
from chipsim.result.extent import stopped_after
from chipsim.result.metrics import show_number
from chipsim.wording import joined, plural

__all__ = [
    "HEADS",
    "Endured",
    "count_names",
    "endured",
    "few_groups",
    "group_cells",
    "left_out_sentence",
    "not_counted_sentence",
    "resets_sentence",
    "seeds_sentence",
    "share_text",
    "shares_sentence",
    "spread_sentence",
    "stands_sentence",
]

_MOST_ARRAYS: Final = 12
"""Arrays that are told one by one; with more of them, layers are."""

HEADS: Final = (
    *("Cells", "Mean", "Median", "99 %", "Hottest", "Never"),
    *("Under {under:,}", "Over {over:,}", "Past endurance", "Trainings"),
)
"""Headings of :func:`group_cells`, for ``format`` with the thresholds."""
_UNKNOWN: Final = "\N{EN DASH}"

Shown: TypeAlias = tuple[str, float | int]
"""A figure as text, and as the number that lines are sorted by."""


def count_names(count: str, *, levels: bool) -> str:
    """What is counted, in the plural.

    Parameters
    ----------
    count
        One of :data:`~chipsim.result.wear.COUNTS`, or ``resets``.
    levels
        Whether the cells are programmed to levels, and not changed by small pulses.

    Examples
    --------
    >>> count_names("operations", levels=True), count_names("operations", levels=False)
    ('SETs and RESETs', 'pulses and resets')
    """
    # Small pulses and SETs share a column of the tables, and so do resets and RESETs.
    small, back = ("SETs", "RESETs") if levels else ("pulses", "resets")
    names = {"pulses": small, "resets": back, "operations": f"{small} and {back}"}
    return names.get(count, count)


def share_text(cells: int, *, of: int) -> str:
    """A share in percent; few cells are not told as none, nor almost all as all.

    Examples
    --------
    >>> share_text(1, of=3), share_text(1, of=1_000_000), share_text(999_999, of=1_000_000)
    ('33.33 %', '< 0.01 %', '> 99.99 %')
    """
    # One in 20,000 is 0.005 %: what is less would be rounded to nothing, and its counterpart to all.
    if 0 < cells * 20_000 < of:
        return "< 0.01 %"
    if 0 < (of - cells) * 20_000 < of:
        return "> 99.99 %"
    return f"{100 * cells / of:.2f} %"


def group_cells(group: CellWear) -> list[Shown]:
    """One line of a table of groups: each figure as text, and as the number that lines are sorted by."""
    return [
        _whole(group.cells),
        (show_number(group.mean), group.mean),
        *(_whole(count) for count in (group.median, group.most_of, group.hottest)),
        *(_share(cells, group) for cells in (group.untouched, group.under, group.over)),
        # For whoever sorts by it, what is not known is less than everything that is.
        (_UNKNOWN, -1.0) if group.past_endurance is None else _share(group.past_endurance, group),
        (_UNKNOWN, -1) if group.trainings is None else _whole(group.trainings),
    ]


def _whole(count: int) -> tuple[str, int]:
    return f"{count:,}", count


def _share(cells: int, group: CellWear) -> tuple[str, float]:
    return share_text(cells, of=group.cells), cells / group.cells


def shares_sentence(found: Endurance) -> str:
    """How many of all cells had few operations, and how many had many."""
    whole, asked = found.all, found.question
    what = _what(found)
    under = share_text(whole.under, of=whole.cells)
    over = share_text(whole.over, of=whole.cells)
    fewer = f"{under} of {whole.cells:,} cells had fewer than {_counted(asked.under, what)}"
    return f"{fewer}, {over} more than {asked.over:,}; the hottest cell had {whole.hottest:,}."


def _what(found: Endurance) -> str:
    """What is counted of the cells, in the plural."""
    # Of cells of both sorts, SETs of the one are not told as small pulses of the other.
    if found.both and found.count == "pulses":
        return "pulses or SETs"
    return count_names(found.count, levels=found.levels)


def stands_sentence(found: Endurance, *, stopped: str = "") -> str:
    """How many such trainings the cells stand, or why nobody knows.

    Parameters
    ----------
    found
        How worn they are.
    stopped
        After what the run was stopped, as :func:`~chipsim.result.extent.stopped_after` tells it.
    """
    known, limit = found.known, found.endurance
    missing = f"the chip's description gives no {joined(found.unknown, last='or')}"
    if known is None:
        return f"How often a cell can be written is not known: {missing}."
    rest = _trainings_words(known, share=found.question.share, stopped=stopped)
    so_far = _past_words(known.past_endurance or 0)
    stands, told = "what its group of tiles says", ""
    if limit is not None:
        stands = _counted(limit, " or ".join(found.known_cycles))
        # A cell of two levels is programmed twice in a cycle: whoever reads a count of either has to know.
        told = " A cycle is a SET and a RESET." if "cycles" in found.known_cycles else ""
    if not found.unknown:
        return f"A cell stands {stands}: {rest}; {so_far} now.{told}"
    others = found.all.cells - known.cells
    return (
        f"How often {others:,} cells can be written is not known: {missing}. Of the other {known.cells:,} a "
        f"cell stands {stands}: {rest}; {so_far} now.{told}"
    )


def _trainings_words(known: CellWear, *, share: Fraction, stopped: str) -> str:
    """How many trainings take the share that was asked for past the endurance."""
    some, trainings = _percent(share), known.trainings
    # A run that was stopped wore its cells less than a whole training, so it is not counted as one.
    such = f"trainings stopped after {stopped}" if stopped else "such trainings"
    if trainings is None:
        return f"{some} of the cells never get past that by {such}, for too few of them wear"
    if trainings == 1:
        one = f"this one training, stopped after {stopped}," if stopped else "this one training"
        return f"{one} took {some} of the cells or more past that"
    return f"{trainings:,} {such}, this one included, take {some} of the cells past that"


def spread_sentence(found: Endurance) -> str:
    """What is to be expected where each cell stands a number of its own; empty where all stand as much."""
    known = found.spread
    if known is None:
        return ""
    some = _percent(found.question.share)
    spreads = joined([f"{spread:g}" for spread in known.spreads], last="and")
    first = "never have a cell past its own endurance, for too few of them wear"
    if known.first is not None:
        after = f"{known.first:,} such {plural('training', known.first)}"
        first = f"have a cell past its own endurance after {after}"
    share = "never are past theirs" if known.share is None else f"are past theirs after {known.share:,}"
    return (
        f"That is with the described endurance for all. With endurances of their own, as device.wear spreads "
        f"them ({spreads} in their logarithm), half of all such chips {first}; {some} of the cells {share}. "
        "That is to be expected before they are drawn."
    )


def _past_words(cells: int) -> str:
    if not cells:
        return "no cell is"
    return "1 cell is" if cells == 1 else f"{cells:,} cells are"


def left_out_sentence(found: Endurance) -> str:
    """How many cells are not counted, because nothing was written to their arrays; empty when all are."""
    if not found.left_out:
        return ""
    # The table has fewer cells than the chip, and a reader who adds them up has to know why.
    count = len(found.left_out)
    arrays = f"{count:,} {plural('array', count)}"
    return f"Left out are {found.left_out_cells:,} cells of {arrays} that nothing was written to."


def not_counted_sentence(found: Endurance) -> str:
    """Whose cells have no such count as is asked for; empty where all have."""
    if not found.not_counted:
        return ""
    cells = f"{found.not_counted_cells:,} cells of {joined(found.not_counted)}"
    return f"Not counted are {cells}, which take pulses and are not programmed to levels."


def resets_sentence(found: Endurance) -> str:
    """The resets that come on top of pulses; empty for cells programmed to levels, whose cycles hold them."""
    if found.levels:
        return ""
    if not found.resets:
        return "No cell was reset."
    # Resets wear cells, too, but no endurance of pulses and resets together is published.
    return (
        f"Resets are counted apart, {found.resets:,} in all and {found.most_resets:,} of the cell that had "
        "most; the endurance is taken as one of pulses."
    )


def _counted(number: int, names: str) -> str:
    """A number and what is counted, in the singular for one."""
    if number != 1:
        return f"{number:,} {names}"
    # One operation is a pulse or a reset, and not both.
    single = [name.removesuffix("s") for name in re.split(" and | or ", names)]
    return f"1 {' or '.join(single)}"


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):g} %"


def few_groups(found: Endurance) -> tuple[CellWear, ...]:
    """Arrays as long as they are few, else layers where they are known, else tiles; all cells last."""
    arrays = found.by("array")
    if len(arrays) <= _MOST_ARRAYS:
        return (*arrays, found.all)
    # Older results do not say which layers their arrays belong to, but every array names its tile.
    return (*(found.by("layer") or found.by("tile")), found.all)


@attrs.frozen(kw_only=True)
class Endured:
    """What the page tells of the cells of one result."""

    look: Look
    stopped: bool
    """Whether the run ended before its end."""
    sentences: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, list[Shown]], ...]
    """Name of each group, and its figures."""
    found: Endurance


def seeds_sentence(results: Sequence[Result], question: EnduranceQuestion | None = None) -> str:
    """Where the hottest cell, and what cells stand, lie over runs of several seeds; empty for one run."""
    found = []
    for result in results:
        with contextlib.suppress(OutputError):
            found.append(endurance(result, question))
    if len(found) < 2:
        return ""
    what = _what(found[0])
    hottest = [one.all.hottest for one in found]
    told = f"Over {len(found)} seeds the hottest cell had {_between(hottest)} {what}"
    trainings = [one.all.trainings for one in found if one.all.trainings is not None]
    # With a seed whose cells never wear out there is no most: a range of the others would hide it.
    if len(trainings) < len(found):
        return f"{told}."
    return f"{told}, and it takes {_between(trainings)} trainings."


def _between(counts: Sequence[int]) -> str:
    return f"{min(counts):,} to {max(counts):,}"


def endured(results: Sequence[Result], question: EnduranceQuestion | None = None) -> list[Endured]:
    """How worn cells are, for each result in which some were written."""
    told = []
    for result, look in zip(results, looks(results), strict=True):
        try:
            found = endurance(result, question)
        except OutputError:
            # Nothing wears here, or nothing was written: there is nothing to tell.
            continue
        asked, stopped = found.question, stopped_after(result)
        sentences = (
            shares_sentence(found),
            stands_sentence(found, stopped=stopped),
            spread_sentence(found),
            resets_sentence(found),
            left_out_sentence(found),
            not_counted_sentence(found),
        )
        heads = [head.format(under=asked.under, over=asked.over) for head in HEADS]
        rows = [(group.name, group_cells(group)) for group in few_groups(found)]
        one = Endured(
            look=look,
            stopped=bool(stopped),
            sentences=tuple(filter(None, sentences)),
            heads=tuple(heads),
            rows=tuple(rows),
            found=found,
        )
        told.append(one)
    return told
