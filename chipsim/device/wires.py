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

__all__ = [
    "NUMBERS",
    "attenuate",
    "attenuate_columns",
    "attenuate_rows",
    "couple",
    "couple_sample",
    "left_between",
    "share_references",
]

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
def left_between(p: np.float32, q: np.float32) -> np.float32:
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
def attenuate_columns(conductance: Floats, numbers: Sums, shares: Floats, lost: Sums) -> None:
    """Work out what is left of columns that are driven at their ends.

    Parameters
    ----------
    conductance, numbers
        As :func:`attenuate` takes them, of these columns.
    shares
        Overwritten (rows, lines).
    lost
        Overwritten: what each column does not feed, S (lines,).
    """
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
def share_references(rows: int, numbers: Sums, shares: Floats) -> float:
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
    cells
        Conductance (lines, rows), S.
    shares
        As :func:`_fall` leaves them; overwritten by what is left of the voltage where rows begin.
    share
        Where the first cell begins (rows,); overwritten by those where rows end.
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
            share[b] = fallen[b] = of_row
            factor = left_between(of_row, of_column)
            out[b] = factor
            lost[b] += np.float64(siemens * (one - of_row))
            by_rows[b] += np.float64(siemens * (of_row - factor))
            by_columns[b] += np.float64(siemens * (of_column - factor))


@kernel
def attenuate_rows(
    conductance: Floats,
    numbers: Sums,
    references: Floats,
    left: tuple[Floats, Floats, Floats],
    beside: Sums,
    lost: Sums,
    less: Sums,
) -> None:
    """Work out what is left of the cells of rows whose columns are known.

    Parameters
    ----------
    conductance, numbers
        As :func:`attenuate` takes them.
    references
        Shares of the line of references, at each of these rows (rows,).
    left
        Factors and shares of rows, both overwritten; shares of columns (rows, lines).
    beside
        Overwritten: what is left of the reference cell of each row, S (rows,).
    lost, less
        As those of rows in :func:`attenuate`.
    """
    rows, lines = conductance.shape
    factors, of_rows, of_columns = left
    reference = numbers[_REFERENCE]
    far, across, at_reference = _beyond(reference, numbers[_ACROSS], numbers[_LOW], numbers[_ROW])
    siemens, passed, share, summed = (
        np.empty(_BLOCK, np.float32),
        np.empty(_BLOCK, np.float32),
        np.empty(_BLOCK, np.float32),
        np.empty(_BLOCK, np.float32),
    )
    cells, shares, joined = (
        np.empty((lines, _BLOCK), np.float32),
        np.empty((lines, _BLOCK), np.float32),
        np.empty((lines, _BLOCK), np.float32),
    )
    sums = np.empty((3, _BLOCK))
    for start in range(0, rows, _BLOCK):
        _take_block(conductance, start, cells)
        _take_block(of_columns, start, joined)
        siemens[:] = far
        passed[:] = _share(far, np.float32(numbers[_ROW]))
        _fall(cells, numbers, siemens, passed, shares)
        _fall_before(numbers, siemens, passed, share, summed)
        _join(cells, shares, share, joined, sums)
        _put_block(joined, start, factors)
        _put_block(shares, start, of_rows)
        for b in range(min(_BLOCK, rows - start)):
            own = share[b] * at_reference
            beside[start + b] = reference * np.float64(left_between(own, references[start + b]))
            unused = numbers[_BEFORE] - summed[b] + numbers[_ACROSS] - share[b] * across
            lost[start + b] = sums[0, b] + numbers[_LOW] * unused + reference * (1 - np.float64(own))
            less[0, start + b] = sums[1, b] + (reference * np.float64(own) - beside[start + b])
            less[1, start + b] = sums[2, b]


@kernel
def attenuate(
    conductance: Floats,
    numbers: Sums,
    left: tuple[Floats, Floats, Floats],
    beside: Sums,
    row_lost: Sums,
    column_lost: Sums,
    less: Sums,
) -> None:
    """Work out how much of its conductance is left of each cell between its lines.

    Parameters
    ----------
    conductance
        Of cells in use (rows, lines), S. Rows begin beside the first line, and lines end below the last row.
    numbers
        As :data:`NUMBERS` names them.
    left
        Overwritten: what is left, over what there is, and the shares of rows and of columns that it is made
        of (rows, lines).
    beside
        Overwritten: what is left of the reference cell of each row, and of all of them, S (rows + 1,).
    row_lost, column_lost
        Overwritten: what each row, and each line, conducts less for its wires when it is driven alone, S.
    less
        Overwritten: what the cells of each row conduct less when all rows are driven alike, and when all
        lines are, S (2, rows).
    """
    rows = conductance.shape[0]
    attenuate_columns(conductance, numbers, left[2], column_lost)
    references = np.empty(rows, np.float32)
    beside[rows] = numbers[_REFERENCE] * share_references(rows, numbers, references)
    attenuate_rows(conductance, numbers, references, left, beside[:rows], row_lost, less)
    for row in range(rows):
        beside[rows] += beside[row]


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
