"""What a scenario file says: which chips are compared, on what, what is varied, and what was claimed."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from chipsim.spec.fields import at_least, one_of
from chipsim.units import Ns

__all__ = ["Axis", "ChipEntry", "ClaimSpec", "Published", "RunsOf", "StudySpec", "TaskEntry"]


@attrs.frozen(kw_only=True)
class ChipEntry:
    """One chip of a study."""

    label: str
    """What the study calls it, unique among its chips."""
    architecture: str
    """Name or path of the description."""
    set: tuple[str, ...] = ()
    """Overrides for this chip alone, as ``path=value``."""


@attrs.frozen(kw_only=True)
class TaskEntry:
    """One workload of a study."""

    label: str
    """What the study calls it, unique among its workloads."""
    workload: str
    """Name or path of the description."""
    set: tuple[str, ...] = ()
    """Overrides for this workload alone, as ``path=value``."""


@attrs.frozen(kw_only=True)
class Axis:
    """What is varied at once: of one path every value in turn, or of several paths that go together."""

    paths: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]
    """A point is a value for each path, plain data as YAML gives it."""
    only: tuple[str, ...] = ()
    """Labels of the chips that it is varied for; the others run once, as they are. Empty is all chips."""


@attrs.frozen(kw_only=True)
class RunsOf:
    """Which runs a claim is held against: by chip, workload, cost set and what is varied; empty is any."""

    chip: str = ""
    task: str = ""
    costs: str = ""
    varied: tuple[tuple[str, str], ...] = ()
    """Path and value (as YAML) of what is varied."""

    def means(self, *, chip: str, task: str, costs: str, varied: tuple[tuple[str, str], ...]) -> bool:
        """Whether it means runs of a chip on a workload, at the costs and values that they have.

        Examples
        --------
        >>> one = RunsOf(chip="a", varied=(("device.states", "10"),))
        >>> one.means(chip="a", task="b", costs="c", varied=(("device.states", "10"), ("batch", "1")))
        True
        """
        names = ((self.chip, chip), (self.task, task), (self.costs, costs))
        return all(wanted in ("", own) for wanted, own in names) and set(self.varied) <= set(varied)


@attrs.frozen(kw_only=True)
class Published:
    """A published figure, and how something is held against it."""

    claim: str
    """In words."""
    metric: str
    """Key of a result's summary, or of :data:`chipsim.result.metrics.METRICS`."""
    compare: Literal["value", "difference", "ratio"] = attrs.field(
        default="value", validator=one_of("value", "difference", "ratio")
    )
    published: float
    relation: Literal["equals", "at-least", "at-most"] = attrs.field(
        default="equals", validator=one_of("equals", "at-least", "at-most")
    )
    tolerance: float = attrs.field(default=0.0, validator=at_least(0))
    """Absolute, in the unit of the figure."""
    source: str


@attrs.frozen(kw_only=True)
class ClaimSpec(Published):
    """A published figure, and what of this study is held against it."""

    of: RunsOf
    against: RunsOf | None = None
    """Where the figure compares: the other side."""


@attrs.frozen(kw_only=True)
class StudySpec:
    """A scenario file, read."""

    name: str
    about: str = ""
    question: str = ""
    """What the study is to answer; its page begins with it."""
    architectures: tuple[ChipEntry, ...]
    workloads: tuple[TaskEntry, ...]
    set: tuple[str, ...] = ()
    """Overrides held equal in all runs, as ``path=value``."""
    vary: tuple[Axis, ...] = ()
    """Every combination of these axes is run."""
    seeds: tuple[int, ...] = (0,)
    costs: tuple[str, ...] = ()
    """Cost sets under which everything is repeated; empty takes each chip's own."""
    equal_area: str = ""
    """The area that every chip is brought to: that of a chip, by its label, ``largest``, or an area such as
    ``2 mm2``. Empty leaves each as it is."""
    timing_only: bool = False
    wait: tuple[Ns, ...] = ()
    """Times that each chip waits once it is trained, in ascending order: it is tested after each."""
    keep: Literal["figures", "weights", "state"] = attrs.field(
        default="figures", validator=one_of("figures", "weights", "state")
    )
    """What is kept of each run beside its figures: weights and conductances, or also the state that other
    runs start from; each takes megabytes."""
    assumed_values: Literal["as-they-are", "both-ends"] = attrs.field(
        default="as-they-are", validator=one_of("as-they-are", "both-ends")
    )
    """Whether each chip is also run with every assumed value at both ends of its range, one at a time."""
    metrics: tuple[str, ...] = ()
    """Figures that the page leads with; empty for the usual ones."""
    claims: tuple[ClaimSpec, ...] = ()
