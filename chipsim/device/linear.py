"""Pulses that move cells by linear steps, noisy and bounded; resets; and cells that ran out of range."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.gaussian import draw_gaussians, gaussian
from chipsim.device.laws import COLUMN_SUM, CONDUCTANCE, LINEAR, OF_THE_LAW, ROW_SUM
from chipsim.device.listed import as_counts, as_floats, as_sums, as_tally, as_words, in_a_row
from chipsim.device.table import Places, Table, counts_at, floats_at, places_at, sums_at, words_at
from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, Words, inlined, kernel
from chipsim.errors import ChipsimError

__all__ = [
    "drawn_from",
    "list_cells",
    "pulse_cells",
    "pulse_linearly",
    "reset_listed",
    "same_everywhere",
    "saturated",
    "set_listed",
    "spread_around_one",
]


(_LOW, _HIGH, _STEP, _STEP_DOWN, _PULSES, _TALLY, _OWN, _VARIATION, _NOISE) = range(
    OF_THE_LAW, OF_THE_LAW + 9
)
"""Arrays of one crossbar's cells, counted from where they begin in a table, behind those of any law."""
_NO_WORDS: Words = np.zeros(4, np.uint64)


def list_cells(table: Table, cells: Cells, *, variation: float) -> int:
    """Add cells to a table for :func:`pulse_cells`; their place in it.

    Raises
    ------
    UnlistedError
        When their arrays are of other types or shapes than :func:`Cells.at_low` makes them.
    ChipsimError
        As :func:`pulse_linearly`.
    """
    shape = rows, columns = cells.row_sum.size, cells.column_sum.size
    # Of cells that pulses only raise, steps down are never asked for.
    down = cells.step if cells.step_down is None else cells.step_down
    flat = [in_a_row(values, shape) for values in (cells.low, cells.high, cells.step, down)]
    own = np.array([values.size > 1 for values in flat], np.int64)
    return table.add(
        as_tally(np.array([LINEAR], np.int64)), as_floats(cells.conductance, *shape),
        as_sums(cells.row_sum, rows), as_sums(cells.column_sum, columns),
        *(as_floats(values, kept=True) for values in flat), as_counts(cells.pulses, *shape),
        as_tally(cells.tally, 3), as_tally(own), as_sums(np.array([variation], np.float64)),
        as_words(drawn_from(cells, variation), 4),
    )  # fmt: skip


def drawn_from(cells: Cells, variation: float) -> Words:
    """What the variation of steps is drawn from; any words where nothing is drawn.

    Raises
    ------
    ChipsimError
        When steps vary and cells have nothing to draw that from.
    """
    if cells.noise is not None:
        return cells.noise
    if variation > 0:
        raise ChipsimError(
            f"device: steps vary by {variation:g} of their mean, and cells have nothing to draw that from; "
            "give Cells.at_low the rng that fresh is given"
        )
    return _NO_WORDS


@kernel
def _moved(
    before: float, count: int, step: float, variation: float, drawn: float, bottom: float, top: float
) -> tuple[np.float32, bool]:
    """Conductance of a cell after its pulses, and whether it met a bound."""
    size = np.float64(count)
    if variation > 0:
        size += variation * math.sqrt(count) * drawn
    after = before + step * size
    return np.float32(min(max(after, bottom), top)), bool(after < bottom or after > top)


@inlined
def _move_hits(
    places: Places,
    cells: int,
    rows: Indices,
    columns: Indices,
    counts: Counts,
    down: int,
    before: Sums,
    kept: Sums,
) -> tuple[int, int]:
    """What pulses leave, over Gaussian numbers in `kept` (hits,); how many cells met a bound, and stayed."""
    low, high = floats_at(places, cells + _LOW)[0], floats_at(places, cells + _HIGH)[0]
    step, own = floats_at(places, cells + _STEP + down)[0], places_at(places, cells + _OWN)
    variation = sums_at(places, cells + _VARIATION)[0, 0]
    own_low, own_high, own_step = np.uint64(own[0]), np.uint64(own[1]), np.uint64(own[2 + down])
    met, stayed = 0, 0
    if not own_low | own_high | own_step:
        # What all cells share is fetched once, and the loop becomes vector instructions.
        bottom, top, mean = np.float64(low[0]), np.float64(high[0]), np.float64(step[0])
        for h in range(rows.size):
            after, cut = _moved(before[h], counts[h], mean, variation, kept[h], bottom, top)
            kept[h] = after
            met += cut
            stayed += cut and kept[h] == before[h]
        return met, stayed
    for h in range(rows.size):
        # The place of a cell where each has bounds and a step of its own, and the first where all share them.
        cell = np.uint64(rows[h]) * np.uint64(places[cells + CONDUCTANCE, 2]) + np.uint64(columns[h])
        bottom, top = np.float64(low[cell * own_low]), np.float64(high[cell * own_high])
        after, cut = _moved(
            before[h], counts[h], np.float64(step[cell * own_step]), variation, kept[h], bottom, top
        )
        kept[h] = after
        met += cut
        stayed += cut and kept[h] == before[h]
    return met, stayed


@kernel
def pulse_cells(
    places: Places, cells: int, rows: Indices, columns: Indices, counts: Counts, down: int, pulsed: Sums
) -> None:
    """Give each hit cell its pulses, as :func:`pulse_linearly` does.

    Parameters
    ----------
    places, cells
        A table, and where it lists the cells.
    rows, columns, counts
        Which cells, each of them once, and how many pulses each (hits,).
    down
        One for steps down, and zero for steps up.
    pulsed
        Overwritten: sum of pulses times mean conductance, S, and sum of pulses (2,).
    """
    conductance, hit = floats_at(places, cells + CONDUCTANCE), counts_at(places, cells + _PULSES)
    row_sum, column_sum = sums_at(places, cells + ROW_SUM)[0], sums_at(places, cells + COLUMN_SUM)[0]
    variation, tally = sums_at(places, cells + _VARIATION)[0, 0], places_at(places, cells + _TALLY)
    room = np.empty((2, rows.size))
    kept, before = room[0], room[1]
    if variation > 0:
        draw_gaussians(words_at(places, cells + _NOISE)[0], kept)
    # Fetched, moved and put back in loops of their own: cells lie anywhere, and a processor waits for many of
    # them at a time, while the loop in between becomes vector instructions. Without a sign, no number could
    # count from the end of an array, which would be asked at every access.
    for h in range(rows.size):
        i, j = np.uint64(rows[h]), np.uint64(columns[h])
        before[h] = conductance[i, j]
        hit[i, j] += counts[h]
    met, stayed = _move_hits(places, cells, rows, columns, counts, down, before, kept)
    weighted, total = 0.0, 0
    for h in range(rows.size):
        i, j, n = np.uint64(rows[h]), np.uint64(columns[h]), counts[h]
        moved = kept[h] - before[h]
        conductance[i, j] = kept[h]
        row_sum[i] += moved
        column_sum[j] += moved
        weighted += n * (before[h] + 0.5 * moved)
        total += n
    tally[0] += rows.size
    tally[1] += met
    tally[2] += stayed
    pulsed[0], pulsed[1] = weighted, total


@kernel
def _pulse(
    conductance: Floats,
    low: Floats,
    high: Floats,
    step: Floats,
    pulses: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
    counts: Counts,
    noise: Words,
    variation: float,
    tally: Tally,
) -> float:
    """Give each hit cell its pulses; returns the sum of pulses times mean conductance, S.

    Adds to the tally how many cells were hit, met a bound, and stayed at the bound where they stood (3,).
    """
    weighted = 0.0
    met, stayed = 0, 0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        before = np.float64(conductance[i, j])
        # One for each cell that is hit, and none without variation.
        drawn = gaussian(noise) if variation > 0 else 0.0
        bottom, top = np.float64(low[i, j]), np.float64(high[i, j])
        kept, cut = _moved(before, n, np.float64(step[i, j]), variation, drawn, bottom, top)
        conductance[i, j] = kept
        # Sums of lines take the difference of what is kept, not of what was meant: they never drift apart.
        moved = np.float64(kept) - before
        met += cut
        stayed += cut and moved == 0
        pulses[i, j] += n
        row_sum[i] += moved
        column_sum[j] += moved
        weighted += n * (before + 0.5 * moved)
    tally[0] += rows.size
    tally[1] += met
    tally[2] += stayed
    return weighted


@kernel
def _saturated(
    plus: Floats,
    plus_high: Floats,
    minus: Floats,
    minus_high: Floats,
    floor: np.float32,
    rows: Indices,
    columns: Indices,
) -> int:
    """List pairs of which one cell is at its bound while the other stands above `floor`."""
    found = 0
    for i in range(plus.shape[0]):
        for j in range(plus.shape[1]):
            p, m = plus[i, j], minus[i, j]
            at_bound = p >= plus_high[i, j] or m >= minus_high[i, j]
            # A pair whose lower cell is nearly empty would gain next to no room from a reset.
            if at_bound and min(p, m) > floor:
                rows[found], columns[found] = i, j
                found += 1
    return found


@kernel
def _saturated_alike(
    plus: Floats,
    top: np.float32,
    minus: Floats,
    minus_top: np.float32,
    floor: np.float32,
    rows: Indices,
    columns: Indices,
) -> int:
    """What :func:`_saturated` lists, where all cells of an array have the same bound."""
    found = 0
    full = np.empty(plus.shape[1], np.bool_)
    for i in range(plus.shape[0]):
        any_full = False
        # Asked of a whole row without a branch, which makes vector instructions of it; most rows have none.
        for j in range(full.size):
            p, m = plus[i, j], minus[i, j]
            full[j] = ((p >= top) | (m >= minus_top)) & (p > floor) & (m > floor)
            any_full |= full[j]
        if any_full:
            for j in range(full.size):
                rows[found], columns[found] = i, j
                found += full[j]
    return found


@kernel
def _reset(
    conductance: Floats,
    target: Floats,
    resets: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
) -> float:
    """Bring each listed cell to its target by one strong pulse; returns the conductance that it found, S."""
    weighted = 0.0
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        before = np.float64(conductance[i, j])
        moved = np.float64(target[i, j]) - before
        conductance[i, j] = target[i, j]
        resets[i, j] += 1
        row_sum[i] += moved
        column_sum[j] += moved
        weighted += before
    return weighted


def pulse_linearly(cells: Cells, hits: Hits, *, variation: float, down: bool = False) -> float:
    """Move cells by a step a pulse within their bounds; the sum of pulses times mean conductance, S.

    Parameters
    ----------
    cells
        Changed in place.
    hits
        Which cells, and how many pulses each.
    variation
        Standard deviation of one step over its mean; one Gaussian is drawn for each cell that is hit, and
        none without variation. What it is drawn from is the cells' own (:attr:`Cells.noise`).
    down
        Steps lead to the lower bound.

    Raises
    ------
    ChipsimError
        When steps vary and cells have nothing to draw that from.
    """
    noise = drawn_from(cells, variation)
    # Steps down are kept with their sign, so that both ways are one loop without a branch.
    step = cells.step_down if down else cells.step
    assert step is not None, "the device says that pulses lower its cells"
    weighted: float = _pulse(
        cells.conductance, cells.low, cells.high, step, cells.pulses, cells.row_sum, cells.column_sum,
        hits.rows, hits.columns, hits.counts, noise, variation, cells.tally,
    )  # fmt: skip
    return weighted


def saturated(plus: Cells, minus: Cells, *, floor: float) -> tuple[Indices, Indices]:
    """Rows and columns of pairs that ran out of range while both cells stand high.

    Parameters
    ----------
    plus, minus
        The cells of the pair.
    floor
        Conductance that the lower cell must exceed, S.
    """
    size = plus.conductance.size
    rows = np.empty(size, np.int32)
    columns = np.empty(size, np.int32)
    # Compared in single precision, which conductances are kept in: one at the floor is not above it.
    least = np.float32(floor)
    p, m = plus.conductance, minus.conductance
    if any(any(cells.high.strides) for cells in (plus, minus)):
        found = _saturated(p, plus.high, m, minus.high, least, rows, columns)
    else:
        found = _saturated_alike(p, plus.high[0, 0], m, minus.high[0, 0], least, rows, columns)
    return rows[:found], columns[:found]


def reset_listed(cells: Cells, rows: Indices, columns: Indices) -> float:
    """Take cells to their lowest conductance; the conductance that was reset, S."""
    weighted: float = _reset(
        cells.conductance, cells.low, cells.resets, cells.row_sum, cells.column_sum, rows, columns
    )
    return weighted


def set_listed(cells: Cells, rows: Indices, columns: Indices) -> float:
    """Take cells to their highest conductance by one strong pulse; what the pulse meets in all of them, S.

    A cell is taken to conduct the mean of what it did before and does after, as with small pulses.
    """
    before = cells.conductance[rows, columns].astype(np.float64)
    _reset(cells.conductance, cells.high, cells.resets, cells.row_sum, cells.column_sum, rows, columns)
    after = cells.conductance[rows, columns].astype(np.float64)
    return float((0.5 * (before + after)).sum())


def spread_around_one(spread: float, shape: tuple[int, int], *, rng: np.random.Generator) -> Floats:
    """Factors around one, never below a hundredth; a single one when there is no spread."""
    if not spread:
        return np.array(1.0, np.float32)
    drawn = 1 + spread * rng.standard_normal(shape, dtype=np.float32)
    # A cell without range, or one that steps backwards, would be a fault and not a spread.
    factors: Floats = np.maximum(drawn, np.float32(0.01))
    return factors


def same_everywhere(value: Any, shape: tuple[int, int]) -> Floats:
    """One number as an array (rows, columns), or an array of that shape as it is.

    Cells that are all alike share one number in memory: a hit then touches fewer cache lines.
    """
    found: Floats = np.broadcast_to(np.asarray(value, np.float32), shape)
    return found
