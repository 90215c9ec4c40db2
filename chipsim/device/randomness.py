"""One generator a part, seeded by the run's seed and the part's name, and random words in bulk."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from chipsim.device.types import Words

__all__ = ["RandomWords", "generator"]


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


class RandomWords:
    """Random 64-bit words, drawn in bulk and used up from the front.

    Parameters
    ----------
    source
        The part's own generator.
    at_most
        The most words that one use may take.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_bits", "_words", "_next")

    def __init__(self, source: np.random.Generator, *, at_most: int) -> None:
        self._bits = source.bit_generator
        self._size = max(4 * at_most, 1 << 14)
        self._at_most = at_most
        self._words = np.empty(0, np.uint64)
        self._next = 0

    def view(self) -> Words:
        """At least `at_most` fresh words; say with `used` how many were taken."""
        if self._words.size - self._next < self._at_most:
            self._words = self._bits.random_raw(self._size)
            self._next = 0
        return self._words[self._next :]

    def used(self, count: int) -> None:
        """Mark the first `count` words of the last view as taken."""
        self._next += count
