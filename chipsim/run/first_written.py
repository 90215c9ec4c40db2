"""How a first writing came out: symmetry points and errors of references."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chipsim.device.types import Sums
from chipsim.tile.tile import Tile

__all__ = ["first_written"]


def first_written(tiles: Iterable[Tile]) -> dict[str, Any]:
    """Figures of a summary on first weights; none of them where nobody looked.

    Parameters
    ----------
    tiles
        Those of the chip.
    """
    told = [one for tile in tiles if (one := tile.first_writing()) is not None]
    found = _moments("symmetry_point", [one.points for one in told])
    return found | _moments("reference_error", [one.errors for one in told])


def _moments(name: str, sums: Sequence[Sums]) -> dict[str, float]:
    """Mean and standard deviation from counts, sums and sums of squares; nothing of nothing."""
    count, total, squares = np.sum(sums, axis=0).tolist() if sums else (0, 0, 0)
    if not count:
        return {}
    mean = total / count
    # Rounding may leave a little less than nothing of equal numbers.
    variance = max(squares / count - mean**2, 0.0)
    return {f"{name}_mean": mean, f"{name}_spread": math.sqrt(variance)}
