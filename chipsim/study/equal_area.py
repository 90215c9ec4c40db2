"""Chips brought to one area: counts of hardware that their descriptions offer, changed by overrides.

Which fields are such counts, each kind says where it is defined (``sized_by`` in
:mod:`chipsim.spec.fields`). All of them are scaled together first, to keep a chip's balance, and then one
after another is tuned to come closer. What the user has set stays as it is set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.errors import ChipsimError, DescriptionError
from chipsim.run.simulate import prepare
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fields import HARDWARE, Hardware
from chipsim.spec.groups import LOCAL
from chipsim.spec.paths import path_text
from chipsim.units import AREA, show

__all__ = ["Adjusted", "AreaError", "Change", "Count", "adjusted", "counts_in", "equal_areas", "read_area"]

_CLOSE: Final = 0.001
"""Share of the goal that nobody tries to come closer than: prices of area are not known so well."""
_HALVINGS: Final = 40

Values = Mapping[str, int]
Measure = Callable[[Values], int | None]
"""The area of a chip with these counts, nm2; None where its description does not allow them."""


class AreaError(ChipsimError):
    """A chip cannot be brought to an area."""


@attrs.frozen
class Count:
    """A count of hardware in a description."""

    path: str
    value: int
    hardware: Hardware


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

    @property
    def sets(self) -> tuple[str, ...]:
        """The changes as overrides."""
        return tuple(f"{change.path}={change.after}" for change in self.changes)

    @property
    def off(self) -> float:
        """How far its area is from the goal, as a share of it; negative where it is smaller."""
        return (self.area_nm2 - self.goal_nm2) / self.goal_nm2

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
        before, area, goal = (show(each, AREA) for each in (self.before_nm2, self.area_nm2, self.goal_nm2))
        side = "above" if self.off > 0 else "below"
        far = (
            f"{abs(100 * self.off):.2f} % {side} {goal}"
            if self.area_nm2 != self.goal_nm2
            else f"which is {goal}"
        )
        if not self.changes:
            return f"{self.architecture}: {before} stays, {far}: no count was changed"
        told = "; ".join(f"{one.path} from {one.before:,} to {one.after:,}" for one in self.changes)
        return f"{self.architecture}: {before} became {area}, {far}: {told}"


def read_area(text: str) -> int | None:
    """An area as it is written; None for ``largest``, that of the largest chip.

    Raises
    ------
    AreaError
        When it is neither.
    """
    if text == "largest":
        return None
    try:
        area = int(AREA.read(text))
    except ValueError as error:
        raise AreaError(f"equal area: {error}, or largest") from None
    if area <= 0:
        raise AreaError(f"equal area: must be more than 0, not {text}")
    return area


def counts_in(chip: ChipSpec) -> tuple[Count, ...]:
    """The counts of hardware that a description offers, in the order of their sections.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> [count.path for count in counts_in(load_chip("digital-fp32").spec)]
    ['tile.lanes', 'digital.lanes']
    """
    found = []
    for path, value, hardware in _walked(chip, ()):
        # A chip with groups has the sections of one of them as its own.
        if not (chip.groups and path[0] in LOCAL):
            found.append(Count(path_text(path), value, hardware))
    return tuple(found)


def _walked(spec: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int, Hardware]]:
    if isinstance(spec, dict):
        for key, value in spec.items():
            yield from _walked(value, (*path, str(key)))
    if not attrs.has(type(spec)):
        return
    for field in attrs.fields(type(spec)):
        value = getattr(spec, field.name)
        # A word in the place of a number, such as `auto`, leaves nothing to choose.
        if HARDWARE in field.metadata and isinstance(value, int):
            yield (*path, field.name), value, field.metadata[HARDWARE]
        else:
            yield from _walked(value, (*path, field.name))


def equal_areas(
    architectures: Sequence[str], workload: str, *, sets: Sequence[str] = (), goal: int | None = None
) -> tuple[Adjusted, ...]:
    """Bring chips to one area, or as close as they can come.

    Parameters
    ----------
    architectures, workload
        Which chips, and the workload that is placed on them.
    sets
        Overrides of all of them.
    goal
        The area, nm2; None for that of the largest.

    Raises
    ------
    AreaError
        When a chip cannot be brought any closer, though it is far away.
    DescriptionError
        When a description cannot be used.
    """
    if goal is None:
        goal = max(int(prepare(one, workload, sets=sets, seed=None).chip.area) for one in architectures)
    return tuple(adjusted(one, workload, sets=sets, goal=goal) for one in architectures)


def adjusted(architecture: str, workload: str, *, sets: Sequence[str] = (), goal: int) -> Adjusted:
    """Bring one chip as close to an area as its counts allow.

    Parameters
    ----------
    architecture, workload, sets
        As above.
    goal
        The area, nm2.

    Raises
    ------
    AreaError
        When it cannot be brought any closer, though it is more than a thousandth away.
    """
    setup = prepare(architecture, workload, sets=sets, seed=None)
    before = int(setup.chip.area)
    set_already = {text.partition("=")[0].strip().removeprefix("chip.") for text in sets}
    counts = [one for one in counts_in(setup.architecture.spec) if one.path not in set_already]

    def measure(values: Values) -> int | None:
        changes = [f"{path}={value}" for path, value in values.items()]
        try:
            return int(prepare(architecture, workload, sets=[*sets, *changes], seed=None).chip.area)
        except DescriptionError:
            return None

    # What cannot be said even as it is, such as what a group shares with others, is not free to be changed.
    counts = [one for one in counts if measure({one.path: one.value}) == before]
    values = _Search(counts, goal, measure).found() if counts else {}
    changes = tuple(
        Change(one.path, one.value, values[one.path]) for one in counts if values[one.path] != one.value
    )
    if not changes and abs(before - goal) > _CLOSE * goal:
        raise AreaError(_refusal(architecture, counts, before=before, goal=goal))
    area = measure({change.path: change.after for change in changes}) if changes else before
    assert area is not None, "it was measured before"
    return Adjusted(
        architecture=str(architecture), goal_nm2=goal, before_nm2=before, area_nm2=area, changes=changes
    )


def _refusal(architecture: str, counts: Sequence[Count], *, before: int, goal: int) -> str:
    told = f"{architecture}: takes {show(before, AREA)} and cannot be brought closer to {show(goal, AREA)}: "
    if not counts:
        return f"{told}its description has no count of hardware that is free to be changed"
    listed = ", ".join(f"{one.path} ({one.value:,})" for one in counts)
    return f"{told}no change of its counts does it; they are: {listed}"


class _Search:
    """Counts that bring an area close to a goal; the area never falls when hardware is added."""

    def __init__(self, counts: Sequence[Count], goal: int, measure: Measure) -> None:
        self._counts, self._goal, self._measure = counts, goal, measure
        self._start = {one.path: one.value for one in counts}
        self._areas: dict[tuple[int, ...], int | None] = {}

    def found(self) -> dict[str, int]:
        """The best that was found; as it was, where nothing is better."""
        values = min((self._start, self._scaled()), key=self._far)
        while self._far(values) > _CLOSE * self._goal:
            tuned = self._best(self._all_around(values), beside=values)
            if self._far(tuned) > _CLOSE * self._goal:
                tuned = self._best([tuned, *self._two_tuned(values)], beside=values)
            if self._far(tuned) >= self._far(values):
                break
            values = tuned
        return self._least_changed(values)

    def _area(self, values: Values) -> int | None:
        key = tuple(values.values())
        if key not in self._areas:
            self._areas[key] = self._measure(values)
        return self._areas[key]

    def _far(self, values: Values) -> float:
        area = self._area(values)
        return float("inf") if area is None else abs(area - self._goal)

    def _scaled(self) -> dict[str, int]:
        """All counts by one factor."""
        low, high = 2.0**-16, 2.0**16
        best = dict(self._start)
        for _ in range(_HALVINGS):
            factor = (low * high) ** 0.5
            values = {one.path: _times(one, factor) for one in self._counts}
            area = self._area(values)
            best = min((best, values), key=self._far)
            too_large = area > self._goal if area is not None else factor > 1
            low, high = (low, factor) if too_large else (factor, high)
        return best

    def _best(self, tried: Sequence[dict[str, int]], *, beside: Values) -> dict[str, int]:
        """The closest; of those that are close enough, the one that changes counts by the least factor."""

        def worse(values: Values) -> tuple[float, float]:
            far = self._far(values)
            changed = sum(abs(math.log(values[path] / value)) for path, value in beside.items())
            return (0.0, changed) if far <= _CLOSE * self._goal else (far, changed)

        return min(tried, key=worse)

    def _all_around(self, values: Values) -> list[dict[str, int]]:
        """One count changed, each of them in turn."""
        return [each for one in self._counts for each in self._around(values, one)]

    def _two_tuned(self, values: Values) -> list[dict[str, int]]:
        """Two counts changed: one that comes in coarse steps, and one that makes up for the rest."""
        return [two for one in self._all_around(values) for two in self._all_around(one)]

    def _around(self, values: Values, count: Count) -> list[dict[str, int]]:
        """One count changed so that the area comes just to the goal or beyond, and just not."""
        sign = -1 if count.hardware.shared else 1
        # Counted so that more is more hardware.
        low, high = sorted((sign * 1, sign * count.hardware.most))
        while low < high:
            middle = (low + high) // 2
            area = self._area({**values, count.path: sign * middle})
            enough = area >= self._goal if area is not None else sign * middle > values[count.path]
            low, high = (low, middle) if enough else (middle + 1, high)
        near = [sign * each for each in (low, low - 1) if 1 <= sign * each <= count.hardware.most]
        return [{**values, count.path: each} for each in near]

    def _least_changed(self, values: Values) -> dict[str, int]:
        """As little as leads to the same area: a count beyond all lines changes no converter more."""
        least = dict(values)
        area = self._area(least)
        for one in self._counts:
            near, far = one.value, least[one.path]
            step = 1 if far >= near else -1
            low, high = 0, abs(far - near)
            while low < high:
                middle = (low + high) // 2
                same = self._area({**least, one.path: near + step * middle}) == area
                low, high = (low, middle) if same else (middle + 1, high)
            least[one.path] = near + step * low
        return least


def _times(count: Count, factor: float) -> int:
    """A count for so many times the hardware."""
    scaled = count.value / factor if count.hardware.shared else count.value * factor
    return min(max(round(scaled), 1), count.hardware.most)
