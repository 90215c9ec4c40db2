"""What the area of each chip goes to, by kind of part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from chipsim.result import Result
from chipsim.result.metrics import MISSING
from chipsim.units import AREA, show

__all__ = ["AreaRow", "area_rows"]


@attrs.frozen(kw_only=True)
class AreaRow:
    """One kind of part: how many there are on each chip, and what they take."""

    kind: str
    """Empty for the last row, of all parts."""
    cells: tuple[tuple[str, str], ...]
    """For each chip the area, and count and share in words; a dash for a chip without such parts."""


def area_rows(results: Sequence[Result]) -> list[AreaRow]:
    """Areas by kind of part, a chip a column, the kind that takes most first; none where nothing is drawn."""
    areas, counts = [], []
    for result in results:
        nodes = result.graph.nodes
        counts.append(Counter(node.kind for node in nodes))
        area: Counter[str] = Counter()
        for node in nodes:
            area[node.kind] += node.area_nm2
        areas.append(area)
    taken = Counter[str]()
    for area in areas:
        taken.update(area)
    # Tiles are made of parts that are counted by themselves, and take nothing of their own.
    kinds = sorted((kind for kind in taken if taken[kind]), key=lambda kind: (-taken[kind], kind))
    rows = []
    for kind in kinds:
        cells = [_cell(area, count, kind) for area, count in zip(areas, counts, strict=True)]
        rows.append(AreaRow(kind=kind, cells=tuple(cells)))
    whole = tuple((_shown(area.total()), "") for area in areas)
    return [*rows, AreaRow(kind="", cells=whole)] if rows else []


def _cell(area: Counter[str], count: Counter[str], kind: str) -> tuple[str, str]:
    if not count[kind]:
        return MISSING, ""
    whole = area.total()
    share = 100 * area[kind] / whole if whole else 0
    return _shown(area[kind]), f"{count[kind]:,}, {share:.1f} %"


def _shown(nm2: int) -> str:
    return show(nm2, AREA).replace("m2", "m²")
