"""How training fares: numbers that are none, weights that stand still, accuracy that stays at chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.errors import DescriptionError, DivergedError, Problem
from chipsim.net.network import Network
from chipsim.result import ArrayEpoch
from chipsim.run.under_way import UnderWay
from chipsim.tile.tile import Tile

__all__ = [
    "chance_remark",
    "check_initial_weights",
    "diverged",
    "guessing_loss",
    "late_loss",
    "standing_still",
    "told_of_epoch",
    "weights_of",
    "worn_since",
]

_FEWEST: Final = 200
"""Samples below which accuracy at chance says little."""
_ERRORS: Final = 2
"""Standard errors within which an accuracy, or a loss, is taken to be that of guessing."""


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
    # Only cells wear, and only cells have conductances that can be to blame.
    where, what = "network.initial_weights", "its size"
    if wrong[0].wear():
        where, what = "device", "its conductances and their spreads"
    message = (
        f"makes weights of {_named(wrong)} that are no finite numbers before training begins; look at {what}"
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
    frozen: Collection[str] = (),
) -> str:
    """A remark when tiles hold the same weights after an epoch as before it; empty when all changed.

    Parameters
    ----------
    chip
        The chip.
    before, after
        Weights of each of its tiles.
    epoch
        That ended.
    frozen
        Names of tiles whose weights are to stay as they are.
    """
    compared = zip(chip.tiles, before, after, strict=True)
    held = [tile for tile, old, new in compared if np.array_equal(old, new)]
    still = [tile for tile in held if tile.name not in frozen]
    if not still:
        return ""
    all_still = len(still) + len(frozen) == len(chip.tiles)
    whose = "" if all_still else f" of {_named(still)}"
    return f"no weight{whose} changed in epoch {epoch}"


def late_loss(steps: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Mean loss over the second half of an epoch, and the standard error that its steps give it.

    Parameters
    ----------
    steps
        Loss, summed over its samples, and samples of each step.

    Returns
    -------
    tuple
        Per sample; the error is NaN where fewer than two steps reach into the second half.

    Examples
    --------
    >>> late_loss([(9.0, 1), (7.0, 1), (1.0, 1), (3.0, 1)])
    (2.0, 1.0)
    """
    losses, samples = np.array(steps, np.float64).reshape(-1, 2).T
    late = 2 * samples.cumsum() > samples.sum()
    # The last batch may be smaller: the mean weighs samples, and only its error takes all steps alike.
    mean = losses[late].sum() / samples[late].sum()
    means = losses[late] / samples[late]
    error = math.nan
    if len(means) > 1:
        error = means.std(ddof=1) / math.sqrt(len(means))
    return float(mean), float(error)


def guessing_loss(labels: NDArray[np.uint8], *, kind: str) -> float:
    """The least loss of outputs that are the same for every sample, which is what guessing comes to.

    Both losses are least where each output is the share of its class: the entropy of the shares in nats for
    ``cross-entropy``, which is ln C for C classes alike, and half the sum of p (1 - p) for ``squared-error``.

    Parameters
    ----------
    labels
        Of the training samples (samples,).
    kind
        The network's loss.

    Examples
    --------
    >>> labels = np.arange(10).astype(np.uint8)
    >>> round(guessing_loss(labels, kind="cross-entropy"), 4), guessing_loss(labels, kind="squared-error")
    (2.3026, 0.45)
    """
    counts = np.bincount(labels)
    # A class that never occurs adds nothing, but zero times the logarithm of zero would be no number.
    shares = counts[counts > 0] / len(labels)
    if kind == "cross-entropy":
        return float(-(shares * np.log(shares)).sum())
    return float((shares * (1 - shares)).sum() / 2)


def chance_remark(
    labels: NDArray[np.uint8], *, correct: int, loss: float, error: float, guess: float, epoch: int
) -> str:
    """A remark when an epoch told classes no better apart than guessing does; empty when it did.

    Chance is naming the most common class every time, and two standard errors around it.

    Parameters
    ----------
    labels
        Of the training samples (samples,).
    correct
        How many were classified right.
    loss, error
        Of the second half of the epoch, as :func:`late_loss` has them.
    guess
        What guessing gives, as :func:`guessing_loss` has it.
    epoch
        Which epoch it was.

    Examples
    --------
    >>> labels = (np.arange(1000) % 10).astype(np.uint8)
    >>> chance_remark(labels, correct=105, loss=0.451, error=0.001, guess=0.45, epoch=1)
    'epoch 1 ended at chance: 10.5 % of the training samples right, where always naming the most common \
class gives 10.0 %, and a loss of 0.451, where outputs that are the same for all samples give 0.45'
    >>> chance_remark(labels, correct=105, loss=0.44, error=0.001, guess=0.45, epoch=1)
    ''
    """
    samples = len(labels)
    if samples < _FEWEST or math.isnan(error):
        return ""
    common = int(np.bincount(labels).max()) / samples
    share = correct / samples
    deviation = math.sqrt(common * (1 - common) / samples)
    if share > common + _ERRORS * deviation:
        return ""
    # A loss that falls proves nothing by itself, for it also falls while outputs become the same for all
    # samples; only one that lies below that of such outputs shows that something is learnt.
    if loss < guess - _ERRORS * error:
        return ""
    return (
        f"epoch {epoch} ended at chance: {100 * share:.1f} % of the training samples right, where always "
        f"naming the most common class gives {100 * common:.1f} %, and a loss of {loss:.4g}, where outputs "
        f"that are the same for all samples give {guess:.4g}"
    )


def told_of_epoch(
    network: Network, under_way: UnderWay, labels: NDArray[np.uint8], *, epoch: int
) -> dict[str, str]:
    """What should be said of an epoch whose samples are through, by the kind of it; empty for nothing.

    Parameters
    ----------
    network
        The network, as the epoch left it.
    under_way
        The epoch.
    labels
        Of all its samples.
    epoch
        Its number.

    Raises
    ------
    DivergedError
        When weights are no finite numbers any more.
    """
    chip, sums = network.chip, under_way.sums
    after = weights_of(chip)
    if not all(np.isfinite(weights).all() for weights in after):
        raise diverged(chip, where=f"epoch {epoch}")
    loss, error = late_loss(sums.steps)
    guess = guessing_loss(labels, kind=network.network.loss)
    still = standing_still(chip, under_way.before, after, epoch=epoch, frozen=network.frozen_tiles)
    chance = chance_remark(labels, correct=sums.correct, loss=loss, error=error, guess=guess, epoch=epoch)
    return {"still": still, "chance": chance}


def worn_since(before: dict[str, tuple[int, int, int]], chip: Chip, *, epoch: int) -> list[ArrayEpoch]:
    """What each array of a chip went through since it was looked at last.

    Parameters
    ----------
    before
        Pulses, resets and updates of each array then; brought up to now.
    chip
        The chip.
    epoch
        The epoch that it is told as.
    """
    rows = []
    for tile in chip.tiles:
        for worn in tile.wear():
            # Cells count in 32 bits, and an array of them sums up to more.
            pulses = int(worn.pulses.sum(dtype=np.int64))
            resets = int(worn.resets.sum(dtype=np.int64))
            had = before.get(worn.array, (0, 0, 0))
            row = ArrayEpoch(
                epoch=epoch,
                array=worn.array,
                pulses=pulses - had[0],
                resets=resets - had[1],
                updates=worn.updates - had[2],
            )
            rows.append(row)
            before[worn.array] = (pulses, resets, worn.updates)
    return rows
