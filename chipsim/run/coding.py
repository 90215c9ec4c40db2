"""Steps of strands as rows of integers, and programs carried out by the compiled loop."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
import simpy

from chipsim.chip.chip import Chip
from chipsim.ledger import Ledger
from chipsim.parts.plan import Wait
from chipsim.parts.program import Program, Stream, operation_count, operations_of
from chipsim.run import machine as m
from chipsim.run.alone import Timing
from chipsim.run.event_kernel import begin, go_on
from chipsim.run.machine import Machine
from chipsim.run.strands import CODED, Steps, Strands
from chipsim.run.streams import UNDER_WAY
from chipsim.units import Ps

__all__ = ["Code", "Looped", "compiled", "in_a_loop"]

_WORTH: Final = 2_000
"""Operations from which on a loop is quicker than what it takes to write down what it does."""
_SHARE: Final = 2_000_000
"""Events between two looks at whether somebody wants to stop, some tenths of a second."""
_MOST_STRANDS: Final = 1 << 19
"""At once; each takes some 600 bytes, most of them room for events."""
_LONGEST: Final = 1 << 60
"""Time in ps, 13 days, that the loop's clock counts to; whatever takes longer is left to Python's
integers."""


class _NoCodeError(Exception):
    """A step, or a chip, that the loop does not know."""


@attrs.define(eq=False)
class Code:
    """Steps of strands, written down once each, and whom they name.

    Parameters
    ----------
    inner
        Items of a stream within an item that are under way at once.
    """

    inner: int = UNDER_WAY
    rows: list[tuple[int, int, int]] = attrs.field(factory=list)
    children: list[int] = attrs.field(factory=list)
    servers: list[simpy.Resource] = attrs.field(factory=list)
    waits: list[Wait] = attrs.field(factory=list)
    """What is charged, in the order of the numbers that stand for it."""
    _at: dict[int, tuple[Steps, _Written]] = attrs.field(factory=dict)
    _numbers: dict[int, int] = attrs.field(factory=dict)

    def write(self, steps: Steps) -> _Written:
        """Write steps down, unless they are there, and say where they begin."""
        # The steps are kept beside, so that no others can come to have their identity.
        known = self._at.get(id(steps))
        if known is not None:
            return known[1]
        rows: list[tuple[int, int, int]] = []
        strands, flows, time = 1, 0, 0
        for sort, what in steps:
            row, taken = self._row(sort, what)
            rows.append(row)
            strands, flows = max(strands, 1 + taken.strands), max(flows, taken.flows)
            time += taken.time
        written = _Written(at=len(self.rows), strands=strands, flows=flows, time=time)
        if time > _LONGEST:
            raise _NoCodeError
        self.rows += [*rows, (m.END, 0, 0)]
        self._at[id(steps)] = steps, written
        return written

    def _row(self, sort: int, what: Any) -> tuple[tuple[int, int, int], _Written]:
        """A step, and how many strands and streams it has at work at once, for how long at most."""
        code = CODED.get(sort)
        if code is None:
            raise _NoCodeError
        if code == m.WAIT:
            if not 0 <= what <= _LONGEST:
                # Less than nothing is refused by the simulation, and told by it.
                raise _NoCodeError
            return (code, int(what), 0), _Written(time=int(what))
        if code == m.CHARGE:
            return (code, self._number(what, self.waits), 0), _Written()
        if code in {m.CLAIM, m.FREE}:
            return (code, self._number(what[0], self.servers), 0), _Written()
        if code == m.FORK:
            parts = [self.write(steps) for steps in what]
            first = len(self.children)
            self.children += [part.at for part in parts]
            taken = _Written(
                strands=sum(part.strands for part in parts),
                flows=sum(part.flows for part in parts),
                time=sum(part.time for part in parts),
            )
            return (code, first, len(parts)), taken
        if code == m.FLOW:
            stream, steps = what
            body = self.write(steps)
            return (code, body.at, stream.count), body.streamed(stream.count, most=self.inner)
        return (code, 0, 0), _Written()

    def _number(self, what: Any, of: list[Any]) -> int:
        """The number that stands for a server, or for what is charged."""
        number = self._numbers.get(id(what))
        if number is None:
            number = self._numbers[id(what)] = len(of)
            of.append(what)
        return number


@attrs.frozen(kw_only=True)
class _Written:
    """Where steps begin, and what is at work at once where one takes them."""

    at: int = 0
    strands: int = 0
    flows: int = 0
    """Streams within items, or of them."""
    time: int = 0
    """All their waits one after another, ps: no order of them takes longer."""

    def streamed(self, count: int, *, most: int) -> _Written:
        """So many of them as a stream, of which so many are under way at once."""
        under_way = min(most, count)
        return _Written(
            at=self.at,
            strands=under_way * self.strands,
            flows=1 + under_way * self.flows,
            time=count * self.time,
        )


def compiled(strands: Strands, program: Program) -> Timing | None:
    """A program in the compiled loop; None where it is not worth it, or where only the slow twin can tell.

    Parameters
    ----------
    strands
        Of a chip at rest.
    program
        What is done.
    """
    if operation_count(program) < _WORTH:
        return None
    stream = program if isinstance(program, Stream) and program.count > UNDER_WAY else None
    steps = strands.of(program if stream is None else stream.body)
    if steps is None:
        return None
    looped = in_a_loop(steps, stream=stream)
    return None if looped is None else Timing(looped.elapsed, _charged(strands.chip, program))


def _charged(chip: Chip, program: Program) -> Ledger:
    """What a program is charged, whatever the order in which it is done."""
    ledger = Ledger()
    for op, times in operations_of(program):
        plan = chip.plan(op)
        for step in plan.steps if plan is not None else ():
            if isinstance(step, Wait):
                ledger.charge_timed(step.charges, times=times)
    return ledger


@attrs.frozen(kw_only=True)
class Looped:
    """What came of steps in the loop."""

    elapsed: Ps
    """Until the last of them."""
    period: int
    """Items after which the stream stood where it had stood before; zero where it never did, or nobody
    looked."""
    period_ps: int
    """How long these took."""
    left_out: int
    """Items that were not simulated, since they only repeat others."""


def in_a_loop(
    steps: Steps,
    *,
    stream: Stream | None = None,
    most: int = UNDER_WAY,
    inner: int = UNDER_WAY,
    charges: list[tuple[int, Wait]] | None = None,
    room: int = 0,
) -> Looped | None:
    """How long steps take that nobody is in the way of; None where the loop does not come to their end.

    Parameters
    ----------
    steps
        Of one strand, or of an item of the stream.
    stream
        The stream whose items take them; periods of it that only repeat are left out.
    most
        Its items that are under way at once.
    inner
        Items that are, of streams within items.
    charges
        Where to note when what was charged, as far as there is room.
    room
        For how many charges.
    """
    code = Code(inner=inner)
    try:
        written = code.write(steps)
    except _NoCodeError:
        return None
    whole = written if stream is None else written.streamed(stream.count, most=most)
    too_much = whole.strands > _MOST_STRANDS or whole.time > _LONGEST
    if too_much or any(server.users or server.queue for server in code.servers):
        return None
    machine = _machine(code, whole, most=most, room=room)
    begin(machine, m.BEGIN if stream is None else m.FLOW, written.at, 1 if stream is None else stream.count)
    ended = m.PAUSED
    while ended == m.PAUSED:
        ended = go_on(machine, _SHARE)
    # Where it ran dry, the slow twin says who waits for whom.
    if ended != m.DONE:
        return None
    if charges is not None:
        noted = machine.charged[: machine.world[m.NOTED]].tolist()
        charges += [(time, code.waits[what]) for time, what in noted]
    return _looped(machine)


def _looped(machine: Machine) -> Looped:
    period, period_ps, left_out = (int(machine.search[of]) for of in (m.PERIOD, m.PERIOD_TIME, m.LEFT_OUT))
    skipped = left_out // period * period_ps if period else 0
    return Looped(
        elapsed=Ps(int(machine.world[m.NOW]) + skipped),
        period=period,
        period_ps=period_ps,
        left_out=left_out,
    )


def _machine(code: Code, whole: _Written, *, most: int, room: int) -> Machine:
    """Everything out of use, and time at zero."""
    strands, flows = whole.strands + 1, whole.flows + 1
    # A strand waits for one event at most, and frees no more than it holds, before others have their turn.
    room_for = 8 * strands + 64
    room_to_stand = 8 * strands + 2 * len(code.servers) + flows + 1_024
    machine = Machine(
        code=np.array(code.rows, np.int64).reshape(-1, 3),
        children=np.array(code.children, np.int64),
        strands=np.zeros((strands, m.STRAND), np.int64),
        flows=np.zeros((flows, m.FLOWS), np.int64),
        servers=np.zeros((len(code.servers), m.SERVER), np.int64),
        events=np.zeros((room_for, m.EVENT), np.int64),
        urgent=np.zeros(room_for, np.int64),
        due=np.zeros(room_for, np.int64),
        stack=np.zeros(2 * strands + 64, np.int64),
        search=np.zeros(m.SEARCH, np.int64),
        marked=np.zeros(room_to_stand, np.int64),
        stands=np.zeros(room_to_stand, np.int64),
        in_order=np.zeros(room_for, np.int64),
        charged=np.zeros((room, 2), np.int64),
        world=np.zeros(m.WORLD, np.int64),
    )
    machine.strands[:, m.LINK] = np.arange(1, strands + 1)
    machine.flows[:, m.WAITING] = np.arange(1, flows + 1)
    machine.servers[:, m.CAPACITY] = [server.capacity for server in code.servers]
    machine.servers[:, m.HEAD] = m.NOBODY
    machine.world[m.MOST], machine.world[m.INNER] = most, code.inner
    machine.search[m.TOP] = m.NOBODY
    machine.search[m.MARK] = 1
    return machine
