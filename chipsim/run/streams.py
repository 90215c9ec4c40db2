"""Streams of many equal items, of which so many are under way at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import simpy

from chipsim.chip.chip import Chip
from chipsim.parts.part import Serving
from chipsim.parts.program import Stream

__all__ = ["UNDER_WAY", "Flow"]

# Each item under way is a process of SimPy's, and a stream of patches can have a million items.
UNDER_WAY: Final = 512
"""Items of a stream that are under way at once; the next one begins when one of them has ended."""


class Flow:
    """A stream of more items than may be under way at once.

    Parameters
    ----------
    chip
        Where it goes.
    stream
        The items.
    begin
        Begins one of them, and has what it is given called with an event when it has ended.
    most
        Items under way at once.
    """

    def __init__(
        self,
        chip: Chip,
        stream: Stream,
        *,
        begin: Callable[[Callable[[Any], None]], None],
        most: int = UNDER_WAY,
    ) -> None:
        self._begin, self._most = begin, most
        self._left = stream.count
        self._under_way = 0
        self.ended: simpy.Event = chip.env.event()
        """When the last item has."""

    def run(self) -> Serving:
        """Carry out the stream, until its last item has ended."""
        self.begin()
        yield self.ended

    def begin(self) -> None:
        """Let the first items begin; others follow."""
        for _ in range(min(self._most, self._left)):
            self._admit()

    def _admit(self) -> None:
        self._left -= 1
        self._under_way += 1
        self._begin(self._one_ended)

    def _one_ended(self, event: Any) -> None:
        self._under_way -= 1
        if not event.ok:
            # The stream's own event passes the failure on to whoever waits for it. SimPy would raise it once
            # more, from its loop, if nobody had taken it here; and no event can fail twice.
            event.defused = True
            if not self.ended.triggered:
                self.ended.fail(event.value)
            return
        if self._left:
            self._admit()
        elif not self._under_way:
            self.ended.succeed()
