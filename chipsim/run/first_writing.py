"""What the first writing of weights made of them, as figures of a result."""

from __future__ import annotations

import math

from chipsim.net.network import Network
from chipsim.net.writing_error import WritingError
from chipsim.run.ended import names_of

__all__ = ["figures_of_writing", "written_weights"]

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
