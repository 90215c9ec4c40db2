"""What the study of frozen layers came to, as a file of figures, drawings, and tables in a README."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from vgg16_cells import LEVEL_SETS, Cells
from vgg16_forward import LAYERS

from chipsim.errors import OutputError
from chipsim.report.exporting import drawn
from chipsim.report.figure import Figure, axis, log_axis
from chipsim.result.metrics import MISSING

__all__ = ["tell"]

NAME = "frozen-layers"
_COLUMNS = (
    "levels", "values", "scaling", "spread_percent", "draw", "biases", "cosine_of_features", "features_at_zero_percent",
    "weights_at_zero_percent", "weights_beyond_the_outermost_percent", "error_of_weights_percent",
)  # fmt: skip
_ACCURACIES = ("floating-all", "floating", "own")
"""What last layers were trained on, in the order of columns."""
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down")


def tell(rows: Sequence[Mapping[str, Any]], report: Path, *, each: int, late: str) -> None:
    """Write the CSV, the drawings, and what stands between the marks of the README.

    Parameters
    ----------
    rows
        What each configuration came to, floating point first.
    report
        The folder of the report.
    each
        Photographs of a class that were trained on, and that were tested.
    late
        The layer whose levels are told one by one.
    """
    _write_csv(rows, report / f"{NAME}.csv")
    pictures = [
        (NAME, _accuracy_figure(rows), "Accuracy against the spread of levels"),
        (f"{NAME}-levels", _levels_figure(rows, late), f"Share of the weights of {late} at each level"),
    ]
    lead = (
        f"Accuracies in percent, of {17 * each} photographs that no layer was trained on, with the standard deviation "
        f"over three seeds of the last layer. Figures of all configurations: [{NAME}.csv]({NAME}.csv)"
    )
    heads = (
        "trained on floating point, 60 a class",
        f"on floating point, {each} a class",
        f"on the chip's own features, {each} a class",
    )
    tables = [_scaling_table(rows, heads), _spread_table(rows, heads), _late_table(rows, late)]
    told = [lead, *tables]
    for name, figure, title in pictures:
        if _draw(figure, report / f"{name}.svg"):
            told.append(f"![{title}]({name}.svg)")
    readme = report / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(_MAKE.filled(text, NAME, "\n\n".join(told)), encoding="utf-8")
    sys.stdout.write(f"report: {readme}, {NAME}\n")


def _make() -> Any:
    """The script that makes the other tables of reports, which is in no package."""
    file = Path(__file__).parents[1] / "reports" / "make.py"
    spec = importlib.util.spec_from_file_location("reports_make", file)
    assert spec is not None, "it stands in the same repository"
    assert spec.loader is not None, "it is a file"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_MAKE = _make()


# --- figures of a configuration ----------------------------------------------------------------------


def _mean(shares: Mapping[str, float], weights: Mapping[str, int]) -> float:
    """Of all layers, each by its number of weights, in percent."""
    total = sum(weights.values())
    return 100 * sum(shares[name] * count for name, count in weights.items()) / total


def _sizes() -> dict[str, int]:
    """Weights of each layer of the network."""
    channels = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
    pairs = itertools.pairwise(channels)
    return {name: 9 * before * after for name, (before, after) in zip(LAYERS, pairs, strict=True)}


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    """By the names of the columns of the CSV."""
    cells, found = row["cells"], dict.fromkeys(_COLUMNS, "")
    found |= {"cosine_of_features": row["cosine"], "features_at_zero_percent": 100 * row["silent"]}
    if cells is None:
        return found | {"levels": "floating point"}
    sizes = _sizes()
    errors = {name: error**2 for name, error in row["weight_error"].items()}
    # Of the mean of the layers: each is as important, however few weights it has.
    error = 100 * float(np.sqrt(np.mean(list(errors.values()))))
    return found | {
        "levels": cells.levels,
        "values": len(LEVEL_SETS[cells.levels].levels),
        "scaling": cells.scaled,
        "spread_percent": 100 * cells.spread,
        "draw": cells.draw,
        "biases": cells.biases,
        "weights_at_zero_percent": _mean(row["zero"], sizes),
        "weights_beyond_the_outermost_percent": _mean(row["clipped"], sizes),
        "error_of_weights_percent": error,
    }


def _write_csv(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    trained = [f"{name}{part}" for name in _ACCURACIES for part in ("", " train")]
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        ends = [f"{name.replace(' ', '_')}_seed{seed}" for name in trained for seed in range(3)]
        writer.writerow([*_COLUMNS, *ends])
        for row in rows:
            figures = [_plain(value) for value in _figures(row).values()]
            accuracies = [_plain(value) for name in trained for value in row[name]]
            writer.writerow([*figures, *accuracies])


def _plain(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _shown(values: Sequence[float]) -> str:
    """Mean and standard deviation over seeds."""
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"


def _accuracies(row: Mapping[str, Any]) -> list[str]:
    return [_shown(row[name]) for name in _ACCURACIES]


# --- tables ------------------------------------------------------------------------------------------


def _scaling_table(rows: Sequence[Mapping[str, Any]], heads: Sequence[str]) -> str:
    """Levels and ways to scale them, of cells without spread."""
    head = (
        "levels",
        "values",
        "scaled by",
        "biases",
        "weights at zero",
        "weights beyond the outermost level",
    )
    head += ("error of weights", "cosine of features", *heads)
    order = list(LEVEL_SETS)
    lines = []
    for row in rows:
        cells = row["cells"]
        if cells is None:
            lines.append((-1, "", "", ("floating point", *[MISSING] * 6, "1.000", *_accuracies(row))))
        elif not cells.spread:
            lines.append((order.index(cells.levels), cells.biases, cells.scaled, _scaling_row(row)))
    # The set with the most values first, biases in the digital unit before those in cells.
    lines.sort(key=lambda line: (line[0] >= 0, -line[0], line[1] == "cells", _scaling_order(line[2])))
    return _MAKE.table(head, [line[3] for line in lines])


def _scaling_order(scaled: str) -> tuple[int, float]:
    words = scaled.split()
    if words[-1:] == ["deviations"]:
        return 1, float(words[0])
    return (0 if scaled == "least-squares" else 2), 0.0


def _scaling_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    figures = _figures(row)
    percents = ("weights_at_zero_percent", "weights_beyond_the_outermost_percent", "error_of_weights_percent")
    told = [f"{figures[name]:.3g} %" for name in percents]
    values = str(figures["values"])
    return (
        figures["levels"], values, figures["scaling"], figures["biases"], *told, f"{row['cosine']:.3f}",
        *_accuracies(row),
    )  # fmt: skip


def _spread_table(rows: Sequence[Mapping[str, Any]], heads: Sequence[str]) -> str:
    """Spreads of the levels, of what was spread."""
    head = ("levels", "scaled by", "spread of levels", "draws", "error of weights", "cosine of features")
    lines = []
    for levels, scaled, spread in _spreads(rows):
        its = [row for row in rows if _key(row["cells"]) == (levels, scaled, spread)]
        figures = [_figures(row) for row in its]
        error = np.mean([one["error_of_weights_percent"] for one in figures])
        cosine = np.mean([row["cosine"] for row in its])
        # The spread of seeds and of draws together: both are what another chip would differ by.
        ends = [_shown([value for row in its for value in row[name]]) for name in _ACCURACIES]
        told = (f"{100 * spread:g} %", str(len(its)), f"{error:.3g} %", f"{cosine:.3f}")
        lines.append((levels, scaled, *told, *ends))
    return _MAKE.table((*head, *heads), lines)


def _key(cells: Cells | None) -> tuple[str, str, float]:
    """What draws of a spread have in common; of floating point, and of biases in cells, nothing."""
    if cells is None or cells.biases != "digital":
        return "", "", 0.0
    return cells.levels, cells.scaled, cells.spread


def _spreads(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, float]]:
    """Levels, ways to scale them, and their spreads, ascending, of those that have any."""
    keys = {_key(row["cells"]) for row in rows}
    spread = {key[:2] for key in keys if key[2]}
    return sorted(key for key in keys if key[:2] in spread)


def _late_rows(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Ways to scale the largest set of levels, without spread, biases kept apart."""
    most = list(LEVEL_SETS)[-1]
    its = [
        row
        for row in rows
        if row["cells"] and row["cells"].levels == most and not row["cells"].spread
        and row["cells"].biases == "digital"
    ]  # fmt: skip
    return sorted(its, key=lambda row: _scaling_order(row["cells"].scaled))


def _late_table(rows: Sequence[Mapping[str, Any]], late: str) -> str:
    """Where the weights of a late layer come to lie by the way that it is scaled."""
    head = (
        f"{late}, 1 : 3 : 8 : 12, scaled by", "the outermost level stands for", "at zero", "at one unit of either sign",
        "at 2 and 3", "at 4 to 8", "at 9 to 11", "at the outermost, 12", "share that lay beyond it",
    )  # fmt: skip
    lines = []
    for row in _late_rows(rows):
        shares = {round(12 * abs(level)): 0.0 for level, _ in row["late"]}
        for level, share in row["late"]:
            shares[round(12 * abs(level))] += 100 * share
        bands = ((0, 0), (1, 1), (2, 3), (4, 8), (9, 11), (12, 12))
        sums = [sum(share for unit, share in shares.items() if low <= unit <= high) for low, high in bands]
        told = [f"{one:.3g} %" for one in (*sums, 100 * row["clipped"][late])]
        lines.append((row["cells"].scaled, f"{row['factors'][late]:.4f}", *told))
    return _MAKE.table(head, lines)


# --- drawings ----------------------------------------------------------------------------------------


def _trace(place: int, name: str, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    across, up = [list(values) for values in zip(*points, strict=True)] if points else ([], [])
    look = {"color": f"@@series-{place % len(_SYMBOLS)}"}
    marker = look | {"symbol": _SYMBOLS[place % len(_SYMBOLS)]}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": across,
        "y": up,
        "line": look,
        "marker": marker,
    }


def _accuracy_figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Accuracy against the spread, of what was spread."""
    data: list[dict[str, Any]] = []
    named = {"floating-all": "trained on floating point", "own": "trained on the chip"}
    for levels, scaled in dict.fromkeys(key[:2] for key in _spreads(rows)):
        for name, words in named.items():
            points = []
            for spread in (key[2] for key in _spreads(rows) if key[:2] == (levels, scaled)):
                its = [row for row in rows if _key(row["cells"]) == (levels, scaled, spread)]
                mean = np.mean([value for row in its for value in row[name]])
                points.append((100 * spread, float(mean)))
            data.append(_trace(len(data), f"{levels}, {scaled}, {words}", points))
    across = axis("Spread of levels [%]")
    up = axis("Accuracy on new photographs [%]", rangemode="tozero")
    return Figure(name=NAME, title="", data=data, layout={"xaxis": across, "yaxis": up})


def _levels_figure(rows: Sequence[Mapping[str, Any]], late: str) -> Figure:
    """Shares of the levels of a late layer, by the way that it is scaled."""
    data = []
    values: list[float] = []
    for place, row in enumerate(_late_rows(rows)):
        points = [(12 * level, 100 * share) for level, share in row["late"] if share]
        values += [share for _, share in points]
        data.append(_trace(place, row["cells"].scaled, points))
    across, up = axis(f"Weight of {late} [units of 1 : 3 : 8 : 12]"), log_axis("Share of weights [%]", values)
    return Figure(name=f"{NAME}-levels", title="", data=data, layout={"xaxis": across, "yaxis": up})


def _draw(figure: Figure, file: Path) -> bool:
    """Write a drawing, where it can be drawn."""
    try:
        file.write_bytes(drawn(figure, "svg", width=6.5))
    except OutputError as error:
        sys.stdout.write(f"{file}: not drawn ({error})\n")
        return False
    return True
