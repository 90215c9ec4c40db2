"""The terminal that tables are printed to, and how they fit it without losing a character."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from chipsim.cli.terminal import printable

__all__ = ["put", "screen", "table"]

_PIPED_WIDTH = 120
"""Columns where there is no terminal to fit into."""
_GAP = 2
"""Blanks between the columns of a table."""


def screen() -> Console:
    """Standard output as rich prints to it; plain and wide enough for our tables when it is piped."""
    # Rich takes a pipe for 80 columns, which would break tables in files that nobody has to fit anywhere.
    narrow = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    # Names of the user's may look like markup or an emoji, and are to be printed as they are.
    return Console(width=_PIPED_WIDTH if narrow else None, highlight=False, emoji=False, markup=False)


def table(*columns: str, rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Table:
    """A plain table, for :func:`put`.

    Parameters
    ----------
    columns
        Headings.
    rows
        Text of the cells; no markup is read in it.
    right
        Places of the columns of figures: flush right, and never broken over lines.
    """
    drawn = Table(header_style="bold")
    for place, heading in enumerate(columns):
        drawn.add_column(heading, justify="right" if place in right else "left")
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    return drawn


def put(console: Console, drawn: Table, *, keys: int = 1, indent: int = 0) -> None:
    """Print a table without frames, whole at any width.

    Text is folded, figures never are: where the columns do not fit side by side, those that are left follow
    below as a table of their own, which begins with the same keys.

    Parameters
    ----------
    console
        Where to.
    drawn
        A table of text, figures flush right.
    keys
        How many of the first columns say what a row is.
    indent
        Blanks before each line.
    """
    width = max(console.width - indent, 1)
    for number, places in enumerate(_split(drawn.columns, width, keys=keys)):
        part = _part([drawn.columns[place] for place in places], width, keys=keys)
        above = 0 if number == 0 else 1
        # Not expanded: blanks to the right edge would stand in every line of a file.
        console.print(Padding(part, (above, 0, 0, indent), expand=False))


def _split(columns: Sequence[Column], width: int, *, keys: int) -> Iterator[list[int]]:
    """Places of the columns that stand side by side, the keys in each."""
    least = _least(columns, width, keys=keys)
    taken = [*range(keys)]
    for place in range(keys, len(columns)):
        widths = [least[other] for other in (*taken, place)]
        needed = sum(widths) + _GAP * (len(widths) - 1)
        # At least one column beside the keys, however narrow: a table of keys alone says nothing.
        if needed > width and len(taken) > keys:
            yield taken
            taken = [*range(keys)]
        taken.append(place)
    yield taken


def _part(columns: Sequence[Column], width: int, *, keys: int) -> Table:
    """A table of these columns, each with the width that it gets."""
    drawn = Table(
        box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False, collapse_padding=True
    )
    for column, given in zip(columns, _widths(columns, width, keys=keys), strict=True):
        drawn.add_column(column.header, justify=column.justify, overflow="fold", width=given)
    for row in zip(*(column.cells for column in columns), strict=True):
        drawn.add_row(*row)
    return drawn


def _widths(columns: Sequence[Column], width: int, *, keys: int) -> list[int]:
    """The least that each column needs, and of what is left as much as it can use, narrow ones first."""
    given = _least(columns, width, keys=keys)
    left = width - sum(given) - _GAP * (len(columns) - 1)
    if left < 0:  # the first column leaves its only neighbour no room
        return [max(given[0] + left, 1), *given[1:]]
    wants = [(_most(column) - given[place], place) for place, column in enumerate(columns)]
    # Those that want little first: what they leave of their share goes to the others.
    wants.sort()
    for number, (wanted, place) in enumerate(wants):
        more = min(wanted, left // (len(wants) - number))
        given[place] += more
        left -= more
    return given


def _most(column: Column) -> int:
    """The width at which nothing is folded."""
    # In cells of the terminal and not in letters: some letters take two.
    texts = map(str, (column.header, *column.cells))
    return max(map(cell_len, texts), default=1)


def _least(columns: Sequence[Column], width: int, *, keys: int) -> list[int]:
    """The widths at which figures are whole; and keys, and words of other text, as long as half a line."""
    least = []
    for place, column in enumerate(columns):
        cells = [str(cell) for cell in column.cells]
        words = [word for text in (str(column.header), *cells) for word in text.split()]
        longest = max(map(cell_len, cells if place < keys else words), default=1)
        figures = map(cell_len, cells if column.justify == "right" else [])
        heading = max(map(cell_len, str(column.header).split()), default=1)
        text = min(max(longest, heading), width // 2)
        least.append(max([text, 1, *figures]))
    return least
