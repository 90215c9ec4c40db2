"""Streams in the compiled loop that come to stand where they stood some items before.

Items begin and end, and parts are taken and freed, at whole picoseconds, and nothing is drawn. So what
happens from an admission on depends on nothing but where everything stands: who waits in which queue, at
which of its steps, and when what is under way will be over. When all of this is as it was p items ago, it
will be so again p items later, as long as items are left. Whole periods can then be left out: each takes
the same time, and charges each operation p times. Nothing is estimated.
"""

from __future__ import annotations

from typing import Final

from chipsim.device.types import Tally, kernel_uncounted
from chipsim.run.event_queue import KINDS, before
from chipsim.run.machine import (
    ADMITTED,
    AT,
    COUNT,
    DUE_BEGIN,
    DUE_END,
    EVENT_WHAT,
    FAILED,
    HASH,
    HEAD,
    LAST,
    LEFT_OUT,
    LINK,
    MARK,
    MARKED,
    MARKED_HASH,
    MARKED_LENGTH,
    MARKED_TIME,
    NOBODY,
    NOTED,
    NOW,
    NUMBER,
    PATH,
    PENDING,
    PERIOD,
    PERIOD_TIME,
    PLACE,
    SEEN,
    TAIL,
    TIME,
    TOP,
    UNDER_WAY,
    URGENT_BEGIN,
    URGENT_END,
    USERS,
    WAITING,
    Machine,
)

__all__ = ["look", "note"]

_RELEASE: Final = 1
"""The kind of event whose number is that of a server; all others have those of strands."""
_WORDS: Final = 5
"""Numbers that tell of one event or strand at most."""
_PATIENCE: Final = 64
"""Comparisons that may fail in a row before they are made at one admission in sixteen only."""


@kernel_uncounted
def note(m: Machine, what: int) -> None:
    """Remember that something was charged, and when since the last admission."""
    _mix(m, m.world[NOW] - m.search[LAST], what)
    noted = m.world[NOTED]
    m.world[NOTED] += 1
    if noted < len(m.charged):
        m.charged[noted, 0] = m.world[NOW]
        m.charged[noted, 1] = what


@kernel_uncounted
def _mix(m: Machine, time: int, what: int) -> None:
    m.search[HASH] = (m.search[HASH] + time * 1_000_003 + what) * 6_364_136_223_846_793_005 + 1


@kernel_uncounted
def look(m: Machine, number: int) -> None:
    """See whether the stream stands where it stood before, and leave periods out if it does."""
    search, now = m.search, m.world[NOW]
    search[SEEN] += 1
    # That what was charged is the same is told sooner than that all is.
    _mix(m, now - search[LAST], m.flows[search[TOP], ADMITTED] - number)
    hashed = search[HASH]
    search[LAST], search[HASH] = now, 0
    if search[SEEN] >= search[MARK]:
        _mark(m, hashed)
    elif hashed == search[MARKED_HASH] and _has_patience(m):
        length = _stand(m, m.stands)
        if _is_as_marked(m, length):
            _leave_out(m)
        else:
            search[FAILED] += 1


@kernel_uncounted
def _mark(m: Machine, hashed: int) -> None:
    """Mark where everything stands, and mark anew when there were a quarter more: so any period is found."""
    search = m.search
    search[MARKED], search[MARKED_TIME], search[MARKED_HASH] = search[SEEN], m.world[NOW], hashed
    search[MARKED_LENGTH] = _stand(m, m.marked)
    search[MARK] = search[SEEN] + 1 + search[SEEN] // 4
    search[FAILED] = 0


@kernel_uncounted
def _has_patience(m: Machine) -> bool:
    since = m.search[SEEN] - m.search[MARKED]
    return bool(m.search[FAILED] <= _PATIENCE + since // 16)


@kernel_uncounted
def _is_as_marked(m: Machine, length: int) -> bool:
    if length < 0 or length != m.search[MARKED_LENGTH]:
        return False
    same = True
    for place in range(length):
        same = same and m.stands[place] == m.marked[place]
    return same


@kernel_uncounted
def _leave_out(m: Machine) -> None:
    search, flow = m.search, m.search[TOP]
    period = search[SEEN] - search[MARKED]
    times = (m.flows[flow, COUNT] - m.flows[flow, ADMITTED]) // period
    m.flows[flow, COUNT] -= times * period
    search[PERIOD], search[PERIOD_TIME] = period, m.world[NOW] - search[MARKED_TIME]
    search[LEFT_OUT] = times * period
    # What is left is less than a period; there is nothing more to look for.
    search[TOP] = NOBODY


# --- where everything stands ---------------------------------------------------------------------


@kernel_uncounted
def _stand(m: Machine, into: Tally) -> int:
    """Write down all that decides what happens from now on, but for how many items are left.

    Returns how many numbers that took, or -1 where there is no room for them. Every strand waits for an
    event, in the queue of a server, or for strands that began by its fork, which tell of it by their paths.
    """
    at = 0
    due = m.world[DUE_END] - m.world[DUE_BEGIN]
    assert m.world[URGENT_BEGIN] == m.world[URGENT_END]
    if _WORDS * (m.world[PENDING] + due) + 2 * len(m.servers) + len(m.flows) > len(into):
        return -1
    for place in range(_sorted(m)):
        event = m.in_order[place]
        into[at] = m.events[event, TIME] - m.world[NOW]
        at = _stand_of(m, m.events[event, EVENT_WHAT], into, at + 1)
    for place in range(m.world[DUE_BEGIN], m.world[DUE_END]):
        into[at] = NOBODY
        at = _stand_of(m, m.due[place % len(m.due)], into, at + 1)
    at = _stand_of_servers(m, into, at)
    return _stand_of_flows(m, into, at) if at >= 0 else -1


@kernel_uncounted
def _sorted(m: Machine) -> int:
    """Sort places of the heap by time, and then by which event was scheduled first; how many there are."""
    events, in_order = m.events, m.in_order
    count = m.world[PENDING]
    for event in range(count):
        time, order = events[event, TIME], events[event, PLACE]
        place = event
        while place > 0 and not before(events, in_order[place - 1], time, order):
            in_order[place] = in_order[place - 1]
            place -= 1
        in_order[place] = event
    return int(count)


@kernel_uncounted
def _stand_of(m: Machine, what: int, into: Tally, at: int) -> int:
    """Write down an event: its kind, and whom it is for."""
    who, kind = divmod(what, KINDS)
    into[at] = kind
    if kind == _RELEASE:
        into[at + 1] = who
        return at + 2
    return _stand_of_strand(m, who, into, at + 1)


@kernel_uncounted
def _stand_of_strand(m: Machine, strand: int, into: Tally, at: int) -> int:
    into[at] = m.flows[m.search[TOP], ADMITTED] - m.strands[strand, NUMBER]
    into[at + 1] = m.strands[strand, PATH]
    into[at + 2] = m.strands[strand, AT]
    return at + 3


@kernel_uncounted
def _stand_of_servers(m: Machine, into: Tally, at: int) -> int:
    for server in range(len(m.servers)):
        into[at] = m.servers[server, USERS]
        at += 1
        strand = m.servers[server, HEAD]
        while strand != NOBODY:
            if at + _WORDS + 2 * len(m.servers) + len(m.flows) > len(into):
                return -1
            at = _stand_of_strand(m, strand, into, at)
            last = strand == m.servers[server, TAIL]
            strand = NOBODY if last else m.strands[strand, LINK]
        into[at] = NOBODY
        at += 1
    return at


@kernel_uncounted
def _stand_of_flows(m: Machine, into: Tally, at: int) -> int:
    """Streams in the midst of items: a sum over all, for it does not matter which came first."""
    total = 0
    for flow in range(len(m.flows)):
        waiting = m.flows[flow, WAITING]
        if flow == m.search[TOP] or m.flows[flow, COUNT] == 0:
            continue
        item = m.flows[m.search[TOP], ADMITTED] - m.strands[waiting, NUMBER]
        path = m.strands[waiting, PATH]
        # The same steps may be those of several streams: which one it is, its waiting strand's step tells.
        done = (m.flows[flow, ADMITTED] * 1_000_003 + m.flows[flow, UNDER_WAY]) * 1_000_003
        done += m.strands[waiting, AT]
        total += ((item * 8_191 + path) * 6_364_136_223_846_793_005 + done) * 2_862_933_555_777_941_757
    into[at] = total
    return at + 1
