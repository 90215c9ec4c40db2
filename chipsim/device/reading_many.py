"""Sums of products of many samples at once: the bits of one sample after another, in a fraction of the time.

Every sum adds the same products in the same order as the plain loops of :mod:`chipsim.device.reading` do.
What differs is how often a sum is fetched and put back: once for several products instead of for each. That
is what a plain loop spends its time on, and vector arithmetic then has eight products a fetch to work on.
"""

from __future__ import annotations

import numpy as np

from chipsim.device import reading
from chipsim.device.types import Floats, Indices, kernel

__all__ = ["add_across", "add_listed", "list_driven", "read_columns", "read_rows", "turned"]

_MANY = 16
"""Samples from which on it pays to list which inputs are driven, and to turn weights round."""

_TOGETHER = 64
"""Listed numbers of one output that are multiplied before the next output's: the rows of weights that they
need stay in the cache, for the outputs after it need mostly the same."""

_ROWS = 32
"""Columns of weights that are turned round, and multiplied with all samples, before the next ones."""

_ASIDE = 16
"""Numbers between two rows of turned weights: rows whose starts lie a power of two apart share places in the
cache, and drive one another out."""

_SQUARE = 16
"""Side of the squares in which inputs are turned round: as many numbers as a line of the cache holds."""


def read_rows(x: Floats, weights: Floats, out: Floats) -> None:
    """Add x times weights, row after row, as :func:`chipsim.device.reading.read_rows` does.

    Parameters
    ----------
    x
        Driven inputs (batch, rows); rows at zero carry no current and are skipped.
    weights
        (rows, columns).
    out
        Added to (batch, columns).
    """
    if len(x) < _MANY:
        reading.read_rows(x, weights, out)
        return
    _add_driven(x, weights, out)


def read_columns(d: Floats, weights: Floats, out: Floats) -> None:
    """Add d times transposed weights, column after column.

    Parameters
    ----------
    d
        Driven errors (batch, columns). Errors are hardly ever zero, so none is looked for.
    weights
        (rows, columns).
    out
        Added to (batch, rows).
    """
    if len(d) < _MANY:
        reading.read_columns(d, weights, out)
        return
    _add_all(d, weights, out)


@kernel
def _turn(x: Floats, start: int, stop: int, out: Floats) -> None:
    """Write columns of x (rows, columns) as rows of `out`, a square after another."""
    rows = x.shape[0]
    for top in range(0, rows, _SQUARE):
        for left in range(start, stop, _SQUARE):
            for j in range(left, min(left + _SQUARE, stop)):
                for i in range(top, min(top + _SQUARE, rows)):
                    out[j - start, i] = x[i, j]


@kernel
def turned(x: Floats) -> Floats:
    """Inputs (batch, rows) with samples side by side (rows, batch)."""
    out = np.empty((x.shape[1], x.shape[0]), np.float32)
    _turn(x, 0, x.shape[1], out)
    return out


@kernel
def list_driven(x: Floats, places: Indices) -> int:
    """List the places of what is not zero (lines,), and tell how many; `places` has one place more."""
    found = 0
    for i in range(x.size):
        # Written whether it counts or not: a branch on data that nobody can foresee takes longer.
        places[found] = i
        found += x[i] != 0
    return found


@kernel
def _add_eight(x: Floats, places: Indices, weights: Floats, out: Floats) -> None:
    """Add eight products to each sum, one after another."""
    w0, w1, w2, w3 = weights[places[0]], weights[places[1]], weights[places[2]], weights[places[3]]
    w4, w5, w6, w7 = weights[places[4]], weights[places[5]], weights[places[6]], weights[places[7]]
    x0, x1, x2, x3 = x[places[0]], x[places[1]], x[places[2]], x[places[3]]
    x4, x5, x6, x7 = x[places[4]], x[places[5]], x[places[6]], x[places[7]]
    for j in range(out.size):
        total = out[j] + x0 * w0[j]
        total += x1 * w1[j]
        total += x2 * w2[j]
        total += x3 * w3[j]
        total += x4 * w4[j]
        total += x5 * w5[j]
        total += x6 * w6[j]
        out[j] = total + x7 * w7[j]


@kernel
def _add_pair(x: Floats, places: Indices, weights: Floats, out: Floats) -> None:
    """The same with what is left over, two at a time."""
    w0, w1, x0, x1 = weights[places[0]], weights[places[1]], x[places[0]], x[places[1]]
    for j in range(out.size):
        total = out[j] + x0 * w0[j]
        out[j] = total + x1 * w1[j]


@kernel
def add_listed(x: Floats, places: Indices, weights: Floats, out: Floats) -> None:
    """Add inputs at listed places times their rows of weights to the sums of one output, in that order.

    Parameters
    ----------
    x
        Inputs (rows,).
    places
        Which of them.
    weights
        (rows, columns).
    out
        Added to (columns,).
    """
    done = 0
    while done + 8 <= places.size:
        _add_eight(x, places[done : done + 8], weights, out)
        done += 8
    while done + 2 <= places.size:
        _add_pair(x, places[done : done + 2], weights, out)
        done += 2
    if done < places.size:
        value, row = x[places[done]], weights[places[done]]
        for j in range(out.size):
            out[j] += value * row[j]


@kernel
def _add_driven(x: Floats, weights: Floats, out: Floats) -> None:
    """Add x (batch, rows) times weights (rows, columns), rows at zero left out."""
    places, counts = np.empty((x.shape[0], x.shape[1] + 1), np.int32), np.empty(x.shape[0], np.int32)
    for b in range(x.shape[0]):
        counts[b] = list_driven(x[b], places[b])
    for start in range(0, counts.max(), _TOGETHER):
        for b in range(x.shape[0]):
            end = min(start + _TOGETHER, counts[b])
            if start < end:
                add_listed(x[b], places[b, start:end], weights, out[b])


@kernel
def add_across(x: Floats, d: Floats, out: Floats) -> None:
    """Add the outer product of each sample's inputs and errors, sample after sample.

    Parameters
    ----------
    x
        Inputs, samples side by side (rows, batch); those at zero are left out.
    d
        Errors (batch, columns).
    out
        Added to (rows, columns).
    """
    places = np.empty(x.shape[1] + 1, np.int32)
    for i in range(x.shape[0]):
        count = list_driven(x[i], places)
        add_listed(x[i], places[:count], d, out[i])


@kernel
def _add_all(x: Floats, weights: Floats, out: Floats) -> None:
    """Add x (batch, columns) times turned weights, zeros too; weights (rows, columns), out (batch, rows)."""
    batch, columns = x.shape
    rows = out.shape[1]
    # Turned round, the inner loop runs over outputs that lie side by side, each sum in the same order.
    room = np.empty((_ROWS, rows + _ASIDE), np.float32)
    for start in range(0, columns, _ROWS):
        stop = min(start + _ROWS, columns)
        _turn(weights, start, stop, room)
        for b in range(0, batch - 1, 2):
            _add_to_two(x[b, start:stop], x[b + 1, start:stop], room, out[b], out[b + 1])
        if batch % 2:
            last = batch - 1
            _add_singly(x[last, start:stop], room, out[last], 0)


@kernel
def _add_to_two(x: Floats, y: Floats, weights: Floats, out: Floats, other: Floats) -> None:
    """Add four products at a time to the sums of two samples, which need the same weights."""
    whole = x.size - x.size % 4
    for i in range(0, whole, 4):
        x0, x1, x2, x3 = x[i], x[i + 1], x[i + 2], x[i + 3]
        y0, y1, y2, y3 = y[i], y[i + 1], y[i + 2], y[i + 3]
        w0, w1, w2, w3 = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
        for j in range(out.size):
            a, b, c, d = w0[j], w1[j], w2[j], w3[j]
            total = out[j] + x0 * a
            total += x1 * b
            total += x2 * c
            out[j] = total + x3 * d
            total = other[j] + y0 * a
            total += y1 * b
            total += y2 * c
            other[j] = total + y3 * d
    _add_singly(x, weights, out, whole)
    _add_singly(y, weights, other, whole)


@kernel
def _add_singly(x: Floats, weights: Floats, out: Floats, start: int) -> None:
    """Add one product after another, from a row on."""
    for i in range(start, x.size):
        value, row = x[i], weights[i]
        for j in range(out.size):
            out[j] += value * row[j]
