"""Kept programs as counts of their operations, which give energy under any prices of energy at once.

What an operation takes does not depend on what goes on beside it, so energy is a sum of counts times prices,
and nothing has to be timed again for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.parts.patterns import program_from
from chipsim.parts.program import Operation, operations_of
from chipsim.result.kept import DataCharge, KeptItems, KeptPrograms
from chipsim.run.alike import linear
from chipsim.run.alone import alone
from chipsim.run.events import execute
from chipsim.run.repeating import priced

__all__ = ["Counted"]


@attrs.frozen
class _Group:
    """Operations that differ in their counts alone, and how often each was done."""

    times: Mapping[Operation, int]
    whole: int
    """How often all of them were done."""
    sums: tuple[int, ...]
    """Each count, summed over all that was done."""


class Counted:
    """How often a run did each operation.

    Parameters
    ----------
    kept
        Programs of the run.

    Raises
    ------
    ValueError
        When a pattern of them is none.

    Examples
    --------
    >>> from chipsim.run import prepare, simulate
    >>> short = ["phases.0.dataset.train=20"]
    >>> result = simulate("single-pair", "mnist-5k", epochs=1, sets=short)
    >>> counted = Counted(result.kept)
    >>> chip = prepare("single-pair", "mnist-5k", sets=short, seed=None).chip
    >>> counted.energy_aj(chip) == result.summary["energy_aJ"]
    True
    """

    def __init__(self, kept: KeptPrograms) -> None:
        times: Counter[Operation] = Counter()
        for items in kept.items:
            for op, many in _operations(items):
                times[op] += many
        self._groups = tuple(_grouped(times))
        self._charges: tuple[DataCharge, ...] = kept.charges

    def energy_aj(self, chip: Chip) -> int:
        """The energy of the run, at the prices of a chip that differs in these alone; it may have no state.

        Raises
        ------
        OutputError
            When parts were charged what nobody can price.
        UnknownCountError, UnknownActionError
            When the chip does not do these operations.
        """
        timed = sum(_energy(group, chip) for group in self._groups)
        return timed + sum(priced(charge, chip).energy_aj for charge in self._charges)


def _operations(items: KeptItems) -> Iterator[tuple[Operation, int]]:
    """Every operation of items of one pattern, with how often it was done."""
    width = items.counts.shape[1]
    # Negative numbers, which no count has, show which of them vary.
    marked = list(operations_of(program_from(items.pattern, tuple(range(-1, -1 - width, -1)))))
    marks = [value for op, _ in marked for _, value in op.counts if value < 0]
    if sorted(marks) != list(range(-width, 0)):
        # How often a stream repeats its body varies, too.
        for numbers, done in zip(items.counts.tolist(), items.times.tolist(), strict=True):
            for op, times in operations_of(program_from(items.pattern, tuple(numbers))):
                yield op, times * done
        return
    for op, times in marked:
        for of_item, done in _distinct(op, items):
            yield of_item, times * done


def _distinct(op: Operation, items: KeptItems) -> Iterator[tuple[Operation, int]]:
    """An operation of a pattern with the numbers of each item; items may have the same."""
    places = [-1 - value for _, value in op.counts if value < 0]
    if not places:
        yield op, int(items.times.sum())
        return
    rows, which = np.unique(items.counts[:, places], axis=0, return_inverse=True)
    done = np.zeros(len(rows), np.int64)
    np.add.at(done, which.reshape(-1), items.times)
    for row, times in zip(rows.tolist(), done.tolist(), strict=True):
        numbers = iter(row)
        counts = tuple((name, next(numbers) if value < 0 else value) for name, value in op.counts)
        yield attrs.evolve(op, counts=counts), times


def _grouped(times: Mapping[Operation, int]) -> Iterator[_Group]:
    groups: defaultdict[tuple[object, ...], dict[Operation, int]] = defaultdict(dict)
    for op, many in times.items():
        groups[op.part, op.action, op.target, op.names][op] = many
    for ops in groups.values():
        columns = zip(*([value * many for _, value in op.counts] for op, many in ops.items()), strict=True)
        yield _Group(ops, sum(ops.values()), tuple(map(sum, columns)))


def _energy(group: _Group, chip: Chip) -> int:
    """The energy of a group: by a unit of each count where its part is linear, else one by one."""
    first = next(iter(group.times))
    if len(group.times) > len(first.counts) + 1:
        by = linear(chip, first, first.names)
        if by is not None:
            nothing, *units = [ledger.total.energy_aj for ledger in by.charges]
            return nothing * group.whole + sum(map(int.__mul__, units, group.sums))
    return sum(_energy_of(op, chip) * many for op, many in group.times.items())


def _energy_of(op: Operation, chip: Chip) -> int:
    # Where a part says what it does only by doing it, it does it.
    timing = alone(chip, op) or execute(chip, op)
    return timing.ledger.total.energy_aj
