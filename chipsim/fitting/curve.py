"""A measured pulse response: stretches of readings along pulses of one direction, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np

from chipsim.device.types import Indices, Sums
from chipsim.errors import DescriptionError, Problem
from chipsim.fitting.columns import CONSTANT_WAYS, ROWS, Columns, Found, find_columns, way_of
from chipsim.fitting.table import Table, numbers_in
from chipsim.wording import joined, plural

__all__ = ["Curve", "Stretch", "curve_of"]

_MOST_TOLD: Final = 20
_FURTHEST: Final = 10_000
"""Pulses from one reading to the next, each of which is followed along some laws."""


@attrs.frozen(kw_only=True, eq=False)
class Stretch:
    """Readings of one cell along pulses of one direction."""

    cell: str
    cycle: str
    up: bool
    pulses: Sums
    """Pulse number of each reading, rising (readings,)."""
    conductance: Sums
    """S (readings,)."""
    rows: Indices
    """Of the table that each stood in (readings,)."""

    @property
    def way(self) -> str:
        """``up`` or ``down``."""
        return "up" if self.up else "down"

    def only(self, kept: Any) -> Stretch:
        """With some of the readings."""
        parts = {"pulses": self.pulses[kept], "conductance": self.conductance[kept], "rows": self.rows[kept]}
        return attrs.evolve(self, **parts)


@attrs.frozen(kw_only=True, eq=False)
class Curve:
    """All that was measured."""

    table: Table
    stretches: tuple[Stretch, ...]
    notes: tuple[str, ...] = ()
    """What was taken for granted, left out, or is odd, in sentences."""

    @property
    def cells(self) -> tuple[str, ...]:
        """Each once, in the order of the table."""
        return tuple(dict.fromkeys(stretch.cell for stretch in self.stretches))

    @property
    def readings(self) -> int:
        """In all stretches."""
        return sum(stretch.pulses.size for stretch in self.stretches)

    def ways(self) -> tuple[bool, ...]:
        """The directions that were measured, up first."""
        return tuple(up for up in (True, False) if any(one.up is up for one in self.stretches))

    def going(self, *, up: bool) -> list[Stretch]:
        """The stretches of one direction."""
        return [stretch for stretch in self.stretches if stretch.up is up]


def curve_of(table: Table, said: Columns) -> Curve:
    """The curve in a table.

    Parameters
    ----------
    table
        What was read.
    said
        What the user says of its columns.

    Raises
    ------
    DescriptionError
        With everything that is wrong with its columns and values.
    """
    found, problems = find_columns(list(table.columns), said, file=table.file)
    if problems:
        raise DescriptionError(problems)
    conductance = _conductance(table, found, problems)
    pulses = _pulses(table, found, problems)
    ways = _ways(table, found, problems)
    if problems:
        raise DescriptionError(problems)
    cells, cycles = (_labels(table, found, role) for role in ("cell", "cycle"))
    notes = [*found.notes]
    kept = _kept(table, conductance, pulses, notes)
    stretches = []
    for rows in _parted(kept, cells=cells, cycles=cycles, ways=ways, pulses=pulses, found=found):
        first = int(rows[0])
        stretch = Stretch(
            cell=str(cells[first]),
            cycle=str(cycles[first]),
            up=bool(ways[first]),
            pulses=pulses[rows],
            conductance=conductance[rows],
            rows=rows,
        )
        stretches.append(stretch)
    _refuse_disorder(table, stretches, problems)
    if problems:
        raise DescriptionError(problems)
    return Curve(table=table, stretches=tuple(stretches), notes=tuple(notes))


def _conductance(table: Table, found: Found, problems: list[Problem]) -> Any:
    """Of each row, S; NaN where it was not measured."""
    if "conductance" in found.names:
        values = numbers_in(table, found.names["conductance"], problems)
        return None if values is None else values * found.sizes["conductance"]
    current = numbers_in(table, found.names["current"], problems)
    voltage = numbers_in(table, found.names["voltage"], problems)
    if current is None or voltage is None:
        return None
    unread = np.flatnonzero(voltage == 0)
    for row in unread[:_MOST_TOLD]:
        message = f"{found.names['voltage']} is 0, and a current over it is no conductance"
        problems.append(table.problem(int(row), message))
    with np.errstate(divide="ignore", invalid="ignore"):
        return current * found.sizes["current"] / (voltage * found.sizes["voltage"])


def _pulses(table: Table, found: Found, problems: list[Problem]) -> Any:
    name = found.names["pulse"]
    if name == ROWS and name not in table.columns:
        return np.arange(table.rows, dtype=np.float64)
    values = numbers_in(table, name, problems)
    if values is None:
        return None
    broken = np.flatnonzero(np.isfinite(values) & (values != np.round(values)))
    problems += [
        table.problem(int(row), f"{name} is {values[row]:g}; needs a whole number of pulses")
        for row in broken[:_MOST_TOLD]
    ]
    return values


def _ways(table: Table, found: Found, problems: list[Problem]) -> Any:
    """Whether the pulse of each row leads up (rows,)."""
    name = found.names["direction"]
    if name in CONSTANT_WAYS and name not in table.columns:
        return np.full(table.rows, name == "up")
    texts = np.array([_as_text(one) for one in table.columns[name]], object)
    # Words are few and rows are many.
    words, places = np.unique(texts.astype(str), return_inverse=True)
    read = [way_of(word) for word in words]
    unknown = [word for word, way in zip(words, read, strict=True) if way is None]
    for word in unknown[:_MOST_TOLD]:
        row = int(np.flatnonzero(texts == word)[0])
        given = repr(str(word)[:40]) if word else "empty"
        message = f"{name} is {given}; known: up and down, + and -, 1 and -1, LTP and LTD, set and reset"
        problems.append(table.problem(row, message))
    return np.array([bool(way) for way in read])[places]


def _as_text(value: Any) -> str:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    return str(value).strip()


def _labels(table: Table, found: Found, role: str) -> Any:
    """What each row says of its cell or cycle (rows,)."""
    if role not in found.names:
        return np.full(table.rows, "1", object)
    texts = [_as_text(one) for one in table.columns[found.names[role]]]
    empty = [row for row, text in enumerate(texts) if not text]
    if empty:
        # As merged cells are exported: which one a row belongs to is then nobody's guess.
        name, more = found.names[role], f", as in {len(empty) - 1:,} more rows" if len(empty) > 1 else ""
        raise DescriptionError(
            [table.problem(empty[0], f"{name!r} is empty{more}; each row needs its {role}")]
        )
    return np.array(texts, object)


def _kept(table: Table, conductance: Any, pulses: Any, notes: list[str]) -> Any:
    """The rows with a reading and a pulse number, in the order of the table."""
    is_there = np.isfinite(conductance) & np.isfinite(pulses)
    missing = np.flatnonzero(~is_there)
    if missing.size:
        first = ", ".join(table.place(int(row)) for row in missing[:5])
        more = f" and {missing.size - 5:,} more" if missing.size > 5 else ""
        readings = plural("reading", missing.size)
        notes.append(f"{missing.size:,} {readings} missing, left out: {first}{more}.")
    return np.flatnonzero(is_there)


def _parted(kept: Any, *, cells: Any, cycles: Any, ways: Any, pulses: Any, found: Found) -> Iterator[Any]:
    """The rows of each stretch, those of a cell in the order of the table."""
    for cell in dict.fromkeys(cells[kept]):
        rows = kept[cells[kept] == cell]
        new = (ways[rows][1:] != ways[rows][:-1]) | (cycles[rows][1:] != cycles[rows][:-1])
        if "cycle" not in found.names:
            # Where nobody says which cycle it is, pulses that are counted anew begin one.
            new |= pulses[rows][1:] < pulses[rows][:-1]
        yield from np.split(rows, np.flatnonzero(new) + 1)


def _refuse_disorder(table: Table, stretches: list[Stretch], problems: list[Problem]) -> None:
    """Refuse pulse numbers that are there twice, or that go back."""
    twice = back = 0
    for stretch in stretches:
        # Neither can be fitted: which reading is the later one is not known.
        steps = np.diff(stretch.pulses)
        for place in np.flatnonzero(steps > _FURTHEST):
            row, number = int(stretch.rows[place + 1]), f"{stretch.pulses[place + 1]:g}"
            far = f"pulse {number} {stretch.way} comes {steps[place]:,.0f} pulses after the reading before"
            problems.append(table.problem(row, f"{far}; at most {_FURTHEST:,} are followed one by one"))
        for place in np.flatnonzero(steps <= 0):
            before, row = int(stretch.rows[place]), int(stretch.rows[place + 1])
            number, earlier = f"{stretch.pulses[place + 1]:g}", table.place(before)
            if steps[place] == 0:
                twice += 1
                message = f"pulse {number} {stretch.way} is there twice, first in {earlier}"
                advice = "name the column that tells cells or cycles apart (--cell, --cycle)"
            else:
                back += 1
                message = f"pulse {number} {stretch.way} comes after {stretch.pulses[place]:g} of {earlier}"
                advice = "sort the rows of each cycle by pulses"
            if twice + back <= _MOST_TOLD:
                problems.append(table.problem(row, f"{message}; {advice}"))
    if twice + back > _MOST_TOLD:
        more = f"{twice + back - _MOST_TOLD:,} more pulses like these"
        problems.append(Problem(file=table.file, message=more))
    # Rows in no order at all would make as many cycles as there are rows.
    short = [stretch for stretch in stretches if stretch.pulses.size < 2]
    if not problems and len(stretches) > 4 and 2 * len(short) > len(stretches):
        message = (
            "pulses jump back and forth, so that most readings stand alone; sort the rows by cell, cycle, "
            f"direction and pulse, or name those columns; {joined(_told(short, table))}"
        )
        problems.append(Problem(file=table.file, message=message))


def _told(stretches: list[Stretch], table: Table) -> list[str]:
    return [f"pulse {one.pulses[0]:g} in {table.place(int(one.rows[0]))}" for one in stretches[:3]]
