"""Figures of the chip itself: its parts as a graph, and who was busy when in one step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from chipsim.ledger import Record
from chipsim.report.figure import Figure, axis_unit, color_of, text
from chipsim.result import ChipGraph, GraphNode
from chipsim.units import AREA, TIME, show

__all__ = ["graph_figure", "merged", "timeline_figure"]

_NAMED: Final = 36
_MOST_LANES: Final = 40
_MOST_BARS: Final = 4_000


def graph_figure(graph: ChipGraph, *, name: str, title: str) -> Figure:
    """The chip drawn from its positions: a marker a part, coloured by kind, its size after the area."""
    kinds = sorted({node.kind for node in graph.nodes})
    largest = max((node.area_nm2 for node in graph.nodes), default=0) or 1
    named = len(graph.nodes) <= _NAMED
    lines = [_edges(graph, links=links) for links in (False, True)]
    markers = [
        _markers(
            [node for node in graph.nodes if node.kind == kind], kinds=kinds, largest=largest, named=named
        )
        for kind in kinds
    ]
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "showline": False}
    tall = len({round(node.y, 3) for node in graph.nodes})
    return Figure(
        name=name,
        title=title,
        caption="Thick lines are links, thin ones joints inside a tile. "
        "The size of a part grows with its area." + ("" if named else " Names show under the pointer."),
        data=[line for line in lines if line["x"]] + markers,
        layout={"xaxis": bare, "yaxis": bare, "hovermode": "closest"},
        height=max(380, min(900, 160 + 64 * tall)),
        wide=True,
    )


def _edges(graph: ChipGraph, *, links: bool) -> dict[str, Any]:
    where = {node.name: (node.x, node.y) for node in graph.nodes}
    xs: list[float | None] = []
    ys: list[float | None] = []
    for edge in graph.edges:
        if bool(edge.link) == links and edge.source in where and edge.target in where:
            (x0, y0), (x1, y1) = where[edge.source], where[edge.target]
            xs += [x0, x1, None]
            ys += [y0, y1, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "link" if links else "joint inside a tile",
        "x": xs,
        "y": ys,
        "line": {"color": "@@edge", "width": 3 if links else 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _markers(
    nodes: Sequence[GraphNode], *, kinds: Sequence[str], largest: int, named: bool
) -> dict[str, Any]:
    kind = nodes[0].kind
    return {
        "type": "scatter",
        "mode": "markers+text" if named else "markers",
        "name": text(kind),
        "x": [node.x for node in nodes],
        "y": [node.y for node in nodes],
        "text": [text(node.name) for node in nodes],
        "textposition": "bottom center",
        "textfont": {"size": 11},
        "marker": {
            "color": color_of(kind, among=kinds),
            "size": [12 + 26 * math.sqrt(node.area_nm2 / largest) for node in nodes],
            "line": {"color": "@@surface", "width": 1.5},
            "opacity": 1,
        },
        "customdata": [
            [
                text(node.name),
                text(node.about),
                text(show(node.area_nm2, AREA).replace("m2", "m²")),
                text(node.kind),
            ]
            for node in nodes
        ],
        "hovertemplate": "<b>%{customdata[0]}</b> (%{customdata[3]})<br>%{customdata[1]}<br>%{customdata[2]}"
        "<extra></extra>",
    }


def merged(records: Sequence[Record]) -> list[Record]:
    """Records with those joined that touch or overlap on one part in one action, in order of start.

    Examples
    --------
    >>> merged([Record(0, 5, "adc", "forward"), Record(5, 9, "adc", "forward")])
    [Record(start_ps=0, end_ps=9, part='adc', action='forward')]
    """
    last: dict[tuple[str, str], int] = {}
    found: list[Record] = []
    for record in sorted(records, key=lambda one: (one.start_ps, one.end_ps, one.part, one.action)):
        key = (record.part, record.action)
        before = found[last[key]] if key in last else None
        if before is not None and record.start_ps <= before.end_ps:
            end = max(before.end_ps, record.end_ps)
            found[last[key]] = Record(before.start_ps, end, record.part, record.action)
        else:
            last[key] = len(found)
            found.append(record)
    return found


def timeline_figure(records: Sequence[Record], *, name: str, title: str) -> Figure | None:
    """Who was busy when in one step: a lane a part, coloured by action; None when nothing was traced."""
    bars = merged([record for record in records if record.end_ps > record.start_ps])
    lanes = list(dict.fromkeys(bar.part for bar in bars))
    shown = lanes[:_MOST_LANES]
    kept = [bar for bar in bars if bar.part in shown][:_MOST_BARS]
    if not kept:
        return None
    end = max(bar.end_ps for bar in kept)
    unit, scale = axis_unit(end, TIME)
    actions = list(dict.fromkeys(bar.action for bar in kept))
    caption = f"The first step of the last epoch, {show(max(bar.end_ps for bar in bars), TIME)} long."
    if len(lanes) > len(shown):
        caption += f" The first {len(shown)} of {len(lanes)} parts are shown."
    return Figure(
        name=name,
        title=title,
        caption=caption,
        data=[_lane_bars(action, kept, actions=actions, scale=scale) for action in actions],
        layout={
            "barmode": "overlay",
            "bargap": 0.35,
            "xaxis": {"title": {"text": f"Time from the start of the step [{unit}]"}, "rangemode": "tozero"},
            "yaxis": {
                "autorange": "reversed",
                "automargin": True,
                "dtick": 1,
                "categoryorder": "array",
                "categoryarray": [text(lane) for lane in shown],
            },
            "hovermode": "closest",
        },
        height=150 + 26 * max(4, len(shown)),
        wide=True,
    )


def _lane_bars(
    action: str, bars: Sequence[Record], *, actions: Sequence[str], scale: float
) -> dict[str, Any]:
    mine = [bar for bar in bars if bar.action == action]
    return {
        "type": "bar",
        "orientation": "h",
        "name": text(action),
        "y": [text(bar.part) for bar in mine],
        "x": [(bar.end_ps - bar.start_ps) / scale for bar in mine],
        "base": [bar.start_ps / scale for bar in mine],
        "marker": {"color": color_of(action, among=sorted(actions)), "line": {"width": 0}},
        "customdata": [
            [show(bar.start_ps, TIME, 6), show(bar.end_ps, TIME, 6), show(bar.end_ps - bar.start_ps, TIME)]
            for bar in mine
        ],
        "hovertemplate": "%{y}: %{customdata[2]}, from %{customdata[0]} to %{customdata[1]}",
    }
