"""Figures of wear: histograms and maps of pulses per cell, binned here so that pages stay small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.report.figure import Figure, Look, looks, text
from chipsim.result import Result, Wear

__all__ = ["ArrayWear", "array_wear", "histogram_counts", "map_of", "wear_figures"]

_BINS: Final = 60
_MAP: Final = 64
_MAPS_IN_A_ROW: Final = 4
_HUES: Final = 8
_FLOOR: Final = 0.6
"""Where a logarithmic axis shows that no cell fell into a bin."""


@attrs.frozen(kw_only=True)
class ArrayWear:
    """One line of the table of wear."""

    label: str
    """Label of the result."""
    array: str
    cells: int
    pulses: int
    mean: float
    hottest: int
    untouched_percent: float
    resets: int
    most_resets: int


def array_wear(results: Sequence[Result]) -> list[ArrayWear]:
    """What the cells of each array of each result have had."""
    return [
        ArrayWear(
            label=look.label,
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
        if one.pulses.size
    ]


def histogram_counts(values: Any, *, width: int) -> Any:
    """Cells in each bin of whole numbers, the first bin starting at 0.

    Examples
    --------
    >>> histogram_counts(np.array([[0, 1], [2, 9]]), width=5)
    array([3, 1])
    """
    return np.bincount(np.asarray(values).ravel() // width)


def map_of(values: Any, *, most: int = _MAP) -> Any:
    """The largest value of each block of an array, at most `most` blocks a side.

    The largest, not the mean: a map of wear is for finding the cells that die first.

    Examples
    --------
    >>> map_of(np.array([[1, 2, 3, 4], [5, 6, 7, 0]]), most=2)
    array([[2, 4],
           [6, 7]])
    """
    array = np.asarray(values)
    starts = [
        np.unique(np.linspace(0, size, min(most, size), endpoint=False).astype(int)) for size in array.shape
    ]
    return np.maximum.reduceat(np.maximum.reduceat(array, starts[0], axis=0), starts[1], axis=1)


def wear_figures(results: Sequence[Result]) -> list[list[Figure]]:
    """For each result: pulses per cell and, where there are any, resets per cell, then maps of the arrays."""
    return [
        _of_one(result, look=look, place=place)
        for place, (result, look) in enumerate(zip(results, looks(results), strict=True))
    ]


def _of_one(result: Result, *, look: Look, place: int) -> list[Figure]:
    wear = [one for one in result.wear if one.pulses.size]
    if not wear:
        return []
    pulses = [(one.array, one.pulses) for one in wear]
    resets = [(one.array, one.resets) for one in wear]
    figures = [_histogram(pulses, look=look, name=f"pulses-{place}", what="Pulses")]
    if any(counts.max() for _, counts in resets):
        figures.append(_histogram(resets, look=look, name=f"resets-{place}", what="Resets"))
    if any(counts.max() for _, counts in pulses):
        figures.append(_maps(wear, look=look, place=place))
    return figures


def _histogram(arrays: Sequence[tuple[str, Any]], *, look: Look, name: str, what: str) -> Figure:
    peak = max(int(counts.max()) for _, counts in arrays)
    width = max(1, -(-(peak + 1) // _BINS))
    most = max(int(histogram_counts(counts, width=width).max()) for _, counts in arrays)
    return Figure(
        name=name,
        title=f"{look.label}: {what.lower()} per cell",
        data=[
            _steps(array, counts, width=width, place=place) for place, (array, counts) in enumerate(arrays)
        ],
        layout={
            "xaxis": {"title": {"text": f"{what} of a cell"}, "rangemode": "tozero"},
            "yaxis": {
                "title": {"text": "Cells"},
                "type": "log",
                "range": [math.log10(_FLOOR), math.log10(2 * most)],
            },
        },
    )


def _steps(array: str, counts: Any, *, width: int, place: int) -> dict[str, Any]:
    cells = histogram_counts(counts, width=width).tolist()
    low = [width * place for place in range(len(cells))]
    spans = [f"{start:,}" if width == 1 else f"{start:,} to {start + width - 1:,}" for start in low]
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(cells) == 1 else "lines",
        "name": text(array),
        "x": [start + (width - 1) / 2 for start in low],
        "y": [count or _FLOOR for count in cells],
        "customdata": [f"{count:,} cells had {span}" for count, span in zip(cells, spans, strict=True)],
        "line": {
            "shape": "hvh",
            "color": f"@@action-{place // 2 % _HUES}",
            "dash": "dot" if array.endswith("-") else "solid",
            "width": 2,
        },
        "hovertemplate": "%{customdata}",
    }


def _maps(wear: Sequence[Wear], *, look: Look, place: int) -> Figure:
    """Small maps side by side with one scale of colours."""
    columns = min(_MAPS_IN_A_ROW, len(wear))
    rows = -(-len(wear) // columns)
    layout: dict[str, Any] = {
        "coloraxis": {"colorscale": "Viridis", "colorbar": {"title": {"text": "Pulses"}, "thickness": 12}},
        "annotations": [],
        "hovermode": "closest",
    }
    data = []
    for index, one in enumerate(wear):
        number = "" if index == 0 else str(index + 1)
        left, top = index % columns / columns, 1 - index // columns / rows
        across = [left, left + 0.88 / columns]
        down = [top - 0.78 / rows, top - 0.1 / rows]
        bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
        layout[f"xaxis{number}"] = {"domain": across, "anchor": f"y{number}", **bare}
        layout[f"yaxis{number}"] = {"domain": down, "anchor": f"x{number}", "autorange": "reversed", **bare}
        note = {"xref": "paper", "yref": "paper", "x": left, "y": down[1], "showarrow": False}
        note |= {"xanchor": "left", "yanchor": "bottom", "font": {"size": 12}}
        layout["annotations"].append({**note, "text": text(one.array)})
        data.append(_map(one, number=number))
    return Figure(
        name=f"map-{place}",
        title=f"{look.label}: where the pulses fell",
        caption="Rows downwards, columns to the right; each dot shows the most-pulsed cell of its block.",
        data=data,
        layout=layout,
        height=60 + 240 * rows,
        wide=True,
    )


def _map(one: Wear, *, number: str) -> dict[str, Any]:
    high, wide = one.pulses.shape
    blocks = map_of(one.pulses)
    return {
        "type": "heatmap",
        "name": text(one.array),
        "z": blocks.tolist(),
        "x0": 0,
        "dx": wide / blocks.shape[1],
        "y0": 0,
        "dy": high / blocks.shape[0],
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "coloraxis": "coloraxis",
        "hovertemplate": "%{z:,} pulses near row %{y:.0f}, column %{x:.0f}",
    }
