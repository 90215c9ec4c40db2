"""``up: my-steps.csv``: tables of measured steps that a device names, read into the description."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from chipsim.errors import DescriptionError, did_you_mean
from chipsim.spec.finding import read_text
from chipsim.spec.nodes import Node
from chipsim.units import CONDUCTANCE, UnitError

__all__ = ["with_measured_tables"]

_TABLES: Final = ("up", "down")
"""Keys of a section for cells that may name a file."""
_COLUMNS: Final = ("conductance", "change", "deviation")
_NEEDED: Final = 2
"""Of them, the first that a file must have."""
_HEAD: Final = re.compile(r"\s*(?P<name>[a-z]+)\s*[(\[]\s*(?P<unit>[A-Za-zµμ]+)\s*[)\]]\s*")
_SUFFIX: Final = ".csv"


def with_measured_tables(section: Node, path: Path) -> Node:
    """A section for cells with the rows of the files that it names in the place of their names.

    Parameters
    ----------
    section
        As it is written, provenance included.
    path
        The file of the description, in whose folder these files are looked for.

    Raises
    ------
    DescriptionError
        When a file cannot be had, or is no such table.
    """
    if not isinstance(section.value, dict):
        return section
    children = dict(section.value)
    for key in _TABLES:
        if key in children:
            children[key] = _read(children[key], path, place=("device", key))
    return attrs.evolve(section, value=children)


def _read(node: Node, path: Path, *, place: tuple[str, str]) -> Node:
    """The rows that a name stands for, with what they were read from; whatever else stands there as it is."""
    notes = node.value if isinstance(node.value, dict) and "value" in node.value else {}
    name = notes.get("value", node)
    if not isinstance(name.value, str) or not name.value.endswith(_SUFFIX):
        return node
    try:
        text = read_text(path.parent / name.value, shown_as=name.value)
        # What is wrong inside of a file was not set, though the name of the file may have been.
        rows = _rows(attrs.evolve(name, given=""), text)
    except DescriptionError as error:
        said = error.problems[0]
        raise attrs.evolve(name, path=place).error(f"{name.value}: {said.message}") from None
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    read = f"read from {name.value}, sha256 {digest}"
    found = {**notes, "value": attrs.evolve(name, value=rows)}
    if "source" in notes:
        own = notes["source"]
        found["source"] = attrs.evolve(own, value=f"{own.value}; {read}")
    elif "assumed" not in notes and "set" not in notes:
        found["source"] = attrs.evolve(name, value=read)
    return attrs.evolve(node, value=found)


def _rows(place: Node, text: str) -> list[Node]:
    try:
        # Line ends of any system: a reader of tables takes a lone carriage return for an error.
        lines = list(csv.reader(io.StringIO(text, newline=None)))
    except csv.Error as error:
        raise place.error(f"is no table: {error}") from None
    if not lines:
        raise place.error("is empty")
    units = _units(place, lines[0])
    rows = []
    for line, cells in enumerate(lines[1:], 2):
        # Many files end with an empty line.
        if not any(cell.strip() for cell in cells):
            continue
        row = {}
        for column, (name, unit) in enumerate(units):
            number = _number(place, cells, column, line)
            row[name] = attrs.evolve(place, value=f"{number} {unit}")
        rows.append(attrs.evolve(place, value=row))
    return rows


def _units(place: Node, head: Sequence[str]) -> list[tuple[str, str]]:
    """The name and the unit of each column."""
    found: list[tuple[str, str]] = []
    wanted = "columns are 'conductance (uS)', 'change (uS)' and, where steps vary, 'deviation (uS)'"
    for cell in head:
        match = _HEAD.fullmatch(cell)
        if cell.strip() in _COLUMNS:
            raise place.error(f"line 1: {cell.strip()!r} has no unit; {wanted}")
        if match is None or match["name"] not in _COLUMNS:
            hint = did_you_mean(match["name"] if match else cell.strip(), _COLUMNS)
            raise place.error(f"line 1: unknown column {cell.strip()!r}; {wanted}{hint}")
        try:
            CONDUCTANCE.read(f"1 {match['unit']}")
        except UnitError as error:
            raise place.error(f"line 1: {cell.strip()!r}: {error}") from None
        found.append((match["name"], match["unit"]))
    names = [name for name, _ in found]
    lacking = [name for name in _COLUMNS[:_NEEDED] if name not in names]
    if lacking or len(set(names)) < len(names):
        what = f"there is no column {lacking[0]!r}" if lacking else "a column stands there twice"
        raise place.error(f"line 1: {what}; {wanted}")
    return found


def _number(place: Node, cells: Sequence[str], column: int, line: int) -> str:
    cell = cells[column].strip() if column < len(cells) else ""
    try:
        if math.isfinite(float(cell)):
            return cell
    except ValueError:
        pass
    raise place.error(f"line {line}: must be a finite number, not {cell!r}")
