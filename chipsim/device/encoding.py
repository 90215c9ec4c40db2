"""From a weight change to whole pulses: coincidence of random trains, or rounding."""

from __future__ import annotations

from typing import ClassVar, Final, TypeAlias

import attrs
import numpy as np

from chipsim.device.energy import total
from chipsim.device.listed import as_counts, as_floats, as_sums, as_tally, as_words
from chipsim.device.randomness import RandomLanes
from chipsim.device.rounding import round_at_random, round_crossings
from chipsim.device.table import Table
from chipsim.device.trains import (
    TALLY,
    any_negative,
    coincide,
    row_maxima,
    serially,
    serially_in_phases,
)
from chipsim.device.types import Counts, Floats, Indices, Slots, Sums, kernel
from chipsim.losses import Loss

__all__ = [
    "Encoder",
    "Hits",
    "Pulses",
]

_Listed: TypeAlias = tuple[Indices, Indices, Counts]
"""Rows, columns and pulses of hits, those that raise and those that lower (2, hits)."""
_MOST_COUNT: Final = 2**30
"""Pulses that nobody asks for."""


@kernel
def _totals(
    plus: Counts, minus: Counts, plus_rows: Slots, minus_rows: Slots, columns: Slots
) -> tuple[int, int, int, int]:
    """Sums of pulses either way, and of slots of rows and of columns: in one call, for all are asked for."""
    lines = total(plus_rows) + total(minus_rows)
    return total(plus), total(minus), lines, total(columns[0]) + total(columns[1])


@attrs.frozen(eq=False)
class Hits:
    """Cells that get pulses, and how many each."""

    rows: Indices
    columns: Indices
    counts: Counts


@attrs.define(eq=False)
class Pulses:
    """One update as pulses: what hits each way, and how long lines are driven.

    Where a weight has an array for either sign, both are pulsed in the same slots. On a single array pulses
    of one polarity raise a weight and those of the other lower it, in two phases one after the other.
    """

    plus: Hits
    """Hits that raise the weight."""
    minus: Hits
    """Hits that lower it."""
    rows: tuple[Slots, Slots]
    """Slots in which each row is driven for those that raise, and for those that lower (rows,)."""
    columns: Slots
    """Slots in which each column is driven for either (2, columns)."""
    slots: int
    """Pulse slots that the whole update takes, one after another; in phases, those of the first."""
    visits: int
    """Rows or cells addressed one after another, in both phases; one a phase for a parallel update."""
    down_slots: int = 0
    """Slots of the second phase; none where both signs share the slots."""
    raising: int = attrs.field(init=False)
    """Pulses that raise the weight, in all."""
    lowering: int = attrs.field(init=False)
    row_slots: int = attrs.field(init=False)
    """Slots in which rows are driven, summed over the rows of both arrays or of both phases."""
    column_slots: int = attrs.field(init=False)
    """Slots in which columns are driven, summed over the columns of both arrays or of both phases."""

    def __attrs_post_init__(self) -> None:
        raised, lowered = self.plus.counts, self.minus.counts
        found = _totals(raised, lowered, *self.rows, self.columns)
        self.raising, self.lowering, self.row_slots, self.column_slots = found


class Encoder:
    """Turns inputs and errors of one sample into pulses on one tile.

    Parameters
    ----------
    shape
        Rows and columns in use.
    stochastic
        Pulse numbers are random, with the right mean; or else rounded to nearest.
    slots
        Length of a train, and the most pulses that one update gives a cell.
    one_by_one
        ``row``, ``column`` or ``cell``: what is pulsed one after another; empty for all crossings at once.
    rng
        The tile's own generator.
    name
        Of the drivers that give the pulses.
    in_phases
        One array takes pulses of both polarities, those that raise weights before those that lower them.

    Notes
    -----
    Parallel stochastic trains follow Gokmen and Vlasov (Front. Neurosci. 10:333, 2016): bits of row i are
    one with probability a|x_i|, bits of column j with b|d_j|, and a crossing's overlaps average
    ``slots * a * b * |x_i d_j|``. The gains are balanced by the largest input and error, so that rows and
    columns reach the same largest probability; a probability above one is clipped. In a serial scheme a
    controller counts the pulses of each crossing, and ``stochastic`` rounds that count at random.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_lanes", "_tally")
    # Nothing but random words, and none at all where pulses are rounded.
    drawn_from: ClassVar[tuple[str, ...]] = ("_lanes",)

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        stochastic: bool,
        slots: int,
        one_by_one: str,
        rng: np.random.Generator,
        name: str = "driver",
        in_phases: bool = False,
    ) -> None:
        self._name = name
        self._tally: Sums = np.zeros(TALLY)
        self._nearest = not stochastic
        self._slots = slots
        self._serial = bool(one_by_one)
        self._by = one_by_one or "row"
        # A serial controller rounds a count for each crossing; only lines that meet need trains.
        self._by_trains = stochastic and not self._serial
        self._lanes = RandomLanes(rng) if stochastic else None
        rows, columns = shape
        # One set of buffers a tile: arrays made for each sample would cost more than the loops over them.
        row_pulses, column_pulses = np.zeros(rows, np.int64), np.zeros((2, columns), np.int64)
        self._lines = row_pulses, column_pulses
        self._phase_rows = np.zeros((2, rows), np.int64) if in_phases else None
        # As many as there are crossings, for all may be hit one way.
        crossings = rows * columns
        self._hits: _Listed = (
            np.empty((2, crossings), np.int32),
            np.empty((2, crossings), np.int32),
            np.empty((2, crossings), np.int32),
        )

    def encode(self, x: Floats, d: Floats, *, scale: float) -> Pulses:
        """Pulses for a weight change of minus `scale` steps times the outer product of x and d.

        Parameters
        ----------
        x
            Inputs of one sample (rows,).
        d
            Errors of one sample (columns,).
        scale
            Steps per unit of x times d: learning rate over the weight that one step changes.

        Returns
        -------
        Pulses
            Views into buffers that the next call overwrites.
        """
        plus, minus = self._crossings(x, d, scale)
        rows, columns, counts = self._hits
        raised = Hits(rows[0, :plus], columns[0, :plus], counts[0, :plus])
        lowered = Hits(rows[1, :minus], columns[1, :minus], counts[1, :minus])
        # Rows at inputs of either sign cannot share a slot: a column would then meet both.
        slots, visits = self._slots * (2 if any_negative(x) else 1), 1
        if self._phase_rows is not None:
            return self._in_phases(raised, lowered, slots=slots)
        if self._serial:
            slots, visits = serially(self._hits, (plus, minus), by=self._by, lines=self._lines)
        row_pulses, column_pulses = self._lines
        return Pulses(raised, lowered, (row_pulses, row_pulses), column_pulses, slots, visits)

    def _crossings(self, x: Floats, d: Floats, scale: float) -> tuple[int, int]:
        """Fill the buffers of hits and lines: how many crossings are raised and lowered."""
        slots, tally, lines, hits = self._slots, self._tally, self._lines, self._hits
        if self._lanes is None:
            return round_crossings(x, d, scale, slots, tally, *lines, *hits)
        draw = coincide if self._by_trains else round_at_random
        return draw(x, d, scale, slots, self._lanes.block, tally, *lines, *hits)

    def _in_phases(self, raised: Hits, lowered: Hits, *, slots: int) -> Pulses:
        """The same hits on one array, which both polarities reach one after the other."""
        rows, _columns, counts = self._hits
        row_pulses, column_pulses = self._lines
        by_phase = self._phase_rows
        assert by_phase is not None, "asked by who has phases"
        plus, minus = raised.rows.size, lowered.rows.size
        if self._serial:
            lines = by_phase, column_pulses
            up, down, visits = serially_in_phases(self._hits, (plus, minus), by=self._by, lines=lines)
            both = by_phase[0], by_phase[1]
            return Pulses(raised, lowered, both, column_pulses, up, visits, down)
        if self._by_trains:
            # A row's train comes twice, once with the columns that raise and once with those that lower.
            both = row_pulses, row_pulses
        else:
            row_maxima(rows, counts, plus, minus, by_phase)
            both = by_phase[0], by_phase[1]
        return Pulses(raised, lowered, both, column_pulses, slots, 2, slots)

    def listed(
        self, table: Table, *, rows: tuple[float, bool], columns: tuple[float, bool], chosen: bool = False
    ) -> int | None:
        """Add the encoder to a table for :func:`encode_sample`; None where loops cannot take it.

        Parameters
        ----------
        table
            Where to.
        rows, columns
            Levels of the words that inputs and errors come as, and whether these are divided by the largest.
        chosen
            Pulses go to crossings that are chosen, as :meth:`encode_places` gives them, and to no others.
        """
        # Columns are left to whoever asks sample by sample, and so is what is made of this one.
        if self._by == "column" or type(self) is not Encoder:
            return None
        lanes = np.empty(0, np.uint64) if self._lanes is None else self._lanes.block
        at_random = self._lanes is not None
        phases = self._phase_rows is not None
        serial = self._serial or chosen
        options = np.array([self._slots, at_random, serial, self._by == "cell", phases], np.int64)
        room = [as_floats(np.empty(lines.shape[-1], np.float32)) for lines in self._lines]
        formats, found = np.array([*rows, *columns], np.float64), np.zeros(5, np.int64)
        lines = [*map(as_tally, self._lines)]
        # A row's train comes in both phases; counted pulses make slots of either.
        if self._phase_rows is not None and (serial or not self._by_trains):
            lines[0] = as_tally(self._phase_rows)
        return table.add(
            as_tally(options), as_sums(formats), as_words(lanes), as_sums(self._tally), *lines,
            *map(as_counts, self._hits), *room, as_tally(found),
        )  # fmt: skip

    def lost(self) -> list[Loss]:
        """What was cut off or rounded to no pulse since this was asked last."""
        updates, silent, crossings, cut, rounded, pulses, pulses_cut, pulses_rounded = self._tally.tolist()
        self._tally[:] = 0
        if not updates:
            return []
        counted = [
            ("updates-without-pulses", silent, updates),
            ("crossings-cut", cut, crossings),
            ("pulses-cut", pulses_cut, pulses),
        ]
        if self._nearest:
            counted += [
                ("crossings-rounded-to-zero", rounded, crossings),
                ("pulses-rounded-to-zero", pulses_rounded, pulses),
            ]
        found = []
        for what, count, of in counted:
            # What is asked for may be a fraction of a pulse, and a share of zero would be no share.
            whole = max(round(of), 1)
            found.append(Loss(part=self._name, what=what, count=round(count), of=whole))
        return found

    def encode_counts(self, counts: Counts, *, by: str = "row") -> Pulses:
        """Pulses for stated counts of each crossing, however many they are.

        Parameters
        ----------
        counts
            Pulses of each crossing, negative ones to lower it (rows, columns).
        by
            ``row``, ``column`` or ``cell``: what is written one after another.
        """
        hits = []
        for chosen in (counts > 0, counts < 0):
            # Row by row, as a serial writer visits them: cells draw their variation in this order.
            rows, columns = (places.astype(np.int32) for places in np.nonzero(chosen))
            given = np.abs(counts[chosen])
            hits.append(Hits(rows, columns, given))
        return self._serially(hits[0], hits[1], by=by)

    def encode_update(self, counts: Counts) -> Pulses:
        """Pulses for counts of an update, written as updates are; row by row where these are all at once."""
        return self.encode_counts(counts, by=self._by)

    def encode_places(self, rows: Indices, columns: Indices, counts: Counts) -> Pulses:
        """Pulses for chosen crossings, written as updates are; row by row where these are all at once.

        Parameters
        ----------
        rows, columns
            Where, row after row (places,).
        counts
            Pulses of each, negative ones to lower it.
        """
        raised, lowered = counts > 0, counts < 0
        plus = Hits(rows[raised], columns[raised], counts[raised])
        minus = Hits(rows[lowered], columns[lowered], -counts[lowered])
        return self._serially(plus, minus, by=self._by)

    def row_by_row(self, plus: Hits, minus: Hits) -> Pulses:
        """Hits that raise and that lower, applied one row after another."""
        return self._serially(plus, minus, by="row")

    def _serially(self, plus: Hits, minus: Hits, *, by: str) -> Pulses:
        most = max(plus.rows.size, minus.rows.size)
        rows, columns, counts = np.zeros((3, 2, most), np.int32)
        for sign, hits in enumerate((plus, minus)):
            found = hits.rows.size
            rows[sign, :found] = hits.rows
            columns[sign, :found] = hits.columns
            counts[sign, :found] = hits.counts
        listed, many = (rows, columns, counts), (plus.rows.size, minus.rows.size)
        row_pulses, column_pulses = self._lines
        if self._phase_rows is not None:
            lines = self._phase_rows, column_pulses
            up, down, visits = serially_in_phases(listed, many, by=by, lines=lines)
            both = self._phase_rows[0], self._phase_rows[1]
            return Pulses(plus, minus, both, column_pulses, up, visits, down)
        slots, visits = serially(listed, many, by=by, lines=self._lines)
        return Pulses(plus, minus, (row_pulses, row_pulses), column_pulses, slots, visits)

    def to_nearest(self, steps: Floats) -> Counts:
        """Whole pulses for wanted changes of each crossing; what becomes no pulse is noted as of any update.

        Parameters
        ----------
        steps
            Changes in steps of the cells, negative ones downwards (rows, columns).
        """
        whole = np.rint(steps)
        lost = np.abs(steps[whole == 0], dtype=np.float64)
        asking = int(np.count_nonzero(lost))
        tally = self._tally
        if not whole.any():
            tally[0] += 1
            tally[1] += 1
        tally[2] += asking
        tally[4] += asking
        tally[5] += lost.sum()
        tally[7] += lost.sum()
        # Held under what an integer holds: what is beyond a train is cut, and noted, when pulses are given.
        beyond = np.float32(_MOST_COUNT)
        counts: Counts = np.clip(whole, -beyond, beyond).astype(np.int32)
        return counts

    def cut(self, counts: Counts) -> Counts:
        """Stated counts with no more pulses than a train has, which is noted as of any update.

        Parameters
        ----------
        counts
            Pulses that each crossing asks for (rows, columns).
        """
        within: Counts = np.clip(counts, -self._slots, self._slots)
        asked = int(np.abs(counts).sum(dtype=np.int64))
        given = int(np.abs(within).sum(dtype=np.int64))
        if asked:
            tally = self._tally
            tally[0] += 1
            tally[2] += np.count_nonzero(counts)
            tally[3] += np.count_nonzero(counts != within)
            tally[5] += asked
            tally[6] += asked - given
        return within
