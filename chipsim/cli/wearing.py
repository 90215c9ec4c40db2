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
    not_counted_sentence,
    resets_sentence,
    shares_sentence,
    spread_sentence,
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
    console = screen()
    results = [result for result, _, _ in told]
    # A run that was stopped wore its cells less, and its name says so wherever it stands.
    names = list(map(marked, labels(results), results))
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
            spread_sentence(one),
            resets_sentence(one),
            left_out_sentence(one),
            not_counted_sentence(one),
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
        # A folder of a comparison may hold digital chips, of which nothing wears: no fault, but to be told.
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
    rows = [_row(group.name, group) for group in groups]
    return table(name, *heads, rows=rows, right=range(1, len(heads) + 1))


def _row(name: str, group: CellWear) -> list[str]:
    """A line of a table; the numbers that a page sorts by are of no use here."""
    return [name, *(shown for shown, _ in group_cells(group))]


def _hottest_table(found: Endurance) -> Table:
    counts = ["pulses", "resets"]
    if found.levels:
        counts.insert(0, "programmings")
    heads = ["row", "column", *(count_names(count, levels=found.levels) for count in counts)]
    rows = []
    for cell in found.hottest:
        had = [f"{getattr(cell, count):,}" for count in counts]
        rows.append([cell.array, str(cell.row), str(cell.column), *had])
    return table("hottest cells", *heads, rows=rows, right=range(1, len(heads) + 1))


def _runs_table(names: Sequence[str], found: Sequence[Endurance]) -> Table:
    """All cells of each run, a line a run."""
    heads = _heads(found[0])
    counts = [count_names(one.count, levels=one.levels) for one in found]
    # Pulses and programmings in one column are no comparison, and each line says which it is.
    alike = len(set(counts)) == 1
    rows = []
    for name, count, one in zip(names, counts, found, strict=True):
        rows.append(_row(name if alike else f"{name}, {count}", one.all))
    return table("all cells", *heads, rows=rows, right=range(1, len(heads) + 1))
