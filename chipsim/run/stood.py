"""Where the weights that learnt ended: at zero, at the ends of their range, and how far from zero."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.device import PulsedDevice, device_of
from chipsim.net.matrix import Matrix
from chipsim.spec.chip import ChipSpec
from chipsim.spec.hidden import levels_of
from chipsim.spec.views import views
from chipsim.synapse.synapse import synapse_of

__all__ = ["stood"]

_KEYS: Final = ("weights_at_zero", "weights_at_ends", "net_steps")


@attrs.frozen
class _Grain:
    """How a weight is told to be at zero or at an end: by its nearest step or level."""

    step: float
    """What a pulse is worth; zero where weights stand at levels."""
    end: float
    """The largest weight; infinite where there is none."""
    levels: NDArray[np.float64]
    """That there are, ascending; none where pulses move weights."""


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
    ``learnt_weights``: how many there are. ``weights_at_zero``: those nearer to zero than half a step, or
    nearer to a level of zero than to any other, and ``weights_at_ends``: those as near to the largest there
    is. ``net_steps``: pulses that would lead from zero to where weights stand. Each is None where weights
    have no such step, level or end, as numbers, and where pulses are steps of several sizes.
    """
    chips = {view.name: view.chip for view in views(spec)}
    learning = [matrix for matrix in matrices if not matrix.frozen]
    counted: dict[str, int | None] = dict.fromkeys(_KEYS, 0)
    for matrix in learning:
        grain = _grain(chips[matrix.group])
        weights = np.concatenate([block.tile.weights().ravel() for block in matrix.blocks])
        for key, count in zip(_KEYS, _counts(weights, grain), strict=True):
            so_far = counted[key]
            # What one layer cannot say, nobody can say of all.
            counted[key] = None if count is None or so_far is None else so_far + count
    return {"learnt_weights": sum(matrix.weights_in_use for matrix in learning), **counted}


def _counts(weights: NDArray[np.float64], grain: _Grain) -> tuple[int | None, int | None, int | None]:
    """Weights at zero, weights at the ends, and steps from zero."""
    if grain.levels.size:
        middles = (grain.levels[1:] + grain.levels[:-1]) / 2
        places = np.searchsorted(middles, weights)
        ends = [grain.levels.size - 1] if grain.levels[0] == 0 else [0, grain.levels.size - 1]
        at_zero = np.count_nonzero(grain.levels[places] == 0)
        return int(at_zero), int(np.count_nonzero(np.isin(places, ends))), None
    if not grain.step:
        return None, None, None
    sizes, half = np.abs(weights), grain.step / 2
    at_ends = int(np.count_nonzero(sizes > grain.end - half)) if np.isfinite(grain.end) else None
    return int(np.count_nonzero(sizes < half)), at_ends, int(np.rint(sizes / grain.step).sum())


def _grain(chip: ChipSpec) -> _Grain:
    synapse = synapse_of(chip)
    levels = np.array(levels_of(chip), np.float64)
    steps: list[float] = []
    if isinstance(chip.device, PulsedDevice) and chip.device.steps_alike:
        steps = list(synapse.weight_steps(device_of(chip)).values())
    # Of several parts, such as a coarse and a fine pair, nobody says which pulses led there.
    step = steps[0] if len(steps) == 1 else 0.0
    return _Grain(step, synapse.largest_weight(chip), levels)
