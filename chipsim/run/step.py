"""From a step under observation to its figures: how busy each part was, and what its time hung on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs

from chipsim.result.step import JOINED, PartUse, PathPart
from chipsim.run.observed import Observed

__all__ = ["path_of", "uses_of"]


def uses_of(observed: Observed, kinds: Mapping[str, str]) -> tuple[PartUse, ...]:
    """How busy each part was that worked, was held or was waited for; in name order.

    Parameters
    ----------
    observed
        The step.
    kinds
        Kind of each part of the chip.
    """
    busy: Counter[str] = Counter()
    held: Counter[str] = Counter()
    awaited: Counter[str] = Counter()
    for served in observed.operations:
        for charged in served.charges:
            busy[charged.part] += charged.entry.busy_ps
        for one in served.holds:
            held[one.part] += one.end_ps - one.start_ps
        for wait in served.waits:
            awaited[wait.part] += wait.end_ps - wait.start_ps
    return tuple(
        PartUse(
            part=part,
            kind=kinds[part],
            capacity=observed.capacities[part],
            busy_ps=busy[part],
            held_ps=held[part],
            awaited_ps=awaited[part],
            elapsed_ps=observed.elapsed_ps,
        )
        for part in sorted(busy.keys() | held.keys() | awaited.keys())
        if part in kinds
    )


@attrs.define
class _Sums:
    time_ps: int = 0
    awaited_ps: int = 0
    stretches: int = 0


def path_of(observed: Observed) -> tuple[PathPart, ...]:
    """What each part accounts for on the critical path, the longest first; the times sum up to the step's."""
    sums: dict[tuple[str, str], _Sums] = {}
    # From the end backwards: an operation that waited says so of all that came before it, as far back as it
    # had been waiting.
    since = observed.elapsed_ps
    for stretch in reversed(observed.path()):
        its = sums.setdefault((JOINED.join(stretch.parts), stretch.action), _Sums())
        its.time_ps += stretch.end_ps - stretch.start_ps
        its.awaited_ps += max(0, stretch.end_ps - max(stretch.start_ps, since))
        its.stretches += 1
        if stretch.asked_ps is not None:
            since = min(since, stretch.asked_ps)
    rows = [
        PathPart(
            parts=parts,
            action=action,
            time_ps=its.time_ps,
            awaited_ps=its.awaited_ps,
            stretches=its.stretches,
        )
        for (parts, action), its in sums.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.time_ps, row.parts, row.action)))
