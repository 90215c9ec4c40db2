"""What was changed of chips to bring them to one area, and what came of it: told and kept in plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.units import AREA, show

__all__ = ["CLOSE", "Adjusted", "AdjustedPoint", "Change", "adjusted_from", "area_sentences", "far_sentences"]

CLOSE: Final = 0.001
"""Share of an area that nobody tries to come closer than: prices of area are not known so well."""
_MOST_TOLD: Final = 20
"""Sentences on single chips; a sweep may have a thousand points."""


@attrs.frozen
class Change:
    """A count that was changed."""

    path: str
    before: int
    after: int


@attrs.frozen(kw_only=True)
class Adjusted:
    """A chip brought as close to an area as its counts allow."""

    architecture: str
    goal_nm2: int
    before_nm2: int
    area_nm2: int
    changes: tuple[Change, ...]
    why: str = ""
    """Why nothing was changed though the area is another; empty where it is near or something was."""

    @property
    def sets(self) -> tuple[str, ...]:
        """The changes as overrides."""
        return tuple(f"{change.path}={change.after}" for change in self.changes)

    @property
    def off(self) -> float:
        """How far its area is from the goal, as a share of it; negative where it is smaller."""
        return (self.area_nm2 - self.goal_nm2) / self.goal_nm2

    @property
    def is_near(self) -> bool:
        """Whether its area is as near as anybody tries to come."""
        return abs(self.area_nm2 - self.goal_nm2) <= CLOSE * self.goal_nm2

    @property
    def away(self) -> str:
        """How far it is from the goal, in words."""
        goal = show(self.goal_nm2, AREA)
        if self.area_nm2 == self.goal_nm2:
            return f"which is {goal}"
        return f"{abs(100 * self.off):.2f} % {'above' if self.off > 0 else 'below'} {goal}"

    @property
    def words(self) -> str:
        """What was changed, and what came of it.

        Examples
        --------
        >>> change = Change("digital.lanes", 16, 40)
        >>> areas = dict(goal_nm2=2 * 10**12, before_nm2=10**12, area_nm2=199 * 10**10)
        >>> Adjusted(architecture="a", changes=(change,), **areas).words
        'a: 1 mm2 became 1.99 mm2, 0.50 % below 2 mm2: digital.lanes from 16 to 40'
        """
        before, area = show(self.before_nm2, AREA), show(self.area_nm2, AREA)
        if not self.changes:
            return f"{self.architecture}: {before} stays, {self.away}: {self.why or 'no count was changed'}"
        told = "; ".join(f"{one.path} from {one.before:,} to {one.after:,}" for one in self.changes)
        return f"{self.architecture}: {before} became {area}, {self.away}: {told}"


@attrs.frozen(kw_only=True)
class AdjustedPoint:
    """One chip at one point of a study, brought to the area of all."""

    chip: str
    """What the study calls the chip, as `adjusted` does."""
    task: str
    costs: str
    """What the study calls the cost set; empty for the chip's own."""
    varied: tuple[tuple[str, str], ...]
    """Path and value of what is varied."""
    adjusted: Adjusted

    @property
    def where(self) -> str:
        """The point in words, without the chip."""
        at_costs = [f"at the costs of {self.costs}"] if self.costs else []
        return ", ".join([f"on {self.task}", *at_costs, *(f"{path}={value}" for path, value in self.varied)])


def adjusted_from(said: Mapping[str, Any]) -> AdjustedPoint:
    """What was changed at a point, from plain data as ``attrs.asdict`` gives it.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it is none.
    """
    told = said["adjusted"]
    changes = [Change(str(one["path"]), int(one["before"]), int(one["after"])) for one in told["changes"]]
    areas = {key: int(told[key]) for key in ("goal_nm2", "before_nm2", "area_nm2")}
    if min(areas.values()) <= 0:
        raise ValueError("an area is not more than nothing")
    return AdjustedPoint(
        chip=str(said["chip"]),
        task=str(said["task"]),
        costs=str(said["costs"]),
        varied=tuple((str(path), str(value)) for path, value in said["varied"]),
        adjusted=Adjusted(
            architecture=str(told["architecture"]), changes=tuple(changes), why=str(told["why"]), **areas
        ),
    )


def area_sentences(points: Sequence[AdjustedPoint]) -> list[str]:
    """What was changed of each chip of a study; once where it is the same at all of its points.

    Parameters
    ----------
    points
        Every point of the study.

    Examples
    --------
    >>> found = Adjusted(architecture="a", changes=(), goal_nm2=10**12, before_nm2=10**12, area_nm2=10**12)
    >>> one = AdjustedPoint(chip="a", task="t", costs="", varied=(), adjusted=found)
    >>> area_sentences([one])
    ['a: 1 mm2 stays, which is 1 mm2: no count was changed']
    """
    return _told([(one, one.adjusted.words) for one in points])


def far_sentences(points: Sequence[AdjustedPoint]) -> list[str]:
    """Which chips of a study are not at the area of all, and how far they are from it.

    Parameters
    ----------
    points
        Every point of the study.
    """
    far = [one for one in points if not one.adjusted.is_near]
    return _told([(one, f"{one.chip} is not at equal area: {one.adjusted.away}") for one in far])


def _told(sentences: Sequence[tuple[AdjustedPoint, str]]) -> list[str]:
    """Sentences, each once, with the points where it holds where the chip has several sentences."""
    by_sentence: dict[tuple[str, str], list[AdjustedPoint]] = {}
    of_chip: dict[str, set[str]] = {}
    for point, sentence in sentences:
        by_sentence.setdefault((point.chip, sentence), []).append(point)
        of_chip.setdefault(point.chip, set()).add(sentence)
    told = []
    for (chip, sentence), its in by_sentence.items():
        many = len(its)
        where = its[0].where if many == 1 else f"at {many:,} points, the first {its[0].where}"
        told.append(f"{sentence} ({where})" if len(of_chip[chip]) > 1 else sentence)
    left = len(told) - _MOST_TOLD
    if left <= 0:
        return told
    return [*told[:_MOST_TOLD], f"and {left:,} more like these; study.json has all"]
