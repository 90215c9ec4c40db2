"""A chip drawn with box characters: its parts on the bus, the mesh or the links that join them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from chipsim.chip.topology import Topology
from chipsim.spec.chip import BusSpec, InterconnectSpec, LinksSpec, MeshSpec
from chipsim.spec.kinds import unknown_kind

__all__ = ["sketch"]

_GAP: Final = 2
_LEFT_OUT: Final = "..."


def sketch(spec: InterconnectSpec, topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:
    """The chip's network as lines of text.

    Parameters
    ----------
    spec
        Bus, mesh or list of links.
    topology
        Parts and routers, with their positions.
    labels
        A second line for each part, such as its area.
    width
        Columns that there are; what does not fit is left out and said so.

    Examples
    --------
    >>> from chipsim.chip.topology import topology
    >>> bus = BusSpec(width=64, clock=10**9, length=10**6)
    >>> for line in sketch(bus, topology(bus, ["buffer", "tile0"]), labels={}, width=40):
    ...     print(line)
     ┌────────┐  ┌───────┐
     │ buffer │  │ tile0 │
     └────┬───┘  └───┬───┘
    ══════╧══════════╧══════ bus
    """
    if isinstance(spec, BusSpec):
        return _bus(topology, labels=labels, width=width)
    if isinstance(spec, MeshSpec):
        return _mesh(topology, labels=labels, width=width)
    if isinstance(spec, LinksSpec):
        return _adjacent(topology)
    raise unknown_kind(spec, place=__name__)


def _bus(topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:
    """Parts above the bus, and below it when one row is not enough."""
    names = _in_order(set(topology.graph) - {"bus"})
    boxes = [_Box(name, labels.get(name, "")) for name in names]
    above, rest = _fill(boxes, width - 6)
    below, rest = _fill(rest, width - 6)
    if rest:
        below = [*below[:-1], _Box(_LEFT_OUT, f"{len(rest) + 1} more")]
    taps = [_taps(row) for row in (above, below)]
    length = max(sum(box.width + _GAP for box in row) for row in (above, below)) + 1
    line = "".join(
        "╪"
        if place in taps[0] and place in taps[1]
        else "╧"
        if place in taps[0]
        else "╤"
        if place in taps[1]
        else "═"
        for place in range(length)
    )
    hanging = _row(below, pins=True, upside_down=True) if below else []
    return [*_row(above, pins=True), f"{line} bus", *hanging]


class _Box:
    """One part with a frame."""

    def __init__(self, name: str, label: str) -> None:
        self.lines = [line for line in (name, label) if line]
        self.width = max(map(len, self.lines)) + 4


def _fill(boxes: Sequence[_Box], width: int) -> tuple[list[_Box], list[_Box]]:
    """Those that fit beside each other, and the rest; at least one fits."""
    used = 0
    for count, box in enumerate(boxes):
        used += box.width + _GAP
        if used > width and count:
            return list(boxes[:count]), list(boxes[count:])
    return list(boxes), []


def _taps(row: Sequence[_Box]) -> set[int]:
    """Columns at which boxes hang on the bus."""
    taps, left = set(), 1
    for box in row:
        taps.add(left + box.width // 2)
        left += box.width + _GAP
    return taps


def _row(boxes: Sequence[_Box], *, pins: bool, upside_down: bool = False) -> list[str]:
    height = max(len(box.lines) for box in boxes)
    drawn = [_framed(box, height=height, pins=pins, upside_down=upside_down) for box in boxes]
    return [" " + (" " * _GAP).join(lines) for lines in zip(*drawn, strict=True)]


def _framed(box: _Box, *, height: int, pins: bool, upside_down: bool) -> list[str]:
    inner, pin = box.width - 2, box.width // 2 - 1
    flat = "─" * inner
    joined = flat[:pin] + ("┴" if upside_down else "┬") + flat[pin + 1 :] if pins else flat
    top, bottom = (joined, flat) if upside_down else (flat, joined)
    lines = [*box.lines, *[""] * (height - len(box.lines))]
    return [f"┌{top}┐", *(f"│{line.center(inner)}│" for line in lines), f"└{bottom}┘"]


def _mesh(topology: Topology, *, labels: Mapping[str, str], width: int) -> list[str]:
    """The grid of routers, each as the part that sits on it."""
    graph = topology.graph
    at = {}
    for node in graph:
        if match := re.fullmatch(r"router:(\d+),(\d+)", node):
            on = [other for other in graph[node] if not other.startswith("router:")]
            at[int(match[1]), int(match[2])] = on[0] if on else "router"
    columns, rows = (1 + max(place[axis] for place in at) for axis in (0, 1))
    inner = max(len(text) for name in at.values() for text in (name, labels.get(name, ""))) + 2
    shown = max(1, min(columns, (width - 4) // (inner + 4)))
    lines: list[str] = []
    for y in range(rows):
        cells = [_cell(at[x, y], labels, inner) for x in range(shown)]
        lines += [
            f" {between.join(part)}"
            for between, part in zip(("  ", "──", "  ", "  "), zip(*cells, strict=True), strict=True)
        ]
        if y + 1 < rows:
            lines.append(" " + "  ".join("│".center(inner + 2) for _ in range(shown)))
    return [*lines, f" and {columns - shown} more columns to the right"] if shown < columns else lines


def _cell(name: str, labels: Mapping[str, str], inner: int) -> tuple[str, str, str, str]:
    texts = (name, labels.get(name, ""))
    return (f"┌{'─' * inner}┐", *(f"│{text.center(inner)}│" for text in texts), f"└{'─' * inner}┘")  # type: ignore[return-value]


def _adjacent(topology: Topology) -> list[str]:
    """Each node with those that it is linked to and that were not listed before it."""
    graph = topology.graph
    names = _in_order(set(graph))
    place = {name: index for index, name in enumerate(names)}
    longest = max(map(len, names))
    lines = []
    for name in names:
        others = [other for other in _in_order(set(graph[name])) if place[other] > place[name]]
        lines += [
            f" {name if not index else '':<{longest}} {'──' if not index else '└─'} {other}"
            for index, other in enumerate(others)
        ]
    return lines


def _in_order(names: set[str]) -> list[str]:
    """By name, numbers in them as numbers."""
    return sorted(
        names, key=lambda name: [int(bit) if bit.isdecimal() else bit for bit in re.split(r"(\d+)", name)]
    )
