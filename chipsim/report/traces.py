"""Traces of a figure, as plotly.js has them, drawn by matplotlib."""

from __future__ import annotations

import functools
import importlib.resources
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from chipsim.report.figure import Figure
from chipsim.report.figure_table import plain_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FONT", "LINES", "TRACES", "color_for", "draw_traces", "safe"]

FONT: Final = 8
"""Points."""
_MARKERS: Final = {
    "circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v", "x": "X",
    "star": "*",
}  # fmt: skip
LINES: Final = {
    "solid": "-", "dash": "--", "dot": ":", "dashdot": "-.", "longdash": (0, (8, 3)),
    "longdashdot": (0, (8, 3, 1, 3)),
}  # fmt: skip


def draw_traces(axes: Axes, figure: Figure, places: Mapping[str, Any]) -> None:
    """Draw all traces of a figure, of kinds that are among `TRACES`.

    Parameters
    ----------
    axes
        Where they are drawn.
    figure
        The figure.
    places
        Words along each axis, by its name; None where it has numbers.
    """
    stacks: dict[str, list[float]] = {}
    bars = [trace for trace in figure.data if trace["type"] == "bar"]
    grouped = figure.layout.get("scattermode") == "group"
    for place, trace in enumerate(figure.data):
        if trace["type"] == "bar":
            _draw_bar(axes, trace, places, bars=bars, layout=figure.layout, stacks=stacks)
            continue
        # Points of several chips in one row stand beside each other, as bars do.
        shift = 0.8 * ((place + 0.5) / len(figure.data) - 0.5) if grouped else 0.0
        TRACES[trace["type"]](axes, trace, places, shift)
    # Room above the first row and below the last one, where there are no bars that take it.
    if places["y"] is not None and not bars and "heatmap" not in {trace["type"] for trace in figure.data}:
        axes.set_ylim(-0.5, len(places["y"]) - 0.5)


def safe(label: str) -> str:
    """A label that matplotlib shows as it is."""
    # Matplotlib takes what stands between two of these for a formula.
    return label.replace("$", r"\$")


def _placed(values: Sequence[Any] | None, words: Sequence[str] | None, count: int) -> list[float]:
    if values is None:
        return [float(place) for place in range(count)]
    if words is not None:
        return [float(words.index(str(value))) for value in values]
    return [float("nan") if value is None else float(value) for value in values]


def _both(
    trace: Mapping[str, Any], places: Mapping[str, Sequence[str] | None]
) -> tuple[list[float], list[float]]:
    count = max(len(trace.get("x") or ()), len(trace.get("y") or ()))
    return _placed(trace.get("x"), places["x"], count), _placed(trace.get("y"), places["y"], count)


def _errors(trace: Mapping[str, Any], name: str) -> list[float] | None:
    errors = trace.get(f"error_{name}")
    if not errors or not errors.get("visible", True) or not any(errors.get("array") or ()):
        return None
    return [float("nan") if value is None else float(value) for value in errors["array"]]


def _draw_scatter(axes: Axes, trace: Mapping[str, Any], places: Mapping[str, Any], shift: float) -> None:
    x, y = _both(trace, places)
    y = [value + shift for value in y]
    line, marker = trace.get("line", {}), trace.get("marker", {})
    mode = trace.get("mode", "lines+markers")
    color = color_for(line.get("color") or _one(marker.get("color")) or "@@ink")
    label = safe(plain_label(trace.get("name", ""))) if trace.get("showlegend", True) else "_hidden"
    both = "lines" in mode and "markers" in mode
    dash = LINES.get(line.get("dash", "solid"), "-")
    width = 0.6 * line.get("width", 2)
    if both:
        # One entry of the legend for both, for lines may be told apart by their dashes alone.
        sign = _MARKERS.get(str(_one(marker.get("symbol", "circle"))), "o")
        axes.plot(
            [], [], color=color, linestyle=dash, linewidth=width, marker=sign, markersize=4, label=label
        )
        label = "_both"
    if "lines" in mode:
        shape = {"hv": "steps-post", "vh": "steps-pre"}.get(line.get("shape", ""), "default")
        axes.plot(x, y, color=color, linestyle=dash, linewidth=width, drawstyle=shape, label=label,
                  alpha=trace.get("opacity"))  # fmt: skip
    if "markers" in mode:
        _draw_markers(axes, (x, y), marker, color=color, label=label)
    if "text" in mode:
        for across, up, words in zip(x, y, trace["text"], strict=True):
            axes.text(across, up, safe(plain_label(words)), ha="center", va="bottom", fontsize=FONT - 2)
    for name in ("x", "y"):
        errors = _errors(trace, name)
        if errors is not None:
            shown: dict[str, Any] = {f"{name}err": errors}
            axes.errorbar(x, y, **shown, fmt="none", ecolor=color, elinewidth=0.8, capsize=2)


def _draw_markers(
    axes: Axes,
    places: tuple[Sequence[float], Sequence[float]],
    marker: Mapping[str, Any],
    *,
    color: Any,
    label: str,
) -> None:
    for place, (x, y) in enumerate(zip(*places, strict=True)):
        symbol, _, hollow = str(_one(marker.get("symbol", "circle"), place)).partition("-open")
        whole = f"{symbol}{hollow}"
        size = _one(marker.get("size", 7), place)
        axes.plot(
            [x], [y], linestyle="none", marker=_MARKERS.get(whole, "o"), markersize=0.55 * size, color=color,
            markerfacecolor="none" if "-open" in str(_one(marker.get("symbol", ""), place)) else color,
            alpha=_one(marker.get("opacity"), place), label=label if place == 0 else "_more",
        )  # fmt: skip


def _one(value: Any, place: int = 0) -> Any:
    return value[place] if isinstance(value, list | tuple) else value


def _draw_bar(
    axes: Axes,
    trace: Mapping[str, Any],
    places: Mapping[str, Any],
    *,
    bars: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    stacks: dict[str, list[float]],
) -> None:
    flat = trace.get("orientation") == "h"
    x, y = _both(trace, places)
    where, lengths = (y, x) if flat else (x, y)
    if layout.get("barnorm") == "percent":
        lengths = _shares(trace, bars, flat=flat)
    grouped = layout.get("barmode") == "group" and len(bars) > 1
    thickness = 0.8 / len(bars) if grouped else 0.75
    shift = (bars.index(trace) - (len(bars) - 1) / 2) * thickness if grouped else 0.0
    stacked = layout.get("barmode") == "stack"
    begin = [float(base) for base in trace.get("base") or [0.0] * len(lengths)]
    if stacked:
        begin = stacks.setdefault("all", begin)
    options: dict[str, Any] = {
        "color": color_for(_one(trace.get("marker", {}).get("color", "@@series-0"))),
        "label": safe(plain_label(trace.get("name", ""))),
        "edgecolor": "white",
        "linewidth": 0.4,
    }
    errors = _errors(trace, "x" if flat else "y")
    if errors is not None:
        options |= {"xerr" if flat else "yerr": errors, "ecolor": color_for("@@ink"), "capsize": 2,
                    "error_kw": {"elinewidth": 0.8}}  # fmt: skip
    at = [place + shift for place in where]
    if flat:
        axes.barh(at, lengths, height=thickness, left=begin, **options)
    else:
        axes.bar(at, lengths, width=thickness, bottom=begin, **options)
    if stacked:
        stacks["all"] = [start + length for start, length in zip(begin, lengths, strict=True)]


def _shares(trace: Mapping[str, Any], bars: Sequence[Mapping[str, Any]], *, flat: bool) -> list[float]:
    """Of what all bars of a row add up to, in percent."""
    name = "x" if flat else "y"
    wholes = [sum(values) for values in zip(*(bar[name] for bar in bars), strict=True)]
    return [100 * value / whole if whole else 0.0 for value, whole in zip(trace[name], wholes, strict=True)]


def _draw_heatmap(axes: Axes, trace: Mapping[str, Any], _places: Mapping[str, Any], _shift: float) -> None:
    values = [[float("nan") if value is None else float(value) for value in row] for row in trace["z"]]
    colors = str(trace.get("colorscale", "Viridis")).lower()
    image = axes.imshow(
        values, aspect="auto", origin="lower", cmap=colors, vmin=trace.get("zmin"), vmax=trace.get("zmax")
    )
    axes.grid(visible=False)
    title = plain_label(trace.get("colorbar", {}).get("title", {}).get("text", ""))
    bar = axes.figure.colorbar(image, ax=axes)
    bar.set_label(safe(title))
    for row, line in enumerate(trace.get("text", ())):
        for column, words in enumerate(line):
            value = values[row][column]
            if words and not math.isnan(value):
                _write(axes, image, (column, row), value=value, words=str(words).replace("<br>", "\n"))


def _write(axes: Axes, image: Any, place: tuple[int, int], *, value: float, words: str) -> None:
    red, green, blue, _ = image.cmap(image.norm(value))
    # Dark on light fields and light on dark ones, by how bright the eye takes a colour to be (ITU-R BT.601).
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    color = "black" if bright > 0.5 else "white"
    axes.text(*place, safe(plain_label(words)), ha="center", va="center", color=color, fontsize=FONT - 1)


TRACES: Final[Mapping[str, Any]] = {"bar": None, "scatter": _draw_scatter, "heatmap": _draw_heatmap}


def color_for(color: Any) -> str:
    """A colour of the light theme, where a token stands for one."""
    said = str(color)
    return _light().get(said[2:], "#000000") if said.startswith("@@") else said


@functools.cache
def _light() -> Mapping[str, str]:
    """The colours of the page's light theme by their names: the page's own style is where they stand."""
    style = importlib.resources.files("chipsim.report").joinpath("templates/style.css").read_text("utf-8")
    light = style.partition("@media")[0].partition("/*")[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})", light))
