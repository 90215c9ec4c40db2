"""Where the weights that learnt ended: at zero, at the ends of their range, and how far from zero."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from chipsim.device.device import device_of
from chipsim.net.matrix import Matrix
from chipsim.spec.chip import ChipSpec
from chipsim.spec.views import views
from chipsim.synapse.synapse import synapse_of

__all__ = ["stood"]

_KEYS: Final = ("learnt_weights", "weights_at_zero", "weights_at_ends", "net_steps")


def stood(spec: ChipSpec, matrices: tuple[Matrix[Any], ...]) -> dict[str, int | None]:
    """Figures of a summary on the weights that a run ended with, those of layers that learn.

    Parameters
    ----------
    spec
        The chip as described.
    matrices
        The network's weights, the first layer first.

    Returns
    -------
    ``learnt_weights``: how many there are. ``weights_at_zero``: those nearer to zero than half of the
    smallest difference of two weights, and ``weights_at_ends``: those as near to the largest there is; None
    where weights have no smallest difference, or no end. ``net_steps``: pulses that would lead from zero to
    where weights stand; None where no pulse of one size does.
    """
    chips = {view.name: view.chip for view in views(spec)}
    counted = dict.fromkeys(_KEYS, 0)
    unknown: set[str] = set()
    for matrix in matrices:
        if matrix.frozen:
            continue
        chip = chips[matrix.group]
        grain, end = _grain(chip), synapse_of(chip).largest_weight(chip)
        counted["learnt_weights"] += matrix.weights_in_use
        weights = np.abs(np.concatenate([block.tile.weights().ravel() for block in matrix.blocks]))
        if not grain:
            unknown |= {"weights_at_zero", "weights_at_ends", "net_steps"}
            continue
        counted["weights_at_zero"] += int(np.count_nonzero(weights < grain / 2))
        counted["weights_at_ends"] += int(np.count_nonzero(weights > end - grain / 2))
        counted["net_steps"] += int(np.rint(weights / grain).sum())
        if not np.isfinite(end):
            unknown.add("weights_at_ends")
        if not _one_step(chip):
            unknown.add("net_steps")
    return {key: None if key in unknown else count for key, count in counted.items()}


def _steps(chip: ChipSpec) -> list[float]:
    """What a pulse changes a weight by, for each part of a synapse."""
    return [] if chip.device is None else list(synapse_of(chip).weight_steps(device_of(chip)).values())


def _one_step(chip: ChipSpec) -> bool:
    return len(_steps(chip)) == 1


def _grain(chip: ChipSpec) -> float:
    """The smallest difference of two weights; zero where there is none."""
    levels: tuple[float, ...] = getattr(chip.synapse, "levels", ())
    gaps = np.diff(np.array(levels)).tolist()
    return min([*_steps(chip), *gaps], default=0.0)
