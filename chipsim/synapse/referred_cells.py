"""Cells on one array, each compared with a reference cell of its own on a second array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chipsim.device.aging import Aged
from chipsim.device.alternating import Alternating
from chipsim.device.device import PulsedDevice
from chipsim.device.encoding import Hits
from chipsim.device.energy import driven, half_selected
from chipsim.device.listed import as_floats, as_sums, as_tally
from chipsim.device.lives import life_of_references
from chipsim.device.programming import differences_from
from chipsim.device.randomness import generator
from chipsim.device.reading_many import read_columns
from chipsim.device.table import Table
from chipsim.device.types import Flags, Floats, Indices, Slots, Sums
from chipsim.device.worn import may_fail, pulse_worn, pulsed_beside
from chipsim.losses import Loss
from chipsim.synapse.carrier import ArrayWear, CentredCarrier, Pulsed
from chipsim.synapse.compiled import BOTH
from chipsim.synapse.crossed import Crossed, crossed_by
from chipsim.synapse.single_cells import SingleCells

__all__ = ["ReferredCells"]


class ReferredCells(SingleCells, CentredCarrier):
    """Cells that pulses move, and reference cells that are programmed once, before anything is written.

    References stand in the middle of the described range until then.

    Parameters
    ----------
    names
        Of the array of the cells, and of that of the references.
    device
        The cells of both.
    weight_range
        Half the weight that the described range of a cell stands for.
    reference_error
        Standard deviation of a reference around what it was to be, over the described range.
    shape
        Rows and columns in use.
    seed
        The run's seed; each array draws from its own generator.
    unused
        Cells out of use on each row and on each column of either array that take current with the line.

    Notes
    -----
    A read drives the rows of both arrays, or their columns; a pulse drives lines of one array alone, and the
    other one's are cut off.
    """

    remembers: ClassVar[tuple[str, ...]] = (
        *SingleCells.remembers,
        "_reference_rng",
        "references",
        "reference_pulses",
        "_reference_endures",
        "row_sums",
        "column_sums",
    )
    arrays_read: ClassVar[int] = 2

    def __init__(
        self,
        names: tuple[str, str],
        device: PulsedDevice,
        *,
        weight_range: float,
        reference_error: float,
        shape: tuple[int, int],
        seed: int,
        unused: tuple[int, int] = (0, 0),
    ) -> None:
        name, self._reference_name = names
        self._error = reference_error * device.span(1.0)
        self._unused, self._shape = unused, shape
        self._reference_rng = generator(seed, self._reference_name)
        self._alternating: Alternating | None = None
        super().__init__(name, device, weight_range=weight_range, shape=shape, seed=seed, unused=unused)
        # Once centred, after a pulse down, a cell stands half a step under its symmetry point.
        # A step is longer or shorter there than described, unless it is the middle.
        self.zero_share = device.symmetry_share
        self.rest = self.step * (1 - self.zero_share)

    def _refer(self, middle: float, *, rows: int) -> None:  # noqa: ARG002
        self.references: Floats = np.full(self._shape, middle, np.float32)
        self.reference_pulses = np.zeros(self._shape, np.int32)
        self._reference_endures = self.device.endured(self._shape, rng=self._reference_rng)
        self._sum_up()

    def _sum_up(self) -> None:
        """Sum the references along the lines of their array, with cells out of use at their lowest."""
        on_row, on_column = self._unused
        low = self.device.low(1.0)
        self.row_sums[1] = self.references.sum(axis=1, dtype=np.float64) + on_row * low
        self.column_sums[1] = self.references.sum(axis=0, dtype=np.float64) + on_column * low

    def _settle(self, rows: Indices, columns: Indices) -> None:
        if self._is_settled:
            conductance = self.cells.conductance
            differences_from(conductance, rows, columns, self.references, self._difference)

    @property
    def compared_with(self) -> Floats:
        """Each cell with a reference of its own."""
        return self.references

    # --- reading ---------------------------------------------------------------------------------

    def read_back(self, d: Floats, out: Floats) -> None:
        """Columns of references are driven with minus what those of the cells are driven with."""
        # They are columns of an array of the tile, whose current is counted by its lines.
        read_columns(d, self.difference, out)

    @property
    def conducting(self) -> tuple[tuple[Floats, ...], ...]:
        """Each cell with its reference."""
        return ((self.cells.conductance, self.references),)

    def crossed(self) -> Sequence[Crossed]:
        """The cells, and their references, whose array is as large and has as many cells out of use."""
        across, along = self._unused
        references = Crossed(
            conductance=self.references, row_sum=self.row_sums[1], column_sum=self.column_sums[1],
            across=across, along=along, low=self.device.low(1.0),
        )  # fmt: skip
        return [crossed_by(self.cells), references]

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        difference = self.cells.conductance.astype(np.float64) - self.references
        return difference * self.weight_per_siemens

    # --- in compiled loops -----------------------------------------------------------------------

    def listed(self, table: Table, *, pulsed: int | None) -> int | None:  # noqa: ARG002
        """Add the cells and their references to a table, which are read as two arrays of a pair."""
        if not self._reads_as_shipped:
            return None
        both = (as_floats(array, *self._shape) for array in (self.cells.conductance, self.references))
        return table.add(as_tally(np.array([BOTH], np.int64)), as_sums(np.zeros(2)), *both)

    @property
    def _reads_as_shipped(self) -> bool:
        return type(self) is ReferredCells

    # --- centring --------------------------------------------------------------------------------

    @property
    def lift(self) -> int:
        """By the curve of a cell without spread."""
        device = self.device
        share = device.symmetry_share - device.fresh_share
        steps = np.full(1, share * device.span(1.0) / self.step)
        return round(float(device.pulses_for(steps)[0]))

    def pulse_all(self, count: int, *, down: bool) -> Pulsed:
        """Each cell by its own law."""
        rows, columns = self._shape
        places = np.indices(self._shape, np.int32)
        counts = np.full(rows * columns, count, np.int32)
        hits = Hits(places[0].ravel(), places[1].ravel(), counts)
        slots: tuple[Slots, Slots] = np.full(rows, count, np.int64), np.full(columns, count, np.int64)
        cells = self.cells
        before = driven(slots[0], cells.row_sum, slots[1], cells.column_sum)
        selected = 0.0
        if count:
            move = self.device.pulse_down if down else self.device.pulse
            selected = pulse_worn(move, cells, hits, rng=self._rng)
        after = driven(slots[0], cells.row_sum, slots[1], cells.column_sum)
        # Hundreds of pulses come before anybody reads: what weights read as is worked out then.
        self._is_settled = False
        half = half_selected(before, after, selected)
        return Pulsed(self.name, count * rows * columns, selected, half, down=down)

    def alternate(self, count: int, *, down: bool) -> Sequence[Pulsed]:
        """In a compiled loop where their device has one; draws, cells and sums are those of single pulses."""
        # Such loops look at nothing but the law of cells: where one may fail meanwhile, pulses come singly.
        if may_fail(self.cells, pulses=count):
            self._alternating = None
        elif self._alternating is None and self._reads_as_shipped and self._keeps_sums():
            self._alternating = Alternating.of(self.device, self.cells)
        if self._alternating is None:
            return super().alternate(count, down=down)
        taken = self._alternating.pulse(count, down=down)
        pulsed_beside(self.cells, pulses=count)
        self._is_settled = False
        cells = self.cells.conductance.size
        return [
            Pulsed(self.name, cells, selected, half, down=down != bool(turn % 2))
            for turn, (selected, half) in enumerate(taken.tolist())
        ]

    def centred(self) -> None:
        """Forget how often cells met a bound meanwhile."""
        self._alternating = None
        # It is not training that led them there, and hundreds of pulses would hide those that it gives.
        self.cells.tally[:] = 0

    def refer(self, readings: Sums, *, rounds: int) -> Pulsed:
        """Row by row, as many pulses for each reference as rounds, half of them of either polarity."""
        found = self.references + readings / self.weight_per_siemens
        if self._error:
            found += self._error * self._reference_rng.standard_normal(self._shape)
        self.reference_pulses += rounds
        failed = self._references_failed()
        # No cell conducts less than nothing; and one that does not stand all pulses does not come there.
        self.references[~failed] = np.maximum(found, 0)[~failed]
        self._fail_references(failed)
        self._sum_up()
        self._is_settled = False
        return self._pulsed_by_rows(rounds)

    def _references_failed(self) -> Flags:
        """References that had more pulses than they stand (rows, columns)."""
        if self._reference_endures is None:
            return np.zeros(self._shape, np.bool_)
        return np.asarray(self.reference_pulses > self._reference_endures)

    def _fail_references(self, failed: Flags) -> None:
        """Bring references that failed to where the device says that cells end."""
        end = self._references_end
        if end is not None:
            self.references[failed] = end

    @property
    def _references_end(self) -> float | None:
        """What references that fail conduct, S; None where they stay as they were made."""
        wear, low = self.device.wear, self.device.low(1.0)
        ends = {"low": low, "high": low + self.device.span(1.0)}
        return None if wear is None else ends.get(wear.ends)

    def _pulsed_by_rows(self, rounds: int) -> Pulsed:
        """What pulses of every reference in every round take, of what references conduct in the end, S."""
        rows, columns = self._shape
        selected = rounds * float(self.references.sum(dtype=np.float64))
        # A row is driven for either polarity, and each of its columns for one of them.
        lines = 2 * float(self.row_sums[1].sum()) + rows * float(self.column_sums[1].sum())
        half = max(rounds * lines - 2 * selected, 0.0)
        return Pulsed(self._reference_name, rounds * rows * columns, selected, half)

    # --- time ------------------------------------------------------------------------------------

    def aged(self) -> tuple[Aged, ...]:
        """The cells, and the references, which are cells as well."""
        low = self.device.low(1.0)
        references = Aged(
            array=self._reference_name, conductance=self.references, counts=(self.reference_pulses,),
            low=low, high=low + self.device.span(1.0),
        )  # fmt: skip
        return (*super().aged(), references)

    def _add_reference(self) -> None:
        """References have an array of their own."""
        self._sum_up()

    # --- books -----------------------------------------------------------------------------------

    def wear(self) -> tuple[ArrayWear, ...]:
        """The cells, and the references, which nothing updates."""
        resets = np.zeros(self._shape, np.int32)
        references = ArrayWear(
            self._reference_name, self.reference_pulses, resets, 0, conductance=self.references,
            life=life_of_references(
                self.references, self.reference_pulses, self._reference_endures, ends_at=self._references_end
            ),
        )  # fmt: skip
        return (*super().wear(), references)

    def lost(self) -> list[Loss]:
        """Of the references too, as far as they wear."""
        found = super().lost()
        if self._reference_endures is not None:
            failed, name = int(np.count_nonzero(self._references_failed())), self._reference_name
            found.append(Loss(part=name, what="cells-worn-out", count=failed, of=self.references.size))
        return found
