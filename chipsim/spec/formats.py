"""Number formats that digital parts compute in: how wide their words are, and which of them span a range."""

from __future__ import annotations

from typing import Final

from chipsim.units import Bits

__all__ = ["FIXED_STEPS", "FORMATS", "ROUNDING_IS_FREE", "is_fixed", "word_bits"]

ROUNDING_IS_FREE: Final = "Random numbers that weights are rounded with take no time and no energy."
"""What is said of weights that are rounded at random, wherever they are kept."""

FORMATS: Final[dict[str, int]] = {
    "fixed-8": 8,
    "fixed-16": 16,
    "fixed-32": 32,
    "float-16": 16,
    "float-32": 32,
}
"""Bits of a word by format. A fixed-point word of b bits counts steps from minus to plus 2**(b - 1) - 1,
which stand for the ends of its range; ``float-16`` and ``float-32`` are those of IEEE 754."""
_FIXED: Final = tuple(name for name in FORMATS if name.startswith("fixed-"))
# One code of two's complement is left out, so that both ends lie equally far from zero.
FIXED_STEPS: Final[dict[str, int]] = {name: (1 << (FORMATS[name] - 1)) - 1 for name in _FIXED}
"""Steps of a fixed-point word from zero to the end of its range, by format; others have no range."""


def is_fixed(name: str) -> bool:
    """Whether a format is fixed-point, so that its numbers span a range.

    Examples
    --------
    >>> is_fixed("fixed-16"), is_fixed("float-16")
    (True, False)
    """
    return name in FIXED_STEPS


def word_bits(name: str) -> Bits:
    """Bits of one number.

    Examples
    --------
    >>> word_bits("fixed-8")
    8
    """
    return Bits(FORMATS[name])
