"""What the page needs to draw a figure: plain data for plotly.js, with colours left to the page's theme.

Colours are written as tokens (``@@series-0``) that the page replaces by its own style variables, so that
one file serves light and dark.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from chipsim.result import Result, plain
from chipsim.result.labels import labels, variants
from chipsim.units import Dimension, show

__all__ = [
    "Figure",
    "Look",
    "Option",
    "axis",
    "axis_unit",
    "color_of",
    "embedded_json",
    "in_order",
    "log_axis",
    "looks",
    "text",
    "upright",
]

_SERIES: Final = 7
_OTHERS: Final = 5
_DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash")
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down")
# The place of a word decides its colour, the style variable of that number: new ones go to the end.
_KINDS: Final = (
    "adc",
    "dac",
    "array",
    "driver",
    "digital",
    "buffer",
    "selector",
    "link",
    "sram",
    "mac",
    "tile",
    "memory",
    "router",
)
_ACTIONS: Final = (
    *("forward", "backward", "update", "recentre", "transfer", "read", "write", "activation"),
    *("error", "scale", "initialise", "select", "decide"),
    *("program", "verify", "retry", "gradient", "normalise", "loss", "partial-sums", "compare", "centre"),
)
_ACTIVITIES: Final = {
    "analog forward": "forward",
    "analog backward": "backward",
    "digital forward": "error",
    "digital backward": "scale",
    "normalisation and activations": "activation",
    "digital update": "update",
    "selection": "select",
    "memory": "read",
    "reprogramming": "program",
    "pulsed update": "recentre",
    "transfers": "transfer",
    "initial writing": "initialise",
}
"""The action whose colour an activity has."""


@attrs.frozen(kw_only=True)
class Option:
    """A button above a figure, and what it changes in the layout."""

    label: str
    layout: dict[str, Any]


@attrs.frozen(kw_only=True)
class Figure:
    """One figure of the page."""

    name: str
    """Its id on the page, unique."""
    title: str
    caption: str = ""
    data: list[dict[str, Any]]
    """Traces of plotly.js."""
    layout: dict[str, Any]
    height: int = 360
    """Pixels."""
    options: tuple[Option, ...] = ()
    """Choices, of which the first holds at the start."""
    wide: bool = False
    """Takes the whole width even where two figures fit side by side."""


@attrs.frozen(kw_only=True)
class Look:
    """How one result looks in every figure and table."""

    label: str
    color: str
    dash: str
    symbol: str
    swatch: int
    """Number of the style variable."""


def looks(results: Sequence[Result]) -> list[Look]:
    """One look a result: a colour for each chip as it was set up, a dash for each of its runs.

    Where all results are runs of one, each has a colour of its own.
    """
    names = labels(results)
    kinds = variants(results)
    if len(set(kinds)) == 1:
        kinds = names
    order = list(dict.fromkeys(kinds))
    seen: dict[str, int] = {}
    found = []
    for kind, label in zip(kinds, names, strict=True):
        place, again = order.index(kind), seen.get(kind, 0)
        seen[kind] = again + 1
        # Where colours begin anew, dashes have moved on: the eighth chip must not look like the first.
        hue = place % _SERIES
        dash = (again + place // _SERIES) % len(_DASHES)
        # Markers differ with the colours: whoever cannot tell colours apart goes by them.
        symbol = (place + again) % len(_SYMBOLS)
        look = Look(
            label=label,
            color=f"@@series-{hue}",
            dash=_DASHES[dash],
            symbol=_SYMBOLS[symbol],
            swatch=hue,
        )
        found.append(look)
    return found


def axis_unit(largest: int, dimension: Dimension) -> tuple[str, float]:
    """The unit for an axis that ends at `largest` base units, and its size in base units.

    Examples
    --------
    >>> from chipsim.units import TIME
    >>> axis_unit(250_000, TIME)
    ('ns', 1000.0)
    """
    # Asked of the printing of quantities, so that an axis has the unit that tables give its largest value in.
    unit = show(largest, dimension).rpartition(" ")[2]
    return unit, float(dimension.units[unit])


def color_of(word: str, *, among: Sequence[str] = ()) -> str:
    """The colour of a kind of part, an action or an activity: its own when known, else one by its place."""
    if word in _KINDS:
        return f"@@kind-{_KINDS.index(word)}"
    if word in _ACTIVITIES:
        return f"@@action-{_ACTIONS.index(_ACTIVITIES[word])}"
    if word in _ACTIONS:
        return f"@@action-{_ACTIONS.index(word)}"
    # Parts of one's own may have kinds and actions that nobody here knows.
    others = [other for other in among if other not in _KINDS + _ACTIONS]
    place = others.index(word) if word in others else 0
    return f"@@other-{place % _OTHERS}"


def in_order(words: Iterable[str], *, of: str) -> list[str]:
    """Words in the order in which every figure has them; those that nobody here knows come last, by name.

    Parameters
    ----------
    words
        What bars are stacked by.
    of
        ``activity``, ``kind`` or ``action``.

    Examples
    --------
    >>> in_order(["mine", "array", "adc"], of="kind")
    ['adc', 'array', 'mine']
    """
    known = {"activity": tuple(_ACTIVITIES), "kind": _KINDS, "action": _ACTIONS}[of]
    places = {word: place for place, word in enumerate(known)}
    return sorted(words, key=lambda word: (places.get(word, len(known)), word))


def text(value: object) -> str:
    """Text for a label of plotly.js, which takes labels for a kind of HTML and tokens for colours.

    Examples
    --------
    >>> text('<b>the "best"</b>')
    '&lt;b&gt;the "best"&lt;/b&gt;'
    """
    # Names of chips and parts are the user's: none may become a colour of ours, or a place in a template.
    # It decodes no quotation marks, and none of ours stands around these texts.
    return html.escape(str(value), quote=False).replace("@@", "@&#64;").replace("%{", "%&#123;")


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with a title, and what else plotly.js is to know of it."""
    return {"title": {"text": title}, **more}


def log_axis(title: str, values: Iterable[float], **more: Any) -> dict[str, Any]:
    """A logarithmic axis whose ticks are whole numbers that read in order.

    Parameters
    ----------
    title
        Of the axis.
    values
        What is drawn along it; those that are not above zero are left out of a logarithmic axis.
    more
        What else plotly.js is to know of it.

    Examples
    --------
    >>> log_axis("Energy [mJ]", [0.15, 8.0])["ticktext"], log_axis("Time [ms]", [2, 5])["ticktext"]
    (['0.2', '0.5', '1', '2', '5', '10'], ['2', '3', '4', '5', '6'])
    """
    # Left to itself, plotly writes 2 and 5 between powers of ten without saying of which.
    drawn = [value for value in values if value and value > 0]
    ticks = _log_ticks(min(drawn), max(drawn)) if drawn else []
    if len(ticks) < 2:
        return axis(title, type="log", **more)
    told = {"tickmode": "array", "tickvals": ticks, "ticktext": [_plain(tick) for tick in ticks]}
    return axis(title, type="log", **told, **more)


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = math.log10(high / low)
    # As many as a narrow figure has room for: parts of decades, decades, or every other of them.
    steps: tuple[float, ...] = (
        (1,) if decades > 2 else (1, 2, 5) if decades > 1 else (1, 1.5, 2, 3, 4, 5, 6, 8)
    )
    every = max(1, math.ceil(decades / 7))
    ticks = [step * 10.0**exponent for exponent in range(first, last + 1, every) for step in steps]
    # Just outside one may stand, for axes begin a little before what is drawn.
    return [tick for tick in ticks if 0.8 * low <= tick <= 1.25 * high]


def _plain(value: float) -> str:
    return f"{value:,.12g}" if 1e-4 <= value < 1e7 else f"{value:.0e}"


def upright(place: float, *, color: str, dash: str) -> dict[str, Any]:
    """A line over the whole height of a figure, at a place of its horizontal axis."""
    # Heights are those of the drawing and not of the axis: whoever zooms or scales the axis keeps the line.
    whole = {"y0": 0, "y1": 1, "yref": "paper"}
    line = {"color": color, "dash": dash, "width": 1.5}
    return {"type": "line", "x0": place, "x1": place, **whole, "line": line}


def embedded_json(figures: Sequence[Figure]) -> str:
    r"""All figures as JSON that may stand inside a script element of HTML: no ``<``, ``>`` or ``&`` is left.

    Examples
    --------
    >>> embedded_json([Figure(name="a", title="", data=[{"name": "</script>"}], layout={})])
    '{"a":{"data":[{"name":"\\u003c/script\\u003e"}],"layout":{"height":360},"options":[]}}'
    """
    content: dict[str, Any] = {}
    for figure in figures:
        content[figure.name] = {
            "data": figure.data,
            "layout": {"height": figure.height, **figure.layout},
            "options": [attrs.asdict(option) for option in figure.options],
        }
    # Neither JSON nor a browser knows NaN: what was not measured is null, which makes a gap in a line.
    raw = json.dumps(plain(content), separators=(",", ":"), allow_nan=False)
    # A label may hold an end tag, which would end the script element whatever quotes it stands in.
    return raw.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
