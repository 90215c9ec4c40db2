"""One step on each chip: what its time hangs on, and how busy each part is."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from chipsim.report.figure import Look, looks
from chipsim.result import Result
from chipsim.result.step import JOINED, PartUse, PathPart, busy_share
from chipsim.units import TIME, show

__all__ = ["PathRow", "StepTables", "UseRow", "step_tables"]


@attrs.frozen(kw_only=True)
class PathRow:
    """One line of the critical path."""

    parts: str
    action: str
    time: str
    time_ps: int
    share_percent: float
    """Of the step's time."""
    awaited: str
    awaited_ps: int
    saving_percent: float
    """Of the step's time, saved at most where this work takes half as long."""


@attrs.frozen(kw_only=True)
class UseRow:
    """How busy one part is."""

    part: str
    kind: str
    busy: str
    busy_ps: int
    busy_percent: float
    held_percent: float
    awaited: str
    awaited_ps: int


@attrs.frozen(kw_only=True)
class StepTables:
    """One step on one chip."""

    look: Look
    sentence: str
    path: tuple[PathRow, ...]
    uses: tuple[UseRow, ...]


def step_tables(results: Sequence[Result]) -> list[StepTables]:
    """The step of each result that has one looked into."""
    tables = []
    for result, look in zip(results, looks(results), strict=True):
        if result.critical_path:
            path, uses = result.critical_path, result.utilisation
            table = StepTables(
                look=look,
                sentence=_sentence(path, uses),
                path=_path_rows(path),
                uses=_use_rows(uses),
            )
            tables.append(table)
    return tables


def _sentence(path: Sequence[PathPart], uses: Sequence[PartUse]) -> str:
    """What a step's time hangs on most, and what could be saved there."""
    whole = sum(row.time_ps for row in path)
    first = path[0]
    share = 100 * first.time_ps / whole
    parts = " and ".join(first.parts.split(JOINED))
    told = (
        f"One step takes {_time(whole)}. It hangs most on {parts} ({first.action}): {share:.1f} % of it. "
        f"Were that done in half the time, the step would take at most {share / 2:.1f} % less."
    )
    busiest = max(uses, key=busy_share, default=None)
    if busiest is None:
        return told
    return f"{told} The busiest part, {busiest.part}, works {100 * busy_share(busiest):.1f} % of the time."


def _path_rows(path: Sequence[PathPart]) -> tuple[PathRow, ...]:
    whole = sum(row.time_ps for row in path)
    return tuple(
        PathRow(
            parts=row.parts,
            action=row.action,
            time=_time(row.time_ps),
            time_ps=row.time_ps,
            share_percent=100 * row.time_ps / whole,
            awaited=_time(row.awaited_ps),
            awaited_ps=row.awaited_ps,
            saving_percent=50 * row.time_ps / whole,
        )
        for row in path
    )


def _use_rows(uses: Sequence[PartUse]) -> tuple[UseRow, ...]:
    rows = []
    for use in sorted(uses, key=lambda one: (-busy_share(one), one.part)):
        room = use.elapsed_ps * use.capacity
        row = UseRow(
            part=use.part,
            kind=use.kind,
            busy=_time(use.busy_ps),
            busy_ps=use.busy_ps,
            busy_percent=100 * busy_share(use),
            held_percent=100 * use.held_ps / room if room else 0.0,
            awaited=_time(use.awaited_ps),
            awaited_ps=use.awaited_ps,
        )
        rows.append(row)
    return tuple(rows)


def _time(ps: int) -> str:
    return show(ps, TIME)
