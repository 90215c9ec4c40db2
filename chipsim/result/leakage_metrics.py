"""What leakage adds to the energy of a run: figures for tables, studies and claims."""

from __future__ import annotations

from typing import Final

from chipsim.result.metric import Metric, percent
from chipsim.units import ENERGY, show

__all__ = ["LEAKED"]


def _energy(value: int) -> str:
    return show(value, ENERGY)


LEAKED: Final = (
    Metric(
        key="leakage_energy_aJ",
        title="Leakage",
        show=_energy,
        better="less",
        brief=True,
        about="What parts leaked during the training, as far as it is known; no other energy has it.",
        optional=True,
    ),
    Metric(
        key="energy_with_leakage_aJ",
        title="Energy with leakage",
        show=_energy,
        better="less",
        about="The energy of the training and what leaked meanwhile.",
        optional=True,
    ),
    Metric(
        key="leakage_percent",
        title="Share of leakage",
        show=percent,
        about="Share of leakage in the energy with it.",
        optional=True,
    ),
)
"""There only where the cost set says what anything leaks."""
