"""Items that differ in their last operations only: timed once, and put together with each of these.

A serial update takes as many pulse slots as the data asks for, so nearly every step of a run is a program of
its own. What comes before the update is the same in all, and only the end of the item waits for its end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import attrs

from chipsim.ledger import Record
from chipsim.parts.program import Operation, Parallel, Program, Series, Stream, operations_of
from chipsim.units import Ps

__all__ = ["Shape", "Tailed", "shape_of", "tailed"]


@attrs.frozen(eq=False)
class Shape:
    """What an item is but for the counts of its last operations, and these operations."""

    key: Hashable
    last: tuple[Operation, ...]


@attrs.frozen(eq=False)
class Tailed:
    """An item without its last operations, and when each of these begins, ps."""

    rest: Program
    begin: tuple[int, ...]

    def elapsed(self, rest: Ps, last: tuple[Ps, ...]) -> Ps:
        """How long the whole takes, from how long the rest does, and each last operation by itself."""
        ends = (begin + took for begin, took in zip(self.begin, last, strict=True))
        return Ps(max(rest, *ends))


def shape_of(item: Program) -> Shape | None:
    """The shape of an item of which several things go on side by side; None for any other.

    Examples
    --------
    >>> from chipsim.parts.program import operation
    >>> sent = operation("digital", "transfer", "tile0", bits=8)
    >>> slots = [operation("tile0", "update", slots=slots) for slots in (3, 4)]
    >>> items = [Parallel((sent, Series((sent, update)))) for update in slots]
    >>> shape_of(items[0]).key == shape_of(items[1]).key
    True
    """
    if not isinstance(item, Parallel):
        return None
    last: list[Operation] = []
    key = _key(item, last)
    return Shape(key, tuple(last)) if last else None


def _key(program: Program, last: list[Operation]) -> Hashable:
    if isinstance(program, Operation):
        # A transfer holds links, which others may want after it.
        if program.target:
            return program
        last.append(program)
        return program.part, program.action
    if isinstance(program, Stream) or not program.items:
        return program
    if isinstance(program, Series):
        return program.items[:-1], _key(program.items[-1], last)
    return (type(program), *[_key(item, last) for item in program.items])


def tailed(
    item: Program, last: tuple[Operation, ...], *, timeline: Callable[[Program], list[Record]]
) -> Tailed | None:
    """An item in two, where nothing beside its last operations wants their parts; None otherwise.

    Parameters
    ----------
    item
        As it is simulated as a whole.
    last
        Its last operations.
    timeline
        Who is busy when in a program that starts at zero.
    """
    if not _are_apart(item):
        return None
    whole = timeline(item)
    begin: list[int] = []
    for op in last:
        # By their ends, for the part may have been busy with something else before.
        ends, took = _end(op.part, whole), _end(op.part, timeline(op))
        # Whoever leaves no trace of when it was busy cannot be placed.
        if ends is None or took is None:
            return None
        begin.append(ends - took)
    return Tailed(_without(item, frozenset(last)), tuple(begin))


def _are_apart(program: Program) -> bool:
    """Whether nothing that goes on beside a last operation wants its part, or one inside it or around it."""
    if isinstance(program, Series) and program.items:
        return _are_apart(program.items[-1])
    if not isinstance(program, Parallel):
        return True
    for place, item in enumerate(program.items):
        beside = (*program.items[:place], *program.items[place + 1 :])
        wanted = {op.part for other in beside for op, _ in operations_of(other) if not op.target}
        last: list[Operation] = []
        _key(item, last)
        if any(_meet(op.part, part) for op in last for part in wanted):
            return False
    return all(_are_apart(item) for item in program.items)


def _meet(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _end(part: str, records: list[Record]) -> int | None:
    """When a part, or one inside it, is busy last, and no more."""
    inside = f"{part}."
    mine = (record for record in records if record.part == part or record.part.startswith(inside))
    return max((record.end_ps for record in mine), default=None)


def _without(program: Program, last: frozenset[Operation]) -> Program:
    if isinstance(program, Series) and program.items:
        return Series((*program.items[:-1], _without(program.items[-1], last)))
    if isinstance(program, Parallel):
        return Parallel(tuple(_without(item, last) for item in program.items))
    return Series(()) if program in last else program
