"""Pulses that move cells by steps which differ along their range, many cells at once, in compiled loops."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.gaussian import draw_gaussians
from chipsim.device.laws import ALONG, COLUMN_SUM, CONDUCTANCE, LAW, OF_THE_LAW, ROW_SUM, SOFT
from chipsim.device.listed import UnlistedError, as_counts, as_floats, as_sums, as_tally, as_words
from chipsim.device.table import Places, Table, counts_at, floats_at, places_at, sums_at, words_at
from chipsim.device.types import Counts, Floats, Indices, Sums, Words, inlined, kernel
from chipsim.device.uneven_lengths import (
    AFTER,
    BEFORE,
    BEGAN,
    BOTTOM,
    CUT,
    DRAWN,
    KEPT,
    LAST,
    MET,
    ROOM,
    SHARE,
    SIZE,
    TOGETHER,
    TOP,
    ZERO,
    length_on,
    lengths_along,
    lengths_to_bound,
    lengths_to_own_bound,
)
from chipsim.device.uneven_steps import as_log_normal

__all__ = ["PATHS", "Steps", "list_uneven_cells", "pulse_every_uneven_cell", "pulse_uneven_cells"]

(_LASTING, PATHS, _PULSES, _TALLY, _NUMBERS, _NOISE, _ROOM, _PLACES, _PIECES, _PIECES_DOWN, _MIDDLES) = range(
    OF_THE_LAW, OF_THE_LAW + 11
)
"""Arrays of one crossbar's cells, counted from where they begin in a table, behind those of any law."""
(_LOW, _HIGH, _STEP, _STEP_DOWN) = range(4)
"""What the way of a cell is known by, side by side, for a pulse needs all of them."""
(_ZERO, _VARIATION, _WRITTEN, _OWN, _LOGS) = range(5)
"""Numbers of all cells, as :class:`Steps` has them."""
(_PLACE, _SEVERAL) = range(0, 2 * TOGETHER, TOGETHER)
"""Whole numbers of some cells: where the random numbers of each begin, and which take several pulses."""

NO_PIECES: Final[Sums] = np.zeros((0, 4))
"""What a law has whose steps follow no curve in pieces."""


@attrs.frozen(kw_only=True, eq=False)
class Steps:
    """How cells step: what all cells of an array share, of steps up and of steps down."""

    zero: float = 0.0
    """Where steps are as long as described, S, of those that shrink linearly towards bounds."""
    variation: float = 0.0
    """Standard deviation of such a step, over its length there; with pieces, above zero where steps vary."""
    written: float = 0.0
    """Standard deviation of write noise, S."""
    pieces: tuple[Sums, Sums] = (NO_PIECES, NO_PIECES)
    """How long steps up, and those down, are along the range (pieces, 4), as
    :mod:`~chipsim.device.uneven_steps` has it; nothing for steps that shrink linearly towards bounds."""
    own: float = 0.0
    """Standard deviation of a step over its own length, besides that of the pieces."""
    logs: float = 0.0
    """Standard deviation of the logarithm of a step; zero where steps vary by Gaussian numbers."""


def list_uneven_cells(table: Table, cells: Cells, steps: Steps, *, lasting: Floats, noise: Words) -> int:
    """Add cells to a table for :func:`pulse_uneven_cells`; their place in it.

    Parameters
    ----------
    table
        Where to.
    cells, steps
        The cells, and how they step.
    lasting
        What pulses left in them (rows, columns), S.
    noise
        What variation and write noise are drawn from.

    Raises
    ------
    UnlistedError
        When arrays are of other types or shapes than they are made with.
    """
    shape = rows, columns = cells.row_sum.size, cells.column_sum.size
    # Of cells that pulses only raise, steps down are never asked for.
    down = cells.step if cells.step_down is None else cells.step_down
    of_cells, rows_of_paths = [cells.low, cells.high, cells.step, down], rows * columns
    if any(values.shape != shape or values.dtype != np.float32 for values in of_cells):
        raise UnlistedError("bounds and steps are no numbers of single precision, one for each cell")
    if not any(any(values.strides) for values in of_cells):
        # One line for all cells, which stays near.
        of_cells, rows_of_paths = [values[:1, :1] for values in of_cells], 1
    paths = np.stack(of_cells, axis=-1).reshape(rows_of_paths, len(of_cells))
    numbers = np.array([steps.zero, steps.variation, steps.written, steps.own, steps.logs], np.float64)
    law = ALONG if steps.pieces[0].size else SOFT
    middles = np.array([steps.zero]) if cells.narrowed is None else cells.narrowed.middles
    return table.add(
        as_tally(np.array([law], np.int64)), as_floats(cells.conductance, *shape),
        as_sums(cells.row_sum, rows), as_sums(cells.column_sum, columns), as_floats(lasting, *shape),
        as_floats(paths), as_counts(cells.pulses, *shape), as_tally(cells.tally, 3), as_sums(numbers),
        as_words(noise, 4), as_sums(np.zeros(ROOM)), as_tally(np.zeros(2 * TOGETHER, np.int64)),
        *(as_sums(pieces.copy()) for pieces in steps.pieces), as_sums(middles),
    )  # fmt: skip


@inlined
def _fetch(
    places: Places, cells: int, rows: Indices, columns: Indices, counts: Counts, down: int
) -> tuple[int, int]:
    """Fetch the numbers of some cells; how many random ones they need, and how many take several pulses."""
    conductance, lasting = floats_at(places, cells + CONDUCTANCE), floats_at(places, cells + _LASTING)
    pulses, numbers = counts_at(places, cells + _PULSES), sums_at(places, cells + _NUMBERS)[0]
    room, whole = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _PLACES)
    _fetch_paths(places, cells, rows, columns, down)
    middles = sums_at(places, cells + _MIDDLES)
    if middles.size > 1:
        for h in range(rows.size):
            room[ZERO + h] = middles[np.uint64(rows[h]), np.uint64(columns[h])]
    for h in range(rows.size):
        i, j = np.uint64(rows[h]), np.uint64(columns[h])
        pulses[i, j] += counts[h]
        room[BEFORE + h], room[BEGAN + h] = conductance[i, j], lasting[i, j]
    varies, writes = int(numbers[_VARIATION] > 0), int(numbers[_WRITTEN] > 0)
    drawn, several = 0, 0
    for h in range(rows.size):
        n = int(counts[h])
        whole[_PLACE + h] = drawn
        # Nothing is drawn for a stuck cell. Written always and counted sometimes: a branch would take longer.
        drawn += int(room[SIZE + h] != 0) * (n * varies + writes)
        whole[_SEVERAL + several] = h
        several += n > 1
    return drawn, several


@inlined
def _fetch_paths(places: Places, cells: int, rows: Indices, columns: Indices, down: int) -> None:
    """Fetch bounds and steps of some cells."""
    paths, room = floats_at(places, cells + PATHS), sums_at(places, cells + _ROOM)[0]
    wide, step = np.uint64(places[cells + CONDUCTANCE, 2]), np.uint64(_STEP + down)
    if paths.shape[0] == 1:
        # What all cells share is fetched once.
        _share_path(paths[0], room, rows.size, down)
    else:
        for h in range(rows.size):
            path = paths[np.uint64(rows[h]) * wide + np.uint64(columns[h])]
            room[SIZE + h] = path[step]
            room[BOTTOM + h], room[TOP + h] = path[np.uint64(_LOW)], path[np.uint64(_HIGH)]


@inlined
def _share_path(path: Floats, room: Sums, size: int, down: int) -> None:
    """Give some cells the bounds and the step that all of them share."""
    bottom, top = np.float64(path[_LOW]), np.float64(path[_HIGH])
    step = np.float64(path[_STEP + down])
    for h in range(size):
        room[BOTTOM + h], room[TOP + h], room[SIZE + h] = bottom, top, step


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
    if numbers[_LOGS] > 0:
        _vary_by_logs(places, cells, counts, found)
    if numbers[_VARIATION] > 0:
        for h in range(counts.size):
            room[DRAWN + h] = found[np.uint64(whole[_PLACE + h])]
    if numbers[_WRITTEN] > 0:
        varies = np.int64(numbers[_VARIATION] > 0)
        for h in range(counts.size):
            last = min(whole[_PLACE + h] + counts[h] * varies, drawn)
            room[LAST + h] = found[np.uint64(last)]
    return found


@inlined
def _vary_by_logs(places: Places, cells: int, counts: Counts, found: Sums) -> None:
    """Make of the random numbers of steps, which lie before those of write noise, what such steps vary by."""
    logs = sums_at(places, cells + _NUMBERS)[0, _LOGS]
    room, whole = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _PLACES)
    for h in range(counts.size):
        # A stuck cell has none, and the next cell's lie where they would.
        if room[SIZE + h] != 0:
            for place in range(whole[_PLACE + h], whole[_PLACE + h] + counts[h]):
                found[place] = as_log_normal(found[place], logs)


@inlined
def _step_once(places: Places, cells: int, size: int, down: int) -> None:
    """The first pulse of each of some cells, as pulses one by one have it."""
    numbers, room = sums_at(places, cells + _NUMBERS)[0], sums_at(places, cells + _ROOM)[0]
    if places_at(places, cells + LAW)[0] == SOFT:
        if sums_at(places, cells + _MIDDLES).size > 1:
            lengths_to_own_bound(room, size, down, numbers[_VARIATION])
        else:
            lengths_to_bound(room, size, down, numbers[_ZERO], numbers[_VARIATION])
    else:
        lengths_along(room, size, sums_at(places, cells + _PIECES + down), numbers[_OWN])
    for h in range(size):
        began, step, bottom, top = room[BEGAN + h], room[SIZE + h], room[BOTTOM + h], room[TOP + h]
        moves = step != 0
        after = began + step * room[SHARE + h]
        room[CUT + h] = 1.0 if moves & ((after < bottom) | (after > top)) else 0.0
        after = min(max(after, bottom), top)
        room[AFTER + h] = after if moves else began
        room[MET + h] = 0.5 * (began + after) if moves else began


@inlined
def _step_on(places: Places, cells: int, h: int, count: int, drawn: Sums, down: int) -> None:
    """All further pulses of a cell."""
    numbers, room = sums_at(places, cells + _NUMBERS)[0], sums_at(places, cells + _ROOM)[0]
    pieces = sums_at(places, cells + _PIECES + down)
    step, bottom, top = room[SIZE + h], room[BOTTOM + h], room[TOP + h]
    if step == 0:
        room[MET + h] = count * room[BEGAN + h]
        return
    ends = (bottom, top, bottom if down else top)
    zero, variation, own = numbers[_ZERO], numbers[_VARIATION], numbers[_OWN]
    if sums_at(places, cells + _MIDDLES).size > 1:
        zero = room[ZERO + h]
    now, met, cut = room[AFTER + h], room[MET + h], room[CUT + h]
    for pulse in range(1, count):
        number = drawn[pulse] if variation > 0 else 0.0
        after = now + step * length_on(now, number, ends, zero, variation, own, pieces)
        if after < bottom or after > top:
            cut = 1.0
        after = min(max(after, bottom), top)
        met += 0.5 * (now + after)
        now = after
    room[AFTER + h], room[MET + h], room[CUT + h] = now, met, cut


@inlined
def _write(room: Sums, counts: Counts, written: float) -> None:
    """What is kept of what pulses left: single precision, over which write noise lies where there is any."""
    if written > 0:
        for h in range(counts.size):
            now, before, began = room[AFTER + h], room[BEFORE + h], room[BEGAN + h]
            moves = room[SIZE + h] != 0
            kept = np.float64(np.float32(max(now + written * room[LAST + h], 0.0)))
            met = max(room[MET + h] + 0.5 * counts[h] * (before - began + kept - now), 0.0)
            room[KEPT + h] = kept if moves else before
            room[MET + h] = met if moves else room[MET + h]
    else:
        for h in range(counts.size):
            room[KEPT + h] = np.float64(np.float32(room[AFTER + h]))


@inlined
def _put_back(places: Places, cells: int, rows: Indices, columns: Indices, weighted: float) -> float:
    """Put back what is kept of some cells, and add what they met to a sum."""
    conductance, lasting = floats_at(places, cells + CONDUCTANCE), floats_at(places, cells + _LASTING)
    row_sum, column_sum = sums_at(places, cells + ROW_SUM)[0], sums_at(places, cells + COLUMN_SUM)[0]
    room, tally = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _TALLY)
    met, stayed = 0.0, 0
    for h in range(rows.size):
        i, j = np.uint64(rows[h]), np.uint64(columns[h])
        kept, left = room[KEPT + h], np.float32(room[AFTER + h])
        lasting[i, j] = left
        conductance[i, j] = kept
        moved = kept - room[BEFORE + h]
        row_sum[i] += moved
        column_sum[j] += moved
        weighted += room[MET + h]
        met += room[CUT + h]
        stayed += (room[CUT + h] > 0) & (np.float64(left) == room[BEGAN + h])
    tally[0] += rows.size
    tally[1] += np.int64(met)
    tally[2] += stayed
    return weighted


@kernel
def pulse_uneven_cells(
    places: Places, cells: int, rows: Indices, columns: Indices, counts: Counts, down: int, pulsed: Sums
) -> None:
    """Give each hit cell its pulses, as :func:`pulse_unevenly` does; see :func:`linear.pulse_cells`."""
    written, room = sums_at(places, cells + _NUMBERS)[0, _WRITTEN], sums_at(places, cells + _ROOM)[0]
    whole = places_at(places, cells + _PLACES)
    weighted, total = 0.0, 0
    # Fetched, moved and put back in loops of their own, as linear steps are.
    for first in range(0, rows.size, TOGETHER):
        last = min(first + TOGETHER, rows.size)
        i, j, n = rows[first:last], columns[first:last], counts[first:last]
        needed, several = _fetch(places, cells, i, j, n, down)
        drawn = _draw(places, cells, n, needed)
        _step_once(places, cells, n.size, down)
        for place in range(several):
            h = whole[_SEVERAL + place]
            _step_on(places, cells, h, n[h], drawn[whole[_PLACE + h] :], down)
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
    paths = floats_at(places, cells + PATHS)
    numbers = sums_at(places, cells + _NUMBERS)[0]
    room, whole = sums_at(places, cells + _ROOM)[0], places_at(places, cells + _PLACES)
    each = int(numbers[_VARIATION] > 0) + int(numbers[_WRITTEN] > 0)
    # Loops of one array each: several at once may overlap for all that a compiler knows.
    for h in range(size):
        room[BEFORE + h] = line[h]
    for h in range(size):
        room[BEGAN + h] = left[h]
    for h in range(size):
        hit[h] += 1
    if paths.shape[0] == 1:
        _share_path(paths[0], room, size, down)
    else:
        mine = paths[row * wide + first : row * wide + first + size]
        for h in range(size):
            room[BOTTOM + h], room[TOP + h] = mine[h, _LOW], mine[h, _HIGH]
            room[SIZE + h] = mine[h, _STEP + down]
    middles = sums_at(places, cells + _MIDDLES)
    if middles.size > 1:
        for h in range(size):
            room[ZERO + h] = middles[row, first + h]
    drawn = 0
    for h in range(size):
        whole[_PLACE + h] = drawn
        drawn += int(room[SIZE + h] != 0) * each
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
        left[h] = room[AFTER + h]
    for h in range(size):
        line[h] = room[KEPT + h]
    for h in range(size):
        column_sum[h] += room[KEPT + h] - room[BEFORE + h]
    total, met, stayed = row_sum[row], 0.0, 0
    for h in range(size):
        total += room[KEPT + h] - room[BEFORE + h]
        weighted += room[MET + h]
        met += room[CUT + h]
        stayed += (room[CUT + h] > 0) & (np.float64(np.float32(room[AFTER + h])) == room[BEGAN + h])
    row_sum[row] = total
    tally[0] += size
    tally[1] += np.int64(met)
    tally[2] += stayed
    return weighted


@kernel
def pulse_every_uneven_cell(places: Places, cells: int, down: int) -> float:
    """Give each cell of an array a pulse, row by row, as :func:`pulse_unevenly` would; what that returns."""
    written, room = sums_at(places, cells + _NUMBERS)[0, _WRITTEN], sums_at(places, cells + _ROOM)[0]
    rows, columns = places[cells + CONDUCTANCE, 1], places[cells + CONDUCTANCE, 2]
    once = np.ones(TOGETHER, np.int32)
    weighted = 0.0
    for row in range(rows):
        for first in range(0, columns, TOGETHER):
            size = min(columns - first, TOGETHER)
            needed = _fetch_beside(places, cells, row, first, size, down)
            _draw(places, cells, once[:size], needed)
            _step_once(places, cells, size, down)
            _write(room, once[:size], written)
            weighted = _put_beside(places, cells, row, first, size, weighted)
    return weighted
