"""What number formats do to numbers: rounding onto a grid that ends, or to fewer bits of a significand."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats, kernel
from chipsim.spec.formats import FIXED_STEPS

__all__ = ["count_beyond", "largest_of", "onto_format", "onto_grid", "onto_unit_grid"]

_NO_FRACTIONS: Final = np.empty((0, 0), np.float32)
_LARGEST_HALF: Final = 65_504.0
_HALF_DIGITS: Final = 11
"""Binary digits of a number in half precision, the first one included."""
_SMALLEST_EXPONENT: Final = -24
"""Numbers in half precision lie at least two to this power apart."""


def onto_format(
    values: NDArray[Any], name: str, *, full_scale: float = 1.0, fractions: Floats = _NO_FRACTIONS
) -> None:
    """Round numbers to a format, in place; what lies beyond its range becomes its end.

    Parameters
    ----------
    values
        Numbers (rows, columns), in single or double precision. Single precision holds fixed-point numbers of
        32 bits to 24 significant bits only.
    name
        A format of :data:`chipsim.spec.formats.FORMATS`; ``float-32`` leaves numbers as they are.
    full_scale
        Largest number of a fixed-point format; floating point has a range of its own.
    fractions
        Random numbers in [0, 1) (rows, columns) to round up as often as the distance says; of size zero to
        round to nearest, ties to even.

    Examples
    --------
    >>> numbers = np.array([[0.3, -0.001, 1.7]])
    >>> onto_format(numbers, "fixed-8", full_scale=1.27)
    >>> numbers.round(3).tolist()
    [[0.3, -0.0, 1.27]]
    """
    steps = FIXED_STEPS.get(name)
    if steps is not None:
        step = full_scale / steps
        onto_grid(values, step, -steps * step, steps * step, fractions)
    elif name == "float-16":
        _to_half(values, fractions)
    else:
        assert name == "float-32", f"{name}: checked with the description"


def largest_of(name: str) -> float:
    """The largest number of a format whose fixed-point numbers reach one; infinite for ``float-32``.

    Examples
    --------
    >>> largest_of("fixed-8"), largest_of("float-16")
    (1.0, 65504.0)
    """
    if name in FIXED_STEPS:
        return 1.0
    return _LARGEST_HALF if name == "float-16" else math.inf


@kernel
def onto_unit_grid(values: NDArray[Any], steps: int, tally: NDArray[np.int64]) -> None:
    """Round numbers to whole shares of one, in place, hold them within plus and minus one, and count.

    Parameters
    ----------
    values
        (rows, columns).
    steps
        Steps from zero to one.
    tally
        Added to: numbers that are not zero, and those that lay beyond plus and minus one (2,).
    """
    step = 1.0 / steps
    end = steps * step
    there, beyond = 0, 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = np.float64(values[i, j])
            there += int(value != 0)
            beyond += int(abs(value) > 1.0)
            nearest = np.rint(value / step) * step
            values[i, j] = min(max(nearest, -end), end)
    tally[0] += there
    tally[1] += beyond


@kernel
def count_beyond(values: NDArray[Any], largest: float, tally: NDArray[np.int64]) -> None:
    """Add to a tally how many numbers (rows, columns) are not zero, and how many lie beyond the largest."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            tally[0] += values[i, j] != 0
            tally[1] += abs(values[i, j]) > largest


@kernel
def onto_grid(values: NDArray[Any], step: float, low: float, high: float, fractions: Floats) -> None:
    """Round numbers to whole steps, in place; what lies beyond the range becomes its end.

    Parameters
    ----------
    values
        (rows, columns).
    step
        Distance of two neighbouring numbers.
    low, high
        Smallest and largest number.
    fractions
        Random numbers in [0, 1) (rows, columns) for stochastic rounding; of size zero to round to nearest.
    """
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            exact = np.float64(values[i, j]) / step
            count = np.rint(exact)
            # Rounded down after a random fraction: up as often as the number lies above the step below.
            if fractions.size:
                count = np.floor(exact + np.float64(fractions[i, j]))
            values[i, j] = min(max(count * step, low), high)


def _to_half(values: NDArray[Any], fractions: Floats) -> None:
    if fractions.size:
        # As many steps of the last digit as lie between zero and the number, a random fraction added.
        _, exponents = np.frexp(values)
        step = np.ldexp(1.0, np.maximum(exponents - _HALF_DIGITS, _SMALLEST_EXPONENT))
        values[:] = np.floor(values / step + fractions) * step
    # Before the conversion, which would make infinities of what lies beyond.
    np.clip(values, -_LARGEST_HALF, _LARGEST_HALF, out=values)
    values[:] = values.astype(np.float16)
