"""Executing a program under observation: who worked, who waited for whom, and what the time hung on.

The twin of `run/execute.py`: events come in the same order and charges are the same; beside them it is noted
of every piece of work which other one had to end for it to begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs
import simpy
from simpy.resources.resource import Request

from chipsim.chip.chip import Chip
from chipsim.ledger import Entry, Ledger, Record
from chipsim.parts.part import Serving
from chipsim.parts.program import Operation, Program, Series, Stream, operation_count
from chipsim.run.streams import UNDER_WAY, Flow
from chipsim.units import Aj, Ps

__all__ = [
    "MOST_OPERATIONS",
    "MOST_RECORDED",
    "Charged",
    "Held",
    "Observed",
    "Served",
    "Stretch",
    "Waited",
    "observe",
]

MOST_OPERATIONS: Final = 20_000
"""Operations of a step that every run is asked about: each takes 2 kB of memory and 0.1 ms."""
MOST_RECORDED: Final = 200_000
"""Operations of a step whose timeline is kept; each is simulated once more, in some 20 us, and takes a
row."""


@attrs.frozen(slots=True)
class Charged:
    """What one part did for an operation, from when to when, and what it was charged."""

    start_ps: int
    end_ps: int
    part: str
    action: str
    entry: Entry


@attrs.frozen(slots=True)
class Held:
    """A part that an operation held, from when to when."""

    start_ps: int
    end_ps: int
    part: str


@attrs.frozen(slots=True)
class Waited:
    """A part that an operation stood waiting for, from when to when."""

    start_ps: int
    end_ps: int
    part: str
    holding: str
    """The part that it had claimed last and held all the while; empty when it held none."""


@attrs.define(slots=True)
class Served:
    """One operation as it went."""

    op: Operation
    start_ps: int
    end_ps: int = 0
    charges: list[Charged] = attrs.Factory(list)
    holds: list[Held] = attrs.Factory(list)
    waits: list[Waited] = attrs.Factory(list)


@attrs.define(slots=True)
class Stretch:
    """A piece of work without a break."""

    start_ps: int
    end_ps: int
    parts: tuple[str, ...]
    """Who worked; several worked at the same time."""
    action: str
    before: int
    """Number of the piece that ended when this one began, and had to; -1 where the program began."""
    asked_ps: int | None
    """Since when the operation had been waiting for the part that the piece before made free; None where it
    did not wait."""


@attrs.frozen(kw_only=True, eq=False)
class Observed:
    """A program that was carried out, all times from its start."""

    elapsed_ps: int
    operations: tuple[Served, ...]
    """In the order in which they began."""
    stretches: tuple[Stretch, ...]
    last: int
    """Number of the piece of work that ended last; -1 where nothing took any time."""
    capacities: dict[str, int]
    """Of the parts that were held or charged."""

    @property
    def charges(self) -> Iterator[Charged]:
        """Everything that was charged."""
        for served in self.operations:
            yield from served.charges

    def ledger(self) -> Ledger:
        """The charges, as executing the program charges them."""
        ledger = Ledger()
        for charged in self.charges:
            one = charged.entry
            ledger.charge(
                charged.part, charged.action, busy=Ps(one.busy_ps), energy=Aj(one.energy_aj), count=one.count,
                pulses=one.pulses, bits=one.bits,
            )  # fmt: skip
        return ledger

    def records(self) -> tuple[Record, ...]:
        """Who was busy when, as the executor's timeline says it."""
        found = [Record(one.start_ps, one.end_ps, one.part, one.action) for one in self.charges]
        return tuple(sorted(found, key=lambda r: (r.start_ps, r.end_ps, r.part, r.action)))

    def path(self) -> list[Stretch]:
        """The critical path: from the start on, each piece of work begins when the one before it ends."""
        found = []
        number = self.last
        while number >= 0:
            found.append(self.stretches[number])
            number = self.stretches[number].before
        return found[::-1]


def observe(chip: Chip, program: Program, *, most: int = MOST_OPERATIONS) -> Observed | None:
    """Carry a program out on a chip at rest; None when it has too many operations to look into.

    Parameters
    ----------
    chip
        Where it is carried out; what is charged is handed back and not left in its ledger.
    program
        What is done.
    most
        Operations that are looked into.
    """
    if operation_count(program) > most:
        return None
    return _Observer(chip).observed(program)


# Which piece of work ended last on the way of a process, and since when it has been waiting for that.
_Place = tuple[int, int | None]


@attrs.define
class _Way:
    """How far one process has come."""

    place: _Place


@attrs.define
class _Claimed:
    """A server that an operation holds."""

    claim: Request
    since: int


class _Observer:
    """Notes of one program while it is carried out."""

    def __init__(self, chip: Chip) -> None:
        self._chip, self._env = chip, chip.env
        self._start = int(chip.env.now)
        self._owners = {part.server: name for name, part in chip.parts.items()}
        self._operations: list[Served] = []
        self._stretches: list[Stretch] = []
        self._freed: dict[simpy.Resource, _Place] = {}

    def observed(self, program: Program) -> Observed:
        """Carry the program out."""
        ledger = self._chip.ledger
        # Whatever is charged already, as by an execution that failed half-way, is none of this program's.
        ledger.take()
        ledger.trace = []
        way = _Way((-1, None))
        try:
            self._env.run(until=self._env.process(self._run(program, way)))
        finally:
            ledger.trace = None
            ledger.take()
        return Observed(
            elapsed_ps=self.now,
            operations=tuple(self._operations),
            stretches=tuple(self._stretches),
            last=way.place[0],
            capacities={name: int(part.server.capacity) for name, part in self._chip.parts.items()},
        )

    def _end_of(self, place: _Place) -> int:
        return self._stretches[place[0]].end_ps if place[0] >= 0 else 0

    def _run(self, program: Program, way: _Way) -> Serving:
        # Processes begin and end as those of `_run` in `run/execute.py`, or ties would fall otherwise.
        if isinstance(program, Operation):
            yield from self._serve(program, way)
        elif isinstance(program, Series):
            for item in program.items:
                yield from self._run(item, way)
        elif isinstance(program, Stream) and program.count > UNDER_WAY:
            newest = _Way(way.place)
            yield from Flow(self._chip, program, begin=self._beginning(program.body, newest)).run()
            way.place = newest.place
        else:
            bodies = (program.body,) * program.count if isinstance(program, Stream) else program.items
            ways = [_Way(way.place) for _ in bodies]
            begun = [self._env.process(self._run(*one)) for one in zip(bodies, ways, strict=True)]
            yield simpy.AllOf(self._env, begun)
            if ways:
                # It went on when the last of them had ended; of several the first in program order.
                way.place = max((one.place for one in ways), key=self._end_of)

    def _beginning(self, body: Program, newest: _Way) -> Callable[[Callable[[Any], None]], None]:
        """What begins an item of a long stream, once the newest that has ended lets it in."""

        def begin(ended: Callable[[Any], None]) -> None:
            own = _Way(newest.place)
            item = self._env.process(self._run(body, own))

            def over(event: Any) -> None:
                newest.place = own.place
                ended(event)

            assert item.callbacks is not None
            item.callbacks.append(over)

        return begin

    def _serve(self, op: Operation, way: _Way) -> Serving:
        served = Served(op, self.now)
        self._operations.append(served)
        yield from _Service(self, served, way).carried_out(self._chip.serve(op))
        served.end_ps = self.now

    def owner(self, claim: Request) -> str:
        """The part whose server is claimed; empty for one that is no part's."""
        return self._owners.get(claim.resource, "")

    def charged(self) -> list[Charged]:
        """What was charged since this was asked last, which is what one operation did."""
        ledger = self._chip.ledger
        # Every other time: what a part waits for to be free is charged to nobody.
        if not len(ledger):
            return []
        records = ledger.trace or []
        # What has no record took no time, and stands where it was charged.
        spans = {(record.part, record.action): record for record in records}
        now = int(self._env.now)
        charged = []
        for part, action, entry in ledger.take():
            span = spans.get((part, action)) or Record(now, now, part, action)
            start, end = span.start_ps - self._start, span.end_ps - self._start
            charged.append(Charged(start, end, part, action, entry))
        records.clear()
        return charged

    def stretch(self, start: int, parts: tuple[str, ...], action: str, way: _Way) -> Stretch:
        """Add a piece of work that ends now, and comes after whatever came last on its way."""
        before, asked = way.place
        assert self._end_of(way.place) == start, "work began at another time than what it followed ended"
        stretch = Stretch(start, self.now, parts, action, before, asked)
        way.place = len(self._stretches), None
        self._stretches.append(stretch)
        return stretch

    def free(self, server: simpy.Resource, place: _Place) -> None:
        """Note who made a server free."""
        self._freed[server] = place

    def freed_by(self, server: simpy.Resource) -> _Place | None:
        """Who made a server free at this instant; None where nobody saw it, as parts of one's own may do."""
        place = self._freed.get(server)
        return place if place is not None and self._end_of(place) == self.now else None

    @property
    def now(self) -> int:
        """Time since the program began, ps."""
        return int(self._env.now) - self._start


class _Service:
    """One operation while a part serves it."""

    def __init__(self, observer: _Observer, served: Served, way: _Way) -> None:
        self._observer, self._served, self._way = observer, served, way
        self._held: list[_Claimed] = []

    def carried_out(self, serving: Serving) -> Serving:
        """Wait for what the part waits for, and note what came of each wait."""
        observer, nameless = self._observer, list[Stretch]()
        event = next(serving, None)
        while event is not None:
            asked = observer.now
            value = yield event
            claimed = isinstance(event, Request)
            if isinstance(event, Request):
                self._note_claim(event, asked)
            try:
                event = serving.send(value)
            except StopIteration:
                event = None
            # What work is charged is known once the part goes on. What a part waits for without a claim is
            # taken to be its work, too.
            charged = observer.charged()
            self._served.charges += charged
            if not claimed and observer.now > asked:
                nameless += self._note_work(asked, charged)
            if self._held:
                self._note_freed()
        for stretch in nameless:
            stretch.parts = _working(stretch, self._served) or stretch.parts

    def _note_claim(self, claim: Request, asked: int) -> None:
        """Note a server that is granted, and who made it free."""
        observer, now = self._observer, self._observer.now
        if now > asked:
            owner = observer.owner(claim)
            holding = observer.owner(self._held[-1].claim) if self._held else ""
            self._served.waits.append(Waited(asked, now, owner, holding))
            freed = observer.freed_by(claim.resource)
            if freed is None:
                observer.stretch(asked, (owner,), self._served.op.action, self._way)
            else:
                self._way.place = freed[0], asked if freed[1] is None else min(asked, freed[1])
        self._held.append(_Claimed(claim, now))

    def _note_work(self, asked: int, charged: Sequence[Charged]) -> list[Stretch]:
        """Note a piece of work by the parts that are charged for it; gives it back where none is yet."""
        now = self._observer.now
        working = tuple(one.part for one in charged if one.start_ps < now and one.end_ps > asked)
        holder = self._observer.owner(self._held[-1].claim) if self._held else self._served.op.part
        stretch = self._observer.stretch(asked, working or (holder,), self._served.op.action, self._way)
        return [] if working else [stretch]

    def _note_freed(self) -> None:
        """Note which servers the operation has let go of by now."""
        # Whoever waits for one of them goes on later, but at the same instant.
        for one in list(self._held):
            server = one.claim.resource
            if one.claim in server.users:
                continue
            self._held.remove(one)
            self._observer.free(server, self._way.place)
            held = Held(one.since, self._observer.now, self._observer.owner(one.claim))
            self._served.holds.append(held)


def _working(stretch: Stretch, served: Served) -> tuple[str, ...]:
    """Who worked while nothing was charged: whoever was charged later for having begun by then."""
    return tuple(
        one.part
        for one in served.charges
        if one.start_ps <= stretch.start_ps and one.end_ps >= stretch.end_ps
    )
