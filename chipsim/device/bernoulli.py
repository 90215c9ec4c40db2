"""Random binary trains, as a comparator makes them of probabilities: many lines side by side."""

from __future__ import annotations

import numpy as np

from chipsim.device.energy import list_driven
from chipsim.device.gaussian import next_word
from chipsim.device.randomness import LANES
from chipsim.device.types import Floats, Indices, Sums, Words, kernel

__all__ = ["PROBABILITY_BITS", "draw_trains"]

PROBABILITY_BITS = 24
"""Resolution of the comparator that turns a number into a random train."""

_HALF = 32
"""Bits of half a word."""


@kernel
def _driven_lines(x: Floats, gain: float, lines: Indices, thresholds: Words, asked: Sums) -> int:
    """List lines that are not zero, with the probability of a pulse in units of the comparator's resolution.

    Writes to `asked` how many they are, how many of them have a probability of at most one, and the sums of
    probabilities as they are and at most one.
    """
    found, whole = list_driven(x, lines), 0
    wanted, given = 0.0, 0.0
    for h in range(found):
        probability = gain * abs(x[lines[h]])
        within = min(probability, 1.0)
        whole += probability <= 1
        wanted += probability
        given += within
        thresholds[h] = np.uint64(np.rint(within * (1 << PROBABILITY_BITS)))
    asked[0], asked[1], asked[2], asked[3] = found, whole, wanted, given
    return found


@kernel
def _draw_words(block: Words, twice: bool) -> np.uint64:  # noqa: FBT001
    """Move every lane by one word, and decide slots by it; which slots are left open, of any lane.

    Each slot compares a random binary fraction with the probability, all slots of all lanes at once, the most
    significant bit first: a slot is decided at the first bit in which the two differ. Where trains are short
    enough for either half of a word to have a bit for each slot, a word is two bits of every fraction.
    """
    left = np.uint64(0)
    for lane in range(LANES):
        word = next_word(block, lane, LANES)
        threshold, undecided = block[4 * LANES + lane], block[5 * LANES + lane]
        # All ones where this bit of the probability is one: a branch on it would keep the loop from becoming
        # vector instructions.
        bit = np.uint64(0) - (threshold >> np.uint64(63))
        train = undecided & ~word & bit
        undecided &= ~(word ^ bit)
        threshold <<= np.uint64(1)
        if twice:
            word >>= np.uint64(32)
            bit = np.uint64(0) - (threshold >> np.uint64(63))
            train |= undecided & ~word & bit
            undecided &= ~(word ^ bit)
            threshold <<= np.uint64(1)
        block[4 * LANES + lane], block[5 * LANES + lane] = threshold, undecided
        block[6 * LANES + lane] |= train
        left |= undecided
    return left


@kernel
def _draw_block(trains: Words, first: int, slots: int, block: Words) -> None:
    """A Bernoulli train of `slots` bits in the place of each threshold, of as many lines as there are lanes.

    A train is complete when no slot is undecided; those of all lanes are after about ten bits of each slot.
    """
    all_slots = (np.uint64(1) << np.uint64(slots)) - np.uint64(1)
    certain = np.uint64(1 << PROBABILITY_BITS)
    left, none = np.uint64(0), np.uint64(0)
    for lane in range(LANES):
        threshold = trains[first + lane]
        # What is certain, or impossible, is decided without a word. All ones, or none, are computed: a branch
        # would keep this from becoming vector instructions.
        always = all_slots & (none - np.uint64(threshold >= certain))
        undecided = all_slots & (none - np.uint64((threshold > 0) & (threshold < certain)))
        block[4 * LANES + lane] = threshold << np.uint64(64 - PROBABILITY_BITS)
        block[5 * LANES + lane] = undecided
        block[6 * LANES + lane] = always
        left |= undecided
    words = 0
    while left and words < PROBABILITY_BITS:
        left = _draw_words(block, slots <= _HALF)
        words += 1
    for lane in range(LANES):
        trains[first + lane] = block[6 * LANES + lane]


@kernel
def draw_trains(
    x: Floats, gain: float, slots: int, block: Words, lines: Indices, trains: Words, asked: Sums
) -> int:
    """Trains of every line that carries one: how many there are; `asked` as :func:`_driven_lines` has it.

    `trains` has room for as many more than lines as there are lanes.
    """
    # Thresholds lie where their trains will.
    driven = _driven_lines(x, gain, lines, trains, asked)
    # Lanes of the last block that have no line.
    for h in range(driven, driven + LANES):
        trains[h] = 0
    for first in range(0, driven, LANES):
        _draw_block(trains, first, slots, block)
    found = 0
    for h in range(driven):
        lines[found], trains[found] = lines[h], trains[h]
        found += trains[h] != 0
    return found
