"""Carrying out programs of which every step is known beforehand: the events of processes, without these.

SimPy takes events of one instant in the order in which they were scheduled. A process that is granted a free
server, or ends, schedules an event and goes on when that is taken; here it goes on at once if nothing else is
left to happen at this instant, for then nothing could come in between. Otherwise the event is scheduled as
SimPy would, so that whoever queues at the same instant queues in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import simpy
from simpy.events import URGENT

from chipsim.chip.chip import Chip
from chipsim.ledger import Record, Timed
from chipsim.parts.plan import Claim, PlanStep, Wait
from chipsim.parts.program import Kept, Operation, Program, Series, Stream
from chipsim.run import machine
from chipsim.run.streams import UNDER_WAY, Flow
from chipsim.units import Aj, Ps

__all__ = ["CODED", "Claims", "Steps", "Strand", "Strands", "mark", "marked_at"]

_WAIT: Final = 0
_CHARGE: Final = 1
_CLAIM: Final = 2
_FREE: Final = 3
_FORK: Final = 4
_FLOW: Final = 5
_BEGIN: Final = 6
_TURN: Final = 7
_MARK: Final = 8

CODED: Final = {
    _WAIT: machine.WAIT,
    _CHARGE: machine.CHARGE,
    _CLAIM: machine.CLAIM,
    _FREE: machine.FREE,
    _FORK: machine.FORK,
    _FLOW: machine.FLOW,
    _BEGIN: machine.BEGIN,
    _TURN: machine.TURN,
}
"""What the compiled loop of events calls these sorts; marks show in timelines, and it takes none."""

Steps: TypeAlias = tuple[tuple[int, Any], ...]
"""What a strand does, one thing after another: which sort of step, and with what."""

Claims: TypeAlias = frozenset[simpy.Resource]
"""The servers that an operation claims."""

_MARKED: Final[Steps] = ((_MARK, None),)

_NOBODY: Final = ""
"""Where an operation names its part: no part is called so."""


def mark(place: int) -> Operation:
    """What takes no time, holds nothing and costs nothing, but shows in a timeline when its turn came."""
    return Operation(_NOBODY, str(place))


def marked_at(record: Record) -> int | None:
    """The place that a mark in a timeline stands for; None for records of parts."""
    return int(record.action) if record.part == _NOBODY else None


class _UnplannedError(Exception):
    """A part has no plan of an operation."""


class Strands:
    """Flat lists of steps of programs, each made once, and what all strands of a chip share.

    Parameters
    ----------
    chip
        The chip that executes.
    """

    def __init__(self, chip: Chip) -> None:
        self.chip, self.env, self.ledger = chip, chip.env, chip.ledger
        self.began = 0
        """When the item began that is being executed, ps."""
        self.starting = False
        """Whether strands that begin at this instant are still to be begun."""
        self.done: list[Wait] | None = None
        """Waits that are over and not charged yet; None where each is charged at once."""
        self._of_operations = Kept[Operation, Steps](1_000)
        self._claims = Kept[Operation, Claims | None](1_000)

    def of(self, program: Program) -> Steps | None:
        """The steps of a program; None where a part has no plan of one of its operations."""
        try:
            return self._made(program)
        except _UnplannedError:
            return None

    def claims(self, op: Operation) -> Claims | None:
        """The servers that an operation claims; None where its part has no plan of it."""
        # Asked of nearly every update.
        try:
            return self._claims[op]
        except KeyError:
            pass
        steps = self.of(op)
        claimed = None if steps is None else frozenset(what[0] for sort, what in steps if sort == _CLAIM)
        self._claims[op] = claimed
        return claimed

    def of_items(self, items: Sequence[Program]) -> Steps | None:
        """The steps of items, each of which begins when the chip is at rest; None as above."""
        whole: list[tuple[int, Any]] = []
        for item in items:
            steps = self.of(item)
            if steps is None:
                return None
            whole += _MARKED
            whole += steps
        return tuple(whole)

    def _made(self, program: Program) -> Steps:
        if isinstance(program, Operation):
            return self._operation(program)
        if isinstance(program, Series):
            return tuple(step for item in program.items for step in self._made(item))
        if not isinstance(program, Stream):
            return _side_by_side(tuple(self._made(item) for item in program.items))
        body = self._made(program.body)
        if program.count > UNDER_WAY:
            return ((_FLOW, (program, body)),)
        return _side_by_side((body,) * program.count)

    def _operation(self, op: Operation) -> Steps:
        steps = self._of_operations.get(op)
        if steps is None:
            steps = tuple(flat for step in self._planned(op) for flat in _flat(step))
            self._of_operations[op] = steps
        return steps

    def _planned(self, op: Operation) -> tuple[PlanStep, ...]:
        if op.part == _NOBODY:
            nothing = Timed((_NOBODY, op.action), Ps(0), Ps(0), Aj(0), 0, 0)
            return (Wait(Ps(0), (nothing,)),)
        plan = self.chip.plan(op)
        if plan is None:
            raise _UnplannedError
        return plan.steps

    def flow(self, stream: Stream, body: Steps) -> Flow:
        """A long stream, each item of which takes these steps."""

        def begin(ended: Callable[[Any], None]) -> None:
            strand = Strand(self, body, lambda: self.later(ended))
            _Begin(self.env, strand.go)

        return Flow(self.chip, stream, begin=begin)

    @property
    def busy(self) -> bool:
        """Whether anything else is left to happen at this instant."""
        return self.starting or self.env.peek() <= self.env.now

    def later(self, then: Callable[[Any], None]) -> None:
        """Call `then` once everything is done that is scheduled for this instant."""
        event = self.env.event()
        event.callbacks.append(then)
        event.succeed()


def _side_by_side(items: tuple[Steps, ...]) -> Steps:
    # Nothing, or a single thing, takes the turns of one of several, and needs no strand of its own.
    if not items:
        return ((_TURN, None),)
    if len(items) == 1:
        return ((_BEGIN, None), *items[0], (_TURN, None), (_TURN, None))
    return ((_FORK, items),)


def _flat(step: PlanStep) -> Steps:
    if isinstance(step, Wait):
        wait = (_WAIT, step.time)
        return (wait, (_CHARGE, step)) if step.charges else (wait,)
    server = step.server
    # What is asked of a server at every event is looked up once; SimPy never puts other lists in their place.
    if isinstance(step, Claim):
        return ((_CLAIM, (server, server.users, server.queue, server.capacity)),)
    return ((_FREE, (server, server.users, server.queue)),)


class _Begin(simpy.Event):
    """Takes its turn before whatever else is scheduled for this instant, as processes do that begin."""

    def __init__(self, env: simpy.Environment, begin: Callable[[Any], None]) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        self.callbacks = [begin]
        env.schedule(self, URGENT)


class Strand:
    """Steps on their way, taken as a process of SimPy's would take them.

    Parameters
    ----------
    shared
        The chip's strands.
    steps
        What is done.
    ended
        Called when it is.
    """

    # There is one for each item of a stream, and of what goes on side by side.
    __slots__ = ("_at", "_claims", "_ended", "_env", "_forking", "_left", "_shared", "_steps", "go")

    def __init__(self, shared: Strands, steps: Steps, ended: Callable[[], Any]) -> None:
        self._shared, self._env = shared, shared.env
        self._steps, self._ended = steps, ended
        self._at = self._left = 0
        self._forking = False
        self._claims: dict[simpy.Resource, Any] = {}
        # Bound once, since every event calls it.
        self.go: Callable[..., None] = self._go

    def _go(self, _: Any = None) -> None:
        """Take steps until one has to wait."""
        shared, env, steps, at = self._shared, self._env, self._steps, self._at
        count = len(steps)
        # Written out, the most frequent sorts first: every event comes by here.
        while at < count:
            sort, what = steps[at]
            at += 1
            if sort == _WAIT:
                self._at = at
                env.timeout(what).callbacks.append(self.go)
                return
            if sort == _CHARGE:
                if shared.done is None:
                    shared.ledger.charge_timed(what.charges, int(env.now))
                else:
                    shared.done.append(what)
            elif sort == _FREE:
                server, users, queue = what
                if queue or self._claims:
                    self._free(server)
                else:
                    users.remove(self)
            elif sort == _CLAIM:
                server, users, queue, capacity = what
                if queue or len(users) >= capacity or shared.starting or env.peek() <= env.now:
                    self._at = at
                    self._queue(server)
                    return
                # Whoever holds a server is listed; that it is a request matters to nobody but SimPy's `with`.
                users.append(self)
            else:
                self._at = at
                if not self._goes_on(sort, what):
                    return
        self._ended()

    def _goes_on(self, sort: int, what: Any) -> bool:
        """Begin what other strands have to do with, and say whether it is over at once."""
        if sort == _MARK:
            self._shared.began = int(self._env.now)
            return True
        if sort == _FORK:
            return self._fork(what)
        if sort == _TURN:
            return self._in_turn()
        if sort == _FLOW:
            flow = self._shared.flow(*what)
            flow.begin()
            flow.ended.callbacks.append(self.go)
            return False
        if self._shared.busy:
            _Begin(self._env, self.go)
            return False
        return True

    def _queue(self, server: simpy.Resource) -> None:
        claim = self._claims[server] = server.request()
        claim.callbacks.append(self.go)

    def _free(self, server: simpy.Resource) -> None:
        claim: Any = self._claims.pop(server, self)
        if server.queue:
            # By an event, after which whoever waits is let in.
            server.release(claim)
        else:
            server.users.remove(claim)

    def _fork(self, items: tuple[Steps, ...]) -> bool:
        shared = self._shared
        strands = [Strand(shared, steps, self._one_ended) for steps in items]
        self._left = len(strands)
        if shared.busy:
            for strand in strands:
                _Begin(self._env, strand.go)
            return False
        *others, last = strands
        # All begin at this instant: what an earlier one goes on with comes after the last has begun.
        self._forking = shared.starting = True
        for strand in others:
            strand.go()
        shared.starting = False
        last.go()
        self._forking = False
        return not self._left and self._joins()

    def _one_ended(self) -> None:
        self._left -= 1
        # Only the last end matters: those before it change nothing but the number of those that are left.
        if not self._left and not self._forking and self._joins():
            self._go()

    def _joins(self) -> bool:
        # A process that ends is an event, and that all have ended is another.
        if not self._shared.busy:
            return True
        self._shared.later(self._joined)
        return False

    def _joined(self, _: Any) -> None:
        if self._in_turn():
            self._go()

    def _in_turn(self) -> bool:
        """Go on at once if nothing else is left to happen at this instant, or else after that."""
        if not self._shared.busy:
            return True
        self._shared.later(self.go)
        return False
