"""What a study varies, as axes of figures: numbers in their order, words in the order of the study."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import attrs

from chipsim.study.statistics import Gathered, Setting, short_paths
from chipsim.units import DIMENSIONS, Dimension, UnitError, show

__all__ = ["VariedAxis", "axes_of", "numbers_of"]

_NUMBER: Final = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^,]*?)\s*")
"""A number and its unit; several numbers, as values that go together have them, are none."""
_WIDE: Final = 20
"""From which factor between the largest and the smallest on an axis is logarithmic."""


@attrs.frozen(kw_only=True)
class VariedAxis:
    """What is varied at once."""

    paths: tuple[str, ...]
    title: str
    texts: tuple[str, ...]
    """Values as they were given; in the order of their numbers where they are some."""
    numbers: tuple[float, ...] | None
    """One for each text; None where they are words."""

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each value stands, by its text."""
        return {text: place for place, text in enumerate(self.texts)}

    @property
    def is_wide(self) -> bool:
        """Whether values reach over decades."""
        numbers = self.numbers
        return (
            bool(numbers)
            and numbers is not None
            and min(numbers) > 0
            and max(numbers) >= _WIDE * min(numbers)
        )

    def place(self, setting: Setting) -> float | str | None:
        """Where a setting stands on it; None of one that is not varied."""
        text = self.text(setting)
        at = None if text is None else self.places.get(text)
        if at is None:
            return None
        return text if self.numbers is None else self.numbers[at]

    def text(self, setting: Setting) -> str | None:
        """What a setting has there."""
        said = dict(setting.varied)
        values = [said[path] for path in self.paths if path in said]
        return ", ".join(values) or None


def axes_of(gathered: Gathered) -> tuple[VariedAxis, ...]:
    """What a study varies, in its order; what takes one value only is no axis."""
    told = [axis.paths for axis in gathered.study.vary]
    named = {path for paths in told for path in paths}
    # A study that was made in Python may vary what it does not list.
    others = dict.fromkeys(path for one in gathered.settings for path, _ in one.varied if path not in named)
    groups = [*told, *((path,) for path in others)]
    short = short_paths([path for paths in groups for path in paths])
    axes = []
    for paths in dict.fromkeys(groups):
        title = ", ".join(short[path] for path in paths)
        axis = VariedAxis(paths=paths, title=title, texts=(), numbers=None)
        texts = list(dict.fromkeys(filter(None, map(axis.text, gathered.settings))))
        if len(texts) > 1:
            axes.append(_ordered(axis, texts))
    return tuple(axes)


def _ordered(axis: VariedAxis, texts: Sequence[str]) -> VariedAxis:
    read = numbers_of(texts)
    if read is None:
        return attrs.evolve(axis, texts=tuple(texts))
    numbers, unit = read
    order = sorted(range(len(texts)), key=lambda place: numbers[place])
    return attrs.evolve(
        axis,
        title=f"{axis.title} [{unit}]" if unit else axis.title,
        texts=tuple(texts[place] for place in order),
        numbers=tuple(numbers[place] for place in order),
    )


def numbers_of(texts: Sequence[str]) -> tuple[list[float], str] | None:
    """Values as numbers of one unit; None where they are no such.

    Examples
    --------
    >>> numbers_of(["10", "2"]), numbers_of(["900 ps", "1 ns"]), numbers_of(["fast", "1"])
    (([10.0, 2.0], ''), ([0.9, 1.0], 'ns'), None)
    >>> numbers_of(["10, 5", "20, 5"]) is None
    True
    >>> numbers_of(["1 %", "20 %"]), numbers_of(["1 ns", "1 pJ"])
    (([1.0, 20.0], '%'), None)
    """
    matches = [_NUMBER.fullmatch(one) for one in texts]
    if not texts or not all(matches):
        return None
    found = [(match[1], match[2]) for match in matches if match is not None]
    units = {unit for _, unit in found}
    if len(units) == 1:
        return [float(number) for number, _ in found], units.pop()
    for dimension in DIMENSIONS.values():
        read = _read(texts, dimension)
        if read is not None:
            return read
    return None


def _read(texts: Sequence[str], dimension: Dimension) -> tuple[list[float], str] | None:
    try:
        values = [dimension.read(one) for one in texts]
    except UnitError:
        return None
    unit = show(max(values), dimension).rpartition(" ")[2]
    size = float(dimension.units.get(unit, 1))
    return [value / size for value in values], unit
