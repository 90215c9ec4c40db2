"""Random binary trains, as a comparator makes them of probabilities: many lines side by side."""

from __future__ import annotations

import numpy as np

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
    found, whole = 0, 0
    wanted, given = 0.0, 0.0
    for i in range(x.size):
        # Written always and counted sometimes: which inputs are zero is as good as random to a processor.
        lines[found] = i
        found += x[i] != 0
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
def _draw_block(thresholds: Words, first: int, last: int, slots: int, block: Words, trains: Words) -> None:
    """One Bernoulli train of `slots` bits for each of at most as many lines as there are lanes.

    A train is complete when no slot is undecided; those of all lanes are after about ten bits of each slot.
    """
    all_slots = (np.uint64(1) << np.uint64(slots)) - np.uint64(1)
    certain = np.uint64(1 << PROBABILITY_BITS)
    for lane in range(LANES):
        threshold = thresholds[first + lane] if first + lane < last else np.uint64(0)
        block[4 * LANES + lane] = threshold << np.uint64(64 - PROBABILITY_BITS)
        # What is certain, or impossible, is decided without a word.
        block[5 * LANES + lane] = all_slots if 0 < threshold < certain else np.uint64(0)
        block[6 * LANES + lane] = all_slots if threshold >= certain else np.uint64(0)
    left = np.uint64(0)
    for lane in range(LANES):
        left |= block[5 * LANES + lane]
    for _ in range(PROBABILITY_BITS):
        if not left:
            break
        left = _draw_words(block, slots <= _HALF)
    for h in range(first, last):
        trains[h] = block[6 * LANES + h - first]


@kernel
def draw_trains(
    x: Floats, gain: float, slots: int, block: Words, lines: Indices, trains: Words, asked: Sums
) -> int:
    """Trains of every line that carries one: how many there are; `asked` as :func:`_driven_lines` has it."""
    thresholds = np.empty(x.size, np.uint64)
    driven = _driven_lines(x, gain, lines, thresholds, asked)
    for first in range(0, driven, LANES):
        _draw_block(thresholds, first, min(first + LANES, driven), slots, block, trains)
    found = 0
    for h in range(driven):
        lines[found], trains[found] = lines[h], trains[h]
        found += trains[h] != 0
    return found
