"""The factor between the levels of cells and the weights of a layer, chosen once for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.spec.fields import between, one_of

__all__ = ["Scale"]

_TRIED: Final = 200
"""Factors that are tried for the least error, evenly spaced up to that of the largest weight."""


@attrs.frozen(kw_only=True)
class Scale:
    """What the outermost level stands for, in each layer by itself, by the weights that it is given.

    The digital unit multiplies the sums of a layer by its factor. Biases are weights like others here:
    where they are far larger, as some of VGG-16's are, they decide the scale, and all else lies between few
    levels.

    Examples
    --------
    >>> weights = np.array([0.1, -0.2, 0.4])
    >>> Scale(by="largest").factor(weights, levels=(-1.0, 0.0, 1.0))
    0.4
    """

    by: Literal["largest", "deviations", "least-squares"] = attrs.field(
        validator=one_of("largest", "deviations", "least-squares")
    )
    """``largest``: the largest weight; ``deviations``: so many standard deviations of the weights;
    ``least-squares``: what makes the squared error of all weights least, of 200 shares of the largest."""
    deviations: float = attrs.field(default=3.0, validator=between(0.01, 1000))
    """Standard deviations that levels cover, where these decide."""

    @property
    def words(self) -> str:
        """What decides the factor, in a few words."""
        reach = {
            "largest": "its largest weight",
            "deviations": f"{self.deviations:g} standard deviations of its weights",
            "least-squares": "the least squared error of its weights",
        }
        return f"scaled in each layer by {reach[self.by]}"

    def factor(self, weights: NDArray[Any], *, levels: Sequence[float]) -> float:
        """Weight that a level of one stands for; one where all weights are zero.

        Parameters
        ----------
        weights
            Of one layer, in any shape.
        levels
            That there are, ascending.
        """
        largest = float(np.abs(weights).max(initial=0.0))
        if not largest:
            return 1.0
        if self.by == "deviations":
            return self.deviations * float(weights.std(dtype=np.float64)) / levels[-1]
        if self.by == "largest":
            return largest / levels[-1]
        return _least(weights.ravel().astype(np.float64), np.array(levels), largest / levels[-1])


def _least(weights: NDArray[np.float64], levels: NDArray[np.float64], most: float) -> float:
    """The factor, up to one, whose nearest levels leave the least squared error."""
    middles = (levels[1:] + levels[:-1]) / 2
    # Sorted once: of weights in order, those of one level lie between two places.
    ascending = np.sort(weights)
    sums = np.concatenate([[0.0], np.cumsum(ascending)])
    best, least = most, np.inf
    for share in range(1, _TRIED + 1):
        factor = most * share / _TRIED
        bounds = np.searchsorted(ascending, middles * factor)
        ends = np.concatenate([[0], bounds, [ascending.size]])
        count, total = np.diff(ends), np.diff(sums[ends])
        # Less the sum of squares of the weights, which no factor changes.
        error = float((factor**2 * levels**2 * count - 2 * factor * levels * total).sum())
        if error < least:
            best, least = factor, error
    return best
