"""Pulses, wear and reads of matrices in roles of their own: gathered gradients apart from the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chipsim.result import Result
from chipsim.result.metric import Metric, show_number
from chipsim.result.places import tile_of
from chipsim.wording import plural

__all__ = ["BY_ROLE", "tiles_in_role"]

_WEIGHT: Final = "weight"
"""The role that every layer has."""
_GRADIENT: Final = "gradient"


def tiles_in_role(result: Result, role: str) -> frozenset[str]:
    """Tiles of a role, where a run has matrices in several; none otherwise.

    Parameters
    ----------
    result
        Of the run.
    role
        ``weight`` or ``gradient``.
    """
    if {block.role for block in result.placement} <= {_WEIGHT}:
        return frozenset()
    return frozenset(block.tile for block in result.placement if block.role == role)


def _pulses(role: str) -> Callable[[Result], int | None]:
    def found(result: Result) -> int | None:
        tiles = tiles_in_role(result, role)
        counts = [int(one.pulses.sum()) for one in result.wear if tile_of(one.array) in tiles]
        return sum(counts) if counts else None

    return found


def _hottest(role: str) -> Callable[[Result], int | None]:
    def found(result: Result) -> int | None:
        tiles = tiles_in_role(result, role)
        counts = [int(one.pulses.max()) for one in result.wear if tile_of(one.array) in tiles]
        return max(counts, default=None)

    return found


def _reads(result: Result) -> int | None:
    """Lines of gathered gradients that were read: nothing else drives these tiles forward or backward."""
    tiles = tiles_in_role(result, _GRADIENT)
    if not tiles or result.summary.get("timing_only"):
        return None
    reads: dict[str, int] = {}
    for row in result.ledger:
        tile = tile_of(row.part)
        if row.kind == "array" and tile in tiles and row.action in ("forward", "backward"):
            # Arrays of one tile are read together.
            reads[tile] = max(reads.get(tile, 0), row.count)
    return sum(reads.values())


def _cells(count: int) -> str:
    return f"{count:,} {plural('pulse', count)}"


BY_ROLE: Final = (
    Metric(
        key="weight_pulses",
        title="Pulses on weights",
        show=show_number,
        better="less",
        about="Pulses of the matrices that passes go through, where gradients are gathered in others.",
        of=_pulses(_WEIGHT),
        optional=True,
    ),
    Metric(
        key="gradient_pulses",
        title="Pulses on gradients",
        show=show_number,
        better="less",
        about="Pulses of the matrices in which gradients are gathered.",
        of=_pulses(_GRADIENT),
        optional=True,
    ),
    Metric(
        key="hottest_weight_cell_pulses",
        title="Hottest cell of weights",
        show=_cells,
        better="less",
        about="Pulses of the cell of a weight that had the most.",
        of=_hottest(_WEIGHT),
        optional=True,
    ),
    Metric(
        key="hottest_gradient_cell_pulses",
        title="Hottest cell of gradients",
        show=_cells,
        better="less",
        about="Pulses of the cell of gathered gradients that had the most.",
        of=_hottest(_GRADIENT),
        optional=True,
    ),
    Metric(
        key="gradient_reads",
        title="Reads of gradients",
        show=show_number,
        better="less",
        about="Lines of gathered gradients that were driven alone and read, tile by tile.",
        of=_reads,
        optional=True,
    ),
)
"""Figures of runs whose rule gathers gradients on tiles of their own."""
