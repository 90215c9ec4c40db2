"""Interconnects: which links there are, where parts sit on them, and the way between two parts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise, product

import attrs
import networkx as nx

from chipsim.spec.chip import BusSpec, InterconnectSpec, LinksSpec, MeshSpec
from chipsim.spec.kinds import unknown_kind

__all__ = ["Topology", "topology"]

Route = Callable[[str, str], list[str]]


@attrs.frozen(kw_only=True, eq=False)
class Topology:
    """A graph of parts and routers; each edge names the link that it is, or none."""

    graph: nx.Graph
    """Nodes have a position `at`, edges a `link`: empty for the short way into a router."""
    links: tuple[str, ...]
    """Names of the links, sorted."""
    path: Route
    """Nodes from one part to another, both included."""

    def route(self, source: str, target: str) -> tuple[str, ...]:
        """Links that a transfer holds, in the order it meets them, each once."""
        edges = [self.graph.edges[edge]["link"] for edge in pairwise(self.path(source, target))]
        return tuple(dict.fromkeys(link for link in edges if link))


def topology(spec: InterconnectSpec, parts: Sequence[str]) -> Topology:
    """The interconnect that a description asks for, with the chip's parts on it.

    Parameters
    ----------
    spec
        Bus, mesh or list of links.
    parts
        Names of the parts that exchange data; they are placed in name order, numbers by their size.

    Examples
    --------
    >>> from chipsim.units import BITS, FREQUENCY, LENGTH
    >>> mesh = MeshSpec(width=64, clock=10**9, length=10**6, columns=2)
    >>> topology(mesh, ["buffer", "digital", "tile0", "tile1"]).route("buffer", "tile1")
    ('link:0,0--1,0', 'link:1,0--1,1')
    """
    names = sorted(parts, key=_by_number)
    if isinstance(spec, BusSpec):
        return _bus(names)
    if isinstance(spec, MeshSpec):
        return _mesh(spec, names)
    if isinstance(spec, LinksSpec):
        return _links(spec, names)
    raise unknown_kind(spec, place=__name__)


def _by_number(name: str) -> tuple[str | int, ...]:
    """Name order in which tile2 comes before tile10."""
    return tuple(int(piece) if piece.isdigit() else piece for piece in re.split(r"(\d+)", name))


def _bus(names: list[str]) -> Topology:
    graph = nx.Graph()
    graph.add_node("bus", at=((len(names) - 1) / 2, 0.0))
    for index, name in enumerate(names):
        graph.add_node(name, at=(float(index), 1.0 if index % 2 else -1.0))
        graph.add_edge(name, "bus", link="bus")
    return Topology(graph=graph, links=("bus",), path=lambda source, target: [source, "bus", target])


def _mesh(spec: MeshSpec, names: list[str]) -> Topology:
    columns = spec.columns or math.ceil(math.sqrt(len(names)))
    rows = -(-len(names) // columns)
    graph = nx.Graph()
    for x, y in product(range(columns), range(rows)):
        graph.add_node(f"router:{x},{y}", at=(2.0 * x, 2.0 * y))
    for x, y in product(range(columns), range(rows)):
        for to_x, to_y in ((x + 1, y), (x, y + 1)):
            if to_x < columns and to_y < rows:
                link = f"link:{x},{y}--{to_x},{to_y}"
                graph.add_edge(f"router:{x},{y}", f"router:{to_x},{to_y}", link=link)
    place = {name: (index % columns, index // columns) for index, name in enumerate(names)}
    for name, (x, y) in place.items():
        graph.add_node(name, at=(2.0 * x + 0.7, 2.0 * y + 0.7))
        graph.add_edge(name, f"router:{x},{y}", link="")

    def path(source: str, target: str) -> list[str]:
        """Along x first, then along y, which cannot deadlock and needs no tables."""
        (x, y), (to_x, to_y) = place[source], place[target]
        along_x = [(step, y) for step in _steps(x, to_x)]
        along_y = [(to_x, step) for step in _steps(y, to_y)][1:]
        return [source, *(f"router:{a},{b}" for a, b in along_x + along_y), target]

    return Topology(graph=graph, links=_link_names(graph), path=path)


def _steps(start: int, end: int) -> range:
    return range(start, end + 1) if end >= start else range(start, end - 1, -1)


def _links(spec: LinksSpec, names: list[str]) -> Topology:
    graph = nx.Graph()
    nodes = sorted({end for pair in spec.links for end in pair} | set(names))
    for index, name in enumerate(nodes):
        angle = 2 * math.pi * index / len(nodes)
        graph.add_node(name, at=(len(nodes) / 3 * math.cos(angle), len(nodes) / 3 * math.sin(angle)))
    for a, b in sorted(tuple(sorted(pair)) for pair in spec.links):
        graph.add_edge(a, b, link=f"link:{a}--{b}")
    paths: dict[tuple[str, str], list[str]] = {}

    def path(source: str, target: str) -> list[str]:
        """The fewest links; among equals the one that comes first by name."""
        if (source, target) not in paths:
            paths[source, target] = _first_shortest(graph, source, target)
        return paths[source, target]

    return Topology(graph=graph, links=_link_names(graph), path=path)


def _first_shortest(graph: nx.Graph, source: str, target: str) -> list[str]:
    """Go to the first neighbour by name that is nearer; a grid has too many ways to list them."""
    away = nx.single_source_shortest_path_length(graph, target)
    path = [source]
    while path[-1] != target:
        path.append(min(node for node in graph[path[-1]] if away[node] < away[path[-1]]))
    return path


def _link_names(graph: nx.Graph) -> tuple[str, ...]:
    return tuple(sorted(name for _, _, name in graph.edges(data="link") if name))
