"""The hidden weights' arithmetic: gradient, optimiser, consolidation, and which levels changed."""

from __future__ import annotations

import math

import attrs
import numpy as np

from chipsim.device.reading_many import add_across, add_listed, list_driven, turned
from chipsim.device.types import Floats, Indices, Tally, kernel
from chipsim.learn.hidden_rows import (
    Numbers,
    Table,
    adam_row,
    changed_row,
    consolidate_row,
    move_row,
    places_of,
    room_for_flags,
    tally_row,
)

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
    "update_at_once",
]

PLACES = 4_096
"""Intervals of the table of the consolidation function."""


def gradient(x: Floats, d: Floats, out: Floats) -> None:
    """Sum of each sample's outer product, sample after sample, into `out`.

    Parameters
    ----------
    x, d
        Inputs (batch, rows) and errors (batch, columns); inputs at zero are skipped.
    out
        Overwritten (rows, columns).
    """
    # Adding a product with zero changes no bit of a sum.
    out.fill(0)
    add_across(turned(x), d, out)


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


def meta_table(m: float) -> Table:
    """The function :func:`meta` at even offsets from 0 to 1, as the digital unit looks it up."""
    offsets = [place / PLACES for place in range(PLACES + 1)]
    values = np.array([meta(offset, m) for offset in offsets], np.float32)
    rises = np.append(np.diff(values), np.float32(0))
    lower, upper = (half.view(np.uint32).astype(np.uint64) for half in (values, rises))
    table: Table = lower | (upper << np.uint64(32))
    return table


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
    exact: bool = attrs.field(init=False)
    """Whether a level is, to the bit, the lowest one and as many gaps as its place says."""

    def __attrs_post_init__(self) -> None:
        wide = self.values.astype(np.float64)
        gaps = np.diff(wide)
        # Even levels come in single precision, so their distances differ by its rounding.
        even = bool(np.allclose(gaps, gaps[0], rtol=1e-6, atol=0))
        halfway = (wide[1:] + wide[:-1]) / 2
        object.__setattr__(self, "bounds", halfway.astype(np.float32))
        gap = np.float32(gaps.mean() if even else 0)
        steps = np.arange(self.values.size).astype(np.float32)
        object.__setattr__(self, "gap", gap)
        object.__setattr__(self, "exact", bool(np.array_equal(self.values[0] + steps * gap, self.values)))


@kernel
def nearest(weights: Floats, levels: Floats, bounds: Floats, gap: np.float32, out: Indices) -> None:
    """Place of the level nearest to each weight (rows, columns), the lower one of two, into `out`."""
    for i in range(weights.shape[0]):
        places_of(weights[i], levels, bounds, gap, out[i])


@kernel
def adam(g: Floats, first: Floats, second: Floats, numbers: Numbers) -> None:
    """One step of Adam: takes gradients into the moments, and leaves in their place what to subtract.

    Parameters
    ----------
    g
        Summed gradients (rows, columns); overwritten by what is to be subtracted from the weights.
    first, second
        Moments (rows, columns), changed in place.
    numbers
        As :data:`~chipsim.learn.hidden_rows.Numbers` has them.

    References
    ----------
    Kingma and Ba, ICLR 2015, algorithm 1.
    """
    for i in range(g.shape[0]):
        adam_row(g[i], first[i], second[i], numbers)


@kernel
def move(
    hidden: Floats,
    step: Floats,
    levels: Floats,
    bounds: Floats,
    gap: np.float32,
    exact: bool,  # noqa: FBT001
    table: Table,
) -> None:
    """Subtract steps from hidden weights, consolidated and kept within the outer levels, in place.

    A step that leads a hidden weight away from its nearest level is multiplied by :func:`meta`; one that
    leads it back to the level is taken whole. A weight that sits exactly on its level can only leave it.

    Parameters
    ----------
    hidden, step
        (rows, columns).
    levels, bounds, gap, exact
        As :class:`Levels` has them.
    table
        From :func:`meta_table`; of size zero to take every step whole.

    References
    ----------
    D'Agostino et al. (2023): with the update U that is subtracted, U (WH - WS) < 0 is the case to slow down.
    """
    columns = hidden.shape[1]
    places, away = np.empty(columns, np.int32), np.empty(columns, np.float32)
    share = np.empty(columns, np.float32)
    for i in range(hidden.shape[0]):
        if table.size:
            places_of(hidden[i], levels, bounds, gap, places)
            consolidate_row(hidden[i], step[i], places, levels, gap, exact, table, away, share)
        move_row(hidden[i], step[i], levels[0], levels[-1], hidden[i])


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
    found, words = 0, room_for_flags(before.shape[1])
    flags = words.view(np.uint8)
    old, new = np.empty(before.shape[1], np.int32), np.empty(before.shape[1], np.int32)
    for i in range(before.shape[0]):
        places_of(before[i], levels, bounds, gap, old)
        places_of(after[i], levels, bounds, gap, new)
        more = changed_row(old, new, words, flags, found, columns, places)
        rows[found:more] = i
        found = more
    return found


@kernel
def update_at_once(
    x: Floats,
    d: Floats,
    hidden: Floats,
    first: Floats,
    second: Floats,
    numbers: Numbers,
    levels: Floats,
    bounds: Floats,
    gap: np.float32,
    exact: bool,  # noqa: FBT001
    table: Table,
    tally: Tally,
    rows: Indices,
    columns: Indices,
    places: Indices,
) -> int:
    """Gradient, Adam, :func:`move`, :func:`tally_steps` and :func:`changed`, row after row.

    To the bit what these do one after another to all rows. Each would fetch every hidden weight from memory
    anew; so a row is fetched once.

    Parameters
    ----------
    x, d
        Inputs, samples side by side (rows, batch), and errors (batch, columns).
    hidden, first, second
        Hidden weights and their moments (rows, columns), changed in place.
    numbers, levels, bounds, gap, exact, table, tally, rows, columns, places
        As the others take them.
    """
    size = hidden.shape[1]
    step, after = np.empty(size, np.float32), np.empty(size, np.float32)
    away, share = np.empty(size, np.float32), np.empty(size, np.float32)
    old, new = np.empty(size, np.int32), np.empty(size, np.int32)
    driven = np.empty(x.shape[1] + 1, np.int32)
    low, high = levels[0], levels[-1]
    found, words = 0, room_for_flags(size)
    flags = words.view(np.uint8)
    for i in range(hidden.shape[0]):
        own = hidden[i]
        for j in range(size):
            step[j] = np.float32(0)
        count = list_driven(x[i], driven)
        add_listed(x[i], driven[:count], d, step)
        adam_row(step, first[i], second[i], numbers)
        places_of(own, levels, bounds, gap, old)
        if table.size:
            # The one that is compared is needed again, the other one is not there yet.
            for j in range(size):
                new[j] = old[j]
            consolidate_row(own, step, new, levels, gap, exact, table, away, share)
        move_row(own, step, low, high, after)
        tally_row(own, after, step, low, high, tally)
        for j in range(size):
            own[j] = after[j]
        places_of(after, levels, bounds, gap, new)
        more = changed_row(old, new, words, flags, found, columns, places)
        rows[found:more] = i
        found = more
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
    for i in range(before.shape[0]):
        tally_row(before[i], after[i], step[i], low, high, tally)


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
