"""Read noise of whole lines: the variance of a summed current, from those of the cells that it comes from.

Cells fluctuate independently, each by a Gaussian number of standard deviation s(G). The current of a line is
the sum of inputs times conductances, so what it is off by is Gaussian too, of the variance that is the sum of
(input times s(G)) squared. One number a line is drawn instead of one a cell, which is the same in
distribution. With s(G)^2 = (share G)^2 + floor^2, it takes the sum of squares of input times conductance, and
that of squares of inputs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.table import Places, floats_at, places_at, sums_at
from chipsim.device.types import Floats, Indices, inlined, kernel

__all__ = [
    "ALONE",
    "EVEN",
    "PAIR",
    "QUIET",
    "SQUARED",
    "add_squares_by_columns",
    "add_squares_by_rows",
    "begin_squares",
    "even_square",
    "fluctuate",
    "fluctuate_listed",
    "square_columns",
    "square_rows",
    "squares_of",
]

QUIET: Final = -1
"""Place, in a table, of the noise of a direction that has none."""
(_NUMBERS, _SORTS, _VARIANCE, _DRAWN, _EVENS, _FIRST) = range(6)
"""Arrays of the noise of one direction, counted from where they begin in a table: its numbers, how cells are
listed, room for variances, what was drawn ahead (samples, lines), room for squares of groups that are alike,
and two arrays of each group of cells."""
ALONE, PAIR, SQUARED, EVEN = range(4)
"""How a group is listed: one array of cells, two arrays of which both count, or the squares of what cells
conduct where nothing changes them meanwhile, as they are or alike everywhere; where one array is enough, it
lies in the place of both."""
_SHARE, _FLOOR = range(2)
"""Places among its numbers, both squared; the second for all cells at one crossing."""


@inlined
def _squared(sort: int, plus: np.float32, minus: np.float32) -> np.float32:
    """Sum of squares of what cells at one crossing conduct, S^2."""
    if sort == SQUARED:
        return plus
    return plus * plus if sort == ALONE else plus * plus + minus * minus


@inlined
def _add_squares(x: Floats, lines: Indices, sort: int, plus: Floats, minus: Floats, out: Floats) -> None:
    """Add squared inputs of driven rows times squared conductances, row after row."""
    fours = lines.size - lines.size % 4
    for h in range(0, fours, 4):
        a, b, c, d = lines[h], lines[h + 1], lines[h + 2], lines[h + 3]
        xa, xb, xc, xd = x[a] * x[a], x[b] * x[b], x[c] * x[c], x[d] * x[d]
        for j in range(out.size):
            total = out[j] + xa * _squared(sort, plus[a, j], minus[a, j])
            total += xb * _squared(sort, plus[b, j], minus[b, j])
            total += xc * _squared(sort, plus[c, j], minus[c, j])
            out[j] = total + xd * _squared(sort, plus[d, j], minus[d, j])
    for h in range(fours, lines.size):
        i = lines[h]
        square = x[i] * x[i]
        for j in range(out.size):
            out[j] += square * _squared(sort, plus[i, j], minus[i, j])


@kernel
def add_squares_by_rows(
    x: Floats, lines: Indices, sort: int, plus: Floats, minus: Floats, out: Floats
) -> None:
    """Add squared inputs times squared conductances of rows driven by one sample.

    Parameters
    ----------
    x
        Driven inputs (rows,).
    lines
        The rows that are not at zero, in order (driven,).
    sort, plus, minus
        How a group of cells is listed, and its two arrays (rows, columns).
    out
        Added to, row after row (columns,).
    """
    # Each sort has a loop of its own: a choice within it would keep it from becoming vector instructions.
    if sort == ALONE:
        _add_squares(x, lines, ALONE, plus, plus, out)
    elif sort == PAIR:
        _add_squares(x, lines, PAIR, plus, minus, out)
    else:
        _add_squares(x, lines, SQUARED, plus, plus, out)


@kernel
def add_squares_by_columns(d: Floats, sort: int, plus: Floats, minus: Floats, out: Floats) -> None:
    """The same of columns driven by one sample (columns,), column after column (rows,)."""
    fours = out.size - out.size % 4
    for i in range(0, fours, 4):
        # Four rows side by side: in one, each sum would wait for the last.
        first, second, third, fourth = out[i], out[i + 1], out[i + 2], out[i + 3]
        for j in range(d.size):
            square = d[j] * d[j]
            first += square * _squared(sort, plus[i, j], minus[i, j])
            second += square * _squared(sort, plus[i + 1, j], minus[i + 1, j])
            third += square * _squared(sort, plus[i + 2, j], minus[i + 2, j])
            fourth += square * _squared(sort, plus[i + 3, j], minus[i + 3, j])
        out[i], out[i + 1], out[i + 2], out[i + 3] = first, second, third, fourth
    for i in range(fours, out.size):
        total = out[i]
        for j in range(d.size):
            total += (d[j] * d[j]) * _squared(sort, plus[i, j], minus[i, j])
        out[i] = total


@kernel
def even_square(sort: int, plus: Floats, minus: Floats) -> float:
    """What the squares of a group are where they are alike at all crossings, S^2; less than zero elsewhere.

    Arrays that nothing was written to are: the squares of inputs, added up once, then stand for all lines.
    """
    first = _squared(sort, plus[0, 0], minus[0, 0])
    for i in range(plus.shape[0]):
        for j in range(plus.shape[1]):
            # Where cells differ, the first few tell it.
            if plus[i, j] != plus[0, 0] or minus[i, j] != minus[0, 0]:
                return -1.0
    return np.float64(first)


@kernel
def squares_of(x: Floats) -> float:
    """Sum of one sample's squared inputs (lines,), one after another."""
    total = 0.0
    for value in x:
        total += np.float64(value) * np.float64(value)
    return total


@kernel
def fluctuate(
    variance: Floats, share: float, floor: float, even: float, squares: float, drawn: Floats, out: Floats
) -> None:
    """Add to one sample's currents what they are off by.

    Parameters
    ----------
    variance
        Squared inputs times squared conductances of each line (lines,).
    share, floor
        Squared standard deviation of a cell over its squared conductance, and that of all cells at one
        crossing whatever they conduct, S^2.
    even
        Squares of what cells conduct at one crossing, of groups in which they are alike, S^2.
    squares
        Sum of squared inputs.
    drawn
        A Gaussian number for each line (lines,).
    out
        Added to: sums of input times conductance (lines,).
    """
    # What no line decides is worked out once for all of them.
    beside = (floor + share * even) * squares
    for j in range(out.size):
        off = np.sqrt(share * np.float64(variance[j]) + beside)
        out[j] += np.float32(off) * drawn[j]


@inlined
def _even_of(sort: int, plus: Floats, minus: Floats) -> float:
    """As :func:`even_square`, of a group as it is listed: what was squared before was looked at then."""
    if sort == EVEN:
        return np.float64(plus[0, 0])
    return -1.0 if sort == SQUARED else even_square(sort, plus, minus)


@inlined
def begin_squares(places: Places, noise: int) -> None:
    """Set squares to zero before lines are driven, and look which groups of cells are alike.

    Parameters
    ----------
    places, noise
        A table, and where it lists the noise of this direction; nothing happens where it has none.
    """
    if noise != QUIET:
        floats_at(places, noise + _VARIANCE)[0][:] = 0
        sorts, evens = places_at(places, noise + _SORTS), sums_at(places, noise + _EVENS)[0]
        for group in range(sorts.size):
            first = noise + _FIRST + 2 * group
            evens[group] = _even_of(sorts[group], floats_at(places, first), floats_at(places, first + 1))


@inlined
def square_rows(places: Places, noise: int, x: Floats, lines: Indices) -> None:
    """Add what some rows driven by one sample x (rows,) come to; :func:`begin_squares` goes before."""
    if noise != QUIET:
        variance = floats_at(places, noise + _VARIANCE)[0]
        sorts, evens = places_at(places, noise + _SORTS), sums_at(places, noise + _EVENS)[0]
        for group in range(sorts.size):
            first = noise + _FIRST + 2 * group
            if evens[group] < 0:
                plus, minus = floats_at(places, first), floats_at(places, first + 1)
                add_squares_by_rows(x, lines, sorts[group], plus, minus, variance)


@inlined
def square_columns(places: Places, noise: int, d: Floats) -> None:
    """Add what columns driven by one sample d (columns,) come to; see :func:`square_rows`."""
    if noise != QUIET:
        variance = floats_at(places, noise + _VARIANCE)[0]
        sorts, evens = places_at(places, noise + _SORTS), sums_at(places, noise + _EVENS)[0]
        for group in range(sorts.size):
            first = noise + _FIRST + 2 * group
            if evens[group] < 0:
                plus, minus = floats_at(places, first), floats_at(places, first + 1)
                add_squares_by_columns(d, sorts[group], plus, minus, variance)


@inlined
def fluctuate_listed(places: Places, noise: int, x: Floats, sample: int, out: Floats) -> None:
    """Add read noise to the currents of one sample, whose lines are squared.

    Parameters
    ----------
    places, noise
        As :func:`begin_squares` takes them.
    x
        What all lines were driven by (lines,).
    sample
        Its place among those that noise was drawn for.
    out
        Added to (lines read,).
    """
    if noise != QUIET:
        numbers, variance = sums_at(places, noise + _NUMBERS)[0], floats_at(places, noise + _VARIANCE)[0]
        even = 0.0
        for same in sums_at(places, noise + _EVENS)[0]:
            even += max(same, 0.0)
        drawn = floats_at(places, noise + _DRAWN)[sample]
        fluctuate(variance, numbers[_SHARE], numbers[_FLOOR], even, squares_of(x), drawn, out)
