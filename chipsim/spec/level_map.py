"""Which level of its cells stands for each weight of a chip whose weights are levels."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.units import CONDUCTANCE, show

__all__ = ["cell_levels", "made_weights", "weight_per_siemens"]


def cell_levels(
    levels: tuple[float, ...], conductances: tuple[float, ...], *, cells: int
) -> tuple[tuple[int, ...], ...]:
    """The level of each cell, for each weight that there is.

    A cell's own weight follows from its mean conductance; each weight takes the cell level whose own weight
    is nearest, the lower one when two are equally near. With two cells one of them stands at its lowest
    level: the minus cell for positive weights, the plus cell for negative ones, both for zero. A single cell
    is compared with the middle of its range.

    Parameters
    ----------
    levels
        Weights that there are, ascending and symmetric around zero.
    conductances
        Mean conductance of each level of a cell, S, ascending; the first is its low level.
    cells
        Cells that carry a weight: two (plus, minus), or one.

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
    own = _own_weights(levels, conductances, cells=cells)
    if cells == 1:
        states: tuple[tuple[int, ...], ...] = tuple((_nearest(own, weight),) for weight in levels)
    else:
        states = tuple(_pair(_nearest(own, abs(weight)), weight) for weight in levels)
    _apart(levels, states, conductances=conductances, cells=cells)
    return states


def made_weights(
    levels: tuple[float, ...], conductances: tuple[float, ...], *, cells: int
) -> tuple[float, ...]:
    """The weight that the cells' mean conductances really make, for each weight that there is.

    Parameters
    ----------
    levels, conductances, cells
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
    own = _own_weights(levels, conductances, cells=cells)
    made = (
        own[state[0]] - (own[state[1]] if cells > 1 else 0.0)
        for state in cell_levels(levels, conductances, cells=cells)
    )
    return tuple(round(weight, 12) for weight in made)


def _own_weights(levels: Sequence[float], conductances: Sequence[float], *, cells: int) -> list[float]:
    """What each level of one cell adds to a weight."""
    scale = weight_per_siemens(levels, conductances, cells=cells)
    zero = conductances[0] if cells > 1 else (conductances[0] + conductances[-1]) / 2
    return [(conductance - zero) * scale for conductance in conductances]


def weight_per_siemens(levels: Sequence[float], conductances: Sequence[float], *, cells: int) -> float:
    """Weight units that a siemens of difference stands for, so that the outer cell level is the outer weight.

    Parameters
    ----------
    levels
        Weights that there are, ascending and symmetric around zero.
    conductances
        Mean conductance of each level of a cell, S, ascending.
    cells
        Cells that carry a weight: two, or one that is compared with the middle of its range.

    Raises
    ------
    ValueError
        When the conductances or the weights leave no range.
    """
    span = conductances[-1] - conductances[0]
    if span <= 0:
        raise ValueError(
            f"a cell needs a highest level that conducts more than its low level, not {conductances[-1]:g} S "
            f"over {conductances[0]:g} S"
        )
    if not levels or levels[-1] <= 0:
        raise ValueError(f"needs a level above zero, not {list(levels)}")
    return levels[-1] / span if cells > 1 else 2 * levels[-1] / span


def _nearest(own: list[float], weight: float) -> int:
    return min(range(len(own)), key=lambda level: (abs(own[level] - weight), level))


def _pair(level: int, weight: float) -> tuple[int, int]:
    return (level, 0) if weight > 0 else (0, level)


def _apart(
    levels: tuple[float, ...],
    states: tuple[tuple[int, ...], ...],
    *,
    conductances: tuple[float, ...],
    cells: int,
) -> None:
    """Refuse weights that cells cannot tell apart; neighbours are where the first of them stand."""
    most = len(conductances) if cells == 1 else 2 * len(conductances) - 1
    for index in range(1, len(levels)):
        if states[index] == states[index - 1]:
            one, other = levels[index - 1], levels[index]
            reason = (
                f"there are {len(levels)} levels, and the cells of a weight have {most} states"
                if len(levels) > most
                else _wanted(one, other, levels=levels, conductances=conductances, cells=cells)
            )
            raise ValueError(f"levels {one:g} and {other:g} would be the same state of the cells: {reason}")


def _wanted(*weights: float, levels: Sequence[float], conductances: Sequence[float], cells: int) -> str:
    """Which conductances two weights want, and which there are."""
    scale = weight_per_siemens(levels, conductances, cells=cells)
    zero = conductances[0] if cells > 1 else (conductances[0] + conductances[-1]) / 2
    ideal = [zero + (abs(weight) if cells > 1 else weight) / scale for weight in weights]
    want = " and ".join(show(siemens, CONDUCTANCE) for siemens in ideal)
    there = ", ".join(show(siemens, CONDUCTANCE) for siemens in conductances)
    return f"a cell would have to conduct {want}, and its levels are {there}"
