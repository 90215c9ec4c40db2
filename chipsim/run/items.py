"""The items of a program between which the chip is at rest."""

from __future__ import annotations

from chipsim.parts.program import Parallel, Program, Series

__all__ = ["items_of"]


def items_of(program: Program) -> list[Program]:
    """The items between which the chip is at rest."""
    if isinstance(program, Series):
        return [inner for item in program.items for inner in items_of(item)]
    # An update that changes nothing, as where no weight left its level, is an empty parallel: it takes no
    # time, and there is nothing to simulate.
    if isinstance(program, Parallel) and not program.items:
        return []
    return [program]
