"""What a scenario file says: which chips are compared, on what, what is varied, and what was claimed."""

from __future__ import annotations

from typing import Any, Literal

import attrs

__all__ = ["Axis", "ChipEntry", "ClaimSpec", "RunsOf", "StudySpec", "TaskEntry"]


@attrs.frozen(kw_only=True)
class ChipEntry:
    """One chip of a study."""

    label: str
    architecture: str
    set: tuple[str, ...] = ()
    """Overrides for this chip alone."""


@attrs.frozen(kw_only=True)
class TaskEntry:
    """One workload of a study."""

    label: str
    workload: str
    set: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Axis:
    """What is varied at once: of one path every value in turn, or of several paths that go together."""

    paths: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]
    """A point is a value for each path."""


@attrs.frozen(kw_only=True)
class RunsOf:
    """Which runs a claim is held against: by chip, workload, cost set and what is varied; empty is any."""

    chip: str = ""
    task: str = ""
    costs: str = ""
    varied: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class ClaimSpec:
    """A published figure, and what of this study is held against it."""

    claim: str
    """In words."""
    metric: str
    """Key of a result's summary or of :data:`chipsim.result.metrics.METRICS`."""
    of: RunsOf
    against: RunsOf | None = None
    """Where the figure compares: the other side."""
    compare: Literal["value", "difference", "ratio"] = "value"
    published: float
    relation: Literal["equals", "at-least", "at-most"] = "equals"
    tolerance: float = 0.0
    """Absolute, in the unit of the figure."""
    source: str


@attrs.frozen(kw_only=True)
class StudySpec:
    """A scenario file, read."""

    name: str
    about: str = ""
    question: str = ""
    architectures: tuple[ChipEntry, ...]
    workloads: tuple[TaskEntry, ...]
    set: tuple[str, ...] = ()
    """Overrides held equal in all runs."""
    vary: tuple[Axis, ...] = ()
    """Every combination of these axes is run."""
    seeds: tuple[int, ...] = (0,)
    costs: tuple[str, ...] = ()
    """Cost sets under which everything is repeated; empty takes each chip's own."""
    timing_only: bool = False
    metrics: tuple[str, ...] = ()
    """Figures that the page leads with; empty for the usual ones."""
    claims: tuple[ClaimSpec, ...] = ()
