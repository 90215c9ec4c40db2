"""Totals in whole base units, and the floats that stand beside them in tables."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["TOTALS", "as_float"]

TOTALS: Final = {
    "energy_aj": ("energy_J", 1e-18),
    "busy_ps": ("busy_s", 1e-12),
    "power_aw": ("power_W", 1e-18),
    "simulated_time_ps": ("simulated_time_s", 1e-12),
}
"""Totals that outgrow 64 bits: kept as decimals, each with a float beside it under the name given."""


def as_float(value: int, scale: float) -> float:
    """A whole number in another unit, which is `scale` as large; infinite where no float is so large."""
    try:
        return value * scale
    # A whole number of more than 308 digits is no float; a product of floats would be infinite as well.
    except OverflowError:
        return math.inf if value > 0 else -math.inf
