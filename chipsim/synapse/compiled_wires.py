"""Cells behind wires in a compiled loop over samples: how much is left of each, and reads that go by it."""

from __future__ import annotations

from chipsim.device.energy import summed
from chipsim.device.reading import read_by_columns, read_by_rows
from chipsim.device.table import Places, floats_at, places_at, sums_at
from chipsim.device.types import Floats, Indices, Sums, inlined, kernel
from chipsim.device.wires import couple_sample
from chipsim.device.wires_reading import (
    read_against_by_columns,
    read_against_by_rows,
    read_weak_by_columns,
    read_weak_by_rows,
    weak,
)
from chipsim.device.wires_renewing import renew, take

__all__ = [
    "AGAINST",
    "BOTH",
    "DIFFERENCE",
    "SKIPPED",
    "couple_columns",
    "couple_rows",
    "read_wired_by_columns",
    "read_wired_by_rows",
    "references_driven_by",
    "renew_listed",
]

SKIPPED, BOTH, DIFFERENCE, AGAINST = range(4)
"""How a part of a weight is read: not at all, for its arrays conduct alike; by a plus and a minus array;
where no pulse changes them meanwhile, by their difference; or one array, against a line of references."""
(
    _READS, _NUMBERS, _REACH, _TOLERANCE, _ROW_SUMS, _COLUMN_SUMS, _ROWS_THEN, _COLUMNS_THEN, _ROW_SHARES,
    _COLUMN_SHARES, _ROWS_TAKEN, _COLUMNS_TAKEN, _BESIDE, _COUPLING, _LESS, _FIRST,
) = range(16)  # fmt: skip
"""Arrays of a tile's wires, counted from where they begin in a table; five for each part of a weight follow
for its plus and five for its minus array, if it has one: conductance, factors, the difference of both, and
shares of rows and of columns."""
_EACH = 5
_CONDUCTANCE, _FACTORS, _DIFFERENCE, _OF_ROWS, _OF_COLUMNS = range(5)


@kernel
def renew_listed(places: Places, wires: int) -> None:
    """Bring what wires leave of all arrays of a tile up to date, and what their lines conduct."""
    reads, tolerance = places_at(places, wires + _READS), sums_at(places, wires + _TOLERANCE)[0, 0]
    numbers, reach, beside = (
        sums_at(places, wires + _NUMBERS),
        sums_at(places, wires + _REACH),
        sums_at(places, wires + _BESIDE),
    )
    row_sums, column_sums = sums_at(places, wires + _ROW_SUMS), sums_at(places, wires + _COLUMN_SUMS)
    rows_then, columns_then = sums_at(places, wires + _ROWS_THEN), sums_at(places, wires + _COLUMNS_THEN)
    row_shares, column_shares = sums_at(places, wires + _ROW_SHARES), sums_at(places, wires + _COLUMN_SHARES)
    rows_taken, columns_taken = sums_at(places, wires + _ROWS_TAKEN), sums_at(places, wires + _COLUMNS_TAKEN)
    coupling, less = sums_at(places, wires + _COUPLING), sums_at(places, wires + _LESS)
    # Of a part that is read against references there is one array, of others there are two.
    each = row_sums.shape[0] // reads.size
    for part in range(reads.size):
        changed = False
        for array in range(each * part, each * (part + 1)):
            at = wires + _FIRST + _EACH * array
            changed |= renew(
                floats_at(places, at + _CONDUCTANCE),
                numbers[array],
                (row_sums[array], column_sums[array]),
                (rows_then[array], columns_then[array]),
                (row_shares[array], column_shares[array]),
                reach[array],
                tolerance,
                (
                    floats_at(places, at + _FACTORS),
                    floats_at(places, at + _OF_ROWS),
                    floats_at(places, at + _OF_COLUMNS),
                ),
                beside[array],
                less[2 * array : 2 * array + 2],
                (coupling[0, array : array + 1], coupling[1, array : array + 1]),
            )
            take(row_sums[array], row_shares[array], rows_taken[array])
            take(column_sums[array], column_shares[array], columns_taken[array])
        if changed and reads[part] == DIFFERENCE:
            _subtract(places, wires + _FIRST + _EACH * each * part)


@kernel
def _subtract(places: Places, plus: int) -> None:
    minus = plus + _EACH
    weak(
        floats_at(places, plus + _CONDUCTANCE),
        floats_at(places, plus + _FACTORS),
        floats_at(places, minus + _CONDUCTANCE),
        floats_at(places, minus + _FACTORS),
        floats_at(places, plus + _DIFFERENCE),
    )


@kernel
def read_wired_by_rows(places: Places, wires: int, x: Floats, lines: Indices, out: Floats) -> None:
    """Add the currents of rows driven by one sample x (rows,) to `out` (columns,), part after part.

    `lines` are the rows that are not at zero (driven,).
    """
    reads = places_at(places, wires + _READS)
    at = wires + _FIRST
    for part in range(reads.size):
        minus = at + _EACH
        if reads[part] == BOTH:
            read_weak_by_rows(
                x,
                lines,
                floats_at(places, at + _CONDUCTANCE),
                floats_at(places, at + _FACTORS),
                floats_at(places, minus + _CONDUCTANCE),
                floats_at(places, minus + _FACTORS),
                out,
            )
        elif reads[part] == DIFFERENCE:
            read_by_rows(x, lines, floats_at(places, at + _DIFFERENCE), out)
        elif reads[part] == AGAINST:
            conductance, factors = floats_at(places, at + _CONDUCTANCE), floats_at(places, at + _FACTORS)
            read_against_by_rows(x, lines, conductance, factors, sums_at(places, wires + _BESIDE)[0], out)
        at = minus + _EACH


@kernel
def read_wired_by_columns(places: Places, wires: int, d: Floats, out: Floats) -> None:
    """Add the currents of columns driven by one sample d (columns,) to `out` (rows,), part after part."""
    reads = places_at(places, wires + _READS)
    at = wires + _FIRST
    for part in range(reads.size):
        minus = at + _EACH
        if reads[part] == BOTH:
            read_weak_by_columns(
                d,
                floats_at(places, at + _CONDUCTANCE),
                floats_at(places, at + _FACTORS),
                floats_at(places, minus + _CONDUCTANCE),
                floats_at(places, minus + _FACTORS),
                out,
            )
        elif reads[part] == DIFFERENCE:
            read_by_columns(d, floats_at(places, at + _DIFFERENCE), out)
        elif reads[part] == AGAINST:
            conductance, factors = floats_at(places, at + _CONDUCTANCE), floats_at(places, at + _FACTORS)
            read_against_by_columns(d, conductance, factors, sums_at(places, wires + _BESIDE)[0], out)
        at = minus + _EACH


@kernel
def couple_rows(places: Places, wires: int, x: Floats, lines: Indices, conductance: Sums) -> None:
    """Take from what driven rows conduct, each alone, what they take from one another (arrays,), S."""
    taken, coupling = sums_at(places, wires + _ROWS_TAKEN), sums_at(places, wires + _COUPLING)
    couple_sample(x, lines, taken, coupling[0], conductance)


@kernel
def couple_columns(places: Places, wires: int, d: Floats, lines: Indices, conductance: Sums) -> None:
    """The same of driven columns."""
    taken, coupling = sums_at(places, wires + _COLUMNS_TAKEN), sums_at(places, wires + _COUPLING)
    couple_sample(d, lines, taken, coupling[1], conductance)


@inlined
def references_driven_by(places: Places, wires: int, d: Floats) -> float:
    """Squared input times what is left of the line of references, S, when columns are driven with d."""
    if places_at(places, wires + _READS)[0] != AGAINST:
        return 0.0
    beside = sums_at(places, wires + _BESIDE)[0]
    driven = summed(d)
    taken: float = driven * driven * beside[beside.size - 1]
    return taken
