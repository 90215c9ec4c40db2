"""Keeping what was executed, epoch by epoch, as patterns and numbers that a result can hold."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.ledger import DataLedger
from chipsim.parts.patterns import Skeleton, TakenApart, pattern_of, program_from
from chipsim.parts.program import Alike, Marked, Operation, Program
from chipsim.result.kept import DataCharge, KeptItems, KeptPrograms
from chipsim.run.items import counted_items, items_of
from chipsim.state import State

__all__ = ["MOST_KEPT", "NOT_KEPT", "Keeping"]

MOST_KEPT: Final = 2_000_000
"""Distinct items of all epochs that a result keeps at most: some ten megabytes."""
NOT_KEPT: Final = (
    "the programs of this run are not kept: there are too many that differ; it cannot be repriced, and other "
    "costs take a run of their own"
)
_WAITING: Final = 1_000
"""Distinct programs that wait to be taken apart; each is of some kilobytes."""

Integers: TypeAlias = NDArray[np.int64]
_AlikeKey: TypeAlias = tuple[Program, tuple[Operation, ...], tuple[str, ...]]


class Keeping:
    """Collects the items that a chip executes, with how often it does each.

    Parameters
    ----------
    most
        Distinct items of all epochs that are kept; where there are more, none is.

    Examples
    --------
    >>> from chipsim.parts.program import operation
    >>> keeping = Keeping()
    >>> for columns in (2, 3, 2):
    ...     keeping.add(operation("tile0", "forward", columns=columns))
    >>> keeping.close(1)
    >>> kept = keeping.programs()
    >>> kept.items[0].counts.tolist(), kept.items[0].times.tolist()
    ([[2], [3]], [2, 1])
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._apart = TakenApart()
        self._waiting: dict[Program, int] = {}
        self._found: dict[Skeleton, dict[bytes, int]] = {}
        self._alike: dict[_AlikeKey, list[tuple[Integers, int]]] = {}
        self._items: list[KeptItems] = []
        self._charges: list[DataCharge] = []
        self._charged: dict[tuple[str, str], tuple[int, ...]] = {}
        self._distinct = 0

    @property
    def overflown(self) -> bool:
        """Whether there were more distinct items than are kept, so that none is."""
        return self._distinct > self._most

    def add(self, program: Program, times: int = 1) -> None:
        """Note that a program was executed `times` over."""
        waiting = self._waiting
        waiting[program] = waiting.get(program, 0) + times
        if len(waiting) >= _WAITING:
            self._take_apart()

    def add_alike(self, programs: Alike, counts: Integers, times: int) -> None:
        """Note that programs of a pattern were executed, each `times` over.

        Parameters
        ----------
        programs
            Those that are alike.
        counts
            Of each that was executed (programs, operations, names).
        times
            How often.
        """
        key = (programs.pattern, programs.varied, programs.names)
        self._alike.setdefault(key, []).append((counts, times))

    def add_marked(self, marked: Marked, numbers: Integers, times: Sequence[int]) -> None:
        """Note that programs were executed that differ in what stands in the place of marks.

        Parameters
        ----------
        marked
            What they have in common.
        numbers
            Of each program (programs, marks).
        times
            How often each was.
        """
        if self.overflown:
            return
        for item in items_of(marked.pattern):
            skeleton, said = self._apart.of(item)
            column_of = {mark: column for column, mark in enumerate(marked.marks)}
            places = [place for place, number in enumerate(said) if number in column_of]
            if not places:
                self.add(item, sum(times))
                continue
            rows = np.tile(np.array(said, np.int64), (len(numbers), 1))
            rows[:, places] = numbers[:, [column_of[said[place]] for place in places]]
            found = self._found.setdefault(skeleton, {})
            for key, often in zip(map(bytes, rows), times, strict=True):
                found[key] = found.get(key, 0) + often

    def _take_apart(self) -> None:
        """Turn programs that wait into numbers, which take less memory."""
        items = counted_items(self._waiting)
        self._waiting.clear()
        if self.overflown:
            return
        for item, times in items.items():
            skeleton, numbers = self._apart.of(item)
            found = self._found.setdefault(skeleton, {})
            key = array("q", numbers).tobytes()
            found[key] = found.get(key, 0) + times

    def close(self, epoch: int, ledger: DataLedger | None = None) -> None:
        """End an epoch: what was added since the last one is its own.

        Parameters
        ----------
        epoch
            Its number.
        ledger
            What data has charged up to its end.
        """
        for key, blocks in self._alike.items():
            self._close_alike(epoch, key, blocks)
        self._alike.clear()
        self._take_apart()
        for skeleton, rows, times in self._rows():
            self._keep(epoch, skeleton, rows, times)
        self._found.clear()
        if ledger is not None:
            self._close_charges(epoch, ledger)

    def _close_alike(self, epoch: int, key: _AlikeKey, blocks: list[tuple[Integers, int]]) -> None:
        """Put programs together that are a pattern but for their counts; these are all in its last item."""
        pattern, varied, names = key
        rows, times = _together(blocks)
        # Numbers that no count has show where in the pattern each count stands.
        marks = -1 - np.arange(rows.shape[1])
        shape = len(varied), len(names)
        marked = Alike(pattern, varied, names, marks.reshape(1, *shape))
        *before, last = items_of(marked.program(marked.counts[0].tolist()))
        for item in before:
            self.add(item, int(times.sum()))
        skeleton, numbers = self._apart.of(last)
        places = [numbers.index(mark) for mark in marks.tolist()]
        self._keep_varied(epoch, skeleton, np.array(numbers, np.int64), places=places, rows=rows, times=times)

    def _keep(self, epoch: int, skeleton: Skeleton, rows: Integers, times: Integers) -> None:
        """Keep items (items, numbers); numbers that all of them share become part of the pattern."""
        places = np.flatnonzero((rows != rows[:1]).any(axis=0))
        self._keep_varied(epoch, skeleton, rows[0], places=places.tolist(), rows=rows[:, places], times=times)

    def _keep_varied(
        self,
        epoch: int,
        skeleton: Skeleton,
        numbers: Integers,
        *,
        places: list[int],
        rows: Integers,
        times: Integers,
    ) -> None:
        self._distinct += len(rows)
        if self.overflown:
            self._items.clear()
            return
        said: list[int | None] = [*map(int, numbers)]
        for place in places:
            said[place] = None
        # In the order in which they stand in the pattern, and smallest first: such columns take little room.
        rows, times = _unique(rows[:, np.argsort(places)] if places else rows, times)
        pattern = pattern_of(skeleton, said)
        self._items.append(KeptItems(epoch=epoch, pattern=pattern, counts=rows, times=times))

    def _close_charges(self, epoch: int, ledger: DataLedger) -> None:
        for part, action, entry in ledger:
            row = (part, action)
            now = (entry.energy_aj, entry.pulses, *ledger.lines.get(row, (0, 0)))
            before = self._charged.get(row)
            more = [new - old for new, old in zip(now, before or (0, 0, 0, 0), strict=True)]
            energy, pulses, rows, columns = more
            self._charged[row] = now
            # Once also where it is nothing: a ledger has a line for it.
            if before is None or any(more):
                self._charges.append(
                    DataCharge(
                        epoch=epoch, part=part, action=action, energy_aj=energy, pulses=pulses, rows=rows,
                        columns=columns,
                    )
                )  # fmt: skip

    def state(self) -> State:
        """All that was added, in whole numbers, texts and programs."""
        self._take_apart()
        return {
            "items": [(one.epoch, one.pattern, one.counts, one.times) for one in self._items],
            "charges": [attrs.asdict(one) for one in self._charges],
            "charged": [(*row, *amounts) for row, amounts in self._charged.items()],
            "distinct": self._distinct,
            "alike": [(*key, *_together(blocks)) for key, blocks in self._alike.items()],
            "found": [
                (pattern_of(skeleton, [None] * len(rows[0])), rows, times)
                for skeleton, rows, times in self._rows()
            ],
        }

    def restore(self, state: State) -> None:
        """Go on with what another one had."""
        self._items = [
            KeptItems(epoch=epoch, pattern=pattern, counts=counts, times=times)
            for epoch, pattern, counts, times in state["items"]
        ]
        self._charges = [DataCharge(**one) for one in state["charges"]]
        self._charged = {(part, action): tuple(amounts) for part, action, *amounts in state["charged"]}
        self._distinct = state["distinct"]
        for pattern, varied, names, rows, times in state["alike"]:
            shape = (-1, len(varied), len(names))
            # Each row as often as it was: counted together again when the epoch ends.
            self._alike[pattern, varied, names] = [(np.repeat(rows, times, axis=0).reshape(shape), 1)]
        for pattern, rows, times in state["found"]:
            for numbers, often in zip(rows.tolist(), times.tolist(), strict=True):
                self.add(program_from(pattern, numbers), often)

    def _rows(self) -> Iterator[tuple[Skeleton, Integers, Integers]]:
        """What was taken apart of the epoch under way: numbers (items, numbers), and how often each was."""
        for skeleton, found in self._found.items():
            rows = np.frombuffer(b"".join(found), np.int64)
            times = np.fromiter(found.values(), np.int64, len(found))
            yield skeleton, rows.reshape(len(found), -1), times

    def programs(self, *, first_step: Program | None = None) -> KeptPrograms | None:
        """All that was kept; None where that was too much.

        Parameters
        ----------
        first_step
            The first step of the last epoch, which is kept as well.
        """
        if self.overflown:
            return None
        step = "" if first_step is None else self._text(first_step)
        return KeptPrograms(items=tuple(self._items), charges=tuple(self._charges), first_step=step)

    def _text(self, program: Program) -> str:
        skeleton, numbers = self._apart.of(program)
        return pattern_of(skeleton, numbers)


def _together(blocks: list[tuple[Integers, int]]) -> tuple[Integers, Integers]:
    """Different rows of counts (rows, operations times names), and how often there was each."""
    counts = np.concatenate([block.reshape(len(block), -1) for block, _ in blocks])
    often = np.concatenate([np.full(len(block), times, np.int64) for block, times in blocks])
    return _unique(counts, often)


def _unique(rows: Integers, times: Integers) -> tuple[Integers, Integers]:
    """Different rows, ascending, and how often there is each.

    Parameters
    ----------
    rows
        Whole numbers (rows, numbers).
    times
        How often there is each row (rows,).

    Examples
    --------
    >>> found, often = _unique(np.array([[2, 1], [1, 5], [2, 1]]), np.array([1, 1, 3]))
    >>> found.tolist(), often.tolist()
    ([[1, 5], [2, 1]], [1, 4])
    """
    if not len(rows) or not rows.shape[1]:
        return rows[:1], times.sum(keepdims=True)[: len(rows)]
    # The last key of a lexical sort is its first one; numpy's own unique rows are ten times as slow.
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    places = np.flatnonzero(begins)
    return ordered[places], np.add.reduceat(times[order], places)
