"""What resumed runs are held against: stopped anywhere, and equal to undisturbed ones but for the clock on the wall."""

from __future__ import annotations

import attrs

from chipsim.result import Result
from chipsim.run.progress import Watcher

WALL = ("wall_time_s", "samples_per_wall_second")


class Counted(Watcher):
    """Counts steps, or compiled loops."""

    times = 0

    def advance(self, samples, *, correct):
        self.times += 1


class StopAfter(Watcher):
    """Stops a run when so many steps, or compiled loops, are through."""

    def __init__(self, steps):
        self.left = steps

    def advance(self, samples, *, correct):
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def figures(result):
    """All that a result says but when, where and how fast it was made."""
    said = {field.name: getattr(result, field.name) for field in attrs.fields(Result)}
    del said["provenance"]
    said["summary"] = {key: value for key, value in result.summary.items() if key not in WALL}
    return said


def differing(one, other):
    """Names of what two results say otherwise."""
    nothing = dict.fromkeys(WALL, 1.0)
    alike = [
        attrs.evolve(result, summary={**result.summary, **nothing}, provenance={}) for result in (one, other)
    ]
    if alike[0] == alike[1]:
        return []
    said, others = map(figures, (one, other))
    return [name for name in said if said[name] != others[name]] or ["something"]
