"""Events of strands in a compiled loop: what strands and streams do, on arrays of integers.

Functions here do what methods of ``run/strands.py`` and ``run/streams.py`` do, event for event, under the
same names. Those stay as their twin: whoever takes a timeline, or simulates without replay, goes by them.
"""

from __future__ import annotations

from chipsim.device.types import kernel_uncounted
from chipsim.run.event_queue import KINDS, busy, schedule, take_event
from chipsim.run.machine import (
    ADMITTED,
    AT,
    BEGIN,
    BODY,
    CAPACITY,
    CHARGE,
    CLAIM,
    COUNT,
    DONE,
    DRY,
    DUE_BEGIN,
    DUE_END,
    END,
    FINISHED,
    FLOW,
    FORK,
    FORKING,
    FREE,
    FREE_FLOW,
    FREE_STRAND,
    FULL,
    HEAD,
    INNER,
    LEFT,
    LINK,
    MOST,
    NOBODY,
    NUMBER,
    PARENT,
    PATH,
    PAUSED,
    PENDING,
    STACK,
    STARTING,
    TAIL,
    TOP,
    UNDER_WAY,
    URGENT_BEGIN,
    URGENT_END,
    USERS,
    WAIT,
    WAITING,
    Machine,
)
from chipsim.run.periods import look, note

__all__ = ["begin", "go_on"]

_RESUME, _RELEASE, _JOINED, _ITEM_ENDED = range(4)
_RUN, _RUN_LAST, _JOIN, _TASKS = range(4)


# --- servers -------------------------------------------------------------------------------------


@kernel_uncounted
def _grant(m: Machine, server: int) -> None:
    """Let the first in the queue of a server have it, if there is room."""
    first = m.servers[server, HEAD]
    if first == NOBODY or m.servers[server, USERS] >= m.servers[server, CAPACITY]:
        return
    m.servers[server, HEAD] = m.strands[first, LINK]
    m.servers[server, USERS] += 1
    schedule(m, _RESUME, first, 0)


@kernel_uncounted
def _queue(m: Machine, strand: int, server: int) -> None:
    m.strands[strand, LINK] = NOBODY
    if m.servers[server, HEAD] == NOBODY:
        m.servers[server, HEAD] = strand
    else:
        m.strands[m.servers[server, TAIL], LINK] = strand
    m.servers[server, TAIL] = strand
    _grant(m, server)


@kernel_uncounted
def _claims_at_once(m: Machine, server: int) -> bool:
    if (
        m.servers[server, HEAD] != NOBODY
        or m.servers[server, USERS] >= m.servers[server, CAPACITY]
        or busy(m)
    ):
        return False
    m.servers[server, USERS] += 1
    return True


@kernel_uncounted
def _free(m: Machine, server: int) -> None:
    m.servers[server, USERS] -= 1
    if m.servers[server, HEAD] != NOBODY:
        # By an event, after which whoever waits is let in.
        schedule(m, _RELEASE, server, 0)


# --- strands -------------------------------------------------------------------------------------


@kernel_uncounted
def _strand(m: Machine, at: int, parent: int) -> int:
    """A strand that begins with a step; its parent is a strand, or -2 minus the number of a stream."""
    strand = m.world[FREE_STRAND]
    m.world[FREE_STRAND] = m.strands[strand, LINK]
    m.strands[strand, AT] = at
    m.strands[strand, PARENT] = parent
    m.strands[strand, NUMBER] = m.strands[strand, PATH] = 0
    return int(strand)


@kernel_uncounted
def _child(m: Machine, place: int, parent: int) -> int:
    """The strand of one branch of a fork, or of an item of a stream within an item."""
    strand = _strand(m, m.children[place], parent)
    m.strands[strand, NUMBER] = m.strands[parent, NUMBER]
    m.strands[strand, PATH] = _onwards(m.strands[parent, PATH], place)
    return strand


@kernel_uncounted
def _onwards(path: int, turn: int) -> int:
    """A path that goes on by a turn: those that are equal have come by the same forks."""
    return int((path + turn + 1) * 6_364_136_223_846_793_005)


@kernel_uncounted
def _give_back(m: Machine, strand: int) -> None:
    m.strands[strand, LINK] = m.world[FREE_STRAND]
    m.world[FREE_STRAND] = strand


@kernel_uncounted
def _push(m: Machine, task: int, strand: int) -> None:
    m.stack[m.world[STACK]] = strand * _TASKS + task
    m.world[STACK] += 1


@kernel_uncounted
def _go(m: Machine, strand: int) -> None:
    """Take steps of a strand, and of those that begin or go on by that, until all of them have to wait."""
    _push(m, _RUN, strand)
    while m.world[STACK] > 0:
        m.world[STACK] -= 1
        strand, task = divmod(m.stack[m.world[STACK]], _TASKS)
        if task == _JOIN:
            # What others go on with that ended while the last of them began comes after that.
            m.strands[strand, FORKING] = 0
            if m.strands[strand, LEFT] == 0 and _joins(m, strand):
                _push(m, _RUN, strand)
            continue
        if task == _RUN_LAST:
            m.world[STARTING] = 0
        _run(m, strand)


@kernel_uncounted
def _run(m: Machine, strand: int) -> None:
    at = m.strands[strand, AT]
    while True:
        sort, what = m.code[at, 0], m.code[at, 1]
        at += 1
        if sort == WAIT:
            m.strands[strand, AT] = at
            schedule(m, _RESUME, strand, what)
            return
        if sort == CHARGE:
            note(m, what)
        elif sort == FREE:
            _free(m, what)
        elif sort == CLAIM:
            if not _claims_at_once(m, what):
                m.strands[strand, AT] = at
                _queue(m, strand, what)
                return
        else:
            m.strands[strand, AT] = at
            if not _goes_on(m, strand, at - 1):
                return


@kernel_uncounted
def _goes_on(m: Machine, strand: int, step: int) -> bool:
    """Begin or end what other strands have to do with, and say whether it is over at once."""
    sort, what, count = m.code[step, 0], m.code[step, 1], m.code[step, 2]
    if sort == END:
        _ended(m, strand)
        return False
    if sort == FORK:
        _fork(m, strand, what, count)
        return False
    if sort == FLOW:
        _flow(m, what, count, strand)
        return False
    if not busy(m):
        return True
    # What begins takes its turn before whatever else is scheduled for this instant.
    schedule(m, _RESUME, strand, -1 if sort == BEGIN else 0)
    return False


@kernel_uncounted
def _fork(m: Machine, parent: int, first: int, count: int) -> None:
    at_once = not busy(m)
    m.strands[parent, LEFT] = count
    m.strands[parent, FORKING] = 1 if at_once else 0
    if not at_once:
        for place in range(first, first + count):
            schedule(m, _RESUME, _child(m, place, parent), -1)
        return
    # All begin at this instant, the first one first: the last to be pushed.
    m.world[STARTING] = 1
    _push(m, _JOIN, parent)
    for place in range(first + count - 1, first - 1, -1):
        last = place == first + count - 1
        _push(m, _RUN_LAST if last else _RUN, _child(m, place, parent))


@kernel_uncounted
def _ended(m: Machine, strand: int) -> None:
    parent = m.strands[strand, PARENT]
    if parent == NOBODY:
        m.world[FINISHED] = 1
    elif parent < NOBODY:
        schedule(m, _ITEM_ENDED, strand, 0)
    else:
        _give_back(m, strand)
        m.strands[parent, LEFT] -= 1
        if m.strands[parent, LEFT] == 0 and m.strands[parent, FORKING] == 0 and _joins(m, parent):
            _push(m, _RUN, parent)


@kernel_uncounted
def _joins(m: Machine, strand: int) -> bool:
    # A process that ends is an event, and that all have ended is another.
    if not busy(m):
        return True
    schedule(m, _JOINED, strand, 0)
    return False


# --- streams -------------------------------------------------------------------------------------


@kernel_uncounted
def _flow(m: Machine, body: int, count: int, waiting: int) -> int:
    """Begin a long stream; returns which it is."""
    flow = m.world[FREE_FLOW]
    m.world[FREE_FLOW] = m.flows[flow, WAITING]
    m.flows[flow, COUNT] = count
    m.flows[flow, ADMITTED] = m.flows[flow, UNDER_WAY] = 0
    m.flows[flow, BODY] = body
    m.flows[flow, WAITING] = waiting
    most = m.world[MOST] if waiting == NOBODY else m.world[INNER]
    for _ in range(min(most, count)):
        _admit(m, flow)
    return int(flow)


@kernel_uncounted
def _admit(m: Machine, flow: int) -> None:
    m.flows[flow, ADMITTED] += 1
    m.flows[flow, UNDER_WAY] += 1
    strand = _strand(m, m.flows[flow, BODY], -2 - flow)
    number, waiting = m.flows[flow, ADMITTED], m.flows[flow, WAITING]
    if waiting == NOBODY:
        m.strands[strand, NUMBER] = number
    else:
        m.strands[strand, NUMBER] = m.strands[waiting, NUMBER]
        m.strands[strand, PATH] = _onwards(m.strands[waiting, PATH], -number)
    schedule(m, _RESUME, strand, -1)


@kernel_uncounted
def _item_ended(m: Machine, strand: int) -> None:
    flow = -2 - m.strands[strand, PARENT]
    _give_back(m, strand)
    m.flows[flow, UNDER_WAY] -= 1
    if flow == m.search[TOP] and m.flows[flow, ADMITTED] < m.flows[flow, COUNT]:
        look(m, m.strands[strand, NUMBER])
    if m.flows[flow, ADMITTED] < m.flows[flow, COUNT]:
        _admit(m, flow)
    elif m.flows[flow, UNDER_WAY] == 0:
        waiting = m.flows[flow, WAITING]
        m.flows[flow, COUNT] = 0
        m.flows[flow, WAITING] = m.world[FREE_FLOW]
        m.world[FREE_FLOW] = flow
        if waiting == NOBODY:
            m.world[FINISHED] = 1
        else:
            schedule(m, _RESUME, waiting, 0)


# --- the loop ------------------------------------------------------------------------------------


@kernel_uncounted
def begin(m: Machine, sort: int, what: int, count: int) -> None:
    """Begin with the steps of a strand, or with a stream, which may be cut short."""
    if sort == FLOW:
        m.search[TOP] = 0
        _flow(m, what, count, NOBODY)
    else:
        _go(m, _strand(m, what, NOBODY))


@kernel_uncounted
def go_on(m: Machine, share: int) -> int:
    """Take events until all is done, or as many as are a share; returns how it ended."""
    for _ in range(share):
        if m.world[FINISHED]:
            return DONE
        due = m.world[DUE_END] - m.world[DUE_BEGIN]
        urgent = m.world[URGENT_END] - m.world[URGENT_BEGIN]
        if due + urgent + m.world[PENDING] == 0:
            return DRY
        if 2 * max(due, urgent, m.world[PENDING]) > len(m.events):
            return FULL
        who, kind = divmod(take_event(m), KINDS)
        if kind == _RELEASE:
            _grant(m, who)
        elif kind == _ITEM_ENDED:
            _item_ended(m, who)
        elif kind == _JOINED and busy(m):
            schedule(m, _RESUME, who, 0)
        else:
            _go(m, who)
    return PAUSED
