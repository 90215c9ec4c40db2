"""One generator a part, seeded by the run's seed and the part's name, and random words side by side."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from chipsim.device.types import Words

__all__ = ["BLOCK", "LANES", "RandomLanes", "generator"]

LANES: Final = 16
"""Generators that draw side by side: two vectors of the widest registers that processors have."""
BLOCK: Final = 7
"""Words of a lane: four of its state, and three that a kernel works on."""


def generator(seed: int, name: str) -> np.random.Generator:
    """The random generator of one part.

    It depends on the run's seed and the part's name only, so neither the order of building nor
    anything that another part draws changes what this part sees.

    Examples
    --------
    >>> a, b = generator(1, "tile0"), generator(1, "tile0")
    >>> bool(a.random() == b.random())
    True
    """
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=tuple(name.encode()))
    return np.random.Generator(np.random.PCG64DXSM(sequence))


class RandomLanes:
    """Random 64-bit words from generators side by side, so that kernels draw for many lines at once.

    Each lane is an SFC64 as numpy has it, seeded by a child of the part's own seed: its words are those that
    ``np.random.SFC64`` gives. A kernel moves all lanes by one word in a loop
    of vector instructions.

    Parameters
    ----------
    source
        The part's own generator, of which only the seed is taken.
    """

    remembers: ClassVar[tuple[str, ...]] = ("block",)
    drawn_from: ClassVar[tuple[str, ...]] = ("block",)

    def __init__(self, source: np.random.Generator) -> None:
        seeds = source.bit_generator.seed_seq.spawn(LANES)  # type: ignore[attr-defined]
        states = [np.random.SFC64(seed).state["state"]["state"] for seed in seeds]
        # One array for the states and what kernels work on beside them: a compiler that sees a single array
        # need not ask whether two of them overlap.
        self.block: Words = np.zeros(BLOCK * LANES, np.uint64)
        """Four words of state of every lane, word by word, and three rows that kernels overwrite."""
        self.block[: 4 * LANES] = np.stack(states).T.ravel()
