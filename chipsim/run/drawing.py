"""The chip's graph with positions, and where weights stand, as results keep both and reports draw them."""

from __future__ import annotations

import math

from chipsim.chip.chip import Chip
from chipsim.net.placing import Placement
from chipsim.parts.part import Part
from chipsim.result import ChipGraph, GraphEdge, GraphNode, PlacedBlock

__all__ = ["draw", "placed"]

# Circles of neighbours that stand one apart do not touch.
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
    # Sorted, for networkx gives edges in the order in which they were joined.
    for one, other, link in sorted(chip.graph.edges(data="link")):
        if not link or link in chip.graph:
            edges.append(GraphEdge(source=one, target=other, link=link))
            continue
        # A link between two parts is a part, too: it stands in the middle of its wires.
        at[link] = _middle(at[one], at[other])
        edges.append(GraphEdge(source=one, target=link, link=link))
        edges.append(GraphEdge(source=link, target=other, link=link))
    nodes = tuple(_node(part, at[name]) for name, part in chip.parts.items())
    return ChipGraph(nodes=nodes, edges=tuple(edges))


def _node(part: Part, at: tuple[float, float]) -> GraphNode:
    x, y = at
    return GraphNode(name=part.name, kind=part.kind, x=x, y=y, area_nm2=part.area, about=part.about)


def _middle(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def placed(placement: Placement, chip: Chip) -> tuple[PlacedBlock, ...]:
    """Where every block of a network stands on a chip whose tiles were built for it."""
    blocks = []
    for tile, cut in zip(chip.tiles, placement.cuts, strict=True):
        seat = cut.seat
        rows, columns = cut.shape
        block = PlacedBlock(
            tile=tile.name,
            # Layers count from 1 wherever people read of them.
            layer=seat.layer + 1,
            row=cut.rows.start,
            column=cut.columns.start,
            rows=rows,
            columns=columns,
            role=seat.role,
            group=seat.group,
        )
        blocks.append(block)
    return tuple(blocks)
