"""Programs that differ in some counts, timed by what these make of the steps of operations.

How many bits are sent decides what that is charged, and how many cycles it takes; how long a program takes
hangs on the cycles alone. So of programs whose operations claim the same for the same times one is timed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.ledger import Ledger
from chipsim.parts.plan import Claim, Wait
from chipsim.parts.program import Marked, Operation, Program, operations_of
from chipsim.run.alone import alone
from chipsim.units import Ps

__all__ = ["BySteps", "by_steps"]


class BySteps:
    """How programs are timed that differ in what stands in the place of marks.

    Parameters
    ----------
    marked
        What they have in common.
    chip
        Has a plan of each of its operations.
    timed
        How long a program takes.
    """

    def __init__(self, marked: Marked, chip: Chip, *, timed: Callable[[Program], Ps]) -> None:
        self._marked, self._chip, self._timed = marked, chip, timed
        ops = Counter[Operation]()
        for op, times in operations_of(marked.pattern):
            ops[op] += times
        self._varied = [(op, times, marked.places(op)) for op, times in ops.items() if marked.places(op)]
        self._fixed = [(op, times) for op, times in ops.items() if not marked.places(op)]
        self._said: list[dict[tuple[int, ...], Operation]] = [{} for _ in self._varied]
        self._stands_for: dict[Operation, Operation] = {}
        self._took: dict[tuple[Operation, ...], Ps] = {}
        self._done: Counter[Operation] = Counter()

    def take(self, numbers: NDArray[np.int64], times: Sequence[int]) -> Ps:
        """Take programs into account (programs, marks), each so often, and say how long all of them take."""
        total = 0
        for row, often in zip(numbers.tolist(), times, strict=True):
            key = tuple([self._stand_in(place, row, often) for place in range(len(self._varied))])
            took = self._took.get(key)
            if took is None:
                others = {op: stand_in for (op, _, _), stand_in in zip(self._varied, key, strict=True)}
                took = self._took[key] = self._timed(self._marked.with_operations(others))
            total += took * often
        whole = sum(times)
        for op, in_each in self._fixed:
            self._done[op] += whole * in_each
        return Ps(total)

    def _stand_in(self, place: int, row: list[int], often: int) -> Operation:
        """Count an operation of a program, and say which one takes the same steps."""
        marked, in_each, places = self._varied[place]
        said, key = self._said[place], tuple([row[column] for column in places])
        op = said.get(key)
        if op is None:
            op = said[key] = self._marked.operation(marked, row)
            self._stands_for[op] = self._least(marked, op, row, places)
        self._done[op] += often * in_each
        return self._stands_for[op]

    def _least(self, marked: Operation, op: Operation, row: list[int], places: tuple[int, ...]) -> Operation:
        """The operation with the least number that takes the same steps: one for all, whoever comes first."""
        if len(places) != 1:
            return op
        (column,), steps, numbers = places, _steps(self._chip, op), list(row)
        low, high = 0, row[column]
        # More takes as long or longer.
        while low < high:
            numbers[column] = (low + high) // 2
            if _steps(self._chip, self._marked.operation(marked, numbers)) == steps:
                high = numbers[column]
            else:
                low = numbers[column] + 1
        numbers[column] = high
        return self._marked.operation(marked, numbers)

    def charge(self, ledger: Ledger) -> None:
        """Charge what was taken into account, once."""
        done, self._done = self._done, Counter()
        for op, times in done.items():
            timing = alone(self._chip, op)
            assert timing is not None, "it was planned when it was taken into account"
            ledger.add(timing.ledger, times)


def by_steps(marked: Marked, chip: Chip, *, timed: Callable[[Program], Ps]) -> BySteps | None:
    """How programs are timed by the steps of their operations; None where a part has no plan of one.

    Parameters
    ----------
    marked, chip, timed
        As :class:`BySteps` takes them.
    """
    # Whether a part plans an action does not hang on its counts.
    some = marked.program([1] * len(marked.marks))
    if any(alone(chip, op) is None for op, _ in operations_of(some)):
        return None
    return BySteps(marked, chip, timed=timed)


def _steps(chip: Chip, op: Operation) -> Hashable:
    """What an operation claims and frees, and for how long it waits in between."""
    plan = chip.plan(op)
    assert plan is not None, "looked for when the pattern came first"
    found: list[Hashable] = []
    for step in plan.steps:
        if isinstance(step, Wait):
            found.append((step.time, bool(step.charges)))
        else:
            found.append((isinstance(step, Claim), id(step.server)))
    return tuple(found)
