"""How likely some numbers of a law are, and which way likelier ones lie."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Sums
from chipsim.fitting.innovations import Moves, filtered
from chipsim.fitting.laws import Law
from chipsim.fitting.packed import Packed

__all__ = ["NOISES", "Guess", "Look", "costs_of", "look_at", "moves_of", "surprise_of"]

NOISES: Final = 2
"""Common numbers before those of a law: logarithms of the variation over a step, and of white noise."""
_NUDGE: Final = 1e-4
"""By which numbers are moved to see what they change."""


@attrs.frozen(kw_only=True, eq=False)
class Guess:
    """Numbers that a law may have."""

    own: Sums
    """Of each cell (cells, own)."""
    common: Sums
    """Of all together: the noise, then what the law says is shared (NOISES + shared,)."""

    @property
    def numbers(self) -> Sums:
        """As the law takes them (cells, own + shared)."""
        return _numbers(self.own, self.common)

    def allowed(self, law: Law) -> Guess:
        """Within what makes sense to a law."""
        numbers = law.allowed(self.numbers)
        shared = numbers[0, self.own.shape[1] :]
        return Guess(
            own=numbers[:, : self.own.shape[1]], common=np.concatenate([self.common[:NOISES], shared])
        )


@attrs.frozen(kw_only=True, eq=False)
class Look:
    """What was seen around a guess."""

    costs: Sums
    """Logarithm of the likelihood, negative (cells,)."""
    slope: Sums
    """By each number of a cell (cells, own)."""
    common_slopes: Sums
    """By each common one, what each cell says of it (cells, common)."""
    information: Sums
    """Fisher's, of the numbers of a cell (cells, own, own)."""
    across: Sums
    """The same between these and common ones (cells, own, common)."""
    common_information: Sums
    """The same of common ones (common, common)."""
    square: float
    """Sum of squared distances."""


def moves_of(packed: Packed, law: Law, numbers: Sums, noise: Sums) -> Moves:
    """What pulses do in each stretch.

    Parameters
    ----------
    packed
        The stretches.
    law
        The law.
    numbers
        Of each cell (guesses, cells, numbers).
    noise
        Logarithms of the variation over a step, and of white noise (guesses, 2 or more).
    """
    up, down = law.courses(numbers)

    def of_stretches(name: str) -> Sums:
        of_up, of_down = (_pieces(getattr(course, name))[:, packed.cell] for course in (up, down))
        ways: Sums = np.where(packed.up[:, None], of_up, of_down)
        return ways

    # No pulse leads beyond the bound that it comes from either, however much its step varies.
    bounds = np.stack([down.bound, up.bound])[:, :, packed.cell]
    return Moves(
        start=of_stretches("start"),
        keeps=of_stretches("keeps"),
        ends=np.stack(law.ends(numbers))[:, :, packed.cell],
        bounds=bounds,
        variation=np.exp(noise[:, :1]) * of_stretches("step")[..., 0],
        white=np.exp(noise[:, 1:2]),
    )


def _pieces(values: Sums) -> Sums:
    """Values of each piece of a range (guesses, cells, pieces); of one piece where there are no others."""
    return values if values.ndim == 3 else values[..., None]


def _numbers(own: Sums, common: Sums) -> Sums:
    shared = common[..., None, NOISES:]
    numbers: Sums = np.concatenate([own, np.broadcast_to(shared, (*own.shape[:-1], shared.shape[-1]))], -1)
    return numbers


def _per_cell(packed: Packed, values: Sums) -> Sums:
    """Sums over readings and over the stretches of each cell (cells, ...), of (..., stretches, readings)."""
    whole = np.moveaxis(values.sum(axis=-1), -1, 0)
    found = np.zeros((packed.cells, *whole.shape[1:]))
    np.add.at(found, packed.cell, whole)
    return found


def costs_of(packed: Packed, law: Law, guess: Guess) -> Sums:
    """Logarithm of the likelihood, negative (cells,)."""
    moves = moves_of(packed, law, guess.numbers[None], guess.common[None])
    distance, variance = filtered(packed, moves)
    return _per_cell(packed, 0.5 * (np.log(variance) + distance**2 / variance)[0]) + surprise_of(law, guess)


def surprise_of(law: Law, guess: Guess) -> Sums:
    """What is added for numbers that are off what was expected of them (cells,)."""
    off: Sums = 0.5 * (law.expected * _off(law, guess) ** 2).sum(axis=1)
    return off


def _off(law: Law, guess: Guess) -> Sums:
    return guess.own - law.first[:, : guess.own.shape[1]]


def look_at(packed: Packed, law: Law, guess: Guess) -> Look:
    """How likely a guess is, and what each of its numbers changes.

    Parameters
    ----------
    packed
        What was read.
    law
        The law.
    guess
        Where to look.
    """
    own = guess.own.shape[1]
    nudged = own + guess.common.size
    owns = np.repeat(guess.own[None], nudged + 1, axis=0)
    commons = np.repeat(guess.common[None], nudged + 1, axis=0)
    for place in range(nudged):
        if place < own:
            owns[place + 1, :, place] += _NUDGE
        else:
            commons[place + 1, place - own] += _NUDGE
    distance, variance = filtered(packed, moves_of(packed, law, _numbers(owns, commons), commons))
    off, spread = distance[0], variance[0]
    # Both mean and variance of a reading hang on the numbers: a reading says something by either.
    by_mean = (distance[1:] - off) / _NUDGE
    by_spread = (variance[1:] - spread) / _NUDGE / spread
    pull = _per_cell(packed, by_mean * (off / spread) + 0.5 * by_spread * (1 - off**2 / spread))
    information = np.zeros((packed.cells, nudged, nudged))
    for place in range(nudged):
        both = by_mean * by_mean[place] / spread + 0.5 * by_spread * by_spread[place]
        information[:, place] = _per_cell(packed, both)
    # What is expected is as good as a reading.
    information[:, :own, :own] += law.expected * np.eye(own)
    return Look(
        costs=_per_cell(packed, 0.5 * (np.log(spread) + off**2 / spread)) + surprise_of(law, guess),
        slope=pull[:, :own] + law.expected * _off(law, guess),
        common_slopes=pull[:, own:],
        information=information[:, :own, :own],
        across=information[:, :own, own:],
        # What is common is told by all cells: what each says of it adds up.
        common_information=information[:, own:, own:].sum(axis=0),
        square=float((off**2).sum()),
    )
