"""The multilevel cell that is SET at once, and RESET by one of several voltages to a lower level."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, Final, Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.device import LevelDevice
from chipsim.device.levels import LowLevel, of_spreads
from chipsim.device.programming import CellList, Levels, MultilevelCells, Programmed, fresh_cells
from chipsim.device.types import Floats, Indices, Sums, kernel
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least, between, more_than
from chipsim.units import CONDUCTANCE, VOLTAGE, Siemens, Volts, show

__all__ = ["MiddleLevel", "ResetLevels", "TopLevel"]

_MOST_MIDDLE: Final = 126
"""Levels between the lowest and the highest of a cell, whose level is kept in a signed byte."""


@attrs.frozen(kw_only=True)
class MiddleLevel:
    """One state that a RESET from the highest level leaves a cell in, chosen by the voltage of the pulse."""

    conductance: Siemens = attrs.field(validator=more_than(0))
    spread: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Standard deviation of the conductance, drawn anew at each RESET."""
    reset_voltage: Volts = attrs.field(validator=more_than(0))
    """Of this RESET, without its sign."""


@attrs.frozen(kw_only=True)
class TopLevel:
    """The state that a SET leaves a cell in, from wherever it comes."""

    conductance: Siemens = attrs.field(validator=more_than(0))
    spread: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Standard deviation of the conductance, drawn anew at each SET."""


@attrs.frozen(kw_only=True)
class ResetLevels(LevelDevice):
    """A cell whose SET is abrupt and leads to its highest level, from which a RESET leads to any other.

    A cell that is to go to a level below the highest takes a SET first, unless it stands there, and then a
    RESET whose voltage chooses the level. Both pulses are taken to meet the mean of what the cell conducts
    before and after them: V^2 G t. A SET that is followed by a RESET ends at the mean of the highest level.

    `reset_voltage` is that of the RESET to the lowest level. Conductances below zero do not exist: a draw
    that falls there becomes zero.

    References
    ----------
    Dong 2018: SET of 1.44 V, RESET of -1.56, -1.60 or -1.66 V, each of 100 ns.

    Examples
    --------
    >>> from chipsim.device.randomness import generator
    >>> middle = (MiddleLevel(conductance=5e-6, reset_voltage=1.66),)
    >>> cell = ResetLevels(low=LowLevel(conductance=0.5e-6), middle=middle, top=TopLevel(conductance=60e-6),
    ...     set_voltage=1.44, set_width=100_000, reset_voltage=1.72, reset_width=100_000, area=40_000)
    >>> cells, rng = cell.fresh((1, 1), rng=generator(1, "array")), generator(2, "array")
    >>> place = np.zeros(1, np.int32)
    >>> done = cell.program(cells, CellList(place, place, np.ones(1, np.int8)), rng=rng)
    >>> done.sets, done.resets, round(1e9 * float(cells.conductance[0, 0]))
    (1, 1, 5000)
    """

    kind: ClassVar[str] = "reset-levels"
    begins_with: ClassVar[Literal["reset", "set"]] = "set"
    example: ClassVar[dict[str, Any]] = {
        "low": {"conductance": "1 uS"},
        "middle": [{"conductance": "5 uS", "reset_voltage": "1.5 V"}],
        "top": {"conductance": "20 uS"},
        "reset_voltage": "2 V",
    }
    low: LowLevel
    """The level that the strongest RESET leads to, which stands for zero."""
    middle: tuple[MiddleLevel, ...] = ()
    """Ascending in conductance, and descending in voltage."""
    top: TopLevel
    """The level that a SET leads to."""
    spread_scale: float = attrs.field(default=1.0, validator=between(0, 100))
    """Factor on the spread of every level: zero for cells without error."""
    endurance: int | None = attrs.field(default=None, validator=at_least(1))
    """Programming cycles that a cell stands; None when unknown."""

    @property
    def _levels(self) -> tuple[LowLevel | MiddleLevel | TopLevel, ...]:
        return (self.low, *self.middle, self.top)

    @cached_property
    def means(self) -> Sums:
        """Mean conductance of each level, the lowest first (levels,), S."""
        return np.array([level.conductance for level in self._levels], np.float64)

    @cached_property
    def spreads(self) -> Sums:
        """Standard deviation of what cells conduct at each level, as described and scaled (levels,), S."""
        scaled: Sums = self.spread_scale * np.array([level.spread for level in self._levels], np.float64)
        return scaled

    @cached_property
    def _powers(self) -> Sums:
        """Square of the voltage of the RESET to each level, over that to the lowest (levels,)."""
        voltages = [self.reset_voltage, *(level.reset_voltage for level in self.middle), 0.0]
        powers: Sums = (np.array(voltages, np.float64) / self.reset_voltage) ** 2
        return powers

    @property
    def programming_voltages(self) -> dict[str, Volts]:
        """Those of a SET, and of the weakest and the strongest RESET."""
        voltages = {"set_voltage": self.set_voltage, "reset_voltage": self.reset_voltage}
        if self.middle:
            voltages["middle.reset_voltage"] = min(level.reset_voltage for level in self.middle)
        return voltages

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Levels that do not ascend, or are too wide to be levels."""
        yield from _of_cell(self)
        yield from super().faults(chip)

    @property
    def is_sound(self) -> bool:
        """Whether its levels make sense, so that weights can be mapped to them."""
        return not any(_of_cell(self))

    def idealised(self) -> Iterable[str]:
        """A SET that ends where nobody looks."""
        yield "A SET that a RESET follows ends exactly at the mean of the highest level."

    def fresh(self, shape: tuple[int, int], *, rng: np.random.Generator) -> MultilevelCells:
        """New cells (rows, lines) at their lowest level, as they were made, which nobody counts."""
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
        resets, sets, siemens, set_siemens = _program(
            cells.conductance, cells.level, cells.counts, cells.row_sum, cells.column_sum, wanted.rows,
            wanted.lines, wanted.levels, noise, self.means, self.spreads, self._powers, pulsed,
        )  # fmt: skip
        # A SET is charged as V I t: of a cell that conducts G, the current is V G.
        return Programmed(
            resets=resets, sets=sets, reset_siemens=siemens, set_amperes=self.set_voltage * set_siemens
        )


@kernel
def _program(
    conductance: Floats,
    level: Levels,
    counts: NDArray[np.int32],
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    lines: Indices,
    wanted: Levels,
    noise: Floats,
    means: Sums,
    spreads: Sums,
    powers: Sums,
    pulsed: NDArray[np.bool_],
) -> tuple[int, int, float, float]:
    """Program the listed cells, one after another, and mark the pulses that each row had.

    Returns
    -------
    RESETs and SETs; what the RESETs met, in siemens at the highest voltage; and what the SETs met, S.
    """
    top = means.size - 1
    resets, sets, reset_siemens, set_siemens = 0, 0, 0.0, 0.0
    for h in range(rows.size):
        i, j, to = rows[h], lines[h], wanted[h]
        before = np.float64(conductance[i, j])
        drawn = means[to] + spreads[to] * np.float64(noise[h])
        # No cell has a negative conductance, which would feed current back into its line.
        kept = np.float32(max(drawn, 0.0))
        now = before
        if level[i, j] != top or to == top:
            after = np.float64(kept) if to == top else means[top]
            set_siemens += 0.5 * (now + after)
            sets += 1
            counts[i, j, 0] += 1
            pulsed[i, top] = True
            now = after
        if to < top:
            reset_siemens += powers[to] * 0.5 * (now + np.float64(kept))
            resets += 1
            counts[i, j, 1] += 1
            pulsed[i, to] = True
        counts[i, j, 2] += 1
        level[i, j] = to
        conductance[i, j] = kept
        moved = np.float64(kept) - before
        row_sum[i] += moved
        column_sum[j] += moved
    return resets, sets, reset_siemens, set_siemens


def _of_cell(device: ResetLevels) -> Iterator[Fault]:
    """Levels out of order, and voltages that would lead elsewhere."""
    path = ("device", "middle")
    if len(device.middle) > _MOST_MIDDLE:
        yield Fault(
            path, f"has {len(device.middle)} levels, and a cell may have {_MOST_MIDDLE} between its ends"
        )
        return
    levels = _placed(device)
    for (_, below), (at, above) in itertools.pairwise(levels):
        if above.conductance <= below.conductance:
            one, other = show(above.conductance, CONDUCTANCE), show(below.conductance, CONDUCTANCE)
            yield Fault((*at, "conductance"), f"must ascend, and {one} comes after {other}")
    before = device.reset_voltage
    for index, level in enumerate(device.middle):
        if level.reset_voltage >= before:
            one, other = show(level.reset_voltage, VOLTAGE), show(before, VOLTAGE)
            message = (
                f"must be less than that of the level below, {other}, not {one}: a stronger RESET leads lower"
            )
            yield Fault((*path, index, "reset_voltage"), message)
        before = level.reset_voltage
    yield from of_spreads(device.low, levels[1:], scale=device.spread_scale)


def _placed(device: ResetLevels) -> Sequence[tuple[tuple[str | int, ...], Any]]:
    """The levels with where they are described, the lowest first."""
    middle = [(("device", "middle", index), level) for index, level in enumerate(device.middle)]
    return [(("device", "low"), device.low), *middle, (("device", "top"), device.top)]
