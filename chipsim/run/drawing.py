"""The chip's graph with positions, as results keep it and reports draw it."""

from __future__ import annotations

import math

from chipsim.chip.chip import Chip
from chipsim.result import ChipGraph, GraphEdge, GraphNode

__all__ = ["draw"]

_INSIDE = 0.45
"""Radius of the circle on which a tile's inner parts are drawn."""


def draw(chip: Chip) -> ChipGraph:
    """Every part as a node, each tile's inner parts on a circle round it."""
    at = {name: where for name, where in chip.graph.nodes(data="at") if where is not None}
    for part in chip.parts.values():
        inside = part.parts_inside()
        for index, inner in enumerate(inside):
            angle = 2 * math.pi * index / len(inside)
            x, y = at[part.name]
            at[inner.name] = (x + _INSIDE * math.cos(angle), y + _INSIDE * math.sin(angle))
    nodes = []
    for name in sorted(chip.graph):
        part = chip.parts[name]
        x, y = at[name]
        nodes.append(
            GraphNode(
                name=name,
                kind=part.kind,
                x=x,
                y=y,
                area_nm2=part.area,
                about=part.about,
            )
        )
    edges = [GraphEdge(source=a, target=b, link=link) for a, b, link in sorted(chip.graph.edges(data="link"))]
    return ChipGraph(nodes=tuple(nodes), edges=tuple(edges))
