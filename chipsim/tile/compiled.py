"""One resistive tile as a compiled loop over samples takes it: read and pulsed without Python in between."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.encoded import COLUMN_PULSES, DOWN_SLOTS, FOUND, ROW_PULSES, SLOTS, VISITS, encode_sample
from chipsim.device.energy import total
from chipsim.device.table import Places, places_at, sums_at, tally_at
from chipsim.device.types import Floats, Sums, Tally, inlined, kernel
from chipsim.synapse.compiled import (
    pulse_pair,
    read_pairs_by_columns,
    read_pairs_by_rows,
    reference_driven_by,
)
from chipsim.tile.side import CONDUCTANCE, drive_side, driven_by, sense_side

__all__ = ["AMOUNTS_OF_UPDATE", "LINES_OF_UPDATE", "back_sample", "read_sample", "update_sample"]

AMOUNTS_OF_UPDATE: Final = 3
"""Energies of an update: of the plus array, of the minus array, and of the write drivers. Where one array
takes both signs, the first two are of its phases."""
LINES_OF_UPDATE: Final = 2
"""What stands behind them: rows and columns that the write drivers charged, each slot counted."""

(_PARTS, _NUMBERS, _TAKEN) = range(3)
"""Arrays of a tile, counted from where they begin in a table: places of its parts, numbers, and room."""
(_FORWARD, _BACKWARD, _PAIRS, _PAIR, _ENCODER) = range(5)
"""Its parts: two directions, all pairs, the pair that is pulsed, and what makes pulses."""
(_READ_FACTOR, _STEP, _PULSE_FACTOR, _DOWN_FACTOR, _ROW, _COLUMN) = range(6)
"""Its numbers: attojoules that a siemens takes of a read; the weight that a step is; attojoules that a
siemens takes of a pulse slot of either sign; and those of charging a row, and a column, once."""


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
    side = parts[_FORWARD]
    factor, driven, lines, out = drive_side(places, side, x)
    read_pairs_by_rows(places, parts[_PAIRS], driven, lines, out)
    finite = sense_side(places, side, factor, sample)
    _take_read(places, side, numbers[_READ_FACTOR], energies)
    return finite, out


@kernel
def back_sample(places: Places, tile: int, d: Floats, sample: int, energies: Sums) -> tuple[bool, Floats]:
    """Drive the columns with one sample's errors (columns,) and read the rows; see :func:`read_sample`."""
    parts, numbers = places_at(places, tile + _PARTS), sums_at(places, tile + _NUMBERS)[0]
    side = parts[_BACKWARD]
    factor, driven, _, out = drive_side(places, side, d)
    read_pairs_by_columns(places, parts[_PAIRS], driven, out)
    # References are no columns: they take what they do beside them.
    conductance = sums_at(places, side + CONDUCTANCE)[0]
    beside = reference_driven_by(places, parts[_PAIRS], driven)
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
    pulse_pair(places, parts[_PAIR], encoder, taken)
    # Either array of a pair has rows of its own, which are driven in the same slots; and so has either phase.
    row_pulses = tally_at(places, encoder + ROW_PULSES)
    rows = total(row_pulses[0]) + total(row_pulses[row_pulses.shape[0] - 1])
    column_pulses = tally_at(places, encoder + COLUMN_PULSES)
    columns = total(column_pulses[0]) + total(column_pulses[1])
    for sign in range(2):
        energies[sign] = np.rint(numbers[_PULSE_FACTOR + sign] * taken[sign, 0])
        pulses[sign] += np.int64(taken[sign, 1])
    energies[2] = rows * numbers[_ROW] + columns * numbers[_COLUMN]
    energies[3], energies[4] = rows, columns
    found = places_at(places, encoder + FOUND)
    visited[0], visited[1], visited[2] = found[SLOTS], found[VISITS], found[DOWN_SLOTS]
