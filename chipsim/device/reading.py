"""Currents of a crossbar: sums of conductance times input, each in a stated order."""

from __future__ import annotations

import numpy as np

from chipsim.device.energy import list_driven
from chipsim.device.types import Floats, Indices, inlined, kernel

__all__ = [
    "read_by_columns",
    "read_by_columns_against",
    "read_by_rows",
    "read_by_rows_against",
    "read_columns",
    "read_pair_by_columns",
    "read_pair_by_rows",
    "read_pair_columns",
    "read_pair_rows",
    "read_rows",
]


@kernel
def read_pair_by_rows(x: Floats, lines: Indices, plus: Floats, minus: Floats, out: Floats) -> None:
    """Add the currents of a differential pair, driven from the rows by one sample.

    Parameters
    ----------
    x
        Driven inputs (rows,).
    lines
        The rows that are not at zero, in order (driven,): others carry no current.
    plus, minus
        Conductances (rows, columns).
    out
        Added to, row after row (columns,).
    """
    fours = lines.size - lines.size % 4
    for h in range(0, fours, 4):
        a, b, c, d = lines[h], lines[h + 1], lines[h + 2], lines[h + 3]
        xa, xb, xc, xd = x[a], x[b], x[c], x[d]
        # Row after row into each sum, which is fetched and put back once for four of them.
        for j in range(out.size):
            total = out[j] + xa * (plus[a, j] - minus[a, j])
            total += xb * (plus[b, j] - minus[b, j])
            total += xc * (plus[c, j] - minus[c, j])
            out[j] = total + xd * (plus[d, j] - minus[d, j])
    for h in range(fours, lines.size):
        i = lines[h]
        value = x[i]
        for j in range(out.size):
            out[j] += value * (plus[i, j] - minus[i, j])


@kernel
def read_pair_by_columns(d: Floats, plus: Floats, minus: Floats, out: Floats) -> None:
    """Add the currents of a differential pair, driven from the columns by one sample.

    Parameters
    ----------
    d
        Driven errors (columns,).
    plus, minus
        Conductances (rows, columns).
    out
        Added to, column after column (rows,).
    """
    for i in range(out.size):
        total = out[i]
        for j in range(d.size):
            total += d[j] * (plus[i, j] - minus[i, j])
        out[i] = total


@kernel
def read_by_rows(x: Floats, lines: Indices, conductance: Floats, out: Floats) -> None:
    """As :func:`read_pair_by_rows`, of a pair whose difference is at hand (rows, columns)."""
    fours = lines.size - lines.size % 4
    for h in range(0, fours, 4):
        a, b, c, d = lines[h], lines[h + 1], lines[h + 2], lines[h + 3]
        xa, xb, xc, xd = x[a], x[b], x[c], x[d]
        for j in range(out.size):
            total = out[j] + xa * conductance[a, j]
            total += xb * conductance[b, j]
            total += xc * conductance[c, j]
            out[j] = total + xd * conductance[d, j]
    for h in range(fours, lines.size):
        i = lines[h]
        value = x[i]
        for j in range(out.size):
            out[j] += value * conductance[i, j]


@kernel
def read_by_columns(d: Floats, conductance: Floats, out: Floats) -> None:
    """As :func:`read_pair_by_columns`, of a pair whose difference is at hand (rows, columns)."""
    for i in range(out.size):
        total = out[i]
        for j in range(d.size):
            total += d[j] * conductance[i, j]
        out[i] = total


@inlined
def _above(conductance: np.float32, reference: float) -> np.float32:
    """What a cell conducts more than the reference, S: in double precision, and rounded once."""
    return np.float32(np.float64(conductance) - reference)


@kernel
def read_by_rows_against(
    x: Floats, lines: Indices, conductance: Floats, reference: float, out: Floats
) -> None:
    """As :func:`read_pair_by_rows`, of cells that are all compared with one conductance."""
    fours = lines.size - lines.size % 4
    for h in range(0, fours, 4):
        a, b, c, d = lines[h], lines[h + 1], lines[h + 2], lines[h + 3]
        xa, xb, xc, xd = x[a], x[b], x[c], x[d]
        for j in range(out.size):
            total = out[j] + xa * _above(conductance[a, j], reference)
            total += xb * _above(conductance[b, j], reference)
            total += xc * _above(conductance[c, j], reference)
            out[j] = total + xd * _above(conductance[d, j], reference)
    for h in range(fours, lines.size):
        i = lines[h]
        value = x[i]
        for j in range(out.size):
            out[j] += value * _above(conductance[i, j], reference)


@kernel
def read_by_columns_against(d: Floats, conductance: Floats, reference: float, out: Floats) -> None:
    """As :func:`read_pair_by_columns`, likewise."""
    for i in range(out.size):
        total = out[i]
        for j in range(d.size):
            total += d[j] * _above(conductance[i, j], reference)
        out[i] = total


@kernel
def read_pair_rows(x: Floats, plus: Floats, minus: Floats, out: Floats) -> None:
    """Add the currents of a differential pair, driven from the rows and read on the columns.

    Parameters
    ----------
    x
        Driven inputs (batch, rows); rows at zero carry no current and are skipped.
    plus, minus
        Conductances (rows, columns).
    out
        Added to, row after row (batch, columns).
    """
    room = np.empty(x.shape[1], np.int32)
    for b in range(x.shape[0]):
        lines = room[: list_driven(x[b], room)]
        read_pair_by_rows(x[b], lines, plus, minus, out[b])


@kernel
def read_pair_columns(d: Floats, plus: Floats, minus: Floats, out: Floats) -> None:
    """Add the currents of a differential pair, driven from the columns and read on the rows.

    Parameters
    ----------
    d
        Driven errors (batch, columns).
    plus, minus
        Conductances (rows, columns).
    out
        Added to, column after column (batch, rows).
    """
    for b in range(d.shape[0]):
        read_pair_by_columns(d[b], plus, minus, out[b])


@kernel
def read_rows(x: Floats, weights: Floats, out: Floats) -> None:
    """Add x times weights, row after row: what a multiply-accumulate array does (batch, columns)."""
    for b in range(x.shape[0]):
        for i in range(x.shape[1]):
            value = x[b, i]
            if value != 0:
                for j in range(out.shape[1]):
                    out[b, j] += value * weights[i, j]


@kernel
def read_columns(d: Floats, weights: Floats, out: Floats) -> None:
    """Add d times transposed weights, column after column (batch, rows)."""
    for b in range(d.shape[0]):
        for i in range(out.shape[1]):
            total = out[b, i]
            for j in range(d.shape[1]):
                total += d[b, j] * weights[i, j]
            out[b, i] = total
