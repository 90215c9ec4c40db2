"""Operations of every cell of a saved run, and arithmetic on them: shares, quantiles, hottest cells.

Operations of a cell are counted in one of four ways, which :data:`COUNTS` defines. All is exact: whole
numbers and fractions, and thresholds are strict, so that a cell with exactly 25 operations is neither under
nor over 25.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.errors import OutputError, did_you_mean
from chipsim.result import Result, Wear

__all__ = [
    "COUNTS",
    "Cells",
    "HotCell",
    "cell_counts",
    "cells_over",
    "cells_under",
    "cycle_count",
    "cycles_of_cells",
    "exact_share",
    "hottest_cells",
    "pulsed",
    "quantile",
    "trainings_until",
    "unwritten",
    "usual_count",
]

Cells = NDArray[np.int64]
"""Operations of cells (rows, columns)."""

COUNTS: Final[Mapping[str, str]] = {
    "programmings": "times that a cell was programmed to a level, a RESET and a SET to it counted once",
    "cycles": "SETs or RESETs of a cell, whichever are more, since a cycle is one of each",
    "operations": "every SET (or small pulse) and every RESET of a cell",
    "pulses": "small pulses of a cell, or its SETs; no other pulses are counted",
}
"""What may be counted of a cell, and what each count means."""


def exact_share(value: Fraction | float | str) -> Fraction:
    """A share as it is written: 0.07 is seven hundredths, not the float next to it.

    Examples
    --------
    >>> exact_share(0.07), exact_share("1/3")
    (Fraction(7, 100), Fraction(1, 3))
    """
    return value if isinstance(value, Fraction) else Fraction(str(value))


@attrs.frozen(kw_only=True)
class HotCell:
    """One of the most worn cells."""

    array: str
    row: int
    column: int
    operations: int
    """By the count asked for."""
    programmings: int | None
    pulses: int
    """Small pulses, or SETs."""
    resets: int


def unwritten(wear: Sequence[Wear]) -> tuple[Wear, ...]:
    """The arrays that nothing was written to: their cells had no pulse and no reset, nor were programmed.

    Counted as cells that wear they would halve what each cell had on average, and double what a chip stands.
    """
    return tuple(one for one in wear if not _written(one))


def _written(one: Wear) -> bool:
    programmed = one.programmings is not None and np.any(one.programmings)
    return bool(programmed or np.any(one.pulses) or np.any(one.resets))


def pulsed(wear: Sequence[Wear]) -> tuple[Wear, ...]:
    """The arrays that a run's figures of pulses are of: those whose cells take small pulses.

    Where all cells are programmed to levels these are all arrays, whose SETs stand for pulses.

    Parameters
    ----------
    wear
        Of a whole run.
    """
    small = tuple(one for one in wear if one.programmings is None and np.size(one.pulses))
    # A SET to a level and a small pulse are not alike: a mean over cells of both sorts is that of neither.
    return small or tuple(wear)


def usual_count(result: Result) -> str:
    """What is counted unless something else is asked for: programmings to levels, or pulses.

    Raises
    ------
    OutputError
        When the run has no cells that wear.
    """
    return "pulses" if any(one.programmings is None for one in _worn(result)) else "programmings"


def cycle_count(result: Result) -> str:
    """What an endurance counts: cycles of cells that are programmed to levels, pulses of the others.

    Endurance is measured by switching a cell to and fro. Between two high levels a programming is such a
    cycle; to or from the low level it is half of one, which of two levels is all there is.

    Raises
    ------
    OutputError
        When the run has no cells that wear.
    """
    return "cycles" if usual_count(result) == "programmings" else "pulses"


def cell_counts(result: Result, *, count: str | None = None) -> dict[str, Cells]:
    """Operations of every cell (rows, columns), by array.

    Parameters
    ----------
    result
        A run.
    count
        One of :data:`COUNTS`; None takes :func:`usual_count`.

    Raises
    ------
    OutputError
        When the run has no cells that wear, or nothing of the kind was counted of any.

    Notes
    -----
    Of a chip whose cells in part take pulses and in part are programmed to levels, those alone are counted
    that have such a count.
    """
    worn, kind = _worn(result), count or usual_count(result)
    if kind not in COUNTS:
        known = ", ".join(COUNTS)
        raise OutputError(f"there is no count {kind!r}; known: {known}{did_you_mean(kind, COUNTS)}")
    if kind in {"programmings", "cycles"}:
        worn = [one for one in worn if one.programmings is not None]
    if not worn:
        raise OutputError(
            f"the cells of {result.summary.get('architecture')!r} take pulses and are not programmed to "
            f"levels, so there are no {kind} to count; count pulses or operations"
        )
    return {one.array: _counted(one, kind) for one in worn}


def cycles_of_cells(result: Result) -> dict[str, Cells]:
    """What an endurance counts of every cell (rows, columns), by array, as :func:`cycle_count` has it.

    Raises
    ------
    OutputError
        When the run has no cells that wear.
    """
    kinds = {one.array: "pulses" if one.programmings is None else "cycles" for one in _worn(result)}
    return {one.array: _counted(one, kinds[one.array]) for one in _worn(result)}


def _counted(one: Wear, kind: str) -> Cells:
    if kind in {"operations", "cycles"}:
        # Of SETs and RESETs that come in pairs, the larger number is how often the cell went to and fro.
        combined = np.add if kind == "operations" else np.maximum
        # Two counts of 32 bits add up to one that may need more.
        return np.asarray(combined(one.pulses, one.resets, dtype=np.int64))
    return np.asarray(getattr(one, kind), np.int64)


def _worn(result: Result) -> list[Wear]:
    worn = [one for one in result.wear if np.size(one.pulses)]
    if worn:
        return worn
    name, timed = result.summary.get("architecture"), result.summary.get("timing_only")
    why = "it was timed without arithmetic" if timed else f"{name!r} has no resistive cells"
    raise OutputError(f"nothing was worn in this run: {why}; give a run that trained resistive cells")


def cells_under(counts: Any, threshold: int) -> int:
    """Cells with fewer operations than `threshold`.

    Examples
    --------
    >>> cells_under([[24, 25], [26, 0]], 25)
    2
    """
    return int(np.count_nonzero(np.asarray(counts) < threshold))


def cells_over(counts: Any, threshold: Any) -> int:
    """Cells with more operations than `threshold`, or than each one's own.

    Examples
    --------
    >>> cells_over([[24, 25], [26, 0]], 25)
    1
    """
    return int(np.count_nonzero(np.asarray(counts) > threshold))


def quantile(counts: Any, share: Fraction | float | str) -> int:
    """The smallest number of operations that at least this share of the cells does not exceed.

    Examples
    --------
    >>> quantile([[1, 2], [3, 100]], 0.5), quantile([[1, 2], [3, 100]], 0.51)
    (2, 3)
    """
    cells = np.asarray(counts).ravel()
    # A count that some cell had, and none between two: half an operation wears nothing.
    place = max(1, math.ceil(exact_share(share) * cells.size))
    # Partitioned, not sorted: arrays have millions of cells, and one of them is asked for.
    return int(np.partition(cells, place - 1)[place - 1])


def trainings_until(
    counts: Any, *, endurance: Any, share: Fraction | float | str = Fraction(1, 100)
) -> int | None:
    """How many trainings like this one it takes until so many cells are past their endurance.

    Parameters
    ----------
    counts
        Cycles of each cell in one training.
    endurance
        Cycles that a cell stands, or that each one does; one that had more is past it. None when unknown.
    share
        Share of the cells, more than 0 and at most 1.

    Returns
    -------
    int or None
        The smallest whole number n so that after n trainings, the one counted included, at least `share`
        of the cells had more than `endurance` cycles; one less is survived. None when the endurance is
        unknown, or when so many cells never wear.

    Examples
    --------
    >>> trainings_until([[10, 50], [0, 0]], endurance=100, share=0.25)
    3
    >>> trainings_until([[10, 50], [0, 0]], endurance=100, share=0.5)
    11
    >>> trainings_until([[10, 50], [0, 0]], endurance=100, share=0.75)
    """
    cells = np.asarray(counts).ravel()
    if endurance is None or not cells.size:
        return None
    stands = np.broadcast_to(np.asarray(endurance), cells.shape)
    worn = cells > 0
    # Of cells that wear, after how many trainings each is past what it stands; others never are. What it
    # stands it still stands: at an exact multiple it takes one training more.
    until = np.sort(stands[worn] // cells[worn] + 1)
    needed = math.ceil(exact_share(share) * cells.size)
    return int(until[needed - 1]) if needed <= until.size else None


def hottest_cells(result: Result, *, most: int, count: str | None = None) -> tuple[HotCell, ...]:
    """The cells with most operations, the hottest first; equal ones by array, row and column.

    Raises
    ------
    OutputError
        When the run has no cells that wear, or nothing of the kind was counted.
    """
    counted = cell_counts(result, count=count)
    worn = {one.array: one for one in result.wear}
    found = []
    for array, cells in counted.items():
        columns = cells.shape[1]
        # No array has more of the hottest than there are to be in all.
        for flat in _hottest_places(cells.ravel(), most):
            place = divmod(int(flat), columns)
            found.append(_hot(worn[array], place, int(cells[place])))
    found.sort(key=lambda cell: -cell.operations)  # stable: equal ones stay by array, row and column
    return tuple(found[:most])


def _hottest_places(cells: Cells, most: int) -> Iterable[Any]:
    """Places of the largest numbers, the first of equal ones."""
    if not most:
        return []
    candidates = np.arange(cells.size)
    if cells.size > most:
        # A partition says how much the last of them had, and not which of equal cells it puts where.
        last = cells.size - most
        least = np.partition(cells, last)[last]
        above = np.flatnonzero(cells > least)
        level = np.flatnonzero(cells == least)
        candidates = np.concatenate([above, level[: most - above.size]])
    # By what they had, most first, then by place: a lexical sort looks at its last key first.
    return candidates[np.lexsort((candidates, -cells[candidates]))]


def _hot(one: Wear, place: tuple[int, int], operations: int) -> HotCell:
    return HotCell(
        array=one.array,
        row=place[0],
        column=place[1],
        operations=operations,
        programmings=None if one.programmings is None else int(one.programmings[place]),
        pulses=int(one.pulses[place]),
        resets=int(one.resets[place]),
    )
