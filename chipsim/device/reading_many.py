"""Sums of products of many samples at once: the bits of one sample after another, in a fraction of the time.

Every sum adds the same products in the same order as the plain loops of :mod:`chipsim.device.reading` do.
What differs is how often a sum is fetched and put back: once for several products instead of for each. That
is what a plain loop spends its time on, and vector arithmetic then has eight products a fetch to work on.
"""

from __future__ import annotations

import numpy as np

from chipsim.device import reading
from chipsim.device.types import Counts, Floats, Indices, kernel

__all__ = ["Listed", "add_listed", "add_some", "list_across", "read_columns", "read_rows"]

_MANY = 16
"""Samples from which on it pays to list their inputs first, and to turn weights round."""

_TOGETHER = 64
"""Listed numbers of one output that are multiplied before the next output's: the rows of weights that they
need stay in the cache, for the outputs after it need mostly the same."""

_ROWS = 32
"""Rows of weights that all samples are multiplied with before the next ones, likewise."""

_SQUARE = 16
"""Side of the squares in which weights are turned round: as many numbers as a line of the cache holds."""

Listed = tuple[Indices, Floats, Counts]
"""Numbers other than zero, output by output: places in a row, the numbers, and how many there are."""


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
    listed = _room(len(x), x.shape[1])
    _list_along(x, *listed)
    add_listed(*listed, weights, out)


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
    # Turned round, the inner loop runs over outputs that lie side by side, each sum in the same order.
    turned = np.empty(weights.shape[::-1], np.float32)
    _turn(weights, turned)
    _add_all(d, turned, out)


def list_across(x: Floats) -> Listed:
    """What is not zero of each row's inputs, sample after sample, for :func:`add_listed`.

    Parameters
    ----------
    x
        Inputs (batch, rows).
    """
    listed = _room(x.shape[1], len(x))
    _list_across(x, *listed)
    return listed


def _room(outputs: int, most: int) -> Listed:
    # One place more than may be needed: a zero is written behind the last number, and then overwritten.
    places, values = np.empty((outputs, most + 1), np.int32), np.empty((outputs, most + 1), np.float32)
    return places, values, np.zeros(outputs, np.int32)


@kernel
def _list_along(x: Floats, places: Indices, values: Floats, counts: Counts) -> None:
    """List the numbers of each row of x (outputs, inputs) that are not zero."""
    for b in range(x.shape[0]):
        found = 0
        for i in range(x.shape[1]):
            # Written whether it counts or not: a branch on data that nobody can foresee takes longer.
            places[b, found] = i
            values[b, found] = x[b, i]
            found += x[b, i] != 0
        counts[b] = found


@kernel
def _list_across(x: Floats, places: Indices, values: Floats, counts: Counts) -> None:
    """List the numbers of each column of x (inputs, outputs) that are not zero."""
    for b in range(x.shape[0]):
        for i in range(x.shape[1]):
            found = counts[i]
            places[i, found] = b
            values[i, found] = x[b, i]
            counts[i] = found + (x[b, i] != 0)


@kernel
def _add_eight(out: Floats, weights: Floats, places: Indices, values: Floats) -> None:
    """Add eight products to each sum, one after another."""
    w0, w1, w2, w3 = weights[places[0]], weights[places[1]], weights[places[2]], weights[places[3]]
    w4, w5, w6, w7 = weights[places[4]], weights[places[5]], weights[places[6]], weights[places[7]]
    x0, x1, x2, x3 = values[0], values[1], values[2], values[3]
    x4, x5, x6, x7 = values[4], values[5], values[6], values[7]
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
def _add_two(out: Floats, weights: Floats, places: Indices, values: Floats) -> None:
    """The same with what is left over, two at a time."""
    w0, w1, x0, x1 = weights[places[0]], weights[places[1]], values[0], values[1]
    for j in range(out.size):
        total = out[j] + x0 * w0[j]
        out[j] = total + x1 * w1[j]


@kernel
def add_some(out: Floats, weights: Floats, places: Indices, values: Floats) -> None:
    """Add all products listed for the sums of one output, in the order listed."""
    done = 0
    while done + 8 <= places.size:
        _add_eight(out, weights, places[done : done + 8], values[done : done + 8])
        done += 8
    while done + 2 <= places.size:
        _add_two(out, weights, places[done : done + 2], values[done : done + 2])
        done += 2
    if done < places.size:
        value, row = values[done], weights[places[done]]
        for j in range(out.size):
            out[j] += value * row[j]


@kernel
def add_listed(places: Indices, values: Floats, counts: Counts, weights: Floats, out: Floats) -> None:
    """Add listed numbers times rows of weights, in the order listed.

    Parameters
    ----------
    places, values, counts
        Which rows of the weights, times what (outputs, most), and how many of them (outputs,).
    weights
        (rows, columns).
    out
        Added to (outputs, columns).
    """
    most = counts.max() if counts.size else 0
    for start in range(0, most, _TOGETHER):
        for b in range(out.shape[0]):
            end = min(start + _TOGETHER, counts[b])
            if start < end:
                add_some(out[b], weights, places[b, start:end], values[b, start:end])


@kernel
def _turn(weights: Floats, out: Floats) -> None:
    """Write weights (rows, columns) into `out` (columns, rows), square after square."""
    rows, columns = weights.shape
    for top in range(0, rows, _SQUARE):
        for left in range(0, columns, _SQUARE):
            for j in range(left, min(left + _SQUARE, columns)):
                for i in range(top, min(top + _SQUARE, rows)):
                    out[j, i] = weights[i, j]


@kernel
def _add_all(x: Floats, weights: Floats, out: Floats) -> None:
    """Add x (batch, rows) times weights (rows, columns), zeros too."""
    batch, rows = x.shape
    for start in range(0, rows, _ROWS):
        stop = min(start + _ROWS, rows)
        for b in range(0, batch - 1, 2):
            _add_to_two(x[b, start:stop], x[b + 1, start:stop], weights[start:stop], out[b], out[b + 1])
        if batch % 2:
            last = batch - 1
            _add_singly(x[last, start:stop], weights[start:stop], out[last], 0)


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
