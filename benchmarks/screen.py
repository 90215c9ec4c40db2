"""What a bench shows on the terminal: its figures, and how they differ from saved ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.table import Table

from benchmarks.cases import GROUPS, Case
from benchmarks.loops import MODES
from benchmarks.measuring import Figures
from benchmarks.saved import Change

__all__ = ["changes_table", "figures_table", "timing_cost_percent"]

_NONE: Final = "\N{EN DASH}"


def timing_cost_percent(figures: Figures) -> float | None:
    """By how much the time of a sample is longer with timing and ledger than without, in percent."""
    without, everything = figures.get("no_timing_samples_per_s"), figures.get("all_samples_per_s")
    if without is None or not everything:
        return None
    return 100 * (without / everything - 1)


def figures_table(group: str, rows: Sequence[tuple[Case, Figures]]) -> Table:
    """The figures of a group of cases.

    Parameters
    ----------
    group
        Its name.
    rows
        Its cases with their figures.
    """
    table = _table(GROUPS[group])
    table.add_column("Case", no_wrap=True)
    titles = ("a\nstep", "samples\n/s", "no\ntiming", "no\nreplay")
    for title in (*titles, "timing\ncosts %", "kernels\n%", "peak\nMiB"):
        table.add_column(title, justify="right", no_wrap=True)
    for case, figures in rows:
        table.add_row(case.name, *_cells(case, figures))
    return table


def _cells(case: Case, figures: Figures) -> list[str]:
    rates = [figures.get(f"{mode.name}_samples_per_s") for mode in MODES]
    return [
        _step(case.batch / figures["all_samples_per_s"]),
        *(_number(rate) for rate in rates),
        _number(timing_cost_percent(figures)),
        _number(figures.get("kernels_percent")),
        _number(figures.get("peak_memory_MiB")),
    ]


def _step(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f} us" if seconds < 2e-3 else f"{1e3 * seconds:,.2f} ms"


def _table(title: str) -> Table:
    # Narrow enough for 80 letters a line.
    return Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False
    )


def _number(value: float | None, *, digits: int = 0) -> str:
    return _NONE if value is None else f"{value:,.{digits}f}"


def changes_table(changes: Sequence[Change], *, since: str) -> Table:
    """Each figure beside the saved one; what got slower is marked.

    Parameters
    ----------
    changes
        At least one.
    since
        When the saved ones were measured.
    """
    table = _table(f"Beside the bench of {since}")
    table.add_column("Case", no_wrap=True)
    table.add_column("Figure", no_wrap=True)
    for title in ("then", "now", "change"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    for change in changes:
        share = f"{100 * change.share:+.1f} %"
        mark = "[bold red]slower[/]" if change.slower else ""
        then, now = (_number(value, digits=1) for value in (change.before, change.now))
        table.add_row(change.case, change.figure, then, now, share, mark)
    return table
