"""Small pulses that lower cells in stages: within each all steps are alike, and each has steps of its own."""

from __future__ import annotations

from typing import Final

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.gaussian import gaussian
from chipsim.device.linear import drawn_from
from chipsim.device.types import Counts, Floats, Indices, Sums, Tally, Words, kernel

__all__ = ["lower_in_stages"]

_NEAR: Final = 1e-3
"""Distance from an edge, in steps, that single precision cannot vouch for."""


def lower_in_stages(cells: Cells, hits: Hits, *, edges: Sums, steps: Sums, variation: float) -> float:
    """Lower cells pulse by pulse; the sum over pulses of the mean conductance before and after each, S.

    Parameters
    ----------
    cells
        Changed in place. Their `step_down` is the mean step over all stages.
    hits
        Which cells, and how many pulses each.
    edges
        Lower end of each stage, the highest stage first, as a share of the cell's range above its lowest
        conductance (stages,).
    steps
        Step within each stage over the mean step (stages,).
    variation
        Standard deviation of one step over its mean; a Gaussian is drawn for each pulse, and none without
        variation.

    Raises
    ------
    ChipsimError
        When steps vary and cells have nothing to draw that from.
    """
    noise = drawn_from(cells, variation)
    assert cells.step_down is not None, "made by a device whose pulses lower"
    weighted: float = _lower(
        cells.conductance, cells.low, cells.high, cells.step_down, cells.pulses, cells.row_sum,
        cells.column_sum, hits.rows, hits.columns, hits.counts, edges, steps, noise, variation, cells.tally,
    )  # fmt: skip
    return weighted


@kernel
def _lower(
    conductance: Floats,
    low: Floats,
    high: Floats,
    step: Floats,
    pulses: Counts,
    row_sum: Sums,
    column_sum: Sums,
    rows: Indices,
    columns: Indices,
    counts: Counts,
    edges: Sums,
    steps: Sums,
    noise: Words,
    variation: float,
    tally: Tally,
) -> float:
    """Adds to the tally how many cells were hit, met a bound, and stayed where they stood (3,)."""
    weighted = 0.0
    met, stayed = 0, 0
    for h in range(rows.size):
        i, j, n = rows[h], columns[h], counts[h]
        bottom, top, mean = np.float64(low[i, j]), np.float64(high[i, j]), np.float64(step[i, j])
        began = np.float64(conductance[i, j])
        now = began
        cut = False
        for _ in range(n):
            # The stage in which the pulse finds the cell; the last one reaches as far down as there is. A
            # cell that has come to an edge is beyond it, whatever the last bit of its conductance says.
            above, once = (now - bottom) / (top - bottom), -mean / (top - bottom)
            stage = 0
            while stage < edges.size - 1 and above <= edges[stage] + _NEAR * once * steps[stage]:
                stage += 1
            size = steps[stage]
            if variation > 0:
                size *= 1.0 + variation * gaussian(noise)
            after = now + mean * size
            cut |= after < bottom or after > top
            after = min(max(after, bottom), top)
            weighted += 0.5 * (now + after)
            now = after
        kept = np.float32(now)
        conductance[i, j] = kept
        # Sums of lines take the difference of what is kept, not of what was meant: they never drift apart.
        moved = np.float64(kept) - began
        pulses[i, j] += n
        row_sum[i] += moved
        column_sum[j] += moved
        met += cut
        stayed += cut and moved == 0
    tally[0] += rows.size
    tally[1] += met
    tally[2] += stayed
    return weighted
