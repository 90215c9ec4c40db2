"""Figures as files for papers: the page's own description of a figure, drawn by matplotlib without a browser.

Bars, points, lines, error bars and maps are translated, with linear, logarithmic and worded axes; a figure that
is made of anything else is refused by name. Files are light, whatever the screen's theme is.
"""

from __future__ import annotations

import functools
import importlib.resources
import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from chipsim.errors import OutputError
from chipsim.report.figure import Figure
from chipsim.report.figure_table import plain_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FORMATS", "drawn", "width_of"]

FORMATS: Final = ("svg", "pdf", "png")
_WIDTH: Final = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*(in|cm|mm|pt)\s*")
_INCHES: Final = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
_NARROWEST, _WIDEST = 1.0, 40.0
_ROW: Final = 0.26
_LEGEND_LINE: Final = 0.16
"""Inches that a row of bars, and a line of the legend, take."""
_LABEL_LETTERS: Final = 7
"""Letters of a label beside a row, for each inch of the figure."""
_MARKERS: Final = {
    "circle": "o", "square": "s", "diamond": "D", "triangle-up": "^", "triangle-down": "v", "x": "X", "star": "*",
}  # fmt: skip
_LINES: Final = {
    "solid": "-", "dash": "--", "dot": ":", "dashdot": "-.", "longdash": (0, (8, 3)),
    "longdashdot": (0, (8, 3, 1, 3)),
}  # fmt: skip
_FONT: Final = 8


def width_of(text: str) -> float:
    """A width in inches, from a number with a unit.

    Raises
    ------
    ValueError
        When it is no length, or none of a page.

    Examples
    --------
    >>> width_of("3.5in"), round(width_of("89 mm"), 3)
    (3.5, 3.504)
    """
    match = _WIDTH.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no width; write a number and in, cm, mm or pt, such as 3.5in or 89mm")
    inches = float(match[1]) * _INCHES[match[2]]
    if not _NARROWEST <= inches <= _WIDEST:
        raise ValueError(f"{text!r} is no width of a figure; from {_NARROWEST:g}in to {_WIDEST:g}in")
    return inches


def drawn(figure: Figure, kind: str, *, width: float = 3.5) -> bytes:
    """A figure as the content of a file.

    Parameters
    ----------
    figure
        As the page has it.
    kind
        One of `FORMATS`.
    width
        Inches.

    Raises
    ------
    OutputError
        When matplotlib is not installed, or the figure holds what is not translated.
    """
    _refuse_others(figure)
    try:
        import matplotlib  # noqa: PLC0415  # an extra, and slow to import
        from matplotlib.figure import Figure as Drawing  # noqa: PLC0415
    except ImportError as error:
        raise OutputError(
            f"figures as {kind.upper()} are drawn by matplotlib, which is not installed; "
            f"pip install 'chipsim[figures]', or take the data (-o FILE.csv), or the button of the page"
        ) from error
    # Text stays text, so that whoever sets the paper can change its fonts; nothing tells when it was drawn.
    settings = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "chipsim", "font.size": _FONT}
    file = io.BytesIO()
    with matplotlib.rc_context(settings):
        # Not by pyplot, which keeps every figure and may want a screen.
        drawing = Drawing(figsize=(width, _height(figure, width)), layout="constrained")
        axes = drawing.add_subplot()
        _draw(axes, figure, width=width)
        _legend(axes, figure, width=width)
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind, {})
        drawing.savefig(file, format=kind, dpi=300, metadata=metadata)
    return file.getvalue()


def _height(figure: Figure, width: float) -> float:
    """Inches: type does not shrink with the width, so rows and legends take the room that they take."""
    rows = _categories(figure, "y")
    bars = max(1, sum(trace["type"] == "bar" for trace in figure.data)) if _is_grouped(figure) else 1
    plot = 0.6 * width if rows is None else max(1.0, _ROW * len(rows) * min(bars, 4) ** 0.5)
    named = _named(figure)
    lines = math.ceil(len(named) / _columns(named, width)) if named else 0
    return plot + 0.5 + _LEGEND_LINE * lines


def _is_grouped(figure: Figure) -> bool:
    return bool(figure.layout.get("barmode") == "group")


def _refuse_others(figure: Figure) -> None:
    for trace in figure.data:
        kind = trace.get("type")
        if kind not in _DRAWN:
            raise OutputError(
                f"{figure.name}: holds a {kind!r}, which is drawn on pages only; "
                f"save it there, or take another figure: {', '.join(_DRAWN)} are drawn here"
            )
        if trace.get("xaxis", "x") != "x" or trace.get("yaxis", "y") != "y":
            raise OutputError(f"{figure.name}: is made of several drawings; save it on the page")
    remarks = [*figure.layout.get("shapes", ()), *figure.layout.get("annotations", ())]
    if any(one.get("yref") != "paper" or one.get("xref", "x") != "x" for one in remarks):
        raise OutputError(f"{figure.name}: has remarks that are drawn on pages only; save it there")


def _draw(axes: Axes, figure: Figure, *, width: float) -> None:
    layout = figure.layout
    places = {name: _categories(figure, name) for name in ("x", "y")}
    for name in places:
        # Before anything is drawn, for bars and whiskers are laid out by it.
        if layout.get(f"{name}axis", {}).get("type") == "log":
            getattr(axes, f"set_{name}scale")("log")
    _draw_traces(axes, figure, places)
    for name, words in places.items():
        _set_axis(axes, name, layout.get(f"{name}axis", {}), words, width=width)
        if layout.get(f"{name}axis", {}).get("autorange") == "reversed":
            getattr(axes, f"invert_{name}axis")()
        if words is None and layout.get(f"{name}axis", {}).get("rangemode") == "tozero":
            getattr(axes, f"set_{name}lim")(**{"left" if name == "x" else "bottom": 0})
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    _draw_remarks(axes, layout)


def _draw_traces(axes: Axes, figure: Figure, places: Mapping[str, Any]) -> None:
    stacks: dict[str, list[float]] = {}
    bars = [trace for trace in figure.data if trace["type"] == "bar"]
    grouped = figure.layout.get("scattermode") == "group"
    for place, trace in enumerate(figure.data):
        if trace["type"] == "bar":
            _draw_bar(axes, trace, places, bars=bars, layout=figure.layout, stacks=stacks)
            continue
        # Points of several chips in one row stand beside each other, as bars do.
        shift = 0.8 * ((place + 0.5) / len(figure.data) - 0.5) if grouped else 0.0
        _DRAWN[trace["type"]](axes, trace, places, shift)
    # Room above the first row and below the last one, where there are no bars that take it.
    if places["y"] is not None and not bars and "heatmap" not in {trace["type"] for trace in figure.data}:
        axes.set_ylim(-0.5, len(places["y"]) - 0.5)


def _draw_remarks(axes: Axes, layout: Mapping[str, Any]) -> None:
    """Upright lines, and words at a place of the horizontal axis."""
    for shape in layout.get("shapes", ()):
        line = shape["line"]
        axes.axvline(shape["x0"], color=_color(line["color"]), linestyle=_LINES.get(line["dash"], "--"), linewidth=0.8)
    for note in layout.get("annotations", ()):
        color = _color(note.get("font", {}).get("color", "@@ink"))
        label = _safe(plain_label(note["text"]))
        where = axes.get_xaxis_transform()
        axes.text(note["x"], note["y"], label, transform=where, color=color, fontsize=_FONT - 1)


def _legend(axes: Axes, figure: Figure, *, width: float) -> None:
    handles, labels = axes.get_legend_handles_labels()
    named = _named(figure)
    if not named or not labels or not isinstance(drawing := axes.figure, _drawing_class()):
        return
    # Above the drawing, as on the page, in as many columns as fit; the layout makes room for it.
    drawing.legend(
        handles, labels, loc="outside upper left", ncols=_columns(named, width), frameon=False,
        fontsize=_FONT - 1, handlelength=1.4, columnspacing=1.0,
    )  # fmt: skip


def _drawing_class() -> type:
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415

    return Drawing


def _named(figure: Figure) -> list[str]:
    """Entries of the legend; none where a single one would say what the title says."""
    shown = [trace for trace in figure.data if trace.get("showlegend", True) and trace.get("name")]
    if len(shown) < 2 or figure.layout.get("showlegend") is False:
        return []
    return [plain_label(trace["name"]) for trace in shown]


def _columns(named: Sequence[str], width: float) -> int:
    longest = max(map(len, named))
    # A letter takes half its height; a sign and a gap stand before each entry.
    room = width * 72 / (0.55 * (_FONT - 1))
    return max(1, min(len(named), int(room // (longest + 6))))


def _categories(figure: Figure, name: str) -> list[str] | None:
    """The words of an axis in their order; None of one of numbers."""
    said = figure.layout.get(f"{name}axis", {})
    if "categoryarray" in said:
        return [str(word) for word in said["categoryarray"]]
    values = [value for trace in figure.data for value in trace.get(name) or () if value is not None]
    if said.get("type") == "category" or any(isinstance(value, str) for value in values):
        return list(dict.fromkeys(map(str, values)))
    return None


def _set_axis(
    axes: Axes, name: str, said: Mapping[str, Any], words: Sequence[str] | None, *, width: float
) -> None:
    title = plain_label(said.get("title", {}).get("text", ""))
    getattr(axes, f"set_{name}label")(_safe(title))
    line = axes.xaxis if name == "x" else axes.yaxis
    if words is not None:
        # Long names would leave no room for what is drawn beside them.
        room = max(10, int(_LABEL_LETTERS * width))
        shown = [textwrap.fill(plain_label(word), room) for word in words]
        line.set_ticks(range(len(words)), [_safe(word) for word in shown])
        return
    if said.get("showticklabels") is False:
        line.set_ticks([])
        return
    if isinstance(said.get("dtick"), int) and said.get("type", "linear") == "linear":
        low, high = line.get_data_interval()
        line.set_ticks(range(math.ceil(low), math.floor(high) + 1, said["dtick"]))
    if "range" in said:
        getattr(axes, f"set_{name}lim")(*_limits(said))
    if "tickvals" in said:
        line.set_ticks(said["tickvals"], [_safe(plain_label(word)) for word in said["ticktext"]])
        line.set_ticks([], minor=True)
    axes.grid(visible=True, axis="x" if name == "x" else "y", color=_color("@@grid"), linewidth=0.5)
    axes.set_axisbelow(True)


def _limits(said: Mapping[str, Any]) -> Sequence[float]:
    # Plotly gives the ends of a logarithmic axis as exponents.
    ends: Sequence[float] = said["range"]
    return [10.0**end for end in ends] if said.get("type") == "log" else ends


def _safe(label: str) -> str:
    # Matplotlib takes what stands between two of these for a formula.
    return label.replace("$", r"\$")


def _placed(values: Sequence[Any] | None, words: Sequence[str] | None, count: int) -> list[float]:
    if values is None:
        return [float(place) for place in range(count)]
    if words is not None:
        return [float(words.index(str(value))) for value in values]
    return [float("nan") if value is None else float(value) for value in values]


def _both(trace: Mapping[str, Any], places: Mapping[str, Sequence[str] | None]) -> tuple[list[float], list[float]]:
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
    color = _color(line.get("color") or _one(marker.get("color")) or "@@ink")
    label = _safe(plain_label(trace.get("name", ""))) if trace.get("showlegend", True) else "_hidden"
    both = "lines" in mode and "markers" in mode
    dash = _LINES.get(line.get("dash", "solid"), "-")
    width = 0.6 * line.get("width", 2)
    if both:
        # One entry of the legend for both, for lines may be told apart by their dashes alone.
        sign = _MARKERS.get(str(_one(marker.get("symbol", "circle"))), "o")
        axes.plot([], [], color=color, linestyle=dash, linewidth=width, marker=sign, markersize=4, label=label)
        label = "_both"
    if "lines" in mode:
        shape = {"hv": "steps-post", "vh": "steps-pre"}.get(line.get("shape", ""), "default")
        axes.plot(x, y, color=color, linestyle=dash, linewidth=width, drawstyle=shape, label=label,
                  alpha=trace.get("opacity"))  # fmt: skip
    if "markers" in mode:
        _draw_markers(axes, (x, y), marker, color=color, label=label)
    if "text" in mode:
        for across, up, words in zip(x, y, trace["text"], strict=True):
            axes.text(across, up, _safe(plain_label(words)), ha="center", va="bottom", fontsize=_FONT - 2)
    for name in ("x", "y"):
        errors = _errors(trace, name)
        if errors is not None:
            shown = {f"{name}err": errors}
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
        "color": _color(_one(trace.get("marker", {}).get("color", "@@series-0"))),
        "label": _safe(plain_label(trace.get("name", ""))),
        "edgecolor": "white",
        "linewidth": 0.4,
    }
    errors = _errors(trace, "x" if flat else "y")
    if errors is not None:
        options |= {"xerr" if flat else "yerr": errors, "ecolor": _color("@@ink"), "capsize": 2,
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
    bar.set_label(_safe(title))
    for row, line in enumerate(trace.get("text", ())):
        for column, words in enumerate(line):
            value = values[row][column]
            if words and value == value:
                _write(axes, image, (column, row), value=value, words=str(words).replace("<br>", "\n"))


def _write(axes: Axes, image: Any, place: tuple[int, int], *, value: float, words: str) -> None:
    red, green, blue, _ = image.cmap(image.norm(value))
    # Dark on light fields and light on dark ones, by how bright the eye takes a colour to be (ITU-R BT.601).
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    color = "black" if bright > 0.5 else "white"
    axes.text(*place, _safe(plain_label(words)), ha="center", va="center", color=color, fontsize=_FONT - 1)


_DRAWN: Final[Mapping[str, Any]] = {"bar": None, "scatter": _draw_scatter, "heatmap": _draw_heatmap}


def _color(color: Any) -> str:
    """A colour of the light theme, where a token stands for one."""
    said = str(color)
    return _light().get(said[2:], "#000000") if said.startswith("@@") else said


@functools.cache
def _light() -> Mapping[str, str]:
    """The colours of the page's light theme by their names: the page's own style is where they stand."""
    style = importlib.resources.files("chipsim.report").joinpath("templates/style.css").read_text("utf-8")
    light = style.partition("@media")[0].partition("/*")[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})", light))
