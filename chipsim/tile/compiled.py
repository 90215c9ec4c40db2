"""One resistive tile as a compiled loop over samples takes it: read and pulsed without Python in between."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.encoded import (
    COLUMN_PULSES,
    COLUMNS,
    COUNTS,
    DOWN_SLOTS,
    FOUND,
    ROW_PULSES,
    ROWS,
    SLOTS,
    VISITS,
    encode_chosen,
    encode_row,
    encode_sample,
)
from chipsim.device.energy import total
from chipsim.device.fluctuating import QUIET, begin_squares, fluctuate_listed, square_columns, square_rows
from chipsim.device.table import Places, counts_at, places_at, sums_at, tally_at
from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, inlined, kernel
from chipsim.synapse.compiled import (
    count_pairs,
    pulse_pair,
    pulse_row,
    read_pairs_by_columns,
    read_pairs_by_rows,
    reference_driven_by,
)
from chipsim.synapse.compiled_wires import (
    couple_columns,
    couple_rows,
    read_wired_by_columns,
    read_wired_by_rows,
    references_driven_by,
    renew_listed,
)
from chipsim.tile.side import (
    CONDUCTANCE,
    OFF,
    drive_line,
    drive_side,
    driven_by,
    say_side,
    sense_side,
)

__all__ = [
    "AMOUNTS_OF_UPDATE",
    "LINES_OF_UPDATE",
    "back_sample",
    "charge_rows",
    "chosen_room",
    "pulse_chosen",
    "read_row",
    "read_sample",
    "say_inputs",
    "update_sample",
]

AMOUNTS_OF_UPDATE: Final = 3
"""Energies of an update: of the plus array, of the minus array, and of the write drivers. Where one array
takes both signs, the first two are of its phases."""
LINES_OF_UPDATE: Final = 2
"""What stands behind them: rows and columns that the write drivers charged, each slot counted."""

(_PARTS, _NUMBERS, _TAKEN) = range(3)
"""Arrays of a tile, counted from where they begin in a table: places of its parts, numbers, and room."""
(_FORWARD, _BACKWARD, _PAIRS, _PAIR, _ENCODER, _WIRES) = range(6)
"""Its parts: two directions, all pairs, the pair that is pulsed, what makes pulses, and wires that have a
resistance, less than zero for none."""
_TOGETHER: Final = 8
"""Rows that are read and squared together: twice as many as are added to a sum at a time. All, where a tile
has several pairs, of which each adds its rows in turn."""
(_READ_FACTOR, _STEP, _PULSE_FACTOR, _DOWN_FACTOR, _ROW, _COLUMN, _HALF) = range(7)
"""Its numbers: attojoules that a siemens takes of a read; the weight that a step is; attojoules that a
siemens takes of a pulse slot of either sign; those of charging a row, and a column, once; and the power
that half-selected cells take, over that of selected ones."""


@inlined
def _take_read(places: Places, side: int, factor: float, energies: Sums) -> None:
    """Whole attojoules of each array (arrays,)."""
    conductance = sums_at(places, side + CONDUCTANCE)[0]
    for array in range(conductance.size):
        energies[array] = np.rint(factor * conductance[array])


@kernel
def read_sample(places: Places, tile: int, x: Floats, sample: int, energies: Sums) -> tuple[bool, Floats]:
    """Drive the rows with one sample and read the columns.

    Parameters
    ----------
    places, tile
        A table, and where it lists the tile.
    x
        Inputs (rows,).
    sample
        Its place among those that noise was drawn for.
    energies
        Overwritten from the start: whole attojoules of each array.

    Returns
    -------
    Whether all arrays conducted a finite number, and the results (columns,).
    """
    parts, numbers = places_at(places, tile + _PARTS), sums_at(places, tile + _NUMBERS)[0]
    side, wires = parts[_FORWARD], parts[_WIRES]
    if wires >= 0:
        renew_listed(places, wires)
    factor, driven, lines, out = drive_side(places, side, x)
    noise = places_at(places, side + OFF)[0]
    begin_squares(places, noise)
    if wires >= 0:
        couple_rows(places, wires, driven, lines, sums_at(places, side + CONDUCTANCE)[0])
        read_wired_by_rows(places, wires, driven, lines, out)
        square_rows(places, noise, driven, lines)
    else:
        # Read and squared a few rows at a time, while what they conduct is close at hand.
        together = _TOGETHER if noise != QUIET and count_pairs(places, parts[_PAIRS]) == 1 else lines.size
        for first in range(0, lines.size, max(together, 1)):
            some = lines[first : first + together]
            read_pairs_by_rows(places, parts[_PAIRS], driven, some, out)
            square_rows(places, noise, driven, some)
    fluctuate_listed(places, noise, driven, sample, out)
    finite = sense_side(places, side, factor, sample)
    _take_read(places, side, numbers[_READ_FACTOR], energies)
    return finite, out


@kernel
def back_sample(places: Places, tile: int, d: Floats, sample: int, energies: Sums) -> tuple[bool, Floats]:
    """Drive the columns with one sample's errors (columns,) and read the rows; see :func:`read_sample`.

    The rows were read last, and no cell has changed since.
    """
    parts, numbers = places_at(places, tile + _PARTS), sums_at(places, tile + _NUMBERS)[0]
    side, wires = parts[_BACKWARD], parts[_WIRES]
    factor, driven, lines, out = drive_side(places, side, d)
    # References are no columns: they take what they do beside them.
    conductance = sums_at(places, side + CONDUCTANCE)[0]
    if wires >= 0:
        couple_columns(places, wires, driven, lines, conductance)
        read_wired_by_columns(places, wires, driven, out)
        beside = references_driven_by(places, wires, driven)
    else:
        read_pairs_by_columns(places, parts[_PAIRS], driven, out)
        beside = reference_driven_by(places, parts[_PAIRS], driven)
    noise = places_at(places, side + OFF)[0]
    begin_squares(places, noise)
    square_columns(places, noise, driven)
    fluctuate_listed(places, noise, driven, sample, out)
    if beside:
        for array in range(conductance.size):
            conductance[array] += beside
    finite = sense_side(places, side, factor, sample)
    _take_read(places, side, numbers[_READ_FACTOR], energies)
    return finite, out


@kernel
def update_sample(
    places: Places,
    tile: int,
    x: Floats,
    d: Floats,
    rate: float,
    energies: Sums,
    pulses: Tally,
    visited: Tally,
) -> None:
    """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,).

    The rows were driven by x last.

    Parameters
    ----------
    places, tile
        A table, and where it lists the tile.
    x, d, rate
        As :meth:`chipsim.tile.pulsing.Pulsing.update` takes them.
    energies
        Overwritten: whole attojoules (amounts of an update,), then rows and columns (lines of an update,).
    pulses
        Added to: pulses on the plus and the minus array (2,).
    visited
        Overwritten: pulse slots, visits, and slots of a second phase (3,).
    """
    parts, numbers = places_at(places, tile + _PARTS), sums_at(places, tile + _NUMBERS)[0]
    encoder, taken = parts[_ENCODER], sums_at(places, tile + _TAKEN)
    driven = driven_by(places, parts[_FORWARD])
    encode_sample(places, encoder, x, driven, d, rate / numbers[_STEP])
    pulse_pair(places, parts[_PAIR], encoder, numbers[_HALF], taken)
    rows, columns = _lines_driven(places, encoder)
    _take_pulses(places, encoder, numbers, rows, columns, taken, energies, pulses, visited)


@inlined
def _lines_driven(places: Places, encoder: int) -> tuple[int, int]:
    """Slots of rows and of columns, summed over them."""
    # Either array of a pair has rows of its own, which are driven in the same slots; and so has either phase.
    row_pulses = tally_at(places, encoder + ROW_PULSES)
    rows = total(row_pulses[0]) + total(row_pulses[row_pulses.shape[0] - 1])
    column_pulses = tally_at(places, encoder + COLUMN_PULSES)
    return rows, total(column_pulses[0]) + total(column_pulses[1])


@inlined
def _take_pulses(
    places: Places,
    encoder: int,
    numbers: Sums,
    rows: int,
    columns: int,
    taken: Sums,
    energies: Sums,
    pulses: Tally,
    visited: Tally,
) -> None:
    """What pulses took, as :func:`update_sample` has it."""
    for sign in range(2):
        energies[sign] = np.rint(numbers[_PULSE_FACTOR + sign] * taken[sign, 0])
        pulses[sign] += np.int64(taken[sign, 1])
    energies[2] = rows * numbers[_ROW] + columns * numbers[_COLUMN]
    energies[3], energies[4] = rows, columns
    found = places_at(places, encoder + FOUND)
    visited[0], visited[1], visited[2] = found[SLOTS], found[VISITS], found[DOWN_SLOTS]


# --- between samples -------------------------------------------------------------------------------


@kernel
def say_inputs(places: Places, tile: int, x: Floats) -> None:
    """Note one sample's inputs (rows,) as drivers see them, of a tile that is updated and not read by it."""
    say_side(places, places_at(places, tile + _PARTS)[_FORWARD], x)


@kernel
def read_row(places: Places, tile: int, row: int, siemens: Sums) -> Floats:
    """Drive one row alone at full scale, and read what its weights are (columns,).

    Parameters
    ----------
    places, tile
        A table, and where it lists the tile.
    row
        Which.
    siemens
        Added to: what each array conducts (arrays,).
    """
    parts = places_at(places, tile + _PARTS)
    side, wires = parts[_FORWARD], parts[_WIRES]
    if wires >= 0:
        renew_listed(places, wires)
    driven, lines, out = drive_line(places, side, row)
    if wires >= 0:
        couple_rows(places, wires, driven, lines, sums_at(places, side + CONDUCTANCE)[0])
        read_wired_by_rows(places, wires, driven, lines, out)
    else:
        read_pairs_by_rows(places, parts[_PAIRS], driven, lines, out)
    sense_side(places, side, np.float32(1), 0)
    conductance = sums_at(places, side + CONDUCTANCE)[0]
    for array in range(conductance.size):
        siemens[array] += conductance[array]
    return out


@kernel
def charge_rows(places: Places, tile: int, siemens: Sums, energies: Sums) -> bool:
    """Whole attojoules of each array (arrays,) for rows that were read alone; whether all were finite."""
    factor = sums_at(places, tile + _NUMBERS)[0, _READ_FACTOR]
    finite = True
    for array in range(siemens.size):
        energies[array] = np.rint(factor * siemens[array])
        finite &= np.isfinite(siemens[array])
    return finite


@inlined
def chosen_room(places: Places, tile: int) -> tuple[Indices, Indices, Counts]:
    """Where chosen cells are listed before they are pulsed: rows, columns, pulses (2, cells)."""
    encoder = places_at(places, tile + _PARTS)[_ENCODER]
    rows, columns = counts_at(places, encoder + ROWS), counts_at(places, encoder + COLUMNS)
    counts: Counts = counts_at(places, encoder + COUNTS)
    return rows, columns, counts


@kernel
def pulse_chosen(
    places: Places,
    tile: int,
    plus: int,
    minus: int,
    on_one_row: bool,  # noqa: FBT001
    energies: Sums,
    pulses: Tally,
    visited: Tally,
) -> None:
    """Give chosen cells their pulses, so many to raise them and so many to lower them.

    Amounts are those of :func:`update_sample`.
    """
    parts, numbers = places_at(places, tile + _PARTS), sums_at(places, tile + _NUMBERS)[0]
    encoder, taken = parts[_ENCODER], sums_at(places, tile + _TAKEN)
    if on_one_row:
        rows, columns = encode_row(places, encoder, plus, minus)
        pulse_row(places, parts[_PAIR], encoder, numbers[_HALF], taken)
    else:
        encode_chosen(places, encoder, plus, minus)
        pulse_pair(places, parts[_PAIR], encoder, numbers[_HALF], taken)
        rows, columns = _lines_driven(places, encoder)
    _take_pulses(places, encoder, numbers, rows, columns, taken, energies, pulses, visited)
