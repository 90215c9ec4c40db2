"""Links that are listed one by one, between parts and routers of any names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import attrs
import networkx as nx

from chipsim.chip.interconnect import Interconnect, Topology, in_order, link_names
from chipsim.errors import did_you_mean
from chipsim.limits import ROUTERS
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.views import tile_count

__all__ = ["Links"]

_SHARED_PARTS: Final = ("buffer", "digital", "selector")
_PATH: Final = ("interconnect", "links")


@attrs.frozen(kw_only=True)
class Links(Interconnect):
    """Links listed one by one; names that are no parts become routers.

    Examples
    --------
    >>> links = Links(width=64, clock=10**9, length=0, links=(("hub", "buffer"), ("hub", "tile0")))
    >>> links.topology(["buffer", "tile0"]).route("buffer", "tile0")
    ('link:buffer--hub', 'link:hub--tile0')
    """

    kind: ClassVar[str] = "links"
    example: ClassVar[Mapping[str, Any]] = {
        "links": [["hub", part] for part in ("buffer", "digital", "selector", "tile0", "tile1")]
    }
    links: tuple[tuple[str, str], ...]
    """Pairs of parts, or of a part and a router of any name: each is a link."""

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Too many links, links that are none, and parts that they leave out."""
        if len(self.links) > ROUTERS:
            message = f"must be at most {ROUTERS:,} links, not {len(self.links):,}"
            yield Fault(_PATH, message)
        yield from _of_links(self.links, tiles=tile_count(chip))

    def topology(self, parts: Sequence[str]) -> Topology:
        """The graph that the links make; positions are on a circle."""
        graph = nx.Graph()
        # Sorted, ends and links alike: in whatever order links are listed, it is the same chip.
        nodes = sorted({end for pair in self.links for end in pair} | set(parts))
        radius = len(nodes) / 3
        for index, name in enumerate(nodes):
            angle = 2 * math.pi * index / len(nodes)
            graph.add_node(name, at=(radius * math.cos(angle), radius * math.sin(angle)))
        for a, b in sorted(tuple(sorted(pair)) for pair in self.links):
            graph.add_edge(a, b, link=f"link:{a}--{b}")
        paths: dict[tuple[str, str], list[str]] = {}

        def path(source: str, target: str) -> list[str]:
            """The fewest links; among equals the one that comes first by name."""
            if (source, target) not in paths:
                paths[source, target] = _first_shortest(graph, source, target)
            return paths[source, target]

        return Topology(graph=graph, links=link_names(graph), path=path)

    def drawn(self, topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:  # noqa: ARG002
        """Each node with those that it is linked to and that were not listed before it."""
        graph = topology.graph
        names = in_order(graph)
        place = {name: index for index, name in enumerate(names)}
        longest = max(map(len, names))
        lines = []
        for name in names:
            others = [other for other in in_order(graph[name]) if place[other] > place[name]]
            for index, other in enumerate(others):
                shown, branch = ("", "└─") if index else (name, "──")
                beginning = shown.ljust(longest)
                lines.append(f" {beginning} {branch} {other}")
        return lines


def _first_shortest(graph: nx.Graph, source: str, target: str) -> list[str]:
    """Go to the first neighbour by name that is nearer; a grid has too many ways to list them."""
    away = nx.single_source_shortest_path_length(graph, target)
    path = [source]
    while path[-1] != target:
        here = path[-1]
        nearer = [node for node in graph[here] if away[node] < away[here]]
        path.append(min(nearer))
    return path


def _of_links(links: Sequence[tuple[str, str]], *, tiles: int | str) -> Iterator[Fault]:
    if not links:
        yield Fault(_PATH, "needs at least one link")
        return
    seen: dict[frozenset[str], int] = {}
    for index, (one, other) in enumerate(links):
        pair = frozenset((one, other))
        if one == other:
            yield Fault((*_PATH, index), f"joins {one!r} to itself")
        elif pair in seen:
            before = f"{_PATH[-1]}.{seen[pair]}"
            yield Fault((*_PATH, index), f"joins {one!r} and {other!r}, which {before} joins already")
        seen.setdefault(pair, index)
    graph = nx.Graph(link for link in links if link[0] != link[1])
    yield from _of_ends(sorted({name for link in links for name in link}), tiles=tiles)
    groups = sorted(sorted(group) for group in nx.connected_components(graph))
    if len(groups) > 1:
        listed = "; ".join(", ".join(group) for group in groups)
        yield Fault(_PATH, f"fall into {len(groups)} groups that no link joins: {listed}")


def _of_ends(names: Sequence[str], *, tiles: int | str) -> Iterator[Fault]:
    # With as many tiles as a workload needs, only the first is sure to be there.
    count = tiles if isinstance(tiles, int) else 1
    wanted = [*_SHARED_PARTS, *(f"tile{index}" for index in range(count))]
    for name in wanted:
        if name not in names:
            strangers = [other for other in names if other not in wanted]
            hint = did_you_mean(name, strangers)
            yield Fault(_PATH, f"leave out {name!r}; every part must be linked{hint}")
    for name in names:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
            yield Fault(
                _PATH, f"name {name!r}; a name is letters, digits, '-' and '_', and begins with a letter"
            )
        elif isinstance(tiles, int) and re.fullmatch(r"tile\d+", name) and name not in wanted:
            yield Fault(_PATH, f"name {name!r}, but the chip has {tiles} tiles, tile0 to tile{tiles - 1}")
