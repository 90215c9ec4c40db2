"""Which level of its cells stands for each weight of a chip whose weights are levels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from chipsim.units import CONDUCTANCE, show

__all__ = ["cell_levels", "difference_levels", "made_weights", "weight_per_siemens"]

_EQUAL: Final = 1e-9
"""Share of the outermost weight by which two pairs may differ that are equally near."""


def cell_levels(
    levels: tuple[float, ...], conductances: tuple[float, ...], *, cells: int, from_low: bool = False
) -> tuple[tuple[int, ...], ...]:
    """The level of each cell, for each weight that there is.

    A cell's own weight follows from its mean conductance; each weight takes the cell level whose own weight
    is nearest, the lower one when two are equally near. With two cells one of them stands at its lowest
    level: the minus cell for positive weights, the plus cell for negative ones, both for zero. A single cell
    is compared with the middle of its range.

    Parameters
    ----------
    levels
        Weights that there are, ascending; symmetric around zero, but for single cells from their low level.
    conductances
        Mean conductance of each level of a cell, S, ascending; the first is its low level.
    cells
        Cells that carry a weight: two (plus, minus), or one.
    from_low
        A single cell is compared with its low level instead of the middle of its range.

    Returns
    -------
    For each weight the level of each of its cells, counted from zero, the low level.

    Raises
    ------
    ValueError
        When the conductances leave no range, or two weights would be the same state of their cells.

    Examples
    --------
    >>> cell_levels((-1.0, -0.5, 0.0, 0.5, 1.0), (0.0, 50e-6, 100e-6), cells=2)
    ((0, 2), (0, 1), (0, 0), (1, 0), (2, 0))
    >>> cell_levels((-1.0, 1.0), (0.0, 50e-6, 100e-6), cells=1)
    ((0,), (2,))
    """
    own = _own_weights(levels, conductances, cells=cells, from_low=from_low)
    states: tuple[tuple[int, ...], ...]
    if cells == 1:
        states = tuple((_nearest(own, weight),) for weight in levels)
    else:
        states = tuple(_pair(_nearest(own, abs(weight)), weight) for weight in levels)
    _apart(levels, states, conductances=conductances, cells=cells, from_low=from_low)
    return states


# Every tile of a chip asks for the same.
@lru_cache(maxsize=64)
def difference_levels(
    levels: tuple[float, ...], conductances: tuple[float, ...]
) -> tuple[tuple[int, int], ...]:
    """The levels of both cells of a pair, for each weight that there is, either cell at any of its levels.

    Each weight takes the two levels whose difference is nearest; of pairs that are equally near, the one that
    conducts least, which takes least to be read.

    Parameters
    ----------
    levels
        Weights that there are, ascending and symmetric around zero.
    conductances
        Mean conductance of each level of a cell, S, ascending.

    Raises
    ------
    ValueError
        When the conductances leave no range, or two weights would be the same state of their cells.

    Examples
    --------
    >>> difference_levels((-3.0, -2.0, 0.0, 2.0, 3.0), (0.0, 10e-6, 30e-6))
    ((0, 2), (1, 2), (0, 0), (2, 1), (2, 0))
    """
    scale = weight_per_siemens(levels, conductances, cells=2)
    places = range(len(conductances))
    ways = [(plus, minus) for plus in places for minus in places]
    states = tuple(_nearest_pair(weight, ways, conductances, scale=scale) for weight in levels)
    for index in range(1, len(levels)):
        if states[index] == states[index - 1]:
            one, other = levels[index - 1], levels[index]
            there = ", ".join(show(siemens, CONDUCTANCE) for siemens in conductances)
            raise ValueError(
                f"levels {one:g} and {other:g} would be the same state of the cells: no difference of two of "
                f"their levels, {there}, is nearer to one than to the other"
            )
    return states


def _nearest_pair(
    weight: float, ways: Sequence[tuple[int, int]], conductances: Sequence[float], *, scale: float
) -> tuple[int, int]:
    """The levels of the plus and of the minus cell that come nearest to a weight."""
    # Of the larger cell first: what stands for a weight and for minus that weight is the same, exchanged.
    size = abs(weight)
    errors = {(a, b): abs((conductances[a] - conductances[b]) * scale - size) for a, b in ways}
    least = min(errors.values())
    near = [way for way, error in errors.items() if error <= least + _EQUAL * scale * conductances[-1]]
    plus, minus = min(near, key=lambda way: conductances[way[0]] + conductances[way[1]])
    return (plus, minus) if weight >= 0 else (minus, plus)


def made_weights(
    levels: tuple[float, ...], conductances: tuple[float, ...], *, cells: int, from_low: bool = False
) -> tuple[float, ...]:
    """The weight that the cells' mean conductances really make, for each weight that there is.

    Parameters
    ----------
    levels, conductances, cells, from_low
        As :func:`cell_levels` takes them.

    Raises
    ------
    ValueError
        As :func:`cell_levels`.

    Examples
    --------
    >>> made_weights((-1.0, -0.5, 0.0, 0.5, 1.0), (0.0, 60e-6, 100e-6), cells=2)
    (-1.0, -0.6, 0.0, 0.6, 1.0)
    """
    own = _own_weights(levels, conductances, cells=cells, from_low=from_low)
    made = []
    for state in cell_levels(levels, conductances, cells=cells, from_low=from_low):
        minus = own[state[1]] if cells > 1 else 0.0
        made.append(own[state[0]] - minus)
    # Without the last digits, in which a quotient of conductances is off from the weight that is meant.
    return tuple(round(weight, 12) for weight in made)


def _own_weights(
    levels: Sequence[float], conductances: Sequence[float], *, cells: int, from_low: bool
) -> list[float]:
    """What each level of one cell adds to a weight."""
    scale = weight_per_siemens(levels, conductances, cells=cells, from_low=from_low)
    zero = _zero(conductances, cells=cells, from_low=from_low)
    return [(conductance - zero) * scale for conductance in conductances]


def _zero(conductances: Sequence[float], *, cells: int, from_low: bool) -> float:
    """Conductance of a cell that adds nothing to a weight, S."""
    # The other cell of a pair stands at its low level; a single one is held against the middle of its range.
    return conductances[0] if cells > 1 or from_low else (conductances[0] + conductances[-1]) / 2


def weight_per_siemens(
    levels: Sequence[float], conductances: Sequence[float], *, cells: int, from_low: bool = False
) -> float:
    """Weight units that a siemens of difference stands for, so that the outer cell level is the outer weight.

    Parameters
    ----------
    levels
        Weights that there are, ascending and symmetric around zero.
    conductances
        Mean conductance of each level of a cell, S, ascending.
    cells
        Cells that carry a weight: two, or one that is compared with the middle of its range.
    from_low
        A single cell is compared with its low level.

    Raises
    ------
    ValueError
        When the conductances or the weights leave no range.
    """
    low, high = conductances[0], conductances[-1]
    span = high - low
    if span <= 0:
        wanted = "a cell needs a highest level that conducts more than its low level"
        raise ValueError(f"{wanted}, not {high:g} S over {low:g} S")
    if not levels or levels[-1] <= 0:
        raise ValueError(f"needs a level above zero, not {list(levels)}")
    if cells > 1 or from_low:
        return levels[-1] / span
    # From the middle, a single cell has half its range for either sign.
    return 2 * levels[-1] / span


def _nearest(own: list[float], weight: float) -> int:
    # The lower of two that are equally near, as for hidden weights.
    distances = [abs(one - weight) for one in own]
    return distances.index(min(distances))


def _pair(level: int, weight: float) -> tuple[int, int]:
    return (level, 0) if weight > 0 else (0, level)


def _apart(
    levels: tuple[float, ...],
    states: tuple[tuple[int, ...], ...],
    *,
    conductances: tuple[float, ...],
    cells: int,
    from_low: bool,
) -> None:
    """Refuse weights that cells cannot tell apart; neighbours are where the first of them stand."""
    # Of a pair one cell always stands low: each high level makes two weights, and both low make zero.
    most = len(conductances) if cells == 1 else 2 * len(conductances) - 1
    # Levels ascend, so those that share a state stand beside each other.
    for index in range(1, len(levels)):
        if states[index] == states[index - 1]:
            one, other = levels[index - 1], levels[index]
            reason = f"there are {len(levels)} levels, and the cells of a weight have {most} states"
            if len(levels) <= most:
                own = {"levels": levels, "conductances": conductances}
                reason = _wanted(one, other, **own, cells=cells, from_low=from_low)
            alike = f"levels {one:g} and {other:g} would be the same state of the cells"
            raise ValueError(f"{alike}: {reason}")


def _wanted(
    *weights: float,
    levels: Sequence[float],
    conductances: Sequence[float],
    cells: int,
    from_low: bool,
) -> str:
    """Which conductances two weights want, and which there are."""
    scale = weight_per_siemens(levels, conductances, cells=cells, from_low=from_low)
    zero = _zero(conductances, cells=cells, from_low=from_low)
    sizes = [abs(weight) if cells > 1 else weight for weight in weights]
    ideal = [zero + size / scale for size in sizes]
    want = " and ".join(show(siemens, CONDUCTANCE) for siemens in ideal)
    there = ", ".join(show(siemens, CONDUCTANCE) for siemens in conductances)
    return f"a cell would have to conduct {want}, and its levels are {there}"
