"""One array of cells that pulses raise and lower, each compared with a reference line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.aging import Aged
from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Hits, Pulses
from chipsim.device.energy import driven, half_selected
from chipsim.device.listed import as_counts, as_floats, as_sums, as_tally, is_same
from chipsim.device.lives import life_of
from chipsim.device.programming import differences
from chipsim.device.randomness import generator
from chipsim.device.reading_many import read_columns, read_rows
from chipsim.device.table import Table
from chipsim.device.types import Flags, Floats, Tally
from chipsim.device.worn import lost_to_wear, pulse_worn
from chipsim.device.worn_loops import list_worn
from chipsim.losses import Loss
from chipsim.synapse.carrier import ArrayWear, Pulsed, PulsedCarrier, Target
from chipsim.synapse.compiled import AGAINST
from chipsim.synapse.crossed import Crossed, crossed_by
from chipsim.synapse.reference_line import ReferenceLine

__all__ = ["SingleCells"]


class SingleCells(PulsedCarrier, Target):
    """Cells on one array, a weight each, and the only part of the synapse that pulses go to.

    Fresh cells stand where their device is made, most at their lower bound, for the most negative weight: the
    first writing brings them to theirs by counted pulses, and is charged as any pulses are.

    Parameters
    ----------
    name
        Name of the array, from which it draws.
    device
        Its cells.
    weight_range
        Weight of a cell at its highest conductance; minus that, at its lowest.
    shape
        Rows and columns in use.
    seed
        The run's seed.
    unused
        Cells out of use on each row and on each column that take current when the line is driven.

    Notes
    -----
    There are no transistors. A row that is driven feeds its reference cell too, wholly in a read and at half
    the voltage in a pulse slot; and the reference line, driven in a backward pass, feeds its cells on rows
    out of use that are not cut off.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rng", "cells", "updates", "difference")
    arrays_read: ClassVar[int] = 1
    """Arrays that a read drives."""
    zero_share = 0.5

    def __init__(
        self,
        name: str,
        device: PulsedDevice,
        *,
        weight_range: float,
        shape: tuple[int, int],
        seed: int,
        unused: tuple[int, int] = (0, 0),
    ) -> None:
        self.name, self.device = name, device
        span = device.span(1.0)
        self.weight_per_siemens = 2 * weight_range / span
        # What a fresh cell lacks of the middle of its range, which stands for zero.
        self.step, self.rest = device.step(1.0), (0.5 - device.fresh_share) * span
        self._rng = generator(seed, name)
        rows, columns = shape
        self.row_sums = np.zeros((self.arrays_read, rows))
        self.column_sums = np.zeros((self.arrays_read, columns))
        sums = self.row_sums[0], self.column_sums[0]
        self.cells = device.fresh(shape, rng=self._rng, sums=sums, unused=unused)
        device.begin_wear(self.cells, rng=self._rng)
        self._refer(device.low(1.0) + span / 2, rows=shape[0] + unused[1])
        self.updates: Tally = np.zeros(1, np.int64)
        """Times that a cell got pulses from an update, summed over cells."""
        self._difference: Floats = np.zeros(shape, np.float32)
        self._is_settled = False

    @property
    def targets(self) -> Sequence[Target]:
        """Itself."""
        return (self,)

    def _refer(self, middle: float, *, rows: int) -> None:
        """Stand references beside the cells, at the middle of the described range, S."""
        self._reference = ReferenceLine(middle, rows=rows)
        self._add_reference()

    def _add_reference(self) -> None:
        """Add what stands beside the cells to the sums of rows, to which pulses only add from then on."""
        self.row_sums += self._reference.conductance

    @property
    def compared_with(self) -> Floats | np.float64:
        """What references conduct, S."""
        return np.float64(self._reference.conductance)

    @property
    def difference(self) -> Floats:
        """What the weights read as (rows, columns), S: a read looks at one array of numbers."""
        if not self._is_settled:
            np.subtract(self.cells.conductance, self.compared_with, out=self._difference, casting="same_kind")
            self._is_settled = True
        return self._difference

    def _settle(self, rows: NDArray[np.int32], columns: NDArray[np.int32]) -> None:
        """Work out anew what the listed weights read as, where the others are known."""
        if self._is_settled:
            reference = self._reference.conductance
            differences(self.cells.conductance, rows, columns, 1, reference, self._difference)

    # --- reading ---------------------------------------------------------------------------------

    def read(self, x: Floats, out: Floats) -> None:
        """Each row's reference current is taken from that of its cells."""
        read_rows(x, self.difference, out)

    def read_back(self, d: Floats, out: Floats) -> None:
        """The reference line is driven with minus the sum of what the columns are driven with."""
        read_columns(d, self.difference, out)
        self.reference_siemens = self._reference.driven_by(d)

    def crossed(self) -> Sequence[Crossed]:
        """The cells, with their references behind all others."""
        return [crossed_by(self.cells, reference=self._reference.conductance)]

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        conductance = self.cells.conductance.astype(np.float64)
        return (conductance - self._reference.conductance) * self.weight_per_siemens

    # --- pulses ----------------------------------------------------------------------------------

    def pulse(self, pulses: Pulses, *, update: bool) -> tuple[Pulsed, Pulsed]:
        """First those that raise cells, then those that lower others; no crossing asks for both."""
        if update:
            self.updates[0] += pulses.plus.rows.size + pulses.minus.rows.size
        raised = self._pulse(0, pulses.plus, pulses)
        # The second phase finds the array as the first has left it: its lines conduct more than before.
        lowered = self._pulse(1, pulses.minus, pulses)
        return raised, lowered

    def _pulse(self, phase: int, hits: Hits, pulses: Pulses) -> Pulsed:
        cells = self.cells
        rows, columns = pulses.rows[phase], pulses.columns[phase]
        before = driven(rows, cells.row_sum, columns, cells.column_sum)
        move = self.device.pulse_down if phase else self.device.pulse
        selected = pulse_worn(move, cells, hits, rng=self._rng)
        after = driven(rows, cells.row_sum, columns, cells.column_sum)
        self._settle(hits.rows, hits.columns)
        half = half_selected(before, after, selected)
        count = pulses.lowering if phase else pulses.raising
        return Pulsed(self.name, count, selected, half, down=bool(phase))

    # --- in compiled loops -----------------------------------------------------------------------

    def listed(self, table: Table, *, pulsed: int | None) -> int | None:  # noqa: ARG002
        """Add the cells to a table for loops that read their difference from the reference."""
        if not self._reads_as_shipped:
            return None
        conductance = as_floats(self.cells.conductance, *self._difference.shape)
        beside = np.array([self._reference.conductance, self._reference.rows], np.float64)
        reads = as_tally(np.array([AGAINST], np.int64))
        return table.add(reads, as_sums(beside), conductance, conductance)

    def listed_pair(self, table: Table) -> int | None:
        """Add the cells to a table for loops that pulse them; None where they have a law of their own."""
        if not self._reads_as_shipped or self.cells.step_down is None or not self._keeps_sums():
            return None
        place = self.device.listed(table, self.cells)
        if place is None:
            return None
        rows, columns = (as_counts(np.empty(lines, np.int32)) for lines in self._difference.shape)
        # The second sign lowers the cells that the first one raises.
        worn = list_worn(table, self.cells)
        places, pulsed = np.array([place, place, 1, worn, worn], np.int64), np.empty(2)
        return table.add(as_tally(places), as_tally(self.updates, 1), rows, columns, as_sums(pulsed))

    @property
    def _reads_as_shipped(self) -> bool:
        """Whether no kind made of this one may read or pulse in another way."""
        return type(self) is SingleCells

    def expect_pulses(self) -> None:
        """From now on nobody works out what weights read as."""
        self._is_settled = False

    def _keeps_sums(self) -> bool:
        """Whether the cells keep the sums of their lines where they were told to."""
        cells = self.cells
        return is_same(cells.row_sum, self.row_sums[0]) and is_same(cells.column_sum, self.column_sums[0])

    # --- time ------------------------------------------------------------------------------------

    def aged(self) -> tuple[Aged, ...]:
        """Its cells, without the reference."""
        cells, low = self.cells, self.device.low(1.0)
        counts = cells.pulses, cells.resets
        high = low + self.device.span(1.0)
        found = Aged(
            array=self.name, conductance=cells.conductance, counts=counts, low=low, high=high,
            beneath=cells.beneath,
        )  # fmt: skip
        return (found,)

    def drifted(self) -> None:
        """Add up lines anew, with the reference beside them."""
        self.cells.sum_up()
        self._add_reference()
        self._is_settled = False

    # --- books -----------------------------------------------------------------------------------

    def wear(self) -> tuple[ArrayWear, ...]:
        """Pulses of both polarities wear a cell alike."""
        cells = self.cells
        worn = ArrayWear(
            self.name, cells.pulses, cells.resets, int(self.updates[0]), conductance=cells.conductance,
            life=life_of(cells),
        )  # fmt: skip
        return (worn,)

    def lost(self) -> list[Loss]:
        """Pulses that met a bound since this was asked last, and cells that are at either one now."""
        cells, name = self.cells, self.name
        found = lost_to_wear(name, cells)
        if not cells.bounded:
            return found
        pulsed, met, stayed = cells.tally.tolist()
        cells.tally[:] = 0
        if pulsed:
            found.append(Loss(part=name, what="pulsings-cut", count=met, of=pulsed))
            found.append(Loss(part=name, what="pulsings-without-effect", count=stayed, of=pulsed))
        ended: Flags = cells.at_top | cells.at_bottom
        at_bounds = int(np.count_nonzero(ended))
        found.append(Loss(part=name, what="cells-saturated", count=at_bounds, of=ended.size))
        return found
