"""Pairs of arrays whose cells pulses only lower: a weight is raised by lowering its subtrahend."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Pulses
from chipsim.device.types import Flags, Indices
from chipsim.device.worn import reset_worn
from chipsim.synapse.carrier import Pulsed
from chipsim.synapse.pair import Pair, Pairs

__all__ = ["LoweredPair", "LoweredPairs"]


class LoweredPair(Pair):
    """Two arrays of cells that begin at the top; each pulse takes a step off one of them."""

    @staticmethod
    def moved_by(device: PulsedDevice) -> Callable[..., float]:
        """Down."""
        return device.pulse_down

    @staticmethod
    def at_bound(cells: Cells) -> Flags:
        """At the bottom."""
        return cells.at_bottom

    def pulse(self, pulses: Pulses, *, update: bool) -> tuple[Pulsed, Pulsed]:
        """What raises the weight lowers its minus array, and the other way about."""
        return super().pulse(_exchanged(pulses), update=update)

    def saturated(self, *, headroom: float) -> tuple[Indices, Indices]:
        """Rows and columns of weights that ran out of range while both cells stand low.

        Parameters
        ----------
        headroom
            Share of the range by which the higher cell must have come down.
        """
        plus, minus = self.cells
        low, span = self.device.low(self._gain), self.device.span(self._gain)
        ceiling = np.float32(low + (1 - headroom) * span)
        ended = plus.at_bottom | minus.at_bottom
        rows, columns = np.nonzero(ended & (np.maximum(plus.conductance, minus.conductance) < ceiling))
        return rows.astype(np.int32), columns.astype(np.int32)

    def strongly_pulsed(self, cells: Cells, rows: Indices, columns: Indices) -> tuple[float, float]:
        """A SET meets more than there was: the cell conducts more and more while it lasts."""
        found = float(cells.conductance[rows, columns].sum(dtype=np.float64))
        return found, reset_worn(self.device.reset, cells, rows, columns)


class LoweredPairs(Pairs):
    """Pairs of such arrays."""

    pair_of: ClassVar[type[Pair]] = LoweredPair


def _exchanged(pulses: Pulses) -> Pulses:
    """The same pulses, with those that raise and those that lower exchanged."""
    return Pulses(
        plus=pulses.minus,
        minus=pulses.plus,
        rows=(pulses.rows[1], pulses.rows[0]),
        columns=np.ascontiguousarray(pulses.columns[::-1]),
        slots=pulses.slots,
        visits=pulses.visits,
        down_slots=pulses.down_slots,
    )
