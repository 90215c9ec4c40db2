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
    "even_square",
    "fluctuate",
    "fluctuate_by_columns",
    "fluctuate_by_rows",
    "squares_of",
]

QUIET: Final = -1
"""Place, in a table, of the noise of a direction that has none."""
(_NUMBERS, _SORTS, _VARIANCE, _DRAWN, _FIRST) = range(5)
"""Arrays of the noise of one direction, counted from where they begin in a table: its numbers, how cells are
listed, room for variances, what was drawn ahead (samples, lines), and two arrays of each group of cells."""
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
    for i in range(out.size):
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
def fluctuate_by_rows(
    places: Places, noise: int, x: Floats, lines: Indices, sample: int, out: Floats
) -> None:
    """Add read noise to the currents of columns (columns,), where rows are driven by one sample x (rows,).

    Parameters
    ----------
    places, noise
        A table, and where it lists the noise of this direction; nothing happens where it has none.
    x, lines
        As :func:`add_squares_by_rows` takes them.
    sample
        Its place among those that noise was drawn for.
    out
        Added to.
    """
    if noise != QUIET:
        numbers, variance = sums_at(places, noise + _NUMBERS)[0], floats_at(places, noise + _VARIANCE)[0]
        variance[:] = 0
        sorts, even = places_at(places, noise + _SORTS), 0.0
        for group in range(sorts.size):
            plus = floats_at(places, noise + _FIRST + 2 * group)
            minus = floats_at(places, noise + _FIRST + 2 * group + 1)
            same = _even_of(sorts[group], plus, minus)
            if same < 0:
                add_squares_by_rows(x, lines, sorts[group], plus, minus, variance)
            else:
                even += same
        squares = 0.0
        for h in range(lines.size):
            value = np.float64(x[lines[h]])
            squares += value * value
        drawn = floats_at(places, noise + _DRAWN)[sample]
        fluctuate(variance, numbers[_SHARE], numbers[_FLOOR], even, squares, drawn, out)


@inlined
def fluctuate_by_columns(places: Places, noise: int, d: Floats, sample: int, out: Floats) -> None:
    """Add read noise to the currents of rows (rows,), where columns are driven by one sample d (columns,)."""
    if noise != QUIET:
        numbers, variance = sums_at(places, noise + _NUMBERS)[0], floats_at(places, noise + _VARIANCE)[0]
        variance[:] = 0
        sorts, even = places_at(places, noise + _SORTS), 0.0
        for group in range(sorts.size):
            plus = floats_at(places, noise + _FIRST + 2 * group)
            minus = floats_at(places, noise + _FIRST + 2 * group + 1)
            same = _even_of(sorts[group], plus, minus)
            if same < 0:
                add_squares_by_columns(d, sorts[group], plus, minus, variance)
            else:
                even += same
        drawn = floats_at(places, noise + _DRAWN)[sample]
        fluctuate(variance, numbers[_SHARE], numbers[_FLOOR], even, squares_of(d), drawn, out)
