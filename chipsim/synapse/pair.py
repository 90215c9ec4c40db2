"""Two arrays of cells whose difference is one part of a weight."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Hits, Pulses
from chipsim.device.energy import driven
from chipsim.device.linear import saturated
from chipsim.device.randomness import generator
from chipsim.device.reading import read_pair_columns, read_pair_rows
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums
from chipsim.losses import Loss

__all__ = ["Pair", "Pulsed"]


@attrs.frozen(eq=False)
class Pulsed:
    """What one array was pulsed with: conductance times slots (S) of selected and half-selected cells."""

    array: str
    pulses: int
    selected: float
    half_selected: float


class Pair:
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

    remembers: ClassVar[tuple[str, ...]] = ("_rngs", "cells", "updates")

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
        self._rngs = [generator(seed, name) for name in names]
        self.cells: list[Cells] = [
            device.fresh(shape, rng=rng, gain=gain, sums=(lines[0], lines[1]), unused=unused)
            for rng, *lines in zip(self._rngs, *sums, strict=True)
        ]
        self.updates = [0, 0]

    def read(self, x: Floats, out: Floats) -> None:
        """Add the currents of driven rows (batch, rows) to `out` (batch, columns)."""
        read_pair_rows(x, self.cells[0].conductance, self.cells[1].conductance, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """Add the currents of driven columns (batch, columns) to `out` (batch, rows)."""
        read_pair_columns(d, self.cells[0].conductance, self.cells[1].conductance, out)

    def difference(self) -> NDArray[np.float64]:
        """Conductance of the plus less the minus array, S."""
        plus, minus = (cells.conductance.astype(np.float64) for cells in self.cells)
        return plus - minus

    def pulse(self, pulses: Pulses, *, update: bool) -> tuple[Pulsed, Pulsed]:
        """Apply pulses to both arrays; those of a sample's update count as update events."""
        if update:
            self.updates = [self.updates[0] + pulses.plus.rows.size, self.updates[1] + pulses.minus.rows.size]
        plus, minus = (
            self._pulse(sign, hits, pulses) for sign, hits in enumerate((pulses.plus, pulses.minus))
        )
        return plus, minus

    def _pulse(self, sign: int, hits: Hits, pulses: Pulses) -> Pulsed:
        cells, lines = self.cells[sign], (pulses.rows, pulses.columns[sign])
        before = driven(lines[0], cells.row_sum, lines[1], cells.column_sum)
        selected = self.device.pulse(cells, hits, rng=self._rngs[sign])
        after = driven(lines[0], cells.row_sum, lines[1], cells.column_sum)
        # Conductance moves linearly on average, and a selected cell lies on two driven lines.
        half = max(0.5 * (before + after) - 2 * selected, 0.0)
        return Pulsed(self.names[sign], hits.total, selected, half)

    def lost(self) -> list[Loss]:
        """Pulses that met a bound since this was asked last, and cells and pairs that are at one now."""
        found: list[Loss] = []
        if not all(cells.bounded for cells in self.cells):
            return found
        at_bound = [cells.at_bound for cells in self.cells]
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

    def saturated(self, *, headroom: float) -> tuple[Indices, Indices]:
        """Rows and columns of weights that ran out of range while both cells stand high.

        Parameters
        ----------
        headroom
            Share of the range that the lower cell must exceed.
        """
        plus, minus = self.cells
        floor = self.device.low(self._gain) + headroom * self.device.span(self._gain)
        return saturated(plus, minus, floor=floor)

    def reset(
        self, rows: Indices, columns: Indices
    ) -> tuple[tuple[tuple[float, float], ...], tuple[Hits, Hits]]:
        """Reset both cells of each listed weight, row by row, and say which pulses restore their difference.

        Returns
        -------
        The conductance that was reset and that was half selected meanwhile in each array (S), and the hits
        still to be applied to each.
        """
        plus, minus = self.cells
        wanted = plus.conductance[rows, columns].astype(np.float64) - minus.conductance[rows, columns]
        counts: Counts = np.rint(wanted / self.step).astype(np.int32)
        reset = self._reset(plus, rows, columns), self._reset(minus, rows, columns)
        up, down = counts > 0, counts < 0
        return reset, (
            Hits(rows[up], columns[up], counts[up]),
            Hits(rows[down], columns[down], -counts[down]),
        )

    def _reset(self, cells: Cells, rows: Indices, columns: Indices) -> tuple[float, float]:
        # Each row is driven once, the column of each cell once; what lies on both is the cell itself.
        lines = cells.row_sum[np.unique(rows)].sum() + cells.column_sum[columns].sum()
        selected = self.device.reset(cells, rows, columns)
        return selected, max(float(lines) - 2 * selected, 0.0)


def _at_bound(part: str, what: str, where: Flags) -> Loss:
    return Loss(part=part, what=what, count=int(np.count_nonzero(where)), of=where.size)
