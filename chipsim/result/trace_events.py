"""Timelines in the Trace Event Format of Chrome, which Perfetto opens: JSON, compressed by gzip.

Source: "Trace Event Format", Google, 2016. Times there are microseconds. A picosecond is a millionth of
one, and doubles tell all whole picoseconds apart up to 2,000 s.
"""

from __future__ import annotations

import gzip
import io
import json
import math
from collections.abc import Mapping
from typing import Any, Final

import attrs

__all__ = ["TRACE_FILE", "Timeline", "microseconds"]

TRACE_FILE: Final = "trace.json.gz"
_PS_PER_US: Final = 1_000_000
_PROCESS: Final = 1
_STEPS: Final = "steps"


def microseconds(ps: int) -> float:
    """Whole picoseconds as the format has them.

    Examples
    --------
    >>> microseconds(1_500_001)
    1.500001
    """
    return ps / _PS_PER_US


@attrs.frozen(slots=True)
class _Span:
    start: int
    end: int
    name: str
    sort: str
    args: Mapping[str, Any]


class Timeline:
    """Events of a timeline, a track for each part.

    Parameters
    ----------
    title
        What the timeline is of.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._spans: dict[str, list[_Span]] = {}
        self._moments: list[tuple[str, int, str, Mapping[str, Any]]] = []
        self._energies: dict[int, int] = {}
        self._queues: dict[str, dict[int, int]] = {}

    def step(self, name: str, start: int, end: int, **args: Any) -> None:
        """A step, on a track above those of all parts."""
        self.span(_STEPS, name, start, end, sort="step", **args)

    def span(self, part: str, name: str, start: int, end: int, *, sort: str, **args: Any) -> None:
        """Something that a part did, or was held or waiting for, from when to when (ps)."""
        self._spans.setdefault(part, []).append(_Span(start, end, name, sort, args))

    def moment(self, part: str, name: str, at: int, **args: Any) -> None:
        """Something that is charged at a moment (ps), and took no time of its own."""
        self._spans.setdefault(part, [])
        self._moments.append((part, at, name, args))

    def energy(self, at: int, attojoules: int) -> None:
        """Energy that is charged at a moment (ps)."""
        self._energies[at] = self._energies.get(at, 0) + attojoules

    def queue(self, part: str, start: int, end: int) -> None:
        """An operation that holds nothing stands waiting for a part, from when to when (ps)."""
        changes = self._queues.setdefault(part, {})
        changes[start] = changes.get(start, 0) + 1
        changes[end] = changes.get(end, 0) - 1

    def compressed(self) -> bytes:
        """The file, the same for the same events."""
        written = io.BytesIO()
        # Without the time of day, so that equal runs leave equal files.
        with gzip.GzipFile(fileobj=written, mode="wb", filename="", mtime=0) as file:
            file.write(b'{"displayTimeUnit":"ns","traceEvents":[\n')
            between = b""
            for event in self._events():
                file.write(between + json.dumps(event, separators=(",", ":")).encode("ascii"))
                between = b",\n"
            file.write(b"\n]}\n")
        return written.getvalue()

    def _events(self) -> list[dict[str, Any]]:
        events = [_named("process_name", 0, self._title)]
        threads: dict[str, int] = {}
        # Steps first, then parts by name.
        thread = 0
        for part in sorted(self._spans, key=lambda name: (name != _STEPS, name)):
            lanes = _lanes(self._spans[part])
            threads[part] = thread + 1
            for place, lane in enumerate(lanes or [[]]):
                thread += 1
                label = part if not place else f"{part} #{place + 1}"
                events += [_named("thread_name", thread, label), _placed(thread)]
                events += [_complete(span, thread) for span in lane]
        for part, at, name, args in self._moments:
            events.append(_moment(name, at, threads[part], args))
        return events + self._counters()

    def _counters(self) -> list[dict[str, Any]]:
        events = []
        total = 0
        for at, attojoules in sorted(self._energies.items()):
            total += attojoules
            events.append(_counter("energy", at, "nJ", total / 1e9))
        for part, changes in sorted(self._queues.items()):
            waiting = 0
            for at, change in sorted(changes.items()):
                waiting += change
                events.append(_counter(f"waiting for {part}", at, "operations", waiting))
        return events


def _lanes(spans: list[_Span]) -> list[list[_Span]]:
    """Spans on as few tracks as it takes for those of each to follow, or to lie within, one another."""
    lanes: list[list[_Span]] = []
    open_until: list[list[int]] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        for lane, ends in zip(lanes, open_until, strict=True):
            while ends and ends[-1] <= span.start:
                ends.pop()
            if not ends or span.end <= ends[-1]:
                lane.append(span)
                ends.append(span.end)
                break
        else:
            lanes.append([span])
            open_until.append([span.end])
    return lanes


def _named(what: str, thread: int, name: str) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": _PROCESS, "tid": thread, "ts": 0, "args": {"name": name}}


def _placed(thread: int) -> dict[str, Any]:
    args = {"sort_index": thread}
    return {"ph": "M", "name": "thread_sort_index", "pid": _PROCESS, "tid": thread, "ts": 0, "args": args}


def _in_perfetto(us: float) -> int:
    """Whole nanoseconds that Perfetto makes of microseconds, each time and each duration by itself."""
    return math.floor(us * 1000 + 0.5)


def _length(span: _Span) -> tuple[float, dict[str, Any]]:
    """What a span says of its length: microseconds, and its picoseconds where these are not the same."""
    lasts = span.end - span.start
    exact = microseconds(lasts)
    drawn = _in_perfetto(microseconds(span.end)) - _in_perfetto(microseconds(span.start))
    # Rounded apart, a start and a length may come to lie beyond the next start, and Perfetto leaves out what
    # overlaps its forerunner. Lengths that would do so are written as what lies between both rounded ends.
    if _in_perfetto(exact) == drawn:
        return exact, {}
    return drawn / 1000, {"lasts_ps": lasts}


def _complete(span: _Span, thread: int) -> dict[str, Any]:
    length, exact = _length(span)
    return {
        "ph": "X",
        "name": span.name,
        "cat": span.sort,
        "ts": microseconds(span.start),
        "dur": length,
        "pid": _PROCESS,
        "tid": thread,
        "args": {**span.args, **exact},
    }


def _moment(name: str, at: int, thread: int, args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ph": "i",
        "s": "t",
        "name": name,
        "cat": "charge",
        "ts": microseconds(at),
        "pid": _PROCESS,
        "tid": thread,
        "args": dict(args),
    }


def _counter(name: str, at: int, unit: str, value: float) -> dict[str, Any]:
    return {
        "ph": "C",
        "name": name,
        "ts": microseconds(at),
        "pid": _PROCESS,
        "tid": 0,
        "args": {unit: value},
    }
