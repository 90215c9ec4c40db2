"""What the compiled loop of events works on: arrays of integers, and what stands where in them."""

from __future__ import annotations

from typing import NamedTuple

from chipsim.device.types import Tally

__all__ = [
    "ADMITTED",
    "AT",
    "BEGIN",
    "BODY",
    "CAPACITY",
    "CHARGE",
    "CLAIM",
    "COUNT",
    "DONE",
    "DRY",
    "DUE_BEGIN",
    "DUE_END",
    "END",
    "EVENT",
    "EVENT_WHAT",
    "FAILED",
    "FINISHED",
    "FLOW",
    "FLOWS",
    "FORK",
    "FORKING",
    "FREE",
    "FREE_FLOW",
    "FREE_STRAND",
    "FULL",
    "HASH",
    "HEAD",
    "INNER",
    "LAST",
    "LEFT",
    "LEFT_OUT",
    "LINK",
    "MARK",
    "MARKED",
    "MARKED_HASH",
    "MARKED_LENGTH",
    "MARKED_TIME",
    "MOST",
    "NOBODY",
    "NOTED",
    "NOW",
    "NUMBER",
    "ORDER",
    "PARENT",
    "PATH",
    "PAUSED",
    "PENDING",
    "PERIOD",
    "PERIOD_TIME",
    "PLACE",
    "SEARCH",
    "SEEN",
    "SERVER",
    "STACK",
    "STARTING",
    "STRAND",
    "TAIL",
    "TIME",
    "TOP",
    "TURN",
    "UNDER_WAY",
    "URGENT_BEGIN",
    "URGENT_END",
    "USERS",
    "WAIT",
    "WAITING",
    "WORLD",
    "Machine",
]

WAIT, CHARGE, CLAIM, FREE, FORK, FLOW, BEGIN, TURN, END = range(9)
"""Sorts of steps: the first number of a row of code; the others say with what, and how often."""

AT, PARENT, LEFT, FORKING, LINK, NUMBER, PATH, STRAND = range(8)
"""Of a strand: its next step; who waits for its end; children that are left, and whether it is still
beginning them; who comes after it in a queue, or among those out of use; which item of the stream it
belongs to, and by which forks it came from there. And how many these are."""

COUNT, ADMITTED, UNDER_WAY, BODY, WAITING, FLOWS = range(6)
"""Of a stream: its items, those that have begun, those under way, the steps of one, and the strand that waits
for its end. And how many these are."""

CAPACITY, USERS, HEAD, TAIL, SERVER = range(5)
"""Of a server: how many may hold it, how many do, and the first and the last strand in its queue. And how
many these are."""

(
    NOW, PENDING, ORDER, URGENT_BEGIN, URGENT_END, DUE_BEGIN, DUE_END, STARTING, FREE_STRAND, FREE_FLOW,
    STACK, FINISHED, MOST, INNER, NOTED, WORLD,
) = range(16)  # fmt: skip
"""Of the world: the clock; events on the heap, and how many were ever there; where those that are urgent
begin and end, and those that are due; whether strands are still to be begun at this instant; heads of the
lists of strands and streams out of use; tasks on the stack; whether all is done; items under way at
most of the stream that all begins with, and of those within items; charges that were noted. And how many
these are."""

(
    TOP, SEEN, LAST, HASH, MARK, MARKED, MARKED_HASH, MARKED_TIME, MARKED_LENGTH, FAILED, PERIOD,
    PERIOD_TIME, LEFT_OUT, SEARCH,
) = range(14)  # fmt: skip
"""Of the search for a period: the stream, or none; admissions so far, when the last one was, and a hash of
what was charged since; the admission at which to mark where everything stands, and the one at which that
was done last, with its hash, its time, and how many numbers it took; comparisons with it that failed; items
and time of the period that was found, and items left out by it. And how many these are."""

TIME, PLACE, EVENT_WHAT, EVENT = range(4)
"""Of an event on the heap: when it is, in which order among those of its instant, and what. And how many
these are."""

DONE, PAUSED, DRY, FULL = range(4)
"""How a loop ended: all is done, its share of events is used up, no event is left, or there is no room."""

NOBODY = -1


class Machine(NamedTuple):
    """Everything that a loop works on."""

    code: Tally
    """Steps (steps, 3): sort, what with, and how often."""
    children: Tally
    """First steps of strands that go on side by side, those of one fork one after another."""
    strands: Tally
    flows: Tally
    servers: Tally
    events: Tally
    """A heap of what is to come, the next event first."""
    urgent: Tally
    """What comes before anything else that is due, in a ring."""
    due: Tally
    """What comes once everything that was scheduled before it for this instant is over, in a ring."""
    stack: Tally
    """What is to be done at once, the next thing last."""
    search: Tally
    marked: Tally
    """Where everything stood when it was marked."""
    stands: Tally
    """Where it stands now."""
    in_order: Tally
    """Places of the heap, the next event first."""
    charged: Tally
    """When what was charged (charges, 2), as far as there is room: for those who want to compare."""
    world: Tally
