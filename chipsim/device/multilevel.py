"""The cell of one transistor and one resistor that is programmed to one of a few levels."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import ClassVar, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.device import LevelDevice
from chipsim.device.levels import HighLevel, LowLevel, of_spreads
from chipsim.device.programming import (
    CellList,
    MultilevelCells,
    Programmed,
    fresh_cells,
    program_listed,
)
from chipsim.device.types import Sums
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least, between
from chipsim.units import CONDUCTANCE, CURRENT, show

__all__ = ["Multilevel"]

_MOST_HIGH: Final = 127
"""High levels of a cell, whose level is kept in a signed byte."""


@attrs.frozen(kw_only=True)
class Multilevel(LevelDevice):
    """A cell with one transistor: a low level, and high levels set by compliance current.

    Conductances below zero do not exist: a draw that falls there becomes zero, which raises the mean of a
    level that lies within a few standard deviations of zero by a little. Source of the mechanism: D'Agostino
    et al. (2023).
    """

    kind: ClassVar[str] = "multilevel"
    low: LowLevel
    """The level that a RESET brings a cell to."""
    high: tuple[HighLevel, ...]
    """Ascending in conductance and in compliance."""
    spread_scale: float = attrs.field(default=1.0, validator=between(0, 100))
    """Factor on the spread of every level: zero for cells without error."""
    endurance: int | None = attrs.field(default=None, validator=at_least(1))
    """Programming cycles that a cell stands; None when unknown."""

    @cached_property
    def means(self) -> Sums:
        """Mean conductance of each level, the low one first (levels,), S."""
        above = [level.conductance for level in self.high]
        return np.array([self.low.conductance, *above], np.float64)

    @cached_property
    def spreads(self) -> Sums:
        """Standard deviation of what cells conduct at each level, as described and scaled (levels,), S."""
        spreads = [self.low.spread, *(level.spread for level in self.high)]
        scaled: Sums = self.spread_scale * np.array(spreads, np.float64)
        return scaled

    @cached_property
    def _compliances(self) -> Sums:
        return np.array([0.0, *(level.compliance for level in self.high)], np.float64)

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Levels that do not ascend, or are too wide to be levels."""
        yield from _of_cell(self)
        yield from super().faults(chip)

    @property
    def is_sound(self) -> bool:
        """Whether its levels make sense, so that weights can be mapped to them."""
        return not any(_of_cell(self))

    def fresh(self, shape: tuple[int, int], *, rng: np.random.Generator) -> MultilevelCells:
        """New cells (rows, lines) that were RESET once when they were made, which nobody counts."""
        return fresh_cells(shape, mean=self.means[0], spread=self.spreads[0], rng=rng)

    def program(
        self,
        cells: MultilevelCells,
        wanted: CellList,
        *,
        rng: np.random.Generator,
        pulsed: NDArray[np.bool_] | None = None,
    ) -> Programmed:
        """One Gaussian for each listed cell."""
        noise = rng.standard_normal(wanted.rows.size, dtype=np.float32)
        if pulsed is None:
            pulsed = np.zeros((cells.level.shape[0], self.means.size), np.bool_)
        levels = self.means, self.spreads, self._compliances
        return program_listed(cells, wanted, noise=noise, levels=levels, pulsed=pulsed)


def _of_cell(device: Multilevel) -> Iterator[Fault]:
    path = ("device", "high")
    if not device.high:
        yield Fault(path, "needs at least one high level")
        return
    if len(device.high) > _MOST_HIGH:
        yield Fault(path, f"has {len(device.high)} levels, and a cell may have {_MOST_HIGH} at most")
    low, first = device.low.conductance, device.high[0].conductance
    if first <= low:
        message = f"must be more than that of the low level, {show(low, CONDUCTANCE)}"
        given = show(first, CONDUCTANCE)
        yield Fault((*path, 0, "conductance"), f"{message}, not {given}")
    for index, (below, above) in enumerate(itertools.pairwise(device.high), start=1):
        if above.conductance <= below.conductance:
            one, other = show(above.conductance, CONDUCTANCE), show(below.conductance, CONDUCTANCE)
            yield Fault((*path, index, "conductance"), f"must ascend, and {one} comes after {other}")
        if above.compliance <= below.compliance:
            one, other = show(above.compliance, CURRENT), show(below.compliance, CURRENT)
            yield Fault((*path, index, "compliance"), f"must ascend, and {one} comes after {other}")
    high = [((*path, index), level) for index, level in enumerate(device.high)]
    yield from of_spreads(device.low, high, scale=device.spread_scale)
