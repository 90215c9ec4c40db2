"""The terminal that tables are printed to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["fitted", "screen", "table"]

_PIPED_WIDTH = 120
"""Columns where there is no terminal to fit into."""


def screen() -> Console:
    """Standard output as rich prints to it; plain and wide enough for our tables when it is piped."""
    narrow = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_PIPED_WIDTH if narrow else None, highlight=False, emoji=False, markup=False)


def table(*columns: str, rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Table:
    """A plain table.

    Parameters
    ----------
    columns
        Headings.
    rows
        Text of the cells; no markup is read in it.
    right
        Places of the columns that are flush right.
    """
    drawn = Table(
        box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False, collapse_padding=True
    )
    for place, heading in enumerate(columns):
        drawn.add_column(
            heading, justify="right" if place in right else "left", overflow="fold", no_wrap=place in right
        )
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def fitted(drawn: Table) -> Table:
    """A table without frames, whose first column stays whole where the terminal is narrow."""
    drawn.box = SIMPLE_HEAD
    drawn.show_edge = drawn.pad_edge = False
    drawn.collapse_padding = True
    for column in drawn.columns:
        column.overflow = "fold"  # a number that lost its end would be another number
    drawn.columns[0].no_wrap = True
    return drawn
