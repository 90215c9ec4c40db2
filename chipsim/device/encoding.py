"""From a weight change to whole pulses: coincidence of random trains, or rounding."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from chipsim.device.randomness import RandomWords
from chipsim.device.trains import PROBABILITY_BITS, TALLY, coincide, one_by_one, round_crossings
from chipsim.device.types import Counts, Floats, Indices, Sums, kernel
from chipsim.losses import Loss

__all__ = ["Encoder", "Hits", "Pulses"]


@kernel
def _total(counts: Counts) -> int:
    """Sum of a one-dimensional array; numpy's own costs more than a small array is worth."""
    total = 0
    for n in counts:
        total += n
    return total


@kernel
def _any_negative(x: Floats) -> bool:
    """Whether any number is below zero, which takes a second phase of pulses."""
    for value in x:  # noqa: SIM110
        if value < 0:
            return True
    return False


@attrs.frozen(eq=False)
class Hits:
    """Cells that get pulses, and how many each."""

    rows: Indices
    columns: Indices
    counts: Counts

    @property
    def total(self) -> int:
        """Pulses in all."""
        return _total(self.counts)


@attrs.frozen(eq=False)
class Pulses:
    """One sample's update as pulses: what hits each array of the pair, and how long lines are driven."""

    plus: Hits
    """Hits on the array that raises the weight."""
    minus: Hits
    """Hits on the array that lowers it."""
    rows: Counts
    """Slots in which each row is driven (rows,)."""
    columns: Counts
    """Slots in which each column of the plus and of the minus array is driven (2, columns)."""
    slots: int
    """Pulse slots that the whole update takes, one after another."""
    visits: int
    """Rows or cells addressed one after another; one for a parallel update."""

    @property
    def row_slots(self) -> int:
        """Slots in which rows are driven, summed over the rows of both arrays, which are driven alike."""
        return 2 * _total(self.rows)

    @property
    def column_slots(self) -> int:
        """Slots in which columns are driven, summed over the columns of both arrays."""
        plus, minus = self.columns
        return _total(plus) + _total(minus)


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
        ``row`` or ``cell``: what is pulsed one after another; empty for all crossings at once.
    rng
        The tile's own generator.
    name
        Of the drivers that give the pulses.

    Notes
    -----
    Parallel stochastic trains follow Gokmen and Vlasov (Front. Neurosci. 10:333, 2016): bits of row i are
    one with probability a|x_i|, bits of column j with b|d_j|, and a crossing's overlaps average
    ``slots * a * b * |x_i d_j|``. The gains are balanced by the largest input and error, so that rows and
    columns reach the same largest probability; a probability above one is clipped. In a serial scheme a
    controller counts the pulses of each crossing, and ``stochastic`` rounds that count at random.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rng", "_words", "_tally")

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        stochastic: bool,
        slots: int,
        one_by_one: str,
        rng: np.random.Generator,
        name: str = "driver",
    ) -> None:
        self._name = name
        self._tally: Sums = np.zeros(TALLY)
        self._nearest = not stochastic
        self._slots = slots
        self._serial = bool(one_by_one)
        self._by_cell = one_by_one == "cell"
        self._uniforms = shape[0] * shape[1] if stochastic and self._serial else 0
        self._rng = rng
        trains = stochastic and not self._serial
        self._words = RandomWords(rng, at_most=PROBABILITY_BITS * sum(shape)) if trains else None
        self._lines = np.zeros(shape[0], np.int32), np.zeros((2, shape[1]), np.int32)
        self._hits = tuple(np.empty((2, shape[0] * shape[1]), np.int32) for _ in range(3))

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
        rows, columns, counts = self._hits
        if self._words is not None:
            words = self._words.view()
            plus, minus, taken = coincide(
                x, d, scale, self._slots, words, self._tally, *self._lines, *self._hits
            )
            self._words.used(taken)
        else:
            uniforms = self._rng.random(self._uniforms, dtype=np.float32)
            plus, minus = round_crossings(
                x, d, scale, self._slots, uniforms, self._tally, *self._lines, *self._hits
            )
        slots, visits = self._slots * (2 if _any_negative(x) else 1), 1
        if self._serial:
            slots, visits = one_by_one(rows, columns, counts, plus, minus, self._by_cell, *self._lines)
        return Pulses(
            Hits(rows[0, :plus], columns[0, :plus], counts[0, :plus]),
            Hits(rows[1, :minus], columns[1, :minus], counts[1, :minus]),
            *self._lines,
            slots,
            visits,
        )

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
        return [
            Loss(part=self._name, what=what, count=round(count), of=max(round(of), 1))
            for what, count, of in counted
        ]

    def encode_counts(self, counts: Counts) -> Pulses:
        """Pulses for stated counts of each crossing, written row by row: for initial weights.

        Parameters
        ----------
        counts
            Pulses of each crossing, negative ones for the minus array (rows, columns).
        """
        hits = []
        for chosen in (counts > 0, counts < 0):
            rows, columns = np.nonzero(chosen)
            hits.append(Hits(rows.astype(np.int32), columns.astype(np.int32), np.abs(counts[chosen])))
        return self.row_by_row(hits[0], hits[1])

    def row_by_row(self, plus: Hits, minus: Hits) -> Pulses:
        """Hits on the two arrays of a pair, applied one row after another."""
        rows, columns, counts = np.zeros((3, 2, max(plus.rows.size, minus.rows.size)), np.int32)
        for sign, hits in enumerate((plus, minus)):
            for buffer, values in ((rows, hits.rows), (columns, hits.columns), (counts, hits.counts)):
                buffer[sign, : values.size] = values
        slots, visits = one_by_one(
            rows, columns, counts, plus.rows.size, minus.rows.size, False, *self._lines
        )
        return Pulses(plus, minus, *self._lines, slots, visits)
