"""What the resistance of wires leaves of a read: how much of the voltage over its lines each cell sees.

A line that crosses lines of no resistance is a ladder, which is solved exactly from its far end to its near
one: p is the share of a row's voltage that is left at a cell, q that of a column driven from its own end. By
reciprocity q is also the share of a cell's current that comes out of its column. Both at once leave

    1 / (1/p + 1/q - 1)

of what the cell would conduct: exact where either sort of line has no resistance, and to first order in both.

A driver that feeds one line alone sees the ladder of that line. The more lines are driven with it, the
higher stand those that they cross, and the less flows into each: what its cells see falls from p, or q, to
the factor above when all are driven alike. The power is taken to be that of each line alone, less the
difference times the square of the mean that lines are driven by.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.energy import list_driven
from chipsim.device.types import Floats, Indices, Sums, inlined, kernel

__all__ = ["NUMBERS", "attenuate", "couple", "couple_sample", "is_stale", "take"]

NUMBERS: Final = (
    "row", "column", "end", "before", "across", "along", "low", "reference",
)  # fmt: skip
"""What an array of cells is described by, beside its conductances: resistances of a row and of a column from
cell to cell and that at the end of either, Ohm; cells out of use on each row before and behind those in use,
and on each column; what each of these conducts, and what the last cell of each row does, S."""
(_ROW, _COLUMN, _END, _BEFORE, _ACROSS, _ALONG, _LOW, _REFERENCE) = range(8)

_BLOCK: Final = 16
"""Rows that are worked out side by side."""


@inlined
def _left(p: np.float32, q: np.float32) -> np.float32:
    """What is left of a cell's conductance between two lines."""
    both = p * q
    rest = p + q - both
    # Of a line that is cut, in effect, nothing is left; compared, for of what is no number neither is known.
    return np.float32(0) if rest == 0 else both / rest


@inlined
def _share(siemens: np.float32, ohm: np.float32) -> np.float32:
    """Voltage behind a wire that feeds a conductance, over that before it."""
    return np.float32(1) / (np.float32(1) + ohm * siemens)


@kernel
def _beyond(last: float, count: float, each: float, ohm: float) -> tuple[np.float32, np.float32, np.float32]:
    """Cells beyond those in use on a line, from the far end on.

    Parameters
    ----------
    last
        Conductance of the last cell, which is not one of those counted, S.
    count, each
        How many others there are, and what each conducts, S.
    ohm
        Wire between neighbours.

    Returns
    -------
    What they conduct together, S; shares of the voltage that those counted see, added up, and that of the
    last: both of what is before the wire that leads to the first.
    """
    siemens, summed, share = np.float32(last), np.float32(0), np.float32(1)
    left, wire = np.float32(each), np.float32(ohm)
    share *= _share(siemens, wire)
    for _ in range(int(count)):
        siemens = left + siemens * _share(siemens, wire)
        passed = _share(siemens, wire)
        summed = passed * (np.float32(1) + summed)
        share *= passed
    return siemens, summed, share


@kernel
def _of_columns(conductance: Floats, numbers: Sums, shares: Floats, lost: Sums) -> None:
    """Overwrite `shares` by those of columns driven at their ends, and `lost` by what these do not feed."""
    rows, lines = conductance.shape
    ohm = np.float32(numbers[_COLUMN])
    far, along, _ = _beyond(0.0, numbers[_ALONG], numbers[_LOW], numbers[_COLUMN])
    siemens, passed = np.full(lines, far, np.float32), np.full(lines, _share(far, ohm), np.float32)
    for i in range(rows):
        wire = np.float32(numbers[_COLUMN] + numbers[_END]) if i == rows - 1 else ohm
        cells, out = conductance[i], shares[i]
        for j in range(lines):
            fed = cells[j] + siemens[j] * passed[j]
            siemens[j] = fed
            passed[j] = np.float32(1) / (np.float32(1) + wire * fed)
            out[j] = passed[j]
    lost[:] = 0
    left = np.ones(lines, np.float32)
    for i in range(rows - 1, -1, -1):
        cells, out = conductance[i], shares[i]
        for j in range(lines):
            left[j] *= out[j]
            out[j] = left[j]
            lost[j] += np.float64(cells[j] * (np.float32(1) - left[j]))
    for j in range(lines):
        lost[j] += numbers[_LOW] * (numbers[_ALONG] - np.float64(shares[0, j] * along))


@kernel
def _of_references(rows: int, numbers: Sums, shares: Floats) -> float:
    """Overwrite `shares` (rows,) by those of the line of references; what those out of use see, added up."""
    each, ohm = np.float32(numbers[_REFERENCE]), np.float32(numbers[_COLUMN])
    siemens, summed, _ = _beyond(0.0, numbers[_ALONG], numbers[_REFERENCE], numbers[_COLUMN])
    passed = _share(siemens, ohm)
    for i in range(rows):
        wire = np.float32(numbers[_COLUMN] + numbers[_END]) if i == rows - 1 else ohm
        siemens = each + siemens * passed
        passed = _share(siemens, wire)
        shares[i] = passed
    for i in range(rows - 2, -1, -1):
        shares[i] *= shares[i + 1]
    return np.float64(shares[0]) * np.float64(summed)


@kernel
def _take_block(values: Floats, start: int, out: Floats) -> None:
    """Copy a block of rows (rows, lines) from one on, turned round (lines, rows); zeros for none."""
    width = min(_BLOCK, values.shape[0] - start)
    for b in range(_BLOCK):
        for j in range(values.shape[1]):
            out[j, b] = values[start + b, j] if b < width else np.float32(0)


@kernel
def _put_block(values: Floats, start: int, out: Floats) -> None:
    """Copy them back."""
    for b in range(min(_BLOCK, out.shape[0] - start)):
        row = out[start + b]
        for j in range(row.size):
            row[j] = values[j, b]


@kernel
def _fall(cells: Floats, numbers: Sums, siemens: Floats, passed: Floats, shares: Floats) -> None:
    """Share of the voltage before each wire that is left behind it, of rows side by side, the far end first.

    Parameters
    ----------
    cells
        Conductance (lines, rows), S.
    numbers
        As :func:`attenuate` takes them.
    siemens, passed
        What is behind the last cell in use, S, and its share; overwritten by those at the first (rows,).
    shares
        Overwritten (lines, rows).
    """
    ohm = np.float32(numbers[_ROW])
    for j in range(cells.shape[0] - 1, -1, -1):
        # Nothing lies between the first cell and the end of its line, unless there are cells out of use.
        if j == 0 and numbers[_BEFORE] == 0:
            ohm = np.float32(numbers[_ROW] + numbers[_END])
        here, out = cells[j], shares[j]
        for b in range(_BLOCK):
            fed = here[b] + siemens[b] * passed[b]
            siemens[b] = fed
            passed[b] = np.float32(1) / (np.float32(1) + ohm * fed)
            out[b] = passed[b]


@kernel
def _fall_before(numbers: Sums, siemens: Floats, passed: Floats, share: Floats, summed: Floats) -> None:
    """Go on through cells out of use before those in use: the share at the last, and all added up."""
    before, low = int(numbers[_BEFORE]), np.float32(numbers[_LOW])
    share[:], summed[:] = 1, 0
    for k in range(before):
        wire = np.float32(numbers[_ROW] + (numbers[_END] if k == before - 1 else 0.0))
        for b in range(_BLOCK):
            siemens[b] = low + siemens[b] * passed[b]
            passed[b] = np.float32(1) / (np.float32(1) + wire * siemens[b])
            summed[b] = passed[b] * (np.float32(1) + summed[b])
            share[b] *= passed[b]


@kernel
def _join(cells: Floats, shares: Floats, share: Floats, factors: Floats, sums: Sums) -> None:
    """Join shares of rows with those of columns, in `factors`, and add up what that leaves of cells.

    Parameters
    ----------
    cells, shares
        As :func:`_fall` has them.
    share
        Where rows begin (rows,); overwritten by those where they end.
    factors
        Shares of columns, overwritten (lines, rows).
    sums
        Overwritten: what each row does not feed, and what it feeds less when all rows are driven with it, and
        each column when all columns are, S (3, rows).
    """
    one = np.float32(1)
    sums[:] = 0
    lost, by_rows, by_columns = sums[0], sums[1], sums[2]
    for j in range(shares.shape[0]):
        here, fallen, out = cells[j], shares[j], factors[j]
        for b in range(_BLOCK):
            siemens, of_column = here[b], out[b]
            of_row = share[b] * fallen[b]
            share[b] = of_row
            factor = _left(of_row, of_column)
            out[b] = factor
            lost[b] += np.float64(siemens * (one - of_row))
            by_rows[b] += np.float64(siemens * (of_row - factor))
            by_columns[b] += np.float64(siemens * (of_column - factor))


@kernel
def attenuate(
    conductance: Floats,
    numbers: Sums,
    factors: Floats,
    beside: Sums,
    row_lost: Sums,
    column_lost: Sums,
    together: Sums,
) -> None:
    """Work out how much of its conductance is left of each cell between its lines.

    Parameters
    ----------
    conductance
        Of cells in use (rows, lines), S. Rows begin beside the first line, and lines end below the last row.
    numbers
        As :data:`NUMBERS` names them.
    factors
        Overwritten: what is left, over what there is (rows, lines).
    beside
        Overwritten: what is left of the reference cell of each row, and of all of them, S (rows + 1,).
    row_lost, column_lost
        Overwritten: what each row, and each line, conducts less for its wires when it is driven alone, S.
    together
        Overwritten: what all rows, and all lines, conduct less when all are driven alike, S (2,).
    """
    rows, lines = conductance.shape
    _of_columns(conductance, numbers, factors, column_lost)
    reference = numbers[_REFERENCE]
    far, across, at_reference = _beyond(reference, numbers[_ACROSS], numbers[_LOW], numbers[_ROW])
    of_references = np.empty(rows, np.float32)
    beside[rows] = reference * _of_references(rows, numbers, of_references)
    siemens, passed, share, summed = (
        np.empty(_BLOCK, np.float32),
        np.empty(_BLOCK, np.float32),
        np.empty(_BLOCK, np.float32),
        np.empty(_BLOCK, np.float32),
    )
    cells, shares, of_columns = (
        np.empty((lines, _BLOCK), np.float32),
        np.empty((lines, _BLOCK), np.float32),
        np.empty((lines, _BLOCK), np.float32),
    )
    sums = np.empty((3, _BLOCK))
    together[:] = 0
    for start in range(0, rows, _BLOCK):
        _take_block(conductance, start, cells)
        _take_block(factors, start, of_columns)
        siemens[:] = far
        passed[:] = _share(far, np.float32(numbers[_ROW]))
        _fall(cells, numbers, siemens, passed, shares)
        _fall_before(numbers, siemens, passed, share, summed)
        _join(cells, shares, share, of_columns, sums)
        _put_block(of_columns, start, factors)
        width = min(_BLOCK, rows - start)
        for b in range(width):
            own = share[b] * at_reference
            left = reference * np.float64(_left(own, of_references[start + b]))
            beside[start + b] = left
            beside[rows] += left
            unused = numbers[_BEFORE] - summed[b] + numbers[_ACROSS] - share[b] * across
            row_lost[start + b] = sums[0, b] + numbers[_LOW] * unused + reference * (1 - np.float64(own))
            together[0] += sums[1, b] + (reference * np.float64(own) - left)
            together[1] += sums[2, b]


@kernel
def couple_sample(driven: Floats, lines: Indices, line_sums: Sums, coupling: Sums, conductance: Sums) -> None:
    """Take from what one sample drives what its lines, driven together, take from one another.

    Parameters
    ----------
    driven
        What lines are driven with (lines,).
    lines
        Those that are not at zero, in order (driven,).
    line_sums
        What each line of each array conducts by itself (arrays, lines), S.
    coupling
        What all lines conduct less together, over the square of what they do alone (arrays,), 1/S.
    conductance
        Squared driven value times conductance, summed for each array (arrays,), S; overwritten.
    """
    for a in range(conductance.size):
        mean = 0.0
        for h in range(lines.size):
            mean += np.float64(driven[lines[h]]) * line_sums[a, lines[h]]
        # Of what is no number nothing is made zero.
        rest = conductance[a] - mean * mean * coupling[a]
        conductance[a] = 0.0 if rest < 0 else rest


@kernel
def couple(driven: Floats, line_sums: Sums, coupling: Sums, conductance: Sums) -> None:
    """The same of each sample of a batch (batch, lines), of whose conductance all are summed."""
    places = np.empty(driven.shape[1], np.int32)
    for b in range(driven.shape[0]):
        lines = places[: list_driven(driven[b], places)]
        couple_sample(driven[b], lines, line_sums, coupling, conductance)


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
def take(sums: Sums, shares: Sums, out: Sums) -> None:
    """What lines conduct with their wires: sums (lines,) times shares, S."""
    for line in range(sums.size):
        out[line] = sums[line] * shares[line]
