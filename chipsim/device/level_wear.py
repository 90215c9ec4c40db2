"""Cells of levels that wear out by the cycles that they had: what programming still does to them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chipsim.device.narrowing import Window
from chipsim.device.programming import CellList, MultilevelCells, Programmed
from chipsim.device.types import Flags, Sums
from chipsim.device.worn import Wear
from chipsim.device.worn_levels import WornLevels, narrowed
from chipsim.losses import Loss

__all__ = ["begin_levels", "failed_levels", "levels_lost_to_wear", "narrow_levels", "program_worn"]


def begin_levels(
    wear: Wear, cells: MultilevelCells, endurance: int, *, means: Sums, rng: np.random.Generator
) -> None:
    """Have new cells wear out from now on.

    Parameters
    ----------
    wear
        How.
    cells
        The cells.
    endurance
        Cycles that they stand, the median.
    means
        Of their levels, the lowest first, S.
    rng
        The array's own generator.
    """
    shape = cells.conductance.shape
    onset = wear.endured(endurance, shape, rng=rng)
    lowest, highest = float(means[0]), float(means[-1])
    endures, window = onset, None
    if wear.narrows is not None:
        low, high = (np.broadcast_to(np.float32(mean), shape) for mean in (lowest, highest))
        endures = wear.narrows.closing(onset, low=low, high=high)
        had = np.zeros(shape, np.int64)
        window = Window(law=wear.narrows, onset=onset, had=had, low=low, high=high)
    cells.worn = WornLevels(endures=endures, window=window, ends=wear.ends, means=(lowest, highest))


class _Programs(Protocol):
    """A device that programs cells to levels."""

    def program(
        self,
        cells: MultilevelCells,
        wanted: CellList,
        *,
        rng: np.random.Generator,
        pulsed: NDArray[np.bool_] | None = None,
    ) -> Programmed:
        """As :meth:`~chipsim.device.device.LevelDevice.program`."""
        raise NotImplementedError


def program_worn(
    device: _Programs,
    cells: MultilevelCells,
    wanted: CellList,
    *,
    rng: np.random.Generator,
    pulsed: NDArray[np.bool_],
) -> Programmed:
    """Program all listed cells, as far as they still can be.

    Parameters
    ----------
    device
        What programs fresh ones.
    cells, wanted, rng, pulsed
        As it takes them.
    """
    worn = cells.worn
    if worn is None:
        return device.program(cells, wanted, rng=rng, pulsed=pulsed)
    at = wanted.rows, wanted.lines
    before = cells.conductance[at]
    # Whoever writes does not know which cells have failed: they get their pulses like all others.
    done = device.program(cells, wanted, rng=rng, pulsed=pulsed)
    programmed = cells.conductance[at]
    left = worn.left(before, programmed, cycles=cells.cycles[at], at=at)
    moved = left.astype(np.float64) - programmed
    cells.conductance[at] = left
    np.add.at(cells.row_sum, at[0], moved)
    np.add.at(cells.column_sum, at[1], moved)
    return done


def narrow_levels(cells: MultilevelCells) -> None:
    """Bring fresh cells into the windows that are left of what they have been through before."""
    worn = cells.worn
    if worn is None or worn.window is None:
        return
    rows, lines = (places.ravel() for places in np.indices(cells.conductance.shape, np.int32))
    counted = np.minimum(cells.cycles, worn.endures).ravel()
    kept, *_ = narrowed(worn.window, cells.conductance.ravel(), counted=counted, at=(rows, lines))
    cells.conductance[:] = kept.reshape(cells.conductance.shape)


def failed_levels(cells: MultilevelCells) -> Flags:
    """Cells that were programmed more often than they stand (rows, lines)."""
    if cells.worn is None:
        return np.zeros(cells.conductance.shape, np.bool_)
    return np.asarray(cells.cycles > cells.worn.endures)


def levels_lost_to_wear(name: str, cells: MultilevelCells) -> list[Loss]:
    """Cells of an array that are worn out now, and whose windows narrowed; nothing where none can be."""
    worn = cells.worn
    if worn is None:
        return []
    count = int(np.count_nonzero(failed_levels(cells)))
    found = [Loss(part=name, what="cells-worn-out", count=count, of=cells.conductance.size)]
    return found if worn.window is None else [*found, worn.window.lost(name, counted=cells.cycles)]
