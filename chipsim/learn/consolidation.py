"""The hidden weights' arithmetic: gradient, optimiser, consolidation, and which levels changed."""

from __future__ import annotations

import math

import attrs
import numpy as np

from chipsim.device.types import Floats, Indices, Tally, kernel

__all__ = [
    "PLACES",
    "Levels",
    "adam",
    "changed",
    "gradient",
    "meta",
    "meta_table",
    "move",
    "nearest",
    "tally_steps",
    "to_bfloat",
]

PLACES = 4_096
"""Intervals of the table of the consolidation function."""


@kernel
def gradient(x: Floats, d: Floats, out: Floats) -> None:
    """Sum of each sample's outer product, sample after sample, into `out`.

    Parameters
    ----------
    x, d
        Inputs (batch, rows) and errors (batch, columns); inputs at zero are skipped.
    out
        Overwritten (rows, columns).
    """
    # One row after another, which stays in the cache while all samples are added to it. Each weight's sum
    # goes from the first sample to the last all the same, so a plain loop over samples gives the same bits.
    for i in range(x.shape[1]):
        row = out[i]
        for j in range(row.size):
            row[j] = np.float32(0)
        for b in range(x.shape[0]):
            value = x[b, i]
            # Adding a product with zero changes no bit of a sum.
            if value != 0:
                for j in range(row.size):
                    row[j] += value * d[b, j]


def meta(offset: float, m: float) -> float:
    """The consolidation function: the share that a hidden weight follows of a step away from its level.

    Near 0 when the hidden weight sits on its level, 1 halfway to the next one.

    Parameters
    ----------
    offset
        Distance of the hidden weight from its nearest level, over half the distance D between this level and
        the next one on that side.
    m
        Strength; 0 gives 1 everywhere.

    References
    ----------
    D'Agostino et al. (2023): M = 1 - tanh^2(2 m / D |WH - WS| - m).

    Examples
    --------
    >>> meta(1.0, 3.0), round(meta(0.0, 3.0), 4)
    (1.0, 0.0099)
    """
    return 1.0 - math.tanh(m * offset - m) ** 2


def meta_table(m: float) -> Floats:
    """The function :func:`meta` at even offsets from 0 to 1, as the digital unit looks it up."""
    offsets = [place / PLACES for place in range(PLACES + 1)]
    return np.array([meta(offset, m) for offset in offsets], np.float32)


@attrs.frozen(eq=False)
class Levels:
    """The levels of a weight, as kernels take them.

    Parameters
    ----------
    values
        Ascending (levels,).
    """

    values: Floats
    bounds: Floats = attrs.field(init=False)
    """Halfway between neighbours (levels - 1,); a weight on a bound belongs to the level below."""
    gap: np.float32 = attrs.field(init=False)
    """Distance of neighbours where all are as far apart, else zero."""

    def __attrs_post_init__(self) -> None:
        wide = self.values.astype(np.float64)
        gaps = np.diff(wide)
        # Even levels come in single precision, so their distances differ by its rounding.
        even = bool(np.allclose(gaps, gaps[0], rtol=1e-6, atol=0))
        halfway = (wide[1:] + wide[:-1]) / 2
        object.__setattr__(self, "bounds", halfway.astype(np.float32))
        object.__setattr__(self, "gap", np.float32(gaps.mean() if even else 0))


@kernel
def _places(weights: Floats, levels: Floats, bounds: Floats, gap: np.float32, out: Indices) -> None:
    """Place of the nearest level of each weight of one row: computed where levels are even, else counted."""
    # A search for each weight would branch, and compilers vectorise only loops that do not.
    low, last = levels[0], np.int32(bounds.size)
    if gap > 0:
        inverse, half = np.float32(1) / gap, np.float32(0.5)
        for j in range(weights.size):
            # Rounded up from half a level below, since a weight halfway belongs to the lower level.
            steps = (weights[j] - low) * inverse
            place = np.int32(np.ceil(steps - half))
            out[j] = min(max(place, np.int32(0)), last)
    else:
        out[:] = np.int32(0)
        for bound in bounds:
            for j in range(weights.size):
                out[j] += np.int32(weights[j] > bound)


@kernel
def nearest(weights: Floats, levels: Floats, bounds: Floats, gap: np.float32, out: Indices) -> None:
    """Place of the level nearest to each weight (rows, columns), the lower one of two, into `out`."""
    for i in range(weights.shape[0]):
        _places(weights[i], levels, bounds, gap, out[i])


@kernel
def adam(g: Floats, first: Floats, second: Floats, numbers: tuple[np.float32, ...]) -> None:
    """One step of Adam: takes gradients into the moments, and leaves in their place what to subtract.

    Parameters
    ----------
    g
        Summed gradients (rows, columns); overwritten by what is to be subtracted from the weights.
    first, second
        Moments (rows, columns), changed in place.
    numbers
        Factor on the gradient, beta1, beta2, learning rate over 1 - beta1^t, one over 1 - beta2^t, epsilon.

    References
    ----------
    Kingma and Ba, ICLR 2015, algorithm 1.
    """
    scale, beta1, beta2, rate, correction, epsilon = numbers
    one = np.float32(1)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            value = g[i, j] * scale
            mean = beta1 * first[i, j] + (one - beta1) * value
            square = beta2 * second[i, j] + (one - beta2) * value * value
            first[i, j] = mean
            second[i, j] = square
            root = np.sqrt(square * correction)
            g[i, j] = rate * mean / (root + epsilon)


@kernel
def move(
    hidden: Floats, step: Floats, levels: Floats, bounds: Floats, gap: np.float32, table: Floats
) -> None:
    """Subtract steps from hidden weights, consolidated and kept within the outer levels, in place.

    A step that leads a hidden weight away from its nearest level is multiplied by :func:`meta`; one that
    leads it back to the level is taken whole. A weight that sits exactly on its level can only leave it.

    Parameters
    ----------
    hidden, step
        (rows, columns).
    levels, bounds, gap
        As :class:`Levels` has them.
    table
        From :func:`meta_table`, linear in between; of size zero to take every step whole.

    References
    ----------
    D'Agostino et al. (2023): with the update U that is subtracted, U (WH - WS) < 0 is the case to slow down.
    """
    low, high = levels[0], levels[-1]
    columns = hidden.shape[1]
    places, away = np.empty(columns, np.int32), np.empty(columns, np.float32)
    share = np.empty(columns, np.float32)
    for i in range(hidden.shape[0]):
        if table.size:
            _places(hidden[i], levels, bounds, gap, places)
            for j in range(columns):
                away[j] = hidden[i, j] - levels[places[j]]
            _offsets(away, step[i], levels, gap, places, share)
            _look_up(share, table)
            for j in range(columns):
                # A step is subtracted: with the sign of the distance it leads back to the level. The larger
                # of two shares instead of a branch, so that the loop is vectorised.
                whole = np.float32(step[i, j] * away[j] > 0)
                step[i, j] *= max(share[j], whole)
        for j in range(columns):
            # Without bounds the function would rise to one again, half a level beyond the last.
            hidden[i, j] = min(max(hidden[i, j] - step[i, j], low), high)


@kernel
def _offsets(
    away: Floats, step: Floats, levels: Floats, gap: np.float32, places: Indices, out: Floats
) -> None:
    """Distance of each hidden weight of a row from its level, over half the gap that it lies in."""
    if gap > 0:
        inverse = np.float32(2) / gap
        for j in range(away.size):
            out[j] = min(abs(away[j]) * inverse, np.float32(1))
        return
    last = levels.size - 1
    for j in range(away.size):
        # On its level a weight lies in neither gap; the step says which of the two it goes into.
        up = away[j] > 0 or (away[j] == 0 and step[j] < 0)
        other = min(places[j] + 1, last) if up else max(places[j] - 1, 0)
        half = abs(levels[other] - levels[places[j]]) * np.float32(0.5)
        # Beyond the outer levels there is no gap; a weight is held within them whatever its share.
        out[j] = min(abs(away[j]) / half, np.float32(1)) if half > 0 else np.float32(1)


@kernel
def _look_up(offsets: Floats, table: Floats) -> None:
    """Replace offsets by the table's shares, linear in between."""
    intervals = table.size - 1
    for j in range(offsets.size):
        place = offsets[j] * np.float32(intervals)
        # The far end of the table belongs to its last interval.
        index = np.uint32(place) if place < intervals else np.uint32(intervals - 1)
        below, above = table[index], table[index + np.uint32(1)]
        offsets[j] = below + (place - np.float32(index)) * (above - below)


@kernel
def changed(
    before: Floats,
    after: Floats,
    levels: Floats,
    bounds: Floats,
    gap: np.float32,
    rows: Indices,
    columns: Indices,
    places: Indices,
) -> int:
    """List the weights whose nearest level is another one after than before; returns how many."""
    found = 0
    # Levels of a whole row first, and only then compared: one loop that did both weight by weight could not
    # be vectorised.
    old = np.empty(before.shape[1], np.int32)
    new = np.empty(before.shape[1], np.int32)
    for i in range(before.shape[0]):
        _places(before[i], levels, bounds, gap, old)
        _places(after[i], levels, bounds, gap, new)
        for j in range(old.size):
            if old[j] != new[j]:
                rows[found], columns[found], places[found] = i, j, new[j]
                found += 1
    return found


@kernel
def tally_steps(before: Floats, after: Floats, step: Floats, low: float, high: float, tally: Tally) -> None:
    """Count steps that changed no hidden weight: those too small for it, and those beyond the bounds.

    Parameters
    ----------
    before, after, step
        Hidden weights before and after, and what was to be subtracted (rows, columns).
    low, high
        Bounds of hidden weights.
    tally
        Added to: steps that are not zero, those that were too small, and those that lead beyond a bound
        where the weight stood (3,).
    """
    asked, still, held = 0, 0, 0
    for i in range(before.shape[0]):
        for j in range(before.shape[1]):
            u, w = step[i, j], before[i, j]
            outwards = (u > 0 and w <= low) or (u < 0 and w >= high)
            unmoved = u != 0 and after[i, j] == w
            asked += u != 0
            held += unmoved and outwards
            still += unmoved and not outwards
    tally[0] += asked
    tally[1] += still
    tally[2] += held


def to_bfloat(values: Floats, rng: np.random.Generator | None = None) -> None:
    """Round single-precision numbers to bfloat16, in place: to the nearest, ties to even, or at random.

    Parameters
    ----------
    values
        Finite numbers, contiguous.
    rng
        Rounds up as often as the dropped bits say; None rounds to nearest.

    Examples
    --------
    >>> numbers = np.array([1.0, 1.003], np.float32)
    >>> to_bfloat(numbers)
    >>> numbers.tolist()
    [1.0, 1.0]
    """
    # A bfloat16 is the upper half of a single-precision number: what is added to the lower half rounds by
    # carrying into the upper one, also from one power of two to the next.
    bits = values.view(np.uint32)
    if rng is None:
        last_kept = (bits >> np.uint32(16)) & np.uint32(1)
        bits += np.uint32(0x7FFF) + last_kept
    else:
        # A second moment that decays by a thousandth a step never changes when it is rounded to the nearest
        # of numbers that lie a hundredth apart; rounded at random it decays on average.
        bits += rng.integers(0, 1 << 16, bits.shape, np.uint16)
    bits &= np.uint32(0xFFFF0000)
