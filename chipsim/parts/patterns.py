"""Programs as text and numbers: what they do as a pattern, and the counts in which programs of one differ.

A pattern is a line of JSON. An operation is an object with its part, its action, its target if it has one,
and its counts by name; a series and a parallel are lists of items under these names; a stream has a count
and the item that it repeats. Where ``null`` stands for a number, each program of the pattern has its own:
these are given beside it, in the order in which they stand there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from chipsim.parts.program import (
    Operation,
    Parallel,
    Program,
    Series,
    Stream,
    operation,
)

__all__ = ["Skeleton", "TakenApart", "pattern_of", "program_from"]

Skeleton: TypeAlias = str
"""A program without its numbers, as its pattern with a mark for each: equal for programs that differ in
numbers only."""

_NUMBER: Final = "\0"
"""Stands for a number in a skeleton; in the texts of JSON it is always escaped."""
_REMEMBERED: Final = 2_000
"""Parts of programs that are remembered: of a step some dozens, and one update more with each."""


class TakenApart:
    """Takes programs apart into what they do and their numbers, and remembers what they are made of.

    Examples
    --------
    >>> apart = TakenApart()
    >>> read = operation("tile0", "forward", columns=2, rows=3)
    >>> skeleton, numbers = apart.of(Stream(Series((read, read)), 5))
    >>> numbers
    (5, 2, 3, 2, 3)
    >>> skeleton == apart.of(Stream(Series((read, read)), 6))[0]
    True
    """

    def __init__(self) -> None:
        self._known: dict[Program, tuple[Skeleton, tuple[int, ...]]] = {}
        self._operations: dict[tuple[object, ...], Skeleton] = {}

    def of(self, program: Program) -> tuple[Skeleton, tuple[int, ...]]:
        """The skeleton of a program, and its numbers in the order in which they stand there."""
        if isinstance(program, Operation):
            return self._operation(program)
        # Steps share nearly all that they are made of, and its hash is known.
        known = self._known.get(program)
        if known is None:
            known = self._taken(program)
            # Whatever steps share is soon known again.
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[program] = known
        return known

    def _operation(self, op: Operation) -> tuple[Skeleton, tuple[int, ...]]:
        numbers = tuple([value for _, value in op.counts])
        key = op.part, op.action, op.target, op.names
        skeleton = self._operations.get(key)
        if skeleton is None:
            skeleton = self._operations[key] = _skeleton(op)
        return skeleton, numbers

    def _taken(self, program: Series | Parallel | Stream) -> tuple[Skeleton, tuple[int, ...]]:
        if isinstance(program, Stream):
            skeleton, numbers = self.of(program.body)
            return f'{{"count":{_NUMBER},"stream":{skeleton}}}', (program.count, *numbers)
        skeletons: list[Skeleton] = []
        whole: list[int] = []
        for item in program.items:
            skeleton, numbers = self.of(item)
            skeletons.append(skeleton)
            whole += numbers
        sort = "series" if isinstance(program, Series) else "parallel"
        return f'{{"{sort}":[{",".join(skeletons)}]}}', tuple(whole)


def _skeleton(op: Operation) -> Skeleton:
    target = f',"target":{json.dumps(op.target)}' if op.target else ""
    counts = ",".join(f"{json.dumps(name)}:{_NUMBER}" for name in op.names)
    said = f'"part":{json.dumps(op.part)},"action":{json.dumps(op.action)}{target}'
    return f'{{{said},"counts":{{{counts}}}}}'


def pattern_of(skeleton: Skeleton, numbers: Sequence[int | None]) -> str:
    """A skeleton with its numbers as text; None stands for a number that programs of this pattern vary in.

    Examples
    --------
    >>> skeleton, _ = TakenApart().of(operation("tile0", "update", slots=9, visits=3))
    >>> pattern_of(skeleton, [None, 3])
    '{"part":"tile0","action":"update","counts":{"slots":null,"visits":3}}'
    """
    *before, last = skeleton.split(_NUMBER)
    pieces: list[str] = []
    for piece, number in zip(before, numbers, strict=True):
        pieces += (piece, "null" if number is None else str(number))
    return "".join((*pieces, last))


def program_from(pattern: str, numbers: Sequence[int] = ()) -> Program:
    """The program of a pattern with these numbers in the places of ``null``.

    Raises
    ------
    ValueError
        When the text is no pattern, or there are more or fewer numbers than it has places.

    Examples
    --------
    >>> program_from('{"part":"tile0","action":"update","counts":{"slots":null,"visits":3}}', [7])["slots"]
    7
    """
    given = iter(numbers)
    try:
        program = _program(json.loads(pattern), given)
    except (KeyError, TypeError, AttributeError, StopIteration, RecursionError) as error:
        raise ValueError(f"is no pattern of programs: {pattern[:60]!r}") from error
    if next(given, None) is not None:
        raise ValueError(f"{len(numbers)} numbers are more than the pattern has places: {pattern[:60]!r}")
    return program


def _program(said: dict[str, Any], numbers: Iterator[int]) -> Program:
    if "stream" in said:
        count = _number(said["count"], numbers)
        return Stream(_program(said["stream"], numbers), count)
    for sort, made in (("series", Series), ("parallel", Parallel)):
        if sort in said:
            return made(tuple([_program(item, numbers) for item in said[sort]]))
    counts = {name: _number(value, numbers) for name, value in said["counts"].items()}
    return operation(said["part"], said["action"], said.get("target", ""), **counts)


def _number(value: Any, numbers: Iterator[int]) -> int:
    found = next(numbers) if value is None else value
    if type(found) is not int:
        raise TypeError(f"{found!r} is no whole number")
    return found
