"""What is odd about a measured curve: named, and left out or refused where it cannot be fitted."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Sums
from chipsim.errors import DescriptionError, Problem
from chipsim.fitting.curve import Curve, Stretch
from chipsim.units import CONDUCTANCE, show
from chipsim.wording import joined, plural

__all__ = ["Sound", "soundly"]

FEWEST_STEPS: Final = 6
"""In a direction, below which nothing is fitted to it."""
_MOST_TOLD: Final = 10
_DECADES: Final = 2.5
"""An empty stretch among the decades of the values as wide as this is a slip of the unit."""
_OUTLYING: Final = 10
"""Robust standard deviations of readings from their two neighbours."""
_LEAST_OUTLYING: Final = 0.1
"""The same over the range: less is no outlier, however still the others are."""
_STUCK: Final = 0.1
"""Of the median range of all cells: one that moves less is taken for stuck."""
_MOST_CONDUCTED: Final = 0.1
"""Siemens; a quantum of conductance is 77 microsiemens, and a filament has some dozens of them."""
_LEFT: Final = 0.1
"""Of the way from the first reading of a row to the last, at either end of which a cell has arrived."""
_ON_THE_WAY: Final = 4
"""Readings between, below which laws cannot be told."""
_TURN: Final = 0.2
"""Of what a stretch moves, that it comes back: more of it is told."""


@attrs.frozen(kw_only=True, eq=False)
class Sound:
    """A curve that can be fitted."""

    curve: Curve
    stuck: int
    """Cells that pulses do not move, which are left out."""


def soundly(curve: Curve) -> Sound:
    """A curve without what is odd about it, which its notes name.

    Parameters
    ----------
    curve
        As it was measured.

    Raises
    ------
    DescriptionError
        When what is odd cannot be left out: conductances below zero or beyond those of any cell, units that
        are mixed, pulses that lead nowhere or the other way, fewer readings than a direction takes.
    """
    problems = [*_below_zero(curve), *_beyond_cells(curve), *_mixed_units(curve), *_all_alike(curve)]
    if problems:
        raise DescriptionError(problems)
    notes = [*curve.notes]
    stretches = [stretch for stretch in curve.stretches if stretch.pulses.size > 1]
    alone = len(curve.stretches) - len(stretches)
    if alone:
        notes.append(f"{alone} {plural('reading', alone)} that no other of its direction follows, left out.")
    stretches = _without_outliers(stretches, curve, notes)
    stretches, stuck = _without_stuck(stretches, notes)
    _refuse_few(curve, stretches)
    _refuse_wrong_way(curve, stretches)
    _name_gaps(stretches, curve, notes)
    _name_turns(stretches, notes)
    made = attrs.evolve(curve, stretches=tuple(stretches), notes=tuple(notes))
    return Sound(curve=made, stuck=stuck)


def _below_zero(curve: Curve) -> list[Problem]:
    found = []
    count = 0
    for stretch in curve.stretches:
        for place in np.flatnonzero(stretch.conductance < 0):
            count += 1
            if count <= _MOST_TOLD:
                value = show(float(stretch.conductance[place]), CONDUCTANCE)
                message = f"the conductance is {value}, and no cell conducts less than nothing"
                found.append(curve.table.problem(int(stretch.rows[place]), message))
    if count > _MOST_TOLD:
        advice = (
            "a constant that was subtracted, or signs of current and voltage that differ, have to be undone"
        )
        found.append(
            Problem(
                file=curve.table.file,
                message=f"{count - _MOST_TOLD:,} more conductances below zero; {advice}",
            )
        )
    return found


def _beyond_cells(curve: Curve) -> list[Problem]:
    """Refuse conductances that no cell has: a unit that is written wrong is found nowhere else."""
    rows = [one.rows[one.conductance > _MOST_CONDUCTED] for one in curve.stretches]
    beyond = np.concatenate([*rows, np.zeros(0, np.int64)]).astype(np.int64)
    if not beyond.size:
        return []
    first = int(beyond.min())
    (value,) = (float(one.conductance[one.rows == first][0]) for one in curve.stretches if first in one.rows)
    more = f", as {beyond.size - 1:,} more readings do" if beyond.size > 1 else ""
    message = (
        f"a cell conducts {show(value, CONDUCTANCE)}{more}, and none is known beyond some millisiemens: is "
        "the unit right, in the head of the column or by --unit?"
    )
    return [curve.table.problem(first, message)]


def _all_alike(curve: Curve) -> list[Problem]:
    """Refuse a curve that is a constant."""
    values = np.concatenate([one.conductance for one in curve.stretches] or [np.zeros(0)])
    if values.size < 2 or np.ptp(values) > 0:
        return []
    conducts = show(float(values[0]), CONDUCTANCE)
    message = f"every reading is {conducts}: pulses move nothing, and there is no step to fit"
    return [Problem(file=curve.table.file, message=message)]


def _mixed_units(curve: Curve) -> list[Problem]:
    """Refuse values in two heaps that are decades apart."""
    values = np.concatenate([one.conductance for one in curve.stretches] or [np.zeros(0)])
    rows = np.concatenate([one.rows for one in curve.stretches] or [np.zeros(0, np.int32)])
    above = values > 0
    if above.sum() < 2:
        return []
    # Decades apart, with nothing between: a cell that conducts so little and so much passes all of it.
    order = np.argsort(values[above])
    decades = np.log10(values[above][order])
    gaps = np.diff(decades)
    widest = int(np.argmax(gaps))
    if gaps[widest] < _DECADES:
        return []
    heaps = rows[above][order[: widest + 1]], rows[above][order[widest + 1 :]]
    fewer = min(heaps, key=len)
    first = int(fewer.min())
    value = float(values[rows == first][0])
    others = show(float(np.median(values[~np.isin(rows, fewer)])), CONDUCTANCE)
    message = (
        f"the conductance is {show(value, CONDUCTANCE)}, where others are about {others} "
        f"({len(fewer):,} of {values.size:,} are so far off): units are mixed, or it is no reading"
    )
    return [curve.table.problem(first, message)]


def _without_outliers(stretches: list[Stretch], curve: Curve, notes: list[str]) -> list[Stretch]:
    """Without single readings far from both of their neighbours."""
    off = [_off_neighbours(stretch.conductance) for stretch in stretches]
    # By how far readings usually are off the middle of their neighbours, so that noise is no outlier.
    every = np.concatenate([_off_middle(one.conductance) for one in stretches] or [np.zeros(1)])
    everything = np.concatenate([one.conductance for one in stretches] or [np.zeros(1)])
    low, high = np.percentile(everything, [1, 99])
    scale = 1.4826 * float(np.median(np.abs(every)))
    limit = max(_OUTLYING * scale, _LEAST_OUTLYING * float(high - low))
    kept, lines = [], []
    for stretch, distance in zip(stretches, off, strict=True):
        is_out = np.abs(distance) > limit
        lines += [curve.table.place(int(row)) for row in stretch.rows[is_out]]
        kept.append(stretch.only(~is_out) if is_out.any() and limit > 0 else stretch)
    if lines and limit > 0:
        more = f" and {len(lines) - 5:,} more" if len(lines) > 5 else ""
        outliers, first = plural("outlier", len(lines)), ", ".join(lines[:5])
        notes.append(f"{len(lines):,} {outliers}, far from both readings beside, left out: {first}{more}.")
    return kept


def _off_neighbours(values: Sums) -> Sums:
    """How far each reading is outside of what its neighbours lie between; 0 at the ends."""
    off = np.zeros(values.size)
    if values.size > 2:
        low, high = np.minimum(values[:-2], values[2:]), np.maximum(values[:-2], values[2:])
        middle = values[1:-1]
        off[1:-1] = np.where(middle > high, middle - high, np.where(middle < low, middle - low, 0.0))
    return off


def _off_middle(values: Sums) -> Sums:
    """How far each reading is from the middle of its neighbours; the ends have none."""
    middle: Sums = values[1:-1] - 0.5 * (values[:-2] + values[2:])
    return middle


def _without_stuck(stretches: list[Stretch], notes: list[str]) -> tuple[list[Stretch], int]:
    """Without cells that pulses do not move, where others do."""
    cells = list(dict.fromkeys(one.cell for one in stretches))
    ranges = {}
    for cell in cells:
        nets = [abs(_net(one)) for one in stretches if one.cell == cell]
        ranges[cell] = float(np.mean(nets))
    # By the median, which a few stuck cells do not move; of all cells alike, none is stuck.
    usual = float(np.median([*ranges.values()])) if ranges else 0.0
    stuck = [cell for cell, moved in ranges.items() if moved < _STUCK * usual]
    if not stuck:
        return stretches, 0
    named = joined([repr(cell) for cell in stuck[:5]]) + (" and others" if len(stuck) > 5 else "")
    notes.append(f"{len(stuck)} of {len(cells)} cells hardly moved by pulses, left out of the fit: {named}.")
    return [one for one in stretches if one.cell not in stuck], len(stuck)


def _net(stretch: Stretch) -> float:
    """What a stretch moved from end to end, S."""
    # Means over a tenth: a single noisy reading is no end.
    few = max(stretch.conductance.size // 10, 1)
    return float(np.mean(stretch.conductance[-few:]) - np.mean(stretch.conductance[:few]))


def _refuse_few(curve: Curve, stretches: list[Stretch]) -> None:
    problems = []
    for up in curve.ways():
        steps = sum(one.pulses.size - 1 for one in stretches if one.up is up)
        if steps < FEWEST_STEPS:
            way = "up" if up else "down"
            message = (
                f"has {steps} {plural('step', steps)} {way} from one reading to the next, and a fit takes "
                f"{FEWEST_STEPS} at least; measure more pulses, or leave that direction out"
            )
            problems.append(Problem(file=curve.table.file, message=message))
    if not curve.stretches:
        message = "has no reading of a conductance at a pulse"
        problems.append(Problem(file=curve.table.file, message=message))
    if problems:
        raise DescriptionError(problems)


def _refuse_wrong_way(curve: Curve, stretches: list[Stretch]) -> None:
    """Refuse pulses up that lower, and pulses down that raise."""
    problems = []
    for up in curve.ways():
        some = [one for one in stretches if one.up is up]
        moved = float(np.mean([_net(one) for one in some]))
        if (moved > 0) == up and moved:
            continue
        way, does = ("up", "lower") if up else ("down", "raise")
        by = show(abs(moved), CONDUCTANCE, 3)
        scatter = _scatter(some)
        if abs(moved) < scatter:
            message = (
                f"pulses {way} hardly move the conductance, by {by} from end to end on average, where "
                f"readings scatter by {show(scatter, CONDUCTANCE, 3)}: there is no step to fit"
            )
            problems.append(curve.table.problem(int(some[0].rows[0]), message))
            continue
        message = (
            f"pulses {way} {does} the conductance, by {by} from end to end on average; are the directions "
            "the other way round (--direction)?"
        )
        problems.append(curve.table.problem(int(some[0].rows[0]), message))
    if problems:
        raise DescriptionError(problems)


def _scatter(stretches: list[Stretch]) -> float:
    """Standard deviation of readings, by how far they are off the middle of their neighbours, S."""
    every = np.concatenate([_off_middle(one.conductance) for one in stretches])
    # That of a reading, and of the mean of two.
    return float(np.sqrt(np.mean(every**2) / 1.5)) if every.size else 0.0


def _name_gaps(stretches: list[Stretch], curve: Curve, notes: list[str]) -> None:
    """Tell of pulses between readings: all alike, or some left out."""
    every = np.concatenate([np.diff(one.pulses) for one in stretches])
    usual = float(np.median(every))
    if usual > 1:
        notes.append(f"Read after every {usual:g} pulses, as a rule.")
        _name_few_on_the_way(stretches, notes, usual=usual)
    wide = int((every > usual).sum())
    if not wide:
        return
    for stretch in stretches:
        places = np.flatnonzero(np.diff(stretch.pulses) > usual)
        if places.size:
            break
    place = int(places[0])
    where = curve.table.place(int(stretch.rows[place + 1]))
    missing = plural("gap", wide)
    notes.append(
        f"{wide:,} {missing} where pulses were not read, the first before {where} (pulses "
        f"{stretch.pulses[place]:g} to {stretch.pulses[place + 1]:g}); fitted across."
    )


def _name_few_on_the_way(stretches: list[Stretch], notes: list[str], *, usual: float) -> None:
    """Tell of readings so far apart that cells have arrived by the next one."""
    counts = []
    for one in stretches:
        begin, end = one.conductance[0], one.conductance[-1]
        way = (one.conductance - begin) / ((end - begin) or 1.0)
        counts.append(int(((way > _LEFT) & (way < 1 - _LEFT)).sum()))
    few = float(np.median(counts))
    if few < _ON_THE_WAY:
        notes.append(
            f"Readings far apart: over {usual:g} pulses cells go most of their way, and {few:g} readings of "
            "a row are on it, as a rule. By these no law can be told from another, nor how long steps are."
        )


def _name_turns(stretches: list[Stretch], notes: list[str]) -> None:
    """Tell of stretches that come back before they end."""
    for up in (True, False):
        some = [one for one in stretches if one.up is up]
        turned = [one for one in some if _comes_back(one) > _TURN]
        if turned and 2 * len(turned) >= len(some):
            way, does = ("up", "falls") if up else ("down", "rises")
            where = float(np.median([_turn(one) for one in turned]))
            notes.append(
                f"Under pulses {way} the conductance {does} again from about pulse {where:g} on, in "
                f"{len(turned)} of {len(some)} rows of pulses: no law does that."
            )


def _smoothed(stretch: Stretch) -> Sums:
    """Means over a tenth of the readings, as what goes up."""
    few = max(stretch.conductance.size // 10, 1)
    kernel = np.ones(few) / few
    smooth: Sums = np.convolve(
        stretch.conductance if stretch.up else -stretch.conductance, kernel, mode="valid"
    )
    return smooth


def _comes_back(stretch: Stretch) -> float:
    smooth = _smoothed(stretch)
    moved = float(smooth.max() - smooth[0])
    return float(smooth.max() - smooth[-1]) / moved if moved > 0 else 0.0


def _turn(stretch: Stretch) -> float:
    return float(stretch.pulses[int(np.argmax(_smoothed(stretch)))])
