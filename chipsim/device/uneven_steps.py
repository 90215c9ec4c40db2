"""Pulses that move cells by steps which differ along their range, cell by cell."""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.gaussian import gaussian
from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, Words, kernel

__all__ = ["LENGTH", "LENGTH_RISE", "NOISE", "NOISE_RISE", "as_log_normal", "pulse_unevenly"]

(LENGTH, LENGTH_RISE, NOISE, NOISE_RISE) = range(4)
"""What a piece of a curve says, side by side: how long a step is at its lower end, over the cell's own step,
and by how much more at its upper end; and the standard deviation of that length likewise."""


@kernel
def as_log_normal(drawn: float, logs: float) -> float:
    """A Gaussian number as that which a log-normal factor of mean one is more than one by.

    `logs` is the standard deviation of the factor's logarithm.
    """
    return math.exp(logs * drawn - 0.5 * logs * logs) - 1.0


@kernel
def _length_at(place: float, pieces: Sums, own: float, logs: float, noise: Words, variation: float) -> float:
    """Length of a step at a place of the range, from 0 to 1, over the cell's own step."""
    along = place * pieces.shape[0]
    piece = min(int(along), pieces.shape[0] - 1)
    beyond = along - piece
    length: float = pieces[piece, LENGTH] + beyond * pieces[piece, LENGTH_RISE]
    deviation = pieces[piece, NOISE] + beyond * pieces[piece, NOISE_RISE] + own * length
    if variation > 0:
        drawn = gaussian(noise)
        if logs > 0:
            drawn = as_log_normal(drawn, logs)
        length += deviation * drawn
    return length


@kernel
def _after_pulses(
    now: float,
    count: int,
    size: float,
    ends: tuple[float, float, float],
    zero: float,
    noise: Words,
    variation: float,
    pieces: Sums,
    own: float,
    logs: float,
) -> tuple[float, float, bool]:
    """Where pulses leave a cell, what they met in it, summed over them, S, and whether any was cut.

    `ends` are its lowest and highest conductance, and that of the two which the pulses lead to.
    """
    bottom, top, bound = ends
    weighted = 0.0
    cut = False
    for _ in range(count):
        if pieces.size:
            share = _length_at((now - bottom) / (top - bottom), pieces, own, logs, noise, variation)
        else:
            # One in the middle and nothing at the bound; more than one where the bound is further than that.
            share = (now - bound) / (zero - bound)
            if variation > 0:
                share += variation * gaussian(noise)
        after = now + size * share
        cut |= bool(after < bottom or after > top)
        after = min(max(after, bottom), top)
        weighted += 0.5 * (now + after)
        now = after
    return now, weighted, cut


@kernel
def pulse_unevenly(
    conductance: Floats,
    lasting: Floats,
    low: Floats,
    high: Floats,
    end: Floats,
    step: Floats,
    pulses: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
    counts: Counts,
    noise: Words,
    zeros: Sums,
    variation: float,
    written: float,
    tally: Tally,
    pieces: Sums,
    own: float,
    logs: float,
) -> float:
    """Move each hit cell pulse by pulse; the sum over pulses of the mean conductance before and after, S.

    Without `pieces`, steps shrink linearly towards `end`, are as long as described at `zeros`, and
    `variation` is that of one there.
    With them (pieces, 4), they are as long as these say, and vary as these say, by `own` of their length
    besides, or by a log-normal factor where `logs` is above zero. Nothing is drawn where `variation` is zero.

    Adds to the tally how many cells were hit, met a bound, and stayed where they stood (3,).
    """
    weighted = 0.0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        pulses[i, j] += n
        tally[0] += 1
        began, size = np.float64(lasting[i, j]), np.float64(step[i, j])
        if size == 0:
            # Stuck: nothing is drawn for it, and nothing is written to it.
            weighted += n * began
            continue
        ends = (np.float64(low[i, j]), np.float64(high[i, j]), np.float64(end[i, j]))
        zero = zeros[i, j]
        now, met, cut = _after_pulses(began, n, size, ends, zero, noise, variation, pieces, own, logs)
        before = np.float64(conductance[i, j])
        left = np.float32(now)
        lasting[i, j] = left
        kept = left
        if written > 0:
            # No cell conducts less than nothing.
            kept = np.float32(max(now + written * gaussian(noise), 0.0))
            # What lay over it before and what does after: the mean of both over all its pulses.
            met = max(met + 0.5 * n * (before - began + np.float64(kept) - now), 0.0)
        weighted += met
        conductance[i, j] = kept
        # Sums of lines take the difference of what is kept, not of what was meant: they never drift apart.
        moved = np.float64(kept) - before
        row_sum[i] += moved
        column_sum[j] += moved
        tally[1] += cut
        tally[2] += cut and np.float64(left) == began
    return weighted
