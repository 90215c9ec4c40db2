"""From a weight change to whole pulses: coincidence of random trains, or rounding."""

from __future__ import annotations

import math

import attrs
import numpy as np

from chipsim.device.randomness import RandomWords
from chipsim.device.types import Counts, Floats, Indices, Words, kernel
from chipsim.spec.chip import UpdateSpec

__all__ = ["PROBABILITY_BITS", "Encoder", "Hits", "Pulses"]

PROBABILITY_BITS = 24
"""Resolution of the comparator that turns a number into a random train."""


@kernel
def _popcount(word: np.uint64) -> int:
    """Bits that are one, by the parallel sum of bits, then pairs, then nibbles."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def _train(probability: float, words: Words, taken: int, slots: int) -> tuple[np.uint64, int]:
    """One Bernoulli train of `slots` bits, and how many words are taken after it.

    Each slot compares a random binary fraction with the probability, all slots at once, the most
    significant bit first: a slot is decided at the first bit in which the two differ, so the train is
    complete when no slot is undecided, after about seven words.
    """
    all_slots = (np.uint64(1) << np.uint64(slots)) - np.uint64(1)
    threshold = int(np.rint(min(probability, 1.0) * (1 << PROBABILITY_BITS)))
    if threshold >= 1 << PROBABILITY_BITS:
        return all_slots, taken
    train = np.uint64(0)
    undecided = all_slots
    for bit in range(PROBABILITY_BITS - 1, -1, -1):
        word = words[taken]
        taken += 1
        if (threshold >> bit) & 1:
            train |= undecided & ~word
            undecided &= word
        else:
            undecided &= ~word
        if not undecided:
            break
    return train, taken


@kernel
def _trains(
    x: Floats, gain: float, slots: int, words: Words, taken: int, lines: Indices, trains: Words
) -> tuple[int, int]:
    """Trains of every line that carries one: how many there are, and the words taken after them."""
    found = 0
    for i in range(x.size):
        if x[i] != 0:
            train, taken = _train(gain * abs(x[i]), words, taken, slots)
            if train:
                lines[found], trains[found] = i, train
                found += 1
    return found, taken


@kernel
def _largest(x: Floats) -> float:
    largest = np.float32(0)
    for i in range(x.size):
        largest = max(largest, abs(x[i]))
    return np.float64(largest)


@kernel
def _coincide(
    x: Floats,
    d: Floats,
    scale: float,
    slots: int,
    words: Words,
    row_pulses: Counts,
    column_pulses: Counts,
    rows: Indices,
    columns: Indices,
    counts: Counts,
) -> tuple[int, int, int]:
    """Random trains on rows and columns, and where they overlap; buffers hold (plus, minus)."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    x_max, d_max = _largest(x), _largest(d)
    if x_max == 0 or d_max == 0:
        return 0, 0, 0
    row_lines, row_trains = np.empty(x.size, np.int32), np.empty(x.size, np.uint64)
    column_lines, column_trains = np.empty(d.size, np.int32), np.empty(d.size, np.uint64)
    driven_rows, taken = _trains(
        x, math.sqrt(scale / slots * d_max / x_max), slots, words, 0, row_lines, row_trains
    )
    driven_columns, taken = _trains(
        d, math.sqrt(scale / slots * x_max / d_max), slots, words, taken, column_lines, column_trains
    )
    phases = np.zeros(2, np.int64)
    for h in range(driven_rows):
        row_pulses[row_lines[h]] = _popcount(row_trains[h])
        phases[0 if x[row_lines[h]] > 0 else 1] = 1
    for g in range(driven_columns):
        j = column_lines[g]
        for phase in range(2):
            if phases[phase]:
                column_pulses[phase if d[j] < 0 else 1 - phase, j] += _popcount(column_trains[g])
    found = np.zeros(2, np.int64)
    for h in range(driven_rows):
        i = row_lines[h]
        for g in range(driven_columns):
            overlap = row_trains[h] & column_trains[g]
            if overlap:
                j = column_lines[g]
                sign = 0 if (x[i] > 0) != (d[j] > 0) else 1
                at = found[sign]
                rows[sign, at], columns[sign, at], counts[sign, at] = i, j, _popcount(overlap)
                found[sign] += 1
    return found[0], found[1], taken


@kernel
def _round(
    x: Floats,
    d: Floats,
    scale: float,
    slots: int,
    uniforms: Floats,
    row_pulses: Counts,
    column_pulses: Counts,
    rows: Indices,
    columns: Indices,
    counts: Counts,
) -> tuple[int, int]:
    """Pulses of every crossing rounded: to nearest, or down after adding a uniform number."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    nearest = uniforms.size == 0
    # Compared before it becomes an integer, which a very large number would overflow.
    most = np.float64(slots)
    d_max = _largest(d)
    found = np.zeros(2, np.int64)
    for i in range(x.size):
        if x[i] == 0 or (nearest and np.float64(abs(x[i])) * np.float64(d_max) * scale < 0.5):
            continue
        for j in range(d.size):
            wanted = np.float64(abs(x[i])) * np.float64(abs(d[j])) * scale
            if nearest:
                n = int(min(most, np.rint(wanted)))
            else:
                n = int(min(most, wanted + uniforms[i * d.size + j]))
            if n:
                sign = 0 if (x[i] > 0) != (d[j] > 0) else 1
                at = found[sign]
                rows[sign, at], columns[sign, at], counts[sign, at] = i, j, n
                found[sign] += 1
                row_pulses[i] = max(row_pulses[i], n)
                column_pulses[sign, j] = max(column_pulses[sign, j], n)
    return found[0], found[1]


@kernel
def _serial(
    rows: Indices,
    columns: Indices,
    counts: Counts,
    plus: int,
    minus: int,
    by_cell: bool,  # noqa: FBT001
    row_pulses: Counts,
    column_pulses: Counts,
) -> tuple[int, int]:
    """Slots and visits of a serial update, and in how many slots it drives each line."""
    row_pulses[:] = 0
    column_pulses[:] = 0
    visits = 0
    for sign in range(2):
        for h in range(plus if sign == 0 else minus):
            i, j, n = rows[sign, h], columns[sign, h], counts[sign, h]
            column_pulses[sign, j] += n
            if by_cell:
                visits += 1
                row_pulses[i] += n
            else:
                visits += row_pulses[i] == 0
                row_pulses[i] = max(row_pulses[i], n)
    slots = 0
    for i in range(row_pulses.size):
        slots += row_pulses[i]
    return slots, visits


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
    spec
        The update scheme, its encoding and its slots.
    rng
        The tile's own generator.

    Notes
    -----
    Parallel stochastic trains follow Gokmen and Vlasov (Front. Neurosci. 10:333, 2016): bits of row i are
    one with probability a|x_i|, bits of column j with b|d_j|, and a crossing's overlaps average
    ``slots * a * b * |x_i d_j|``. The gains are balanced by the largest input and error, so that rows and
    columns reach the same largest probability; a probability above one is clipped. In a serial scheme a
    controller counts the pulses of each crossing, and ``stochastic`` rounds that count at random.
    """

    def __init__(self, shape: tuple[int, int], *, spec: UpdateSpec, rng: np.random.Generator) -> None:
        self._slots = spec.slots
        self._serial = spec.kind != "parallel-pulses"
        self._by_cell = spec.kind == "cell-by-cell"
        stochastic = spec.encoding == "stochastic"
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
            plus, minus, taken = _coincide(x, d, scale, self._slots, words, *self._lines, *self._hits)
            self._words.used(taken)
        else:
            uniforms = self._rng.random(self._uniforms, dtype=np.float32)
            plus, minus = _round(x, d, scale, self._slots, uniforms, *self._lines, *self._hits)
        slots, visits = self._slots * (2 if _any_negative(x) else 1), 1
        if self._serial:
            slots, visits = _serial(rows, columns, counts, plus, minus, self._by_cell, *self._lines)
        return Pulses(
            Hits(rows[0, :plus], columns[0, :plus], counts[0, :plus]),
            Hits(rows[1, :minus], columns[1, :minus], counts[1, :minus]),
            *self._lines,
            slots,
            visits,
        )

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
        slots, visits = _serial(rows, columns, counts, plus.rows.size, minus.rows.size, False, *self._lines)
        return Pulses(plus, minus, *self._lines, slots, visits)
