"""Figures over the course of training: accuracy, and how often cells are updated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chipsim.report.figure import Figure, Look, Option, axis_unit, looks, text
from chipsim.report.forgetting import trained_tasks
from chipsim.result import EpochRow, Result
from chipsim.result.metrics import programmed, tasks_of
from chipsim.units import ENERGY, TIME, show

__all__ = ["accuracy_figures", "pair_of", "update_figure"]

_PAIR_DASHES = {"coarse": "solid", "pair": "solid", "fine": "dot"}
_FEW_EPOCHS = 15
_OF_TASKS = "Accuracy is that of the task that the epoch trained; lines break where the task changes."
_LOG = (
    Option(label="linear", layout={"xaxis.type": "linear"}),
    Option(label="log", layout={"xaxis.type": "log"}),
)


def accuracy_figures(results: Sequence[Result]) -> list[Figure]:
    """Test accuracy against epochs, on-chip time and joules, all results in each."""
    styles = looks(results)
    return [
        _against_epochs(results, styles),
        _against_cost(
            results, styles, name="time", axis="Time on chip", of=lambda row: row.simulated_time_ps
        ),
        _against_cost(results, styles, name="energy", axis="Energy", of=lambda row: row.energy_aj),
    ]


def _against_epochs(results: Sequence[Result], styles: Sequence[Look]) -> Figure:
    pairs = list(zip(results, styles, strict=True))
    of_tasks = f" {_OF_TASKS}" if tasks_of(results) else ""
    shapes, notes = _switches(results, styles)
    return Figure(
        name="accuracy-epochs",
        title="Accuracy against epochs",
        caption="Strong: test. Faint: training, each sample before its own update."
        + of_tasks
        + (" Dashed upright: the selector switched." if shapes else ""),
        data=[_line(result, style, value=lambda row: row.epoch) for result, style in pairs]
        + [_training(result, style) for result, style in pairs],
        layout={
            "xaxis": _epoch_axis(results),
            "yaxis": {"title": {"text": "Accuracy [%]"}},
            "shapes": shapes,
            "annotations": notes,
        },
        wide=True,
    )


def _epoch_axis(results: Sequence[Result]) -> dict[str, Any]:
    """An axis of whole epochs: every one marked while they are few."""
    last = max((row.epoch for result in results for row in result.epochs), default=0)
    few = {"dtick": 1} if last <= _FEW_EPOCHS else {}
    return {"title": {"text": "Epoch"}, "tickformat": "d", **few}


def _against_cost(
    results: Sequence[Result], styles: Sequence[Look], *, name: str, axis: str, of: Callable[[EpochRow], int]
) -> Figure:
    largest = max((of(row) for result in results for row in result.epochs), default=0)
    unit, scale = axis_unit(largest, TIME if name == "time" else ENERGY)
    return Figure(
        name=f"accuracy-{name}",
        title=f"Accuracy against {axis.lower()}",
        caption=_OF_TASKS if tasks_of(results) else "",
        data=[
            _line(result, style, value=lambda row: of(row) / scale)
            for result, style in zip(results, styles, strict=True)
        ],
        layout={
            "xaxis": {"title": {"text": f"{axis} [{unit}]"}, "type": "log"},
            "yaxis": {"title": {"text": "Test accuracy [%]"}},
        },
        options=_LOG[::-1],
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


def _line(result: Result, style: Look, *, value: Callable[[EpochRow], float]) -> dict[str, Any]:
    rows = _broken(result)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": text(style.label),
        "x": [row and value(row) for row in rows],
        "y": [row and row.test_accuracy_percent for row in rows],
        "line": {"color": style.color, "dash": style.dash, "width": 2.5},
        "marker": {"color": style.color, "symbol": style.symbol, "size": 7},
        "customdata": [
            row
            and [row.epoch, show(row.simulated_time_ps, TIME), show(row.energy_aj, ENERGY), text(row.target)]
            for row in rows
        ],
        "hovertemplate": "%{y:.2f} % after epoch %{customdata[0]}<br>%{customdata[1]}, %{customdata[2]}"
        "<br>updating %{customdata[3]}",
    }


def _training(result: Result, style: Look) -> dict[str, Any]:
    rows = _broken(result)
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
    for before, after in zip(result.epochs, result.epochs[1:], strict=False):
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
        line = {"color": style.color, "dash": "dash", "width": 1.5}
        shapes.append(
            {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper", "line": line}
        )
        note = {
            "x": place,
            "y": 0.02,
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
        }
        notes.append({**note, "text": " switched", "font": {"color": style.color, "size": 12}})
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
    data = [
        line for result, style in zip(results, styles, strict=True) for line in _update_lines(result, style)
    ]
    if not data:
        return None
    shapes, notes = _switches(results, styles)
    return Figure(
        name="updates",
        title="Update frequency",
        caption=_update_caption(results) + (" Dashed upright: the selector switched." if shapes else ""),
        data=data,
        layout={
            "xaxis": _epoch_axis(results),
            "yaxis": {
                "title": {"text": f"Cells updated by a {_updater(results)} [%]"},
                "rangemode": "tozero",
            },
            "shapes": shapes,
            "annotations": notes,
        },
        options=(
            Option(label="linear", layout={"yaxis.type": "linear"}),
            Option(label="log", layout={"yaxis.type": "log"}),
        ),
        wide=True,
    )


def _updater(results: Sequence[Result]) -> str:
    """Pulses follow every sample; levels are programmed after every step of a whole batch."""
    kinds = {programmed(result) for result in results if result.wear}
    return " or ".join(word for levels, word in ((False, "sample"), (True, "step")) if levels in kinds)


def _update_caption(results: Sequence[Result]) -> str:
    told = {
        "sample": "Cells that got at least one pulse from a sample, over the cells of the pair: "
        "the mean of all samples of an epoch.",
        "step": "Cells that a step programmed, over all cells: the mean of all steps.",
    }
    return " ".join(told[word] for word in _updater(results).split(" or "))


def _update_lines(result: Result, style: Look) -> list[dict[str, Any]]:
    cells: dict[str, int] = {}
    for one in result.wear:
        cells[pair_of(one.array)] = cells.get(pair_of(one.array), 0) + int(one.pulses.size)
    updates: dict[tuple[str, int], int] = {}
    for row in result.arrays:
        # Epoch 0 is the writing of initial weights, which no sample causes.
        if row.epoch == 0:
            continue
        key = (pair_of(row.array), row.epoch)
        updates[key] = updates.get(key, 0) + row.updates
    said, levels = result.summary, programmed(result)
    times = (said.get("steps") or 0) / (said.get("epochs_run") or 1) if levels else said.get("train_samples")
    lines = []
    for pair, size in cells.items():
        epochs = sorted(epoch for name, epoch in updates if name == pair)
        if not size or not epochs:
            continue
        counts = [updates[pair, epoch] for epoch in epochs]
        lines.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": text(f"{style.label}, {pair}" if len(cells) > 1 else style.label),
                "x": epochs,
                "y": [100 * count / (size * (times or 1)) for count in counts],
                "customdata": [f"{count:,}" for count in counts],
                "line": {"color": style.color, "dash": _PAIR_DASHES.get(pair, style.dash), "width": 2.5},
                "marker": {"color": style.color, "symbol": style.symbol, "size": 7},
                "hovertemplate": f"%{{y:.3g}} % of the cells a {'step' if levels else 'sample'}"
                "<br>%{customdata} updates in epoch %{x}",
            }
        )
    return lines
