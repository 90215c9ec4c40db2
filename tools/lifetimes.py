"""Train chips again and again until worn cells cost accuracy: the runs, the tables and figures of reports/lifetime.

python tools/lifetimes.py [-o reports/lifetime]

Chips with cells that stick, two of them with windows that narrow as well; a few minutes of one core. What was simulated is kept
in lifetimes.csv beside the README.md, and what stands there with the same settings is not simulated again: tables and figures are made of it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Final, TypeAlias

import attrs

import chipsim
from chipsim.report.exporting import drawn
from chipsim.report.figure import Figure, axis, log_axis
from chipsim.result.endurance import endurance
from chipsim.run.lifetime import lifetime

DATA: Final = (
    "phases[*].dataset={name: mnist-5k, train: 1000, test: 1000}",
    "phases[*].epochs=2",
)
"""Two passes over a thousand images: a second or some of one core, of which each life takes a dozen."""
WEARS: Final = {
    "sticks": "{spread: 0.5, ends: high}",
    "narrows": "{spread: 0.5, ends: high, narrows: {upper: 0.2, lower: 0.2}}",
}
Life: TypeAlias = tuple[str, str, str, str]
"""Chip, wear and seed, and what else decides it."""
BELOW: Final = 90
"""Percent of the first training's accuracy that a chip is said to stand."""
LEAST: Final = 70
"""The same to which it is followed beyond that."""


@attrs.frozen
class Chip:
    """A chip, and how it is worn."""

    name: str
    endurance: int
    steps: dict[str, float]
    """Share of the cells, or of windows, between two trainings that are simulated."""
    most: int
    """Trainings that are simulated of a life at most."""
    seeds: tuple[int, ...] = (0, 1, 2)


CHIPS: Final = (
    Chip("single-pair", 10_000, {"sticks": 0.001, "narrows": 0.001}, 40),
    Chip("hybrid-synapse", 10_000, {"sticks": 0.001, "narrows": 0.001}, 40),
    Chip("plain-qnn", 1_000, {"sticks": 0.02}, 5),
)
HEADS: Final = (
    "chip", "wear", "seed", "training", "test_accuracy_percent", "worn_cells", "cells", "window_percent",
    "without_wear_percent", "drawn_extrapolated", "described_extrapolated", "expected_extrapolated", "settings",
)  # fmt: skip


def worn_as(chip: Chip, wear: str) -> tuple[str, ...]:
    """Overrides of a life."""
    return (*DATA, f"device.endurance={chip.endurance}", f"device.wear={WEARS[wear]}")


def settings(chip: Chip, wear: str) -> str:
    """What decides a life besides chip, wear and seed by name, as a digest: with others it is another one."""
    decides = (*worn_as(chip, wear), f"below={LEAST}", f"step={chip.steps[wear]}", f"most={chip.most}")
    return hashlib.sha256("\n".join(decides).encode()).hexdigest()[:12]


def lived(chip: Chip, wear: str, seed: int) -> list[dict[str, Any]]:
    """The trainings of one life, a row each, with what was extrapolated before."""
    worn = worn_as(chip, wear)
    found = lifetime(
        chip.name, "mnist-5k", sets=worn, seed=seed, below=LEAST, step=chip.steps[wear], most=chip.most
    )
    plain = chipsim.simulate(chip.name, "mnist-5k", sets=DATA, seed=seed, keep_state=False)
    told = endurance(chipsim.simulate(chip.name, "mnist-5k", sets=worn, seed=seed, keep_state=False))
    same = {
        "chip": chip.name, "wear": wear, "seed": seed, "drawn_extrapolated": found.extrapolated,
        "without_wear_percent": plain.epochs[-1].test_accuracy_percent,
        "described_extrapolated": told.all.trainings,
        "expected_extrapolated": None if told.spread is None else told.spread.share,
        "settings": settings(chip, wear),
    }  # fmt: skip
    return [
        same | {
            "training": one.number, "test_accuracy_percent": one.test_accuracy_percent,
            "worn_cells": one.worn_cells, "cells": one.cells, "window_percent": one.window_percent,
        }
        for one in found.trainings
    ]  # fmt: skip


def lives_in(file: Path) -> Iterator[list[dict[str, str]]]:
    """The lives of a file, each its trainings in order; those missing, or of other settings, are simulated."""
    kept = kept_in(file)
    for chip in CHIPS:
        for wear in chip.steps:
            for seed in chip.seeds:
                life = (chip.name, wear, str(seed), settings(chip, wear))
                if life not in kept:
                    kept[life] = added(file, lived(chip, wear, seed))
                    print(*life, len(kept[life]), "trainings", flush=True)
                yield kept[life]


def kept_in(file: Path) -> dict[Life, list[dict[str, str]]]:
    """The lives of a file that still are wanted; all others are struck off it."""
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines())) if file.is_file() else []
    wanted = {
        (chip.name, wear, str(seed), settings(chip, wear))
        for chip in CHIPS
        for wear in chip.steps
        for seed in chip.seeds
    }
    kept: dict[Life, list[dict[str, str]]] = {}
    for row in rows:
        # Rows from before settings were kept have none, and are of nobody knows which.
        life = (row["chip"], row["wear"], row["seed"], row.get("settings") or "")
        if life in wanted:
            kept.setdefault(life, []).append(row)
    if len(rows) > sum(map(len, kept.values())):
        file.unlink()
        for life_rows in kept.values():
            added(file, life_rows)
    return kept


def added(file: Path, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Append rows to a file, whole lives at a time; as they are read back."""
    fresh = not file.is_file()
    with file.open("a", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEADS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerows(rows)
    return [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]


def accuracy(row: dict[str, str]) -> float:
    """Of the test images, percent."""
    return float(row["test_accuracy_percent"])


def failed(row: dict[str, str]) -> float:
    """Share of the cells that were worn out, percent."""
    return 100 * int(row["worn_cells"]) / int(row["cells"])


def stood(life: Sequence[dict[str, str]]) -> int | None:
    """Trainings before the first that is told to fall below; None where none does."""
    first = accuracy(life[0])
    for row in life:
        if accuracy(row) < first * BELOW / 100:
            return int(row["training"]) - 1
    return None


def summed(values: Iterable[float]) -> str:
    """Mean and standard deviation of some seeds."""
    found = list(values)
    if len(found) == 1:
        return f"{found[0]:,.0f}" if found[0] >= 100 else f"{found[0]:.1f}"
    if max(found) >= 100:
        return f"{mean(found):,.0f} ± {stdev(found):,.0f}"
    return f"{mean(found):.1f} ± {stdev(found):.1f}"


def line(lives: Sequence[Sequence[dict[str, str]]]) -> tuple[str, ...]:
    """A chip and its wear in the table, over its seeds."""
    first = lives[0][0]
    ends = [stood(life) for life in lives]
    known = [float(end) for end in ends if end is not None]
    told = f"more than {min(int(life[-1]['training']) for life in lives):,}"
    if len(known) == len(ends):
        told = summed(known)
    elif known:
        told = ", ".join("none" if end is None else f"{end:,}" for end in ends)
    same = all(accuracy(life[0]) == float(life[0]["without_wear_percent"]) for life in lives)
    return (
        first["chip"],
        first["wear"],
        str(len(lives)),
        summed(float(life[0]["without_wear_percent"]) for life in lives),
        f"{summed(accuracy(life[0]) for life in lives)}{', the same' if same else ''}",
        summed(float(life[0]["drawn_extrapolated"]) for life in lives),
        summed(float(life[0]["expected_extrapolated"]) for life in lives),
        summed(float(life[0]["described_extrapolated"]) for life in lives),
        told,
    )


def at_one_percent(lives: Sequence[Sequence[dict[str, str]]]) -> tuple[str, ...] | None:
    """What the first training with a hundredth of the cells failed is worse by; None where one has none."""
    found = [next((row for row in life if failed(row) >= 1), None) for life in lives]
    rows = [row for row in found if row is not None]
    if len(rows) < len(lives):
        return None
    lost = [accuracy(life[0]) - accuracy(row) for life, row in zip(lives, rows, strict=True)]
    return (
        rows[0]["chip"],
        summed(failed(row) for row in rows),
        summed(accuracy(life[0]) for life in lives),
        summed(accuracy(row) for row in rows),
        f"{summed(lost)} ({', '.join(f'{one:.1f}' for one in lost)})",
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def figure(lives: Sequence[Sequence[dict[str, str]]], *, name: str) -> Figure:
    """Accuracy, or what is gone of cells and windows, over trainings by what the first extrapolates to."""
    data, every = [], []
    chips = [chip.name for chip in CHIPS]
    for life in lives:
        first, wear = life[0], life[0]["wear"]
        times = [int(row["training"]) / int(first["drawn_extrapolated"]) for row in life]
        every += times
        if name == "accuracy":
            y = [100 * accuracy(row) / accuracy(first) for row in life]
        else:
            y = [failed(row) if wear == "sticks" else 100 - float(row["window_percent"]) for row in life]
        data.append({
            "type": "scatter", "mode": "lines+markers", "x": times, "y": y,
            "name": f"{first['chip']}, {wear}", "showlegend": first["seed"] == "0",
            "line": {"color": f"@@series-{chips.index(first['chip'])}", "dash": "solid" if wear == "sticks" else "dash"},
            "marker": {"symbol": "circle" if wear == "sticks" else "square", "size": 4},
        })  # fmt: skip
    titles = {"accuracy": "Accuracy, % of the first training's", "worn": "Cells stuck, or window gone, %"}
    layout = {
        "xaxis": log_axis("Trainings, over those that take 1 % of the cells past their endurance", every),
        "yaxis": axis(titles[name]),
    }
    return Figure(name=name, title=titles[name], data=data, layout=layout)


def filled(text: str, name: str, content: str) -> str:
    """A README with what stands between two marks replaced."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}{content}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    """Simulate what is missing, and tell all of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", type=Path, default=Path("reports/lifetime"), dest="report")
    report = parser.parse_args().report
    lives = list(lives_in(report / "lifetimes.csv"))
    groups = itertools.groupby(lives, lambda life: (life[0]["chip"], life[0]["wear"]))
    together = [list(group) for _, group in groups]
    for name in ("accuracy", "worn"):
        (report / f"{name}.svg").write_bytes(drawn(figure(lives, name=name), "svg", width=6.5))
    readme = report / "README.md"
    text = readme.read_text(encoding="utf-8")
    heads = (
        "chip", "wear", "seeds", "accuracy without wear, %", "in the first training, %", "trainings until 1 % of cells are past their endurance, as drawn",
        "to be expected", "with one endurance for all", f"trainings that end at {BELOW} % of the first one's accuracy",
    )  # fmt: skip
    text = filled(text, "lives", table(heads, map(line, together)))
    worse = [row for row in map(at_one_percent, together) if row is not None]
    heads = ("chip", "cells stuck, %", "first training, %", "with these, %", "lost, points (by seed)")
    readme.write_text(filled(text, "stuck", table(heads, worse)), encoding="utf-8")


if __name__ == "__main__":
    main()
