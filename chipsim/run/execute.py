"""Executing programs on a chip: event simulation, and replay of what was timed before."""

from __future__ import annotations

import attrs
import simpy

from chipsim.chip.chip import Chip
from chipsim.errors import StarvedError
from chipsim.ledger import Ledger, Record, Trace
from chipsim.parts.part import Serving
from chipsim.parts.program import Operation, Parallel, Program, Series, Stream
from chipsim.run.streams import UNDER_WAY, Flow
from chipsim.units import Ps

__all__ = ["Executor", "Timing", "execute"]


@attrs.frozen(eq=False)
class Timing:
    """What one execution of a program took."""

    elapsed: Ps
    ledger: Ledger


def execute(chip: Chip, program: Program, *, skips: bool = True) -> Timing:
    """Simulate a program on a chip at rest, event by event, until its last operation has ended.

    Parameters
    ----------
    chip
        Where it is carried out.
    program
        What is done.
    skips
        Whether what only repeats itself in a long stream is counted instead of simulated, which comes to the
        same; see :class:`~chipsim.run.streams.Flow`. Nothing is skipped while a timeline is taken.

    Raises
    ------
    StarvedError
        When the schedule runs dry before; the message lists who holds and who waits.
    """
    start = int(chip.env.now)
    chip.ledger.take()
    flow = _flow(chip, program, skips=skips and chip.ledger.trace is None)
    controller = chip.env.process(_run(chip, program) if flow is None else flow.run())
    try:
        chip.env.run(until=controller)
    except RuntimeError as error:
        if controller.triggered:
            raise
        waiting = "; ".join(chip.waiting()) or "no part holds anything"
        raise StarvedError(f"the schedule ran dry at {chip.env.now - start} ps: {waiting}") from error
    elapsed, ledger = int(chip.env.now) - start, chip.ledger.take()
    if flow is None or not flow.skipped:
        return Timing(Ps(elapsed), ledger)
    assert isinstance(program, Stream)
    return Timing(Ps(elapsed + flow.skipped), ledger.of_more(program.count, simulated=flow.simulated))


def _flow(chip: Chip, program: Program, *, skips: bool) -> Flow | None:
    """A long stream by itself; None for everything else."""
    if not isinstance(program, Stream) or program.count <= UNDER_WAY:
        return None
    return Flow(chip, program, serve=_run, skips=skips)


def _run(chip: Chip, program: Program) -> Serving:
    if isinstance(program, Operation):
        yield from chip.serve(program)
    elif isinstance(program, Series):
        for item in program.items:
            yield from _run(chip, item)
    elif isinstance(program, Stream) and program.count > UNDER_WAY:
        yield from Flow(chip, program, serve=_run).run()
    else:
        bodies = (program.body,) * program.count if isinstance(program, Stream) else program.items
        yield simpy.AllOf(chip.env, [chip.env.process(_run(chip, body)) for body in bodies])


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

    Notes
    -----
    Between the items of a series the chip is at rest: each starts when everything before it has ended.
    So a program that is a series is timed item by item, and items are what replay remembers; a stream's
    or a parallel's items overlap and are timed together. Being at rest, the time of an item does not
    depend on what came before it, which makes replay exact.
    """

    def __init__(self, chip: Chip, *, replay: bool = True, keep: int = 10_000, trace: bool = False) -> None:
        self.chip = chip
        self.elapsed = Ps(0)
        """Simulated time so far."""
        self.distinct = 0
        """Programs that were simulated event by event."""
        self._replay = replay
        self._keep = keep
        self._known: dict[Program, Timing] = {}
        self._whole: dict[Program, tuple[Ps, tuple[Program, ...]]] = {}
        self._due: dict[Program, int] = {}
        self._ledger = Ledger()
        self._executed: list[Program] | None = [] if trace else None

    def run(self, program: Program, times: int = 1) -> Ps:
        """Execute a program `times` over, charge it, and return how long it took once."""
        if self._executed is not None:
            self._executed += [program] * times
        if not self._replay:
            return Ps([self._simulate_all(program) for _ in range(times)][-1])
        known = self._whole.get(program)
        if known is None:
            self._make_room()
            items = tuple(_items(program))
            known = Ps(sum(self._timing(item).elapsed for item in items)), items
            self._whole[program] = known
        self.elapsed = Ps(self.elapsed + known[0] * times)
        self._due[program] = self._due.get(program, 0) + times
        return known[0]

    def _simulate_all(self, program: Program) -> Ps:
        total = 0
        for item in _items(program):
            timing = execute(self.chip, item, skips=False)
            self.distinct += 1
            self._ledger.add(timing.ledger)
            total += timing.elapsed
        self.elapsed = Ps(self.elapsed + total)
        return Ps(total)

    def _timing(self, item: Program) -> Timing:
        timing = self._known.get(item)
        if timing is None:
            timing = execute(self.chip, item)
            self.distinct += 1
            self._known[item] = timing
        return timing

    def _make_room(self) -> None:
        """Forget the older half when memory is full, once it is charged."""
        if len(self._whole) < self._keep:
            return
        self.settle()
        for program in list(self._whole)[: len(self._whole) // 2 + 1]:
            del self._whole[program]
        wanted = {item for _, items in self._whole.values() for item in items}
        self._known = {item: timing for item, timing in self._known.items() if item in wanted}

    def settle(self) -> Ledger:
        """Charge all executed programs to the ledger, and return it; it lives on and keeps growing."""
        for program, times in self._due.items():
            for item in self._whole[program][1]:
                self._ledger.add(self._known[item].ledger, times)
        self._due.clear()
        return self._ledger

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
        for item in _items(program):
            begun = int(self.chip.env.now)
            elapsed = execute(self.chip, item).elapsed
            shift = offset - begun
            records += [
                Record(r.start_ps + shift, r.end_ps + shift, r.part, r.action) for r in ledger.trace or ()
            ]
            ledger.trace.clear()
            offset += elapsed
        ledger.trace = None
        return sorted(records, key=lambda r: (r.start_ps, r.end_ps, r.part, r.action))


def _items(program: Program) -> list[Program]:
    """The items between which the chip is at rest."""
    if not isinstance(program, Series):
        return [program] if not (isinstance(program, Parallel) and not program.items) else []
    return [inner for item in program.items for inner in _items(item)]
