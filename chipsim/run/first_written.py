"""How a first writing came out: symmetry points, errors of references, and rounds of verifying."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chipsim.device.types import Sums
from chipsim.tile.tile import FirstWriting, Tile

__all__ = ["first_written"]


def first_written(tiles: Iterable[Tile]) -> dict[str, Any]:
    """Figures of a summary on first weights; none of them where nobody looked.

    Parameters
    ----------
    tiles
        Those of the chip.
    """
    told = [one for tile in tiles if (one := tile.first_writing()) is not None]
    found = _moments("symmetry_point", [one.points for one in told if one.points is not None])
    found |= _moments("reference_error", [one.errors for one in told if one.errors is not None])
    return found | _rounds(told)


def _moments(name: str, sums: Sequence[Sums]) -> dict[str, float]:
    """Mean and standard deviation from counts, sums and sums of squares; nothing of nothing."""
    count, total, squares = np.sum(sums, axis=0).tolist() if sums else (0, 0, 0)
    if not count:
        return {}
    mean = total / count
    # Rounding may leave a little less than nothing of equal numbers.
    variance = max(squares / count - mean**2, 0.0)
    return {f"{name}_mean": mean, f"{name}_spread": math.sqrt(variance)}


def _rounds(told: Sequence[FirstWriting]) -> dict[str, Any]:
    """Weights by the rounds that they took, as far as any took one, and those that were never right."""
    each = [one.rounds for one in told if one.rounds is not None]
    if not each:
        return {}
    # Groups of tiles may have other numbers of rounds.
    longest = max(rounds.size for rounds in each)
    right = np.zeros(longest - 1, np.int64)
    for rounds in each:
        right[: rounds.size - 1] += rounds[:-1]
    off = sum(int(rounds[-1]) for rounds in each)
    last = int(np.flatnonzero(right).max(initial=0))
    return {"initial_weights_by_rounds": right[: last + 1].tolist(), "initial_weights_off": off}
