"""What is odd about a dataset of the caller's, and no fault: told as warnings where it is made."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chipsim.errors import ChipsimWarning

__all__ = ["tell_first_class", "tell_untrained", "untrained"]

_MOST_TOLD: Final = 10
"""Classes that a warning lists."""
_CALLER: Final = 4
"""Frames from the warning to whoever makes the dataset."""


def tell_first_class(name: str, labels: Sequence[NDArray[np.generic]], *, classes: int) -> None:
    """Say it when no label is 0, for labels are often counted from 1.

    Parameters
    ----------
    name
        What the dataset is called.
    labels
        Those to train and those to test on.
    classes
        How many classes there are.
    """
    lowest = min(int(part.min()) for part in labels)
    if lowest > 0 and classes > 1:
        _tell(
            f"{name}: class 0 never occurs, the lowest label is {lowest}; labels count from 0, so subtract "
            "1 if these count from 1"
        )


def tell_untrained(name: str, train: NDArray[np.generic], test: NDArray[np.generic]) -> None:
    """Say it when a class is only tested.

    Parameters
    ----------
    name
        What the dataset is called.
    train, test
        Labels (samples,).
    """
    words = untrained(train, test)
    if words:
        _tell(f"{name}: {words}")


def untrained(train: NDArray[np.generic], test: NDArray[np.generic]) -> str:
    """Which classes are only tested, for a network cannot learn what it is never shown; empty where none is.

    Parameters
    ----------
    train, test
        Labels (samples,).

    Examples
    --------
    >>> untrained(np.array([0, 1]), np.array([0, 2, 2])).partition(";")[0]
    'class 2 occurs in the test set only, in 2 of its 3 samples'
    """
    classes = np.setdiff1d(test, train)
    if not classes.size:
        return ""
    samples = int(np.isin(test, classes).sum())
    told = ", ".join(map(str, classes[:_MOST_TOLD]))
    more = classes.size - _MOST_TOLD
    which = f"class {told} occurs" if classes.size == 1 else f"classes {told} occur"
    if more > 0:
        which = f"classes {told} and {more} more occur"
    return (
        f"{which} in the test set only, in {samples} of its {len(test)} samples; what no training sample "
        "shows cannot be learnt"
    )


def _tell(message: str) -> None:
    warnings.warn(message, ChipsimWarning, stacklevel=_CALLER)
