"""What wires leave of pulsed cells: ladders solved anew for the lines that conduct otherwise by now."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.types import Floats, Indices, Sums, kernel
from chipsim.device.wires import (
    attenuate,
    attenuate_columns,
    attenuate_rows,
    left_between,
    share_references,
)

__all__ = ["is_stale", "renew", "take"]

_MANY: Final = 4
"""Where more than one in so many lines of a sort are stale, all are worked out: that takes less time."""


@kernel
def is_stale(now: Sums, then: Sums, ohm: float, tolerance: float) -> bool:
    """Whether what a line conducts has changed so much that its cells see another voltage.

    Parameters
    ----------
    now, then
        Summed conductance of each line, S; less than zero then where nothing was worked out yet.
    ohm
        Resistance of the wire that the sum is thought to be at the end of.
    tolerance
        Share of the voltage that may be off.
    """
    stale = 0
    # All are looked at: a loop that may end early is not vectorised, and nearly always none is stale.
    for line in range(now.size):
        stale += then[line] < 0
        stale += ohm * abs(now[line] - then[line]) > tolerance * (1 + ohm * then[line])
    return stale > 0


@kernel
def _list_stale(now: Sums, then: Sums, ohm: float, tolerance: float) -> Indices:
    """The lines of which :func:`is_stale` says so, in order."""
    found, count = np.empty(now.size, np.int32), 0
    for line in range(now.size):
        found[count] = line
        off = ohm * abs(now[line] - then[line])
        count += then[line] < 0 or off > tolerance * (1 + ohm * then[line])
    return found[:count]


@kernel
def take(sums: Sums, shares: Sums, out: Sums) -> None:
    """What lines conduct with their wires: sums (lines,) times shares, S."""
    for line in range(sums.size):
        out[line] = sums[line] * shares[line]


@kernel
def _renew_rows(
    conductance: Floats,
    numbers: Sums,
    chosen: Indices,
    left: tuple[Floats, Floats, Floats],
    beside: Sums,
    lost: Sums,
    less: Sums,
) -> None:
    """Work out chosen rows (chosen,) anew between columns as they are known, of arrays of all rows."""
    rows, lines = conductance.shape
    references = np.empty(rows, np.float32)
    share_references(rows, numbers, references)
    cells, factors, of_rows, of_columns = (
        np.empty((chosen.size, lines), np.float32),
        np.empty((chosen.size, lines), np.float32),
        np.empty((chosen.size, lines), np.float32),
        np.empty((chosen.size, lines), np.float32),
    )
    for h in range(chosen.size):
        cells[h] = conductance[chosen[h]]
        of_columns[h] = left[2][chosen[h]]
    own_beside, own_lost, own_less = np.empty(chosen.size), np.empty(chosen.size), np.empty((2, chosen.size))
    parts = factors, of_rows, of_columns
    attenuate_rows(cells, numbers, references[chosen], parts, own_beside, own_lost, own_less)
    for h in range(chosen.size):
        row = chosen[h]
        left[0][row], left[1][row] = factors[h], of_rows[h]
        beside[rows] += own_beside[h] - beside[row]
        beside[row], lost[row] = own_beside[h], own_lost[h]
        less[0, row], less[1, row] = own_less[0, h], own_less[1, h]


@kernel
def _renew_columns(
    conductance: Floats,
    numbers: Sums,
    chosen: Indices,
    left: tuple[Floats, Floats, Floats],
    lost: Sums,
    less: Sums,
) -> None:
    """Work out chosen columns (chosen,) anew between rows as they are known."""
    rows = conductance.shape[0]
    factors, of_rows, of_columns = left
    cells, shares = np.empty((rows, chosen.size), np.float32), np.empty((rows, chosen.size), np.float32)
    for i in range(rows):
        for h in range(chosen.size):
            cells[i, h] = conductance[i, chosen[h]]
    own_lost = np.empty(chosen.size)
    attenuate_columns(cells, numbers, shares, own_lost)
    for h in range(chosen.size):
        lost[chosen[h]] = own_lost[h]
    for i in range(rows):
        for h in range(chosen.size):
            j = chosen[h]
            siemens, of_row, of_column, before = cells[i, h], of_rows[i, j], shares[i, h], factors[i, j]
            factor = left_between(of_row, of_column)
            # Of a row whose other cells are as they were only the difference is known to it; the next time
            # that the row itself is worked out, it adds up all of them.
            less[0, i] += np.float64(siemens * (before - factor))
            less[1, i] += np.float64(siemens * ((of_column - factor) - (of_columns[i, j] - before)))
            factors[i, j], of_columns[i, j] = factor, of_column


@kernel
def renew(
    conductance: Floats,
    numbers: Sums,
    sums: tuple[Sums, Sums],
    then: tuple[Sums, Sums],
    shares: tuple[Sums, Sums],
    reach: Sums,
    tolerance: float,
    left: tuple[Floats, Floats, Floats],
    beside: Sums,
    less: Sums,
    coupling: tuple[Sums, Sums],
) -> bool:
    """Work out anew what wires leave of the lines of an array that conduct otherwise than then.

    Parameters
    ----------
    conductance, numbers, left, beside, less
        As :func:`chipsim.device.wires.attenuate` takes them; those of lines that are worked out are changed.
    sums
        Conductance of each row (rows,), and of each line (lines,), S.
    then
        The same when each was worked out last, overwritten; less than zero before.
    shares
        Overwritten: what is left of either.
    reach
        Resistance of a row and of a line up to the middle of what they conduct, Ohm (2,).
    tolerance
        Share of the voltage that may be off; with none, all lines are worked out where one is.
    coupling
        Overwritten: what rows, and lines, that are driven together take from one another (1,), 1/S.

    Returns
    -------
    Whether any was.
    """
    rows_are = is_stale(sums[0], then[0], reach[0], tolerance)
    if not rows_are and not is_stale(sums[1], then[1], reach[1], tolerance):
        return False
    rows = _list_stale(sums[0], then[0], reach[0], tolerance)
    columns = _list_stale(sums[1], then[1], reach[1], tolerance)
    lost = np.empty(sums[0].size), np.empty(sums[1].size)
    many = _MANY * rows.size > sums[0].size or _MANY * columns.size > sums[1].size
    if many or tolerance == 0:
        attenuate(conductance, numbers, left, beside, lost[0], lost[1], less)
        rows = np.arange(sums[0].size).astype(np.int32)
        columns = np.arange(sums[1].size).astype(np.int32)
    else:
        # In this order: columns that are stale as well then join rows as they are now.
        if rows.size:
            _renew_rows(conductance, numbers, rows, left, beside, lost[0], less)
        if columns.size:
            _renew_columns(conductance, numbers, columns, left, lost[1], less)
    for way in range(2):
        for line in rows if way == 0 else columns:
            # What is lost is subtracted, so that of wires without resistance exactly all is left.
            whole = sums[way][line]
            shares[way][line] = 1 - lost[way][line] / whole if whole > 0 else 1.0
            then[way][line] = whole
        taken, together = 0.0, 0.0
        for line in range(sums[way].size):
            taken += then[way][line] * shares[way][line]
        for row in range(sums[0].size):
            together += less[way, row]
        coupling[way][0] = together / (taken * taken) if taken > 0 else 0.0
    return True
