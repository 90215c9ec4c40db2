"""Small tables for notebooks, which bring their own colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["html_table"]


def html_table(rows: Iterable[Sequence[str]], *, heads: Sequence[str] = (), words: bool = False) -> str:
    """A table in HTML whose cells are never broken; where it is too wide it scrolls.

    Parameters
    ----------
    rows
        Each begins with its name.
    heads
        Of the columns, if they have any.
    words
        Cells hold words, which begin on the left, and not figures.

    Examples
    --------
    >>> html_table([("Area", "1.71 mm²")]).count("<tr>")
    1
    """
    side = "left" if words else "right"
    # Text is of others: no tag of theirs is one of the page.
    sides = ["left", *[side] * (len(heads) - 1)]
    head = "".join(_cell("th", text, side=where) for text, where in zip(heads, sides, strict=False))
    lines = [f"<tr>{head}</tr>"] if heads else []
    for name, *cells in rows:
        told = "".join(_cell("td", cell, side=side) for cell in cells)
        lines.append(f"<tr>{_cell('th', name, side='left')}{told}</tr>")
    return f'<div style="overflow-x: auto"><table>{"".join(lines)}</table></div>'


def _cell(tag: str, text: str, *, side: str) -> str:
    return f'<{tag} style="text-align: {side}; white-space: nowrap">{escape(text)}</{tag}>'
