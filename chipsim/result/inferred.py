"""What one inference takes, and on how many tiles: figures for studies and claims."""

from __future__ import annotations

from typing import Final

from chipsim.result import Result
from chipsim.result.metric import Metric, percent, show_number
from chipsim.units import ENERGY, Aj, show

__all__ = ["INFERRED"]


def _energy(result: Result) -> float | None:
    joules = result.summary.get("inference_energy_J")
    return None if joules is None else joules * 1e18


def _frozen(result: Result) -> float | None:
    frozen, whole = (result.summary.get(f"inference_{key}time_ps") for key in ("frozen_", ""))
    return 100 * frozen / whole if frozen is not None and whole else None


def _tiles(result: Result) -> int | None:
    return len({block.tile for block in result.placement}) or None


INFERRED: Final = (
    Metric(
        key="inference_energy_aJ",
        title="Energy of one inference",
        show=lambda value: show(Aj(round(value)), ENERGY),
        better="less",
        about="Energy of one sample's forward pass, without leakage; with currents of cells where cells were "
        "trained.",
        of=_energy,
        optional=True,
    ),
    Metric(
        key="inference_frozen_time_percent",
        title="Time in frozen layers",
        show=percent,
        about="Share of an inference's time until the sample is through the frozen layers that come first.",
        of=_frozen,
        optional=True,
    ),
    Metric(
        key="tiles",
        title="Tiles",
        show=show_number,
        better="less",
        about="Tiles that hold weights.",
        of=_tiles,
        optional=True,
    ),
)
