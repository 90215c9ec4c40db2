"""How training fares: numbers that are none, weights that stand still, accuracy that stays at chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.errors import DescriptionError, DivergedError, Problem
from chipsim.parts.tile import Tile

__all__ = ["chance_remark", "check_initial_weights", "diverged", "standing_still", "weights_of"]

_FEWEST: Final = 200
"""Samples below which accuracy at chance says little."""
_ERRORS: Final = 2
"""Standard errors within which an accuracy is taken to be chance."""


def weights_of(chip: Chip) -> list[NDArray[np.float64]]:
    """The weights of each tile (rows, columns)."""
    return [tile.weights() for tile in chip.tiles]


def check_initial_weights(chip: Chip) -> None:
    """Refuse to train a chip whose weights are no finite numbers before the first step.

    Raises
    ------
    DescriptionError
        Naming what makes them so: nothing was learnt yet, so no learning rate did.
    """
    wrong = [tile for tile in chip.tiles if not np.isfinite(tile.weights()).all()]
    if not wrong:
        return
    where = "device" if wrong[0].wear() else "network.initial_weights"
    message = (
        f"makes weights of {_named(wrong)} that are no finite numbers before training begins; look at "
        f"{'its conductances and their spreads' if where == 'device' else 'its size'}"
    )
    raise DescriptionError([Problem(path=where, message=message)])


def diverged(chip: Chip, *, where: str) -> DivergedError:
    """The error for numbers that are no finite ones any more, with what is to blame for it.

    Parameters
    ----------
    chip
        As the last step left it.
    where
        Epoch, and step where it is known.
    """
    wrong = [tile for tile in chip.tiles if not np.isfinite(tile.weights()).all()]
    if wrong and _is_programmed(wrong[0]):
        return DivergedError(
            f"{where}: cells of {_named(wrong)} conduct no finite number; no training makes them so, but the "
            "spreads of their levels: look at device"
        )
    if wrong:
        return DivergedError(
            f"{where}: weights of {_named(wrong)} are no finite numbers any more: training diverged; "
            "lower the learning rate"
        )
    return DivergedError(
        f"{where}: the loss is no finite number, though all weights are: sums, activations or normalisation "
        "went beyond single precision; lower the learning rate"
    )


def _is_programmed(tile: Tile) -> bool:
    """Whether cells are programmed to levels, which no learning rate moves."""
    return any(worn.programmings is not None for worn in tile.wear())


def _named(tiles: Sequence[Tile]) -> str:
    return ", ".join(tile.name for tile in tiles)


def standing_still(
    chip: Chip,
    before: Sequence[NDArray[np.float64]],
    after: Sequence[NDArray[np.float64]],
    *,
    epoch: int,
) -> str:
    """A remark when tiles hold the same weights after an epoch as before it; empty when all changed."""
    still = [
        tile for tile, old, new in zip(chip.tiles, before, after, strict=True) if np.array_equal(old, new)
    ]
    if not still:
        return ""
    whose = "" if len(still) == len(chip.tiles) else f" of {_named(still)}"
    return f"no weight{whose} changed in epoch {epoch}"


def chance_remark(labels: NDArray[np.uint8], *, correct: int, first: float, second: float, epoch: int) -> str:
    """A remark when an epoch classified no better than chance and its loss did not fall; else empty.

    Chance is naming the most common class every time, and two standard errors around it.

    Parameters
    ----------
    labels
        Of the training samples (samples,).
    correct
        How many were classified right.
    first, second
        Mean loss over the first and over the second half of the epoch; NaN where there are no halves.
    epoch
        Which epoch it was.

    Examples
    --------
    >>> labels = (np.arange(1000) % 10).astype(np.uint8)
    >>> chance_remark(labels, correct=105, first=0.45, second=0.45, epoch=1)
    'epoch 1 ended at chance: 10.5 % of the training samples right, where always naming the most common \
class gives 10.0 %, and the loss did not fall'
    >>> chance_remark(labels, correct=105, first=0.45, second=0.44, epoch=1)
    ''
    """
    samples = len(labels)
    common = int(np.bincount(labels).max()) / samples
    bound = common + _ERRORS * math.sqrt(common * (1 - common) / samples)
    share = correct / samples
    if samples < _FEWEST or share > bound or not second >= first:
        return ""
    return (
        f"epoch {epoch} ended at chance: {100 * share:.1f} % of the training samples right, where always "
        f"naming the most common class gives {100 * common:.1f} %, and the loss did not fall"
    )
