"""Gradients of samples added to sums, and pulses of what is due of them, in a compiled loop."""

from __future__ import annotations

import numpy as np

from chipsim.device.converters import say_sample
from chipsim.device.table import Places, counts_at, flags_at, floats_at, sums_at, tally_at
from chipsim.device.types import Counts, Flags, Floats, Indices, Sums, Tally, inlined, kernel
from chipsim.net.between import DUE
from chipsim.net.block import ARRAYS, END_COLUMN, END_ROW, FIRST_COLUMN, FIRST_ROW, TILE, clear_pulses
from chipsim.tile.compiled import chosen_room, pulse_chosen

__all__ = ["accumulate", "add_gradient"]

(_LAYERS, _FORMATS, _NUMBERS, _X, _D, _ROWS, _COLUMNS, _COUNTS) = range(8)
"""Arrays of gradients, counted from where they begin in a table: the layers, the formats of their words,
their numbers, and room for words, and for places and pulses of what is due."""
(_WEIGHT, _WEIGHT_END, _SUMS, _FULL) = range(4)
"""What there is to know of a layer: its blocks, its sums, and rows of which more was due than was given."""
(_SHARE, _THRESHOLD, _MOST) = range(3)
"""Numbers of a layer: steps for one of a product, the sum that makes a pulse, and pulses at most."""


@kernel
def accumulate(
    x: Floats,
    d: Floats,
    share: np.float32,
    sums: Floats,
    threshold: np.float32,
    most: np.float32,
    full: Flags,
    rows: Indices,
    columns: Indices,
    counts: Counts,
) -> int:
    """Add `share` times the outer product to the sums, and take out of them what is due.

    Parameters
    ----------
    x, d
        Inputs (rows,) and errors (columns,) of one sample; rows of no input are passed over.
    share
        Steps of the cells for one of their product.
    sums
        In steps, changed in place (rows, columns).
    threshold, most
        Sum at which a weight gets a pulse, and pulses that it gets at a time.
    full
        Rows in which more was due than was given; they are looked at again, and told anew (rows,).
    rows, columns, counts
        Places and pulses of what is due, row after row: room for all weights.

    Returns
    -------
    How many weights are due.
    """
    found = 0
    for i in range(x.size):
        if x[i] == 0 and not full[i]:
            continue
        full[i] = False
        value, due = x[i], np.int32(0)
        for j in range(d.size):
            change = value * d[j]
            held = sums[i, j] + change * share
            sums[i, j] = held
            due |= np.int32(abs(held) >= threshold)
        # Few rows have a weight that is due: the loop above is free of branches.
        if due:
            for j in range(d.size):
                held = sums[i, j]
                if abs(held) >= threshold:
                    asked = np.trunc(held / threshold)
                    given = min(max(asked, -most), most)
                    full[i] |= given != asked
                    sums[i, j] = held - given * threshold
                    rows[found], columns[found], counts[found] = i, j, np.int32(given)
                    found += 1
    return found


@inlined
def _pulse_block(
    places: Places, block: Tally, rows: Indices, columns: Indices, counts: Counts, energies: Sums,
    pulses: Tally, visited: Tally,
) -> None:  # fmt: skip
    """Pulse what is due of one block's weights, row after row, and count what that took."""
    mine = energies[2 * block[ARRAYS] :]
    clear_pulses(block, energies, visited)
    own_rows, own_columns, own_counts = chosen_room(places, block[TILE])
    found, rows_hit, last = np.zeros(2, np.int64), 0, -1
    for at in range(rows.size):
        row, column = rows[at], columns[at]
        inside = block[FIRST_ROW] <= row < block[END_ROW]
        if not inside or column < block[FIRST_COLUMN] or column >= block[END_COLUMN]:
            continue
        # Tiles take pulses that raise before those that lower, each in the order of rows.
        way = 0 if counts[at] > 0 else 1
        own_rows[way, found[way]] = row - block[FIRST_ROW]
        own_columns[way, found[way]] = column - block[FIRST_COLUMN]
        own_counts[way, found[way]] = abs(counts[at])
        found[way] += 1
        rows_hit += row != last
        last = row
    if found[0] + found[1] > 0:
        pulse_chosen(places, block[TILE], found[0], found[1], rows_hit == 1, mine, pulses, visited)
        visited[DUE] = found[0] + found[1]


@kernel
def add_gradient(
    places: Places, gradients: int, layer: int, x: Floats, d: Floats, blocks: Tally, energies: Sums,
    pulses: Tally, visited: Tally,
) -> None:  # fmt: skip
    """Add one sample's gradient to the sums of a layer, and pulse its weights where that is due.

    Parameters
    ----------
    places, gradients
        A table, and where it lists what is added up.
    layer
        Its place among the layers that learn.
    x, d
        Inputs (rows,) and errors (columns,), not yet rounded to words.
    blocks
        All blocks (blocks, numbers).
    energies, visited
        Overwritten where they are of the layer's blocks: books of the sample (blocks, amounts).
    pulses
        Added to: those on the arrays of each block (blocks, 2).
    """
    told, formats = tally_at(places, gradients + _LAYERS)[layer], sums_at(places, gradients + _FORMATS)[layer]
    numbers = floats_at(places, gradients + _NUMBERS)[layer]
    x_words = floats_at(places, gradients + _X)[0, : x.size]
    d_words = floats_at(places, gradients + _D)[0, : d.size]
    say_sample(x, formats[0], formats[1] > 0, x_words)
    say_sample(d, formats[2], formats[3] > 0, d_words)
    rows, columns = counts_at(places, gradients + _ROWS)[0], counts_at(places, gradients + _COLUMNS)[0]
    counts, full = counts_at(places, gradients + _COUNTS)[0], flags_at(places, told[_FULL])[0]
    found = accumulate(
        x_words, d_words, numbers[_SHARE], floats_at(places, told[_SUMS]), numbers[_THRESHOLD],
        numbers[_MOST], full, rows, columns, counts,
    )  # fmt: skip
    for place in range(told[_WEIGHT], told[_WEIGHT_END]):
        _pulse_block(
            places, blocks[place], rows[:found], columns[:found], counts[:found], energies[place],
            pulses[place], visited[place],
        )  # fmt: skip
