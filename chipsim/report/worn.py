"""Figures of wear: histograms and maps of what cells had, binned here so that pages stay small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.report.figure import Figure, Look, Option, looks, text
from chipsim.report.sheets import Sheet, sheets_of
from chipsim.result import Result
from chipsim.result.endurance import EnduranceQuestion
from chipsim.result.extent import marked

__all__ = ["ArrayWear", "Blocks", "array_wear", "blocks_of", "histogram_counts", "wear_figures"]

_BINS: Final = 60
_MAP: Final = 64
_MAPS_IN_A_ROW: Final = 4
_MOST_MAPS: Final = 12
_HUES: Final = 8
_NUMBERED: Final = {
    "showgrid": False,
    "zeroline": False,
    "ticks": "outside",
    "ticklen": 3,
    "nticks": 5,
    "tickfont": {"size": 10},
    "minallowed": -0.5,
}
"""What all axes of maps have in common."""
_FLOOR: Final = 0.6
"""Where a logarithmic axis shows that no cell fell into a bin."""


@attrs.frozen(kw_only=True)
class ArrayWear:
    """One line of the table of wear."""

    label: str
    """Label of the result, marked where it was stopped."""
    array: str
    cells: int
    pulses: int
    mean: float
    hottest: int
    untouched_percent: float
    resets: int
    most_resets: int


def array_wear(results: Sequence[Result]) -> list[ArrayWear]:
    """What the cells of each array of each result have had, where they take pulses and no levels."""
    return [
        ArrayWear(
            label=marked(look.label, result),
            array=one.array,
            cells=int(one.pulses.size),
            pulses=int(one.pulses.sum(dtype=np.int64)),
            mean=float(one.pulses.mean()),
            hottest=int(one.pulses.max()),
            untouched_percent=float(100 * np.mean(one.pulses == 0)),
            resets=int(one.resets.sum(dtype=np.int64)),
            most_resets=int(one.resets.max()),
        )
        for result, look in zip(results, looks(results), strict=True)
        for one in result.wear
        if one.pulses.size and one.programmings is None
    ]


def histogram_counts(values: Any, *, width: int) -> Any:
    """Cells in each bin of whole numbers, the first bin starting at 0.

    Examples
    --------
    >>> histogram_counts(np.array([[0, 1], [2, 9]]), width=5)
    array([3, 1])
    """
    return np.bincount(np.asarray(values).ravel() // width)


@attrs.frozen(kw_only=True, eq=False)
class Blocks:
    """An array cut into blocks."""

    largest: Any
    """The largest number of each block: a map of wear is for finding the cells that die first."""
    sums: Any
    """The numbers of each block added up; all blocks add up to the array."""
    cells: Any
    """Cells of each block."""


def blocks_of(values: Any, *, most: int = _MAP) -> Blocks:
    """An array of whole numbers cut into at most `most` blocks a side.

    Examples
    --------
    >>> blocks_of(np.array([[1, 2, 3, 4], [5, 6, 7, 0]]), most=2).largest
    array([[2, 4],
           [6, 7]])
    """
    array = np.asarray(values, np.int64)
    starts = [
        np.unique(np.linspace(0, size, min(most, size), endpoint=False).astype(int)) for size in array.shape
    ]
    sizes = [np.diff(np.append(start, size)) for start, size in zip(starts, array.shape, strict=True)]
    return Blocks(
        largest=_reduced(np.maximum, array, starts),
        sums=_reduced(np.add, array, starts),
        cells=np.outer(*sizes),
    )


def _reduced(function: np.ufunc, array: Any, starts: Sequence[Any]) -> Any:
    return function.reduceat(function.reduceat(array, starts[0], axis=0), starts[1], axis=1)


def wear_figures(
    results: Sequence[Result], *, question: EnduranceQuestion | None = None
) -> list[list[Figure]]:
    """For each result, histograms of what its cells had, then maps of the arrays.

    Parameters
    ----------
    results
        Those without wear have no figures.
    question
        Thresholds to mark in histograms of programmings; None takes the defaults.
    """
    return [
        _of_one(result, look=look, place=place, question=question or EnduranceQuestion())
        for place, (result, look) in enumerate(zip(results, looks(results), strict=True))
    ]


def _of_one(result: Result, *, look: Look, place: int, question: EnduranceQuestion) -> list[Figure]:
    wear = [one for one in result.wear if one.pulses.size]
    levels = bool(wear) and all(one.programmings is not None for one in wear)
    names = {"programmings": "Programmings", "pulses": "SETs", "resets": "RESETs"} if levels else {
        "pulses": "Pulses", "resets": "Resets"
    }  # fmt: skip
    sheets = {key: sheets_of(result, key) for key in names} if wear else {}
    figures = [
        _histogram(
            sheets[key], look=look, name=f"{key}-{place}", what=what,
            marks=_marks(question) if key == "programmings" else {},
        )
        for key, what in names.items()
        if wear and (key == next(iter(names)) or _peak(sheets[key]))
    ]  # fmt: skip
    for key, what in list(names.items())[:1]:
        if wear and _peak(sheets[key]):
            figures.append(_maps(sheets[key], look=look, name=f"map-{place}", what=what))
    return figures


def _peak(sheets: Sequence[Sheet]) -> int:
    return max(int(sheet.counts.max()) for sheet in sheets)


def _marks(question: EnduranceQuestion) -> dict[str, Any]:
    """Uprights at the thresholds: cells left of the first and right of the second are those counted."""
    places = {
        f"under {question.under:,} ": question.under - 0.5,
        f" over {question.over:,}": question.over + 0.5,
    }
    line = {"color": "@@edge", "dash": "dash", "width": 1.5}
    note = {"yref": "paper", "y": 1, "yanchor": "top", "showarrow": False, "font": {"size": 12}}
    return {
        "shapes": [
            {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper", "line": line}
            for place in places.values()
        ],
        "annotations": [
            {**note, "x": place, "text": word, "xanchor": "right" if word[0] == "u" else "left"}
            for word, place in places.items()
        ],
    }


def _histogram(sheets: Sequence[Sheet], *, look: Look, name: str, what: str, marks: dict[str, Any]) -> Figure:
    width = max(1, -(-(_peak(sheets) + 1) // _BINS))
    most = max(int(histogram_counts(sheet.counts, width=width).max()) for sheet in sheets)
    noun = what if what.isupper() or what.endswith("Ts") else what.lower()
    return Figure(
        name=name,
        title=f"{look.label}: {noun} per cell",
        data=[_steps(sheet, width=width, place=place) for place, sheet in enumerate(sheets)],
        layout={
            "xaxis": {"title": {"text": f"{what} of a cell"}, "rangemode": "tozero"},
            "yaxis": {
                "title": {"text": "Cells"},
                "type": "log",
                "range": [math.log10(_FLOOR), math.log10(2 * most)],
            },
            **marks,
        },
        options=(
            Option(label="log", layout={}),
            Option(label="linear", layout={"yaxis.type": "linear", "yaxis.range": [0, 1.05 * most]}),
        ),
    )


def _steps(sheet: Sheet, *, width: int, place: int) -> dict[str, Any]:
    cells = histogram_counts(sheet.counts, width=width).tolist()
    low = [width * place for place in range(len(cells))]
    spans = [f"{start:,}" if width == 1 else f"{start:,} to {start + width - 1:,}" for start in low]
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(cells) == 1 else "lines",
        "name": text(sheet.name),
        "x": [start + (width - 1) / 2 for start in low],
        "y": [count or _FLOOR for count in cells],
        "customdata": [f"{count:,} cells had {span}" for count, span in zip(cells, spans, strict=True)],
        "line": {
            "shape": "hvh",
            "color": f"@@action-{(place // 2 if sheet.name.endswith(('+', '-')) else place) % _HUES}",
            "dash": "dot" if sheet.name.endswith("-") else "solid",
            "width": 2,
        },
        "hovertemplate": "%{customdata}",
    }


def _maps(sheets: Sequence[Sheet], *, look: Look, name: str, what: str) -> Figure:
    """Small maps side by side with one scale of colours."""
    shown = sorted(sorted(sheets, key=lambda sheet: -int(sheet.counts.max()))[:_MOST_MAPS], key=sheets.index)
    columns = min(_MAPS_IN_A_ROW, len(shown))
    rows = -(-len(shown) // columns)
    # Numbers of rows stand left of a map, those of columns below it.
    layout: dict[str, Any] = {
        "coloraxis": {"colorscale": "Viridis", "colorbar": {"title": {"text": what}, "thickness": 12}},
        "annotations": [],
        "hovermode": "closest",
        "margin": {"l": 16, "b": 12},
    }
    data = []
    for index, sheet in enumerate(shown):
        number = "" if index == 0 else str(index + 1)
        left, top = index % columns / columns, 1 - index // columns / rows
        across = [left + 0.14 / columns, left + 0.94 / columns]
        down = [top - 0.78 / rows, top - 0.1 / rows]
        layout[f"xaxis{number}"] = {"domain": across, "anchor": f"y{number}", **_NUMBERED}
        layout[f"yaxis{number}"] = {
            "domain": down,
            "anchor": f"x{number}",
            "autorange": "reversed",
            **_NUMBERED,
        }
        note = {"xref": "paper", "yref": "paper", "x": across[0], "y": down[1], "showarrow": False}
        note |= {"xanchor": "left", "yanchor": "bottom", "font": {"size": 12}}
        layout["annotations"].append({**note, "text": text(sheet.name)})
        data.append(_map(sheet, number=number, noun=what.lower()))
    left_out = (
        f" The {len(shown)} hottest of {len(sheets)} arrays are shown." if len(shown) < len(sheets) else ""
    )
    return Figure(
        name=name,
        title=f"{look.label}: where the {what.lower()} fell",
        caption="Rows downwards, columns to the right, both from 0; each dot shows the hottest cell of its "
        f"block, and its mean under the pointer.{left_out}",
        data=data,
        layout=layout,
        height=60 + 240 * rows,
        wide=True,
    )


def _map(sheet: Sheet, *, number: str, noun: str) -> dict[str, Any]:
    high, wide = sheet.counts.shape
    blocks = blocks_of(sheet.counts)
    down, across = high / blocks.largest.shape[0], wide / blocks.largest.shape[1]
    return {
        "type": "heatmap",
        "name": text(sheet.name),
        "z": blocks.largest.tolist(),
        "customdata": np.round(blocks.sums / blocks.cells, 1).tolist(),
        "x0": (across - 1) / 2,
        "dx": across,
        "y0": (down - 1) / 2,
        "dy": down,
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "coloraxis": "coloraxis",
        "hovertemplate": f"%{{z:,}} {noun}, %{{customdata:,}} on average, "
        "near row %{y:.0f}, column %{x:.0f}",
    }
