"""Numbers of a law by maximum likelihood: of each cell its own, and the noise of all together."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Sums
from chipsim.fitting.innovations import Moves, filtered
from chipsim.fitting.laws import Law
from chipsim.fitting.packed import Packed

__all__ = ["Scored", "moves_of", "score"]

_NUDGE: Final = 1e-4
_WIDE_NUDGE: Final = 0.02
_STEPS: Final = 3
_MOST_RESTORED: Final = 0.3
"""In logarithms: where more of the noise went into numbers, there are too few readings to say how much."""
"""By which numbers are moved to see what they change."""
_ROUNDS: Final = 60
_ENOUGH: Final = 0.01
"""Change of the logarithm of the likelihood that is none."""
_QUIET: Final = 3
"""Rounds without such a change, after which nothing is found any more: one alone may have been held back."""
_NOISE_LOW, _NOISE_HIGH = np.log(1e-5), np.log(10.0)


@attrs.frozen(kw_only=True, eq=False)
class Scored:
    """A law fitted to all cells."""

    law: Law
    numbers: Sums
    """Of each cell (cells, numbers)."""
    covariance: Sums
    """Of the same (cells, numbers, numbers)."""
    noise: Sums
    """Logarithms of the variation over a step, and of white noise over the range (2,)."""
    noise_covariance: Sums
    log_likelihood: float
    residual: float
    """Root mean square of what readings were off what was expected of them, over the range."""
    steps: int
    fitted: int
    """Numbers that were fitted, all cells and the noise together."""

    @property
    def criterion(self) -> float:
        """Akaike's criterion, corrected for few readings: the lower, the better."""
        left = max(self.steps - self.fitted - 1, 1)
        more = 2 * self.fitted * (self.fitted + 1) / left
        return -2 * self.log_likelihood + 2 * self.fitted + more


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
        Logarithms of the variation over a step, and of white noise (guesses, 2).
    """
    up, down = law.courses(numbers)

    def of_stretches(name: str) -> Sums:
        of_up, of_down = (_pieces(getattr(course, name))[:, packed.cell] for course in (up, down))
        ways: Sums = np.where(packed.up[:, None], of_up, of_down)
        return ways

    return Moves(
        start=of_stretches("start"),
        keeps=of_stretches("keeps"),
        ends=np.stack([law.rough.low, law.rough.high])[:, packed.cell],
        bound=of_stretches("bound")[..., 0],
        variation=np.exp(noise[:, :1]) * of_stretches("step")[..., 0],
        white=np.exp(noise[:, 1:]),
    )


def _pieces(values: Sums) -> Sums:
    """Values of each piece of a range (guesses, cells, pieces); of one piece where there are no others."""
    return values if values.ndim == 3 else values[..., None]


@attrs.frozen(kw_only=True, eq=False)
class _Look:
    """How likely some numbers are, and which way likelier ones lie."""

    costs: Sums
    """Logarithm of the likelihood, negative (cells,)."""
    slope: Sums
    """By each number that was nudged (cells, nudged)."""
    information: Sums
    """Fisher's, of the same (cells, nudged, nudged)."""
    square: float
    """Sum of squared distances."""


def score(packed: Packed, law: Law) -> Scored:
    """A law with the numbers under which what was read is likeliest.

    Cells and noise take turns: by Fisher's scoring, held back where a step would lead to less likely numbers.

    Parameters
    ----------
    packed
        What was read.
    law
        One of :data:`~chipsim.fitting.laws.LAWS`.
    """
    # In turns, for there are a few numbers of each cell and two of all: together they are a large system.
    numbers = law.allowed(law.first)
    step = float(np.median(law.courses(numbers[None])[0].step))
    noise = np.log([max(law.rough.noise / step, 1e-3), max(law.rough.white, 1e-4)])
    held_cells, held_noise = np.full(packed.cells, 1e-3), np.full(1, 1e-3)
    before, quiet = np.inf, 0
    for _ in range(_ROUNDS):
        numbers, held_cells = _better_cells(packed, law, numbers, noise, held=held_cells)
        noise, held_noise, cost = _better_noise(packed, law, numbers, noise, held=held_noise)
        quiet = quiet + 1 if before - cost < _ENOUGH else 0
        if quiet == _QUIET:
            break
        before = cost
    last = _look(packed, law, numbers, noise, of_noise=False)
    restored, noise_covariance = _restored(packed, law, numbers, noise)
    return Scored(
        law=law,
        numbers=numbers,
        covariance=_inverse(last.information),
        noise=restored,
        noise_covariance=noise_covariance,
        log_likelihood=-float(last.costs.sum()),
        residual=float(np.sqrt(last.square / packed.steps)),
        steps=packed.steps,
        fitted=packed.cells * law.count(packed) + 2,
    )


def _restored(packed: Packed, law: Law, numbers: Sums, noise: Sums) -> tuple[Sums, Sums]:
    """Noise with what of it went into the numbers of the cells, and its covariance.

    A few steps towards the maximum of the restricted likelihood, which counts with all numbers that cells may
    have, and not with the likeliest alone.
    """
    found = noise
    for _ in range(_STEPS):
        # Where numbers stand at their likeliest, noise alone is moved.
        look = _look(packed, law, numbers, found, of_noise=True)
        # Noise is common: what each cell says of it adds up.
        covariance = _inverse(look.information.sum(axis=0)[None])[0]
        slope = look.slope.sum(axis=0) + _of_room(packed, law, numbers, found)
        found = np.clip(found - covariance @ slope, noise - _MOST_RESTORED, noise + _MOST_RESTORED)
    return np.clip(found, _NOISE_LOW, _NOISE_HIGH), covariance


def _of_room(packed: Packed, law: Law, numbers: Sums, noise: Sums) -> Sums:
    """How the room that noise leaves to the numbers of the cells changes with it, in logarithms (2,)."""
    slope = np.zeros(noise.size)
    for place in range(noise.size):
        sizes = []
        for side in (-1, 1):
            nudged = noise.copy()
            nudged[place] += side * _WIDE_NUDGE
            information = _look(packed, law, numbers, nudged, of_noise=False).information
            _, size = np.linalg.slogdet(information + 1e-9 * np.eye(numbers.shape[1]))
            sizes.append(float(size.sum()))
        slope[place] = 0.5 * (sizes[1] - sizes[0]) / (2 * _WIDE_NUDGE)
    return slope


def _better_cells(packed: Packed, law: Law, numbers: Sums, noise: Sums, *, held: Sums) -> tuple[Sums, Sums]:
    """Numbers of each cell that are likelier, or the same, and how far each is held back from now on."""
    look = _look(packed, law, numbers, noise, of_noise=False)
    tried = law.allowed(numbers - _step(look.slope, look.information, held))
    costs = _costs(packed, law, tried, noise)
    # Cell by cell: one that strays holds no other back.
    is_better = costs <= look.costs
    kept = np.where(is_better[:, None], tried, numbers)
    return kept, np.clip(np.where(is_better, held / 10, held * 10), 1e-9, 1e9)


def _better_noise(
    packed: Packed, law: Law, numbers: Sums, noise: Sums, *, held: Sums
) -> tuple[Sums, Sums, float]:
    """The same of the noise, with what all cells come to."""
    look = _look(packed, law, numbers, noise, of_noise=True)
    slope, information = look.slope.sum(axis=0)[None], look.information.sum(axis=0)[None]
    # A factor of five at a time: far from the maximum, curvature says nothing.
    moved = np.clip(_step(slope, information, held)[0], -1.5, 1.5)
    tried = np.clip(noise - moved, _NOISE_LOW, _NOISE_HIGH)
    before, cost = float(look.costs.sum()), float(_costs(packed, law, numbers, tried).sum())
    if cost <= before:
        return tried, np.clip(held / 10, 1e-9, 1e9), cost
    return noise, np.clip(held * 10, 1e-9, 1e9), before


def _step(slope: Sums, information: Sums, held: Sums) -> Sums:
    """Where Fisher's scoring leads, shorter the more it is held back (cells, numbers)."""
    size = information.shape[-1]
    scale = np.einsum("cii->ci", information)
    held_by = held[:, None] * scale + 1e-9
    whole = information + held_by[:, :, None] * np.eye(size)
    return np.linalg.solve(whole, slope[..., None])[..., 0]


def _inverse(information: Sums) -> Sums:
    """Covariance; next to nothing is known of what changes nothing."""
    size = information.shape[-1]
    found: Sums = np.linalg.inv(information + 1e-9 * np.eye(size)).astype(np.float64)
    return found


def _per_cell(packed: Packed, values: Sums) -> Sums:
    """Sums over readings and over the stretches of each cell (cells, ...), of (..., stretches, readings)."""
    whole = np.moveaxis(values.sum(axis=-1), -1, 0)
    found = np.zeros((packed.cells, *whole.shape[1:]))
    np.add.at(found, packed.cell, whole)
    return found


def _costs(packed: Packed, law: Law, numbers: Sums, noise: Sums) -> Sums:
    distance, variance = filtered(packed, moves_of(packed, law, numbers[None], noise[None]))
    return _per_cell(packed, 0.5 * (np.log(variance) + distance**2 / variance)[0])


def _look(packed: Packed, law: Law, numbers: Sums, noise: Sums, *, of_noise: bool) -> _Look:
    nudged = noise.size if of_noise else numbers.shape[-1]
    cells = np.repeat(numbers[None], nudged + 1, axis=0)
    noises = np.repeat(noise[None], nudged + 1, axis=0)
    for place in range(nudged):
        if of_noise:
            noises[place + 1, place] += _NUDGE
        else:
            cells[place + 1, :, place] += _NUDGE
    distance, variance = filtered(packed, moves_of(packed, law, cells, noises))
    off, spread = distance[0], variance[0]
    # Both mean and variance of a reading hang on the numbers: a reading says something by either.
    by_mean = (distance[1:] - off) / _NUDGE
    by_spread = (variance[1:] - spread) / _NUDGE / spread
    pull = by_mean * (off / spread) + 0.5 * by_spread * (1 - off**2 / spread)
    information = np.zeros((packed.cells, nudged, nudged))
    for place in range(nudged):
        both = by_mean * by_mean[place] / spread + 0.5 * by_spread * by_spread[place]
        information[:, place] = _per_cell(packed, both)
    costs = _per_cell(packed, 0.5 * (np.log(spread) + off**2 / spread))
    slope = _per_cell(packed, pull)
    return _Look(costs=costs, slope=slope, information=information, square=float((off**2).sum()))
