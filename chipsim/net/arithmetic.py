"""What the digital unit computes: how much of each kind of arithmetic the formulas of training take.

A count stands for one operation of a lane. A subtraction is an addition. A division is the inverse, looked
up as a function, and a multiplication; by a number that is the same for many values the inverse is looked up
once, and by a constant there is nothing to look up. Rounding to a whole number is an integer addition, as a
comparison is, and counts as one. The largest of n numbers takes n - 1 comparisons. Signs and absolute values
are free.

The same tables, with their derivations, stand in ``docs/design.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "ADAM",
    "CONSOLIDATE",
    "CONSOLIDATE_UNEVEN",
    "COUNTED",
    "MOVE",
    "NORMALISE",
    "NORMALISE_BACK",
    "NORMALISE_BACK_UNIT",
    "NORMALISE_UNIT",
    "RENORMALISE",
    "SETTLED",
    "SETTLED_UNIT",
    "SGD",
    "Arithmetic",
    "counted_pulses",
    "largest",
    "loss_error",
    "nearest_level",
    "onto_grid",
    "right_answer",
    "scaled_by_largest",
    "times",
    "together",
]

Arithmetic = Mapping[str, int]
"""Operations of a lane, by kind: `add`, `multiply`, `compare`, `function`."""

NORMALISE: Final[Arithmetic] = {"add": 5, "multiply": 3}
"""Of one value: summed for the mean; less the mean, squared, summed for the variance; less the mean, times
the inverse spread, times the scale, plus the offset."""
NORMALISE_UNIT: Final[Arithmetic] = {"add": 5, "multiply": 5, "function": 1}
"""Of one unit: two sums over the batch; the variance plus epsilon, its inverse root; the variance of a
sample; two running figures, each moved by a share of its distance."""
SETTLED: Final[Arithmetic] = {"add": 2, "multiply": 2}
"""Of one value, by running figures: less the mean, times the inverse spread, times the scale, plus the
offset."""
SETTLED_UNIT: Final[Arithmetic] = {"add": 1, "function": 1}
"""Of one unit of one sample, by running figures: the variance plus epsilon, its inverse root."""
NORMALISE_BACK: Final[Arithmetic] = {"add": 5, "multiply": 4}
"""Of one value: the unit value anew from the sum (less the mean, times the inverse spread); error times unit
value, summed; the error summed; error less its mean, less unit value times theirs, times scale and spread."""
NORMALISE_BACK_UNIT: Final[Arithmetic] = {"multiply": 3}
"""Of one unit: two sums over the batch, and scale times inverse spread."""
RENORMALISE: Final[Arithmetic] = {"add": 1, "multiply": 1}
"""Of one value: the unit value times the scale, plus the offset, for a slope that asks for it anew."""

ADAM: Final[Arithmetic] = {"add": 3, "multiply": 9, "function": 2}
"""Of one number: g times 1 / batch; b1 m + (1 - b1) g; b2 v + (1 - b2) g g; v corrected, its root, plus
epsilon, the inverse of that; rate times m, times the inverse."""
SGD: Final[Arithmetic] = {"multiply": 1}
"""Of one number: g times rate / batch."""
COUNTED: Final[Arithmetic] = {"multiply": 1, "compare": 2}
"""Of one weight: g times rate / (batch times step), rounded to whole pulses, held under the most."""
MOVE: Final[Arithmetic] = {"add": 1, "compare": 2}
"""Of one hidden weight: less the step, held between the outer levels."""
CONSOLIDATE: Final[Arithmetic] = {"add": 4, "multiply": 4, "compare": 3, "function": 3}
"""Of one hidden weight whose level is known: the level's value looked up, subtracted; times 2 / gap, held
under one; times the intervals, rounded down; two neighbours of the table looked up; between them a fraction,
a difference, a product and a sum; signs compared; the step times the share."""
CONSOLIDATE_UNEVEN: Final[Arithmetic] = {"add": 2, "multiply": 1, "compare": 1, "function": 2}
"""On top of that where levels are not evenly spaced: which neighbour, its place and value looked up, half the
distance of the two and its inverse."""


def times(count: int, *tables: Arithmetic) -> dict[str, int]:
    """Arithmetic of several tables for each of `count` values.

    Examples
    --------
    >>> times(10, {"add": 1}, {"add": 1, "multiply": 2})
    {'add': 20, 'multiply': 20}
    """
    total: dict[str, int] = {}
    for table in tables:
        for name, value in table.items():
            total[name] = total.get(name, 0) + count * value
    return total


def together(*tables: Arithmetic) -> dict[str, int]:
    """Arithmetic of several tables."""
    return times(1, *tables)


def largest(count: int) -> dict[str, int]:
    """Finding the largest of so many numbers, or its place: the class of a network's outputs, say."""
    return {"compare": max(count - 1, 0)}


def right_answer(classes: int) -> dict[str, int]:
    """Whether the largest output of a sample is the one of its label, counted for a selector that asks."""
    return together(largest(classes), {"compare": 1, "add": 1})


def loss_error(loss: str, *, slope: Arithmetic, classes: int) -> dict[str, int]:
    """Errors of the last layer's sums, for one sample; the loss itself is the observer's and costs nothing.

    Cross-entropy: the largest sum; each less the largest, its exponential; their sum and its inverse; each
    times the inverse; one off the share of the label. Squared error: outputs less targets, and the slope of
    the outputs' non-linearity.

    Parameters
    ----------
    loss
        ``cross-entropy`` or ``squared-error``.
    slope
        Arithmetic of the slope of one output's non-linearity.
    classes
        Outputs of the network.

    Examples
    --------
    >>> loss_error("cross-entropy", slope={}, classes=10)
    {'compare': 9, 'add': 20, 'function': 11, 'multiply': 10}
    >>> loss_error("squared-error", slope={"add": 1, "multiply": 2}, classes=10)
    {'add': 20, 'multiply': 20}
    >>> loss_error("squared-error", slope={}, classes=10)
    {'add': 10}
    """
    if loss == "cross-entropy":
        shares = {"add": 2 * classes, "function": classes + 1, "multiply": classes}
        return together(largest(classes), shares)
    away = {"add": classes}
    return together(away, times(classes, slope))


def scaled_by_largest(lines: int, *, blocks: int) -> dict[str, int]:
    """One sample divided by its largest magnitude: of each block the largest and its inverse; each scaled."""
    return {"compare": max(lines - blocks, 0), "function": blocks, "multiply": lines}


def counted_pulses(crossings: int, columns: int, *, stochastic: bool) -> dict[str, int]:
    """Pulses of every crossing: errors times steps per unit; times inputs, rounded, held under the most."""
    counts = {"multiply": crossings + columns, "compare": 2 * crossings}
    # Rounded at random, a fraction is added first. Drawing it is free, for no source says what it costs.
    return counts | ({"add": crossings} if stochastic else {})


def nearest_level(levels: int, *, even: bool) -> dict[str, int]:
    """Place of the level nearest to one weight: shifted, scaled, less a half, rounded up; or searched for."""
    if even:
        return {"add": 2, "multiply": 1, "compare": 1}
    # Each comparison halves the levels that are left.
    return {"compare": (levels - 1).bit_length()}


def onto_grid(*, stochastic: bool) -> dict[str, int]:
    """One number onto a fixed-point grid: scaled to it, perhaps a random fraction added, rounded, scaled."""
    rounded = {"multiply": 2, "compare": 1}
    return rounded | ({"add": 1} if stochastic else {})
