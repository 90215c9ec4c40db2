"""How worn the cells of a saved run are: by array, tile and layer, and how many trainings they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs
import numpy as np

from chipsim.result import Result, Wear
from chipsim.result.places import described_in, groups_by_tile, places_of, stated_in, tile_of
from chipsim.result.spread_wear import SpreadCells, SpreadTrainings, trainings_of_spread
from chipsim.result.wear import (
    Cells,
    HotCell,
    cell_counts,
    cells_over,
    cells_under,
    cycles_of_cells,
    exact_share,
    hottest_cells,
    pulsed,
    quantile,
    trainings_until,
    unwritten,
    usual_count,
)

__all__ = ["CellWear", "Endurance", "EnduranceQuestion", "endurance"]


def _share(_of: object, field: attrs.Attribute[Any], value: Fraction) -> None:
    if not 0 < value <= 1:
        raise ValueError(f"{field.name} must be more than 0 and at most 1, not {value}")


def _whole(_of: object, field: attrs.Attribute[Any], value: int) -> None:
    if value < 0:
        raise ValueError(f"{field.name} must be at least 0, not {value}")


@attrs.frozen(kw_only=True)
class EnduranceQuestion:
    """What is asked of the wear of a run."""

    under: int = attrs.field(default=25, validator=_whole)
    """Cells with fewer operations than this are counted."""
    over: int = attrs.field(default=50, validator=_whole)
    """Cells with more operations than this are counted."""
    share: Fraction = attrs.field(default=Fraction(1, 100), converter=exact_share, validator=_share)
    """Share of the cells that may pass the endurance before the chip is called worn out."""
    hottest: int = attrs.field(default=5, validator=_whole)
    """How many of the most worn cells are named."""
    count: str | None = None
    """One of :data:`~chipsim.result.wear.COUNTS`; None takes :func:`~chipsim.result.wear.usual_count`."""


@attrs.frozen(kw_only=True)
class CellWear:
    """What the cells of one group have been through."""

    by: str
    """``array``, ``tile``, ``layer`` or ``all``."""
    name: str
    cells: int
    total: int
    """Operations of all these cells."""
    median: int
    """Smallest number of operations that at least half of the cells do not exceed."""
    most_of: int
    """The same for 99 % of the cells."""
    hottest: int
    untouched: int
    """Cells without any operation."""
    under: int
    """Cells with fewer operations than asked."""
    over: int
    """Cells with more operations than asked."""
    past_endurance: int | None
    """Cells that had more cycles than the endurance; None when that is unknown."""
    trainings: int | None
    """Such trainings after which the share asked for is past the endurance, this one included."""

    @property
    def mean(self) -> float:
        """Operations of a cell."""
        return self.total / self.cells


@attrs.frozen(kw_only=True)
class Endurance:
    """The answer for one run."""

    count: str
    """Which of :data:`~chipsim.result.wear.COUNTS` the operations are."""
    cycles: str
    """Which of them the endurance is compared with, whatever else is counted."""
    endurance: int | None
    """Cycles that a cell stands, as the chip's description says; None when it does not, or when groups of
    tiles have cells that stand different numbers, which each is held against."""
    known: CellWear | None
    """The cells whose endurance the description says, together; None where it says that of none."""
    spread: SpreadTrainings | None
    """What is to be expected of these where the description says how their endurances are spread, each cell
    having its own; None where all stand as much."""
    known_cycles: tuple[str, ...]
    """What the endurance of these is compared with: ``pulses``, ``cycles``, or of some the one and of others
    the other."""
    unknown: tuple[str, ...]
    """Where the description would say the endurance of the other cells, and does not."""
    question: EnduranceQuestion
    groups: tuple[CellWear, ...]
    """By array, by tile, by layer where that is known, and all cells last; without those left out."""
    left_out: tuple[str, ...]
    """Arrays that nothing was written to, by name: their cells are in no group."""
    left_out_cells: int
    """Cells of those arrays."""
    not_counted: tuple[str, ...]
    """Groups of tiles, or else arrays, whose cells have no such count: they take pulses and no levels."""
    not_counted_cells: int
    """Cells of these."""
    both: bool
    """Whether some of the cells counted take pulses, and others are programmed to levels."""
    resets: int
    """Resets of all cells counted; where some take pulses, of those."""
    most_resets: int
    """Resets of the cell that had most."""
    hottest: tuple[HotCell, ...]

    @property
    def levels(self) -> bool:
        """Whether all cells counted are programmed to levels, and not changed by small pulses."""
        return self.cycles == "cycles"

    def by(self, kind: str) -> tuple[CellWear, ...]:
        """The groups of one kind: ``array``, ``tile``, ``layer`` or ``all``."""
        return tuple(group for group in self.groups if group.by == kind)

    @property
    def all(self) -> CellWear:
        """All cells of the run together."""
        return self.groups[-1]


def endurance(result: Result, question: EnduranceQuestion | None = None) -> Endurance:
    """How worn the cells of a run are, by array, tile and layer and over all.

    Arrays that nothing was written to are left out: their cells would make the others look less worn. Where
    nothing was written at all, all are counted.

    Parameters
    ----------
    result
        A run.
    question
        Thresholds, the share of cells that decides, and what is counted; None takes the defaults.

    Raises
    ------
    OutputError
        When the run has no cells that wear, or nothing of the kind was counted.

    Examples
    --------
    >>> endurance(load("runs/metaplastic"), EnduranceQuestion(under=25)).all.under  # doctest: +SKIP
    990123
    """
    asked = question or EnduranceQuestion()
    counts = cell_counts(result, count=asked.count)
    worn = [one for one in result.wear if one.array in counts]
    others = [one for one in result.wear if np.size(one.pulses) and one.array not in counts]
    sorts = {one.programmings is None for one in worn}
    left_out = {one.array: one for one in unwritten(result.wear) if one.array in counts}
    if len(left_out) == len(counts):  # where nothing was written at all, nothing looks better for it
        left_out = {}
    counts = {array: cells for array, cells in counts.items() if array not in left_out}
    # Whatever a reader asks to be counted, cells wear out by cycles.
    cycled = cycles_of_cells(result)
    limits = _limits(result, counts)
    known = [array for array, limit in limits.items() if limit is not None]
    stated = {limits[array] for array in known}
    groups = []
    for by, name, arrays in _groups(result, list(counts)):
        groups.append(_summed(by, name, arrays, counts=counts, cycled=cycled, limits=limits, asked=asked))
    of_known = None
    if known:
        name = "cells of known endurance"
        of_known = _summed("all", name, known, counts=counts, cycled=cycled, limits=limits, asked=asked)
    resets = [one.resets for one in pulsed(worn)]
    return Endurance(
        count=asked.count or usual_count(result),
        cycles="pulses" if True in sorts else "cycles",
        endurance=stated.pop() if len(stated) == 1 else None,
        known=of_known,
        spread=_spread(result, known, cycled=cycled, limits=limits, share=asked.share),
        known_cycles=_cycles_of(worn, known),
        unknown=_unknown(result, limits),
        question=asked,
        groups=tuple(groups),
        left_out=tuple(left_out),
        left_out_cells=sum(one.pulses.size for one in left_out.values()),
        not_counted=_not_counted(result, others),
        not_counted_cells=sum(one.pulses.size for one in others),
        both=len(sorts) > 1,
        # Counts of one cell fit 32 bits, and those of all may not.
        resets=sum(int(np.sum(one, dtype=np.int64)) for one in resets),
        most_resets=max(int(np.max(one)) for one in resets),
        hottest=hottest_cells(result, most=asked.hottest, count=asked.count),
    )


def _limits(result: Result, arrays: Iterable[str]) -> dict[str, int | None]:
    """Cycles that the cells of each array stand, as the description of their group of tiles says."""
    groups = groups_by_tile(result)
    found: dict[str, int | None] = {}
    for array in arrays:
        stands = described_in(result, groups.get(tile_of(array), ""), "device", "endurance")
        found[array] = stands if isinstance(stands, int) else None
    return found


def _spread(
    result: Result,
    arrays: Sequence[str],
    *,
    cycled: Mapping[str, Cells],
    limits: Mapping[str, int | None],
    share: Fraction,
) -> SpreadTrainings | None:
    """What arrays of known endurance stand, where their cells wear out by endurances of their own."""
    groups = groups_by_tile(result)
    found = []
    for array in arrays:
        spread = described_in(result, groups.get(tile_of(array), ""), "device", "wear", "spread")
        # As a quantity in a document it may have been written down as a whole number.
        own = float(spread) if isinstance(spread, int | float) else 0.0
        found.append(SpreadCells(cycles=cycled[array], endurance=limits[array] or 1, spread=own))
    return trainings_of_spread(found, share=share) if any(one.spread for one in found) else None


def _unknown(result: Result, limits: Mapping[str, int | None]) -> tuple[str, ...]:
    """Paths of the endurances that the description does not say."""
    groups = groups_by_tile(result)
    paths: dict[str, None] = {}
    for array, limit in limits.items():
        if limit is None:
            section = stated_in(result, groups.get(tile_of(array), ""), "device")
            paths[".".join((*section, "endurance"))] = None
    return tuple(paths)


def _cycles_of(worn: Iterable[Wear], arrays: Collection[str]) -> tuple[str, ...]:
    """What endurances of these arrays are compared with."""
    kinds: dict[str, None] = {}
    for one in worn:
        if one.array in arrays:
            kinds["pulses" if one.programmings is None else "cycles"] = None
    return tuple(kinds)


def _not_counted(result: Result, others: Iterable[Wear]) -> tuple[str, ...]:
    """The groups of tiles of these arrays; where there are none, the arrays."""
    groups = groups_by_tile(result)
    names: dict[str, None] = {}
    for one in others:
        group = groups.get(tile_of(one.array))
        names[f"group {group}" if group else one.array] = None
    return tuple(names)


def _of_arrays(counts: Mapping[str, Cells], arrays: Sequence[str]) -> Cells:
    """The counts of all cells of these arrays, in a row."""
    return np.concatenate([counts[array].ravel() for array in arrays])


def _stands(
    cycled: Mapping[str, Cells], arrays: Sequence[str], *, limits: Mapping[str, int | None]
) -> Cells | None:
    """What each cell of these arrays stands, in a row; None where that is not known of all."""
    each = []
    for array in arrays:
        limit = limits[array]
        # A share of cells that are past something cannot be told of a part of them alone.
        if limit is None:
            return None
        each.append(np.full(cycled[array].size, limit))
    return np.concatenate(each)


def _groups(result: Result, arrays: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    places = places_of(result)
    tiles: dict[str, list[str]] = {}
    layers: dict[int, list[str]] = {}
    for array in arrays:
        tiles.setdefault(tile_of(array), []).append(array)
        if places:
            layers.setdefault(places[array].layer, []).append(array)
    groups = [("array", array, [array]) for array in arrays]
    groups += [("tile", tile, its) for tile, its in tiles.items()]
    groups += [("layer", f"layer {layer}", its) for layer, its in sorted(layers.items())]
    return [*groups, ("all", "all cells", list(arrays))]


def _summed(
    by: str,
    name: str,
    arrays: Sequence[str],
    *,
    counts: Mapping[str, Cells],
    cycled: Mapping[str, Cells],
    limits: Mapping[str, int | None],
    asked: EnduranceQuestion,
) -> CellWear:
    """What the cells of these arrays have been through, together."""
    cells, cycles = _of_arrays(counts, arrays), _of_arrays(cycled, arrays)
    stands = _stands(cycled, arrays, limits=limits)
    return CellWear(
        by=by,
        name=name,
        cells=cells.size,
        total=int(cells.sum()),
        median=quantile(cells, Fraction(1, 2)),
        most_of=quantile(cells, Fraction(99, 100)),
        hottest=int(cells.max()),
        untouched=int(np.count_nonzero(cells == 0)),
        under=cells_under(cells, asked.under),
        over=cells_over(cells, asked.over),
        past_endurance=None if stands is None else cells_over(cycles, stands),
        trainings=trainings_until(cycles, endurance=stands, share=asked.share),
    )
