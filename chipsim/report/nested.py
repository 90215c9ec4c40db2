"""Lines and points that lie on each other, drawn one inside the other so that each of them is seen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from chipsim.report.figure_table import plain_label
from chipsim.wording import joined

__all__ = ["nested_lines", "nested_points"]

_NEAR: Final = 0.01
"""Of the height of what is drawn, about the width of a line: what lies nearer hides the other."""
_NEAR_POINTS: Final = 0.01
"""Of the width and the height of what is drawn, about half a sign."""
_WIDER: Final = 4.0
"""Pixels by which a line is wider than the one that lies on it."""
_LARGER: Final = 5.0
"""Pixels by which a sign is larger than the one that lies on it."""
_MOST: Final = 15.0
"""Pixels by which anything is larger than it would be alone: of many, each grows by less."""
_MOST_NAMED: Final = 5
"""Lines that the sentence about one place names."""
_POINTS: Final = "Signs that lie on each other are drawn one inside the other, outer ones larger."
_Trace: TypeAlias = dict[str, Any]
_Segments: TypeAlias = dict[tuple[Any, Any], tuple[float, float]]
"""Heights at both ends of each piece of a line, by the places of these ends."""


def nested_lines(traces: Sequence[_Trace], *, log: bool = False) -> tuple[list[_Trace], str]:
    """Lines of which one that others lie on is wider than these, and a sentence that says so.

    Parameters
    ----------
    traces
        Lines of plotly.js, in the order in which they are drawn. They are not changed.
    log
        Whether heights are drawn on a logarithmic axis.

    Returns
    -------
    tuple
        The lines, and the sentence; empty where no line lies on another.

    Examples
    --------
    >>> line = {"x": [1, 2], "y": [5, 6], "line": {"width": 2}, "marker": {"size": 8}}
    >>> lines, sentence = nested_lines([{**line, "name": "a"}, {**line, "name": "b"}])
    >>> lines[0]["line"]["width"], lines[1]["line"]["width"]
    (6.0, 2)
    >>> sentence
    'Where lines lie on each other, one is drawn inside the other: a widest, then b.'
    """
    segments = [_segments(trace, log=log) for trace in traces]
    near = _NEAR * _span([height for its in segments for ends in its.values() for height in ends])
    above: list[list[int]] = []
    for place, its in enumerate(segments):
        later = range(place + 1, len(segments))
        above.append([other for other in later if _lies_on(segments[other], its, near=near)])
    most = max(map(len, above), default=0)
    if not most:
        return list(traces), ""
    drawn = []
    for trace, others in zip(traces, above, strict=True):
        steps = len(others)
        drawn.append(_widened(trace, _grown(_WIDER, steps, most=most), _grown(_LARGER, steps, most=most)))
    return drawn, _sentence(traces, above)


def nested_points(traces: Sequence[_Trace], *, log: bool = False) -> tuple[list[_Trace], str]:
    """Points of which one that others lie on is larger than these, and a sentence that says so.

    Parameters
    ----------
    traces
        Points of plotly.js, each with its own size, in the order in which they are drawn.
    log
        Whether the horizontal axis is logarithmic.

    Returns
    -------
    tuple
        The points, and the sentence; empty where no point lies on another.
    """
    places = _in_signs(traces, log=log)
    steps = []
    for number, its in enumerate(places):
        later = places[number + 1 :]
        steps.append([sum(_has_near(place, others) for others in later) for place in its])
    most = max(itertools.chain(*steps), default=0)
    if not most:
        return list(traces), ""
    drawn = []
    for trace, own in zip(traces, steps, strict=True):
        marker = trace["marker"]
        sizes = [
            size + _grown(_LARGER, count, most=most) for size, count in zip(marker["size"], own, strict=True)
        ]
        drawn.append({**trace, "marker": {**marker, "size": sizes}})
    return drawn, _POINTS


def _in_signs(traces: Sequence[_Trace], *, log: bool) -> list[list[tuple[float, float]]]:
    """Where points stand, as multiples of what they may lie apart and still hide each other."""
    across = [[_height(x, log=log) for x in trace["x"]] for trace in traces]
    # Where all stand in one line there is no width, and whatever is its unit they lie on each other.
    wide = _NEAR_POINTS * _span(list(itertools.chain(*across))) or 1.0
    high = _NEAR_POINTS * _span([y for trace in traces for y in trace["y"]]) or 1.0
    found = []
    for xs, trace in zip(across, traces, strict=True):
        found.append([(x / wide, y / high) for x, y in zip(xs, trace["y"], strict=True)])
    return found


def _has_near(place: tuple[float, float], others: Sequence[tuple[float, float]]) -> bool:
    return any(abs(place[0] - x) <= 1 and abs(place[1] - y) <= 1 for x, y in others)


def _height(value: float, *, log: bool) -> float:
    """Where a value stands along its axis; what a logarithmic one leaves out stands nowhere."""
    if not log:
        return value
    return math.log10(value) if value > 0 else math.nan


def _segments(trace: Mapping[str, Any], *, log: bool) -> _Segments:
    """The pieces of a line; one that is a single point is a piece without length."""
    points = []
    for x, y in zip(trace["x"], trace["y"], strict=True):
        # Lines are broken by points that are nowhere.
        points.append(None if x is None or y is None else (x, _height(y, log=log)))
    if len(points) == 1:
        points *= 2
    found: _Segments = {}
    for before, after in itertools.pairwise(points):
        if before is not None and after is not None:
            found[before[0], after[0]] = before[1], after[1]
    return found


def _span(heights: Sequence[float]) -> float:
    told = [height for height in heights if math.isfinite(height)]
    return max(told) - min(told) if told else 0.0


def _lies_on(one: _Segments, other: _Segments, *, near: float) -> bool:
    """Whether a piece of a line hides one of another. Lines that cross, or meet in a point, hide nothing."""
    for ends, heights in one.items():
        others = other.get(ends)
        if others and all(abs(a - b) <= near for a, b in zip(heights, others, strict=True)):
            return True
    return False


def _grown(step: float, steps: int, *, most: int) -> float:
    return min(step, _MOST / most) * steps


def _widened(trace: _Trace, wider: float, larger: float) -> _Trace:
    if not wider:
        return trace
    line = {**trace["line"], "width": trace["line"]["width"] + wider}
    drawn = {**trace, "line": line}
    if "marker" in trace:
        drawn["marker"] = {**trace["marker"], "size": trace["marker"]["size"] + larger}
    bars = trace.get("error_y")
    if bars:
        # Bars of equal length lie on each other as well: their ends reach out on both sides.
        drawn["error_y"] = {**bars, "width": bars["width"] + larger}
    return drawn


def _sentence(traces: Sequence[_Trace], above: Sequence[Sequence[int]]) -> str:
    """Which lines lie on each other, those together that are joined by others."""
    group_of = list(range(len(traces)))
    for place, others in enumerate(above):
        for other in others:
            joins = group_of[other]
            group_of = [group_of[place] if group == joins else group for group in group_of]
    groups: dict[int, list[str]] = {}
    for trace, group in zip(traces, group_of, strict=True):
        groups.setdefault(group, []).append(plain_label(trace["name"]))
    several = [names for names in groups.values() if len(names) > 1]
    told = [f"{first} widest, then {joined(_few(others))}" for first, *others in several]
    return f"Where lines lie on each other, one is drawn inside the other: {'; '.join(told)}."


def _few(names: Sequence[str]) -> list[str]:
    if len(names) <= _MOST_NAMED:
        return list(names)
    return [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
