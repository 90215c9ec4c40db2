"""The items of a program between which the chip is at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from chipsim.parts.program import Parallel, Program, Series

__all__ = ["counted_items", "items_of"]


def items_of(program: Program) -> list[Program]:
    """The items between which the chip is at rest."""
    if isinstance(program, Series):
        return [inner for item in program.items for inner in items_of(item)]
    return [] if _is_nothing(program) else [program]


def counted_items(programs: Mapping[Program, int]) -> dict[Program, int]:
    """The items of many programs and how often each is executed, in the order in which they come first.

    Parameters
    ----------
    programs
        Programs, and how often each is.

    Examples
    --------
    >>> from chipsim.parts.program import operation
    >>> read, write = operation("tile0", "forward", columns=2), operation("buffer", "write", bits=8)
    >>> passes = Series((read, write, read))
    >>> counted = counted_items({Series((passes, write)): 2, passes: 1})
    >>> [(item.action, times) for item, times in counted.items()]
    [('forward', 6), ('write', 5)]
    """
    counted = dict(programs)
    # Level by level: steps share nearly all the series that they are made of, so that each is looked into
    # once however many steps there are.
    while any(isinstance(program, Series) for program in counted):
        inner: Counter[Program] = Counter()
        for program, times in counted.items():
            for item in program.items if isinstance(program, Series) else (program,):
                inner[item] += times
        counted = inner
    return {item: times for item, times in counted.items() if not _is_nothing(item)}


def _is_nothing(program: Program) -> bool:
    # An update that changes nothing, as where no weight left its level, is an empty parallel: it takes no
    # time, and there is nothing to simulate.
    return isinstance(program, Parallel) and not program.items
