"""Rules of the memory for hidden weights."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.hidden import levels_of, smallest_gap
from chipsim.spec.levels import MemorySpec, grid_step
from chipsim.units import BITS, show

__all__ = ["of_memory"]


def of_memory(chip: ChipSpec) -> Iterator[Fault]:
    """What is wrong with the memory for hidden weights."""
    levels = levels_of(chip)
    if chip.memory is not None and len(levels) > 1:
        ascend = all(below < above for below, above in itertools.pairwise(levels))
        yield from _of_grid(chip.memory, levels if ascend else ())


def _of_grid(memory: MemorySpec, levels: Sequence[float]) -> Iterator[Fault]:
    """One access is no more than the memory, and hidden weights can stand between any two levels."""
    size, access = memory.size, memory.width * memory.banks
    if size != "auto" and access > size:
        message = f"one access of {show(access, BITS)} is more than the memory's {show(size, BITS)}"
        yield Fault(("memory", "width"), message)
    if not levels:
        return
    step = grid_step(levels, memory.weights)
    gap = smallest_gap(levels)
    if step >= gap / 2:
        message = (
            f"{memory.weights} is too coarse to move a level: its steps of {step:.4g} must be less than "
            f"half the smallest distance of two levels, {gap:.4g}; use more bits"
        )
        yield Fault(("memory", "weights"), message)
