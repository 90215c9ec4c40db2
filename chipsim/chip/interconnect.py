"""What an interconnect is: links between parts, the way from one to another, and a drawing of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar

import attrs
import networkx as nx

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fields import at_least, between, more_than
from chipsim.spec.kind import Kind
from chipsim.units import Bits, Hertz, Nm

__all__ = ["Interconnect", "Topology", "in_order", "interconnect_of", "link_names"]

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
        steps = pairwise(self.path(source, target))
        links = [self.graph.edges[step]["link"] for step in steps]
        # A bus is met twice, on the way onto it and off it, and can be claimed only once.
        return tuple(dict.fromkeys(link for link in links if link))


@attrs.frozen(kw_only=True)
class Interconnect(Kind):
    """What joins the parts of a chip; a kind says which links there are, and how data goes along them."""

    section: ClassVar[str] = "interconnect"
    width: Bits = attrs.field(validator=more_than(0))
    """Bits that a link moves in one cycle."""
    clock: Hertz = attrs.field(validator=between(1, 10**12))
    """Cycles a second."""
    length: Nm = attrs.field(validator=at_least(0))
    """Length of each link."""

    def topology(self, parts: Sequence[str]) -> Topology:
        """The links of a chip with these parts on them.

        Parameters
        ----------
        parts
            Names of the parts that exchange data, in the order in which they are placed.
        """
        raise NotImplementedError

    def drawn(self, topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:
        """The parts and what joins them, as lines of text.

        Parameters
        ----------
        topology
            As :meth:`topology` made it.
        labels
            A second line for each part, such as its area.
        width
            Columns that there are; what does not fit is left out and said so.
        """
        raise NotImplementedError

    def words(self, links: int) -> str:
        """The end of a sentence that begins with the tiles: how so many links join them."""
        return f"joined by {links} links ({self.kind})"


def interconnect_of(chip: ChipSpec) -> Interconnect:
    """The interconnect of a described chip."""
    found = chip.interconnect
    assert isinstance(found, Interconnect), "the reader finds no other"
    return found


def in_order(names: Iterable[str]) -> list[str]:
    """Names sorted with the numbers in them by their size, so that tile2 comes before tile10."""
    return sorted(names, key=_by_number)


def _by_number(name: str) -> tuple[str | int, ...]:
    # Words and numbers by turns in every name, so that a number is never held against a word.
    pieces = re.split(r"(\d+)", name)
    return tuple(int(piece) if piece.isdecimal() else piece for piece in pieces)


def link_names(graph: nx.Graph) -> tuple[str, ...]:
    """Names of the links of a graph, sorted."""
    return tuple(sorted(name for _, _, name in graph.edges(data="link") if name))
