"""Executing programs on a chip: event simulation, and replay of what was timed before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.ledger import Ledger, Record, Trace
from chipsim.parts.plan import Wait
from chipsim.parts.program import Alike, Kept, Marked, Program
from chipsim.run.alike import Way, way_of
from chipsim.run.alone import Timing, alone
from chipsim.run.by_steps import BySteps, by_steps
from chipsim.run.events import execute, execute_by, take
from chipsim.run.items import items_of
from chipsim.run.keeping import Keeping
from chipsim.run.strands import Steps, Strands
from chipsim.run.tails import Shape, Tailed, shape_of, tailed
from chipsim.state import State
from chipsim.units import Ps

__all__ = ["Executor", "Timing", "elapsed_of", "execute"]

_KEPT = 1_000
"""Programs that replay keeps at most: one of a step with hidden weights takes 12 kB with its timing, and
nearly all that come again come again soon."""

_MOST_DONE: Final = 50_000
"""Waits that are kept to be charged together."""


def elapsed_of(chip: Chip, program: Program) -> Ps:
    """How long a program takes on a chip at rest, item by item; nothing is charged.

    Between the items of a series the chip is at rest, and a long stream is cut short only by itself.
    """
    strands = Strands(chip)
    return Ps(sum(execute_by(strands, item, skips=True).elapsed for item in items_of(program)))


class Executor:
    """Times programs one after another and keeps the books.

    Parameters
    ----------
    chip
        The chip that executes.
    replay
        Time each distinct program once, and charge it again without simulating when it comes again.
    keep
        Distinct programs kept at most; the oldest half is forgotten when there are more.
    trace
        Note which program was executed when, for :meth:`trace`.
    keeping
        Told of everything that was executed.

    Notes
    -----
    Between the items of a series the chip is at rest: each starts when everything before it has ended.
    So a program that is a series is timed item by item, and items are what replay remembers; a stream's
    or a parallel's items overlap and are timed together. Being at rest, the time of an item does not
    depend on what came before it, which makes replay exact. Of items that differ in their last operations
    only, the rest is timed once; see :mod:`~chipsim.run.tails`.
    """

    def __init__(
        self,
        chip: Chip,
        *,
        replay: bool = True,
        keep: int = _KEPT,
        trace: bool = False,
        keeping: Keeping | None = None,
    ) -> None:
        self._steps = Kept[Program, tuple[list[Program], Steps | None]](1_000)
        self._tailed = Kept[Hashable, Tailed | None](1_000)
        self.chip = chip
        self.elapsed = Ps(0)
        """Simulated time so far."""
        self.distinct = 0
        """Programs that were timed: simulated event by event, or read off a plan."""
        self._keeping = keeping
        self._done: list[Wait] = []
        self._replay = replay
        self._keep = keep
        self._known: dict[Program, Timing] = {}
        self._whole: dict[Program, tuple[Ps, tuple[Program, ...]]] = {}
        # As many as a chip has pairs, or layers that learn.
        self._ways: dict[Hashable, Way | None] = {}
        self._by_steps: dict[Hashable, BySteps | None] = {}
        self._ways_before: list[Hashable] = []
        self._due: dict[Program, int] = {}
        self._ledger = Ledger()
        self._executed: list[Program] | None = [] if trace else None

    @property
    def takes_many(self) -> bool:
        """Whether nothing is lost when it is told of many equal steps at once.

        Who notes when each program was executed has them one by one.
        """
        return self._executed is None

    @property
    def chip(self) -> Chip:
        """The chip that executes; one that was cut off in the midst of something gives way to another."""
        return self._strands.chip

    @chip.setter
    def chip(self, chip: Chip) -> None:
        self._strands = Strands(chip)
        # Steps, and keys of what is in two, name the servers of one chip.
        self._steps.clear()
        self._tailed.clear()

    def run(self, program: Program, times: int = 1) -> Ps:
        """Execute a program `times` over, charge it, and return how long it took once."""
        if self._executed is not None:
            self._executed += [program] * times
        took = self._replayed(program, times) if self._replay else self._simulate_all(program, times)
        if self._keeping is not None:
            self._keeping.add(program, times)
        return took

    def _replayed(self, program: Program, times: int) -> Ps:
        known = self._whole.get(program)
        if known is None:
            # Before anything is timed: made between timing and charging, room would be made of timings that
            # are still to be charged.
            self._make_room()
            known = self._whole[program] = self._timed(program)
        self.elapsed = Ps(self.elapsed + known[0] * times)
        # Only counted here: amounts are integers, so that they can be multiplied when the books are settled.
        self._due[program] = self._due.get(program, 0) + times
        return known[0]

    def took(self, program: Program) -> Ps:
        """How long a program takes, which is charged nothing for it."""
        known = self._whole.get(program)
        return elapsed_of(self.chip, program) if known is None else known[0]

    def is_quick(self, programs: Alike) -> bool:
        """Whether programs that are alike are timed all at once, however many they are."""
        return self._way_of(programs) is not None

    def run_alike(self, programs: Alike) -> None:
        """Execute programs that are alike one after another, and charge them."""
        counts, times = programs.counts, 1
        if not len(counts):
            return
        # Trains of one length take the same slots whatever they hold: then all programs are the same.
        if (counts == counts[:1]).all():
            counts, times = counts[:1], len(counts)
        if (way := self._way_of(programs)) is not None:
            self.elapsed = Ps(self.elapsed + way.take(counts, times))
            if self._keeping is not None:
                self._keeping.add_alike(programs, counts, times)
            return
        for each in counts.tolist():
            self.run(programs.program(each), times)

    def run_marked(self, marked: Marked, numbers: NDArray[np.int64], times: Sequence[int]) -> None:
        """Execute programs that differ in what stands in the place of marks, and charge them.

        Parameters
        ----------
        marked
            What they have in common.
        numbers
            Of each program (programs, marks).
        times
            How often each is executed.
        """
        known = self._known_by(marked) if self._replay and self.takes_many else None
        if known is None:
            for each, often in zip(numbers.tolist(), times, strict=True):
                self.run(marked.program(each), often)
            return
        self.elapsed = Ps(self.elapsed + known.take(numbers, times))
        if self._keeping is not None:
            self._keeping.add_marked(marked, numbers, times)

    def _known_by(self, marked: Marked) -> BySteps | None:
        """How programs are timed by the steps of their operations; None where these are not known."""
        key = marked.pattern, marked.marks
        if key not in self._by_steps:
            self._by_steps[key] = by_steps(marked, self.chip, timed=lambda one: self._timed(one)[0])
        return self._by_steps[key]

    def _simulate_all(self, program: Program, times: int) -> Ps:
        """Simulate every item, and leave nothing out, since replay is held against this."""
        known = self._steps.get(program)
        if known is None:
            items = items_of(program)
            known = self._steps[program] = items, self._strands.of_items(items)
        items, steps = known
        took = 0
        for _ in range(times):
            self.distinct += len(items)
            # Records of a timeline are made when each charge is.
            by_steps = steps is not None and self.chip.ledger.trace is None
            took = self._simulate_steps(steps or ()) if by_steps else self._simulate_each(items)
            self.elapsed = Ps(self.elapsed + took)
        return Ps(took)

    def _simulate_steps(self, steps: Steps) -> int:
        start = int(self.chip.env.now)
        done: list[Wait] = []
        self._strands.done = done
        try:
            take(self._strands, steps)
        finally:
            self._strands.done = None
        # Only what came to its end: an execution that failed half-way charges nothing.
        self._done += done
        if len(self._done) > _MOST_DONE:
            self._charge_done()
        return int(self.chip.env.now) - start

    def _charge_done(self) -> None:
        """Charge all waits that were simulated; those that are the same are multiplied, in whole numbers."""
        for wait, times in Counter(self._done).items():
            self._ledger.charge_timed(wait.charges, times=times)
        self._done.clear()

    def _simulate_each(self, items: Sequence[Program]) -> int:
        took = 0
        for item in items:
            timing = execute_by(self._strands, item, skips=False)
            self._ledger.add(timing.ledger)
            took += timing.elapsed
        return took

    def _timed(self, program: Program) -> tuple[Ps, tuple[Program, ...]]:
        """How long a program takes, and what it is charged as: items, or what these are put together of."""
        took = 0
        charged: list[Program] = []
        for item in items_of(program):
            elapsed, pieces = self._put_together(item)
            took += elapsed
            charged += pieces
        return Ps(took), tuple(charged)

    def _put_together(self, item: Program) -> tuple[Ps, tuple[Program, ...]]:
        """An item as it is known, or by an item that differs in its last operations only."""
        shape = None if item in self._known else shape_of(item)
        two = None if shape is None else self._in_two(item, shape)
        if shape is None or two is None:
            return self._timing(item).elapsed, (item,)
        took = tuple(self._timing(op).elapsed for op in shape.last)
        return two.elapsed(self._timing(two.rest).elapsed, took), (two.rest, *shape.last)

    def _in_two(self, item: Program, shape: Shape) -> Tailed | None:
        claims = self._strands.claims
        # Counts may decide what an operation claims, and then who is in its way.
        key = shape.key, tuple(map(claims, shape.last))
        # Looked up once, for keys that hold programs take long to hash.
        try:
            return self._tailed[key]
        except KeyError:
            pass
        two = self._tailed[key] = tailed(item, shape.last, claims=claims, timeline=self.timeline)
        return two

    def _way_of(self, programs: Alike) -> Way | None:
        """How programs that are alike are timed all at once; None where each is a matter of its own."""
        if not (self._replay and self.takes_many):
            return None
        key = programs.pattern, programs.varied, programs.names
        if key not in self._ways:
            # One that was known when this was saved was counted then, and what it rests on may be forgotten.
            before = (self.distinct, dict(self._known)) if key in self._ways_before else None
            items = items_of(programs.pattern)
            way = way_of(programs, items, chip=self.chip, in_two=self._in_two, timing=self._timing)
            self._ways[key] = way
            self.distinct += len(programs.varied) if way is not None else 0
            if before is not None:
                self.distinct, self._known = before
        return self._ways[key]

    def _timing(self, item: Program) -> Timing:
        timing = self._known.get(item)
        if timing is None:
            timing = alone(self.chip, item) or execute_by(self._strands, item, skips=True)
            self.distinct += 1
            self._known[item] = timing
        return timing

    def _make_room(self) -> None:
        """Forget the older half when memory is full, once it is charged."""
        if len(self._whole) < self._keep:
            return
        # Charges of what is forgotten could not be looked up any more.
        self.settle()
        oldest_half = list(self._whole)[: len(self._whole) // 2 + 1]
        for program in oldest_half:
            del self._whole[program]
        # Programs share items: a step of which only the update differs has all its others in common.
        wanted = {item for _, items in self._whole.values() for item in items}
        self._known = {item: timing for item, timing in self._known.items() if item in wanted}

    def settle(self) -> Ledger:
        """Charge all executed programs to the ledger, and return it; it lives on and keeps growing."""
        # Programs share items: counted first, each is charged once.
        due: Counter[Program] = Counter()
        for program, times in self._due.items():
            for item in self._whole[program][1]:
                due[item] += times
        for item, times in due.items():
            self._ledger.add(self._known[item].ledger, times)
        self._due.clear()
        for way in (*self._ways.values(), *self._by_steps.values()):
            if way is not None:
                way.charge(self._ledger)
        self._charge_done()
        return self._ledger

    def state(self) -> State:
        """All that it knows and has charged, settled, in lists of programs, numbers and entries."""
        ledger = self.settle()
        known = [(item, timing.elapsed, timing.ledger.rows) for item, timing in self._known.items()]
        return {
            "elapsed": self.elapsed,
            "distinct": self.distinct,
            "ledger": ledger.rows,
            "known": known,
            "whole": [(program, *of) for program, of in self._whole.items()],
            "ways": [*dict.fromkeys([*self._ways_before, *self._ways])],
            "executed": self._executed,
        }

    def restore(self, state: State) -> None:
        """Go on with the books of another executor, on a chip that was built alike."""
        self.elapsed, self.distinct = Ps(state["elapsed"]), state["distinct"]
        self._ledger = Ledger.of(state["ledger"])
        self._known = {item: Timing(Ps(elapsed), Ledger.of(rows)) for item, elapsed, rows in state["known"]}
        self._whole = {program: (Ps(elapsed), items) for program, elapsed, items in state["whole"]}
        self._ways_before = state["ways"]
        self._executed = state["executed"]

    def trace(self) -> Trace:
        """What was executed, in order; empty unless asked for when built."""
        executed = self._executed or []
        numbers = {program: index for index, program in enumerate(dict.fromkeys(executed))}
        return Trace(
            programs=tuple(tuple(self.timeline(program)) for program in numbers),
            executed=tuple(numbers[program] for program in executed),
        )

    def timeline(self, program: Program) -> list[Record]:
        """Who is busy when during one execution of a program that starts at zero; charges nothing."""
        ledger = self.chip.ledger
        ledger.trace = []
        offset = 0
        records: list[Record] = []
        for item in items_of(program):
            # The chip's clock runs on from one execution to the next, and is never set back.
            shift = offset - int(self.chip.env.now)
            elapsed = execute_by(self._strands, item, skips=True).elapsed
            records += [_shifted(record, shift) for record in ledger.trace or ()]
            ledger.trace.clear()
            offset += elapsed
        ledger.trace = None
        # Parts charge what they did when it has ended; a timeline is read by when things begin.
        return sorted(records, key=lambda r: (r.start_ps, r.end_ps, r.part, r.action))


def _shifted(record: Record, shift: int) -> Record:
    start, end = record.start_ps + shift, record.end_ps + shift
    return Record(start, end, record.part, record.action)
