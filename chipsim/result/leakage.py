"""What parts leaked in a run, part by part, and the figures of a summary that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

__all__ = ["LeakageRow", "leakage_figures", "unknown_leakage"]


@attrs.frozen(kw_only=True)
class LeakageRow:
    """What one part leaked over the whole run; parts that have no leakage have no row."""

    part: str
    kind: str
    """As in the ledger."""
    power_aw: int
    """Its leakage while it is powered, as far as it is known."""
    busy_ps: int
    """As in the ledger, all actions together; without gating it does not matter."""
    energy_aj: int
    """That power over the time of the run, or as far as gating leaves it; rounded half up."""
    known: bool
    """Whether the leakage of anything of it is known."""
    unknown: str
    """What of it leaks a power that is not known, such as ``write drivers``: nothing is charged for that."""


def leakage_figures(rows: Sequence[LeakageRow], *, energy_aj: int) -> dict[str, Any]:
    """The figures of a summary that leakage decides; None where nothing is known of any part.

    Parameters
    ----------
    rows
        Of a run.
    energy_aj
        What the run took without it, attojoules.

    Examples
    --------
    >>> one = dict(part="buffer", kind="buffer", busy_ps=0, known=True, unknown="")
    >>> leakage_figures([LeakageRow(power_aw=5, energy_aj=1, **one)], energy_aj=3)["leakage_percent"]
    25.0
    """
    unknown = unknown_leakage(rows)
    if not any(row.known for row in rows):
        return {**dict.fromkeys(_FIGURES), "leakage_unknown": unknown}
    leaked = sum(row.energy_aj for row in rows)
    whole = energy_aj + leaked
    figures = (
        sum(row.power_aw for row in rows) / 1e18,
        leaked,
        leaked / 1e18,
        whole,
        whole / 1e18,
        100 * leaked / whole if whole else 0.0,
    )
    return {**dict(zip(_FIGURES, figures, strict=True)), "leakage_unknown": unknown}


_FIGURES = (
    "leakage_power_W",
    "leakage_energy_aJ",
    "leakage_energy_J",
    "energy_with_leakage_aJ",
    "energy_with_leakage_J",
    "leakage_percent",
)


def unknown_leakage(rows: Iterable[LeakageRow]) -> list[str]:
    """What leaks a power that is not known, by name."""
    named = {name for row in rows for name in row.unknown.split(", ") if name}
    return sorted(named)
