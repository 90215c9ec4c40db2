"""Numbers of a law by maximum likelihood: of each cell its own, and those of all together, as the noise."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Sums
from chipsim.fitting.laws import Law
from chipsim.fitting.looking import NOISES, Guess, Look, costs_of, look_at, surprise_of
from chipsim.fitting.packed import Packed
from chipsim.fitting.quantiles import Z95, student

__all__ = ["Scored", "score"]

_WIDE_NUDGE: Final = 0.02
"""By which noise is moved to see what room it leaves."""
_STEPS: Final = 8
_STILL: Final = 0.002
"""Change of common numbers that is none."""
_MOST_RESTORED: Final = 0.3
"""In logarithms: where more of the noise went into numbers, there are too few readings to say how much."""
_ROUNDS: Final = 60
_ENOUGH: Final = 0.02
"""Change of the logarithm of the likelihood that is none."""
_QUIET: Final = 3
"""Rounds without such a change, after which nothing is found any more: one alone may have been held back."""
_FURTHEST: Final = 1.5
"""That common numbers move at a time: far from the maximum, curvature says nothing."""
_NOISE_LOW, _NOISE_HIGH = np.log(1e-5), np.log(10.0)
_RIDGE: Final = 1e-9
_STRAYING: Final = 0.1
"""Information on any number, as if it were known to three units, by which steps are held back."""
_HARDLY: Final = 1e-9
"""Held back by next to nothing besides."""


@attrs.frozen(kw_only=True, eq=False)
class Scored:
    """A law fitted to all cells."""

    law: Law
    numbers: Sums
    """Of each cell, and those that all share behind them (cells, numbers)."""
    covariance: Sums
    """Of the same, as if common ones were known (cells, numbers, numbers)."""
    leaning: Sums
    """By how much each moves with a common one (cells, numbers, common)."""
    noise: Sums
    """Logarithms of the variation over a step, and of white noise over the range (2,)."""
    common_covariance: Sums
    """Of these, and of what the law shares (common, common)."""
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


def score(packed: Packed, law: Law) -> Scored:
    """A law with the numbers under which what was read is likeliest.

    All numbers together, or else those of cells alone: by Fisher's scoring, held back where a step would lead
    to less likely numbers.

    Parameters
    ----------
    packed
        What was read.
    law
        With what is known of each cell before it is fitted.
    """
    guess = _first(law)
    held, held_together = np.full(packed.cells, 1e-3), 1e-3
    quiet = 0
    for _ in range(_ROUNDS):
        look = look_at(packed, law, guess)
        before = float(look.costs.sum())
        tried = _moved(law, guess, look, slope=look.common_slopes.sum(axis=0), held=held_together)
        cost = float(costs_of(packed, law, tried).sum())
        is_better = cost <= before
        held_together = float(np.clip(held_together * (0.1 if is_better else 10), 1e-9, 1e9))
        if is_better:
            guess = tried
        else:
            # Cell by cell, where one that strays holds no other back.
            guess, held, cost = _better_cells(packed, law, guess, look=look, held=held)
        quiet = quiet + 1 if before - cost < _ENOUGH else 0
        if quiet == _QUIET:
            break
    likeliest = look_at(packed, law, guess)
    likelihood = float((likeliest.costs - surprise_of(law, guess)).sum())
    guess = _restored(packed, law, guess)
    last = look_at(packed, law, guess)
    shared = guess.common.size - NOISES
    covariance, leaning = _known(last, shared=shared)
    return Scored(
        law=law,
        numbers=guess.numbers,
        covariance=covariance,
        leaning=leaning,
        noise=guess.common[:NOISES],
        common_covariance=_common_covariance(last),
        log_likelihood=-likelihood,
        residual=float(np.sqrt(likeliest.square / packed.steps)),
        steps=packed.steps,
        fitted=packed.cells * law.count(packed) + guess.common.size,
    )


def _first(law: Law) -> Guess:
    """Where to begin."""
    numbers = law.allowed(law.first)
    own = numbers.shape[1] - law.shared
    step = float(np.median(law.courses(numbers[None])[0].step))
    noise = np.log([max(law.rough.noise / step, 1e-3), max(law.rough.white, 1e-4)])
    noise = np.clip(noise, _NOISE_LOW, _NOISE_HIGH)
    return Guess(own=numbers[:, :own], common=np.concatenate([noise, numbers[0, own:]]))


def _better_cells(
    packed: Packed, law: Law, guess: Guess, *, look: Look, held: Sums
) -> tuple[Guess, Sums, float]:
    """Numbers of each cell that are likelier, or the same; how far each is held back; what all cost."""
    step = np.linalg.solve(_damped(look.information, held), look.slope[..., None])[..., 0]
    tried = attrs.evolve(guess, own=guess.own - step).allowed(law)
    costs = costs_of(packed, law, tried)
    is_better = costs <= look.costs
    kept = np.where(is_better[:, None], tried.own, guess.own)
    held = np.clip(np.where(is_better, held / 10, held * 10), 1e-9, 1e9)
    return attrs.evolve(guess, own=kept), held, float(np.minimum(costs, look.costs).sum())


def _moved(law: Law, guess: Guess, look: Look, *, slope: Sums, held: float) -> Guess:
    """Where Fisher's scoring leads all numbers together, by the slope of common ones."""
    information, by_cells = _profiled(look, held=held)
    own = _solved(look, look.slope[..., None], held=held)[..., 0]
    wanted = slope - np.einsum("cnk,cn->k", look.across, own)
    step = np.linalg.solve(information, wanted)
    step = np.clip(step, -_FURTHEST, _FURTHEST)
    common = guess.common - step
    common[:NOISES] = np.clip(common[:NOISES], _NOISE_LOW, _NOISE_HIGH)
    # Each cell stays at its likeliest while common numbers move.
    return Guess(own=guess.own - own + by_cells @ step, common=common).allowed(law)


def _damped(information: Sums, held: Sums | float) -> Sums:
    """Information with more of it on its diagonal: steps are the shorter the more is held back.

    Held back not at all, it is what is known; next to nothing is of numbers that change nothing.
    """
    scale = np.einsum("...ii->...i", information)
    held = np.asarray(held)
    # A number that hardly changes anything would stray as far as rounding leads it.
    more = held[..., None] * scale + np.where(held > 0, _STRAYING, _RIDGE)[..., None]
    whole: Sums = information + more[..., :, None] * np.eye(information.shape[-1])
    return whole


def _solved(look: Look, values: Sums, *, held: float = 0.0) -> Sums:
    """Values over the information of each cell (cells, own, any)."""
    held_by = np.full(look.information.shape[0], held)
    found: Sums = np.linalg.solve(_damped(look.information, held_by), values).astype(np.float64)
    return found


def _profiled(look: Look, *, held: float = 0.0) -> tuple[Sums, Sums]:
    """Information of common numbers, what cells take of it left out, and what cells move by with each."""
    by_cells = _solved(look, look.across, held=held)
    taken = np.einsum("cnk,cnl->kl", look.across, by_cells)
    return _damped(look.common_information, held) - taken, by_cells


def _known(look: Look, *, shared: int) -> tuple[Sums, Sums]:
    """Covariance of the numbers of each cell, shared ones behind, and how they move with common ones."""
    cells, own, common = look.across.shape
    covariance = np.zeros((cells, own + shared, own + shared))
    covariance[:, :own, :own] = np.linalg.inv(_damped(look.information, np.zeros(cells)))
    leaning = np.zeros((cells, own + shared, common))
    leaning[:, :own] = -_solved(look, look.across)
    leaning[:, own:, NOISES:] = np.eye(shared)
    return covariance, leaning


def _common_covariance(look: Look) -> Sums:
    """Covariance of common numbers: by the likelihood, or by how far cells contradict each other, if more."""
    information, by_cells = _profiled(look)
    covariance: Sums = np.linalg.inv(information).astype(np.float64)
    cells = look.costs.size
    if cells < 2:
        return covariance
    # What each cell would move common numbers by, were it for it alone: of a right law that is as much as the
    # likelihood says, and of cells that the law does not quite hold for it is more.
    says = look.common_slopes - np.einsum("cnk,cn->ck", by_cells, look.slope)
    off = (says - says.mean(axis=0)) @ covariance
    apart = (off**2).sum(axis=0) * cells / (cells - 1)
    known = np.maximum(np.diag(covariance), _RIDGE)
    wider = np.maximum(student(cells - 1) / Z95 * np.sqrt(apart / known), 1.0)
    return covariance * np.outer(wider, wider)


# --- what went into the numbers of cells ---------------------------------------------------------------


def _restored(packed: Packed, law: Law, guess: Guess) -> Guess:
    """Common numbers with what of them went into those of the cells, which follow.

    A few steps towards the maximum of the restricted likelihood, which counts with all numbers that cells may
    have, and not with the likeliest alone: of noise some hides in likely numbers, and a power comes out too
    low where bounds of cells that are nearer make up for it.
    """
    noise = guess.common[:NOISES]
    # Numbers of cells cannot have taken more than one of the likelihood each; a step that loses more leads
    # away, where curvature says nothing.
    most = float(costs_of(packed, law, guess).sum()) + guess.own.size
    for _ in range(_STEPS):
        look = look_at(packed, law, guess)
        slope = look.common_slopes.sum(axis=0) + _of_room(packed, law, guess, look=look)
        moved = _moved(law, guess, look, slope=slope, held=_HARDLY)
        common = moved.common.copy()
        common[:NOISES] = np.clip(common[:NOISES], noise - _MOST_RESTORED, noise + _MOST_RESTORED)
        moved = attrs.evolve(moved, common=common)
        # What is not a number is no more than anything, and is not taken either.
        if not float(costs_of(packed, law, moved).sum()) <= most:
            break
        change = float(np.abs(moved.common - guess.common).max())
        guess = moved
        if change < _STILL:
            break
    return guess


def _of_room(packed: Packed, law: Law, guess: Guess, *, look: Look) -> Sums:
    """How the room that each common number leaves to cells changes with it, in logarithms (common,)."""
    _, by_cells = _profiled(look, held=_HARDLY)
    slope = np.zeros(guess.common.size)
    for place in range(guess.common.size):
        sizes = []
        for side in (-1, 1):
            nudge = np.zeros(guess.common.size)
            nudge[place] = side * _WIDE_NUDGE
            # Cells follow what they share, for what counts is the room around their likeliest numbers; noise
            # does not move them.
            own = guess.own if place < NOISES else guess.own - by_cells @ nudge
            beside = Guess(own=own, common=guess.common + nudge).allowed(law)
            there = look_at(packed, law, beside).information
            _, size = np.linalg.slogdet(_damped(there, np.full(packed.cells, _HARDLY)))
            sizes.append(float(size.sum()))
        slope[place] = 0.5 * (sizes[1] - sizes[0]) / (2 * _WIDE_NUDGE)
    return slope
