"""How the first writing of weights came out, as figures of a result: by layer, and what tiles looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chipsim.device.types import Sums
from chipsim.net.network import Network
from chipsim.net.writing_error import WritingError
from chipsim.run.ended import names_of
from chipsim.tile.tile import FirstWriting, Tile

__all__ = ["figures_of_tiles", "figures_of_writing", "written_weights"]

_KEY = "programming_error_percent"


def written_weights(network: Network) -> dict[str, WritingError]:
    """The error of each layer of weights by its name; none where it was not measured."""
    named = zip(names_of(network.stages), network.matrices, strict=True)
    return {name: matrix.written for name, matrix in named if matrix.written is not None}


def figures_of_writing(written: dict[str, WritingError]) -> dict[str, float]:
    """Figures of a summary: the error over all weights, and that of each layer.

    Parameters
    ----------
    written
        By the names of layers.

    Examples
    --------
    >>> made = {"a": WritingError(share=0.03, weights=300), "b": WritingError(share=0.01, weights=100)}
    >>> [round(percent, 3) for percent in figures_of_writing(made).values()]
    [2.646, 3.0, 1.0]
    """
    if not written:
        return {}
    weights = sum(one.weights for one in written.values())
    squares = sum(one.weights * one.share**2 for one in written.values())
    each = {f"{_KEY}.{name}": 100 * one.share for name, one in written.items()}
    return {_KEY: 100 * math.sqrt(squares / weights), **each}


def figures_of_tiles(tiles: Iterable[Tile]) -> dict[str, Any]:
    """Figures of a summary: symmetry points, and rounds of verified weights; none where nobody looked.

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
