"""The numbers of a description as the terminal shows them, by where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from chipsim.cli.screen import put, table
from chipsim.spec.provenance import Value

__all__ = ["show_numbers"]

_ORIGINS: Final = {
    "changed": "Beside a note that was written for another value",
    "source": "From a source",
    "assumed": "Assumed (and the range)",
    "set": "Set on the command line",
    "none": "Without a source",
}


def show_numbers(console: Console, title: str, values: Sequence[Value]) -> None:
    """Print values that share their origin in one row."""
    console.print(Text(title, style="bold"))
    for kind, heading in _ORIGINS.items():
        rows = _rows(value for value in values if value.kind == kind)
        if rows and kind == "none":
            console.print(Padding(f"{heading}: {'; '.join(row[0] for row in rows)}", (0, 0, 1, 2)))
        elif rows:
            put(console, table(heading, "", rows=rows), indent=2)
            console.print()


def _rows(values: Iterable[Value]) -> list[tuple[str, str]]:
    """Values and their source; those of one section, or of the items of one list, are told together."""
    told: dict[tuple[str, str], dict[str, list[str]]] = {}
    for value in values:
        section, _, name = value.path.rpartition(".")
        section = re.sub(r"(\.\d+|\[(level|name)=[^\]]*\])$", "", section)
        said = f"{value.value} ({value.low} to {value.high})" if value.low else value.value
        told.setdefault((section, value.text), {}).setdefault(name, []).append(said)
    rows = []
    for (section, text), named in told.items():
        between = "; " if any(len(set(given)) > 1 for given in named.values()) else ", "
        said = between.join(f"{name} {', '.join(dict.fromkeys(given))}" for name, given in named.items())
        rows.append((f"{section}: {said}" if section else said, text))
    return rows
