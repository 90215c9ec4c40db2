"""Currents of a crossbar whose wires leave less of some cells than of others, each sum in a stated order."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Floats, Indices, Sums, inlined, kernel

__all__ = [
    "read_against_by_columns",
    "read_against_by_rows",
    "read_weak_by_columns",
    "read_weak_by_rows",
    "weak",
    "weak_against",
]


@inlined
def _above(conductance: np.float32, factor: np.float32, reference: float) -> np.float32:
    """What is left of a cell above what is left of its reference, S: in double precision, rounded once."""
    return np.float32(np.float64(conductance * factor) - reference)


@kernel
def weak(plus: Floats, plus_factors: Floats, minus: Floats, minus_factors: Floats, out: Floats) -> None:
    """Overwrite `out` (rows, columns) by the difference of two arrays as a read sees it, S.

    Parameters
    ----------
    plus, minus
        Conductances (rows, columns), S.
    plus_factors, minus_factors
        What is left of each.
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = plus[i, j] * plus_factors[i, j] - minus[i, j] * minus_factors[i, j]


@kernel
def weak_against(conductance: Floats, factors: Floats, beside: Sums, out: Floats) -> None:
    """The same of single cells, and of the reference cell of each row, of which `beside` is left, S."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = _above(conductance[i, j], factors[i, j], beside[i])


@kernel
def read_weak_by_rows(
    x: Floats,
    lines: Indices,
    plus: Floats,
    plus_factors: Floats,
    minus: Floats,
    minus_factors: Floats,
    out: Floats,
) -> None:
    """Add the currents of a differential pair, driven from the rows by one sample.

    Parameters
    ----------
    x
        Driven inputs (rows,).
    lines
        The rows that are not at zero, in order (driven,).
    plus, plus_factors, minus, minus_factors
        As :func:`weak` takes them.
    out
        Added to, row after row (columns,).
    """
    pairs = lines.size - lines.size % 2
    for h in range(0, pairs, 2):
        a, b = lines[h], lines[h + 1]
        xa, xb = x[a], x[b]
        # Row after row into each sum, which is fetched and put back once for two of them.
        for j in range(out.size):
            total = out[j] + xa * (plus[a, j] * plus_factors[a, j] - minus[a, j] * minus_factors[a, j])
            out[j] = total + xb * (plus[b, j] * plus_factors[b, j] - minus[b, j] * minus_factors[b, j])
    for h in range(pairs, lines.size):
        i = lines[h]
        value = x[i]
        for j in range(out.size):
            out[j] += value * (plus[i, j] * plus_factors[i, j] - minus[i, j] * minus_factors[i, j])


@kernel
def read_weak_by_columns(
    d: Floats, plus: Floats, plus_factors: Floats, minus: Floats, minus_factors: Floats, out: Floats
) -> None:
    """The same from columns driven by one sample d (columns,): added to `out` (rows,), one after another."""
    for i in range(out.size):
        total = out[i]
        for j in range(d.size):
            total += d[j] * (plus[i, j] * plus_factors[i, j] - minus[i, j] * minus_factors[i, j])
        out[i] = total


@kernel
def read_against_by_rows(
    x: Floats, lines: Indices, conductance: Floats, factors: Floats, beside: Sums, out: Floats
) -> None:
    """As :func:`read_weak_by_rows`, of single cells against the reference cell of their row."""
    for h in range(lines.size):
        i = lines[h]
        value, reference = x[i], beside[i]
        for j in range(out.size):
            out[j] += value * _above(conductance[i, j], factors[i, j], reference)


@kernel
def read_against_by_columns(
    d: Floats, conductance: Floats, factors: Floats, beside: Sums, out: Floats
) -> None:
    """As :func:`read_weak_by_columns`, likewise."""
    for i in range(out.size):
        total, reference = out[i], beside[i]
        for j in range(d.size):
            total += d[j] * _above(conductance[i, j], factors[i, j], reference)
        out[i] = total
