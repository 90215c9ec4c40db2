"""Streams of many equal items: so many are under way at once, and what only repeats itself is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import simpy

from chipsim.chip.chip import Chip
from chipsim.ledger import Record
from chipsim.parts.part import Serving
from chipsim.parts.program import Stream

__all__ = ["UNDER_WAY", "Flow"]

# Each item under way is a process of SimPy's, and a stream of patches can have a million items.
UNDER_WAY: Final = 512
"""Items of a stream that are under way at once; the next one begins when one of them has ended."""
# A stream that goes on without repeating itself would fill the memory with what was seen of it.
_MOST_SEEN: Final = 20_000
"""Different stretches between two admissions after which no period is looked for any more."""


class Flow:
    """A stream of more items than may be under way at once.

    Parameters
    ----------
    chip
        At rest but for this stream, where it skips.
    stream
        The items.
    begin
        Begins one of them, and has what it is given called with an event when it has ended.
    most
        Items under way at once.
    skips
        Whether periods that only repeat are skipped.

    Notes
    -----
    Items begin and end, and parts are taken and freed, at whole picoseconds, and nothing is drawn. So what
    happens from an admission on depends on nothing but the items under way and what they have done. When
    everything that was charged, and every end of an item, has repeated itself with a period of p items for
    as long as it takes to replace all items under way, the chip is where it was p items ago. It will then
    go on the same as long as there are items left, so that whole periods can be left out: each takes the
    same time, and charges each operation p times. Nothing is estimated.
    """

    def __init__(
        self,
        chip: Chip,
        stream: Stream,
        *,
        begin: Callable[[Callable[[Any], None]], None],
        most: int = UNDER_WAY,
        skips: bool = False,
    ) -> None:
        self._chip, self._stream, self._begin, self._most = chip, stream, begin, most
        self._left = stream.count
        self._under_way = 0
        self.ended: simpy.Event = chip.env.event()
        """When the last item has."""
        self._watch = _Watch(most) if skips else None
        self.simulated = stream.count
        """Items that were simulated."""
        self.skipped = 0
        """Time of the periods that were left out, ps."""

    def run(self) -> Serving:
        """Carry out the stream, until its last item has ended."""
        self.begin()
        yield self.ended

    def begin(self) -> None:
        """Let the first items begin; others follow."""
        if self._watch is not None:
            # Only the trace tells what is charged between two admissions; where something is skipped, nobody
            # else takes one.
            self._chip.ledger.trace = []
        for _ in range(min(self._most, self._left)):
            self._admit()

    def _admit(self) -> None:
        self._left -= 1
        self._under_way += 1
        number = self._stream.count - self._left
        self._begin(lambda event: self._one_ended(event, number))

    def _one_ended(self, event: Any, number: int) -> None:
        self._under_way -= 1
        if not event.ok:
            # The stream's own event passes the failure on to whoever waits for it. SimPy would raise it once
            # more, from its loop, if nobody had taken it here; and no event can fail twice.
            event.defused = True
            if not self.ended.triggered:
                self.ended.fail(event.value)
            return
        if self._left:
            self._look(number)
        if self._left:
            self._admit()
        elif not self._under_way:
            # What watched a stream to its end saw no period.
            if self._watch is not None:
                self._chip.ledger.trace = None
            self.ended.succeed()

    def _look(self, number: int) -> None:
        """See whether the stream has come to repeat itself, and leave whole periods out."""
        if self._watch is None:
            return
        now = int(self._chip.env.now)
        records = self._chip.ledger.trace or []
        behind = self._stream.count - self._left - number
        period = self._watch.admission(now, records, behind)
        records.clear()
        if period is None:
            return
        items, time = period
        times = self._left // items
        # The last items are simulated: with them the pipeline runs dry.
        self._left -= times * items
        self.simulated -= times * items
        self.skipped += times * time
        # What is left is less than a period; there is nothing more to look for.
        self._watch = None
        self._chip.ledger.trace = None


class _Watch:
    """What happened between admissions, and how long it has repeated itself."""

    def __init__(self, most: int) -> None:
        longest = 2 * most
        self._numbers: dict[object, int] = {}
        self._last = 0
        # The newest first: which stretch an admission ended, when it was, and for how many stretches each
        # number of items has been a period.
        self._recent = np.full(longest, -1, np.int64)
        self._times = np.zeros(longest, np.int64)
        self._lasted = np.zeros(longest, np.int64)
        # For a period of p items: as many stretches as replace all that are under way, and p of its own.
        self._enough = most + 1 + np.arange(longest)

    def admission(self, now: int, records: list[Record], behind: int) -> tuple[int, int] | None:
        """Take note of what was charged since the last admission; gives items and time of a lasting period.

        Parameters
        ----------
        now
            Time of the admission.
        records
            Charges since the one before.
        behind
            How many items ago the one was admitted whose end lets the next one in.
        """
        if len(self._numbers) > _MOST_SEEN:
            return None
        # Relative to now, so that what happens again at a later time is seen to be the same.
        charged = tuple((r.start_ps - now, r.end_ps - now, r.part, r.action) for r in records)
        stretch = (now - self._last, behind, charged)
        self._last = now
        # Equal stretches share a number: all periods are then tried at once, by comparing integers.
        number = self._numbers.setdefault(stretch, len(self._numbers))
        self._lasted = np.where(self._recent == number, self._lasted + 1, 0)
        periods = np.flatnonzero(self._lasted >= self._enough)
        found = None
        if periods.size:
            # The shortest: of any period its multiples are periods, too.
            shortest = int(periods[0])
            found = shortest + 1, now - int(self._times[shortest])
        # numpy copies by itself where what is moved overlaps with where it goes.
        self._recent[1:] = self._recent[:-1]
        self._recent[0] = number
        self._times[1:] = self._times[:-1]
        self._times[0] = now
        return found
