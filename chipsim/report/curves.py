"""Figures over the course of training: accuracy, and how often cells are updated."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from chipsim.report.figure import Figure, Look, Option, axis, axis_unit, log_axis, looks, text, upright
from chipsim.report.forgetting import trained_tasks
from chipsim.report.nested import nested_lines
from chipsim.report.waiting import waiting_figures
from chipsim.result import EpochRow, Result, Wear
from chipsim.result.extent import counts_samples
from chipsim.result.metrics import tasks_of
from chipsim.result.places import frozen_tiles, groups_by_tile, tile_of
from chipsim.units import ENERGY, TIME, show

__all__ = ["accuracy_figures", "pair_of", "update_figure"]

_PAIR_DASHES = {"coarse": "solid", "pair": "solid", "fine": "dot"}
_GROUP_DASHES: Final = ("solid", "dot", "dash", "dashdot", "longdash", "longdashdot")
"""Of the lines of a chip on which several groups of tiles learn."""
_FEW_EPOCHS = 15
_OF_TASKS = "Accuracy is that of the task that the epoch trained; lines break where the task changes."
_SWITCHED = "Dashed upright: the selector switched."
_LOG_FIRST = (
    Option(label="log", layout={"xaxis.type": "log"}),
    # Ticks of a logarithmic axis crowd at the start of a linear one.
    Option(label="linear", layout={"xaxis.type": "linear", "xaxis.tickmode": "auto"}),
)
_LINEAR_FIRST = (
    Option(label="linear", layout={"yaxis.type": "linear"}),
    Option(label="log", layout={"yaxis.type": "log"}),
)


def accuracy_figures(results: Sequence[Result]) -> list[Figure]:
    """Test accuracy against epochs, on-chip time, joules and waiting time, all results in each."""
    styles = looks(results)
    time = _against_cost(
        results, styles, name="time", what="Time on chip", of=lambda row: row.simulated_time_ps
    )
    energy = _against_cost(results, styles, name="energy", what="Energy", of=lambda row: row.energy_aj)
    figures = [_against_epochs(results, styles), time, energy]
    # Where every epoch is a pass over the same data, epochs say as much.
    if any(map(counts_samples, results)):
        figures.insert(1, _against_samples(results, styles))
    return [*figures, *waiting_figures(results)]


def _against_epochs(results: Sequence[Result], styles: Sequence[Look]) -> Figure:
    tested, trained = [], []
    for result, style in zip(results, styles, strict=True):
        tested.append(_line(result, style, value=lambda row: row.epoch))
        trained.append(_training(result, style))
    shapes, notes = _switches(results, styles)
    caption = ["Strong: test. Faint: training, each sample before its own update."]
    if tasks_of(results):
        caption.append(_OF_TASKS)
    if shapes:
        caption.append(_SWITCHED)
    tested, lying = nested_lines(tested)
    caption += [lying] if lying else []
    layout = {
        "xaxis": _epoch_axis(results),
        "yaxis": axis("Accuracy [%]"),
        "shapes": shapes,
        "annotations": notes,
    }
    return Figure(
        name="accuracy-epochs",
        title="Accuracy against epochs",
        caption=" ".join(caption),
        data=tested + trained,
        layout=layout,
        wide=True,
    )


def _epoch_axis(results: Sequence[Result]) -> dict[str, Any]:
    """An axis of whole epochs: every one marked while they are few."""
    last = max((row.epoch for result in results for row in result.epochs), default=0)
    # Left to itself, plotly marks halves and fifths of few epochs, where nothing was measured.
    few = {"dtick": 1} if last <= _FEW_EPOCHS else {}
    return axis("Epoch", tickformat="d", **few)


def _against_samples(results: Sequence[Result], styles: Sequence[Look]) -> Figure:
    data = [
        _line(result, style, value=lambda row: row.samples)
        for result, style in zip(results, styles, strict=True)
    ]
    data, lying = nested_lines(data)
    caption = [_OF_TASKS if tasks_of(results) else "", lying]
    return Figure(
        name="accuracy-samples",
        title="Accuracy against training samples",
        caption=" ".join(filter(None, caption)),
        data=data,
        layout={"xaxis": axis("Training samples"), "yaxis": axis("Test accuracy [%]")},
    )


def _against_cost(
    results: Sequence[Result], styles: Sequence[Look], *, name: str, what: str, of: Callable[[EpochRow], int]
) -> Figure:
    largest = max((of(row) for result in results for row in result.epochs), default=0)
    unit, scale = axis_unit(largest, TIME if name == "time" else ENERGY)
    data = [
        _line(result, style, value=lambda row: of(row) / scale)
        for result, style in zip(results, styles, strict=True)
    ]
    data, lying = nested_lines(data)
    leaks = any(row.known for result in results for row in result.leakage)
    # Nobody knows of an epoch what leaked in it: leakage is settled once, at the end of a run.
    without = "Energy of epochs is without leakage." if name == "energy" and leaks else ""
    caption = [_OF_TASKS if tasks_of(results) else "", lying, without]
    places = [of(row) / scale for result in results for row in result.epochs]
    layout = {
        # Chips differ by orders of magnitude in time and energy: a linear axis has all but one at its start.
        "xaxis": log_axis(f"{what} [{unit}]", places),
        "yaxis": axis("Test accuracy [%]"),
    }
    return Figure(
        name=f"accuracy-{name}",
        title=f"Accuracy against {what.lower()}",
        caption=" ".join(filter(None, caption)),
        data=data,
        layout=layout,
        options=_LOG_FIRST,
    )


def _broken(result: Result) -> list[EpochRow | None]:
    """The epochs, with None between two that trained different tasks, which no line shall join."""
    trained = trained_tasks(result)
    rows: list[EpochRow | None] = []
    for row in result.epochs:
        if rows and trained.get(row.epoch) != trained.get(row.epoch - 1):
            rows.append(None)
        rows.append(row)
    return rows


def _line(result: Result, style: Look, *, value: Callable[[EpochRow], float | None]) -> dict[str, Any]:
    # Plotly breaks a line at a point without a number.
    rows = _broken(result)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": text(style.label),
        "x": [row and value(row) for row in rows],
        "y": [row and row.test_accuracy_percent for row in rows],
        "line": {"color": style.color, "dash": style.dash, "width": 2.5},
        "marker": {"color": style.color, "symbol": style.symbol, "size": 7},
        "customdata": [row and _under_pointer(row) for row in rows],
        "hovertemplate": "%{y:.2f} % after epoch %{customdata[0]}<br>%{customdata[1]}, %{customdata[2]}"
        "<br>updating %{customdata[3]}",
    }


def _under_pointer(row: EpochRow) -> list[int | str]:
    """What is told of an epoch, in the order of the places that the template names."""
    time = show(row.simulated_time_ps, TIME)
    energy = show(row.energy_aj, ENERGY)
    return [row.epoch, time, energy, text(row.target)]


def _training(result: Result, style: Look) -> dict[str, Any]:
    rows = _broken(result)
    # Without an entry in the legend: a chip's training curve has the colour of its test curve, which has one.
    return {
        "type": "scatter",
        "mode": "lines",
        "name": text(f"{style.label}, training"),
        "showlegend": False,
        "x": [row and row.epoch for row in rows],
        "y": [row and row.train_accuracy_percent for row in rows],
        "line": {"color": style.color, "dash": style.dash, "width": 1},
        "opacity": 0.55,
        "hovertemplate": "%{y:.2f} % training",
    }


def switch_place(result: Result) -> float | None:
    """Where on an axis of epochs the selector switched: half an epoch after the last of the old pair."""
    # A selector decides between two epochs, so the upright stands between their points.
    for before, after in itertools.pairwise(result.epochs):
        if before.target != after.target:
            return before.epoch + 0.5
    return None


def _switches(results: Sequence[Result], styles: Sequence[Look]) -> tuple[list[Any], list[Any]]:
    """An upright line and a word for each result whose selector switched."""
    shapes, notes = [], []
    for result, style in zip(results, styles, strict=True):
        place = switch_place(result)
        if place is None:
            continue
        shapes.append(upright(place, color=style.color, dash="dash"))
        font = {"color": style.color, "size": 12}
        # At the foot of the drawing, for curves of accuracy end at its top.
        where = {"x": place, "y": 0.02, "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        notes.append({**where, "showarrow": False, "text": " switched", "font": font})
    return shapes, notes


def pair_of(array: str) -> str:
    """The pair that an array belongs to, from its name.

    Examples
    --------
    >>> pair_of("tile0.coarse+"), pair_of("tile1.pair-")
    ('coarse', 'pair')
    """
    return array.rpartition(".")[2].rstrip("+-") or array


def update_figure(results: Sequence[Result]) -> Figure | None:
    """How many of its cells one training sample updates, by epoch, a line for each pair of each chip."""
    styles = looks(results)
    data: list[dict[str, Any]] = []
    for result, style in zip(results, styles, strict=True):
        data += _update_lines(result, style)
    if not data:
        return None
    data, lying = nested_lines(data)
    shapes, notes = _switches(results, styles)
    caption = [_update_caption(results), _SWITCHED if shapes else "", lying]
    layout = {
        "xaxis": _epoch_axis(results),
        "yaxis": axis(f"Cells updated by a {_updater(results)} [%]", rangemode="tozero"),
        "shapes": shapes,
        "annotations": notes,
    }
    return Figure(
        name="updates",
        title="Update frequency",
        caption=" ".join(filter(None, caption)),
        data=data,
        layout=layout,
        options=_LINEAR_FIRST,
        wide=True,
    )


def _updater(results: Sequence[Result]) -> str:
    """Pulses follow every sample; levels are programmed after every step of a whole batch."""
    by_levels = {_by_levels(learning) for learning in map(_learning, results) if learning}
    words = {False: "sample", True: "step"}
    return " or ".join(word for levels, word in words.items() if levels in by_levels)


def _update_caption(results: Sequence[Result]) -> str:
    told = {
        "sample": "Cells that got at least one pulse from a sample, over the cells of the pair: "
        "the mean of all samples of an epoch.",
        "step": "Cells that a step programmed, over all cells: the mean of all steps.",
    }
    return " ".join(told[word] for word in _updater(results).split(" or "))


_Part: TypeAlias = tuple[str, str]
"""A group of tiles, and the pair of its synapses: what a line is about."""


def _learning(result: Result) -> tuple[Wear, ...]:
    """The arrays of layers that learn: those of frozen ones are never updated, and are no part of a mean."""
    frozen = frozen_tiles(result)
    return tuple(one for one in result.wear if tile_of(one.array) not in frozen)


def _by_levels(wear: Sequence[Wear]) -> bool:
    """Whether there are cells that learn, and they are programmed to levels."""
    return bool(wear) and all(one.programmings is not None for one in wear)


def _parts(result: Result, wear: Sequence[Wear]) -> dict[str, _Part]:
    """What each of these arrays is part of, by its name."""
    groups = groups_by_tile(result)
    # Arrays of two groups may be called alike, and hold cells that have nothing in common.
    return {one.array: (groups.get(tile_of(one.array), ""), pair_of(one.array)) for one in wear}


def _updates(result: Result, parts: Mapping[str, _Part]) -> dict[_Part, dict[int, int]]:
    """Updates of the arrays of each part, by epoch."""
    updates: dict[_Part, dict[int, int]] = {part: {} for part in parts.values()}
    for row in result.arrays:
        # Epoch 0 is the writing of initial weights, which no sample causes.
        if row.epoch == 0 or row.array not in parts:
            continue
        by_epoch = updates[parts[row.array]]
        by_epoch[row.epoch] = by_epoch.get(row.epoch, 0) + row.updates
    return updates


def _update_lines(result: Result, style: Look) -> list[dict[str, Any]]:
    learning = _learning(result)
    parts = _parts(result, learning)
    cells = dict.fromkeys(parts.values(), 0)
    for one in learning:
        cells[parts[one.array]] += int(one.pulses.size)
    updates = _updates(result, parts)
    by_levels = _by_levels(learning)
    times = _updates_in_an_epoch(result, by_levels=by_levels) or 1
    cause = "step" if by_levels else "sample"
    lines: list[dict[str, Any]] = []
    for place, (part, size) in enumerate(cells.items()):
        counts = dict(sorted(updates[part].items()))
        if not size or not counts:
            continue
        # Lines of one chip share its colour and marker, and are told apart by their dashes.
        dash = _PAIR_DASHES.get(part[1], style.dash)
        if len({group for group, _ in cells}) > 1:
            dash = _GROUP_DASHES[place % len(_GROUP_DASHES)]
        line: dict[str, Any] = {
            "type": "scatter",
            "mode": "lines+markers",
            "name": text(_line_name(style.label, part, parts=list(cells))),
            "x": list(counts),
            "y": [100 * count / (size * times) for count in counts.values()],
            "customdata": [f"{count:,}" for count in counts.values()],
            "line": {"color": style.color, "dash": dash, "width": 2.5},
            "marker": {"color": style.color, "symbol": style.symbol, "size": 7},
            "hovertemplate": f"%{{y:.3g}} % of the cells a {cause}<br>"
            "%{customdata} updates in epoch %{x}",
        }
        lines.append(line)
    return lines


def _line_name(label: str, part: _Part, *, parts: Sequence[_Part]) -> str:
    """The chip, with the group of tiles and the pair that the line is about, where there are several."""
    name = label
    for place, word in enumerate(part):
        if len({one[place] for one in parts}) > 1:
            name += f", {word}"
    return name


def _updates_in_an_epoch(result: Result, *, by_levels: bool) -> float | None:
    """How often an epoch may have updated a cell: once a sample, or once a step where cells have levels."""
    said = result.summary
    if not by_levels:
        samples: int | None = said.get("epoch_samples") or said.get("train_samples")
        return samples
    return (said.get("steps") or 0) / (said.get("epochs_run") or 1)
