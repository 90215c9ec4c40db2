"""Programs that differ in some counts only: timed all at once, where their times are linear in these.

A serial update takes as many pulse slots and visits as the data asks for, so nearly every sample of a run is
a program of its own. Its time is known from a few of them, and so is what it is charged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from operator import mul

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.ledger import Ledger
from chipsim.parts.program import Alike, Operation, Program, operations_of
from chipsim.run.alone import Timing, alone
from chipsim.run.tails import Shape, Tailed, shape_of
from chipsim.units import Ps

__all__ = ["Linear", "Way", "linear", "way_of"]


@attrs.frozen(eq=False)
class Linear:
    """What an operation takes: something at least, and more for each unit of its counts."""

    least: int
    """Its time if all counts were zero, ps."""
    by: tuple[int, ...]
    """Time of a unit of each count, ps."""
    charges: tuple[Ledger, ...]
    """What it is charged if all counts were zero, and for a unit of each."""


def linear(chip: Chip, op: Operation, names: Sequence[str]) -> Linear | None:
    """What an operation takes by some of its counts; None where its part does not say that it is linear.

    Parameters
    ----------
    chip
        The chip.
    op
        Any of the operations that differ in these counts.
    names
        Names of the counts.
    """
    one = alone(chip, op) if not op.target and chip.parts[op.part].is_linear(op) else None
    if one is None:
        return None
    least, nothing = one.elapsed, _times(one.ledger, 1)
    by: list[int] = []
    charges: list[Ledger] = []
    for name in names:
        more = alone(chip, _with(op, name, op[name] + 1))
        assert more is not None, "it has a plan with other counts too"
        of_unit = _times(more.ledger, 1)
        of_unit.add(one.ledger, -1)
        by.append(more.elapsed - one.elapsed)
        charges.append(of_unit)
        least = Ps(least - op[name] * by[-1])
        nothing.add(of_unit, -op[name])
    return Linear(least, tuple(by), (nothing, *charges))


def _with(op: Operation, name: str, value: int) -> Operation:
    counts = tuple((key, value if key == name else had) for key, had in op.counts)
    return attrs.evolve(op, counts=counts)


def _times(ledger: Ledger, times: int) -> Ledger:
    copy = Ledger()
    copy.add(ledger, times)
    return copy


class Way:
    """How programs of one pattern are timed, and what is still to be charged of them.

    Parameters
    ----------
    fixed
        What all of them take, whatever their counts.
    before
        Time before their last item begins, ps.
    rest
        When the last item ends at the earliest, counted from its beginning, ps.
    begins
        When each operation that varies begins, likewise.
    varied
        What these take.
    """

    def __init__(
        self,
        fixed: Sequence[Timing],
        *,
        before: int,
        rest: int,
        begins: Sequence[int],
        varied: Sequence[Linear],
    ) -> None:
        self._fixed, self._varied = tuple(fixed), tuple(varied)
        self._before, self._rest = before, rest
        self._ends = [(begin + one.least, one.by) for begin, one in zip(begins, varied, strict=True)]
        self._programs = 0
        self._units = [[0] * len(one.by) for one in varied]

    def take(self, counts: NDArray[np.int64], times: int = 1) -> Ps:
        """Take programs into account, and say how long all of them take.

        Parameters
        ----------
        counts
            Of each program (programs, operations, names).
        times
            How often each is carried out.
        """
        self._programs += times * len(counts)
        for had, more in zip(self._units, counts.sum(axis=0).tolist(), strict=True):
            for place, units in enumerate(more):
                had[place] += times * units
        took = self._before * len(counts)
        # Whole numbers of Python's: sums of picoseconds may be longer than 64 bits hold.
        for of_program in counts.tolist():
            last = self._rest
            for (least, by), of_op in zip(self._ends, of_program, strict=True):
                end = least + sum(map(mul, by, of_op))
                last = max(last, end)
            took += last
        return Ps(times * took)

    def charge(self, ledger: Ledger) -> None:
        """Charge what was taken into account, once."""
        for timing in self._fixed:
            ledger.add(timing.ledger, self._programs)
        for one, units in zip(self._varied, self._units, strict=True):
            for charges, times in zip(one.charges, (self._programs, *units), strict=True):
                ledger.add(charges, times)
        self._programs = 0
        self._units = [[0] * len(units) for units in self._units]


def way_of(
    programs: Alike,
    items: Sequence[Program],
    *,
    chip: Chip,
    in_two: Callable[[Program, Shape], Tailed | None],
    timing: Callable[[Program], Timing],
) -> Way | None:
    """How programs that are alike are timed; None where that does not follow from their counts.

    Parameters
    ----------
    programs
        The programs.
    items
        Those of their pattern, between which the chip is at rest.
    chip
        The chip.
    in_two
        Parts an item from its last operations.
    timing
        Times an item.
    """
    *before, last = items
    shape = shape_of(last)
    two = None if shape is None else in_two(last, shape)
    if shape is None or two is None or not programs.varied:
        return None
    often: Counter[Operation] = Counter()
    for op, times in operations_of(programs.pattern):
        often[op] += times
    # Whatever else it is in does not stay the same when its counts change.
    if any(op not in shape.last or often[op] > 1 for op in programs.varied):
        return None
    varied = [found for op in programs.varied if (found := linear(chip, op, programs.names))]
    if len(varied) < len(programs.varied):
        return None
    begins = dict(zip(shape.last, two.begin, strict=True))
    # One after another, for those that do not vary may be the same and begin at other times.
    begun = zip(shape.last, two.begin, strict=True)
    same = [(begin, timing(op)) for op, begin in begun if op not in programs.varied]
    first, rest = [timing(item) for item in before], timing(two.rest)
    ends = [begin + timed.elapsed for begin, timed in same]
    return Way(
        [*first, rest, *(timed for _, timed in same)],
        before=sum(timed.elapsed for timed in first),
        rest=max(rest.elapsed, *ends, 0),
        begins=[begins[op] for op in programs.varied],
        varied=varied,
    )
