"""One shared medium: whoever moves data holds all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import attrs
import networkx as nx

from chipsim.chip.boxes import GAP, Box, filled, row
from chipsim.chip.interconnect import Interconnect, Topology, in_order

__all__ = ["Bus"]

_LEFT_OUT: Final = "..."
_MARGIN: Final = 6
"""Columns that the line and its name take beside the boxes."""
_TAPS: Final = {(False, False): "═", (True, False): "╧", (False, True): "╤", (True, True): "╪"}
"""A piece of the line, by whether a box hangs on it from above and from below."""


@attrs.frozen(kw_only=True)
class Bus(Interconnect):
    """One shared medium that every part hangs on.

    Examples
    --------
    >>> bus = Bus(width=64, clock=10**9, length=10**6)
    >>> for line in bus.drawn(bus.topology(["buffer", "tile0"]), labels={}, width=40):
    ...     print(line)
     ┌────────┐  ┌───────┐
     │ buffer │  │ tile0 │
     └────┬───┘  └───┬───┘
    ══════╧══════════╧══════ bus
    """

    kind: ClassVar[str] = "bus"

    def topology(self, parts: Sequence[str]) -> Topology:
        """All parts on one node; positions are for drawing."""
        graph = nx.Graph()
        graph.add_node("bus", at=((len(parts) - 1) / 2, 0.0))
        # Above and below by turns, so that names have twice the room.
        for index, name in enumerate(parts):
            graph.add_node(name, at=(float(index), 1.0 if index % 2 else -1.0))
            graph.add_edge(name, "bus", link="bus")
        return Topology(graph=graph, links=("bus",), path=lambda source, target: [source, "bus", target])

    def drawn(self, topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:
        """Parts above the bus, and below it when one row is not enough."""
        names = in_order(set(topology.graph) - {"bus"})
        boxes = [Box(name, labels.get(name, "")) for name in names]
        above, rest = filled(boxes, width - _MARGIN)
        below, rest = filled(rest, width - _MARGIN)
        # The last box makes room for the one that counts what is left out, itself included.
        if rest:
            last = Box(_LEFT_OUT, f"{len(rest) + 1} more")
            below = [*below[:-1], last]
        hanging = row(below, upside_down=True) if below else []
        return [*row(above), f"{_line(above, below)} bus", *hanging]

    def words(self, links: int) -> str:  # noqa: ARG002
        """There is only one."""
        return "on one bus"


def _line(above: Sequence[Box], below: Sequence[Box]) -> str:
    """The medium, with a tap for every box."""
    taps_above, taps_below = _taps(above), _taps(below)
    widths = [sum(box.width + GAP for box in boxes) for boxes in (above, below)]
    pieces = [(place in taps_above, place in taps_below) for place in range(max(widths) + 1)]
    return "".join(_TAPS[piece] for piece in pieces)


def _taps(boxes: Sequence[Box]) -> set[int]:
    """Columns at which boxes hang on the bus."""
    taps, left = set(), 1
    for box in boxes:
        taps.add(left + box.width // 2)
        left += box.width + GAP
    return taps
