"""The resistive arrays of one tile: what a pair or a hybrid synapse stores and how it is read and pulsed."""

from __future__ import annotations

import attrs
import numpy as np
import simpy
from numpy.typing import NDArray

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits, Pulses
from chipsim.device.energy import driven
from chipsim.device.models import DeviceModel, device_model
from chipsim.device.randomness import generator
from chipsim.device.reading import read_pair_columns, read_pair_rows
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums
from chipsim.ledger import Ledger
from chipsim.losses import Loss
from chipsim.parts.part import Part, Port
from chipsim.spec.chip import DeviceSpec, HybridSpec, SinglePairSpec
from chipsim.spec.known import unknown_kind
from chipsim.units import Nm2

__all__ = ["Array", "Pair", "Pulsed", "pair_gains", "pairs_of"]


class Array(Part):
    """One crossbar of cells; the tile decides when it is read or pulsed.

    Parameters
    ----------
    shape
        Rows and columns that it has, in use or not.
    cell_area
        Area of one cell.
    """

    kind = "array"
    ports = (Port("rows", "analog"), Port("columns", "analog"))

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, shape: tuple[int, int], cell_area: Nm2
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self._shape = shape
        self._cell_area = cell_area

    @property
    def area(self) -> Nm2:
        """All cells."""
        return Nm2(self._shape[0] * self._shape[1] * self._cell_area)

    @property
    def about(self) -> str:
        """Rows by columns."""
        return f"{self._shape[0]} x {self._shape[1]} cells"


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
        The model of its cells.
    shape
        Rows and columns in use.
    seed
        The run's seed; each array draws from its own generator.
    sums
        Where the two arrays keep their row sums (2, rows) and column sums (2, columns).
    unused
        Cells out of use on each row and on each column that take current when the line is driven.
    """

    def __init__(
        self,
        names: tuple[str, str],
        device: DeviceModel,
        *,
        shape: tuple[int, int],
        seed: int,
        sums: tuple[Sums, Sums],
        unused: tuple[int, int] = (0, 0),
    ) -> None:
        self.names = names
        self.device = device
        self._rngs = [generator(seed, name) for name in names]
        self.cells: list[Cells] = [
            device.fresh(shape, rng=rng, sums=(lines[0], lines[1]), unused=unused)
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
        """Rows and columns of weights that ran out of range; see :meth:`DeviceModel.saturated`."""
        plus, minus = self.cells
        return self.device.saturated(plus, minus, headroom=headroom)

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
        counts: Counts = np.rint(wanted / self.device.step).astype(np.int32)
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


def pairs_of(
    tile: str,
    synapse: SinglePairSpec | HybridSpec,
    device: DeviceSpec,
    *,
    shape: tuple[int, int],
    seed: int,
    sums: tuple[Sums, Sums],
    unused: tuple[int, int] = (0, 0),
) -> list[Pair]:
    """The pairs that carry a weight: one, or a coarse and a fine one.

    Parameters
    ----------
    sums
        Where the arrays keep their row sums (arrays, rows) and column sums (arrays, columns), two a pair.
    unused
        Cells out of use on each row and on each column of every array that take current with it.
    """
    gains = pair_gains(synapse)
    return [
        Pair(
            (f"{tile}.{name}+", f"{tile}.{name}-"),
            device_model(device, gain=gain),
            shape=shape,
            seed=seed,
            sums=(sums[0][2 * index : 2 * index + 2], sums[1][2 * index : 2 * index + 2]),
            unused=unused,
        )
        for index, (name, gain) in enumerate(gains.items())
    ]


def pair_gains(synapse: SinglePairSpec | HybridSpec) -> dict[str, float]:
    """How many times smaller the cells of each pair are, by the pair's name."""
    if isinstance(synapse, HybridSpec):
        return {"coarse": 1.0, "fine": synapse.gain}
    if isinstance(synapse, SinglePairSpec):
        return {"pair": 1.0}
    raise unknown_kind(synapse, place=__name__)
