"""What comes next in the compiled loop of events, in the order in which SimPy takes them."""

from __future__ import annotations

from chipsim.device.types import Tally, kernel_uncounted
from chipsim.run.machine import (
    DUE_BEGIN,
    DUE_END,
    EVENT_WHAT,
    NOW,
    ORDER,
    PENDING,
    PLACE,
    STARTING,
    TIME,
    URGENT_BEGIN,
    URGENT_END,
    Machine,
)

__all__ = ["KINDS", "before", "busy", "schedule", "take_event"]

KINDS = 5
"""Of events, which are numbers of whom they are for times this and their kind."""


@kernel_uncounted
def schedule(m: Machine, kind: int, who: int, delay: int) -> None:
    """Let an event come after a delay; one of less than none is urgent, and comes before what is due."""
    what = who * KINDS + kind
    if delay < 0:
        m.urgent[m.world[URGENT_END] % len(m.urgent)] = what
        m.world[URGENT_END] += 1
    elif delay == 0:
        m.due[m.world[DUE_END] % len(m.due)] = what
        m.world[DUE_END] += 1
    else:
        _add_later(m, m.world[NOW] + delay, what)


@kernel_uncounted
def _add_later(m: Machine, time: int, what: int) -> None:
    """Into a heap of events, ordered by time, and then by which was scheduled first."""
    events, order = m.events, m.world[ORDER]
    m.world[ORDER] += 1
    place = m.world[PENDING]
    m.world[PENDING] += 1
    while place > 0:
        above = (place - 1) // 2
        if events[above, TIME] < time or (events[above, TIME] == time and events[above, PLACE] < order):
            break
        events[place, TIME] = events[above, TIME]
        events[place, PLACE] = events[above, PLACE]
        events[place, EVENT_WHAT] = events[above, EVENT_WHAT]
        place = above
    events[place, TIME] = time
    events[place, PLACE] = order
    events[place, EVENT_WHAT] = what


@kernel_uncounted
def _take_later(m: Machine) -> int:
    """The first event of the heap, with the last one sorted in at its place."""
    events, first = m.events, m.events[0, EVENT_WHAT]
    m.world[PENDING] -= 1
    count = m.world[PENDING]
    time, order, what = events[count, TIME], events[count, PLACE], events[count, EVENT_WHAT]
    place, below = 0, 1
    while below < count:
        if below + 1 < count and before(events, below + 1, events[below, TIME], events[below, PLACE]):
            below += 1
        if not before(events, below, time, order):
            break
        events[place, TIME] = events[below, TIME]
        events[place, PLACE] = events[below, PLACE]
        events[place, EVENT_WHAT] = events[below, EVENT_WHAT]
        place, below = below, 2 * below + 1
    events[place, TIME] = time
    events[place, PLACE] = order
    events[place, EVENT_WHAT] = what
    return int(first)


@kernel_uncounted
def before(events: Tally, place: int, time: int, order: int) -> bool:
    """Whether an event of the heap comes before one of another time and order."""
    return bool(events[place, TIME] < time or (events[place, TIME] == time and events[place, PLACE] < order))


@kernel_uncounted
def take_event(m: Machine) -> int:
    """The next event.

    Of one instant come first those that are urgent, and then the others as they were scheduled: what was to
    come at this instant before the clock had come there, which is on the heap, and then what is due since.
    """
    if m.world[URGENT_BEGIN] < m.world[URGENT_END]:
        what = m.urgent[m.world[URGENT_BEGIN] % len(m.urgent)]
        m.world[URGENT_BEGIN] += 1
    elif m.world[DUE_BEGIN] < m.world[DUE_END] and not _heap_is_due(m):
        what = m.due[m.world[DUE_BEGIN] % len(m.due)]
        m.world[DUE_BEGIN] += 1
    else:
        m.world[NOW] = m.events[0, TIME]
        what = _take_later(m)
    return int(what)


@kernel_uncounted
def _heap_is_due(m: Machine) -> bool:
    return bool(m.world[PENDING] > 0 and m.events[0, TIME] <= m.world[NOW])


@kernel_uncounted
def busy(m: Machine) -> bool:
    """Whether anything else is left to happen at this instant."""
    return bool(
        m.world[STARTING] > 0
        or m.world[URGENT_BEGIN] < m.world[URGENT_END]
        or m.world[DUE_BEGIN] < m.world[DUE_END]
        or _heap_is_due(m)
    )
