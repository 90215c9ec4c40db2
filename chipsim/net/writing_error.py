"""How far weights are, once they are written for the first time, from what they should be."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats

__all__ = ["WritingError", "writing_error"]


@attrs.frozen(kw_only=True)
class WritingError:
    """The error of one matrix."""

    share: float
    """Root of the mean square over all weights, as a share of the largest that there should be; from 0."""
    weights: int
    """How many there are."""


def writing_error(blocks: Iterable[tuple[Floats, NDArray[np.float64]]]) -> WritingError | None:
    """The error of weights that are held instead of others; None where all of these are zero.

    Parameters
    ----------
    blocks
        What there should be and what is held of each block (rows, columns).

    Examples
    --------
    >>> found = writing_error([(np.float32([[1, -4]]), np.array([[1.0, -3.0]]))])
    >>> round(found.share, 4), found.weights
    (0.1768, 2)
    """
    squares, largest, weights = 0.0, 0.0, 0
    # What is no finite number is told by whoever looks for it.
    with np.errstate(invalid="ignore", over="ignore"):
        for wanted, held in blocks:
            missed = held - wanted
            squares += float(np.square(missed, out=missed).sum())
            largest = max(largest, float(np.abs(wanted).max(initial=0)))
            weights += missed.size
    if not largest:
        return None
    return WritingError(share=math.sqrt(squares / weights) / largest, weights=weights)
