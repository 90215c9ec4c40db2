"""Programs as text and numbers: what they do as a pattern, and the counts in which programs of one differ.

A pattern is a line of JSON. An operation is an object with its part, its action, its target if it has one,
and its counts by name; a series and a parallel are lists of items under these names; a stream has a count
and the item that it repeats. Where ``null`` stands for a number, each program of the pattern has its own:
these are given beside it, in the order in which they stand there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from chipsim.parts.program import (
    Kept,
    Operation,
    Parallel,
    Program,
    Series,
    Stream,
    operation,
)

__all__ = ["Skeleton", "TakenApart", "pattern_of", "program_from"]

Skeleton: TypeAlias = tuple[Any, ...]
"""A program without its numbers: equal for programs that differ in numbers only."""


class TakenApart:
    """Takes programs apart into what they do and their numbers, and remembers operations.

    Examples
    --------
    >>> apart = TakenApart()
    >>> read = operation("tile0", "forward", columns=2, rows=3)
    >>> skeleton, numbers = apart.of(Stream(Series((read, read)), 5))
    >>> numbers
    [5, 2, 3, 2, 3]
    >>> skeleton == apart.of(Stream(Series((read, read)), 6))[0]
    True
    """

    def __init__(self) -> None:
        self._known = Kept[Program, tuple[Skeleton, tuple[int, ...]]](10_000)

    def of(self, program: Program) -> tuple[Skeleton, list[int]]:
        """The skeleton of a program, and its numbers in the order in which they stand there."""
        skeleton, numbers = self._taken(program)
        return skeleton, [*numbers]

    def _part(self, program: Program) -> tuple[Skeleton, tuple[int, ...]]:
        # Steps share nearly all that they are made of, and its hash is known.
        known = self._known.get(program)
        if known is None:
            known = self._known[program] = self._taken(program)
        return known

    def _taken(self, program: Program) -> tuple[Skeleton, tuple[int, ...]]:
        if isinstance(program, Operation):
            numbers = tuple([value for _, value in program.counts])
            return (program.part, program.action, program.target, program.names), numbers
        if isinstance(program, Stream):
            skeleton, numbers = self._part(program.body)
            return ("stream", skeleton), (program.count, *numbers)
        skeletons: list[Skeleton] = []
        whole: list[int] = []
        for item in program.items:
            skeleton, numbers = self._part(item)
            skeletons.append(skeleton)
            whole += numbers
        sort = "series" if isinstance(program, Series) else "parallel"
        return (sort, tuple(skeletons)), tuple(whole)


def pattern_of(skeleton: Skeleton, numbers: Sequence[int | None]) -> str:
    """A skeleton with its numbers as text; None stands for a number that programs of this pattern vary in.

    Examples
    --------
    >>> skeleton, _ = TakenApart().of(operation("tile0", "update", slots=9, visits=3))
    >>> pattern_of(skeleton, [None, 3])
    '{"part":"tile0","action":"update","counts":{"slots":null,"visits":3}}'
    """
    return json.dumps(_plain(skeleton, iter(numbers)), separators=(",", ":"))


def _plain(skeleton: Skeleton, numbers: Iterator[int | None]) -> dict[str, Any]:
    if len(skeleton) == 4:
        part, action, target, names = skeleton
        said = {"part": part, "action": action}
        if target:
            said["target"] = target
        return {**said, "counts": {name: next(numbers) for name in names}}
    sort, inner = skeleton
    if sort == "stream":
        count = next(numbers)
        return {"count": count, "stream": _plain(inner, numbers)}
    return {sort: [_plain(item, numbers) for item in inner]}


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
