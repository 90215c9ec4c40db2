"""The chip's graph with positions, and where weights stand, as results keep both and reports draw them."""

from __future__ import annotations

import math

from chipsim.chip.chip import Chip
from chipsim.net.placing import Placement
from chipsim.result import ChipGraph, GraphEdge, GraphNode, PlacedBlock

__all__ = ["draw", "placed"]

_INSIDE = 0.45
"""Radius of the circle on which a tile's inner parts are drawn."""


def draw(chip: Chip) -> ChipGraph:
    """Every part as a node, links too, and each tile's inner parts on a circle round it.

    Areas of all nodes add up to the area of the chip.
    """
    at = {name: where for name, where in chip.graph.nodes(data="at") if where is not None}
    for part in chip.parts.values():
        inside = part.parts_inside()
        for index, inner in enumerate(inside):
            angle = 2 * math.pi * index / len(inside)
            x, y = at[part.name]
            at[inner.name] = (x + _INSIDE * math.cos(angle), y + _INSIDE * math.sin(angle))
    edges = []
    for one, other, link in sorted(chip.graph.edges(data="link")):
        if not link or link in chip.graph:
            edges.append(GraphEdge(source=one, target=other, link=link))
            continue
        # A link between two parts is a part, too: it stands in the middle of its wires.
        at[link] = _middle(at[one], at[other])
        edges += [
            GraphEdge(source=one, target=link, link=link),
            GraphEdge(source=link, target=other, link=link),
        ]
    nodes = [
        GraphNode(
            name=name,
            kind=part.kind,
            x=at[name][0],
            y=at[name][1],
            area_nm2=part.area,
            about=part.about,
        )
        for name, part in chip.parts.items()
    ]
    return ChipGraph(nodes=tuple(nodes), edges=tuple(edges))


def _middle(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def placed(placement: Placement, chip: Chip) -> tuple[PlacedBlock, ...]:
    """Where every block of a network stands on a chip whose tiles were built for it."""
    return tuple(
        PlacedBlock(
            tile=tile.name, layer=cut.seat.layer + 1, row=cut.rows.start, column=cut.columns.start,
            rows=cut.shape[0], columns=cut.shape[1], role=cut.seat.role, group=cut.seat.group,
        )
        for tile, cut in zip(chip.tiles, placement.cuts, strict=True)
    )  # fmt: skip
