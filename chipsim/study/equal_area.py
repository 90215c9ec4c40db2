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
from chipsim.run.reading import Described, read_all
from chipsim.run.setup import assembled, prepare
from chipsim.run.weights import GivenWeights
from chipsim.spec import check_together, overridden
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fields import HARDWARE, Hardware
from chipsim.spec.groups import LOCAL
from chipsim.spec.overrides import of_lost
from chipsim.spec.paths import path_text
from chipsim.spec.study_area import LARGEST, area_in
from chipsim.study.adjusted import CLOSE, Adjusted, Change

__all__ = ["AreaError", "Count", "adjusted", "area_of", "counts_in", "equal_areas", "read_area"]

_HALVINGS: Final = 40

Values = Mapping[str, int]
Measure = Callable[[Values], int | None]
"""The area of a chip with these counts, nm2; None where its description does not allow them."""


class AreaError(ChipsimError):
    """What was given is no area that chips could be brought to."""


@attrs.frozen
class Count:
    """A count of hardware in a description."""

    path: str
    value: int
    hardware: Hardware


def read_area(text: str, chips: Sequence[str] = ()) -> int | str:
    """An area as it is written, nm2; as it stands where it names a chip, or is ``largest``.

    Parameters
    ----------
    text
        What was given.
    chips
        Those that may be named.

    Raises
    ------
    AreaError
        When it is none of them.
    """
    if text == LARGEST or text in chips:
        return text
    try:
        return area_in(text)
    except ValueError as error:
        raise AreaError(f"equal area: {error}, or {', '.join([LARGEST, *chips])}") from None


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
    architectures: Sequence[str], workload: str, *, sets: Sequence[str] = (), goal: int | str | None = None
) -> tuple[Adjusted, ...]:
    """Bring chips to one area, or as close as they can come.

    Parameters
    ----------
    architectures, workload
        Which chips, and the workload that is placed on them.
    sets
        Overrides of all of them.
    goal
        The area, nm2; or the chip whose area it is; None or ``largest`` for that of the largest.

    Raises
    ------
    DescriptionError
        When a description cannot be used.
    """
    if goal is None or isinstance(goal, str):
        named = architectures if goal is None or goal == LARGEST else [goal]
        goal = max(area_of(one, workload, sets=sets) for one in named)
    return tuple(adjusted(one, workload, sets=sets, goal=goal) for one in architectures)


def area_of(architecture: str, workload: str, *, sets: Sequence[str] = ()) -> int:
    """The area of a chip with a workload placed on it, nm2.

    Parameters
    ----------
    architecture, workload, sets
        As above.

    Raises
    ------
    DescriptionError
        When a description cannot be used.
    """
    return int(prepare(architecture, workload, sets=sets, seed=None).chip.area)


def adjusted(
    architecture: str, workload: str, *, sets: Sequence[str] = (), goal: int, tried: Sequence[Adjusted] = ()
) -> Adjusted:
    """Bring one chip as close to an area as its counts allow.

    Parameters
    ----------
    architecture, workload, sets
        As above.
    goal
        The area, nm2.
    tried
        What was found for the same chip with other overrides: where its areas are the same with these, so
        are its changes, and nothing is searched for.

    Raises
    ------
    DescriptionError
        When a description cannot be used.
    """
    read = read_all(architecture, workload, sets=sets, epochs=None, datasets={})
    measure = _measure(read)
    before = measure({})
    if before is None:
        # Told by the one who refuses it.
        before = area_of(architecture, workload, sets=sets)
    counts = [one for one in counts_in(read.architecture.spec) if not _is_set(one.path, sets)]
    again = _again(tried, counts, before=before, goal=goal, measure=measure)
    if again is not None:
        return again
    # What cannot be said even as it is, such as what a group shares with others, is not free to be changed.
    counts = [one for one in counts if measure({one.path: one.value}) == before]
    values = _Search(counts, goal, measure).found() if counts else {}
    changes = tuple(
        Change(one.path, one.value, values[one.path]) for one in counts if values[one.path] != one.value
    )
    area = measure({change.path: change.after for change in changes})
    assert area is not None, "it was measured before"
    found = Adjusted(
        architecture=str(architecture), goal_nm2=goal, before_nm2=before, area_nm2=area, changes=changes
    )
    return found if changes or found.is_near else attrs.evolve(found, why=_why(counts))


def _measure(read: Described) -> Measure:
    """The area of a chip by its counts, the rest of it as it was read: only the chip is read anew."""

    def measure(values: Values) -> int | None:
        changes = [f"{path}={value}" for path, value in values.items()]
        try:
            chip = overridden(read.architecture, changes)
            check_together(chip, read.costs, read.workload)
            changed = attrs.evolve(read, architecture=chip)
            # Weights that a file gives have no part in an area.
            return int(assembled(changed, seed=None, weights=GivenWeights()).chip.area)
        except DescriptionError:
            return None

    return measure


def _is_set(path: str, sets: Sequence[str]) -> bool:
    """Whether the user has set a count, by its own path, or all around it."""
    own = [text.strip().removeprefix("chip.") for text in sets]
    return any(True for text in own for _ in of_lost([f"{path}=0", text]))


def _again(
    tried: Sequence[Adjusted], counts: Sequence[Count], *, before: int, goal: int, measure: Measure
) -> Adjusted | None:
    """What was found for the same chip, if it is what would be found here."""
    now = {one.path: one.value for one in counts}
    for one in tried:
        same = (one.before_nm2, one.goal_nm2) == (before, goal)
        if not same or any(now.get(change.path) != change.before for change in one.changes):
            continue
        if measure({change.path: change.after for change in one.changes}) == one.area_nm2:
            return one
    return None


def _why(counts: Sequence[Count]) -> str:
    """Why a chip stays as far away as it is."""
    if not counts:
        return "its description has no count of hardware that is free to be changed"
    listed = ", ".join(f"{one.path} ({one.value:,})" for one in counts)
    return f"no change of its counts brings it closer; they are: {listed}"


class _Search:
    """Counts that bring an area close to a goal; the area never falls when hardware is added."""

    def __init__(self, counts: Sequence[Count], goal: int, measure: Measure) -> None:
        self._counts, self._goal, self._measure = counts, goal, measure
        self._start = {one.path: one.value for one in counts}
        self._areas: dict[tuple[int, ...], int | None] = {}

    def found(self) -> dict[str, int]:
        """The best that was found; as it was, where nothing is better."""
        values = min((self._start, self._scaled()), key=self._far)
        while self._far(values) > CLOSE * self._goal:
            tuned = self._best(self._all_around(values), beside=values)
            if self._far(tuned) > CLOSE * self._goal:
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
            return (0.0, changed) if far <= CLOSE * self._goal else (far, changed)

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
