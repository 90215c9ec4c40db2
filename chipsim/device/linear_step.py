"""Cells that a pulse moves by one linear step: the finite-state cell, and the ideal one."""

from __future__ import annotations

import math

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, kernel
from chipsim.spec.chip import IdealCellSpec, LinearStepSpec

__all__ = ["LinearStep"]


@kernel
def _pulse(
    conductance: Floats,
    low: float,
    high: Floats,
    step: Floats,
    pulses: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
    counts: Counts,
    noise: Floats,
    variation: float,
    tally: Tally,
) -> float:
    """Give each hit cell its pulses; returns the sum of pulses times mean conductance, S.

    Adds to the tally how many cells were hit, met a bound, and stayed at the bound where they stood (3,).
    """
    weighted = 0.0
    met, stayed = 0, 0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        before = np.float64(conductance[i, j])
        size = np.float64(n)
        if variation > 0:
            size += variation * math.sqrt(n) * np.float64(noise[h])
        after = before + np.float64(step[i, j]) * size
        top = np.float64(high[i, j])
        conductance[i, j] = np.float32(min(max(after, low), top))
        moved = np.float64(conductance[i, j]) - before
        if after < low or after > top:
            met += 1
            stayed += int(moved == 0)
        pulses[i, j] += n
        row_sum[i] += moved
        column_sum[j] += moved
        weighted += n * (before + 0.5 * moved)
    tally[0] += rows.size
    tally[1] += met
    tally[2] += stayed
    return weighted


@kernel
def _saturated(
    plus: Floats,
    plus_high: Floats,
    minus: Floats,
    minus_high: Floats,
    floor: float,
    rows: Indices,
    columns: Indices,
) -> int:
    """List pairs of which one cell is at its bound while the other stands above `floor`."""
    found = 0
    for i in range(plus.shape[0]):
        for j in range(plus.shape[1]):
            p, m = plus[i, j], minus[i, j]
            if (p >= plus_high[i, j] or m >= minus_high[i, j]) and min(p, m) > floor:
                rows[found], columns[found] = i, j
                found += 1
    return found


@kernel
def _reset(
    conductance: Floats,
    low: float,
    resets: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
) -> float:
    """Reset each listed cell to its lowest conductance; returns the conductance that was reset, S."""
    weighted = 0.0
    for h in range(rows.size):
        i, j = rows[h], columns[h]
        before = np.float64(conductance[i, j])
        conductance[i, j] = np.float32(low)
        resets[i, j] += 1
        row_sum[i] += low - before
        column_sum[j] += low - before
        weighted += before
    return weighted


@attrs.frozen(kw_only=True, eq=False)
class LinearStep:
    """A device model: each pulse adds one step, noisy and bounded, or exact and unbounded when ideal.

    Parameters
    ----------
    spec
        The cell as described.
    gain
        How many times smaller than described this array's cells are (the fine cells of a hybrid
        synapse; conductance is proportional to area: Choi 2021).

    Notes
    -----
    Several pulses of one update draw one Gaussian of standard deviation ``variation * sqrt(n)`` steps,
    which has the distribution of n separate draws as long as no bound is met in between.
    """

    spec: LinearStepSpec | IdealCellSpec
    gain: float = 1.0

    @property
    def low(self) -> float:
        """Lowest conductance, S."""
        return self.spec.off_conductance / self.gain

    @property
    def span(self) -> float:
        """Highest less lowest conductance, S."""
        return (self.spec.on_conductance - self.spec.off_conductance) / self.gain

    @property
    def step(self) -> float:
        """Mean step, S."""
        return self.span / self.spec.states

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """New cells with their device-to-device spread, all reset.

        Parameters
        ----------
        shape
            Rows and columns.
        rng
            The array's own generator.
        sums
            Where the cells keep their row sums (rows,) and column sums (columns,).
        unused
            Cells out of use on each row and on each column, which are reset too and stay so.
        """
        high: Floats = np.array(np.inf, np.float32)
        step: Floats = np.array(self.step, np.float32)
        if isinstance(self.spec, LinearStepSpec):
            high = np.float32(self.low) + np.float32(self.span) * _spread(
                self.spec.range_spread, shape, rng=rng
            )
            step = step * _spread(self.spec.step_spread, shape, rng=rng)
        # Cells that are all alike share one number: a hit then touches two cache lines, not four.
        high, step = np.broadcast_to(high, shape), np.broadcast_to(step, shape)
        return Cells.at_low(low=self.low, high=high, step=step, sums=sums, unused=unused)

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:
        """Give cells their pulses, and return the sum of pulses times conductance, S."""
        variation = self.spec.step_variation if isinstance(self.spec, LinearStepSpec) else 0.0
        noise = rng.standard_normal(hits.rows.size if variation else 0, dtype=np.float32)
        weighted: float = _pulse(
            cells.conductance,
            cells.low,
            cells.high,
            cells.step,
            cells.pulses,
            cells.row_sum,
            cells.column_sum,
            hits.rows,
            hits.columns,
            hits.counts,
            noise,
            variation,
            cells.tally,
        )
        return weighted

    def saturated(self, plus: Cells, minus: Cells, *, headroom: float) -> tuple[Indices, Indices]:
        """Rows and columns of pairs that ran out of range while both cells stand high.

        Parameters
        ----------
        plus, minus
            The cells of the pair.
        headroom
            Share of the range that the lower cell must exceed.
        """
        rows, columns = np.empty(plus.conductance.size, np.int32), np.empty(plus.conductance.size, np.int32)
        found = _saturated(
            plus.conductance,
            plus.high,
            minus.conductance,
            minus.high,
            float(np.float32(self.low + headroom * self.span)),
            rows,
            columns,
        )
        return rows[:found], columns[:found]

    def reset(self, cells: Cells, rows: Indices, columns: Indices) -> float:
        """Reset cells with one strong pulse each, and return the conductance that was reset, S."""
        weighted: float = _reset(
            cells.conductance, cells.low, cells.resets, cells.row_sum, cells.column_sum, rows, columns
        )
        return weighted


def _spread(spread: float, shape: tuple[int, int], *, rng: np.random.Generator) -> Floats:
    """Factors around one, never below a hundredth; a single one when there is no spread."""
    if not spread:
        return np.array(1.0, np.float32)
    factors: Floats = np.maximum(1 + spread * rng.standard_normal(shape, dtype=np.float32), np.float32(0.01))
    return factors
