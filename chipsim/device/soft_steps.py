"""Pulses that move cells by steps which shrink towards bounds: cell by cell, and many at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.gaussian import draw_gaussians, gaussian
from chipsim.device.laws import COLUMN_SUM, CONDUCTANCE, OF_THE_LAW, ROW_SUM, SOFT
from chipsim.device.listed import UnlistedError, as_counts, as_floats, as_sums, as_tally, as_words
from chipsim.device.table import Places, Table, counts_at, floats_at, places_at, sums_at, words_at
from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, Words, inlined, kernel

__all__ = ["list_soft_cells", "pulse_every_soft_cell", "pulse_soft_cells", "pulse_softly"]

(_LASTING, _PATHS, _PULSES, _TALLY, _NUMBERS, _NOISE, _ROOM, _PLACES) = range(OF_THE_LAW, OF_THE_LAW + 8)
"""Arrays of one crossbar's cells, counted from where they begin in a table, behind those of any law."""
(_LOW, _HIGH, _STEP, _STEP_DOWN) = range(4)
"""What the way of a cell is known by, side by side, for a pulse needs all of them."""
(_ZERO, _VARIATION, _WRITTEN) = range(3)
"""Numbers of all cells: where steps are as long as described, S; the variation of a step over it; and the
standard deviation of write noise, S."""
_TOGETHER: Final = 256
"""Cells whose numbers are worked on side by side, so that they stay in the nearest cache."""
_ROWS: Final = 11
(_BEFORE, _BEGAN, _SIZE, _BOTTOM, _TOP, _DRAWN, _LAST, _AFTER, _KEPT, _MET, _CUT) = range(
    0, _ROWS * _TOGETHER, _TOGETHER
)
"""Where each of these numbers begins in the room that they have, which is a single array: a compiler that
sees one need not ask whether several overlap."""
(_PLACE, _SEVERAL) = range(0, 2 * _TOGETHER, _TOGETHER)
"""Whole numbers likewise: where the random numbers of each cell begin, and which cells take several."""


# --- cell by cell ----------------------------------------------------------------------------------


@kernel
def _after_pulses(
    now: float,
    count: int,
    size: float,
    ends: tuple[float, float, float],
    zero: float,
    noise: Words,
    variation: float,
) -> tuple[float, float, bool]:
    """Where pulses leave a cell, what they met in it, summed over them, S, and whether any was cut.

    `ends` are its lowest and highest conductance, and that of the two which the pulses lead to.
    """
    bottom, top, bound = ends
    weighted = 0.0
    cut = False
    for _ in range(count):
        # One in the middle and nothing at the bound; more than one where the bound is further than that.
        share = (now - bound) / (zero - bound)
        if variation > 0:
            share += variation * gaussian(noise)
        after = now + size * share
        cut |= bool(after < bottom or after > top)
        after = min(max(after, bottom), top)
        weighted += 0.5 * (now + after)
        now = after
    return now, weighted, cut


@kernel
def pulse_softly(
    conductance: Floats,
    lasting: Floats,
    low: Floats,
    high: Floats,
    end: Floats,
    step: Floats,
    pulses: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
    counts: Counts,
    noise: Words,
    zero: float,
    variation: float,
    written: float,
    tally: Tally,
) -> float:
    """Move each hit cell pulse by pulse; the sum over pulses of the mean conductance before and after, S.

    Adds to the tally how many cells were hit, met a bound, and stayed where they stood (3,).
    """
    weighted = 0.0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        pulses[i, j] += n
        tally[0] += 1
        began, size = np.float64(lasting[i, j]), np.float64(step[i, j])
        if size == 0:
            # Stuck: nothing is drawn for it, and nothing is written to it.
            weighted += n * began
            continue
        ends = (np.float64(low[i, j]), np.float64(high[i, j]), np.float64(end[i, j]))
        now, met, cut = _after_pulses(began, n, size, ends, zero, noise, variation)
        before = np.float64(conductance[i, j])
        left = np.float32(now)
        lasting[i, j] = left
        kept = left
        if written > 0:
            # No cell conducts less than nothing.
            kept = np.float32(max(now + written * gaussian(noise), 0.0))
            # What lay over it before and what does after: the mean of both over all its pulses.
            met = max(met + 0.5 * n * (before - began + np.float64(kept) - now), 0.0)
        weighted += met
        conductance[i, j] = kept
        # Sums of lines take the difference of what is kept, not of what was meant: they never drift apart.
        moved = np.float64(kept) - before
        row_sum[i] += moved
        column_sum[j] += moved
        tally[1] += cut
        tally[2] += cut and np.float64(left) == began
    return weighted


# --- many at once, in compiled loops ---------------------------------------------------------------


def list_soft_cells(
    table: Table,
    cells: Cells,
    *,
    lasting: Floats,
    zero: float,
    variation: float,
    written: float,
    noise: Words,
) -> int:
    """Add cells to a table for :func:`pulse_soft_cells`; their place in it.

    Parameters
    ----------
    table
        Where to.
    cells
        The cells.
    lasting, zero, variation, written, noise
        As :func:`pulse_softly` takes them.

    Raises
    ------
    UnlistedError
        When arrays are of other types or shapes than they are made with.
    """
    shape = rows, columns = cells.row_sum.size, cells.column_sum.size
    if cells.step_down is None:
        raise UnlistedError("steps that shrink lead both ways")
    of_cells = (cells.low, cells.high, cells.step, cells.step_down)
    if any(values.shape != shape or values.dtype != np.float32 for values in of_cells):
        raise UnlistedError("bounds and steps are no numbers of single precision, one for each cell")
    paths = np.stack(of_cells, axis=-1).reshape(rows * columns, len(of_cells))
    numbers = np.array([zero, variation, written], np.float64)
    return table.add(
        as_tally(np.array([SOFT], np.int64)), as_floats(cells.conductance, *shape),
        as_sums(cells.row_sum, rows), as_sums(cells.column_sum, columns), as_floats(lasting, *shape),
        as_floats(paths), as_counts(cells.pulses, *shape), as_tally(cells.tally, 3), as_sums(numbers),
        as_words(noise, 4), as_sums(np.zeros(_ROWS * _TOGETHER)), as_tally(np.zeros(2 * _TOGETHER, np.int64)),
    )  # fmt: skip


@inlined
def _fetch(
    places: Places, cells: int, rows: Indices, columns: Indices, counts: Counts, down: int
) -> tuple[int, int]:
    """Fetch the numbers of some cells; how many random ones they need, and how many take several pulses."""
    conductance, lasting = floats_at(places, cells + CONDUCTANCE), floats_at(places, cells + _LASTING)
    paths, pulses = floats_at(places, cells + _PATHS), counts_at(places, cells + _PULSES)
    numbers = sums_at(places, cells + _NUMBERS)[0]
    room, whole = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _PLACES)
    varies, writes = np.int64(numbers[_VARIATION] > 0), np.int64(numbers[_WRITTEN] > 0)
    wide, step = np.uint64(conductance.shape[1]), np.uint64(_STEP + down)
    drawn, several = 0, 0
    for h in range(rows.size):
        i, j, n = np.uint64(rows[h]), np.uint64(columns[h]), counts[h]
        path = paths[i * wide + j]
        pulses[i, j] += n
        size = np.float64(path[step])
        room[_BEFORE + h], room[_BEGAN + h], room[_SIZE + h] = conductance[i, j], lasting[i, j], size
        room[_BOTTOM + h], room[_TOP + h] = path[np.uint64(_LOW)], path[np.uint64(_HIGH)]
        whole[_PLACE + h] = drawn
        # Nothing is drawn for a stuck cell. Written always and counted sometimes: a branch would take longer.
        drawn += np.int64(size != 0) * (n * varies + writes)
        whole[_SEVERAL + several] = h
        several += n > 1
    return drawn, several


@inlined
def _draw(places: Places, cells: int, counts: Counts, drawn: int) -> Sums:
    """Draw the random numbers of some cells, as many as they need, and bring the first and last to each."""
    numbers = sums_at(places, cells + _NUMBERS)[0]
    room, whole = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _PLACES)
    # One more, for the place of a stuck cell may be behind the last.
    found = np.empty(drawn + 1)
    found[drawn] = 0
    if drawn:
        draw_gaussians(words_at(places, cells + _NOISE)[0], found[:drawn])
    if numbers[_VARIATION] > 0:
        for h in range(counts.size):
            room[_DRAWN + h] = found[np.uint64(whole[_PLACE + h])]
    if numbers[_WRITTEN] > 0:
        varies = np.int64(numbers[_VARIATION] > 0)
        for h in range(counts.size):
            last = min(whole[_PLACE + h] + counts[h] * varies, drawn)
            room[_LAST + h] = found[np.uint64(last)]
    return found


@inlined
def _step_once(room: Sums, size: int, down: int, zero: float, variation: float) -> None:
    """The first pulse of each of some cells, as :func:`_after_pulses` has it."""
    for h in range(size):
        began, step, bottom, top = room[_BEGAN + h], room[_SIZE + h], room[_BOTTOM + h], room[_TOP + h]
        bound = bottom if down else top
        share = (began - bound) / (zero - bound) + variation * room[_DRAWN + h]
        moves = step != 0
        after = began + step * share
        room[_CUT + h] = 1.0 if moves & ((after < bottom) | (after > top)) else 0.0
        after = min(max(after, bottom), top)
        room[_AFTER + h] = after if moves else began
        room[_MET + h] = 0.5 * (began + after) if moves else began


@inlined
def _step_on(room: Sums, h: int, count: int, drawn: Sums, down: int, zero: float, variation: float) -> None:
    """All further pulses of a cell."""
    step, bottom, top = room[_SIZE + h], room[_BOTTOM + h], room[_TOP + h]
    if step == 0:
        room[_MET + h] = count * room[_BEGAN + h]
        return
    bound = bottom if down else top
    now, met, cut = room[_AFTER + h], room[_MET + h], room[_CUT + h]
    for pulse in range(1, count):
        share = (now - bound) / (zero - bound)
        if variation > 0:
            share += variation * drawn[pulse]
        after = now + step * share
        if after < bottom or after > top:
            cut = 1.0
        after = min(max(after, bottom), top)
        met += 0.5 * (now + after)
        now = after
    room[_AFTER + h], room[_MET + h], room[_CUT + h] = now, met, cut


@inlined
def _write(room: Sums, counts: Counts, written: float) -> None:
    """What is kept of what pulses left: single precision, over which write noise lies where there is any."""
    if written > 0:
        for h in range(counts.size):
            now, before, began = room[_AFTER + h], room[_BEFORE + h], room[_BEGAN + h]
            moves = room[_SIZE + h] != 0
            kept = np.float64(np.float32(max(now + written * room[_LAST + h], 0.0)))
            met = max(room[_MET + h] + 0.5 * counts[h] * (before - began + kept - now), 0.0)
            room[_KEPT + h] = kept if moves else before
            room[_MET + h] = met if moves else room[_MET + h]
    else:
        for h in range(counts.size):
            room[_KEPT + h] = np.float64(np.float32(room[_AFTER + h]))


@inlined
def _put_back(places: Places, cells: int, rows: Indices, columns: Indices, weighted: float) -> float:
    """Put back what is kept of some cells, and add what they met to a sum."""
    conductance, lasting = floats_at(places, cells + CONDUCTANCE), floats_at(places, cells + _LASTING)
    row_sum, column_sum = sums_at(places, cells + ROW_SUM)[0], sums_at(places, cells + COLUMN_SUM)[0]
    room, tally = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _TALLY)
    met, stayed = 0.0, 0
    for h in range(rows.size):
        i, j = np.uint64(rows[h]), np.uint64(columns[h])
        kept, left = room[_KEPT + h], np.float32(room[_AFTER + h])
        lasting[i, j] = left
        conductance[i, j] = kept
        moved = kept - room[_BEFORE + h]
        row_sum[i] += moved
        column_sum[j] += moved
        weighted += room[_MET + h]
        met += room[_CUT + h]
        stayed += (room[_CUT + h] > 0) & (np.float64(left) == room[_BEGAN + h])
    tally[0] += rows.size
    tally[1] += np.int64(met)
    tally[2] += stayed
    return weighted


@kernel
def pulse_soft_cells(
    places: Places, cells: int, rows: Indices, columns: Indices, counts: Counts, down: int, pulsed: Sums
) -> None:
    """Give each hit cell its pulses, as :func:`pulse_softly` does; see :func:`linear.pulse_cells`."""
    numbers, room = sums_at(places, cells + _NUMBERS)[0], sums_at(places, cells + _ROOM)[0]
    whole = places_at(places, cells + _PLACES)
    zero, variation, written = numbers[_ZERO], numbers[_VARIATION], numbers[_WRITTEN]
    weighted, total = 0.0, 0
    # Fetched, moved and put back in loops of their own, as linear steps are.
    for first in range(0, rows.size, _TOGETHER):
        last = min(first + _TOGETHER, rows.size)
        i, j, n = rows[first:last], columns[first:last], counts[first:last]
        needed, several = _fetch(places, cells, i, j, n, down)
        drawn = _draw(places, cells, n, needed)
        _step_once(room, n.size, down, zero, variation)
        for place in range(several):
            h = whole[_SEVERAL + place]
            _step_on(room, h, n[h], drawn[whole[_PLACE + h] :], down, zero, variation)
        _write(room, n, written)
        weighted = _put_back(places, cells, i, j, weighted)
        for h in range(n.size):
            total += n[h]
    pulsed[0], pulsed[1] = weighted, total


# --- all of them -------------------------------------------------------------------------------------


@inlined
def _fetch_beside(places: Places, cells: int, row: int, first: int, size: int, down: int) -> int:
    """Fetch the numbers of cells side by side in a row, one pulse each; how many random ones they need."""
    line = floats_at(places, cells + CONDUCTANCE)[row, first : first + size]
    left = floats_at(places, cells + _LASTING)[row, first : first + size]
    hit = counts_at(places, cells + _PULSES)[row, first : first + size]
    wide = places[cells + CONDUCTANCE, 2]
    paths = floats_at(places, cells + _PATHS)[row * wide + first : row * wide + first + size]
    numbers = sums_at(places, cells + _NUMBERS)[0]
    room, whole = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _PLACES)
    each = int(numbers[_VARIATION] > 0) + int(numbers[_WRITTEN] > 0)
    # Loops of one array each: several at once may overlap for all that a compiler knows.
    for h in range(size):
        room[_BEFORE + h] = line[h]
    for h in range(size):
        room[_BEGAN + h] = left[h]
    for h in range(size):
        hit[h] += 1
    for h in range(size):
        room[_BOTTOM + h], room[_TOP + h] = paths[h, _LOW], paths[h, _HIGH]
        room[_SIZE + h] = paths[h, _STEP + down]
    drawn = 0
    for h in range(size):
        whole[_PLACE + h] = drawn
        drawn += int(room[_SIZE + h] != 0) * each
    return drawn


@inlined
def _put_beside(places: Places, cells: int, row: int, first: int, size: int, weighted: float) -> float:
    """Put back what is kept of cells side by side, as :func:`_put_back` does."""
    line = floats_at(places, cells + CONDUCTANCE)[row, first : first + size]
    left = floats_at(places, cells + _LASTING)[row, first : first + size]
    row_sum = sums_at(places, cells + ROW_SUM)[0]
    column_sum = sums_at(places, cells + COLUMN_SUM)[0][first : first + size]
    room, tally = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _TALLY)
    for h in range(size):
        left[h] = room[_AFTER + h]
    for h in range(size):
        line[h] = room[_KEPT + h]
    for h in range(size):
        column_sum[h] += room[_KEPT + h] - room[_BEFORE + h]
    total, met, stayed = row_sum[row], 0.0, 0
    for h in range(size):
        total += room[_KEPT + h] - room[_BEFORE + h]
        weighted += room[_MET + h]
        met += room[_CUT + h]
        stayed += (room[_CUT + h] > 0) & (np.float64(np.float32(room[_AFTER + h])) == room[_BEGAN + h])
    row_sum[row] = total
    tally[0] += size
    tally[1] += np.int64(met)
    tally[2] += stayed
    return weighted


@kernel
def pulse_every_soft_cell(places: Places, cells: int, down: int) -> float:
    """Give each cell of an array one pulse, row by row, as :func:`pulse_softly` would; what that returns."""
    numbers, room = sums_at(places, cells + _NUMBERS)[0], sums_at(places, cells + _ROOM)[0]
    zero, variation, written = numbers[_ZERO], numbers[_VARIATION], numbers[_WRITTEN]
    rows, columns = places[cells + CONDUCTANCE, 1], places[cells + CONDUCTANCE, 2]
    once = np.ones(_TOGETHER, np.int32)
    weighted = 0.0
    for row in range(rows):
        for first in range(0, columns, _TOGETHER):
            size = min(columns - first, _TOGETHER)
            needed = _fetch_beside(places, cells, row, first, size, down)
            _draw(places, cells, once[:size], needed)
            _step_once(room, size, down, zero, variation)
            _write(room, once[:size], written)
            weighted = _put_beside(places, cells, row, first, size, weighted)
    return weighted
