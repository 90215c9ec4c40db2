"""What a description says of chips whose weights are levels, and whose learning state is digital."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

import attrs

from chipsim.spec.fields import between, more_than
from chipsim.spec.formats import ROUNDING_IS_FREE
from chipsim.units import Bits

__all__ = [
    "FORMAT_BITS",
    "MemorySpec",
    "grid_step",
]

FORMAT_BITS = {
    "float-32": 32, "bfloat-16": 16,
    "fixed-20": 20, "fixed-16": 16, "fixed-12": 12, "fixed-10": 10, "fixed-8": 8,
}  # fmt: skip
"""Bits of a number in each format that hidden state may be kept in."""

_Hidden = Literal["float-32", "fixed-20", "fixed-16", "fixed-12", "fixed-10", "fixed-8"]


def grid_step(levels: Sequence[float], number_format: str) -> float:
    """Distance of two neighbouring hidden weights in a format; zero for floating point.

    A fixed-point number of b bits counts steps from minus to plus 2**(b - 1) - 1, which are the outer levels.

    Examples
    --------
    >>> grid_step((-1.27, 1.27), "fixed-8")
    0.01
    """
    if not number_format.startswith("fixed"):
        return 0.0
    return levels[-1] / ((1 << (FORMAT_BITS[number_format] - 1)) - 1)


@attrs.frozen(kw_only=True)
class MemorySpec:
    """The digital unit's memory for hidden weights, moments and normalisation."""

    needs: ClassVar[frozenset[str]] = frozenset()
    offers: ClassVar[frozenset[str]] = frozenset({"memory"})

    size: Bits | Literal["auto"] = attrs.field(default="auto", validator=more_than(0))
    """``auto`` builds as much as the workload needs."""
    banks: int = attrs.field(default=1, validator=between(1, 65_536))
    """Banks that are accessed side by side."""
    width: Bits = attrs.field(validator=more_than(0))
    """Bits of one access of one bank."""
    weights: _Hidden = "float-32"
    """Number format of hidden weights; fixed-point formats span the range of levels."""
    moments: Literal["float-32", "bfloat-16"] = "float-32"
    """Number format of the optimiser's moments."""
    rounding: Literal["nearest", "stochastic"] = "nearest"
    """How a new hidden weight gets onto the grid of a fixed-point format, and a moment to fewer bits."""

    def idealised(self) -> Iterable[str]:
        """Random numbers are free."""
        if self.rounding == "stochastic":
            yield ROUNDING_IS_FREE
