"""H and the gradient of one sample in one pass: what is added, what is due, and what is left."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Counts, Flags, Floats, Indices, kernel

__all__ = ["accumulate"]


@kernel
def accumulate(  # noqa: PLR0917 - kernels take no keywords
    x: Floats,
    d: Floats,
    share: np.float32,
    sums: Floats,
    threshold: np.float32,
    most: np.float32,
    full: Flags,
    rows: Indices,
    columns: Indices,
    counts: Counts,
) -> int:
    """Add `share` times the outer product to the sums, and take out of them what is due.

    Parameters
    ----------
    x, d
        Inputs (rows,) and errors (columns,) of one sample; rows of no input are passed over.
    share
        Steps of the cells for one of their product.
    sums
        In steps, changed in place (rows, columns).
    threshold, most
        Sum at which a weight gets a pulse, and pulses that it gets at a time.
    full
        Rows in which more was due than was given; they are looked at again, and told anew (rows,).
    rows, columns, counts
        Places and pulses of what is due, row after row: room for all weights.

    Returns
    -------
    How many weights are due.
    """
    found = 0
    for i in range(x.size):
        if x[i] == 0 and not full[i]:
            continue
        full[i] = False
        value, due = x[i], np.int32(0)
        for j in range(d.size):
            change = value * d[j]
            held = sums[i, j] + change * share
            sums[i, j] = held
            due |= np.int32(abs(held) >= threshold)
        # Few rows have a weight that is due: the loop above is free of branches.
        if due:
            for j in range(d.size):
                held = sums[i, j]
                if abs(held) >= threshold:
                    asked = np.trunc(held / threshold)
                    given = min(max(asked, -most), most)
                    full[i] |= given != asked
                    sums[i, j] = held - given * threshold
                    rows[found], columns[found], counts[found] = i, j, np.int32(given)
                    found += 1
    return found
