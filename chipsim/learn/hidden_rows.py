"""One row of hidden weights through a step: optimiser, consolidation, and which levels changed.

A row stays in the nearest cache while everything that a step does to it is done. Loops are short, one thing
each, and free of branches and searches, since compilers vectorise only such loops.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats, Indices, Tally, kernel

__all__ = [
    "Numbers",
    "Table",
    "adam_row",
    "changed_row",
    "consolidate_row",
    "move_row",
    "places_of",
    "room_for_flags",
    "tally_row",
]

Table = NDArray[np.uint64]
"""A function at even offsets from 0 to 1: its value in the lower half of each word, and in the upper one how
far it rises to the next, both in single precision; one look-up gets both."""

Numbers = tuple[np.float32, ...]
"""Of Adam: factor on the gradient, beta1, beta2, learning rate over 1 - beta1^t, one over 1 - beta2^t,
epsilon."""

_WORD = 8
"""Flags that are looked at together."""


@kernel
def places_of(weights: Floats, levels: Floats, bounds: Floats, gap: np.float32, out: Indices) -> None:
    """Place of the nearest level of each weight of one row: computed where levels are even, else counted."""
    low, last = levels[0], np.int32(bounds.size)
    if gap > 0:
        inverse, half = np.float32(1) / gap, np.float32(0.5)
        for j in range(weights.size):
            # Rounded up from half a level below, since a weight halfway belongs to the lower level.
            steps = (weights[j] - low) * inverse
            place = np.int32(np.ceil(steps - half))
            out[j] = min(max(place, np.int32(0)), last)
    else:
        out[:] = np.int32(0)
        for bound in bounds:
            for j in range(weights.size):
                out[j] += np.int32(weights[j] > bound)


@kernel
def adam_row(g: Floats, first: Floats, second: Floats, numbers: Numbers) -> None:
    """One step of Adam on a row: moments change, and gradients become what is to be subtracted."""
    scale, beta1, beta2, rate, correction, epsilon = numbers
    one = np.float32(1)
    for j in range(g.size):
        value = g[j] * scale
        mean = beta1 * first[j] + (one - beta1) * value
        square = beta2 * second[j] + (one - beta2) * value * value
        first[j] = mean
        second[j] = square
        root = np.sqrt(square * correction)
        g[j] = rate * mean / (root + epsilon)


@kernel
def consolidate_row(
    hidden: Floats,
    step: Floats,
    places: Indices,
    levels: Floats,
    gap: np.float32,
    exact: bool,  # noqa: FBT001
    table: Table,
    away: Floats,
    share: Floats,
) -> None:
    """Multiply steps that lead a hidden weight away from its level by their share, in place.

    Parameters
    ----------
    hidden, step
        One row (columns,).
    places
        Of its nearest levels; overwritten.
    levels, gap, exact
        As :class:`~chipsim.learn.consolidation.Levels` has them.
    table
        From :func:`~chipsim.learn.consolidation.meta_table`, linear in between.
    away, share
        Room for one row each; overwritten.
    """
    _distances(hidden, places, levels, gap, exact, away)
    _offsets(away, step, levels, gap, places, share)
    _look_up(share, table, places)
    for j in range(step.size):
        # A step is subtracted: with the sign of the distance it leads back to the level. The larger of two
        # shares instead of a branch.
        whole = np.float32(step[j] * away[j] > 0)
        step[j] *= max(share[j], whole)


@kernel
def _distances(
    hidden: Floats,
    places: Indices,
    levels: Floats,
    gap: np.float32,
    exact: bool,  # noqa: FBT001
    out: Floats,
) -> None:
    """Distance of each hidden weight from its level, which is computed where that gives the very number."""
    low = levels[0]
    if exact:
        for j in range(hidden.size):
            out[j] = hidden[j] - (low + np.float32(places[j]) * gap)
    else:
        for j in range(hidden.size):
            out[j] = hidden[j] - levels[np.uint32(places[j])]


@kernel
def _offsets(
    away: Floats, step: Floats, levels: Floats, gap: np.float32, places: Indices, out: Floats
) -> None:
    """Distance of each hidden weight of a row from its level, over half the gap that it lies in."""
    if gap > 0:
        inverse = np.float32(2) / gap
        for j in range(away.size):
            out[j] = min(abs(away[j]) * inverse, np.float32(1))
        return
    last = levels.size - 1
    for j in range(away.size):
        # On its level a weight lies in neither gap; the step says which of the two it goes into.
        up = away[j] > 0 or (away[j] == 0 and step[j] < 0)
        other = min(places[j] + 1, last) if up else max(places[j] - 1, 0)
        half = abs(levels[other] - levels[places[j]]) * np.float32(0.5)
        # Beyond the outer levels there is no gap; a weight is held within them whatever its share.
        out[j] = min(abs(away[j]) / half, np.float32(1)) if half > 0 else np.float32(1)


@kernel
def _look_up(offsets: Floats, table: Table, index: Indices) -> None:
    """Replace offsets by the table's shares, linear in between; `index` is room for one row."""
    intervals = np.float32(table.size - 1)
    # The far end of the table belongs to its last interval.
    last = intervals - np.float32(1)
    for j in range(offsets.size):
        place = offsets[j] * intervals
        # In this order, so that no number at all becomes the last interval, too, and not a place outside.
        index[j] = np.int32(min(last, place))
        offsets[j] = place - np.float32(index[j])
    for j in range(offsets.size):
        word = table[np.uint32(index[j])]
        value = np.uint32(word).view(np.float32)
        rise = np.uint32(word >> np.uint64(32)).view(np.float32)
        offsets[j] = value + offsets[j] * rise


@kernel
def move_row(hidden: Floats, step: Floats, low: np.float32, high: np.float32, out: Floats) -> None:
    """Subtract steps from a row of hidden weights, which stay within the outer levels, into `out`."""
    for j in range(hidden.size):
        # Without bounds the consolidation function would rise to one again, half a level beyond the last.
        out[j] = min(max(hidden[j] - step[j], low), high)


@kernel
def tally_row(before: Floats, after: Floats, step: Floats, low: float, high: float, tally: Tally) -> None:
    """Count steps of a row that changed no hidden weight, as all of them are counted."""
    asked, still, held = np.int32(0), np.int32(0), np.int32(0)
    for j in range(before.size):
        u, w = step[j], before[j]
        outwards = ((u > 0) & (w <= low)) | ((u < 0) & (w >= high))
        unmoved = (u != 0) & (after[j] == w)
        asked += np.int32(u != 0)
        held += np.int32(unmoved & outwards)
        still += np.int32(unmoved & (not outwards))
    tally[0] += asked
    tally[1] += still
    tally[2] += held


@kernel
def changed_row(
    old: Indices,
    new: Indices,
    words: NDArray[np.uint64],
    flags: NDArray[np.uint8],
    found: int,
    columns: Indices,
    places: Indices,
) -> int:
    """List the places of a row that differ, behind those that were found before; returns how many there are.

    Parameters
    ----------
    old, new
        Places before and after (columns,).
    words, flags
        Room for a flag of each, zero beyond the last, seen as whole words and as bytes.
    found
        How many are listed already.
    columns, places
        The lists: where in the row, and the new place.
    """
    for j in range(old.size):
        flags[j] = np.uint8(old[j] != new[j])
    # Few weights change their level in a step: most words are zero, and tell of eight weights at once.
    for k in range(words.size):
        if words[k] != 0:
            for j in range(_WORD * k, min(_WORD * (k + 1), old.size)):
                if flags[j]:
                    columns[found], places[found] = j, new[j]
                    found += 1
    return found


@kernel
def room_for_flags(columns: int) -> NDArray[np.uint64]:
    """Flags of one row in whole words, none set."""
    return np.zeros((columns + _WORD - 1) // _WORD, np.uint64)
