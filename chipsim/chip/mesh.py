"""Routers on a grid: transfers that share no link go on side by side."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import ClassVar

import attrs
import networkx as nx

from chipsim.chip.interconnect import Interconnect, Topology, link_names
from chipsim.limits import ROUTERS
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least

__all__ = ["Mesh"]


@attrs.frozen(kw_only=True)
class Mesh(Interconnect):
    """Routers on a grid, one part a router, links between neighbours; routes go along x, then y.

    Examples
    --------
    >>> mesh = Mesh(width=64, clock=10**9, length=10**6, columns=2)
    >>> mesh.topology(["buffer", "digital", "tile0", "tile1"]).route("buffer", "tile1")
    ('link:0,0--1,0', 'link:1,0--1,1')
    """

    kind: ClassVar[str] = "mesh"
    columns: int | None = attrs.field(default=None, validator=at_least(1))
    """Routers in one row of the grid; None makes the grid as square as it can be."""

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:  # noqa: ARG002
        """A grid that is wider than can be built."""
        if self.columns is not None and self.columns > ROUTERS:
            message = f"must be at most {ROUTERS:,} routers in a row, not {self.columns:,}"
            yield Fault((self.section, "columns"), message)

    def topology(self, parts: Sequence[str]) -> Topology:
        """A grid filled row by row, each part beside its router."""
        columns = self.columns or math.ceil(math.sqrt(len(parts)))
        graph = _grid(columns, rows=-(-len(parts) // columns))
        place = {name: (index % columns, index // columns) for index, name in enumerate(parts)}
        # Beside its router in a drawing, for at the same place one would hide the other.
        for name, (x, y) in place.items():
            graph.add_node(name, at=(2.0 * x + 0.7, 2.0 * y + 0.7))
            graph.add_edge(name, f"router:{x},{y}", link="")

        def path(source: str, target: str) -> list[str]:
            """Along x first, then along y, which cannot deadlock and needs no tables."""
            (x, y), (to_x, to_y) = place[source], place[target]
            along_x = [(step, y) for step in _steps(x, to_x)]
            # Without the router at the corner, where the way along x has ended.
            along_y = [(to_x, step) for step in _steps(y, to_y)][1:]
            routers = [f"router:{a},{b}" for a, b in along_x + along_y]
            return [source, *routers, target]

        return Topology(graph=graph, links=link_names(graph), path=path)

    def drawn(self, topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:
        """The grid of routers, each as the part that sits on it."""
        at = _on_routers(topology.graph)
        columns, rows = 1 + max(x for x, _ in at), 1 + max(y for _, y in at)
        texts = [*at.values(), *(labels.get(name, "") for name in at.values())]
        inner = max(map(len, texts)) + 2
        shown = max(1, min(columns, (width - 4) // (inner + 4)))
        lines: list[str] = []
        for y in range(rows):
            names = [at[x, y] for x in range(shown)]
            cells = [_cell(name, labels.get(name, ""), inner) for name in names]
            # Neighbours are joined at the height of their names.
            for between, part in zip(("  ", "──", "  ", "  "), zip(*cells, strict=True), strict=True):
                lines.append(f" {between.join(part)}")
            if y + 1 < rows:
                upright = "│".center(inner + 2)
                lines.append(" " + "  ".join([upright] * shown))
        return [*lines, f" and {columns - shown} more columns to the right"] if shown < columns else lines


def _grid(columns: int, *, rows: int) -> nx.Graph:
    """Routers with links between neighbours."""
    graph = nx.Graph()
    for x, y in product(range(columns), range(rows)):
        graph.add_node(f"router:{x},{y}", at=(2.0 * x, 2.0 * y))
    for x, y in product(range(columns), range(rows)):
        for to_x, to_y in ((x + 1, y), (x, y + 1)):
            if to_x < columns and to_y < rows:
                link = f"link:{x},{y}--{to_x},{to_y}"
                graph.add_edge(f"router:{x},{y}", f"router:{to_x},{to_y}", link=link)
    return graph


def _steps(start: int, end: int) -> range:
    if end >= start:
        return range(start, end + 1)
    return range(start, end - 1, -1)


def _on_routers(graph: nx.Graph) -> dict[tuple[int, int], str]:
    """The part beside each router, by its place on the grid; the router where there is none."""
    at = {}
    for node in graph:
        if match := re.fullmatch(r"router:(\d+),(\d+)", node):
            beside = [other for other in graph[node] if not other.startswith("router:")]
            x, y = int(match[1]), int(match[2])
            # In its last row a grid may have more routers than there are parts.
            at[x, y] = beside[0] if beside else "router"
    return at


def _cell(name: str, label: str, inner: int) -> list[str]:
    flat, first, second = "─" * inner, name.center(inner), label.center(inner)
    return [f"┌{flat}┐", f"│{first}│", f"│{second}│", f"└{flat}┘"]
