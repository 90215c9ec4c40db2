"""How weights at levels become conductances, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chipsim.units import CONDUCTANCE, Siemens, show

__all__ = ["level_words"]

_SAME: Final = 1e-4
"""Share of the outermost level that a level may be off without being named: printed digits hide less."""
_EXACT: Final = 1e-6
"""Share of the outermost level that all levels may be off without a word."""


def level_words(
    levels: tuple[float, ...], means: tuple[float, ...], *, cells: int, made: tuple[float, ...]
) -> str:
    """The outermost level, and which weights the cells cannot make as they are wanted.

    Parameters
    ----------
    levels
        Weights that there are, ascending.
    means
        Mean conductance of each level of a cell, S.
    cells
        Cells of a weight.
    made
        The weights that the cells make of the levels.

    Examples
    --------
    >>> level_words((-1.0, 1.0), (5e-6, 125e-6), cells=2, made=(-1.0, 1.0)).partition("; ")[2]
    'the cells make every level as it is wanted.'
    """
    ends = f"{show(Siemens(means[0]), CONDUCTANCE)} and {show(Siemens(means[-1]), CONDUCTANCE)}"
    outer = f"the outermost level is {'two cells at' if cells > 1 else 'one cell between'} {ends}"
    return f"Conductances: {outer}; the cells make {_made_words(levels, made)}."


def _made_words(levels: Sequence[float], made: Sequence[float]) -> str:
    """The levels that come out as other weights, as far as four digits tell them apart."""
    off = {wanted: abs(wanted - got) / levels[-1] for wanted, got in zip(levels, made, strict=True)}
    named = [
        f"{wanted:g} becomes {got:.4g}"
        for wanted, got in zip(levels, made, strict=True)
        if off[wanted] > _SAME and f"{wanted:.4g}" != f"{got:.4g}"
    ]
    if named:
        return f"other weights than wanted: {', '.join(named)}"
    worst = max(off.values())
    almost = f", to {100 * worst:.1g} % of the outermost" if worst > _EXACT else ""
    return f"every level as it is wanted{almost}"
