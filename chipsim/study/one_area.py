"""Every chip of a study brought to one area, at each point of what is varied."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from chipsim.errors import ChipsimWarning, DescriptionError
from chipsim.spec.study_area import LARGEST, area_in
from chipsim.spec.study_file import Scenario
from chipsim.study.adjusted import Adjusted, AdjustedPoint
from chipsim.study.equal_area import adjusted, area_of
from chipsim.study.points import Point
from chipsim.study.telling import Told
from chipsim.units import AREA, show

__all__ = ["to_one_area"]

_NAMED: Final = 2
"""Points that a message names."""


def to_one_area(
    scenario: Scenario,
    points: Sequence[Point],
    told: Told,
    *,
    progress: Callable[[int], None] | None = None,
) -> tuple[list[Point], tuple[AdjustedPoint, ...]]:
    """The points of a study with overrides that bring their chips to one area, and what these are.

    What is compared has one area: all points of one workload at one cost set, whatever is varied. Under
    another cost set areas are others, and so are the counts that make them equal.

    Parameters
    ----------
    scenario
        As it was read; where it asks for no area, points stay as they are.
    points
        Every point.
    told
        Gets what is wrong; points that cannot be read stay as they are.
    progress
        Told how many points have been brought to it.
    """
    if not scenario.spec.equal_area:
        return list(points), ()
    found: dict[Point, Adjusted] = {}
    with warnings.catch_warnings():
        # Told when the points are checked.
        warnings.simplefilter("ignore", ChipsimWarning)
        for point, one in _at_one_area(scenario, points, told):
            found[point] = one
            if progress is not None:
                progress(len(found))
    changed = [
        attrs.evolve(point, sets=(*point.sets, *found[point].sets)) if point in found else point
        for point in points
    ]
    return changed, tuple(_stated(point, one) for point, one in found.items())


def _at_one_area(scenario: Scenario, points: Sequence[Point], told: Told) -> Iterator[tuple[Point, Adjusted]]:
    """Points with what brings them to the area of those that they are compared with, one after another."""
    groups: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        groups.setdefault((point.task.label, point.costs), []).append(point)
    for its in groups.values():
        areas = _areas(its, told)
        goal = _goal(scenario, areas, told) if len(areas) == len(its) else None
        if goal is not None:
            yield from _brought(its, goal)


def _stated(point: Point, found: Adjusted) -> AdjustedPoint:
    return AdjustedPoint(
        chip=point.chip.label,
        task=point.task.label,
        costs=point.costs,
        varied=point.varied,
        adjusted=attrs.evolve(found, architecture=point.chip.label),
    )


def _areas(points: Sequence[Point], told: Told) -> dict[Point, int]:
    """The area of each point; what cannot be built is told."""
    areas = {}
    for point in points:
        try:
            areas[point] = area_of(point.chip.architecture, point.task.workload, sets=point.sets)
        except DescriptionError as error:
            told.of_point(error.problems, chip=point.chip.label, task=point.task.label)
    return areas


def _goal(scenario: Scenario, areas: Mapping[Point, int], told: Told) -> int | None:
    """The area of all; None where the chip that is named has several, which is told."""
    asked = scenario.spec.equal_area
    own = {point: area for point, area in areas.items() if point.chip.label == asked}
    if own:
        if len(set(own.values())) == 1:
            return next(iter(own.values()))
        firsts: dict[int, Point] = {}
        for point, area in own.items():
            firsts.setdefault(area, point)
        named = [f"{show(area, AREA)} at {_said(point)}" for area, point in list(firsts.items())[:_NAMED]]
        more = f", and {len(firsts) - _NAMED} more" if len(firsts) > _NAMED else ""
        message = f"what is varied changes the area of {asked}: {', '.join(named)}{more}; "
        node = scenario.tree.at("equal_area")
        told.problem(node.problem(f"{message}give {LARGEST}, an area, or a chip that keeps its own"))
        return None
    return max(areas.values()) if asked == LARGEST else area_in(asked)


def _said(point: Point) -> str:
    return ", ".join(f"{path}={value}" for path, value in point.varied)


def _brought(points: Sequence[Point], goal: int) -> Iterator[tuple[Point, Adjusted]]:
    tried: dict[str, list[Adjusted]] = {}
    for point in points:
        # Most of what is varied changes no area, and what was found for one point serves the others.
        before = tried.setdefault(point.chip.label, [])
        one = adjusted(point.chip.architecture, point.task.workload, sets=point.sets, goal=goal, tried=before)
        if one not in before:
            before.append(one)
        yield point, one
