"""Rows of tiles that gather moved to those that hold the weights, in a compiled loop between samples."""

from __future__ import annotations

import numpy as np

from chipsim.device.table import Places, flags_at, floats_at, places_at, sums_at, tally_at
from chipsim.device.types import Floats, Sums, Tally, inlined, kernel
from chipsim.net.between import DUE
from chipsim.net.block import ARRAYS, END_COLUMN, END_ROW, FIRST_COLUMN, FIRST_ROW, TILE, clear_pulses
from chipsim.tile.compiled import (
    charge_rows,
    chosen_room,
    pulse_chosen,
    read_row,
    say_inputs,
    update_sample,
)

__all__ = ["signed", "transfer_rows"]

(_TURN, _MOVES, _NUMBERS, _VALUES, _DUE_NOW, _SIEMENS, _ONE_ROW, _RATES, _TURNED, _SIGNED) = range(10)
"""Arrays of transfers, counted from where they begin in a table: whose turn it is, the layers, their numbers,
and room for what is read, for what is due of a row, and for what arrays conduct; zeros for the rows of a
layer; rates of layers that are pulsed at once; which rows turn their signs after they were read;
and room for inputs with the signs of their rows."""
(_SEEN, _EVERY, _READS, _FORGETS, _DONE) = range(5)
"""Samples so far; samples from one transfer to the next; rows of each; whether sums forget what is beyond;
and transfers of this loop so far."""
(_ROWS, _GATHERED, _GATHERED_END, _WEIGHT, _WEIGHT_END, _SUMS, _SIGNS) = range(7)
"""What there is to know of a layer: rows, blocks that gather, blocks that hold its weights, and where sums
and the signs of rows are; below zero where it has none."""
(_GAIN, _THRESHOLD, _MOST) = range(3)
"""Numbers of a layer: steps for a weight that is read, the sum that makes a pulse, and pulses at most."""


@inlined
def _clear(blocks: Tally, move: Tally, energies: Sums, visited: Tally) -> None:
    """No row has been read of a layer, and no weight pulsed."""
    for place in range(move[_GATHERED], move[_GATHERED_END]):
        visited[place, DUE] = 0
        for array in range(blocks[place, ARRAYS]):
            energies[place, array] = 0
    for place in range(move[_WEIGHT], move[_WEIGHT_END]):
        clear_pulses(blocks[place], energies[place], visited[place])


@inlined
def _read_rows(
    places: Places, transfers: int, blocks: Tally, move: Tally, first: int, reads: int, energies: Sums,
    visited: Tally, at: Tally,
) -> bool:  # fmt: skip
    """Read rows of a layer from the first on, in turn; whether all that gathers conducted finite numbers."""
    values, siemens = floats_at(places, transfers + _VALUES), sums_at(places, transfers + _SIEMENS)[0]
    for place in range(move[_GATHERED], move[_GATHERED_END]):
        block = blocks[place]
        taken = siemens[: block[ARRAYS]]
        taken[:] = 0
        for read in range(reads):
            row = (first + read) % move[_ROWS]
            if row < block[FIRST_ROW] or row >= block[END_ROW]:
                continue
            found = read_row(places, block[TILE], row - block[FIRST_ROW], taken)
            for j in range(found.size):
                values[read, block[FIRST_COLUMN] + j] = found[j]
            visited[place, DUE] += 1
        if visited[place, DUE] and not charge_rows(places, block[TILE], taken, energies[place]):
            # The block, and that it was on no way back.
            at[1], at[2] = place, 0
            return False
    return True


@inlined
def _sign_of(places: Places, move: Tally, row: int) -> np.float32:
    """With which a row took its outer products."""
    return np.float32(1) if move[_SIGNS] < 0 else floats_at(places, move[_SIGNS])[0, row]


@inlined
def _add_up(
    values: Floats, sums: Floats, sign: np.float32, numbers: Floats, forgets: bool, due: Floats  # noqa: FBT001
) -> None:  # fmt: skip
    """Add what was read of a row's weights to their sums, and take out of these what is due, in pulses."""
    # A product with plus or minus one is exact, whatever it comes before.
    gain, threshold, most = numbers[_GAIN] * sign, numbers[_THRESHOLD], numbers[_MOST]
    for j in range(values.size):
        held = sums[j] + values[j] * gain
        count = min(max(np.trunc(held / threshold), -most), most)
        left = held - count * threshold
        sums[j] = np.float32(0) if forgets and count != 0 else left
        due[j] = count


@inlined
def _pulse_block(
    places: Places, transfers: int, block: Tally, move: Tally, numbers: Floats, first: int, reads: int,
    energies: Sums, pulses: Tally, visited: Tally,
) -> None:  # fmt: skip
    """Add rows that were read to the sums of one block's weights, and pulse those that are due."""
    values, due = floats_at(places, transfers + _VALUES), floats_at(places, transfers + _DUE_NOW)[0]
    sums, forgets = floats_at(places, move[_SUMS]), places_at(places, transfers + _TURN)[_FORGETS] > 0
    rows, columns, counts = chosen_room(places, block[TILE])
    begin, end = block[FIRST_COLUMN], block[END_COLUMN]
    own = due[: end - begin]
    found, rows_hit = np.zeros(2, np.int64), 0
    # Cells draw row after row: those of the first rows, which come after the last ones in turn, are first.
    wrapped = max(first + reads - move[_ROWS], 0)
    for turn in range(reads):
        read = (turn + reads - wrapped) % reads
        row = (first + read) % move[_ROWS]
        if row < block[FIRST_ROW] or row >= block[END_ROW]:
            continue
        sign = _sign_of(places, move, row)
        _add_up(values[read, begin:end], sums[row, begin:end], sign, numbers, forgets, own)
        before = found[0] + found[1]
        for j in range(own.size):
            if own[j] != 0:
                way = 0 if own[j] > 0 else 1
                at = found[way]
                rows[way, at], columns[way, at] = row - block[FIRST_ROW], j
                counts[way, at] = np.int32(abs(own[j]))
                found[way] += 1
        rows_hit += found[0] + found[1] > before
    if found[0] + found[1] > 0:
        mine = energies[2 * block[ARRAYS] :]
        pulse_chosen(places, block[TILE], found[0], found[1], rows_hit == 1, mine, pulses, visited)
        visited[DUE] = found[0] + found[1]


@inlined
def _pulse_at_once(
    places: Places, transfers: int, block: Tally, rate: float, row: int, energies: Sums, pulses: Tally,
    visited: Tally,
) -> None:  # fmt: skip
    """Give the weights of a row what was read of it, as an outer product with the row's place."""
    if row < block[FIRST_ROW] or row >= block[END_ROW]:
        return
    values, d = floats_at(places, transfers + _VALUES)[0], floats_at(places, transfers + _DUE_NOW)[0]
    own_d = d[: block[END_COLUMN] - block[FIRST_COLUMN]]
    for j in range(own_d.size):
        # The change is plus what was read, and an update subtracts.
        own_d[j] = -values[block[FIRST_COLUMN] + j]
    # All zeros but for one: written and taken back, which is less than to clear a column of inputs.
    x = floats_at(places, transfers + _ONE_ROW)[0, : block[END_ROW] - block[FIRST_ROW]]
    x[row - block[FIRST_ROW]] = 1
    say_inputs(places, block[TILE], x)
    update_sample(
        places, block[TILE], x, own_d, rate, energies[2 * block[ARRAYS] :], pulses, visited
    )  # fmt: skip
    x[row - block[FIRST_ROW]] = 0
    visited[DUE] = 1


@inlined
def _turn_signs(places: Places, transfers: int, move: Tally, first: int, reads: int, before: int) -> None:
    """Turn the signs of rows that were read, where it is time; of other layers, others were before."""
    if move[_SIGNS] < 0:
        return
    signs, done = floats_at(places, move[_SIGNS])[0], places_at(places, transfers + _TURN)[_DONE]
    turned = flags_at(places, transfers + _TURNED)[done]
    for read in range(reads):
        row = (first + read) % move[_ROWS]
        if turned[before + read]:
            signs[row] *= np.float32(-1)


@kernel
def signed(places: Places, transfers: int, layer: int, first: int, x: Floats) -> Floats:
    """Inputs of rows (rows,) from the first on, with the signs that these have among those of their layer.

    Parameters
    ----------
    places, transfers
        A table, and where it lists the transfers.
    layer
        Place of the layer among those that learn.
    first
        Row of the first input.
    x
        Inputs (rows,).
    """
    signs = tally_at(places, transfers + _MOVES)[layer, _SIGNS]
    if signs < 0:
        return x
    own, out = floats_at(places, signs)[0], floats_at(places, transfers + _SIGNED)[0, : x.size]
    for i in range(x.size):
        out[i] = x[i] * own[first + i]
    return out


@kernel
def transfer_rows(
    places: Places, transfers: int, blocks: Tally, energies: Sums, pulses: Tally, visited: Tally, at: Tally
) -> bool:
    """Count a sample, and move rows of each layer if it is time; whether tiles conducted finite numbers.

    Parameters
    ----------
    places, transfers
        A table, and where it lists the transfers.
    blocks
        All blocks (blocks, numbers).
    energies, visited
        Overwritten where a transfer comes to something: books of the sample (blocks, amounts).
    pulses
        Added to: those on the arrays of each block (blocks, 2).
    at
        Where the loop is, overwritten where it fails.
    """
    turn, moves = places_at(places, transfers + _TURN), tally_at(places, transfers + _MOVES)
    all_numbers, rates = floats_at(places, transfers + _NUMBERS), sums_at(places, transfers + _RATES)[0]
    number = turn[_SEEN] // turn[_EVERY]
    turn[_SEEN] += 1
    due = turn[_SEEN] // turn[_EVERY] > number
    counted = 0
    for place in range(moves.shape[0]):
        move, numbers = moves[place], all_numbers[place]
        _clear(blocks, move, energies, visited)
        if not due:
            continue
        reads = min(turn[_READS], move[_ROWS])
        first = (number * reads) % move[_ROWS]
        if not _read_rows(places, transfers, blocks, move, first, reads, energies, visited, at):
            return False
        for weight in range(move[_WEIGHT], move[_WEIGHT_END]):
            mine, told = energies[weight], visited[weight]
            if move[_SUMS] < 0:
                _pulse_at_once(
                    places, transfers, blocks[weight], rates[place], first, mine, pulses[weight], told
                )  # fmt: skip
            else:
                _pulse_block(
                    places, transfers, blocks[weight], move, numbers, first, reads, mine, pulses[weight], told
                )  # fmt: skip
        # Only now, when all blocks have been pulsed with the signs that rows were gathered with.
        _turn_signs(places, transfers, move, first, reads, counted)
        counted += reads
    turn[_DONE] += due
    return True
