"""Figures of the chip itself: its parts as a graph, and who was busy when in one step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from chipsim.ledger import Record
from chipsim.report.figure import Figure, axis, axis_unit, color_of, text
from chipsim.result import ChipGraph, GraphNode
from chipsim.units import AREA, TIME, show

__all__ = ["graph_figure", "merged", "timeline_figure"]

_NAMED: Final = 36
"""Parts that have room for their names; with more of them, names would lie over each other."""
_MOST_LANES: Final = 40
_MOST_BARS: Final = 4_000
_BARE: Final = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "showline": False}
"""An axis that shows nothing."""


def graph_figure(graph: ChipGraph, *, name: str, title: str) -> Figure:
    """The chip drawn from its positions: a marker a part, coloured by kind, its size after the area."""
    kinds = sorted({node.kind for node in graph.nodes})
    # Where nothing has an area, all parts are equally small, and nothing is divided by zero.
    largest = max((node.area_nm2 for node in graph.nodes), default=0) or 1
    named = len(graph.nodes) <= _NAMED
    lines = [_edges(graph, links=links) for links in (False, True)]
    markers = []
    for kind in kinds:
        mine = [node for node in graph.nodes if node.kind == kind]
        markers.append(_markers(mine, kinds=kinds, largest=largest, named=named))
    caption = "Thick lines are links, thin ones joints inside a tile. The size of a part grows with its area."
    if not named:
        caption += " Names show under the pointer."
    # Places that are computed differ in their last digits where they are meant to be the same.
    storeys = len({round(node.y, 3) for node in graph.nodes})
    return Figure(
        name=name,
        title=title,
        caption=caption,
        # Markers come last, so that they are drawn over the lines that end in them.
        data=[line for line in lines if line["x"]] + markers,
        layout={"xaxis": _BARE, "yaxis": _BARE, "hovermode": "closest"},
        height=max(380, min(900, 160 + 64 * storeys)),
        wide=True,
    )


def _edges(graph: ChipGraph, *, links: bool) -> dict[str, Any]:
    where = {node.name: (node.x, node.y) for node in graph.nodes}
    xs: list[float | None] = []
    ys: list[float | None] = []
    for edge in graph.edges:
        begin, end = where.get(edge.source), where.get(edge.target)
        if begin is None or end is None or bool(edge.link) != links:
            continue
        # One trace for all lines, since plotly is slow with many: a gap after each keeps them apart.
        xs += [begin[0], end[0], None]
        ys += [begin[1], end[1], None]
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
    # The root lets areas of markers follow areas on the chip; the least size keeps small parts in sight.
    sizes = [12 + 26 * math.sqrt(node.area_nm2 / largest) for node in nodes]
    marker = {
        "color": color_of(kind, among=kinds),
        "size": sizes,
        "line": {"color": "@@surface", "width": 1.5},
        # Plotly makes markers of several sizes see-through unless it is told not to.
        "opacity": 1,
    }
    return {
        "type": "scatter",
        "mode": "markers+text" if named else "markers",
        "name": text(kind),
        "x": [node.x for node in nodes],
        "y": [node.y for node in nodes],
        "text": [text(node.name) for node in nodes],
        "textposition": "bottom center",
        "textfont": {"size": 11},
        "marker": marker,
        "customdata": [_under_pointer(node) for node in nodes],
        "hovertemplate": "<b>%{customdata[0]}</b> (%{customdata[3]})<br>%{customdata[1]}<br>%{customdata[2]}"
        "<extra></extra>",
    }


def _under_pointer(node: GraphNode) -> list[str]:
    """What is told of a part, in the order of the places that the template names."""
    area = show(node.area_nm2, AREA).replace("m2", "m²")
    return [text(word) for word in (node.name, node.about, area, node.kind)]


def merged(records: Sequence[Record]) -> list[Record]:
    """Records with those joined that touch or overlap on one part in one action, in order of start.

    Examples
    --------
    >>> merged([Record(0, 5, "adc", "forward"), Record(5, 9, "adc", "forward")])
    [Record(start_ps=0, end_ps=9, part='adc', action='forward')]
    """
    last: dict[tuple[str, str], int] = {}
    found: list[Record] = []
    # A total order: records that start at once may come in any, and the page shall be the same.
    for record in sorted(records, key=lambda one: (one.start_ps, one.end_ps, one.part, one.action)):
        key = (record.part, record.action)
        before = found[last[key]] if key in last else None
        if before is not None and record.start_ps <= before.end_ps:
            # Parts with several servers overlap with themselves: the earlier one may end later.
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
    unit, scale = axis_unit(max(bar.end_ps for bar in kept), TIME)
    actions = list(dict.fromkeys(bar.action for bar in kept))
    # The step is as long as all its bars say, those that are not drawn included.
    length = show(max(bar.end_ps for bar in bars), TIME)
    caption = f"The first step of the last epoch, {length} long."
    if len(lanes) > len(shown):
        caption += f" The first {len(shown)} of {len(lanes)} parts are shown."
    # Plotly would put lanes in the order in which its traces, one for each action, first name them.
    order = {"categoryorder": "array", "categoryarray": [text(lane) for lane in shown]}
    layout = {
        # Bars of one lane stand where their times are, and not stacked behind each other.
        "barmode": "overlay",
        "bargap": 0.35,
        "xaxis": axis(f"Time from the start of the step [{unit}]", rangemode="tozero"),
        "yaxis": {"autorange": "reversed", "automargin": True, "dtick": 1, **order},
        "hovermode": "closest",
    }
    return Figure(
        name=name,
        title=title,
        caption=caption,
        data=[_lane_bars(action, kept, actions=actions, scale=scale) for action in actions],
        layout=layout,
        height=150 + 26 * max(4, len(shown)),
        wide=True,
    )


def _lane_bars(
    action: str, bars: Sequence[Record], *, actions: Sequence[str], scale: float
) -> dict[str, Any]:
    mine = [bar for bar in bars if bar.action == action]
    told = []
    for bar in mine:
        # Starts and ends with six digits: late in a long step, four would not tell neighbours apart.
        start = show(bar.start_ps, TIME, 6)
        end = show(bar.end_ps, TIME, 6)
        told.append([start, end, show(bar.end_ps - bar.start_ps, TIME)])
    return {
        "type": "bar",
        "orientation": "h",
        "name": text(action),
        "y": [text(bar.part) for bar in mine],
        "x": [(bar.end_ps - bar.start_ps) / scale for bar in mine],
        "base": [bar.start_ps / scale for bar in mine],
        "marker": {"color": color_of(action, among=sorted(actions)), "line": {"width": 0}},
        "customdata": told,
        "hovertemplate": "%{y}: %{customdata[2]}, from %{customdata[0]} to %{customdata[1]}",
    }
