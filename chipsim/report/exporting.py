"""Figures as files for papers: the page's own description of a figure, drawn by matplotlib without a browser.

Bars, points, lines, error bars and maps are translated, with linear, logarithmic and worded axes; a figure
that is made of anything else is refused by name. Files are light, whatever the screen's theme is.
"""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from chipsim.errors import OutputError
from chipsim.report.figure import Figure
from chipsim.report.figure_table import plain_label
from chipsim.report.traces import FONT, LINES, TRACES, color_for, draw_traces, safe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

__all__ = ["FORMATS", "drawn", "width_of"]

FORMATS: Final = ("svg", "pdf", "png")
_WIDTH: Final = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*(in|cm|mm|pt)\s*")
_INCHES: Final = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
_NARROWEST, _WIDEST = 1.0, 40.0
_ROW: Final = 0.26
_LEGEND_LINE: Final = 0.16
"""Inches that a row of bars, and a line of the legend, take."""
_SIGN: Final = 6
"""Letters that the sign of an entry of the legend, and the gap after it, take."""
_LABEL_LETTERS: Final = 7
"""Letters of a label beside a row, for each inch of the figure."""


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
        import matplotlib as mpl  # noqa: PLC0415  # an extra, and slow to import
        from matplotlib.figure import Figure as Canvas  # noqa: PLC0415
    except ImportError as error:
        raise OutputError(
            f"figures as {kind.upper()} are drawn by matplotlib, which is not installed; "
            f"pip install 'chipsim[figures]', or take the data (-o FILE.csv), or the button of the page"
        ) from error
    # Text stays text, so that whoever sets the paper can change its fonts; nothing tells when it was drawn.
    settings = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "chipsim", "font.size": FONT}
    file = io.BytesIO()
    with mpl.rc_context(settings):
        # Not by pyplot, which keeps every figure and may want a screen.
        drawing = Canvas(figsize=(width, _height(figure, width)), layout="constrained")
        _draw(drawing.add_subplot(), figure, width=width)
        _legend(drawing, figure, width=width)
        metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind, {})
        drawing.savefig(file, format=kind, dpi=300, metadata=metadata)
    return file.getvalue()


def _height(figure: Figure, width: float) -> float:
    """Inches: type does not shrink with the width, so rows and legends take the room that they take."""
    rows = _categories(figure, "y")
    bars = max(1, sum(trace["type"] == "bar" for trace in figure.data)) if _is_grouped(figure) else 1
    plot = 0.6 * width if rows is None else max(1.0, _ROW * len(rows) * min(bars, 4) ** 0.5)
    named = _named(figure)
    lines = 0
    if named:
        folded = max(label.count("\n") + 1 for label in _folded(named, width))
        lines = folded * math.ceil(len(named) / _columns(named, width))
    return plot + 0.5 + _LEGEND_LINE * lines


def _is_grouped(figure: Figure) -> bool:
    return bool(figure.layout.get("barmode") == "group")


def _refuse_others(figure: Figure) -> None:
    for trace in figure.data:
        kind = trace.get("type")
        if kind not in TRACES:
            raise OutputError(
                f"{figure.name}: holds a {kind!r}, which is drawn on pages only; "
                f"save it there, or take another figure: {', '.join(TRACES)} are drawn here"
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
    draw_traces(axes, figure, places)
    for name, words in places.items():
        _set_axis(axes, name, layout.get(f"{name}axis", {}), words, width=width)
        if layout.get(f"{name}axis", {}).get("autorange") == "reversed":
            getattr(axes, f"invert_{name}axis")()
        if words is None and layout.get(f"{name}axis", {}).get("rangemode") == "tozero":
            getattr(axes, f"set_{name}lim")(**{"left" if name == "x" else "bottom": 0})
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    _draw_remarks(axes, layout)


def _draw_remarks(axes: Axes, layout: Mapping[str, Any]) -> None:
    """Upright lines, and words at a place of the horizontal axis."""
    for shape in layout.get("shapes", ()):
        line = shape["line"]
        axes.axvline(
            shape["x0"],
            color=color_for(line["color"]),
            linestyle=LINES.get(line["dash"], "--"),
            linewidth=0.8,
        )
    for note in layout.get("annotations", ()):
        color = color_for(note.get("font", {}).get("color", "@@ink"))
        label = safe(plain_label(note["text"]))
        where = axes.get_xaxis_transform()
        axes.text(note["x"], note["y"], label, transform=where, color=color, fontsize=FONT - 1)


def _legend(drawing: Drawing, figure: Figure, *, width: float) -> None:
    handles, labels = drawing.axes[0].get_legend_handles_labels()
    named = _named(figure)
    if not named or not labels:
        return
    # Above the drawing, as on the page, in as many columns as fit; the layout makes room for it.
    drawing.legend(
        handles, _folded(labels, width), loc="outside upper left", ncols=_columns(named, width),
        frameon=False, fontsize=FONT - 1, handlelength=1.4, columnspacing=1.0,
    )  # fmt: skip


def _named(figure: Figure) -> list[str]:
    """Entries of the legend; none where a single one would say what the title says."""
    shown = [trace for trace in figure.data if trace.get("showlegend", True) and trace.get("name")]
    if len(shown) < 2 or figure.layout.get("showlegend") is False:
        return []
    return [plain_label(trace["name"]) for trace in shown]


def _columns(named: Sequence[str], width: float) -> int:
    longest = max(map(len, named))
    return max(1, min(len(named), _letters(width) // (longest + _SIGN)))


def _folded(named: Sequence[str], width: float) -> list[str]:
    """Entries of the legend, those broken that would run out of the figure."""
    return [textwrap.fill(label, max(10, _letters(width) - _SIGN)) for label in named]


def _letters(width: float) -> int:
    """How many letters of a legend stand in a line."""
    # A letter takes half its height.
    return int(width * 72 / (0.55 * (FONT - 1)))


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
    getattr(axes, f"set_{name}label")(safe(title))
    line = axes.xaxis if name == "x" else axes.yaxis
    if words is not None:
        # Long names would leave no room for what is drawn beside them.
        room = max(10, int(_LABEL_LETTERS * width))
        shown = [textwrap.fill(plain_label(word), room) for word in words]
        line.set_ticks(range(len(words)), [safe(word) for word in shown])
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
        line.set_ticks(said["tickvals"], [safe(plain_label(word)) for word in said["ticktext"]])
        line.set_ticks([], minor=True)
    axes.grid(visible=True, axis="x" if name == "x" else "y", color=color_for("@@grid"), linewidth=0.5)
    axes.set_axisbelow(True)


def _limits(said: Mapping[str, Any]) -> Sequence[float]:
    # Plotly gives the ends of a logarithmic axis as exponents.
    ends: Sequence[float] = said["range"]
    return [10.0**end for end in ends] if said.get("type") == "log" else ends
