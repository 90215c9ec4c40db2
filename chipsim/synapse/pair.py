"""Pairs of arrays, each of whose differences is one part of a weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.aging import Aged
from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Hits, Pulses
from chipsim.device.energy import driven_each, half_selected
from chipsim.device.linear import saturated
from chipsim.device.listed import Listed, as_counts, as_floats, as_sums, as_tally, is_same
from chipsim.device.lives import life_of
from chipsim.device.randomness import generator
from chipsim.device.reading import read_pair_columns, read_pair_rows
from chipsim.device.table import Table
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums, Tally
from chipsim.device.worn import lost_to_wear, pulse_worn, reset_worn
from chipsim.device.worn_loops import list_worn
from chipsim.losses import Loss
from chipsim.synapse.carrier import ArrayWear, Pulsed, PulsedCarrier, Reset, Target
from chipsim.synapse.compiled import BOTH, DIFFERENCE, SKIPPED
from chipsim.synapse.crossed import Crossed, crossed_by

__all__ = ["Pair", "Pairs"]


class Pair(Target):
    """Two arrays whose difference is one part of the weight.

    Parameters
    ----------
    names
        Names of the plus and the minus array.
    device
        Its cells.
    gain
        How many times smaller than described they are.
    shape
        Rows and columns in use.
    seed
        The run's seed; each array draws from its own generator.
    sums
        Where the two arrays keep their row sums (2, rows) and column sums (2, columns).
    unused
        Cells out of use on each row and on each column that take current when the line is driven.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rngs", "cells", "updates", "_alike")

    def __init__(
        self,
        names: tuple[str, str],
        device: PulsedDevice,
        *,
        gain: float,
        shape: tuple[int, int],
        seed: int,
        sums: tuple[Sums, Sums],
        unused: tuple[int, int] = (0, 0),
    ) -> None:
        self.names = names
        self.device = device
        self.step = device.step(gain)
        """Mean step of its cells, S."""
        self._gain = gain
        self._move = self.moved_by(device)
        self._rngs = [generator(seed, name) for name in names]
        self._sums = row_sums, column_sums = sums
        self.cells: list[Cells] = []
        # Each array draws its spread from its own generator: the other one's cells change nothing of it.
        for sign, rng in enumerate(self._rngs):
            lines = row_sums[sign], column_sums[sign]
            cells = device.fresh(shape, rng=rng, gain=gain, sums=lines, unused=unused)
            device.begin_wear(cells, rng=rng)
            self.cells.append(cells)
        self.updates: Tally = np.zeros(2, np.int64)
        plus, minus = self.cells
        # Arrays that conduct alike add exactly nothing to a sum, as a fine pair that waits for its turn.
        self._alike = bool(np.array_equal(plus.conductance, minus.conductance))

    @staticmethod
    def moved_by(device: PulsedDevice) -> Callable[..., float]:
        """What small pulses do to cells of the pair."""
        return device.pulse

    def read(self, x: Floats, out: Floats) -> None:
        """Add the currents of driven rows (batch, rows) to `out` (batch, columns)."""
        if self._alike:
            return
        read_pair_rows(x, self.cells[0].conductance, self.cells[1].conductance, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """Add the currents of driven columns (batch, columns) to `out` (batch, rows)."""
        if self._alike:
            return
        read_pair_columns(d, self.cells[0].conductance, self.cells[1].conductance, out)

    def difference(self) -> NDArray[np.float64]:
        """Conductance of the plus less the minus array, S."""
        plus, minus = (cells.conductance for cells in self.cells)
        # Each is made double by the loop that subtracts, and not as an array of its own.
        found: NDArray[np.float64] = np.subtract(plus, minus, dtype=np.float64)
        return found

    def pulse(self, pulses: Pulses, *, update: bool) -> tuple[Pulsed, Pulsed]:
        """Apply pulses to both arrays; those of a sample's update count as update events."""
        if update:
            self.updates[0] += pulses.plus.rows.size
            self.updates[1] += pulses.minus.rows.size
        self._alike = False
        plus, minus = self.cells
        plus_name, minus_name = self.names
        plus_rng, minus_rng = self._rngs
        plus_rows, minus_rows = pulses.rows
        row_sums, column_sums = self._sums
        before = driven_each(plus_rows, minus_rows, row_sums, pulses.columns, column_sums)
        raising = pulse_worn(self._move, plus, pulses.plus, rng=plus_rng)
        lowering = pulse_worn(self._move, minus, pulses.minus, rng=minus_rng)
        after = driven_each(plus_rows, minus_rows, row_sums, pulses.columns, column_sums)
        return (
            Pulsed(plus_name, pulses.raising, raising, half_selected(before[0], after[0], raising)),
            Pulsed(minus_name, pulses.lowering, lowering, half_selected(before[1], after[1], lowering)),
        )

    @property
    def alike(self) -> bool:
        """Whether both arrays conduct alike, so that a read of them adds nothing."""
        return self._alike

    def listed_pair(self, table: Table) -> int | None:
        """Add the pair to a table for loops that pulse it; None where its cells have a law of their own."""
        # A kind made of this one may pulse in another way.
        if type(self) is not Pair:
            return None
        cells: list[int] = []
        for sign, each in enumerate(self.cells):
            place = self.device.listed(table, each) if self._keeps_sums(sign) else None
            if place is None:
                return None
            cells.append(place)
        rows, columns = (as_counts(np.empty(sums.shape[1], np.int32)) for sums in self._sums)
        worn = [list_worn(table, each) for each in self.cells]
        places, pulsed = np.array([*cells, 0, *worn], np.int64), np.empty(2)
        return table.add(as_tally(places), as_tally(self.updates, 2), rows, columns, as_sums(pulsed))

    def expect_pulses(self) -> None:
        """From now on nobody looks whether its arrays conduct alike."""
        self._alike = False

    def _keeps_sums(self, sign: int) -> bool:
        """Whether the cells of an array keep the sums of their lines where they were told to."""
        cells = self.cells[sign]
        kept = zip(self._sums, (cells.row_sum, cells.column_sum), strict=True)
        return all(is_same(sums[sign], theirs) for sums, theirs in kept)

    def lost(self) -> list[Loss]:
        """Pulses that met a bound since this was asked last, and cells and pairs that are at one now."""
        worn = zip(self.names, self.cells, strict=True)
        found = [loss for name, cells in worn for loss in lost_to_wear(name, cells)]
        # Cells without bounds lose nothing to them, and a share of nothing is not told.
        if not all(cells.bounded for cells in self.cells):
            return found
        at_bound = [self.at_bound(cells) for cells in self.cells]
        for name, cells, full in zip(self.names, self.cells, at_bound, strict=True):
            pulsed, met, stayed = cells.tally.tolist()
            cells.tally[:] = 0
            if pulsed:
                found.append(Loss(part=name, what="pulsings-cut", count=met, of=pulsed))
                found.append(Loss(part=name, what="pulsings-without-effect", count=stayed, of=pulsed))
            found.append(_at_bound(name, "cells-saturated", full))
        plus, minus = at_bound
        pair = self.names[0].removesuffix("+")
        found.append(_at_bound(pair, "pairs-saturated", plus | minus))
        found.append(_at_bound(pair, "pairs-stuck", plus & minus))
        return found

    @staticmethod
    def at_bound(cells: Cells) -> Flags:
        """Cells that pulses move no further (rows, columns)."""
        return cells.at_top

    def saturated(self, *, headroom: float) -> tuple[Indices, Indices]:
        """Rows and columns of weights that ran out of range while both cells stand high.

        Parameters
        ----------
        headroom
            Share of the range that the lower cell must exceed.
        """
        plus, minus = self.cells
        low, span = self.device.low(self._gain), self.device.span(self._gain)
        # Bounds differ from cell to cell, and nobody has measured them: the mean range is gone by.
        floor = low + headroom * span
        return saturated(plus, minus, floor=floor)

    def reset(self, rows: Indices, columns: Indices) -> tuple[tuple[Reset, ...], tuple[Hits, Hits]]:
        """Reset both cells of each listed weight, row by row, and say which pulses restore their difference.

        Returns
        -------
        What that took of each array, and the hits still to be applied to each.
        """
        self._alike = False
        plus, minus = self.cells
        # By one index instead of two, and taken instead of indexed: a fine pair resets thousands at a time.
        cells = np.multiply(rows, plus.conductance.shape[1], dtype=np.intp) + columns
        above, below = plus.conductance.take(cells), minus.conductance.take(cells)
        wanted = np.subtract(above, below, dtype=np.float64)
        # From where a reset leads, along the curve of a device whose steps are not alike.
        pulses = self.device.pulses_for(np.abs(wanted / self.step), begin=0.0)
        counts: Counts = np.rint(np.sign(wanted) * pulses).astype(np.int32)
        # As `numpy.unique`, of small whole numbers: it would sort what is in order.
        visited: NDArray[np.intp] = np.bincount(rows).nonzero()[0]
        taken = tuple(self._reset(sign, rows, columns, visited) for sign in range(2))
        return taken, (_hits(rows, columns, counts), _hits(rows, columns, -counts))

    def _reset(self, sign: int, rows: Indices, columns: Indices, visited: NDArray[np.intp]) -> Reset:
        cells = self.cells[sign]
        # Each row is driven once, the column of each cell once; what lies on both is the cell itself.
        driven_rows, driven_columns = cells.row_sum.take(visited), cells.column_sum.take(columns)
        lines = driven_rows.sum() + driven_columns.sum()
        found, selected = self.strongly_pulsed(cells, rows, columns)
        # Sums are kept by adding and may be off by a rounding, which must not become less than nothing.
        half = max(float(lines) - 2 * found, 0.0)
        return Reset(self.names[sign], selected, half)

    def strongly_pulsed(self, cells: Cells, rows: Indices, columns: Indices) -> tuple[float, float]:
        """Reset listed cells: the conductance that was found, and that which the strong pulse met, S."""
        met = reset_worn(self.device.reset, cells, rows, columns)
        return met, met

    def aged(self) -> list[Aged]:
        """The cells of its two arrays."""
        low = self.device.low(self._gain)
        high = low + self.device.span(self._gain)
        return [
            Aged(
                array=name, conductance=cells.conductance, counts=(cells.pulses, cells.resets), low=low,
                high=high, beneath=cells.beneath,
            )
            for name, cells in zip(self.names, self.cells, strict=True)
        ]  # fmt: skip

    def drifted(self) -> None:
        """Add up lines anew, and look whether the arrays conduct alike."""
        for cells in self.cells:
            cells.sum_up()
        plus, minus = self.cells
        # Loops that pulse it have said that nobody looks any more.
        self._alike = self._alike and bool(np.array_equal(plus.conductance, minus.conductance))

    def wear(self) -> list[ArrayWear]:
        """What its two arrays have been through."""
        worn = zip(self.names, self.cells, self.updates.tolist(), strict=True)
        return [
            ArrayWear(
                name, cells.pulses, cells.resets, updates, conductance=cells.conductance, life=life_of(cells)
            )
            for name, cells, updates in worn
        ]


class Pairs(PulsedCarrier):
    """One pair of arrays or several, whose differences add up to the weight.

    Parameters
    ----------
    tile
        Name of the tile; arrays are called after it and their pair.
    device
        Its cells.
    gains
        How many times smaller than described the cells of each pair are, by the name of the pair.
    shape
        Rows and columns in use.
    seed
        The run's seed; each array draws from its own generator.
    weight_per_siemens
        Weight units that a siemens of difference stands for.
    unused
        Cells out of use on each row and on each column of every array that take current with it.
    """

    remembers: ClassVar[tuple[str, ...]] = ("pairs",)
    pair_of: ClassVar[type[Pair]] = Pair
    """What each pair is."""

    def __init__(
        self,
        tile: str,
        device: PulsedDevice,
        *,
        gains: Mapping[str, float],
        shape: tuple[int, int],
        seed: int,
        weight_per_siemens: float,
        unused: tuple[int, int] = (0, 0),
    ) -> None:
        self.weight_per_siemens = weight_per_siemens
        rows, columns = shape
        # Sums of all arrays lie in one block, so that a read weighs the lines of every array in one loop.
        self.row_sums = np.zeros((2 * len(gains), rows))
        self.column_sums = np.zeros((2 * len(gains), columns))
        self._shape = shape
        self.pairs: list[Pair] = []
        for index, (name, gain) in enumerate(gains.items()):
            names, sums = (f"{tile}.{name}+", f"{tile}.{name}-"), self._sums(index)
            self.pairs.append(
                self.pair_of(names, device, gain=gain, shape=shape, seed=seed, sums=sums, unused=unused)
            )

    def _sums(self, pair: int) -> tuple[Sums, Sums]:
        mine = slice(2 * pair, 2 * pair + 2)
        return self.row_sums[mine], self.column_sums[mine]

    @property
    def targets(self) -> Sequence[Pair]:
        """The pairs."""
        return self.pairs

    def read(self, x: Floats, out: Floats) -> None:
        """Pair after pair."""
        for pair in self.pairs:
            pair.read(x, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """Pair after pair."""
        for pair in self.pairs:
            pair.read_back(d, out)

    @property
    def conducting(self) -> tuple[tuple[Floats, ...], ...]:
        """Pair after pair."""
        return tuple(tuple(cells.conductance for cells in pair.cells) for pair in self.pairs)

    def crossed(self) -> Sequence[Crossed]:
        """The arrays of all pairs."""
        return [crossed_by(cells) for pair in self.pairs for cells in pair.cells]

    def listed(self, table: Table, *, pulsed: int | None) -> int | None:
        """Add all pairs to a table for loops that read them, and pulse one of them or none."""
        # Kinds made of this one, or of a pair, may read in another way.
        if type(self) is not Pairs or any(type(pair) is not Pair for pair in self.pairs):
            return None
        reads: list[int] = []
        arrays: list[Listed] = []
        for place, pair in enumerate(self.pairs):
            plus, minus = (as_floats(cells.conductance, *self._shape) for cells in pair.cells)
            if place == pulsed:
                reads.append(BOTH)
            elif pair.alike:
                reads.append(SKIPPED)
            else:
                # Subtracted once instead of by every sample, from half as much memory, with the same bits.
                plus = minus = as_floats(plus.array - minus.array)
                reads.append(DIFFERENCE)
            arrays += (plus, minus)
        # There is no line beside the columns.
        return table.add(as_tally(np.array(reads, np.int64)), as_sums(np.zeros(2)), *arrays)

    def weights(self) -> NDArray[np.float64]:
        """The differences of all pairs, added up."""
        total = np.zeros(self._shape)
        for pair in self.pairs:
            total += pair.difference()
        total *= self.weight_per_siemens
        return total

    def aged(self) -> tuple[Aged, ...]:
        """Array after array."""
        return tuple(one for pair in self.pairs for one in pair.aged())

    def drifted(self) -> None:
        """Pair after pair."""
        for pair in self.pairs:
            pair.drifted()

    def wear(self) -> tuple[ArrayWear, ...]:
        """Array after array."""
        return tuple(worn for pair in self.pairs for worn in pair.wear())

    def lost(self) -> list[Loss]:
        """Pair after pair."""
        return [loss for pair in self.pairs for loss in pair.lost()]


def _hits(rows: Indices, columns: Indices, counts: Counts) -> Hits:
    """The cells whose counts are above zero."""
    (chosen,) = (counts > 0).nonzero()
    return Hits(rows.take(chosen), columns.take(chosen), counts.take(chosen))


def _at_bound(part: str, what: str, where: Flags) -> Loss:
    return Loss(part=part, what=what, count=int(np.count_nonzero(where)), of=where.size)
