"""A setting of a study: what its runs have in common, seeds aside."""

from __future__ import annotations

from typing import Literal

import attrs

__all__ = ["RangeEnd", "Setting"]


@attrs.frozen(kw_only=True, cache_hash=True)
class RangeEnd:
    """One end of the range of an assumed value of a chip or a workload, and what the value is put to there.

    Examples
    --------
    >>> RangeEnd(path="tile.read_time", side="high", value="100 ns", now="10 ns").override
    'tile.read_time=100 ns'
    """

    path: str
    """Of the value, as overrides have it; ``workload.`` begins that of a workload's."""
    side: Literal["low", "high"]
    value: str
    """What the value is put to."""
    now: str
    """What it is assumed to be."""

    @property
    def override(self) -> str:
        """What puts the value to this end."""
        return f"{self.path}={self.value}"


@attrs.frozen(kw_only=True, cache_hash=True)
class Setting:
    """What was run, but for the seed."""

    chip: str
    task: str
    costs: str = ""
    """Empty where the study does not ask for several cost sets: chips are compared at their own then."""
    varied: tuple[tuple[str, str], ...] = ()
    """Path and value of what is varied."""
    end: RangeEnd | None = None
    """Where an assumed value was put to an end of its range; None of all that a study compares."""

    def meets(self, other: Setting) -> bool:
        """Whether both stand at one point of what is varied: a chip that is not varied stands at all."""
        theirs = dict(other.varied)
        return all(theirs.get(path, value) == value for path, value in self.varied)
