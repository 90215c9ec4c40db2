"""One generator a part, seeded by the run's seed and the part's name, and random words side by side."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np

from chipsim.device.types import Floats, Tally, Words

__all__ = ["BLOCK", "LANES", "Ahead", "RandomLanes", "generator"]

LANES: Final = 16
"""Generators that draw side by side: two vectors of the widest registers that processors have."""
BLOCK: Final = 7
"""Words of a lane: four of its state, and three that a kernel works on."""
_DRAWN_AHEAD: Final = 4096


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


class Ahead(np.random.Generator):
    """A part's generator that draws its Gaussians in bulk, ahead of their use.

    What comes is what the generator would have given one call after another, as long as nothing else is drawn
    from it: compiled loops can take Gaussians that lie ready, and a call of numpy's for a handful of them
    costs more than they do.

    Parameters
    ----------
    source
        The part's own generator, which nobody else uses any more.
    """

    remembers: ClassVar[tuple[str, ...]] = ("bit_generator", "ready", "at")

    def __init__(self, source: np.random.Generator) -> None:
        super().__init__(source.bit_generator)
        self.ready: Floats = np.empty(0, np.float32)
        """Gaussians drawn, those used among them (drawn,)."""
        self.at: Tally = np.zeros(1, np.int64)
        """Place of the next one to be used (1,)."""

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """As numpy's; those in single precision and in a row are drawn ahead."""
        if dtype is not np.float32 or not isinstance(size, int) or out is not None:
            return super().standard_normal(size, dtype, out)
        self.see_to(size)
        first = int(self.at[0])
        self.at[0] = first + size
        return self.ready[first : first + size]

    def see_to(self, count: int) -> None:
        """Have so many ready."""
        left = self.ready[self.at[0] :]
        if left.size >= count:
            return
        drawn = super().standard_normal(max(_DRAWN_AHEAD, count - left.size), np.float32)
        self.ready = np.concatenate((left, drawn))
        self.at[0] = 0


class RandomLanes:
    """Random 64-bit words from generators side by side, so that kernels draw for many lines at once.

    Each lane is an SFC64 as numpy has it, seeded by a child of the part's own seed: its words are those that
    ``np.random.SFC64`` gives. A kernel moves all lanes by one word in a loop of
    vector instructions.

    Parameters
    ----------
    source
        The part's own generator, of which only the seed is taken.

    Notes
    -----
    SFC64 is by Chris Doty-Humphrey (PractRand, 2014): additions, shifts and exclusive ors, which vector units
    have, where PCG64 multiplies 128 bits.
    """

    remembers: ClassVar[tuple[str, ...]] = ("block",)

    def __init__(self, source: np.random.Generator) -> None:
        seeds = source.bit_generator.seed_seq.spawn(LANES)  # type: ignore[attr-defined]
        states = [np.random.SFC64(seed).state["state"]["state"] for seed in seeds]
        # One array for the states and what kernels work on beside them: a compiler that sees a single array
        # need not ask whether two of them overlap.
        self.block: Words = np.zeros(BLOCK * LANES, np.uint64)
        """Four words of state of every lane, word by word, and three rows that kernels overwrite."""
        self.block[: 4 * LANES] = np.stack(states).T.ravel()
