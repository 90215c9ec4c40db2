"""Figures of wear: histograms and maps of what cells had, binned here so that pages stay small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.report.figure import Figure, Look, Option, axis, looks, text, upright
from chipsim.report.sheets import Sheet, sheets_of
from chipsim.result import Result, Wear
from chipsim.result.endurance import EnduranceQuestion
from chipsim.result.extent import marked

__all__ = [
    "ArrayWear",
    "Blocks",
    "LevelWear",
    "array_wear",
    "blocks_of",
    "histogram_counts",
    "level_wear",
    "wear_figures",
]

# A full array has 100,000 cells and more: a page carries bins and blocks, as many as a figure can show.
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
_WRITTEN_LARGE: Final = ("SETs", "RESETs")
"""Words that stand so in the middle of a sentence, too."""
_FLOOR: Final = 0.6
"""Where a logarithmic axis shows that no cell fell into a bin."""


@attrs.frozen(kw_only=True)
class ArrayWear:
    """One line of the table of wear of cells that take pulses."""

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
    lines = []
    for result, look in zip(results, looks(results), strict=True):
        label = marked(look.label, result)
        # What cells with levels had is told as programmings, in a table of their own.
        pulsed, _ = _sorts(result)
        lines += [_line(label, one) for one in pulsed]
    return lines


@attrs.frozen(kw_only=True)
class LevelWear:
    """One line of the table of wear of cells that are programmed to levels."""

    label: str
    """Label of the result, marked where it was stopped."""
    array: str
    cells: int
    programmings: int
    mean: float
    hottest: int
    untouched_percent: float
    sets: int
    resets: int


def level_wear(results: Sequence[Result]) -> list[LevelWear]:
    """What the cells of each array with levels have had, of results whose other cells take pulses."""
    lines = []
    for result, look in zip(results, looks(results), strict=True):
        pulsed, levelled = _sorts(result)
        # Where all cells have levels, the table of endurance counts their programmings, array by array.
        if pulsed:
            label = marked(look.label, result)
            lines += [_level_line(label, one) for one in levelled]
    return lines


def _sorts(result: Result) -> tuple[list[Wear], list[Wear]]:
    """The arrays whose cells take pulses, and those whose cells are programmed to levels."""
    wear = [one for one in result.wear if one.pulses.size]
    pulsed = [one for one in wear if one.programmings is None]
    return pulsed, [one for one in wear if one.programmings is not None]


def _level_line(label: str, one: Wear) -> LevelWear:
    return LevelWear(
        label=label,
        array=one.array,
        cells=int(one.programmings.size),
        programmings=int(one.programmings.sum(dtype=np.int64)),
        mean=float(one.programmings.mean()),
        hottest=int(one.programmings.max()),
        untouched_percent=float(100 * np.mean(one.programmings == 0)),
        sets=int(one.pulses.sum(dtype=np.int64)),
        resets=int(one.resets.sum(dtype=np.int64)),
    )


def _line(label: str, one: Wear) -> ArrayWear:
    return ArrayWear(
        label=label,
        array=one.array,
        cells=int(one.pulses.size),
        # Counts of one cell fit 32 bits, and those of an array may not.
        pulses=int(one.pulses.sum(dtype=np.int64)),
        mean=float(one.pulses.mean()),
        hottest=int(one.pulses.max()),
        untouched_percent=float(100 * np.mean(one.pulses == 0)),
        resets=int(one.resets.sum(dtype=np.int64)),
        most_resets=int(one.resets.max()),
    )


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
    starts, sizes = [], []
    for size in array.shape:
        # Rows that do not divide evenly make blocks of two sizes, one row apart, and none is left over.
        places = np.linspace(0, size, min(most, size), endpoint=False)
        start = np.unique(places.astype(int))
        starts.append(start)
        sizes.append(np.diff(np.append(start, size)))
    largest = _reduced(np.maximum, array, starts)
    sums = _reduced(np.add, array, starts)
    return Blocks(largest=largest, sums=sums, cells=np.outer(*sizes))


def _reduced(function: np.ufunc, array: Any, starts: Sequence[Any]) -> Any:
    down, across = starts
    bands = function.reduceat(array, down, axis=0)
    return function.reduceat(bands, across, axis=1)


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
    asked = question or EnduranceQuestion()
    figures = []
    for place, (result, look) in enumerate(zip(results, looks(results), strict=True)):
        pulsed, levelled = _sorts(result)
        its = _of_one(result, pulsed, look=look, name=str(place), question=asked)
        # Figures of one page have names of their own, and SETs are counted where pulses are.
        name = f"{place}-levels" if pulsed else str(place)
        its += _of_one(result, levelled, look=look, name=name, question=asked)
        figures.append(its)
    return figures


def _of_one(
    result: Result, wear: Sequence[Wear], *, look: Look, name: str, question: EnduranceQuestion
) -> list[Figure]:
    """Figures of some arrays of a result, whose cells are all of one sort."""
    if not wear:
        return []
    result = attrs.evolve(result, wear=tuple(wear))
    # What wears these cells comes first, and is what their maps show.
    names = {"pulses": "Pulses", "resets": "Resets"}
    if wear[0].programmings is not None:
        names = {"programmings": "Programmings", "pulses": "SETs", "resets": "RESETs"}
    first = next(iter(names))
    figures = []
    maps = []
    for key, what in names.items():
        sheets = sheets_of(result, key)
        happened = _peak(sheets) > 0
        # That nothing was counted is shown once, by the first figure, and not by an empty one for each.
        if happened or key == first:
            marks = _marks(question) if key == "programmings" else {}
            figures.append(_histogram(sheets, look=look, name=f"{key}-{name}", what=what, marks=marks))
        if happened and key == first:
            maps.append(_maps(sheets, look=look, name=f"map-{name}", what=what))
    return figures + maps


def _peak(sheets: Sequence[Sheet]) -> int:
    return max(int(sheet.counts.max()) for sheet in sheets)


def _marks(question: EnduranceQuestion) -> dict[str, Any]:
    """Uprights at the thresholds: cells left of the first and right of the second are those counted."""
    # Between two whole numbers: a cell with exactly the threshold belongs to neither side.
    under, over = question.under - 0.5, question.over + 0.5
    note = {"yref": "paper", "y": 1, "yanchor": "top", "showarrow": False, "font": {"size": 12}}
    return {
        "shapes": [upright(place, color="@@edge", dash="dash") for place in (under, over)],
        "annotations": [
            {**note, "x": under, "text": f"under {question.under:,} ", "xanchor": "right"},
            {**note, "x": over, "text": f" over {question.over:,}", "xanchor": "left"},
        ],
    }


def _histogram(sheets: Sequence[Sheet], *, look: Look, name: str, what: str, marks: dict[str, Any]) -> Figure:
    # Bins are as wide for all arrays of a figure, or their heights would compare nothing.
    width = max(1, math.ceil((_peak(sheets) + 1) / _BINS))
    most = max(int(histogram_counts(sheet.counts, width=width).max()) for sheet in sheets)
    noun = what if what in _WRITTEN_LARGE else what.lower()
    # Most cells are worn little and few much: on a linear axis those that fail first would not be seen.
    # Plotly takes the ends of a logarithmic axis as exponents.
    ends = [math.log10(_FLOOR), math.log10(2 * most)]
    layout = {
        "xaxis": axis(f"{what} of a cell", rangemode="tozero"),
        "yaxis": axis("Cells", type="log", range=ends),
        **marks,
    }
    linear = {"yaxis.type": "linear", "yaxis.range": [0, 1.05 * most]}
    return Figure(
        name=name,
        title=f"{look.label}: {noun} per cell",
        data=[_steps(sheet, width=width, place=place) for place, sheet in enumerate(sheets)],
        layout=layout,
        options=(Option(label="log", layout={}), Option(label="linear", layout=linear)),
    )


def _steps(sheet: Sheet, *, width: int, place: int) -> dict[str, Any]:
    cells = histogram_counts(sheet.counts, width=width).tolist()
    middles, told = [], []
    for number, count in enumerate(cells):
        low, high = width * number, width * (number + 1) - 1
        middles.append((low + high) / 2)
        span = f"{low:,}"
        if width > 1:
            span += f" to {high:,}"
        told.append(f"{count:,} cells had {span}")
    # The two arrays of a pair have one colour, and are told apart by their dashes.
    in_pairs = sheet.name.endswith(("+", "-"))
    hue = (place // 2 if in_pairs else place) % _HUES
    line = {
        "shape": "hvh",
        "color": f"@@action-{hue}",
        "dash": "dot" if sheet.name.endswith("-") else "solid",
        "width": 2,
    }
    return {
        "type": "scatter",
        # A line of one point shows nothing.
        "mode": "lines+markers" if len(cells) == 1 else "lines",
        "name": text(sheet.name),
        "x": middles,
        # A logarithm of nothing would make a gap, where an empty bin is what is to be seen.
        "y": [count or _FLOOR for count in cells],
        "customdata": told,
        "line": line,
        "hovertemplate": "%{customdata}",
    }


def _maps(sheets: Sequence[Sheet], *, look: Look, name: str, what: str) -> Figure:
    """Small maps side by side with one scale of colours."""
    shown = _hottest(sheets)
    columns = min(_MAPS_IN_A_ROW, len(shown))
    rows = math.ceil(len(shown) / columns)
    layout: dict[str, Any] = {
        # One scale for all maps: the same colour is the same wear.
        "coloraxis": {"colorscale": "Viridis", "colorbar": {"title": {"text": what}, "thickness": 12}},
        "annotations": [],
        "hovermode": "closest",
        # Room for the numbers of rows, left of the maps, and for those of columns, below them.
        "margin": {"l": 16, "b": 12},
    }
    data = []
    for index, sheet in enumerate(shown):
        # Plotly calls the first pair of axes x and y, the next x2 and y2.
        number = "" if index == 0 else str(index + 1)
        row, column = divmod(index, columns)
        left, top = column / columns, 1 - row / rows
        across = [left + 0.14 / columns, left + 0.94 / columns]
        down = [top - 0.78 / rows, top - 0.1 / rows]
        layout[f"xaxis{number}"] = {"domain": across, "anchor": f"y{number}", **_NUMBERED}
        down_axis = {"domain": down, "anchor": f"x{number}", "autorange": "reversed"}
        layout[f"yaxis{number}"] = {**down_axis, **_NUMBERED}
        where = {"xref": "paper", "yref": "paper", "x": across[0], "y": down[1]}
        note = {**where, "showarrow": False, "xanchor": "left", "yanchor": "bottom", "font": {"size": 12}}
        layout["annotations"].append({**note, "text": text(sheet.name)})
        data.append(_map(sheet, number=number, noun=what.lower()))
    left_out = ""
    if len(shown) < len(sheets):
        left_out = f" The {len(shown)} hottest of {len(sheets)} arrays are shown."
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


def _hottest(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets with the most worn cells, in the order in which they lie on the chip."""
    by_peak = sorted(sheets, key=lambda sheet: int(sheet.counts.max()), reverse=True)
    hottest = by_peak[:_MOST_MAPS]
    return [sheet for sheet in sheets if sheet in hottest]


def _map(sheet: Sheet, *, number: str, noun: str) -> dict[str, Any]:
    high, wide = sheet.counts.shape
    blocks = blocks_of(sheet.counts)
    block_rows, block_columns = blocks.largest.shape
    down, across = high / block_rows, wide / block_columns
    means = np.round(blocks.sums / blocks.cells, 1)
    return {
        "type": "heatmap",
        "name": text(sheet.name),
        "z": blocks.largest.tolist(),
        "customdata": means.tolist(),
        # A dot stands over the middle of its block, so that axes have the numbers of rows and columns.
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
