"""One training step looked into: how busy each part was, and which parts the step's time hung on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import attrs

__all__ = ["JOINED", "PartUse", "PathPart", "busy_share", "saving_at_most"]

JOINED: Final = " & "
"""Between parts that worked as one: names of arrays end with a plus, and those of links hold hyphens."""


@attrs.frozen(kw_only=True)
class PartUse:
    """How much of one step a part worked, was held, and was waited for."""

    part: str
    kind: str
    """As in the ledger."""
    capacity: int
    """Operations that it serves at once."""
    busy_ps: int
    """Time that it worked: what the ledger is charged for this step, summed over its servers."""
    held_ps: int
    """Time that its servers were held, also while whoever held one waited for another part. 0 for parts
    that work on behalf of one that is held, as arrays do for their tile."""
    awaited_ps: int
    """Time that operations waited for it, summed over all of them: it may exceed the step."""
    elapsed_ps: int
    """Time of the step."""


@attrs.frozen(kw_only=True)
class PathPart:
    """What one part, or several that worked as one, accounts for on the critical path of a step."""

    parts: str
    """The part; several that worked at the same time for the same operation are joined by ``&``."""
    action: str
    """What they did."""
    time_ps: int
    """Their time on the path; all rows of a step sum up to its time."""
    awaited_ps: int
    """Of it, time in which the next operation of the path stood waiting for a part to be free."""
    stretches: int
    """How many uninterrupted pieces of work it is."""


def busy_share(use: PartUse) -> float:
    """Busy time as a share of elapsed time and capacity, from 0 to 1.

    Examples
    --------
    >>> times = dict(busy_ps=30, held_ps=30, awaited_ps=0, elapsed_ps=60)
    >>> busy_share(PartUse(part="tile0.adc", kind="adc", capacity=2, **times))
    0.25
    """
    whole = use.elapsed_ps * use.capacity
    return use.busy_ps / whole if whole else 0.0


def saving_at_most(path: Sequence[PathPart], part: str, *, faster: Fraction | int = 2) -> float:
    """The share of a step's time that is saved at most where a part takes a fraction of its time.

    The path that was critical before is still there, and the step cannot be shorter than it: more than the
    part's own time on it cannot be saved, and less is where another path becomes critical. That holds as long
    as operations queue in the order in which they did.

    Parameters
    ----------
    path
        All rows of one step.
    part
        Whose work becomes faster; where it worked as one with others, they are taken to become so too.
    faster
        How many times.

    Raises
    ------
    ValueError
        When it would become no faster.

    Examples
    --------
    >>> adc = PathPart(parts="adc", action="forward", time_ps=60, awaited_ps=0, stretches=1)
    >>> dac = PathPart(parts="dac", action="forward", time_ps=40, awaited_ps=0, stretches=1)
    >>> saving_at_most([adc, dac], "adc")
    0.3
    """
    if faster < 1:
        raise ValueError(f"faster must be at least 1, not {faster}")
    whole = sum(row.time_ps for row in path)
    own = sum(row.time_ps for row in path if part in row.parts.split(JOINED))
    return float(Fraction(own, whole) * (1 - 1 / Fraction(faster))) if whole else 0.0
