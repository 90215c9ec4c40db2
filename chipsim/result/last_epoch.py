"""How many samples the last epoch of a run trained on."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.result.record import EpochRow

__all__ = ["samples_of_last"]


def samples_of_last(rows: Sequence[EpochRow]) -> int | None:
    """Training samples of the last epoch; None without one, and where they are not known.

    Parameters
    ----------
    rows
        Of all epochs, in their order.
    """
    if not rows or rows[-1].samples is None:
        return None
    before = rows[-2].samples if len(rows) > 1 else 0
    return rows[-1].samples - (before or 0)
