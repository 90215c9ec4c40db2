"""Items that differ in their last operations only: timed once, and put together with each of these.

A serial update takes as many pulse slots as the data asks for, so nearly every step of a run is a program of
its own. What comes before the update is the same in all, and only the end of the item waits for its end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

import attrs
import simpy

from chipsim.ledger import Record
from chipsim.parts.program import Operation, Parallel, Program, Series, Stream, operations_of
from chipsim.run.strands import Claims, mark, marked_at
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
    item: Program,
    last: tuple[Operation, ...],
    *,
    claims: Callable[[Operation], Claims | None],
    timeline: Callable[[Program], list[Record]],
) -> Tailed | None:
    """An item in two, where nothing beside its last operations claims what they do; None otherwise.

    It holds for all items of this shape whose last operations claim the same.

    Parameters
    ----------
    item
        As it is simulated as a whole.
    last
        Its last operations.
    claims
        The servers that an operation claims; None where that is not known beforehand.
    timeline
        Who is busy when in a program that starts at zero.
    """
    if not _are_apart(item, claims):
        return None
    rest = _with(item, iter([Series(())] * len(last)))
    marked = _with(item, iter([mark(place) for place in range(len(last))]))
    begin = [0] * len(last)
    for record in timeline(marked):
        place = marked_at(record)
        if place is not None:
            begin[place] = record.start_ps
    return Tailed(rest, tuple(begin))


def _are_apart(program: Program, claims: Callable[[Operation], Claims | None]) -> bool:
    """Whether nothing that goes on beside a last operation claims a server that it claims."""
    if isinstance(program, Operation):
        return claims(program) is not None
    if isinstance(program, Series) and program.items:
        *before, end = program.items
        return all(_claimed(item, claims) is not None for item in before) and _are_apart(end, claims)
    if not isinstance(program, Parallel):
        return _claimed(program, claims) is not None
    for place, item in enumerate(program.items):
        beside = Parallel((*program.items[:place], *program.items[place + 1 :]))
        last: list[Operation] = []
        _key(item, last)
        wanted, mine = _claimed(beside, claims), _claimed(Parallel(tuple(last)), claims)
        if wanted is None or mine is None or wanted & mine:
            return False
    return all(_are_apart(item, claims) for item in program.items)


def _claimed(program: Program, claims: Callable[[Operation], Claims | None]) -> Claims | None:
    """All servers that a program claims; None where that is not known beforehand."""
    whole: set[simpy.Resource] = set()
    for op, _ in operations_of(program):
        one = claims(op)
        # What nobody planned may ask for any server, and may take another time the next time.
        if one is None:
            return None
        whole |= one
    return frozenset(whole)


def _with(program: Program, others: Iterator[Program]) -> Program:
    """A program with others in the places of its last operations."""
    if isinstance(program, Operation) and not program.target:
        return next(others)
    if isinstance(program, Series) and program.items:
        return Series((*program.items[:-1], _with(program.items[-1], others)))
    if isinstance(program, Parallel):
        return Parallel(tuple(_with(item, others) for item in program.items))
    return program
