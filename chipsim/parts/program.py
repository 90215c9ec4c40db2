"""The language between learning rules and the chip: operations, and programs made of them.

A program holds integers and names only. It is frozen and hashable, and two equal programs take equal
time, which is what replay rests on. Amounts that the data set but that decide no time (pulses fired,
joules of a read) travel beside the program as :class:`~chipsim.ledger.Charges`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.errors import ChipsimError, did_you_mean

__all__ = [
    "Alike",
    "Kept",
    "Marked",
    "Operation",
    "Parallel",
    "Program",
    "Series",
    "Stream",
    "UnknownCountError",
    "operation",
    "operation_count",
    "operations_of",
    "parallel",
    "series",
]


K = TypeVar("K")
V = TypeVar("V")


class UnknownCountError(ChipsimError):
    """An operation is asked for a count that it does not carry, or carries others than its action reads."""


# Hashes are kept: every step looks its program up, and one that was built before is handed out again with the
# hash that it has.
@attrs.frozen(slots=True, cache_hash=True)
class Operation:
    """One thing that one part does: which part, which action, and the counts that decide its time.

    A count that is not there is an error rather than zero: what is misspelt would take no time.

    Raises
    ------
    UnknownCountError
        When it is asked for a count that it does not carry.

    Examples
    --------
    >>> read = operation("tile0", "forward", rows=785)
    >>> read["rows"]
    785
    >>> read["lines"]
    Traceback (most recent call last):
    ...
    chipsim.parts.program.UnknownCountError: tile0: 'forward' has no count 'lines'; it has: rows
    """

    part: str
    """Name of the part that does it; for a transfer, where the data is."""
    action: str
    """What it does, in the part's own words."""
    counts: tuple[tuple[str, int], ...] = ()
    """Named counts, sorted by name."""
    target: str = ""
    """Where the data goes: set for transfers only."""

    def __getitem__(self, name: str) -> int:
        for key, value in self.counts:
            if key == name:
                return value
        listed = ", ".join(self.names) or "none"
        hint = did_you_mean(name, self.names)
        raise UnknownCountError(f"{self.part}: {self.action!r} has no count {name!r}; it has: {listed}{hint}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its counts, sorted."""
        return tuple([name for name, _ in self.counts])


@attrs.frozen(slots=True, cache_hash=True)
class Series:
    """Items one after another: each begins when the one before it has ended."""

    items: tuple[Program, ...]


@attrs.frozen(slots=True, cache_hash=True)
class Parallel:
    """Items side by side: all begin at once, it ends with the last of them."""

    items: tuple[Program, ...]


@attrs.frozen(slots=True, cache_hash=True)
class Stream:
    """`count` equal items sent through the same parts: each part takes the next as soon as it is free."""

    body: Program
    count: int


Program: TypeAlias = Operation | Series | Parallel | Stream


@attrs.frozen(eq=False)
class Alike:
    """Programs one after another that are a pattern but for some counts of some of its operations.

    Nearly every serial update is a program of its own, and who knows what they share need not build them.

    Examples
    --------
    >>> pulsed = operation("tile0", "update", slots=9, visits=3)
    >>> alike = Alike(Series((pulsed,)), (pulsed,), ("slots",), np.array([[[4]], [[5]]]))
    >>> [alike.program(counts).items[0]["slots"] for counts in alike.counts.tolist()]
    [4, 5]
    """

    pattern: Program
    varied: tuple[Operation, ...]
    """Operations of the pattern that vary."""
    names: tuple[str, ...]
    """Counts that vary, of each of them."""
    counts: NDArray[np.int64]
    """Of each program (programs, operations, names)."""

    def program(self, counts: Sequence[Sequence[int]]) -> Program:
        """The program of some counts (operations, names)."""
        others = {}
        for op, of_op in zip(self.varied, counts, strict=True):
            told = dict(op.counts) | dict(zip(self.names, of_op, strict=True))
            others[op] = operation(op.part, op.action, op.target, **told)
        return _replaced(self.pattern, others)


@attrs.frozen(eq=False)
class Marked:
    """A program in which marks stand for counts that differ from one execution to the next.

    Examples
    --------
    >>> sent = operation("digital", "transfer", "tile0", bits=-1)
    >>> marked = Marked(Series((sent, operation("tile0", "pulse", slots=-2))), (-1, -2))
    >>> [op["bits"] if op.target else op["slots"] for op in marked.program((24, 3)).items]
    [24, 3]
    """

    pattern: Program
    marks: tuple[int, ...]
    """Numbers that no other count of the pattern has, each of them once."""

    def places(self, op: Operation) -> tuple[int, ...]:
        """Which of the marks an operation has among its counts, in their order."""
        return tuple(self.marks.index(value) for _, value in op.counts if value in self.marks)

    def operation(self, op: Operation, numbers: Sequence[int]) -> Operation:
        """An operation with numbers in the place of marks."""
        told = {name: self._said(value, numbers) for name, value in op.counts}
        return operation(op.part, op.action, op.target, **told)

    def _said(self, value: int, numbers: Sequence[int]) -> int:
        return numbers[self.marks.index(value)] if value in self.marks else value

    def program(self, numbers: Sequence[int]) -> Program:
        """The program with numbers in the place of marks."""
        ops = [op for op, _ in operations_of(self.pattern) if self.places(op)]
        return self.with_operations({op: self.operation(op, numbers) for op in ops})

    def with_operations(self, others: Mapping[Operation, Operation]) -> Program:
        """The program with others in the place of operations."""
        return _replaced(self.pattern, others)


def _replaced(program: Program, others: Mapping[Operation, Operation]) -> Program:
    """A program with other operations in the place of some."""
    if isinstance(program, Operation):
        return others.get(program, program)
    if isinstance(program, Stream):
        return Stream(_replaced(program.body, others), program.count)
    items = tuple([_replaced(item, others) for item in program.items])
    return Series(items) if isinstance(program, Series) else Parallel(items)


class Kept(dict[K, V]):
    """A dictionary that forgets the older half of its entries when it has grown to `most`.

    Examples
    --------
    >>> kept = Kept(4)
    >>> for number in range(6):
    ...     kept[number] = str(number)
    >>> list(kept)
    [2, 3, 4, 5]
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self._most:
            for old in list(islice(self, self._most // 2)):
                del self[old]
        super().__setitem__(key, value)


def operation(part: str, action: str, target: str = "", /, **counts: int) -> Operation:
    """An operation with its counts by name; a count of zero is said, not left out."""
    # Sorted, so that what is the same compares equal in whatever order it was said. Plain integers, since a
    # number of numpy's that gets into a time makes SimPy's clock a number of numpy's.
    pairs = tuple(sorted((name, int(value)) for name, value in counts.items()))
    return Operation(part, action, pairs, target)


def series(items: Iterable[Program | None]) -> Series:
    """A series of the items that are there (None stands for an item that is not)."""
    return Series(tuple(item for item in items if item is not None))


def parallel(items: Iterable[Program | None]) -> Parallel:
    """The items that are there, side by side."""
    return Parallel(tuple(item for item in items if item is not None))


def operations_of(program: Program) -> Iterator[tuple[Operation, int]]:
    """Every operation of a program with how often it is done, in program order.

    Examples
    --------
    >>> read = operation("tile0", "forward", columns=2)
    >>> [(op.part, times) for op, times in operations_of(Stream(Series((read, read)), 3))]
    [('tile0', 3), ('tile0', 3)]
    """
    if isinstance(program, Operation):
        yield program, 1
    elif isinstance(program, Stream):
        for inner, times in operations_of(program.body):
            yield inner, times * program.count
    else:
        for item in program.items:
            yield from operations_of(item)


def operation_count(program: Program) -> int:
    """How many operations a program has, each counted as often as it is done.

    Examples
    --------
    >>> read = operation("tile0", "forward", columns=2)
    >>> operation_count(Stream(Series((read, read)), 3))
    6
    """
    if isinstance(program, Operation):
        return 1
    if isinstance(program, Stream):
        return program.count * operation_count(program.body)
    return sum(map(operation_count, program.items))
