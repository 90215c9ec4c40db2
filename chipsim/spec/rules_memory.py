"""Rules of the memory for hidden weights."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Final

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.hidden import levels_of, smallest_gap
from chipsim.spec.levels import MemorySpec, grid_step
from chipsim.units import BITS, show

__all__ = ["of_memory"]

_ROUNDING: Final = 1e-9
"""Relative distance of numbers that pass for equal."""


def of_memory(chip: ChipSpec) -> Iterator[Fault]:
    """One access is no more than the memory, and hidden weights can stand between any two levels."""
    memory, levels = chip.memory, levels_of(chip)
    if memory is None:
        return
    size, access = memory.size, memory.width * memory.banks
    if size != "auto" and access > size:
        message = f"one access of {show(access, BITS)} is more than the memory's {show(size, BITS)}"
        yield Fault(("memory", "width"), message)
    if _make_sense(levels):
        yield from _of_grid(memory, levels)


def _make_sense(levels: Sequence[float]) -> bool:
    """Whether levels ascend and are symmetric around zero; what is wrong with others, their synapse says."""
    if len(levels) < 2 or not all(map(math.isfinite, levels)):
        return False
    if not all(below < above for below, above in itertools.pairwise(levels)):
        return False
    # Levels that a script worked out step by step may be opposite to each other but for their last digits.
    tolerance = _ROUNDING * levels[-1]
    pairs = zip(levels, reversed(levels), strict=True)
    return all(abs(low + high) <= tolerance for low, high in pairs)


def _of_grid(memory: MemorySpec, levels: Sequence[float]) -> Iterator[Fault]:
    step = grid_step(levels, memory.weights)
    gap = smallest_gap(levels)
    # A weight changes its level halfway to the next one: a coarser grid has no place before that.
    if step >= gap / 2:
        coarse = f"{memory.weights} is too coarse to move a level"
        allowed = f"must be less than half the smallest distance of two levels, {gap:.4g}"
        message = f"{coarse}: its steps of {step:.4g} {allowed}; use more bits"
        yield Fault(("memory", "weights"), message)
