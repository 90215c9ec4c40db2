"""``chipsim endurance``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from chipsim.cli.asking import read_question
from chipsim.cli.reporting import end_incomplete, load_runs
from chipsim.cli.screen import put, screen, table
from chipsim.errors import OutputError
from chipsim.report.endured import (
    HEADS,
    count_names,
    few_groups,
    group_cells,
    left_out_sentence,
    resets_sentence,
    shares_sentence,
    stands_sentence,
)
from chipsim.result import Result
from chipsim.result.endurance import CellWear, Endurance, EnduranceQuestion, endurance
from chipsim.result.extent import marked, stopped_after
from chipsim.result.labels import labels
from chipsim.result.wear import COUNTS

__all__ = ["show_endurance"]


def show_endurance(folders: Sequence[Path], *, share: str, by: str | None, **asked: Any) -> None:
    """Print how worn the cells of saved runs are.

    Raises
    ------
    click.BadParameter
        When the share is none.
    OutputError
        When no folder holds a result that can be read, or in none of the runs cells wore; then nothing is
        printed.
    """
    question = read_question(share, **asked)
    loaded = load_runs(folders)
    told = _told(loaded.runs, question, by=by)
    console, results = screen(), [result for result, _, _ in told]
    names = [marked(name, result) for name, result in zip(labels(results), results, strict=True)]
    found = [one for _, one, _ in told]
    for name, (result, one, rows) in zip(names, told, strict=True):
        put(console, _group_table(name, rows, one))
        console.print()
        if one.hottest:
            put(console, _hottest_table(one), keys=3)
            console.print()
        click.echo(f"Counted are {one.count}: {COUNTS[one.count]}.")
        sentences = (
            shares_sentence(one),
            stands_sentence(one, stopped=stopped_after(result)),
            resets_sentence(one),
            left_out_sentence(one),
        )
        click.echo("\n".join(filter(None, sentences)) + "\n")
    if len(found) > 1:
        put(console, _runs_table(names, found))
        console.print()
    end_incomplete(loaded)


def _told(
    runs: Sequence[tuple[Path, Result]], question: EnduranceQuestion, *, by: str | None
) -> list[tuple[Result, Endurance, tuple[CellWear, ...]]]:
    """The runs with their groups; of several, those without what is asked for are left out, and named."""
    told, refused = [], list[OutputError]()
    for place, result in runs:
        try:
            found = endurance(result, question)
            told.append((result, found, _groups(found, by=by)))
        except OutputError as error:
            refused.append(OutputError(f"{place}: {error}"))
    if not told:
        raise refused[0]
    for one in refused:
        click.echo(f"left out {str(one).partition(';')[0]}", err=True)
    return told


def _groups(found: Endurance, *, by: str | None) -> tuple[CellWear, ...]:
    """Those asked for, or arrays as long as they are few; all cells last."""
    if by is None:
        return few_groups(found)
    if not found.by(by):
        raise OutputError(
            "its layers are not known, for an older chipsim saved it, which did not say where they stand; "
            "give --by array or --by tile"
        )
    return (*found.by(by), found.all)


def _heads(found: Endurance) -> list[str]:
    asked = found.question
    return [head.format(under=asked.under, over=asked.over).lower() for head in HEADS]


def _group_table(name: str, groups: Sequence[CellWear], found: Endurance) -> Table:
    heads = _heads(found)
    rows = [[group.name, *(shown for shown, _ in group_cells(group))] for group in groups]
    return table(name, *heads, rows=rows, right=range(1, len(heads) + 1))


def _hottest_table(found: Endurance) -> Table:
    counts = ["pulses", "resets"]
    if found.levels:
        counts.insert(0, "programmings")
    heads = ["row", "column", *(count_names(count, levels=found.levels) for count in counts)]
    rows = [
        [cell.array, str(cell.row), str(cell.column), *(f"{getattr(cell, count):,}" for count in counts)]
        for cell in found.hottest
    ]
    return table("hottest cells", *heads, rows=rows, right=range(1, len(heads) + 1))


def _runs_table(names: Sequence[str], found: Sequence[Endurance]) -> Table:
    """All cells of each run, a line a run."""
    heads = _heads(found[0])
    counts = [count_names(one.count, levels=one.levels) for one in found]
    told = [
        name if len(set(counts)) == 1 else f"{name}, {count}"
        for name, count in zip(names, counts, strict=True)
    ]
    rows = [
        [name, *(shown for shown, _ in group_cells(one.all))] for name, one in zip(told, found, strict=True)
    ]
    return table("all cells", *heads, rows=rows, right=range(1, len(heads) + 1))
